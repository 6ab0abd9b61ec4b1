// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"context"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"

	"kontor/app/i18n"
	"kontor/app/search"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// linkPicker finds mails and files as a person types where links are added, and offers them below the field.
type linkPicker struct {
	pane   *detail
	list   *kit.RowList[string, hit]
	panel  *kit.Panel
	rows   []hit
	found  string // the words that the rows are of
	asked  string
	enter  bool // Enter was pressed before anything was found
	cancel func()
}

// hit is something that a task can be connected with: a mail or a file, or what was typed as the address of a page.
type hit struct {
	search.Result
	web  string // an address
	note string // nothing was found
}

const (
	mostHits  = 12
	hitHeight = 44
)

func newLinkPicker(d *detail) *linkPicker {
	p := &linkPicker{pane: d, cancel: func() {}}
	p.list = kit.NewRowList(kit.RowListConfig[string, hit]{
		Height: hitHeight, NoLine: true, Inset: 4,
		Key:    func(h hit) string { return h.Kind + "/" + strconv.FormatInt(h.ID, 10) + h.web },
		NewRow: func() kit.Row[hit] { return newHitRow(d.page) },
		Skip:   func(h hit) bool { return h.note != "" },
		Label:  func(h hit) string { return h.Title + h.note + h.web },
		Zone:   func(_ hit, _ fyne.Size, _ fyne.Position) string { return "take" },
		OnZone: func(h hit, _ string) { p.take(h) },
		OnOpen: p.take,
	})
	p.panel = kit.NewPanel(theme.Surface, p.list).Rounded(8, theme.Control).Padded(5, 1, 5, 1)
	return p
}

func (p *linkPicker) stage() *kit.Stage {
	s, _ := p.pane.page.cfg.Window.Canvas().Content().(*kit.Stage)
	return s
}

func (p *linkPicker) open() bool {
	s := p.stage()
	return s != nil && s.Floating() == fyne.CanvasObject(p.panel)
}

func (p *linkPicker) close() {
	p.cancel()
	p.asked, p.enter = "", false
	if p.open() {
		p.stage().Unfloat()
	}
}

func (p *linkPicker) words() string { return strings.TrimSpace(p.pane.link.Text) }

// isAddress reports whether words can only be meant as an address.
func isAddress(words string) bool {
	scheme, rest, ok := strings.Cut(words, ":")
	return ok && rest != "" && !strings.ContainsAny(scheme, " .@/") || strings.HasPrefix(words, "www.")
}

// asAddress makes an address of words, empty where they cannot be one.
func asAddress(words string) string {
	switch {
	case isAddress(words) && !strings.HasPrefix(words, "www."):
		return words
	case strings.ContainsAny(words, " @") || !strings.Contains(strings.Trim(words, "."), "."):
		return ""
	}
	return "https://" + words
}

// typed looks again once typing pauses.
func (p *linkPicker) typed(string) {
	cfg := p.pane.page.cfg
	words := p.words()
	if words == "" || isAddress(words) || cfg.FindLinks == nil || !p.focused() {
		p.close()
		return
	}
	p.cancel()
	p.cancel = cfg.After(typingPause, p.run)
}

func (p *linkPicker) focused() bool {
	return p.pane.page.cfg.Window.Canvas().Focused() == fyne.Focusable(p.pane.link)
}

func (p *linkPicker) run() {
	p.cancel()
	cfg, words := p.pane.page.cfg, p.words()
	p.asked = words
	kit.Load(func() ([]search.Result, error) { return cfg.FindLinks(context.Background(), words, mostHits) }, func(all []search.Result, err error) {
		switch {
		case words != p.asked || words != p.words() || !p.focused():
		case err != nil:
			cfg.ShowError(err)
		default:
			p.show(words, all)
		}
	})
}

// show offers what was found.
func (p *linkPicker) show(words string, all []search.Result) {
	p.rows, p.found = nil, words
	for _, r := range all {
		p.rows = append(p.rows, hit{Result: r})
	}
	web := asAddress(words)
	if web != "" {
		p.rows = append(p.rows, hit{web: web})
	}
	if enter := p.enter; enter && len(all) == 0 && web != "" {
		p.close()
		p.pane.addLink(web)
		return
	}
	p.enter = false
	if len(p.rows) == 0 {
		p.rows = append(p.rows, hit{note: i18n.T("tasksui.link.none")})
	}
	p.list.ClearSelection()
	p.list.SetRows(p.rows)
	if !p.open() {
		p.stage().Float(p.panel, p.place, p.close)
	} else {
		p.stage().PlaceFloat()
	}
	if p.rows[0].note == "" {
		p.list.SelectRow(0)
	}
}

// place is below the field, or above it where there is more room.
func (p *linkPicker) place(room fyne.Size) (fyne.Position, fyne.Size) {
	driver := fyne.CurrentApp().Driver()
	at := driver.AbsolutePositionForObject(p.pane.link).Subtract(driver.AbsolutePositionForObject(p.stage()))
	width := min(max(p.pane.link.Size().Width, theme.Px(380)), room.Width-theme.Px(16))
	x := max(min(at.X, room.Width-width-theme.Px(8)), 0)
	below, over := room.Height-at.Y-p.pane.link.Size().Height-theme.Px(8), at.Y-theme.Px(8)
	height := float32(len(p.rows))*theme.Px(hitHeight) + theme.Px(10)
	if below < height && over > below {
		height = min(height, over)
		return fyne.NewPos(x, at.Y-height-theme.Px(4)), fyne.NewSize(width, height)
	}
	return fyne.NewPos(x, at.Y+p.pane.link.Size().Height+theme.Px(4)), fyne.NewSize(width, max(min(height, below), theme.Px(hitHeight+10)))
}

// key is a key in the field.
func (p *linkPicker) key(ev *fyne.KeyEvent) bool {
	switch ev.Name {
	case fyne.KeyEscape:
		if !p.open() {
			return p.pane.page.content.Escape(ev)
		}
		p.close()
	case fyne.KeyDown, fyne.KeyUp, fyne.KeyPageDown, fyne.KeyPageUp:
		if !p.open() {
			return false
		}
		p.list.TypedKey(ev)
	case fyne.KeyTab:
		p.close()
		return false
	case fyne.KeyReturn, fyne.KeyEnter:
		p.submit()
	default:
		return false
	}
	return true
}

// submit takes the chosen line, or what was typed where that is an address.
func (p *linkPicker) submit() {
	words := p.words()
	h, ok := p.list.Current()
	switch {
	case words == "":
	case p.open() && p.found == words:
		if ok {
			p.take(h)
		}
	case isAddress(words) || p.pane.page.cfg.FindLinks == nil:
		p.close()
		p.pane.addLink(asAddress(words))
	default:
		p.enter = true
		p.run()
	}
}

// take connects the task with what was chosen.
func (p *linkPicker) take(h hit) {
	cfg, id := p.pane.page.cfg, p.pane.id
	if h.note != "" {
		return
	}
	p.close()
	if h.web != "" {
		p.pane.addLink(h.web)
		return
	}
	kit.Load(func() (string, error) { return cfg.LinkTo(context.Background(), h.Result) }, func(uri string, err error) {
		switch {
		case err != nil:
			cfg.ShowError(err)
		case p.pane.id == id:
			p.pane.addLink(uri)
		}
	})
}

// hitRow paints a hit: what it is called, and where it lies.
type hitRow struct {
	page               *Page
	glyph              *kit.Icon
	title, where, date *kit.Text
}

func newHitRow(p *Page) *hitRow {
	return &hitRow{
		page: p, glyph: kit.NewIcon("mail", theme.Muted), title: kit.NewText("", 14, theme.Text),
		where: kit.NewText("", 12, theme.Muted), date: kit.NewText("", 12, theme.Muted),
	}
}

// Objects implements kit.Row.
func (r *hitRow) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.glyph.Image, r.title.Text, r.where.Text, r.date.Text}
}

// Paint implements kit.Row.
func (r *hitRow) Paint(h hit, size fyne.Size, _ kit.RowState) {
	left, right := theme.Px(40), size.Width-theme.Px(14)
	r.date.Set("", theme.Muted)
	icon, words, where, ink := "file", h.Title, h.Where, theme.Text
	switch {
	case h.note != "":
		icon, words, where, ink = "", h.note, "", theme.Muted
	case h.web != "":
		icon, words, where = "external", i18n.T("tasksui.link.web"), h.web
	case h.Kind == search.Mail:
		icon = "mail"
	}
	r.glyph.Set(icon, theme.Muted)
	r.glyph.Place(theme.Px(14), size.Height/2, 18)
	end, middle := right, size.Height*0.32
	if !h.Date.IsZero() {
		r.date.Set(i18n.Day(h.Date, r.page.cfg.Now()), theme.Muted)
		end = r.date.PlaceRight(right, middle, theme.Px(90)) - theme.Px(8)
	}
	if where == "" {
		middle = size.Height / 2
	}
	r.title.Set(words, ink)
	r.title.Place(left, middle, end-left)
	r.where.Set(where, theme.Muted)
	r.where.Place(left, size.Height*0.70, right-left)
}
