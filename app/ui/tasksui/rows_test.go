// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"pgregory.net/rapid"

	"kontor/app/i18n"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
)

// TestEveryTaskHasItsLine: whatever is folded, each task stands at most once, and exactly once where nothing hides it; a
// subtask stands right below its parent's line, one step further in.
func TestEveryTaskHasItsLine(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		all := anyTasks(rt)
		f := newFolds(Left{})
		f.closed = rapid.Bool().Draw(rt, "closed")
		for i := range all {
			if rapid.IntRange(0, 4).Draw(rt, "done") == 0 {
				all[i].Status = tasks.Completed
			}
			if rapid.IntRange(0, 3).Draw(rt, "folded") == 0 {
				f.uids[all[i].UID] = true
			}
		}
		v := view{folds: f, tree: rapid.Bool().Draw(rt, "tree"), all: rapid.IntRange(0, 3).Draw(rt, "all") == 0}
		lines := arrange(all, v)
		seen := map[int64]int{}
		for n, i := range lines {
			seen[keyOf(i)]++
			if n > 0 && i.depth > lines[n-1].depth+1 {
				rt.Fatalf("line %d is %d deep below one of %d", n, i.depth, lines[n-1].depth)
			}
			if i.depth > 0 && tree(lines).uid(tree(lines).above(n)) != i.ParentUID {
				rt.Fatalf("%s stands below %q", i.UID, tree(lines).uid(tree(lines).above(n)))
			}
			if i.folded && n+1 < len(lines) && lines[n+1].depth > i.depth {
				rt.Fatalf("%s is folded but not shut", i.UID)
			}
		}
		for _, task := range all {
			hidden := task.Closed() && !f.closed && !v.all
			for up := task; v.tree && up.ParentUID != "" && !hidden; {
				up = all[slices.IndexFunc(all, func(a tasks.Task) bool { return a.UID == up.ParentUID })]
				if up.Closed() && !v.all || task.Closed() && !v.all { // what is done has a section of its own, without a tree
					break
				}
				hidden = f.uids[up.UID]
			}
			if want := map[bool]int{true: 0, false: 1}[hidden]; seen[task.ID] != want {
				rt.Fatalf("%s stands %d times, want %d", task.UID, seen[task.ID], want)
			}
		}
		f.show(all[len(all)-1], all)
		if !slices.ContainsFunc(arrange(all, view{folds: f, tree: v.tree}), func(i item) bool { return i.ID == all[len(all)-1].ID }) {
			rt.Fatal("what was looked for stays hidden")
		}
	})
}

// TestFoldingEverythingAndBack: folding everything and unfolding it again changes nothing.
func TestFoldingEverythingAndBack(t *testing.T) {
	d := open(t)
	d.Click("Bauanträge")
	before := d.titles()
	d.page.foldAll(true)
	shut := d.titles()
	if slices.Contains(shut, "Zeichnung prüfen") || len(shut) != len(before)-2 {
		t.Fatalf("folded: %q", shut)
	}
	d.page.foldAll(false)
	if got := d.titles(); !slices.Equal(got, before) {
		t.Fatalf("%q became %q", before, got)
	}
	d.page.foldAll(true)
	d.page.Open(d.task("Zeichnung prüfen").ID)
	d.Settle()
	if !slices.Contains(d.titles(), "Zeichnung prüfen") {
		t.Fatal("revealed")
	}
}

// TestDatesAreReadAsTheyAreWritten, in both languages, at any minute and on any day.
func TestDatesAreReadAsTheyAreWritten(t *testing.T) {
	defer i18n.Use(i18n.German)
	rapid.Check(t, func(rt *rapid.T) {
		i18n.Use(rapid.SampledFrom([]i18n.Lang{i18n.German, i18n.English}).Draw(rt, "language"))
		now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.Local)
		w := tasks.When{Time: now.Add(time.Duration(rapid.IntRange(-900_000, 9_000_000).Draw(rt, "minutes")) * time.Minute)}
		if rapid.Bool().Draw(rt, "day") {
			w = dayFrom(w.Time, 0)
		}
		got, err := tasks.ParseWhen(exactWhen(w), now)
		if err != nil || got.AllDay != w.AllDay || got.Time.Format(time.DateTime) != w.Time.Format(time.DateTime) {
			rt.Fatalf("%v became %v by %q (%v)", w, got, exactWhen(w), err)
		}
	})
	if exactWhen(tasks.When{}) != "" {
		t.Error("no date is no words")
	}
}

// TestWordsOfReminders names every distance in the largest unit that fits.
func TestWordsOfReminders(t *testing.T) {
	i18n.Use(i18n.German)
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.Local)
	for _, c := range []struct {
		alarm tasks.Alarm
		want  string
	}{
		{tasks.Alarm{}, "Zum Termin"},
		{tasks.Alarm{Before: -10 * time.Minute}, "10 Minuten danach"},
		{tasks.Alarm{Before: 90 * time.Minute}, "90 Minuten vorher"},
		{tasks.Alarm{Before: 2 * time.Hour}, "2 Stunden vorher"},
		{tasks.Alarm{Before: 24 * time.Hour}, "1 Tag vorher"},
		{tasks.Alarm{Before: 14 * 24 * time.Hour}, "2 Wochen vorher"},
		{tasks.Alarm{Before: time.Hour, FromStart: true}, "1 Stunde vorher (Beginn)"},
		{tasks.Alarm{At: now.Add(time.Hour), Absolute: true}, "Heute, 10:00"},
	} {
		if got := alarmWords(c.alarm, now); got != c.want {
			t.Errorf("%+v: %q", c.alarm, got)
		}
	}
	if got := remindWords(tasks.Task{}, now); got != "Nicht erinnern" {
		t.Error(got)
	}
	task := tasks.Task{Alarms: []tasks.Alarm{{}, {Before: time.Hour}}, Snoozed: now.AddDate(0, 0, 1)}
	if got := remindWords(task, now); got != "Zum Termin, 1 Stunde vorher, wieder Morgen, 09:00" {
		t.Error(got)
	}
}

// TestPlacesAreNamed: the name of each place leads back to it, and nothing else does.
func TestPlacesAreNamed(t *testing.T) {
	for _, at := range []place{{}, {smart: tasks.SmartToday}, {smart: tasks.SmartNoDate}, {list: 7}, {saved: 12}} {
		if got, ok := placeOf(at.id()); !ok || got != at {
			t.Errorf("%+v became %+v", at, got)
		}
	}
	for _, id := range []string{"", "lists", "searches", "list/", "list/x", "saved/x"} {
		if at, ok := placeOf(id); ok {
			t.Errorf("%q is %+v", id, at)
		}
	}
}

// TestColors: a colour that cannot be read is the accent.
func TestColors(t *testing.T) {
	r, g, b, _ := colorOf("#ff0080").RGBA()
	if r>>8 != 0xff || g != 0 || b>>8 != 0x80 {
		t.Errorf("%x %x %x", r>>8, g>>8, b>>8)
	}
	for _, odd := range []string{"", "red", "#12", "#gggggg"} {
		if colorOf(odd) != colorOf("") {
			t.Errorf("%q has a colour of its own", odd)
		}
	}
	for _, c := range listColors {
		if words := i18n.T("tasksui.color." + c.key); colorOf(c.hex) == nil || words == "" {
			t.Errorf("%s has no name", c.hex)
		}
	}
}

// TestNothingChosenIsSaid: the pane says so where no task is shown, and its fields show where the keyboard is.
func TestNothingChosenIsSaid(t *testing.T) {
	d := open(t)
	const hint = "Keine Aufgabe gewählt"
	d.MustNotSay(hint)
	d.page.finder.begin()
	d.Type("gibt es nicht")
	d.Key(fyne.KeyReturn)
	d.MustSay(hint)
	d.page.finder.leave()
	d.Settle()
	d.MustNotSay(hint)
	d.Window.Canvas().Focus(d.page.rows)
	d.SelectAll()
	d.MustNotSay(hint)
	d.choose(photos)
	for _, e := range []*kit.Entry{d.page.quick, d.page.detail.child, d.page.detail.link} {
		d.Window.Canvas().Focus(e)
		rings := 0
		for _, o := range test.LaidOutObjects(d.Window.Content()) {
			if f, ok := o.(*frame); ok && f.focused {
				rings++
			}
		}
		if rings != 1 {
			t.Errorf("%d rings around %q", rings, e.PlaceHolder)
		}
	}
}

// TestALongReadingIsShownWhole: what quick entry understood takes another line where one is too short.
func TestALongReadingIsShownWhole(t *testing.T) {
	d := open(t)
	d.Resize(948, 620)
	d.page.StartNew()
	d.Type("Kurz")
	low := d.page.top.MinSize().Height
	d.Type(" Stellungnahme der Denkmalschutzbehörde einholen fr 14 Uhr #Berichte !hoch alle 2 Wochen")
	if high := d.page.top.MinSize().Height; high <= low || d.page.rows.Position().Y < high {
		t.Errorf("%.0f became %.0f, the list begins at %.0f", low, high, d.page.rows.Position().Y)
	}
	if bad := d.Misfits(); len(bad) > 0 {
		t.Errorf("%q", bad)
	}
	d.Key(fyne.KeyEscape)
	if d.page.top.MinSize().Height > low {
		t.Error("the room is not given back")
	}
}
