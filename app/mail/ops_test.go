// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"encoding/json"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kontor/app/journal"
)

func effect(t testing.TB, kind journal.Kind, payload any) Effect {
	t.Helper()
	b, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	e, err := ReadEffect(kind, b)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestEffects(t *testing.T) {
	before := State{FolderID: 1, Flags: Seen | Flagged, Keywords: []string{"alt", "rot"}}
	for name, c := range map[string]struct {
		e    Effect
		want State
	}{
		"flags": {
			effect(t, journal.MailFlags, FlagsOp{IDs: []int64{7}, Add: Answered, Remove: Flagged, AddKeywords: []string{"neu"}, RemoveKeywords: []string{"alt"}}),
			State{FolderID: 1, Flags: Seen | Answered, Keywords: []string{"neu", "rot"}},
		},
		"move":   {effect(t, journal.MailMove, MoveOp{IDs: []int64{7}, From: 1, To: 2}), State{FolderID: 2, Flags: before.Flags, Keywords: before.Keywords}},
		"copy":   {effect(t, journal.MailCopy, CopyOp{IDs: []int64{6}, Copies: []int64{7}, To: 3}), State{FolderID: 3, Flags: before.Flags, Keywords: before.Keywords}},
		"append": {effect(t, journal.MailAppend, AppendOp{ID: 7, Folder: 4}), State{FolderID: 4, Flags: before.Flags, Keywords: before.Keywords}},
		"delete": {effect(t, journal.MailDelete, DeleteOp{IDs: []int64{7}}), State{FolderID: 1, Flags: before.Flags, Keywords: before.Keywords, Hidden: true}},
	} {
		t.Run(name, func(t *testing.T) {
			if !c.e.About(7) || c.e.About(8) || c.e.About(6) {
				t.Error("about the wrong messages")
			}
			got := c.e.Lay(before)
			if got.FolderID != c.want.FolderID || got.Flags != c.want.Flags || got.Hidden != c.want.Hidden || !slices.Equal(got.Keywords, c.want.Keywords) {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
	if e := effect(t, journal.FilePut, struct{}{}); e.About(7) {
		t.Error("an operation on a file is about a message")
	}
	if _, err := ReadEffect(journal.MailMove, []byte("{")); err == nil {
		t.Error("a broken payload was read")
	}
}

func TestFolderEffects(t *testing.T) {
	rename := effect(t, journal.MailFolderRename, FolderOp{ID: 7, From: "Akten", Name: "Archiv"})
	for name, c := range map[string]struct {
		e       Effect
		id      int64
		folder  string
		want    string
		gone    bool
		touched bool
	}{
		"create":           {effect(t, journal.MailFolderCreate, FolderOp{ID: 7, Name: "Neu"}), 7, "", "Neu", false, true},
		"rename":           {rename, 7, "Akten", "Archiv", false, true},
		"rename of parent": {rename, 8, "Akten/2026", "Archiv/2026", false, true},
		"like a parent":    {rename, 8, "Aktenzeichen", "Aktenzeichen", false, false},
		"another":          {rename, 8, "Sonstiges", "Sonstiges", false, false},
		"delete":           {effect(t, journal.MailFolderDelete, FolderOp{ID: 7, From: "Akten"}), 7, "Akten", "Akten", true, true},
		"delete of parent": {effect(t, journal.MailFolderDelete, FolderOp{ID: 7, From: "Akten"}), 8, "Akten/2026", "Akten/2026", false, false},
		"of a message":     {effect(t, journal.MailDelete, DeleteOp{IDs: []int64{7}}), 7, "Akten", "Akten", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, gone, touched := c.e.LayFolder(c.id, c.folder, "/", false)
			if got != c.want || gone != c.gone || touched != c.touched {
				t.Errorf("%q %v %v", got, gone, touched)
			}
		})
	}
}

func drawKeywords(t *rapid.T, label string) []string {
	list := rapid.SliceOfDistinct(rapid.SampledFrom([]string{"a", "b", "c", "d"}), func(s string) string { return s }).Draw(t, label)
	slices.Sort(list)
	return list
}

// A change that is taken back leaves the message as it was.
func TestInvertedFlagsRestore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.Uint32Range(0, 1<<9-1)
		before := State{Flags: Flags(all.Draw(t, "flags")), Keywords: drawKeywords(t, "keywords")}
		add := Flags(all.Draw(t, "add"))
		op := FlagsOp{IDs: []int64{1}, Add: add, Remove: Flags(all.Draw(t, "remove")) &^ add, AddKeywords: drawKeywords(t, "add keywords")}
		for _, k := range drawKeywords(t, "remove keywords") {
			if !slices.Contains(op.AddKeywords, k) {
				op.RemoveKeywords = append(op.RemoveKeywords, k)
			}
		}
		lay := func(s State, op FlagsOp) State { return Effect{flags: &op}.Lay(s) }
		after := lay(before, op)
		if !after.Flags.Has(op.Add) || after.Flags&op.Remove != 0 {
			t.Fatalf("flags after %+v: %b", op, after.Flags)
		}
		back := op.Invert(before.Flags, before.Keywords)
		if got := lay(after, back); got.Flags != before.Flags || !slices.Equal(got.Keywords, before.Keywords) {
			t.Fatalf("%+v does not restore %+v but gives %+v", back, before, got)
		}
		if again := lay(after, op); again.Flags != after.Flags || !slices.Equal(again.Keywords, after.Keywords) {
			t.Fatal("the same change twice is not the same as once")
		}
	})
}

func TestEmptyFlagsOp(t *testing.T) {
	if !(FlagsOp{IDs: []int64{1}}).Empty() || !(FlagsOp{Add: Seen}).Empty() || (FlagsOp{IDs: []int64{1}, RemoveKeywords: []string{"x"}}).Empty() {
		t.Error("what changes something is empty, or the other way round")
	}
}
