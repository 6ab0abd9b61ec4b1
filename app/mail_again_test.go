// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"kontor/app/accounts"
	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/mimemsg"
	"kontor/sync/smtpsend"
)

func sendPayload(t testing.TB, op journal.Op) mail.SendOp {
	t.Helper()
	var p mail.SendOp
	if err := json.Unmarshal(op.Payload, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRedirectLeavesEveryOctet(t *testing.T) {
	ctx := context.Background()
	b := newWritingBox(t)
	original := []byte("Received: x\r\nFrom: Bernd <bernd@kreis.example>\r\nTo: anna@amt.example\r\nSubject: roh \xfc\r\nMessage-ID: <m1@kreis.example>\r\n\r\nText \xff\r\n.\r\nohne Ende")
	id := b.receive(t, b.inbox, 1, monday, original)[0]
	op, err := b.Redirect(ctx, id, []mail.Address{{Name: "Chef", Addr: "chef@amt.example"}, {Addr: "zwei@amt.example"}}, 0)
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := b.rawOfOp(t, op)
	if !strings.HasSuffix(raw, string(original)) {
		t.Fatalf("%q", raw)
	}
	head := strings.TrimSuffix(raw, string(original))
	for _, field := range []string{"Resent-From: Anna Amt <anna@amt.example>\r\n", "Resent-To: Chef <chef@amt.example>, zwei@amt.example\r\n", "Resent-Date: ", "Resent-Message-ID: <"} {
		if !strings.Contains(head, field) {
			t.Errorf("%q is missing in %q", field, head)
		}
	}
	p := sendPayload(t, b.op(t, op))
	if p.From != "anna@amt.example" || strings.Join(p.To, " ") != "chef@amt.example zwei@amt.example" || !p.Shared || !p.EightBit {
		t.Errorf("%+v", p)
	}
	ops, err := b.db.GroupOps(ctx, op)
	if err != nil || len(ops) != 3 || !bytes.Contains(ops[1].Payload, []byte(`"folder"`)) || bytes.Contains(ops[1].Payload, []byte(`"once":true`)) {
		t.Errorf("the copy would be mistaken for the original: %+v %v", ops, err)
	}
	if _, err := b.Redirect(ctx, id, nil, 0); !errors.Is(err, mail.ErrNoRecipient) {
		t.Error(err)
	}
}

func TestResendBeginsANewMessage(t *testing.T) {
	ctx := context.Background()
	b := newWritingBox(t)
	out := b.draftOf(t, "Bericht")
	out.Attachments = []mail.OutAttachment{{Name: "a.txt", MIMEType: "text/plain", Data: []byte("abc")}}
	op, err := b.Send(ctx, out)
	if err != nil {
		t.Fatal(err)
	}
	_, id := b.rawOfOp(t, op)
	again, err := b.Resend(ctx, id)
	if err != nil || again.Subject != "Bericht" || again.MessageID == out.MessageID || again.DraftID != 0 || len(again.Attachments) != 1 ||
		mail.FormatAddresses(again.To) != "Bernd <bernd@kreis.example>" || mail.FormatAddresses(again.Bcc) != "geheim@kreis.example" || again.From.Addr != "anna@amt.example" {
		t.Errorf("%+v %v", again, err)
	}
	some, err := b.Resend(ctx, id, mail.Address{Addr: "neu@kreis.example"})
	if err != nil || mail.FormatAddresses(some.To) != "neu@kreis.example" || len(some.Cc)+len(some.Bcc) != 0 {
		t.Errorf("%+v %v", some, err)
	}
}

func TestReceiptIsSentOnceAndOnlyWhenAskedFor(t *testing.T) {
	ctx := context.Background()
	b := newWritingBox(t)
	raw := letter(t, "Bescheid", "x", "anna@amt.example")
	asking := append([]byte(mimemsg.ReceiptHeader+": Bernd <bernd@kreis.example>\r\n"), raw...)
	ids := b.receive(t, b.inbox, 1, monday, asking, letter(t, "Anderes", "x", "anna@amt.example"))
	if to, err := b.ReceiptWanted(ctx, ids[1]); err != nil || len(to) != 0 {
		t.Errorf("nobody asked: %v %v", to, err)
	}
	if _, err := b.SendReceipt(ctx, ids[1]); !errors.Is(err, mail.ErrNoRecipient) {
		t.Error(err)
	}
	if to, err := b.ReceiptWanted(ctx, ids[0]); err != nil || mail.FormatAddresses(to) != "Bernd <bernd@kreis.example>" {
		t.Fatalf("%v %v", to, err)
	}
	op, err := b.SendReceipt(ctx, ids[0])
	if err != nil {
		t.Fatal(err)
	}
	receipt, _ := b.rawOfOp(t, op)
	for _, want := range []string{
		"report-type=disposition-notification", "Original-Message-ID: <Bescheid@kreis.example>\r\n", "Final-Recipient: rfc822;anna@amt.example\r\n",
		"Disposition: manual-action/MDN-sent-manually; displayed\r\n", "Auto-Submitted: auto-replied\r\n", "To: Bernd <bernd@kreis.example>\r\n",
	} {
		if !strings.Contains(receipt, want) {
			t.Errorf("%q is missing in %s", want, receipt)
		}
	}
	if p := sendPayload(t, b.op(t, op)); p.From != "" || strings.Join(p.To, "") != "bernd@kreis.example" {
		t.Errorf("%+v", p)
	}
	if to, err := b.ReceiptWanted(ctx, ids[0]); err != nil || len(to) != 0 {
		t.Errorf("it would be sent twice: %v %v", to, err)
	}
	if p, err := mimemsg.Parse(strings.NewReader(receipt)); err != nil || !strings.Contains(p.Text, "Bescheid") {
		t.Errorf("%+v %v", p, err)
	}
}

func TestSendLaterAndTooLarge(t *testing.T) {
	ctx := context.Background()
	b := newWritingBox(t)
	out := b.draftOf(t, "Morgen")
	out.SendAt = time.Now().Add(26 * time.Hour)
	op, err := b.Send(ctx, out)
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := b.rawOfOp(t, op)
	date := mimemsg.ParseHeader([]byte(raw)).Date
	if next := b.op(t, op).NextTry; next.Sub(out.SendAt).Abs() > time.Second || date.Sub(out.SendAt).Abs() > time.Second {
		t.Errorf("leaves at %v, says %v, want %v", next, date, out.SendAt)
	}
	out = b.draftOf(t, "Gestern")
	out.SendAt = time.Now().Add(-time.Hour)
	if op, err = b.Send(ctx, out); err != nil || b.op(t, op).NextTry.Before(time.Now()) {
		t.Errorf("cannot be called back any more: %v", err)
	}
	b.write(t, func(tx *storage.Tx) error { return tx.SetSetting(ctx, smtpsend.SizeSetting(b.account), "300") })
	_, err = b.Send(ctx, b.draftOf(t, "Zu groß"))
	var size *mail.SizeError
	if !errors.As(err, &size) || size.Limit != 300 || size.Size <= 300 {
		t.Fatalf("%v", err)
	}
	i18n.Use(i18n.German)
	if title, advice := Explain(err); !strings.Contains(title, i18n.Size(300)) || !strings.Contains(advice, "Anhänge") {
		t.Errorf("%s %s", title, advice)
	}
	out = b.draftOf(t, "Mit Quittung")
	out.DeliveryReceipt, out.ReadReceipt = true, true
	b.write(t, func(tx *storage.Tx) error { return tx.SetSetting(ctx, smtpsend.SizeSetting(b.account), "unsinn") })
	if op, err = b.Send(ctx, out); err != nil || sendPayload(t, b.op(t, op)).Notify != mail.NotifyAll {
		t.Errorf("%v", err)
	}
	if raw, _ := b.rawOfOp(t, op); !strings.Contains(raw, mimemsg.ReceiptHeader+": Anna Amt <anna@amt.example>\r\n") {
		t.Error(raw)
	}
}

func TestProofSaysWhatServersSaid(t *testing.T) {
	ctx := context.Background()
	b := newWritingBox(t)
	op, err := b.Send(ctx, b.draftOf(t, "Bescheid"))
	if err != nil {
		t.Fatal(err)
	}
	state := func(want ...ProofState) Proof {
		t.Helper()
		p, err := b.ProofOf(ctx, op)
		if err != nil || len(p.Recipients) != len(want) {
			t.Fatalf("%+v %v", p, err)
		}
		for i, r := range p.Recipients {
			if r.State != want[i] {
				t.Errorf("%s: %s, want %s", r.Address, r.State, want[i])
			}
		}
		return p
	}
	become := func(s journal.State, proof, problem, cause string) {
		o := b.op(t, op)
		o.State, o.Proof, o.LastError, o.Cause = s, proof, problem, cause
		b.write(t, func(tx *storage.Tx) error { return tx.SaveOp(ctx, o) })
	}
	state(ProofWaiting, ProofWaiting)
	become(journal.Running, "", "", "")
	state(ProofDoubt, ProofDoubt) // the last octet may be out
	become(journal.Failed, "", "?", "send.doubt")
	state(ProofDoubt, ProofDoubt)
	become(journal.Failed, "", "550 5.1.1 nein", "send.no-mailbox")
	state(ProofRefused, ProofRefused)
	become(journal.Done, "250 2.0.0 Ok: queued as 4ABC", "", "")
	p := state(ProofAccepted, ProofAccepted)
	if p.Recipients[0].QueueID != "4ABC" || p.Copy != nil || p.Subject != "Bescheid" || p.Server != "smtp://localhost" {
		t.Errorf("%+v", p)
	}
	ops, err := b.db.GroupOps(ctx, op)
	if err != nil {
		t.Fatal(err)
	}
	ops[1].State, ops[1].Proof = journal.Done, "APPENDUID 5 7"
	b.write(t, func(tx *storage.Tx) error { return tx.SaveOp(ctx, ops[1]) })
	if p = state(ProofAccepted, ProofAccepted); p.Copy == nil || p.Copy.Folder != "Sent" || p.Copy.Proof != "APPENDUID 5 7" {
		t.Errorf("%+v", p.Copy)
	}
	for _, lang := range []i18n.Lang{i18n.German, i18n.English} {
		i18n.Use(lang)
		var text bytes.Buffer
		if _, err := p.WriteTo(&text); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"bernd@kreis.example", "queued as 4ABC", "APPENDUID 5 7", p.MessageID} {
			if !strings.Contains(text.String(), want) {
				t.Errorf("%s: %q is missing in\n%s", lang, want, text.String())
			}
		}
	}
	other := b.receive(t, b.inbox, 3, monday, letter(t, "Fremd", "x", "anna@amt.example"))[0]
	if _, err := b.Proof(ctx, other); !errors.Is(err, ErrNoProof) {
		t.Error(err)
	}
}

// Every cause that a failed operation can have is explained in both languages, and says what to do.
func TestEveryCauseIsExplained(t *testing.T) {
	causes := []string{journal.CauseInterrupted, "", "unreachable", "sign-in", "certificate", "send.doubt", "send.too-large", "send.no-utf8", "send.not-written", "send.several", "tasks.repeats-here", "tasks.series"}
	for code := 400; code < 560; code++ {
		causes = append(causes, "send."+mail.ReplyCause(code, ""))
	}
	for _, status := range strings.Fields("5.1.1 5.1.2 5.1.3 5.1.6 5.1.7 5.1.10 5.2.0 5.2.1 5.2.2 5.2.3 5.2.4 5.3.0 5.3.1 5.3.2 5.3.4 4.4.1 5.4.6 5.4.7 5.5.1 5.5.3 5.6.7 5.6.0 5.7.1 4.7.1 5.7.8 5.7.9 5.7.27 5.0.0 9.9.9") {
		causes = append(causes, "send."+mail.ReplyCause(550, status))
	}
	for _, lang := range []i18n.Lang{i18n.German, i18n.English} {
		i18n.Use(lang)
		for _, cause := range causes {
			title, advice := ExplainOp(journal.Op{LastError: "x", Cause: cause})
			if strings.Contains(title, "error.") || strings.Contains(advice, "error.") || title == "" || advice == "" {
				t.Errorf("%s %q: %q %q", lang, cause, title, advice)
			}
		}
	}
	if title, _ := ExplainOp(journal.Op{State: journal.Done}); title != "" {
		t.Errorf("nothing went wrong: %q", title)
	}
	if title, advice := ExplainOp(journal.Op{State: journal.Done, Cause: "tasks.repeats-here"}); title == "" || advice == "" {
		t.Error("what is to be said of something done is not said")
	}
}

// What stands in the way of every server is told once.
func TestTheSameProblemIsToldOnce(t *testing.T) {
	locked := errors.Join(errors.New("mail"), explainedOnce(), errors.Join(explainedOnce(), explainedOnce()))
	if got := len(Problems(locked)); got != 2 {
		t.Errorf("told %d times", got)
	}
}

func explainedOnce() error { return fmt.Errorf("read the password: %w", accounts.ErrPassphrase) }
