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
	scroll   *kit.Scroller
	name     *kit.Label
	state    *kit.Badge
	problem  *kit.Paragraph
	stateBox fyne.CanvasObject
	where    *long
	local    *long
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
		problem: kit.NewParagraph("", 12, theme.Bad),
	}
	d.open = kit.NewPrimary(i18n.T("filesui.menu.open"), func() { p.openEntry(d.entry) })
	d.mail = kit.NewPlain(i18n.T("filesui.menu.mail"), "", func() { p.mail(d.about()) })
	d.pin = kit.NewPlain("", "pin", func() { p.pin(d.about()) })
	d.decide = kit.NewPlain(i18n.T("filesui.menu.decide"), "warning", func() { p.cfg.Decide() })
	d.where, d.local = newLong("filesui.path"), newLong("filesui.local")
	d.stateBox = container.NewHBox(d.state)
	d.body = kit.NewColumn(6, d.name, d.stateBox, d.problem, d.grid, d.where.box, d.local.box, kit.Space(1, 2),
		kit.NewRowOf(8, d.open, d.mail), kit.NewRowOf(8, d.pin), kit.NewRowOf(8, d.decide))
	d.body.Hide()
	d.scroll = kit.NewScroller(kit.NewPanel(theme.Surface, d.body).Padded(16, 20, 16, 20))
	d.content = kit.NewPanel(theme.Surface, d.scroll.Container)
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

// about are the entries that the buttons act on.
func (d *detail) about() []files.Entry {
	if d.chosenBy > 1 {
		return d.page.selected()
	}
	return []files.Entry{d.entry}
}

// fillMany sums up what is selected.
func (d *detail) fillMany(all []files.Entry) {
	size, folders := int64(0), false
	for _, e := range all {
		size += e.Size
		folders = folders || e.Dir
	}
	words := i18n.Size(size)
	if folders {
		words = "" // what lies in folders is not counted
	}
	d.name.Set(i18n.T("filesui.chosen", "n", len(all)))
	d.grid.Set(kit.Detail{Label: i18n.T("filesui.col.size"), Value: words})
	d.where.set("")
	d.local.set("")
	kit.SetVisible(d.problem, false)
	kit.SetVisible(d.decide, false)
}

func (d *detail) fill() {
	all := d.about()
	one := len(all) == 1
	for _, o := range []fyne.CanvasObject{d.stateBox, d.open} {
		kit.SetVisible(o, one)
	}
	if one {
		d.fillOne()
	} else {
		d.fillMany(all)
	}
	pin, pinnable := pinWords(all)
	d.pin.SetText(i18n.T(pin))
	d.pin.SetEnabled(pinnable)
	d.mail.SetEnabled(len(localPaths(all)) > 0)
	d.body.Show()
	d.body.Refresh()
	d.scroll.Reflow()
}

func (d *detail) fillOne() {
	e, now := d.entry, d.page.cfg.Now()
	d.name.Set(e.Name)
	icon, tone := stateLook(e)
	d.state.Set(stateWords(e), icon, tone)
	d.problem.Set("", theme.Bad)
	if e.Problem != "" {
		d.problem.Set(i18n.T(e.Problem), theme.Bad)
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
		kit.Detail{Label: i18n.T("filesui.verified"), Value: verified},
	)
	d.where.set(strings.ReplaceAll(e.Path, "/", " › "))
	d.local.set(e.LocalPath)
	kit.SetVisible(d.problem, d.problem.Words() != "")
	kit.SetVisible(d.decide, e.State == files.Conflict)
}

// long is a value that takes as many lines as it needs below its caption.
type long struct {
	box  *fyne.Container
	text *kit.Paragraph
}

func newLong(key string) *long {
	l := &long{text: kit.NewParagraph("", 14, theme.Text)}
	l.box = kit.NewColumn(1, kit.NewLabel(i18n.T(key), 14, theme.Muted, false), l.text)
	return l
}

func (l *long) set(words string) {
	l.text.Set(words, theme.Text)
	kit.SetVisible(l.box, words != "")
}
