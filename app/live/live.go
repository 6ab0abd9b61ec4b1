// SPDX-License-Identifier: EUPL-1.2

// Package live is the change bus: it tells views that what they show may be stale. It carries no data; whoever hears
// of a change reads the store again.
package live

import "sync"

// Topics is a set of things that can change.
type Topics uint32

// The topics.
const (
	Mail Topics = 1 << iota
	Folders
	Files
	Tasks
	Journal
	Accounts
	Settings
	Status
	All Topics = 1<<iota - 1
)

// Has reports whether any of the topics in o is in t.
func (t Topics) Has(o Topics) bool { return t&o != 0 }

// Bus hands topics to its subscribers. The zero value is ready. It is safe for use by several goroutines.
type Bus struct {
	mu   sync.Mutex
	subs map[*Subscription]struct{}
}

// Subscription is one listener. What it does not fetch in time is merged, never queued, so a slow listener costs nothing.
type Subscription struct {
	bus  *Bus
	want Topics
	ch   chan Topics
}

// Subscribe listens to the topics in want until Close.
func (b *Bus) Subscribe(want Topics) *Subscription {
	s := &Subscription{bus: b, want: want, ch: make(chan Topics, 1)}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.subs == nil {
		b.subs = map[*Subscription]struct{}{}
	}
	b.subs[s] = struct{}{}
	return s
}

// C yields the merged topics that changed since the last receive. It is closed by Close.
func (s *Subscription) C() <-chan Topics { return s.ch }

// Close ends the subscription. A second Close does nothing.
func (s *Subscription) Close() {
	s.bus.mu.Lock()
	defer s.bus.mu.Unlock()
	if _, ok := s.bus.subs[s]; !ok {
		return
	}
	delete(s.bus.subs, s)
	close(s.ch)
}

// Publish tells every subscriber that wants one of the topics. It never blocks.
func (b *Bus) Publish(t Topics) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for s := range b.subs {
		hit := t & s.want
		if hit == 0 {
			continue
		}
		select {
		case old := <-s.ch:
			hit |= old
		default:
		}
		s.ch <- hit
	}
}
