// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// rowHeight is that of a list row at 100 %.
const rowHeight = 79

// listItem is a message of the list with its state.
type listItem struct {
	mail.Summary
	Mark journal.Mark
}

// messageRow paints a message in three lines.
type messageRow struct {
	view func(listItem) rowView

	dot     *canvas.Circle
	who     *kit.Text
	when    *kit.Text
	subject *kit.Text
	snippet *kit.Text
	count   *kit.Text
	chip    *canvas.Rectangle
	clip    *kit.Icon
	star    *kit.Icon
	answer  *kit.Icon
	mark    *kit.Icon
	tags    [tagsShown]*tagMark
}

// tagsShown is how many tags a row has room for.
const tagsShown = 2

func newMessageRow(view func(listItem) rowView) *messageRow {
	r := &messageRow{
		view: view,
		dot:  canvas.NewCircle(theme.Color(theme.Accent)),
		who:  kit.NewText("", 14, theme.Text), when: kit.NewText("", 12, theme.Muted),
		subject: kit.NewText("", 14, theme.Text), snippet: kit.NewText("", 13, theme.Muted),
		count: kit.NewBold("", 12, theme.Muted), chip: kit.Rect(theme.Chip, 5),
		clip: kit.NewIcon("paperclip", theme.Muted), star: kit.NewIcon("star-filled", theme.Warn),
		answer: kit.NewIcon("reply", theme.Muted), mark: kit.NewIcon("clock", theme.Warn),
	}
	for i := range r.tags {
		r.tags[i] = newTagMark()
	}
	return r
}

// Objects implements kit.Row.
func (r *messageRow) Objects() []fyne.CanvasObject {
	out := []fyne.CanvasObject{
		r.dot, r.who.Text, r.when.Text, r.subject.Text, r.snippet.Text, r.chip, r.count.Text, r.clip.Image, r.star.Image, r.answer.Image, r.mark.Image,
	}
	for _, t := range r.tags {
		out = append(out, t.objects()...)
	}
	return out
}

// Paint implements kit.Row.
func (r *messageRow) Paint(item listItem, size fyne.Size, state kit.RowState) {
	v := r.view(item)
	px := theme.Px
	left, right := px(23), size.Width-px(15)
	r.dot.FillColor = theme.Color(theme.Accent)
	setVisible(r.dot, v.Unread)
	place(r.dot, px(9), px(18), px(8), px(8))
	r.who.SetBold(v.Unread)
	r.subject.SetBold(v.Unread)
	r.when.Set(v.When, theme.Muted)
	x := r.when.PlaceRight(right, px(20), px(130))
	r.who.Set(v.Who, theme.Text)
	r.who.Place(left, px(21), x-px(10)-left)
	r.subject.Set(v.Subject, theme.Text)
	r.subject.Place(left, px(40.5), r.paintSymbols(v, right, state)-px(8)-left)
	r.snippet.Set(v.Snippet, theme.Muted)
	r.snippet.Place(left, px(59.5), r.paintTags(v.Tags, right, left)-left)
}

// paintTags puts the first tags at the right of the third line, and gives where the words before them end.
func (r *messageRow) paintTags(tags []mail.Tag, right, left float32) float32 {
	px := theme.Px
	most := (right - left) * 0.35
	for i := len(r.tags) - 1; i >= 0; i-- {
		if i >= len(tags) {
			r.tags[i].hide()
			continue
		}
		right -= r.tags[i].place(tags[i], right, px(60), min(px(130), most)) + px(5)
	}
	return right
}

// paintSymbols puts what is at the right of the second line, and gives its left edge.
func (r *messageRow) paintSymbols(v rowView, right float32, state kit.RowState) float32 {
	px := theme.Px
	x, middle := right, px(40.5)
	setVisible(r.chip, v.Count != "")
	setVisible(r.count.Text, v.Count != "")
	if v.Count != "" {
		token := theme.Muted
		if state.Selected {
			token = theme.Accent
		}
		r.count.Set(v.Count, token)
		w := max(r.count.Width()+px(12), px(20))
		x -= w
		kit.Tint(r.chip, theme.Chip)
		if state.Selected {
			kit.Tint(r.chip, theme.AccentSoft)
		}
		r.chip.CornerRadius = px(5)
		place(r.chip, x, middle-px(10), w, px(20))
		r.count.PlaceCentre(x, middle, w)
		x -= px(8)
	}
	symbol := func(i *kit.Icon, name string, token theme.Token, on bool) {
		if !on {
			i.Hide()
			return
		}
		i.Set(name, token)
		x -= px(16)
		i.Place(x, middle, 16)
		x -= px(6)
	}
	symbol(r.clip, "paperclip", theme.Text, v.Clip)
	symbol(r.star, "star-filled", theme.Warn, v.Flagged)
	symbol(r.answer, v.Answer, theme.Muted, v.Answer != "")
	icon, tone := kit.MarkLook(v.Mark)
	token, _ := tone.Colors()
	symbol(r.mark, icon, token, icon != "")
	return x
}
