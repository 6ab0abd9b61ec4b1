// SPDX-License-Identifier: EUPL-1.2

package todayui

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/live"
	"kontor/app/mail"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.Local)

// desk stands in for tasks and mail.
type desk struct {
	overdue, today []tasks.Task
	mails          []mail.Summary
	snap           app.Snapshot
	did            []string
}

func (d *desk) note(format string, args ...any) { d.did = append(d.did, fmt.Sprintf(format, args...)) }

type taskDesk struct{ *desk }

func (d taskDesk) Lists(context.Context) ([]tasks.List, error) {
	return []tasks.List{{ID: 1, Name: "Bauanträge"}}, nil
}

func (d taskDesk) List(_ context.Context, q tasks.Query) ([]tasks.Task, error) {
	if q.Smart == tasks.SmartOverdue {
		return d.overdue, nil
	}
	return slices.Concat(d.overdue, d.today), nil
}

func (d taskDesk) Done(_ context.Context, ids []int64) error {
	d.note("done %v", ids)
	d.today = slices.DeleteFunc(d.today, func(t tasks.Task) bool { return slices.Contains(ids, t.ID) })
	return nil
}

type mailDesk struct{ *desk }

func (d mailDesk) Count(_ context.Context, q mail.Query) (int, error) {
	if !q.UnreadOnly || q.Role != mail.RoleInbox {
		return 0, fmt.Errorf("asked for %+v", q)
	}
	return len(d.mails), nil
}

func (d mailDesk) List(_ context.Context, _ mail.Query, offset, limit int) ([]mail.Summary, error) {
	return kit.SliceRows[mail.Summary](d.mails).Window(context.Background(), offset, limit)
}

func show(t *testing.T, d *desk) *Page {
	t.Helper()
	a := test.NewTempApp(t)
	theme.Apply(a, theme.Light, 1)
	i18n.Use(i18n.German)
	kit.Synchronous(true)
	t.Cleanup(func() { kit.Synchronous(false) })
	p := New(t.Context(), Config{
		Tasks: taskDesk{d}, Mail: mailDesk{d}, Snapshot: func(context.Context) (app.Snapshot, error) { return d.snap, nil },
		Open: func(page string, id int64) { d.note("open %s %d", page, id) }, Show: func(page string) { d.note("show %s", page) },
		Write: func() { d.note("write") }, ShowError: func(err error) { t.Error(err) }, ToastUndo: func(words string) { d.note("%s", words) },
		Now: func() time.Time { return now },
	})
	win := a.NewWindow("")
	win.SetContent(kit.NewStage(p.Content()))
	win.Resize(fyne.NewSize(1200, 700))
	p.Shown()
	return p
}

func sample() *desk {
	return &desk{
		overdue: []tasks.Task{{ID: 1, ListID: 1, Title: "Baumbestand prüfen", Due: tasks.When{Time: now.AddDate(0, 0, -1), AllDay: true}}},
		today:   []tasks.Task{{ID: 2, Title: "Aufmaß unterschreiben", Due: tasks.When{Time: now.Add(90 * time.Minute)}, Priority: 1}, {ID: 3, Title: "Schon fertig", Status: tasks.Completed}},
		mails:   []mail.Summary{{ID: 10, From: mail.Address{Name: "Katrin Vogel"}, Subject: "Ortstermin", Date: now}},
	}
}

func TestTodayShowsWhatNeedsAPerson(t *testing.T) {
	d := sample()
	p := show(t, d)
	if p.tasks.Count() != 2 || p.mails.Count() != 1 {
		t.Fatalf("%d tasks, %d mails", p.tasks.Count(), p.mails.Count())
	}
	p.tasks.SelectRow(1)
	p.tasks.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	p.mails.SelectRow(0)
	p.mails.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	p.tasks.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	want := []string{"open tasks 2", "open mail 10", "done [2]", "Erledigt: Aufmaß unterschreiben"}
	if !slices.Equal(d.did, want) {
		t.Fatalf("did %q", d.did)
	}
	if p.tasks.Count() != 1 {
		t.Fatalf("%d tasks are left", p.tasks.Count())
	}
	d.mails = nil
	p.Refresh(live.Mail)
	if p.mails.Count() != 0 {
		t.Fatal("mail that was read is still there")
	}
}

func TestTodayWarns(t *testing.T) {
	d := sample()
	p := show(t, d)
	for want, snap := range map[string]app.Snapshot{
		"": {},
		"1 Entscheidung wartet auf Sie. Beide Fassungen sind sicher gespeichert.":        {Conflicts: 1, Offline: true},
		"Keine Verbindung. 2 Änderungen sind hier sicher und werden später übertragen.":  {Offline: true, Waiting: 2},
		"Keine Verbindung. Alles, was Sie hier sehen, ist auf diesem Gerät gespeichert.": {Offline: true},
	} {
		d.snap = snap
		p.Refresh(live.Journal)
		if p.notice.Words() != want || p.notice.Visible() != (want != "") {
			t.Errorf("%+v: %q", snap, p.notice.Words())
		}
	}
	if len(p.Panes()) != 2 || len(p.Actions()) != 1 {
		t.Error("panes and actions")
	}
	p.Hidden()
}

func TestDueWords(t *testing.T) {
	i18n.Use(i18n.German)
	cases := []struct {
		when tasks.When
		want string
		late bool
	}{
		{tasks.When{}, "", false},
		{tasks.When{Time: now, AllDay: true}, "Heute", false},
		{tasks.When{Time: now.Add(time.Hour)}, "Heute, 10:00", false},
		{tasks.When{Time: now.Add(-time.Hour)}, "Heute, 08:00", true},
		{tasks.When{Time: now.AddDate(0, 0, -1), AllDay: true}, "22.11.2026", true},
		{tasks.When{Time: now.AddDate(0, 0, 1), AllDay: true}, "24.11.2026", false},
	}
	for _, c := range cases {
		if got, late := dueWords(c.when, now); got != c.want || late != c.late {
			t.Errorf("%v: %q late %v", c.when, got, late)
		}
	}
}
