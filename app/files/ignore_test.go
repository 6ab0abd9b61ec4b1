// SPDX-License-Identifier: EUPL-1.2

package files

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestCase58And46IgnorePatterns: what each line of an ignore file means, as gitignore(5) says.
func TestCase58And46IgnorePatterns(t *testing.T) {
	cases := []struct {
		text     string
		yes, no  string // paths, separated by spaces; folders end in '/'
		inFolder string
	}{
		{text: "*.log", yes: "a.log d/e/B.LOG x.log/", no: "log a.logs a.log.txt"},
		{text: "/oben", yes: "oben oben/ oben/x", no: "d/oben"},
		{text: "bau/", yes: "bau/ d/bau/ bau/x d/bau/e/f", no: "bau d/bau"},
		{text: "d/*.tmpl", yes: "d/a.tmpl", no: "a.tmpl e/d/a.tmpl d/e/a.tmpl"},
		{text: "**/alt", yes: "alt d/alt d/e/alt/ d/alt/x", no: "alter"},
		{text: "alt/**", yes: "alt/a alt/b/c", no: "alt/ x/alt/a"},
		{text: "a/**/z", yes: "a/z a/b/z a/b/c/z", no: "a/bz z b/a/z"},
		{text: "*.bak\n!wichtig.bak", yes: "a.bak d/b.bak", no: "wichtig.bak d/wichtig.bak"},
		{text: "!a.bak\n*.bak", yes: "a.bak"},
		{text: "privat/\n!privat/doch", yes: "privat/ privat/doch"},
		{text: "# nur Worte\n\n   \n\\#echt\n\\!laut", yes: "#echt !laut", no: "nur Worte"},
		{text: "endet \nmit\\ ", yes: "endet", no: "mit"},
		{text: "datei[0-9].txt\nx[!a]", yes: "datei7.txt xb", no: "dateix.txt xa"},
		{text: "?.md", yes: "a.md ä.md", no: "ab.md .md"},
		{text: "[kaputt\n*.gut", yes: "a.gut", no: "[kaputt"},
		{text: "\ufeff*.win\r\nzwei\r\n", yes: "a.win zwei"},
		{text: "*", yes: "a d/ d/e", no: IgnoreName},
		{text: "*.log\n/oben\nd/tief", inFolder: "ordner", yes: "ordner/a.log ordner/e/a.log ordner/oben ordner/d/tief", no: "a.log oben ordner/e/oben d/tief ordner2/a.log"},
	}
	for _, c := range cases {
		var g Ignore
		g.Read(c.inFolder, c.text)
		check := func(words string, want bool) {
			for w := range strings.FieldsSeq(words) {
				if got := g.Ignored(strings.TrimSuffix(w, "/"), strings.HasSuffix(w, "/")); got != want {
					t.Errorf("%q in %q: %q is ignored: %v", c.text, c.inFolder, w, got)
				}
			}
		}
		check(c.yes, true)
		check(c.no, false)
	}
}

// A file further down decides before those above it, and an ignore file that is gone has no say.
func TestCase58NearerIgnoreFilesDecide(t *testing.T) {
	var g Ignore
	g.Read("", "*.log\n")
	g.Read("d", "!*.log\nx\n")
	g.Read("d/e", "*.log\n")
	for p, want := range map[string]bool{"a.log": true, "d/a.log": false, "d/e/a.log": true, "d/f/a.log": false, "d/x": true, "x": false} {
		if got := g.Ignored(p, false); got != want {
			t.Errorf("%s: %v", p, got)
		}
	}
	with := g.Text()
	g.Read("d/e", "")
	if g.Ignored("d/e/a.log", false) || g.Text() == with {
		t.Error("an ignore file that is gone still decides")
	}
	g.Read("d", "# nichts\n")
	if !g.Ignored("d/a.log", false) {
		t.Error("a file without patterns decides")
	}
	if (&Ignore{}).Text() != "" || (*Ignore)(nil).Ignored("a", false) || !(*Ignore)(nil).Ignored("d/~$x/y", false) {
		t.Error("without ignore files only the names decide")
	}
}

// TestWhatLiesInAnIgnoredFolderIsIgnored whatever the patterns are; the names of programs always are, the ignore file
// never is.
func TestWhatLiesInAnIgnoredFolderIsIgnored(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var g Ignore
		for _, folder := range []string{"", "a", "a/b"} {
			g.Read(folder, rapid.StringMatching(`((!?/?[ab*?]{1,2}(/|/\*\*|/[abc]|\*\*/a)?|#x|\[a)\n){0,4}`).Draw(t, "in "+folder))
		}
		p := rapid.StringMatching(`[abc](/[abc]){0,3}`).Draw(t, "path")
		if g.Ignored(p, true) && (!g.Ignored(p+"/x", false) || !g.Ignored(p+"/"+IgnoreName, false)) {
			t.Fatalf("%q is ignored, what lies in it is not", p)
		}
		if !g.Ignored(p, true) && g.Ignored(p+"/"+IgnoreName, false) {
			t.Fatalf("the ignore file in %q is ignored", p)
		}
		if !g.Ignored(p+"/.~lock.x#", false) {
			t.Fatal("a lock file travels")
		}
	})
}

// TestCase58NamesOfPrograms: the quick look at a name finds what these patterns mean, in either case, and no more.
func TestCase58NamesOfPrograms(t *testing.T) {
	patterns := []string{
		".?*.sw?", ".fuse_hidden*", ".nfs*", ".trash-*", ".#*", "~$*", "*.tmp", "*~", "*.crdownload", ".~lock.*#", ".~k*", ".kontor",
		".ds_store", "thumbs.db", "desktop.ini", ".directory", "$recycle.bin", "system volume information",
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[.~$a-zA-Z#]{0,4}(Thumbs|desktop|DS_Store|\.sw|\.nfs|\.trash-)?[.~$a-z#]{0,4}(\.tmp|\.TMP|~|\.crdownload|\.db|\.ini|#)?`).Draw(t, "name")
		lower := strings.ToLower(name)
		want := slices.ContainsFunc(patterns, func(p string) bool { return glob(p, lower) })
		if own := Own(lower) && !Own(name); Ignored(name) != want && !own && !strings.HasPrefix(lower, ".~") {
			t.Fatalf("%q: %v", name, Ignored(name))
		}
	})
	for _, p := range patterns {
		name := strings.NewReplacer("*", "x", "?", "p").Replace(p)
		if !Ignored(name) || !strings.HasPrefix(p, ".~") && p != MarkerName && !Ignored(strings.ToUpper(name)) {
			t.Errorf("%q (%s) travels", name, p)
		}
	}
	for _, name := range []string{"a.swp", ".swp", "Thumbs.db.txt", "desktop.ini2", "tmp", "a.tmpl", "Datei.txt", ".config", "~", IgnoreName} {
		if Ignored(name) != (name == "~") {
			t.Errorf("%q: %v", name, Ignored(name))
		}
	}
}
