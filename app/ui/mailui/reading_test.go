// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/ui/kit"
	"kontor/storage"
)

// TestHowAMessageIsProtectedIsSaid for every way, and never more than its outside tells.
func TestHowAMessageIsProtectedIsSaid(t *testing.T) {
	w := newTown(t)
	for i, row := range []struct{ kind, want string }{
		{`multipart/signed; protocol="application/pkcs7-signature"; boundary=b`, "Mit S/MIME signiert"},
		{`multipart/signed; protocol="application/pgp-signature"; boundary=b`, "Mit OpenPGP signiert"},
		{`multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b`, "Mit OpenPGP verschlüsselt"},
		{`application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m`, "Mit S/MIME verschlüsselt"},
	} {
		id := w.receive(fmt.Sprintf("From: a@b.example\r\nTo: x@y.example\r\nSubject: geschützt %d\r\nMessage-ID: <p%d@x>\r\nContent-Type: %s\r\n\r\n--b\r\n\r\nText\r\n--b--\r\n", i, i, row.kind))
		w.page.Open(id)
		w.Settle()
		if got := w.page.reader.sheet.guard.words.text; !strings.HasPrefix(got, row.want) || !w.page.reader.sheet.guard.Visible() {
			t.Errorf("%s: says %q", row.kind, got)
		}
	}
}

// TestReportsSayWhatBecameOfAMessage, the failures first and in words.
func TestReportsSayWhatBecameOfAMessage(t *testing.T) {
	i18n.Use(i18n.German)
	many := &mail.Report{Kind: mail.ReportDelivery}
	for range 9 {
		many.Recipients = append(many.Recipients, mail.Outcome{Addr: "a@b.example", Action: "delivered"})
	}
	for _, row := range []struct {
		name   string
		report *mail.Report
		want   []string
		bad    bool
	}{
		{"none", nil, nil, false},
		{"refused", &mail.Report{Kind: mail.ReportDelivery, Recipients: []mail.Outcome{{Addr: "da@b.example", Action: "delivered"}, {Addr: "weg@b.example", Action: "failed", Status: "5.1.1"}}}, []string{"Nicht angekommen bei weg@b.example: ", "Zugestellt an da@b.example."}, true},
		{"no reason", &mail.Report{Kind: mail.ReportDelivery, Recipients: []mail.Outcome{{Addr: "x@b.example", Action: "failed"}}}, []string{"Der Server nennt keinen Grund."}, true},
		{"delayed", &mail.Report{Kind: mail.ReportDelivery, Recipients: []mail.Outcome{{Addr: "x@b.example", Action: "delayed"}}}, []string{"verzögert sich"}, false},
		{"relayed", &mail.Report{Kind: mail.ReportDelivery, Recipients: []mail.Outcome{{Addr: "x@b.example", Action: "relayed"}}}, []string{"eine Bestätigung kommt nicht"}, false},
		{"read", &mail.Report{Kind: mail.ReportReceipt, Recipients: []mail.Outcome{{Addr: "x@b.example", Action: "displayed"}}}, []string{"x@b.example hat Ihre Nachricht angezeigt."}, false},
		{"deleted", &mail.Report{Kind: mail.ReportReceipt, Recipients: []mail.Outcome{{Addr: "x@b.example", Action: "deleted"}}}, []string{"gelöscht"}, false},
		{"processed", &mail.Report{Kind: mail.ReportReceipt, Recipients: []mail.Outcome{{Addr: "x@b.example", Action: "processed"}}}, []string{"bearbeitet"}, false},
		{"complaint", &mail.Report{Kind: mail.ReportAbuse}, []string{"beschwert"}, true},
		{"many", many, []string{"Und 6 weitere Empfänger."}, false},
		{"hostile", &mail.Report{Kind: mail.ReportReceipt, Recipients: []mail.Outcome{{Addr: "a\n\u202eb@x", Action: "displayed"}}}, []string{"a b@x hat"}, false},
	} {
		words, bad := reportWords(row.report)
		if bad != row.bad || len(row.want) == 0 != (words == "") {
			t.Errorf("%s: %q %v", row.name, words, bad)
		}
		at := 0
		for _, want := range row.want {
			i := strings.Index(words[at:], want)
			if i < 0 {
				t.Errorf("%s: %q is not in %q, or not in this order", row.name, want, words)
				break
			}
			at += i
		}
	}
}

// TestNobodyLearnsOfReadingBySilence: the question is asked once, both answers last, and only yes sends something.
func TestNobodyLearnsOfReadingBySilence(t *testing.T) {
	for _, yes := range []bool{true, false} {
		w := newTown(t)
		id := w.receive(askingMail)
		w.page.Open(id)
		w.Settle()
		if got := w.page.reader.sheet.receipt.words.text; got != "Jörg Fern möchte wissen, ob Sie diese Nachricht gelesen haben." {
			t.Fatalf("asks %q", got)
		}
		if ops, _ := w.waiting(); len(ops) != 0 {
			t.Fatal("it was confirmed without a word")
		}
		answer := "Nicht senden"
		if yes {
			answer = "Lesebestätigung senden"
		}
		w.Click(answer)
		ops, raw := w.waiting()
		if yes != (len(ops) == 1) || yes && !strings.Contains(raw, "disposition-notification") {
			t.Fatalf("%v: %d wait", yes, len(ops))
		}
		w.choose("Einladung zur Teilversammlung")
		w.page.Open(id)
		w.Settle()
		w.MustNotSay("Lesebestätigung senden")
		w.page.reader.details = true
		w.page.reader.again()
		w.Settle()
		if !strings.Contains(w.page.reader.sheet.details.AccessibilityLabel(), "Lesebestätigung: beantwortet") {
			t.Error("the details do not tell")
		}
		if m, _ := w.core.Mail.Open(w.ctx(), id); !m.Flags.Has(mail.MDNSent) {
			t.Fatalf("%v: other programs would ask again", yes)
		}
	}
}

// TestWhoSendsJunkLearnsNothing: in the bin and among junk nobody asks.
func TestWhoSendsJunkLearnsNothing(t *testing.T) {
	w := newTown(t)
	id := w.receive(askingMail)
	w.core.Must(w.core.Mail.Junk(w.ctx(), []int64{id}, true))
	w.Settle()
	w.place(mail.RoleJunk, "")
	w.choose("Bescheid zur Kenntnis")
	w.MustNotSay("Lesebestätigung senden")
}

// TestRedirecting by keyboard alone: wrong addresses are named, leaving sends nothing, the original goes as it is.
func TestRedirecting(t *testing.T) {
	w := newTown(t)
	w.office()
	id := w.receive(askingMail)
	w.page.Open(id)
	w.Settle()
	w.page.Redirect()
	w.Settle()
	w.Key(fyne.KeyReturn)
	w.MustSay("Geben Sie an, wer die Nachricht bekommen soll.")
	w.Type("unfug@")
	w.Key(fyne.KeyReturn)
	w.MustSay("„unfug@“ ist keine vollständige E-Mail-Adresse. Bitte ergänzen oder entfernen Sie sie.")
	w.Key(fyne.KeyEscape)
	if ops, _ := w.waiting(); len(ops) != 0 {
		t.Fatal("leaving sends nothing")
	}
	w.page.Redirect()
	w.Settle()
	w.Type("jonas.weber@stadt.example")
	w.Key(fyne.KeyReturn)
	ops, raw := w.waiting()
	if len(ops) != 1 || !strings.HasSuffix(raw, askingMail) || !strings.Contains(raw, "Resent-To: jonas.weber@stadt.example") {
		t.Fatalf("%d wait: %s", len(ops), raw)
	}
	toast := w.LastToast()
	if !strings.Contains(toast.Words, "jonas.weber@stadt.example") || toast.Action == "" {
		t.Fatalf("toast %+v", toast)
	}
	toast.Do()
	w.Settle()
	if ops, _ = w.waiting(); len(ops) != 0 || w.LastToast().Words != "Zurückgeholt. Es wird nichts gesendet." {
		t.Fatalf("%d wait, says %q", len(ops), w.LastToast().Words)
	}
}

// TestSendingAgain opens the same message to the same people, as a new one.
func TestSendingAgain(t *testing.T) {
	w := newTown(t)
	folder := w.place(mail.RoleSent, "")
	list, err := w.core.Mail.List(w.ctx(), mail.Query{FolderID: folder.ID}, 0, 1)
	w.core.Must(err)
	old, err := w.core.Mail.Open(w.ctx(), list[0].ID)
	w.core.Must(err)
	w.page.list.rows.SelectRow(0)
	w.Settle()
	c, _ := w.writing(w.page.Resend)
	if c.view.subject.Text != old.Subject || len(c.collect().To) != len(old.To) || c.msg.MessageID == old.MessageID {
		t.Fatalf("%+v", c.msg)
	}
	before := c.collect()
	c.close()
	w.Settle()
	if len(w.page.composes) != 0 || before.DraftID != 0 {
		t.Fatal("closing it without a change keeps nothing")
	}
}

// TestTheProofCanBeReadAndKept, and where there is none that is explained.
func TestTheProofCanBeReadAndKept(t *testing.T) {
	w := newTown(t)
	w.core.Must(w.cfg.Settings.Set(w.ctx(), "mail.undo_seconds", "0"))
	_, back := w.writing(w.page.Write)
	w.Fill("An", "jonas.weber@stadt.example")
	w.Fill("Betreff", "Fristsache: 3/2026")
	w.Click("Senden")
	back()
	w.core.SyncAll()
	w.Settle()
	w.place(mail.RoleSent, "")
	w.choose("Fristsache: 3/2026")
	w.page.ShowProof()
	w.Settle()
	w.Window = w.opened[len(w.opened)-1]
	view, ok := w.Focused().(*kit.TextView)
	if !ok || !strings.Contains(view.Text(), "jonas.weber@stadt.example") || !strings.Contains(view.Text(), "Fristsache") {
		t.Fatalf("shows %q", w.Words())
	}
	w.Click("Als Datei speichern …")
	for name, text := range w.saved {
		if strings.ContainsAny(name, `:/\`) || text != view.Text() {
			t.Errorf("saved %q: %q", name, text)
		}
	}
	if len(w.saved) != 1 {
		t.Fatalf("%d files", len(w.saved))
	}
	w.Window = w.main
	w.place(mail.RoleInbox, "")
	w.choose("Ortstermin Lindenstraße 14 – Unterlagen")
	w.page.ShowProof()
	w.Settle()
	if errs := w.TakeErrors(); len(errs) != 1 {
		t.Fatalf("%v", errs)
	}
}

// TestTheOriginalIsShown octet for octet: the header first, all of it on request, and saved as it is.
func TestTheOriginalIsShown(t *testing.T) {
	w := newTown(t)
	raw := "From: a@b.example\r\nSubject: roh\r\nX-Zeichen: \xfc\r\n\r\nText mit \xff\r\n"
	id := w.receive(raw)
	w.page.Open(id)
	w.Settle()
	w.page.ShowSource()
	w.Settle()
	w.Window = w.opened[len(w.opened)-1]
	view := w.Focused().(*kit.TextView)
	if !strings.Contains(view.Text(), "X-Zeichen: \uFFFD") || strings.Contains(view.Text(), "Text mit") {
		t.Fatalf("shows %q", view.Text())
	}
	w.Click("Ganze Nachricht zeigen")
	if !strings.Contains(view.Text(), "Text mit \uFFFD") {
		t.Fatalf("shows %q", view.Text())
	}
	w.Click("Nur Kopfzeilen zeigen")
	w.Click("Als Datei speichern …")
	if len(w.saved) != 1 || w.saved["Nachricht.eml"] != raw || strings.Contains(view.Text(), "Text mit") {
		t.Fatalf("saved %q", w.saved)
	}
}

// TestWhatIsNotHereYetSaysSo, and shows itself when it comes, without being asked again.
func TestWhatIsNotHereYetSaysSo(t *testing.T) {
	w := newTown(t)
	inbox := w.place(mail.RoleInbox, "")
	var id int64
	add := storage.NewMail{
		AccountID: w.core.Account, FolderID: inbox.ID, MessageID: "late@x", Subject: "Kommt noch", From: mail.Address{Addr: "a@b.example"},
		Snippet: "Der Anfang", HasAttachment: true, UID: 99_999, Size: 500,
	}
	w.core.Write(func(ctx context.Context, tx *storage.Tx) error {
		ids, err := tx.AddMail(ctx, []storage.NewMail{add})
		if err == nil {
			id = ids[0]
		}
		return err
	})
	w.page.Open(id)
	w.Settle()
	if got := w.page.reader.sheet.body.AccessibilityLabel(); !strings.Contains(got, "Der Anfang") || !strings.Contains(got, "die Anhänge werden geladen") {
		t.Fatalf("says %q", got)
	}
	for _, act := range []func(){w.page.Resend, w.page.Redirect, w.page.ShowSource} {
		act()
		w.Settle()
	}
	w.Key(fyne.KeyEscape)
	if errs := w.TakeErrors(); len(errs) == 0 || len(w.opened) != 0 {
		t.Fatalf("%v, %d windows", errs, len(w.opened))
	}
	w.core.Write(func(ctx context.Context, tx *storage.Tx) error {
		return tx.AddRaw(ctx, id, []byte("From: a@b.example\r\nSubject: Kommt noch\r\n\r\nDer ganze Text.\r\n"), "Der ganze Text.", false)
	})
	w.Settle()
	if got := w.page.reader.sheet.body.AccessibilityLabel(); !strings.Contains(got, "Der ganze Text.") {
		t.Fatalf("says %q", got)
	}
}

// TestErrorsAreShownAndNothingBreaks where the store fails for a moment.
func TestErrorsAreShownAndNothingBreaks(t *testing.T) {
	w := newTown(t)
	boom := errors.New("boom")
	id := w.receive(askingMail)
	core := w.page.cfg.Mail
	w.page.cfg.Mail = failing{Core: core, err: boom}
	w.page.Open(id)
	w.Settle()
	w.page.openMessage(id)
	w.Settle()
	for _, err := range w.TakeErrors() {
		if !errors.Is(err, boom) {
			t.Errorf("%v", err)
		}
	}
	w.page.cfg.Mail = core
	w.page.Open(id)
	w.Settle()
	if w.page.reader.shown.msg.ID != id || len(w.TakeErrors()) != 0 {
		t.Fatal("it must work again")
	}
}

// failing is a core that does not answer.
type failing struct {
	Core
	err error
}

func (f failing) Open(context.Context, int64) (mail.Message, error) { return mail.Message{}, f.err }

func (f failing) Keywords(context.Context, []int64, []string, []string) error { return f.err }
