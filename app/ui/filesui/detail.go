// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// detail is the pane at the right.
type detail struct {
	page     *Page
	content  fyne.CanvasObject
	body     *fyne.Container
	name     *kit.Label
	state    *kit.Badge
	problem  *kit.Label
	grid     *kit.DetailGrid
	open     *kit.Button
	mail     *kit.Button
	pin      *kit.Button
	decide   *kit.Button
	entry    files.Entry
	turn     int
	chosenBy int
}

func newDetail(p *Page) *detail {
	d := &detail{
		page: p, name: kit.Heading(""), state: kit.NewBadge("", "", kit.ToneMuted), grid: kit.NewDetailGrid(),
		problem: kit.NewLabel("", 12, theme.Bad, false),
	}
	d.open = kit.NewPrimary(i18n.T("filesui.menu.open"), func() { p.openEntry(d.entry) })
	d.mail = kit.NewPlain(i18n.T("filesui.menu.mail"), "", func() { p.mail([]files.Entry{d.entry}) })
	d.pin = kit.NewPlain("", "pin", func() { p.pin([]files.Entry{d.entry}) })
	d.decide = kit.NewPlain(i18n.T("filesui.menu.decide"), "warning", func() { p.cfg.Decide() })
	d.body = container.NewVBox(d.name, container.NewHBox(d.state), d.problem, d.grid, kit.Space(1, 6),
		container.NewHBox(d.open, d.mail), container.NewHBox(d.pin), container.NewHBox(d.decide))
	d.body.Hide()
	d.content = kit.NewPanel(theme.Surface, container.NewVScroll(kit.NewPanel(theme.Surface, d.body).Padded(16, 20, 16, 20)))
	return d
}

// show tells about the entry at the cursor, or how many are selected.
func (d *detail) show(e files.Entry, many int) {
	d.entry, d.chosenBy = e, many
	if many == 0 {
		d.body.Hide()
		return
	}
	d.fill()
}

// reload reads the shown entry again.
func (d *detail) reload() {
	if d.entry.ID == 0 {
		return
	}
	d.turn++
	turn, id := d.turn, d.entry.ID
	kit.Load(func() (files.Entry, error) { return d.page.cfg.Files.Entry(context.Background(), id) }, func(e files.Entry, err error) {
		switch {
		case turn != d.turn || d.entry.ID != id:
		case err != nil:
			d.show(files.Entry{}, 0)
		default:
			d.show(e, d.chosenBy)
		}
	})
}

func (d *detail) fill() {
	e, now := d.entry, d.page.cfg.Now()
	if d.chosenBy > 1 {
		d.name.Set(i18n.T("filesui.chosen", "n", d.chosenBy))
	} else {
		d.name.Set(e.Name)
	}
	icon, tone := stateLook(e)
	d.state.Set(stateWords(e), icon, tone)
	d.problem.Set("")
	if e.Problem != "" {
		d.problem.Set(i18n.T(e.Problem))
	}
	verified := ""
	if !e.Verified.IsZero() {
		verified = i18n.DateTime(e.Verified)
	}
	size := sizeWords(e)
	if e.Dir {
		size = ""
	}
	d.grid.Set(
		kit.Detail{Label: i18n.T("filesui.col.size"), Value: size},
		kit.Detail{Label: i18n.T("filesui.col.changed"), Value: changedWords(e, now)},
		kit.Detail{Label: i18n.T("filesui.path"), Value: strings.ReplaceAll(e.Path, "/", " › ")},
		kit.Detail{Label: i18n.T("filesui.verified"), Value: verified},
		kit.Detail{Label: i18n.T("filesui.local"), Value: e.LocalPath},
	)
	pin := "filesui.menu.pin"
	if e.PinnedHere {
		pin = "filesui.menu.unpin"
	}
	d.pin.SetText(i18n.T(pin))
	d.pin.SetEnabled(!e.Pinned || e.PinnedHere)
	d.mail.SetEnabled(!e.Dir && e.LocalPath != "")
	kit.SetVisible(d.problem, d.problem.Words() != "")
	kit.SetVisible(d.decide, e.State == files.Conflict)
	d.body.Show()
	d.body.Refresh()
}
