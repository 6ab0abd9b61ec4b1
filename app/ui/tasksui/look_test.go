// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
	"kontor/app/ui/uitest"
)

// crowd gives everything long names.
func (d *desk) crowd() {
	d.T.Helper()
	long := strings.TrimSpace(strings.Repeat("Stellungnahme der unteren Denkmalschutzbehörde ", 4))
	d.edit(survey, tasks.Edit{Title: &long, Note: &long, Tags: &[]string{strings.ReplaceAll(long, " ", "-")}, URL: ptr("https://stadt.example/" + strings.ReplaceAll(long, " ", "-"))})
	d.town.Must(d.town.Tasks.EditList(ctx, d.listNamed("Lindenstraße 14").ID, long, "#123456"))
	d.Settle()
}

// longest is the task that crowd made.
func (d *desk) longest() item {
	d.T.Helper()
	all := d.page.lines
	return slices.MaxFunc(all, func(a, b item) int { return len(a.Title) - len(b.Title) })
}

// TestEverythingFits looks at the page in both languages, in all sizes, with long names everywhere.
func TestEverythingFits(t *testing.T) {
	d := open(t)
	d.crowd()
	d.EachSize(d.build, func(fits func(string)) {
		d.page.rows.SelectKey(d.longest().ID)
		for front := -1; front < 3; front++ {
			d.page.content.Front(front)
			fits(fmt.Sprintf("pane %d", front))
			if tools := d.page.head.Objects[3].Position().X; d.page.heading.Position().X+d.page.heading.Size().Width > tools {
				t.Error("the title lies over the tools")
			}
		}
	})
}

// TestNothingIsOutOfReach: where there is no room for lists and details beside the tasks, keys and buttons lead to them
// and back.
func TestNothingIsOutOfReach(t *testing.T) {
	d := open(t)
	d.Resize(872, 540)
	d.Look(theme.Light, 2)
	d.MustNotSay("Priorität", "Berichte")
	d.choose(survey)
	d.Key(fyne.KeyReturn)
	d.MustSay("Priorität", "Zurück zur Liste")
	if d.Focused() != fyne.Focusable(d.page.detail.title.Entry) {
		t.Fatalf("the keyboard is on %T", d.Focused())
	}
	d.Key(fyne.KeyEscape)
	d.MustNotSay("Priorität")
	d.MustSay(photos)
	d.Click("Ordner und Listen")
	d.Click("Berichte")
	d.MustSay("Jahresbericht gliedern")
	d.choose("Jahresbericht gliedern")
	d.Key(fyne.KeyReturn)
	d.Click("Zurück zur Liste")
	if d.Focused() != fyne.Focusable(d.page.rows) {
		t.Fatalf("the keyboard is on %T", d.Focused())
	}
	d.Resize(1364, 820)
	d.Look(theme.Light, 1)
	d.MustSay("Priorität", "Berichte")
	d.MustNotSay("Zurück zur Liste")
}

// TestNoOtherLanguageIsLeft switches to English: only what people wrote stays German.
func TestNoOtherLanguageIsLeft(t *testing.T) {
	d := open(t)
	d.Click(survey)
	german := d.Words()
	i18n.Use(i18n.English)
	d.build()
	d.Click(survey)
	english := strings.Join(d.Words(), "|")
	for _, w := range []string{"Priorität", "Wiederholen", "Nicht erinnern", "Überfällig", "Neue Aufgabe", "Teilaufgaben", "Fällig"} {
		if strings.Contains(english, w) {
			t.Errorf("%q is left", w)
		}
		if !strings.Contains(strings.Join(german, "|"), w) && w != "Nicht erinnern" {
			t.Errorf("%q was never there", w)
		}
	}
	d.MustSay("Priority", "Due", "Overdue")
	d.Fill("Due", "tomorrow 3pm")
	d.Key(fyne.KeyReturn)
	if got := d.task(survey).Due.Time.Local(); got.Day() != time.Now().AddDate(0, 0, 1).Day() || got.Hour() != 15 {
		t.Errorf("tomorrow 3pm became %v", got)
	}
}

func TestPictures(t *testing.T) {
	uitest.ForPictures(t)
	d := open(t)
	for _, c := range []struct {
		name string
		mode theme.Mode
		r    int
	}{{"tasks-wide-light", theme.Light, 0}, {"tasks-small-dark", theme.Dark, 1}, {"tasks-large", theme.Light, 2}, {"tasks-small-large", theme.Light, 3}} {
		d.SetSize(uitest.Sizes[c.r], c.mode)
		d.choose(survey)
		d.Picture(c.name)
	}
	d.Key(fyne.KeyReturn)
	d.Picture("tasks-small-large-details")
	d.SetSize(uitest.Sizes[0], theme.Contrast)
	d.Click("Lindenstraße 14")
	d.page.foldClosed(true)
	d.choose(photos)
	d.Picture("tasks-list-contrast")
	d.Look(theme.Light, 1)
	d.page.finder.begin()
	d.Type("#Ortstermin")
	d.wait()
	d.page.quick.SetText("Bericht abgeben fr 14 Uhr #Berichte !hoch")
	d.choose(survey)
	d.page.detail.pickDay(d.page.detail.due)
	d.Settle()
	d.Picture("tasks-filter-calendar")
	d.Key(fyne.KeyEscape)
	d.page.quick.SetText("")
	d.page.finder.leave()
	d.Window.Canvas().Focus(d.page.rows)
	d.SelectAll()
	d.Picture("tasks-many")
	d.choose("Eigentümer anrufen")
	d.page.detail.askRepeat(d.task("Eigentümer anrufen"))
	d.Settle()
	d.Picture("tasks-repeat")
	d.Escape()
	d.crowd()
	d.Resize(1364, 820)
	d.Look(theme.Light, 1)
	d.page.rows.SelectKey(d.longest().ID)
	d.Settle()
	d.Picture("tasks-crowd")
}

func TestDates(t *testing.T) {
	i18n.Use(i18n.German)
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.Local)
	day := func(d int) tasks.When {
		return tasks.When{Time: time.Date(2026, 11, 23+d, 0, 0, 0, 0, time.UTC), AllDay: true}
	}
	for d, want := range map[int]string{-1: "Gestern", 0: "Heute", 1: "Morgen", 4: "Fr", 7: "30.11."} {
		if got := dueWords(day(d), now); got != want {
			t.Errorf("%d: %q", d, got)
		}
	}
	if got := dueWords(tasks.When{Time: now.Add(90 * time.Minute)}, now); got != "Heute, 10:30" {
		t.Errorf("a moment: %q", got)
	}
	if overdue(tasks.Task{Due: day(0)}, now) || !overdue(tasks.Task{Due: day(-1)}, now) {
		t.Error("a day is overdue only after it has ended")
	}
	if overdue(tasks.Task{Due: day(-1), Status: tasks.Canceled}, now) {
		t.Error("what is closed is never overdue")
	}
	for d, want := range map[time.Duration]string{0: "Zum Termin", 15 * time.Minute: "15 Minuten vorher", time.Hour: "1 Stunde vorher", 90 * time.Minute: "90 Minuten vorher", 48 * time.Hour: "2 Tage vorher"} {
		if got := beforeWords(d); got != want {
			t.Errorf("%s: %q", d, got)
		}
	}
}

func TestLooks(t *testing.T) {
	for uri, icon := range map[string]string{"mid:x": "mail", "https://a/b": "external", "file:///x/y.odt": "file", "tel:1": "link", "http://[": "link"} {
		if got := describe(uri, func(string) bool { return false }); got.icon != icon || got.words == "" {
			t.Errorf("%s: %+v", uri, got)
		}
	}
	for _, lang := range []i18n.Lang{i18n.German, i18n.English} {
		i18n.Use(lang)
		i := item{Task: tasks.Task{Status: tasks.Completed, Tags: []string{"Büro"}}, mark: journal.MarkWaiting, list: "Team"}
		if got := i.spoken(time.Now()); !strings.Contains(got, i18n.T("tasksui.untitled")) || !strings.Contains(got, kit.MarkWords(i.mark)) || !strings.Contains(got, "Team") {
			t.Errorf("spoken: %q", got)
		}
	}
	i18n.Use(i18n.German)
}
