// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// tree writes a message of parts that lie in each other, in ways that programs write them, and remembers what is in it.
type tree struct {
	t     *rapid.T
	out   strings.Builder
	n     int
	words []string          // one of each text
	files map[string][]byte // by name
}

func (w *tree) line(format string, args ...any) { fmt.Fprintf(&w.out, format+"\r\n", args...) }

// header ends a header with an encoding.
func (w *tree) header(encoding string) {
	w.line("%s: %s\r\n", rapid.SampledFrom([]string{"Content-Transfer-Encoding", "content-transfer-encoding"}).Draw(w.t, "name"), encoding)
}

func (w *tree) part(depth int) {
	w.n++
	id := w.n
	kinds := []string{"text", "file", "quoted text", "message"}
	if depth < 4 {
		kinds = append(kinds, "mixed", "related", "mixed")
	}
	switch kind := rapid.SampledFrom(kinds).Draw(w.t, "kind"); kind {
	case "text":
		w.words = append(w.words, fmt.Sprintf("klartext%dä", id))
		w.line("Content-Type: %s", rapid.SampledFrom([]string{"text/plain; charset=utf-8", "TEXT/PLAIN; CHARSET=\"UTF-8\"", "text/plain;\r\n\tcharset=utf-8; format=flowed"}).Draw(w.t, "type"))
		w.header("8bit")
		w.line("klartext%dä", id)
	case "quoted text":
		w.words = append(w.words, fmt.Sprintf("kodiert%dß", id))
		w.line("Content-Type: text/html; charset=iso-8859-1")
		w.header("quoted-printable")
		w.line("<p>kod=\r\niert%d=DF</p>", id)
	case "file":
		name := fmt.Sprintf("Plan %d.pdf", id)
		data := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(w.t, "data")
		w.files[name] = data
		w.line("Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"%s\"", name)
		w.header("base64")
		w.line("%s", base64.StdEncoding.EncodeToString(data))
	case "message":
		w.line("Content-Type: message/rfc822\r\nContent-Disposition: attachment; filename=\"Nachricht %d.eml\"\r\n", id)
		start := w.out.Len()
		w.line("Subject: innen%d\r\n\r\ninnentext%d", id, id)
		w.files[fmt.Sprintf("Nachricht %d.eml", id)] = []byte(strings.TrimSuffix(w.out.String()[start:], "\r\n"))
	default:
		w.multipart(kind, id, depth)
	}
}

func (w *tree) multipart(kind string, id, depth int) {
	// One boundary may begin with another one, as those of some programs do.
	boundary := strings.Repeat("b", depth+1) + fmt.Sprint("=_", id)
	w.line("Content-Type: multipart/%s; boundary=\"%s\"\r\n", kind, boundary)
	w.line("%s", rapid.SampledFrom([]string{"", "This is a multi-part message in MIME format.", "--", "--" + boundary[1:]}).Draw(w.t, "preamble"))
	for range rapid.IntRange(1, 3).Draw(w.t, "parts") {
		w.line("--%s%s", boundary, rapid.SampledFrom([]string{"", " ", "\t"}).Draw(w.t, "blank"))
		w.part(depth + 1)
	}
	switch rapid.IntRange(0, 3).Draw(w.t, "end") {
	case 0: // it is never closed: what lies around it ends it
	case 1:
		w.line("--%s--\r\nThis stands behind the end.", boundary)
	default:
		w.line("--%s--", boundary)
	}
}

// However parts lie in each other, are closed or not, and whatever line ends they have: all texts and files come out, in their order.
func TestEveryPartIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := tree{t: t, files: map[string][]byte{}}
		w.line("Subject: x")
		w.part(0)
		raw, bare := w.out.String(), rapid.Bool().Draw(t, "bare")
		if bare {
			raw = strings.ReplaceAll(raw, "\r\n", "\n")
		}
		p, err := Parse(strings.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		at := 0
		for _, word := range w.words {
			i := strings.Index(p.Text[at:], word)
			if i < 0 {
				t.Fatalf("%q is not in %q, behind octet %d of\n%s", word, p.Text, at, raw)
			}
			at += i
		}
		if len(p.Attachments) != len(w.files) {
			t.Fatalf("%d files for %d of\n%s", len(p.Attachments), len(w.files), raw)
		}
		for i, a := range p.Attachments {
			want, ok := w.files[a.Name]
			if bare && strings.HasSuffix(a.Name, ".eml") {
				want = bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n"))
			}
			_, r, err := Attachment(strings.NewReader(raw), i)
			if err != nil {
				t.Fatal(err)
			}
			got := readSome(r, nil, 1<<20)
			if !ok || !bytes.Equal(bytes.TrimRight(got, "\r\n"), bytes.TrimRight(want, "\r\n")) || int64(len(got)) != a.Size {
				t.Fatalf("%s: %q for %q, %d octets announced, of\n%s", a.Name, got, want, a.Size, raw)
			}
		}
		index, err := ParseIndex(strings.NewReader(raw))
		if err != nil || index.Snippet != p.Snippet || index.HasAttachment() != p.HasAttachment() || !slices.Equal(index.Attachments, p.Attachments) {
			t.Fatalf("for an index: %+v, %v", index, err)
		}
	})
}

// Mail of the corpus that lost a piece, got one twice or has octets of its own in between is still usable.
func TestCorpusDamaged(t *testing.T) {
	var raws [][]byte
	for _, path := range corpus(t) {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if len(raw) < 20_000 {
			raws = append(raws, raw)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		raw := slices.Clone(raws[rapid.IntRange(0, len(raws)-1).Draw(rt, "message")])
		for range rapid.IntRange(1, 4).Draw(rt, "damages") {
			from := rapid.IntRange(0, len(raw)).Draw(rt, "from")
			to := min(len(raw), from+rapid.IntRange(0, 200).Draw(rt, "octets"))
			switch rapid.IntRange(0, 3).Draw(rt, "damage") {
			case 0:
				raw = slices.Delete(raw, from, to)
			case 1:
				raw = slices.Insert(raw, from, raw[from:to]...)
			case 2:
				raw = slices.Insert(raw, from, rapid.SliceOfN(rapid.Byte(), 1, 20).Draw(rt, "noise")...)
			default:
				raw = raw[:from]
			}
		}
		p, err := Parse(bytes.NewReader(raw))
		if err != nil {
			rt.Fatal(err)
		}
		checkUsable(t, "damaged", raw, p)
		if t.Failed() {
			rt.Fatalf("%q", raw)
		}
	})
}
