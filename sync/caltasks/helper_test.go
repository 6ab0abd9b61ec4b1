// SPDX-License-Identifier: EUPL-1.2

package caltasks

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/storage"
	"kontor/sync/engine"
)

// home is a store with one account, and the worker of its tasks.
type home struct {
	*Worker
	t    testing.TB
	ctx  context.Context
	path string
}

func newHome(t testing.TB, url, user, password string) *home {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kontor.db")
	ctx := context.Background()
	db, err := storage.Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	h := &home{t: t, ctx: ctx, path: path}
	t.Cleanup(func() {
		if err := db.Check(ctx); err != nil {
			t.Errorf("check: %v", err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	account := storage.Account{Name: "a", User: user, TasksURL: url}
	h.must(db.Write(ctx, func(tx *storage.Tx) (err error) {
		account.ID, err = tx.AddAccount(ctx, account)
		return err
	}))
	h.Worker, err = New(Config{DB: db, Account: account, Secret: func(context.Context) (string, error) { return password, nil }})
	h.must(err)
	t.Cleanup(func() { h.must(h.Close()) })
	return h
}

func (h *home) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *home) pull() {
	h.t.Helper()
	h.must(h.Pull(h.ctx))
}

// push carries out everything that waits, as the engine does, and gives the states it came to.
func (h *home) push() []journal.State {
	h.t.Helper()
	var states []journal.State
	for range 50 {
		ops, err := h.db.PendingOps(h.ctx, 0)
		h.must(err)
		op, ok := firstDue(ops)
		if !ok {
			return states
		}
		res, err := h.attempt(op)
		state := h.store(op, res, err)
		if state.Final() || state == journal.Failed {
			states = append(states, state)
		}
	}
	h.t.Fatal("the operations never end")
	return nil
}

func firstDue(ops []journal.Op) (journal.Op, bool) {
	for _, op := range ops {
		if op.State == journal.Waiting || op.State == journal.InDoubt {
			return op, true
		}
	}
	return journal.Op{}, false
}

func (h *home) attempt(op journal.Op) (engine.Result, error) {
	if op.State == journal.InDoubt {
		return h.Settle(h.ctx, op)
	}
	return h.Push(h.ctx, op)
}

func (h *home) store(op journal.Op, res engine.Result, err error) journal.State {
	h.t.Helper()
	reason := ""
	if err != nil {
		reason = err.Error()
	}
	op.Tries++
	next := journal.Next(op, res.Outcome, reason, time.Now(), 0)
	h.must(h.db.WriteDurable(h.ctx, func(tx *storage.Tx) error {
		if err := tx.SaveOp(h.ctx, next); err != nil || res.Apply == nil {
			return err
		}
		return res.Apply(h.ctx, tx)
	}))
	return next.State
}

func (h *home) write(fn func(*storage.Tx) error) {
	h.t.Helper()
	h.must(h.db.WriteDurable(h.ctx, fn))
}

func (h *home) all() []tasks.Task {
	h.t.Helper()
	all, err := h.db.Tasks(h.ctx, tasks.Query{Closed: true}, time.Now())
	h.must(err)
	return all
}

// find gives the task of that title.
func (h *home) find(title string) tasks.Task {
	h.t.Helper()
	for _, task := range h.all() {
		if task.Title == title {
			return task
		}
	}
	h.t.Fatalf("no task %q among %v", title, h.titles())
	return tasks.Task{}
}

func (h *home) titles() string {
	var titles []string
	for _, task := range h.all() {
		titles = append(titles, task.Title)
	}
	slices.Sort(titles)
	return strings.Join(titles, ",")
}

func (h *home) list(name string) tasks.List {
	h.t.Helper()
	lists, err := h.db.TaskLists(h.ctx)
	h.must(err)
	for _, l := range lists {
		if l.Name == name {
			return l
		}
	}
	h.t.Fatalf("no list %q in %v", name, lists)
	return tasks.List{}
}

func (h *home) add(list, title string) int64 {
	h.t.Helper()
	uid := "uid-" + title
	text, err := tasks.NewText(uid, tasks.Edit{Title: &title}, time.Now())
	h.must(err)
	var id int64
	l := h.list(list)
	h.write(func(tx *storage.Tx) (err error) {
		id, _, err = tx.AddTask(h.ctx, l.ID, uid+".ics", text, title, 0)
		return err
	})
	return id
}

func (h *home) edit(id int64, e tasks.Edit) {
	h.t.Helper()
	h.change(id, func(text string) (string, error) { return tasks.Apply(text, e, time.Now()) })
}

func (h *home) change(id int64, fn func(string) (string, error)) {
	h.t.Helper()
	row, err := h.db.TaskRow(h.ctx, id)
	h.must(err)
	text, err := fn(row.Text)
	h.must(err)
	h.write(func(tx *storage.Tx) error {
		_, err := tx.EditTask(h.ctx, id, text, "edit", 0)
		return err
	})
}

func (h *home) delete(id int64) {
	h.t.Helper()
	h.write(func(tx *storage.Tx) error {
		_, err := tx.DeleteTask(h.ctx, id, "delete", 0)
		return err
	})
}

func (h *home) report() Report { return h.Report() }

func (h *home) conflicts() []storage.ConflictRow {
	h.t.Helper()
	all, err := h.db.Conflicts(h.ctx)
	h.must(err)
	return all
}

// object is the text of one task as other programs write it.
func vtodo(uid string, lines ...string) string {
	return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Other//EN\r\nBEGIN:VTODO\r\nUID:" + uid + "\r\nDTSTAMP:20260101T000000Z\r\n" +
		strings.Join(lines, "\r\n") + "\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
}

func ptr[T any](v T) *T { return &v }

func want(t testing.TB, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
