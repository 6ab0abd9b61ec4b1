// SPDX-License-Identifier: EUPL-1.2

package todayui

import (
	"context"
	"slices"
	"testing"
	"time"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/tasks"
	"kontor/app/ui"
	"kontor/app/ui/uitest"
)

var _ ui.Page = (*Page)(nil)

var ctx = context.Background()

// taskDesk and mailDesk are the real services, which the page must not call on the UI goroutine.
type taskDesk struct{ *desk }

func (d taskDesk) Lists(ctx context.Context) ([]tasks.List, error) {
	return uitest.Get(d.watch, "Lists", func() ([]tasks.List, error) { return d.town.Tasks.Lists(ctx) })
}

func (d taskDesk) List(ctx context.Context, q tasks.Query) ([]tasks.Task, error) {
	return uitest.Get(d.watch, "Tasks", func() ([]tasks.Task, error) { return d.town.Tasks.List(ctx, q) })
}

func (d taskDesk) Done(ctx context.Context, ids []int64) error {
	return d.watch.Do("Done", func() error { return d.town.Tasks.Done(ctx, ids) })
}

type mailDesk struct{ *desk }

func (d mailDesk) Count(ctx context.Context, q mail.Query) (int, error) {
	return uitest.Get(d.watch, "Count", func() (int, error) { return d.town.Mail.Count(ctx, q) })
}

func (d mailDesk) List(ctx context.Context, q mail.Query, offset, limit int) ([]mail.Summary, error) {
	return uitest.Get(d.watch, "Mails", func() ([]mail.Summary, error) { return d.town.Mail.List(ctx, q, offset, limit) })
}

// desk is the page on a real core.
type desk struct {
	*uitest.Scene
	town   *uitest.Town
	watch  *uitest.Watch
	page   *Page
	now    time.Time
	opened []string // page and title of what was opened
	shown  []string
	wrote  int
}

func open(t *testing.T) *desk {
	t.Helper()
	d := &desk{Scene: uitest.New(t), town: uitest.NewTown(t, "mail", "tasks"), now: time.Now()}
	d.watch = d.Watch()
	d.Follow(d.town.DB)
	d.build()
	return d
}

// build makes the page anew, as a change of the language does.
func (d *desk) build() {
	d.page = New(ctx, Config{
		Tasks: taskDesk{d}, Mail: mailDesk{d}, Now: func() time.Time { return d.now },
		Snapshot: func(ctx context.Context) (app.Snapshot, error) {
			return uitest.Get(d.watch, "Snapshot", func() (app.Snapshot, error) { return d.town.Status.Snapshot(ctx) })
		},
		Open: d.open, Show: func(page string) { d.shown = append(d.shown, page) }, Write: func() { d.wrote++ }, NewTask: func() { d.shown = append(d.shown, "new task") }, ShowError: d.ShowError,
		ToastUndo: func(words string) {
			d.Toast(words, i18n.T("ui.undo"), d.town.Undo(d.Scene))
		},
	})
	d.Enter(d.page)
}

func (d *desk) open(page string, id int64) {
	var title string
	if page == "tasks" {
		t, err := d.town.Tasks.Task(ctx, id)
		d.town.Must(err)
		title = t.Title
	} else {
		m, err := d.town.Mail.Open(ctx, id)
		d.town.Must(err)
		title = m.Subject
	}
	d.opened = append(d.opened, page+": "+title)
}

// task reads a task by its title.
func (d *desk) task(title string) tasks.Task {
	d.T.Helper()
	all, err := d.town.Tasks.List(ctx, tasks.Query{Closed: true})
	d.town.Must(err)
	i := slices.IndexFunc(all, func(t tasks.Task) bool { return t.Title == title })
	if i < 0 {
		d.T.Fatalf("no task %q", title)
	}
	return all[i]
}

// titles are the tasks that the page shows.
func (d *desk) titles() []string {
	var all []string
	for n := range d.page.tasks.Count() {
		t, _ := d.page.tasks.At(n)
		all = append(all, t.Title)
	}
	return all
}
