// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"kontor/app/accounts"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/servertest"
	"kontor/sync/transport"
)

// silent is a server that takes connections and says nothing. taken hears of each.
func silent(t *testing.T) (addr string, taken chan struct{}) {
	t.Helper()
	taken = make(chan struct{}, 100)
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	return servertest.Listen(t, func(net.Conn) {
		taken <- struct{}{}
		<-over
	}), taken
}

// until waits for something to become true.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within 30 seconds", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// mixed is a core with two accounts that work, one with a wrong password, one whose server says nothing and one whose
// server is not there.
func mixed(t *testing.T) (core *App, d *servertest.IMAPServer, ids map[string]int64, taken chan struct{}) {
	t.Helper()
	ctx := context.Background()
	d = servertest.Dovecot(t)
	core, err := OpenThrowaway(ctx, t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(core.DB.Check(ctx), core.Close()); err != nil {
			t.Error(err)
		}
	})
	dead, taken := silent(t)
	ids = map[string]int64{}
	for _, a := range []struct{ name, user, addr, password string }{
		{"stumm", "stumm", dead, servertest.Password},
		{"weg", "weg", "127.0.0.1:1", servertest.Password},
		{"falsch", servertest.User, d.Addr, "nicht das Passwort"},
		{"anna", servertest.User, d.Addr, servertest.Password},
		{"bernd", d.User(t, "bernd"), d.Addr, servertest.Password},
	} {
		draft := accounts.Draft{Name: a.name, Email: a.user + "@amt.example", User: a.user, IMAPURL: "imap://" + a.addr, CAPEM: d.Certs.CAPEM}
		if ids[a.name], err = core.Accounts.Add(ctx, draft, a.password); err != nil {
			t.Fatal(err)
		}
	}
	for _, user := range []string{servertest.User, "bernd"} {
		if err := d.Deliver("x@kreis.example", []string{user + "@amt.example"}, letter(t, "Post für "+user, "x", user+"@amt.example")); err != nil {
			t.Fatal(err)
		}
	}
	return core, d, ids, taken
}

// inboxOf lists what an account's inbox shows; nothing before its folders are known.
func inboxOf(t *testing.T, core *App, account int64) []mail.Summary {
	t.Helper()
	ctx := context.Background()
	f, err := core.DB.FolderByRole(ctx, account, mail.RoleInbox)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	list, listErr := core.Mail.List(ctx, mail.Query{FolderID: f.ID}, 0, 10)
	if err := errors.Join(err, listErr); err != nil {
		t.Fatal(err)
	}
	return list
}

// TestABrokenAccountHoldsNobodyUp: while one server says nothing, one is not there and one refuses the password, the other
// accounts fetch, push and hear of news; what is done in a broken account waits.
func TestABrokenAccountHoldsNobodyUp(t *testing.T) {
	core, d, ids, taken := mixed(t)
	var local int64 // a message that the account with the wrong password had from before
	err := core.DB.Write(context.Background(), func(tx *storage.Tx) error {
		folder, err := tx.AddFolder(context.Background(), storage.MailFolder{
			Folder: mail.Folder{AccountID: ids["falsch"], Name: "INBOX", Delim: "/", Role: mail.RoleInbox, Selectable: true}, RemoteName: "INBOX", UIDValidity: 7,
		})
		if err != nil {
			return err
		}
		added, err := tx.AddMail(context.Background(), []storage.NewMail{{AccountID: ids["falsch"], FolderID: folder, UID: 1, Subject: "Von früher", Received: monday}})
		if err == nil {
			local = added[0]
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- core.Run(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}()
	<-taken // from here on the silent server keeps somebody waiting
	for _, name := range []string{"anna", "bernd"} {
		until(t, "first mail of "+name, func() bool { return len(inboxOf(t, core, ids[name])) == 1 })
		m := inboxOf(t, core, ids[name])[0]
		if err := errors.Join(core.Mail.Mark(ctx, []int64{m.ID}, mail.Flagged, 0), core.Mail.Mark(ctx, []int64{local}, mail.Flagged, 0)); err != nil {
			t.Fatal(err)
		}
		until(t, "the star of "+name, func() bool {
			ops, err := core.DB.PendingOps(ctx, ids[name])
			return err == nil && len(ops) == 0
		})
		if err := d.Deliver("x@kreis.example", []string{name + "@amt.example"}, letter(t, "Mehr für "+name, "x", name+"@amt.example")); err != nil {
			t.Fatal(err)
		}
		until(t, "news of "+name, func() bool { return len(inboxOf(t, core, ids[name])) == 2 })
	}
	if list := inboxOf(t, core, ids["falsch"]); len(list) != 1 || !list[0].Flags.Has(mail.Flagged) {
		t.Errorf("the account without a password shows %+v", list)
	}
	if ops, err := core.DB.PendingOps(ctx, ids["falsch"]); err != nil || len(ops) != 1 {
		t.Errorf("what waits for the password: %+v, %v", ops, err)
	}
	causes := map[int64]transport.Cause{}
	until(t, "the causes", func() bool {
		snap, err := core.Status.Snapshot(ctx)
		for _, c := range snap.Connections {
			causes[c.AccountID] = transport.Cause(c.Cause)
		}
		return err == nil && causes[ids["falsch"]] == transport.CauseSignIn && causes[ids["weg"]] == transport.CauseUnreachable
	})
	if causes[ids["anna"]] != transport.CauseNone || causes[ids["bernd"]] != transport.CauseNone {
		t.Errorf("causes: %v of %v", causes, ids)
	}
}
