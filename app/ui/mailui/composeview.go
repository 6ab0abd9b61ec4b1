// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// composeView is what the window of a message shows.
type composeView struct {
	widget.BaseWidget
	c *compose

	back    *canvas.Rectangle
	send    *kit.Button
	attach  *kit.Button
	later   *kit.Button
	more    *kit.Button
	trash   *kit.Button
	state   *kit.Text
	notice  *noticeBar
	plan    *noticeBar // when it goes, and what is asked for
	from    *widget.Select
	sender  *kit.Label // in place of from where there is nothing to choose
	to      *recipientField
	cc, bcc *recipientField
	replyTo *recipientField
	showCc  *kit.Button
	subject *kit.Entry
	text    *kit.Entry
	unquote *kit.Button
	dequote *kit.Button
	chips   []*chip
	total   *kit.Text
	suggest *suggestBox

	labels []*kit.Text
	lines  []*canvas.Rectangle
	bare   map[*kit.Entry]fyne.CanvasObject
	withCc bool

	withReplyTo bool

	scroll  *container.Scroll // in which the view lies: large text in a small window needs more room than there is
	need    float32           // height that everything needs at the least
	objects []fyne.CanvasObject
}

func newComposeView(c *compose) *composeView {
	v := &composeView{c: c, back: canvas.NewRectangle(theme.Color(theme.Surface)), bare: map[*kit.Entry]fyne.CanvasObject{}}
	v.send = kit.NewPrimary(i18n.T("mailui.compose.send"), c.send)
	v.attach = kit.NewPlain(i18n.T("mailui.compose.attach"), "paperclip", c.pickFiles)
	v.trash = kit.NewIconButton("trash", i18n.T("mailui.compose.discard"), c.discard)
	v.later = kit.NewIconButton("clock", i18n.T("mailui.compose.later"), c.planMenu)
	v.more = kit.NewIconButton("more", i18n.T("mailui.compose.more"), c.moreMenu)
	v.state = kit.NewText("", 12, theme.Muted)
	v.notice = newNoticeBar("warning", i18n.T("mailui.compose.anyway"), c.sendAnyway)
	v.notice.Hide()
	v.plan = newNoticeBar("clock", i18n.T("mailui.compose.at-once"), func() { c.plan(time.Time{}) })
	v.plan.Hide()
	room := &recipientRoom{
		owner: v, canvas: func() fyne.Canvas { return c.win.Canvas() }, changed: c.changed,
		find: func(part string) ([]mail.Address, error) { return c.cfg.Mail.Suggest(c.ctx, part, mostSuggested) },
	}
	v.suggest = newSuggestBox(room)
	room.suggest = v.suggest
	for _, f := range []**recipientField{&v.to, &v.cc, &v.bcc, &v.replyTo} {
		*f = newRecipientField(room).bare()
	}
	v.showCc = kit.NewLink(i18n.T("mailui.compose.show-cc"), func() {
		v.withCc = true
		v.Refresh()
		v.cc.Focus()
	})
	v.subject = kit.NewEntry("")
	v.subject.OnChanged = func(string) {
		v.c.win.SetTitle(v.c.title())
		v.c.changed()
	}
	v.text = kit.NewMultiline("")
	v.text.OnChanged = func(string) { c.changed() }
	v.bare[v.subject], v.bare[v.text] = kit.Bare(v.subject), kit.Bare(v.text)
	v.unquote = kit.NewLink("", v.openQuote)
	v.dequote = kit.NewLink(i18n.T("mailui.compose.drop-quote"), v.dropQuote)
	v.dequote.SetTone(theme.Muted)
	v.total = kit.NewText("", 12, theme.Warn)
	v.makeFrom()
	for _, key := range []string{"from", "reply-to", "to", "cc", "bcc", "subject"} {
		v.labels = append(v.labels, kit.NewText(i18n.T("mailui.compose."+key), 13, theme.Muted))
		v.lines = append(v.lines, canvas.NewRectangle(theme.Color(theme.Line)))
	}
	v.ExtendBaseWidget(v)
	v.scroll = container.NewVScroll(v)
	return v
}

// makeFrom offers who to write as.
func (v *composeView) makeFrom() {
	names := make([]string, len(v.c.writers))
	for i, w := range v.c.writers {
		names[i] = formatAddress(w.From())
	}
	v.from = widget.NewSelect(names, nil)
	v.sender = kit.NewLabel(formatAddress(v.c.msg.From), 14, theme.Text, false)
	v.showWriter()
}

// showWriter shows who the message is from now.
func (v *composeView) showWriter() {
	v.from.OnChanged = nil
	if at := v.c.writer(); at >= 0 {
		v.from.SetSelectedIndex(at)
	} else {
		v.from.PlaceHolder = formatAddress(v.c.msg.From)
	}
	v.from.OnChanged = func(string) {
		if i := v.from.SelectedIndex(); i >= 0 {
			v.c.writeAs(v.c.writers[i])
		}
	}
}

// openReplyTo shows the line for the address that answers are to go to, or takes it away.
func (v *composeView) openReplyTo() {
	if v.withReplyTo = !v.withReplyTo; !v.withReplyTo {
		v.replyTo.entry.SetText("")
		v.Refresh()
		return
	}
	v.Refresh()
	v.replyTo.Focus()
}

// setText changes what the person writes without counting that as a change.
func (v *composeView) setText(own string) {
	quiet, row, column := v.text.OnChanged, v.text.CursorRow, v.text.CursorColumn
	v.text.OnChanged = nil
	v.text.SetText(own)
	v.text.CursorRow, v.text.CursorColumn = row, column
	v.text.OnChanged = quiet
	v.Refresh()
}

// showPlan says when the message goes and which receipts it asks for.
func (v *composeView) showPlan() {
	c := v.c
	var words []string
	later := c.msg.SendAt.After(c.cfg.Now())
	if later {
		words = append(words, i18n.T("mailui.compose.plan", "when", whenWords(c.msg.SendAt, c.cfg.Now())))
	}
	if c.msg.ReadReceipt {
		words = append(words, i18n.T("mailui.compose.with-read-receipt"))
	}
	switch {
	case c.msg.DeliveryReceipt && c.rules.silent:
		words = append(words, i18n.T("mailui.compose.no-reports"))
	case c.msg.DeliveryReceipt:
		words = append(words, i18n.T("mailui.compose.with-delivery-receipt"))
	}
	v.plan.set(strings.Join(words, " "))
	setVisible(v.plan.act, later)
	setVisible(v.plan, len(words) > 0)
	v.Refresh()
}

// fromField is what stands behind "from".
func (v *composeView) fromField() fyne.CanvasObject {
	if len(v.c.writers) < 2 {
		return v.sender
	}
	return v.from
}

// fill puts a message into the fields without counting that as a change.
func (v *composeView) fill(m mail.Outgoing, own string) {
	quiet := v.subject.OnChanged
	v.subject.OnChanged = nil
	v.subject.SetText(m.Subject)
	v.subject.OnChanged = quiet
	v.text.CursorRow, v.text.CursorColumn = 0, 0
	v.setText(own)
	v.replyTo.set(m.ReplyTo)
	v.withReplyTo = len(m.ReplyTo) > 0
	v.to.set(m.To)
	v.cc.set(m.Cc)
	v.bcc.set(m.Bcc)
	v.withCc = len(m.Cc)+len(m.Bcc) > 0
	v.showQuote()
	v.showFiles()
}

// focusFirst puts the keyboard where writing begins.
func (v *composeView) focusFirst(m mail.Outgoing) {
	switch {
	case len(m.To)+len(m.Cc) == 0:
		v.to.Focus()
	case m.Subject == "":
		v.c.win.Canvas().Focus(v.subject)
	default:
		v.c.win.Canvas().Focus(v.text)
	}
}

// say tells quietly how the draft is doing, and takes an alert away.
func (v *composeView) say(words string) {
	v.state.Set(words, theme.Muted)
	if words == "" && v.notice.Visible() {
		v.notice.Hide()
	}
	v.Refresh()
}

// alert tells what keeps the message from being sent.
func (v *composeView) alert(words string) {
	v.notice.set(words)
	v.notice.act.Hide()
	v.notice.Show()
	v.Refresh()
}

// remind asks about something, with a button to send nevertheless.
func (v *composeView) remind(words string) {
	v.notice.set(words)
	v.notice.act.Show()
	v.notice.Show()
	v.Refresh()
}

func (v *composeView) showQuote() {
	n := strings.Count(v.c.quote, "\n") + 1
	v.unquote.SetText(i18n.T("mailui.reader.quote", "n", n))
	setVisible(v.unquote, v.c.quote != "")
	setVisible(v.dequote, v.c.quote != "")
	v.Refresh()
}

// openQuote puts the quoted message into the editor. Very long ones stay out of it: typing would get slow.
func (v *composeView) openQuote() {
	const most = 20_000
	if len(v.c.quote) > most {
		v.alert(i18n.T("mailui.compose.long-quote"))
		return
	}
	row, column := v.text.CursorRow, v.text.CursorColumn
	text := joinQuote(v.text.Text, v.c.quote)
	v.c.quote = ""
	v.text.SetText(text)
	v.text.CursorRow, v.text.CursorColumn = row, column
	v.showQuote()
}

// dropQuote leaves the quoted message out; a toast brings it back.
func (v *composeView) dropQuote() {
	was := v.c.quote
	v.c.quote = ""
	v.showQuote()
	v.c.changed()
	v.c.toast(i18n.T("mailui.compose.quote-dropped"), func() {
		v.c.quote = was
		v.showQuote()
		v.c.changed()
	})
}

func (v *composeView) showFiles() {
	v.chips = v.chips[:0]
	for i, a := range v.c.msg.Attachments {
		kind := attachmentIcon(mail.Attachment{MIMEType: a.MIMEType})
		v.chips = append(v.chips, newChip(a.Name, i18n.Size(int64(len(a.Data))), kind, nil, func() { v.c.remove(i) }))
	}
	words := ""
	if w := weight(v.c.msg.Attachments); w > heavy {
		words = i18n.T("mailui.compose.heavy", "size", i18n.Size(w))
	}
	v.total.Set(words, theme.Warn)
	v.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (v *composeView) CreateRenderer() fyne.WidgetRenderer {
	return &painter{
		owner: v, objects: v.all, layout: v.layout,
		min: func() fyne.Size { return fyne.NewSize(theme.Px(360), v.need) },
		paint: func() {
			kit.Tint(v.back, theme.Surface)
			v.state.Retheme()
			v.total.Retheme()
			for i := range v.labels {
				v.labels[i].Retheme()
				kit.Tint(v.lines[i], theme.Line)
			}
		},
	}
}

// all gives the objects in the order in which Tab goes through them.
func (v *composeView) all() []fyne.CanvasObject {
	out := append(v.objects[:0], v.back, v.state.Text, v.notice, v.plan)
	for i, f := range v.fields() {
		out = append(out, v.labels[i].Text, v.lines[i], f)
	}
	out = append(out, v.bare[v.text], v.showCc, v.unquote, v.dequote)
	for _, c := range v.chips {
		out = append(out, c)
	}
	v.objects = append(out, v.total.Text, v.send, v.attach, v.later, v.more, v.trash, v.suggest)
	return v.objects
}

// fields are the lines above the text, in the order of their labels.
func (v *composeView) fields() []fyne.CanvasObject {
	return []fyne.CanvasObject{v.fromField(), v.replyTo.object, v.to.object, v.cc.object, v.bcc.object, v.bare[v.subject]}
}

func (v *composeView) layout(s fyne.Size) {
	px := theme.Px
	place(v.back, 0, 0, s.Width, s.Height)
	pad, bar := px(16), px(54)
	send := v.send.MinSize().Width
	place(v.send, pad, px(11), send, px(33))
	attach := v.attach.MinSize().Width
	place(v.attach, pad+send+px(8), px(11), attach, px(33))
	place(v.trash, s.Width-pad-px(30), px(12), px(30), px(30))
	place(v.later, pad+send+attach+px(14), px(12), px(30), px(30))
	place(v.more, pad+send+attach+px(46), px(12), px(30), px(30))
	v.state.PlaceRight(s.Width-pad-px(40), px(27), s.Width-2*pad-send-attach-px(132))
	y := bar
	for _, n := range []*noticeBar{v.notice, v.plan} {
		if n.Visible() {
			h := n.heightFor(s.Width - 2*pad)
			place(n, pad, y, s.Width-2*pad, h)
			y += h + px(6)
		}
	}
	y = v.layoutFields(s, y)
	bottom := s.Height - px(10)
	top := y
	if len(v.chips) > 0 {
		h := placeChips(v.chips, pad, 0, s.Width-2*pad)
		bottom -= h + px(4)
		placeChips(v.chips, pad, bottom, s.Width-2*pad)
	}
	setVisible(v.total, v.total.Full() != "")
	if v.total.Visible() {
		bottom -= px(22)
		v.total.Place(pad, bottom+px(10), s.Width-2*pad)
	}
	if v.unquote.Visible() {
		bottom -= px(30)
		w := v.unquote.MinSize().Width
		place(v.unquote, pad-px(4), bottom, w, px(28))
		place(v.dequote, pad+w, bottom, v.dequote.MinSize().Width, px(28))
	}
	place(v.bare[v.text], pad-px(6), y+px(4), s.Width-2*pad+px(12), max(px(60), bottom-y-px(8)))
	v.suggest.place(s)
	if need := top + px(90) + s.Height - bottom; need != v.need {
		v.need = need
		v.scroll.Refresh()
	}
}

// layoutFields places the lines from the sender to the subject and gives where they end.
func (v *composeView) layoutFields(s fyne.Size, y float32) float32 {
	px := theme.Px
	pad, label, row := px(16), px(84), px(38)
	setVisible(v.showCc, !v.withCc)
	for i, f := range v.fields() {
		on := i != 1 && i != 3 && i != 4 || i == 1 && v.withReplyTo || i > 2 && v.withCc
		setVisible(f, on)
		setVisible(v.labels[i], on)
		setVisible(v.lines[i], on)
		if !on {
			continue
		}
		v.labels[i].Place(pad, y+row/2, label-px(8))
		right := s.Width - pad
		if i == 2 && !v.withCc {
			w := v.showCc.MinSize().Width
			right -= w
			place(v.showCc, right, y+(row-px(26))/2, w, px(26))
		}
		h := min(f.MinSize().Height, row)
		x := pad + label - px(6)
		if f == fyne.CanvasObject(v.sender) {
			x += px(6)
		}
		place(f, x, y+(row-h)/2, right-x, h)
		y += row
		place(v.lines[i], pad, y-1, s.Width-2*pad, 1)
	}
	return y
}
