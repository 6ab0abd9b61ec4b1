// SPDX-License-Identifier: EUPL-1.2

package syncui

import (
	"context"
	"testing"
	"time"

	"kontor/app"
	"kontor/app/journal"
	"kontor/app/ui/kit"
	"kontor/app/ui/uitest"
	"kontor/storage"
)

// watched is the real journal, which the page must not call on the UI goroutine.
type watched struct {
	*uitest.Watch
	town *uitest.Town
}

func (w watched) List(ctx context.Context, limit int) ([]journal.Op, error) {
	return uitest.Get(w.Watch, "List", func() ([]journal.Op, error) { return w.town.Journal.List(ctx, limit) })
}

func (w watched) Cancel(ctx context.Context, id int64) error {
	return w.Do("Cancel", func() error { return w.town.Journal.Cancel(ctx, id) })
}

func (w watched) Retry(ctx context.Context, id int64) error {
	return w.Do("Retry", func() error { return w.town.Journal.Retry(ctx, id) })
}

func (w watched) Hold(ctx context.Context, id int64) error {
	return w.Do("Hold", func() error { return w.town.Journal.Hold(ctx, id) })
}

func (w watched) Release(ctx context.Context, id int64) error {
	return w.Do("Release", func() error { return w.town.Journal.Release(ctx, id) })
}

func (w watched) Conflicts(ctx context.Context) ([]app.Conflict, error) {
	return uitest.Get(w.Watch, "Conflicts", func() ([]app.Conflict, error) { return w.town.Journal.Conflicts(ctx) })
}

func (w watched) Resolve(ctx context.Context, id int64, choice app.Choice) error {
	return w.Do("Resolve", func() error { return w.town.Journal.Resolve(ctx, id, choice) })
}

func (w watched) Snapshot(ctx context.Context) (app.Snapshot, error) {
	return uitest.Get(w.Watch, "Snapshot", func() (app.Snapshot, error) { return w.town.Status.Snapshot(ctx) })
}

func (w watched) Accounts(ctx context.Context) ([]storage.Account, error) {
	return uitest.Get(w.Watch, "Accounts", func() ([]storage.Account, error) { return w.town.Accounts.List(ctx) })
}

func (w watched) Room(ctx context.Context) (app.Travel, error) {
	return uitest.Get(w.Watch, "Room", func() (app.Travel, error) { return w.town.Files.Room(ctx) })
}

func (w watched) Travel(ctx context.Context) (app.Travel, error) {
	return uitest.Get(w.Watch, "Travel", func() (app.Travel, error) { return w.town.Files.Travel(ctx) })
}

func (w watched) KeepAll(ctx context.Context, on bool) error {
	return w.Do("KeepAll", func() error { return w.town.Files.KeepAll(ctx, on) })
}

// desk is the page on a real core.
type desk struct {
	*uitest.Scene
	town  *uitest.Town
	core  watched
	page  *Page
	syncs int
}

func open(t *testing.T, protocols ...string) *desk {
	t.Helper()
	d := &desk{Scene: uitest.New(t), town: uitest.NewTown(t, protocols...)}
	d.core = watched{Watch: d.Watch(), town: d.town}
	d.Follow(d.town.DB)
	d.build()
	return d
}

// build makes the page anew, as a change of the language does.
func (d *desk) build() {
	d.page = New(context.Background(), Config{
		Journal: d.core, Conflicts: d.core, Snapshot: d.core.Snapshot, Accounts: d.core.Accounts, SyncNow: func() { d.syncs++ },
		ShowError: d.ShowError, Toast: d.Toast, Now: time.Now, Travel: d.core,
		Choose: (&kit.Host{Window: d.Window}).Choose,
	})
	d.Enter(d.page)
}

// sync synchronises, whatever comes of it, and lets the page notice.
func (d *desk) sync() {
	d.T.Helper()
	_, _ = d.town.Sync(context.Background(), app.SyncOptions{})
	d.Settle()
}

// ops are the operations that the store holds.
func (d *desk) ops() []journal.Op {
	d.T.Helper()
	all, err := d.town.Journal.List(context.Background(), recent)
	if err != nil {
		d.T.Fatal(err)
	}
	return all
}

// touch makes the store say that the state of everything may have changed.
func touch(ctx context.Context, tx *storage.Tx) error {
	return tx.SetSetting(ctx, "touched", time.Now().String())
}
