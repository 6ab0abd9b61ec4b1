// SPDX-License-Identifier: EUPL-1.2

package desk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/notify"
	"kontor/app/ui"
	"kontor/app/ui/accountui"
	"kontor/app/ui/filesui"
	"kontor/app/ui/kit"
	"kontor/app/ui/mailui"
	"kontor/app/ui/theme"
	"kontor/storage"
)

// Run shows the window until it is closed or ctx ends, and synchronises meanwhile. It logs "ready" once the first frame has
// been painted. It returns only where no window can be made: otherwise Config.Ended is called at the end, and must end
// the program. The toolkit's own way out is not used, since it may hang or panic while events are still on their way.
func Run(ctx context.Context, c Config) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			err = noWindow(r)
		}
	}()
	c = c.filled()
	read := make(chan start, 1)
	go func() { read <- readStart(ctx, c.Core, c.Log) }() // while the toolkit starts
	a := fyneapp.NewWithID(AppID)
	a.SetIcon(theme.Logo())
	first := <-read
	d := newDesk(ctx, a, c, first.prefs)
	d.quit = cancel
	d.win.SetMaster()
	d.win.Resize(d.prefs.windowSize())
	d.win.SetCloseIntercept(d.close)
	d.win.SetOnDropped(d.dropped)
	var background sync.WaitGroup
	background.Go(d.synchronise)
	background.Go(d.listenForCalls)
	background.Go(d.listenForAnswers)
	d.begin(first)
	background.Go(d.remind)
	var shown atomic.Bool
	d.shell.Stage().OnFirstFrame(func() {
		shown.Store(true)
		d.shell.FollowScale()                   // not known before
		d.shell.Page(d.shell.Current()).Shown() // the keyboard could not be given to a window that was not there yet
		d.Log.Info("ready")
		go d.end(&background)
	})
	d.win.Show()
	a.Run()
	if !shown.Load() {
		return fmt.Errorf("%w: the toolkit ended", ErrNoWindow)
	}
	cancel()
	select {}
}

// end waits for the end of the program - a closed window, a signal - and brings it about.
func (d *desk) end(background *sync.WaitGroup) {
	signals := make(chan os.Signal, 1)
	signal.Reset(os.Interrupt, syscall.SIGTERM) // from the toolkit, which would leave by its own way
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	select {
	case <-d.ctx.Done():
	case <-signals:
		d.quit()
	}
	fyne.Do(func() {
		for _, w := range d.app.Driver().AllWindows() {
			w.Hide()
		}
	})
	background.Wait()
	if err := d.temps.remove(); err != nil {
		d.Log.Warn("files that were shown cannot be removed", slog.Any("error", err))
	}
	d.Ended()
}

// ErrNoWindow is returned where no window can be made: no display, or one without OpenGL.
var ErrNoWindow = errors.New("no window can be opened")

// noWindow turns a panic of the toolkit's start into an error; any other one goes on.
func noWindow(r any) error {
	words := strings.ToLower(fmt.Sprint(r))
	for _, sign := range []string{"glfw", "opengl", "display", "apiunavailable"} {
		if strings.Contains(words, sign) {
			return fmt.Errorf("%w: %v", ErrNoWindow, r)
		}
	}
	panic(r)
}

// filled puts what is usual in place of what was left out.
func (c Config) filled() Config {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Messages == nil {
		c.Messages = notify.New(AppID)
	}
	return c
}

// newDesk builds the window with its pages; nothing is read before a page is shown.
func newDesk(ctx context.Context, a fyne.App, c Config, p *prefs) *desk {
	d := &desk{Config: c.filled(), ctx: ctx, app: a, prefs: p, look: p.look(c)}
	d.look.use(a)
	d.win = a.NewWindow("Kontor")
	d.ringer = d.newRinger()
	d.build()
	return d
}

// build puts the frame into the window, in place of the one there was.
func (d *desk) build() {
	if d.leave != nil {
		d.leave()
		for _, p := range d.shell.Made() {
			if c, ok := p.(interface{ Close() }); ok {
				c.Close()
			}
		}
	}
	ctx, cancel := context.WithCancel(d.ctx)
	d.leave = cancel
	d.shell = ui.NewShell(ctx, d.win, d.services(), d.rooms())
	d.ringer.Attach(d.shell.Stage(), d.host(d.shell))
}

// begin shows the first page: what was asked for, the first steps where there is no account yet, else mail, or today
// where there is no connection.
func (d *desk) begin(s start) {
	d.first = len(s.accounts) == 0
	d.accounts.Store(&s.accounts)
	page := d.Page
	switch {
	case page != "":
	case s.offline:
		page = "heute"
	default:
		page = "mail"
	}
	if d.first {
		page = "welcome"
	}
	d.shell.Listen()
	d.shell.ReadStatus()
	d.shell.Show(page)
	if d.shell.Current() == "" {
		d.shell.Show("heute")
	}
	d.start(d.Args)
}

// synchronise runs the engine. Where another process does so already, this window only shows.
func (d *desk) synchronise() {
	err := d.Core.Run(d.ctx)
	if errors.Is(err, app.ErrHomeInUse) {
		fyne.Do(func() { d.shell.ShowError(err) })
		return
	}
	if err != nil && d.ctx.Err() == nil {
		d.Log.Error("synchronisation ended", slog.Any("error", err))
		fyne.Do(func() { d.shell.ShowError(err) })
	}
}

// listenForCalls takes what later starts of the program were called with.
func (d *desk) listenForCalls() {
	for {
		select {
		case <-d.ctx.Done():
			return
		case args, open := <-d.Calls:
			if !open {
				return
			}
			fyne.Do(func() { d.start(args) })
		}
	}
}

// close stores what is being written, and the size of the window, before it goes away.
func (d *desk) close() {
	size := d.win.Canvas().Size()
	value := fmt.Sprintf("%.0fx%.0f", size.Width, size.Height)
	d.storeDrafts(func() {
		kit.Act(func() error {
			return d.Core.DB.Write(d.ctx, func(tx *storage.Tx) error { return tx.SetSetting(d.ctx, settingSize, value) })
		}, func(err error) {
			if err != nil {
				d.Log.Warn("the size of the window cannot be stored", slog.Any("error", err))
			}
			d.quit()
		})
	})
}

// dropped takes files that were dragged onto the window: into the folder that they were dropped on, or that is shown.
func (d *desk) dropped(at fyne.Position, uris []fyne.URI) {
	p, ok := d.shell.Page("files").(*filesui.Page)
	if !ok || d.shell.Current() != "files" {
		return
	}
	var paths []string
	for _, u := range uris {
		if u.Scheme() == "file" {
			paths = append(paths, u.Path())
		}
	}
	p.Drop(at, paths)
}

// changeLook stores a new look and shows it. Colours and sizes change at once; for another language the frame and the
// pages are built anew, after what is being written has been stored.
func (d *desk) changeLook(language, mode string, text float32) {
	kit.Act(func() error {
		return d.Core.DB.WriteDurable(d.ctx, func(tx *storage.Tx) error {
			return errors.Join(tx.SetSetting(d.ctx, settingLanguage, language), tx.SetSetting(d.ctx, settingTheme, mode),
				tx.SetSetting(d.ctx, settingText, fmt.Sprint(text)))
		})
	}, func(err error) {
		if err != nil {
			d.shell.ShowError(err)
			return
		}
		d.Lang, d.Theme = language, mode
		before := d.look.lang
		d.look = look{lang: i18n.Lang(language), theme: theme.Mode(mode), text: text}
		if before == d.look.lang {
			d.look.use(d.app)
			return
		}
		d.storeDrafts(func() {
			d.look.use(d.app)
			d.rebuild()
		})
	})
}

// rebuild puts a new frame into the window and shows the same place again.
func (d *desk) rebuild() {
	at, section := d.shell.Current(), ""
	if p, ok := d.shell.Page(at).(*accountui.Page); ok {
		section = p.Section()
	}
	d.build()
	d.shell.Listen()
	d.shell.ReadStatus()
	d.shell.Show(at)
	if p, ok := d.shell.Page(at).(*accountui.Page); ok {
		p.ShowSection(section)
	}
}

// storeDrafts closes the windows in which messages are written; what was written is stored first.
func (d *desk) storeDrafts(done func()) {
	for _, p := range d.shell.Made() {
		if m, ok := p.(*mailui.Page); ok {
			m.CloseAll(done)
			return
		}
	}
	done()
}
