// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// bodyWidth is how wide lines of text get at most, at 100 %: longer ones are hard to read.
const bodyWidth = 680

// sheet is the message itself: header, notes, text, attachments and the conversation, one below the other.
type sheet struct {
	widget.BaseWidget
	r *reader

	subject  wrapped
	face     *canvas.Circle
	letters  *kit.Text
	name     *kit.Text
	addr     *kit.Text
	to       *kit.Text
	state    *kit.Badge
	unfold   *kit.Button
	details  *textView
	blocked  *noticeBar
	warning  *noticeBar
	guard    *noticeBar // how the message is signed or encrypted
	report   *noticeBar // what it says of another message
	receipt  *noticeBar // the sender wants to know that it was read
	tags     []*tagMark
	shown    []mail.Tag
	body     *textView
	more     *kit.Button
	chips    []*chip
	saveAll  *kit.Button
	earlier  *kit.Button
	previous []*threadLine

	height float32
}

func newSheet(r *reader) *sheet {
	s := &sheet{r: r, subject: wrapped{size: 20, most: 3, token: theme.Text}}
	s.face = canvas.NewCircle(theme.Color(theme.Accent))
	s.letters = kit.NewBold("", 13, theme.OnAccent)
	s.name, s.addr = kit.NewBold("", 14, theme.Text), kit.NewText("", 14, theme.Muted)
	s.to = kit.NewText("", 13, theme.Muted)
	s.state = kit.NewBadge("", "", kit.ToneMuted)
	s.unfold = kit.NewIconButton("chevron-down", i18n.T("mailui.reader.details"), func() {
		r.details = !r.details
		s.show(r.shown)
		r.Refresh()
	})
	s.details, s.body = newTextView(13, 20), newTextView(bodySize, bodyLine)
	s.blocked = newNoticeBar("shield", i18n.T("mailui.reader.original"), func() { r.page.originalMenu(s.blocked) })
	s.warning = newNoticeBar("warning", "", nil)
	s.guard = newNoticeBar("lock", "", nil)
	s.report = newNoticeBar("info", "", nil)
	s.receipt = newNoticeBar("eye", i18n.T("mailui.receipt.send"), func() { r.page.answerReceipt(true) })
	s.receipt.or(i18n.T("mailui.receipt.refuse"), func() { r.page.answerReceipt(false) })
	s.more = kit.NewLink(i18n.T("mailui.reader.whole"), func() {
		r.whole = true
		r.again()
	})
	s.saveAll = kit.NewLink(i18n.T("mailui.reader.save-all"), func() { r.page.saveAll() })
	s.earlier = kit.NewLink("", func() {
		r.earlier = !r.earlier
		s.show(r.shown)
		r.Refresh()
	})
	s.wire(s.body)
	s.wire(s.details)
	s.ExtendBaseWidget(s)
	return s
}

func (s *sheet) wire(t *textView) {
	t.OnLink = s.r.page.followLink
	t.OnHover = s.r.showTarget
	t.OnFold = func(n int) {
		s.r.folds[n] = !s.r.folds[n]
		s.r.again()
	}
	t.OnCopy = func(text string) { fyne.CurrentApp().Clipboard().SetContent(text) }
	t.OnKey = func(ev *fyne.KeyEvent) {
		if !s.r.scrollBy(ev) {
			s.r.page.readerKey(t, ev)
		}
	}
}

// show fills in a message.
func (s *sheet) show(o opened) {
	p, m := s.r.page, o.msg
	s.subject.text = oneLine(m.Subject)
	if s.subject.text == "" {
		s.subject.text = i18n.T("mailui.row.no-subject")
	}
	s.letters.Set(initials(m.From), theme.OnAccent)
	s.name.Set(senderName(m.From), theme.Text)
	addr := m.From.Addr
	if m.From.Name == "" {
		addr = ""
	}
	s.addr.Set(oneLine(addr), theme.Muted)
	s.showMark(o.mark)
	when := m.Sent
	if when.IsZero() {
		when = m.Date
	}
	s.to.Set(addressLine(m.To, m.Cc, p.own)+" · "+longWhen(when, p.cfg.Now()), theme.Muted)
	icon := "chevron-down"
	if s.r.details {
		icon = "chevron-up"
	}
	s.unfold.SetIcon(icon)
	setVisible(s.details, s.r.details)
	s.details.SetParas(parseBody(detailText(m), nil, nil))
	setVisible(s.blocked, o.facts.remote())
	s.blocked.set(blockedText(o.facts))
	s.showLabels(o)
	deceit := deceivingSpan(o.paras)
	setVisible(s.warning, deceit != nil)
	if deceit != nil {
		s.warning.set(i18n.T("mailui.reader.deceit", "words", deceit.Text))
	}
	paras := o.paras
	if !m.HasBody {
		later := i18n.T("mailui.reader.later")
		if m.HasAttachment {
			later = i18n.T("mailui.reader.later-attachments")
		}
		paras = parseBody(m.Snippet+"\n\n"+later, nil, nil)
		paras[len(paras)-1].Muted = true
	} else if len(paras) == 0 {
		paras = []para{{Spans: []span{{Text: i18n.T("mailui.reader.empty")}}, Muted: true}}
	}
	s.body.SetParas(paras)
	setVisible(s.more, o.cut)
	s.showChips(m)
	s.showThread(o)
}

// showLabels says how the message is protected, what it reports, what it was tagged with, and who wants to know of it.
func (s *sheet) showLabels(o opened) {
	say := func(n *noticeBar, words string) {
		n.set(words)
		setVisible(n, words != "")
	}
	say(s.guard, protectionWords(o.msg.Protection))
	words, bad := reportWords(o.msg.Report)
	s.report.name, s.report.alert = "info", bad
	if bad {
		s.report.name = "warning"
	}
	say(s.report, words)
	words = ""
	if len(o.receipt) > 0 && asksReceipt(s.r.page.roleOf(o.msg.FolderID)) {
		who := o.receipt[0]
		if mail.SameAddress(who.Addr, o.msg.From.Addr) {
			who = o.msg.From
		}
		words = i18n.T("mailui.receipt.ask", "name", senderName(who))
	}
	say(s.receipt, words)
	s.shown = s.r.page.tags.of(o.msg.Keywords)
	for len(s.tags) < len(s.shown) {
		s.tags = append(s.tags, newTagMark())
	}
}

// showMark tells how the message is doing on its way to the server.
func (s *sheet) showMark(m journal.Mark) {
	icon, tone := kit.MarkLook(m)
	s.state.Set(kit.MarkWords(m), icon, tone)
}

func (s *sheet) showChips(m mail.Message) {
	p := s.r.page
	s.chips = s.chips[:0]
	files := 0
	for _, a := range m.Attachments {
		if a.Inline && a.CID != "" && strings.HasPrefix(a.MIMEType, "image/") {
			continue
		}
		files++
		s.chips = append(s.chips, newChip(attachmentName(a), attachmentNote(a), attachmentIcon(a), func() []kit.MenuItem { return p.attachmentMenu(m.ID, a) }, nil))
	}
	setVisible(s.saveAll, files > 1 && p.cfg.SaveAll != nil)
}

func (s *sheet) showThread(o opened) {
	s.previous = s.previous[:0]
	before := 0
	for _, t := range o.thread {
		if t.ID != o.msg.ID && t.Date.Before(o.msg.Date) {
			before++
		}
	}
	others := len(o.thread) - 1
	setVisible(s.earlier, others > 0)
	switch {
	case others <= 0:
		return
	case s.r.earlier:
		s.earlier.SetText(i18n.T("mailui.reader.thread-hide"))
	case before == others:
		s.earlier.SetText(i18n.T("mailui.reader.earlier", "n", before))
	default:
		s.earlier.SetText(i18n.T("mailui.reader.others", "n", others))
	}
	if !s.r.earlier {
		return
	}
	for i := len(o.thread) - 1; i >= 0; i-- {
		if t := o.thread[i]; t.ID != o.msg.ID {
			v := rowOf(t, "", false, s.r.page.cfg.Now())
			s.previous = append(s.previous, newThreadLine(v, func() { s.r.page.openMessage(t.ID) }))
		}
	}
}

// deceivingSpan finds a link whose words name another site than the one it leads to.
func deceivingSpan(paras []para) *span {
	for i := range paras {
		for j := range paras[i].Spans {
			if paras[i].Spans[j].Warn {
				return &paras[i].Spans[j]
			}
		}
	}
	return nil
}

// detailText is the whole header for people who want to see all addresses.
func detailText(m mail.Message) string {
	var b strings.Builder
	line := func(key string, list []mail.Address) {
		if len(list) > 0 {
			b.WriteString(i18n.T(key) + " " + formatAddresses(list) + "\n")
		}
	}
	line("mailui.detail.from", []mail.Address{m.From})
	line("mailui.detail.to", m.To)
	line("mailui.detail.cc", m.Cc)
	line("mailui.detail.bcc", m.Bcc)
	line("mailui.detail.reply-to", m.ReplyTo)
	if !m.Sent.IsZero() {
		b.WriteString(i18n.T("mailui.detail.sent") + " " + i18n.DateTime(m.Sent) + "\n")
	}
	b.WriteString(i18n.T("mailui.detail.received") + " " + i18n.DateTime(m.Date) + "\n")
	if m.Flags.Has(mail.MDNSent) {
		b.WriteString(i18n.T("mailui.detail.receipt") + "\n")
	}
	b.WriteString(i18n.T("mailui.detail.size") + " " + i18n.Size(m.Size))
	return b.String()
}

func blockedText(f htmlFacts) string {
	var parts []string
	if f.Images > 0 {
		parts = append(parts, i18n.T("mailui.reader.images", "n", f.Images))
	}
	if f.Pixels > 0 {
		parts = append(parts, i18n.T("mailui.reader.pixels", "n", f.Pixels))
	}
	if len(parts) == 0 {
		return i18n.T("mailui.reader.blocked")
	}
	return i18n.T("mailui.reader.blocked-what", "what", strings.Join(parts, ", "))
}

// CreateRenderer implements fyne.Widget.
func (s *sheet) CreateRenderer() fyne.WidgetRenderer {
	return &painter{
		owner: s, objects: s.all, paint: s.paint,
		min:    func() fyne.Size { return fyne.NewSize(1, s.height) },
		layout: func(size fyne.Size) { s.measure(size.Width) },
	}
}

func (s *sheet) all() []fyne.CanvasObject {
	out := append(s.subject.objects(), s.face, s.letters.Text, s.name.Text, s.addr.Text, s.state, s.to.Text, s.unfold, s.details,
		s.receipt, s.report, s.guard, s.blocked, s.warning, s.body, s.more)
	for i := range s.shown {
		out = append(out, s.tags[i].objects()...)
	}
	for _, c := range s.chips {
		out = append(out, c)
	}
	out = append(out, s.saveAll, s.earlier)
	for _, l := range s.previous {
		out = append(out, l)
	}
	return out
}

func (s *sheet) paint() {
	s.face.FillColor = theme.Color(theme.Accent)
	for _, t := range []*kit.Text{s.letters, s.name, s.addr, s.to} {
		t.Retheme()
	}
}

// measure lays everything out for a width and finds how high it is.
func (s *sheet) measure(width float32) {
	px := theme.Px
	x := s.r.margin(width)
	inner := width - 2*x
	if inner < px(80) {
		return
	}
	y := px(4)
	y += s.subject.layout(x, y, inner) + px(12)
	y = s.placeSender(x, y, inner) + px(14)
	y = s.placeTags(x, y, inner)
	for _, n := range []*noticeBar{s.receipt, s.report, s.guard, s.blocked, s.warning} {
		if n.Visible() {
			h := n.heightFor(inner)
			place(n, x, y, inner, h)
			y += h + px(8)
		}
	}
	y += px(6)
	wide := min(inner, px(bodyWidth))
	h := s.body.HeightFor(wide)
	place(s.body, x, y, wide, h)
	y += h
	if s.more.Visible() {
		place(s.more, x, y+px(6), s.more.MinSize().Width, px(26))
		y += px(34)
	}
	y += px(16)
	if len(s.chips) > 0 {
		y = placeChips(s.chips, x, y, inner) + px(8)
	}
	for _, b := range []*kit.Button{s.saveAll, s.earlier} {
		if b.Visible() {
			place(b, x-px(4), y, min(b.MinSize().Width, inner), px(28))
			y += px(32)
		}
	}
	for _, l := range s.previous {
		place(l, x-px(8), y, inner+px(16), px(40))
		y += px(40)
	}
	s.height = y + px(24)
}

// placeTags puts the tags in lines below the sender and gives where they end.
func (s *sheet) placeTags(x, y, inner float32) float32 {
	px := theme.Px
	if len(s.shown) == 0 {
		return y
	}
	at := x
	for i, t := range s.shown {
		w := min(s.tags[i].width(t), inner)
		if at > x && at+w > x+inner {
			at, y = x, y+px(24)
		}
		s.tags[i].place(t, at+w, y+px(10), w)
		at += w + px(6)
	}
	return y + px(30)
}

func (s *sheet) placeSender(x, y, inner float32) float32 {
	px := theme.Px
	d := px(36)
	place(s.face, x, y, d, d)
	s.letters.PlaceCentre(x, y+d/2, d)
	left, right := x+px(48), x+inner
	name := min(s.name.Width()+1, right-left)
	s.name.Place(left, y+px(9), name)
	badge := s.state.MinSize().Width
	addr := max(0, min(s.addr.Width()+1, right-left-name-badge-px(14)))
	s.addr.Place(left+name+px(6), y+px(9), addr)
	place(s.state, left+name+addr+px(14), y-px(1), badge, px(20))
	line := min(s.to.Width()+1, right-left-px(34))
	s.to.Place(left, y+px(28), line)
	place(s.unfold, left+line+px(2), y+px(28)-px(13), px(26), px(26))
	y += px(42)
	if s.details.Visible() {
		h := s.details.HeightFor(right - left)
		place(s.details, left, y+px(4), right-left, h)
		y += h + px(8)
	}
	return y
}

// viewport tells the text which part of it is on screen.
func (s *sheet) viewport() {
	top := s.r.scroll.Offset.Y
	for _, t := range []*textView{s.body, s.details} {
		t.SetViewport(top-t.Position().Y-200, top+s.r.scroll.Size().Height-t.Position().Y+200)
	}
}
