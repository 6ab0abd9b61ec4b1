// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// folderNames lists the folders with what is subscribed to.
func (d *desk) folderNames() map[string]bool {
	d.t.Helper()
	names := map[string]bool{}
	for _, f := range read[[]folderJSON](d, "mail", "folders") {
		names[f.Name] = f.Subscribed
	}
	return names
}

func TestMailFolderCommands(t *testing.T) {
	d := newDesk(t)
	type made struct {
		ID   int64  `json:"id"`
		Name string `json:"name"`
	}
	bau := read[made](d, "mail", "mkdir", "Bauakten")
	if bau.ID == 0 || bau.Name != "Bauakten" {
		t.Fatalf("%+v", bau)
	}
	sub := read[made](d, "mail", "mkdir", "Bauakten/2026")
	if got := d.must("mail", "unsubscribe", "Bauakten/2026"); !strings.Contains(got, "Bauakten/2026") {
		t.Errorf("says %q", got)
	}
	inbox := read[[]summaryJSON](d, "mail", "list", "INBOX")
	one, two := fmt.Sprint(inbox[0].ID), fmt.Sprint(inbox[1].ID)
	d.must("mail", "move", "Bauakten/2026", one) // into a folder that only this computer knows
	d.must("mail", "rename", "Bauakten", "Bauamt Akten")
	d.must("sync")
	names := d.folderNames()
	if on, there := names["Bauamt Akten/2026"]; !there || on || !names["Bauamt Akten"] {
		t.Errorf("after synchronising: %v", names)
	}
	if list := read[[]summaryJSON](d, "mail", "list", "Bauamt Akten/2026"); len(list) != 1 || list[0].ID != inbox[0].ID || list[0].State != "server" {
		t.Errorf("%+v", list)
	}
	d.must("mail", "rmdir", "Bauamt Akten")
	d.must("mail", "junk", two)
	d.must("mail", "junk", two, "--not")
	d.must("mail", "archive", two)
	d.must("sync")
	names = d.folderNames()
	if _, there := names["Bauamt Akten"]; there || !slices.ContainsFunc(read[[]folderJSON](d, "mail", "folders"), func(f folderJSON) bool { return f.ID == sub.ID }) {
		t.Errorf("after deleting: %v", names)
	}
	for _, args := range [][]string{
		{"mail", "mkdir"},
		{"mail", "rename", "Bauakten"},
		{"mail", "junk"},
		{"mail", "junk", one, "--never"},
		{"journal", "redo", "now"},
	} {
		d.fails(exitUsage, args...)
	}
	for _, args := range [][]string{
		{"mail", "mkdir", "INBOX"},
		{"mail", "rmdir", "INBOX"},
		{"mail", "rename", "Nirgends", "Da"},
		{"mail", "empty", "INBOX"},
		{"mail", "archive", "4711"},
		{"mail", "mkdir", "Neu", "--account", "Niemand"},
	} {
		d.fails(exitFailed, args...)
	}
}

func TestRedoAndPlanCommands(t *testing.T) {
	d := newDesk(t)
	inbox := read[[]summaryJSON](d, "mail", "list", "INBOX")
	one, two := fmt.Sprint(inbox[0].ID), fmt.Sprint(inbox[1].ID)
	d.must("mail", "flag", one, two, "+flagged", "+Eilig", "-seen") // one step, whatever it sets
	plan := read[[]opJSON](d, "journal", "--all", "0")
	if len(plan) == 0 || plan[0].Items == 0 || plan[0].Group != plan[0].ID {
		t.Errorf("%+v", plan)
	}
	if got := read[map[string]string](d, "journal", "undo"); got["undone"] == "" {
		t.Errorf("%v", got)
	}
	if left := read[[]opJSON](d, "journal", "--all", "0"); len(left) != 0 {
		t.Errorf("still waiting: %+v", left)
	}
	if got := read[map[string]string](d, "journal", "redo"); got["redone"] == "" {
		t.Errorf("%v", got)
	}
	d.fails(exitFailed, "journal", "redo")
	list := read[[]summaryJSON](d, "mail", "list", "INBOX")
	for _, m := range list[:2] {
		if !slices.Contains(m.Flags, "flagged") || slices.Contains(m.Flags, "seen") || !slices.Contains(m.Keywords, "Eilig") {
			t.Errorf("%+v", m)
		}
	}
	d.must("mail", "delete", one)
	d.must("sync")
	bin := ""
	for _, f := range read[[]folderJSON](d, "mail", "folders") {
		if f.Role == "trash" {
			bin = f.Name
		}
	}
	var emptied struct {
		Deleted int `json:"deleted"`
	}
	if emptied = read[struct {
		Deleted int `json:"deleted"`
	}](d, "mail", "empty", bin); emptied.Deleted == 0 {
		t.Errorf("%+v", emptied)
	}
	d.must("sync")
	if left := read[[]summaryJSON](d, "mail", "list", bin); len(left) != 0 {
		t.Errorf("the bin is not empty: %+v", left)
	}
	for range 3 { // what is gone for good is said to be, each time; the other message gets its marks back all the same
		d.fails(exitFailed, "journal", "undo")
	}
	if m := read[[]summaryJSON](d, "mail", "list", "INBOX")[0]; fmt.Sprint(m.ID) != two || !slices.Equal(m.Flags, inbox[1].Flags) || !slices.Equal(m.Keywords, inbox[1].Keywords) {
		t.Errorf("%+v", m)
	}
}
