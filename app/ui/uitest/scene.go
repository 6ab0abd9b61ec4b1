// SPDX-License-Identifier: EUPL-1.2

package uitest

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"kontor/app/i18n"
	"kontor/app/live"
	"kontor/app/ui/kit"
	"kontor/app/ui/kit/kittest"
	"kontor/app/ui/theme"
	"kontor/storage"
)

// Room is a page as the window sees it.
type Room interface {
	Content() fyne.CanvasObject
	Shown()
	Hidden()
	Refresh(topics live.Topics)
}

// Toast is a sentence that the page showed, with what it offered to do.
type Toast struct {
	Words, Action string
	Do            func()
}

// Scene is a window of the test driver with one page. Toasts and errors are kept as they come.
type Scene struct {
	T      testing.TB
	Window fyne.Window
	Loop   Loop
	Toasts []Toast
	Errors []error

	room    Room
	changes *live.Subscription
}

// New makes a scene of the size of a common screen, in German, light, at 100 %.
func New(t testing.TB) *Scene {
	t.Helper()
	s := &Scene{T: t}
	app := test.NewTempApp(t)
	i18n.Use(i18n.German)
	theme.Apply(app, theme.Light, 1)
	kit.RunWith(&s.Loop)
	t.Cleanup(func() {
		kit.RunWith(nil)
		i18n.Use(i18n.German)
	})
	s.Window = app.NewWindow("")
	s.Window.SetPadded(false)
	s.Window.Resize(fyne.NewSize(1364, 820)) // 1440x900 without the rail and the bars
	return s
}

// Toast is what a page shows its toasts with.
func (s *Scene) Toast(words, action string, do func()) {
	s.Toasts = append(s.Toasts, Toast{words, action, do})
}

// ShowError is what a page shows its errors with.
func (s *Scene) ShowError(err error) {
	if err != nil {
		s.Errors = append(s.Errors, err)
	}
}

// LastToast is the newest toast, empty before the first.
func (s *Scene) LastToast() Toast {
	if len(s.Toasts) == 0 {
		return Toast{}
	}
	return s.Toasts[len(s.Toasts)-1]
}

// TakeErrors gives the errors that were shown and forgets them.
func (s *Scene) TakeErrors() []error {
	all := s.Errors
	s.Errors = nil
	return all
}

// Follow hands the changes of a store to the page, as the window does.
func (s *Scene) Follow(db *storage.DB) {
	s.changes = db.Changes().Subscribe(live.All)
	s.T.Cleanup(s.changes.Close)
}

// Enter shows a page and lets it read.
func (s *Scene) Enter(r Room) {
	s.T.Helper()
	s.Settle() // what happened before is no news to the page
	if s.room != nil {
		s.room.Hidden()
	}
	s.room = r
	size := s.Window.Canvas().Size()
	s.Window.SetContent(kit.NewStage(r.Content()))
	s.Window.Resize(size)
	r.Shown()
	s.Settle()
}

// settleLimit is far more than any page needs: one that reads because it has read would go on forever.
const settleLimit = 20_000

// Settle does all background work, hands over what it came to, and tells the page what changed in the store, until
// nothing is left to do.
func (s *Scene) Settle() {
	s.T.Helper()
	for range settleLimit {
		if s.Loop.step() {
			continue
		}
		select {
		case topics, open := <-s.news():
			if open && s.room != nil {
				s.room.Refresh(topics)
				continue
			}
			if open {
				continue
			}
			return
		default:
			return
		}
	}
	s.T.Fatal("the page never comes to rest")
}

func (s *Scene) news() <-chan live.Topics {
	if s.changes == nil {
		return nil
	}
	return s.changes.C()
}

// Look changes language, colours and text size, as the settings do.
func (s *Scene) Look(mode theme.Mode, text float32) {
	theme.Apply(fyne.CurrentApp(), mode, text)
	s.Window.Canvas().Content().Refresh()
	s.Settle()
}

// Resize gives the page another size.
func (s *Scene) Resize(w, h float32) {
	s.Window.Resize(fyne.NewSize(w, h))
	s.Settle()
}

// Picture writes what the window shows where KONTOR_PICTURES names a folder.
func (s *Scene) Picture(name string) {
	s.T.Helper()
	kittest.Picture(s.T, s.Window, name)
}

// ForPictures skips the test unless somebody wants to look at pictures.
func ForPictures(t testing.TB) {
	t.Helper()
	kittest.ForPictures(t)
}

// Step does one piece of work that Hold keeps back, and hands over what it came to.
func (s *Scene) Step() {
	s.Loop.held = false
	s.Loop.step()
	s.Loop.held = true
	s.Settle()
}
