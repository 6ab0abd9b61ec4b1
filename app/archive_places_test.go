// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"kontor/app/mail"
	"kontor/storage"
)

// archived gives an archive of an account.
func (o *townhall) archived(t *testing.T) *bytes.Reader {
	t.Helper()
	var file bytes.Buffer
	if _, err := o.ExportAccount(context.Background(), o.account, &file); err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(file.Bytes())
}

func (o *townhall) restore(t *testing.T, file *bytes.Reader) Archived {
	t.Helper()
	done, err := o.ImportAccount(context.Background(), o.account, file, file.Size())
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// where lists the messages of an account by folder.
func (o *townhall) where(t *testing.T) string {
	t.Helper()
	ctx := context.Background()
	folders, err := o.DB.Folders(ctx, o.account)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, f := range folders {
		list, err := o.Mail.List(ctx, mail.Query{FolderID: f.ID}, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range list {
			all = append(all, strings.Join(levelsOfFolder(f), "/")+": "+s.Subject)
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// A functional mailbox has an inbox and sent messages of its own. What lies there must not be found among a person's own
// mail after a way through an archive, and nothing is put where the rights do not allow it.
func TestArchiveKeepsMailboxesApart(t *testing.T) {
	ctx := context.Background()
	box := func(o *townhall) *mailBox { return &mailBox{Mail: o.Mail, account: o.account} }
	from := newEmptyAccount(t)
	shared := box(from).sharedBox(t, map[string]mail.Rights{"": "lr", "Sent": "lrswite", "Akten": ""})
	inbox, err := from.DB.FolderByRole(ctx, from.account, mail.RoleInbox)
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range []int64{inbox.ID, shared[""], shared["Sent"], shared["Akten"]} {
		box(from).receive(t, f, uint32(i+1), monday, letter(t, fmt.Sprintf("Brief %d", i), "x"))
	}
	file := from.archived(t)
	for name, c := range map[string]struct {
		rights map[string]mail.Rights
		want   string
	}{
		"no such mailbox":         {nil, "INBOX: Brief 0\nbauamt/Akten: Brief 3\nbauamt/Sent: Brief 2\nbauamt: Brief 1"},
		"may not put anything in": {map[string]mail.Rights{"": "lr", "Sent": "lr", "Akten": "lr"}, "INBOX: Brief 0\nbauamt/Akten: Brief 3\nbauamt/Sent: Brief 2\nbauamt: Brief 1"},
		"may": {
			map[string]mail.Rights{"": "lri", "Sent": "lrswite", "Akten": ""},
			"INBOX: Brief 0\nshared/bauamt/Akten: Brief 3\nshared/bauamt/Sent: Brief 2\nshared/bauamt: Brief 1",
		},
	} {
		to := newEmptyAccount(t)
		box(to).sharedBox(t, c.rights)
		to.restore(t, file)
		if got := to.where(t); got != c.want {
			t.Errorf("%s:\n%s", name, got)
		}
		if again := to.restore(t, file); again.Mails != 0 || again.Known != 4 {
			t.Errorf("%s, once more: %+v", name, again)
		}
	}
	if got := from.restore(t, file); got.Known != 3 || got.Mails != 1 { // what was in the inbox that nothing may be put into
		t.Errorf("into the same account: %+v\n%s", got, from.where(t))
	}
}

// Who a person writes as comes along, but only into an account of the same address, and over nothing that is set there.
func TestArchiveBringsIdentities(t *testing.T) {
	ctx := context.Background()
	from := newEmptyAccount(t)
	alias := mail.Identity{
		AccountID: from.account, Name: "Bauamt", Address: "bauamt@amt.example", ReplyTo: "post@amt.example", Organisation: "Stadt", Signature: "Bauamt\nZimmer 3",
		SentFolder: "Gesendet Bauamt", Default: true,
	}
	if _, err := from.Mail.CreateFolder(ctx, from.account, alias.SentFolder); err != nil {
		t.Fatal(err)
	}
	if _, err := from.Accounts.SetIdentity(ctx, alias); err != nil {
		t.Fatal(err)
	}
	own := mail.Identity{AccountID: from.account, Name: "Neu", Address: "neu@amt.example", Signature: "Viele Grüße"}
	if _, err := from.Accounts.SetIdentity(ctx, own); err != nil {
		t.Fatal(err)
	}
	file := from.archived(t)
	words := func(o *townhall) string {
		list, err := o.Accounts.Identities(ctx, o.account)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, i := range list {
			i.ID, i.AccountID = 0, 0
			all = append(all, fmt.Sprintf("%+v", i))
		}
		slices.Sort(all)
		return strings.Join(all, "\n")
	}
	same, set, other := newEmptyAccount(t), newEmptyAccount(t), newEmptyAccount(t)
	if _, err := set.Accounts.SetIdentity(ctx, mail.Identity{AccountID: set.account, Name: "Anders", Address: "Bauamt@amt.example", Default: true}); err != nil {
		t.Fatal(err)
	}
	err := other.DB.WriteDurable(ctx, func(tx *storage.Tx) error {
		a, err := tx.Account(ctx, other.account)
		if err != nil {
			return err
		}
		a.Email = "jemand@amt.example"
		return tx.SaveAccount(ctx, a)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []*townhall{same, set, other, same} {
		o.restore(t, file)
	}
	if got, want := words(same), words(from); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if got := words(set); !strings.Contains(got, "Anders") || strings.Contains(got, "Zimmer 3") || !strings.Contains(got, "Viele Grüße") {
		t.Errorf("what was set there: %s", got)
	}
	if got := words(other); strings.Contains(got, "bauamt@") {
		t.Errorf("in the account of somebody else: %s", got)
	}
}
