// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"context"
	"slices"
	"strings"

	"kontor/app/mail"
	"kontor/app/ui/kit"
)

// writers lists who a person can write as, the accounts in their order.
func (p *Page) writers(ctx context.Context) ([]mail.Identity, error) {
	accounts, err := p.cfg.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	var all []mail.Identity
	for _, a := range accounts {
		if p.cfg.Identities == nil {
			all = append(all, mail.Identity{AccountID: a.ID, Name: a.From.Name, Address: a.From.Addr})
			continue
		}
		list, err := p.cfg.Identities(ctx, a.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

// writer gives the place of who the message is from among the writers, -1 where that is nobody of them.
func (c *compose) writer() int {
	return slices.IndexFunc(c.writers, func(i mail.Identity) bool {
		return i.AccountID == c.msg.AccountID && i.ID == c.msg.Identity && mail.SameAddress(i.Address, c.msg.From.Addr)
	})
}

// writeAs changes who the message is from, with the signature and the address for answers.
func (c *compose) writeAs(next mail.Identity) {
	if at := c.writer(); at >= 0 && c.writers[at] == next {
		return
	}
	c.turn++
	turn := c.turn
	m := c.collect()
	m.AccountID, m.Text = next.AccountID, ""
	kit.Load(func() (mail.Outgoing, error) { return c.cfg.Mail.WriteAs(c.ctx, m, next.ID) }, func(m mail.Outgoing, err error) {
		if turn != c.turn || c.ended {
			return
		}
		if err != nil {
			c.cfg.ShowError(err)
			c.view.showWriter()
			return
		}
		before := ""
		if at := c.writer(); at >= 0 {
			before = c.writers[at].Signature
		}
		c.msg.AccountID, c.msg.Identity, c.msg.From, c.msg.Organisation = m.AccountID, m.Identity, m.From, m.Organisation
		c.view.replyTo.set(m.ReplyTo)
		c.view.withReplyTo = c.view.withReplyTo || len(m.ReplyTo) > 0
		c.view.setText(resign(c.view.text.Text, before, next.Signature, c.quote != ""))
		c.changed()
		c.readRules()
	})
}

// resign changes the signature of what a person wrote. above says that a folded quote follows, which a delimiter would
// hide in other programs.
func resign(own, before, after string, above bool) string {
	if above && strings.TrimSpace(before) == "" && strings.TrimSpace(after) != "" {
		return strings.TrimRight(own, "\n") + "\n\n" + strings.TrimSpace(after) + "\n"
	}
	return mail.ChangeSignature(own, before, after)
}
