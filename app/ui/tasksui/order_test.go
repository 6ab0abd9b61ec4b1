// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"pgregory.net/rapid"

	"kontor/app/tasks"
)

// grove lays tasks out from words like "a(b,c(d)),e"; each task is called by its letter, whose number is its ID.
func grove(form string) tree {
	var t tree
	depth := 0
	for n, r := range form {
		switch r {
		case '(':
			t[len(t)-1].parent = true
			depth++
		case ')':
			depth--
		case ',':
		default:
			i := item{Task: tasks.Task{ID: int64(r - 'a' + 1), UID: string(r), Title: string(r)}, depth: depth}
			if strings.HasPrefix(form[n+1:], "!") {
				i.folded = true
			}
			if r != '!' {
				t = append(t, i)
			}
		}
	}
	return t
}

func ids(letters string) map[int64]bool {
	m := map[int64]bool{}
	for _, r := range letters {
		m[int64(r-'a'+1)] = true
	}
	return m
}

// TestStepsInATree: what a key does to some tasks, as "below parent behind task".
func TestStepsInATree(t *testing.T) {
	for _, c := range []struct {
		form, moved string
		by          step
		want        string
	}{
		{"a,b,c", "b", stepUp, "below - behind -"},
		{"a,b,c", "c", stepUp, "below - behind a"},
		{"a,b,c", "a", stepUp, "nowhere"},
		{"a,b,c", "a", stepDown, "below - behind b"},
		{"a,b,c", "c", stepDown, "nowhere"},
		{"a(b,c),d", "d", stepUp, "below - behind -"},
		{"a(b,c),d", "b", stepUp, "nowhere"},
		{"a(b,c),d", "c", stepUp, "below a behind -"},
		{"a(b,c),d", "c", stepDown, "nowhere"},
		{"a(b,c),d", "b", stepDown, "below a behind c"},
		{"a(b,c),d", "d", stepIn, "below a behind c"},
		{"a(b(x),c),d", "c", stepIn, "below b behind x"},
		{"a(b,c),d", "b", stepIn, "nowhere"},
		{"a,b", "a", stepIn, "nowhere"},
		{"a(b,c),d", "c", stepOut, "below - behind a"},
		{"a(b(c)),d", "c", stepOut, "below a behind b"},
		{"a(b,c),d", "d", stepOut, "nowhere"},
		{"a,b,c,d", "bc", stepUp, "below - behind -"},
		{"a,b,c,d", "bc", stepDown, "below - behind d"},
		{"a,b(c),d", "bc", stepIn, "below a behind -"},
		{"a,b", "", stepUp, "nowhere"},
	} {
		to, ok := grove(c.form).place(ids(c.moved), c.by)
		if got := placeText(to, ok); got != c.want {
			t.Errorf("%s, %s by %d: %s, want %s", c.form, c.moved, c.by, got, c.want)
		}
	}
}

func placeText(to tasks.Place, ok bool) string {
	if !ok {
		return "nowhere"
	}
	parent, after := "-", "-"
	if to.ParentUID != "" {
		parent = to.ParentUID
	}
	if to.After != 0 {
		after = string(rune('a' + to.After - 1))
	}
	return fmt.Sprintf("below %s behind %s", parent, after)
}

// TestWhereTasksAreDropped: the upper part of a line is in front of it, the middle below it, the lower part behind it.
func TestWhereTasksAreDropped(t *testing.T) {
	for _, c := range []struct {
		form string
		row  int
		part float32
		want string
		edge edge
	}{
		{"a,b,c", 0, 0.1, "below - behind -", above},
		{"a,b,c", 2, 0.1, "below - behind b", above},
		{"a,b,c", 1, 0.5, "below b behind -", onto},
		{"a(b,c),d", 0, 0.5, "below a behind c", onto},
		{"a(b,c),d", 0, 0.9, "below a behind -", below},
		{"a(b,c),d", 2, 0.9, "below a behind c", below},
		{"a(b,c),d", 3, 0.1, "below - behind a", above},
		{"a,b,c", 1, 0.9, "below - behind b", below},
	} {
		to, where := grove(c.form).at(c.row, c.part)
		if got := placeText(to, true); got != c.want || where != c.edge {
			t.Errorf("%s, line %d at %.1f: %s, %d", c.form, c.row, c.part, got, where)
		}
	}
}

// TestAnyStepCanBeTakenBack: up and down, in and out are each other's opposite in any tree, and no step puts a task below
// itself or beside one that is not there.
func TestAnyStepCanBeTakenBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		all := anyTasks(rt)
		lines := openPart(arrange(all, view{tree: true, folds: newFolds(Left{})}))
		n := rapid.IntRange(0, len(lines)-1).Draw(rt, "line")
		by := step(rapid.IntRange(int(stepUp), int(stepOut)).Draw(rt, "step"))
		moved := map[int64]bool{lines[n].ID: true}
		to, ok := lines.place(moved, by)
		if !ok {
			return
		}
		for m := n; m >= 0; m = lines.above(m) {
			if m != n && lines[m].ID == lines[n].ID {
				rt.Fatal("below itself")
			}
		}
		if to.After == lines[n].ID || to.ParentUID == lines[n].UID {
			rt.Fatalf("relative to itself: %+v", to)
		}
		after := openPart(arrange(placed(all, lines[n].ID, to), view{tree: true, folds: newFolds(Left{})}))
		at := slices.IndexFunc(after, func(i item) bool { return i.ID == lines[n].ID })
		if by == stepUp || by == stepDown {
			back, ok := after.place(moved, stepUp+stepDown-by)
			again := openPart(arrange(placed(placed(all, lines[n].ID, to), lines[n].ID, back), view{tree: true, folds: newFolds(Left{})}))
			if !ok || names(again) != names(lines) {
				rt.Fatalf("%s became %s, then %s", names(lines), names(after), names(again))
			}
			return
		}
		if want := map[step]int{stepIn: 1, stepOut: -1}[by]; after[at].depth != lines[n].depth+want {
			rt.Fatalf("from depth %d to %d", lines[n].depth, after[at].depth)
		}
	})
}

// anyTasks makes a list with subtasks at any depth.
func anyTasks(rt *rapid.T) []tasks.Task {
	n := rapid.IntRange(1, 12).Draw(rt, "n")
	all := make([]tasks.Task, n)
	for i := range all {
		all[i] = tasks.Task{ID: int64(i + 1), ListID: 1, UID: fmt.Sprint(i + 1), Title: fmt.Sprint(i + 1), Order: int64(i)}
		if p := rapid.IntRange(0, i).Draw(rt, "parent"); p > 0 {
			all[i].ParentUID = fmt.Sprint(p)
		}
	}
	return all
}

// placed is what the service makes of a step, in memory.
func placed(all []tasks.Task, id int64, to tasks.Place) []tasks.Task {
	all = slices.Clone(all)
	i := slices.IndexFunc(all, func(t tasks.Task) bool { return t.ID == id })
	moved := all[i]
	moved.ParentUID = to.ParentUID
	all = slices.Delete(all, i, i+1)
	at := 0
	if to.After != 0 {
		at = slices.IndexFunc(all, func(t tasks.Task) bool { return t.ID == to.After }) + 1
	} else if first := slices.IndexFunc(all, func(t tasks.Task) bool { return t.ParentUID == to.ParentUID }); first >= 0 {
		at = first
	}
	return slices.Insert(all, at, moved)
}

func names(lines tree) string {
	var b strings.Builder
	for _, i := range lines {
		fmt.Fprintf(&b, "%s%s ", strings.Repeat(">", i.depth), i.Title)
	}
	return b.String()
}

// TestOrderByKeys moves a task with Alt and the arrows, and takes each step back.
func TestOrderByKeys(t *testing.T) {
	d := open(t)
	d.Click("Berichte")
	before := d.titles()
	d.choose(before[2])
	d.press(fyne.KeyUp, fyne.KeyModifierAlt)
	if got := d.titles(); got[1] != before[2] || got[2] != before[1] {
		t.Fatalf("up: %q", got)
	}
	if all := d.page.selected(); len(all) != 1 || all[0].Title != before[2] {
		t.Fatal("it is not selected any more")
	}
	d.press(fyne.KeyDown, fyne.KeyModifierAlt)
	if got := d.titles(); !slices.Equal(got, before) {
		t.Fatalf("down again: %q", got)
	}
	d.town.Undo(d.Scene)()
	d.Settle()
	if got := d.titles(); got[1] != before[2] {
		t.Fatalf("undo: %q", got)
	}
}

// TestAListIsFolded: the arrow keys fold and unfold and walk through the tree, what is hidden is not lost, and a click on
// the arrow does the same.
func TestAListIsFolded(t *testing.T) {
	d := open(t)
	d.Click("Lindenstraße 14")
	d.choose(survey)
	d.Key(fyne.KeyRight)
	if i, _ := d.page.rows.Current(); i.depth != 1 {
		t.Fatalf("right leads to %q", i.Title)
	}
	d.Key(fyne.KeyLeft)
	if i, _ := d.page.rows.Current(); i.Title != survey {
		t.Fatalf("left leads to %q", i.Title)
	}
	all := len(d.page.lines)
	d.Key(fyne.KeyLeft)
	d.MustSay("1/3 Teilaufgaben")
	if len(d.page.lines) >= all || slices.Contains(d.titles(), "Eigentümer anrufen") {
		t.Fatal("not folded")
	}
	d.edit(photos, tasks.Edit{Note: ptr("neu")})
	if slices.Contains(d.titles(), "Eigentümer anrufen") {
		t.Fatal("news unfolded it")
	}
	i, _ := d.page.rows.Current()
	d.page.zoneTapped(i, zone(i, fyne.NewSize(600, rowHeight), fyne.NewPos(left(i)-8, 20)))
	if len(d.page.lines) != all {
		t.Fatal("a click on the arrow unfolds")
	}
	d.page.foldAll(true)
	d.page.Open(d.task("Eigentümer anrufen").ID)
	d.Settle()
	if all := d.page.selected(); len(all) != 1 || all[0].Title != "Eigentümer anrufen" {
		t.Fatal("what is opened from elsewhere is unfolded")
	}
}

// TestWhatIsDoneIsFoldedAway: the heading says how much it is, and opens by keys and by a click.
func TestWhatIsDoneIsFoldedAway(t *testing.T) {
	d := open(t)
	d.Click("Lindenstraße 14")
	d.MustSay("Erledigt · 2")
	d.MustNotSay("Lageplan anfordern")
	d.Click("Erledigt · 2")
	d.MustSay("Lageplan anfordern")
	d.Window.Canvas().Focus(d.page.rows)
	d.page.rows.SelectRow(slices.IndexFunc(d.page.lines, func(i item) bool { return i.heading != "" }))
	d.Key(fyne.KeyLeft)
	d.MustNotSay("Lageplan anfordern")
	d.Key(fyne.KeySpace)
	d.MustSay("Lageplan anfordern")
	d.Key(fyne.KeyReturn, fyne.KeyDelete, fyne.KeyF2)
	if len(d.page.selected()) != 0 || len(d.find("Lageplan anfordern")) != 1 {
		t.Fatal("a heading is no task")
	}
}

// TestDragging drops tasks on another one, between others, on a list and on a day.
func TestDragging(t *testing.T) {
	d := open(t)
	d.Click("Lindenstraße 14")
	drop := d.Drag(costs, photos)
	drop()
	if d.task(costs).ParentUID != d.task(photos).UID {
		t.Fatal("dropped on a task it is its subtask")
	}
	if !strings.Contains(d.LastToast().Words, photos) {
		t.Errorf("said %q", d.LastToast().Words)
	}
	d.LastToast().Do()
	d.Settle()
	if d.task(costs).ParentUID != "" {
		t.Fatal("undo")
	}
	drop = d.Drag(costs, "Team")
	drop()
	if d.task(costs).ListID != d.listNamed("Team").ID {
		t.Fatal("dropped on a list")
	}
	d.Drag(photos, "Demnächst")()
	if due := d.task(photos).Due; due.Time.Format("2006-01-02") != dayFrom(d.page.cfg.Now(), 1).Time.Format("2006-01-02") {
		t.Fatalf("dropped on what is coming: %v", due)
	}
	d.Drag(photos, "Ohne Datum")()
	if !d.task(photos).Due.IsZero() {
		t.Fatal("dropped on what has no date")
	}
	d.Drag(photos, "Wichtig")()
	if d.task(photos).Priority != 1 {
		t.Fatal("dropped on what is important")
	}
	calls := len(d.core.Calls("Place", "Move", "Plan", "EditAll"))
	d.Drag(photos, photos)()
	d.Drag(photos, "Überfällig")()
	if n := len(d.core.Calls("Place", "Move", "Plan", "EditAll")); calls == 0 || n != 0 {
		t.Fatalf("%d changes where nothing can be dropped", n)
	}
}

// TestTheLineWhereItGoesIn is painted while a task is dragged between others, and goes away.
func TestTheLineWhereItGoesIn(t *testing.T) {
	d := open(t)
	d.Click("Berichte")
	all := d.titles()
	d.choose(all[0])
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(d.page.rows)
	drag := d.page.dragRows()
	if words := drag.Over(at.AddXY(200, rowHeight*2+3)); !strings.Contains(words, "Vor „"+all[2]) || d.page.drop.edge != above {
		t.Fatalf("above: %q, %+v", words, d.page.drop)
	}
	if words := drag.Over(at.AddXY(200, rowHeight*2+50)); !strings.Contains(words, "Hinter „"+all[2]) || d.page.drop.edge != below {
		t.Fatalf("below: %q, %+v", words, d.page.drop)
	}
	drag.Drop(at.AddXY(200, rowHeight*2+50))
	drag.End()
	d.Settle()
	if got := d.titles(); got[1] != all[2] && got[2] != all[0] {
		t.Fatalf("dropped: %q", got)
	}
	if d.page.drop != (dropMark{}) {
		t.Fatal("the line stays")
	}
}
