// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/app/ui/kit"
)

// folderNames are the names of the account's folders in the store.
func (w *town) folderNames() []string {
	w.T.Helper()
	all, err := w.core.Mail.Folders(w.ctx())
	w.core.Must(err)
	var names []string
	for _, f := range all {
		if f.Role != mail.RoleOutbox {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	return names
}

// menuOf opens the menu of a folder and chooses a line of it.
func (w *town) menuOf(name string, choose ...string) {
	w.T.Helper()
	for _, r := range w.page.nav.rows {
		if r.Folder.Name == name && r.Folder.ID != 0 {
			w.page.folderMenu(r, fyne.NewPos(60, 60))
			w.Settle()
			for _, line := range choose {
				w.Click(line)
			}
			return
		}
	}
	w.T.Fatalf("no folder %q", name)
}

// TestFoldersByTheirMenu: a folder is made, renamed, moved, shown elsewhere or not, and deleted, each a step that can be taken
// back; those with a task of their own are left alone.
func TestFoldersByTheirMenu(t *testing.T) {
	w := newTown(t)
	before := w.folderNames()
	w.menuOf("Bauanträge", "Neuer Ordner")
	w.Type("Akten/2027.1")
	w.Key(fyne.KeyReturn)
	if !slices.Contains(w.folderNames(), "Bauanträge/Akten-2027-1") {
		t.Fatalf("%q", w.folderNames())
	}
	w.menuOf("Bauanträge/Akten-2027-1", "Ordner umbenennen")
	w.SelectAll()
	w.Type("Keller")
	w.Key(fyne.KeyReturn)
	if got := w.LastToast().Words; got != "Der Ordner heißt jetzt „Keller“" || !slices.Contains(w.folderNames(), "Bauanträge/Keller") {
		t.Fatalf("%q %q", got, w.folderNames())
	}
	w.menuOf("Bauanträge/Keller", "Verschieben …")
	w.Type("Archiv")
	w.Key(fyne.KeyReturn)
	if !slices.Contains(w.folderNames(), "Archiv/Keller") {
		t.Fatalf("%q", w.folderNames())
	}
	w.menuOf("Archiv/Keller", "In anderen Programmen zeigen")
	w.menuOf("Archiv/Keller", "Ordner löschen")
	if names := w.folderNames(); slices.Contains(names, "Archiv/Keller") {
		t.Fatalf("%q", names)
	}
	for range 20 {
		if _, err := w.core.Journal.Undo(w.ctx()); err != nil {
			break
		}
		w.Settle()
	}
	if got := w.folderNames(); !slices.Equal(got, before) {
		t.Errorf("taken back: %q, before %q", got, before)
	}
	for _, fixed := range []string{"INBOX", "Gesendet", "Papierkorb"} {
		w.menuOf(fixed, "Ordner löschen") // it is there, and does nothing
		w.Escape()
		w.menuOf(fixed, "Ordner umbenennen")
		w.Escape()
	}
	if got := w.folderNames(); !slices.Equal(got, before) || len(w.TakeErrors()) != 0 {
		t.Errorf("%q, before %q", got, before)
	}
}

// TestFoldersByKeyboard: F2 renames, Delete deletes, the arrows unfold and fold, Enter goes to the list.
func TestFoldersByKeyboard(t *testing.T) {
	w := newTown(t)
	w.place("", "Bauanträge/2026")
	kit.Focus(w.page.nav.list)
	w.Key(fyne.KeyF2)
	w.SelectAll()
	w.Type("Dieses Jahr")
	w.Key(fyne.KeyReturn)
	if !slices.Contains(w.folderNames(), "Bauanträge/Dieses Jahr") {
		t.Fatalf("%q", w.folderNames())
	}
	rows := len(w.page.nav.rows)
	w.place("", "Bauanträge")
	w.focusOn(w.page.nav.list, fyne.KeyReturn)
	if len(w.page.nav.rows) != rows-2 || w.Focused() != fyne.Focusable(w.page.list.rows) {
		t.Errorf("%d rows of %d, the keyboard is on %T", len(w.page.nav.rows), rows, w.Focused())
	}
	w.focusOn(w.page.nav.list, fyne.KeyReturn)
	if len(w.page.nav.rows) != rows {
		t.Errorf("%d rows of %d", len(w.page.nav.rows), rows)
	}
	w.place("", "Bauanträge/Rückfragen")
	w.focusOn(w.page.nav.list, fyne.KeyDelete)
	if slices.Contains(w.folderNames(), "Bauanträge/Rückfragen") {
		t.Error("not deleted")
	}
	if place := w.page.list.place; place.Folder.Name == "Bauanträge/Rückfragen" || place.Title == "" {
		t.Errorf("still shows %q", place.Title)
	}
	w.focusOn(w.page.nav.list, fyne.KeyRight)
	if w.Focused() != fyne.Focusable(w.page.list.rows) {
		t.Errorf("the keyboard is on %T", w.Focused())
	}
}

// TestAFolderThatOthersRemove while it is shown: the page goes to the inbox, and says nothing wrong.
func TestAFolderThatOthersRemove(t *testing.T) {
	w := newTown(t)
	f := w.place("", "Bauanträge/2026")
	w.core.Must(w.core.Mail.DeleteFolder(w.ctx(), f.ID)) // into the bin
	w.Settle()
	if w.page.list.place.Folder.ID != f.ID {
		t.Errorf("in the bin it is not shown any more, but %q", w.page.nav.key)
	}
	w.core.Must(w.core.Mail.DeleteFolder(w.ctx(), f.ID)) // for good
	w.Settle()
	if w.page.nav.key != "all/inbox" || w.page.list.rows.Count() == 0 || len(w.TakeErrors()) != 0 {
		t.Errorf("shows %q with %d rows", w.page.nav.key, w.page.list.rows.Count())
	}
}

// TestTheButtonsDoWhatTheySay: each button above a message opens or does what it names.
func TestTheButtonsDoWhatTheySay(t *testing.T) {
	w := newTown(t)
	asked := []int64{}
	w.cfg.AsTask = func(id int64) { asked = append(asked, id) }
	w.show()
	w.place(mail.RoleInbox, "")
	id := w.choose("Ortstermin Lindenstraße 14 – Unterlagen")
	for button, check := range map[string]func(m mail.Outgoing) bool{
		"Antworten": func(m mail.Outgoing) bool {
			return len(m.To) == 1 && len(m.Cc) == 0 && m.AnswerOf == id && m.InReplyTo != ""
		},
		"Allen antworten": func(m mail.Outgoing) bool { return len(m.To)+len(m.Cc) > 1 && m.AnswerOf == id },
		"Weiterleiten":    func(m mail.Outgoing) bool { return len(m.To) == 0 && m.ForwardOf == id && len(m.Attachments) == 2 },
		"Neue Nachricht":  func(m mail.Outgoing) bool { return m.AnswerOf == 0 && m.ForwardOf == 0 && m.Subject == "" },
	} {
		c, back := w.writing(func() { w.Click(button) })
		if m := c.collect(); !check(m) {
			t.Errorf("%s: to %v, copy %v, answers %d, %d attached", button, m.To, m.Cc, m.AnswerOf, len(m.Attachments))
		}
		c.close()
		w.Settle()
		back()
	}
	w.Click("Als Aufgabe")
	if !slices.Equal(asked, []int64{id}) {
		t.Errorf("tasks of %v", asked)
	}
	w.Click("Archivieren")
	if m, err := w.core.Mail.Open(w.ctx(), id); err != nil || w.page.roleOf(m.FolderID) != mail.RoleArchive {
		t.Errorf("%v", err)
	}
}

// TestWhatWaitsIsSeenInTheList: a change that has not reached the server is marked in its row and said, until it has.
func TestWhatWaitsIsSeenInTheList(t *testing.T) {
	w := newTown(t)
	w.place(mail.RoleInbox, "")
	id := w.choose("Prüfbericht Nr. 2026/118")
	mark := func() journal.Mark {
		for i := range w.page.list.rows.Count() {
			if item, ok := w.page.list.rows.At(i); ok && item.ID == id {
				return item.Mark
			}
		}
		return "gone"
	}
	if mark() != "" {
		t.Fatalf("%q before anything", mark())
	}
	w.page.Flag()
	w.Settle()
	if mark() != journal.MarkWaiting || !strings.Contains(w.rowSays(id), "Wartet auf Abgleich") {
		t.Errorf("%q, says %q", mark(), w.rowSays(id))
	}
	w.MustSay("Wartet auf Abgleich")
	w.core.SyncAll()
	w.Settle()
	if mark() != "" && mark() != journal.MarkServer {
		t.Errorf("%q afterwards", mark())
	}
	w.MustNotSay("Wartet auf Abgleich")
}

// TestVeryLongSourcesAreCut, and that is said; what is saved is all of it.
func TestVeryLongSourcesAreCut(t *testing.T) {
	w := newTown(t)
	w.receive("From: a@stadt.example\r\nSubject: Gross\r\nMessage-ID: <gross@x>\r\n\r\n" + strings.Repeat("Zeile\r\n", 40_000))
	w.choose("Gross")
	back := w.beside(w.page.ShowSource)
	if got := w.text(); !strings.Contains(got, "Subject: Gross") || strings.Contains(got, "Zeile") {
		t.Errorf("shows %.200q", got)
	}
	view := w.Focused()
	w.Click("Ganze Nachricht zeigen")
	w.Window.Canvas().Focus(view)
	if got := w.text(); !strings.Contains(got, "Zeile") || len(got) > sourceLimit+200 || !strings.Contains(got, "Speichern Sie sie als Datei") {
		t.Errorf("shows %d octets", len(got))
	}
	w.Click("Als Datei speichern …")
	if got := len(w.saved["Nachricht.eml"]); got < 40_000*7 {
		t.Errorf("saved %d octets", got)
	}
	w.Key(fyne.KeyEscape)
	back()
}
