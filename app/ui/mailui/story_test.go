// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app"
	"kontor/app/demo"
	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// TestAMorning is what a clerk does before ten: read, flag, tag, file, answer; offline, and then the line is back.
func TestAMorning(t *testing.T) {
	w := newTown(t)
	w.core.Must(w.cfg.Settings.Set(w.ctx(), "mail.undo_seconds", "0"))
	w.off = true
	w.core.World.SetAllFaults(demo.Faults{Down: true})
	w.place(mail.RoleInbox, "")
	pruef := w.choose("Prüfbericht Nr. 2026/118")
	w.page.looked(pruef)
	w.Settle()
	w.page.Tag()
	w.Click("Zu erledigen")
	ort := w.choose("Ortstermin Lindenstraße 14 – Unterlagen")
	c, back := w.writing(func() { w.page.Reply(false) })
	w.MustSay("In den Ausgang")
	c.view.text.SetText("Ich komme.")
	w.Settle()
	c.send()
	back()
	if toast := w.LastToast(); toast.Words != "Im Ausgang. Wird gesendet, sobald Sie verbunden sind." {
		t.Fatalf("says %q", toast.Words)
	}
	w.page.Archive()
	w.Settle()
	outbox, _ := w.page.nav.row("all/outbox")
	w.page.nav.key = outbox.Key
	w.page.show(outbox)
	w.Settle()
	if w.page.list.rows.Count() != 1 {
		t.Fatalf("%d in the outbox", w.page.list.rows.Count())
	}
	w.off = false
	w.core.World.SetAllFaults(demo.Faults{})
	for range 5 { // the first attempts find connections of before
		_, err := w.core.Sync(w.ctx(), app.SyncOptions{})
		if ops, pending := w.core.DB.PendingOps(w.ctx(), 0); err == nil && pending == nil && len(ops) == 0 {
			break
		}
	}
	w.Settle()
	sent := w.core.World.Sent()
	if len(sent) != 1 || !strings.Contains(string(sent[0].Raw), "Ich komme.") || w.page.list.rows.Count() != 0 {
		t.Fatalf("%d sent, %d wait", len(sent), w.page.list.rows.Count())
	}
	m, err := w.core.Mail.Open(w.ctx(), ort)
	w.core.Must(err)
	if !m.Flags.Has(mail.Answered) || w.page.roleOf(m.FolderID) != mail.RoleArchive {
		t.Errorf("%v in %v", m.Flags, w.page.roleOf(m.FolderID))
	}
	if marks, _ := w.core.Mail.Marks(w.ctx(), []int64{ort, pruef}); len(marks) != 0 {
		t.Errorf("still waits: %v", marks)
	}
}

// TestUndoFromTheToast takes back what was done with one click, whatever it was.
func TestUndoFromTheToast(t *testing.T) {
	w := newTown(t)
	inbox := w.place(mail.RoleInbox, "")
	for name, act := range map[string]func(){"archive": w.page.Archive, "delete": w.page.Delete, "junk": w.page.Junk} {
		id := w.choose("Prüfbericht Nr. 2026/118")
		act()
		w.Settle()
		if m, _ := w.core.Mail.Open(w.ctx(), id); m.FolderID == inbox.ID {
			t.Fatalf("%s did nothing", name)
		}
		w.LastToast().Do()
		w.Settle()
		if m, _ := w.core.Mail.Open(w.ctx(), id); m.FolderID != inbox.ID {
			t.Errorf("%s was not taken back", name)
		}
	}
	if errs := w.TakeErrors(); len(errs) != 0 {
		t.Fatal(errs)
	}
}

// TestThereAndBackInTheHistory: after any row of actions, undo brings the first state back and redo the last one.
func TestThereAndBackInTheHistory(t *testing.T) {
	w := newTown(t)
	inbox := w.place(mail.RoleInbox, "")
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 1))
	state := func() string {
		var b strings.Builder
		list, err := w.core.Mail.List(w.ctx(), mail.Query{Text: ""}, 0, 1000)
		w.core.Must(err)
		slices.SortFunc(list, func(a, b mail.Summary) int { return int(a.ID - b.ID) })
		for _, s := range list {
			keywords := slices.Sorted(slices.Values(s.Keywords))
			b.WriteString(strings.Join([]string{s.Subject, i18n.Count(int(s.FolderID)), i18n.Count(int(s.Flags)), strings.Join(keywords, "+")}, "|") + "\n")
		}
		return b.String()
	}
	first := state()
	acts := []func(){
		w.page.Flag, w.page.MarkUnread, w.page.MarkRead, w.page.Archive, w.page.Delete, w.page.Junk,
		func() { w.page.tag(w.page.tags.named("$label1"), true) },
	}
	for range 12 {
		w.page.list.rows.SelectRow(random.IntN(w.page.list.rows.Count()))
		w.Settle()
		acts[random.IntN(len(acts))]()
		w.Settle()
	}
	last, steps := state(), 0
	for ; steps < 100; steps++ {
		if _, err := w.core.Journal.Undo(w.ctx()); err != nil {
			break
		}
		w.Settle()
	}
	if got := state(); got != first {
		t.Fatalf("seed %d, %d steps back:\n%s\nnot\n%s", seed, steps, got, first)
	}
	for range steps {
		_, err := w.core.Journal.Redo(w.ctx())
		w.core.Must(err)
		w.Settle()
	}
	if got := state(); got != last {
		t.Fatalf("seed %d, %d steps on:\n%s\nnot\n%s", seed, steps, got, last)
	}
	if w.page.list.place.Folder.ID != inbox.ID || len(w.TakeErrors()) != 0 {
		t.Fatal("the page follows")
	}
}

// TestMailThatComesWhileReading changes neither the selection nor what is read.
func TestMailThatComesWhileReading(t *testing.T) {
	w := newTown(t)
	id := w.choose("Prüfbericht Nr. 2026/118")
	w.page.reader.scroll.ScrollToOffset(fyne.NewPos(0, 10))
	n := w.page.list.rows.Count()
	inbox, _ := w.page.nav.folder(w.page.reader.shown.msg.FolderID)
	_, err := w.core.Mail.ImportNew(w.ctx(), inbox.ID, strings.NewReader(bounceMail), false)
	w.core.Must(err)
	w.Settle()
	if got := w.page.list.rows.Selected(); !slices.Equal(got, []int64{id}) || w.page.reader.id != id || w.page.list.rows.Count() != n+1 {
		t.Fatalf("chosen %v, reads %d, %d rows", got, w.page.reader.id, w.page.list.rows.Count())
	}
}

// TestASlowStoreNeverMixesMessages: whatever comes late, the reader shows what was chosen last.
func TestASlowStoreNeverMixesMessages(t *testing.T) {
	w := newTown(t)
	ids := []int64{w.choose("Prüfbericht Nr. 2026/118"), w.choose("Ortstermin Lindenstraße 14 – Unterlagen"), w.choose("Einladung zur Teilversammlung")}
	for range 6 {
		w.Loop.Hold()
		for _, id := range ids {
			w.page.openMessage(id)
		}
		w.Loop.Reverse()
		w.Step()
		w.Loop.Release()
		w.Settle()
		want := ids[len(ids)-1]
		if w.page.reader.shown.msg.ID != want {
			t.Fatalf("shows %d, not %d", w.page.reader.shown.msg.ID, want)
		}
		ids = append(ids[1:], ids[0])
	}
}

// TestTheLanguageChanges with everything on the page, and back.
func TestTheLanguageChanges(t *testing.T) {
	w := newTown(t)
	for lang, words := range map[i18n.Lang][]string{
		i18n.English: {"Inbox", "New message", "Reply", "Archive", "ALL ACCOUNTS"}, i18n.German: {"Posteingang", "Neue Nachricht", "Antworten", "Archivieren", "ALLE KONTEN"},
	} {
		i18n.Use(lang)
		w.show()
		w.choose("Prüfbericht Nr. 2026/118")
		w.MustSay(words...)
	}
}

// TestEveryActionIsInThePalette by a name of its own, and no two have the same keys.
func TestEveryActionIsInThePalette(t *testing.T) {
	w := newTown(t)
	titles, keys := map[string]bool{}, map[string]string{}
	for _, a := range w.page.Actions() {
		if a.Do == nil || a.Silent != (a.Title == "") {
			t.Errorf("%+v", a)
		}
		if a.Title != "" && titles[a.Title] {
			t.Errorf("%q is there twice", a.Title)
		}
		titles[a.Title] = true
		if k := a.Keys(); k != "" {
			if keys[k] != "" {
				t.Errorf("%s is %q and %q", k, keys[k], a.Title)
			}
			keys[k] = a.Title + "."
		}
	}
	for _, a := range w.page.Actions() { // with nothing chosen, each of them does nothing or asks
		if a.Title != i18n.T("mailui.new") && !a.Silent {
			a.Do()
			w.Settle()
			w.Escape()
		}
	}
	if errs := w.TakeErrors(); len(errs) != 0 {
		t.Fatal(errs)
	}
}

// TestWithKeysFromFolderToText: every pane is reached with the arrows and left again.
func TestWithKeysFromFolderToText(t *testing.T) {
	w := newTown(t)
	kit.Focus(w.page.nav.list)
	w.Key(fyne.KeyRight)
	if w.Focused() != fyne.Focusable(w.page.list.rows) {
		t.Fatalf("on %T", w.Focused())
	}
	w.Key(fyne.KeyDown, fyne.KeyRight)
	if w.Focused() != fyne.Focusable(w.page.reader.sheet.body) {
		t.Fatalf("on %T", w.Focused())
	}
	w.Key(fyne.KeyEscape)
	if w.Focused() != fyne.Focusable(w.page.list.rows) {
		t.Fatalf("on %T", w.Focused())
	}
	id := w.page.reader.id
	flags := func() mail.Flags { m, _ := w.core.Mail.Open(w.ctx(), id); return m.Flags }
	w.Key(fyne.KeyInsert)
	was := flags().Has(mail.Flagged)
	w.Key(fyne.KeyInsert)
	if flags().Has(mail.Flagged) == was {
		t.Error("the flag is not taken away again")
	}
	w.Key(fyne.KeyDelete)
	if m, _ := w.core.Mail.Open(w.ctx(), id); w.page.roleOf(m.FolderID) != mail.RoleTrash || w.page.reader.id == id {
		t.Error("not deleted, or still shown")
	}
}

// TestLooksChangeWithTheMessageOpen: every colour scheme and size repaints what is there.
func TestLooksChangeWithTheMessageOpen(t *testing.T) {
	w, asked, _ := busy(t)
	w.page.Open(asked)
	w.Settle()
	for _, mode := range []theme.Mode{theme.Dark, theme.Contrast, theme.Light} {
		for _, text := range []float32{2, 1} {
			w.Look(mode, text)
			if got := w.page.reader.sheet.letters.Text.Color; got != theme.Color(theme.OnAccent) {
				t.Errorf("%v at %v: the sender's letters are %v", mode, text, got)
			}
			if wrong := w.Misfits(); len(wrong) != 0 {
				t.Errorf("%v at %v: %q", mode, text, wrong)
			}
		}
	}
}
