// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"kontor/app/mail"
)

// Finish leaves nothing out, and can be interrupted; Behind tells what is missing until then.
func TestFinishFindsEverything(t *testing.T) {
	ctx := context.Background()
	b := newMailBox(t)
	s := NewSearch(b.db)
	for i := range 30 {
		b.receive(t, b.inbox, uint32(i+1), monday.Add(time.Duration(i)*time.Hour), letter(t, fmt.Sprint("Vorgang ", i), "Deichschau im Herbst", "anna@amt.example"))
	}
	if n, err := s.Behind(ctx); n != 30 || err != nil {
		t.Fatalf("%d behind, %v", n, err)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := s.Finish(gone, func(int) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	last := 31
	err := s.Finish(ctx, func(left int) {
		if left >= last {
			t.Errorf("%d left after %d", left, last)
		}
		last = left
	})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := s.Behind(ctx); n != 0 || err != nil {
		t.Errorf("%d behind, %v", n, err)
	}
	if found, err := s.Find(ctx, "Deichschau", nil, 100); len(found) != 30 || err != nil {
		t.Errorf("%d found, %v", len(found), err)
	}
}

// What is not kept leaves the disk but is still found, until it is wanted again.
func TestKeepDropsAndFetchesAgain(t *testing.T) {
	ctx := context.Background()
	b := newMailBox(t)
	s := NewSearch(b.db)
	old := b.receive(t, b.inbox, 1, monday.AddDate(-2, 0, 0), letter(t, "Alt", "Deichschau im Herbst", "anna@amt.example"))[0]
	b.receive(t, b.inbox, 2, time.Now(), letter(t, "Neu", "Deichschau im Frühjahr", "anna@amt.example"))
	if _, err := s.Index(ctx); err != nil {
		t.Fatal(err)
	}
	if err := b.Keep(ctx, b.account, mail.Keep{Days: 30}); err != nil {
		t.Fatal(err)
	}
	kept, err := b.Kept(ctx, b.account)
	if err != nil || kept.Rules.Days != 30 || kept.Whole != 1 || kept.Unwanted != 1 || kept.Missing != 0 || kept.Octets == 0 {
		t.Errorf("%+v %v", kept, err)
	}
	if got := find(t, s, "herbst"); got != "Alt" {
		t.Errorf("what is not kept is not found any more: %q", got)
	}
	if _, err := b.Raw(ctx, old); err == nil {
		t.Error("the octets are still here")
	}
	if err := b.Keep(ctx, b.account, mail.DefaultKeep); err != nil {
		t.Fatal(err)
	}
	if kept, err = b.Kept(ctx, b.account); err != nil || kept.Missing != 1 || kept.Unwanted != 0 {
		t.Errorf("%+v %v", kept, err)
	}
	if n, err := s.Behind(ctx); n != 0 || err != nil {
		t.Errorf("%d behind although nothing came, %v", n, err)
	}
}
