// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"kontor/app/mail"
)

func rendered(w fyne.Widget) []fyne.CanvasObject { return test.WidgetRenderer(w).Objects() }

// writing opens an editor and gives it.
func (s *scene) writing(open func()) *compose {
	s.t.Helper()
	before := len(s.page.composes)
	open()
	if len(s.page.composes) != before+1 {
		s.t.Fatalf("%d editors, errors %v", len(s.page.composes), s.errs)
	}
	for c := range s.page.composes {
		return c
	}
	return nil
}

func TestAnswerKeepsTheQuoteFolded(t *testing.T) {
	s := newScene(t, sample(), 1300, 800)
	s.page.list.rows.SelectRow(0)
	c := s.writing(func() { s.page.Reply(false) })
	if c.quote == "" || strings.Contains(c.view.text.Text, ">") || !c.view.unquote.Visible() {
		t.Errorf("text %q, quote %q", c.view.text.Text, c.quote)
	}
	if c.view.to.Text() != "Katrin Vogel <k.vogel@stadt.example>" || c.win.Canvas().Focused() != fyne.Focusable(c.view.text) {
		t.Errorf("to %q, focus on %T", c.view.to.Text(), c.win.Canvas().Focused())
	}
	c.view.text.SetText("Vielen Dank!")
	c.send()
	if len(s.core.sent) != 1 || !strings.HasPrefix(s.core.sent[0].Text, "Vielen Dank!\n\nAm 23.11.2026") || s.core.sent[0].AnswerOf != 101 {
		t.Fatalf("sent %+v, %v", s.core.sent, s.errs)
	}
	if len(s.page.composes) != 0 || len(s.toasts) != 1 {
		t.Errorf("toasts %q", s.toasts)
	}
}

func TestQuoteCanBeOpenedAndLeftOut(t *testing.T) {
	s := newScene(t, sample(), 1300, 800)
	s.page.list.rows.SelectRow(0)
	c := s.writing(func() { s.page.Reply(true) })
	was := c.quote
	c.view.dropQuote()
	if strings.Contains(c.collect().Text, ">") {
		t.Error("the quote is still sent")
	}
	c.quote = was
	c.view.openQuote()
	if c.quote != "" || !strings.Contains(c.view.text.Text, "> Guten Morgen") {
		t.Errorf("text %q", c.view.text.Text)
	}
}

func TestDraftIsSavedAndKept(t *testing.T) {
	s := newScene(t, sample(), 1300, 800)
	c := s.writing(s.page.Write)
	c.close()
	if s.core.saves != 0 || len(s.core.drafts) != 0 {
		t.Error("an empty message leaves no draft")
	}
	c = s.writing(s.page.Write)
	c.view.text.SetText("Guten Tag")
	c.view.to.entry.SetText("katrin, j@x.de")
	if c.timer == nil {
		t.Fatal("nothing will be saved")
	}
	c.autosave()
	id := c.msg.DraftID
	if d := s.core.drafts[id]; d.Text != "Guten Tag" || len(d.To) != 2 || d.To[0].Addr != "katrin" {
		t.Errorf("draft %+v", d)
	}
	c.view.text.SetText("Guten Tag, Frau Vogel")
	c.close()
	if d := s.core.drafts[id]; d.Text != "Guten Tag, Frau Vogel" || len(s.core.drafts) != 1 {
		t.Errorf("draft %+v", s.core.drafts)
	}
	if !slices.Equal(s.toasts, []string{"Als Entwurf gespeichert"}) || len(s.page.composes) != 0 {
		t.Errorf("toasts %q", s.toasts)
	}
}

func TestDiscardedDraftComesBack(t *testing.T) {
	s := newScene(t, sample(), 1300, 800)
	c := s.writing(s.page.Write)
	c.view.text.SetText("Guten Tag")
	c.autosave()
	c.discard()
	if len(s.core.drafts) != 0 || len(s.page.composes) != 0 || s.undo == nil {
		t.Fatalf("drafts %v", s.core.drafts)
	}
	c = s.writing(s.undo)
	if c.view.text.Text != "Guten Tag" || len(s.core.drafts) != 1 {
		t.Errorf("text %q, drafts %v", c.view.text.Text, s.core.drafts)
	}
	c.close()
	if len(s.core.drafts) != 1 {
		t.Error("closing must not lose what was brought back")
	}
}

func TestSendingChecksFirst(t *testing.T) {
	s := newScene(t, sample(), 1300, 800)
	c := s.writing(s.page.Write)
	c.send()
	if !c.view.notice.Visible() || len(s.core.sent) != 0 {
		t.Fatal("a message to nobody")
	}
	c.view.to.entry.SetText("j@x.de, katrin")
	c.send()
	if !strings.Contains(c.view.notice.words.text, "„katrin“") || c.view.to.Text() != "j@x.de, katrin" {
		t.Errorf("says %q", c.view.notice.words.text)
	}
	c.view.to.entry.SetText("j@x.de")
	c.view.text.SetText("anbei der Plan")
	c.send()
	if !strings.Contains(c.view.notice.words.text, "Anhang") || !c.view.notice.act.Visible() {
		t.Errorf("says %q", c.view.notice.words.text)
	}
	c.attach([]NamedFile{{Name: `C:\x\Plan.PDF`, Data: func() ([]byte, error) { return []byte("%PDF"), nil }}})
	c.send()
	if !strings.Contains(c.view.notice.words.text, "Betreff") {
		t.Errorf("says %q", c.view.notice.words.text)
	}
	s.core.failSend = errors.New("no")
	c.sendAnyway()
	if len(s.errs) != 1 || c.ended || c.view.text.Text != "anbei der Plan" {
		t.Errorf("after a failure: %v", s.errs)
	}
	s.core.failSend = nil
	c.view.subject.SetText("Plan")
	c.send()
	if len(s.core.sent) != 1 || s.core.sent[0].Attachments[0].Name != "Plan.PDF" || s.core.sent[0].Attachments[0].MIMEType != "application/pdf" {
		t.Errorf("sent %+v", s.core.sent)
	}
}

func TestSentMessageCanBeCalledBack(t *testing.T) {
	s := newScene(t, sample(), 1300, 800)
	s.offline = true
	c := s.writing(s.page.Write)
	if c.view.send == nil || c.view.send.AccessibilityLabel() != "In den Ausgang" {
		t.Errorf("the button says %q", c.view.send.AccessibilityLabel())
	}
	c.view.to.entry.SetText("j@x.de")
	c.view.subject.SetText("Hallo")
	c.send()
	if len(s.toasts) != 1 || !strings.HasPrefix(s.toasts[0], "Im Ausgang") {
		t.Fatalf("toasts %q", s.toasts)
	}
	c = s.writing(s.undo)
	if c.view.subject.Text != "Hallo" || len(s.core.drafts) != 1 {
		t.Errorf("came back as %q with %d drafts", c.view.subject.Text, len(s.core.drafts))
	}
}

func TestSuggestionsCompleteRecipients(t *testing.T) {
	s := newScene(t, sample(), 1300, 800)
	c := s.writing(s.page.Write)
	c.view.to.Focus()
	c.view.to.entry.SetText("j@x.de, e")
	if !c.view.suggest.Visible() || len(c.view.suggest.found) != 3 {
		t.Fatalf("suggests %v", c.view.suggest.found)
	}
	c.view.to.entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	c.view.to.entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if got := c.view.to.Text(); got != "j@x.de, Jonas Weber <j.weber@stadt.example>, " || c.view.suggest.Visible() {
		t.Errorf("got %q", got)
	}
	c.view.to.entry.SetText("vogel")
	c.view.to.entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if c.view.suggest.Visible() {
		t.Error("Escape closes the suggestions")
	}
}

func TestMailtoOpensTheEditor(t *testing.T) {
	s := newScene(t, sample(), 1300, 800)
	c := s.writing(func() { s.page.WriteTo("mailto:a@b.de?subject=Hallo&cc=c@d.de&body=Text") })
	m := c.collect()
	if m.Subject != "Hallo" || m.To[0].Addr != "a@b.de" || !c.view.withCc || !strings.HasPrefix(m.Text, "Text") {
		t.Errorf("got %+v", m)
	}
	s.page.WriteTo("mailto:nobody")
	if len(s.errs) != 1 {
		t.Errorf("errors %v", s.errs)
	}
}

func TestDraftsOpenOnceAndSendersChange(t *testing.T) {
	s := newScene(t, sample(), 1300, 800)
	draft, err := s.core.SaveDraft(t.Context(), mail.Outgoing{AccountID: 1, Subject: "Entwurf"})
	if err != nil {
		t.Fatal(err)
	}
	c := s.writing(func() { s.page.editDraft(draft.DraftID) })
	s.page.editDraft(draft.DraftID)
	if len(s.page.composes) != 1 {
		t.Error("the same draft opens twice")
	}
	c.view.from.SetSelectedIndex(1)
	if c.collect().From.Addr != "bauamt@stadt.example" || !c.dirty {
		t.Errorf("from %+v", c.collect().From)
	}
	done := false
	s.page.CloseAll(func() { done = true })
	if !done || len(s.page.composes) != 0 {
		t.Error("all editors close")
	}
}

func TestTabGoesFromRecipientsToSubjectToText(t *testing.T) {
	s := newScene(t, sample(), 1300, 800)
	c := s.writing(s.page.Write)
	canvas := c.win.Canvas()
	for _, want := range []fyne.Focusable{c.view.to.entry, c.view.subject, c.view.text} {
		if canvas.Focused() != want {
			t.Fatalf("the keyboard is on %T %v", canvas.Focused(), canvas.Focused())
		}
		canvas.FocusNext()
	}
}
