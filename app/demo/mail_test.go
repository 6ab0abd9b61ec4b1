// SPDX-License-Identifier: EUPL-1.2

package demo

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

func start(t *testing.T, o Options) *World {
	t.Helper()
	w, err := Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

func dialIMAP(t *testing.T, w *World, user string, o *imapclient.Options) *imapclient.Client {
	t.Helper()
	c, err := imapclient.DialInsecure(w.Addr(IMAP), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.Login(user, w.Password()).Wait(); err != nil {
		t.Fatal(err)
	}
	return c
}

func note(subject string) []byte {
	return []byte("From: a@stadt.example\r\nTo: b@stadt.example\r\nSubject: " + subject + "\r\nMessage-ID: <" + subject + "@t>\r\n\r\nText\r\n")
}

func TestIMAPFoldersAndSpecialUses(t *testing.T) {
	w := start(t, Options{Empty: true})
	c := dialIMAP(t, w, "brandt", nil)
	caps, err := c.Capability().Wait()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []imap.Cap{imap.CapMove, imap.CapUIDPlus, imap.CapSpecialUse, imap.CapIdle, imap.CapListStatus, imap.CapESearch} {
		if !caps.Has(want) {
			t.Errorf("%s is missing in %v", want, caps)
		}
	}
	for _, name := range []string{"Bauanträge/2026", "Alt", "Alt/Tief"} {
		if err := c.Create(name, nil).Wait(); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Rename("Alt", "Neu", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	list, err := c.List("", "*", &imap.ListOptions{ReturnStatus: &imap.StatusOptions{NumMessages: true, UIDValidity: true}}).Collect()
	if err != nil {
		t.Fatal(err)
	}
	attrs := map[string][]imap.MailboxAttr{}
	for _, l := range list {
		attrs[l.Mailbox] = l.Attrs
		if l.Status == nil || l.Status.UIDValidity == 0 {
			t.Errorf("%s has no status", l.Mailbox)
		}
	}
	for name, want := range map[string]imap.MailboxAttr{
		"Entwürfe": imap.MailboxAttrDrafts, "Gesendet": imap.MailboxAttrSent, "Archiv": imap.MailboxAttrArchive, "Papierkorb": imap.MailboxAttrTrash,
		"Spam": imap.MailboxAttrJunk, "Bauanträge": imap.MailboxAttrHasChildren, "Neu/Tief": imap.MailboxAttrHasNoChildren, "INBOX": imap.MailboxAttrHasNoChildren,
	} {
		if !slices.Contains(attrs[name], want) {
			t.Errorf("%s: %v has no %s", name, attrs[name], want)
		}
	}
	if attrs["Alt"] != nil || attrs["Alt/Tief"] != nil {
		t.Error("the renamed mailboxes are still there")
	}
	if err := c.Delete("inbox").Wait(); err == nil {
		t.Error("INBOX was deleted")
	}
}

func TestIMAPFlagsMoveAndExpunge(t *testing.T) {
	w := start(t, Options{Empty: true})
	u := w.User("brandt")
	for _, s := range []string{"eins", "zwei", "drei"} {
		u.AddMessage("INBOX", note(s), time.Now())
	}
	c := dialIMAP(t, w, "lena.brandt@stadt.example", nil)
	if _, err := c.Select("inbox", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	store := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagSeen, "Rückfrage", "$Forwarded"}}
	store.Flags = []imap.Flag{imap.FlagSeen, "Wichtig", "$Forwarded"}
	if _, err := c.Store(imap.UIDSetNum(1), store, nil).Collect(); err != nil {
		t.Fatal(err)
	}
	data, err := c.Move(imap.UIDSetNum(2), "Archiv").Wait()
	if err != nil {
		t.Fatal(err)
	}
	if got := data.DestUIDs.String(); got != "1" {
		t.Errorf("COPYUID says %q", got)
	}
	found, err := c.UIDSearch(&imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Message-ID", Value: "<drei@t>"}}}, nil).Wait()
	if err != nil || !slices.Equal(found.AllUIDs(), []imap.UID{3}) {
		t.Errorf("search by Message-ID: %v, %v", found.AllUIDs(), err)
	}
	msgs, err := c.Fetch(imap.UIDSet{imap.UIDRange{Start: 1}}, &imap.FetchOptions{
		Flags: true, UID: true, Envelope: true, BodyStructure: &imap.FetchItemBodyStructure{Extended: true}, BodySection: []*imap.FetchItemBodySection{{Peek: true}},
	}).Collect()
	if err != nil || len(msgs) != 2 {
		t.Fatalf("%d messages, %v", len(msgs), err)
	}
	if !slices.Contains(msgs[0].Flags, "Wichtig") || !slices.Contains(msgs[0].Flags, imap.FlagSeen) {
		t.Errorf("flags %v", msgs[0].Flags)
	}
	if !bytes.Equal(msgs[1].BodySection[0].Bytes, note("drei")) {
		t.Errorf("body %q", msgs[1].BodySection[0].Bytes)
	}
	if _, err := c.Store(imap.UIDSetNum(1, 3), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Collect(); err != nil {
		t.Fatal(err)
	}
	if gone, err := c.UIDExpunge(imap.UIDSetNum(3)).Collect(); err != nil || len(gone) != 1 {
		t.Errorf("expunged %v, %v", gone, err)
	}
	if left := u.Messages("INBOX"); len(left) != 1 || left[0].UID != 1 {
		t.Errorf("left: %v", left)
	}
	if got := u.Messages("Archiv"); len(got) != 1 || !bytes.Equal(got[0].Raw, note("zwei")) {
		t.Errorf("archive: %v", got)
	}
}

func TestIMAPIdleHearsOfDelivery(t *testing.T) {
	w := start(t, Options{Empty: true})
	exists := make(chan uint32, 4)
	c := dialIMAP(t, w, "weber", &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(d *imapclient.UnilateralDataMailbox) {
			if d.NumMessages != nil {
				exists <- *d.NumMessages
			}
		},
	}})
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	idle, err := c.Idle()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = idle.Close() }()
	send(t, w, "brandt", []string{"jonas.weber@stadt.example"}, note("hallo"))
	select {
	case n := <-exists:
		if n != 1 {
			t.Errorf("EXISTS %d", n)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("IDLE heard nothing")
	}
	if got := w.User("weber").Messages("INBOX"); len(got) != 1 || !bytes.HasSuffix(got[0].Raw, note("hallo")) {
		t.Errorf("delivered %v", got)
	}
}

func send(t *testing.T, w *World, user string, to []string, raw []byte) {
	t.Helper()
	c := dialSMTP(t, w, user, w.Password())
	if err := c.SendMail(w.User(user).Email, to, bytes.NewReader(raw)); err != nil {
		t.Fatal(err)
	}
	if err := c.Quit(); err != nil {
		t.Fatal(err)
	}
}

func dialSMTP(t *testing.T, w *World, user, password string) *smtp.Client {
	t.Helper()
	c, err := smtp.Dial(w.Addr(SMTP))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.Auth(sasl.NewPlainClient("", user, password)); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSMTPRefusals(t *testing.T) {
	w := start(t, Options{Empty: true})
	c, err := smtp.Dial(w.Addr(SMTP))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if err := c.Auth(sasl.NewLoginClient("brandt", "falsch")); err == nil {
		t.Error("a wrong password was accepted")
	}
	if err := c.Auth(sasl.NewLoginClient("brandt", "demo")); err != nil {
		t.Errorf("LOGIN: %v", err)
	}
	err = c.SendMail("lena.brandt@stadt.example", []string{"niemand@stadt.example"}, strings.NewReader("Subject: x\r\n\r\nx\r\n"))
	var refused *smtp.SMTPError
	if !errors.As(err, &refused) || refused.Code != 550 {
		t.Errorf("an unknown address: %v", err)
	}
}

func TestMailFaults(t *testing.T) {
	w := start(t, Options{Empty: true})
	w.User("brandt").AddMessage("INBOX", bytes.Repeat(note("gross"), 2000), time.Now())

	w.SetFaults(SMTP, Faults{Status: 503})
	c := dialSMTP(t, w, "brandt", "demo")
	var refused *smtp.SMTPError
	if err := c.Mail("lena.brandt@stadt.example", nil); !errors.As(err, &refused) || refused.Code != 451 {
		t.Errorf("a disturbed server said %v", err)
	}
	w.SetFaults(SMTP, Faults{LoseAnswer: true})
	c = dialSMTP(t, w, "brandt", "demo")
	if err := c.SendMail("lena.brandt@stadt.example", []string{"weber@" + Domain, "jonas.weber@" + Domain}, bytes.NewReader(note("weg"))); err == nil {
		t.Error("weber has no address of that name")
	}
	c = dialSMTP(t, w, "brandt", "demo")
	if err := c.SendMail("lena.brandt@stadt.example", []string{"jonas.weber@" + Domain}, bytes.NewReader(note("weg"))); err == nil {
		t.Error("the answer was not lost")
	}
	if got := w.User("weber").Messages("INBOX"); len(got) != 1 {
		t.Errorf("%d messages were delivered", len(got))
	}

	w.SetFaults(IMAP, Faults{CutAfter: 20000})
	conn, err := net.Dial("tcp", w.Addr(IMAP))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, "a LOGIN brandt demo\r\nb SELECT INBOX\r\nc FETCH 1 BODY[]\r\n"); err != nil {
		t.Fatal(err)
	}
	if got, _ := io.ReadAll(conn); len(got) != 20000 {
		t.Errorf("cut after %d octets", len(got))
	}
	_ = conn.Close()
	w.SetFaults(IMAP, Faults{})
	ic := dialIMAP(t, w, "brandt", nil)
	w.SetFaults(IMAP, Faults{Down: true})
	if err := ic.Noop().Wait(); err == nil {
		t.Error("the connection lived on")
	}
	if conn, err := net.Dial("tcp", w.Addr(IMAP)); err == nil {
		if _, err := io.ReadAll(conn); err == nil {
			t.Error("a server that is down ended in order")
		}
		_ = conn.Close()
	}
	w.SetFaults(IMAP, Faults{})
	dialIMAP(t, w, "brandt", nil)
}

func TestListenOnlyOnLoopback(t *testing.T) {
	if _, err := Start(context.Background(), Options{Listen: "0.0.0.0:0", Empty: true}); !errors.Is(err, ErrListen) {
		t.Errorf("got %v", err)
	}
}
