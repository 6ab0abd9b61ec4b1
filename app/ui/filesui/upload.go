// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"context"
	"path/filepath"

	"fyne.io/fyne/v2"

	"kontor/app"
	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
)

func (p *Page) pickUpload() {
	at := p.at
	if at.folder() {
		p.cfg.PickFiles(func(paths []string) { p.put(at, paths) })
	}
}

// Upload puts local files and folders into the folder that is shown.
func (p *Page) Upload(paths []string) { p.put(p.at, paths) }

// Drop puts local files and folders into the folder that they were dropped on, at a place of the window, else into the one
// that is shown.
func (p *Page) Drop(at fyne.Position, paths []string) {
	to, _, ok := p.under(at)
	if !ok {
		to = p.at
	}
	p.put(to, paths)
}

// put adds files and folders. Where their names are taken, the person says what is to become of those.
func (p *Page) put(at place, paths []string) {
	if !at.folder() || len(paths) == 0 {
		return
	}
	kit.Load(func() (map[string]bool, error) { return p.names(at) }, func(there map[string]bool, err error) {
		if err != nil {
			p.cfg.ShowError(err)
			return
		}
		var same []string
		for _, local := range paths {
			if name := nameOf(local); there[name] {
				same = append(same, name)
			}
		}
		if len(same) == 0 {
			p.send(at, paths, app.KeepBoth)
			return
		}
		p.cfg.Choose(i18n.T("filesui.exists.title", "n", len(same), "name", same[0]), i18n.T("filesui.exists.text"),
			kit.Choice{Label: i18n.T("filesui.exists.both"), Do: func() { p.send(at, paths, app.KeepBoth) }},
			kit.Choice{Label: i18n.T("filesui.exists.replace"), Do: func() { p.send(at, paths, app.Replace) }})
	})
}

// nameOf is the name that a local file gets in the store.
func nameOf(local string) string { return files.Rules{}.Remote(filepath.Base(local)) }

// names gives the names of what a folder holds.
func (p *Page) names(at place) (map[string]bool, error) {
	list, err := p.cfg.Files.List(context.Background(), at.account, at.path)
	there := make(map[string]bool, len(list))
	for _, e := range list {
		there[e.Name] = true
	}
	return there, err
}

func (p *Page) send(at place, paths []string, clash app.Clash) {
	kit.Load(func() (int, error) {
		return p.cfg.Files.PutInto(context.Background(), at.account, paths, at.path, clash)
	}, func(n int, err error) {
		if err != nil {
			p.cfg.ShowError(err)
			p.reload() // what came before it is there
			return
		}
		words := i18n.T("filesui.toast.uploaded", "n", n, "name", filepath.Base(paths[0]))
		if at != p.at {
			words = i18n.T("filesui.toast.uploaded-to", "n", n, "name", filepath.Base(paths[0]), "folder", folderName(at))
		}
		p.cfg.Toast(words, i18n.T("ui.undo"), p.cfg.Undo)
		p.reload()
	})
}

// folderName is what a folder is called.
func folderName(at place) string {
	if at.path == "" {
		return i18n.T("filesui.root")
	}
	return files.Base(at.path)
}
