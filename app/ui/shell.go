// SPDX-License-Identifier: EUPL-1.2

package ui

import (
	"context"
	"log/slog"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/live"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// StatusCore answers what the pill and the status bar show.
type StatusCore interface {
	Snapshot(ctx context.Context) (app.Snapshot, error)
	SetOffline(ctx context.Context, on bool) error
}

// Hit is one result of the search over everything.
type Hit struct {
	Kind    string // "mail", "files" or "tasks"
	ID      int64
	Title   string
	Dir     bool // a folder among the files
	Where   string
	Snippet string
	Date    time.Time
}

// Services is what the frame of the window needs; the pages have their own.
type Services struct {
	Status  StatusCore
	Undo    func(ctx context.Context) (string, error)
	Redo    func(ctx context.Context) (string, error) // nil for none
	SyncNow func()
	Search  func(ctx context.Context, query string, limit int) ([]Hit, error)
	Behind  func(ctx context.Context) (int, error) // how much Search does not know yet; nil for nothing
	Explain func(err error) (title, advice string)
	Person  func(ctx context.Context) (string, error) // whose initials are shown
	Changes *live.Bus
	Beside  Beside // nil for none
	Log     *slog.Logger
	Now     func() time.Time
}

// Room is a page and its place on the rail.
type Room struct {
	ID    string // as in kontor --page
	Title string // key of the translations
	Icon  string
	Foot  bool // stands at the foot of the rail
	Aside bool // not on the rail: the first steps
	Make  func(s *Shell) Page
}

// Shell is the frame of the window.
type Shell struct {
	Services
	ctx   context.Context
	win   fyne.Window
	rooms []*room

	stage   *kit.Stage
	holder  *fyne.Container
	rail    *kit.Rail
	search  *searchBox
	pill    *kit.Pill
	bar     *statusBar
	avatar  *avatar
	top     *topBar
	current *room
	snap    app.Snapshot
	reading bool              // the status is being read
	again   bool              // and has changed meanwhile
	toggles int               // how often a person chose to be offline or not
	keys    []fyne.Shortcut   // of the page that is shown
	bound   map[string]func() // all shortcuts by the toolkit's name
}

type room struct {
	Room
	page  Page
	stale live.Topics // changed while the page was hidden
}

// NewShell builds the frame in a window. Pages are made when they are first shown.
func NewShell(ctx context.Context, win fyne.Window, services Services, rooms []Room) *Shell {
	s := &Shell{Services: services, ctx: ctx, win: win}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	theme.SetDeviceScale(win.Canvas().Scale())
	items := make([]kit.RailItem, 0, len(rooms))
	for _, r := range rooms {
		s.rooms = append(s.rooms, &room{Room: r})
		if !r.Aside {
			items = append(items, kit.RailItem{ID: r.ID, Label: i18n.T(r.Title), Icon: r.Icon, Bottom: r.Foot})
		}
	}
	s.rail = kit.NewRail(items, s.Show)
	s.pill = kit.NewPill(i18n.T("ui.state.none"), kit.ToneMuted, s.pillMenu)
	s.avatar = newAvatar(func() { s.Show("options") })
	s.bar = newStatusBar()
	s.search = newSearchBox(s)
	s.top = newTopBar(s.search.field, s.pill, s.avatar)
	s.holder = container.New(topmost{})
	f := frame{rail: s.rail, top: s.top, page: s.holder, bar: s.bar}
	s.stage = kit.NewStage(container.New(f, s.rail, s.top, s.holder, s.bar))
	win.SetPadded(false)
	win.SetContent(s.stage)
	s.installKeys()
	return s
}

// Window is the window the shell lives in.
func (s *Shell) Window() fyne.Window { return s.win }

// Context ends with the program.
func (s *Shell) Context() context.Context { return s.ctx }

// Current is the ID of the page that is shown.
func (s *Shell) Current() string {
	if s.current == nil {
		return ""
	}
	return s.current.ID
}

// Snapshot is the state of everything as last read.
func (s *Shell) Snapshot() app.Snapshot { return s.snap }

func (s *Shell) room(id string) *room {
	for _, r := range s.rooms {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// Page gives a page, made if it was never shown, nil for an unknown ID.
func (s *Shell) Page(id string) Page {
	r := s.room(id)
	if r == nil {
		return nil
	}
	if r.page == nil {
		r.page = r.Make(s)
	}
	return r.page
}

// Show goes to a page.
func (s *Shell) Show(id string) {
	page := s.Page(id)
	if page == nil || s.Current() == id {
		return
	}
	s.closeFloat()
	if s.current != nil {
		s.current.page.Hidden()
	}
	s.current = s.room(id)
	s.present(page.Content())
	s.rail.Select(id)
	s.win.SetTitle(i18n.T(s.current.Title) + " – Kontor")
	page.Shown()
	if stale := s.current.stale; stale != 0 {
		s.current.stale = 0
		page.Refresh(stale)
	}
	s.pageKeys()
}

// present brings the content of a page to the front. The others stay in the tree, hidden, so that a change of colours or
// text size reaches them too.
func (s *Shell) present(content fyne.CanvasObject) {
	known := false
	for _, o := range s.holder.Objects {
		if o == content {
			known = true
			o.Show()
		} else {
			o.Hide()
		}
	}
	if !known {
		s.holder.Objects = append(s.holder.Objects, content)
	}
	s.holder.Refresh()
}

// Open goes to a page and shows one of its items.
func (s *Shell) Open(id string, item int64) {
	s.Show(id)
	if o, ok := s.Page(id).(Opener); ok {
		o.Open(item)
	}
}

// Made gives the pages that have been made so far.
func (s *Shell) Made() []Page {
	var all []Page
	for _, r := range s.rooms {
		if r.page != nil {
			all = append(all, r.page)
		}
	}
	return all
}

// Stage is the content of the window.
func (s *Shell) Stage() *kit.Stage { return s.stage }

// Toast shows a sentence for some seconds, with an action if it is not empty.
func (s *Shell) Toast(words, action string, act func()) { s.stage.Toast(words, action, act) }

// ToastUndo shows what was done, and offers to undo it.
func (s *Shell) ToastUndo(words string) { s.stage.Toast(words, i18n.T("ui.undo"), s.Undone) }

// ShowError is the one place where a person sees that something went wrong.
func (s *Shell) ShowError(err error) {
	if err == nil || s.ctx.Err() != nil {
		return
	}
	s.Log.Debug("shown to the person", "error", err)
	title, advice := err.Error(), ""
	if s.Explain != nil {
		title, advice = s.Explain(err)
	}
	s.stage.Alert(title, advice)
}

// Try runs something that may wait, away from the UI goroutine, and shows its error.
func (s *Shell) Try(work func(ctx context.Context) error) {
	kit.Act(func() error { return work(s.ctx) }, s.ShowError)
}

// Undone takes the last change back and says what it was, or why not; Redone does it again.
func (s *Shell) Undone() { s.turn(s.Undo, "ui.undone", "ui.redo", s.Redone) }

// Redone does again what was taken back last.
func (s *Shell) Redone() { s.turn(s.Redo, "ui.redone", "ui.undo", s.Undone) }

// turn goes one step through the history and offers the way back. A step that went only in part, or not at all, is
// explained with what it is about.
func (s *Shell) turn(step func(context.Context) (string, error), said, back string, turnBack func()) {
	if step == nil {
		return
	}
	kit.Load(func() (string, error) { return step(s.ctx) }, func(what string, err error) {
		switch {
		case err != nil && what != "" && s.Explain != nil:
			title, advice := s.Explain(err)
			s.stage.Alert(i18n.T("ui.about", "what", what, "words", title), advice)
		case err != nil:
			s.ShowError(err)
		case s.Redo == nil:
			s.Toast(i18n.T(said, "what", what), "", nil)
		default:
			s.Toast(i18n.T(said, "what", what), i18n.T(back), turnBack)
		}
	})
}

// ToggleOffline switches between working offline by choice and connecting.
func (s *Shell) ToggleOffline() {
	on := !s.snap.ByChoice
	s.snap.ByChoice = on // pressed twice it is as it was
	s.toggles++
	kit.Act(func() error { return s.Status.SetOffline(s.ctx, on) }, func(err error) {
		s.ShowError(err)
		s.ReadStatus()
	})
}

func (s *Shell) pillMenu() {
	offline := i18n.T("ui.go-offline")
	if s.snap.ByChoice {
		offline = i18n.T("ui.go-online")
	}
	kit.PopUpBelow(s.pill,
		kit.MenuItem{Label: i18n.T("ui.sync-now"), Icon: "sync", Act: s.SyncNow},
		kit.MenuItem{Label: offline, Icon: "cloud-off", Act: s.ToggleOffline},
		kit.MenuItem{},
		kit.MenuItem{Label: i18n.T("ui.show-sync"), Icon: "list", Act: func() { s.Show("sync") }},
	)
}
