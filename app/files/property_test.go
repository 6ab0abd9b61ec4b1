// SPDX-License-Identifier: EUPL-1.2

package files

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"kontor/app/journal"
)

// genName draws names of all kinds, most of them legal.
func genName(t *rapid.T, label string) string {
	return rapid.OneOf(
		rapid.StringMatching(`[a-zA-Z0-9äöüß ._-]{1,40}`),
		rapid.SampledFrom([]string{"CON", "aux.txt", ".", "..", "", " ", "a/b", "a\x00b", "\xff", "e\u0301", "é", "😀.ods", ".htaccess", "a.tar.gz", "Plan."}),
		rapid.StringN(1, 300, -1),
	).Draw(t, label)
}

// TestConflictNamesAreFreeAndLegal: the name of a copy can travel where the name itself can, differs from it and from
// all that are taken, and keeps its ending, so that the right program opens it.
func TestConflictNamesAreFreeAndLegal(t *testing.T) {
	day := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		name := genName(t, "name")
		if Valid(name) != nil {
			return
		}
		who := rapid.SampledFrom([]string{"", "Jonas Weber", "a/b:c*?", "..", strings.Repeat("lang ", 40), "Ünal\x07"}).Draw(t, "who")
		taken := map[string]bool{name: true}
		for i := range rapid.IntRange(1, 4).Draw(t, "copies") {
			free := func(n string) bool { return taken[n] }
			got := Alias(name, free)
			if i%2 == 0 && len(who) < 100 {
				got = ConflictName(name, "Konflikt", who, day, free)
			}
			switch {
			case taken[got]:
				t.Fatalf("%q is taken", got)
			case Valid(got) != nil && strings.Trim(who, ".") == who:
				t.Fatalf("%q becomes %q, which cannot travel", name, got)
			case Ignored(got) && !Ignored(name):
				t.Fatalf("%q becomes %q, which stays where it is", name, got)
			}
			if ext := name[strings.LastIndexByte(name, '.')+1:]; strings.Contains(name[1:], ".") && len(ext) < 10 && !strings.HasSuffix(got, ext) {
				t.Fatalf("%q becomes %q and has lost its ending", name, got)
			}
			taken[got] = true
		}
	})
}

// TestCleanPathsStayInside: what a person writes leads to a path inside of the root in its one form, or is refused.
func TestCleanPathsStayInside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := make([]string, rapid.IntRange(0, 4).Draw(t, "depth"))
		for i := range parts {
			parts[i] = genName(t, "part")
		}
		raw := rapid.SampledFrom([]string{"", "/", "//", " "}).Draw(t, "before") + strings.Join(parts, "/") + rapid.SampledFrom([]string{"", "/", " "}).Draw(t, "behind")
		p, err := CleanPath(raw)
		if err != nil || p == "" {
			return
		}
		names := strings.Split(p, "/")
		if slices.ContainsFunc(names, func(n string) bool { return Valid(n) != nil }) || !norm.NFC.IsNormalString(p) {
			t.Fatalf("%q becomes %q", raw, p)
		}
		if again, err := CleanPath(p); err != nil || (again != p && strings.TrimSpace(p) == p) {
			t.Fatalf("%q becomes %q, and then %q: %v", raw, p, again, err)
		}
		if got := Join(Parent(p), Base(p)); got != p || !Within(p, Parent(p)) || Within(Parent(p), p) {
			t.Fatalf("%q comes apart as %q and %q", p, Parent(p), Base(p))
		}
	})
}

// TestKeysMeetWhatTheDiskMixesUp: names that a disk cannot tell apart have one key, and only those.
func TestKeysMeetWhatTheDiskMixesUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := genName(t, "name")
		if !utf8.ValidString(a) {
			return
		}
		exact, folding := Rules{}, Rules{FoldCase: true}
		for _, twin := range []string{norm.NFD.String(a), norm.NFC.String(a)} {
			if exact.Key(twin) != exact.Key(a) || folding.Key(twin) != folding.Key(a) {
				t.Fatalf("%q and %q differ", a, twin)
			}
		}
		if up := strings.ToUpper(a); strings.EqualFold(up, a) && folding.Key(norm.NFC.String(up)) != folding.Key(strings.ToLower(norm.NFC.String(up))) {
			t.Fatalf("%q and %q differ", a, up)
		}
		if folding.Key(a+"x") == folding.Key(a) || exact.Key("b"+a) == exact.Key("B"+a) {
			t.Fatalf("%q meets another name", a)
		}
	})
}

// TestTheMostUrgentStateIsShown: adding a fact never hides a more urgent one.
func TestTheMostUrgentStateIsShown(t *testing.T) {
	urgency := []State{Conflict, Rejected, Running, Waiting, Offline, OnlineOnly}
	rapid.Check(t, func(t *rapid.T) {
		flip := func(label string) bool { return rapid.Bool().Draw(t, label) }
		f := Facts{Dir: flip("dir"), Here: flip("here"), Current: flip("current"), Wanted: flip("wanted"), Missing: flip("missing"), Loading: flip("loading")}
		f.Ops = rapid.SliceOfN(rapid.SampledFrom([]journal.State{journal.Waiting, journal.Running, journal.InDoubt, journal.Held, journal.Done, journal.Cancelled}), 0, 3).Draw(t, "operations")
		before := slices.Index(urgency, StateOf(f))
		for _, more := range []func(*Facts){
			func(f *Facts) { f.Conflict = true },
			func(f *Facts) { f.Problem = true },
			func(f *Facts) { f.Ops = append(f.Ops, journal.Failed) },
			func(f *Facts) { f.Ops = append(f.Ops, journal.Running) },
			func(f *Facts) { f.Ops = append(f.Ops, journal.Held) },
		} {
			worse := f
			worse.Ops = slices.Clone(f.Ops)
			more(&worse)
			if after := slices.Index(urgency, StateOf(worse)); after > before || after < 0 {
				t.Fatalf("%s becomes %s: %+v", StateOf(f), StateOf(worse), worse)
			}
		}
		f.Ops = append(f.Ops, journal.Done, journal.Cancelled)
		if after := slices.Index(urgency, StateOf(f)); after != before {
			t.Fatalf("what is over changes the state to %s", StateOf(f))
		}
	})
}
