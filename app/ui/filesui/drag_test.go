// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"kontor/app/files"
)

// TestDragIntoFolders moves what is selected onto a folder of the list and of the tree, and one step takes each back.
func TestDragIntoFolders(t *testing.T) {
	d := open(t)
	d.enter("Persönlich")
	d.choose(notes)
	d.also("Fahrtkosten.ods")
	drop := d.Drag("Notizen.txt", "Fortbildung")
	d.MustSay("2 Einträge nach „Fortbildung“ verschieben")
	drop()
	if d.gone("Persönlich/Fortbildung/Notizen.txt") || d.gone("Persönlich/Fortbildung/Fahrtkosten.ods") || !d.gone(notes) {
		t.Fatalf("%q, %v", d.names(), d.TakeErrors())
	}
	d.MustNotSay("2 Einträge nach „Fortbildung“ verschieben")
	if d.Focused() != fyne.Focusable(d.page.rows) {
		t.Error("the keyboard is not in the list")
	}
	d.LastToast().Do()
	d.Settle()
	d.choose(notes)
	drop = d.Drag("Notizen.txt", "Bauamt")
	d.MustSay("„Notizen.txt“ nach „Bauamt“ verschieben")
	drop()
	if d.gone("Bauamt/Notizen.txt") || !d.gone(notes) || !strings.Contains(d.LastToast().Words, "verschoben") {
		t.Fatalf("%q, %v", d.names(), d.TakeErrors())
	}
	d.LastToast().Do()
	d.Settle()
	if d.gone(notes) || len(d.core.Calls("MoveInto")) != 2 {
		t.Fatal("one step back brings it")
	}
}

// TestDragsThatDoNothing: onto a file, beside all, and given up.
func TestDragsThatDoNothing(t *testing.T) {
	d := open(t)
	d.enter("Persönlich")
	for _, to := range []string{"Fahrtkosten.ods", "Zustand"} {
		drop := d.Drag("Notizen.txt", to)
		d.MustSay("„Notizen.txt“")
		d.MustNotSay("verschieben")
		drop()
	}
	drop := d.Drag("Notizen.txt", "Fortbildung")
	d.Key(fyne.KeyEscape)
	d.MustNotSay("„Notizen.txt“ nach")
	drop()
	if d.gone(notes) || len(d.core.Calls("MoveInto")) != 0 {
		t.Fatalf("%q", d.core.Calls("MoveInto"))
	}
}

// TestDragFits: a folder never goes into itself, nothing to another account, what is read-only only by copying.
func TestDragFits(t *testing.T) {
	for _, c := range []struct {
		path, to string
		dir, ro  bool
		account  int64
		move, cp bool
	}{
		{"a.txt", "b", false, false, 1, true, true},
		{"b/a.txt", "b", false, false, 1, false, true},
		{"a", "a", true, false, 1, false, false},
		{"a", "a/b/c", true, false, 1, false, false},
		{"a", "ab", true, false, 1, true, true},
		{"a", "", true, false, 1, false, true},
		{"a/b", "", true, false, 1, true, true},
		{"a.txt", "b", false, true, 1, false, true},
		{"a.txt", "b", false, false, 2, false, false},
	} {
		all := []files.Entry{{AccountID: 1, Path: c.path, Dir: c.dir, ReadOnly: c.ro}}
		to := place{account: c.account, path: c.to}
		if move, cp := dragFits(all, to, false), dragFits(all, to, true); move != c.move || cp != c.cp {
			t.Errorf("%+v: move %v, copy %v", c, move, cp)
		}
	}
	if dragFits(nil, place{account: 1}, false) {
		t.Error("nothing at all")
	}
}
