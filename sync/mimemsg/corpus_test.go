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

// silent are messages of the corpus that really say nothing.
var silent = map[string]bool{"00ebfb_empty_in_reply_to.eml": true}

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
		if len(p.Attachments) == 0 && p.Text == "" && p.HTML == "" && p.Protection == "" && len(raw) > 600 && !silent[filepath.Base(path)] {
			t.Errorf("%s: nothing to show", path)
		}
	}
}

// checkUsable holds for whatever a message is: all text is valid, each attachment can be read.
func checkUsable(t *testing.T, name string, raw []byte, p Parsed) {
	t.Helper()
	for _, s := range []string{p.Text, p.HTML, p.Snippet, p.Subject, p.From.Name, p.From.Addr, p.MessageID, p.Nested} {
		if !utf8.ValidString(s) {
			t.Errorf("%s: invalid text %q", name, s)
		}
	}
	if strings.ContainsAny(p.Subject+p.From.Name, "\r\n") {
		t.Errorf("%s: a line end in a header", name)
	}
	if p.Report != nil && len(p.Report.Recipients) > maxOutcomes {
		t.Errorf("%s: %d recipients", name, len(p.Report.Recipients))
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
