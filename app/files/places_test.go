// SPDX-License-Identifier: EUPL-1.2

package files

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// disks are the kinds of disks that there are.
var disks = map[string]Rules{
	"ext4": {}, "ntfs": {Windows: true, FoldCase: true}, "apfs": {FoldCase: true, Composes: true}, "hfsx": {Composes: true},
	"vfat": {Windows: true, FoldCase: true}, "ecryptfs": {MaxName: 143}, "case-sensitive ntfs": {Windows: true},
}

// genSiblings draws names that disks mix up: cases, compositions, reserved and long ones, and ones with our own marks.
func genSiblings(t *rapid.T) []string {
	one := rapid.OneOf(
		rapid.StringMatching(`[aAbB]{1,2}(\.[tT]xt)?`),
		rapid.SampledFrom([]string{
			"é", "e\u0301", "É", "E\u0301", "aux", "AUX", "Aux.txt", "a:b", "a" + string(rune(':'+privateUse)) + "b", "a.", "A.", "a" + string(rune('.'+privateUse)),
			"a" + twin, "a" + twin + twin, "A" + twin + ".txt", "ſ", "s", "S", "K", "K", "straße", "STRASSE", strings.Repeat("lang", 63) + ".txt", strings.Repeat("Lang", 63) + ".txt",
			strings.Repeat("ä", 127), strings.Repeat("Ä", 127), strings.Repeat("?", 100) + "x", strings.Repeat("b", 150) + ".tar", "İ", "i̇",
		}),
		rapid.StringMatching(`[ -~äÄ]{1,12}`).Filter(func(s string) bool { return Valid(s) == nil }),
	)
	return rapid.SliceOfNDistinct(one, 1, 12, rapid.ID[string]).Draw(t, "names")
}

// legal reports whether a disk can hold a name.
func legal(r Rules, name string) bool {
	length := len(name)
	if r.Windows {
		length = len(utf16.Encode([]rune(name)))
	}
	most := r.MaxName
	if most == 0 {
		most = 255
	}
	return length <= most && !(r.Windows && (strings.ContainsAny(name, "<>:\"\\|?*") || reserved(name) || strings.HasSuffix(name, ".") || strings.HasSuffix(name, " ")))
}

// TestCase47To52EveryNameHasItsPlace: on every kind of disk all names of a folder find a place, no two the same, each
// leads back to the name it came from, and what has a place keeps it when others come.
func TestCase47To52EveryNameHasItsPlace(t *testing.T) {
	for kind, r := range disks {
		t.Run(kind, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				folder := rapid.SampledFrom([]string{"", "d", "con/D:"}).Draw(t, "folder")
				var all []Copy
				for _, name := range genSiblings(t) {
					all = append(all, Copy{Path: Join(folder, name)})
				}
				checkPlaces(t, r, all)
				p := r.Place(all[:len(all)/2])
				for i := range all[:len(all)/2] {
					all[i].Local = p.Local(all[i].Path)
				}
				p = r.Place(all)
				for _, c := range all[:len(all)/2] {
					if got := p.Local(c.Path); got != c.Local {
						t.Fatalf("%q was at %q and is at %q now", c.Path, c.Local, got)
					}
				}
				checkPlaces(t, r, all)
			})
		})
	}
}

func checkPlaces(t *rapid.T, r Rules, all []Copy) {
	t.Helper()
	p := r.Place(all)
	seen := map[string]string{}
	for _, c := range all {
		local := p.Local(c.Path)
		name := Base(local)
		if other, twice := seen[r.diskKey(name)]; twice {
			t.Fatalf("%q and %q both lie at %q", c.Path, other, local)
		}
		seen[r.diskKey(name)] = c.Path
		if !legal(r, name) {
			t.Fatalf("%q is to lie at %q", c.Path, local)
		}
		back, ok := p.Remote(local)
		if !ok {
			back = r.RemotePath(local)
		}
		if back != c.Path && !(norm.NFC.String(c.Path) == back && !r.Merges()) {
			t.Fatalf("%q lies at %q and comes back as %q", c.Path, local, back)
		}
	}
}

// An alias can be taken back without knowing anything, so that a lost store unites both sides as they were.
func TestCase48AliasesComeBackWithoutAStore(t *testing.T) {
	r := Rules{FoldCase: true}
	p := r.Place([]Copy{{Path: "Akte"}, {Path: "akte"}, {Path: "Akte/Plan.odt"}, {Path: "Akte/plan.odt"}, {Path: "akte/PLAN.odt"}})
	for _, path := range []string{"Akte/Plan.odt", "Akte/plan.odt", "akte/PLAN.odt"} {
		if local := p.Local(path); r.RemotePath(local) != path {
			t.Errorf("%q at %q comes back as %q", path, local, r.RemotePath(local))
		}
	}
	if got := p.Aliases(); len(got) != 2 || got[0].Path != "Akte/plan.odt" || got[1].Path != "akte" || p.Local("akte/PLAN.odt") == "akte/PLAN.odt" {
		t.Errorf("%+v", got)
	}
}

// When the name that was in the way is gone, the alias goes too.
func TestCase48TheAliasEndsWithItsReason(t *testing.T) {
	r := Rules{FoldCase: true, Windows: true}
	both := []Copy{{Path: "A.txt", Local: "A.txt"}, {Path: "a.txt"}}
	alias := r.Place(both).Local("a.txt")
	if got := r.Place([]Copy{{Path: "a.txt", Local: alias}}).Local("a.txt"); got != "a.txt" {
		t.Errorf("%q", got)
	}
	if p := (Rules{}).Place(both); len(p.Aliases()) != 0 || p.Local("a.txt") != "a.txt" {
		t.Error("an alias without a need")
	}
}

func BenchmarkPlaceOnAFoldingDisk(b *testing.B) {
	all := make([]Copy, 10000)
	for i := range all {
		path := fmt.Sprintf("Ordner %d/Datei %d.txt", i%100, i)
		all[i] = Copy{Path: path, Local: path}
	}
	for b.Loop() {
		disks["ntfs"].Place(all)
	}
}
