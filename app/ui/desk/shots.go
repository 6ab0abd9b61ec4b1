// SPDX-License-Identifier: EUPL-1.2

package desk

import (
	"context"
	"errors"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"kontor/app/files"
	"kontor/app/mail"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// shot is one picture: a page in one look and size.
type shot struct {
	page  string
	theme theme.Mode
	width float32
	tall  float32
	text  float32
}

func (s shot) name() string {
	name := s.page + "-" + string(s.theme)
	if s.width < 1200 {
		name += "-small"
	}
	if s.text > 1 {
		name += "-large-text"
	}
	return name + ".png"
}

// shots are all pictures: each page, light and dark, in two sizes; some in high contrast and with text at 200 %.
func shots(modes []theme.Mode) []shot {
	var all []shot
	pages := []string{"heute", "mail", "files", "tasks", "sync", "options", "welcome", "search"}
	for _, mode := range modes {
		for _, page := range pages {
			all = append(all, shot{page, mode, 1440, 900, 1}, shot{page, mode, 1024, 700, 1})
		}
	}
	return append(all, shot{"mail", theme.Contrast, 1440, 900, 1}, shot{"sync", theme.Contrast, 1440, 900, 1}, shot{"sync", theme.Light, 1440, 900, 2}, shot{"options", theme.Light, 1440, 900, 2}, shot{"mail", theme.Light, 1440, 900, 2}, shot{"tasks", theme.Light, 1440, 900, 2})
}

// Shots draws every page without a display to PNG files in dir, from what the store holds. Config.Theme chooses one
// look; empty draws light and dark.
func Shots(ctx context.Context, c Config, dir string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("draw the pages: %w", err)
	}
	modes := []theme.Mode{theme.Light, theme.Dark}
	if c.Theme != "" && c.Theme != string(theme.System) {
		modes = []theme.Mode{theme.Mode(c.Theme)}
	}
	return drawAll(ctx, c, dir, shots(modes))
}

// drawAll makes pictures in a folder that is there.
func drawAll(ctx context.Context, c Config, dir string, all []shot) error {
	if c.Demo == nil {
		c.Demo = func(context.Context) error { return nil }
	}
	kit.Synchronous(true)
	defer kit.Synchronous(false)
	a := test.NewApp()
	defer a.Quit()
	for _, s := range all {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := draw(ctx, a, c, s, filepath.Join(dir, s.name())); err != nil {
			return fmt.Errorf("draw %s: %w", s.name(), err)
		}
	}
	return nil
}

// draw makes one picture in a window of its own.
func draw(ctx context.Context, a fyne.App, c Config, s shot, path string) error {
	c.Theme = string(s.theme)
	d := newDesk(ctx, a, c, readPrefs(ctx, c.Core.DB, c.filled().Log))
	defer d.leave()
	d.look.text = s.text
	d.look.use(a)
	d.win.Resize(fyne.NewSize(s.width, s.tall))
	d.build()
	d.shell.ReadStatus()
	d.pose(s.page)
	img := d.win.Canvas().Capture()
	d.win.Close()
	f, err := os.Create(path) //nolint:gosec // the folder was given on the command line
	if err != nil {
		return err
	}
	quick := png.Encoder{CompressionLevel: png.BestSpeed}
	return errors.Join(quick.Encode(f, img), f.Close())
}

// pose shows a page the way a person would look at it: with something opened.
func (d *desk) pose(page string) {
	switch page {
	case "search":
		d.shell.Show("mail")
		d.shell.SearchFor("Lindenstraße 14")
		return
	case "mail":
		d.shell.Show(page)
		if all, err := d.Core.Mail.List(d.ctx, mail.Query{Role: mail.RoleInbox, Threads: true}, 0, 1); err == nil && len(all) > 0 {
			d.shell.Open(page, all[0].ID)
		}
		return
	case "files":
		d.shell.Show(page)
		if all, err := d.Core.Files.Recent(d.ctx, 50); err == nil && len(all) > 0 {
			shown := max(slices.IndexFunc(all, func(e files.Entry) bool { return e.State == files.Conflict }), 0)
			d.shell.Open(page, all[shown].ID)
		}
		return
	case "tasks":
		d.shell.Show(page)
		if all, err := d.Core.Tasks.List(d.ctx, tasks.Query{Smart: tasks.SmartToday}); err == nil && len(all) > 0 {
			d.shell.Open(page, all[0].ID)
		}
		return
	}
	d.shell.Show(page)
}
