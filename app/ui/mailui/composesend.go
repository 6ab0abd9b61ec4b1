// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"errors"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// askOutside is the setting that says to ask before anything leaves the organisation. Without it only messages that go to
// people inside and outside at once are asked about: there it is most often a mistake.
const askOutside = "mail.ask_outside"

// visibleFrom is from how many addresses on that all can read it is asked whether that is meant.
const visibleFrom = 15

// rules are what is asked about before sending.
type rules struct {
	limit   int64 // octets that the server takes, 0 for unknown
	outside bool  // everything that leaves the organisation
	silent  bool  // the server is known to report nothing about what becomes of messages
}

// readRules learns what the account's server takes and what the person wants to be asked.
func (c *compose) readRules() {
	account := c.msg.AccountID
	kit.Load(func() (r rules, err error) {
		if c.cfg.Settings != nil {
			value, err := c.cfg.Settings.Get(c.ctx, askOutside, "")
			if err != nil {
				return r, err
			}
			r.outside = value == "1"
		}
		offered, known, err := c.cfg.Mail.Reports(c.ctx, account)
		if err != nil {
			return r, err
		}
		r.silent = known && !offered
		r.limit, err = c.cfg.Mail.SizeLimit(c.ctx, account)
		return r, err
	}, func(r rules, err error) {
		if err == nil && account == c.msg.AccountID {
			c.rules = r
			c.view.showPlan()
		}
	})
}

// check finds what would keep the message from being sent, or from being what the person meant.
func (c *compose) check() bool {
	for _, f := range []*recipientField{c.view.to, c.view.cc, c.view.bcc, c.view.replyTo} {
		var bad *badAddress
		if _, err := parseAddresses(f.Text()); errors.As(err, &bad) {
			c.view.alert(i18n.T("mailui.compose.bad-address", "part", bad.Part))
			f.Focus()
			return false
		}
	}
	m := c.collect()
	if len(m.To)+len(m.Cc)+len(m.Bcc) == 0 {
		c.view.alert(i18n.T("mailui.compose.no-recipient"))
		c.view.to.Focus()
		return false
	}
	if words := c.doubts(m); len(words) > 0 && !c.sure {
		c.view.remind(strings.Join(words, " "))
		return false
	}
	return true
}

// doubts says what a person should look at before the message goes out, one sentence each.
func (c *compose) doubts(m mail.Outgoing) []string {
	m.Text = c.view.text.Text // what others wrote promises nothing
	inside := domainsOf(c.writers)
	var words []string
	for _, w := range mail.Check(m, mail.CheckOptions{OwnDomains: inside, MaxVisible: visibleFrom, SizeLimit: c.rules.limit}) {
		switch w.Kind {
		case mail.WarnNoSubject:
			words = append(words, i18n.T("mailui.compose.no-subject"))
		case mail.WarnAttachment:
			if m.AnswerOf == 0 || mail.AttachmentWord("", m.Text) != "" { // the subject of an answer is somebody else's
				words = append(words, i18n.T("mailui.compose.no-attachment"))
			}
		case mail.WarnExternal:
			everybody := len(m.To) + len(m.Cc) + len(m.Bcc)
			if c.rules.outside || len(w.Addresses) < everybody {
				words = append(words, i18n.T("mailui.compose.outside", "n", len(w.Addresses), "names", someAddresses(w.Addresses)))
			}
		case mail.WarnVisible:
			words = append(words, i18n.T("mailui.compose.visible", "n", len(w.Addresses)))
		case mail.WarnTooLarge:
			words = append(words, i18n.T("mailui.compose.too-large", "size", i18n.Size(w.Size), "limit", i18n.Size(w.Limit)))
		}
	}
	if m.DeliveryReceipt && c.rules.silent {
		words = append(words, i18n.T("mailui.compose.no-reports"))
	}
	return words
}

// domainsOf are the domains that a person writes from.
func domainsOf(writers []mail.Identity) []string {
	var all []string
	for _, w := range writers {
		if _, domain, ok := strings.Cut(w.Address, "@"); ok && !slices.Contains(all, domain) {
			all = append(all, domain)
		}
	}
	return all
}

// someAddresses names the first of a list.
func someAddresses(list []mail.Address) string {
	const shown = 3
	parts := make([]string, 0, shown+1)
	for i, a := range list {
		if i == shown {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, a.Addr)
	}
	return strings.Join(parts, ", ")
}

// sendAnyway sends although something was asked about.
func (c *compose) sendAnyway() {
	c.sure = true
	c.send()
}

// online says on the button what sending will do.
func (c *compose) online() {
	label := i18n.T("mailui.compose.send")
	switch {
	case c.msg.SendAt.After(c.cfg.Now()):
		label = i18n.T("mailui.compose.send-at", "when", whenWords(c.msg.SendAt, c.cfg.Now()))
	case c.cfg.Offline():
		label = i18n.T("mailui.compose.queue")
	}
	c.view.send.SetText(label)
	c.view.showPlan()
}

// sentWords says what happens to a message that was handed over.
func (c *compose) sentWords(m mail.Outgoing) string {
	switch {
	case m.SendAt.After(c.cfg.Now()):
		return i18n.T("mailui.compose.planned", "when", whenWords(m.SendAt, c.cfg.Now()))
	case c.cfg.Offline():
		return i18n.T("mailui.compose.queued")
	}
	return i18n.T("mailui.compose.sent")
}

// whenWords writes a moment to come: "morgen, 08:00" or "Montag, 30.11.2026, 08:00".
func whenWords(t, now time.Time) string {
	t, now = t.Local(), now.Local()
	switch t.Format(time.DateOnly) {
	case now.Format(time.DateOnly):
		return i18n.T("mailui.reader.today", "time", i18n.Clock(t))
	case now.AddDate(0, 0, 1).Format(time.DateOnly):
		return i18n.T("mailui.compose.tomorrow", "time", i18n.Clock(t))
	}
	return i18n.Weekday(t.Weekday()) + ", " + i18n.DateTime(t)
}

// laterChoices are the moments that people mean most often: this afternoon, tomorrow and on Monday at the start of work.
func laterChoices(now time.Time) []time.Time {
	at := func(days, hour int) time.Time {
		y, m, d := now.Date()
		return time.Date(y, m, d+days, hour, 0, 0, 0, now.Location())
	}
	var list []time.Time
	switch h := now.Hour(); {
	case h < 7:
		list = append(list, at(0, 8))
	case h < 16:
		list = append(list, at(0, 17))
	}
	list = append(list, at(1, 8))
	if days := (int(time.Monday) - int(now.Weekday()) + 7) % 7; days != 1 {
		if days == 0 {
			days = 7
		}
		list = append(list, at(days, 8))
	}
	return list
}

// planMenu offers when the message is to be sent.
func (c *compose) planMenu() {
	now := c.cfg.Now()
	var items []kit.MenuItem
	for _, t := range laterChoices(now) {
		items = append(items, kit.MenuItem{Label: i18n.T("mailui.compose.send-at", "when", whenWords(t, now)), Icon: "clock", Act: func() { c.plan(t) }})
	}
	items = append(items, kit.MenuItem{Label: i18n.T("mailui.compose.other-time"), Icon: "calendar", Act: c.pickTime})
	if !c.msg.SendAt.IsZero() {
		items = append(items, kit.MenuItem{}, kit.MenuItem{Label: i18n.T("mailui.compose.at-once"), Icon: "send", Act: func() { c.plan(time.Time{}) }})
	}
	kit.PopUpBelow(c.view.later, items...)
}

// plan says when the message is to be sent; zero for as soon as possible.
func (c *compose) plan(at time.Time) {
	c.msg.SendAt = at
	c.changed()
	c.online()
}

// pickTime asks for any moment, by a calendar or in words as people write it.
func (c *compose) pickTime() {
	now := c.cfg.Now()
	field := kit.NewEntry(i18n.T("mailui.compose.time-hint"))
	says := kit.NewLabel("", 13, theme.Muted, false)
	var at time.Time
	field.OnChanged = func(text string) {
		at = time.Time{}
		if w, err := tasks.ParseWhen(text, now); err == nil && !w.IsZero() {
			if at = w.Time; w.AllDay {
				at = at.Add(8 * time.Hour)
			}
		}
		switch {
		case at.After(now):
			says.Set(i18n.T("mailui.compose.time-is", "when", i18n.Weekday(at.Weekday())+", "+i18n.DateTime(at)))
		case strings.TrimSpace(text) == "":
			says.Set("")
		default:
			says.Set(i18n.T("mailui.compose.time-not"))
		}
	}
	calendar := widget.NewCalendar(now, func(day time.Time) {
		clock := "8:00"
		if !at.IsZero() {
			clock = i18n.Clock(at)
		}
		field.SetText(day.Format("02.01.2006") + " " + clock)
	})
	form := container.NewVBox(calendar, field, says)
	d := dialog.NewCustomConfirm(i18n.T("mailui.compose.other-time"), i18n.T("mailui.ok"), i18n.T("mailui.cancel"), form, func(ok bool) {
		if ok && at.After(c.cfg.Now()) {
			c.plan(at)
		}
	}, c.win)
	kit.AnswerWith(d, field)
	d.Show()
	c.win.Canvas().Focus(field)
}

// moreMenu holds what is rarely asked for.
func (c *compose) moreMenu() {
	tick := func(label string, on bool, do func()) kit.MenuItem {
		icon := ""
		if on {
			icon = "check"
		}
		return kit.MenuItem{Label: label, Icon: icon, Act: do}
	}
	items := []kit.MenuItem{
		tick(i18n.T("mailui.compose.read-receipt"), c.msg.ReadReceipt, func() { c.msg.ReadReceipt = !c.msg.ReadReceipt; c.changed(); c.view.showPlan() }),
		tick(i18n.T("mailui.compose.delivery-receipt"), c.msg.DeliveryReceipt, func() {
			c.msg.DeliveryReceipt, c.sure = !c.msg.DeliveryReceipt, false
			c.changed()
			c.view.showPlan()
		}),
		tick(i18n.T("mailui.compose.other-reply-to"), c.view.withReplyTo, func() { c.view.openReplyTo() }),
	}
	if c.cfg.Settings != nil {
		items = append(items, kit.MenuItem{}, tick(i18n.T("mailui.compose.ask-outside"), c.rules.outside, c.toggleOutside))
	}
	kit.PopUpBelow(c.view.more, items...)
}

// toggleOutside changes whether everything that leaves the organisation is asked about, from now on.
func (c *compose) toggleOutside() {
	on := !c.rules.outside
	value := "0"
	if on {
		value = "1"
	}
	kit.Act(func() error { return c.cfg.Settings.Set(c.ctx, askOutside, value) }, func(err error) {
		if err != nil {
			c.cfg.ShowError(err)
			return
		}
		c.rules.outside, c.sure = on, false
	})
}
