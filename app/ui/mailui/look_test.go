// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"context"
	"fmt"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/ui/theme"
	"kontor/app/ui/uitest"
	"kontor/storage"
)

// busy is a town with what makes a page full: tags, receipts, protection, reports.
func busy(t testing.TB) (w *town, asked, bounced int64) {
	t.Helper()
	w = newTown(t)
	asked = w.receive(askingMail)
	bounced = w.receive(bounceMail)
	w.core.Must(w.core.Mail.Keywords(w.ctx(), []int64{asked, bounced}, []string{"$label1", "$label4", "Haushaltsplanung"}, nil))
	_, err := w.core.Accounts.SetIdentity(w.ctx(), mail.Identity{
		AccountID: w.core.Account, Name: "Bauamt der Stadt", Address: "bauamt@stadt.example", ReplyTo: "bauakten@stadt.example", Signature: "Bauamt\nRathausplatz 1",
	})
	w.core.Must(err)
	w.Settle()
	return w, asked, bounced
}

// TestNoWordIsCutOff at any size, in both languages, wherever the page can be.
func TestNoWordIsCutOff(t *testing.T) {
	w, asked, bounced := busy(t)
	w.EachSize(w.show, func(fits func(string)) {
		fits("list")
		for name, id := range map[string]int64{"asked": asked, "bounced": bounced} {
			w.page.Open(id)
			w.Settle()
			fits(name)
			w.page.reader.details = true
			w.page.reader.again()
			fits(name + " with details")
			w.page.reader.details = false
		}
		w.page.cols.Front(paneNav)
		fits("folders")
		w.page.cols.Front(paneList)
		w.page.Filter()
		fits("filter")
		w.page.list.rows.SelectAll()
		fits("many chosen")
	})
}

// TestNoWordOfTheEditorIsCutOff with all of its lines and bars.
func TestNoWordOfTheEditorIsCutOff(t *testing.T) {
	w, _, _ := busy(t)
	w.EachSize(w.show, func(fits func(string)) {
		c, back := w.writing(w.page.Write)
		scale := theme.Px(100) / 100
		c.win.Resize(fyne.NewSize(min(760*scale, 1200), min(640*scale, 760)))
		fits("empty")
		c.view.withCc, c.view.withReplyTo = true, true
		c.msg.ReadReceipt, c.msg.DeliveryReceipt = true, true
		c.plan(time.Now().Add(80 * time.Hour))
		c.attach([]NamedFile{{Name: "Lageplan mit einem sehr langen Namen, der nicht endet.pdf", Data: func() ([]byte, error) { return make([]byte, 1<<20), nil }}})
		w.Settle()
		c.view.to.entry.SetText("a@b.example, lena.brandt@stadt.example")
		fits("full")
		c.send()
		if !c.view.notice.Visible() {
			t.Error("it must ask")
		}
		fits("asked")
		back()
		c.discard()
	})
}

// shares fills the mailbox, and says who may do what with its inbox.
func (w *town) shares() {
	w.T.Helper()
	w.core.Write(func(ctx context.Context, tx *storage.Tx) error {
		err := tx.SaveQuotas(ctx, w.core.Account, []mail.Quota{
			{AccountID: w.core.Account, Root: "User quota", Resource: "STORAGE", Used: 4_700_000, Limit: 5_000_000},
			{AccountID: w.core.Account, Root: "User quota", Resource: "MESSAGE", Used: 12_000, Limit: 50_000},
		})
		if err != nil {
			return err
		}
		inbox, err := tx.FolderByRole(ctx, w.core.Account, mail.RoleInbox)
		if err != nil {
			return err
		}
		return tx.SaveGrants(ctx, inbox.ID, []mail.Grant{{Who: "jonas.weber", Rights: "lrswite"}, {Who: "group:referat-32-bauordnung-und-denkmalschutz", Rights: "lr"}}, time.Now())
	})
	w.cfg.Quotas, w.cfg.AskRights = w.core.Accounts.Quotas, w.core.Accounts.AskRights
	w.Settle()
}

// TestNoWordOfTheWindowsIsCutOff: what is kept, who may do what.
func TestNoWordOfTheWindowsIsCutOff(t *testing.T) {
	w, _, _ := busy(t)
	w.shares()
	w.EachSize(w.show, func(fits func(string)) {
		w.place(mail.RoleInbox, "")
		scale := theme.Px(100) / 100
		for name, open := range map[string]func(){"what is kept": w.page.Offline, "the folder": w.page.FolderInfo} {
			back := w.beside(open)
			w.Resize(min(640*scale, 1200), min(640*scale, 760))
			fits(name)
			w.Window.Close()
			back()
		}
	})
}

// TestPagesForPeople writes the page as people see it.
func TestPagesForPeople(t *testing.T) {
	uitest.ForPictures(t)
	w, asked, bounced := busy(t)
	w.shares()
	for i, z := range uitest.Sizes {
		for _, mode := range []theme.Mode{theme.Light, theme.Dark} {
			for _, lang := range []i18n.Lang{i18n.German, i18n.English} {
				i18n.Use(lang)
				w.SetSize(z, mode)
				w.show()
				name := fmt.Sprintf("%d-%v-%s", i, mode, lang)
				w.page.Open(asked)
				w.Settle()
				w.Picture(name + "-asked")
				w.page.Open(bounced)
				w.Settle()
				w.Picture(name + "-bounced")
				c, back := w.writing(func() { w.page.Reply(true) })
				c.msg.ReadReceipt = true
				c.plan(time.Now().Add(80 * time.Hour))
				c.view.text.SetText("Guten Tag,\n\nden Plan finden Sie anbei.\n")
				c.view.to.entry.SetText("a@b.example, lena.brandt@stadt.example")
				c.send()
				w.Settle()
				w.Picture(name + "-compose")
				back()
				c.discard()
				w.Settle()
				w.page.Redirect()
				w.Settle()
				w.Picture(name + "-redirect")
				w.Escape()
				w.page.Tag()
				w.Picture(name + "-tags")
				w.Escape()
				w.page.listMenu()
				w.Settle()
				w.Picture(name + "-sort")
				w.Escape()
				for window, open := range map[string]func(){"keep": w.page.Offline, "info": w.page.FolderInfo} {
					back := w.beside(open)
					w.Picture(name + "-" + window)
					w.Window.Close()
					back()
				}
			}
		}
	}
	i18n.Use(i18n.German)
}

const askingMail = "From: =?utf-8?q?J=C3=B6rg_Fern?= <joerg@kreis.example>\r\nTo: lena.brandt@stadt.example\r\nSubject: Bescheid zur Kenntnis\r\n" +
	"Date: Mon, 23 Nov 2026 09:00:00 +0100\r\nMessage-ID: <ask@kreis.example>\r\nDisposition-Notification-To: joerg@kreis.example\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" +
	"Guten Tag,\r\n\r\nanbei der Bescheid.\r\n--b\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\nMAAA\r\n--b--\r\n"

const bounceMail = "From: Mail Delivery System <mailer-daemon@stadt.example>\r\nTo: lena.brandt@stadt.example\r\nSubject: Undelivered Mail\r\n" +
	"Date: Mon, 23 Nov 2026 09:01:00 +0100\r\nMessage-ID: <bounce@stadt.example>\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n" +
	"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n" +
	"Final-Recipient: rfc822; nobody@fern.example\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 no such user\r\n\r\n" +
	"Final-Recipient: rfc822; late@fern.example\r\nAction: delayed\r\nStatus: 4.4.1\r\n--b--\r\n"
