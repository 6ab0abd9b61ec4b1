// SPDX-License-Identifier: EUPL-1.2

package syncui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"kontor/app"
	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/ui/kit"
	"kontor/storage"
	"kontor/sync/transport"
)

// TestWhoCanDoSomethingIsLedThere: beside what a person can do about a connection stands the button for it, and F6 leads
// the keyboard to it. Where only time or others help there is none.
func TestWhoCanDoSomethingIsLedThere(t *testing.T) {
	for cause, want := range map[transport.Cause]string{
		transport.CauseSignIn: "syncui.mend", transport.CauseHost: "syncui.mend", transport.CausePaused: "syncui.to-question",
		transport.CauseUnreachable: "", transport.CausePortal: "", transport.CauseCertificate: "", transport.CauseServer: "", transport.CauseNone: "",
	} {
		c := newCore()
		c.conflicts[0].AccountID = 1
		brake := fileConflict(files.ConflictDetail{Brake: files.BrakeMassDelete, Count: 12})
		brake.ID, brake.AccountID = 9, 1
		c.conflicts = append(c.conflicts, brake)
		c.snap.Connections = []storage.Connection{{AccountID: 1, Protocol: "files", Cause: string(cause), LastOK: at(9, 0)}}
		s := show(t, c, 1300)
		mended := 0
		s.cfg.Mend = func() { mended++ }
		s.side.read()
		s.Settle()
		panes := s.Panes()
		if want == "" {
			if len(panes) != 1 || s.Button(i18n.T("syncui.mend")) != nil || s.Button(i18n.T("syncui.to-question")) != nil {
				t.Errorf("%s: there is a button", cause)
			}
			continue
		}
		b, ok := panes[len(panes)-1].(*kit.Button)
		if !ok || b != s.Button(i18n.T(want)) {
			t.Fatalf("%s: F6 leads to %v", cause, panes[len(panes)-1])
		}
		kit.Focus(b)
		s.Key(fyne.KeySpace)
		if cause != transport.CausePaused {
			if mended != 1 {
				t.Errorf("%s: nothing happened", cause)
			}
			continue
		}
		if e := s.side.chosen; e == nil || e.key() != -9 || s.Focused() != fyne.Focusable(s.side.choice) {
			t.Errorf("the question is not asked: %+v", e)
		}
		if s.Button(i18n.T(want)) != nil {
			t.Error("the way to the question that is shown")
		}
		s.side.choice.Tapped(nil)
		s.Settle()
		if s.core.last() != "resolve 9 "+string(app.Both) {
			t.Errorf("did %q", s.core.last())
		}
	}
}

// TestTheSubtitleIsWhole or not there: half a sentence helps nobody.
func TestTheSubtitleIsWhole(t *testing.T) {
	for width, want := range map[float32]bool{1300: true, 900: false} {
		s := show(t, newCore(), width)
		s.travel.Show()
		s.head.Refresh()
		if whole := s.Says(i18n.T("syncui.subtitle")); whole != want || s.Says(i18n.T("syncui.subtitle")[:12]) != want {
			t.Errorf("%v wide: %q", width, s.Words())
		}
	}
}

// TestEachStateSaysWhatComesNext, in both languages and whole sentences: where the change is, and whether it goes by
// itself. What the server's own words explain already is not said twice.
func TestEachStateSaysWhatComesNext(t *testing.T) {
	for _, lang := range []i18n.Lang{i18n.English, i18n.German} {
		i18n.Use(lang)
		seen := map[string]bool{}
		for _, state := range []journal.State{journal.Waiting, journal.Held, journal.Running, journal.InDoubt} {
			words := fate(journal.Op{State: state}, false)
			if seen[words] || strings.Count(words, ".") < 2 || strings.Contains(words, "syncui.") {
				t.Errorf("%s: %q", state, words)
			}
			seen[words] = true
			c := newCore()
			c.ops = []journal.Op{{ID: 1, Kind: journal.FilePut, Target: "Aufmaß.ods", State: state, Created: at(9, 0)}}
			s := show(t, c, 1300)
			i18n.Use(lang)
			s.page(c)
			s.list.SelectKey(1)
			s.Settle()
			s.MustSay(words)
		}
		for _, op := range []journal.Op{{State: journal.Waiting, LastError: "507"}, {State: journal.Failed, LastError: "507"}, {State: journal.Done}, {State: journal.Cancelled}} {
			if words := fate(op, false); words != "" {
				t.Errorf("%+v: %q", op, words)
			}
		}
	}
}

// TestASafetyQuestionIsNoConflict: nobody else changed anything, and numbers are written as people do.
func TestASafetyQuestionIsNoConflict(t *testing.T) {
	i18n.Use(i18n.German)
	brake := fileConflict(files.ConflictDetail{Brake: files.BrakeMassDelete, Count: 1200})
	if words, _ := (entry{conflict: &brake}).words(); words != "Sicherheitsfrage" {
		t.Errorf("it is called %q", words)
	}
	if q := ask(brake); !strings.Contains(q.why, i18n.Count(1200)+" Dateien") {
		t.Errorf("%q", q.why)
	}
	both := fileConflict(files.ConflictDetail{Path: "Kosten.ods", Mine: files.Version{Size: 1}, Theirs: files.Version{Size: 2}})
	if words, _ := (entry{conflict: &both}).words(); words != "Konflikt" {
		t.Errorf("it is called %q", words)
	}
}

// TestWhatIsOpenedIsNotTakenBack: Return and a double click explain an operation; the keyboard goes to what can be done.
func TestWhatIsOpenedIsNotTakenBack(t *testing.T) {
	s := show(t, newCore(), 1300)
	for _, id := range []int64{1, 2, 3} {
		s.list.SelectKey(id)
		kit.Focus(s.list)
		s.Key(fyne.KeyReturn)
		if len(s.core.did) != 0 || s.side.chosen == nil || s.side.chosen.key() != id {
			t.Fatalf("%d: did %q", id, s.core.did)
		}
		if b, ok := s.Focused().(*kit.Button); !ok || b != s.side.choice {
			t.Fatalf("%d: the keyboard is on %T", id, s.Focused())
		}
	}
	s.Key(fyne.KeySpace)
	if s.core.last() != "retry 3" {
		t.Fatalf("did %q", s.core.did)
	}
}

// TestWhoIsOfflineByChoiceIsToldHowToConnect, where the connections are and beside what waits.
func TestWhoIsOfflineByChoiceIsToldHowToConnect(t *testing.T) {
	c := newCore()
	s := show(t, c, 1300)
	s.MustNotSay("Sie arbeiten offline")
	connected := 0
	s.cfg.Connect = func() { connected++ }
	c.snap.ByChoice = true
	s.side.read()
	s.Settle()
	s.MustSay("Sie arbeiten offline")
	if words := fate(journal.Op{State: journal.Waiting, LastError: "x"}, true); words != i18n.T("syncui.cause-why.choice") {
		t.Errorf("%q", words)
	}
	s.Click("Wieder verbinden")
	if connected != 1 {
		t.Fatal("nothing happened")
	}
}
