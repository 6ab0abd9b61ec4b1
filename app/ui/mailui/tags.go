// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"context"
	"image/color"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// labelColors are those of the five keywords that other mail programs know by the names of their own ($label1 to $label5).
var labelColors = [5]string{"#c62828", "#b26a00", "#2e7d32", "#1f5fbf", "#7b3fa0"}

// tagPalette are the colours that a tag can have.
var tagPalette = []struct{ name, color string }{
	{"red", "#c62828"}, {"orange", "#b26a00"}, {"green", "#2e7d32"}, {"teal", "#0b6e75"}, {"blue", "#1f5fbf"}, {"violet", "#7b3fa0"}, {"grey", "#5b6873"},
}

// tagBook knows the tags that a person has made.
type tagBook []mail.Tag

// all lists what can be chosen: the five usual ones and the person's own.
func (b tagBook) all() []mail.Tag {
	list := make([]mail.Tag, 0, len(labelColors)+len(b))
	for i := range labelColors {
		list = append(list, b.named("$label"+strconv.Itoa(i+1)))
	}
	for _, t := range b {
		if usualLabel(t.Keyword) < 0 {
			list = append(list, t)
		}
	}
	return list
}

// usualLabel gives which of the five usual keywords this is, -1 for none.
func usualLabel(keyword string) int {
	rest, ok := strings.CutPrefix(strings.ToLower(keyword), "$label")
	if n, err := strconv.Atoi(rest); ok && err == nil && n >= 1 && n <= len(labelColors) {
		return n - 1
	}
	return -1
}

// named gives a keyword the name and colour that it is known by.
func (b tagBook) named(keyword string) mail.Tag {
	for _, t := range b {
		if strings.EqualFold(t.Keyword, keyword) {
			return t
		}
	}
	if n := usualLabel(keyword); n >= 0 {
		return mail.Tag{Keyword: keyword, Name: i18n.T("mailui.tag.label." + strconv.Itoa(n+1)), Color: labelColors[n]}
	}
	return mail.Tag{Keyword: keyword, Name: mail.NameOf(keyword)}
}

// of gives the tags of a message. Keywords that programs set for themselves are none.
func (b tagBook) of(keywords []string) []mail.Tag {
	var list []mail.Tag
	for _, k := range keywords {
		known := slices.ContainsFunc(b, func(t mail.Tag) bool { return strings.EqualFold(t.Keyword, k) })
		if known || usualLabel(k) >= 0 || !strings.HasPrefix(k, "$") && !slices.Contains(programWords, strings.ToLower(k)) {
			list = append(list, b.named(k))
		}
	}
	return list
}

// programWords are keywords without a "$" by which programs remember what they did.
var programWords = []string{"junk", "nonjunk", "notjunk", "forwarded", "junkrecorded", "receipthandled", "mdnsent"}

// tagColor reads "#rrggbb"; a colour of the theme stands in for everything else.
func tagColor(s string) color.Color {
	if n, err := strconv.ParseUint(strings.TrimPrefix(s, "#"), 16, 32); err == nil && len(s) == 7 && s[0] == '#' {
		return color.NRGBA{R: uint8(n >> 16), G: uint8(n >> 8), B: uint8(n), A: 255}
	}
	return theme.Color(theme.Muted)
}

// tagMark paints a tag: its name behind a dot of its colour.
type tagMark struct {
	back *canvas.Rectangle
	dot  *canvas.Circle
	name *kit.Text
}

func newTagMark() *tagMark {
	return &tagMark{back: kit.Rect(theme.Chip, 5), dot: canvas.NewCircle(color.Transparent), name: kit.NewText("", 12, theme.Text)}
}

func (m *tagMark) objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{m.back, m.dot, m.name.Text}
}

func (m *tagMark) hide() {
	m.back.Hide()
	m.dot.Hide()
	m.name.Hide()
}

// width is how wide a tag would like to be.
func (m *tagMark) width(t mail.Tag) float32 {
	m.name.Set(oneLine(t.Name), theme.Text)
	return m.name.Width() + theme.Px(24)
}

// place paints a tag with its right edge at right, no wider than room, and gives its width.
func (m *tagMark) place(t mail.Tag, right, middle, room float32) float32 {
	px := theme.Px
	w := min(m.width(t), room)
	m.back.Show()
	m.dot.Show()
	m.name.Show()
	kit.Tint(m.back, theme.Chip)
	m.back.CornerRadius = px(5)
	place(m.back, right-w, middle-px(9), w, px(18))
	m.dot.FillColor = tagColor(t.Color)
	place(m.dot, right-w+px(6), middle-px(4), px(8), px(8))
	m.name.Place(right-w+px(18), middle, w-px(23)+1)
	return w
}

// tagWords names tags in one line.
func tagWords(tags []mail.Tag) string {
	names := make([]string, len(tags))
	for i, t := range tags {
		names[i] = oneLine(t.Name)
	}
	return strings.Join(names, ", ")
}

// hasTag reports whether a message has a keyword.
func hasTag(s mail.Summary, keyword string) bool {
	return slices.ContainsFunc(s.Keywords, func(k string) bool { return strings.EqualFold(k, keyword) })
}

// tagItems are the lines of the menu with the tags: those that all chosen messages have are ticked.
func (p *Page) tagItems() []kit.MenuItem {
	ids, known := p.target(), p.known()
	var items []kit.MenuItem
	for _, t := range p.tags.all() {
		all := len(ids) > 0
		for _, id := range ids {
			s, ok := known[id]
			if !ok && id == p.reader.id {
				s = p.reader.shown.msg.Summary
			}
			all = all && hasTag(s, t.Keyword)
		}
		icon := "tag"
		if all {
			icon = "check"
		}
		items = append(items, kit.MenuItem{Label: oneLine(t.Name), Icon: icon, Act: func() { p.tag(t, !all) }})
	}
	return append(items, kit.MenuItem{}, kit.MenuItem{Label: i18n.T("mailui.tag.new"), Icon: "plus", Act: p.newTag},
		kit.MenuItem{Label: i18n.T("mailui.tag.edit"), Icon: "pen", Children: p.tagEdits()})
}

// Tag opens the menu with the tags for the chosen messages.
func (p *Page) Tag() {
	if len(p.target()) == 0 {
		return
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(p.list.rows)
	kit.PopUp(p.cols, at.AddXY(theme.Px(40), theme.Px(40)), p.tagItems()...)
}

// tag gives the chosen messages a tag, or takes it away.
func (p *Page) tag(t mail.Tag, on bool) {
	add, remove := []string{t.Keyword}, []string(nil)
	if !on {
		add, remove = remove, add
	}
	p.act("", false, func(ctx context.Context, ids []int64) error { return p.cfg.Mail.Keywords(ctx, ids, add, remove) })
}

// newTag asks for the name of a tag, makes it and gives it to the chosen messages.
func (p *Page) newTag() {
	color := tagPalette[len(p.tags)%len(tagPalette)].color
	p.askText(i18n.T("mailui.tag.new"), i18n.T("mailui.tag.name"), "", func(name string) {
		kit.Load(func() (mail.Tag, error) { return p.cfg.Mail.SetTag(p.ctx, mail.Tag{Name: name, Color: color}) }, func(t mail.Tag, err error) {
			if err != nil {
				p.fail(err)
				return
			}
			p.tagsChanged()
			p.tag(t, true)
		})
	})
}

// tagEdits are a menu each tag: another name, another colour, and for the person's own the end.
func (p *Page) tagEdits() []kit.MenuItem {
	var items []kit.MenuItem
	for _, t := range p.tags.all() {
		colors := make([]kit.MenuItem, len(tagPalette))
		for i, c := range tagPalette {
			icon := ""
			if c.color == t.Color {
				icon = "check"
			}
			colors[i] = kit.MenuItem{Label: i18n.T("mailui.color." + c.name), Icon: icon, Act: func() { p.setTag(mail.Tag{Keyword: t.Keyword, Name: t.Name, Color: c.color}) }}
		}
		lines := []kit.MenuItem{
			{Label: i18n.T("mailui.tag.rename"), Icon: "pen", Act: func() {
				p.askText(i18n.T("mailui.tag.rename"), i18n.T("mailui.tag.name"), t.Name, func(name string) {
					p.setTag(mail.Tag{Keyword: t.Keyword, Name: name, Color: t.Color})
				})
			}},
			{Label: i18n.T("mailui.tag.color"), Icon: "tag", Children: colors},
		}
		if usualLabel(t.Keyword) < 0 {
			lines = append(lines, kit.MenuItem{Label: i18n.T("mailui.tag.drop"), Icon: "trash", Act: func() {
				p.perform(func(ctx context.Context) error { return p.cfg.Mail.DropTag(ctx, t.Keyword) }, p.tagsChanged)
			}})
		}
		items = append(items, kit.MenuItem{Label: oneLine(t.Name), Icon: "tag", Children: lines})
	}
	return items
}

func (p *Page) setTag(t mail.Tag) {
	p.perform(func(ctx context.Context) error {
		_, err := p.cfg.Mail.SetTag(ctx, t)
		return err
	}, p.tagsChanged)
}

// tagsChanged reads the tags again and shows them.
func (p *Page) tagsChanged() { p.nav.read() }

// retag takes over the tags as they are now.
func (p *Page) retag(tags tagBook) {
	if slices.Equal(p.tags, tags) {
		return
	}
	p.tags = tags
	p.list.rows.Refresh()
	p.reader.again()
}
