// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"

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
var columnIDs = [...]string{colName: "name", colSize: "size", colChanged: "changed", colState: "state"}

func columns() kit.Columns {
	return kit.Columns{
		{ID: columnIDs[colName], Title: i18n.T("filesui.col.name"), Width: 180, Grow: 1, Sort: true},
		{ID: columnIDs[colSize], Title: i18n.T("filesui.col.size"), Width: 80, Sort: true, Drop: 480},
		{ID: columnIDs[colChanged], Title: i18n.T("filesui.col.changed"), Width: 116, Sort: true, Drop: 600},
		{ID: columnIDs[colState], Title: i18n.T("filesui.col.state"), Width: 176, Sort: true},
	}
}

// order sorts entries: folders first, then by the column; names in the order of a dictionary (DIN 5007-1 in German).
func order(all []files.Entry, column string, descending bool) {
	tag := language.English
	if i18n.Current() == i18n.German {
		tag = language.German
	}
	names := collate.New(tag, collate.Numeric, collate.IgnoreCase)
	slices.SortStableFunc(all, func(a, b files.Entry) int {
		if a.Dir != b.Dir {
			if a.Dir {
				return -1
			}
			return 1
		}
		c := 0
		switch column {
		case columnIDs[colSize]:
			c = cmp.Compare(a.Size, b.Size)
		case columnIDs[colChanged]:
			c = a.Modified.Compare(b.Modified)
		case columnIDs[colState]:
			c = cmp.Compare(stateRank(a), stateRank(b))
		}
		if c == 0 {
			c = names.CompareString(a.Name, b.Name)
		}
		if descending {
			c = -c
		}
		return c
	})
}

// stateRank puts what needs a person first.
func stateRank(e files.Entry) int {
	return slices.Index([]files.State{files.Conflict, files.Rejected, files.Running, files.Waiting, files.Offline, files.OnlineOnly}, e.State)
}

// stateWords names the state of an entry.
func stateWords(e files.Entry) string {
	switch {
	case e.State == files.Running && e.Progress >= 0:
		return i18n.T("filesui.state.loading", "percent", strconv.Itoa(e.Progress))
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
			return "pin", kit.ToneAccent
		}
		return "check", kit.ToneAccent
	case files.Waiting:
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
func spoken(e files.Entry, now time.Time) string {
	kind := i18n.T("filesui.kind.file")
	if e.Dir {
		kind = i18n.T("filesui.kind.folder")
	}
	return strings.Join([]string{e.Name, kind, sizeWords(e), changedWords(e, now), stateWords(e)}, ", ")
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
	icon                *kit.Icon
	name, size, changed *kit.Text
	state               *kit.Mark
	columns             kit.Columns
	now                 func() time.Time
	wholePath           func() bool // in views over many folders
}

// Objects implements kit.Row.
func (r *entryRow) Objects() []fyne.CanvasObject {
	return append([]fyne.CanvasObject{r.icon.Image, r.name.Text, r.size.Text, r.changed.Text}, r.state.Objects()...)
}

// Paint implements kit.Row.
func (r *entryRow) Paint(e files.Entry, size fyne.Size, _ kit.RowState) {
	px, middle := theme.Px, size.Height/2
	spans := r.columns.Spans(size.Width)
	at := spans[colName]
	r.icon.Set(iconOf(e), theme.Muted)
	r.icon.Place(at.X, middle, 17)
	name := e.Name
	if r.wholePath() {
		name = e.Path
	}
	r.name.Set(name, theme.Text)
	r.name.Place(at.X+px(27), middle, at.W-px(27))
	cell := func(t *kit.Text, words string, column int) {
		if spans[column].W == 0 {
			words = ""
		}
		t.Set(words, theme.Muted)
		t.Place(spans[column].X, middle, spans[column].W)
	}
	cell(r.size, sizeWords(e), colSize)
	cell(r.changed, changedWords(e, r.now()), colChanged)
	icon, tone := stateLook(e)
	r.state.Set(stateWords(e), icon, tone)
	r.state.Place(spans[colState].X, middle, spans[colState].W)
}
