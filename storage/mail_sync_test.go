// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"kontor/app/journal"
	"kontor/app/mail"
)

func TestUIDs(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX", "Archiv")
	ids := add(t, db, sample(account, f[0], 0), sample(account, f[0], 1), sample(account, f[0], 2))
	if uids, err := db.FolderUIDs(ctx, f[0]); err != nil || !slices.Equal(uids, []uint32{1, 2, 3}) {
		t.Errorf("%v %v", uids, err)
	}
	if n, err := db.CountUIDs(ctx, f[0]); err != nil || n != 3 {
		t.Errorf("%d %v", n, err)
	}
	known, err := db.RemoteMailsByUID(ctx, f[0], []uint32{2, 9})
	if err != nil || len(known) != 1 || known[0].ID != ids[1] || known[0].MessageID != "m1@amt.example" || known[0].ShownIn != f[0] || !known[0].Received.Equal(epoch.Add(60e9)) {
		t.Errorf("%+v %v", known, err)
	}
	write(t, db, func(tx *Tx) error { return tx.ForgetUIDs(ctx, f[0]) })
	unfound, err := db.UnfoundMail(ctx, f[0])
	slices.Sort(unfound)
	if err != nil || !slices.Equal(unfound, ids) {
		t.Errorf("%v %v", unfound, err)
	}
	if rows, err := db.Unplaced(ctx, account, []int64{mail.RefHash(account, "m0@amt.example")}, nil); err != nil || len(rows) != 1 || rows[0].ID != ids[0] {
		t.Errorf("%+v %v", rows, err)
	}
	write(t, db, func(tx *Tx) error {
		if err := tx.PlaceMail(ctx, ids[0], f[0], 77); err != nil {
			return err
		}
		lost, err := tx.LostMail(ctx, unfound)
		if err != nil || len(lost) != 2 {
			t.Errorf("%v lost, want 2", lost)
		}
		return tx.RemoveMail(ctx, lost)
	})
	if uids, err := db.FolderUIDs(ctx, f[0]); err != nil || !slices.Equal(uids, []uint32{77}) {
		t.Errorf("%v %v", uids, err)
	}
}

func TestPlaceRemovesTheOtherRowOfTheSameMessage(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX", "Archiv")
	ids := add(t, db, sample(account, f[0], 0), sample(account, f[1], 5))
	write(t, db, func(tx *Tx) error {
		if err := tx.PlaceMail(ctx, ids[0], f[1], 6); err != nil {
			return err
		}
		return tx.RecomputeMessages(ctx, account, ids)
	})
	list, err := db.MailList(ctx, mail.Query{FolderID: f[1]}, 0, 10)
	if err != nil || len(list) != 1 || list[0].ID != ids[0] {
		t.Errorf("%+v %v", list, err)
	}
}

func TestWhatWaitsStaysWhenTheServerRemovesIt(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX", "Archiv")
	ids := add(t, db, sample(account, f[0], 0), sample(account, f[0], 1))
	payload, err := json.Marshal(mail.MoveOp{IDs: ids[:1], From: f[0], To: f[1]})
	if err != nil {
		t.Fatal(err)
	}
	var op journal.Op
	write(t, db, func(tx *Tx) error {
		op, err = tx.AddOp(ctx, journal.Op{AccountID: account, Kind: journal.MailMove, Payload: payload, State: journal.Running, Targets: []journal.Target{{Table: "messages", ID: ids[0]}}})
		if err != nil {
			return err
		}
		if err := tx.Recompute(ctx, op); err != nil {
			return err
		}
		n, err := tx.RemoveUIDs(ctx, f[0], []uint32{1, 2})
		if n != 1 {
			t.Errorf("%d removed, want 1", n)
		}
		return err
	})
	if list, err := db.MailList(ctx, mail.Query{FolderID: f[1]}, 0, 10); err != nil || len(list) != 1 {
		t.Errorf("%+v %v", list, err)
	}
	if bound, err := db.BoundMail(ctx, account); err != nil || bound[ids[0]] != f[1] || len(bound) != 1 {
		t.Errorf("%v %v", bound, err)
	}
	marks, err := db.MailMarks(ctx, ids)
	if err != nil || marks[ids[0]] != journal.MarkRunning || len(marks) != 1 {
		t.Errorf("%v %v", marks, err)
	}
}

func TestTwins(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX", "Archiv")
	original := sample(account, f[0], 0)
	twin, other := original, original
	twin.FolderID, other.FolderID, other.Size, other.UID = f[1], f[1], 5, 9
	ids := add(t, db, original, twin, other)
	raw := []byte("Subject: x\r\n\r\nText")
	write(t, db, func(tx *Tx) error {
		return tx.AddBody(ctx, Body{ID: ids[0], Size: int64(len(raw)), Packed: Pack(raw), Snippet: "Text"})
	})
	missing, err := db.BodylessMail(ctx, account, 0, 10)
	if err != nil || len(missing) != 2 {
		t.Fatalf("%+v %v", missing, err)
	}
	write(t, db, func(tx *Tx) error {
		done, err := tx.CopyTwins(ctx, ids)
		if !slices.Equal(done, ids[1:2]) {
			t.Errorf("copied %v, want %v", done, ids[1:2])
		}
		return err
	})
	if got, err := db.Body(ctx, ids[1]); err != nil || string(got) != string(raw) {
		t.Errorf("%q %v", got, err)
	}
	write(t, db, func(tx *Tx) error { return tx.ForgetBody(ctx, ids[1], 99) })
	if _, err := db.Body(ctx, ids[1]); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	write(t, db, func(tx *Tx) error { return tx.RefuseBody(ctx, ids[2]) })
	if missing, err = db.BodylessMail(ctx, account, 0, 10); err != nil || len(missing) != 1 || missing[0].ID != ids[1] || missing[0].Size != 99 {
		t.Errorf("%+v %v", missing, err)
	}
}

func TestDamagedBodies(t *testing.T) {
	for _, packed := range [][]byte{nil, {9, 1, 2}, {codecZstd, 1, 2, 3}} {
		if _, err := unpack(packed, 10); !errors.Is(err, ErrPacked) {
			t.Errorf("%v: %v", packed, err)
		}
	}
	if raw, err := unpack(Pack([]byte("x")), 1); err != nil || string(raw) != "x" {
		t.Errorf("%q %v", raw, err)
	}
}

func TestFoldersOfAPurpose(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX", "Gesendet", "Zettel", "Akten")
	write(t, db, func(tx *Tx) error {
		sent, err := tx.EnsureFolder(ctx, account, mail.RoleSent, "Sent")
		if err != nil || sent.ID != f[1] {
			t.Errorf("%+v %v", sent, err)
		}
		drafts, err := tx.EnsureFolder(ctx, account, mail.RoleDrafts, "Drafts")
		if err != nil || drafts.RemoteName != "" || drafts.Role != mail.RoleDrafts {
			t.Errorf("%+v %v", drafts, err)
		}
		again, err := tx.EnsureFolder(ctx, account, mail.RoleDrafts, "Drafts")
		if err == nil && again.ID != drafts.ID {
			t.Error("made twice")
		}
		return err
	})
	all, err := db.Folders(ctx, account)
	var names []string
	for _, folder := range all {
		names = append(names, folder.Name)
	}
	if err != nil || !slices.Equal(names, []string{"INBOX", "Drafts", "Gesendet", "Akten", "Zettel"}) {
		t.Errorf("%q %v", names, err)
	}
	if _, err := db.FolderByName(ctx, account, "Nichts"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestRemovedFolderTakesItsMessagesAlong(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX", "Akten")
	ids := add(t, db, sample(account, f[1], 0), sample(account, f[1], 1))
	write(t, db, func(tx *Tx) error { // one of them is shown elsewhere: a move waits
		if err := tx.ShowMail(ctx, ids[0], mail.State{FolderID: f[0]}); err != nil {
			return err
		}
		return tx.RemoveFolder(ctx, f[1])
	})
	left, err := db.RemoteMails(ctx, ids)
	if err != nil || len(left) != 1 || left[0].ID != ids[0] || left[0].FolderID != 0 || left[0].UID != 0 {
		t.Errorf("%+v %v", left, err)
	}
}
