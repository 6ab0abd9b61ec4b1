// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"path"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// The columns of the table.
const (
	colName = iota
	colSize
	colChanged
	colState
)

// columnIDs are what the header reports when a title is clicked.
var columnIDs = [...]string{
	colName: string(files.ByName), colSize: string(files.BySize), colChanged: string(files.ByChanged), colState: string(files.ByState),
}

func columns() kit.Columns {
	return kit.Columns{
		{ID: columnIDs[colName], Title: i18n.T("filesui.col.name"), Width: 180, Grow: 1, Sort: true},
		{ID: columnIDs[colSize], Title: i18n.T("filesui.col.size"), Width: 80, Sort: true, Drop: 480},
		{ID: columnIDs[colChanged], Title: i18n.T("filesui.col.changed"), Width: 116, Sort: true, Drop: 600},
		{ID: columnIDs[colState], Title: i18n.T("filesui.col.state"), Width: 176, Sort: true},
	}
}

// stateWords names the state of an entry. t is its transfer at this moment, nil for none.
func stateWords(e files.Entry, t *files.Transfer) string {
	switch {
	case e.State == files.Running && t != nil && t.Total > 0:
		key := "filesui.state.loading"
		if t.Up {
			key = "filesui.state.sending"
		}
		return i18n.T(key, "percent", strconv.FormatInt(min(100*t.Done/t.Total, 100), 10))
	case e.State == files.Running && e.Progress >= 0:
		return i18n.T("filesui.state.loading", "percent", strconv.Itoa(e.Progress))
	case e.State == files.Running && e.Sending:
		return i18n.T("filesui.state.uploading")
	case e.State == files.Waiting && e.Sending:
		return i18n.T("filesui.state.to-send")
	case e.State == files.Waiting && e.Pinned && !e.Dir && e.LocalPath == "":
		return i18n.T("filesui.state.to-load")
	case e.State == files.Offline && e.PinnedHere:
		return i18n.T("filesui.state.pinned")
	}
	return i18n.T("filesui.state." + string(e.State))
}

// stateLook is the glyph and tone of a state.
func stateLook(e files.Entry) (icon string, tone kit.Tone) {
	switch e.State {
	case files.Offline:
		if e.PinnedHere {
			return "circle-check", kit.ToneAccent
		}
		return "check", kit.ToneAccent
	case files.Waiting:
		if e.Sending {
			return "upload", kit.ToneWarn
		}
		return "clock", kit.ToneWarn
	case files.Running:
		return "sync", kit.ToneAccent
	case files.Conflict, files.Rejected:
		return "warning", kit.ToneBad
	case files.OnlineOnly:
	}
	return "cloud", kit.ToneMuted
}

func sizeWords(e files.Entry) string {
	if e.Dir {
		return "—"
	}
	return i18n.Size(e.Size)
}

func changedWords(e files.Entry, now time.Time) string {
	if e.Modified.IsZero() || e.Modified.Unix() <= 0 {
		return "—"
	}
	t, n := e.Modified.Local(), now.Local()
	switch ago := n.Sub(t); {
	case ago >= 0 && ago < time.Hour:
		return i18n.T("filesui.minutes", "n", max(int(ago.Minutes()), 1))
	case t.YearDay() == n.YearDay() && t.Year() == n.Year():
		return i18n.T("filesui.today", "time", i18n.Clock(t))
	}
	return i18n.Day(t, n)
}

// spoken is the line in words.
func spoken(e files.Entry, t *files.Transfer, now time.Time) string {
	kind := i18n.T("filesui.kind.file")
	if e.Dir {
		kind = i18n.T("filesui.kind.folder")
	}
	words := []string{e.Name, kind}
	if !e.Dir {
		words = append(words, sizeWords(e))
	}
	words = append(words, changedWords(e, now), stateWords(e, t))
	if e.ReadOnly {
		words = append(words, i18n.T("filesui.read-only"))
	}
	return strings.Join(words, ", ")
}

// iconOf is the glyph of an entry.
func iconOf(e files.Entry) string {
	if e.Dir {
		return "folder"
	}
	switch strings.ToLower(path.Ext(e.Name)) {
	case ".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".tif", ".tiff":
		return "image"
	}
	return "file"
}

// entryRow paints one line of the table.
type entryRow struct {
	page                *Page
	icon, lock          *kit.Icon
	name, size, changed *kit.Text
	state               *kit.Mark
	columns             kit.Columns
}

func newEntryRow(p *Page, cols kit.Columns) *entryRow {
	return &entryRow{
		page: p, columns: cols, icon: kit.NewIcon("file", theme.Muted), lock: kit.NewIcon("", theme.Muted), name: kit.NewText("", 14, theme.Text),
		size: kit.NewText("", 13, theme.Muted), changed: kit.NewText("", 13, theme.Muted), state: kit.NewMark(),
	}
}

// Objects implements kit.Row.
func (r *entryRow) Objects() []fyne.CanvasObject {
	return append([]fyne.CanvasObject{r.icon.Image, r.lock.Image, r.name.Text, r.size.Text, r.changed.Text}, r.state.Objects()...)
}

// Paint implements kit.Row.
func (r *entryRow) Paint(e files.Entry, size fyne.Size, _ kit.RowState) {
	px, middle := theme.Px, size.Height/2
	spans := r.columns.Spans(size.Width)
	at := nameSpan(spans)
	tone := theme.Text
	if r.page.clip.cuts(e.ID) {
		tone = theme.Muted
	}
	r.icon.Set(iconOf(e), theme.Muted)
	r.icon.Place(spans[colName].X, middle, 17)
	lock := ""
	if e.ReadOnly {
		lock = "lock"
		at.W -= px(20)
	}
	r.name.Set(r.page.nameOf(e), tone)
	r.name.Place(at.X, middle, at.W)
	r.lock.Set(lock, theme.Muted)
	r.lock.Place(at.X+min(r.name.Width(), at.W)+px(4), middle, 13)
	cell := func(t *kit.Text, words string, column int) {
		if spans[column].W == 0 {
			words = ""
		}
		t.Set(words, theme.Muted)
		t.Place(spans[column].X, middle, spans[column].W)
	}
	cell(r.size, sizeWords(e), colSize)
	cell(r.changed, changedWords(e, r.page.cfg.Now()), colChanged)
	icon, mark := stateLook(e)
	r.state.Set(stateWords(e, r.page.transfer(e.ID)), icon, mark)
	r.state.Place(spans[colState].X, middle, spans[colState].W)
}

// nameSpan is where the name of an entry lies, beside its icon.
func nameSpan(spans []kit.Span) kit.Span {
	at := spans[colName]
	return kit.Span{X: at.X + theme.Px(27), W: at.W - theme.Px(27)}
}

// nameOf is what an entry is called. Where entries of many folders are shown its folder follows: the end is cut off where
// there is no room.
func (p *Page) nameOf(e files.Entry) string {
	folder := parentOf(e.Path)
	switch {
	case p.at.view == files.ViewFolder && p.text == "":
		folder = ""
	case p.at.view == files.ViewFolder && p.at.path != "":
		folder = strings.TrimPrefix(strings.TrimPrefix(folder, p.at.path), "/")
	}
	if folder == "" {
		return e.Name
	}
	return e.Name + " · " + folder
}
