// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"context"
	"strings"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/mail"
)

// protectionWords says how a message is protected. Nothing here has been verified, and that is said too.
func protectionWords(p mail.Protection) string {
	switch p {
	case mail.SMIMESigned, mail.PGPSigned:
		return i18n.T("mailui.label.signed", "how", protectionName(p))
	case mail.SMIMEEncrypted, mail.PGPEncrypted:
		return i18n.T("mailui.label.encrypted", "how", protectionName(p))
	}
	return ""
}

func protectionName(p mail.Protection) string {
	if p == mail.PGPSigned || p == mail.PGPEncrypted {
		return "OpenPGP"
	}
	return "S/MIME"
}

// reportWords says what a report is about, one sentence each outcome, the failures first. bad says that somebody did not
// get the message.
func reportWords(r *mail.Report) (words string, bad bool) {
	if r == nil {
		return "", false
	}
	if r.Kind == mail.ReportAbuse {
		return i18n.T("mailui.report.abuse"), true
	}
	var failed, rest []string
	for _, o := range r.Recipients {
		who := oneLine(o.Addr)
		switch {
		case o.Failed():
			why, _ := app.ExplainOp(journal.Op{LastError: o.Status, Cause: "send." + mail.ReplyCause(0, o.Status)})
			if why == "" {
				why = i18n.T("mailui.report.unknown")
			}
			failed = append(failed, i18n.T("mailui.report.failed", "who", who, "why", why))
		case r.Kind == mail.ReportReceipt:
			rest = append(rest, i18n.T(receiptKey(o.Action), "who", who))
		default:
			rest = append(rest, i18n.T(deliveryKey(o.Action), "who", who))
		}
	}
	const most = 4
	all := append(failed, rest...)
	if len(all) > most {
		all = append(all[:most-1:most-1], i18n.T("mailui.report.more", "n", len(all)-most+1))
	}
	return strings.Join(all, " "), len(failed) > 0
}

func receiptKey(action string) string {
	switch action {
	case "displayed", "":
		return "mailui.report.read"
	case "deleted":
		return "mailui.report.deleted"
	}
	return "mailui.report.handled"
}

func deliveryKey(action string) string {
	switch action {
	case "delivered", "expanded":
		return "mailui.report.delivered"
	case "delayed":
		return "mailui.report.delayed"
	}
	return "mailui.report.relayed"
}

// wantsReceipt gives who asks for a receipt. It runs away from the UI goroutine.
func (p *Page) wantsReceipt(ctx context.Context, m mail.Message) ([]mail.Address, error) {
	if !m.HasBody || m.Flags.Has(mail.MDNSent) {
		return nil, nil
	}
	return p.cfg.Mail.ReceiptWanted(ctx, m.ID)
}

// asksReceipt reports whether a receipt is to be asked about in a folder: nobody confirms what was thrown away, and who
// sends junk shall not learn that it was read.
func asksReceipt(role mail.Role) bool {
	switch role {
	case mail.RoleSent, mail.RoleDrafts, mail.RoleOutbox, mail.RoleJunk, mail.RoleTrash:
		return false
	}
	return true
}

// answerReceipt sends the receipt that somebody asked for, or lets nobody ask again.
func (p *Page) answerReceipt(yes bool) {
	id := p.reader.id
	p.reader.sheet.receipt.Hide()
	p.reader.shown.receipt = nil
	p.reader.Refresh()
	if !yes {
		p.quietly(func(ctx context.Context) error { return p.cfg.Mail.Mark(ctx, []int64{id}, mail.MDNSent, 0) })
		return
	}
	var op int64
	p.perform(func(ctx context.Context) (err error) {
		op, err = p.cfg.Mail.SendReceipt(ctx, id)
		return err
	}, func() { p.sentToast(i18n.T("mailui.done.receipt"), op) })
}
