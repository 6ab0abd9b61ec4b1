// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"errors"
	"strings"
	"testing"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/mimemsg"
)

// office is a writing box with a shared mailbox and three identities.
func newOfficeBox(t *testing.T) (b *mailBox, accounts *Accounts, shared int64) {
	t.Helper()
	ctx := context.Background()
	b = newWritingBox(t)
	accounts = NewAccounts(b.db, nil, func(int64) {}, nil)
	b.write(t, func(tx *storage.Tx) error {
		for _, name := range []string{"Geteilt/Poststelle", "Geteilt/Poststelle/Gesendet", "Akten"} {
			id, err := tx.AddFolder(ctx, storage.MailFolder{
				Folder: mail.Folder{AccountID: b.account, Name: name, Delim: "/", Selectable: true}, RemoteName: name,
			})
			if err != nil {
				return err
			}
			if shared == 0 {
				shared = id
			}
		}
		return nil
	})
	for _, i := range []mail.Identity{
		{Address: "poststelle@amt.example", Name: "Poststelle", Signature: "Ihre Poststelle", Mailbox: "Geteilt/Poststelle", ReplyTo: "antwort@amt.example"},
		{Address: "presse@amt.example", Name: "Presse", Organisation: "Amt für Größe", SentFolder: "Akten", Default: true, Signature: "Presse"},
		{Address: "selbst@amt.example", SentFolder: mail.SentByServer},
	} {
		i.AccountID = b.account
		if _, err := accounts.SetIdentity(ctx, i); err != nil {
			t.Fatal(err)
		}
	}
	return b, accounts, shared
}

func (b *mailBox) rawOfOp(t testing.TB, op int64) (raw string, id int64) {
	t.Helper()
	id = b.op(t, op).Targets[0].ID
	data, err := b.Raw(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return string(data), id
}

func TestWhoAnswers(t *testing.T) {
	ctx := context.Background()
	b, _, shared := newOfficeBox(t)
	for name, c := range map[string]struct {
		folder int64
		to     string
		want   string
		all    string // who else gets the answer to all
	}{
		"addressed to the account": {b.inbox, "anna@amt.example", "anna@amt.example", ""},
		"addressed to an alias":    {b.inbox, "Presse@AMT.example", "presse@amt.example", ""},
		"with detail":              {b.inbox, "presse+messe@amt.example", "presse@amt.example", "presse+messe@amt.example"},
		"to nobody that is known":  {b.inbox, "verteiler@kreis.example", "presse@amt.example", "verteiler@kreis.example"},
		"in the shared mailbox":    {shared, "anna@amt.example", "poststelle@amt.example", ""},
	} {
		id := b.receive(t, c.folder, uint32(len(name)), monday, letter(t, name, "x", c.to))[0]
		out, err := b.Reply(ctx, id, true)
		if err != nil || out.From.Addr != c.want {
			t.Errorf("%s: %s answers, %v", name, out.From.Addr, err)
		}
		var others []string
		for _, a := range append(out.To, out.Cc...) {
			if a.Addr != "bernd@kreis.example" {
				others = append(others, a.Addr)
			}
		}
		if strings.Join(others, " ") != c.all {
			t.Errorf("%s: also goes to %v", name, others)
		}
	}
}

func TestMessageWearsItsIdentity(t *testing.T) {
	ctx := context.Background()
	b, _, shared := newOfficeBox(t)
	out := b.draftOf(t, "Mitteilung") // the default identity
	if out.From.Addr != "presse@amt.example" || !strings.Contains(out.Text, "-- \nPresse") {
		t.Fatalf("%+v", out)
	}
	if out, err := b.SaveDraft(ctx, out); err != nil {
		t.Fatal(err)
	} else if again, err := b.OpenDraft(ctx, out.DraftID); err != nil || again.Identity != out.Identity || again.Organisation != out.Organisation {
		t.Errorf("opened as %+v %v", again, err)
	}
	raw, id := func() (string, int64) {
		op, err := b.Send(ctx, out)
		if err != nil {
			t.Fatal(err)
		}
		return b.rawOfOp(t, op)
	}()
	if !strings.Contains(raw, "\r\nOrganization: =?utf-8?Q?Amt_f=C3=BCr_Gr=C3=B6=C3=9Fe?=\r\n") || id == 0 {
		t.Errorf("%s", raw)
	}
	sentOf := func(from int64) (folder string, appends int) {
		o, err := b.WriteAs(ctx, b.draftOf(t, "Von mir"), from)
		if err != nil {
			t.Fatal(err)
		}
		op, err := b.Send(ctx, o)
		if err != nil {
			t.Fatal(err)
		}
		ops, err := b.db.GroupOps(ctx, b.op(t, op).Group)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range ops {
			if o.Kind == journal.MailAppend {
				appends++
			}
		}
		f, err := b.db.MailFolder(ctx, sendPayload(t, b.op(t, op)).Sent)
		if err != nil {
			t.Fatal(err)
		}
		return f.Name, appends
	}
	list, err := b.db.Identities(ctx, b.account)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		folder  string
		appends int
	}{{"Geteilt/Poststelle/Gesendet", 1}, {"Akten", 1}, {"Sent", 0}} {
		if folder, appends := sentOf(list[i].ID); folder != want.folder || appends != want.appends {
			t.Errorf("%s: kept in %s, %d copies made", list[i].Address, folder, appends)
		}
	}
	question := b.receive(t, shared, 9, monday, letter(t, "Frage", "x", "anna@amt.example"))[0]
	answer, err := b.Reply(ctx, question, false)
	if err != nil || len(answer.ReplyTo) != 1 || answer.ReplyTo[0].Addr != "antwort@amt.example" || !strings.HasPrefix(answer.Text, "\n\nIhre Poststelle\n\n") {
		t.Fatalf("%+v %v", answer, err)
	}
	switched, err := b.WriteAs(ctx, answer, 0)
	if err != nil || switched.From.Addr != "anna@amt.example" || switched.ReplyTo != nil || strings.Contains(switched.Text, "Poststelle") || !strings.HasPrefix(switched.Text, "\n\nAnna Amt\nRathaus\n\n") {
		t.Errorf("%q %v", switched.Text, err)
	}
	if _, err := b.WriteAs(ctx, answer, 999); !errors.Is(err, storage.ErrNotFound) {
		t.Error(err)
	}
}

func TestIdentitiesAreChecked(t *testing.T) {
	ctx := context.Background()
	b, accounts, _ := newOfficeBox(t)
	for _, c := range []struct {
		identity mail.Identity
		want     error
	}{
		{mail.Identity{Address: "keine Adresse"}, mail.ErrAddress},
		{mail.Identity{Address: "a@b.example", ReplyTo: "x"}, mail.ErrAddress},
		{mail.Identity{Address: "PRESSE@amt.example"}, storage.ErrNameTaken},
		{mail.Identity{Address: "a@b.example", SentFolder: "Gibt/Es/Nicht"}, ErrIdentityFolder},
		{mail.Identity{Address: "a@b.example", Mailbox: "Gibt/Es/Nicht"}, ErrIdentityFolder},
		{mail.Identity{ID: 999, Address: "a@b.example"}, storage.ErrNotFound},
	} {
		c.identity.AccountID = b.account
		if _, err := accounts.SetIdentity(ctx, c.identity); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v", c.identity, err)
		}
	}
	all, err := accounts.Identities(ctx, b.account)
	if err != nil || len(all) != 4 || all[0].ID != 0 || all[0].Address != "anna@amt.example" || all[0].Signature == "" {
		t.Fatalf("%+v %v", all, err)
	}
	own := all[0]
	own.Signature, own.Default = "Neu", true // it becomes an identity of its own, and the default
	if _, err := accounts.SetIdentity(ctx, own); err != nil {
		t.Fatal(err)
	}
	all, err = accounts.Identities(ctx, b.account)
	if err != nil || len(all) != 4 || mail.DefaultIdentity(all).Signature != "Neu" {
		t.Fatalf("%+v %v", all, err)
	}
	for _, i := range all {
		if err := accounts.RemoveIdentity(ctx, i.ID); err != nil {
			t.Fatal(err)
		}
	}
	if all, err = accounts.Identities(ctx, b.account); err != nil || len(all) != 1 || all[0].ID != 0 {
		t.Errorf("%+v %v", all, err)
	}
	if err := accounts.RemoveIdentity(ctx, 1); !errors.Is(err, storage.ErrNotFound) {
		t.Error(err)
	}
	if raw, err := mimemsg.BuildSent(b.draftOf(t, "x")); err != nil || strings.Contains(string(raw), "Organization") {
		t.Errorf("%s %v", raw, err)
	}
}
