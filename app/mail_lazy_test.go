// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"bytes"
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/mimemsg"
)

// bigDraft is a draft whose attachment is not written again at each pause.
func (b *mailBox) bigDraft(t testing.TB) mail.Outgoing {
	t.Helper()
	data := make([]byte, largeDraft+1)
	for i := range data {
		data[i] = byte(rand.Uint32())
	}
	out := b.draftOf(t, "Plan")
	out.Attachments = []mail.OutAttachment{{Name: "plan.bin", MIMEType: "application/octet-stream", Data: data}}
	out, err := b.SaveDraft(context.Background(), out)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (b *mailBox) save(t testing.TB, out mail.Outgoing, text string) mail.Outgoing {
	t.Helper()
	out.Text = text
	saved, err := b.SaveDraft(context.Background(), out)
	if err != nil {
		t.Fatal(err)
	}
	return saved
}

func (b *mailBox) rawText(t testing.TB, id int64) string {
	t.Helper()
	raw, err := b.Raw(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	p, err := mimemsg.Parse(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(p.Text)
}

// While a person writes, a large attachment is left alone; whoever looks sees the newest text, also after a crash.
func TestLargeDraftIsNotWrittenAtEachPause(t *testing.T) {
	ctx := context.Background()
	b := newWritingBox(t)
	out := b.bigDraft(t)
	before := b.rawText(t, out.DraftID)
	out = b.save(t, out, "Neuer Text")
	if got := b.rawText(t, out.DraftID); got != before {
		t.Errorf("the octets were written again: %q", got)
	}
	after := NewMail(b.db, b.wake) // the program was killed and starts again
	for name, m := range map[string]*Mail{"this process": b.Mail, "the next one": after} {
		if msg, err := m.Open(ctx, out.DraftID); err != nil || msg.Text != "Neuer Text" || msg.Snippet != "Neuer Text" {
			t.Errorf("%s shows %q (%q) %v", name, msg.Text, msg.Snippet, err)
		}
		again, err := m.OpenDraft(ctx, out.DraftID)
		if err != nil || again.Text != "Neuer Text" || len(again.Attachments) != 1 || !bytes.Equal(again.Attachments[0].Data, out.Attachments[0].Data) || len(again.Bcc) != 1 {
			t.Errorf("%s opens %q with %d attachments: %v", name, again.Text, len(again.Attachments), err)
		}
	}
	if err := after.FinishDrafts(ctx); err != nil {
		t.Fatal(err)
	}
	if got := b.rawText(t, out.DraftID); got != "Neuer Text" {
		t.Errorf("after the next start: %q", got)
	}
	if left, err := b.db.DraftTexts(ctx); err != nil || len(left) != 0 {
		t.Errorf("left %v %v", left, err)
	}
	if err := b.FlushDrafts(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestDraftIsWrittenAsAWhole(t *testing.T) {
	ctx := context.Background()
	for name, act := range map[string]func(t *testing.T, b *mailBox, out mail.Outgoing){
		"at the end": func(t *testing.T, b *mailBox, _ mail.Outgoing) {
			if err := b.FlushDrafts(ctx); err != nil {
				t.Error(err)
			}
		},
		"after a rest": func(_ *testing.T, b *mailBox, out mail.Outgoing) { b.saveLate(out.DraftID) },
		"with another attachment": func(t *testing.T, b *mailBox, out mail.Outgoing) {
			out.Attachments = append(out.Attachments, mail.OutAttachment{Name: "b", Data: []byte("b")})
			b.save(t, out, "Neuer Text")
		},
		"with a changed attachment": func(t *testing.T, b *mailBox, out mail.Outgoing) {
			out.Attachments = []mail.OutAttachment{{Name: "plan.bin", MIMEType: "application/octet-stream", Data: bytes.Clone(out.Attachments[0].Data)}}
			b.save(t, out, "Neuer Text")
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newWritingBox(t)
			out := b.save(t, b.bigDraft(t), "Neuer Text")
			act(t, b, out)
			if got := b.rawText(t, out.DraftID); got != "Neuer Text" {
				t.Errorf("%q", got)
			}
			if left, err := b.db.DraftTexts(ctx); err != nil || len(left) != 0 {
				t.Errorf("left %v %v", left, err)
			}
			if n := b.waiting(t); n != "mail.append" {
				t.Errorf("waiting %q", n)
			}
		})
	}
}

// What happens to a draft while its text waits: it is sent, thrown away, or was removed by somebody else.
func TestDraftThatWaitsIsSentOrThrownAway(t *testing.T) {
	ctx := context.Background()
	b := newWritingBox(t)
	out := b.save(t, b.bigDraft(t), "Zum Senden")
	op, err := b.Send(ctx, out)
	if err != nil {
		t.Fatal(err)
	}
	b.saveLate(out.DraftID) // a timer that was about to run
	if b.shown(t, mail.RoleDrafts) != "" || b.shown(t, mail.RoleOutbox) != "Plan" {
		t.Errorf("drafts %q, outbox %q", b.shown(t, mail.RoleDrafts), b.shown(t, mail.RoleOutbox))
	}
	if err := b.journal().Cancel(ctx, op); err != nil {
		t.Fatal(err)
	}
	if msg, err := b.OpenDraft(ctx, out.DraftID); err != nil || msg.Text != "Zum Senden" {
		t.Errorf("called back: %q %v", msg.Text, err)
	}
	if err := b.DiscardDraft(ctx, out.DraftID); err != nil || b.shown(t, mail.RoleDrafts) != "" {
		t.Error(err, b.shown(t, mail.RoleDrafts))
	}

	gone := b.bigDraft(t)
	b.write(t, func(tx *storage.Tx) error { return tx.RemoveMail(ctx, []int64{gone.DraftID}) })
	if again := b.save(t, gone, "Noch da"); again.DraftID == 0 || b.rawText(t, again.DraftID) != "Noch da" {
		t.Errorf("a draft that was removed elsewhere is lost: %d", again.DraftID)
	}
}
