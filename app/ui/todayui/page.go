// SPDX-License-Identifier: EUPL-1.2

// Package todayui is the start page: tasks that are due, unread mail that matters, and decisions that wait.
package todayui

import (
	"context"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/live"
	"kontor/app/mail"
	"kontor/app/tasks"
	"kontor/app/ui"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// TaskCore is the task service as this page uses it.
type TaskCore interface {
	Lists(ctx context.Context) ([]tasks.List, error)
	List(ctx context.Context, q tasks.Query) ([]tasks.Task, error)
	Done(ctx context.Context, ids []int64) error
}

// MailCore is the mail service as this page uses it.
type MailCore interface {
	List(ctx context.Context, q mail.Query, offset, limit int) ([]mail.Summary, error)
	Count(ctx context.Context, q mail.Query) (int, error)
}

// Config is what the page needs.
type Config struct {
	Tasks     TaskCore
	Mail      MailCore
	Snapshot  func(ctx context.Context) (app.Snapshot, error)
	Open      func(page string, id int64) // shows an item on its page
	Show      func(page string)
	Write     func() // a new message; nil hides the button
	NewTask   func() // leads to where tasks are typed; nil hides the link
	ShowError func(error)
	ToastUndo func(words string)
	Now       func() time.Time
}

// Page is the page. All its methods belong to the UI goroutine.
type Page struct {
	cfg       Config
	ctx       context.Context
	head      *kit.HeadBar
	notice    *kit.Notice
	noticeBar *kit.Panel // what the notice lies in; hides with it
	tasks     *kit.RowList[int64, task]
	mails     *kit.RowList[int64, mail.Summary]
	taskBar   *kit.HeadBar
	mailBar   *kit.HeadBar
	content   fyne.CanvasObject
	ticking   map[int64]bool // tasks that are being ticked off: of a series, a second tick would be for the next date
	day       string         // that the page was read on
}

// unread are the messages that matter: what nobody has read in an inbox.
var unread = mail.Query{Role: mail.RoleInbox, UnreadOnly: true}

// New makes the page; it reads nothing before Shown.
func New(ctx context.Context, cfg Config) *Page {
	p := &Page{cfg: cfg, ctx: ctx, ticking: map[int64]bool{}}
	if p.cfg.Now == nil {
		p.cfg.Now = time.Now
	}
	p.tasks = kit.NewRowList(kit.RowListConfig[int64, task]{
		Height: 56, Key: func(t task) int64 { return t.ID }, NewRow: func() kit.Row[task] { return newTaskRow(p) }, Label: p.spoken,
		OnOpen: func(t task) { cfg.Open("tasks", t.ID) }, Zone: checkZone, OnZone: func(t task, _ string) { p.done(t) }, OnKey: p.taskKey, OnError: cfg.ShowError,
		OnCount: func(n int) { badge(p.taskBar, n) },
	})
	p.tasks.SetEmpty(kit.NewEmpty("check-square", i18n.T("today.no-tasks"), i18n.T("today.no-tasks-text"), nil))
	p.mails = kit.NewRowList(kit.RowListConfig[int64, mail.Summary]{
		Height: 56, Key: func(m mail.Summary) int64 { return m.ID }, NewRow: func() kit.Row[mail.Summary] { return newMailRow(p) },
		Label:  func(m mail.Summary) string { return m.From.Name + ": " + m.Subject },
		OnOpen: func(m mail.Summary) { cfg.Open("mail", m.ID) }, OnError: cfg.ShowError,
		OnCount: func(n int) { badge(p.mailBar, n) },
	})
	p.mails.SetEmpty(kit.NewEmpty("inbox", i18n.T("today.no-mail"), i18n.T("today.no-mail-text"), nil))
	p.notice = kit.NewNotice(func() { cfg.Show("sync") })
	p.notice.Hide()
	var buttons []fyne.CanvasObject
	if cfg.Write != nil {
		buttons = append(buttons, kit.NewPrimary(i18n.T("today.write"), cfg.Write))
	}
	p.head = kit.NewHeadBar(i18n.T("today.title"), 52, buttons...)
	links := []fyne.CanvasObject{kit.NewLink(i18n.T("today.all-tasks"), func() { cfg.Show("tasks") })}
	if cfg.NewTask != nil {
		links = append([]fyne.CanvasObject{kit.NewLink(i18n.T("today.new-task"), cfg.NewTask)}, links...)
	}
	p.taskBar = kit.NewHeadBar(i18n.T("today.due"), 42, links...)
	p.mailBar = kit.NewHeadBar(i18n.T("today.unread"), 42, kit.NewLink(i18n.T("today.all-mail"), func() { cfg.Show("mail") }))
	p.noticeBar = kit.NewPanel(theme.Surface, p.notice).Padded(8, 14, 8, 14)
	p.noticeBar.Hide()
	split := kit.NewSplit(
		kit.Pane{Content: kit.NewDock(p.taskBar, nil, nil, nil, p.tasks), Min: 300},
		kit.Pane{Content: kit.NewDock(p.mailBar, nil, nil, nil, p.mails), Share: 0.48, Min: 300},
	)
	split.Stack = 600
	p.content = kit.NewDock(kit.NewColumn(0, p.head, p.noticeBar), nil, nil, nil, split)
	return p
}

func badge(h *kit.HeadBar, n int) {
	words := ""
	if n > 0 {
		words = i18n.Count(n)
	}
	h.SetBadge(words, kit.ToneMuted)
}

// Content is what the page shows.
func (p *Page) Content() fyne.CanvasObject { return p.content }

// Shown reads everything and takes the keyboard.
func (p *Page) Shown() {
	if p.day == "" {
		p.tasks.SetSource(p.taskRows())
		p.mails.SetSource(kit.FuncRows[mail.Summary]{
			CountFunc: func(ctx context.Context) (int, error) { return p.cfg.Mail.Count(ctx, unread) },
			WindowFunc: func(ctx context.Context, offset, limit int) ([]mail.Summary, error) {
				return p.cfg.Mail.List(ctx, unread, offset, limit)
			},
		})
	}
	p.turnPage()
	p.tasks.Reload()
	p.mails.Reload()
	p.readNotice()
	kit.Focus(p.tasks)
}

// turnPage shows the day that it is; it reports whether another one has begun.
func (p *Page) turnPage() bool {
	day := i18n.LongDate(p.cfg.Now())
	if day == p.day {
		return false
	}
	p.day = day
	p.head.SetBadge(day, kit.ToneMuted)
	return true
}

// Hidden tells that another page is shown.
func (p *Page) Hidden() {}

// Refresh reads again what may be stale.
func (p *Page) Refresh(topics live.Topics) {
	if p.turnPage() || topics.Has(live.Tasks) {
		p.tasks.Reload()
	}
	if topics.Has(live.Mail | live.Folders) {
		p.mails.Reload()
	}
	if topics.Has(live.Journal | live.Status | live.Settings) {
		p.readNotice()
	}
}

// Panes are what F6 goes through.
func (p *Page) Panes() []fyne.Focusable { return []fyne.Focusable{p.tasks, p.mails} }

// Actions are what can be done on the page.
func (p *Page) Actions() []ui.Action {
	var all []ui.Action
	if p.cfg.Write != nil {
		all = append(all, ui.Action{Title: i18n.T("today.write"), Icon: "pen", Key: fyne.KeyN, Mod: ui.Ctrl, Do: p.cfg.Write})
	}
	if p.cfg.NewTask != nil {
		all = append(all, ui.Action{Title: i18n.T("today.new-task"), Icon: "plus", Key: fyne.KeyT, Mod: ui.CtrlShift, Do: p.cfg.NewTask})
	}
	return all
}

// readNotice says what waits for a decision, or else that there is no network.
func (p *Page) readNotice() {
	kit.Load(func() (app.Snapshot, error) { return p.cfg.Snapshot(p.ctx) }, func(s app.Snapshot, err error) {
		if err != nil {
			p.cfg.ShowError(err)
			return
		}
		switch {
		case s.Conflicts > 0:
			p.notice.Set(i18n.T("today.decisions", "n", s.Conflicts+s.Failed), "warning", kit.ToneBad, i18n.T("today.decide"))
		case s.Failed > 0:
			p.notice.Set(i18n.T("today.rejected", "n", s.Failed), "warning", kit.ToneBad, i18n.T("today.show"))
		case s.Offline && s.Waiting > 0:
			p.notice.Set(i18n.T("today.offline-waiting", "n", s.Waiting), "cloud-off", kit.ToneWarn, i18n.T("today.show"))
		case s.Offline:
			p.notice.Set(i18n.T("today.offline"), "cloud-off", kit.ToneMuted, "")
		default:
			p.notice.Set("", "", kit.ToneMuted, "")
		}
		if p.notice.Visible() {
			p.noticeBar.Show()
		} else {
			p.noticeBar.Hide()
		}
		p.content.Refresh()
	})
}

// task is a task with the name of its list.
type task struct {
	tasks.Task
	list string
}

// name is what the task is called; one without a title says so.
func (t task) name() string {
	if strings.TrimSpace(t.Title) == "" {
		return i18n.T("today.untitled")
	}
	return t.Title
}

// spoken is a task in words.
func (p *Page) spoken(t task) string {
	words := t.name()
	when, late := dueWords(t.Due, p.cfg.Now())
	if when != "" {
		words += ", " + when
	}
	if late {
		words += ", " + i18n.T("today.overdue")
	}
	if t.list != "" {
		words += ", " + t.list
	}
	return words
}

// taskRows reads what is overdue or due today, in one go.
func (p *Page) taskRows() kit.Rows[task] {
	return kit.NewWhole(func(ctx context.Context) ([]task, error) {
		lists, err := p.cfg.Tasks.Lists(ctx)
		if err != nil {
			return nil, err
		}
		names := map[int64]string{}
		for _, l := range lists {
			names[l.ID] = l.Name
		}
		var found []task
		seen := map[int64]bool{}
		for _, smart := range []tasks.Smart{tasks.SmartOverdue, tasks.SmartToday} {
			some, err := p.cfg.Tasks.List(ctx, tasks.Query{Smart: smart})
			if err != nil {
				return nil, err
			}
			for _, t := range some {
				if !seen[t.ID] && !t.Closed() {
					seen[t.ID] = true
					found = append(found, task{t, names[t.ListID]})
				}
			}
		}
		byDue := tasks.CompareDue(time.Local)
		slices.SortStableFunc(found, func(a, b task) int { return byDue(a.Task, b.Task) })
		return found, nil
	})
}

// done ticks a task off.
func (p *Page) done(t task) {
	if p.ticking[t.ID] {
		return
	}
	p.ticking[t.ID] = true
	kit.Act(func() error { return p.cfg.Tasks.Done(p.ctx, []int64{t.ID}) }, func(err error) {
		delete(p.ticking, t.ID)
		if err != nil {
			p.cfg.ShowError(err)
			return
		}
		p.cfg.ToastUndo(i18n.T("today.done", "title", t.name()))
		p.tasks.Reload()
	})
}

// taskKey binds the space bar to ticking off.
func (p *Page) taskKey(ev *fyne.KeyEvent) bool {
	if t, ok := p.tasks.Current(); ok && ev.Name == fyne.KeySpace {
		p.done(t)
		return true
	}
	return false
}
