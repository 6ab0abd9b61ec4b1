// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"kontor/app/mail"
)

// TestWhatIsReadHereStaysRead: whatever the server says of its flags, until it is taken back.
func TestWhatIsReadHereStaysRead(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX", "Akten")
	ids := add(t, db, sample(account, f[1], 0), sample(account, f[1], 1))
	seen := func(when string, want bool) {
		t.Helper()
		list, err := db.MailSummaries(ctx, ids)
		if err != nil || list[0].Flags.Has(mail.Seen) != want || list[1].Flags.Has(mail.Seen) {
			t.Errorf("%s: read %v and %v, %v", when, list[0].Flags, list[1].Flags, err)
		}
	}
	say := func(flags mail.Flags) {
		t.Helper()
		write(t, db, func(tx *Tx) error {
			_, err := tx.SetRemoteFlags(ctx, account, f[1], []RemoteFlags{{UID: 1, Flags: flags}, {UID: 2, Flags: flags}})
			return err
		})
	}
	say(0)
	seen("as the server has it", false)
	write(t, db, func(tx *Tx) error {
		return errors.Join(tx.KeepSeen(ctx, ids[0], true), tx.KeepSeen(ctx, ids[0], true), tx.SetRemoteState(ctx, ids[0], 0, nil), tx.RecomputeMessages(ctx, account, ids))
	})
	seen("read here", true)
	say(mail.Flagged)
	say(0)
	seen("after the server has changed others", true)
	write(t, db, func(tx *Tx) error { return tx.KeepSeen(ctx, ids[0], false) })
	say(mail.Flagged)
	seen("taken back", false)
}

func TestQuotasTakeThePlaceOfOlderOnes(t *testing.T) {
	ctx := context.Background()
	db, account, _ := mailStore(t)
	other := int64(0)
	write(t, db, func(tx *Tx) (err error) {
		other, err = tx.AddAccount(ctx, Account{Name: "Zweites", Email: "x@amt.example"})
		return errors.Join(err, tx.SaveQuotas(ctx, other, []mail.Quota{{Root: "r", Resource: "STORAGE", Used: 1, Limit: 2}}))
	})
	for _, list := range [][]mail.Quota{
		{{Root: "r", Resource: "STORAGE", Used: 1, Limit: 10}, {Root: "r", Resource: "MESSAGE", Used: 5, Limit: 9}},
		{{Root: "r", Resource: "STORAGE", Used: 2, Limit: 10}, {Root: "r", Resource: "MESSAGE", Used: 5, Limit: 9}},
		{{Root: "neu", Resource: "STORAGE", Used: 2, Limit: 10}},
		nil,
	} {
		write(t, db, func(tx *Tx) error { return tx.SaveQuotas(ctx, account, slices.Clone(list)) })
		got, err := db.Quotas(ctx, account)
		for i := range list {
			list[i].AccountID = account
		}
		if err != nil || !slices.Equal(got, list) {
			t.Errorf("%+v, want %+v, %v", got, list, err)
		}
	}
	write(t, db, func(tx *Tx) error { return tx.RemoveAccount(ctx, account) })
	if all, err := db.Quotas(ctx, 0); err != nil || len(all) != 1 || all[0].AccountID != other {
		t.Errorf("of all accounts: %+v, %v", all, err)
	}
}

// TestFoldersOfOthersAreNoneOfTheOwn: neither as the folder of a role, nor in the list of a role, nor in the counts.
func TestFoldersOfOthersAreNoneOfTheOwn(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX")
	shared := MailFolder{Folder: mail.Folder{
		AccountID: account, Name: "shared/b", Delim: "/", Role: mail.RoleInbox, Selectable: true, Space: mail.SpaceUsers, Owner: "b", Box: "shared/b", Rights: "lr",
	}, RemoteName: "shared/b"}
	write(t, db, func(tx *Tx) (err error) {
		shared.ID, err = tx.AddFolder(ctx, shared)
		return err
	})
	add(t, db, sample(account, f[0], 0), sample(account, shared.ID, 1), sample(account, shared.ID, 2))
	if got, err := db.MailFolder(ctx, shared.ID); err != nil || got.Space != shared.Space || got.Owner != "b" || got.Box != "shared/b" || got.Rights != "lr" || got.Total != 2 {
		t.Errorf("%+v %v", got, err)
	}
	if own, err := db.FolderByRole(ctx, account, mail.RoleInbox); err != nil || own.ID != f[0] {
		t.Errorf("the inbox is %q, %v", own.Name, err)
	}
	if n, err := db.MailCount(ctx, mail.Query{Role: mail.RoleInbox}); err != nil || n != 1 {
		t.Errorf("%d messages in the inboxes, %v", n, err)
	}
	if list, err := db.MailList(ctx, mail.Query{FolderID: shared.ID}, 0, 9); err != nil || len(list) != 2 {
		t.Errorf("%d messages in the shared one, %v", len(list), err)
	}
	all, err := db.Folders(ctx, account)
	if err != nil || all[len(all)-1].ID != shared.ID {
		t.Errorf("others stand behind the own ones: %+v, %v", all, err)
	}
	write(t, db, func(tx *Tx) error {
		return errors.Join(tx.SaveGrants(ctx, shared.ID, []mail.Grant{{Who: "anyone", Rights: "l"}}, epoch), tx.SaveGrants(ctx, shared.ID, []mail.Grant{{Who: "a", Rights: "lr"}}, epoch.Add(time.Hour)))
	})
	if g, asked, err := db.Grants(ctx, shared.ID); err != nil || !asked.Equal(epoch.Add(time.Hour)) || !slices.Equal(g, []mail.Grant{{Who: "a", Rights: "lr"}}) {
		t.Errorf("%v %v %v", g, asked, err)
	}
	if _, _, err := db.Grants(ctx, f[0]); !errors.Is(err, ErrNotFound) {
		t.Errorf("never asked: %v", err)
	}
}

// TestMailOfALostFolder: what was to go elsewhere stays, from now on only here.
func TestMailOfALostFolder(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX", "Akten")
	ids := add(t, db, sample(account, f[1], 0), sample(account, f[1], 1))
	write(t, db, func(tx *Tx) error {
		return errors.Join(tx.ShowMail(ctx, ids[0], mail.State{FolderID: f[0]}), tx.LoseMail(ctx, f[1]))
	})
	left, err := db.RemoteMails(ctx, ids)
	if err != nil || len(left) != 1 || left[0].ID != ids[0] || left[0].FolderID != 0 || left[0].UID != 0 || left[0].ShownIn != f[0] {
		t.Errorf("%+v %v", left, err)
	}
}
