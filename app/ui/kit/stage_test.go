// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"kontor/app/ui/kit/kittest"
	"kontor/app/ui/theme"
)

// overlap reports whether two objects lie over each other.
func overlap(a, b fyne.CanvasObject) bool {
	ap, bp, as, bs := a.Position(), b.Position(), a.Size(), b.Size()
	return ap.X < bp.X+bs.Width && bp.X < ap.X+as.Width && ap.Y < bp.Y+bs.Height && bp.Y < ap.Y+as.Height
}

func TestToastAndAlertShareTheirPlace(t *testing.T) {
	s := NewStage(Heading("Seite"))
	win := scene(t, s, 600, 400)
	for _, size := range []fyne.Size{{Width: 600, Height: 400}, {Width: 300, Height: 400}, {Width: 1400, Height: 900}} {
		win.Resize(size)
		s.Toast("3 Nachrichten verschoben", "Rückgängig", func() {})
		s.Alert("Der Server antwortet nicht", strings.Repeat("Ihre Änderungen sind sicher gespeichert. ", 3))
		if overlap(s.toast.back, s.alert.back) || overlap(s.alert.title, s.alert.closer) || overlap(s.alert.title, s.alert.advice) || overlap(s.toast.words, s.toast.button) {
			t.Errorf("in %v they lie over each other", size)
		}
		s.Toast(strings.Repeat("Ein langer Satz, der umbrochen wird. ", 4), "Rückgängig", func() {})
		if words, back := s.toast.words, s.toast.back; words.Position().Y < back.Position().Y || words.Position().Y+words.Size().Height > back.Position().Y+back.Size().Height {
			t.Errorf("in %v the words of the toast lie beside it", size)
		}
		above := s.toast.back.Position().Y
		test.Tap(s.alert.closer)
		if s.toast.back.Position().Y <= above {
			t.Errorf("in %v the toast stays where it was", size)
		}
		s.Alert("eins", "")
		s.Alert("zwei", "")
		s.Toast("eins", "", nil)
		s.Toast("zwei", "", nil)
		if s.AlertTitle() != "zwei" || s.ToastWords() != "zwei" || len(s.layer.Objects) != 2+5+3 {
			t.Errorf("%q, %q, %d objects", s.AlertTitle(), s.ToastWords(), len(s.layer.Objects))
		}
	}
	theme.Apply(fyne.CurrentApp(), theme.Dark, 1)
	if s.alert.back.FillColor != theme.Color(theme.Surface) || s.toast.back.FillColor != theme.Color(theme.Text) {
		t.Error("they keep the colours of before")
	}
	if !s.CloseAlert() || s.CloseAlert() {
		t.Error("closing it once")
	}
}

// TestTimersEndOnlyTheirOwn ends a toast and an alert by their timers, while newer ones are shown.
func TestTimersEndOnlyTheirOwn(t *testing.T) {
	s := NewStage(Heading("Seite"))
	scene(t, s, 600, 400)
	loop := slowly(t)
	s.Toast("alt", "", nil)
	s.Alert("alt", "")
	s.toast.timer.Reset(0)
	s.alert.timer.Reset(0)
	deadline := time.Now().Add(10 * time.Second)
	for loop.waiting() < 2 && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	s.Toast("neu", "", nil)
	s.Alert("neu", "")
	loop.handOver()
	if s.ToastWords() != "neu" || s.AlertTitle() != "neu" {
		t.Fatalf("%q and %q are shown", s.ToastWords(), s.AlertTitle())
	}
	s.toast.timer.Reset(0)
	s.alert.timer.Reset(0)
	for loop.waiting() < 2 && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	loop.handOver()
	if s.ToastWords() != "" || s.AlertTitle() != "" || len(s.layer.Objects) != 2 {
		t.Fatalf("%q and %q are still shown", s.ToastWords(), s.AlertTitle())
	}
}

func TestFloatsAreReplacedAndFollowTheWindow(t *testing.T) {
	s := NewStage(Heading("Seite"))
	win := scene(t, s, 600, 400)
	s.PlaceFloat()
	half := func(size fyne.Size) (fyne.Position, fyne.Size) {
		return fyne.NewPos(size.Width/2, 0), fyne.NewSize(size.Width/2, 40)
	}
	closed := 0
	a, b := Heading("a"), Heading("b")
	s.Float(a, half, func() { closed++ })
	s.Float(b, half, func() { closed += 10 })
	if s.Floating() != fyne.CanvasObject(b) || slices.Contains(s.layer.Objects, fyne.CanvasObject(a)) {
		t.Fatal("the first one is still there")
	}
	win.Resize(fyne.NewSize(1000, 400))
	if b.Position().X != 500 || b.Size().Width != 500 || s.float.catcher.Size().Width != 1000 {
		t.Fatalf("at %v, %v wide", b.Position(), b.Size().Width)
	}
	test.TapCanvas(win.Canvas(), fyne.NewPos(100, 300))
	s.float.catcher.TappedSecondary(nil)
	s.float.catcher.Scrolled(nil)
	if closed != 20 {
		t.Fatalf("clicks beside it count %d", closed)
	}
	s.Toast("unten", "", nil)
	s.Unfloat()
	s.Unfloat()
	if s.ToastWords() == "" || len(s.layer.Objects) != 5 {
		t.Fatalf("%d objects", len(s.layer.Objects))
	}
}

// TestTipsFit shows tips at every edge of a window: on screen, whole where there is room, and gone with the pointer.
func TestTipsFit(t *testing.T) {
	b := NewIconButton("trash", "In den Papierkorb verschieben", nil)
	box := container.NewWithoutLayout(b)
	s := NewStage(box)
	win := scene(t, s, 600, 400)
	for _, width := range []float32{600, 200, 60} {
		win.Resize(fyne.NewSize(width, 400))
		for _, at := range []fyne.Position{{}, {X: width - 30}, {X: width - 30, Y: 370}, {Y: 370}, {X: width / 2, Y: 200}} {
			b.Resize(fyne.NewSize(30, 30))
			b.Move(at)
			s.tip.show(s, b, b.tip)
			p, size := s.tip.back.Position(), s.tip.back.Size()
			if p.X < 0 || p.Y < 0 || p.X+size.Width > width || p.Y+size.Height > 400 || overlap(s.tip.back, b) {
				t.Errorf("the tip of %v in %v lies at %v with %v", at, width, p, size)
			}
			if s.tip.words.Text.Text != b.tip && width == 600 {
				t.Errorf("the tip says %q", s.tip.words.Text.Text)
			}
		}
	}
	loop := slowly(t)
	b.MouseIn(nil)
	b.hint.timer.Reset(0)
	for deadline := time.Now().Add(10 * time.Second); loop.waiting() == 0 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	s.tip.hide()
	loop.handOver()
	if !s.tip.back.Visible() {
		t.Fatal("the pointer rests on the button, but no tip is shown")
	}
	b.MouseOut()
	if s.tip.back.Visible() {
		t.Fatal("the pointer left, the tip did not")
	}
	b.MouseIn(nil)
	test.Tap(b)
	if b.hint.timer != nil {
		t.Error("a button that was pressed needs no tip")
	}
	NewPlain("a", "", nil).MouseIn(nil) // without a tip there is nothing to wait for
}

func TestTheFirstFrameIsToldOnce(t *testing.T) {
	s := NewStage(Heading("Seite"))
	var told atomic.Int32
	s.OnFirstFrame(func() { told.Add(1) })
	win := scene(t, s, 200, 100)
	loop := slowly(t)
	for range 3 {
		win.Canvas().Capture()
	}
	for deadline := time.Now().Add(10 * time.Second); loop.waiting() == 0 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	loop.handOver()
	if told.Load() != 1 {
		t.Errorf("told %d times", told.Load())
	}
	if stageOf(s) != s {
		t.Error("the stage of the window is not found")
	}
	win.SetContent(Heading("keine"))
	if stageOf(s) != nil {
		t.Error("a window without a stage")
	}
}

// TestFocusOfWhatIsShown: the newest wish for the keyboard wins.
func TestFocusOfWhatIsShown(t *testing.T) {
	a, b := NewEntry("a"), NewEntry("b")
	win := scene(t, container.NewVBox(a, b), 200, 100)
	Focus(a)
	Focus(b)
	if win.Canvas().Focused() != b {
		t.Errorf("the keyboard is on %T", win.Canvas().Focused())
	}
	focusSoon(a, focusCalls.Load()-1, focusTries) // an older wish that comes late
	if win.Canvas().Focused() != b {
		t.Error("an older wish took the keyboard")
	}
	PassShortcut(a, &fyne.ShortcutCopy{}) // a canvas that takes none
}

func TestLoadHandsOver(t *testing.T) {
	loop := slowly(t)
	var got []string
	Load(func() (string, error) { return "eins", nil }, func(s string, err error) { got = append(got, s) })
	Act(func() error { return errors.New("zwei") }, func(err error) { got = append(got, err.Error()) })
	if len(got) != 0 {
		t.Fatal("it was done at once")
	}
	loop.finish(1)
	loop.finish(0)
	if !slices.Equal(got, []string{"zwei", "eins"}) {
		t.Fatalf("got %v", got)
	}
	RunWith(nil)
	Synchronous(true)
	defer Synchronous(false)
	Act(func() error { return nil }, func(error) { got = nil })
	if got != nil {
		t.Error("synchronous work was not done at once")
	}
	Synchronous(false)
	done := make(chan bool, 1)
	Go(func() { done <- true })
	<-done
}

func TestMenusLead(t *testing.T) {
	b := NewPlain("Mehr", "", nil)
	win := scene(t, container.NewVBox(b), 300, 300)
	PopUp(b, fyne.NewPos(0, 0))
	if win.Canvas().Overlays().Top() != nil {
		t.Fatal("an empty menu was opened")
	}
	chosen := ""
	items := []MenuItem{
		{Label: "Aus", Disabled: true, Act: func() { chosen = "aus" }},
		{},
		{Label: "Verschieben", Children: []MenuItem{{Label: "Archiv", Icon: "archive", Act: func() { chosen = "archiv" }}}},
	}
	m := menu(items)
	if len(m.Items) != 3 || !m.Items[0].Disabled || !m.Items[1].IsSeparator || m.Items[2].ChildMenu.Items[0].Icon == nil {
		t.Fatalf("%v", m.Items)
	}
	PopUpBelow(b, items...)
	for _, k := range []fyne.KeyName{fyne.KeyDown, fyne.KeyReturn} {
		win.Canvas().Focused().TypedKey(key(k))
	}
	if chosen != "" {
		t.Errorf("chose %q, which cannot be chosen", chosen)
	}
	PopUpBelow(b, items[2:]...)
	for _, k := range []fyne.KeyName{fyne.KeyDown, fyne.KeyRight, fyne.KeyReturn} {
		win.Canvas().Focused().TypedKey(key(k))
	}
	if chosen != "archiv" {
		t.Errorf("chose %q", chosen)
	}
	PopUpBelow(b, items...)
	win.Canvas().Focused().TypedKey(key(fyne.KeyEscape))
	if win.Canvas().Overlays().Top() != nil {
		t.Error("Escape does not close the menu")
	}
}

// TestFieldsLetTheWindowHaveItsKeys types into a field: letters and editing stay, the window's keys go on.
func TestFieldsLetTheWindowHaveItsKeys(t *testing.T) {
	e := NewEntry("Betreff")
	win := scene(t, container.NewVBox(e), 300, 80)
	keys := kittest.NewKeys(t)
	passed := []string{}
	win.Canvas().SetOnTypedKey(func(ev *fyne.KeyEvent) { passed = append(passed, string(ev.Name)) })
	used := fyne.KeyName("")
	e.OnKey = func(ev *fyne.KeyEvent) bool { used = ev.Name; return ev.Name == fyne.KeyDown }
	focus := []bool{}
	e.OnFocus = func(on bool) { focus = append(focus, on) }
	win.Canvas().Focus(e)
	for _, r := range "Größe 👍" {
		e.TypedRune(r)
	}
	for _, k := range []fyne.KeyName{fyne.KeyHome, fyne.KeyRight, fyne.KeyDelete, fyne.KeyEnd, fyne.KeyBackspace, fyne.KeyDown, fyne.KeyF1, fyne.KeyF12, fyne.KeyEscape} {
		e.TypedKey(key(k))
	}
	if e.Text != "Göße " || used != fyne.KeyEscape || !slices.Equal(passed, []string{"F1", "F12", "Escape"}) {
		t.Errorf("%q, passed %v", e.Text, passed)
	}
	e.TypedShortcut(&fyne.ShortcutSelectAll{})
	if e.SelectedText() != "Göße " {
		t.Errorf("selected %q", e.SelectedText())
	}
	e.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyK, Modifier: fyne.KeyModifierControl})
	keys.Hold(shift, func() { e.TypedKey(key(fyne.KeyHome)) })
	win.Canvas().Unfocus()
	if !slices.Equal(focus, []bool{true, false}) {
		t.Errorf("told %v", focus)
	}
	p := NewPassword("Passwort")
	m := NewMultiline("Notiz")
	scene(t, container.NewVBox(p, m), 300, 300)
	test.Type(p, "geheim")
	test.Type(m, "eins\nzwei")
	if p.Text != "geheim" || !p.Password || m.Text != "eins\nzwei" {
		t.Errorf("%q, %q", p.Text, m.Text)
	}
	if Bare(e) == nil || (bare{}).Size("padding") <= 0 || (bare{}).Color("background", 0) == nil || (bare{}).Font(fyne.TextStyle{}) == nil || (bare{}).Icon("cancel") == nil {
		t.Error("a bare field has no theme")
	}
}

// TestSegmentsNeverLeaveTheirValues presses keys beyond both ends and clicks beside everything.
func TestSegmentsNeverLeaveTheirValues(t *testing.T) {
	var told []string
	s := NewSegments("Farben", "nicht dabei", []Option{{"a", "Hell"}, {"b", "Dunkel"}, {"c", "System"}}, func(id string) { told = append(told, id) })
	win := scene(t, container.NewVBox(s), 400, 60)
	for _, k := range []fyne.KeyName{fyne.KeyLeft, fyne.KeyRight, fyne.KeyDown, fyne.KeyRight, fyne.KeyUp, fyne.KeyEnd, fyne.KeyHome} {
		s.TypedKey(key(k))
	}
	if !slices.Equal(told, []string{"b", "c", "b", "c", "a"}) {
		t.Errorf("told %v", told)
	}
	s.Set("b")
	s.Set("nicht dabei")
	s.TypedRune('x')
	test.TapAt(s, fyne.NewPos(395, 5))
	if s.Chosen() != "b" || len(told) != 5 || win.Canvas().Focused() != s {
		t.Errorf("%q, told %v", s.Chosen(), told)
	}
	none := NewSegments("nichts", "", nil, nil)
	scene(t, none, 100, 40)
	none.TypedKey(key(fyne.KeyRight))
	if none.Chosen() != "" || none.AccessibilityLabel() != "nichts" {
		t.Errorf("without values it says %q", none.AccessibilityLabel())
	}
}
