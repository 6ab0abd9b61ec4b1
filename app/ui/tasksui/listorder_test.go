// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"context"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"pgregory.net/rapid"

	"kontor/app/tasks"
	"kontor/app/ui/kit"
	"kontor/storage"
)

// listNames are the lists in the order of the side, and of the store.
func (d *desk) listNames() []string {
	d.T.Helper()
	all, err := d.town.Tasks.Lists(ctx)
	d.town.Must(err)
	var shown, stored []string
	for _, i := range d.page.side.Items() {
		if at, ok := placeOf(i.ID); ok && at.list != 0 {
			shown = append(shown, i.Label)
		}
	}
	for _, l := range all {
		stored = append(stored, l.Name)
	}
	if !slices.Equal(shown, stored) {
		d.T.Fatalf("shows %q, stored are %q", shown, stored)
	}
	return shown
}

func (d *desk) mustOrder(why string, want ...string) {
	d.T.Helper()
	if got := d.listNames(); !slices.Equal(got, want) {
		d.T.Fatalf("%s: %q", why, got)
	}
}

const (
	linden  = "Lindenstraße 14"
	plans   = "Bauanträge"
	team    = "Team"
	reports = "Berichte"
)

// TestListsByKeysInTheirOrder: Alt and the arrows move the chosen list while the keyboard is in the side, and tasks else.
func TestListsByKeysInTheirOrder(t *testing.T) {
	d := open(t)
	d.mustOrder("at first", linden, plans, team, reports)
	d.Click(team)
	d.Window.Canvas().Focus(d.page.side)
	d.press(fyne.KeyUp, fyne.KeyModifierAlt)
	d.mustOrder("Alt and up", linden, team, plans, reports)
	if d.LastToast().Words != "Liste „Team“ verschoben" || d.page.heading.Words() != team {
		t.Fatalf("said %q, shows %q", d.LastToast().Words, d.page.heading.Words())
	}
	d.press(fyne.KeyUp, fyne.KeyModifierAlt)
	d.core.Calls("PlaceList")
	d.press(fyne.KeyUp, fyne.KeyModifierAlt)
	d.mustOrder("at the top it stays", team, linden, plans, reports)
	if n := len(d.core.Calls("PlaceList")); n != 0 {
		t.Errorf("%d calls for nothing", n)
	}
	d.town.Undo(d.Scene)()
	d.Settle()
	d.mustOrder("undo takes one step back", linden, team, plans, reports)
	d.press(fyne.KeyDown, fyne.KeyModifierAlt)
	d.press(fyne.KeyDown, fyne.KeyModifierAlt)
	d.press(fyne.KeyDown, fyne.KeyModifierAlt)
	d.mustOrder("and down to the end", linden, plans, reports, team)
	d.Menu(plans, "Nach oben")
	d.mustOrder("by its menu", plans, linden, reports, team)
	d.choose("Urlaubsplanung abstimmen")
	d.press(fyne.KeyDown, fyne.KeyModifierAlt)
	d.mustOrder("the keyboard is in the tasks", plans, linden, reports, team)
	d.core.Fail("PlaceList", errDisk)
	d.Menu(plans, "Nach unten")
	d.mustOrder("it failed", plans, linden, reports, team)
	if len(d.TakeErrors()) != 1 {
		t.Error("nothing was said")
	}
}

// dragList drags a list onto another one, above its middle or below it.
func (d *desk) dragList(name, onto string, behind bool) (letGo func()) {
	d.T.Helper()
	c := d.Window.Canvas()
	s := d.page.side
	corner := fyne.CurrentApp().Driver().AbsolutePositionForObject(s)
	middle := func(label string) fyne.Position {
		row := slices.IndexFunc(s.Items(), func(i kit.SideItem) bool { return i.Label == label })
		at, size := s.Place(row)
		return at.AddXY(60, size.Height/2)
	}
	from, to := middle(name), middle(onto)
	to.Y -= 8
	if behind {
		to.Y += 16
	}
	ev := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary}
	ev.Position, ev.AbsolutePosition = from.Subtract(corner), from
	s.MouseDown(ev)
	for _, at := range []fyne.Position{from.AddXY(9, 0), to} {
		s.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: at.Subtract(corner), AbsolutePosition: at}})
	}
	c.Capture() // what is marked has to be painted
	return func() {
		s.MouseUp(ev)
		s.DragEnd()
		d.Settle()
	}
}

// TestListsAreDragged: between two others, saying where; onto itself, a heading or a computed list does nothing.
func TestListsAreDragged(t *testing.T) {
	d := open(t)
	letGo := d.dragList(reports, linden, false)
	d.MustSay("Vor „Lindenstraße 14“ einordnen")
	letGo()
	d.mustOrder("in front of the first", reports, linden, plans, team)
	d.MustNotSay("Vor „Lindenstraße 14“ einordnen")
	letGo = d.dragList(linden, team, true)
	d.MustSay("Hinter „Team“ einordnen")
	letGo()
	d.mustOrder("behind the last", reports, plans, team, linden)
	d.core.Calls("PlaceList")
	for _, onto := range []string{linden, "Heute", "Listen"} {
		d.dragList(linden, onto, true)()
	}
	d.dragList("Heute", team, true)()
	if n := len(d.core.Calls("PlaceList")); n != 0 {
		t.Errorf("%d places for nothing", n)
	}
	d.LastToast().Do()
	d.Settle()
	d.mustOrder("undo", reports, linden, plans, team)
}

// TestListsStayInTheirAccount, and those that cannot be written to where they are.
func TestListsStayInTheirAccount(t *testing.T) {
	d := open(t)
	d.town.Write(func(ctx context.Context, tx *storage.Tx) error {
		account, err := tx.AddAccount(ctx, storage.Account{Name: "z"})
		if err != nil {
			return err
		}
		_, err = tx.AddTaskList(ctx, storage.TaskList{List: tasks.List{AccountID: account, Name: "Privat"}, Href: "/p/", OnServer: true})
		return err
	})
	d.Settle()
	before := d.listNames()
	d.dragList("Privat", team, false)()
	d.dragList(team, "Privat", true)()
	d.Click("Privat")
	d.Window.Canvas().Focus(d.page.side)
	d.press(fyne.KeyUp, fyne.KeyModifierAlt)
	d.press(fyne.KeyDown, fyne.KeyModifierAlt)
	d.mustOrder("nothing moves", before...)
	d.town.Write(func(ctx context.Context, tx *storage.Tx) error {
		row, err := tx.TaskList(ctx, d.listNamed(team).ID)
		if err != nil {
			return err
		}
		row.ReadOnly = true
		return tx.StoreTaskList(ctx, row, 0)
	})
	d.Settle()
	d.dragList(team, linden, false)()
	d.Click(team)
	d.Window.Canvas().Focus(d.page.side)
	d.press(fyne.KeyUp, fyne.KeyModifierAlt)
	d.mustOrder("a list that is only read", before...)
}

// TestFoldsAreRemembered: what was folded is folded in the next session, in every list; unfolding one list leaves the others.
func TestFoldsAreRemembered(t *testing.T) {
	d := open(t)
	const child = "Eigentümer anrufen"
	hidden := func(want bool) {
		t.Helper()
		if got := d.titles(); slices.Contains(got, child) == want {
			t.Fatalf("it shows %q", got)
		}
	}
	d.Click(linden)
	d.choose(survey)
	d.Key(fyne.KeyLeft)
	hidden(true)
	d.page.foldClosed(true)
	d.build()
	d.Click(linden)
	if titles := d.titles(); slices.Contains(titles, child) || !slices.Contains(titles, "Lageplan anfordern") {
		t.Fatalf("the next session shows %q", titles)
	}
	d.Click(team)
	d.page.foldAll(false)
	d.build()
	d.Click(linden)
	hidden(true)
	d.page.Open(d.task(child).ID)
	d.Settle()
	hidden(false)
	d.build()
	d.Click(linden)
	hidden(false)
}

// TestFoldsAgreeWithTheirMemory: what is remembered brings the same folds back, the newest where there are too many.
func TestFoldsAgreeWithTheirMemory(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := newFolds(Left{})
		word := rapid.StringMatching("[a-e]")
		for range rapid.IntRange(0, 20).Draw(rt, "steps") {
			shut := rapid.Bool().Draw(rt, "shut")
			if rapid.Bool().Draw(rt, "many") {
				many := map[string]bool{}
				for _, uid := range rapid.SliceOf(word).Draw(rt, "uids") {
					many[uid] = true
				}
				f.setAll(many, shut)
				for uid := range many {
					if f.has(uid) != shut {
						rt.Fatalf("%s is %v", uid, f.has(uid))
					}
				}
				continue
			}
			uid := word.Draw(rt, "uid")
			if f.set(uid, shut); f.has(uid) != shut {
				rt.Fatalf("%s is %v", uid, f.has(uid))
			}
		}
		again := newFolds(f.left())
		for _, uid := range []string{"a", "b", "c", "d", "e"} {
			if again.has(uid) != f.has(uid) {
				rt.Fatalf("%s was %v", uid, f.has(uid))
			}
		}
		if len(again.order) != len(again.uids) {
			rt.Fatalf("%q and %v", again.order, again.uids)
		}
	})
	f := newFolds(Left{})
	for n := range mostFolds + 10 {
		f.set(itoa(int64(n)), true)
	}
	if got := f.left().Folded; len(got) != mostFolds || got[len(got)-1] != itoa(mostFolds+9) {
		t.Errorf("%d are remembered, the last is %q", len(got), got[len(got)-1])
	}
}
