// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// corpus lists the raw messages of other projects' tests, many odd or broken on purpose.
func corpus(t testing.TB) []string {
	root := os.Getenv("KONTOR_CORPUS")
	if root == "" {
		t.Skip("KONTOR_CORPUS is not set")
	}
	var files []string
	err := filepath.WalkDir(filepath.Join(root, "mime"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("corpus: %d files, %v", len(files), err)
	}
	return files
}

func TestCorpus(t *testing.T) {
	for _, path := range corpus(t) {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		p, err := Parse(bytes.NewReader(raw))
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		checkUsable(t, path, raw, p)
		if len(p.Attachments) == 0 && p.Text == "" && p.HTML == "" && p.Subject == "" && p.From.Addr == "" && len(raw) > 200 {
			t.Errorf("%s: nothing to show", path)
		}
	}
}

// checkUsable holds for whatever a message is: all text is valid, each attachment can be read.
func checkUsable(t *testing.T, name string, raw []byte, p Parsed) {
	t.Helper()
	for _, s := range []string{p.Text, p.HTML, p.Snippet, p.Subject, p.From.Name, p.From.Addr, p.MessageID} {
		if !utf8.ValidString(s) {
			t.Errorf("%s: invalid text %q", name, s)
		}
	}
	if strings.ContainsAny(p.Subject+p.From.Name, "\r\n") {
		t.Errorf("%s: a line end in a header", name)
	}
	for i, a := range p.Attachments {
		got, r, err := Attachment(bytes.NewReader(raw), i)
		if err != nil {
			t.Errorf("%s: attachment %d: %v", name, i, err)
			continue
		}
		n, err := io.Copy(io.Discard, r)
		if err != nil || n != a.Size || got.Name != a.Name {
			t.Errorf("%s: attachment %d: %d octets of %d, %q for %q, %v", name, i, n, a.Size, got.Name, a.Name, err)
		}
		if a.Name == "" || strings.ContainsAny(a.Name, "/\\\n") {
			t.Errorf("%s: attachment %d has the name %q", name, i, a.Name)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\nContent-Type: image/png; name*0*=utf-8''a%20; name*1=b\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA=\r\n--b--\r\n"))
	f.Add([]byte("From: =?utf-8?q?a?= <a@b>\n\n<p>x"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := Parse(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		checkUsable(t, "fuzz", nil, Parsed{Header: p.Header, Text: p.Text, HTML: p.HTML, Snippet: p.Snippet})
		checkUsable(t, "fuzz", raw, p)
	})
}
