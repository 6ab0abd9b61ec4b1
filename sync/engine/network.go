// SPDX-License-Identifier: EUPL-1.2

package engine

import (
	"context"
	"net"
	"slices"
	"strings"
	"time"
)

// stirEvery is how often it is looked whether the computer has another network or has been asleep.
const stirEvery = 3 * time.Second

// place is where the computer is, as far as it can tell by itself.
type place struct {
	at        time.Time // by the clock on the wall, which goes on while the computer sleeps
	addresses string
}

func here() place {
	p := place{at: time.Now().Round(0)}
	list, err := net.InterfaceAddrs()
	if err != nil {
		return p
	}
	words := make([]string, len(list))
	for i, a := range list {
		words[i] = a.String()
	}
	slices.Sort(words)
	p.addresses = strings.Join(words, " ")
	return p
}

// stirred reports whether what could not be reached before may be reached now: the computer has other addresses, or it
// has slept. To have lost all is no reason to try.
func stirred(before, now place) bool {
	return now.addresses != "" && (now.addresses != before.addresses || now.at.Sub(before.at) > 10*stirEvery)
}

// watchNetwork lets everybody try again when the computer has come to another network or woken up, however long they
// would still wait after failed attempts.
func (e *Engine) watchNetwork(ctx context.Context) {
	ticker := time.NewTicker(e.stir)
	defer ticker.Stop()
	before := e.look()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := e.look()
		if stirred(before, now) {
			e.SyncNow(0)
		}
		before = now
	}
}
