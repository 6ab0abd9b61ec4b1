// SPDX-License-Identifier: EUPL-1.2

package live

import (
	"sync"
	"testing"
)

func TestTopicsAreMergedNotQueued(t *testing.T) {
	var b Bus
	s := b.Subscribe(Mail | Tasks)
	defer s.Close()
	b.Publish(Mail)
	b.Publish(Files)
	b.Publish(Tasks)
	if got := <-s.C(); got != Mail|Tasks {
		t.Fatalf("got %b", got)
	}
	select {
	case got := <-s.C():
		t.Fatalf("a second delivery: %b", got)
	default:
	}
}

func TestCloseEndsTheChannel(t *testing.T) {
	var b Bus
	s := b.Subscribe(All)
	s.Close()
	s.Close()
	b.Publish(Mail)
	if _, open := <-s.C(); open {
		t.Fatal("closed subscription delivered")
	}
}

func TestConcurrentPublishersLoseNoTopic(t *testing.T) {
	var b Bus
	s := b.Subscribe(All)
	defer s.Close()
	var wg sync.WaitGroup
	for _, topic := range []Topics{Mail, Folders, Files, Tasks} {
		wg.Go(func() {
			for range 100 {
				b.Publish(topic)
			}
		})
	}
	var got Topics
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	for {
		select {
		case hit := <-s.C():
			got |= hit
			continue
		case <-done:
		}
		break
	}
	select {
	case hit := <-s.C():
		got |= hit
	default:
	}
	if got != Mail|Folders|Files|Tasks {
		t.Fatalf("got %b", got)
	}
	if got.Has(Journal) || !got.Has(Mail|Journal) {
		t.Fatal("Has means any of")
	}
}
