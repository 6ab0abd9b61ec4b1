// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"errors"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"pgregory.net/rapid"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/mail"
)

// TestRowsThatLackSomething: rows without a subject, a sender or recipients still say something.
func TestRowsThatLackSomething(t *testing.T) {
	i18n.Use(i18n.German)
	for name, c := range map[string]struct {
		s       mail.Summary
		mark    journal.Mark
		outward bool
		want    string
	}{
		"nothing":    {mail.Summary{}, "", false, "ungelesen, (unbekannt), (ohne Betreff), "},
		"address":    {mail.Summary{From: mail.Address{Addr: "a@x.example"}, Subject: "S"}, "", false, "ungelesen, a@x.example, S, "},
		"quoted":     {mail.Summary{From: mail.Address{Name: `"'Amt'"`}, Subject: "S", Flags: mail.Seen}, "", false, "Amt, S, "},
		"to nobody":  {mail.Summary{Subject: "S"}, "", true, "(ohne Empfänger), S, "},
		"to two":     {mail.Summary{Subject: "S", To: []mail.Address{{Name: "Anna"}, {Addr: "b@x.example"}}}, "", true, "An: Anna, b@x.example, S, "},
		"in doubt":   {mail.Summary{Subject: "S", Flags: mail.Seen | mail.Flagged, HasAttachment: true, From: mail.Address{Name: "A"}}, journal.MarkInDoubt, false, "A, S, "},
		"two levels": {mail.Summary{Subject: "a\r\nb\tc", From: mail.Address{Name: "A\u202eB"}, Flags: mail.Seen}, "", false, "AB, a b c, "},
	} {
		got := rowOf(c.s, c.mark, c.outward, now).Spoken()
		if !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if c.mark != "" && (!strings.HasSuffix(got, "mit Anhang, markiert, Wird geprüft")) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestWhoIsNamedBelowTheSubject: oneself first, everybody up to four, then a number.
func TestWhoIsNamedBelowTheSubject(t *testing.T) {
	i18n.Use(i18n.German)
	own := map[string]bool{"ich@x.example": true}
	list := func(n int) (all []mail.Address) {
		for i := range n {
			all = append(all, mail.Address{Name: string(rune('A' + i))})
		}
		return all
	}
	for want, c := range map[string][2][]mail.Address{
		"an mich, A":                  {list(1), {{Addr: "Ich@X.example"}}},
		"an A, B, C, D":               {list(4), nil},
		"an A, B, C und 3 weitere":    {list(6), nil},
		"an mich, A, B und 3 weitere": {list(5), {{Addr: "ich@x.example"}}},
	} {
		if got := addressLine(c[0], c[1], own); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := addressLine(nil, nil, own); got == "" || strings.HasPrefix(got, "an ,") {
		t.Errorf("to nobody: %q", got)
	}
}

// TestLinksToWrite take recipients, subject and text, wherever they stand, and nothing that a link must not set.
func TestLinksToWrite(t *testing.T) {
	m, err := ParseMailto("MAILTO:a@x.example?to=b@x.example&CC=c@x.example&bcc=d@x.example&subject=Gr%C3%BC%C3%9Fe%0D%0Avon+uns&body=Zeile%0D%0AZwei&attach=/etc/passwd&From=x@y")
	if err != nil || mail.FormatAddresses(m.To) != "a@x.example, b@x.example" || mail.FormatAddresses(m.Cc) != "c@x.example" || mail.FormatAddresses(m.Bcc) != "d@x.example" ||
		m.Subject != "Grüße von+uns" || m.Text != "Zeile\nZwei" || len(m.Attachments) != 0 || m.From.Addr != "" {
		t.Errorf("%+v %v", m, err)
	}
	for _, bad := range []string{"https://x.example", "mailto:a@x.example?cc=kein%20Name%20hier", "mailto:a@x.example?subject=%zz", "mailto:%zz", "a@x.example"} {
		if m, err := ParseMailto(bad); !errors.Is(err, ErrMailto) {
			t.Errorf("%q: %+v %v", bad, m, err)
		}
	}
}

// TestLeavingAList by writing where that is offered, else by a page; never by anything else that a stranger names.
func TestLeavingAList(t *testing.T) {
	for field, want := range map[string]string{
		"":                                 "",
		"<mailto:aus@liste.example>":       "mailto:aus@liste.example",
		"<https://liste.example/aus?id=7>": "https://liste.example/aus?id=7",
		"<https://liste.example/aus>, <mailto:aus@liste.example?subject=aus>":               "mailto:aus@liste.example?subject=aus",
		"(Use this:) <http://a.example/1>,\r\n <https://b.example/2>":                       "http://a.example/1",
		"<https://liste.example/\r\n  aus>":                                                 "https://liste.example/aus",
		"<file:///etc/passwd>, <javascript:alert(1)>, <smb://x/y>, <https:///x>, <mailto:>": "",
		"https://liste.example/ohne-klammern":                                               "",
		"<https://liste.example/offen":                                                      "",
		"<mailto:%zz>, <https://b.example/2>":                                               "https://b.example/2",
	} {
		if got := unsubscribeLink(field); got != want {
			t.Errorf("%q: %q, want %q", field, got, want)
		}
	}
}

// TestWhereQuotesBegin: a forwarded message and one quoted the way of another program reach to the end; what only looks alike
// does not.
func TestWhereQuotesBegin(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		folded bool
	}{
		"forwarded":        {"Zur Kenntnis\n\n-------- Weitergeleitete Nachricht --------\nVon: a@x\nBetreff: S\n\nText", true},
		"another program":  {"Danke\n\nVon: Anna <a@x.example>\nGesendet: Montag, 23. November 2026\nAn: b@x.example\nBetreff: S\n\nText", true},
		"only one line":    {"Danke\n\nVon: Anna\nund Berta, viele Grüße", false},
		"in the beginning": {"Von: Anna\nGesendet: heute\nAn: alle\n", false},
		"marked":           {"Danke\n\nAm 1.11.2026 schrieb Anna:\n> eins\n> zwei\n> drei\n> vier\n> fünf\n> sechs\n", true},
		"a short one":      {"Danke\n\n> eins\n> zwei\n", false},
	} {
		folded := false
		for _, p := range parseBody(c.text, nil, nil) {
			for _, s := range p.Spans {
				folded = folded || s.Fold > 0
			}
		}
		if folded != c.folded {
			t.Errorf("%s: folded %v", name, folded)
		}
	}
}

// TestWhatWouldBeLoadedFromElsewhere is counted, whatever it hides in; what comes along in the message is not.
func TestWhatWouldBeLoadedFromElsewhere(t *testing.T) {
	for html, want := range map[string]htmlFacts{
		`<img srcset="a.png 1x, https://x/b.png 2x">`:                                                {Images: 1},
		`<table background="//x/y.png">`:                                                             {Images: 1},
		`<video poster="http://x/p.png"></video>`:                                                    {Images: 1},
		`<div style="background:url( 'https://x/b.png')">`:                                           {Images: 1},
		`<img src="https://x/a.gif" height="1px">`:                                                   {Pixels: 1},
		`<script src="https://x/a.js"></script><iframe src="//x">`:                                   {Other: 2},
		`<img src="cid:1@x"><img src="data:image/png;base64,AA"><div style="background:url(cid:1)">`: {},
	} {
		if got := readHTML(html); got.Images != want.Images || got.Pixels != want.Pixels || got.Other != want.Other {
			t.Errorf("%s: %+v", html, got)
		}
	}
}

// TestSelectingBackwards gives the same words as forwards, and all of the text is what a screen reader reads.
func TestSelectingBackwards(t *testing.T) {
	w := newTown(t)
	w.place(mail.RoleInbox, "")
	w.choose("Ortstermin Lindenstraße 14 – Unterlagen")
	view := w.page.reader.sheet.body
	all := strings.TrimSpace(view.AccessibilityLabel())
	size := view.Size()
	rapid.Check(t, func(t *rapid.T) {
		point := func(name string) fyne.Position {
			return fyne.NewPos(rapid.Float32Range(-20, size.Width+20).Draw(t, name+" x"), rapid.Float32Range(-20, size.Height+20).Draw(t, name+" y"))
		}
		drag := func(from, to fyne.Position) string {
			down := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary}
			down.Position = from
			view.lastDown = view.lastDown.Add(-1e9) // no double click
			view.MouseDown(down)
			view.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: to}})
			view.DragEnd()
			return view.SelectedText()
		}
		a, b := point("a"), point("b")
		there, back := drag(a, b), drag(b, a)
		if there != back {
			t.Fatalf("from %v to %v %q, back %q", a, b, there, back)
		}
		if !strings.Contains(all, strings.TrimSpace(there)) {
			t.Fatalf("%q is not in the text", there)
		}
	})
	view.SelectAll()
	if got := strings.TrimSpace(view.SelectedText()); got != all {
		t.Errorf("all is %q, read as %q", got, all)
	}
}

// TestSuggestionsByMouseAndKeys: the arrows go round, a click takes one, Escape takes none.
func TestSuggestionsByMouseAndKeys(t *testing.T) {
	w := newTown(t)
	c, _ := w.writing(w.page.Write)
	field := c.view.to
	typed := func(text string, keys ...fyne.KeyName) string {
		field.entry.SetText("")
		w.Window.Canvas().Focus(field.entry)
		w.Type(text)
		w.Key(keys...)
		return field.Text()
	}
	box := field.room.suggest
	if typed("e"); !box.Visible() || len(box.found) < 2 {
		t.Fatalf("%d suggestions", len(box.found))
	}
	second := formatAddress(box.found[1])
	if got := typed("e", fyne.KeyDown, fyne.KeyReturn); !strings.HasPrefix(got, second) {
		t.Errorf("%q, want %q", got, second)
	}
	if got := typed("e", fyne.KeyDown, fyne.KeyDown, fyne.KeyUp, fyne.KeyReturn); !strings.HasPrefix(got, second) {
		t.Errorf("%q, want %q", got, second)
	}
	if got := typed("e", fyne.KeyEscape); got != "e" || box.Visible() {
		t.Errorf("%q", got)
	}
	typed("e")
	box.Tapped(&fyne.PointEvent{Position: fyne.NewPos(20, box.Size().Height/float32(len(box.found))*1.5)})
	w.Settle()
	if got := field.Text(); !strings.HasPrefix(got, second) {
		t.Errorf("%q, want %q", got, second)
	}
}

// TestAPageWithoutAShell works for what it can do alone: what the window would do is left out, not broken.
func TestAPageWithoutAShell(t *testing.T) {
	w := newTown(t)
	w.cfg = Config{Mail: w.cfg.Mail, Accounts: w.cfg.Accounts, Window: w.main}
	w.show()
	w.place(mail.RoleInbox, "")
	id := w.choose("Prüfbericht Nr. 2026/118")
	for _, do := range []func(){w.page.AsTask, w.page.SendNow, w.page.Archive, w.page.FolderInfo, func() { w.page.sortBy(mail.Order{By: mail.BySize}) }} {
		do()
		w.Settle()
	}
	if m, err := w.core.Mail.Open(w.ctx(), id); err != nil || w.page.roleOf(m.FolderID) != mail.RoleArchive {
		t.Errorf("%v", err)
	}
	w.failQuietly()
}

// failQuietly lets the store fail where nobody shows errors.
func (w *town) failQuietly() {
	w.watch.Fail("Folders", app.ErrNoBody)
	w.page.nav.read()
	w.Settle()
	w.watch.Fail("Folders", nil)
}
