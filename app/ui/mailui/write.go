// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"context"

	"fyne.io/fyne/v2"

	"kontor/app/mail"
	"kontor/app/ui/kit"
)

// draftOf begins a message away from the UI goroutine and opens it in the editor.
func (p *Page) draftOf(begin func(ctx context.Context) (mail.Outgoing, error)) {
	var writers []mail.Identity
	kit.Load(func() (m mail.Outgoing, err error) {
		if writers, err = p.writers(p.ctx); err != nil {
			return m, err
		}
		return begin(p.ctx)
	}, func(m mail.Outgoing, err error) {
		if err != nil {
			p.fail(err)
			return
		}
		p.edit(m, writers)
	})
}

// edit opens a message in the editor. A draft that is already open comes to the front.
func (p *Page) edit(m mail.Outgoing, writers []mail.Identity) *compose {
	for c := range p.composes {
		if m.DraftID != 0 && c.msg.DraftID == m.DraftID {
			c.win.RequestFocus()
			return c
		}
	}
	c := newCompose(p.ctx, &p.cfg, writers, m)
	c.onEnd = func(c *compose) { delete(p.composes, c) }
	c.reopen = func(m mail.Outgoing) { p.restore(m, writers) }
	p.composes[c] = struct{}{}
	return c
}

// restore opens a message again that was thrown away or called back. It is saved at once: closing must not lose it.
func (p *Page) restore(m mail.Outgoing, writers []mail.Identity) {
	c := p.edit(m, writers)
	c.first = mail.Outgoing{}
	c.save(nil)
}

// Write opens an empty message.
func (p *Page) Write() {
	account := p.writeAccount()
	p.draftOf(func(ctx context.Context) (mail.Outgoing, error) {
		account, err := p.firstAccount(ctx, account)
		if err != nil {
			return mail.Outgoing{}, err
		}
		return p.cfg.Mail.New(ctx, account)
	})
}

// writeAccount is the account of the place that is shown, 0 where it is of all accounts.
func (p *Page) writeAccount() int64 { return p.list.place.Account }

// firstAccount gives account, or the first there is.
func (p *Page) firstAccount(ctx context.Context, account int64) (int64, error) {
	if account != 0 {
		return account, nil
	}
	list, err := p.cfg.Accounts(ctx)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	return list[0].ID, nil
}

// WriteTo opens a message for a mailto URL.
func (p *Page) WriteTo(mailto string) {
	wish, err := ParseMailto(mailto)
	if err != nil {
		p.fail(err)
		return
	}
	p.Compose(wish)
}

// Compose opens a message with recipients, subject, text and attachments of wish: for mailto links, and for files that
// are to be sent.
func (p *Page) Compose(wish mail.Outgoing) {
	account := wish.AccountID
	if account == 0 {
		account = p.writeAccount()
	}
	p.draftOf(func(ctx context.Context) (mail.Outgoing, error) {
		account, err := p.firstAccount(ctx, account)
		if err != nil {
			return mail.Outgoing{}, err
		}
		m, err := p.cfg.Mail.New(ctx, account)
		m.To, m.Cc, m.Bcc, m.Subject, m.Attachments = wish.To, wish.Cc, wish.Bcc, wish.Subject, wish.Attachments
		if wish.Text != "" {
			m.Text = wish.Text + "\n" + m.Text
		}
		return m, err
	})
}

// Reply answers the opened message, or all who got it.
func (p *Page) Reply(all bool) {
	if id := p.single(); id != 0 {
		p.draftOf(func(ctx context.Context) (mail.Outgoing, error) { return p.cfg.Mail.Reply(ctx, id, all) })
	}
}

// Forward passes the opened message on.
func (p *Page) Forward() {
	if id := p.single(); id != 0 {
		p.draftOf(func(ctx context.Context) (mail.Outgoing, error) { return p.cfg.Mail.Forward(ctx, id) })
	}
}

// Resend begins a new message that says the same, to the same people.
func (p *Page) Resend() {
	if id := p.single(); id != 0 {
		p.draftOf(func(ctx context.Context) (mail.Outgoing, error) { return p.cfg.Mail.Resend(ctx, id) })
	}
}

// single gives the one message that is chosen, 0 for none or several.
func (p *Page) single() int64 {
	if ids := p.target(); len(ids) == 1 {
		return ids[0]
	}
	return 0
}

func (p *Page) editDraft(id int64) {
	p.draftOf(func(ctx context.Context) (mail.Outgoing, error) { return p.cfg.Mail.OpenDraft(ctx, id) })
}

// Writing gives the windows of the messages that are being written, so that the program can ask them to keep their text
// before it ends.
func (p *Page) Writing() []fyne.Window {
	out := make([]fyne.Window, 0, len(p.composes))
	for c := range p.composes {
		out = append(out, c.win)
	}
	return out
}

// CloseAll keeps every message that is being written as a draft; done runs when all are safe.
func (p *Page) CloseAll(done func()) {
	left := len(p.composes)
	if left == 0 {
		done()
		return
	}
	for c := range p.composes {
		was := c.onEnd
		c.onEnd = func(c *compose) {
			was(c)
			if left--; left == 0 {
				done()
			}
		}
		c.close()
	}
}
