// SPDX-License-Identifier: EUPL-1.2

package desk

import (
	"context"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/container"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
	"kontor/storage"
)

// Trouble tells in a small window why Kontor cannot start, and returns when it is closed. Where the store is damaged it
// offers to repair it; salvage does that and says where the damaged one is kept.
func Trouble(ctx context.Context, c Config, why error, salvage func(context.Context) (kept string, err error)) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = noWindow(r)
		}
	}()
	a := fyneapp.NewWithID(AppID)
	a.SetIcon(theme.Logo())
	look{lang: i18n.Current(), theme: theme.Mode(c.Theme), text: 1}.use(a)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := a.NewWindow("Kontor")
	w.SetMaster()
	t := newTrouble(why, func(ended func(string, error)) {
		go func() {
			kept, err := salvage(ctx)
			fyne.Do(func() { ended(kept, err) })
		}()
	}, a.Quit)
	w.SetContent(t.content)
	w.Resize(fyne.NewSize(theme.Px(560), theme.Px(280)))
	context.AfterFunc(ctx, func() { fyne.Do(a.Quit) })
	w.ShowAndRun()
	return nil
}

// trouble is what such a window shows.
type trouble struct {
	content       fyne.CanvasObject
	title, advice *kit.Paragraph
	repair, quit  *kit.Button
}

// newTrouble makes the content of the window. salvage works beside it and calls ended on the UI's goroutine.
func newTrouble(why error, salvage func(ended func(kept string, err error)), quit func()) *trouble {
	title, advice := app.Explain(why)
	damaged := storage.IsCorrupt(why)
	if damaged {
		advice = i18n.T("app.damaged.advice")
	}
	t := &trouble{title: kit.NewParagraph(title, 18, theme.Text), advice: kit.NewParagraph(advice, 14, theme.Text)}
	t.quit = kit.NewPlain(i18n.T("app.damaged.quit"), "", quit)
	t.repair = kit.NewPrimary(i18n.T("app.damaged.repair"), func() {
		t.repair.Disable()
		t.quit.Disable() // to end now would leave it half done
		t.advice.Set(i18n.T("app.damaged.busy"), theme.Text)
		salvage(t.ended)
	})
	if !damaged {
		t.repair.Hide()
	}
	t.content = container.NewPadded(container.NewPadded(kit.NewColumn(16, t.title, t.advice, kit.NewRowOf(8, t.repair, t.quit))))
	return t
}

func (t *trouble) ended(kept string, err error) {
	title, advice := i18n.T("app.damaged.done"), i18n.T("app.cli.doctor.kept", "file", kept)
	if err != nil {
		title, advice = app.Explain(err)
	}
	t.title.Set(title, theme.Text)
	t.advice.Set(advice, theme.Text)
	t.repair.Hide()
	t.quit.Enable()
}
