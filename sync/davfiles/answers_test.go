// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/dav"
	"kontor/sync/servertest"
	"kontor/sync/transport"
)

func TestOutcomes(t *testing.T) {
	status := func(code int) error { return fmt.Errorf("upload: %w", &dav.StatusError{Code: code}) }
	cases := []struct {
		err  error
		sent bool
		want journal.Outcome
	}{
		{transport.ErrSignIn, true, journal.Retry},
		{transport.ErrPortal, true, journal.Retry},
		{status(412), true, journal.Stale},
		{status(403), true, journal.Rejected},
		{status(400), true, journal.Rejected},
		{status(413), true, journal.Rejected},
		{status(423), true, journal.Retry},
		{status(507), true, journal.Retry},
		{status(503), true, journal.Retry},
		{status(404), true, journal.Retry},
		{io.ErrUnexpectedEOF, true, journal.Unknown},
		{io.ErrUnexpectedEOF, false, journal.Retry},
	}
	for _, c := range cases {
		if got := outcome(c.err, c.sent); got != c.want {
			t.Errorf("%v, sent %v: %d, want %d", c.err, c.sent, got, c.want)
		}
	}
}

// One file that the server refuses to hand out is shown; the others come, and it is tried again.
func TestProblemsOfSingleFiles(t *testing.T) {
	s := servertest.Apache(t)
	c, p := through(t, s, "x=x")
	on(t, s, "a=a", "b=b", "c=c", "d=d")
	age(t, s, "a", "b", "c", "d")
	codes := map[string]int{"/a": 403, "/b": 423, "/c": 500}
	p.on(func(w http.ResponseWriter, r *http.Request) bool {
		if code := codes[r.URL.Path]; code != 0 && r.Method == http.MethodGet {
			w.WriteHeader(code)
			return true
		}
		return false
	})
	c.sync()
	for path, want := range map[string]string{"a": problemForbidden, "b": problemLocked, "c": problemServer, "d": ""} {
		row, err := c.db.FileByPath(t.Context(), c.acc.ID, path)
		if err != nil || row.Problem != want {
			t.Errorf("%s: %q %v", path, row.Problem, err)
		}
	}
	p.on(nil)
	c.sync()
	c.want(s, "x=x", "a=a", "b=b", "c=c", "d=d")
	row, err := c.db.FileByPath(t.Context(), c.acc.ID, "a")
	if err != nil || row.Problem != "" {
		t.Errorf("%q %v", row.Problem, err)
	}
}

func TestLargeDownloadsShowTheirProgress(t *testing.T) {
	s := servertest.Apache(t)
	c, p := through(t, s, "x=x")
	big := strings.Repeat("0123456789abcdef", 512<<10)
	on(t, s, "big="+big)
	age(t, s, "big")
	seen := make(chan int, 1)
	p.on(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodGet {
			return false
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(big)))
		_, _ = io.WriteString(w, big[:5<<20])
		_ = http.NewResponseController(w).Flush()
		for range 200 {
			row, err := c.db.FileByPath(t.Context(), c.acc.ID, "big")
			if err == nil && row.Progress >= 0 {
				seen <- row.Progress
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		_, _ = io.WriteString(w, big[5<<20:])
		return true
	})
	c.sync()
	select {
	case n := <-seen:
		if n >= 100 {
			t.Errorf("%d per cent", n)
		}
	default:
		t.Error("no progress was shown")
	}
	c.want(s, "x=x", "big="+big)
	if row, err := c.db.FileByPath(t.Context(), c.acc.ID, "big"); err != nil || row.Progress != -1 {
		t.Errorf("%d %v", row.Progress, err)
	}
}

func TestCopyFileKeepsContentAndTime(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	at := time.Date(2020, 2, 3, 4, 5, 6, 0, time.UTC)
	if err := os.WriteFile(from, []byte("inhalt"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(from, at, at); err != nil {
		t.Fatal(err)
	}
	if err := copyFile(from, to); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(to)
	info, statErr := os.Stat(to)
	if err != nil || statErr != nil || string(b) != "inhalt" || !info.ModTime().Equal(at) {
		t.Errorf("%q %v %v", b, err, statErr)
	}
	if err := copyFile(from, to); err == nil {
		t.Error("an existing file was overwritten")
	}
}

// The server answers a Range request with another range than the one that was asked for (case 13).
func TestCase13OtherRange(t *testing.T) {
	size, have := int64(100), int64(40)
	for value, want := range map[string]bool{
		"bytes 40-99/100": true, "bytes 0-99/100": false, "bytes 40-98/100": false, "bytes 40-99/101": false, "bytes 40-99/*": false, "": false,
	} {
		resp := &http.Response{Header: http.Header{"Content-Range": {value}}}
		if got := continues(resp, have, size); got != want {
			t.Errorf("%q: %v", value, got)
		}
	}
}

// Case 5: another server behind the same account is a new pairing: nothing is deleted.
func TestCase05OtherServer(t *testing.T) {
	c, _ := inStep(t, "put a=a", "mkdir d", "put d/b=b")
	other := newCloud(t)
	other.edit("put c=c", "mkdir d", "put d/b=anders")
	c.acc.FilesURL = other.URL
	c.must(c.db.Write(t.Context(), func(tx *storage.Tx) error { return tx.SaveAccount(t.Context(), c.acc) }))
	c.restart()
	for range 3 {
		c.sync()
	}
	got := other.tree()
	if got["a"] != "a" || got["c"] != "c" || got["d/b"] != "anders" || got["d/"+copyName("b")] != "b" {
		t.Errorf("%q", brief(got))
	}
	c.same("disk", tree(t, c.root), got)
}

// TestNothingIsInDoubtWhereNothingWasSent: the server cannot be reached at all when changes are on their way. They wait.
func TestNothingIsInDoubtWhereNothingWasSent(t *testing.T) {
	c, s := inStep(t, "put a=a", "put b=b", "put c=c", "mkdir d", "put d/x=x", "put f=f")
	c.write("a", "geändert")
	c.write("neu", "neu")
	c.write("d/auch", "neu")
	c.rename("b", "e")
	c.remove("c")
	c.edit("mkdir g")
	c.offline(s)
	s.Close()
	if c.trySync() == nil {
		t.Error("the server answers")
	}
	ops, err := c.db.PendingOps(t.Context(), 0)
	c.must(err)
	tried := 0
	for _, op := range ops {
		tried += op.Tries
		if op.State != journal.Waiting {
			t.Errorf("%s %s: %s %s", op.Kind, op.Target, op.State, op.LastError)
		}
	}
	if len(ops) != 6 || tried == 0 {
		t.Errorf("%d operations, %d attempts", len(ops), tried)
	}
}
