// SPDX-License-Identifier: EUPL-1.2

package uitest

import (
	"context"
	"errors"
	"testing"

	"kontor/app"
	"kontor/app/demo"
	"kontor/app/ui/kit"
	"kontor/storage"
)

// Town is a core with the first user's account on the embedded servers, synchronised once.
type Town struct {
	*app.App
	World   *demo.World
	Account int64
	t       testing.TB
}

// NewCore starts servers and opens a core without an account. The store is checked at the end.
func NewCore(t testing.TB) *Town {
	t.Helper()
	ctx := context.Background()
	world, err := demo.Start(ctx, demo.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(world.Close)
	core, err := app.OpenThrowaway(ctx, t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(core.DB.Check(ctx), core.Close()); err != nil {
			t.Error(err)
		}
	})
	return &Town{App: core, World: world, t: t}
}

// NewTown is NewCore with the first user's account. Only the servers of these protocols are used ("mail", "files",
// "tasks"); all where none is named.
func NewTown(t testing.TB, protocols ...string) *Town {
	t.Helper()
	town := NewCore(t)
	draft := town.World.Draft("")
	wanted := map[string]bool{}
	for _, p := range protocols {
		wanted[p] = true
	}
	if len(protocols) > 0 {
		for protocol, urls := range map[string][]*string{"mail": {&draft.IMAPURL, &draft.SMTPURL}, "files": {&draft.FilesURL}, "tasks": {&draft.TasksURL}} {
			for _, url := range urls {
				if !wanted[protocol] {
					*url = ""
				}
			}
		}
	}
	id, err := town.Accounts.Add(context.Background(), draft, town.World.Password())
	if err != nil {
		t.Fatal(err)
	}
	town.Account = id
	town.SyncAll()
	return town
}

// SyncAll synchronises once; it must work.
func (w *Town) SyncAll() {
	w.t.Helper()
	if _, err := w.Sync(context.Background(), app.SyncOptions{}); err != nil {
		w.t.Fatal(err)
	}
}

// Write changes the store behind the page's back, as synchronisation does.
func (w *Town) Write(change func(ctx context.Context, tx *storage.Tx) error) {
	w.t.Helper()
	ctx := context.Background()
	if err := w.DB.Write(ctx, func(tx *storage.Tx) error { return change(ctx, tx) }); err != nil {
		w.t.Fatal(err)
	}
}

// Must fails the test on an error.
func (w *Town) Must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// Undo gives what takes the last change back, as the window does.
func (w *Town) Undo(s *Scene) func() {
	return func() {
		kit.Act(func() error { _, err := w.Journal.Undo(context.Background()); return err }, s.ShowError)
	}
}
