// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"context"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app/journal"
	"kontor/app/search"
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

func (w watched) Cancel(ctx context.Context, ids []int64, whole bool) error {
	return w.Do("Cancel", func() error { return w.town.Tasks.Cancel(ctx, ids, whole) })
}

func (w watched) Move(ctx context.Context, ids []int64, listID int64) error {
	return w.Do("Move", func() error { return w.town.Tasks.Move(ctx, ids, listID) })
}

func (w watched) RemoveWith(ctx context.Context, ids []int64, children tasks.Orphans) error {
	return w.Do("RemoveWith", func() error { return w.town.Tasks.RemoveWith(ctx, ids, children) })
}

func (w watched) Count(ctx context.Context, q tasks.Query) (int, error) {
	return uitest.Get(w.Watch, "Count", func() (int, error) { return w.town.Tasks.Count(ctx, q) })
}

func (w watched) Saved(ctx context.Context) ([]tasks.Saved, error) {
	return uitest.Get(w.Watch, "Saved", func() ([]tasks.Saved, error) { return w.town.Tasks.Saved(ctx) })
}

func (w watched) Save(ctx context.Context, s tasks.Saved) (int64, error) {
	return uitest.Get(w.Watch, "Save", func() (int64, error) { return w.town.Tasks.Save(ctx, s) })
}

func (w watched) Forget(ctx context.Context, id int64) error {
	return w.Do("Forget", func() error { return w.town.Tasks.Forget(ctx, id) })
}

func (w watched) Attachment(ctx context.Context, id int64, n int) (name string, data []byte, err error) {
	if err := w.Enter("Attachment"); err != nil {
		return "", nil, err
	}
	return w.town.Tasks.Attachment(ctx, id, n)
}

func (w watched) Export(ctx context.Context, q tasks.Query, out io.Writer, format tasks.Format) error {
	return w.Do("Export", func() error { return w.town.Tasks.Export(ctx, q, out, format) })
}

func (w watched) PreviewImport(ctx context.Context, listID int64, r io.Reader) (tasks.Imported, error) {
	return uitest.Get(w.Watch, "PreviewImport", func() (tasks.Imported, error) { return w.town.Tasks.PreviewImport(ctx, listID, r) })
}

func (w watched) ImportWith(ctx context.Context, listID int64, r io.Reader, clash tasks.Clash) (tasks.Imported, error) {
	return uitest.Get(w.Watch, "ImportWith", func() (tasks.Imported, error) { return w.town.Tasks.ImportWith(ctx, listID, r, clash) })
}

func (w watched) Print(ctx context.Context, q tasks.Query, heading string, out io.Writer) error {
	return w.Do("Print", func() error { return w.town.Tasks.Print(ctx, q, heading, out) })
}

func (w watched) EditAll(ctx context.Context, ids []int64, e tasks.Edit) error {
	return w.Do("EditAll", func() error { return w.town.Tasks.EditAll(ctx, ids, e) })
}

func (w watched) Tag(ctx context.Context, ids []int64, add, remove []string) error {
	return w.Do("Tag", func() error { return w.town.Tasks.Tag(ctx, ids, add, remove) })
}

func (w watched) Plan(ctx context.Context, ids []int64, due tasks.When) error {
	return w.Do("Plan", func() error { return w.town.Tasks.Plan(ctx, ids, due) })
}

func (w watched) Place(ctx context.Context, ids []int64, to tasks.Place) error {
	return w.Do("Place", func() error { return w.town.Tasks.Place(ctx, ids, to) })
}

func (w watched) Link(ctx context.Context, id int64, uri string) error {
	return w.Do("Link", func() error { return w.town.Tasks.Link(ctx, id, uri) })
}

func (w watched) Unlink(ctx context.Context, id int64, uri string) error {
	return w.Do("Unlink", func() error { return w.town.Tasks.Unlink(ctx, id, uri) })
}

func (w watched) Snooze(ctx context.Context, id int64, until time.Time) error {
	return w.Do("Snooze", func() error { return w.town.Tasks.Snooze(ctx, id, until) })
}

func (w watched) Acknowledge(ctx context.Context, ids []int64) error {
	return w.Do("Acknowledge", func() error { return w.town.Tasks.Acknowledge(ctx, ids) })
}

func (w watched) CreateList(ctx context.Context, accountID int64, name, color string) (int64, error) {
	return uitest.Get(w.Watch, "CreateList", func() (int64, error) { return w.town.Tasks.CreateList(ctx, accountID, name, color) })
}

func (w watched) EditList(ctx context.Context, listID int64, name, color string) error {
	return w.Do("EditList", func() error { return w.town.Tasks.EditList(ctx, listID, name, color) })
}

func (w watched) PlaceList(ctx context.Context, listID int64, place int) error {
	return w.Do("PlaceList", func() error { return w.town.Tasks.PlaceList(ctx, listID, place) })
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
	clip    string            // the clipboard
	timers  []*timer          // what waits for its time
	files   map[string]string // what was written, by name
	picked  []string          // what is chosen where a file is asked for
	left    Left              // how the page was left

	findable []search.Result // what can be linked
}

// timer is something that happens when a test says so.
type timer struct {
	do   func()
	over bool
}

// after keeps what is to happen later.
func (d *desk) after(_ time.Duration, do func()) func() {
	t := &timer{do: do}
	d.timers = append(d.timers, t)
	return func() { t.over = true }
}

// wait lets the time pass that everything waits for.
func (d *desk) wait() {
	d.T.Helper()
	all := d.timers
	d.timers = nil
	for _, t := range all {
		if !t.over {
			t.do()
		}
	}
	d.Settle()
}

func open(t testing.TB) *desk {
	t.Helper()
	d := &desk{Scene: uitest.New(t), town: uitest.NewTown(t, "tasks"), files: map[string]string{}}
	d.core = watched{Watch: d.Watch(), town: d.town}
	d.Follow(d.town.DB)
	d.build()
	return d
}

// build makes the page anew, as a change of the language does.
func (d *desk) build() {
	d.page = New(Config{
		Host:      kit.Host{Window: d.Window, Toast: d.Toast, ShowError: d.ShowError, Undo: d.town.Undo(d.Scene), Now: time.Now},
		Tasks:     d.core,
		Conflicts: d.town.Journal, After: d.after,
		Copy: func(text string) { d.clip = text }, Paste: func() string { return d.clip },
		PickFiles: func(done func([]string)) { done(d.picked) },
		Save: func(name string, write func(io.Writer) error) {
			var b strings.Builder
			kit.Act(func() error { return write(&b) }, func(err error) {
				d.ShowError(err)
				d.files[name] = b.String()
			})
		},
		OpenData: func(name string, data func() ([]byte, error)) {
			kit.Load(data, func(raw []byte, err error) {
				d.ShowError(err)
				d.files[name] = string(raw)
			})
		},
		OpenLink: func(uri string) { d.links = append(d.links, uri) },
		Account:  func() (int64, bool) { return d.town.Account, true },
		Decide:   func() { d.decided++ },
		FindLinks: func(_ context.Context, words string, limit int) ([]search.Result, error) {
			return uitest.Get(d.core.Watch, "FindLinks", func() ([]search.Result, error) {
				found := slices.DeleteFunc(slices.Clone(d.findable), func(r search.Result) bool { return !strings.Contains(r.Title, words) })
				return found[:min(len(found), limit)], nil
			})
		},
		LinkTo: func(_ context.Context, r search.Result) (string, error) {
			return uitest.Get(d.core.Watch, "LinkTo", func() (string, error) {
				return map[string]string{search.Mail: "mid:", search.Files: "https://files.example/"}[r.Kind] + url.PathEscape(r.Title), nil
			})
		},
		IsFile: func(uri string) bool { return strings.HasPrefix(uri, "https://files.example/") },
		Left:   d.left, Leave: func(l Left) { d.left = l },
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
	for _, i := range d.page.lines {
		all = append(all, i.heading+i.Title)
	}
	return all
}

func ptr[T any](v T) *T { return &v }

// press presses keys that the page has bound.
func (d *desk) press(key fyne.KeyName, mod fyne.KeyModifier) {
	d.T.Helper()
	for _, a := range d.page.Actions() {
		if a.Key == key && a.Mod == mod {
			a.Do()
			d.Settle()
			return
		}
	}
	d.T.Fatalf("%s does nothing", key)
}

// choose puts the keyboard on a line of the list.
func (d *desk) choose(title string) {
	d.T.Helper()
	d.Window.Canvas().Focus(d.page.rows)
	t := d.task(title)
	if t.Closed() {
		d.page.foldClosed(true)
	}
	d.page.rows.SelectKey(t.ID)
	d.Settle()
}
