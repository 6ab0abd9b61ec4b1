// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/mimemsg"
	"kontor/sync/smtpsend"
)

// TestSendNow: whatever a message waits for, it leaves at once. Its date is the moment it leaves, and nothing else of it
// changes.
func TestSendNow(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct {
		at    time.Duration // when it was to leave
		state journal.State
	}{
		"may be called back":    {0, journal.Waiting},
		"planned":               {26 * time.Hour, journal.Waiting},
		"planned for years":     {3 * 365 * 24 * time.Hour, journal.Held},
		"held":                  {0, journal.Held},
		"refused by the server": {0, journal.Failed},
	} {
		b := newWritingBox(t)
		out := b.draftOf(t, "Bescheid")
		if c.at > 0 {
			out.SendAt = time.Now().Add(c.at)
		}
		opID, err := b.Send(ctx, out)
		if err != nil {
			t.Fatal(err)
		}
		was, id := b.rawOfOp(t, opID)
		b.write(t, func(tx *storage.Tx) error {
			op := b.op(t, opID)
			op.State = c.state
			return tx.SaveOp(ctx, op)
		})
		b.woken = nil
		if err := b.SendNow(ctx, id); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		op := b.op(t, opID)
		if !journal.Due(op, "", time.Now()) || len(b.woken) != 1 {
			t.Errorf("%s: %s at %v, woke %v", name, op.State, op.NextTry, b.woken)
		}
		raw, _ := b.rawOfOp(t, opID)
		date := mimemsg.ParseHeader([]byte(raw)).Date
		if time.Since(date).Abs() > time.Minute {
			t.Errorf("%s: says %v", name, date)
		}
		if without(raw) != without(was) || strings.Count(raw, "Date: ") != 1 {
			t.Errorf("%s: %s\nwas\n%s", name, raw, was)
		}
		m, err := b.Open(ctx, id)
		if err != nil || time.Since(m.Date).Abs() > time.Minute || time.Since(m.Sent).Abs() > time.Minute || m.Size != int64(len(raw)) {
			t.Errorf("%s: %v %v, %d octets of %d, %v", name, m.Date, m.Sent, m.Size, len(raw), err)
		}
	}
}

// without leaves the date out of a message.
func without(raw string) string {
	head, rest, _ := strings.Cut(raw, "Date: ")
	_, rest, _ = strings.Cut(rest, "\r\n")
	return head + rest
}

// TestSendNowNothing: what is under way or gone is not touched, and said so.
func TestSendNowNothing(t *testing.T) {
	ctx := context.Background()
	b := newWritingBox(t)
	opID, err := b.Send(ctx, b.draftOf(t, "Bescheid"))
	if err != nil {
		t.Fatal(err)
	}
	_, id := b.rawOfOp(t, opID)
	b.write(t, func(tx *storage.Tx) error {
		op := b.op(t, opID)
		op.State = journal.Running
		return tx.SaveOp(ctx, op)
	})
	if err := b.SendNow(ctx, id); !errors.Is(err, journal.ErrState) {
		t.Errorf("under way: %v", err)
	}
	for _, other := range []int64{b.receive(t, b.inbox, 1, monday, letter(t, "Frage", "x", "anna@amt.example"))[0], 4711} {
		if err := b.SendNow(ctx, other); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("nothing waits for %d: %v", other, err)
		}
	}
}

// TestARedirectedMessageKeepsItsDate: it is its author's.
func TestARedirectedMessageKeepsItsDate(t *testing.T) {
	ctx := context.Background()
	b := newWritingBox(t)
	id := b.receive(t, b.inbox, 1, monday, mimemsg.Redate(letter(t, "Aus der Zukunft", "x", "anna@amt.example"), time.Date(2035, 1, 1, 8, 0, 0, 0, time.UTC)))[0]
	opID, err := b.Redirect(ctx, id, []mail.Address{{Addr: "bernd@kreis.example"}}, 0)
	if err != nil {
		t.Fatal(err)
	}
	before, waits := b.rawOfOp(t, opID)
	if err := b.SendNow(ctx, waits); err != nil {
		t.Fatal(err)
	}
	if after, _ := b.rawOfOp(t, opID); after != before || !strings.Contains(after, "2035") {
		t.Errorf("%s\nwas\n%s", after, before)
	}
}

// TestTheProofSaysThatNothingIsReported where a report was asked for and the server offers none.
func TestTheProofSaysThatNothingIsReported(t *testing.T) {
	ctx := context.Background()
	b := newWritingBox(t)
	for value, want := range map[string][2]bool{"": {false, false}, "0": {false, true}, "1": {true, true}} {
		b.write(t, func(tx *storage.Tx) error { return tx.SetSetting(ctx, smtpsend.ReportsSetting(b.account), value) })
		if offered, known, err := b.Reports(ctx, b.account); err != nil || [2]bool{offered, known} != want {
			t.Errorf("%q: %v %v %v", value, offered, known, err)
		}
	}
	i18n.Use(i18n.German)
	for _, silent := range []bool{false, true} {
		var text strings.Builder
		p := Proof{Recipients: []ProofRecipient{{Address: "a@x.example", State: ProofAccepted, Silent: silent}}}
		if _, err := p.WriteTo(&text); err != nil || strings.Contains(text.String(), "bietet keine an") != silent {
			t.Errorf("%v: %s", silent, text.String())
		}
	}
}

// TestRetriedMessages: one that was planned for later leaves now and says so; one that failed keeps the date it was
// written with.
func TestRetriedMessages(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct {
		at     time.Duration
		state  journal.State
		redate bool
	}{
		"planned": {26 * time.Hour, journal.Waiting, true},
		"failed":  {0, journal.Failed, false},
	} {
		b := newWritingBox(t)
		out := b.draftOf(t, "Bescheid")
		if c.at > 0 {
			out.SendAt = time.Now().Add(c.at)
		}
		opID, err := b.Send(ctx, out)
		if err != nil {
			t.Fatal(err)
		}
		was, _ := b.rawOfOp(t, opID)
		b.write(t, func(tx *storage.Tx) error {
			op := b.op(t, opID)
			op.State = c.state
			if c.state == journal.Failed {
				op.Tries = 3
			}
			return tx.SaveOp(ctx, op)
		})
		j := &Journal{db: b.db, wake: b.wake}
		if err := j.Retry(ctx, opID); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if op := b.op(t, opID); !journal.Due(op, "", time.Now()) {
			t.Errorf("%s: %s at %v", name, op.State, op.NextTry)
		}
		raw, _ := b.rawOfOp(t, opID)
		if date := mimemsg.ParseHeader([]byte(raw)).Date; date.After(time.Now().Add(time.Minute)) || (raw != was) != c.redate {
			t.Errorf("%s: says %v", name, date)
		}
	}
	if err := (&Journal{db: newWritingBox(t).db}).Retry(ctx, 4711); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("an operation that is not there: %v", err)
	}
}
