// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"kontor/app/i18n"
)

// TestAHostTellsWhatItDid runs changes that work and that fail.
func TestAHostTellsWhatItDid(t *testing.T) {
	win := scene(t, Heading("Seite"), 500, 300)
	var told []string
	h := Host{
		Window: win, Toast: func(words, action string, act func()) { told = append(told, "toast "+words+" "+action); act() },
		ShowError: func(err error) { told = append(told, "error "+err.Error()) }, Undo: func() { told = append(told, "undo") },
	}
	h.Fill()
	after := func() { told = append(told, "then") }
	for _, c := range []struct {
		words string
		err   error
		want  []string
	}{
		{"3 gelöscht", nil, []string{"toast 3 gelöscht " + i18n.T("ui.undo"), "undo", "then"}},
		{"", nil, []string{"then"}},
		{"3 gelöscht", errors.New("voll"), []string{"error voll"}},
	} {
		told = nil
		h.Change(c.words, func(context.Context) error { return c.err }, after)
		if !slices.Equal(told, c.want) {
			t.Errorf("%+v told %q", c, told)
		}
	}
	var bare Host
	bare.Fill()
	bare.Change("Wort", func(context.Context) error { return errors.New("egal") }, nil) // nobody listens
	bare.Change("Wort", func(context.Context) error { return nil }, func() { told = nil })
	bare.Undo()
	if told != nil || bare.Now().IsZero() {
		t.Error("a host without functions does not work")
	}
}

// TestANameIsAskedFor by keys and by the mouse: what is empty or unchanged changes nothing.
func TestANameIsAskedFor(t *testing.T) {
	for _, c := range []struct {
		name, typed string
		end         func(t *testing.T, win fyne.Window, e *Entry)
		want        string
	}{
		{"Enter", "Neuer Name", pressKey(fyne.KeyReturn), "Neuer Name"},
		{"Escape", "Neuer Name", pressKey(fyne.KeyEscape), ""},
		{"unchanged", "Alt", pressKey(fyne.KeyReturn), ""},
		{"empty", "  ", pressKey(fyne.KeyReturn), ""},
		{"with spaces", "  Neu  ", pressKey(fyne.KeyReturn), "Neu"},
		{"the button", "Neu", pressButton("ui.apply"), "Neu"},
		{"the other button", "Neu", pressButton("ui.cancel"), ""},
	} {
		win := scene(t, Heading("Seite"), 600, 400)
		got := ""
		h := Host{Window: win}
		h.AskName("Ordner umbenennen", "Alt", func(name string) { got = name })
		e, ok := win.Canvas().Focused().(*Entry)
		if !ok || e.SelectedText() != "Alt" {
			t.Fatalf("%s: the keyboard is on %T", c.name, win.Canvas().Focused())
		}
		test.Type(e, c.typed)
		c.end(t, win, e)
		if got != c.want || win.Canvas().Overlays().Top() != nil {
			t.Errorf("%s: %q, still open %v", c.name, got, win.Canvas().Overlays().Top() != nil)
		}
	}
}

func pressKey(name fyne.KeyName) func(*testing.T, fyne.Window, *Entry) {
	return func(_ *testing.T, _ fyne.Window, e *Entry) { e.TypedKey(key(name)) }
}

func pressButton(words string) func(*testing.T, fyne.Window, *Entry) {
	return func(t *testing.T, win fyne.Window, _ *Entry) {
		for _, o := range test.LaidOutObjects(win.Canvas().Overlays().Top()) {
			if b, ok := o.(*widget.Button); ok && b.Text == i18n.T(words) {
				test.Tap(b)
				return
			}
		}
		t.Errorf("no button %q", i18n.T(words))
	}
}

// TestAWholeSourceFitsTogether reads number and rows in one go, also while it is read anew on another goroutine.
func TestAWholeSourceFitsTogether(t *testing.T) {
	n := 10
	var mu sync.Mutex
	fail := error(nil)
	w := NewWhole(func(context.Context) ([]thing, error) {
		mu.Lock()
		defer mu.Unlock()
		return things(n), fail
	})
	ctx := t.Context()
	if rows, err := w.Window(ctx, 0, 5); err != nil || len(rows) != 0 {
		t.Errorf("before it was read: %v, %v", rows, err)
	}
	if got, err := w.Count(ctx); err != nil || got != 10 {
		t.Fatal(got, err)
	}
	mu.Lock()
	n = 3
	mu.Unlock()
	if rows, err := w.Window(ctx, 8, 5); err != nil || len(rows) != 2 || rows[0].id != 9 {
		t.Errorf("the rows do not fit to the number: %v, %v", rows, err)
	}
	mu.Lock()
	fail = errors.New("voll")
	mu.Unlock()
	if _, err := w.Count(ctx); err == nil || len(w.Items()) != 10 {
		t.Errorf("after a failure %d rows are left, %v", len(w.Items()), err)
	}
	mu.Lock()
	fail = nil
	mu.Unlock()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 200 {
				if _, err := w.Count(ctx); err != nil {
					t.Error(err)
				}
				if rows, err := w.Window(ctx, 0, 100); err != nil || len(rows) != 3 && len(rows) != 10 {
					t.Errorf("%d rows, %v", len(rows), err)
				}
			}
		})
	}
	all.Wait()
	l, _ := newThingList(t, 20)
	l.SelectRow(4)
	if got := Chosen(l.RowList, *l.source); len(got) != 1 || got[0].id != 5 {
		t.Errorf("chosen %v", got)
	}
	x := Heading("x")
	for _, on := range []bool{false, true, false} {
		if SetVisible(x, on); x.Visible() != on {
			t.Errorf("shown %v, not %v", x.Visible(), on)
		}
	}
}

// TestTheSearchFieldAtAnySize keeps field and shortcut inside and beside each other.
func TestTheSearchFieldAtAnySize(t *testing.T) {
	s := NewSearchField("Mail, Dateien und Aufgaben durchsuchen", "Strg+K")
	win := scene(t, s, 600, 34)
	for _, width := range []float32{600, 300, 160, 100, 40} {
		s.Resize(fyne.NewSize(width, 34))
		if s.hint.Visible() && width >= 160 && s.field.Position().X+s.field.Size().Width > s.key.Position().X+1 {
			t.Errorf("%v wide: the field ends at %v, the shortcut begins at %v", width, s.field.Position().X+s.field.Size().Width, s.key.Position().X)
		}
		if s.key.Position().X+s.key.Size().Width > width+1 {
			t.Errorf("%v wide: the shortcut ends outside", width)
		}
		win.Canvas().Capture()
	}
	bare := NewSearchField("Suchen", "")
	scene(t, bare, 300, 34)
	if bare.hint.Visible() || bare.key.Visible() {
		t.Error("a shortcut that does not exist is shown")
	}
	e := NewEntry("Ein Hinweis, der nicht in das Feld passt")
	scene(t, e, 90, 34)
	if e.AccessibilityLabel() != "Ein Hinweis, der nicht in das Feld passt" {
		t.Errorf("what is cut off is not said: %q", e.AccessibilityLabel())
	}
	e.SetPlaceHolder("Neu")
	if e.AccessibilityLabel() != "Neu" {
		t.Errorf("it says %q", e.AccessibilityLabel())
	}
}
