// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/storage"
)

// tree lays local files down and gives the folder that they lie in.
func (d *fileDesk) tree(paths ...string) string {
	d.t.Helper()
	root := d.t.TempDir()
	for _, p := range paths {
		local := filepath.Join(root, filepath.FromSlash(p))
		d.must(os.MkdirAll(filepath.Dir(local), 0o750))
		d.must(os.WriteFile(local, []byte(p), 0o600))
	}
	return root
}

// TestFilesRename: a rename never moves into a folder of that name, as moving does.
func TestFilesRename(t *testing.T) {
	d, ctx := newFileDesk(t), t.Context()
	_, err := d.files.PutInto(ctx, d.acc, []string{filepath.Join(d.tree("Bau/a.txt", "Bau/Ordner/b.txt"), "Bau")}, "", KeepBoth)
	d.must(err)
	for name, want := range map[string]error{
		"Ordner": ErrFileExists, "": files.ErrName, "a/b": files.ErrName, "..": files.ErrName, "a.txt": nil, "A.txt": nil,
	} {
		id := d.id("Bau/a.txt")
		if err := d.files.Rename(ctx, id, name); !errors.Is(err, want) {
			t.Errorf("%q: %v", name, err)
		}
		if e, err := d.files.Entry(ctx, id); err != nil || files.Parent(e.Path) != "Bau" || want == nil && e.Name != name {
			t.Errorf("%q: it is %q now, %v", name, e.Path, err)
		} else if e.Name != "a.txt" {
			d.must(d.files.Rename(ctx, id, "a.txt"))
		}
	}
	if err := d.files.Rename(ctx, 4711, "x"); !errors.Is(err, storage.ErrNotFound) {
		t.Error(err)
	}
}

// TestFilesAsOneStep: what is done to many is taken back at once, and done again at once.
func TestFilesAsOneStep(t *testing.T) {
	d, ctx := newFileDesk(t), t.Context()
	base := d.tree("Bau/a.txt", "Bau/Pläne/b.txt", "Bau/Pläne/tief/c.txt", "lose.txt")
	all := []string{filepath.Join(base, "Bau"), filepath.Join(base, "lose.txt")}
	n, err := d.files.PutInto(ctx, d.acc, all, "", KeepBoth)
	if err != nil || n != 4 {
		t.Fatalf("%d files, %v", n, err)
	}
	_, err = d.files.Mkdir(ctx, d.acc, "Ziel")
	d.must(err)
	steps := []struct {
		name string
		do   func() error
		want string
	}{
		{"move", func() error {
			return d.files.MoveInto(ctx, []int64{d.id("Bau/Pläne"), d.id("lose.txt")}, d.acc, "Ziel")
		}, "Bau/ Bau/a.txt Ziel/ Ziel/Pläne/ Ziel/Pläne/b.txt Ziel/Pläne/tief/ Ziel/Pläne/tief/c.txt Ziel/lose.txt"},
		{"copy", func() error {
			return d.files.CopyInto(ctx, []int64{d.id("Bau/Pläne"), d.id("lose.txt")}, d.acc, "")
		}, "Bau/ Bau/Pläne/ Bau/Pläne/b.txt Bau/Pläne/tief/ Bau/Pläne/tief/c.txt Bau/a.txt Pläne/ Pläne/b.txt Pläne/tief/ Pläne/tief/c.txt Ziel/ lose (2).txt lose.txt"},
		{"put again", func() error {
			_, err := d.files.PutInto(ctx, d.acc, all, "", KeepBoth)
			return err
		}, "Bau (2)/ Bau (2)/Pläne/ Bau (2)/Pläne/b.txt Bau (2)/Pläne/tief/ Bau (2)/Pläne/tief/c.txt Bau (2)/a.txt Bau/ Bau/Pläne/ Bau/Pläne/b.txt Bau/Pläne/tief/ Bau/Pläne/tief/c.txt Bau/a.txt Ziel/ lose (2).txt lose.txt"},
	}
	before := strings.Join(d.shown(), " ")
	for _, s := range steps {
		d.must(s.do())
		if got := strings.Join(d.shown(), " "); got != s.want {
			t.Errorf("%s:\n%s\n%s", s.name, got, s.want)
		}
		_, err := d.undo.Undo(ctx)
		d.must(err)
		if got := strings.Join(d.shown(), " "); got != before {
			t.Errorf("%s taken back:\n%s\n%s", s.name, got, before)
		}
		d.must(d.db.Check(ctx))
	}
	d.must(steps[0].do())
	d.sync()
	d.sync()
	if got, want := contentsOf(d.there()), []string{"Bau/a.txt=Bau/a.txt", "Ziel/Pläne/b.txt=Bau/Pläne/b.txt", "Ziel/Pläne/tief/c.txt=Bau/Pläne/tief/c.txt", "Ziel/lose.txt=lose.txt"}; !slices.Equal(got, want) {
		t.Errorf("on the server: %q", got)
	}
}

// TestFilesAllOrNothing: a move of which one part cannot be does nothing, and what is only on the server is not copied.
func TestFilesAllOrNothing(t *testing.T) {
	d, ctx := newFileDesk(t), t.Context()
	for _, p := range []string{"a.txt", "Bau/a.txt", "Bau/b.txt", "c.txt"} {
		d.serverHas(p, p)
	}
	d.sync()
	before := d.shown()
	cases := map[string]struct{ err, want error }{
		"taken":         {d.files.MoveInto(ctx, []int64{d.id("c.txt"), d.id("a.txt")}, d.acc, "Bau"), ErrFileExists},
		"into itself":   {d.files.MoveInto(ctx, []int64{d.id("c.txt"), d.id("Bau")}, d.acc, "Bau"), ErrIntoItself},
		"no folder":     {d.files.MoveInto(ctx, []int64{d.id("c.txt")}, d.acc, "fehlt"), ErrNoFolder},
		"other account": {d.files.MoveInto(ctx, []int64{d.id("c.txt")}, d.acc+1, "Bau"), ErrOtherAccount},
		"unknown":       {d.files.MoveInto(ctx, []int64{4711}, d.acc, "Bau"), storage.ErrNotFound},
		"not here":      {d.files.CopyInto(ctx, []int64{d.id("Bau")}, d.acc, ""), ErrNotHere},
		"copy unknown":  {d.files.CopyInto(ctx, []int64{4711}, d.acc, ""), storage.ErrNotFound},
	}
	for name, c := range cases {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v", name, c.err)
		}
	}
	if got := d.shown(); !slices.Equal(got, before) {
		t.Errorf("%q", got)
	}
	if missing, err := d.files.Missing(ctx, []int64{d.id("Bau"), d.id("c.txt")}); err != nil || len(missing) != 3 {
		t.Errorf("%v %v", missing, err)
	}
	d.must(d.files.Get(ctx, d.id("Bau")))
	d.sync()
	if err := d.files.CopyInto(ctx, []int64{d.id("Bau")}, d.acc, "Bau"); !errors.Is(err, ErrIntoItself) {
		t.Errorf("into itself: %v", err)
	}
	d.must(d.files.CopyInto(ctx, []int64{d.id("Bau")}, d.acc, ""))
	if got := d.shown(); !slices.Contains(got, "Bau (2)/b.txt") {
		t.Errorf("%q", got)
	}
}

// TestPutIntoWhatIsThere unites folders and makes new versions, or keeps both.
func TestPutIntoWhatIsThere(t *testing.T) {
	d, ctx := newFileDesk(t), t.Context()
	base := d.tree("Bau/a.txt")
	_, err := d.files.PutInto(ctx, d.acc, []string{filepath.Join(base, "Bau")}, "", KeepBoth)
	d.must(err)
	d.must(os.WriteFile(filepath.Join(base, "Bau", "a.txt"), []byte("neu"), 0o600))
	d.must(os.WriteFile(filepath.Join(base, "Bau", "b.txt"), []byte("b"), 0o600))
	d.must(os.Symlink("/etc/passwd", filepath.Join(base, "Bau", "link")))
	n, err := d.files.PutInto(ctx, d.acc, []string{filepath.Join(base, "Bau")}, "", Replace)
	if got := strings.Join(d.shown(), " "); n != 2 || err != nil || got != "Bau/ Bau/a.txt Bau/b.txt" {
		t.Fatalf("%d, %v, %s", n, err, got)
	}
	d.sync()
	d.want(d.there(), "Bau/ Bau/a.txt=neu Bau/b.txt=b")
	for _, c := range []struct {
		local, into string
		want        error
	}{
		{filepath.Join(base, "fehlt"), "", os.ErrNotExist}, {base, "fehlt", ErrNoFolder}, {d.tree("a.txt/x"), "Bau", nil},
	} {
		if _, err := d.files.PutInto(ctx, d.acc, []string{c.local}, c.into, Replace); !errors.Is(err, c.want) {
			t.Errorf("%s into %q: %v", c.local, c.into, err)
		}
	}
}

// TestFilesOrder sorts a folder, what is found in it and the views.
func TestFilesOrder(t *testing.T) {
	i18n.Use(i18n.German)
	d, ctx := newFileDesk(t), t.Context()
	now := time.Now().Truncate(time.Second)
	for i, f := range []struct {
		path string
		size int64
		dir  bool
	}{{"Zebra", 0, true}, {"ärger", 0, true}, {"Plan 10.odt", 5, false}, {"Plan 9.odt", 9, false}, {"Österreich.pdf", 1, false}, {"Oslo.pdf", 7, false}, {"ärger/Straße.odt", 3, false}, {"ärger/Zöllner.odt", 4, false}} {
		d.must(d.db.Write(ctx, func(tx *storage.Tx) error {
			row := storage.FileRow{AccountID: d.acc, Path: f.path, Dir: f.dir, Size: f.size, Modified: now.Add(-time.Duration(i) * time.Hour), Wanted: f.size == 1}
			row.Remote = storage.FileRemote{Path: f.path, ETag: f.path, Size: f.size, Modified: row.Modified}
			_, err := tx.AddFile(ctx, row)
			return err
		}))
	}
	for _, c := range []struct {
		q    files.Query
		want string
	}{
		{files.Query{}, "ärger Zebra Oslo.pdf Österreich.pdf Plan 9.odt Plan 10.odt"},
		{files.Query{By: files.ByName, Descending: true}, "Zebra ärger Plan 10.odt Plan 9.odt Österreich.pdf Oslo.pdf"},
		{files.Query{By: files.BySize}, "ärger Zebra Österreich.pdf Plan 10.odt Oslo.pdf Plan 9.odt"},
		{files.Query{By: files.ByChanged, Descending: true}, "Zebra ärger Plan 10.odt Plan 9.odt Österreich.pdf Oslo.pdf"},
		{files.Query{By: files.ByState}, "ärger Zebra Österreich.pdf Oslo.pdf Plan 9.odt Plan 10.odt"},
		{files.Query{Text: "strasse"}, "Straße.odt"},
		{files.Query{Text: "STRASSE odt"}, "Straße.odt"},
		{files.Query{Text: "oe"}, "Österreich.pdf Zöllner.odt"},
		{files.Query{Path: "ärger", Text: "plan"}, ""},
		{files.Query{Path: "ärger", By: files.BySize, Descending: true}, "Zöllner.odt Straße.odt"},
		{files.Query{View: files.ViewOffline}, "Österreich.pdf"},
		{files.Query{View: files.ViewRecent, By: files.ByChanged, Descending: true, Text: "plan"}, "Plan 10.odt Plan 9.odt"},
	} {
		c.q.AccountID = d.acc
		for range 2 { // the second time it is known already
			ids, err := d.files.Order(ctx, c.q)
			d.must(err)
			all, err := d.files.Entries(ctx, ids)
			d.must(err)
			var names []string
			for _, e := range all {
				names = append(names, e.Name)
			}
			if got := strings.Join(names, " "); got != c.want {
				t.Errorf("%+v: %s", c.q, got)
			}
		}
	}
	for _, c := range []struct {
		typed string
		from  int
		want  int
	}{{"pl", 0, 4}, {"pl", 5, 5}, {"plan1", 0, 5}, {"ä", 3, 0}, {"Ö", 0, 3}, {"x", 0, -1}, {"o", -1, 2}} {
		if at, err := d.files.Seek(ctx, files.Query{AccountID: d.acc}, c.typed, c.from); err != nil || at != c.want {
			t.Errorf("%q from %d: %d %v", c.typed, c.from, at, err)
		}
	}
	if at, err := d.files.Seek(ctx, files.Query{View: files.ViewOffline, AccountID: d.acc}, "ö", 0); err != nil || at != 0 {
		t.Errorf("in a view: %d %v", at, err)
	}
	if _, err := d.files.Order(ctx, files.Query{AccountID: d.acc, Path: "fehlt"}); !errors.Is(err, ErrNoFolder) {
		t.Error(err)
	}
	first := d.id("Oslo.pdf")
	d.must(d.files.Rename(ctx, first, "Zürich.pdf"))
	if ids, err := d.files.Order(ctx, files.Query{AccountID: d.acc}); err != nil || ids[len(ids)-1] != first {
		t.Errorf("an old order: %v %v", ids, err)
	}
	if all, err := d.files.Entries(ctx, []int64{first, 4711, d.id("Zebra")}); err != nil || fmt.Sprint(all[0].Name, all[1].ID, all[1].Name, all[2].Name) != "Zürich.pdf4711Zebra" {
		t.Errorf("%+v %v", all, err)
	}
}

// TestDictionary sorts names as people do: by words, umlauts among their letters, numbers by their value.
func TestDictionary(t *testing.T) {
	i18n.Use(i18n.German)
	want := []string{"a 0.txt", "a 00001.txt", "a 2.txt", "a 10.txt", "a 99999999999999999999999.txt", "a b.txt", "Ärger", "b 1.2", "b 1.10", "Oslo", "Österreich", "Otto"}
	got := slices.Clone(want)
	slices.Reverse(got)
	d := NewDictionary()
	slices.SortFunc(got, func(a, b string) int { return bytes.Compare(d.Key(a), d.Key(b)) })
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	rapid.Check(t, func(r *rapid.T) {
		a, b := rapid.Uint32().Draw(r, "a"), rapid.Uint32().Draw(r, "b")
		name := func(n uint32) []byte { return d.Key(fmt.Sprintf("Plan %d.odt", n)) }
		if got := bytes.Compare(name(a), name(b)); got != cmp.Compare(a, b) {
			r.Fatalf("%d and %d: %d", a, b, got)
		}
	})
}
