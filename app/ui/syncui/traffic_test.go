// SPDX-License-Identifier: EUPL-1.2

package syncui

import (
	"testing"

	"fyne.io/fyne/v2"

	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// TestWhatIsOnItsWay is shown while the page is, and can be set.
func TestWhatIsOnItsWay(t *testing.T) {
	s := show(t, newCore(), 1300)
	s.MustNotSay("Übertragungen")
	words := kit.NewLabel("3 von 12 Dateien", 13, theme.Text, false)
	asked, watching := 0, 0
	var changed func()
	s.Page = New(t.Context(), Config{
		Journal: s.core, Conflicts: s.core, Snapshot: s.core.Snapshot, Accounts: s.core.Accounts, ShowError: s.ShowError, Toast: s.Toast,
		Traffic: Traffic{Content: words, Settings: func() { asked++ }, Watch: func(f func()) func() {
			watching, changed = watching+1, f
			return func() { watching-- }
		}},
	})
	s.Enter(s.Page)
	s.MustSay("Übertragungen", "3 von 12 Dateien")
	s.MustNotSay("Gerade wird nichts übertragen")
	words.Set("4 von 12 Dateien")
	changed()
	s.MustSay("4 von 12 Dateien")
	words.Hide()
	changed()
	s.MustSay("Übertragungen", "Gerade wird nichts übertragen")
	s.Click("Grenzen setzen")
	s.Shown() // again, as when a page is chosen that is shown already
	if asked != 1 || watching != 1 {
		t.Fatalf("asked %d times, looked at %d times over", asked, watching)
	}
	s.Hidden()
	if watching != 0 {
		t.Fatal("nobody looks, and it goes on")
	}
}

// TestBothVersionsAreComparedElsewhere: the first thing offered for a file is to look at both versions side by side; for a
// task, which is compared right here, it is not.
func TestBothVersionsAreComparedElsewhere(t *testing.T) {
	for _, lang := range []i18n.Lang{i18n.German, i18n.English} {
		s := show(t, newCore(), 1300)
		i18n.Use(lang)
		var compared []int64
		s.Page = New(t.Context(), Config{
			Journal: s.core, Conflicts: s.core, Snapshot: s.core.Snapshot, Accounts: s.core.Accounts, ShowError: s.ShowError, Toast: s.Toast,
			Compare: func(id int64) { compared = append(compared, id) },
		})
		s.Enter(s.Page)
		s.list.SelectKey(-7)
		s.Settle()
		s.MustSay(i18n.T("syncui.version.me"), i18n.T("files.who.not-asked"))
		s.Key(fyne.KeyReturn)
		if b, ok := s.Focused().(*kit.Button); !ok || b.AccessibilityLabel() != i18n.T("syncui.compare") {
			t.Fatalf("the keyboard is on %T", s.Focused())
		}
		s.Key(fyne.KeyReturn)
		if len(compared) != 1 || compared[0] != 7 || s.core.last() != "" {
			t.Fatalf("compared %v, did %q", compared, s.core.last())
		}
		s.core.conflicts[0].Kind = "task"
		s.list.Reload()
		s.Settle()
		if s.Button(i18n.T("syncui.compare")) != nil {
			t.Error("a task is not a file")
		}
	}
}

// TestThePageFitsWithTransfers in all sizes.
func TestThePageFitsWithTransfers(t *testing.T) {
	s := show(t, newCore(), 1300)
	build := func() {
		s.Page = New(t.Context(), Config{
			Journal: s.core, Conflicts: s.core, Snapshot: s.core.Snapshot, Accounts: s.core.Accounts, ShowError: s.ShowError, Toast: s.Toast,
			Compare: func(int64) {}, Traffic: Traffic{Content: kit.NewParagraph("3 von 12 Dateien · 1,2 MB von 40 MB · noch etwa 4 Minuten", 13, theme.Text), Settings: func() {}},
		})
		s.Enter(s.Page)
	}
	s.EachSize(build, func(fits func(string)) {
		s.list.SelectKey(-7)
		for _, front := range []int{-1, sidePane} {
			s.content.Front(front)
			fits("a conflict and transfers")
		}
	})
}
