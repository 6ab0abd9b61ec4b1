// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"pgregory.net/rapid"

	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/app/ui/kit"
	"kontor/storage"
	"kontor/sync/smtpsend"
)

// office gives the first user a second address with its own signature, and the first one a signature too.
func (w *town) office() {
	w.T.Helper()
	for _, i := range []mail.Identity{
		{Name: "Lena Brandt", Address: "lena.brandt@stadt.example", Signature: "Lena Brandt\nZimmer 12", Default: true},
		{Name: "Bauamt", Address: "bauamt@stadt.example", Signature: "Bauamt der Stadt", ReplyTo: "akten@stadt.example", Organisation: "Stadt"},
	} {
		i.AccountID = w.core.Account
		_, err := w.core.Accounts.SetIdentity(w.ctx(), i)
		w.core.Must(err)
	}
	w.Settle()
}

// waiting gives what waits to be sent, with the octets of the newest one.
func (w *town) waiting() (ops []journal.Op, raw string) {
	w.T.Helper()
	all, err := w.core.DB.PendingOps(w.ctx(), w.core.Account)
	w.core.Must(err)
	for _, op := range all {
		if op.Kind == journal.MailSend {
			ops = append(ops, op)
		}
	}
	if len(ops) > 0 {
		var p mail.SendOp
		w.core.Must(json.Unmarshal(ops[len(ops)-1].Payload, &p))
		octets, err := w.core.Mail.Raw(w.ctx(), p.ID)
		w.core.Must(err)
		raw = string(octets)
	}
	return ops, raw
}

// shortcut presses keys in the window of the scene, where the keyboard is.
func (w *town) shortcut(c *compose, sc fyne.Shortcut) {
	if f, ok := c.win.Canvas().Focused().(fyne.Shortcutable); ok {
		f.TypedShortcut(sc)
	}
	w.Settle()
}

// TestTheSenderBringsItsSignature along, and the address for answers; what was typed around it stays.
func TestTheSenderBringsItsSignature(t *testing.T) {
	w := newTown(t)
	w.office()
	c, _ := w.writing(w.page.Write)
	if got := c.view.text.Text; !strings.Contains(got, "-- \nLena Brandt\nZimmer 12") {
		t.Fatalf("begins with %q", got)
	}
	c.view.text.SetText("Guten Tag" + c.view.text.Text)
	c.view.from.SetSelected("Bauamt <bauamt@stadt.example>")
	w.Settle()
	if got := c.view.text.Text; !strings.HasPrefix(got, "Guten Tag") || !strings.Contains(got, "-- \nBauamt der Stadt") || strings.Contains(got, "Zimmer") {
		t.Fatalf("says %q", got)
	}
	w.MustSay("Antwort an")
	if got := c.view.replyTo.Text(); !strings.Contains(got, "akten@stadt.example") {
		t.Fatalf("answers go to %q", got)
	}
	w.Fill("An", "jonas.weber@stadt.example")
	w.Fill("Betreff", "Zuständigkeit")
	w.Click("Senden")
	ops, raw := w.waiting()
	for _, line := range []string{"From: Bauamt <bauamt@stadt.example>", "akten@stadt.example", "Organization: Stadt", "Bauamt der Stadt"} {
		if !strings.Contains(raw, line) {
			t.Errorf("%q is not in %q", line, raw)
		}
	}
	if len(ops) != 1 {
		t.Fatalf("%d wait, errors %v", len(ops), w.TakeErrors())
	}
}

// TestTheSenderOfAnAnswer is changed above the folded quote, which stays as it is.
func TestTheSenderOfAnAnswer(t *testing.T) {
	w := newTown(t)
	w.office()
	w.choose("Ortstermin Lindenstraße 14 – Unterlagen")
	c, _ := w.writing(func() { w.page.Reply(false) })
	quote := c.quote
	if quote == "" {
		t.Fatal("a long quote is folded")
	}
	for _, name := range []string{"Bauamt <bauamt@stadt.example>", "Lena Brandt <lena.brandt@stadt.example>", "Bauamt <bauamt@stadt.example>"} {
		c.view.from.SetSelected(name)
		w.Settle()
	}
	if got := c.view.text.Text; strings.Count(got, "Bauamt der Stadt") != 1 || strings.Contains(got, "Zimmer") || strings.Contains(got, "-- \n") || c.quote != quote {
		t.Fatalf("says %q", got)
	}
}

// TestOnlyTheLastChoiceOfASenderCounts where the store answers slowly, and an error leaves the sender as it was.
func TestOnlyTheLastChoiceOfASenderCounts(t *testing.T) {
	w := newTown(t)
	w.office()
	c, _ := w.writing(w.page.Write)
	w.Loop.Hold()
	c.view.from.SetSelected("Bauamt <bauamt@stadt.example>")
	c.view.from.SetSelected("Lena Brandt <lena.brandt@stadt.example>")
	w.Loop.Reverse()
	w.Loop.Release()
	w.Settle()
	if c.msg.From.Addr != "bauamt@stadt.example" && strings.Contains(c.view.text.Text, "Bauamt") {
		t.Fatalf("sender %s, text %q", c.msg.From.Addr, c.view.text.Text)
	}
	c.writeAs(mail.Identity{AccountID: w.core.Account, ID: 4711, Address: "weg@stadt.example"})
	w.Settle()
	if len(w.TakeErrors()) != 1 || c.msg.From.Addr == "weg@stadt.example" {
		t.Fatalf("sender %s", c.msg.From.Addr)
	}
}

// TestResigning never loses a word of what was typed, and the way there and back ends where it began.
func TestResigning(t *testing.T) {
	word := rapid.StringMatching(`[a-zäöü]{1,6}( [a-z]{1,5}){0,2}`)
	rapid.Check(t, func(t *rapid.T) {
		own := "Guten Tag " + word.Draw(t, "own") + "\n"
		before := rapid.SampledFrom([]string{"", "Lena\nZimmer 12"}).Draw(t, "before")
		after := rapid.SampledFrom([]string{"", "Bauamt", "Amt\nHaus 2"}).Draw(t, "after")
		above := rapid.Bool().Draw(t, "above")
		first := resign(own, "", before, above)
		next := resign(first, before, after, above)
		if !strings.HasPrefix(next, strings.TrimSpace(own)) || strings.Count(next, after) < 1 || before != "" && before != after && strings.Contains(next, before) {
			t.Fatalf("%q became %q", first, next)
		}
		if above && strings.Contains(next, "-- \n") {
			t.Fatalf("the quote below would be hidden: %q", next)
		}
	})
}

// TestSendingLater by the menu: the button says when, the outbox holds the message until then.
func TestSendingLater(t *testing.T) {
	w := newTown(t)
	c, back := w.writing(w.page.Write)
	w.Fill("An", "jonas.weber@stadt.example")
	w.Fill("Betreff", "Protokoll")
	c.planMenu()
	w.Settle()
	w.Click("Senden: morgen, 08:00")
	w.MustSay("Geplant: morgen, 08:00.", "Sofort senden")
	w.shortcut(c, &fyne.ShortcutSelectAll{})
	w.Click("Senden: morgen, 08:00")
	ops, _ := w.waiting()
	tomorrow := time.Now().AddDate(0, 0, 1)
	if len(ops) != 1 || ops[0].NextTry.Local().Hour() != 8 || ops[0].NextTry.Local().Day() != tomorrow.Day() {
		t.Fatalf("%+v", ops)
	}
	if toast := w.LastToast(); !strings.Contains(toast.Words, "morgen, 08:00") || toast.Action == "" {
		t.Fatalf("toast %q", toast.Words)
	}
	w.core.SyncAll()
	if ops, _ = w.waiting(); len(ops) != 1 || len(w.core.World.Sent()) != 0 {
		t.Fatal("it left too early")
	}
	back()
	w.LastToast().Do() // called back, it is on screen again
	w.Settle()
	if len(w.page.composes) != 1 {
		t.Fatalf("%d editors, errors %v", len(w.page.composes), w.TakeErrors())
	}
	if ops, _ = w.waiting(); len(ops) != 0 {
		t.Fatal("it would still be sent")
	}
}

// TestAnyMoment can be typed; what lies behind or says nothing is not taken.
func TestAnyMoment(t *testing.T) {
	w := newTown(t)
	c, _ := w.writing(w.page.Write)
	w.Fill("Betreff", "x")
	ask := func(text string) {
		c.pickTime()
		w.Settle()
		w.Fill(i18n.T("mailui.compose.time-hint"), text)
	}
	for _, text := range []string{"gestern", "01.02.2020 8:00", "bald"} {
		ask(text)
		w.MustSay(i18n.T("mailui.compose.time-not"))
		w.Key(fyne.KeyReturn)
		if !c.msg.SendAt.IsZero() {
			t.Fatalf("%q became %s", text, c.msg.SendAt)
		}
	}
	ask("morgen 14:30")
	w.Key(fyne.KeyReturn)
	if at := c.msg.SendAt; at.Hour() != 14 || at.Minute() != 30 || at.Day() != time.Now().AddDate(0, 0, 1).Day() {
		t.Fatalf("planned for %s", at)
	}
	ask("übermorgen 9:00")
	w.Key(fyne.KeyEscape)
	if c.msg.SendAt.Hour() != 14 {
		t.Fatal("leaving changes nothing")
	}
	w.Click("Sofort senden")
	if !c.msg.SendAt.IsZero() || c.view.plan.Visible() {
		t.Fatal("it goes at once")
	}
}

// TestLaterChoices are to come, in order, each once, and at the start of work.
func TestLaterChoices(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, time.Month(rapid.IntRange(1, 12).Draw(t, "month")), rapid.IntRange(1, 31).Draw(t, "day"),
			rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute"), 0, 0, time.Local)
		list := laterChoices(now)
		if len(list) < 1 || len(list) > 3 {
			t.Fatalf("%d choices", len(list))
		}
		last := now
		monday := false
		for _, at := range list {
			if !at.After(last) {
				t.Fatalf("%s is not after %s", at, last)
			}
			last = at
			monday = monday || at.Weekday() == time.Monday && at.Hour() == 8 && at.Sub(now) < 8*24*time.Hour
		}
		if !monday {
			t.Fatalf("no Monday in %v", list)
		}
	})
}

// TestReceiptsAreAskedFor in the header and from the server, each by a line of the menu.
func TestReceiptsAreAskedFor(t *testing.T) {
	w := newTown(t)
	w.core.Write(func(ctx context.Context, tx *storage.Tx) error {
		return tx.SetSetting(ctx, smtpsend.ReportsSetting(w.core.Account), "1")
	})
	c, _ := w.writing(w.page.Write)
	w.Fill("An", "jonas.weber@stadt.example")
	w.Fill("Betreff", "Frist")
	for _, line := range []string{"Lesebestätigung anfordern", "Zustellbestätigung anfordern", "Antworten an andere Adresse …"} {
		c.moreMenu()
		w.Settle()
		w.Click(line)
	}
	w.MustSay("Lesebestätigung angefordert. Zustellbestätigung angefordert.")
	w.Type("akten@stadt.example")
	w.Click("Senden")
	ops, raw := w.waiting()
	if len(ops) != 1 || !bytes.Contains(ops[0].Payload, []byte("SUCCESS")) || !strings.Contains(raw, "Disposition-Notification-To: ") || !strings.Contains(raw, "Reply-To: akten@stadt.example") {
		t.Fatalf("%s", raw)
	}
}

// TestDoubts is what is asked about before sending, and what is not.
func TestDoubts(t *testing.T) {
	w := newTown(t)
	people := make([]string, 16)
	for i := range people {
		people[i] = "p" + string(rune('a'+i)) + "@stadt.example"
	}
	c, _ := w.writing(w.page.Write)
	for _, row := range []struct {
		name, to, subject, text string
		outside                 bool
		limit                   int64
		want                    []string // the beginnings of what it says
	}{
		{"plain", "a@stadt.example", "x", "Hallo", false, 0, nil},
		{"no subject", "a@stadt.example", "  ", "Hallo", false, 0, []string{"Die Nachricht hat keinen Betreff"}},
		{"attachment", "a@stadt.example", "x", "Der Plan ist anbei.", false, 0, []string{"Sie schreiben von einem Anhang"}},
		{"attachment in what others wrote", "a@stadt.example", "x", "Danke\n> Der Plan ist anbei.", false, 0, nil},
		{"outside alone", "a@fern.example", "x", "Hallo", false, 0, nil},
		{"outside and inside", "a@fern.example, b@stadt.example", "x", "Hallo", false, 0, []string{"Die Nachricht geht auch an 1 Person außerhalb"}},
		{"a part of the town is inside", "a@amt.stadt.example, b@stadt.example", "x", "Hallo", false, 0, nil},
		{"outside, always asked", "a@fern.example", "x", "Hallo", true, 0, []string{"Die Nachricht geht auch an 1 Person außerhalb"}},
		{"many see each other", strings.Join(people, ", "), "x", "Hallo", false, 0, []string{"16 Personen sehen"}},
		{"too large", "a@stadt.example", "x", strings.Repeat("lang ", 1000), false, 4000, []string{"Die Nachricht ist etwa"}},
		{"two at once", "a@stadt.example", "", "anbei", false, 0, []string{"Die Nachricht hat keinen Betreff", "Sie schreiben von einem Anhang"}},
	} {
		c.rules = rules{limit: row.limit, outside: row.outside}
		c.view.to.entry.SetText(row.to)
		c.view.subject.SetText(row.subject)
		c.view.text.SetText(row.text)
		got := c.doubts(c.collect())
		ok := len(got) == len(row.want)
		for i := range min(len(got), len(row.want)) {
			ok = ok && strings.HasPrefix(got[i], row.want[i])
		}
		if !ok {
			t.Errorf("%s: says %q", row.name, got)
		}
	}
	c.msg.AnswerOf = 1
	c.rules = rules{}
	c.view.to.entry.SetText("a@stadt.example")
	c.view.subject.SetText("AW: Unterlagen im Anhang")
	c.view.text.SetText("Danke")
	if got := c.doubts(c.collect()); len(got) != 0 {
		t.Errorf("the subject of an answer is not the person's own: %q", got)
	}
}

// TestAskedOnceThenSent: the question stays until something changes, "send anyway" sends.
func TestAskedOnceThenSent(t *testing.T) {
	w := newTown(t)
	c, _ := w.writing(w.page.Write)
	w.Fill("An", "a@fern.example, jonas.weber@stadt.example")
	w.Fill("Betreff", "Plan")
	w.Click("Senden")
	w.MustSay("Trotzdem senden")
	w.Fill("Betreff", "Plan vom Montag")
	w.MustNotSay("Trotzdem senden")
	w.Click("Senden")
	w.Click("Trotzdem senden")
	if ops, _ := w.waiting(); len(ops) != 1 || !c.ended {
		t.Fatalf("%d wait", len(ops))
	}
}

// TestAlwaysAskingIsRemembered for the next message.
func TestAlwaysAskingIsRemembered(t *testing.T) {
	w := newTown(t)
	c, back := w.writing(w.page.Write)
	c.moreMenu()
	w.Settle()
	w.Click("Immer fragen, bevor etwas das Haus verlässt")
	back()
	c.close()
	w.Settle()
	_, _ = w.writing(w.page.Write)
	w.Fill("An", "a@fern.example")
	w.Fill("Betreff", "Bescheid")
	w.Click("Senden")
	w.MustSay("Die Nachricht geht auch an 1 Person außerhalb des Hauses: a@fern.example.")
}

// TestTooLargeForTheServer is said before, and the store's own word after "send anyway" is explained; nothing is lost.
func TestTooLargeForTheServer(t *testing.T) {
	w := newTown(t)
	c, _ := w.writing(w.page.Write)
	w.core.Must(w.cfg.Settings.Set(w.ctx(), smtpsend.SizeSetting(w.core.Account), "100000"))
	c.readRules()
	c.attach([]NamedFile{{Name: "plan.pdf", Data: func() ([]byte, error) { return make([]byte, 200_000), nil }}})
	w.Settle()
	w.Fill("An", "jonas.weber@stadt.example")
	w.Fill("Betreff", "Plan")
	w.Click("Senden")
	w.MustSay("Trotzdem senden")
	w.Click("Trotzdem senden")
	errs := w.TakeErrors()
	if len(errs) != 1 || !errors.Is(errs[0], mail.ErrTooLarge) || c.ended || len(c.msg.Attachments) != 1 {
		t.Fatalf("%v", errs)
	}
	w.MustSay("Nicht gesendet. Ihr Text ist noch da.")
}

// TestBlindCopiesStayBlind: they are in what is kept here and reach the server, and nobody else sees them.
func TestBlindCopiesStayBlind(t *testing.T) {
	w := newTown(t)
	w.core.Must(w.cfg.Settings.Set(w.ctx(), "mail.undo_seconds", "0"))
	_, back := w.writing(w.page.Write)
	w.Click("Kopie, Blindkopie")
	w.Fill("An", "jonas.weber@stadt.example")
	w.Fill("Blindkopie", "k.vogel@stadt.example")
	w.Fill("Betreff", "Vertraulich")
	w.Click("Senden")
	back()
	w.core.SyncAll()
	w.Settle()
	sent := w.core.World.Sent()
	if len(sent) != 1 || len(sent[0].To) != 2 || bytes.Contains(bytes.ToLower(sent[0].Raw), []byte("bcc:")) {
		t.Fatalf("%+v", sent)
	}
	folder := w.place(mail.RoleSent, "")
	m, err := w.core.Mail.Open(w.ctx(), w.find(folder.ID, "Vertraulich"))
	w.core.Must(err)
	if len(m.Bcc) != 1 {
		t.Errorf("the copy that is kept names %v", m.Bcc)
	}
}

// TestOfflineTheButtonSaysSo, and a planned time counts more.
func TestOfflineTheButtonSaysSo(t *testing.T) {
	w := newTown(t)
	c, _ := w.writing(w.page.Write)
	says := func(want string) {
		t.Helper()
		w.page.Refresh(0)
		w.Settle()
		if w.Button(want) == nil {
			t.Fatalf("no button %q in %q", want, w.Words())
		}
	}
	says("Senden")
	w.off = true
	says("In den Ausgang")
	c.plan(time.Now().Add(30 * time.Minute))
	says("Senden: " + whenWords(c.msg.SendAt, time.Now()))
	w.off = false
	c.plan(time.Now().Add(-time.Minute))
	says("Senden")
}

// TestWritingByKeyboardAlone from the first field to the outbox.
func TestWritingByKeyboardAlone(t *testing.T) {
	w := newTown(t)
	c, _ := w.writing(w.page.Write)
	w.Type("jonas")
	if !c.view.suggest.Visible() {
		t.Fatal("people are suggested")
	}
	w.Key(fyne.KeyReturn)
	if to := typedAddresses(c.view.to.Text()); len(to) != 1 || !strings.Contains(to[0].Addr, "weber") {
		t.Fatalf("to %v", to)
	}
	w.Key(fyne.KeyTab)
	w.Type("Rückfrage")
	w.Key(fyne.KeyTab)
	w.Type("Guten Tag")
	if c.view.subject.Text != "Rückfrage" || !strings.Contains(c.view.text.Text, "Guten Tag") {
		t.Fatalf("subject %q, text %q", c.view.subject.Text, c.view.text.Text)
	}
	var reached []string
	w.Key(fyne.KeyF6) // Tab belongs to the text
	reached = append(reached, w.Focused().(*kit.Button).AccessibilityLabel())
	for range 30 {
		if w.Focused() == fyne.Focusable(c.view.text) {
			w.Key(fyne.KeyF6)
		}
		w.Key(fyne.KeyTab)
		if b, ok := w.Focused().(*kit.Button); ok {
			reached = append(reached, b.AccessibilityLabel())
		}
	}
	for _, name := range []string{"Senden", "Anhang", "Später senden", "Weitere Möglichkeiten", "Verwerfen"} {
		if !slices.Contains(reached, name) {
			t.Errorf("the keyboard does not reach %q, only %q", name, reached)
		}
	}
	w.Window.Canvas().Focus(c.view.text)
	w.Key(fyne.KeyF6, fyne.KeySpace)
	if ops, raw := w.waiting(); len(ops) != 1 || !strings.Contains(raw, "Guten Tag") {
		t.Fatalf("%d wait", len(ops))
	}
}
