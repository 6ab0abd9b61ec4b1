// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// opened is a message as the reader shows it, made ready away from the UI goroutine.
type opened struct {
	msg    mail.Message
	facts  htmlFacts
	paras  []para
	cut    bool           // only the beginning of a very long text is laid out
	thread []mail.Summary // the conversation, oldest first
	mark   journal.Mark

	receipt []mail.Address // who wants to know that it was read
}

// reader is the right column.
type reader struct {
	widget.BaseWidget
	page *Page

	back   *canvas.Rectangle
	bar    *actionBar
	goBack *kit.Button
	scroll *container.Scroll
	sheet  *sheet
	note   *kit.Empty
	target *kit.Text // where the link under the pointer leads
	under  *canvas.Rectangle

	id      int64 // message that is shown or on its way, 0 for none
	gen     int   // grows with every load, so that late answers are recognised
	shown   opened
	folds   map[int]bool
	whole   bool
	details bool
	earlier bool
}

func newReader(p *Page) *reader {
	r := &reader{page: p, folds: map[int]bool{}}
	r.back = canvas.NewRectangle(theme.Color(theme.Surface))
	r.under = kit.Rect(theme.Chip, 4)
	r.under.Hide()
	r.target = kit.NewText("", 12, theme.Text)
	r.bar = newActionBar()
	r.goBack = kit.NewIconButton("chevron-left", i18n.T("mailui.reader.back"), func() { p.cols.Front(paneList) })
	r.goBack.Hide()
	r.sheet = newSheet(r)
	r.scroll = container.NewVScroll(r.sheet)
	r.scroll.OnScrolled = func(fyne.Position) { r.sheet.viewport() }
	r.note = kit.NewEmpty("mail", "", "", nil)
	r.ExtendBaseWidget(r)
	r.clear()
	return r
}

// CreateRenderer implements fyne.Widget.
func (r *reader) CreateRenderer() fyne.WidgetRenderer {
	return &painter{
		owner: r, min: func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(200)) },
		objects: func() []fyne.CanvasObject {
			return []fyne.CanvasObject{r.back, r.goBack, r.bar, r.scroll, r.note, r.under, r.target.Text}
		},
		paint: func() {
			kit.Tint(r.back, theme.Surface)
			r.target.Retheme()
		},
		layout: r.layout,
	}
}

func (r *reader) layout(s fyne.Size) {
	px := theme.Px
	place(r.back, 0, 0, s.Width, s.Height)
	x := r.margin(s.Width)
	left := x
	if r.goBack.Visible() {
		place(r.goBack, px(8), px(20), px(30), px(30))
		left = px(46)
	}
	place(r.bar, left, px(18), s.Width-left-x, px(34))
	top := px(62)
	r.sheet.measure(s.Width)
	place(r.scroll, 0, top, s.Width, s.Height-top)
	if r.scroll.Visible() {
		r.scroll.Refresh() // the message may have become longer or shorter
	}
	place(r.note, 0, 0, s.Width, s.Height)
	w := min(r.target.Width()+px(16), s.Width)
	place(r.under, 0, s.Height-px(24), w, px(24))
	r.target.Place(px(8), s.Height-px(12), w-px(12))
	r.sheet.viewport()
}

// margin left and right of the message.
func (r *reader) margin(width float32) float32 {
	if width < theme.Px(460) {
		return theme.Px(14)
	}
	return theme.Px(28)
}

// clear shows that nothing is chosen.
func (r *reader) clear() {
	r.gen++
	r.id, r.shown = 0, opened{}
	r.say(i18n.T("mailui.reader.none"), i18n.T("mailui.reader.none-text"))
	r.bar.Set(nil, nil)
}

// many shows that several messages are chosen.
func (r *reader) many(n int) {
	r.gen++
	r.id, r.shown = 0, opened{}
	r.say(i18n.T("mailui.reader.many", "n", n), i18n.T("mailui.reader.many-text"))
	r.bar.Set(r.page.manyActions(), nil)
}

func (r *reader) say(title, text string) {
	r.scroll.Hide()
	r.note.Set("mail", title, text)
	r.note.Show()
	r.Refresh()
}

// load opens a message. What is shown stays until the new one is there; a slower answer to an older wish is dropped.
func (r *reader) load(id int64, done func()) {
	r.gen++
	gen, p := r.gen, r.page
	again := id == r.id
	r.id = id
	if !again {
		r.folds, r.whole, r.earlier = map[int]bool{}, false, false
	}
	folds, whole := copyFolds(r.folds), r.whole
	kit.Load(func() (opened, error) { return p.readMessage(id, folds, whole) }, func(o opened, err error) {
		if gen != r.gen {
			return
		}
		if err != nil {
			p.fail(err)
			return
		}
		r.shown = o
		r.note.Hide()
		r.scroll.Show()
		r.bar.Set(p.actionsFor(o.msg))
		r.sheet.show(o)
		if !again {
			r.scroll.ScrollToTop()
		}
		r.Refresh()
		if done != nil {
			done()
		}
	})
}

func copyFolds(m map[int]bool) map[int]bool {
	c := make(map[int]bool, len(m))
	for k, v := range m {
		c[k] = v
	}
	return c
}

// again shows the same message anew, after folds or its state have changed.
func (r *reader) again() {
	if r.id != 0 {
		r.load(r.id, nil)
	}
}

// readMessage reads a message and makes it ready to be shown. It runs away from the UI goroutine.
func (p *Page) readMessage(id int64, folds map[int]bool, whole bool) (opened, error) {
	msg, err := p.cfg.Mail.Open(p.ctx, id)
	if err != nil {
		return opened{}, err
	}
	o := opened{msg: msg}
	if msg.HTML != "" {
		o.facts = readHTML(msg.HTML)
	}
	text := msg.Text
	if len(text) > bodyLimit && !whole {
		text, o.cut = text[:bodyLimit], true
	}
	o.paras = parseBody(text, o.facts.Links, folds)
	marks, err := p.cfg.Mail.Marks(p.ctx, []int64{id})
	if err != nil {
		return opened{}, err
	}
	o.mark = marks[id]
	if o.receipt, err = p.wantsReceipt(p.ctx, msg); err != nil {
		return opened{}, err
	}
	if msg.ThreadID != 0 {
		if o.thread, err = p.cfg.Mail.List(p.ctx, mail.Query{ThreadID: msg.ThreadID}, 0, 200); err != nil {
			return opened{}, err
		}
	}
	return o, nil
}

// showTarget tells where the link under the pointer leads.
func (r *reader) showTarget(href string) {
	r.target.Set(href, theme.Text)
	setVisible(r.under, href != "")
	setVisible(r.target, href != "")
	r.Refresh()
}

// scrollBy moves the text by keyboard.
func (r *reader) scrollBy(ev *fyne.KeyEvent) bool {
	step := map[fyne.KeyName]float32{
		fyne.KeyUp: -48, fyne.KeyDown: 48, fyne.KeyPageUp: -r.scroll.Size().Height * 0.9, fyne.KeyPageDown: r.scroll.Size().Height * 0.9,
		fyne.KeySpace: r.scroll.Size().Height * 0.9, fyne.KeyHome: -1e7, fyne.KeyEnd: 1e7,
	}[ev.Name]
	if step == 0 {
		return false
	}
	most := max(0, r.sheet.MinSize().Height-r.scroll.Size().Height)
	r.scroll.ScrollToOffset(fyne.NewPos(0, clamp(r.scroll.Offset.Y+step, 0, most)))
	r.sheet.viewport()
	return true
}

// atEnd reports whether the end of the message is on screen.
func (r *reader) atEnd() bool {
	return r.scroll.Offset.Y+r.scroll.Size().Height >= r.sheet.MinSize().Height-2
}

// refreshState reads the message that is shown again and paints it anew only where something changed.
func (r *reader) refreshState() {
	id, gen, p := r.id, r.gen, r.page
	if id == 0 || r.shown.msg.ID != id {
		return
	}
	var mark journal.Mark
	kit.Load(func() (mail.Message, error) {
		marks, err := p.cfg.Mail.Marks(p.ctx, []int64{id})
		if err != nil {
			return mail.Message{}, err
		}
		mark = marks[id]
		return p.cfg.Mail.Open(p.ctx, id)
	}, func(m mail.Message, err error) {
		old := r.shown.msg
		if gen != r.gen || err != nil {
			return // moved on, or gone: the list tells
		}
		if mark != r.shown.mark {
			r.shown.mark = mark
			r.sheet.showMark(mark)
			r.Refresh()
		}
		if m.HasBody != old.HasBody || m.FolderID != old.FolderID {
			r.again()
			return
		}
		if !slices.Equal(m.Keywords, old.Keywords) {
			r.shown.msg.Keywords = m.Keywords
			r.sheet.showLabels(r.shown)
			r.Refresh()
		}
		if m.Flags != old.Flags {
			r.shown.msg.Flags = m.Flags
			r.bar.Set(p.actionsFor(r.shown.msg))
			r.Refresh()
		}
	})
}
