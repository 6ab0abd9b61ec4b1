// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"context"
	"slices"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/app/ui"
	"kontor/app/ui/kit"
	"kontor/app/ui/uitest"
)

var (
	_ ui.Page   = (*Page)(nil)
	_ ui.Opener = (*Page)(nil)
)

var ctx = context.Background()

// watched is the real service, which the page must not call on the UI goroutine.
type watched struct {
	*uitest.Watch
	town *uitest.Town
}

func (w watched) Lists(ctx context.Context) ([]tasks.List, error) {
	return uitest.Get(w.Watch, "Lists", func() ([]tasks.List, error) { return w.town.Tasks.Lists(ctx) })
}

func (w watched) List(ctx context.Context, q tasks.Query) ([]tasks.Task, error) {
	return uitest.Get(w.Watch, "List", func() ([]tasks.Task, error) { return w.town.Tasks.List(ctx, q) })
}

func (w watched) Task(ctx context.Context, id int64) (tasks.Task, error) {
	return uitest.Get(w.Watch, "Task", func() (tasks.Task, error) { return w.town.Tasks.Task(ctx, id) })
}

func (w watched) Children(ctx context.Context, id int64) ([]tasks.Task, error) {
	return uitest.Get(w.Watch, "Children", func() ([]tasks.Task, error) { return w.town.Tasks.Children(ctx, id) })
}

func (w watched) Marks(ctx context.Context, ids []int64) (map[int64]journal.Mark, error) {
	return uitest.Get(w.Watch, "Marks", func() (map[int64]journal.Mark, error) { return w.town.Tasks.Marks(ctx, ids) })
}

func (w watched) Add(ctx context.Context, listID int64, e tasks.Edit) (int64, error) {
	return uitest.Get(w.Watch, "Add", func() (int64, error) { return w.town.Tasks.Add(ctx, listID, e) })
}

func (w watched) Edit(ctx context.Context, id int64, e tasks.Edit) error {
	return w.Do("Edit", func() error { return w.town.Tasks.Edit(ctx, id, e) })
}

func (w watched) Done(ctx context.Context, ids []int64) error {
	return w.Do("Done", func() error { return w.town.Tasks.Done(ctx, ids) })
}

func (w watched) Reopen(ctx context.Context, ids []int64) error {
	return w.Do("Reopen", func() error { return w.town.Tasks.Reopen(ctx, ids) })
}

func (w watched) Move(ctx context.Context, ids []int64, listID int64) error {
	return w.Do("Move", func() error { return w.town.Tasks.Move(ctx, ids, listID) })
}

func (w watched) Remove(ctx context.Context, ids []int64) error {
	return w.Do("Remove", func() error { return w.town.Tasks.Remove(ctx, ids) })
}

func (w watched) CreateList(ctx context.Context, accountID int64, name, color string) (int64, error) {
	return uitest.Get(w.Watch, "CreateList", func() (int64, error) { return w.town.Tasks.CreateList(ctx, accountID, name, color) })
}

func (w watched) EditList(ctx context.Context, listID int64, name, color string) error {
	return w.Do("EditList", func() error { return w.town.Tasks.EditList(ctx, listID, name, color) })
}

func (w watched) DeleteList(ctx context.Context, listID int64) error {
	return w.Do("DeleteList", func() error { return w.town.Tasks.DeleteList(ctx, listID) })
}

// desk is the page on a real core.
type desk struct {
	*uitest.Scene
	town    *uitest.Town
	core    watched
	page    *Page
	links   []string
	decided int
}

func open(t *testing.T) *desk {
	t.Helper()
	d := &desk{Scene: uitest.New(t), town: uitest.NewTown(t, "tasks")}
	d.core = watched{Watch: d.Watch(), town: d.town}
	d.Follow(d.town.DB)
	d.build()
	return d
}

// build makes the page anew, as a change of the language does.
func (d *desk) build() {
	d.page = New(Config{
		Host:     kit.Host{Window: d.Window, Toast: d.Toast, ShowError: d.ShowError, Undo: d.town.Undo(d.Scene), Now: time.Now},
		Tasks:    d.core,
		OpenLink: func(uri string) { d.links = append(d.links, uri) },
		Account:  func() (int64, bool) { return d.town.Account, true },
		Decide:   func() { d.decided++ },
	})
	d.Enter(d.page)
}

// find gives the tasks of these titles from the store.
func (d *desk) find(title string) []tasks.Task {
	d.T.Helper()
	all, err := d.town.Tasks.List(ctx, tasks.Query{Closed: true})
	d.town.Must(err)
	return slices.DeleteFunc(all, func(t tasks.Task) bool { return t.Title != title })
}

// task gives the one task of a title, as the store has it.
func (d *desk) task(title string) tasks.Task {
	d.T.Helper()
	found := d.find(title)
	if len(found) != 1 {
		d.T.Fatalf("%d tasks are called %q", len(found), title)
	}
	t, err := d.town.Tasks.Task(ctx, found[0].ID)
	d.town.Must(err)
	return t
}

// edit changes a task behind the page's back, as synchronisation does.
func (d *desk) edit(title string, e tasks.Edit) {
	d.T.Helper()
	d.town.Must(d.town.Tasks.Edit(ctx, d.task(title).ID, e))
	d.Settle()
}

// titles are the lines of the list.
func (d *desk) titles() []string {
	var all []string
	for _, i := range d.page.shown.Items() {
		all = append(all, i.heading+i.Title)
	}
	return all
}

func ptr[T any](v T) *T { return &v }

// choose puts the keyboard on a line of the list.
func (d *desk) choose(title string) {
	d.T.Helper()
	d.Window.Canvas().Focus(d.page.rows)
	d.page.rows.SelectKey(d.task(title).ID)
	d.Settle()
}
