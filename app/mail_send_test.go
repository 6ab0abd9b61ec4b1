// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/mimemsg"
)

// shown lists what a folder of a role shows.
func (b *mailBox) shown(t testing.TB, role mail.Role) string {
	t.Helper()
	list, err := b.List(context.Background(), mail.Query{Role: role}, 0, 50)
	if err != nil {
		t.Fatal(err)
	}
	var subjects []string
	for _, m := range list {
		subjects = append(subjects, m.Subject)
	}
	return strings.Join(subjects, ", ")
}

// waiting lists the kinds of what waits.
func (b *mailBox) waiting(t testing.TB) string {
	t.Helper()
	ops, err := b.db.PendingOps(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, op := range ops {
		kinds = append(kinds, string(op.Kind))
	}
	return strings.Join(kinds, " ")
}

func (b *mailBox) op(t testing.TB, id int64) journal.Op {
	t.Helper()
	op, err := b.db.Op(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return op
}

func (b *mailBox) journal() *Journal { return &Journal{db: b.db, wake: b.wake} }

// draftOf begins a message to a colleague.
func (b *mailBox) draftOf(t testing.TB, subject string) mail.Outgoing {
	t.Helper()
	out, err := b.New(context.Background(), b.account)
	if err != nil {
		t.Fatal(err)
	}
	out.To, out.Bcc = []mail.Address{{Name: "Bernd", Addr: "bernd@kreis.example"}}, []mail.Address{{Addr: "geheim@kreis.example"}}
	out.Subject, out.Text = subject, "Guten Tag\n"+out.Text
	return out
}

func TestSendPutsEverythingInOneAction(t *testing.T) {
	ctx := context.Background()
	b := newWritingBox(t)
	id := b.receive(t, b.inbox, 1, monday, letter(t, "Frage", "Wie geht es?", "anna@amt.example"))[0]
	out, err := b.Reply(ctx, id, false)
	if err != nil {
		t.Fatal(err)
	}
	if out, err = b.SaveDraft(ctx, out); err != nil {
		t.Fatal(err)
	}
	if b.shown(t, mail.RoleDrafts) != out.Subject || b.waiting(t) != "mail.append" {
		t.Fatalf("drafts %q, waiting %q", b.shown(t, mail.RoleDrafts), b.waiting(t))
	}
	opID, err := b.Send(ctx, out)
	if err != nil {
		t.Fatal(err)
	}
	op := b.op(t, opID)
	var p mail.SendOp
	if err := json.Unmarshal(op.Payload, &p); err != nil {
		t.Fatal(err)
	}
	if wait := time.Until(op.NextTry); wait < 5*time.Second || wait > DefaultUndo {
		t.Errorf("leaves in %v", wait)
	}
	if b.shown(t, mail.RoleDrafts) != "" || b.shown(t, mail.RoleOutbox) != out.Subject || b.shown(t, mail.RoleSent) != "" {
		t.Errorf("drafts %q, outbox %q, sent %q", b.shown(t, mail.RoleDrafts), b.shown(t, mail.RoleOutbox), b.shown(t, mail.RoleSent))
	}
	if b.waiting(t) != "mail.send mail.append mail.flags" {
		t.Errorf("waiting %q", b.waiting(t))
	}
	if m, err := b.Open(ctx, id); err != nil || !m.Flags.Has(mail.Answered) {
		t.Errorf("the question is not marked as answered: %v %v", m.Flags, err)
	}
	raw, err := b.Raw(ctx, p.ID)
	if err != nil || mimemsg.ParseHeader(raw).InReplyTo != "Frage@kreis.example" || p.MessageID != out.MessageID {
		t.Errorf("%s %v", raw, err)
	}
	// The server takes it: the message is among the sent ones, the draft is gone for good.
	b.write(t, func(tx *storage.Tx) error {
		op.State = journal.Done
		if err := tx.SaveOp(ctx, op); err != nil {
			return err
		}
		return tx.MarkSent(ctx, b.account, p)
	})
	if b.shown(t, mail.RoleOutbox) != "" || b.shown(t, mail.RoleSent) != out.Subject || b.shown(t, mail.RoleDrafts) != "" {
		t.Errorf("outbox %q, sent %q", b.shown(t, mail.RoleOutbox), b.shown(t, mail.RoleSent))
	}
	if list, err := b.db.MailSummaries(ctx, []int64{out.DraftID}); err != nil || len(list) != 0 {
		t.Errorf("the draft is still there: %v %v", list, err)
	}
	if _, err := b.journal().Undo(ctx); !errors.Is(err, ErrNoWayBack) {
		t.Errorf("a sent message was called back: %v", err)
	}
}

func TestCalledBackSendReturnsToDrafts(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		name string
		save bool
		undo func(b *mailBox, op int64) error
	}{
		{"saved draft, cancel", true, func(b *mailBox, op int64) error { return b.journal().Cancel(ctx, op) }},
		{"never saved, cancel", false, func(b *mailBox, op int64) error { return b.journal().Cancel(ctx, op) }},
		{"saved draft, undo", true, func(b *mailBox, _ int64) error { _, err := b.journal().Undo(ctx); return err }},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newWritingBox(t)
			question := b.receive(t, b.inbox, 1, monday, letter(t, "Frage", "x", "anna@amt.example"))[0]
			out := b.draftOf(t, "Brief")
			out.AnswerOf = question
			out.Attachments = []mail.OutAttachment{{Name: "a.txt", MIMEType: "text/plain", Data: []byte("abc")}}
			var err error
			if c.save {
				if out, err = b.SaveDraft(ctx, out); err != nil {
					t.Fatal(err)
				}
			}
			out.Text, out.DeliveryReceipt = "Letzte Worte, nicht mehr gesichert", true
			op, err := b.Send(ctx, out)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.undo(b, op); err != nil {
				t.Fatal(err)
			}
			if b.shown(t, mail.RoleDrafts) != "Brief" || b.shown(t, mail.RoleOutbox) != "" || b.waiting(t) != "mail.append" {
				t.Fatalf("drafts %q, outbox %q, waiting %q", b.shown(t, mail.RoleDrafts), b.shown(t, mail.RoleOutbox), b.waiting(t))
			}
			list, err := b.List(ctx, mail.Query{Role: mail.RoleDrafts}, 0, 5)
			if err != nil {
				t.Fatal(err)
			}
			again, err := b.OpenDraft(ctx, list[0].ID)
			if err != nil || again.Subject != "Brief" || len(again.To) != 1 || len(again.Bcc) != 1 || len(again.Attachments) != 1 || string(again.Attachments[0].Data) != "abc" {
				t.Errorf("%+v %v", again, err)
			}
			if !strings.Contains(again.Text, "Letzte Worte") || again.DeliveryReceipt != c.save {
				t.Errorf("what was written last is lost: %q, receipt %t", again.Text, again.DeliveryReceipt)
			}
			if m, err := b.Open(ctx, question); err != nil || m.Flags.Has(mail.Answered) {
				t.Errorf("the question is marked as answered: %v", err)
			}
			if _, err := b.Send(ctx, again); err != nil {
				t.Errorf("send again: %v", err)
			}
		})
	}
}

func TestDraftsAreNeverDoubled(t *testing.T) {
	ctx := context.Background()
	b := newWritingBox(t)
	out := b.draftOf(t, "Eins")
	var err error
	for i := range 3 {
		out.Subject = fmt.Sprintf("Fassung %d", i)
		if out, err = b.SaveDraft(ctx, out); err != nil {
			t.Fatal(err)
		}
	}
	if b.shown(t, mail.RoleDrafts) != "Fassung 2" || b.waiting(t) != "mail.append" {
		t.Fatalf("%q, waiting %q", b.shown(t, mail.RoleDrafts), b.waiting(t))
	}
	if _, err := b.journal().Undo(ctx); !errors.Is(err, ErrNothingToUndo) {
		t.Errorf("saving a draft is a step of undo: %v", err)
	}
	if err := b.DiscardDraft(ctx, out.DraftID); err != nil {
		t.Fatal(err)
	}
	if b.shown(t, mail.RoleDrafts) != "" || b.waiting(t) != "" {
		t.Errorf("%q, waiting %q", b.shown(t, mail.RoleDrafts), b.waiting(t))
	}
	if err := b.DiscardDraft(ctx, out.DraftID); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("discarded twice: %v", err)
	}
}

// A draft that the server has: saving replaces it there, sending and discarding delete it there.
func TestDraftOnTheServer(t *testing.T) {
	ctx := context.Background()
	b := newWritingBox(t)
	onServer := func() mail.Outgoing {
		t.Helper()
		out, err := b.SaveDraft(ctx, b.draftOf(t, "Brief"))
		if err != nil {
			t.Fatal(err)
		}
		b.write(t, func(tx *storage.Tx) error {
			list, err := tx.MailSummaries(ctx, []int64{out.DraftID})
			if err != nil {
				return err
			}
			ops, err := tx.OpsFor(ctx, "messages", out.DraftID)
			if err != nil {
				return err
			}
			ops[0].State = journal.Done
			if err := tx.SaveOp(ctx, ops[0]); err != nil {
				return err
			}
			if err := tx.SetRemoteState(ctx, out.DraftID, list[0].Flags, nil); err != nil {
				return err
			}
			return tx.PlaceMail(ctx, out.DraftID, list[0].FolderID, uint32(out.DraftID&0xffff))
		})
		return out
	}
	out := onServer()
	op, err := b.Send(ctx, out)
	if err != nil || b.waiting(t) != "mail.send mail.append mail.delete" || b.shown(t, mail.RoleDrafts) != "" {
		t.Fatalf("waiting %q, %v", b.waiting(t), err)
	}
	if err := b.journal().Cancel(ctx, op); err != nil || b.shown(t, mail.RoleDrafts) != "Brief" || b.waiting(t) != "mail.append" {
		t.Fatalf("drafts %q, waiting %q, %v", b.shown(t, mail.RoleDrafts), b.waiting(t), err)
	}
	if err := b.DiscardDraft(ctx, out.DraftID); err != nil || b.waiting(t) != "mail.delete" || b.shown(t, mail.RoleDrafts) != "" {
		t.Fatalf("drafts %q, waiting %q, %v", b.shown(t, mail.RoleDrafts), b.waiting(t), err)
	}
}

func TestReplyAndForward(t *testing.T) {
	i18n.Use(i18n.German)
	defer i18n.Use(i18n.English)
	ctx := context.Background()
	b := newWritingBox(t)
	raw := []byte("From: Bernd <bernd@kreis.example>\r\nTo: anna@amt.example, rat@amt.example\r\nCc: c@amt.example\r\nSubject: Re: Frage\r\nDate: Mon, 23 Nov 2026 08:00:00 +0000\r\n" +
		"Message-ID: <m@kreis>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHallo\r\n--b\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nabc\r\n--b--\r\n")
	id := b.receive(t, b.inbox, 1, monday, raw)[0]
	out, err := b.Reply(ctx, id, true)
	if err != nil {
		t.Fatal(err)
	}
	clock := i18n.Clock(monday)
	if out.Subject != "AW: Frage" || mail.FormatAddresses(out.To) != "Bernd <bernd@kreis.example>, rat@amt.example" || mail.FormatAddresses(out.Cc) != "c@amt.example" ||
		out.AnswerOf != id || out.InReplyTo != "m@kreis" || out.From.Addr != "anna@amt.example" ||
		out.Text != "\n\nAnna Amt\nRathaus\n\nAm 23.11.2026 um "+clock+" schrieb Bernd:\n> Hallo\n" {
		t.Errorf("%+v", out)
	}
	fwd, err := b.Forward(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if fwd.Subject != "WG: Re: Frage" || fwd.ForwardOf != id || len(fwd.Attachments) != 1 || string(fwd.Attachments[0].Data) != "abc" || !strings.Contains(fwd.Text, "Weitergeleitete Nachricht") {
		t.Errorf("%+v", fwd)
	}
	if fwd, err = b.SaveDraft(ctx, fwd); err != nil {
		t.Fatal(err)
	}
	again, err := b.OpenDraft(ctx, fwd.DraftID)
	if err != nil || again.ForwardOf != id || again.Text != strings.Trim(fwd.Text, "\n") && !strings.Contains(again.Text, "Hallo") {
		t.Errorf("%+v %v", again, err)
	}
	if _, err := b.Reply(ctx, 12345, false); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("reply to nothing: %v", err)
	}
}

func TestSendRaw(t *testing.T) {
	ctx := context.Background()
	b := newWritingBox(t)
	op, err := b.SendRaw(ctx, 0, []byte("From: Anna <anna@amt.example>\nTo: a@x.example\nBcc: b@x.example,\n c@x.example\nSubject: Roh\n\n From me\n.\nText\n"))
	if err != nil {
		t.Fatal(err)
	}
	var p mail.SendOp
	if err := json.Unmarshal(b.op(t, op).Payload, &p); err != nil {
		t.Fatal(err)
	}
	raw, err := b.Raw(ctx, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(p.To, []string{"a@x.example", "b@x.example", "c@x.example"}) || p.From != "anna@amt.example" || b.op(t, op).NextTry.After(time.Now()) {
		t.Errorf("%+v", p)
	}
	h := mimemsg.ParseHeader(raw)
	if bytes.Contains(bytes.ToLower(raw), []byte("bcc")) || bytes.Contains(raw, []byte("c@x.example")) || h.MessageID != p.MessageID || h.Date.IsZero() ||
		!bytes.HasSuffix(raw, []byte("\r\n\r\n From me\r\n.\r\nText\r\n")) {
		t.Errorf("%q", raw)
	}
	later := time.Now().Add(48 * time.Hour).Truncate(time.Second)
	op, err = b.SendRawAs(ctx, b.account, []byte("To: a@x.example\nSubject: Roh\n\nText\n"), RawSending{At: later, Report: true})
	if err != nil {
		t.Fatal(err)
	}
	p = sendPayload(t, b.op(t, op))
	if raw, err = b.Raw(ctx, p.ID); err != nil {
		t.Fatal(err)
	}
	if h := mimemsg.ParseHeader(raw); p.Notify != mail.NotifyAll || !b.op(t, op).NextTry.Equal(later) || !h.Date.Equal(later) {
		t.Errorf("%+v, leaves %v, written %v", p, b.op(t, op).NextTry, h.Date)
	}
	for want, eml := range map[error]string{mail.ErrNoRecipient: "Subject: x\n\ny", mail.ErrAddress: "To: a\n\ny"} {
		if _, err := b.SendRaw(ctx, b.account, []byte(eml)); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
}

func TestUndoWindow(t *testing.T) {
	ctx := context.Background()
	b := newWritingBox(t)
	for value, want := range map[string]time.Duration{"": DefaultUndo, "0": 0, "30": 30 * time.Second, "9999": maxUndo, "-3": 0, "x": DefaultUndo} {
		b.write(t, func(tx *storage.Tx) error { return tx.SetSetting(ctx, UndoSetting, value) })
		if got, err := b.undoWindow(ctx); err != nil || got != want {
			t.Errorf("%q: %v %v", value, got, err)
		}
	}
}

func TestRefusedToSend(t *testing.T) {
	ctx := context.Background()
	b := newWritingBox(t)
	out := b.draftOf(t, "x")
	out.To, out.Bcc = nil, nil
	if _, err := b.Send(ctx, out); !errors.Is(err, mail.ErrNoRecipient) {
		t.Errorf("no recipient: %v", err)
	}
	b.write(t, func(tx *storage.Tx) error {
		a, err := tx.Account(ctx, b.account)
		a.SMTPURL = ""
		return errors.Join(err, tx.SaveAccount(ctx, a))
	})
	if _, err := b.Send(ctx, b.draftOf(t, "x")); err == nil || b.waiting(t) != "" {
		t.Errorf("no server: %v, waiting %q", err, b.waiting(t))
	}
	if _, err := b.New(ctx, 0); !errors.Is(err, ErrNoAccount) {
		t.Errorf("no account: %v", err)
	}
}

func TestEverySentinelIsExplained(t *testing.T) {
	for _, err := range []error{mail.ErrNoRecipient, mail.ErrAddress, ErrNoSending, ErrNoBody, ErrOutbox} {
		title, advice := Explain(fmt.Errorf("x: %w", err))
		if strings.HasPrefix(title, "mail.") || strings.HasPrefix(title, "app.") || advice == "" {
			t.Errorf("%v: %q %q", err, title, advice)
		}
	}
}
