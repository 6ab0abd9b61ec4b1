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
	why      *why
	stateBox fyne.CanvasObject
	where    *long
	local    *long
	grid     *kit.DetailGrid
	open     *kit.Button
	mail     *kit.Button
	pin      *kit.Button
	pinSize  *kit.Paragraph // how much that would bring here
	decide   *kit.Button
	preview  *preview
	versions *section
	shares   *section
	entry    files.Entry
	chosen   []files.Entry // all that is selected, once it has been read
	turn     int
	many     int
}

func newDetail(p *Page) *detail {
	d := &detail{
		page: p, name: kit.Heading(""), state: kit.NewBadge("", "", kit.ToneMuted), grid: kit.NewDetailGrid(),
		problem: kit.NewParagraph("", 12, theme.Bad), pinSize: kit.NewParagraph("", 12, theme.Muted),
	}
	d.open = kit.NewPrimary(i18n.T("filesui.menu.open"), func() { p.openEntry(d.entry) })
	d.mail = kit.NewPlain(i18n.T("filesui.menu.mail"), "", func() { p.mail(d.chosen) })
	d.pin = kit.NewPlain("", "pin", func() { p.pin(d.chosen) })
	d.decide = kit.NewPrimary(i18n.T("filesui.menu.decide"), func() { p.decide(d.entry.ID) })
	d.where, d.local = newLong("filesui.path"), newLong("filesui.local")
	d.preview = newPreview(d)
	d.versions, d.shares = newVersions(d), newShares(d)
	d.why = newWhy(d)
	d.stateBox = container.NewHBox(d.state)
	d.body = kit.NewColumn(6, d.name, d.stateBox, d.problem, d.why.box, kit.NewRowOf(8, d.decide), d.preview.box, d.grid, d.where.box, d.local.box, kit.Space(1, 2),
		kit.NewRowOf(8, d.open, d.mail), kit.NewRowOf(8, d.pin), d.pinSize, d.versions.box, d.shares.box)
	d.body.Hide()
	d.scroll = kit.NewScroller(kit.NewPanel(theme.Surface, d.body).Padded(16, 20, 16, 20))
	d.content = kit.NewPanel(theme.Surface, d.scroll.Container)
	return d
}

// entrance is where the keyboard goes in.
func (d *detail) entrance() fyne.Focusable {
	if !d.open.Visible() {
		return d.pin
	}
	return d.open
}

// show tells about the entry at the cursor, or how many are selected.
func (d *detail) show(e files.Entry, many int) {
	other := d.entry.ID != e.ID || d.many != many
	d.entry, d.many = e, many
	d.turn++
	if many == 0 || e.ID == 0 {
		d.chosen, d.entry = nil, files.Entry{}
		d.body.Hide()
		d.scroll.Container.Hide()
		d.preview.clear()
		d.why.show(d.entry, false)
		return
	}
	if other {
		d.versions.reset()
		d.shares.reset()
		d.pinSize.Set("", theme.Muted)
	}
	if many == 1 {
		d.chosen = []files.Entry{e}
	}
	d.why.show(e, many == 1)
	if many == 1 {
		d.preview.show(e)
		d.fill()
		d.measure()
	} else {
		d.preview.clear()
		d.fill()
		d.readChosen()
	}
	if other {
		d.scroll.ScrollTop()
	}
}

// readChosen reads all that is selected.
func (d *detail) readChosen() {
	turn := d.turn
	d.page.withSelected(func(all []files.Entry) {
		if turn == d.turn {
			d.chosen = all
			d.fill()
			d.measure()
		}
	})
}

// measure finds out how much keeping the chosen entries offline would bring here.
func (d *detail) measure() {
	turn, ids := d.turn, keysOf(d.chosen)
	switch key, can := pinWords(d.chosen); {
	case !can && len(d.chosen) > 0:
		d.setPinSize(i18n.T("filesui.pin.above"))
		return
	case key == "filesui.menu.unpin":
		d.setPinSize("")
		return
	}
	kit.Load(func() (files.PinSize, error) { return d.page.cfg.Files.SizeBefore(context.Background(), ids) }, func(s files.PinSize, err error) {
		if turn == d.turn && err == nil {
			words := sizeBefore(s)
			if s.Files == 0 && d.entry.Dir && d.many == 1 && d.entry.State == files.OnlineOnly {
				words = i18n.T("filesui.pin.empty")
			}
			d.setPinSize(words)
		}
	})
}

func (d *detail) setPinSize(words string) {
	if words == d.pinSize.Words() {
		return
	}
	d.pinSize.Set(words, theme.Muted)
	d.reflow()
}

// reload reads the shown entry again.
func (d *detail) reload() {
	if d.entry.ID == 0 {
		return
	}
	turn, id := d.turn, d.entry.ID
	kit.Load(func() (files.Entry, error) { return d.page.cfg.Files.Entry(context.Background(), id) }, func(e files.Entry, err error) {
		switch {
		case turn != d.turn || d.entry.ID != id:
		case err != nil:
			d.show(files.Entry{}, 0)
		default:
			d.show(e, d.many)
		}
	})
}

// fillMany sums up what is selected.
func (d *detail) fillMany() {
	size, folders := int64(0), false
	for _, e := range d.chosen {
		size += e.Size
		folders = folders || e.Dir
	}
	words := i18n.Size(size)
	if folders || len(d.chosen) < 2 {
		words = "" // what lies in folders is not counted
	}
	d.name.Set(i18n.T("filesui.chosen", "n", d.many))
	d.grid.Set(kit.Detail{Label: i18n.T("filesui.col.size"), Value: words})
	d.where.set("")
	d.local.set("")
	kit.SetVisible(d.problem, false)
	kit.SetVisible(d.decide, false)
}

func (d *detail) fill() {
	one := d.many == 1
	for _, o := range []fyne.CanvasObject{d.stateBox, d.open} {
		kit.SetVisible(o, one)
	}
	server := d.page.server(d.entry.AccountID)
	d.versions.offer(one && !d.entry.Dir && server.Versions)
	d.shares.offer(one && server.Shares)
	if one {
		d.fillOne()
	} else {
		d.fillMany()
	}
	pin, pinnable := pinWords(d.chosen)
	d.pin.SetText(i18n.T(pin))
	d.pin.SetEnabled(pinnable && len(d.chosen) > 0)
	d.mail.SetEnabled(len(localPaths(d.chosen)) > 0)
	d.body.Show()
	d.scroll.Container.Show()
	d.reflow()
}

// reflow lays the pane out again.
func (d *detail) reflow() {
	kit.SetVisible(d.pinSize, d.pinSize.Words() != "")
	d.body.Refresh()
	d.scroll.Reflow()
}

func (d *detail) fillOne() {
	e, now := d.entry, d.page.cfg.Now()
	d.name.Set(e.Name)
	d.fillState()
	d.problem.Set(d.page.notes.about(e), theme.Warn)
	verified := ""
	if !e.Verified.IsZero() {
		verified = "✓ " + i18n.DateTime(e.Verified)
	}
	size, access := sizeWords(e), ""
	if e.Dir {
		size = ""
	}
	if e.ReadOnly {
		access = i18n.T("filesui.read-only")
	}
	d.grid.Set(
		kit.Detail{Label: i18n.T("filesui.col.size"), Value: size},
		kit.Detail{Label: i18n.T("filesui.col.changed"), Value: changedWords(e, now)},
		kit.Detail{Label: i18n.T("filesui.verified"), Value: verified},
		kit.Detail{Label: i18n.T("filesui.access"), Value: access},
	)
	d.where.set(strings.ReplaceAll(e.Path, "/", " › "))
	d.local.set(e.LocalPath)
	kit.SetVisible(d.problem, d.problem.Words() != "")
	kit.SetVisible(d.decide, e.State == files.Conflict)
}

// fillState says the state again, which changes all the time while a file is on its way.
func (d *detail) fillState() {
	if d.many != 1 {
		return
	}
	icon, tone := stateLook(d.entry)
	d.state.Set(stateWords(d.entry, d.page.transfer(d.entry.ID)), icon, tone)
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
