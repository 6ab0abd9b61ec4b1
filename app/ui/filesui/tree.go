// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"kontor/app"
	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
)

// place is what the table shows: a folder of an account, or a view over all of them.
type place struct {
	account int64
	path    string
	view    files.View
}

// viewBin is what was deleted, as far as the servers keep it. It is no list of files.
const viewBin files.View = "bin"

// query asks for what lies at the place.
func (p place) query(text string, s sorting) files.Query {
	return files.Query{View: p.view, AccountID: p.account, Path: p.path, Text: text, By: s.by, Descending: s.descending}
}

// folder reports whether things can be put there.
func (p place) folder() bool { return p.view == files.ViewFolder && p.account != 0 }

// id names a place in the list at the left.
func (p place) id() string {
	if p.view != files.ViewFolder {
		return "view/" + string(p.view)
	}
	return "dir/" + strconv.FormatInt(p.account, 10) + "/" + p.path
}

// placeOf reads what id wrote.
func placeOf(id string) (place, bool) {
	kind, rest, _ := strings.Cut(id, "/")
	if kind == "view" {
		return place{view: files.View(rest)}, true
	}
	number, path, _ := strings.Cut(rest, "/")
	account, err := strconv.ParseInt(number, 10, 64)
	return place{account: account, path: path}, kind == "dir" && err == nil
}

// branch is an account with its folders.
type branch struct {
	Account
	folders []files.Entry
	server  files.ServerInfo
}

// extras are the views that are there only where there is something in them.
type extras struct {
	notes int  // that there are
	bin   bool // something lies in the recycle bin of this computer
}

// lines lays the folders out as the list at the left. Folders whose parent is closed are left out.
func lines(all []branch, open map[string]bool, more extras) []kit.SideItem {
	var items []kit.SideItem
	for _, b := range all {
		items = append(items, kit.SideItem{ID: "account/" + strconv.FormatInt(b.ID, 10), Label: b.Title, Heading: true})
		root := place{account: b.ID}
		items = append(items, kit.SideItem{ID: root.id(), Label: i18n.T("filesui.root"), Icon: "home"})
		items = append(items, folderLines(b, open)...)
	}
	items = append(items,
		kit.SideItem{ID: "views", Label: i18n.T("filesui.views"), Heading: true},
		kit.SideItem{ID: place{view: files.ViewOffline}.id(), Label: i18n.T("filesui.view.offline"), Icon: "download"},
		kit.SideItem{ID: place{view: files.ViewRecent}.id(), Label: i18n.T("filesui.view.recent"), Icon: "clock"})
	if more.notes > 0 {
		items = append(items, kit.SideItem{ID: place{view: viewNotes}.id(), Label: i18n.T("filesui.view.notes"), Icon: "info", Count: more.notes})
	}
	if more.bin || slices.ContainsFunc(all, func(b branch) bool { return b.server.Trash }) {
		items = append(items, kit.SideItem{ID: place{view: viewBin}.id(), Label: i18n.T("filesui.view.bin"), Icon: "trash"})
	}
	return items
}

func folderLines(b branch, open map[string]bool) []kit.SideItem {
	children := map[string][]files.Entry{}
	for _, f := range b.folders {
		parent := ""
		if i := strings.LastIndexByte(f.Path, '/'); i >= 0 {
			parent = f.Path[:i]
		}
		children[parent] = append(children[parent], f)
	}
	names := app.NewDictionary()
	var items []kit.SideItem
	var walk func(parent string, depth int)
	walk = func(parent string, depth int) {
		list := slices.Clone(children[parent])
		slices.SortStableFunc(list, func(a, b files.Entry) int { return bytes.Compare(names.Key(a.Name), names.Key(b.Name)) })
		for _, f := range list {
			id := place{account: b.ID, path: f.Path}.id()
			items = append(items, kit.SideItem{
				ID: id, Label: f.Name, Icon: "folder", Indent: depth, Parent: len(children[f.Path]) > 0, Open: open[id],
			})
			if open[id] {
				walk(f.Path, depth+1)
			}
		}
	}
	walk("", 0)
	return items
}
