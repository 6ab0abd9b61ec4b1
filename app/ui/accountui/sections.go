// SPDX-License-Identifier: EUPL-1.2

package accountui

import (
	"context"
	"fmt"
	"strconv"

	"fyne.io/fyne/v2"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// row puts a name and an explanation above what can be chosen.
func row(key, explain string, control fyne.CanvasObject) fyne.CanvasObject {
	parts := []fyne.CanvasObject{kit.NewLabel(i18n.T(key), 14, theme.Text, true)}
	if explain != "" {
		parts = append(parts, kit.NewParagraph(i18n.T(explain), 13, theme.Muted))
	}
	return kit.NewColumn(5, append(parts, control)...)
}

// look changes language, theme and text size; all of it at once.
func (p *Page) look() []fyne.CanvasObject {
	l := &p.cfg.Look
	change := func() { l.Change(l.Language, l.Theme, l.TextSize) }
	language := stop(p, kit.NewSegments(i18n.T("accountui.language"), l.Language, []kit.Option{{ID: "de", Label: "Deutsch"}, {ID: "en", Label: "English"}}, func(id string) {
		l.Language = id
		change()
	}))
	themes := stop(p, kit.NewSegments(i18n.T("accountui.theme"), l.Theme, []kit.Option{
		{ID: "system", Label: i18n.T("accountui.theme.system")},
		{ID: "light", Label: i18n.T("accountui.theme.light")},
		{ID: "dark", Label: i18n.T("accountui.theme.dark")},
		{ID: "contrast", Label: i18n.T("accountui.theme.contrast")},
	}, func(id string) {
		l.Theme = id
		change()
	}))
	var sizes []kit.Option
	for _, percent := range []int{100, 115, 130, 150, 175, 200} {
		sizes = append(sizes, kit.Option{ID: strconv.Itoa(percent), Label: fmt.Sprintf("%d %%", percent)})
	}
	size := stop(p, kit.NewSegments(i18n.T("accountui.text-size"), strconv.Itoa(int(l.TextSize*100+0.5)), sizes, func(id string) {
		percent, err := strconv.Atoi(id)
		if err == nil {
			l.TextSize = float32(percent) / 100
			change()
		}
	}))
	return []fyne.CanvasObject{
		title("accountui.section.look"), row("accountui.language", "", language), row("accountui.theme", "accountui.theme-text", themes), row("accountui.text-size", "", size),
	}
}

// sync chooses when Kontor connects, and how long a message can be taken back.
func (p *Page) sync() []fyne.CanvasObject {
	chosen := "online"
	if p.state.snap.ByChoice {
		chosen = "offline"
	}
	offline := stop(p, kit.NewSegments(i18n.T("accountui.connect"), chosen, []kit.Option{{ID: "online", Label: i18n.T("accountui.connect.on")}, {ID: "offline", Label: i18n.T("accountui.connect.off")}}, func(id string) {
		p.try(func(ctx context.Context) error { return p.cfg.SetOffline(ctx, id == "offline") })
	}))
	var seconds []kit.Option
	for _, n := range []int{0, 5, 10, 30, 60, 120} {
		label := i18n.T("accountui.undo.seconds", "n", n)
		if n == 0 {
			label = i18n.T("accountui.undo.none")
		}
		seconds = append(seconds, kit.Option{ID: strconv.Itoa(n), Label: label})
	}
	undo := stop(p, kit.NewSegments(i18n.T("accountui.undo"), p.state.undo, seconds, func(id string) {
		p.try(func(ctx context.Context) error { return p.cfg.Settings.Set(ctx, app.UndoSetting, id) })
	}))
	return []fyne.CanvasObject{
		title("accountui.section.sync"), row("accountui.connect", "accountui.connect-text", offline), row("accountui.undo", "accountui.undo-text", undo),
	}
}

// about says what this is.
func (p *Page) about() []fyne.CanvasObject {
	return []fyne.CanvasObject{
		title("accountui.section.about"),
		kit.NewDetailGrid(
			kit.Detail{Label: i18n.T("accountui.version"), Value: p.cfg.Version},
			kit.Detail{Label: i18n.T("accountui.licence"), Value: "EUPL-1.2"},
			kit.Detail{Label: i18n.T("accountui.space"), Value: i18n.Size(p.state.snap.OfflineBytes)},
		),
		text("accountui.about-text"),
	}
}

// try changes a setting away from the UI goroutine.
func (p *Page) try(work func(context.Context) error) {
	kit.Act(func() error { return work(p.ctx) }, func(err error) {
		if err != nil {
			p.cfg.ShowError(err)
			p.build() // the control shows what was not done
		}
		p.read()
	})
}
