// SPDX-License-Identifier: EUPL-1.2

package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"pgregory.net/rapid"

	"kontor/app/i18n"
	"kontor/app/live"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// overlaps lists the parts of the frame that lie over each other or beside the window.
func overlaps(s *Shell, size fyne.Size) (wrong []string) {
	type part struct {
		name string
		at   fyne.Position
		size fyne.Size
	}
	top := s.top.Position()
	parts := []part{
		{"rail", s.rail.Position(), s.rail.Size()},
		{"page", s.holder.Position(), s.holder.Size()},
		{"status bar", s.bar.Position(), s.bar.Size()},
		{"search", top.Add(s.search.field.Position()), s.search.field.Size()},
		{"pill", top.Add(s.pill.Position()), s.pill.Size()},
		{"avatar", top.Add(s.avatar.Position()), s.avatar.Size()},
	}
	for i, a := range parts {
		if a.at.X < 0 || a.at.Y < 0 || a.at.X+a.size.Width > size.Width+1 || a.at.Y+a.size.Height > size.Height+1 {
			wrong = append(wrong, fmt.Sprintf("%s at %v with %v", a.name, a.at, a.size))
		}
		for _, b := range parts[:i] {
			if a.at.X < b.at.X+b.size.Width-0.5 && b.at.X < a.at.X+a.size.Width-0.5 && a.at.Y < b.at.Y+b.size.Height-0.5 && b.at.Y < a.at.Y+a.size.Height-0.5 {
				wrong = append(wrong, a.name+" lies over "+b.name)
			}
		}
	}
	return wrong
}

// TestTheFrameFitsAnyWindow lays the frame out in windows from the smallest to a very large one, with text from 100 to
// 200 % and any state of the connection.
func TestTheFrameFitsAnyWindow(t *testing.T) {
	s, core, _ := testShell(t, fyne.NewSize(1440, 900))
	s.Show("mail")
	defer theme.Apply(fyne.CurrentApp(), theme.Light, 1)
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.SampledFrom([]float32{1, 1.25, 1.5, 2}).Draw(r, "text")
		lang := rapid.SampledFrom([]i18n.Lang{i18n.German, i18n.English}).Draw(r, "language")
		size := fyne.NewSize(float32(rapid.IntRange(640, 3000).Draw(r, "width"))*max(text, 1), float32(rapid.IntRange(400, 2000).Draw(r, "height"))*text)
		core.snap.Waiting, core.snap.Conflicts = rapid.IntRange(0, 5000).Draw(r, "waiting"), rapid.IntRange(0, 5).Draw(r, "conflicts")
		core.snap.Offline = rapid.Bool().Draw(r, "offline")
		i18n.Use(lang)
		theme.Apply(fyne.CurrentApp(), theme.Light, text)
		s.win.Resize(size)
		s.ReadStatus()
		if wrong := overlaps(s, size); len(wrong) > 0 {
			r.Fatalf("%v at %.0f %%: %v", size, text*100, wrong)
		}
	})
	i18n.Use(i18n.German)
	s.pill.Move(fyne.NewPos(0, 0))
	if len(overlaps(s, fyne.NewSize(1, 1))) == 0 {
		t.Error("the test cannot find parts beside the window")
	}
}

func TestTheSmallestWindow(t *testing.T) {
	s, _, _ := testShell(t, fyne.NewSize(480, 320))
	s.Show("mail")
	for _, text := range []float32{1, 2} {
		theme.Apply(fyne.CurrentApp(), theme.Light, text)
		for _, size := range []fyne.Size{{Width: 480, Height: 320}, {Width: 100, Height: 100}, {}} {
			s.win.Content().Resize(size)
			s.win.Canvas().Capture()
		}
	}
	theme.Apply(fyne.CurrentApp(), theme.Light, 1)
}

// TestTheFrameByKeys goes through the whole frame with Tab: everything that can be clicked is reached, says what it is,
// and acts on Enter.
func TestTheFrameByKeys(t *testing.T) {
	s, _, _ := testShell(t, fyne.NewSize(1440, 900))
	s.Show("mail")
	s.win.Canvas().Unfocus()
	var said []string
	for range 20 {
		s.win.Canvas().FocusNext()
		a, ok := s.win.Canvas().Focused().(fyne.Accessible)
		if !ok || a.AccessibilityLabel() == "" || a.AccessibilityRole() == "" {
			t.Fatalf("%T says nothing", s.win.Canvas().Focused())
		}
		if slices.Contains(said, a.AccessibilityLabel()) {
			break
		}
		said = append(said, a.AccessibilityLabel())
	}
	for _, want := range []string{"Heute", "Mail, 12", "Abgleich, 3", "Lena Brandt, Optionen", "Mail, Dateien und Aufgaben durchsuchen"} {
		if !slices.Contains(said, want) {
			t.Errorf("Tab never comes to %q, only to %q", want, said)
		}
	}
	s.win.Canvas().Focus(s.avatar)
	if !s.avatar.ring.Visible() {
		t.Error("nobody sees that the badge has the keyboard")
	}
	s.avatar.TypedRune('x')
	s.avatar.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if s.Current() != "options" {
		t.Errorf("Enter on the badge leads to %q", s.Current())
	}
	s.Show("mail")
	test.Tap(s.avatar)
	if s.Current() != "options" {
		t.Errorf("a click on the badge leads to %q", s.Current())
	}
	passed := false
	s.win.Canvas().SetOnTypedKey(func(*fyne.KeyEvent) { passed = true })
	s.avatar.TypedKey(&fyne.KeyEvent{Name: fyne.KeyF6})
	if !passed {
		t.Error("the badge keeps F6")
	}
	if got := s.bar.AccessibilityLabel(); !strings.Contains(got, "offline verfügbar") || s.bar.AccessibilityRole() == "" {
		t.Errorf("the status bar says %q", got)
	}
}

// TestThePillLeads opens the menu of the pill by keys and chooses each line.
func TestThePillLeads(t *testing.T) {
	s, core, _ := testShell(t, fyne.NewSize(1440, 900))
	s.Show("mail")
	for _, c := range []struct {
		downs int
		want  func() bool
	}{
		{1, func() bool { return core.last() == "sync" }},
		{2, func() bool { return core.last() == "offline true" }},
		{2, func() bool { return core.last() == "offline false" }},
		{3, func() bool { return s.Current() == "sync" }},
	} {
		s.pill.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
		menu := s.win.Canvas().Focused()
		for range c.downs {
			menu.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
		}
		menu.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
		if !c.want() {
			t.Errorf("line %d: did %q, on %q", c.downs, core.last(), s.Current())
		}
	}
}

// TestEveryShortcutIsItsOwn finds two actions on one key, and keys that have no words.
func TestEveryShortcutIsItsOwn(t *testing.T) {
	s, _, _ := testShell(t, fyne.NewSize(1024, 700))
	for _, lang := range []i18n.Lang{i18n.German, i18n.English} {
		i18n.Use(lang)
		seen := map[string]string{}
		for _, a := range s.actions() {
			if other, taken := seen[a.Keys()]; taken && a.Keys() != "" {
				t.Errorf("%s: %q and %q are both on %s", lang, a.Title, other, a.Keys())
			}
			seen[a.Keys()] = a.Title
			if strings.Contains(a.Keys(), "ui.key") || strings.HasPrefix(a.Title, "ui.") || !a.Silent && !theme.HasIcon(a.Icon) {
				t.Errorf("%s: %q on %q with %q", lang, a.Title, a.Keys(), a.Icon)
			}
			if a.Mod&fyne.KeyModifierControl != 0 && a.Mod&fyne.KeyModifierAlt != 0 {
				t.Errorf("%q is AltGr on German keyboards", a.Title)
			}
		}
	}
	i18n.Use(i18n.German)
	for want, a := range map[string]Action{
		"": {}, "Entf": {Key: fyne.KeyDelete}, "Umschalt+F6": {Key: fyne.KeyF6, Mod: fyne.KeyModifierShift}, "Strg+Eingabe": {Key: fyne.KeyReturn, Mod: Ctrl},
		"Alt+Einfg": {Key: fyne.KeyInsert, Mod: fyne.KeyModifierAlt}, "Esc": {Key: fyne.KeyEscape}, "Strg+Y": {Key: fyne.KeyY, Mod: Ctrl},
	} {
		if a.Keys() != want {
			t.Errorf("%+v is written as %q, not %q", a, a.Keys(), want)
		}
	}
	if _, ok := (Action{Key: fyne.KeyY, Mod: Ctrl}).shortcut().(*fyne.ShortcutRedo); !ok {
		t.Error("Ctrl+Y is not what the toolkit calls redo")
	}
}

// TestAPageCannotTakeTheWindowsKeys: the window's own shortcuts come first, and its keys are free again afterwards.
func TestAPageCannotTakeTheWindowsKeys(t *testing.T) {
	s, core, mail := testShell(t, fyne.NewSize(1024, 700))
	mail.actions = []Action{
		{Title: "x", Key: fyne.KeyK, Mod: Ctrl, Do: func() { core.note("stolen") }},
		{Title: "nothing", Key: fyne.KeyJ, Mod: Ctrl},
		{Title: "shifted", Key: fyne.KeyF8, Mod: fyne.KeyModifierShift, Do: func() { core.note("shift") }},
	}
	s.Show("mail")
	shortcut(s, fyne.KeyK, Ctrl)
	shortcut(s, fyne.KeyJ, Ctrl)
	press(s, fyne.KeyF8)
	if core.last() == "stolen" || core.last() == "shift" || s.win.Canvas().Focused() != s.search.field.Entry {
		t.Errorf("did %q", core.last())
	}
	s.Show("files")
	s.Show("no such page")
	if s.Current() != "files" {
		t.Errorf("on %q", s.Current())
	}
}

func TestPaletteFinds(t *testing.T) {
	s, core, mail := testShell(t, fyne.NewSize(1440, 900))
	mail.actions = []Action{{Title: "Allen antworten", Icon: "reply", Do: func() { core.note("all") }}, {Title: "Antworten", Do: func() { core.note("reply") }}, {Title: "Still", Silent: true}}
	s.Show("mail")
	open := func() *kit.Entry {
		shortcut(s, fyne.KeyP, CtrlShift)
		return s.win.Canvas().Focused().(*kit.Entry)
	}
	for words, want := range map[string]string{"ALLEN": "all", "worten all": "all", "": "all"} {
		e := open()
		test.Type(e, words)
		e.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
		if core.last() != want {
			t.Errorf("%q did %q, not %q", words, core.last(), want)
		}
		core.note("none")
	}
	e := open()
	test.Type(e, "gibt es nicht")
	e.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if core.last() != "none" || s.stage.Floating() == nil {
		t.Errorf("nothing fits, but it did %q", core.last())
	}
	e.SetText("")
	for _, k := range []fyne.KeyName{fyne.KeyDown, fyne.KeyPageDown, fyne.KeyPageUp, fyne.KeyUp, fyne.KeyDown, fyne.KeyReturn} {
		e.TypedKey(&fyne.KeyEvent{Name: k})
	}
	if core.last() != "reply" {
		t.Errorf("the second line did %q", core.last())
	}
	open()
	test.TapCanvas(s.win.Canvas(), fyne.NewPos(10, 800))
	if s.stage.Floating() != nil {
		t.Error("a click beside it does not close it")
	}
	press(s, fyne.KeyF1)
	for _, a := range s.allActions() {
		if a.Silent {
			t.Errorf("%q is shown", a.Title)
		}
	}
	s.Show("sync")
	if s.stage.Floating() != nil {
		t.Error("another page below the list of shortcuts")
	}
}

// TestHitsInEveryState paints results of every kind, with and without a date, in every look.
func TestHitsInEveryState(t *testing.T) {
	s, core, _ := testShell(t, fyne.NewSize(700, 500))
	core.hits = append(core.hits, Hit{Kind: "tasks", ID: 14, Title: strings.Repeat("Ein sehr langer Titel ", 20)}, Hit{Kind: "unknown", ID: 15})
	s.Show("mail")
	s.SearchFor("Lindenstraße")
	var words []string
	for _, mode := range []theme.Mode{theme.Light, theme.Dark, theme.Contrast} {
		theme.Apply(fyne.CurrentApp(), mode, 1)
		s.win.Canvas().Capture()
	}
	line := newHitLine(s.Now)
	for _, row := range s.search.rows {
		line.Paint(row, fyne.NewSize(400, 46), kit.RowState{})
		for _, o := range line.Objects() {
			if text, ok := o.(*canvas.Text); ok && text.Visible() && text.Text != "" {
				words = append(words, text.Text)
				if text.Position().X+fyne.MeasureText(text.Text, text.TextSize, text.TextStyle).Width > 401 {
					t.Errorf("%q does not fit", text.Text)
				}
			}
		}
	}
	all := strings.Join(words, "|")
	for _, want := range []string{"MAIL", "DATEIEN", "AUFGABEN", "Posteingang · anbei", "09:42"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not shown: %s", want, all)
		}
	}
	if n := len(s.search.rows); n != 7 {
		t.Errorf("%d rows: what has no kind is not shown", n)
	}
	theme.Apply(fyne.CurrentApp(), theme.Light, 1)
}

// TestALotOfChangesIsOneReading: while the status is being read, any number of changes ask for one more.
func TestALotOfChangesIsOneReading(t *testing.T) {
	s, core, _, scene := slowShell(t)
	s.Show("mail")
	scene.Settle()
	before := core.reads
	scene.Loop.Hold()
	for range 500 {
		s.Changed(live.Mail)
	}
	scene.Loop.Release()
	scene.Settle()
	if n := core.reads - before; n != 2 {
		t.Errorf("%d readings for 500 changes", n)
	}
}
