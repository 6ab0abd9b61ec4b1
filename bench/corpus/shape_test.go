// SPDX-License-Identifier: EUPL-1.2

package corpus

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"io"
	"math/rand/v2"
	"mime"
	"mime/multipart"
	"net/mail"
	"path"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var tiny = Size{Name: "tiny", Mails: 150, MailFolders: 4, Files: 120, FileFolders: 9, FileBytes: 1 << 20, Tasks: 200, TaskLists: 3}

// TestRepliesHaveWhatTheyAnswer: a conversation refers to messages that stand before it in the same folder.
func TestRepliesHaveWhatTheyAnswer(t *testing.T) {
	t.Parallel()
	known := map[string]map[string]bool{}
	replies := 0
	var last time.Time
	for m := range Mails(tiny) {
		msg, err := mail.ReadMessage(bytes.NewReader(m.Data))
		if err != nil {
			t.Fatal(err)
		}
		if to := msg.Header.Get("In-Reply-To"); to != "" {
			replies++
			if !known[m.Folder][to] || !strings.HasSuffix(msg.Header.Get("References"), to) {
				t.Errorf("%s answers %s, which is not in %q", m.Name, to, m.Folder)
			}
		}
		if known[m.Folder] == nil {
			known[m.Folder] = map[string]bool{}
		}
		known[m.Folder][msg.Header.Get("Message-ID")] = true
		if !m.Time.After(last) {
			t.Errorf("%s is not after the message before it", m.Name)
		}
		last = m.Time
		subject, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject"))
		if err != nil || len(strings.Fields(subject)) < 2 {
			t.Errorf("subject %q, %v", subject, err)
		}
	}
	if replies < tiny.Mails/4 {
		t.Errorf("%d replies among %d messages", replies, tiny.Mails)
	}
}

// TestMailBodiesCanBeRead takes every message apart: each part ends where it should and decodes to what it says it is.
func TestMailBodiesCanBeRead(t *testing.T) {
	t.Parallel()
	parts := map[string]int{}
	for m := range Mails(tiny) {
		msg, err := mail.ReadMessage(bytes.NewReader(m.Data))
		if err != nil {
			t.Fatal(err)
		}
		kind, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
		if err != nil {
			t.Fatal(err)
		}
		parts[kind]++
		if !strings.HasPrefix(kind, "multipart/") {
			continue
		}
		r := multipart.NewReader(msg.Body, params["boundary"])
		for n := 0; ; n++ {
			p, err := r.NextPart()
			if err == io.EOF && n == 2 {
				break
			}
			if err != nil {
				t.Fatalf("%s, part %d: %v", m.Name, n, err)
			}
			var body io.Reader = p
			if p.Header.Get("Content-Transfer-Encoding") == "base64" {
				body = base64.NewDecoder(base64.StdEncoding, p)
			}
			if data, err := io.ReadAll(body); err != nil || len(data) < 500 {
				t.Fatalf("%s, part %d: %d octets, %v", m.Name, n, len(data), err)
			}
		}
	}
	for _, kind := range []string{"text/plain", "multipart/alternative", "multipart/mixed"} {
		if parts[kind] == 0 {
			t.Errorf("no message is %s: %v", kind, parts)
		}
	}
	for m := range Mails(tiny) {
		for line := range bytes.SplitSeq(m.Data, []byte("\r\n")) {
			if len(line) > 998 || bytes.ContainsAny(line, "\r\n") {
				t.Fatalf("%s has a line that no server takes: %q", m.Name, line)
			}
		}
	}
}

// TestFilesLieApart: no two have one path, every folder has some, and about half of what they hold compresses.
func TestFilesLieApart(t *testing.T) {
	t.Parallel()
	seen, folders := map[string]bool{}, map[string]int{}
	packed, plain := 0, 0
	for f := range Files(tiny) {
		if seen[f.Path] || path.Clean(f.Path) != f.Path || strings.HasPrefix(f.Path, "/") {
			t.Errorf("path %q", f.Path)
		}
		seen[f.Path] = true
		folders[path.Dir(f.Path)]++
		var b bytes.Buffer
		w, err := flate.NewWriter(&b, flate.DefaultCompression)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(f.Data); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		packed, plain = packed+b.Len(), plain+len(f.Data)
	}
	if len(folders) != tiny.FileFolders {
		t.Errorf("%d folders", len(folders))
	}
	if share := packed * 100 / plain; share < 60 || share > 90 {
		t.Errorf("packed to %d %%", share)
	}
}

// TestSubtasksHaveAParent: what a task belongs to stands before it in the same list, and identifiers are unique.
func TestSubtasksHaveAParent(t *testing.T) {
	t.Parallel()
	known := map[string]string{}
	children := 0
	for task := range Tasks(tiny) {
		if known[task.UID] != "" {
			t.Errorf("%s stands twice", task.UID)
		}
		if _, rest, found := strings.Cut(task.Text, "\r\nRELATED-TO:"); found {
			children++
			parent, _, _ := strings.Cut(rest, "\r\n")
			if known[parent] != task.List {
				t.Errorf("%s belongs to %s, which is not in %s", task.UID, parent, task.List)
			}
		}
		known[task.UID] = task.List
		if strings.Count(task.Text, "\r\nUID:"+task.UID+"\r\n") != 1 || strings.Count(task.Text, "STATUS:") != 1 {
			t.Errorf("%q", task.Text)
		}
	}
	if children == 0 {
		t.Error("no task has a parent")
	}
}

// TestSharesAddUp: however much is divided among however many, nothing is left over or made up.
func TestSharesAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		total, parts := rapid.IntRange(0, 100000).Draw(t, "total"), rapid.IntRange(1, 60).Draw(t, "parts")
		sum := 0
		for i := range parts {
			n := share(total, parts, i)
			if n < 0 {
				t.Fatalf("part %d gets %d", i, n)
			}
			sum += n
		}
		if sum != total {
			t.Fatalf("%d in %d parts add up to %d", total, parts, sum)
		}
	})
}

// TestCorporaCanBeCutShort: who has enough stops, and what came until then is the beginning of the whole.
func TestCorporaCanBeCutShort(t *testing.T) {
	t.Parallel()
	var whole [][]byte
	for m := range Mails(tiny) {
		whole = append(whole, m.Data)
	}
	n := 0
	for m := range Mails(tiny) {
		if !bytes.Equal(m.Data, whole[n]) {
			t.Fatalf("message %d differs from one time to the next", n)
		}
		if n++; n == 20 {
			break
		}
	}
	for range Files(tiny) {
		break
	}
	for range Tasks(tiny) {
		break
	}
}

// TestFoldsOfAnyText: lines are short enough, and joined again they are the text.
func TestFoldsOfAnyText(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		line := "DESCRIPTION:" + strings.TrimSpace(text(r, r.IntN(600), "\\n"))
		var b strings.Builder
		fold(&b, line)
		if strings.ReplaceAll(b.String(), "\r\n ", "") != line+"\r\n" {
			t.Fatalf("%q", b.String())
		}
		for part := range strings.SplitSeq(b.String(), "\r\n") {
			if len(part) > 75 || strings.ToValidUTF8(part, "") != part {
				t.Fatalf("%q", part)
			}
		}
	}
}
