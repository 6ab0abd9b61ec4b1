// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"context"
	"path"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// renaming is a name that is being typed in its place in the table.
type renaming struct {
	entry files.Entry
	field *kit.Entry
}

// rename puts a field over the name of an entry. Enter, Tab or a click elsewhere take what was typed; Escape does not.
func (p *Page) rename(e files.Entry) {
	stage, ok := p.cfg.Window.Canvas().Content().(*kit.Stage)
	row := slices.Index(p.list.all(), e.ID)
	if !ok || row < 0 || e.ReadOnly {
		return
	}
	p.endRename(false)
	field := kit.NewEntry("")
	field.Name = i18n.T("filesui.rename.field", "name", e.Name)
	field.SetText(e.Name)
	field.OnSubmitted = func(string) { p.endRename(true) }
	field.OnKey = kit.Escape(func() { p.endRename(false) })
	p.renaming = &renaming{e, field}
	p.rows.SelectRow(row)
	stage.Float(field, func(fyne.Size) (fyne.Position, fyne.Size) {
		at, size := p.rows.Place(row)
		span := nameSpan(p.columns.Spans(size.Width))
		at = at.Subtract(fyne.CurrentApp().Driver().AbsolutePositionForObject(stage))
		h := max(field.MinSize().Height, theme.Px(28))
		return at.AddXY(span.X-theme.Px(9), (size.Height-h)/2), fyne.NewSize(max(span.W, theme.Px(160))+theme.Px(9), h)
	}, func() {
		p.takeName(true)
		kit.Focus(p.rows)
	})
	kit.Focus(field)
	selectStem(field, e)
	field.OnFocus = func(on bool) { // Tab, or another window, takes the name as a click elsewhere does
		if !on {
			p.takeName(true)
		}
	}
}

// renameFolder asks for another name of a folder at the left.
func (p *Page) renameFolder(e files.Entry) {
	p.cfg.AskName(i18n.T("filesui.rename.field", "name", e.Name), e.Name, func(name string) {
		name = strings.ReplaceAll(name, "/", "")
		if name == "" || name == e.Name {
			return
		}
		p.cfg.Change(i18n.T("filesui.toast.renamed", "name", name), func(ctx context.Context) error {
			return p.cfg.Files.Rename(ctx, e.ID, name)
		}, func() { p.followFolder(e.ID) })
	})
}

// selectStem selects a name without its ending, which most people want to keep.
func selectStem(field *kit.Entry, e files.Entry) {
	stem := len([]rune(e.Name))
	if ext := path.Ext(e.Name); !e.Dir && ext != e.Name {
		stem -= len([]rune(ext))
	}
	field.CursorColumn, field.CursorRow = 0, 0
	field.TypedKey(&fyne.KeyEvent{Name: fyne.KeyHome})
	field.KeyDown(&fyne.KeyEvent{Name: "LeftShift"})
	for range stem {
		field.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	}
	field.KeyUp(&fyne.KeyEvent{Name: "LeftShift"})
}

// endRename is takeName with the keyboard back in the table.
func (p *Page) endRename(use bool) {
	if p.renaming != nil {
		p.takeName(use)
		kit.Focus(p.rows)
	}
}

// takeName takes the field away and, if use says so, gives the entry the name that was typed.
func (p *Page) takeName(use bool) {
	r := p.renaming
	if r == nil {
		return
	}
	p.renaming = nil
	if stage, ok := p.cfg.Window.Canvas().Content().(*kit.Stage); ok && stage.Floating() == fyne.CanvasObject(r.field) {
		stage.Unfloat()
	}
	name := strings.ReplaceAll(strings.TrimSpace(r.field.Text), "/", "")
	if !use || name == "" || name == r.entry.Name {
		return
	}
	p.wanted = r.entry.ID
	p.do(i18n.T("filesui.toast.renamed", "name", name), func(ctx context.Context) error {
		return p.cfg.Files.Rename(ctx, r.entry.ID, name)
	})
}
