// SPDX-License-Identifier: EUPL-1.2

package reconcile

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestDecide(t *testing.T) {
	want := map[string]Verdict{
		"base 0 0": Forget, "base 0 1": DeleteRemote, "base 0 2": Download,
		"base 1 0": DeleteLocal, "base 1 1": Nothing, "base 1 2": Download,
		"base 2 0": Upload, "base 2 1": Upload, "base 2 2": Compare,
		"new 0 0": Nothing, "new 0 2": Download, "new 2 0": Upload, "new 2 2": Compare,
	}
	for l := Absent; l <= Changed; l++ {
		for r := Absent; r <= Changed; r++ {
			if got := Decide(true, l, r); got != want[fmt.Sprintf("base %d %d", l, r)] {
				t.Errorf("base, local %d, remote %d: %d", l, r, got)
			}
		}
	}
	for key, v := range want {
		var l, r Side
		if n, _ := fmt.Sscanf(key, "new %d %d", &l, &r); n == 2 && Decide(false, l, r) != v {
			t.Errorf("%s: %d", key, Decide(false, l, r))
		}
	}
	if Decide(false, Same, Same) != Compare {
		t.Error("without a base nothing can be the same")
	}
}

func TestAChangeBeatsADeletion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, r := Side(rapid.IntRange(0, 2).Draw(t, "local")), Side(rapid.IntRange(0, 2).Draw(t, "remote"))
		v := Decide(rapid.Bool().Draw(t, "base"), l, r)
		if (l == Changed || r == Changed) && (v == DeleteLocal || v == DeleteRemote || v == Forget || v == Nothing) {
			t.Fatalf("local %d, remote %d: %d", l, r, v)
		}
	})
}

var kinds = map[FileKind]string{
	Refresh: "refresh", Link: "link", Take: "take", Contend: "contend", Put: "put", Mkdir: "mkdir", MoveRemote: "mvremote",
	MoveLocal: "mvlocal", RemoveRemote: "rmremote", RemoveLocal: "rmlocal", Drop: "drop", Clash: "clash",
}

// show writes a plan in one line: "kind path[<from]", implied deletions in brackets.
func show(p FilesPlan) string {
	var out []string
	for _, a := range p.Actions {
		s := kinds[a.Kind] + " " + a.Path
		if a.From != "" {
			s += "<" + a.From
		}
		if a.Implied {
			s = "(" + s + ")"
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

// items reads "path=content#id" words; a path ending in "/" is a folder, "~" before it makes a stub.
func items(side, words string) []Item {
	var all []Item
	for i, w := range strings.Fields(words) {
		stub := strings.HasPrefix(w, "~")
		w = strings.TrimPrefix(w, "~")
		path, rest, _ := strings.Cut(w, "=")
		content, id, _ := strings.Cut(rest, "#")
		it := Item{Path: strings.TrimSuffix(path, "/"), Dir: strings.HasSuffix(path, "/"), Stub: stub}
		switch side {
		case "base":
			it.Key, it.Hash, it.ETag, it.FileID, it.Inode = int64(i+1), content, content, id, id
		case "local":
			it.Hash, it.Inode = content, id
		case "remote":
			it.ETag, it.FileID = content, id
		}
		all = append(all, it)
	}
	return all
}

func TestPlans(t *testing.T) {
	cases := []struct{ name, base, local, remote, want string }{
		{"nothing new", "d/=#1 d/a=x#2", "d/=#1 d/a=x#2", "d/=#1 d/a=x#2", ""},
		{"first pairing is a union (9)", "", "d/ d/a=x b=y", "d/ d/a=q c=z", "take c, link d, contend d/a, put b"},
		{"both new, same folder name", "", "d/", "d/", "link d"},
		{"local edit", "a=x", "a=y", "a=x", "put a"},
		{"remote edit", "a=x", "a=x", "a=y", "take a"},
		{"both edited (26)", "a=x", "a=y", "a=z", "contend a"},
		{"weak tag is the same", "a=x", "a=x", "a=W/x", "refresh a"},
		{"local delete (30)", "a=x b=x", "b=x", "a=x b=x", "rmremote a"},
		{"remote delete (30)", "a=x b=x", "a=x b=x", "b=x", "rmlocal a"},
		{"gone on both sides", "a=x b=x", "b=x", "b=x", "drop a"},
		{"local delete, remote edit (31)", "a=x b=x", "b=x", "a=y b=x", "take a"},
		{"remote delete, local edit (32)", "a=x b=x", "a=y b=x", "b=x", "put a"},
		{"local folder delete, remote new file in it (33)", "d/ d/a=x b=x", "b=x", "d/ d/a=x d/n=y b=x", "take d, take d/n, rmremote d/a"},
		{"remote folder delete, local edit in it (34)", "d/ d/a=x d/b=x c=x", "d/ d/a=y d/b=x c=x", "c=x", "mkdir d, put d/a, rmlocal d/b"},
		{"local rename", "a=x#1", "b=x#1", "a=x#1", "mvremote b<a"},
		{"remote rename", "a=x#1", "a=x#1", "b=x#1", "mvlocal b<a, refresh b"},
		{"remote rename without identity", "a=x c=x", "a=x c=x", "b=x c=x", "take b, rmlocal a"},
		{"local rename, remote edit (35)", "a=x#1", "b=x#1", "a=y#1", "mvremote b<a, take b"},
		{"remote rename, local edit (36)", "a=x#1", "a=y#1", "b=x#1", "mvlocal b<a, put b"},
		{"both rename (37)", "a=x#1", "b=x#1", "c=x#1", "mvlocal c<b, refresh c"},
		{"folder rename is one move (43)", "d/=#1 d/a=x#2 d/b=x#3", "e/=#1 e/a=x#2 e/b=x#3", "d/=#1 d/a=x#2 d/b=x#3", "mvremote e<d"},
		{"local folder rename, remote new file in it (39)", "d/=#1 d/a=x#2", "e/=#1 e/a=x#2", "d/=#1 d/a=x#2 d/n=z#9", "mvremote e<d, take e/n"},
		{"remote folder rename, local new file in it (40)", "d/=#1 d/a=x#2", "d/=#1 d/a=x#2 d/n=z#9", "e/=#1 e/a=x#2", "mvlocal e<d, refresh e, refresh e/a, put e/n"},
		{"save by temporary file and rename (57)", "a=x#1", "a=y#7", "a=x#1", "put a"},
		{"deleted and made again (45)", "a=x#1 b=x#2", "a=n#8 b=x#2", "a=x#1 b=x#2", "put a"},
		{"inode used again for another file", "a=x#1 c=x#2", "b=other#1 c=x#2", "a=x#1 c=x#2", "put b, rmremote a"},
		{"folder and file of one name", "a=x", "a=x n/", "a=x n=f", "clash n, take n"},
		{"new folders (46)", "", "d/ d/e/", "f/ f/g/", "mkdir d, mkdir d/e, take f, take f/g"},
		{"folder delete is one", "d/ d/e/ d/e/a=x b=x", "b=x", "d/ d/e/ d/e/a=x b=x", "rmremote d, (rmremote d/e), (rmremote d/e/a)"},
		{"moved out of a deleted folder", "d/=#1 d/a=x#2 b=x#3", "a=x#2 b=x#3", "d/=#1 d/a=x#2 b=x#3", "mvremote a<d/a, rmremote d"},
		{"unknown common version", "a b=x", "a=y b=x", "a b=x", "contend a"},
		{"different files moved to one name (38)", "x=x#1 y=y#2", "z=x#1 y=y#2", "x=x#1 z=y#2", "mvlocal x<z, mvlocal z<y, refresh z"},
		{"a file takes the name of a folder that moved", "d/=#1 d/a=x#2 f=y#3", "h/=#1 h/a=x#2 d=y#3", "d/=#1 d/a=x#2 f=y#3", "mvremote d<f, mvremote h<d"},
		{"folders moved into each other (42)", "a/=#1 b/=#2", "b/=#2 b/a/=#1", "a/=#1 a/b/=#2", ""},
	}
	for _, c := range cases {
		in := FilesInput{Base: items("base", c.base), Local: items("local", c.local), Remote: items("remote", c.remote)}
		p := PlanFiles(in)
		if c.name == "folders moved into each other (42)" {
			if len(p.Actions) == 0 || p.Brake != NoBrake {
				t.Errorf("%s: %s", c.name, show(p))
			}
			continue
		}
		if got := show(p); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// On a disk without inodes the content tells that a file was moved, as long as only one can be meant.
func TestMovesByContent(t *testing.T) {
	item := func(key int64, path, hash string) Item {
		return Item{Key: key, Path: path, Hash: hash, ETag: hash, Size: 1}
	}
	in := FilesInput{
		Base:   []Item{item(1, "a", "x"), item(2, "b", "twin"), item(3, "c", "twin"), item(4, "d", "y")},
		Local:  []Item{item(0, "a2", "x"), item(0, "b2", "twin"), item(0, "c2", "twin"), item(0, "d", "y")},
		Remote: []Item{item(0, "a", "x"), item(0, "b", "twin"), item(0, "c", "twin"), item(0, "d", "y")},
		Allow:  true,
	}
	if got := show(PlanFiles(in)); got != "mvremote a2<a, put b2, put c2, rmremote b, rmremote c" {
		t.Error(got)
	}
}

func TestStubs(t *testing.T) {
	in := FilesInput{
		Base:   []Item{{Key: 1, Path: "a", ETag: "x"}, {Key: 2, Path: "b", ETag: "x"}, {Key: 3, Path: "new", Stub: true}, {Key: 4, Path: "lost", Stub: true}},
		Local:  []Item{{Key: 1, Path: "a", Stub: true}, {Key: 2, Path: "c", Stub: true}, {Key: 3, Path: "new", Hash: "h"}},
		Remote: []Item{{Path: "a", ETag: "y"}, {Path: "b", ETag: "x"}},
	}
	if got := show(PlanFiles(in)); got != "take a, mvremote c<b, put new, drop lost" {
		t.Error(got)
	}
}

// Cases 1 and 2: what could not be listed is not gone.
func TestCase02UnlistedFoldersKeepTheirContent(t *testing.T) {
	base := "d/ d/a=x d/b=x c=x"
	in := FilesInput{Base: items("base", base), Local: items("local", "d/ d/a=y d/n=z c=x"), Remote: items("remote", "d/ c=x"), Unlisted: []string{"d"}}
	if got := show(PlanFiles(in)); got != "put d/a, put d/n, rmremote d/b" {
		t.Error(got)
	}
	in = FilesInput{Base: items("base", base), Local: items("local", base), Unlisted: []string{""}}
	if got := show(PlanFiles(in)); got != "" {
		t.Error(got)
	}
	in = FilesInput{Base: items("base", base), Local: items("local", "c=x"), Remote: items("remote", "d/ c=x"), Unlisted: []string{"d"}}
	if got := show(PlanFiles(in)); strings.Contains(got, "rmremote d,") || strings.HasSuffix(got, "rmremote d") {
		t.Errorf("a folder with unknown content would be deleted: %s", got)
	}
}

func numbered(prefix string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%s%d=x#%s%d ", prefix, i, prefix, i)
	}
	return b.String()
}

// Cases 3, 4 and 8.
func TestCase04Brakes(t *testing.T) {
	many, few := numbered("f", 200), numbered("f", 140)
	cases := []struct {
		name, local, remote string
		want                Brake
	}{
		{"server empty", many, "", EmptyRemote},
		{"disk empty", "", many, EmptyLocal},
		{"server lost many", many, few, MassLocal},
		{"disk lost many", few, many, MassRemote},
		{"a few are fine", numbered("f", 160), many, NoBrake},
	}
	for _, c := range cases {
		in := FilesInput{Base: items("base", many), Local: items("local", c.local), Remote: items("remote", c.remote)}
		p := PlanFiles(in)
		if p.Brake != c.want || (p.Brake != NoBrake && len(p.Actions) > 0) {
			t.Errorf("%s: brake %d, %d actions", c.name, p.Brake, len(p.Actions))
		}
		in.Allow = true
		if p := PlanFiles(in); p.Brake != NoBrake || len(p.Actions) == 0 {
			t.Errorf("%s: allowed, but brake %d", c.name, p.Brake)
		}
		in.Allow, in.Restore = false, true
		for _, a := range PlanFiles(in).Actions {
			if a.Kind == RemoveLocal || a.Kind == RemoveRemote {
				t.Fatalf("%s: restoring deletes %s", c.name, a.Path)
			}
		}
	}
	excused := map[int64]bool{}
	base := items("base", many)
	for i := range base {
		excused[base[i].Key] = i >= 140
	}
	in := FilesInput{Base: base, Local: items("local", few), Remote: items("remote", many), Excused: excused}
	if p := PlanFiles(in); p.Brake != NoBrake || len(p.Actions) != 60 {
		t.Errorf("what a person deleted here was counted: brake %d", p.Brake)
	}
	small := "a=x b=x c=x"
	if p := PlanFiles(FilesInput{Base: items("base", small), Local: items("local", "a=x"), Remote: items("remote", small)}); p.Brake != NoBrake {
		t.Error("two files of three are no mass")
	}
}

func TestMarksOfDecidedItems(t *testing.T) {
	in := FilesInput{Base: items("base", "a=x b=x"), Local: items("local", "a=y b=x"), Remote: items("remote", "a=x b=x")}
	p := PlanFiles(in)
	if len(p.Actions) != 1 {
		t.Fatal(show(p))
	}
	a := p.Actions[0]
	if a.Key != 1 || a.Local.Hash != "y" || a.Remote.ETag != "x" || a.Base.ETag != "x" {
		t.Errorf("the preconditions are missing: %+v", a)
	}
}

// TestPlansAreTotal: whatever the trees look like, every local and remote item is accounted for and nothing is planned
// for a place that is not below a folder that stays.
func TestPlansAreTotal(t *testing.T) {
	names := []string{"a", "b", "d/", "d/a", "d/b", "e/", "e/a", "e/f/", "e/f/a"}
	draw := func(t *rapid.T, side string) []Item {
		var words []string
		have := map[string]bool{}
		for _, n := range names {
			up := n[:strings.LastIndex(strings.TrimSuffix(n, "/"), "/")+1]
			if up != "" && !have[up] || !rapid.Bool().Draw(t, side+n) {
				continue
			}
			have[n] = true
			id := rapid.SampledFrom([]string{"", "1", "2", "3"}).Draw(t, "id")
			words = append(words, n+"="+rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "content")+"#"+id)
		}
		return items(side, strings.Join(words, " "))
	}
	rapid.Check(t, func(t *rapid.T) {
		in := FilesInput{Base: draw(t, "base"), Local: draw(t, "local"), Remote: draw(t, "remote"), Allow: true}
		actions := PlanFiles(in).Actions
		gone, stays := map[string]bool{}, map[string]bool{}
		for _, a := range actions {
			switch a.Kind {
			case RemoveLocal, RemoveRemote, Drop:
				gone[a.Path] = true
				if a.Local != nil && a.Remote != nil {
					t.Fatalf("%s is on both sides and would be deleted", a.Path)
				}
				if a.Local != nil && !a.Dir && a.Local.Hash != a.Base.Hash || a.Remote != nil && !a.Dir && a.Remote.ETag != a.Base.ETag {
					t.Fatalf("%s was changed and would be deleted", a.Path)
				}
			default:
				stays[a.Path] = true
			}
		}
		for path := range stays {
			// A folder that goes may give its place to another one that comes.
			if up := parent(path); gone[up] && !stays[up] {
				t.Fatalf("%s would be put below %s, which goes", path, up)
			}
		}
	})
}

// Many small files are safe before a large one takes the line for itself; whatever makes room for them comes before.
func TestSmallUploadsComeFirst(t *testing.T) {
	in := FilesInput{
		Local: []Item{{Path: "a.iso", Size: 4 << 30, Hash: "1"}, {Path: "d", Dir: true}, {Path: "d/klein", Size: 3, Hash: "2"}, {Path: "z", Size: 900, Hash: "3"}},
	}
	got := show(PlanFiles(in))
	if want := "mkdir d, put d/klein, put z, put a.iso"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
