// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app"
	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// why says in the details why an entry has not arrived where it should be, and offers what can be done about that.
type why struct {
	detail *detail
	box    *fyne.Container
	title  *kit.Paragraph
	advice *kit.Paragraph
	server *kit.Paragraph
	act    *kit.Button
	now    app.FileWhy
	entry  int64
	asked  int64  // the entry that the server was asked about
	locker string // who has it locked, as the server says
	turn   int
}

var stepWords = map[app.Step]string{app.StepRetry: "filesui.why.retry", app.StepRelease: "filesui.why.release", app.StepResume: "filesui.resume"}

func newWhy(d *detail) *why {
	w := &why{
		detail: d, title: kit.NewParagraph("", 13, theme.Warn), advice: kit.NewParagraph("", 13, theme.Text), server: kit.NewParagraph("", 12, theme.Muted),
	}
	w.act = kit.NewPlain("", "", w.do)
	w.box = kit.NewColumn(4, w.title, w.advice, w.server, kit.NewRowOf(8, w.act))
	w.box.Hide()
	return w
}

// show finds out why an entry waits or was refused. What was said before stays until then, where it is the same entry.
func (w *why) show(e files.Entry, one bool) {
	w.turn++
	turn := w.turn
	if !one || e.State != files.Waiting && e.State != files.Rejected {
		w.entry, w.locker, w.now = 0, "", app.FileWhy{}
		w.box.Hide()
		return
	}
	if w.entry != e.ID {
		w.entry, w.asked, w.locker = e.ID, 0, ""
		w.box.Hide()
	}
	core := w.detail.page.cfg.Files
	kit.Load(func() (app.FileWhy, error) { return core.Why(context.Background(), e.ID) }, func(now app.FileWhy, err error) {
		if turn != w.turn || err != nil {
			return // the state says as much as can be said
		}
		w.now = now
		w.fill(e)
		w.askLock()
	})
}

// askLock asks the server who has a file locked, once; the words are there without the answer.
func (w *why) askLock() {
	id := w.entry
	if !w.now.Locked || w.asked == id {
		return
	}
	w.asked = id
	core := w.detail.page.cfg.Files
	kit.Load(func() (files.Who, error) { return core.Who(context.Background(), id) }, func(who files.Who, err error) {
		if err == nil && id == w.entry && who.Locked != "" {
			w.locker = who.Locked
			w.fill(w.detail.entry)
		}
	})
}

func (w *why) fill(e files.Entry) {
	title, tone := w.now.Title, theme.Warn
	if e.State == files.Rejected {
		tone = theme.Bad
	}
	if w.locker != "" {
		title = i18n.T("filesui.why.locked-by", "name", w.locker)
	}
	advice := w.now.Advice
	if now := w.detail.page.cfg.Now(); w.now.Next.After(now) {
		advice += " " + i18n.T("filesui.why.next", "when", nextWords(w.now.Next, now))
	}
	server := ""
	if w.now.Server != "" {
		server = i18n.T("filesui.why.server", "words", w.now.Server)
	}
	w.title.Set(title, tone)
	w.advice.Set(advice, theme.Text)
	w.server.Set(server, theme.Muted)
	kit.SetVisible(w.server, server != "")
	words := stepWords[w.now.Step]
	kit.SetVisible(w.act, words != "")
	if words != "" {
		w.act.SetText(i18n.T(words))
	}
	kit.SetVisible(w.box, title != "")
	w.detail.reflow()
}

// nextWords says when something is tried again.
func nextWords(next, now time.Time) string {
	if next.Sub(now) < 12*time.Hour {
		return i18n.Clock(next)
	}
	return i18n.DateTime(next)
}

// do takes the step that is offered.
func (w *why) do() {
	p, e, now := w.detail.page, w.detail.entry, w.now
	var step func(context.Context) error
	switch now.Step {
	case app.StepRetry:
		step = func(ctx context.Context) error { return p.cfg.Conflicts.Retry(ctx, now.Op) }
	case app.StepRelease:
		step = func(ctx context.Context) error { return p.cfg.Conflicts.Release(ctx, now.Op) }
	case app.StepResume:
		step = func(ctx context.Context) error { return p.cfg.Files.Pause(ctx, e.AccountID, false) }
	case app.StepNone, app.StepDecide:
		return
	}
	kit.Act(func() error { return step(context.Background()) }, func(err error) {
		if err != nil {
			p.cfg.ShowError(err)
			return
		}
		p.traffic.Look()
		p.reload()
	})
}
