// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app"
	"kontor/app/files"
	"kontor/app/ui"
	"kontor/app/ui/kit"
	"kontor/app/ui/uitest"
)

var (
	_ ui.Page   = (*Page)(nil)
	_ ui.Opener = (*Page)(nil)
	_ ui.Leaver = (*Page)(nil)
)

var ctx = context.Background()

// watched is the real service, which the page must not call on the UI goroutine.
type watched struct {
	*uitest.Watch
	town *uitest.Town
	net  *network
}

type entries = []files.Entry

func (w watched) Order(ctx context.Context, q files.Query) ([]int64, error) {
	return uitest.Get(w.Watch, "Order", func() ([]int64, error) { return w.town.Files.Order(ctx, q) })
}

func (w watched) Entries(ctx context.Context, ids []int64) ([]files.Entry, error) {
	return uitest.Get(w.Watch, "Entries", func() (entries, error) { return w.town.Files.Entries(ctx, ids) })
}

func (w watched) Seek(ctx context.Context, q files.Query, typed string, from int) (int, error) {
	return uitest.Get(w.Watch, "Seek", func() (int, error) { return w.town.Files.Seek(ctx, q, typed, from) })
}

func (w watched) List(ctx context.Context, account int64, path string) ([]files.Entry, error) {
	return uitest.Get(w.Watch, "List", func() (entries, error) { return w.town.Files.List(ctx, account, path) })
}

func (w watched) Folders(ctx context.Context, account int64) ([]files.Entry, error) {
	return uitest.Get(w.Watch, "Folders", func() (entries, error) { return w.town.Files.Folders(ctx, account) })
}

func (w watched) Entry(ctx context.Context, id int64) (files.Entry, error) {
	return uitest.Get(w.Watch, "Entry", func() (files.Entry, error) { return w.town.Files.Entry(ctx, id) })
}

func (w watched) Missing(ctx context.Context, ids []int64) ([]int64, error) {
	return uitest.Get(w.Watch, "Missing", func() ([]int64, error) { return w.town.Files.Missing(ctx, ids) })
}

func (w watched) Space(ctx context.Context, account int64) (files.Space, error) {
	return uitest.Get(w.Watch, "Space", func() (files.Space, error) { return w.town.Files.Space(ctx, account) })
}

func (w watched) SizeBefore(ctx context.Context, ids []int64) (files.PinSize, error) {
	return uitest.Get(w.Watch, "SizeBefore", func() (files.PinSize, error) {
		size, err := w.town.Files.SizeBefore(ctx, ids)
		if w.net.room != nil {
			size.Free = *w.net.room
		}
		return size, err
	})
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

func (w watched) PutInto(ctx context.Context, account int64, local []string, folder string, clash app.Clash) (int, error) {
	return uitest.Get(w.Watch, "PutInto", func() (int, error) { return w.town.Files.PutInto(ctx, account, local, folder, clash) })
}

func (w watched) Mkdir(ctx context.Context, account int64, path string) (int64, error) {
	return uitest.Get(w.Watch, "Mkdir", func() (int64, error) { return w.town.Files.Mkdir(ctx, account, path) })
}

func (w watched) Rename(ctx context.Context, id int64, name string) error {
	return w.Do("Rename", func() error { return w.town.Files.Rename(ctx, id, name) })
}

func (w watched) MoveInto(ctx context.Context, ids []int64, account int64, folder string) error {
	return w.Do("MoveInto", func() error { return w.town.Files.MoveInto(ctx, ids, account, folder) })
}

func (w watched) CopyInto(ctx context.Context, ids []int64, account int64, folder string) error {
	return w.Do("CopyInto", func() error { return w.town.Files.CopyInto(ctx, ids, account, folder) })
}

func (w watched) Remove(ctx context.Context, ids []int64) error {
	return w.Do("Remove", func() error { return w.town.Files.Remove(ctx, ids) })
}

func (w watched) Notes(ctx context.Context, account int64) ([]files.Note, error) {
	return uitest.Get(w.Watch, "Notes", func() ([]files.Note, error) { return w.town.Files.Notes(ctx, account) })
}

func (w watched) Why(ctx context.Context, id int64) (app.FileWhy, error) {
	return uitest.Get(w.Watch, "Why", func() (app.FileWhy, error) { return w.town.Files.Why(ctx, id) })
}

func (w watched) Retry(ctx context.Context, op int64) error {
	return w.Do("Retry", func() error { return w.town.Journal.Retry(ctx, op) })
}

func (w watched) Release(ctx context.Context, op int64) error {
	return w.Do("Release", func() error { return w.town.Journal.Release(ctx, op) })
}

func (w watched) BinSums(ctx context.Context) (files.BinSum, error) {
	return uitest.Get(w.Watch, "BinSums", func() (files.BinSum, error) { return w.town.Files.BinSums(ctx) })
}

func (w watched) EmptyBins(ctx context.Context) (files.BinSum, error) {
	return uitest.Get(w.Watch, "EmptyBins", func() (files.BinSum, error) { return w.town.Files.EmptyBins(ctx) })
}

func (w watched) Conflicts(ctx context.Context) ([]app.Conflict, error) {
	return uitest.Get(w.Watch, "Conflicts", func() ([]app.Conflict, error) { return w.town.Journal.Conflicts(ctx) })
}

func (w watched) Resolve(ctx context.Context, id int64, choice app.Choice) error {
	return w.Do("Resolve", func() error { return w.town.Journal.Resolve(ctx, id, choice) })
}

// desk is the page on a real core.
type desk struct {
	*uitest.Scene
	town   *uitest.Town
	core   watched
	page   *Page
	opened []string
	mailed []string
	picked []string // what the person picks when files are asked for
	noOpen error
	pulses []func() // what the page wants to be called again and again
	left   Left
	links  []string
	words  string // in the clipboard
	saved  map[string]string
}

func open(t testing.TB) *desk {
	t.Helper()
	d := &desk{Scene: uitest.New(t), town: uitest.NewTown(t, "files"), saved: map[string]string{}}
	d.core = watched{Watch: d.Watch(), town: d.town, net: &network{}}
	d.Follow(d.town.DB)
	d.build()
	return d
}

// build makes the page anew, as a change of the language does.
func (d *desk) build() {
	d.page = New(Config{
		Host:  kit.Host{Window: d.Window, Toast: d.Toast, ShowError: d.ShowError, Undo: d.town.Undo(d.Scene), Now: time.Now},
		Files: d.core, Conflicts: d.core,
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
		Copy:      func(words string) { d.words = words },
		OpenURL: func(url string) error {
			d.links = append(d.links, url)
			return d.noOpen
		},
		Save: func(name string, write func(io.Writer) error) {
			kit.Act(func() error {
				var b strings.Builder
				err := write(&b)
				d.saved[name] = b.String()
				return err
			}, d.ShowError)
		},
		Every: func(_ time.Duration, do func()) func() {
			d.pulses = append(d.pulses, do)
			return func() { d.pulses = nil }
		},
		Left: d.left, Leave: func(l Left) { d.left = l },
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

// items are the lines of the table, also those that it does not have in memory.
func (d *desk) items() []files.Entry {
	d.T.Helper()
	all, err := d.town.Files.Entries(ctx, d.page.list.all())
	d.town.Must(err)
	return all
}

// names are what the lines of the table are called.
func (d *desk) names() []string {
	d.T.Helper()
	return namesOf(d.items())
}

func namesOf(all []files.Entry) []string {
	var names []string
	for _, e := range all {
		names = append(names, e.Name)
	}
	return names
}

// pulse lets the page look at what is on its way.
func (d *desk) pulse() {
	for _, do := range d.pulses {
		do()
	}
	d.Settle()
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
	row := slices.Index(d.page.list.all(), d.entry(path).ID)
	if row < 0 {
		d.T.Fatalf("%q is not in the table: %q", path, d.names())
	}
	d.page.rows.SelectRow(row)
	d.Settle()
}

// also selects further lines.
func (d *desk) also(names ...string) {
	d.T.Helper()
	for _, name := range names {
		d.ClickWith(name, fyne.KeyModifierControl)
	}
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
	d.T.Helper()
	all, err := d.town.Files.Entries(ctx, d.page.selectedIDs())
	d.town.Must(err)
	names := namesOf(all)
	slices.Sort(names)
	return names
}
