// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
)

// TestWatch keeps a real process synchronising: it hears of news, of changes made by other calls, and of its end.
func TestWatch(t *testing.T) {
	t.Parallel()
	p := startPost(t, "anna")
	p.fill(5)
	p.setUp()
	watch := p.child("sync", "--watch")
	done := make(chan error, 1)
	go func() { done <- watch.Wait() }()
	defer func() { _ = watch.Process.Kill() }()
	has := func(folder string, n int) func() error {
		return func() error {
			a := p.call("mail", "list", folder, "--json")
			if a.code != exitDone || !strings.Contains(a.out, fmt.Sprintf("v%d@stadt.example", n)) {
				return fmt.Errorf("letter %d did not come: %s%s", n, a.out, a.err)
			}
			return nil
		}
	}
	eventually(t, has("INBOX", 3))
	if reason := p.refused(exitFailed, "sync"); !strings.Contains(reason, "gleicht diesen Bestand gerade ab") {
		t.Errorf("a second synchronisation: %s", reason)
	}
	p.append("INBOX", letter(50))
	eventually(t, has("INBOX", 50))
	p.do("mail", "flag", p.id("INBOX", 50), "+flagged")
	p.do("mail", "move", "Archive", p.id("INBOX", 1))
	eventually(t, func() error {
		if n := p.pending(); n > 0 {
			return fmt.Errorf("%d operations wait while another process synchronises:\n%s", n, p.do("journal"))
		}
		return nil
	})
	p.mark("INBOX", 2, imap.StoreFlagsAdd, imap.FlagFlagged)
	p.in.Drop() // it comes back by itself
	p.append("INBOX", letter(51))
	eventually(t, has("INBOX", 51))
	if err := watch.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("interrupted: %v", err)
	}
	p.sync()
	p.same()
}
