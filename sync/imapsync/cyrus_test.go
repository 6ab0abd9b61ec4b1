// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"fmt"
	"slices"
	"testing"

	"kontor/sync/servertest"
)

// TestOneStoryOnCyrus tells the story of every server on another make of server, which numbers changes of its own and files
// folders with a use.
func TestOneStoryOnCyrus(t *testing.T) {
	s := servertest.Cyrus(t)
	if s.IMAPAddr == "" {
		t.Skip("cyrus-imapd is not installed")
	}
	l := labOf(t, &servertest.IMAPServer{Addr: s.IMAPAddr, Password: s.Password, Certs: &servertest.Certificates{}}, s.IMAPAddr, "bernd")
	for _, use := range []string{"Archive", "Drafts", "Sent", "Trash", "Junk"} {
		l.do(`CREATE "`, use, `" (USE (\`, use, `))`)
	}
	l.prologue()
	l.pull()
	l.same()
	ops := l.own()
	l.theirs()
	for i, op := range ops {
		l.mustPush(op)
		if i%3 == 2 {
			l.pull()
		}
	}
	l.pull()
	l.pull()
	l.same()
	l.outcome()
	_ = l.w.Close()
	l.w = l.worker()
	l.pull()
	l.same()
	if r := l.w.Report(); r.Bodies != 0 || r.New != 0 {
		t.Errorf("fetched again: %+v", r)
	}
	for folder, n := range foreign {
		if folder != "Akten" && !slices.Contains(l.remote(folder), fmt.Sprintf(`<v%d@amt.example> \Deleted`, n)) {
			t.Errorf("what another program had marked as deleted is gone from %s: %q", folder, l.remote(folder))
		}
	}
	if odd := l.w.odd.Load(); odd != 0 {
		t.Errorf("%d odd answers", odd)
	}
}
