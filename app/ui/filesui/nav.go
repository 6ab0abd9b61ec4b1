// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"context"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

func (p *Page) toggle(id string, open bool) {
	p.open[id] = open
	p.fillSide()
}

func (p *Page) choose(id string) {
	if at, ok := placeOf(id); ok && (at != p.at || p.Deciding()) {
		p.goTo(at)
	}
}

// goTo shows another folder or view. The folders above it are opened at the left.
func (p *Page) goTo(at place) {
	p.endRename(false)
	p.at = at
	p.finder.reset()
	for up := parentOf(at.path); at.view == files.ViewFolder && up != ""; up = parentOf(up) {
		p.open[place{account: at.account, path: up}.id()] = true
	}
	p.content.Front(-1)
	p.fillEmpty()
	p.fillCrumbs()
	p.fillSide()
	if at.view == viewBin {
		p.detail.show(files.Entry{}, 0)
		p.front(p.bin.content)
		p.bin.read()
		return
	}
	if at.view == viewNotes {
		p.detail.show(files.Entry{}, 0)
		p.front(p.notes.content)
		return
	}
	p.front(p.table())
	p.show()
}

// fillCrumbs shows where the folder lies; each part leads to its folder.
func (p *Page) fillCrumbs() {
	p.crumbs.RemoveAll()
	if p.at.view != files.ViewFolder {
		p.crumbs.Add(kit.Full(kit.Heading(i18n.T("filesui.view." + string(p.at.view)))))
		return
	}
	parts := []string{i18n.T("filesui.root")}
	if p.at.path != "" {
		parts = append(parts, strings.Split(p.at.path, "/")...)
	}
	for i, name := range parts {
		if i == len(parts)-1 {
			p.crumbs.Add(kit.Full(kit.NewLabel(name, 15, theme.Text, true)))
			break
		}
		up := place{account: p.at.account, path: strings.Join(parts[1:i+1], "/")}
		b := kit.NewLink(name, func() { p.goTo(up) })
		b.SetTone(theme.Muted)
		p.crumbs.Add(b)
		p.crumbs.Add(kit.Full(kit.Caption("›")))
	}
	p.crumbs.Refresh()
	p.trail.Refresh()
	p.trail.ScrollToOffset(fyne.NewPos(max(p.crumbs.MinSize().Width-p.trail.Size().Width, 0), 0))
}

// sorting is what the list of the moment is sorted by: the view of what changed last has an order of its own.
func (p *Page) sorting() sorting { return p.sorted[p.at.view == files.ViewRecent] }

// show reads the chosen place from its top.
func (p *Page) show() {
	s := p.sorting()
	p.header.SetSorted(string(s.by), s.descending)
	p.wanted = 0
	p.list = &listing{core: p.cfg.Files, query: p.at.query(p.text, s)}
	p.rows.SetSource(p.list)
	p.detail.show(files.Entry{}, 0)
}

// counted selects what was to be selected, now that it is known where it is.
func (p *Page) counted() {
	if p.wanted == 0 || p.list == nil {
		return
	}
	if row := slices.Index(p.list.all(), p.wanted); row >= 0 && row < p.rows.Count() {
		p.wanted = 0
		p.rows.SelectRow(row)
	}
}

func (p *Page) sort(column string, descending bool) {
	chosen := p.selectedIDs()
	p.sorted[p.at.view == files.ViewRecent] = sorting{files.Order(column), descending}
	if p.at.view != files.ViewRecent {
		p.cfg.Leave(Left{files.Order(column), descending})
	}
	p.show()
	if len(chosen) > 0 {
		p.wanted = chosen[0]
	}
}

// up shows the folder above, with the one that was left selected.
func (p *Page) up() {
	if p.at.view != files.ViewFolder || p.at.path == "" {
		return
	}
	left := p.at
	p.goTo(place{account: left.account, path: parentOf(left.path)})
	for _, b := range p.branches {
		for _, f := range b.folders {
			if b.ID == left.account && f.Path == left.path {
				p.wanted = f.ID
			}
		}
	}
	p.counted()
}

// showDetails puts the keyboard into the details, where there is something to tell.
func (p *Page) showDetails() {
	if !p.detail.body.Visible() {
		return
	}
	p.content.ShowDetails()
	kit.Focus(p.detail.entrance())
}

// Leave implements ui.Leaver: Escape leads from a decision, or from the details, back to the list.
func (p *Page) Leave() bool {
	_, button := p.cfg.Window.Canvas().Focused().(*kit.Button)
	switch {
	case p.Deciding():
		p.compare.close()
	case p.content.Escape(&fyne.KeyEvent{Name: fyne.KeyEscape}):
	case button:
		p.focusList()
	default:
		return false
	}
	return true
}

// typed collects what is typed to jump to an entry.
type typed struct {
	text string
	last time.Time
}

// seek jumps to the next entry that begins with what was typed; also to one that is not in memory.
func (p *Page) seek(r rune) bool {
	if r <= ' ' || p.list == nil {
		return false
	}
	now := time.Now()
	if now.Sub(p.typed.last) > time.Second {
		p.typed.text = ""
	}
	p.typed.text, p.typed.last = p.typed.text+string(r), now
	text, list, from := p.typed.text, p.list, max(p.rows.CursorRow(), 0)
	if len([]rune(text)) == 1 && len(p.rows.Selected()) > 0 {
		from++
	}
	kit.Load(func() (int, error) { return p.cfg.Files.Seek(context.Background(), list.query, text, from) }, func(row int, err error) {
		switch {
		case err != nil:
			p.cfg.ShowError(err)
		case list == p.list && text == p.typed.text && row >= 0 && row < p.rows.Count():
			p.rows.SelectRow(row)
		}
	})
	return true
}
