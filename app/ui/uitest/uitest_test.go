// SPDX-License-Identifier: EUPL-1.2

package uitest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"kontor/app/live"
	"kontor/app/ui/kit"
)

// verdict notes what a helper says about a test, in place of letting it fail.
type verdict struct {
	testing.TB
	said []string
}

func (v *verdict) Helper() {}

func (v *verdict) Errorf(format string, args ...any) {
	v.said = append(v.said, fmt.Sprintf(format, args...))
}

func (v *verdict) Fatalf(format string, args ...any) {
	v.Errorf(format, args...)
	panic(v)
}

func (v *verdict) Fatal(args ...any) { v.Fatalf("%s", fmt.Sprint(args...)) }

// judge runs something that may let the test fail, and gives what it says.
func (s *Scene) judge(f func()) []string {
	t := s.T
	v := &verdict{TB: t}
	s.T = v
	defer func() {
		s.T = t
		if p := recover(); p != nil && p != any(v) {
			panic(p)
		}
	}()
	f()
	return v.said
}

// judged is judge for what ends the test.
func judged(s *Scene, f func()) (said string) {
	v := &verdict{TB: s.T}
	t := s.T
	s.T = v
	defer func() {
		s.T = t
		_ = recover()
		said = strings.Join(v.said, "|")
	}()
	f()
	return said
}

// room is a page of any content.
type room struct {
	fyne.CanvasObject
	again func()
}

func (r room) Content() fyne.CanvasObject { return r.CanvasObject }
func (r room) Shown()                     {}
func (r room) Hidden()                    {}
func (r room) Refresh(live.Topics)        { r.again() }

func words(text string, x, y, w float32) *canvas.Text {
	t := canvas.NewText(text, nil)
	t.Move(fyne.NewPos(x, y))
	t.Resize(fyne.NewSize(w, 20))
	return t
}

// TestMisfitsAreFound lays words down wrongly in each way.
func TestMisfitsAreFound(t *testing.T) {
	s := New(t)
	for want, o := range map[string][]fyne.CanvasObject{
		"wide in a place of":   {words("viel zu lange Wörter", 0, 0, 20)},
		"beside what is shown": {words("am Rand", 1350, 0, 200)},
		"lies over":            {words("unten", 10, 10, 100), words("oben", 12, 12, 100)},
		"":                     {words("eins", 10, 10, 100), words("zwei", 10, 40, 100)},
		"an icon of 40 ends be": {func() fyne.CanvasObject {
			i := canvas.NewImageFromResource(nil)
			i.Move(fyne.NewPos(1350, 0))
			i.Resize(fyne.NewSquareSize(40))
			return i
		}()},
	} {
		s.Enter(room{container.NewWithoutLayout(o...), nil})
		got := strings.Join(s.Misfits(), "|")
		if !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("want %q, found %q", want, got)
		}
	}
}

// TestTheWatchBarks at calls on the UI goroutine, and at no others; it lets calls fail and counts them.
func TestTheWatchBarks(t *testing.T) {
	s := New(t)
	v := &verdict{TB: t}
	w := s.Watch()
	w.t = v
	call := func() error { return w.Do("Save", func() error { return nil }) }
	if err := call(); err != nil || len(v.said) != 1 {
		t.Fatalf("said %q", v.said)
	}
	boom := errors.New("boom")
	w.Fail("Save", boom)
	var got error
	kit.Act(call, func(err error) { got = err })
	s.Settle()
	if !errors.Is(got, boom) || len(v.said) != 1 {
		t.Fatalf("%v, said %q", got, v.said)
	}
	if calls := w.Calls("Save"); len(calls) != 2 || len(w.Calls("Save")) != 0 {
		t.Fatalf("%q", calls)
	}
}

// TestWorkWaits until it is let go, in the order that is asked for.
func TestWorkWaits(t *testing.T) {
	s := New(t)
	var order []string
	do := func(name string) {
		kit.Act(func() error { order = append(order, "work "+name); return nil }, func(error) { order = append(order, "done "+name) })
	}
	s.Loop.Hold()
	do("a")
	do("b")
	s.Settle()
	if len(order) != 0 || s.Loop.Waiting() != 2 {
		t.Fatalf("%q", order)
	}
	s.Loop.Reverse()
	s.Step()
	s.Loop.Release()
	s.Settle()
	if !slices.Equal(order, []string{"work b", "done b", "work a", "done a"}) {
		t.Fatalf("%q", order)
	}
}

// TestAPageThatNeverRests is found out: it reads because it has read.
func TestAPageThatNeverRests(t *testing.T) {
	s := New(t)
	var again func()
	again = func() { kit.Act(func() error { return nil }, func(error) { again() }) }
	again()
	if said := judged(s, s.Settle); !strings.Contains(said, "never comes to rest") {
		t.Fatalf("said %q", said)
	}
	kit.RunWith(nil)
}

// TestClicksHitWhatLiesOnTop: a button below another one cannot be pressed, however well its words are known.
func TestClicksHitWhatLiesOnTop(t *testing.T) {
	s := New(t)
	var hit string
	below, above := kit.NewPrimary("unten", func() { hit = "unten" }), kit.NewPrimary("oben", func() { hit = "oben" })
	s.Enter(room{container.NewStack(below, above), nil})
	s.Click("unten")
	if hit != "oben" {
		t.Fatalf("hit %q", hit)
	}
	if said := judged(s, func() { s.Click("nirgends") }); !strings.Contains(said, `"nirgends" is not on screen`) {
		t.Fatalf("said %q", said)
	}
	if said := s.judge(func() { s.MustSay("oben") }); len(said) != 0 || s.Says("nirgends") || s.Button("nirgends") != nil {
		t.Fatalf("said %q", said)
	}
}

// TestFieldsAreFoundByTheirCaption and filled in place of what is there.
func TestFieldsAreFoundByTheirCaption(t *testing.T) {
	s := New(t)
	name, place := kit.NewEntry(""), kit.NewEntry("z. B. Rathaus")
	place.SetText("alt")
	s.Enter(room{container.NewVBox(kit.Caption("Name"), name, kit.Caption("Ort"), place), nil})
	s.Fill("Ort", "neu")
	s.Key(fyne.KeyTab)
	s.Type("Lena")
	if place.Text != "neu" || name.Text != "Lena" {
		t.Fatalf("%q, %q", place.Text, name.Text)
	}
	s.Fill("Ort", "")
	if place.Text != "" || s.Field("z. B. Rathaus") != place {
		t.Fatal("an empty field is found by its hint")
	}
}
