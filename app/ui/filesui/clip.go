// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"context"
	"errors"
	"slices"
	"strings"

	"kontor/app"
	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
)

var errRejected = errors.New("the file does not come")

// clip is what a person took with Ctrl+C or Ctrl+X.
type clip struct {
	ids     []int64
	name    string // of the first
	account int64
	cut     bool
}

// cuts reports whether an entry is to be moved away.
func (c clip) cuts(id int64) bool { return c.cut && slices.Contains(c.ids, id) }

// fits reports whether there is something that can be put into a place.
func (c clip) fits(to place) bool { return len(c.ids) > 0 && to.folder() && to.account == c.account }

// take keeps entries to be put elsewhere. Their paths on this computer go into the clipboard, for other programs.
func (p *Page) take(all []files.Entry, cut bool) {
	if len(all) == 0 || cut && readOnly(all) {
		return
	}
	p.clip = clip{ids: keysOf(all), name: all[0].Name, account: all[0].AccountID, cut: cut}
	key := "filesui.toast.copied"
	if cut {
		key = "filesui.toast.cut"
	}
	if paths := localPaths(all); len(paths) > 0 && !cut {
		p.cfg.Copy(strings.Join(paths, "\n"))
	}
	p.cfg.Toast(i18n.T(key, "n", len(all), "name", all[0].Name), "", nil)
	p.rows.Refresh()
}

// paste moves or copies what was taken into a folder of the same account.
func (p *Page) paste(to place) {
	c := p.clip
	if len(c.ids) == 0 || !to.folder() {
		return
	}
	if to.account != c.account {
		p.cfg.ShowError(app.ErrOtherAccount)
		return
	}
	if !c.cut {
		p.copyInto(c, to)
		return
	}
	p.clip = clip{}
	p.moveInto(c, to)
}

// copyInto copies; what is not here yet is fetched first.
func (p *Page) copyInto(c clip, to place) {
	kit.Act(func() error { return p.cfg.Files.CopyInto(context.Background(), c.ids, to.account, to.path) }, func(err error) {
		switch {
		case errors.Is(err, app.ErrNotHere):
			p.fetch(c.ids, i18n.T("filesui.toast.copy-later", "n", len(c.ids), "name", c.name), func() { p.copyInto(c, to) })
		case err != nil:
			p.cfg.ShowError(err)
		default:
			p.cfg.Toast(i18n.T("filesui.toast.copies", "n", len(c.ids), "name", c.name), i18n.T("ui.undo"), p.cfg.Undo)
			p.reload()
		}
	})
}
