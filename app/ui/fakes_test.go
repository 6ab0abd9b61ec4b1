// SPDX-License-Identifier: EUPL-1.2

package ui

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/live"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
	"kontor/app/ui/uitest"
	"kontor/storage"
	"kontor/sync/transport"
)

var noon = time.Date(2026, 11, 23, 10, 2, 0, 0, time.Local)

// fakeCore stands in for the services: what the pages show, and what they were asked to do.
type fakeCore struct {
	mu    sync.Mutex
	snap  app.Snapshot
	did   []string
	hits  []Hit
	fail  error
	reads int
	loop  *uitest.Loop // where it is known which goroutine is which
}

// enter fails a test in which the core is asked on the UI goroutine.
func (f *fakeCore) enter(format string, args ...any) error {
	f.note(format, args...)
	if f.loop != nil && !f.loop.Away() {
		panic("the core was called on the UI goroutine: " + fmt.Sprintf(format, args...))
	}
	return f.fail
}

// count is how often something was asked.
func (f *fakeCore) count(what string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, d := range f.did {
		if strings.HasPrefix(d, what) {
			n++
		}
	}
	return n
}

func (f *fakeCore) note(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.did = append(f.did, fmt.Sprintf(format, args...))
}

func (f *fakeCore) last() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.did) == 0 {
		return ""
	}
	return f.did[len(f.did)-1]
}

func (f *fakeCore) Snapshot(context.Context) (app.Snapshot, error) {
	if f.loop != nil && !f.loop.Away() {
		panic("the status was read on the UI goroutine")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	return f.snap, f.fail
}

func (f *fakeCore) SetOffline(_ context.Context, on bool) error {
	if err := f.enter("offline %v", on); err != nil {
		return err
	}
	f.snap.ByChoice, f.snap.Offline = on, on
	return nil
}

func (f *fakeCore) Undo(context.Context) (string, error) { return "Prüfbericht", f.enter("undo") }

func (f *fakeCore) Search(_ context.Context, q string, _ int) ([]Hit, error) {
	err := f.enter("search %s", q)
	return f.hits, err
}

func newFake() *fakeCore {
	at := func(h, m int) time.Time { return time.Date(2026, 11, 23, h, m, 0, 0, time.Local) }
	f := &fakeCore{
		snap: app.Snapshot{Offline: true, Cause: transport.CauseOffline, LastSync: at(8, 58), Waiting: 3, Outbox: 1, Conflicts: 0, Mails: 48213, Unread: 12, Files: 1204, OpenTasks: 86, OfflineBytes: 2_700_000_000},
		hits: []Hit{
			{Kind: "mail", ID: 11, Title: "Ortstermin Lindenstraße 14 – Unterlagen", Where: "Posteingang", Snippet: "anbei der Lageplan und das Protokoll", Date: at(9, 42)},
			{Kind: "files", ID: 12, Title: "Aufmaß Lindenstraße 14.ods", Where: "Bauamt › Lindenstraße 14", Date: at(8, 0)},
			{Kind: "tasks", ID: 13, Title: "Aufmaß unterschreiben lassen", Where: "Lindenstraße 14"},
		},
	}
	for _, p := range []string{"mail", "files", "tasks"} {
		f.snap.Connections = append(f.snap.Connections, storage.Connection{AccountID: 1, Protocol: p, Cause: "offline", NextTry: at(10, 3)})
	}
	return f
}

// blank is a page with nothing on it.
type blank struct {
	shown, hidden int
	topics        live.Topics
	opened        int64
	content       fyne.CanvasObject
	actions       []Action
	panes         []fyne.Focusable
}

func (b *blank) told(t live.Topics) bool { return b.topics&t == t }

func newBlank() *blank                      { return &blank{content: kit.NewEmpty("home", "leer", "", nil)} }
func (b *blank) Content() fyne.CanvasObject { return b.content }
func (b *blank) Shown()                     { b.shown++ }
func (b *blank) Hidden()                    { b.hidden++ }
func (b *blank) Refresh(t live.Topics)      { b.topics |= t }
func (b *blank) Panes() []fyne.Focusable    { return b.panes }
func (b *blank) Actions() []Action          { return b.actions }
func (b *blank) Open(id int64)              { b.opened = id }

// testShell is a shell on a test window, everything at once, with the fakes behind it.
func testShell(t *testing.T, size fyne.Size) (*Shell, *fakeCore, *blank) {
	t.Helper()
	a := test.NewTempApp(t)
	i18n.Use(i18n.German)
	theme.Apply(a, theme.Light, 1)
	kit.Synchronous(true)
	t.Cleanup(func() { kit.Synchronous(false) })
	win := a.NewWindow("")
	core, mail := newFake(), newBlank()
	s := NewShell(t.Context(), win, Services{
		Status: core, Undo: core.Undo, SyncNow: func() { core.note("sync") }, Search: core.Search, Changes: &live.Bus{}, Explain: app.Explain,
		Person: func(context.Context) (string, error) { return "Lena Brandt", nil }, Now: func() time.Time { return noon },
	}, []Room{
		{ID: "heute", Title: "ui.today", Icon: "home", Make: func(*Shell) Page { return newBlank() }},
		{ID: "mail", Title: "ui.mail", Icon: "mail", Make: func(*Shell) Page { return mail }},
		{ID: "files", Title: "ui.files-page", Icon: "folder", Make: func(*Shell) Page { return newBlank() }},
		{ID: "tasks", Title: "ui.tasks-page", Icon: "check-square", Make: func(*Shell) Page { return newBlank() }},
		{ID: "sync", Title: "ui.sync", Icon: "sync", Foot: true, Make: func(*Shell) Page { return newBlank() }},
		{ID: "options", Title: "ui.options", Icon: "gear", Foot: true, Make: func(*Shell) Page { return newBlank() }},
	})
	win.Resize(size)
	s.ReadStatus()
	return s, core, mail
}
