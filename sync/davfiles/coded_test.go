// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	"kontor/app/journal"
	"kontor/sync/dav"
	"kontor/sync/servertest"
	"kontor/sync/transport"
)

// TestCausesOfRefusals: what a person can do something about has a word of its own; the error behind it stays to be seen.
func TestCausesOfRefusals(t *testing.T) {
	status := func(code int) error { return fmt.Errorf("put: %w", &dav.StatusError{Code: code}) }
	for _, c := range []struct {
		err  error
		want string
	}{
		{status(507), "files.quota"},
		{status(423), "files.locked"},
		{status(413), "files.too-large"},
		{status(403), "files.forbidden"},
		{fmt.Errorf("put: %w", errReadOnly), "files.forbidden"},
		{status(500), "server"},
		{transport.ErrSignIn, "sign-in"},
		{coded(status(507)), "files.quota"},
	} {
		got := coded(c.err)
		if code := transport.CodeOf(got); code != c.want || !errors.Is(got, c.err) || got.Error() != c.err.Error() {
			t.Errorf("%v: %q", c.err, code)
		}
	}
	if coded(nil) != nil {
		t.Error("nothing is no refusal")
	}
}

// TestCase21And62SayWhy: the operation that waits or was refused keeps the word that the window explains, also where files
// were sent together.
func TestCase21And62SayWhy(t *testing.T) {
	for status, want := range map[int]string{507: "files.quota", 423: "files.locked", 403: "files.forbidden"} {
		s := servertest.Apache(t)
		c, p := through(t, s, "x=x")
		p.on(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodPut || r.URL.Path != "/a" {
				return false
			}
			_, _ = io.Copy(io.Discard, r.Body)
			w.WriteHeader(status)
			return true
		})
		c.write("a", "meine Fassung")
		c.sync()
		ops, err := c.db.PendingOps(t.Context(), c.acc.ID)
		if err != nil || len(ops) != 1 || ops[0].Cause != want || (ops[0].State == journal.Failed) != (status == 403) {
			t.Errorf("%d: %+v %v", status, ops, err)
		}
	}
	c, s := inStepWith(t, newCloud(t, servertest.CloudOptions{Quota: 1000}), "put x=x")
	for _, name := range []string{"a", "b", "c", "d"} {
		c.write(name, string(make([]byte, 900)))
	}
	_ = c.trySync()
	ops, err := c.db.PendingOps(t.Context(), c.acc.ID)
	if err != nil || len(ops) == 0 || len(s.tree()) > 2 {
		t.Fatalf("%+v %v", ops, err)
	}
	for _, op := range ops {
		if op.LastError != "" && op.Cause != "files.quota" {
			t.Errorf("%s %q", op.Cause, op.LastError)
		}
	}
}
