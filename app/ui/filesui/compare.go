// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"kontor/app"
	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// sides are the two versions of a file that a person decides about.
type sides struct {
	conflict     app.Conflict
	detail       files.ConflictDetail
	mine, theirs version
}

// version is one of them.
type version struct {
	entry    files.Entry // ID 0 where it is gone
	size     int64
	modified time.Time
	content  content
	shown    bool // there is content to be shown
}

// compare is the decision about a conflict: both versions, what differs, and what shall be kept.
type compare struct {
	page    *Page
	content fyne.CanvasObject
	title   *kit.HeadBar
	box     *fyne.Container
	scroll  *kit.Scroller
	both    *kit.Button
	sides   sides
	id      int64 // of the conflict
	turn    int
}

func newCompare(p *Page) *compare {
	c := &compare{page: p, box: kit.NewColumn(10)}
	c.both = kit.NewPrimary(i18n.T("filesui.decide.both"), func() { c.resolve(app.Both, "filesui.decided.both") })
	c.title = kit.NewHeadBar("", 52, kit.NewPlain(i18n.T("ui.back-to-list"), "chevron-left", c.close))
	c.scroll = kit.NewScroller(kit.NewPanel(theme.Surface, c.box).Padded(14, 18, 18, 18))
	c.content = kit.NewDock(c.title, nil, nil, nil, c.scroll.Container)
	return c
}

// first is where the keyboard goes.
func (c *compare) first() fyne.Focusable { return c.both }

// decide shows the conflict that an entry has.
func (p *Page) decide(entry int64) {
	p.openConflict(func(c app.Conflict) bool { return c.RefID == entry })
}

// Decide shows a conflict, which the page of what travels leads to.
func (p *Page) Decide(conflict int64) {
	p.openConflict(func(c app.Conflict) bool { return c.ID == conflict })
}

// Deciding reports whether a decision is shown.
func (p *Page) Deciding() bool { return p.compare.content.Visible() }

func (p *Page) openConflict(which func(app.Conflict) bool) {
	kit.Load(func() ([]app.Conflict, error) { return p.cfg.Conflicts.Conflicts(context.Background()) }, func(all []app.Conflict, err error) {
		i := slices.IndexFunc(all, func(c app.Conflict) bool { return c.Kind == "file" && which(c) })
		switch {
		case err != nil:
			p.cfg.ShowError(err)
		case i < 0:
			p.reload() // decided meanwhile
		default:
			p.compare.open(all[i])
		}
	})
}

func (c *compare) open(conflict app.Conflict) {
	c.turn++
	turn := c.turn
	c.id = conflict.ID
	kit.Load(func() (sides, error) { return c.read(context.Background(), conflict) }, func(s sides, err error) {
		if turn != c.turn {
			return
		}
		if err != nil {
			c.page.cfg.ShowError(err)
			return
		}
		c.sides = s
		c.build()
		c.askWho()
		if at := (place{account: conflict.AccountID, path: parentOf(s.detail.Path)}); c.page.at != at {
			c.page.goTo(at)
		}
		c.page.wanted = conflict.RefID
		c.page.counted()
		c.page.content.Front(-1)
		c.page.front(c.content)
		c.scroll.Reflow()
		c.scroll.ScrollTop()
		kit.Focus(c.both)
	})
}

// reload shows what is true now; a conflict that was decided elsewhere is left.
func (c *compare) reload() {
	if !c.content.Visible() {
		return
	}
	turn, id := c.turn, c.id
	kit.Load(func() (s sides, err error) {
		all, err := c.page.cfg.Conflicts.Conflicts(context.Background())
		if i := slices.IndexFunc(all, func(o app.Conflict) bool { return o.ID == id }); err == nil && i >= 0 {
			return c.read(context.Background(), all[i])
		}
		return s, err
	}, func(s sides, err error) {
		switch {
		case turn != c.turn || err != nil:
		case s.conflict.ID == 0:
			c.close()
		case c.changed(s):
			c.sides = s
			c.build()
			c.scroll.Reflow()
			kit.Focus(c.both)
		}
	})
}

func (c *compare) changed(s sides) bool {
	same := func(a, b version) bool {
		return a.entry.ID == b.entry.ID && a.shown == b.shown && a.size == b.size && a.modified.Equal(b.modified)
	}
	told := s.detail.Who != nil && c.sides.detail.Who == nil
	return told || !same(c.sides.mine, s.mine) || !same(c.sides.theirs, s.theirs)
}

// askWho asks the server who made its version, where that is not known yet. Nothing waits for the answer.
func (c *compare) askWho() {
	if c.sides.detail.Who != nil || c.sides.theirs.entry.ID == 0 {
		return
	}
	turn, id := c.turn, c.sides.theirs.entry.ID
	kit.Load(func() (files.Who, error) { return c.page.cfg.Files.Who(context.Background(), id) }, func(who files.Who, err error) {
		if turn == c.turn && err == nil && c.content.Visible() {
			c.sides.detail.Who = &who
			c.build()
			c.scroll.Reflow()
		}
	})
}

// close goes back to the list.
func (c *compare) close() {
	c.turn++
	c.id = 0
	c.page.front(c.page.table())
	kit.Focus(c.page.rows)
}

// read finds both versions. It waits for the disk.
func (c *compare) read(ctx context.Context, conflict app.Conflict) (sides, error) {
	s := sides{conflict: conflict}
	if err := json.Unmarshal(conflict.Detail, &s.detail); err != nil {
		return s, err
	}
	s.mine = c.version(ctx, s.detail.CopyID, s.detail.Mine)
	s.theirs = c.version(ctx, conflict.RefID, s.detail.Theirs)
	return s, nil
}

func (c *compare) version(ctx context.Context, id int64, of files.Version) version {
	v := version{size: of.Size, modified: of.Modified}
	e, err := c.page.cfg.Files.Entry(ctx, id)
	if err != nil {
		return v // gone: there is nothing to show
	}
	v.entry = e
	if v.modified.IsZero() {
		v.modified = e.Modified
	}
	if e.LocalPath != "" {
		v.content, err = readContent(e.LocalPath, previewSide)
		v.shown = err == nil
	}
	return v
}

func (c *compare) resolve(choice app.Choice, did string) {
	p, conflict := c.page, c.sides.conflict
	kit.Act(func() error { return p.cfg.Conflicts.Resolve(context.Background(), conflict.ID, choice) }, func(err error) {
		if err != nil {
			p.cfg.ShowError(err)
			return
		}
		p.cfg.Toast(i18n.T(did, "name", conflict.Title), "", nil)
		c.close()
		p.reload()
	})
}

func (c *compare) build() {
	s := c.sides
	c.title.Set(files.Base(s.detail.Path), i18n.T("filesui.decide.title"))
	mine := c.card("filesui.decide.mine", i18n.T("filesui.decide.by-me"), "", s.mine, kit.NewPlain(i18n.T("filesui.decide.take-mine"), "", func() { c.resolve(app.Mine, "filesui.decided.mine") }))
	theirs := c.card("filesui.decide.theirs", app.WhoWords(s.detail.Who), ownerOf(s.detail.Who), s.theirs, kit.NewPlain(i18n.T("filesui.decide.take-theirs"), "", func() { c.resolve(app.Theirs, "filesui.decided.theirs") }))
	c.box.Objects = []fyne.CanvasObject{
		kit.NewParagraph(i18n.T("filesui.decide.why"), 14, theme.Text), kit.NewRowOf(8, c.both), newBeside(mine, theirs),
	}
	c.box.Objects = append(c.box.Objects, c.differences()...)
	c.box.Refresh()
}

// ownerOf is whose a file is, where it is of another person.
func ownerOf(w *files.Who) string {
	if w == nil {
		return ""
	}
	return w.Owner
}

// card shows one version.
func (c *compare) card(title, who, owner string, v version, take *kit.Button) fyne.CanvasObject {
	parts := []fyne.CanvasObject{kit.Section(i18n.T(title))}
	if v.entry.ID == 0 {
		parts = append(parts, kit.NewParagraph(i18n.T("filesui.decide.gone"), 14, theme.Text))
		return kit.NewCard(kit.NewColumn(8, append(parts, kit.NewRowOf(8, take))...))
	}
	parts = append(parts, kit.NewDetailGrid(
		kit.Detail{Label: i18n.T("filesui.decide.who"), Value: who}, kit.Detail{Label: i18n.T("filesui.decide.owner"), Value: owner},
		kit.Detail{Label: i18n.T("filesui.col.changed"), Value: i18n.DateTime(v.modified)},
		kit.Detail{Label: i18n.T("filesui.col.size"), Value: i18n.Size(v.size)},
	))
	buttons := []fyne.CanvasObject{take}
	switch {
	case v.content.picture != nil:
		picture := &canvas.Image{Image: v.content.picture, FillMode: canvas.ImageFillContain}
		picture.SetMinSize(fyne.NewSize(theme.Px(60), pictureHeight(v.content)))
		parts = append(parts, picture, kit.NewLabel(i18n.T("filesui.preview.picture", "name", v.entry.Name, "width", v.content.width, "height", v.content.height), 12, theme.Muted, false))
	case v.entry.LocalPath == "":
		parts = append(parts, kit.NewParagraph(i18n.T("filesui.decide.not-here"), 12, theme.Muted))
		buttons = append(buttons, kit.NewPlain(i18n.T("filesui.decide.fetch"), "download", func() { c.fetch(v.entry) }))
	}
	if v.entry.LocalPath != "" {
		buttons = append(buttons, kit.NewPlain(i18n.T("filesui.menu.open"), "external", func() { c.page.openLocal(v.entry.LocalPath) }))
	}
	return kit.NewCard(kit.NewColumn(8, append(parts, kit.NewRowOf(8, buttons...))...))
}

// fetch brings a version here to be looked at.
func (c *compare) fetch(e files.Entry) {
	c.page.fetch([]int64{e.ID}, i18n.T("filesui.toast.fetching", "name", e.Name), func() { c.reload() })
}

// shownDifferences is how many lines of a comparison are shown.
const shownDifferences = 200

// differences shows what differs in the words of both versions.
func (c *compare) differences() []fyne.CanvasObject {
	s := c.sides
	if !s.mine.shown || !s.theirs.shown || s.mine.content.picture != nil || s.theirs.content.picture != nil {
		return nil
	}
	title := kit.Section(strings.ToUpper(i18n.T("filesui.decide.differences")))
	lines := shorten(diff(s.mine.content.text, s.theirs.content.text))
	if s.mine.content.text == s.theirs.content.text {
		return []fyne.CanvasObject{title, kit.NewParagraph(i18n.T("filesui.decide.same-words"), 13, theme.Muted)}
	}
	column := kit.NewColumn(2)
	for _, l := range lines[:min(len(lines), shownDifferences)] {
		column.Add(diffRow(l))
	}
	if len(lines) > shownDifferences || s.mine.content.cut || s.theirs.content.cut {
		column.Add(kit.NewParagraph(i18n.T("filesui.decide.more"), 12, theme.Muted))
	}
	return []fyne.CanvasObject{title, column}
}

// diffRow is one line: its sign and words say on which side it is, not its colour alone.
func diffRow(l diffLine) fyne.CanvasObject {
	text := []rune(strings.ReplaceAll(l.text, "\t", "  "))
	if len(text) > previewWide {
		text = append(text[:previewWide], '…')
	}
	line := func(words string, ground, token theme.Token) fyne.CanvasObject {
		return kit.NewPanel(ground, kit.NewParagraph(words, 13, token)).Padded(1, 8, 1, 8)
	}
	switch l.change {
	case inMine:
		return line(i18n.T("filesui.decide.only-mine")+" + "+string(text), theme.GoodSoft, theme.Text)
	case inTheirs:
		return line(i18n.T("filesui.decide.only-theirs")+" − "+string(text), theme.WarnSoft, theme.Text)
	case inBoth:
		return line(string(text), theme.Surface, theme.Muted)
	}
	return line("…", theme.Surface, theme.Muted)
}

// beside puts two cards beside each other, or one below the other where there is no room for that.
type beside struct{ height float32 }

func newBeside(a, b fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: &beside{}, Objects: []fyne.CanvasObject{a, b}}
}

// besideWidth is what two cards need at 100 %.
const besideWidth = 560

// Layout implements fyne.Layout.
func (l *beside) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	gap := theme.Px(10)
	w, columns := size.Width, size.Width >= theme.Px(besideWidth)
	if columns {
		w = (size.Width - gap) / 2
	}
	x, y, tallest := float32(0), float32(0), float32(0)
	for _, o := range objects {
		o.Resize(fyne.NewSize(w, o.MinSize().Height))
		h := o.MinSize().Height
		o.Resize(fyne.NewSize(w, h))
		o.Move(fyne.NewPos(x, y))
		tallest = max(tallest, h)
		if columns {
			x += w + gap
		} else {
			y += h + gap
		}
	}
	l.height = tallest
	if !columns {
		l.height = y - gap
	}
}

// MinSize implements fyne.Layout.
func (l *beside) MinSize(objects []fyne.CanvasObject) fyne.Size {
	least := fyne.NewSize(theme.Px(160), l.height)
	if l.height == 0 {
		for _, o := range objects {
			least.Height = max(least.Height, o.MinSize().Height)
		}
	}
	return least
}
