// SPDX-License-Identifier: EUPL-1.2

package engine

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/transport"
)

func TestStirred(t *testing.T) {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	home := place{noon, "127.0.0.1/8 192.168.1.5/24"}
	for name, c := range map[string]struct {
		now  place
		want bool
	}{
		"the same":           {place{noon.Add(stirEvery), home.addresses}, false},
		"a slow moment":      {place{noon.Add(3 * stirEvery), home.addresses}, false},
		"another network":    {place{noon.Add(stirEvery), "10.0.0.7/8 127.0.0.1/8"}, true},
		"the cable is out":   {place{noon.Add(stirEvery), "127.0.0.1/8"}, true}, // trying at once shows it at once
		"nothing is known":   {place{noon.Add(stirEvery), ""}, false},
		"it has been asleep": {place{noon.Add(time.Hour), home.addresses}, true},
	} {
		if got := stirred(home, c.now); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	if p := here(); p.addresses == "" || stirred(p, here()) {
		t.Errorf("%+v and a moment later %+v", p, here())
	}
}

// TestANewNetworkEndsTheWait: after failures everybody waits long; another network lets them try at once.
func TestANewNetworkEndsTheWait(t *testing.T) {
	db, account := openStore(t)
	s := newScript(1)
	s.pullErr = fmt.Errorf("dial: %w", transport.ErrServer)
	e := New(db, quiet)
	e.Add(account, s)
	op := add(t, db, journal.Op{AccountID: account, Kind: journal.MailFlags})
	op.Tries, op.NextTry = 9, time.Now().Add(time.Hour)
	if err := db.Write(context.Background(), func(tx *storage.Tx) error { return tx.SaveOp(context.Background(), op) }); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var mu sync.Mutex
	network := "a"
	look := func() place {
		mu.Lock()
		defer mu.Unlock()
		return place{time.Now().Round(0), network}
	}
	e.look, e.stir = look, time.Millisecond
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	eventually(t, "a failure", func() bool { s.mu.Lock(); defer s.mu.Unlock(); return s.pulls > 0 })
	s.mu.Lock()
	s.pullErr = nil
	s.mu.Unlock()
	mu.Lock()
	network = "b"
	mu.Unlock()
	eventually(t, "the operation", func() bool { return stateOf(t, db, op.ID).State == journal.Done })
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
