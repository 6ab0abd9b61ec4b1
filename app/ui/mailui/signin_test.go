// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"strings"
	"testing"

	"kontor/app"
	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/sync/transport"
)

// attempt synchronises as well as it goes.
func (w *town) attempt() error {
	w.T.Helper()
	_, err := w.core.Sync(w.ctx(), app.SyncOptions{})
	w.Settle()
	return err
}

// TestThePasswordChangesAtNoon: reading, marking, writing and sending into the outbox go on while nobody can sign in; the
// window says why, and with the new password everything goes out once.
func TestThePasswordChangesAtNoon(t *testing.T) {
	w := newTown(t)
	w.core.Must(w.cfg.Settings.Set(w.ctx(), app.UndoSetting, "0"))
	user := w.core.World.Draft("").User
	inbox := w.place(mail.RoleInbox, "")
	rows := w.page.list.rows.Count()
	w.core.World.SetPassword(user, "ganz-neu")
	if err := w.attempt(); err == nil {
		t.Fatal("the old password is still good")
	}
	snap, err := w.core.Status.Snapshot(w.ctx())
	w.core.Must(err)
	if snap.Cause != transport.CauseSignIn {
		t.Fatalf("the window says %q", snap.Cause)
	}

	id := w.choose("Prüfbericht Nr. 2026/118")
	if !strings.Contains(w.page.reader.shown.msg.Text, "Prüfbericht") || w.page.list.rows.Count() != rows {
		t.Fatal("reading stops")
	}
	w.page.Flag()
	w.Settle()
	flagged := w.page.reader.shown.msg.Flags.Has(mail.Flagged)
	c, back := w.writing(func() { w.page.Reply(false) })
	c.view.text.SetText("Kommt heute noch.")
	w.Settle()
	c.send()
	back()
	for range 3 { // waiting does not help, and trying does no harm
		_ = w.attempt()
	}
	ops, _ := w.waiting()
	if len(ops) != 1 || ops[0].State != journal.Waiting || len(w.core.World.Sent()) != 0 {
		t.Fatalf("%d sent, waits: %+v", len(w.core.World.Sent()), ops)
	}
	if errs := w.TakeErrors(); len(errs) != 0 {
		t.Errorf("the page complains: %v", errs)
	}

	w.core.Must(w.core.Accounts.SetPassword(w.ctx(), w.core.Account, "ganz-neu"))
	for range 3 {
		err = w.attempt()
	}
	w.core.Must(err)
	pending, err := w.core.DB.PendingOps(w.ctx(), w.core.Account)
	w.core.Must(err)
	sent := w.core.World.Sent()
	if len(pending) != 0 || len(sent) != 1 || !strings.Contains(string(sent[0].Raw), "Kommt heute noch.") {
		t.Fatalf("%d sent, %d wait", len(sent), len(pending))
	}
	m, err := w.core.Mail.Open(w.ctx(), id)
	w.core.Must(err)
	if m.FolderID != inbox.ID || !m.Flags.Has(mail.Answered) || m.Flags.Has(mail.Flagged) != flagged {
		t.Errorf("%v in %d", m.Flags, m.FolderID)
	}
	if snap, _ := w.core.Status.Snapshot(w.ctx()); snap.Cause != transport.CauseNone || snap.Outbox != 0 {
		t.Errorf("the window says %q, %d in the outbox", snap.Cause, snap.Outbox)
	}
}
