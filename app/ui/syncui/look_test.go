// SPDX-License-Identifier: EUPL-1.2

package syncui

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app"
	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/app/ui/theme"
	"kontor/app/ui/uitest"
	"kontor/storage"
	"kontor/sync/transport"
)

// kinds are all operations that there are.
var kinds = []journal.Kind{
	journal.MailFlags, journal.MailMove, journal.MailCopy, journal.MailDelete, journal.MailAppend, journal.MailSend, journal.MailFolderCreate,
	journal.MailFolderRename, journal.MailFolderDelete, journal.FilePut, journal.FileMkdir, journal.FileMove, journal.FileDelete, journal.TaskPut,
	journal.TaskMove, journal.TaskDelete, journal.TaskListCreate, journal.TaskListEdit, journal.TaskListDelete,
}

// TestEachOperationIsExplained shows each kind in each state, in both languages: words for all of it, and the buttons
// that fit, as a person sees them in the right column.
func TestEachOperationIsExplained(t *testing.T) {
	buttons := map[journal.State][]string{
		journal.Waiting: {"cancel", "hold", "retry"}, journal.Held: {"release", "cancel"}, journal.Failed: {"retry", "cancel"},
		journal.Running: nil, journal.InDoubt: nil, journal.Done: nil, journal.Cancelled: nil,
	}
	for _, lang := range []i18n.Lang{i18n.German, i18n.English} {
		c := &core{}
		s := show(t, c, 1300)
		i18n.Use(lang)
		for state, verbs := range buttons {
			c.ops = nil
			for i, k := range kinds {
				c.ops = append(c.ops, journal.Op{ID: int64(i + 1), Kind: k, Target: "Sache " + fmt.Sprint(i), State: state, Created: at(9, 0), Updated: at(9, 5), LastError: "550 5.7.1", Tries: 2})
			}
			s.page(c)
			for i := range kinds {
				s.list.SelectRow(i)
				for _, w := range s.Words() {
					if strings.Contains(w, "syncui.") || strings.Contains(w, "<no value>") {
						t.Errorf("%s %s in %s: %q", kinds[i], state, lang, w)
					}
				}
				for _, v := range []string{"cancel", "hold", "retry", "release"} {
					words := v
					if v == "retry" && kinds[i] == journal.MailSend && state == journal.Waiting {
						words = "send" // whenever it was to leave
					}
					b := s.Button(i18n.T("syncui.verb." + words))
					if (b != nil) != contains(verbs, v) || b != nil && b.Disabled() {
						t.Errorf("%s %s: button %q is there: %v", kinds[i], state, v, b != nil)
					}
				}
				if s.Says("550 5.7.1") != state.Pending() {
					t.Errorf("%s %s: the server's words are wrong here", kinds[i], state)
				}
			}
		}
	}
}

func contains(all []string, one string) bool {
	return strings.Contains(" "+strings.Join(all, " ")+" ", " "+one+" ")
}

// page makes the page anew with what a core holds now, as a change of the language does.
func (s *shown) page(c *core) {
	s.Page = New(s.T.Context(), Config{
		Journal: c, Conflicts: c, Snapshot: c.Snapshot, Accounts: c.Accounts, SyncNow: func() { _ = c.note("sync") },
		ShowError: s.ShowError, Toast: s.Toast, Now: func() time.Time { return at(10, 2) },
	})
	s.Enter(s.Page)
}

// TestNoOtherLanguageIsLeft switches to English: no German words stay behind.
func TestNoOtherLanguageIsLeft(t *testing.T) {
	c := newCore()
	s := show(t, c, 1300)
	before := s.Words()
	i18n.Use(i18n.English)
	s.page(c)
	s.MustSay("Sync now", "Connections", "Decide")
	same := 0
	for _, w := range s.Words() {
		if strings.ContainsAny(w, "äöüß") && !strings.Contains(w, "Aufmaß") && !strings.Contains(w, "Prüfbericht") {
			t.Errorf("%q", w)
		}
		for _, b := range before {
			if w == b {
				same++
			}
		}
	}
	if same > len(before) {
		t.Errorf("%d of %d words are the same", same, len(before))
	}
}

// crowd is a page full of long words: everything that can be wrong at once.
func crowd() *core {
	c := newCore()
	long := strings.Repeat("Stellungnahme der unteren Denkmalschutzbehörde zum Bauvorhaben ", 3)
	for i, k := range kinds {
		c.ops = append(c.ops, journal.Op{ID: int64(100 + i), Kind: k, Target: "Bauamt/Archiv/" + long, State: journal.Failed, Created: at(9, 0), LastError: "403 " + long, Tries: 12})
	}
	raw, _ := json.Marshal(tasks.Conflict{Reason: tasks.ReasonEmptied, Count: 120})
	brake, _ := json.Marshal(files.ConflictDetail{Brake: files.BrakeMassDelete, Count: 1200, OnServer: true, Paths: []string{long, "Bauamt/" + long}})
	c.conflicts = append(c.conflicts, app.Conflict{ID: 8, Kind: "task", Title: long, Created: at(7, 0), Detail: raw}, app.Conflict{ID: 9, Kind: "file", Title: long, Created: at(7, 0), Detail: brake})
	for _, p := range []string{"mail", "send", "files", "tasks"} {
		for account := range int64(2) {
			c.snap.Connections = append(c.snap.Connections, storage.Connection{AccountID: account + 1, Protocol: p, Cause: "portal", NextTry: at(10, 8)})
		}
	}
	return c
}

// TestEverythingFits looks at the crowded page in both languages, in small windows and with large text.
func TestEverythingFits(t *testing.T) {
	s := show(t, crowd(), 1300)
	s.EachSize(func() { s.page(s.core) }, func(fits func(string)) {
		for _, key := range []int64{-7, -8, -9, 3, 1, 100} {
			s.list.SelectKey(key)
			fits(fmt.Sprintf("entry %d", key))
		}
	})
}

// TestPictures draws the page for people to look at.
func TestPictures(t *testing.T) {
	uitest.ForPictures(t)
	s := show(t, newCore(), 1300)
	for _, c := range []struct {
		name string
		mode theme.Mode
		w, h float32
		text float32
		key  int64
	}{
		{"sync-wide-light", theme.Light, 1364, 820, 1, -7},
		{"sync-small-dark", theme.Dark, 948, 620, 1, 3},
		{"sync-large", theme.Light, 1288, 740, 2, 1},
		{"sync-contrast", theme.Contrast, 1364, 820, 1, 2},
	} {
		s.Resize(c.w, c.h)
		s.Look(c.mode, c.text)
		s.list.SelectKey(c.key)
		s.Settle()
		s.Picture(c.name)
	}
	crowded := show(t, crowd(), 1364)
	crowded.list.SelectKey(-9)
	crowded.Key(fyne.KeyReturn)
	crowded.Picture("sync-crowd")
	asked := newCore()
	raw, err := json.Marshal(files.ConflictDetail{Brake: files.BrakeOtherServer})
	if err != nil {
		t.Fatal(err)
	}
	asked.conflicts = []app.Conflict{{ID: 9, Kind: "file", Title: "Stadt", Created: at(7, 0), Detail: raw}}
	asked.snap.Connections[0].Cause = string(transport.CausePaused)
	other := show(t, asked, 1300)
	other.list.SelectKey(-9)
	other.Settle()
	other.Picture("sync-brake")
}
