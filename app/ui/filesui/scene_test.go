// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"kontor/app"
	"kontor/app/files"
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

type entries = []files.Entry

func (w watched) List(ctx context.Context, account int64, path string) ([]files.Entry, error) {
	return uitest.Get(w.Watch, "List", func() (entries, error) { return w.town.Files.List(ctx, account, path) })
}

func (w watched) Folders(ctx context.Context, account int64) ([]files.Entry, error) {
	return uitest.Get(w.Watch, "Folders", func() (entries, error) { return w.town.Files.Folders(ctx, account) })
}

func (w watched) Entry(ctx context.Context, id int64) (files.Entry, error) {
	return uitest.Get(w.Watch, "Entry", func() (files.Entry, error) { return w.town.Files.Entry(ctx, id) })
}

func (w watched) Offline(ctx context.Context) ([]files.Entry, error) {
	return uitest.Get(w.Watch, "Offline", func() (entries, error) { return w.town.Files.Offline(ctx) })
}

func (w watched) Recent(ctx context.Context, limit int) ([]files.Entry, error) {
	return uitest.Get(w.Watch, "Recent", func() (entries, error) { return w.town.Files.Recent(ctx, limit) })
}

func (w watched) Space(ctx context.Context, account int64) (files.Space, error) {
	return uitest.Get(w.Watch, "Space", func() (files.Space, error) { return w.town.Files.Space(ctx, account) })
}

func (w watched) Pin(ctx context.Context, id int64) error {
	return w.Do("Pin", func() error { return w.town.Files.Pin(ctx, id) })
}

func (w watched) Unpin(ctx context.Context, id int64) error {
	return w.Do("Unpin", func() error { return w.town.Files.Unpin(ctx, id) })
}

func (w watched) Get(ctx context.Context, id int64) error {
	return w.Do("Get", func() error { return w.town.Files.Get(ctx, id) })
}

func (w watched) Put(ctx context.Context, account int64, local, path string) (int64, error) {
	return uitest.Get(w.Watch, "Put", func() (int64, error) { return w.town.Files.Put(ctx, account, local, path) })
}

func (w watched) Mkdir(ctx context.Context, account int64, path string) (int64, error) {
	return uitest.Get(w.Watch, "Mkdir", func() (int64, error) { return w.town.Files.Mkdir(ctx, account, path) })
}

func (w watched) Move(ctx context.Context, id int64, path string) error {
	return w.Do("Move", func() error { return w.town.Files.Move(ctx, id, path) })
}

func (w watched) Remove(ctx context.Context, ids []int64) error {
	return w.Do("Remove", func() error { return w.town.Files.Remove(ctx, ids) })
}

// desk is the page on a real core.
type desk struct {
	*uitest.Scene
	town    *uitest.Town
	core    watched
	page    *Page
	opened  []string
	mailed  []string
	picked  []string // what the person picks when files are asked for
	decided int
	noOpen  error
}

func open(t *testing.T) *desk {
	t.Helper()
	d := &desk{Scene: uitest.New(t), town: uitest.NewTown(t, "files")}
	d.core = watched{Watch: d.Watch(), town: d.town}
	d.Follow(d.town.DB)
	d.build()
	return d
}

// build makes the page anew, as a change of the language does.
func (d *desk) build() {
	d.page = New(Config{
		Host:  kit.Host{Window: d.Window, Toast: d.Toast, ShowError: d.ShowError, Undo: d.town.Undo(d.Scene), Now: time.Now},
		Files: d.core,
		Accounts: func(ctx context.Context) ([]Account, error) {
			if err := d.core.Enter("Accounts"); err != nil {
				return nil, err
			}
			all, err := d.town.Accounts.List(ctx)
			var list []Account
			for _, a := range all {
				list = append(list, Account{ID: a.ID, Title: a.Name})
			}
			return list, err
		},
		OpenFile: func(path string) error {
			d.opened = append(d.opened, filepath.Base(path))
			return d.noOpen
		},
		Mail:      func(paths []string) { d.mailed = append(d.mailed, paths...) },
		PickFiles: func(done func([]string)) { done(d.picked) },
		Decide:    func() { d.decided++ },
	})
	d.Enter(d.page)
}

func (d *desk) sync() {
	d.T.Helper()
	_, _ = d.town.Sync(ctx, app.SyncOptions{})
	d.Settle()
}

// entry reads what the store has at a path.
func (d *desk) entry(path string) files.Entry {
	d.T.Helper()
	e, err := d.town.Files.ByPath(ctx, d.town.Account, path)
	d.town.Must(err)
	return e
}

// gone reports whether the store has nothing at a path.
func (d *desk) gone(path string) bool {
	_, err := d.town.Files.ByPath(ctx, d.town.Account, path)
	return err != nil
}

// names are the lines of the table.
func (d *desk) names() []string {
	var all []string
	for _, e := range d.page.shown.Items() {
		all = append(all, e.Name)
	}
	return all
}

// enter shows a folder and puts the keyboard into the table.
func (d *desk) enter(path string) {
	d.page.goTo(place{account: d.town.Account, path: path})
	d.Window.Canvas().Focus(d.page.rows)
	d.Settle()
}

// choose puts the keyboard on a line of the table.
func (d *desk) choose(path string) {
	d.T.Helper()
	d.Window.Canvas().Focus(d.page.rows)
	d.page.rows.SelectKey(d.entry(path).ID)
	d.Settle()
}

// local makes a file on the disk.
func (d *desk) local(name, content string) string {
	d.T.Helper()
	path := filepath.Join(d.T.TempDir(), name)
	d.town.Must(os.WriteFile(path, []byte(content), 0o600))
	return path
}

// selected are the names of the chosen lines.
func (d *desk) selected() []string {
	var all []string
	for _, e := range d.page.selected() {
		all = append(all, e.Name)
	}
	slices.Sort(all)
	return all
}
