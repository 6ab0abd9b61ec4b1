// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/app/mail"
)

// digest takes messages off the queue as if they had been read.
func digest(t *testing.T, db *DB) {
	t.Helper()
	ctx := context.Background()
	jobs, err := db.IndexJobs(ctx, 1000)
	if err != nil {
		t.Fatal(err)
	}
	docs, _, err := db.IndexSources(ctx, jobs)
	if err != nil {
		t.Fatal(err)
	}
	for i, j := range jobs {
		if docs[i].HasText && j.Kind == SearchMail {
			s, err := db.StoredBody(ctx, j.ID)
			if err != nil {
				t.Fatal(err)
			}
			docs[i].Digest = &Digest{Snippet: "gelesen", From: s.At}
			if s.Spooled() {
				if docs[i].Digest.Packed, err = db.Pack(ctx, s.Raw); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if err := db.KeepPacked(docs); err != nil {
		t.Fatal(err)
	}
	for len(docs) > 0 {
		write(t, db, func(tx *Tx) error {
			n, err := tx.PutIndex(ctx, docs)
			docs = docs[n:]
			return err
		})
	}
}

func TestWhatIsNotKeptIsDroppedAndFetchedAgain(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX", "Entwürfe")
	waiting, draft, local, plain, unread := sample(account, f[0], 0), sample(account, f[1], 1), sample(account, f[0], 2), sample(account, f[0], 3), sample(account, f[0], 4)
	local.UID = 0
	ids := add(t, db, waiting, draft, local, plain, unread)
	spool(t, db, ids[:4], noise(10, 0), noise(10, 1), noise(10, 2), noise(10, 3))
	digest(t, db)
	spool(t, db, ids[4:], noise(10, 4))
	payload, err := json.Marshal(mail.MoveOp{IDs: ids[:1], From: f[0], To: f[0]})
	if err != nil {
		t.Fatal(err)
	}
	write(t, db, func(tx *Tx) error {
		_, err := tx.AddOp(ctx, journal.Op{AccountID: account, Kind: journal.MailMove, Payload: payload, Targets: []journal.Target{{Table: "messages", ID: ids[0]}}})
		if err != nil {
			return err
		}
		return tx.SetKeep(ctx, account, mail.Keep{Days: 1})
	})
	rules, err := db.Keep(ctx, account)
	if err != nil || rules.Days != 1 {
		t.Fatalf("%+v %v", rules, err)
	}
	held, err := db.HeldMail(ctx, account)
	if err != nil {
		t.Fatal(err)
	}
	plan := mail.PlanKeep(rules, held, time.Now())
	if !slices.Equal(plan.Drop, ids[3:4]) {
		t.Errorf("to be dropped: %v of %v", plan.Drop, ids)
	}
	// Even a plan that is out of date drops nothing that must stay.
	write(t, db, func(tx *Tx) error { return tx.ApplyKeep(ctx, mail.KeepPlan{Drop: ids, Forgo: ids}) })
	for i, id := range ids {
		if _, err := db.Body(ctx, id); (i == 3) != errors.Is(err, ErrNotFound) {
			t.Errorf("message %d: %v", i, err)
		}
	}
	if missing, err := db.BodylessMail(ctx, account, 0, 10); err != nil || len(missing) != 0 {
		t.Errorf("fetched although not wanted: %+v %v", missing, err)
	}
	if yes, err := db.WantBody(ctx, ids[3]); !yes || err != nil {
		t.Error(yes, err)
	}
	if missing, err := db.BodylessMail(ctx, account, 0, 10); err != nil || len(missing) != 1 {
		t.Errorf("opened, and not fetched: %+v %v", missing, err)
	}
	if held, err = db.HeldMail(ctx, account); err != nil {
		t.Fatal(err)
	}
	if plan = mail.PlanKeep(rules, held, time.Now()); len(plan.Drop)+len(plan.Forgo) != 0 {
		t.Errorf("what was opened just now goes: %+v", plan)
	}
	if yes, err := db.WantBody(ctx, ids[0]); yes || err != nil {
		t.Error("what is here is to be fetched", err)
	}
	if _, err := db.WantBody(ctx, 4711); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestNewMailThatIsNotWantedIsNotFetched(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX")
	if rules, err := db.Keep(ctx, account); err != nil || rules.Quota != mail.DefaultKeep.Quota {
		t.Errorf("%+v %v", rules, err)
	}
	write(t, db, func(tx *Tx) error { return tx.SetKeep(ctx, account, mail.Keep{Size: 1001}) })
	ids := add(t, db, sample(account, f[0], 1), sample(account, f[0], 2))
	missing, err := db.BodylessMail(ctx, account, 0, 10)
	if err != nil || len(missing) != 1 || missing[0].ID != ids[0] {
		t.Errorf("%+v %v", missing, err)
	}
	write(t, db, func(tx *Tx) error { return tx.ApplyKeep(ctx, mail.KeepPlan{Fetch: ids}) })
	if missing, err = db.BodylessMail(ctx, account, 0, 10); err != nil || len(missing) != 2 {
		t.Errorf("%+v %v", missing, err)
	}
}
