// SPDX-License-Identifier: EUPL-1.2

package accountui

import (
	"context"
	"errors"
	"strings"

	"fyne.io/fyne/v2"

	"kontor/app/accounts"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// form asks for an account: address and password, the servers only where they cannot be found out. It tests every
// server before anything is stored, and shows how that went as a list to tick off.
type form struct {
	cfg    Config
	parent context.Context
	ctx    context.Context // of the attempt that is under way
	stop   context.CancelFunc
	done   func()
	id     int64 // the account that is changed, 0 for a new one
	base   accounts.Draft
	reflow func()

	email, password, user, name *kit.Entry
	imap, smtp, files, tasks    *kit.Entry
	servers                     *fyne.Container
	checks                      *fyne.Container
	status                      *kit.Paragraph
	next, anyway, manual        *kit.Button
	cancel                      *kit.Button // while servers are asked
	browser                     *browser
	buttons                     *fyne.Container
	content                     *fyne.Container
	busy                        bool
}

func newForm(ctx context.Context, cfg Config, id int64, base accounts.Draft, done func()) *form {
	cfg.fill()
	f := &form{cfg: cfg, parent: ctx, ctx: ctx, stop: func() {}, id: id, base: base, done: done, reflow: func() {}}
	f.email = f.entry("name@behoerde.example", base.Email)
	f.password = kit.NewPassword("")
	f.user, f.name = f.entry(i18n.T("accountui.same-as-address"), base.User), f.entry("", base.DisplayName)
	f.imap, f.smtp = f.entry("imaps://imap.example:993", base.IMAPURL), f.entry("smtps://smtp.example:465", base.SMTPURL)
	f.files, f.tasks = f.entry("https://cloud.example/remote.php/dav/files/name", base.FilesURL), f.entry("https://dav.example/caldav/", base.TasksURL)
	f.browser = newBrowser(f)
	f.servers = kit.NewColumn(10,
		field("accountui.user", f.user), field("accountui.imap", f.imap), field("accountui.smtp", f.smtp), field("accountui.files", f.files),
		field("accountui.tasks", f.tasks), f.browser.offer)
	if id == 0 {
		f.servers.Hide()
	}
	f.status = kit.NewParagraph("", 13, theme.Muted)
	f.status.Hide()
	f.checks = kit.NewColumn(6)
	f.next = kit.NewPrimary(i18n.T("accountui.next"), f.run)
	f.anyway = kit.NewPlain(i18n.T("accountui.save-anyway"), "", func() { f.store(f.attempt()) })
	f.anyway.Hide()
	f.cancel = kit.NewPlain(i18n.T("accountui.cancel"), "", f.abandon)
	f.cancel.Hide()
	f.manual = kit.NewLink(i18n.T("accountui.servers-by-hand"), func() { f.showServers() })
	if id != 0 {
		f.manual.Hide()
	}
	f.buttons = kit.NewRowOf(8, f.next, f.cancel, f.anyway, f.manual)
	f.content = kit.NewColumn(12,
		field("accountui.email", f.email), field("accountui.password", f.password), field("accountui.display-name", f.name),
		f.status, f.checks, f.servers, f.buttons)
	for _, e := range []*kit.Entry{f.email, f.password, f.user, f.name, f.imap, f.smtp, f.files, f.tasks} {
		e.OnSubmitted = func(string) { f.run() }
	}
	return f
}

func (f *form) entry(hint, value string) *kit.Entry {
	e := kit.NewEntry(hint)
	e.Text = value
	return e
}

// field puts a label above an entry.
func field(key string, e *kit.Entry) fyne.CanvasObject {
	return kit.NewColumn(4, kit.NewLabel(i18n.T(key), 13, theme.Text, true), e)
}

// attempt is what was filled in when a person went on: what is stored is what was tested, whatever is typed meanwhile.
type attempt struct {
	draft    accounts.Draft
	password string
}

func (f *form) attempt() attempt { return attempt{f.draft(), f.password.Text} }

// draft is what was filled in.
func (f *form) draft() accounts.Draft {
	d := f.base
	d.Email, d.User, d.DisplayName = f.email.Text, f.user.Text, f.name.Text
	d.IMAPURL, d.SMTPURL, d.FilesURL, d.TasksURL = f.imap.Text, f.smtp.Text, f.files.Text, f.tasks.Text
	return d.Normalised()
}

func (f *form) fill(d accounts.Draft) {
	f.imap.SetText(d.IMAPURL)
	f.smtp.SetText(d.SMTPURL)
	f.files.SetText(d.FilesURL)
	f.tasks.SetText(d.TasksURL)
	if d.User != "" && d.User != strings.TrimSpace(f.email.Text) {
		f.user.SetText(d.User)
	}
}

func (f *form) showServers() {
	f.servers.Show()
	f.offer(f.manual, false)
	f.reflow()
}

func (f *form) say(words string, token theme.Token) {
	f.status.Set(words, token)
	if words == "" {
		f.status.Hide()
	} else {
		f.status.Show()
	}
	f.reflow()
}

func (f *form) setBusy(on bool) {
	f.busy = on
	f.next.SetEnabled(!on)
	f.browser.start.SetEnabled(!on)
	kit.SetVisible(f.cancel, on)
	f.offer(f.anyway, false)
	if !on {
		f.browser.rest()
		f.reflow()
		f.stop()
	}
}

// offer shows or hides a button; the others make room.
func (f *form) offer(b *kit.Button, on bool) {
	kit.SetVisible(b, on)
	f.buttons.Refresh()
}

// begin starts an attempt, which abandon can end.
func (f *form) begin() {
	f.ctx, f.stop = context.WithCancel(f.parent)
	f.setBusy(true)
}

// abandon ends what is under way. What the servers answer after that counts no more, and nothing is stored.
func (f *form) abandon() {
	if !f.busy {
		return
	}
	f.setBusy(false)
	f.say(i18n.T("accountui.cancelled"), theme.Muted)
	kit.Focus(f.email)
}

// ask runs one step of an attempt away from the UI goroutine; done is not called once the attempt was abandoned.
func ask[T any](f *form, work func(ctx context.Context) (T, error), done func(T, error)) {
	ctx := f.ctx
	kit.Load(func() (T, error) { return work(ctx) }, func(v T, err error) {
		if ctx.Err() == nil {
			done(v, err)
		}
	})
}

// run finds the servers if none are known, tests them and stores the account if all went well.
func (f *form) run() {
	if f.busy {
		return
	}
	a := f.attempt()
	d := a.draft
	f.setChecks(nil)
	f.begin()
	if d.IMAPURL+d.SMTPURL+d.FilesURL+d.TasksURL != "" {
		f.test(a)
		return
	}
	f.say(i18n.T("accountui.looking"), theme.Muted)
	ask(f, func(ctx context.Context) (accounts.Found, error) { return f.cfg.Accounts.Discover(ctx, d.Email) }, func(found accounts.Found, err error) {
		switch {
		case errors.Is(err, accounts.ErrEmail): // no server can help there
			f.setBusy(false)
			f.say("", theme.Muted)
			f.cfg.ShowError(err)
			kit.Focus(f.email)
		case err != nil:
			f.setBusy(false)
			f.say(i18n.T("accountui.not-found"), theme.Bad)
			f.showServers()
		default:
			f.fill(found.Draft)
			f.test(attempt{f.draft(), a.password})
		}
	})
}

func (f *form) test(a attempt) {
	d := a.draft
	if err := d.Validate(); err != nil {
		f.setBusy(false)
		f.say("", theme.Muted)
		f.cfg.ShowError(err)
		return
	}
	f.say(i18n.T("accountui.testing"), theme.Muted)
	ask(f, func(ctx context.Context) (accounts.Trial, error) {
		return f.cfg.Accounts.TestDraft(ctx, d, a.password)
	}, func(tried accounts.Trial, err error) {
		f.setBusy(false)
		if err != nil {
			f.say("", theme.Muted)
			f.cfg.ShowError(err)
			return
		}
		f.setChecks(tried.Checks)
		if strings.TrimSpace(f.files.Text) == a.draft.FilesURL {
			f.files.SetText(tried.Draft.FilesURL)
		}
		a.draft = tried.Draft
		if problem := accounts.Problem(tried.Checks); problem != nil {
			f.say(i18n.T("accountui.test-failed"), theme.Bad)
			f.offer(f.anyway, true)
			f.showServers()
			return
		}
		f.store(a)
	})
}

// store keeps the account. That takes no time and cannot be abandoned.
func (f *form) store(a attempt) {
	f.setBusy(true)
	f.offer(f.cancel, false)
	kit.Act(func() error {
		if f.id != 0 {
			return f.cfg.Accounts.Save(f.parent, f.id, a.draft, a.password)
		}
		_, err := f.cfg.Accounts.Add(f.parent, a.draft, a.password)
		return err
	}, func(err error) {
		f.setBusy(false)
		if err != nil {
			f.say("", theme.Muted)
			f.cfg.ShowError(err)
			return
		}
		f.say(i18n.T("accountui.stored"), theme.Good)
		f.done()
	})
}

func (f *form) setChecks(checks []accounts.Check) {
	f.checks.Objects = checkList(checks)
	f.checks.Refresh()
	f.reflow()
}

// checkList shows each tested server as a line to tick off.
func checkList(checks []accounts.Check) []fyne.CanvasObject {
	var lines []fyne.CanvasObject
	for _, c := range checks {
		words, icon, tone, text := i18n.T("accountui.works"), "check", kit.ToneGood, theme.Muted
		if !c.OK {
			words, icon, tone, text = i18n.T("accountui.fails"), "warning", kit.ToneBad, theme.Text
		}
		detail := c.Text()
		if w := c.WarningText(); w != "" {
			detail += " " + w
		}
		lines = append(lines, kit.NewColumn(2,
			kit.NewRowOf(8, kit.Full(kit.NewLabel(i18n.T("accountui.protocol."+c.Protocol), 14, theme.Text, true)), kit.NewBadge(words, icon, tone)),
			kit.NewParagraph(detail, 12, text)))
	}
	return lines
}
