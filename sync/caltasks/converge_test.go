// SPDX-License-Identifier: EUPL-1.2

package caltasks

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"kontor/app/journal"
	"kontor/app/tasks"
)

// world is a server and two people with the same list, who change it as chance wants while the line breaks.
type world struct {
	*fake
	t     *testing.T
	rnd   *rand.Rand
	homes []*home
	added map[string]bool            // titles that were added and deleted by nobody
	notes map[string]map[string]bool // words that a task was tagged with
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{fake: newFake(t), t: t, rnd: rand.New(rand.NewPCG(seed, 7)), added: map[string]bool{}, notes: map[string]map[string]bool{}}
	w.noQueryData = seed%2 == 0
	w.noPutTag = seed%3 == 0
	if seed%5 == 0 {
		w.tokenError = http.StatusInternalServerError
	}
	if seed%7 == 0 {
		w.rewrite = func(s string) string { return strings.Replace(s, "VERSION:2.0\r\n", "VERSION:2.0\r\nX-SEEN:1\r\n", 1) }
	}
	w.homes = []*home{w.home(), w.home()}
	for _, h := range w.homes {
		h.pull()
	}
	return w
}

// cut lets the line break: before the request arrives, or before its answer does.
func (w *world) cut() {
	after := w.rnd.IntN(2) == 0
	w.mu.Lock()
	defer w.mu.Unlock()
	w.override = func(rw http.ResponseWriter, r *http.Request, body string) bool {
		w.override = nil
		if name, ok := nameIn(fakeList, r.URL.Path); ok && after {
			lost := httptest.NewRecorder()
			switch r.Method {
			case http.MethodPut:
				w.put(lost, r, name, body, true)
			case http.MethodDelete:
				if w.precondition(lost, r, name) {
					w.version++
					delete(w.objects, name)
					w.gone = append(w.gone, name)
				}
			}
		}
		conn, _, err := http.NewResponseController(rw).Hijack()
		if err == nil {
			err = conn.Close()
		}
		if err != nil {
			w.t.Error(err)
		}
		return true
	}
}

// step is something one person does.
func (w *world) step(n int) {
	h := w.homes[w.rnd.IntN(2)]
	all := h.all()
	switch what := w.rnd.IntN(10); {
	case what < 2 || len(all) == 0:
		title := fmt.Sprintf("T%d", n)
		h.add("L", title)
		w.added[title] = true
	case what < 4: // a word that must never get lost
		task := all[w.rnd.IntN(len(all))]
		word := fmt.Sprintf("w%d", n)
		h.edit(task.ID, tasks.Edit{Tags: ptr(append(slices.Clone(task.Tags), word))})
		if w.notes[task.Title] == nil {
			w.notes[task.Title] = map[string]bool{}
		}
		w.notes[task.Title][word] = true
	case what < 5:
		h.edit(all[w.rnd.IntN(len(all))].ID, tasks.Edit{Priority: ptr(w.rnd.IntN(10))})
	case what < 6:
		task := all[w.rnd.IntN(len(all))]
		h.delete(task.ID)
		delete(w.added, task.Title)
	case what < 8:
		if w.rnd.IntN(2) == 0 {
			w.cut()
		}
		w.pushOne(h)
	default:
		if w.rnd.IntN(4) == 0 {
			w.cut()
		}
		if err := h.Pull(h.ctx); err != nil && !strings.Contains(err.Error(), "EOF") && !strings.Contains(err.Error(), "reset") {
			w.t.Fatal(err)
		}
	}
}

// pushOne carries out the oldest operation of a home.
func (w *world) pushOne(h *home) {
	ops, err := h.db.PendingOps(h.ctx, 0)
	h.must(err)
	if op, ok := firstDue(ops); ok {
		res, err := h.attempt(op)
		if h.store(op, res, err) == journal.Failed {
			w.t.Fatalf("%s failed: %v", op.Kind, err)
		}
	}
}

// settle lets both come to rest.
func (w *world) settle() {
	w.mu.Lock()
	w.override = nil
	w.mu.Unlock()
	for range 3 {
		for _, h := range w.homes {
			for _, state := range h.push() {
				if state != journal.Done {
					w.t.Fatalf("state %s", state)
				}
			}
			h.pull()
		}
	}
}

// Whatever two people do and wherever the line breaks: in the end both see what the server holds, no task that nobody
// deleted is missing, and no word is lost.
func TestConvergence(t *testing.T) {
	for seed := range uint64(15) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := newWorld(t, seed)
			for n := range 60 {
				w.step(n)
			}
			w.settle()
			a, b := w.homes[0], w.homes[1]
			want(t, "both see the same", a.titles(), b.titles())
			want(t, "as many as the server holds", len(a.all()), len(w.objects))
			for _, h := range w.homes {
				for _, task := range h.all() {
					row, err := h.db.TaskRow(h.ctx, task.ID)
					h.must(err)
					if row.Text != w.text(row.Name) {
						t.Errorf("%s is shown as\n%s\nheld as\n%s", task.Title, row.Text, w.text(row.Name))
					}
				}
			}
			for title := range w.added {
				for word := range w.notes[title] {
					if !slices.Contains(a.find(title).Tags, word) {
						t.Errorf("%s lost %s: %v", title, word, a.find(title).Tags)
					}
				}
			}
		})
	}
}
