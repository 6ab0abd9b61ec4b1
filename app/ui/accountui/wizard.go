// SPDX-License-Identifier: EUPL-1.2

package accountui

import (
	"context"

	"fyne.io/fyne/v2"

	"kontor/app/accounts"
	"kontor/app/i18n"
	"kontor/app/live"
	"kontor/app/ui"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// Wizard is what somebody without an account sees first: two fields and a button, or the demo.
type Wizard struct {
	form    *form
	demo    *kit.Button // nil without a demo
	content fyne.CanvasObject
}

// NewWizard makes the first steps; cfg.Added is called when they are done.
func NewWizard(ctx context.Context, cfg Config) *Wizard {
	w := &Wizard{form: newForm(ctx, cfg, 0, accounts.Draft{}, cfg.Added)}
	parts := []fyne.CanvasObject{
		kit.NewLabel(i18n.T("accountui.welcome"), 24, theme.Text, true),
		kit.NewParagraph(i18n.T("accountui.welcome-text"), 14, theme.Muted), kit.Space(0, 6), w.form.content,
	}
	if cfg.Demo != nil {
		var demo *kit.Button
		demo = kit.NewPlain(i18n.T("accountui.demo"), "eye", func() {
			demo.Disable()
			kit.Act(cfg.Demo, func(err error) {
				demo.Enable()
				if err != nil {
					cfg.ShowError(err)
					return
				}
				cfg.Added()
			})
		})
		w.demo = demo
		parts = append(parts, kit.Space(0, 4), kit.HLine(), kit.Space(0, 2),
			kit.NewParagraph(i18n.T("accountui.demo-text"), 13, theme.Muted), kit.NewRowOf(0, demo))
	}
	card := kit.NewPanel(theme.Surface, kit.NewColumn(10, parts...)).Rounded(12, theme.Line).Padded(28, 32, 28, 32)
	scroller := kit.NewScroller(kit.NewPanel(theme.Background, centred(card, 520)).Padded(40, 24, 40, 24))
	w.form.reflow = scroller.Reflow
	w.content = kit.NewPanel(theme.Background, scroller.Container)
	return w
}

// Content is what the page shows.
func (w *Wizard) Content() fyne.CanvasObject { return w.content }

// Shown puts the keyboard into the first field.
func (w *Wizard) Shown() { kit.Focus(w.form.email) }

// Hidden tells that another page is shown.
func (w *Wizard) Hidden() {}

// Refresh has nothing to read again.
func (w *Wizard) Refresh(live.Topics) {}

// Panes are what F6 goes through.
func (w *Wizard) Panes() []fyne.Focusable { return []fyne.Focusable{w.form.email} }

// Actions are what can be done on the page.
func (w *Wizard) Actions() []ui.Action { return nil }
