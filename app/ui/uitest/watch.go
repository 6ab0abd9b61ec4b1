// SPDX-License-Identifier: EUPL-1.2

package uitest

import (
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

// Watch stands between a page and its core. It fails the test where the page calls the core on the UI goroutine, notes
// each call, and lets calls fail.
type Watch struct {
	t     testing.TB
	loop  *Loop
	calls []string
	fail  map[string]error
}

// Watch makes a watch for a core of this scene.
func (s *Scene) Watch() *Watch { return &Watch{t: s.T, loop: &s.Loop, fail: map[string]error{}} }

// Fail lets every call of a method fail, until it is told nil.
func (w *Watch) Fail(method string, err error) { w.fail[method] = err }

// Calls lists the calls of these methods since the last time it was asked.
func (w *Watch) Calls(methods ...string) []string {
	var found []string
	w.calls = slices.DeleteFunc(w.calls, func(c string) bool {
		name, _, _ := strings.Cut(c, " ")
		hit := slices.Contains(methods, name)
		if hit {
			found = append(found, c)
		}
		return hit
	})
	return found
}

// Enter notes a call; words say what it is about.
func (w *Watch) Enter(method string, words ...string) error {
	w.t.Helper()
	if !w.loop.Away() {
		w.t.Errorf("%s is called on the UI goroutine:\n%s", method, debug.Stack())
	}
	w.calls = append(w.calls, strings.Join(append([]string{method}, words...), " "))
	return w.fail[method]
}

// Get passes a call on that gives something.
func Get[T any](w *Watch, method string, call func() (T, error)) (T, error) {
	w.t.Helper()
	if err := w.Enter(method); err != nil {
		var none T
		return none, err
	}
	return call()
}

// Do passes a call on that only fails or not.
func (w *Watch) Do(method string, call func() error) error {
	w.t.Helper()
	if err := w.Enter(method); err != nil {
		return err
	}
	return call()
}
