// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"kontor/app/accounts"
	"kontor/app/demo"
	"kontor/app/mail"
	"kontor/app/tasks"
)

// tagAll gives each of some messages a keyword and makes a task of it.
func tagAll(t *testing.T, core *App, who string, list int64, mine []mail.Summary) {
	for i, m := range mine {
		title := fmt.Sprint(who, " ", i)
		_, added := core.Tasks.Add(t.Context(), list, tasks.Edit{Title: &title})
		if err := errors.Join(added, core.Mail.Keywords(t.Context(), []int64{m.ID}, []string{who}, nil)); err != nil {
			t.Error(err)
		}
	}
}

// nothingWaits waits until everything has been carried out.
func nothingWaits(t *testing.T, core *App) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		ops, err := core.DB.PendingOps(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(ops) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d operations still wait: %+v", len(ops), ops[0])
		}
	}
}

// TestTwoProcessesOnOneStore: a command line works beside the window that synchronises. Both see what either does, nothing
// is lost between them, only one of them talks to the servers, and it carries out what the other asked for.
func TestTwoProcessesOnOneStore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	world, err := demo.Start(ctx, demo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer world.Close()
	home := t.TempDir()
	open := func() *App {
		core, err := Open(ctx, Options{Home: home, Keys: accounts.NewVault(accounts.VaultOptions{Dir: home, FileOnly: true, Passphrase: "amt"})})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := errors.Join(core.DB.Check(context.Background()), core.Close()); err != nil {
				t.Error(err)
			}
		})
		return core
	}
	window := open()
	if _, err := window.Accounts.Add(ctx, world.Draft(""), world.Password()); err != nil {
		t.Fatal(err)
	}
	if _, err := window.Sync(ctx, SyncOptions{}); err != nil {
		t.Fatal(err)
	}
	other := open()
	ended := make(chan error, 1)
	go func() {
		for { // the loop below may be faster once
			if err := window.Run(ctx); !errors.Is(err, ErrHomeInUse) {
				ended <- err
				return
			}
		}
	}()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if _, err = other.Sync(ctx, SyncOptions{}); errors.Is(err, ErrHomeInUse) {
			break
		}
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("two synchronise one home: %v", err)
		}
	}
	inbox, err := window.Mail.List(ctx, mail.Query{Role: mail.RoleInbox}, 0, 20)
	if err != nil || len(inbox) < 20 {
		t.Fatalf("%d, %v", len(inbox), err)
	}
	lists, err := other.Tasks.Lists(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var both sync.WaitGroup
	both.Go(func() { tagAll(t, window, "fenster", lists[0].ID, inbox[:10]) })
	both.Go(func() { tagAll(t, other, "zeile", lists[0].ID, inbox[10:]) })
	both.Wait()
	nothingWaits(t, other)
	tagged := map[string]int{}
	for _, m := range world.Users()[0].Messages("INBOX") {
		for _, f := range m.Flags {
			tagged[f]++
		}
	}
	if tagged["fenster"] != 10 || tagged["zeile"] != 10 {
		t.Errorf("the server has %v", tagged)
	}
	for _, core := range []*App{window, other} {
		if all, err := core.Tasks.List(ctx, tasks.Query{ListID: lists[0].ID}); err != nil || len(all) < 20 {
			t.Errorf("%d tasks, %v", len(all), err)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
