// SPDX-License-Identifier: EUPL-1.2

package ical

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// seeds gives real texts that are short enough to be changed a million times, at most n from each project of the corpus.
func seeds(n int) []string {
	dir := os.Getenv("KONTOR_CORPUS")
	if dir == "" {
		return nil
	}
	var all []string
	taken := map[string]int{}
	root := filepath.Join(dir, "ical")
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil //nolint:nilerr // fewer seeds
		}
		rest, err := filepath.Rel(root, path)
		project, _, _ := strings.Cut(filepath.ToSlash(rest), "/")
		info, infoErr := d.Info()
		if err != nil || infoErr != nil || info.Size() > 4096 || taken[project] >= n {
			return nil //nolint:nilerr // fewer seeds
		}
		if text, err := os.ReadFile(path); err == nil {
			taken[project]++
			all = append(all, string(text))
		}
		return nil
	})
	return all
}

// awkward are texts that broke other programs, or could have broken this one.
var awkward = []string{
	"", "\r", "\n", "\r\n", " ", "\t\r\n ", ":", ";", ";:", "::", "\"", "A;B=\"", "A;B=\"c\"d:e", "A;=:", "A;B:C", "A;B=:C",
	"BEGIN", "BEGIN:", "END:", "BEGIN:A\r\nEND:B\r\nEND:A\r\n", "BEGIN:A\nBEGIN:B\nEND:A\nEND:B\n", "begin:vtodo\nend:VTODO",
	"BEGIN:A\r\n\r\n\r\nX:1\r\n\r\nEND:A", "BEGIN:A\r\n X\r\nEND:A\r\n", " BEGIN:A\r\nEND:A\r\n", "BEGIN:A\rX:1\rEND:A\r",
	"BEGIN:A\nX:1\r\nY:2\nEND:A\n", "BEGIN:A\r\nX:1\nY:2\r\nEND:A\r\n", "\ufeffBEGIN:A\r\nEND:A\r\n", "BEGIN:A\r\nX:\xff\xfe\r\n \xc3\r\n \xa4\r\nEND:A\r\n",
	"BEGIN:A\r\nDUE;VALUE=DATE\r\nCN=\"a\"b:\r\nEND:A\r\n", "BEGIN:A\r\nX:\x00\x07\r\nEND:A", "BEGIN:A\r\nX:1\r",
	"BEGIN:A\r\nX-B;C=D,E,\"F,G\";H=\"^n^^^'\":I\\,J\\;K\\nL\\:M\r\nEND:A\r\n",
}

func addSeeds(f *testing.F, add func(text string)) {
	f.Helper()
	for _, text := range awkward {
		add(text)
	}
	for _, text := range seeds(25) {
		add(text)
	}
}

// FuzzRead: whatever is read, it is written back octet for octet, what is read of it twice is the same, and nothing panics.
func FuzzRead(f *testing.F) {
	addSeeds(f, func(text string) { f.Add(text) })
	f.Fuzz(func(t *testing.T, text string) {
		root := Parse(text)
		written := root.String()
		if written != text {
			t.Fatalf("changed to %q", written)
		}
		if a, b := outline(root), outline(Parse(written)); !slices.Equal(a, b) {
			t.Fatalf("read again it says\n%q, not\n%q", b, a)
		}
		visit(root, NewZones(root, time.UTC))
		root.Close()
		closed := root.String()
		if again := Parse(closed); again.String() != closed || len(outline(again)) != len(outline(root)) {
			t.Fatalf("closing changed more than the ends: %q", closed)
		}
	})
}

// outline says what a tree means: components and lines in their order.
func outline(c *Component) []string {
	all := []string{"(" + c.Name}
	for _, it := range c.Items {
		if it.Comp != nil {
			all = append(all, outline(it.Comp)...)
			continue
		}
		all = append(all, it.Line.Canonical())
	}
	return append(all, ")")
}

// FuzzEdit: an edit of any text touches the lines it is about and no others, and what was set is read again.
func FuzzEdit(f *testing.F) {
	addSeeds(f, func(text string) {
		f.Add(text, "SUMMARY", "Neuer Titel, mit Umlauten äöü; und mehr als fünfundsiebzig Oktetten, damit gefaltet wird €€€")
		f.Add(text, "X-NEU", "")
	})
	f.Fuzz(func(t *testing.T, text, name, value string) {
		if !plainName(name) {
			t.Skip()
		}
		root := Parse(text)
		target := deepest(root)
		before := others(root, target, name)
		target.Set(name, "", Escape(value))
		if after := others(root, target, name); !slices.Equal(before, after) {
			t.Fatalf("another line changed:\n%q\n%q", before, after)
		}
		written := root.String()
		again := deepest(Parse(written))
		if got := again.Lines(name); len(got) != 1 || got[0].Value() != Escape(value) {
			t.Fatalf("%s is %q after it was set to %q, in %q", name, values(got), value, written)
		}
		if added := again.Line(name).raw; target.Line(name).content == again.Line(name).content && len(added) > 0 {
			checkFolds(t, target.Line(name).raw)
		}
		target.Remove(name)
		if got := Parse(root.String()); len(deepest(got).Lines(name)) != 0 {
			t.Fatalf("%s is still there: %q", name, root.String())
		}
	})
}

func plainName(name string) bool {
	for _, r := range name {
		if (r < 'A' || r > 'Z') && r != '-' {
			return false
		}
	}
	return name != "" && name != "BEGIN" && name != "END" && len(name) < 40
}

// deepest follows the first component of each level.
func deepest(c *Component) *Component {
	for {
		subs := c.Components("")
		if len(subs) == 0 {
			return c
		}
		c = subs[0]
	}
}

// others are the physical lines that an edit of name in target is not about.
func others(c, target *Component, name string) []string {
	all := []string{c.begin}
	for _, it := range c.Items {
		switch {
		case it.Comp != nil:
			all = append(all, others(it.Comp, target, name)...)
		case c != target || it.Line.Name != name:
			all = append(all, it.Line.raw)
		}
	}
	return append(all, c.end)
}

func values(lines []*Line) (all []string) {
	for _, l := range lines {
		all = append(all, l.Value())
	}
	return all
}

// checkFolds looks at a line that was written by this package.
func checkFolds(t *testing.T, raw string) {
	t.Helper()
	for part := range strings.SplitSeq(strings.TrimRight(raw, "\r\n"), "\n") {
		part = strings.TrimRight(part, "\r")
		if len(part) > maxOctets && !strings.HasPrefix(raw, part) && utf8.ValidString(raw) {
			t.Fatalf("a physical line of %d octets", len(part))
		}
		if utf8.ValidString(raw) && !utf8.ValidString(part) {
			t.Fatalf("a rune was cut: %q", part)
		}
	}
}

// TestFoldsAreShortAndWhole: whatever text is written, no physical line is too long, none cuts a rune, and joined again
// they are the text.
func TestFoldsAreShortAndWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune{'a', ' ', 'ä', '€', '😀', ',', '\\'}), 0, 400, -1).Draw(t, "text")
		c := New("VTODO")
		c.Set("DESCRIPTION", FormatParam("X-P", text), Escape(text))
		l := c.Line("DESCRIPTION")
		for i, part := range strings.Split(strings.TrimSuffix(l.raw, "\r\n"), "\r\n") {
			if len(part) > maxOctets || !utf8.ValidString(part) {
				t.Fatalf("physical line of %d octets: %q", len(part), part)
			}
			if i > 0 && part[0] != ' ' {
				t.Fatalf("no fold: %q", part)
			}
		}
		again := Parse(c.String()).Component("VTODO")
		if again.Text("DESCRIPTION") != text || again.Line("DESCRIPTION").Param("X-P") != text {
			t.Fatalf("read again: %q and %q", again.Text("DESCRIPTION"), again.Line("DESCRIPTION").Param("X-P"))
		}
	})
}

// TestTimeGrowsWithTheText: input ten times as large may not take a hundred times as long. Each shape once had, in some
// program, a loop inside of a loop.
func TestTimeGrowsWithTheText(t *testing.T) {
	shapes := map[string]func(n int) string{
		"folds":      func(n int) string { return "BEGIN:A\r\nX:a" + strings.Repeat("\r\n b", n) + "\r\nEND:A\r\n" },
		"parameter":  func(n int) string { return "X;P=" + strings.Repeat("a", 4*n) + ":v\r\n" },
		"parameters": func(n int) string { return "X" + strings.Repeat(";P=a", n) + ":v\r\n" },
		"values":     func(n int) string { return "X;P=" + strings.Repeat("a,", 2*n) + ":v\r\n" },
		"quotes":     func(n int) string { return "X;P=" + strings.Repeat(`"`, 4*n) + ":v\r\n" },
		"escapes":    func(n int) string { return "X:" + strings.Repeat(`\`, 4*n) + "\r\n" },
		"lines":      func(n int) string { return strings.Repeat("X:1\n", n) },
		"begins":     func(n int) string { return strings.Repeat("BEGIN:A\n", n/2) },
		"ends":       func(n int) string { return strings.Repeat("BEGIN:A\n", 64) + strings.Repeat("END:B\n", n/2) },
		"pairs":      func(n int) string { return strings.Repeat("BEGIN:A\nEND:A\n", n/4) },
		"blank":      func(n int) string { return strings.Repeat("\r\n", 2*n) },
		"zones":      func(n int) string { return strings.Repeat("BEGIN:VTIMEZONE\nTZID:"+"x\nEND:VTIMEZONE\n", n/10) },
	}
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			small, large := shape(1<<12), shape(1<<16)
			first, second := quickest(small), quickest(large)
			for tries := 0; second > 100*max(first, time.Millisecond) && tries < 5; tries++ { // the machine may be busy
				second = min(second, quickest(large))
			}
			if second > 100*max(first, time.Millisecond) { // 16 times the text: quadratic would be 256 times
				t.Errorf("%v for %d octets, %v for %d", first, len(small), second, len(large))
			}
		})
	}
}

// quickest is the shortest of a few times that reading and visiting took: what a busy machine adds is left out.
func quickest(text string) time.Duration {
	best := time.Hour
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // collecting garbage is work of the machine, not of the reader
	for range 5 {
		runtime.GC()
		started := time.Now()
		root := Parse(text)
		visit(root, NewZones(root, time.UTC))
		_ = root.String()
		best = min(best, time.Since(started))
	}
	return best
}
