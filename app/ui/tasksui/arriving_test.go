// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"fmt"
	"image/color"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"pgregory.net/rapid"

	"kontor/app/i18n"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// elsewhere changes the text that the server holds of a task, as another client does.
func (d *desk) elsewhere(title string, change func(text string) string) {
	d.T.Helper()
	user := d.town.World.Users()[0]
	for list := range user.TaskLists() {
		for name, text := range user.TaskTexts(list) {
			if strings.Contains(text, "SUMMARY:"+title) {
				user.PutTask(list, name, change(text))
				return
			}
		}
	}
	d.T.Fatalf("the server has no %q", title)
}

// onServer is the text that the server holds of a task.
func (d *desk) onServer(title string) string {
	d.T.Helper()
	user := d.town.World.Users()[0]
	for list := range user.TaskLists() {
		for _, text := range user.TaskTexts(list) {
			if strings.Contains(text, "SUMMARY:"+title) {
				return text
			}
		}
	}
	return ""
}

// TestTypingWhileAServerAnswers types a note in two goes; between them another client's change comes in by a real
// synchronisation. Nothing of either is lost, here or on the server, and the keyboard stays where it is.
func TestTypingWhileAServerAnswers(t *testing.T) {
	d := open(t)
	d.choose(photos)
	note := d.page.detail.note.Entry
	d.Window.Canvas().Focus(note)
	d.Type("Erster Satz. ")
	d.elsewhere(photos, func(text string) string {
		return strings.Replace(text, "END:VTODO", "LOCATION:Keller\r\nX-FREMD;A=b:bleibt\r\nEND:VTODO", 1)
	})
	d.town.SyncAll()
	d.Settle()
	d.Type("Zweiter Satz.")
	if d.Focused() != fyne.Focusable(note) || note.Text != "Erster Satz. Zweiter Satz." {
		t.Fatalf("the field holds %q, the keyboard is on %T", note.Text, d.Focused())
	}
	d.wait()
	d.town.SyncAll()
	d.Settle()
	text := d.onServer(photos)
	for _, want := range []string{"Erster Satz. Zweiter Satz.", "LOCATION:Keller", "X-FREMD;A=b:bleibt"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is lost:\n%s", want, text)
		}
	}
	if len(d.TakeErrors()) != 0 {
		t.Error("something was reported as an error")
	}
}

// TestATitleThatIsChangedInItsRowOutlivesASync: the field in the row stays while its task moves away below it.
func TestATitleThatIsChangedInItsRowOutlivesASync(t *testing.T) {
	d := open(t)
	d.choose(photos)
	d.Key(fyne.KeyF2)
	d.SelectAll()
	d.Type("Fotos sortieren")
	d.elsewhere(survey, func(text string) string { return strings.Replace(text, "SUMMARY:"+survey, "SUMMARY:Ganz vorn", 1) })
	d.town.SyncAll()
	d.Settle()
	d.Type(" und ablegen")
	d.Key(fyne.KeyReturn)
	if len(d.find("Fotos sortieren und ablegen")) != 1 || len(d.find("Ganz vorn")) != 1 {
		t.Fatalf("there are %q", d.titles())
	}
}

// TestADragOutlivesASync: what comes in while a task is held does not put it elsewhere than was shown, and a task that is
// deleted meanwhile is not brought back.
func TestADragOutlivesASync(t *testing.T) {
	d := open(t)
	d.Click("Lindenstraße 14")
	drop := d.Drag(costs, "Team")
	d.edit(photos, tasks.Edit{Priority: ptr(1)})
	_, err := d.town.Tasks.Add(ctx, d.listNamed("Lindenstraße 14").ID, tasks.Edit{Title: ptr("Kommt dazwischen")})
	d.town.Must(err)
	d.Settle()
	drop()
	if d.task(costs).ListID != d.listNamed("Team").ID {
		t.Fatal("it did not go to the list that was shown")
	}
	if got := d.task("Kommt dazwischen").ListID; got != d.listNamed("Lindenstraße 14").ID {
		t.Fatal("another task was moved")
	}
	drop = d.Drag(photos, "Team")
	d.town.Must(d.town.Tasks.Remove(ctx, []int64{d.task(photos).ID}))
	d.Settle()
	drop()
	if len(d.find(photos)) != 0 {
		t.Fatal("a deleted task is back")
	}
	d.TakeErrors() // that there is nothing to move may be said
}

// TestWhatIsChosenStaysChosen plays random news on a list of which some tasks are chosen: the same tasks stay chosen, as
// long as they are there, none other, and what is done to them is done to exactly those, and taken back as one step.
func TestWhatIsChosenStaysChosen(t *testing.T) {
	d := open(t)
	d.Click("Bauanträge")
	rapid.Check(t, func(rt *rapid.T) {
		before := d.stored()
		var open []item
		for _, i := range d.page.lines {
			if i.heading == "" && !i.Closed() {
				open = append(open, i)
			}
		}
		row := rapid.IntRange(0, len(open)-1)
		d.page.rows.ScrollToRow(0)
		d.Click(open[row.Draw(rt, "first")].Title)
		for range rapid.IntRange(0, 2).Draw(rt, "more") {
			d.ClickWith(open[row.Draw(rt, "next")].Title, fyne.KeyModifierControl)
		}
		chosen := map[int64]bool{}
		for _, i := range d.page.selected() {
			chosen[i.ID] = true
		}
		for range rapid.IntRange(1, 4).Draw(rt, "news") {
			i := d.page.lines[rapid.IntRange(0, len(d.page.lines)-1).Draw(rt, "at")]
			if i.heading != "" || chosen[i.ID] {
				continue
			}
			d.town.Must(d.town.Tasks.Edit(ctx, i.ID, tasks.Edit{Due: &tasks.When{Time: time.Now().AddDate(0, 0, rapid.IntRange(-9, 9).Draw(rt, "day")), AllDay: true}}))
			before[i.ID] = d.stored()[i.ID]
		}
		d.Settle()
		got := map[int64]bool{}
		for _, i := range d.page.selected() {
			got[i.ID] = true
		}
		if !maps.Equal(got, chosen) {
			rt.Fatalf("%v were chosen, now %v", chosen, got)
		}
		if len(chosen) == 0 {
			return
		}
		d.page.setPriority(d.page.selected(), 9)
		d.Settle()
		now := d.stored()
		for id, task := range now {
			if changed := task != before[id]; changed && !chosen[id] {
				rt.Fatalf("%d was changed too: %q became %q", id, before[id], task)
			}
		}
		if maps.Equal(now, before) { // they had this priority
			return
		}
		d.page.cfg.Undo()
		d.Settle()
		if after := d.stored(); !maps.Equal(after, before) {
			rt.Fatalf("undo left %d changed", len(chosen))
		}
	})
	if errs := d.TakeErrors(); len(errs) > 0 {
		t.Errorf("%v", errs)
	}
}

// stored is what matters of every task, as the store has it.
func (d *desk) stored() map[int64]string {
	d.T.Helper()
	all, err := d.town.Tasks.List(ctx, tasks.Query{Closed: true})
	d.town.Must(err)
	m := map[int64]string{}
	for _, t := range all {
		m[t.ID] = fmt.Sprint(t.Title, t.Due.Time.Unix(), t.Priority, t.Status, t.ListID, t.ParentUID)
	}
	return m
}

// TestWhatIsLateSaysSo, in words and not by its colour alone; only that is red, and nothing of what is done.
func TestWhatIsLateSaysSo(t *testing.T) {
	d := open(t)
	i18n.Use(i18n.German)
	now := d.page.cfg.Now()
	bad, muted := theme.Color(theme.Bad), theme.Color(theme.Muted)
	for name, c := range map[string]struct {
		due    tasks.When
		status tasks.Status
		list   string
		words  string
		rest   string
		ink    color.Color
	}{
		"late":          {due: dayFrom(now, -1), list: "Team", words: "Überfällig · Gestern", rest: " · Team", ink: bad},
		"late and bare": {due: dayFrom(now, -1), words: "Überfällig · Gestern", ink: bad},
		"in time":       {due: dayFrom(now, 1), list: "Team", words: "Morgen", rest: " · Team", ink: muted},
		"done":          {due: dayFrom(now, -1), status: tasks.Completed, list: "Team", words: "Gestern", rest: " · Team", ink: muted},
		"at any time":   {list: "Team", rest: "Team", ink: muted},
	} {
		r, ok := newTaskRow(d.page).(*taskRow)
		if !ok {
			t.Fatal("no row")
		}
		r.Paint(item{Task: tasks.Task{ID: 1, Title: "Aufmaß", Due: c.due, Status: c.status}, list: c.list}, fyne.NewSize(700, rowHeight), kit.RowState{})
		if r.due.Text.Text != c.words || r.second.Text.Text != c.rest || r.due.Color != c.ink || r.second.Color != color.Color(muted) {
			t.Errorf("%s: %q in %v, then %q", name, r.due.Text.Text, r.due.Color, r.second.Text.Text)
		}
		if end := r.due.Position().X + r.due.Width(); c.words != "" && c.rest != "" && r.second.Position().X < end-1 {
			t.Errorf("%s: the words lie on each other", name)
		}
	}
}

// TestFieldsStandInEvenLines, whatever is in them; what is hidden takes no room.
func TestFieldsStandInEvenLines(t *testing.T) {
	d := open(t)
	d.choose(survey)
	pane := d.page.detail
	tops := []float32{}
	for _, o := range []fyne.CanvasObject{pane.list, pane.due.box, pane.start.box, pane.remind, pane.priority, pane.percent.box, pane.repeat, pane.tags.box} {
		tops = append(tops, fyne.CurrentApp().Driver().AbsolutePositionForObject(o).Y+o.Size().Height/2)
	}
	for n := 2; n < len(tops); n++ {
		if a, b := tops[n]-tops[n-1], tops[1]-tops[0]; a < b-1 || a > b+1 {
			t.Errorf("line %d stands %.1f below the one before, the first two %.1f apart", n, a, b)
		}
	}
}

// TestNobodyMovesATaskToWhereItIs: the list that all the chosen tasks are in is not offered.
func TestNobodyMovesATaskToWhereItIs(t *testing.T) {
	d := open(t)
	team, plans := d.listNamed("Team").ID, d.listNamed("Bauanträge").ID
	in := func(list int64) item { return item{Task: tasks.Task{ListID: list}} }
	for _, c := range []struct {
		items []item
		off   []string
	}{{[]item{in(team)}, []string{"Team"}}, {[]item{in(team), in(team)}, []string{"Team"}}, {[]item{in(team), in(plans)}, nil}} {
		var off []string
		for _, m := range d.page.moveItems(c.items) {
			if m.Disabled {
				off = append(off, m.Label)
			}
		}
		if !slices.Equal(off, c.off) {
			t.Errorf("%d tasks: %q are off, want %q", len(c.items), off, c.off)
		}
	}
}
