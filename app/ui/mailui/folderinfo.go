// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"slices"

	"fyne.io/fyne/v2"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
	"kontor/sync/imapsync"
)

// folderFacts are what is known of a folder.
type folderFacts struct {
	grants app.Grants
	quotas []mail.Quota
	passed imapsync.Skipped
}

func (p *Page) readFacts(f mail.Folder) (facts folderFacts, err error) {
	if facts.grants, err = p.cfg.Mail.Rights(p.ctx, f.ID); err != nil {
		return facts, err
	}
	if facts.passed, err = p.cfg.Mail.Skipped(p.ctx, f.AccountID); err != nil || p.cfg.Quotas == nil {
		return facts, err
	}
	facts.quotas, err = p.cfg.Quotas(p.ctx, f.AccountID)
	return facts, err
}

// folderInfo shows what is known of a folder: how much is in it, how full the mailbox is, and who may do what with it.
func (p *Page) folderInfo(r navRow) {
	kit.Load(func() (folderFacts, error) { return p.readFacts(r.Folder) }, func(facts folderFacts, err error) {
		if err != nil {
			p.fail(err)
			return
		}
		p.showInfo(r, facts)
	})
}

// FolderInfo shows it of the folder in view.
func (p *Page) FolderInfo() {
	if p.list.place.Folder.ID != 0 {
		p.folderInfo(p.list.place)
	}
}

func (p *Page) showInfo(r navRow, facts folderFacts) {
	var w *sideWindow
	buttons := []*kit.Button{kit.NewPlain(i18n.T("mailui.info.close"), "", func() { w.Close() })}
	if p.cfg.AskRights != nil && r.Folder.Role != mail.RoleOutbox {
		ask := kit.NewPlain(i18n.T("mailui.info.ask"), "sync", nil)
		ask.OnTap = func() {
			ask.SetEnabled(false)
			w.say(i18n.T("mailui.info.asking"), theme.Muted)
			p.askFacts(r.Folder, func(facts folderFacts, err error) {
				ask.SetEnabled(true)
				if err != nil {
					title, advice := app.Explain(err)
					w.say(title+" "+advice, theme.Bad)
					return
				}
				w.fill(p.infoParts(r, facts)...)
				w.say(grantNote(facts.grants), theme.Muted)
			})
		}
		buttons = append(buttons, ask)
	}
	w = p.sideWindow(i18n.T("mailui.info.title", "name", r.Title), 560, 460, buttons...)
	w.fill(p.infoParts(r, facts)...)
	if r.Folder.Role != mail.RoleOutbox {
		w.say(grantNote(facts.grants), theme.Muted)
	}
}

// askFacts asks the server who may do what, and reads everything again.
func (p *Page) askFacts(f mail.Folder, done func(folderFacts, error)) {
	kit.Load(func() (folderFacts, error) {
		if err := p.cfg.AskRights(p.ctx, f.ID); err != nil {
			return folderFacts{}, err
		}
		return p.readFacts(f)
	}, done)
}

// infoParts are what the window shows: the numbers, and then whose rights are which, in words that wrap.
func (p *Page) infoParts(r navRow, facts folderFacts) []fyne.CanvasObject {
	f := r.Folder
	lines := []kit.Detail{
		{Label: i18n.T("mailui.info.account"), Value: p.accountTitle(f.AccountID)},
		{Label: i18n.T("mailui.info.name"), Value: oneLine(f.Name)},
		{Label: i18n.T("mailui.info.messages"), Value: i18n.T("mailui.info.count", "n", f.Total, "unread", i18n.Count(f.Unread))},
	}
	if f.Space != mail.SpaceOwn {
		lines = append(lines, kit.Detail{Label: i18n.T("mailui.info.owner"), Value: boxTitle(f)})
	}
	for _, q := range facts.quotas {
		lines = append(lines, kit.Detail{Label: i18n.T("mailui.info.quota"), Value: app.QuotaText(q)})
	}
	parts := []fyne.CanvasObject{kit.Heading(r.Title), kit.NewDetailGrid(lines...)}
	if f.Role == mail.RoleOutbox {
		return parts
	}
	if slices.Contains(facts.passed.Folders, f.ID) {
		parts = append(parts, captioned(i18n.T("mailui.info.unread"), i18n.T("mailui.info.unread-why")))
	}
	if n := facts.passed.Answers; n > 0 {
		parts = append(parts, captioned(i18n.T("mailui.info.skipped"), i18n.T("mailui.info.skipped-why", "n", n, "when", i18n.DateTime(facts.passed.Last))))
	}
	parts = append(parts, captioned(i18n.T("mailui.info.rights"), app.RightsText(facts.grants.Folder.Rights)))
	for _, g := range facts.grants.All {
		parts = append(parts, captioned(oneLine(app.WhoText(g)), app.RightsText(g.Rights)))
	}
	return parts
}

// grantNote says how old the list of people is, and why there may be none.
func grantNote(g app.Grants) string {
	if g.Asked.IsZero() {
		return i18n.T("mailui.info.never")
	}
	return i18n.T("mailui.info.asked", "when", i18n.DateTime(g.Asked))
}

// fullest gives the mailbox that has the least room left in proportion, of those that say how much they hold.
func fullest(all []mail.Quota) (mail.Quota, bool) {
	all = slices.DeleteFunc(slices.Clone(all), func(q mail.Quota) bool { return q.Limit <= 0 || app.QuotaText(q) == "" })
	if len(all) == 0 {
		return mail.Quota{}, false
	}
	return slices.MaxFunc(all, func(a, b mail.Quota) int {
		switch {
		case a.Share() < b.Share():
			return -1
		case a.Share() > b.Share():
			return 1
		}
		return 0
	}), true
}
