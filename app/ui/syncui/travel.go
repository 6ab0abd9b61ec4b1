// SPDX-License-Identifier: EUPL-1.2

package syncui

import (
	"fyne.io/fyne/v2"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
)

// prepare brings everything up to date before a journey. Where files lie on the server only, the person says whether they
// shall come too, knowing how much that is and how much room there is.
func (p *Page) prepare() {
	kit.Load(func() (app.Travel, error) { return p.cfg.Travel.Travel(p.ctx) }, func(t app.Travel, err error) {
		switch {
		case err != nil:
			p.cfg.ShowError(err)
		case t.Kept || t.Accounts == 0 || t.Files == 0:
			p.cfg.SyncNow()
			p.cfg.Toast(i18n.T("syncui.travel.syncing"), "", nil)
		default:
			title := i18n.T("syncui.travel.ask", "n", t.Files, "count", i18n.Count(t.Files), "size", i18n.Size(t.Bytes))
			p.cfg.Choose(title, roomWords(t),
				kit.Choice{Label: i18n.T("syncui.travel.all"), Do: func() { p.keepAll(true) }},
				kit.Choice{Label: i18n.T("syncui.travel.sync"), Do: p.cfg.SyncNow})
		}
	})
}

// roomWords says whether what is missing fits.
func roomWords(t app.Travel) string {
	switch {
	case t.Free < 0:
		return i18n.T("syncui.travel.then")
	case t.Fits():
		return i18n.T("syncui.travel.room", "free", i18n.Size(t.Free)) + " " + i18n.T("syncui.travel.then")
	}
	return i18n.T("syncui.travel.no-room", "free", i18n.Size(t.Free))
}

// keepAll keeps all files offline, or no longer.
func (p *Page) keepAll(on bool) {
	kit.Act(func() error { return p.cfg.Travel.KeepAll(p.ctx, on) }, func(err error) {
		if err != nil {
			p.cfg.ShowError(err)
			return
		}
		words, back := i18n.T("syncui.travel.comes"), i18n.T("syncui.verb.cancel")
		if on {
			p.cfg.SyncNow()
		} else {
			words = i18n.T("syncui.travel.ended")
		}
		p.cfg.Toast(words, back, func() { p.keepAll(!on) })
		p.side.read()
	})
}

// kept says that all files are kept here, and lets that end.
func (s *side) kept() []fyne.CanvasObject {
	if !s.room.Kept {
		return nil
	}
	end := s.add(kit.NewLink(i18n.T("syncui.travel.end"), func() { s.page.keepAll(false) }))
	return []fyne.CanvasObject{wrapped(i18n.T("syncui.travel.kept")), kit.NewRowOf(0, end)}
}
