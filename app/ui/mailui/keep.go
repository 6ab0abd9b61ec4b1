// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// What can be chosen of each rule; 0 is no limit.
var (
	keepDays  = []int64{30, 90, 365, 730, 1825, 0}
	keepSizes = []int64{1_000_000, 5_000_000, 10_000_000, 25_000_000, 0}
	keepRoom  = []int64{1_000_000_000, 5_000_000_000, 10_000_000_000, mail.DefaultKeep.Quota, 0}
)

// keepPanel chooses which messages of an account are kept here, and says what that would change before it is done.
type keepPanel struct {
	page    *Page
	account int64
	rules   mail.Keep
	win     *sideWindow
	apply   *kit.Button
	asked   int // the newest question for the effect
}

// Offline asks what of the account in view is to be kept here.
func (p *Page) Offline() {
	account := p.writeAccount()
	if account == 0 && len(p.nav.accounts) > 0 {
		account = p.nav.accounts[0].ID
	}
	if account != 0 {
		p.keepOf(account)
	}
}

func (p *Page) keepOf(account int64) {
	kit.Load(func() (app.Kept, error) { return p.cfg.Mail.Kept(p.ctx, account) }, func(kept app.Kept, err error) {
		if err != nil {
			p.fail(err)
			return
		}
		p.showKeep(account, kept)
	})
}

func (p *Page) showKeep(account int64, kept app.Kept) {
	k := &keepPanel{page: p, account: account, rules: kept.Rules}
	k.rules.Without = slices.Clone(kept.Rules.Without)
	k.apply = kit.NewPrimary(i18n.T("mailui.ok"), k.keep)
	leave := kit.NewPlain(i18n.T("mailui.cancel"), "", func() { k.win.Close() })
	set := func(rule *int64) func(int64) { return func(n int64) { *rule = n; k.weigh() } }
	parts := []fyne.CanvasObject{
		kit.NewColumn(6, kit.Heading(p.accountTitle(account)), kit.NewParagraph(i18n.T("mailui.keep.text")+" "+keptWords(kept), 13, theme.Muted)),
		captioned(i18n.T("mailui.keep.age"), "", choice("mailui.keep.age", int64(k.rules.Days), keepDays, ageWords, func(n int64) { k.rules.Days = int(n); k.weigh() })),
		captioned(i18n.T("mailui.keep.size"), "", choice("mailui.keep.size", k.rules.Size, keepSizes, sizeWords, set(&k.rules.Size))),
		captioned(i18n.T("mailui.keep.room"), i18n.T("mailui.keep.room-text"), choice("mailui.keep.room", k.rules.Quota, keepRoom, roomWords, set(&k.rules.Quota))),
	}
	if boxes := k.folders(); boxes != nil {
		parts = append(parts, captioned(i18n.T("mailui.keep.folders"), i18n.T("mailui.keep.folders-text"), boxes))
	}
	k.win = p.sideWindow(i18n.T("mailui.keep.title"), 640, 640, k.apply, leave)
	k.win.fill(parts...)
	k.weigh()
}

// accountTitle is how an account is called on the page.
func (p *Page) accountTitle(id int64) string {
	for _, a := range p.nav.accounts {
		if a.ID == id {
			return a.Title
		}
	}
	return ""
}

// choice offers values of a rule, the one in use among them even where nobody would offer it.
func choice(key string, now int64, values []int64, words func(int64) string, change func(int64)) fyne.CanvasObject {
	if !slices.Contains(values, now) {
		values = append(slices.Clone(values), now)
		slices.SortFunc(values, func(a, b int64) int { return cmp.Compare(uint64(a-1), uint64(b-1)) }) // no limit is the largest
	}
	options := make([]kit.Option, len(values))
	for i, v := range values {
		options[i] = kit.Option{ID: strconv.FormatInt(v, 10), Label: words(v)}
	}
	return kit.NewSegments(i18n.T(key), strconv.FormatInt(now, 10), options, func(id string) {
		if n, err := strconv.ParseInt(id, 10, 64); err == nil {
			change(n)
		}
	})
}

func ageWords(days int64) string {
	switch {
	case days == 0:
		return i18n.T("mailui.keep.any-age")
	case days%365 == 0:
		return i18n.T("mailui.keep.years", "n", int(days/365))
	}
	return i18n.T("mailui.keep.days", "n", int(days))
}

func sizeWords(octets int64) string {
	if octets == 0 {
		return i18n.T("mailui.keep.any-size")
	}
	return i18n.T("mailui.keep.up-to", "size", i18n.Size(octets))
}

func roomWords(octets int64) string {
	if octets == 0 {
		return i18n.T("mailui.keep.any-room")
	}
	return i18n.T("mailui.keep.up-to", "size", i18n.Size(octets))
}

// folders are the folders of the account; those that are ticked are kept. The outbox and the drafts always are.
func (k *keepPanel) folders() fyne.CanvasObject {
	var names []string
	ids := map[string]int64{}
	var kept []string
	for _, r := range k.page.nav.rows {
		f := r.Folder
		if f.ID == 0 || f.AccountID != k.account || !f.Selectable || f.Role == mail.RoleOutbox || f.Role == mail.RoleDrafts {
			continue
		}
		name := folderPath(f, []Account{{ID: k.account}})
		names = append(names, name)
		ids[name] = f.ID
		if !slices.Contains(k.rules.Without, f.ID) {
			kept = append(kept, name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	boxes := widget.NewCheckGroup(names, nil)
	boxes.SetSelected(kept)
	boxes.OnChanged = func(chosen []string) {
		for _, name := range names {
			id := ids[name]
			k.rules.Without = slices.DeleteFunc(k.rules.Without, func(other int64) bool { return other == id })
			if !slices.Contains(chosen, name) {
				k.rules.Without = append(k.rules.Without, id)
			}
		}
		k.weigh()
	}
	return boxes
}

// weigh says what the rules would change. Only the answer to the newest question is shown.
func (k *keepPanel) weigh() {
	k.asked++
	mine, rules := k.asked, k.rules
	rules.Without = slices.Clone(rules.Without)
	kit.Load(func() (mail.KeepEffect, error) { return k.page.cfg.Mail.KeepEffect(k.page.ctx, k.account, rules) }, func(e mail.KeepEffect, err error) {
		switch {
		case mine != k.asked:
		case err != nil:
			k.page.fail(err)
		default:
			k.win.say(effectWords(e), theme.Text)
		}
	})
}

// effectWords says what rules would change.
func effectWords(e mail.KeepEffect) string {
	words := i18n.T("mailui.keep.then", "n", e.Stored, "size", i18n.Size(e.Octets))
	if e.Dropped > 0 {
		words += " " + i18n.T("mailui.keep.frees", "n", e.Dropped, "size", i18n.Size(e.Frees))
	}
	if e.Fetched > 0 {
		words += " " + i18n.T("mailui.keep.loads", "n", e.Fetched, "size", i18n.Size(e.Loads))
	}
	if e.Dropped == 0 && e.Fetched == 0 {
		words += " " + i18n.T("mailui.keep.same")
	}
	return words
}

// keptWords says what is here.
func keptWords(k app.Kept) string {
	words := i18n.T("mailui.keep.now", "n", k.Whole, "size", i18n.Size(k.Octets))
	if k.Unwanted > 0 {
		words += " " + i18n.T("mailui.keep.heads", "n", k.Unwanted)
	}
	return words
}

// keep makes it so.
func (k *keepPanel) keep() {
	p := k.page
	k.apply.SetEnabled(false)
	account, rules := k.account, k.rules
	kit.Act(func() error { return p.cfg.Mail.Keep(context.WithoutCancel(p.ctx), account, rules) }, func(err error) {
		if err != nil {
			k.apply.SetEnabled(true)
			p.fail(err)
			return
		}
		k.win.Close()
		p.cfg.Toast(i18n.T("mailui.done.keep"), "", nil)
	})
}
