// SPDX-License-Identifier: EUPL-1.2

package accountui

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"

	"kontor/app/accounts"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// browser is the offer to sign in at the server itself, with the browser, and what it takes while that is under way. The
// person's own password, and whatever second factor there is, never come into this program.
type browser struct {
	start   *kit.Button
	offer   *fyne.Container
	said    *kit.Paragraph  // how it goes
	waiting *fyne.Container // while the person is away
	url     string          // that the person signs in at
}

func newBrowser(f *form) *browser {
	b := &browser{start: kit.NewPlain(i18n.T("accountui.browser"), "external", f.signIn)}
	b.said = kit.NewParagraph("", 13, theme.Text)
	b.waiting = kit.NewColumn(2,
		kit.NewRowOf(0, kit.NewLink(i18n.T("accountui.browser.again"), func() { f.open(b.url) })),
		kit.NewRowOf(0, kit.NewLink(i18n.T("accountui.browser.copy"), func() {
			f.cfg.Copy(b.url)
			f.sayThere(i18n.T("accountui.browser.copied"), theme.Muted)
		})))
	b.offer = kit.NewColumn(4, kit.NewRowOf(0, b.start), kit.NewParagraph(i18n.T("accountui.browser.text"), 12, theme.Muted), b.said, b.waiting)
	b.rest()
	return b
}

// rest is before and after: nothing is under way.
func (b *browser) rest() {
	b.said.Set("", theme.Text)
	b.said.Hide()
	b.waiting.Hide()
}

// sayThere says how the sign-in goes, beside the button that began it.
func (f *form) sayThere(words string, token theme.Token) {
	f.browser.said.Set(words, token)
	f.browser.said.Show()
	f.reflow()
}

// signIn begins with what needs no server: the address of one, and nothing in the account that its password is no use for.
func (f *form) signIn() {
	a := f.attempt()
	asked := a.draft
	if !strings.Contains(asked.FilesURL, "://") {
		asked.FilesURL = "https://" + asked.FilesURL
	}
	switch {
	case f.busy:
	case a.draft.FilesURL == "":
		f.sayThere(i18n.T("accountui.browser.address"), theme.Bad)
		kit.Focus(f.files)
	case a.draft.IMAPURL+a.draft.SMTPURL != "":
		f.sayThere(i18n.T("accountui.browser.no-mail"), theme.Bad)
		kit.Focus(f.imap)
	default:
		if err := asked.Validate(); err != nil {
			f.cfg.ShowError(err)
			kit.Focus(f.email)
			return
		}
		f.setChecks(nil)
		f.say("", theme.Muted)
		f.begin()
		f.sayThere(i18n.T("accountui.browser.asking"), theme.Muted)
		ask(f, func(ctx context.Context) (*accounts.LoginFlow, error) {
			return accounts.StartLogin(ctx, a.draft.FilesURL, a.draft.CAPEM)
		}, func(flow *accounts.LoginFlow, err error) { f.sent(a, flow, err) })
	}
}

// sent opens the server's page in the browser and waits until the person has signed in there.
func (f *form) sent(a attempt, flow *accounts.LoginFlow, err error) {
	if err != nil {
		f.failed(err)
		return
	}
	f.browser.url = flow.URL
	f.browser.waiting.Show()
	f.sayThere(i18n.T("accountui.browser.waiting"), theme.Text)
	f.open(flow.URL)
	ask(f, flow.Wait, func(login accounts.AppLogin, err error) {
		if err != nil {
			f.failed(err)
			return
		}
		f.browser.rest()
		a.draft, a.password = login.Fill(a.draft), login.Password
		f.files.SetText(a.draft.FilesURL)
		f.user.SetText(a.draft.User)
		f.password.SetText(a.password)
		f.test(a)
	})
}

// open shows the page in the browser. Where that does not work, the person can open the address elsewhere.
func (f *form) open(url string) {
	kit.Act(func() error { return f.cfg.OpenURL(url) }, func(err error) {
		if err != nil && f.busy {
			f.sayThere(i18n.T("accountui.browser.none", "url", url), theme.Warn)
		}
	})
}

func (f *form) failed(err error) {
	f.setBusy(false)
	f.sayThere(i18n.T("accountui.browser.failed"), theme.Bad)
	f.cfg.ShowError(err)
	kit.Focus(f.browser.start)
}
