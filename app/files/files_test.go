// SPDX-License-Identifier: EUPL-1.2

package files

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"kontor/app/journal"
)

// Case 47 of the file cases: what Windows forbids is mapped and comes back.
func TestCase47ForbiddenNames(t *testing.T) {
	win := Rules{Windows: true}
	for _, name := range []string{"aux", "CON", "nul.txt", "LPT1", "com9.tar.gz", "COM¹", `a:b*?"<>|\c`, "ende.", "ende ", "a\x01b", "Con .txt"} {
		local := win.Local(name)
		if local == name || strings.ContainsAny(local, `<>:"\|?*`) || strings.HasSuffix(local, ".") || strings.HasSuffix(local, " ") || reserved(local) {
			t.Errorf("%q lies on the disk as %q", name, local)
		}
		if back := win.Remote(local); back != name {
			t.Errorf("%q came back as %q", name, back)
		}
	}
	for _, name := range []string{"auxiliary", "COM10", "COM0", "Plan.ods", "console.txt"} {
		if got := win.Local(name); got != name {
			t.Errorf("%q was mapped to %q", name, got)
		}
	}
	if got := (Rules{}).Local("aux:"); got != "aux:" {
		t.Errorf("mapped without need: %q", got)
	}
	if got := win.LocalPath("a:/b?/c"); win.RemotePath(got) != "a:/b?/c" || strings.ContainsAny(got, ":?") {
		t.Errorf("%q", got)
	}
}

func TestNamesComeBackFromWindows(t *testing.T) {
	win := Rules{Windows: true, FoldCase: true}
	rapid.Check(t, func(t *rapid.T) {
		name := norm.NFC.String(rapid.StringMatching(`([ -~äöüß\x01-\x1f]|aux|CON|\.){1,20}`).Filter(func(s string) bool { return Valid(s) == nil }).Draw(t, "name"))
		local := win.Local(name)
		if back := win.Remote(local); back != name {
			t.Fatalf("%q -> %q -> %q", name, local, back)
		}
		if strings.ContainsAny(local, "<>:\"\\|?*\x01\x1f") || reserved(local) {
			t.Fatalf("%q cannot lie on the disk", local)
		}
	})
}

func TestPrivateUseCharactersStay(t *testing.T) {
	name := "Symbol \uF041.txt"
	if got := (Rules{Windows: true}).Remote(name); got != name {
		t.Errorf("%q", got)
	}
}

// Cases 48, 50 and 51: which names the disk or the server cannot tell apart.
func TestCase50Keys(t *testing.T) {
	nfc, nfd := norm.NFC.String("Übung.txt"), norm.NFD.String("Übung.txt")
	if nfc == nfd || (Rules{}).Key(nfc) != (Rules{}).Key(nfd) || (Rules{}).Remote(nfd) != nfc {
		t.Error("NFC and NFD are two names")
	}
	if (Rules{}).Key("A.txt") == (Rules{}).Key("a.txt") {
		t.Error("case was folded where the disk tells it apart")
	}
	if (Rules{FoldCase: true}).Key("A.txt") != (Rules{FoldCase: true}).Key("a.txt") {
		t.Error("case was not folded")
	}
}

func TestPaths(t *testing.T) {
	for in, want := range map[string]string{"": "", "/": "", " /a/b/ ": "a/b", "a": "a", norm.NFD.String("ü"): "ü"} {
		if got, err := CleanPath(in); err != nil || got != want {
			t.Errorf("%q: %q %v", in, got, err)
		}
	}
	for _, bad := range []string{"../x", "a/../b", "a//b", "a\x00", "x/\xff", strings.Repeat("x", 300), "./a"} {
		if got, err := CleanPath(bad); !errors.Is(err, ErrName) {
			t.Errorf("%q gave %q", bad, got)
		}
	}
	if Parent("a/b/c") != "a/b" || Parent("a") != "" || Base("a/b") != "b" || Base("a") != "a" || Join("", "a") != "a" || Join("a", "b") != "a/b" {
		t.Error("parts of paths")
	}
	if !Within("a/b", "a") || !Within("a", "a") || !Within("x", "") || Within("ab", "a") || Within("a", "a/b") {
		t.Error("within")
	}
}

// Case 26: the name of a conflict copy.
func TestCase26ConflictNames(t *testing.T) {
	day := time.Date(2026, 11, 23, 9, 12, 0, 0, time.UTC)
	if got := ConflictName("Plan.ods", "Konflikt", "Jonas Weber", day, nil); got != "Plan (Konflikt Jonas Weber 2026-11-23).ods" {
		t.Error(got)
	}
	if got := ConflictName(".profile", "Konflikt", "a/b:(c)", day, nil); got != ".profile (Konflikt abc 2026-11-23)" {
		t.Error(got)
	}
	var used []string
	for range 3 {
		name := ConflictName("ohne", "Konflikt", "", day, func(s string) bool { return slices.Contains(used, s) })
		used = append(used, name)
	}
	if used[0] != "ohne (Konflikt 2026-11-23)" || used[2] != "ohne (Konflikt 2026-11-23 3)" {
		t.Error(used)
	}
	if got := Alias("A.txt", func(s string) bool { return s == "A (2).txt" }); got != "A (3).txt" {
		t.Error(got)
	}
}

func TestConflictNamesFitOnDisks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-zäöü. ]{1,120}`).Draw(t, "name") + rapid.SampledFrom([]string{"", ".ods", "." + strings.Repeat("x", 40)}).Draw(t, "ending")
		got := ConflictName(name, "Konflikt", rapid.StringN(0, 20, 60).Draw(t, "who"), time.Unix(0, 0), nil)
		if Valid(got) != nil || !utf8.ValidString(got) || got == name {
			t.Fatalf("%q became %q", name, got)
		}
	})
}

// Case 58: what stays where it is.
func TestCase58Ignored(t *testing.T) {
	for _, name := range []string{".~lock.Plan.ods#", "~$Plan.docx", "lu12.tmp", ".~k0a1b", ".kontor", "Thumbs.db", ".DS_Store", "Plan.ods~", ".Plan.swp"} {
		if !Ignored(name) {
			t.Errorf("%q is not ignored", name)
		}
	}
	for _, name := range []string{"Plan.ods", ".bashrc", "tmp", "kontor", "~Plan", "swp"} {
		if Ignored(name) {
			t.Errorf("%q is ignored", name)
		}
	}
	if file, ok := LockedBy(".~lock.Plan.ods#"); !ok || file != "Plan.ods" {
		t.Error(file)
	}
	if _, ok := LockedBy("Plan.ods"); ok {
		t.Error("a file is no lock")
	}
}

func TestStateOf(t *testing.T) {
	ops := func(s ...journal.State) []journal.State { return s }
	cases := map[string]struct {
		facts Facts
		want  State
	}{
		"nothing here":      {Facts{}, OnlineOnly},
		"here":              {Facts{Here: true, Current: true}, Offline},
		"here, once, old":   {Facts{Here: true}, Offline},
		"pinned, old":       {Facts{Here: true, Wanted: true}, Waiting},
		"pinned, not here":  {Facts{Wanted: true}, Waiting},
		"loading":           {Facts{Wanted: true, Loading: true}, Running},
		"waits":             {Facts{Here: true, Current: true, Ops: ops(journal.Waiting)}, Waiting},
		"held":              {Facts{Ops: ops(journal.Held)}, Waiting},
		"in doubt":          {Facts{Ops: ops(journal.InDoubt)}, Waiting},
		"runs":              {Facts{Ops: ops(journal.Waiting, journal.Running)}, Running},
		"refused":           {Facts{Ops: ops(journal.Failed, journal.Running)}, Rejected},
		"problem":           {Facts{Here: true, Problem: true}, Rejected},
		"conflict":          {Facts{Conflict: true, Problem: true, Ops: ops(journal.Failed)}, Conflict},
		"done":              {Facts{Here: true, Current: true, Ops: ops(journal.Done, journal.Cancelled)}, Offline},
		"folder":            {Facts{Dir: true}, OnlineOnly},
		"pinned folder":     {Facts{Dir: true, Wanted: true}, Offline},
		"folder not yet":    {Facts{Dir: true, Wanted: true, Missing: true}, Waiting},
		"folder to be made": {Facts{Dir: true, Wanted: true, Ops: ops(journal.Waiting)}, Waiting},
	}
	for name, c := range cases {
		if got := StateOf(c.facts); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
