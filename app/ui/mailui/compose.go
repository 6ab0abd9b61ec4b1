// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// saveDelay is how long after a change a draft is saved at the latest, without the time that saving takes.
const saveDelay = 1500 * time.Millisecond

// retryDelay is how long after a failure saving is tried again.
const retryDelay = 5 * time.Second

// foldQuoteFrom is from which length on the quoted message stays out of the editor, which gets slow with long texts.
const foldQuoteFrom = 400

// compose is a message being written, in a window of its own.
type compose struct {
	cfg    *Config
	ctx    context.Context
	win    fyne.Window
	view   *composeView
	onEnd  func(*compose)
	reopen func(mail.Outgoing)

	writers []mail.Identity
	msg     mail.Outgoing // as it was saved last, or as it began
	quote   string        // the quoted message while it is folded
	first   mail.Outgoing // as it began: closing without a change keeps no draft
	rules   rules         // what is asked about before sending
	turn    int           // grows with every choice of a sender, so that late answers are recognised

	dirty   bool // changed since the last save began
	saving  bool
	sending bool
	failed  bool // the last save failed, and the person knows
	ended   bool
	after   func() // what waits for the running save
	timer   *time.Timer
	sure    bool // the person has already been reminded
}

// newCompose opens the window for a message.
func newCompose(ctx context.Context, cfg *Config, writers []mail.Identity, m mail.Outgoing) *compose {
	c := &compose{cfg: cfg, ctx: ctx, writers: writers, msg: m}
	own, quote := splitQuote(m.Text)
	if len(quote) >= foldQuoteFrom {
		c.quote = quote
	} else {
		own = m.Text
	}
	c.view = newComposeView(c)
	c.view.fill(m, own)
	c.first = c.collect()
	c.win = cfg.NewWindow(c.title())
	c.win.SetContent(kit.NewStage(c.view.scroll))
	c.win.Resize(fyne.NewSize(theme.Px(760), theme.Px(640)))
	c.win.SetCloseIntercept(c.close)
	c.win.SetOnDropped(func(_ fyne.Position, uris []fyne.URI) { c.dropped(uris) })
	c.bindKeys()
	c.online()
	c.readRules()
	c.win.Show()
	c.view.focusFirst(m)
	return c
}

func (c *compose) title() string {
	if s := strings.TrimSpace(c.view.subject.Text); s != "" {
		return s
	}
	return i18n.T("mailui.new")
}

// collect gives the message as it stands in the window. Recipients that are no addresses yet are kept as they were typed.
func (c *compose) collect() mail.Outgoing {
	m := c.msg
	m.To, m.Cc, m.Bcc = typedAddresses(c.view.to.Text()), typedAddresses(c.view.cc.Text()), typedAddresses(c.view.bcc.Text())
	m.ReplyTo = nil
	if list := typedAddresses(c.view.replyTo.Text()); len(list) > 0 {
		m.ReplyTo = list
	}
	m.Subject = oneLine(c.view.subject.Text)
	m.Text = joinQuote(c.view.text.Text, c.quote)
	m.Attachments = slices.Clone(c.msg.Attachments)
	return m
}

// empty reports whether nothing was written that would be worth keeping.
func (c *compose) empty() bool {
	m := c.collect()
	return strings.TrimSpace(m.Text) == "" && m.Subject == "" && len(m.Attachments)+len(m.To)+len(m.Cc)+len(m.Bcc) == 0
}

// untouched reports whether the person has changed nothing.
func (c *compose) untouched() bool {
	a, b := c.first, c.collect()
	b.DraftID, b.MessageID, b.Date = a.DraftID, a.MessageID, a.Date
	return reflect.DeepEqual(a, b)
}

// changed is called for every change; the draft is saved soon.
func (c *compose) changed() {
	if c.ended || c.sending {
		return
	}
	c.dirty, c.sure = true, false
	c.view.say("")
	c.later(saveDelay)
}

// later saves after a while, unless that is on its way already.
func (c *compose) later(delay time.Duration) {
	if c.timer == nil {
		c.timer = time.AfterFunc(delay, func() { kit.Do(c.autosave) })
	}
}

func (c *compose) autosave() {
	c.timer = nil
	if c.dirty && !c.ended && !c.sending {
		c.save(nil)
	}
}

// save keeps the draft; done runs when what stands in the window now has been saved.
func (c *compose) save(done func()) {
	if c.saving {
		c.after = func() { c.save(done) }
		return
	}
	c.saving, c.dirty = true, false
	m := c.collect()
	kit.Load(func() (mail.Outgoing, error) { return c.cfg.Mail.SaveDraft(c.ctx, m) }, func(saved mail.Outgoing, err error) {
		c.saving = false
		if err != nil {
			c.view.say(i18n.T("mailui.compose.not-saved"))
			if !c.failed || done != nil { // somebody waits for it
				c.cfg.ShowError(err)
			}
			c.dirty, c.failed = true, true
			c.later(retryDelay)
		} else {
			c.failed = false
			c.msg.DraftID, c.msg.MessageID, c.msg.Date = saved.DraftID, saved.MessageID, saved.Date
			c.view.say(i18n.T("mailui.compose.saved", "time", i18n.Clock(c.cfg.Now())))
		}
		after := c.after
		c.after = nil
		switch {
		case after != nil:
			after()
		case err == nil && done != nil:
			done()
		}
		if c.dirty && !c.ended && !c.sending {
			c.later(saveDelay)
		}
	})
}

// close ends writing. What was written is kept as a draft, and the person is told so.
func (c *compose) close() {
	if c.ended || c.sending {
		return
	}
	switch {
	case c.untouched() && c.first.DraftID == c.msg.DraftID:
		c.end()
	case c.untouched() && c.first.DraftID == 0, c.empty():
		c.throwAway(func() { c.end() })
	default:
		c.save(func() {
			c.cfg.Toast(i18n.T("mailui.compose.kept"), "", nil)
			c.end()
		})
	}
}

// throwAway removes the draft from the store, if there is one.
func (c *compose) throwAway(done func()) {
	if c.saving {
		c.after = func() { c.throwAway(done) }
		return
	}
	id := c.msg.DraftID
	if id == 0 {
		done()
		return
	}
	kit.Load(func() (struct{}, error) { return struct{}{}, c.cfg.Mail.DiscardDraft(c.ctx, id) }, func(_ struct{}, err error) {
		if err != nil {
			c.sending = false
			c.cfg.ShowError(err)
			return
		}
		done()
	})
}

// discard throws the message away without a question; for a while it can be brought back.
func (c *compose) discard() {
	if c.ended || c.sending {
		return
	}
	m := c.collect()
	c.sending = true // nothing may be saved from here on
	c.throwAway(func() {
		c.end()
		m.DraftID = 0
		c.cfg.Toast(i18n.T("mailui.compose.discarded"), i18n.T("mailui.undo"), func() { c.reopen(m) })
	})
}

// stop ends saving by itself.
func (c *compose) stop() {
	c.ended = true
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
}

// end closes the window.
func (c *compose) end() {
	c.stop()
	c.win.SetCloseIntercept(nil)
	c.win.Close()
	if c.onEnd != nil {
		c.onEnd(c)
	}
}

// send checks the message and puts it into the outbox.
func (c *compose) send() {
	if c.ended || c.sending || !c.check() {
		return
	}
	c.sending = true
	c.view.send.Disable()
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
	c.hand()
}

// hand gives the message to the store once no save is running any more.
func (c *compose) hand() {
	if c.saving {
		c.after = c.hand
		return
	}
	m := c.collect()
	kit.Load(func() (int64, error) { return c.cfg.Mail.Send(c.ctx, m) }, func(op int64, err error) {
		if err != nil {
			c.sending = false
			c.view.send.Enable()
			c.view.alert(i18n.T("mailui.compose.not-sent"))
			c.cfg.ShowError(err)
			c.dirty, c.sure = true, false
			c.later(saveDelay)
			return
		}
		c.end()
		if c.cfg.Cancel == nil {
			c.cfg.Toast(c.sentWords(m), "", nil)
			return
		}
		c.cfg.Toast(c.sentWords(m), i18n.T("mailui.compose.recall"), func() { c.recall(op, m) })
	})
}

// recall takes a message back that has not left yet, and opens it again.
func (c *compose) recall(op int64, m mail.Outgoing) {
	kit.Load(func() (mail.Outgoing, error) {
		if err := c.cfg.Cancel(c.ctx, op); err != nil {
			return m, err
		}
		if m.DraftID == 0 {
			return m, nil
		}
		if back, err := c.cfg.Mail.OpenDraft(c.ctx, m.DraftID); err == nil {
			return back, nil
		}
		m.DraftID = 0
		return m, nil
	}, func(m mail.Outgoing, err error) {
		if err != nil {
			c.cfg.ShowError(err)
			return
		}
		c.reopen(m)
	})
}
