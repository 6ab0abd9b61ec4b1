// SPDX-License-Identifier: EUPL-1.2

package caltasks

import (
	"net/http"
	"strings"
	"testing"

	"kontor/app/tasks"
)

// TestEachLostVersionIsKept: of each version that was written over, a person decides; of one that never was, nobody needs to.
func TestEachLostVersionIsKept(t *testing.T) {
	f := newFake(t)
	f.set("a.ics", vtodo("a", "SUMMARY:Alt"))
	h := f.home()
	h.pull()
	id := h.find("Alt").ID
	meet := func(mine string, theirs ...string) {
		t.Helper()
		h.edit(id, tasks.Edit{Title: &mine})
		f.override = func(_ http.ResponseWriter, r *http.Request, _ string) bool {
			if r.Method == http.MethodPut && len(theirs) > 0 { // somebody is a little faster, more than once
				f.store("a.ics", vtodo("a", "SUMMARY:"+theirs[0]))
				theirs = theirs[1:]
			}
			return false
		}
		h.push()
	}
	meet("Mein erster", "Ihr erster")
	meet("Mein zweiter", "Ihr zweiter", "Ihr dritter")
	held := make([]string, 0, 2)
	for _, c := range h.conflicts() {
		held = append(held, string(c.Detail))
	}
	if len(held) != 2 || !strings.Contains(held[0], "Ihr erster") || !strings.Contains(held[1], "Ihr dritter") {
		t.Errorf("kept for a decision: %q", held)
	}
	want(t, "on the server", strings.Contains(f.text("a.ics"), "SUMMARY:Mein zweiter"), true)
	h.delete(id)
	h.push()
	want(t, "of a task that is gone", len(h.conflicts()), 0)
}
