// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"pgregory.net/rapid"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/ui/kit"
)

// names are the full names of the account's folders as the page knows them.
func (w *town) names() []string {
	var all []string
	for _, f := range w.page.nav.folders {
		if f.Role == mail.RoleNone {
			all = append(all, f.Name)
		}
	}
	slices.Sort(all)
	return all
}

// row gives the line of a folder.
func (w *town) row(name string) navRow {
	w.T.Helper()
	for _, r := range w.page.nav.rows {
		if r.Folder.ID != 0 && r.Folder.Name == name {
			return r
		}
	}
	w.T.Fatalf("no folder %q in %q", name, w.names())
	return navRow{}
}

// TestFoldersAreMadeMovedAndRemoved by the menu of a folder, each step can be taken back, and the server ends up the same.
func TestFoldersAreMadeMovedAndRemoved(t *testing.T) {
	w := newTown(t)
	begin := w.names()
	w.Menu("Bauanträge", "Neuer Ordner")
	w.Type("Eilt/sehr")
	w.Key(fyne.KeyReturn)
	if !slices.Contains(w.names(), "Bauanträge/Eilt-sehr") {
		t.Fatalf("%q", w.names())
	}
	w.page.renameFolder(w.row("Bauanträge/Eilt-sehr"))
	w.Settle()
	w.Type("Eilt")
	w.Key(fyne.KeyReturn)
	if !slices.Contains(w.names(), "Bauanträge/Eilt") || w.LastToast().Words != "Der Ordner heißt jetzt „Eilt“" {
		t.Fatalf("%q, says %q", w.names(), w.LastToast().Words)
	}
	w.page.moveFolder(w.row("Bauanträge/Eilt"))
	w.Settle()
	w.Type("Posteingang")
	w.Key(fyne.KeyReturn)
	if !slices.Contains(w.names(), "Eilt") {
		t.Fatalf("%q", w.names())
	}
	w.core.SyncAll()
	w.Settle()
	w.LastToast().Do()
	w.Settle()
	if !slices.Contains(w.names(), "Bauanträge/Eilt") {
		t.Fatalf("taken back: %q", w.names())
	}
	w.page.deleteFolder(w.row("Bauanträge/Eilt")) // empty: no question
	w.Settle()
	w.core.SyncAll()
	w.Settle()
	if !slices.Equal(w.names(), begin) || len(w.TakeErrors()) != 0 {
		t.Fatalf("%q, not %q", w.names(), begin)
	}
}

// TestAFullFolderGoesIntoTheBin without a question, since it can be brought back; from there it asks.
func TestAFullFolderGoesIntoTheBin(t *testing.T) {
	w := newTown(t)
	r := w.row("Bauanträge/Rückfragen")
	w.page.deleteFolder(r)
	w.Settle()
	if w.main.Canvas().Overlays().Top() != nil || !strings.Contains(w.LastToast().Words, "gelöscht") {
		t.Fatalf("says %q", w.LastToast().Words)
	}
	var inBin navRow
	for _, n := range w.page.nav.rows {
		if n.Folder.ID == r.Folder.ID {
			inBin = n
		}
	}
	if inBin.Folder.Total != r.Folder.Total || inBin.Folder.Total == 0 {
		t.Fatalf("its messages are not with it: %+v", inBin.Folder)
	}
	w.page.deleteFolder(inBin)
	w.Settle()
	w.MustSay("Ordner „Rückfragen“ endgültig löschen?")
	w.Escape()
	w.LastToast().Do()
	w.Settle()
	if !slices.Contains(w.names(), "Bauanträge/Rückfragen") {
		t.Fatalf("it does not come back: %q", w.names())
	}
}

// TestEmptying the bin and the junk folder asks and tells; with nothing in it there is nothing to ask.
func TestEmptying(t *testing.T) {
	w := newTown(t)
	junk := w.place(mail.RoleJunk, "")
	w.page.emptyFolder(w.row(junk.Name))
	w.Settle()
	w.MustSay("3 Nachrichten werden gelöscht. Das lässt sich nicht rückgängig machen.")
	w.Click("Abbrechen")
	if w.row(junk.Name).Folder.Total != 3 {
		t.Fatal("cancelled is cancelled")
	}
	w.Menu("Spam", "Spam-Ordner leeren")
	w.Click("Endgültig löschen")
	if w.row(junk.Name).Folder.Total != 0 || w.LastToast().Words != "3 Nachrichten endgültig gelöscht" {
		t.Fatalf("%d left, says %q", w.row(junk.Name).Folder.Total, w.LastToast().Words)
	}
	toasts := len(w.Toasts)
	w.page.emptyFolder(w.row(junk.Name))
	w.Settle()
	if len(w.Toasts) != toasts || w.main.Canvas().Overlays().Top() != nil {
		t.Fatal("there was nothing to ask")
	}
}

// TestArchivingByYear is switched on in the menu of the archive and kept.
func TestArchivingByYear(t *testing.T) {
	w := newTown(t)
	w.Menu("Archiv", "Nach Jahren archivieren")
	if !w.page.byYear {
		t.Fatal("not switched on")
	}
	w.place(mail.RoleInbox, "")
	id := w.choose("Prüfbericht Nr. 2026/118")
	w.page.Archive()
	w.Settle()
	m, err := w.core.Mail.Open(w.ctx(), id)
	w.core.Must(err)
	f, _ := w.page.nav.folder(m.FolderID)
	if !strings.HasSuffix(f.Name, "/"+m.Date.Format("2006")) {
		t.Fatalf("lies in %q", f.Name)
	}
	w.show()
	if !w.page.byYear {
		t.Fatal("forgotten")
	}
	w.Menu("Archiv", "Nach Jahren archivieren")
	if value, _ := w.cfg.Settings.Get(w.ctx(), app.ArchiveSetting, "?"); value != "" || w.page.byYear {
		t.Fatalf("still %q", value)
	}
}

// TestSubscribing is ticked, changed and taken back.
func TestSubscribing(t *testing.T) {
	w := newTown(t)
	was := w.row("Bauanträge").Folder.Subscribed
	w.Menu("Bauanträge", "In anderen Programmen zeigen")
	if w.row("Bauanträge").Folder.Subscribed == was {
		t.Fatal("nothing changed")
	}
	w.LastToast().Do()
	w.Settle()
	if w.row("Bauanträge").Folder.Subscribed != was {
		t.Fatal("not taken back")
	}
}

// TestFixedFoldersOfferNothingThatFails: what a role or the owner's rights forbid is greyed out and does nothing by key.
func TestFixedFoldersOfferNothingThatFails(t *testing.T) {
	w := newTown(t)
	inbox := w.row("INBOX")
	w.page.renameFolder(inbox)
	w.page.deleteFolder(inbox)
	w.Settle()
	if w.main.Canvas().Overlays().Top() != nil || len(w.TakeErrors()) != 0 {
		t.Fatal("an inbox has a fixed name")
	}
	locked := w.row("Bauanträge")
	locked.Folder.Rights = "lr"
	for _, item := range w.page.exchangeItems(locked)[0].Children {
		if !item.Disabled {
			t.Errorf("%q needs the right to put messages there", item.Label)
		}
	}
}

// TestNameBelow puts folders where their servers can hold them.
func TestNameBelow(t *testing.T) {
	for _, row := range []struct {
		parent mail.Folder
		want   string
	}{
		{mail.Folder{Name: "INBOX", Delim: "/", Role: mail.RoleInbox}, "Neu"},
		{mail.Folder{Name: "INBOX.Gesendet", Delim: ".", Role: mail.RoleSent}, "INBOX.Neu"},
		{mail.Folder{Name: "Amt", Delim: "/"}, "Amt/Neu"},
		{mail.Folder{Name: "Archiv", Delim: "/", Role: mail.RoleArchive}, "Archiv/Neu"},
		{mail.Folder{Name: "Flach"}, "Neu"},
	} {
		if got := nameBelow(row.parent, "Neu"); got != row.want {
			t.Errorf("below %q: %q", row.parent.Name, got)
		}
	}
}

// TestSharedMailboxesHaveSections of their own, in order, and no folder is lost or shown twice, whatever there is.
func TestSharedMailboxesHaveSections(t *testing.T) {
	i18n.Use(i18n.German)
	rapid.Check(t, func(t *rapid.T) {
		var folders []mail.Folder
		for i := range rapid.IntRange(1, 12).Draw(t, "n") {
			f := mail.Folder{ID: int64(i + 1), AccountID: 1, Delim: "/", Selectable: true, Name: rapid.StringMatching(`[a-c](/[a-c]){0,2}`).Draw(t, "name")}
			if box := rapid.SampledFrom([]string{"", "shared/bau", "user/jonas"}).Draw(t, "box"); box != "" {
				space, owner, _ := strings.Cut(box, "/")
				f.Space, f.Owner, f.Box, f.Name = map[string]mail.Space{"shared": mail.SpaceShared, "user": mail.SpaceUsers}[space], owner, box, box+"/"+f.Name
			}
			folders = append(folders, f)
		}
		seen := map[int64]int{}
		section := ""
		for _, r := range navRows(folders, []Account{{ID: 1, Title: "ich"}}, navCounts{}, nil) {
			if r.Header {
				section = r.Title
				continue
			}
			if r.Folder.ID == 0 {
				continue
			}
			seen[r.Folder.ID]++
			want := map[mail.Space]string{mail.SpaceOwn: "ich", mail.SpaceShared: "Funktionspostfach bau", mail.SpaceUsers: "Postfach von jonas"}[r.Folder.Space]
			if section != want {
				t.Fatalf("%q stands below %q", r.Folder.Name, section)
			}
		}
		for _, f := range folders {
			if seen[f.ID] != 1 {
				t.Fatalf("%q is shown %d times", f.Name, seen[f.ID])
			}
		}
	})
}

// TestFolderKeys rename and delete where the keyboard is, and lead to the list.
func TestFolderKeys(t *testing.T) {
	w := newTown(t)
	w.place("", "Bauanträge/2026")
	kit.Focus(w.page.nav.list)
	w.Key(fyne.KeyF2)
	w.MustSay("Ordner umbenennen")
	w.Type("2027")
	w.Key(fyne.KeyReturn)
	if !slices.Contains(w.names(), "Bauanträge/2027") {
		t.Fatalf("%q", w.names())
	}
	kit.Focus(w.page.nav.list)
	w.Key(fyne.KeyRight)
	if w.Focused() != fyne.Focusable(w.page.list.rows) {
		t.Errorf("the keyboard is on %T", w.Focused())
	}
}
