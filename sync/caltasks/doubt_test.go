// SPDX-License-Identifier: EUPL-1.2

package caltasks

import (
	"net/http"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/storage"
)

// step carries out the first operation that is due, once, and gives the state it came to.
func (h *home) step() journal.State {
	h.t.Helper()
	ops, err := h.db.PendingOps(h.ctx, 0)
	h.must(err)
	op, ok := firstDue(ops)
	if !ok {
		h.t.Fatal("nothing is due")
	}
	res, err := h.attempt(op)
	return h.store(op, res, err)
}

// TestWriteInDoubt: a write has reached the server, and the server cannot be asked what became of it. That no connection is
// made then says nothing about the write: the change is in doubt, so that nobody can take it back here alone, and it is
// there once in the end.
func TestWriteInDoubt(t *testing.T) {
	refuseSeries := func(w http.ResponseWriter, r *http.Request, body string) bool {
		if r.Method != http.MethodPut || !tasks.Recurs(body) {
			return false
		}
		w.WriteHeader(http.StatusUnsupportedMediaType)
		return true
	}
	for _, c := range []struct {
		name   string
		series bool
		wrote  func(f *fake, w http.ResponseWriter, r *http.Request, body string) bool
	}{
		{"the answer is cut", false, func(f *fake, w http.ResponseWriter, r *http.Request, body string) bool {
			name, _ := nameIn(fakeList, r.URL.Path)
			f.store(name, body)
			f.vanish()
			cut(w)
			return true
		}},
		{"the answer comes, and how it lies there cannot be read", true, func(f *fake, _ http.ResponseWriter, _ *http.Request, _ string) bool {
			f.vanish()
			return false
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t)
			h := f.home()
			h.pull()
			e := tasks.Edit{Title: ptr("Tor")}
			if c.series {
				e.Due, e.RRule = &tasks.When{Time: time.Now(), AllDay: true}, ptr("FREQ=DAILY")
			}
			text, err := tasks.NewText("tor", e, time.Now())
			h.must(err)
			h.write(func(tx *storage.Tx) error {
				_, _, err := tx.AddTask(h.ctx, h.list("L").ID, "tor.ics", text, "Tor", 0)
				return err
			})
			f.answers(func(w http.ResponseWriter, r *http.Request, body string) bool {
				if c.series && refuseSeries(w, r, body) {
					return true
				}
				return r.Method == http.MethodPut && c.wrote(f, w, r, body)
			})
			want(t, "state after the write", h.step(), journal.InDoubt)
			want(t, "state while nobody answers", h.step(), journal.InDoubt)
			f.back()
			f.answers(refuseSeries)
			want(t, "states", h.push(), "[done]")
			h.pull()
			want(t, "here", h.titles(), "Tor")
			want(t, "objects on the server", len(f.objects), 1)
		})
	}
}

// TestMoveInDoubt: of a move in two steps the copy is made, and then the server is gone. The task lies in both lists until
// the move is done, so it must not count as waiting, which a person could take back.
func TestMoveInDoubt(t *testing.T) {
	for _, c := range []struct {
		name string
		stop func(f *fake) bool
	}{
		{"no connection", func(f *fake) bool { f.vanish(); return false }},
		{"too busy", func(*fake) bool { return true }},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t)
			numbered(f, 1)
			h := f.home()
			h.pull()
			s := beside(f, h)
			inner, busy, gone := f.override, false, false
			f.override = func(w http.ResponseWriter, r *http.Request, body string) bool {
				if r.Method == http.MethodPut && !gone {
					gone, busy = true, c.stop(f)
				} else if busy {
					w.WriteHeader(http.StatusServiceUnavailable)
					return true
				}
				return inner(w, r, body)
			}
			h.write(func(tx *storage.Tx) error {
				_, err := tx.MoveTask(h.ctx, h.find("T0").ID, s.id, "T0", 0)
				return err
			})
			want(t, "state after the copy", h.step(), journal.InDoubt)
			want(t, "state while nobody answers", h.step(), journal.InDoubt)
			if busy = false; c.name == "no connection" {
				f.back()
			}
			want(t, "states", h.push(), "[done]")
			want(t, "objects of both lists", len(s.objects), 1)
			want(t, "left in the first", f.text("t0.ics"), "")
			want(t, "shown in", h.find("T0").ListID, s.id)
		})
	}
}
