// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"kontor/app/i18n"
	"kontor/app/mail"
)

var errDisk = errors.New("the disk is full")

// failing lets a method of the store fail while something is done, and expects that this is said once; then it works again.
func (w *town) failing(method string, do func()) {
	w.T.Helper()
	w.watch.Fail(method, errDisk)
	do()
	w.Settle()
	if errs := w.TakeErrors(); len(errs) != 1 || !errors.Is(errs[0], errDisk) {
		w.T.Errorf("%s fails, and the page says %v", method, errs)
	}
	w.watch.Fail(method, nil)
}

// everything is the state of all messages, folders and operations, as a person sees it.
func (w *town) everything() string {
	w.T.Helper()
	var b strings.Builder
	list, err := w.core.Mail.List(w.ctx(), mail.Query{}, 0, 10_000)
	w.core.Must(err)
	for _, s := range list {
		b.WriteString(strings.Join([]string{s.MessageID, i18n.Count(int(s.FolderID)), i18n.Count(int(s.Flags)), strings.Join(s.Keywords, "+")}, "|") + "\n")
	}
	folders, err := w.core.Mail.Folders(w.ctx())
	w.core.Must(err)
	for _, f := range folders {
		b.WriteString(f.Name + " " + i18n.Count(f.Total) + "\n")
	}
	ops, err := w.core.DB.PendingOps(w.ctx(), 0)
	w.core.Must(err)
	return b.String() + i18n.Count(len(ops))
}

// TestChangesThatFail: where the store cannot carry out what a person asks for, that is said, the message and its row stay as
// they are, and nothing claims that it was done; asked again, it works.
func TestChangesThatFail(t *testing.T) {
	w := newTown(t)
	w.place(mail.RoleInbox, "")
	for _, c := range []struct {
		method string
		do     func()
	}{
		{"Archive", w.page.Archive},
		{"Delete", w.page.Delete},
		{"Junk", w.page.Junk},
		{"Mark", w.page.Flag},
		{"Mark", w.page.MarkUnread},
		{"Keywords", func() { w.page.tag(mail.Tag{Keyword: "$label1"}, true) }},
		{"Looked", func() { w.page.startLook(w.page.reader.id); w.page.looked(w.page.reader.id) }},
		{"Copy", func() { w.page.Copy(); w.Settle(); w.Type("Archiv"); w.Key(fyne.KeyReturn) }},
		{"Move", func() { w.page.Move(); w.Settle(); w.Type("Archiv"); w.Key(fyne.KeyReturn) }},
	} {
		id := w.choose("Prüfbericht Nr. 2026/118")
		before, toasts := w.everything(), len(w.Toasts)
		w.failing(c.method, c.do)
		if after := w.everything(); after != before {
			t.Errorf("%s failed and changed something", c.method)
		}
		if w.page.reader.id != id || !slices.Contains(w.page.list.rows.Selected(), id) || len(w.Toasts) != toasts {
			t.Errorf("%s: reads %d, toasts %v", c.method, w.page.reader.id, w.Toasts[toasts:])
		}
		c.do()
		w.Settle()
		if after := w.everything(); after == before && c.method != "Mark" {
			t.Errorf("%s does nothing when it works again", c.method)
		}
		for {
			if _, err := w.core.Journal.Undo(w.ctx()); err != nil {
				break
			}
		}
		w.Settle()
	}
	if errs := w.TakeErrors(); len(errs) != 0 {
		t.Fatal(errs)
	}
}

// TestReadsThatFail: what is on screen stays there, and is brought up to date once the store can be read.
func TestReadsThatFail(t *testing.T) {
	w := newTown(t)
	w.place(mail.RoleInbox, "")
	id := w.choose("Prüfbericht Nr. 2026/118")
	for _, c := range []struct {
		method string
		do     func()
	}{
		{"Folders", w.page.nav.read},
		{"Tags", w.page.nav.read},
		{"List", w.page.list.rows.Reload},
		{"Marks", w.page.list.rows.Reload},
		{"Open", func() { w.page.Open(id) }},
		{"Open", func() { w.page.openMessage(id) }},
		{"ReceiptWanted", func() { w.page.openMessage(id) }},
		{"Raw", w.page.ShowSource},
		{"Proof", w.page.ShowProof},
		{"Rights", w.page.FolderInfo},
		{"Kept", w.page.Offline},
		{"Reply", func() { w.page.Reply(true) }},
		{"Forward", w.page.Forward},
		{"New", w.page.Write},
		{"Resend", w.page.Resend},
		{"Redirect", func() { w.page.Redirect(); w.Settle(); w.Type("a@stadt.example"); w.Key(fyne.KeyReturn) }},
		{"SetTag", func() { w.page.newTag(); w.Settle(); w.Type("Eilig"); w.Key(fyne.KeyReturn) }},
		{"DropTag", func() { w.page.perform(w.dropTag, nil) }},
		{"CreateFolder", func() { w.page.newFolder(w.page.list.place); w.Settle(); w.Type("Neu"); w.Key(fyne.KeyReturn) }},
		{"Subscribe", func() { w.page.subscribe(w.page.list.place) }},
	} {
		windows, rows, words := len(w.opened), w.page.list.rows.Count(), w.page.reader.shown.msg.Text
		w.failing(c.method, c.do)
		if len(w.opened) != windows || w.page.list.rows.Count() != rows || w.page.reader.shown.msg.Text != words || words == "" {
			t.Errorf("%s: %d windows, %d rows, reads %q", c.method, len(w.opened)-windows, w.page.list.rows.Count(), w.page.reader.shown.msg.Text)
		}
		w.Escape()
		w.page.list.rows.Reload()
		w.Settle()
	}
	w.MustSay("Posteingang", "Prüfbericht Nr. 2026/118")
	if errs := w.TakeErrors(); len(errs) != 0 {
		t.Fatal(errs)
	}
}

// TestTheEditorWhereTheStoreFails: not a word is lost. What could not be saved is said once and saved later, what could not be
// sent stays in the window, and what could not be thrown away stays too.
func TestTheEditorWhereTheStoreFails(t *testing.T) {
	w := newTown(t)
	c, back := w.writing(w.page.Write)
	w.Fill("An", "jonas.weber@stadt.example")
	w.Fill("Betreff", "Frist")
	w.failing("SaveDraft", func() {
		c.autosave()
		w.Settle()
		c.autosave() // the person knows already
	})
	w.MustSay("Nicht gespeichert")
	w.failing("SaveDraft", c.close)
	if c.ended {
		t.Fatal("it closed without having been saved")
	}
	c.autosave()
	w.Settle()
	w.MustSay("Entwurf gespeichert")
	draft := c.msg.DraftID

	w.failing("Send", c.send)
	w.MustSay("Nicht gesendet. Ihr Text ist noch da.", "Frist")
	if c.ended || c.sending {
		t.Fatal("it counts as sent")
	}
	w.failing("DiscardDraft", c.discard)
	if _, err := w.core.Mail.OpenDraft(w.ctx(), draft); err != nil || c.ended || c.sending {
		t.Fatalf("thrown away: %v, ended %v", err, c.ended)
	}
	c.send()
	back()
	if ops, raw := w.waiting(); len(ops) != 1 || !strings.Contains(raw, "Subject: Frist") || !c.ended {
		t.Fatalf("%d wait, errors %v", len(ops), w.TakeErrors())
	}
}

// TestTheEditorWhereTheStoreIsSlow: what is asked for while a save runs happens after it, once, and with the newest words.
func TestTheEditorWhereTheStoreIsSlow(t *testing.T) {
	for name, do := range map[string]func(c *compose){
		"send": func(c *compose) { c.send() }, "close": func(c *compose) { c.close() }, "discard": func(c *compose) { c.discard() },
	} {
		w := newTown(t)
		drafts := w.place(mail.RoleDrafts, "").Total
		c, back := w.writing(w.page.Write)
		w.Fill("An", "jonas.weber@stadt.example")
		w.Fill("Betreff", "Frist")
		w.Loop.Hold()
		c.autosave()
		if !c.saving {
			t.Fatal("nothing is saved")
		}
		c.view.text.SetText("Zuletzt geschrieben")
		do(c)
		do(c) // impatience sends nothing twice
		w.Loop.Release()
		w.Settle()
		back()
		ops, raw := w.waiting()
		folder, _ := w.page.nav.folder(w.place(mail.RoleDrafts, "").ID)
		kept := folder.Total - drafts
		switch name {
		case "send":
			if len(ops) != 1 || kept != 0 || !strings.Contains(raw, "Zuletzt geschrieben") {
				t.Errorf("%s: %d wait, %d kept, %s", name, len(ops), kept, raw)
			}
		case "close":
			if len(ops) != 0 || kept != 1 {
				t.Fatalf("%s: %d wait, %d kept", name, len(ops), kept)
			}
			m, err := w.core.Mail.OpenDraft(w.ctx(), w.find(folder.ID, "Frist"))
			if err != nil || !strings.Contains(m.Text, "Zuletzt geschrieben") {
				t.Errorf("%s: %q %v", name, m.Text, err)
			}
		case "discard":
			if len(ops) != 0 || kept != 0 {
				t.Errorf("%s: %d wait, %d kept", name, len(ops), kept)
			}
		}
		if !c.ended || len(w.TakeErrors()) != 0 {
			t.Errorf("%s: ended %v", name, c.ended)
		}
	}
}

// TestOnlyTheNewestWeighingCounts where the store answers slowly, and one that fails leaves the window open.
func TestOnlyTheNewestWeighingCounts(t *testing.T) {
	w := newTown(t)
	defer w.beside(w.page.Offline)()
	w.Loop.Hold()
	w.Click("30 Tage")
	w.Click("5 Jahre")
	w.Loop.Reverse()
	w.Loop.Release()
	w.Settle()
	effect, err := w.core.Mail.KeepEffect(w.ctx(), w.core.Account, mail.Keep{Days: 1825, Quota: mail.DefaultKeep.Quota})
	w.core.Must(err)
	w.MustSay(effectWords(effect))
	w.failing("KeepEffect", func() { w.Click("1 Jahr") })
	w.failing("Keep", func() { w.Click("Übernehmen") })
	w.MustSay("Alter der Nachrichten")
	if b := w.Button("Übernehmen"); b == nil || b.Disabled() {
		t.Error("it cannot be tried again")
	}
}
