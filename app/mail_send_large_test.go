// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/mimemsg"
	"kontor/sync/smtpsend"
)

// TestLargeMessagesAreSentAsSmallOnes: what goes into the outbox from a file that is not held is what would go there from
// memory, whatever the header looks like and however the file can be read.
func TestLargeMessagesAreSentAsSmallOnes(t *testing.T) {
	ctx := context.Background()
	body := strings.Repeat("Noch eine Zeile.\r\nUnd noch eine.\r\n", storage.PieceSize/32+1)
	bare := strings.ReplaceAll(body, "\r\n", "\n")
	for name, eml := range map[string]string{
		"complete":         "From: Anna <anna@amt.example>\r\nTo: a@x.example\r\nBcc: b@x.example,\r\n c@x.example\r\nSubject: Groß\r\nMessage-ID: <g@amt.example>\r\nDate: Mon, 02 Nov 2026 09:00:00 +0100\r\n\r\n" + body,
		"eight bits":       "To: a@x.example\r\nMessage-ID: <g@x>\r\nDate: Mon, 02 Nov 2026 09:00:00 +0100\r\n\r\n" + body + "Grüße\r\n",
		"bare line feeds":  "To: a@x.example\nSubject: x\n y\nMessage-ID: <g@x>\nDate: Mon, 02 Nov 2026 09:00:00 +0100\n\n" + bare,
		"an mbox":          "From anna@amt.example Mon Nov  2 09:00:00 2026\nTo: a@x.example\nMessage-ID: <g@x>\nDate: Mon, 02 Nov 2026 09:00:00 +0100\n\n" + bare,
		"a multipart":      "To: a@x.example\r\nMessage-ID: <g@x>\r\nDate: Mon, 02 Nov 2026 09:00:00 +0100\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nAnbei.\r\n--b\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\n" + body + "--b--\r\n",
		"an endless field": "To: a@x.example\r\nMessage-ID: <g@x>\r\nDate: Mon, 02 Nov 2026 09:00:00 +0100\r\nX-Long: " + strings.Repeat("x", storage.PieceSize+10),
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "x.eml")
			writeFiles(t, filepath.Dir(file), map[string]string{"x.eml": eml})
			held := newWritingBox(t)
			op, err := held.SendRaw(ctx, held.account, []byte(eml))
			want := held.outgoing(t, op, err)
			for way, open := range waysToRead(t, file) {
				b := newWritingBox(t)
				r := open()
				op, err := b.SendFrom(ctx, b.account, r, RawSending{})
				if got := b.outgoing(t, op, err); got != want {
					t.Errorf("%s:\n%.600s\nwant\n%.600s", way, got, want)
				}
				if err := r.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// outgoing says what waits in the outbox for an operation.
func (b *mailBox) outgoing(t *testing.T, opID int64, err error) string {
	t.Helper()
	ctx := context.Background()
	if err != nil {
		t.Fatal(err)
	}
	op, err := b.db.Op(ctx, opID)
	if err != nil {
		t.Fatal(err)
	}
	var p mail.SendOp
	if err := json.Unmarshal(op.Payload, &p); err != nil {
		t.Fatal(err)
	}
	raw, err := b.Raw(ctx, p.ID)
	list, listErr := b.db.MailSummaries(ctx, []int64{p.ID})
	if err := errors.Join(err, listErr); err != nil {
		t.Fatal(err)
	}
	s := list[0]
	return fmt.Sprintln(p.From, p.To, p.EightBit, p.MessageID, s.Subject, s.From, s.To, s.Size == int64(len(raw)), s.HasAttachment, s.Snippet, string(raw))
}

// TestALargeMessageThatCannotBeSent is refused as a small one is, with nothing left over.
func TestALargeMessageThatCannotBeSent(t *testing.T) {
	ctx := context.Background()
	body := strings.Repeat("Zeile.\r\n", storage.PieceSize/4)
	b := newWritingBox(t)
	if _, err := b.SendFrom(ctx, b.account, strings.NewReader("Subject: an niemanden\r\n\r\n"+body), RawSending{}); !errors.Is(err, mail.ErrNoRecipient) {
		t.Error(err)
	}
	b.write(t, func(tx *storage.Tx) error { return tx.SetSetting(ctx, smtpsend.SizeSetting(b.account), "1000000") })
	var size *mail.SizeError
	if _, err := b.SendFrom(ctx, b.account, strings.NewReader("To: a@x.example\r\n\r\n"+body), RawSending{}); !errors.As(err, &size) || size.Size < int64(len(body)) {
		t.Error(err)
	}
	if _, err := b.SendFrom(ctx, b.account, failingReader{}, RawSending{}); !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
	ops, err := b.db.PendingOps(ctx, 0)
	left, globErr := filepath.Glob(filepath.Join(filepath.Dir(b.db.Path()), "kontor-spool*"))
	if err := errors.Join(err, globErr); err != nil || len(ops) > 0 || len(left) > 0 {
		t.Errorf("%v %v %v", ops, left, err)
	}
}

type failingReader struct{}

// Read is part of io.Reader.
func (failingReader) Read([]byte) (int, error) { return 0, os.ErrClosed }

// TestFinishedHeaders: a header by itself becomes what it would become with its message.
func TestFinishedHeaders(t *testing.T) {
	for _, head := range []string{"", "Subject: x\r\n", "From: a@b.de\r\nBcc: c@d.de\r\nMessage-ID: <1@b>\r\nDate: Mon, 02 Nov 2026 09:00:00 +0100\r\n\r\n"} {
		before := slices.Clone([]byte(head + "rest"))
		given := slices.Clone(before)
		got, h := mimemsg.FinishHeader(given[:len(head)], "a@b.de", monday)
		whole, want := mimemsg.Finish([]byte(strings.TrimRight(head, "\r\n")+"\r\n\r\nText"), "a@b.de", monday)
		if !bytes.Equal(given, before) {
			t.Errorf("%q: what was given is changed", head)
		}
		hide := func(b []byte, id string) string { return strings.ReplaceAll(string(b), id, "ID") }
		if hide(got, h.MessageID)+"\r\nText" != hide(whole, want.MessageID) {
			t.Errorf("%q: %q, want %q", head, got, whole)
		}
	}
}
