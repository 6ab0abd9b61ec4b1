// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/servertest"
)

// sharedBox adds folders of the mailbox "shared/bauamt" with rights, by short name; "" is its inbox.
func (b *mailBox) sharedBox(t *testing.T, rights map[string]mail.Rights) map[string]int64 {
	t.Helper()
	roles := map[string]mail.Role{"": mail.RoleInbox, "Trash": mail.RoleTrash, "Archive": mail.RoleArchive, "Drafts": mail.RoleDrafts, "Sent": mail.RoleSent}
	ids := map[string]int64{}
	b.write(t, func(tx *storage.Tx) error {
		for short, r := range rights {
			name := strings.TrimSuffix("shared/bauamt/"+short, "/")
			var err error
			ids[short], err = tx.AddFolder(context.Background(), storage.MailFolder{
				Folder: mail.Folder{
					AccountID: b.account, Name: name, Delim: "/", Role: roles[short], Selectable: true,
					Space: mail.SpaceUsers, Owner: "bauamt", Box: "shared/bauamt", Rights: r,
				}, RemoteName: name,
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return ids
}

// TestWhatRightsForbidIsRefusedAtOnce: with a sentence that says what to do, and nothing is changed or queued.
func TestWhatRightsForbidIsRefusedAtOnce(t *testing.T) {
	ctx := context.Background()
	b := newWritingBox(t)
	b.folder(t, "Trash", mail.RoleTrash)
	box := b.sharedBox(t, map[string]mail.Rights{"": "lr", "Ablage": "lri", "Frei": "lrswitekx"})
	there := b.receive(t, box[""], 1, monday, letter(t, "Fremd", "x"))
	mine := b.receive(t, b.inbox, 1, monday, letter(t, "Eigen", "x"))
	for name, c := range map[string]struct {
		do   func() error
		deed mail.Deed // empty: allowed
	}{
		"star":       {func() error { return b.Mark(ctx, there, mail.Flagged, 0) }, mail.DeedMark},
		"tag":        {func() error { return b.Keywords(ctx, there, []string{"Eilt"}, nil) }, mail.DeedMark},
		"delete":     {func() error { return b.Delete(ctx, there) }, mail.DeedTake},
		"move away":  {func() error { return b.Move(ctx, there, b.inbox) }, mail.DeedTake},
		"archive":    {func() error { return b.Archive(ctx, there) }, mail.DeedTake},
		"junk":       {func() error { return b.Junk(ctx, there, true) }, mail.DeedTake},
		"move there": {func() error { return b.Move(ctx, mine, box[""]) }, mail.DeedPut},
		"copy there": {func() error { return b.Copy(ctx, mine, box[""]) }, mail.DeedPut},
		"import": {func() error {
			_, err := b.Import(ctx, box[""], strings.NewReader("Subject: x\r\n\r\n"), false)
			return err
		}, mail.DeedPut},
		"new folder":           {func() error { _, err := b.CreateFolder(ctx, b.account, "shared/bauamt/Ablage/Neu"); return err }, mail.DeedCreate},
		"rename":               {func() error { return b.RenameFolder(ctx, box["Ablage"], "shared/bauamt/Anders") }, mail.DeedChange},
		"delete the folder":    {func() error { return b.DeleteFolder(ctx, box["Ablage"]) }, mail.DeedChange},
		"read":                 {func() error { return b.Mark(ctx, there, mail.Seen, 0) }, ""},
		"copy away":            {func() error { return b.Copy(ctx, there, b.inbox) }, ""},
		"copy where one may":   {func() error { return b.Copy(ctx, mine, box["Ablage"]) }, ""},
		"folder where one may": {func() error { _, err := b.CreateFolder(ctx, b.account, "shared/bauamt/Frei/Neu"); return err }, ""},
	} {
		before := len(b.queued(t))
		err := c.do()
		var forbidden *mail.ForbiddenError
		switch {
		case c.deed == "":
			if err != nil || len(b.queued(t)) == before {
				t.Errorf("%s: %v", name, err)
			}
		case !errors.As(err, &forbidden) || forbidden.Deed != c.deed || len(b.queued(t)) != before:
			t.Errorf("%s: %v, %d more waiting", name, err, len(b.queued(t))-before)
		default:
			title, advice := Explain(err)
			if general := i18n.T("mail.error.forbidden.title"); title == general || strings.Contains(title, "mail.") || advice == "" {
				t.Errorf("%s: %q %q", name, title, advice)
			}
		}
	}
	made, err := b.db.FolderByName(ctx, b.account, "shared/bauamt/Frei/Neu")
	if err != nil || made.Home() != "shared/bauamt" || made.Owner != "bauamt" {
		t.Errorf("the new folder belongs to %q, %v", made.Home(), err)
	}
}

// TestEachMailboxHasItsOwnBin: what is deleted or archived stays with the mailbox where it can; else it comes to the own.
func TestEachMailboxHasItsOwnBin(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct {
		rights       map[string]mail.Rights
		bin, archive string // where it ends, "own" for the person's folder
		again        bool   // deleting it once more deletes for good
	}{
		"with its own folders":   {map[string]mail.Rights{"": "lrswite", "Trash": "lrswite", "Archive": "lrswite"}, "Trash", "Archive", true},
		"nothing is known":       {map[string]mail.Rights{"": "", "Trash": "", "Archive": ""}, "Trash", "Archive", true},
		"nothing may be put in":  {map[string]mail.Rights{"": "lrswite", "Trash": "lr", "Archive": "lr"}, "own", "own", true},
		"folders are not shared": {map[string]mail.Rights{"": "lrswite"}, "own", "own", true},
	} {
		b := newWritingBox(t)
		own := map[string]int64{"bin": b.folder(t, "Trash", mail.RoleTrash), "archive": b.folder(t, "Archive", mail.RoleArchive)}
		box := b.sharedBox(t, c.rights)
		where := func(kind, short string) int64 {
			if short == "own" {
				return own[kind]
			}
			return box[short]
		}
		ids := b.receive(t, box[""], 1, monday, letter(t, "Weg", "x"), letter(t, "Ablegen", "x"))
		if err := errors.Join(b.Delete(ctx, ids[:1]), b.Archive(ctx, ids[1:])); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		list, err := b.db.MailSummaries(ctx, ids)
		if err != nil || list[0].FolderID != where("bin", c.bin) || list[1].FolderID != where("archive", c.archive) {
			t.Errorf("%s: in %d and %d of %v %v, %v", name, list[0].FolderID, list[1].FolderID, own, box, err)
		}
		if err := b.Delete(ctx, ids[:1]); err != nil || b.count(t, where("bin", c.bin)) != 0 {
			t.Errorf("%s: still in the bin: %v", name, err)
		}
	}
}

// TestAnswerFromASharedMailbox goes the whole way with real servers: the answer comes from the mailbox's address, its draft
// and its copy lie there, and what is deleted goes to the bin there. The person's own folders stay empty.
func TestAnswerFromASharedMailbox(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t, servertest.Options{Shared: true})
	o.dovecot.User(t, "bauamt")
	commands := []string{"SETACL INBOX anna lrswite"}
	for _, folder := range []string{"Sent", "Drafts", "Trash"} {
		commands = append(commands, "SETACL "+folder+" anna lrswite")
	}
	if err := o.dovecot.Run("bauamt", commands...); err != nil {
		t.Fatal(err)
	}
	if err := o.dovecot.Deliver("bernd@kreis.example", []string{"bauamt@amt.example"}, letter(t, "Bauantrag", "Wann?", "bauamt@amt.example")); err != nil {
		t.Fatal(err)
	}
	o.sync(t)
	accounts := NewAccounts(o.db, nil, func(int64) {}, nil)
	if _, err := accounts.SetIdentity(ctx, mail.Identity{AccountID: o.account, Name: "Bauamt", Address: "bauamt@amt.example", Mailbox: "shared/bauamt"}); err != nil {
		t.Fatal(err)
	}
	inbox, err := o.db.FolderByName(ctx, o.account, "shared/bauamt")
	if err != nil || inbox.Unread != 1 || inbox.Role != mail.RoleInbox {
		t.Fatalf("%+v %v", inbox, err)
	}
	if got := o.shown(t, mail.RoleInbox); got != "" {
		t.Errorf("in the person's own inbox: %q", got)
	}
	list, err := o.List(ctx, mail.Query{FolderID: inbox.ID}, 0, 5)
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	out, err := o.Reply(ctx, list[0].ID, false)
	if err != nil || out.From.Addr != "bauamt@amt.example" {
		t.Fatalf("from %+v, %v", out.From, err)
	}
	out.To = []mail.Address{{Addr: "bernd@kreis.example"}}
	for _, words := range []string{"Bald", "Bald. Grüße"} {
		out.Text = words
		if out, err = o.SaveDraft(ctx, out); err != nil {
			t.Fatal(err)
		}
		o.due(t)
		o.sync(t)
		if here, own := len(o.onServer(t, "bauamt", ".Drafts")), len(o.onServer(t, servertest.User, ".Drafts")); here != 1 || own != 0 {
			t.Errorf("%d drafts in the mailbox, %d own ones", here, own)
		}
	}
	if _, err := o.Send(ctx, out); err != nil {
		t.Fatal(err)
	}
	if err := o.Delete(ctx, []int64{list[0].ID}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		o.due(t)
		o.sync(t)
	}
	for place, want := range map[[2]string]int{
		{"bauamt", ".Sent"}: 1, {"bauamt", ".Drafts"}: 0, {"bauamt", ".Trash"}: 1, {"bauamt", ""}: 0, {"bernd", ""}: 1,
		{servertest.User, ".Sent"}: 0, {servertest.User, ".Drafts"}: 0, {servertest.User, ".Trash"}: 0,
	} {
		if got := o.onServer(t, place[0], place[1]); len(got) != want {
			t.Errorf("%s%s holds %d messages, want %d", place[0], place[1], len(got), want)
		}
	}
	if sent := o.onServer(t, "bernd", ""); len(sent) == 1 && !strings.Contains(string(sent[0]), "<bauamt@amt.example>") {
		t.Errorf("%s", sent[0])
	}
	if ops, err := o.db.PendingOps(ctx, o.account); err != nil || len(ops) != 0 {
		t.Errorf("still waiting: %+v, %v", ops, err)
	}
}

// TestWordsForRights: rights and who has them are told in words, and causes that servers name can be explained.
func TestWordsForRights(t *testing.T) {
	for _, r := range []mail.Rights{"", mail.NoRights, "lr", "lrswiptekxa"} {
		text := RightsText(r)
		if text == "" || strings.Contains(text, "mail.right") || len(r) > 1 && strings.Count(text, ", ") != len(r)-1 {
			t.Errorf("%q: %q", r, text)
		}
	}
	seen := map[string]bool{}
	for _, who := range []string{"anyone", "-anyone", "authenticated", "owner", "$bau", "-$bau", "bernd", "-bernd"} {
		text := WhoText(mail.Grant{Who: who})
		if seen[text] || strings.Contains(text, "mail.right") || strings.Contains(who, "bau") != strings.Contains(text, "bau") {
			t.Errorf("%q: %q", who, text)
		}
		seen[text] = true
	}
	for _, cause := range []string{"mail.no-permission", "mail.over-quota", "mail.no-folder"} {
		title, advice := ExplainOp(journal.Op{LastError: "x", Cause: cause})
		if strings.Contains(title+advice, "mail.error") || strings.Contains(title+advice, "app.error") || advice == "" {
			t.Errorf("%s: %q %q", cause, title, advice)
		}
	}
	for q, want := range map[mail.Quota]bool{{Resource: "STORAGE", Used: 512, Limit: 1024}: true, {Resource: "MESSAGE", Used: 3, Limit: 9}: true, {Resource: "X"}: false} {
		if got := QuotaText(q); (got != "") != want || strings.Contains(got, "mail.") {
			t.Errorf("%s: %q", q.Resource, got)
		}
	}
	if got := fmt.Sprint(QuotaText(mail.Quota{Resource: "STORAGE", Used: 1024, Limit: 2048})); !strings.Contains(got, i18n.Size(1<<20)) {
		t.Errorf("a unit of quota is 1024 octets: %q", got)
	}
}
