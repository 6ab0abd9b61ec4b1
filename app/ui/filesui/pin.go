// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"context"

	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
)

// pinWords names what pin does with entries, and whether it can: what a folder above keeps offline stays so.
func pinWords(all []files.Entry) (key string, can bool) {
	key = "filesui.menu.unpin"
	for _, e := range all {
		if !e.PinnedHere {
			key = "filesui.menu.pin"
		}
		can = can || !e.Pinned || e.PinnedHere
	}
	return key, can
}

// pin keeps entries offline, or, where all of them are pinned already, no longer. How much would come here is found out
// first; where there is no room for it, the person is asked.
func (p *Page) pin(all []files.Entry) {
	if key, can := pinWords(all); !can || len(all) == 0 {
		return
	} else if key == "filesui.menu.unpin" {
		p.setPins(all, p.cfg.Files.Unpin, i18n.T("filesui.toast.unpinned", "n", len(all), "name", all[0].Name))
		return
	}
	kit.Load(func() (files.PinSize, error) { return p.cfg.Files.SizeBefore(context.Background(), keysOf(all)) }, func(size files.PinSize, err error) {
		switch {
		case err != nil:
			p.cfg.ShowError(err)
		case size.Fits():
			p.pinNow(all, size)
		default:
			p.cfg.Choose(i18n.T("filesui.pin.no-room"), sizeBefore(size)+". "+i18n.T("filesui.pin.no-room-text"),
				kit.Choice{Label: i18n.T("filesui.pin.anyway"), Do: func() { p.pinNow(all, size) }})
		}
	})
}

func (p *Page) pinNow(all []files.Entry, size files.PinSize) {
	words := i18n.T("filesui.toast.pinned", "n", len(all), "name", all[0].Name)
	if size.Files > 0 {
		words += ": " + i18n.T("filesui.pin.size", "n", size.Files, "count", i18n.Count(size.Files), "size", i18n.Size(size.Bytes))
		for _, e := range all {
			p.pinning[e.ID] = e.Name
		}
	}
	p.setPins(all, p.cfg.Files.Pin, words)
}

func (p *Page) setPins(all []files.Entry, act func(context.Context, int64) error, words string) {
	ids := make([]int64, len(all))
	for i, e := range all {
		ids[i] = e.ID
	}
	p.withEach(ids, act, words, func() {})
}

// sizeBefore says how much would come here, and how much room there is.
func sizeBefore(s files.PinSize) string {
	if s.Files == 0 {
		return i18n.T("filesui.pin.here")
	}
	words := i18n.T("filesui.pin.size", "n", s.Files, "count", i18n.Count(s.Files), "size", i18n.Size(s.Bytes))
	if s.Free >= 0 {
		words += ", " + i18n.T("filesui.pin.free", "size", i18n.Size(s.Free))
	}
	return words
}

// noticePins says when all of what was pinned here has arrived and was checked.
func (p *Page) noticePins() {
	for id, name := range p.pinning {
		kit.Load(func() (files.Entry, error) { return p.cfg.Files.Entry(context.Background(), id) }, func(e files.Entry, err error) {
			switch {
			case err != nil || !e.Pinned:
				delete(p.pinning, id)
			case e.State == files.Offline && p.pinning[id] != "":
				delete(p.pinning, id)
				p.cfg.Toast(i18n.T("filesui.toast.complete", "name", name), "", nil)
			}
		})
	}
}
