// SPDX-License-Identifier: EUPL-1.2

// Package desk puts the core and the pages together into the window that a person works in. It is the only package that
// knows all pages.
package desk

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/search"
	"kontor/app/ui"
	"kontor/app/ui/mailui"
	"kontor/app/ui/remindui"
	"kontor/app/ui/theme"
	"kontor/storage"
)

// AppID names the program to the desktop.
const AppID = "org.kontor.Kontor"

// Config says what to show and how. Core is needed.
type Config struct {
	Core  *app.App
	Log   *slog.Logger
	Lang  string                      // "de" or "en"; empty for the person's choice, else the system's
	Theme string                      // "light", "dark", "contrast" or "system"; empty for the person's choice
	Page  string                      // where to begin; empty for today
	Calls <-chan []string             // arguments of later starts
	Args  []string                    // mailto: URLs and .eml files to begin with
	Demo  func(context.Context) error // sets up the demo account; nil hides the offer
	Now   func() time.Time
	Ended func() // ends the program; called from another goroutine when everything has stopped
	// Messages are those of the desktop; nil for the real ones.
	Messages remindui.Messages
}

// desk is the running window.
type desk struct {
	Config
	ctx    context.Context
	app    fyne.App
	win    fyne.Window
	shell  *ui.Shell
	leave  context.CancelFunc // ends the frame that is shown
	quit   context.CancelFunc // ends the program
	prefs  *prefs
	look   look
	ringer *remindui.Ringer
	first  bool // there is no account yet

	temps    temps                             // files that other programs were given
	accounts atomic.Pointer[[]storage.Account] // as last read with the status, for the UI goroutine
}

// look is what a person chose about how things look.
type look struct {
	lang  i18n.Lang
	theme theme.Mode
	text  float32
}

// use makes a look that of the whole program.
func (l look) use(a fyne.App) {
	i18n.Use(l.lang)
	speak()
	theme.Apply(a, l.theme, l.text)
}

// services is what the frame of the window needs of the core.
func (d *desk) services() ui.Services {
	return ui.Services{
		Status: d.Core.Status, Undo: d.Core.Journal.Undo, Redo: d.Core.Journal.Redo, SyncNow: func() { d.Core.Engine.SyncNow(0) },
		Explain: explain, Changes: d.Core.DB.Changes(), Log: d.Log, Now: d.Now,
		Search: d.search, Behind: d.Core.Search.Behind, Beside: d.ringer,
		Person: func(ctx context.Context) (string, error) {
			all, err := d.Core.Accounts.List(ctx)
			if err != nil {
				return "", err
			}
			d.accounts.Store(&all)
			if len(all) == 0 {
				return "", nil
			}
			return personOf(all[0]), nil
		},
	}
}

func personOf(a storage.Account) string {
	if a.DisplayName != "" {
		return a.DisplayName
	}
	return a.Email
}

// search asks the core and hands the results on in the frame's terms. Each kind gets its share of the room.
func (d *desk) search(ctx context.Context, query string, limit int) ([]ui.Hit, error) {
	found, err := d.Core.Search.Find(ctx, query, nil, limit)
	if err != nil {
		return nil, err
	}
	hits := make([]ui.Hit, 0, len(found))
	for _, r := range found {
		hits = append(hits, ui.Hit{Kind: r.Kind, ID: r.ID, Title: r.Title, Dir: r.Dir, Where: whereWords(r), Snippet: r.Snippet, Date: r.Date})
	}
	return hits, nil
}

// whereWords says where something lies, in the words of the window.
func whereWords(r search.Result) string {
	if r.Kind == search.Mail && strings.EqualFold(r.Where, "INBOX") {
		return i18n.T("mailui.folder.inbox")
	}
	return r.Where
}

// start acts on arguments: addresses to write to and messages to show. Without any the window comes to the front.
func (d *desk) start(args []string) {
	for _, arg := range args {
		if _, err := mailui.ParseMailto(arg); err == nil {
			d.write(arg)
			continue
		}
		d.view(arg)
	}
	d.win.RequestFocus()
}

// write begins a message, for a mailto: link where that is not empty.
func (d *desk) write(mailto string) {
	p, ok := d.shell.Page("mail").(*mailui.Page)
	switch {
	case !ok || d.first:
	case mailto == "":
		p.Compose(mail.Outgoing{})
	default:
		p.WriteTo(mailto)
	}
}
