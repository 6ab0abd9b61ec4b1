// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"

	"kontor/app/mail"
)

func anyBytes() *rapid.Generator[[]byte] {
	return rapid.OneOf(rapid.SliceOfN(rapid.Byte(), 0, 200), rapid.Map(rapid.IntRange(0, 9000), func(n int) []byte { return bytes.Repeat([]byte("ab\x00\xff="), n/5) }))
}

// broken cuts text into lines of any length and puts what is no base64 between them.
func broken(t *rapid.T, text string) string {
	var out strings.Builder
	for len(text) > 0 {
		n := min(rapid.IntRange(1, 100).Draw(t, "line"), len(text))
		out.WriteString(text[:n] + rapid.SampledFrom([]string{"\r\n", "\n", "", " ", "\r\n\r\n", "!", "\t\n", "*-_.\r\n"}).Draw(t, "between"))
		text = text[n:]
	}
	return out.String()
}

// Octets survive their encodings, however those are broken into lines, cut into reads, and soiled.
func TestEncodingsAreUndone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := anyBytes().Draw(t, "data")
		read := rapid.SampledFrom([]func(io.Reader) io.Reader{iotest.OneByteReader, iotest.HalfReader, iotest.DataErrReader}).Draw(t, "read")
		var qp bytes.Buffer
		w := quotedprintable.NewWriter(&qp)
		w.Binary = true
		_, err := w.Write(data)
		if err := errors.Join(err, w.Close()); err != nil {
			t.Fatal(err)
		}
		encoding := base64.StdEncoding
		if rapid.Bool().Draw(t, "unpadded") {
			encoding = base64.RawStdEncoding
		}
		for name, text := range map[string]string{"base64": broken(t, encoding.EncodeToString(data)), "quoted-printable": qp.String(), "x-uuencode": uuencode(data)} {
			got, err := io.ReadAll(decoder(name, read(strings.NewReader(text))))
			if err != nil || !bytes.Equal(got, data) {
				t.Fatalf("%s: %q for %q out of %q, %v", name, got, data, text, err)
			}
		}
	})
}

// uuencode writes octets as the old program does.
func uuencode(data []byte) string {
	var out strings.Builder
	out.WriteString("begin 644 x\r\n")
	for len(data) > 0 {
		n := min(45, len(data))
		line := append(bytes.Clone(data[:n]), 0, 0)
		out.WriteByte(byte(n) + ' ')
		for i := 0; i < n; i += 3 {
			for _, v := range []byte{line[i] >> 2, line[i]<<4 | line[i+1]>>4, line[i+1]<<2 | line[i+2]>>6, line[i+2]} {
				out.WriteByte("`!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_"[v&0x3f])
			}
		}
		out.WriteString("\r\n")
		data = data[n:]
	}
	return out.String() + "`\r\nend\r\n"
}

// A failure to read is told by every decoder, and what came before is given.
func TestDecodersTellFailures(t *testing.T) {
	want := errors.New("broken wire")
	for encoding, text := range map[string]string{"base64": "YWJj", "quoted-printable": "abc\n", "x-uuencode": "begin 644 x\n#86)C\n", "7bit": "abc"} {
		got, err := io.ReadAll(decoder(encoding, io.MultiReader(strings.NewReader(text), iotest.ErrReader(want))))
		if !errors.Is(err, want) || !strings.HasPrefix(string(got), "abc") {
			t.Errorf("%s: %q, %v", encoding, got, err)
		}
	}
	if _, err := io.ReadAll(CRLFReader(iotest.ErrReader(want))); !errors.Is(err, want) {
		t.Errorf("line ends: %v", err)
	}
}

// An escape that a very long line is cut in is read as a whole.
func TestLongQuotedPrintableLines(t *testing.T) {
	for n := range 12 {
		text := strings.Repeat("x", 4090+n) + "=C3=A4=\r\n" + strings.Repeat("=3D", 4000)
		got, err := io.ReadAll(decoder("quoted-printable", strings.NewReader(text)))
		if want := strings.Repeat("x", 4090+n) + "ä" + strings.Repeat("=", 4000); err != nil || string(got) != want {
			t.Errorf("%d: %d octets for %d, %v", n, len(got), len(want), err)
		}
	}
}

// Parameters are read as they were written, in every form that the standards allow, in any order.
func TestParametersSurvive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(rapid.StringMatching(`[a-zA-Z0-9äöü€ .()_-]{1,40}`), rapid.StringMatching(`[!-~]{1,40}`)).Draw(t, "value")
		value = strings.TrimSpace(strings.ReplaceAll(value, "=?", "="))
		if value == "" {
			return
		}
		forms := []string{mime.FormatMediaType("a/b", map[string]string{"name": value}), "a/b; " + continued(t, value)}
		if isASCII([]byte(value)) {
			forms = append(forms, `a/b; x=y; name="`+strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value)+`"; z`)
		} else {
			forms = append(forms, `a/b; name="`+strings.ReplaceAll(encodeWords(value), " ", "\r\n ")+`"`)
		}
		for _, form := range forms {
			kind, params := parseParams([]byte(form))
			if kind != "a/b" || params["name"] != cleanLine(value) {
				t.Fatalf("%q: %q %q for %q", form, kind, params["name"], value)
			}
		}
	})
}

// continued writes a parameter in parts (RFC 2231, section 3), shuffled.
func continued(t *rapid.T, value string) string {
	var parts []string
	for i := 0; len(value) > 0; i++ {
		n := min(rapid.IntRange(1, 12).Draw(t, "part"), len(value))
		var escaped strings.Builder
		for _, c := range []byte(value[:n]) {
			fmt.Fprintf(&escaped, "%%%02X", c)
		}
		prefix := ""
		if i == 0 {
			prefix = "UTF-8''"
		}
		parts = append(parts, fmt.Sprintf("name*%d*=%s%s", i, prefix, escaped.String()))
		value = value[n:]
	}
	return strings.Join(rapid.Permutation(parts).Draw(t, "order"), ";\r\n\t")
}

// A moment is read whatever zone it is written in, to the second, on the quick path and on the other.
func TestDatesSurvive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := time.FixedZone("", rapid.IntRange(-14*4, 14*4).Draw(t, "quarters")*900)
		want := time.Unix(rapid.Int64Range(0, 7e9).Draw(t, "seconds"), 0).In(zone)
		for _, layout := range []string{
			"Mon, 2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04:05 -0700", "Mon, 02 Jan 2006 15:04:05 -0700 (CEST)", "Mon,  2 Jan 2006 15:04:05 -0700", time.RFC3339,
			"Mon Jan 2 15:04:05 2006 -0700", "Mon, 2 Jan 2006 15:04:05 -07:00",
		} {
			text := want.Format(layout)
			if got := parseDate([]byte(text)); !got.Equal(want) {
				t.Fatalf("%q: %v, want %v", text, got, want)
			}
		}
	})
}

// A list of addresses is read back however it is folded and commented.
func TestAddressListsSurvive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) mail.Address {
			return mail.Address{
				Name: strings.TrimSpace(rapid.StringMatching(`[A-Za-zäöü,;:@<>"\\() .]{0,30}`).Draw(t, "name")),
				Addr: rapid.StringMatching(`[a-z0-9.+_-]{1,20}@[a-z]{1,10}\.example`).Draw(t, "addr"),
			}
		}), 1, 8).Draw(t, "list")
		var buf bytes.Buffer
		writeAddresses(&buf, "To", list)
		got := ParseHeader(buf.Bytes()).To
		if len(got) != len(list) {
			t.Fatalf("%d for %d: %q", len(got), len(list), buf.String())
		}
		for i, want := range list {
			name := unquoteName(shown(want.Name))
			if got[i].Addr != want.Addr || shown(got[i].Name) != shown(name) {
				t.Fatalf("%q for %q in %q", got[i], want, buf.String())
			}
		}
	})
}

// Whatever files Outlook puts into a winmail.dat come out of it.
func TestTNEFFilesSurvive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type file struct {
			Name string
			Data []byte
		}
		files := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) file {
			return file{rapid.StringMatching(`[a-zäöü€日本 ]{1,30}\.[a-z]{3}`).Draw(t, "name"), anyBytes().Draw(t, "data")}
		}), 0, 6).Draw(t, "files")
		raw := wrapped("application/ms-tnef", tnefStream(nil, func(w *tnefWriter) {
			for _, f := range files {
				w.attribute(2, tnefNewFile, make([]byte, 14))
				w.attribute(2, tnefFileData, f.Data)
				w.attribute(2, tnefFileProps, properties(tnefProperty{typeString, propLongName, wide(f.Name)}))
			}
		}))
		for i, f := range files {
			a, r, err := Attachment(bytes.NewReader(raw), i)
			if err != nil {
				t.Fatal(err)
			}
			data, err := io.ReadAll(r)
			if err != nil || !bytes.Equal(data, f.Data) || a.Name != strings.TrimSpace(f.Name) {
				t.Fatalf("%d: %q for %q, %d octets for %d, %v", i, a.Name, f.Name, len(data), len(f.Data), err)
			}
		}
		if p, err := Parse(bytes.NewReader(raw)); err != nil || len(p.Attachments) != len(files) {
			t.Fatalf("%d for %d, %v", len(p.Attachments), len(files), err)
		}
	})
}

// Names that are made fit for a disk stay fit when they are made so again.
func TestNamesAreFitForADisk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.String(), rapid.StringMatching(`[./\\:*?"<>| a-zäö\x00-\x1f]{0,300}`)).Draw(t, "name")
		clean := cleanName(name)
		if len(clean) > maxName || strings.ContainsAny(clean, "/\\:*?\"<>|\x00\n") || clean == "." || clean == ".." {
			t.Fatalf("%q became %q", name, clean)
		}
		if again := cleanName(clean); again != clean {
			t.Fatalf("%q became %q, then %q", name, clean, again)
		}
	})
}
