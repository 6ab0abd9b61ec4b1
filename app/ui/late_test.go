// SPDX-License-Identifier: EUPL-1.2

package ui

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"kontor/app"
	"kontor/app/live"
	"kontor/app/ui/kit"
	"kontor/app/ui/kit/kittest"
	"kontor/app/ui/uitest"
)

// slowShell is a shell whose core answers when the test says so, and refuses to be called on the UI goroutine.
func slowShell(t *testing.T) (*Shell, *fakeCore, *blank, *uitest.Scene) {
	t.Helper()
	s, core, mail := testShell(t, fyne.NewSize(1440, 900))
	scene := &uitest.Scene{T: t, Window: s.win}
	core.loop = &scene.Loop
	kit.RunWith(&scene.Loop)
	t.Cleanup(func() { kit.RunWith(nil) })
	return s, core, mail, scene
}

// TestTheFrameNeverWaits does everything the frame offers with a core that may not be called on the UI goroutine.
func TestTheFrameNeverWaits(t *testing.T) {
	s, core, _, scene := slowShell(t)
	s.Show("mail")
	for _, a := range s.allActions() {
		if a.Do == nil {
			continue
		}
		scene.Loop.Hold()
		a.Do()
		s.win.Canvas().Capture() // the window still paints
		scene.Loop.Release()
		scene.Settle()
		s.closeFloat()
	}
	s.SearchFor("Plan")
	s.ReadStatus()
	s.Changed(live.All)
	s.pillMenu()
	scene.Settle()
	for _, want := range []string{"search", "undo", "sync", "offline"} {
		if core.count(want) == 0 {
			t.Errorf("nobody asked the core for %q: %v", want, core.did)
		}
	}
}

func TestResultsThatComeTooLate(t *testing.T) {
	type step struct {
		name  string
		leave func(*Shell)
	}
	for _, c := range []step{
		{"Escape", func(s *Shell) { s.search.field.Entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape}) }},
		{"another page", func(s *Shell) { s.Show("sync") }},
		{"emptied", func(s *Shell) { s.search.field.Entry.SetText("") }},
		{"other words", func(s *Shell) { s.search.field.Entry.SetText("etwas ganz anderes") }},
	} {
		s, _, _, scene := slowShell(t)
		s.Show("mail")
		scene.Settle()
		scene.Loop.Hold()
		s.SearchFor("Plan")
		c.leave(s)
		s.search.drop() // not the pause after typing either
		scene.Loop.Release()
		scene.Settle()
		if s.search.isOpen() {
			t.Errorf("%s: the results came up", c.name)
		}
	}
}

// TestEnterOpensOnlyWhatWasAskedFor: the results on screen are of other words than those in the field.
func TestEnterOpensOnlyWhatWasAskedFor(t *testing.T) {
	s, core, mail, scene := slowShell(t)
	s.Show("sync")
	s.SearchFor("Linden")
	scene.Settle()
	core.hits = []Hit{{Kind: "mail", ID: 99, Title: "Lindenallee"}}
	scene.Loop.Hold()
	entry := s.search.field.Entry
	entry.SetText("Lindenallee")
	s.search.run()
	entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if mail.opened != 0 || s.Current() != "sync" {
		t.Fatalf("opened %d, a result of other words", mail.opened)
	}
	scene.Loop.Release()
	scene.Settle()
	entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if mail.opened != 99 || s.Current() != "mail" {
		t.Fatalf("opened %d on %q", mail.opened, s.Current())
	}
}

// TestAnswersInAnyOrder: the newest search wins, whichever is answered last.
func TestAnswersInAnyOrder(t *testing.T) {
	s, core, _, scene := slowShell(t)
	s.Show("mail")
	scene.Settle()
	core.hits = nil
	s.Search = func(_ context.Context, q string, _ int) ([]Hit, error) {
		return []Hit{{Kind: "files", ID: int64(len(q)), Title: q}}, nil
	}
	scene.Loop.Hold()
	for _, q := range []string{"a", "ab", "abc"} {
		s.SearchFor(q)
	}
	scene.Loop.Reverse()
	scene.Loop.Release()
	scene.Settle()
	if r, ok := s.search.list.Current(); !ok || r.Title != "abc" {
		t.Fatalf("shown is %q", r.Title)
	}
}

func TestASearchThatFails(t *testing.T) {
	s, core, _, scene := slowShell(t)
	s.Show("mail")
	s.SearchFor("Plan")
	scene.Settle()
	core.fail = errors.New("the index is broken")
	s.SearchFor("Plan B")
	scene.Settle()
	if s.stage.AlertTitle() == "" || !s.search.isOpen() || len(s.search.rows) < 3 {
		t.Fatalf("alert %q, %d rows", s.stage.AlertTitle(), len(s.search.rows))
	}
	press(s, fyne.KeyEscape)
	press(s, fyne.KeyEscape)
	if s.stage.AlertTitle() != "" || s.search.isOpen() {
		t.Error("Escape closes neither results nor alert")
	}
}

// TestTypingPausesBeforeItSearches types and waits for the search to begin by itself.
func TestTypingPausesBeforeItSearches(t *testing.T) {
	s, core, _ := testShell(t, fyne.NewSize(1024, 700))
	s.Show("mail")
	kit.Synchronous(false)
	asked := make(chan string, 10)
	s.Search = func(_ context.Context, q string, _ int) ([]Hit, error) { asked <- q; return core.hits, nil }
	queue := make(chan func(), 10)
	kit.RunWith(uiQueue{queue})
	defer kit.RunWith(nil)
	for _, words := range []string{"P", "Pl", "Pla", "Plan"} {
		s.search.field.Entry.SetText(words)
	}
	deadline := time.After(10 * time.Second)
	for {
		select {
		case f := <-queue:
			f()
		case q := <-asked:
			if q != "Plan" || len(asked) != 0 {
				t.Fatalf("searched for %q and %d more", q, len(asked))
			}
			return
		case <-deadline:
			t.Fatal("no search began")
		}
	}
}

// uiQueue works on other goroutines, and comes back on the test's.
type uiQueue struct{ ui chan func() }

func (q uiQueue) Go(work func()) { go work() }
func (q uiQueue) Do(f func())    { q.ui <- f }

func TestOfflineAndBackAtOnce(t *testing.T) {
	s, core, _, scene := slowShell(t)
	scene.Loop.Hold()
	s.ReadStatus() // begun before the person decides
	s.ToggleOffline()
	s.ToggleOffline()
	s.ToggleOffline()
	scene.Loop.Release()
	scene.Settle()
	if got := fmt.Sprint(core.did); !strings.Contains(got, "offline true offline false offline true") || !s.Snapshot().ByChoice {
		t.Fatalf("asked for %v, by choice %v", got, s.Snapshot().ByChoice)
	}
	core.fail = errors.New("the disk is full")
	s.ToggleOffline()
	scene.Settle()
	if s.stage.AlertTitle() == "" {
		t.Error("the failure was not shown")
	}
	core.fail = nil
	s.ReadStatus()
	scene.Settle()
	if !s.Snapshot().ByChoice {
		t.Error("what could not be stored is shown as if it were")
	}
}

func TestTheStatusIsReadAgainAfterAFailure(t *testing.T) {
	s, core, _, scene := slowShell(t)
	scene.Settle()
	core.fail = errors.New("busy")
	scene.Loop.Hold()
	s.ReadStatus()
	s.ReadStatus() // something changed meanwhile
	s.ReadStatus()
	reads := core.reads
	scene.Loop.Release()
	core.snap.Unread = 77
	scene.Settle()
	if core.reads != reads+2 {
		t.Fatalf("%d readings", core.reads-reads)
	}
	core.fail = nil
	s.ReadStatus()
	scene.Settle()
	if s.Snapshot().Unread != 77 {
		t.Errorf("%d unread", s.Snapshot().Unread)
	}
}

// TestNothingIsLeftBehind opens and leaves frames: no goroutine stays, and nothing is read for one that is gone.
func TestNothingIsLeftBehind(t *testing.T) {
	listening := func() int {
		stacks := make([]byte, 1<<20)
		return strings.Count(string(stacks[:runtime.Stack(stacks, true)]), "ui.(*Shell).Listen.func1(")
	}
	ctx, leave := context.WithCancel(t.Context())
	core := newFake()
	bus := &live.Bus{}
	test.NewTempApp(t)
	kit.Synchronous(true)
	defer kit.Synchronous(false)
	var frames []*Shell
	for range 5 {
		s := NewShell(ctx, test.NewWindow(nil), Services{Status: core, Search: core.Search, Changes: bus}, []Room{{ID: "mail", Title: "ui.mail", Make: func(*Shell) Page { return newBlank() }}})
		s.Show("mail")
		s.Listen()
		frames = append(frames, s)
	}
	for deadline := time.Now().Add(10 * time.Second); listening() != 5 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	if n := listening(); n != 5 {
		t.Fatalf("%d goroutines listen", n)
	}
	leave()
	for deadline := time.Now().Add(10 * time.Second); listening() > 0 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	if n := listening(); n > 0 {
		t.Fatalf("%d goroutines are left", n)
	}
	reads := core.reads
	frames[0].Changed(live.All)
	frames[0].ShowError(errors.New("late"))
	if core.reads != reads || frames[0].stage.AlertTitle() != "" {
		t.Error("a frame that is gone still reads or shows")
	}
}

// TestPanesWithoutRoomAreSkipped goes round with F6 and back with Shift+F6 while a pane is hidden.
func TestPanesWithoutRoomAreSkipped(t *testing.T) {
	s, _, mail := testShell(t, fyne.NewSize(1440, 900))
	keys := kittest.NewKeys(t)
	a, b, c := kit.NewEntry("a"), kit.NewEntry("b"), kit.NewEntry("c")
	hidden := container.NewStack(b)
	mail.panes, mail.content = []fyne.Focusable{a, b, c}, container.NewVBox(a, hidden, c)
	s.Show("mail")
	around := func(step func()) []fyne.Focusable {
		var seen []fyne.Focusable
		for range 5 {
			step()
			seen = append(seen, s.win.Canvas().Focused())
		}
		return seen
	}
	forth := func() { press(s, fyne.KeyF6) }
	back := func() { keys.Hold(fyne.KeyModifierShift, func() { press(s, fyne.KeyF6) }) }
	s.win.Canvas().Focus(a)
	all := around(forth)
	if all[0] != b || all[1] != c || all[2] != s.search.field.Entry || all[4] != a {
		t.Fatalf("F6 goes to %v", all)
	}
	hidden.Hide()
	s.win.Canvas().Focus(a)
	if got := around(forth); got[0] != c || got[1] != s.search.field.Entry || got[3] != a {
		t.Fatalf("with a hidden pane F6 goes to %v", got)
	}
	s.win.Canvas().Focus(c)
	if got := around(back); got[0] != a || got[2] != s.search.field.Entry || got[3] != c {
		t.Fatalf("Shift+F6 goes to %v", got)
	}
	hidden.Show()
	s.focusPage()
	if s.win.Canvas().Focused() != b {
		t.Errorf("the page gets the keyboard at %T", s.win.Canvas().Focused())
	}
	mail.panes = nil
	s.focusPage()
	if s.win.Canvas().Focused() != nil {
		t.Errorf("a page without panes has the keyboard at %T", s.win.Canvas().Focused())
	}
}

// cycler is a page that moves the keyboard by itself.
type cycler struct {
	*blank
	left int
}

func (c *cycler) NextPane(int) bool { c.left--; return c.left >= 0 }

func TestAPageMayMoveTheKeyboardItself(t *testing.T) {
	s, _, _ := testShell(t, fyne.NewSize(1024, 700))
	c := &cycler{newBlank(), 2}
	s.room("tasks").page = c
	s.nextPane(1) // without a page there is nothing to do
	s.Show("tasks")
	for range 3 {
		press(s, fyne.KeyF6)
	}
	if s.win.Canvas().Focused() != s.search.field.Entry {
		t.Errorf("the keyboard is on %T", s.win.Canvas().Focused())
	}
}

func TestExplainedAndPlainErrors(t *testing.T) {
	s, _, _, scene := slowShell(t)
	s.ShowError(errors.New("plain"))
	title, _ := app.Explain(errors.New("plain"))
	if s.stage.AlertTitle() != title {
		t.Errorf("says %q", s.stage.AlertTitle())
	}
	s.Explain = nil
	s.ShowError(errors.New("without words"))
	if s.stage.AlertTitle() != "without words" {
		t.Errorf("says %q", s.stage.AlertTitle())
	}
	s.Undo = func(context.Context) (string, error) { return "", errors.New("nothing to undo") }
	s.Undone()
	scene.Settle()
	if s.stage.AlertTitle() != "nothing to undo" || s.stage.ToastWords() != "" {
		t.Errorf("alert %q, toast %q", s.stage.AlertTitle(), s.stage.ToastWords())
	}
	s.ToastUndo("3 Mails verschoben")
	if s.stage.ToastWords() != "3 Mails verschoben" {
		t.Errorf("toast %q", s.stage.ToastWords())
	}
}

// TestWhatIsFoundHasItsOwnGlyph: a folder is no file.
func TestWhatIsFoundHasItsOwnGlyph(t *testing.T) {
	seen := map[string]bool{}
	for _, h := range []Hit{{Kind: "mail"}, {Kind: "files"}, {Kind: "tasks"}, {Kind: "files", Dir: true}} {
		icon := (hitRow{Hit: h}).icon()
		if icon == "" || seen[icon] {
			t.Errorf("%+v looks like %q", h, icon)
		}
		seen[icon] = true
	}
}
