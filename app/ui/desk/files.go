// SPDX-License-Identifier: EUPL-1.2

package desk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	fynestorage "fyne.io/fyne/v2/storage"

	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/ui/kit"
	"kontor/app/ui/mailui"
	"kontor/app/ui/theme"
	"kontor/sync/mimemsg"
)

// safeName gives the last part of a name without anything that a file system treats in its own way.
func safeName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`<>:"/\|?*`, r) {
			return '_'
		}
		return r
	}, name)
	if name == "." || name == ".." || files.Valid(name) != nil {
		return "attachment"
	}
	return files.Rules{Windows: true}.Local(name)
}

// openData shows an attachment with the desktop's program for it, from a file that only this person can read.
func (d *desk) openData(name string, data func() ([]byte, error)) {
	kit.Load(func() (string, error) {
		raw, err := data()
		if err != nil {
			return "", err
		}
		dir, err := d.temps.dir()
		if err != nil {
			return "", err
		}
		local := filepath.Join(dir, safeName(name))
		return local, os.WriteFile(local, raw, 0o600)
	}, func(local string, err error) {
		if err == nil {
			err = d.openFile(local)
		}
		d.shell.ShowError(err)
	})
}

// saveData asks where to put a file, and writes it there.
func (d *desk) saveData(name string, data func() ([]byte, error)) {
	d.save(name, func(w io.Writer) error {
		raw, err := data()
		if err == nil {
			_, err = w.Write(raw)
		}
		return err
	})
}

// save asks where to put a file, and lets it be written there.
func (d *desk) save(name string, write func(io.Writer) error) {
	ask := dialog.NewFileSave(func(w fyne.URIWriteCloser, err error) {
		if err != nil || w == nil {
			d.shell.ShowError(err)
			return
		}
		d.shell.Try(func(context.Context) error { return errors.Join(write(w), w.Close()) })
	}, d.win)
	ask.SetFileName(safeName(name))
	showRoomy(ask, "ui.save-file")
}

// saveAll asks for a folder and writes files into it; a name that is taken gets a number, nothing is written over.
func (d *desk) saveAll(all []mailui.NamedFile) {
	ask := dialog.NewFolderOpen(func(dir fyne.ListableURI, err error) {
		if err != nil || dir == nil {
			d.shell.ShowError(err)
			return
		}
		d.shell.Try(func(context.Context) error {
			for _, f := range all {
				data, err := f.Data()
				if err != nil {
					return err
				}
				if err := writeNew(dir.Path(), safeName(f.Name), data); err != nil {
					return err
				}
			}
			return nil
		})
	}, d.win)
	showRoomy(ask, "ui.choose-folder")
}

// showRoomy shows a dialog for files with a title in the language of the window, and with room to look around.
func showRoomy(ask *dialog.FileDialog, title string) {
	ask.SetTitleText(i18n.T(title))
	ask.Show()
	ask.Resize(fyne.NewSize(theme.Px(780), theme.Px(540)))
}

// maxNumber bounds the search for a name that is not taken.
const maxNumber = 1000

func writeNew(dir, name string, data []byte) error {
	ext := filepath.Ext(name)
	for n := 1; ; n++ {
		as := name
		if n > 1 {
			as = fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(name, ext), n, ext)
		}
		f, err := os.OpenFile(filepath.Join(dir, as), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, os.ErrExist) && n < maxNumber {
			continue
		}
		if err != nil {
			return err
		}
		_, err = f.Write(data)
		return errors.Join(err, f.Close())
	}
}

// pickFiles asks for a file to upload.
func (d *desk) pickFiles(done func(paths []string)) {
	d.pick(d.win, func(local string) { done([]string{local}) })
}

// attach asks for a file to send.
func (d *desk) attach(w fyne.Window, done func([]mailui.NamedFile)) {
	d.pick(w, func(local string) {
		kit.Load(func() (mailui.NamedFile, error) { return named(local) }, func(f mailui.NamedFile, err error) {
			if err != nil {
				d.shell.ShowError(err)
				return
			}
			done([]mailui.NamedFile{f})
		})
	})
}

func (d *desk) pick(w fyne.Window, chosen func(local string)) {
	open := dialog.NewFileOpen(func(r fyne.URIReadCloser, err error) {
		if err != nil || r == nil {
			d.shell.ShowError(err)
			return
		}
		d.shell.ShowError(r.Close())
		chosen(r.URI().Path())
	}, w)
	kit.Load(homeFolder, func(dir fyne.ListableURI, err error) {
		if err == nil {
			open.SetLocation(dir)
		}
		showRoomy(open, "ui.open-file")
	})
}

func homeFolder() (fyne.ListableURI, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return nil, err
	}
	return fynestorage.ListerForURI(fynestorage.NewFileURI(home))
}

// named is a local file that is read when it is needed.
func named(local string) (mailui.NamedFile, error) {
	info, err := os.Stat(local)
	if err != nil {
		return mailui.NamedFile{}, err
	}
	return mailui.NamedFile{Name: filepath.Base(local), Size: info.Size(), Data: func() ([]byte, error) { return os.ReadFile(local) }}, nil
}

// temps are the folders of files that other programs were given to show. They hold what was in a mail: they go away with
// the program.
type temps struct {
	mu   sync.Mutex
	dirs []string
}

func (t *temps) dir() (string, error) {
	dir, err := os.MkdirTemp("", "kontor-")
	if err != nil {
		return "", err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.dirs = append(t.dirs, dir)
	return dir, nil
}

func (t *temps) remove() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	var err error
	for _, dir := range t.dirs {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	t.dirs = nil
	return err
}

// view shows a message from a file in a window of its own. Nothing of it is stored.
func (d *desk) view(local string) {
	kit.Load(func() (mimemsg.Parsed, error) {
		f, err := os.Open(local)
		if err != nil {
			return mimemsg.Parsed{}, err
		}
		m, err := mimemsg.Parse(f)
		return m, errors.Join(err, f.Close())
	}, func(m mimemsg.Parsed, err error) {
		if err != nil {
			d.shell.ShowError(err)
			return
		}
		d.showParsed(m)
	})
}

func (d *desk) showParsed(m mimemsg.Parsed) {
	head := kit.NewPanel(theme.Surface, kit.NewColumn(6,
		kit.NewLabel(m.Subject, 20, theme.Text, true),
		kit.Caption(people([]mail.Address{m.From})+" → "+people(m.To)), kit.Caption(i18n.DateTime(m.Date)))).Padded(18, 28, 12, 28)
	view := kit.NewTextView(head, nil)
	view.SetText(m.Text)
	view.OnLink = d.follow
	win := d.app.NewWindow(m.Subject)
	win.SetPadded(false)
	win.SetContent(kit.NewStage(view))
	win.Resize(fyne.NewSize(820, 640))
	win.Show()
}

// people writes addresses by their names.
func people(all []mail.Address) string {
	words := make([]string, 0, len(all))
	for _, a := range all {
		if a.Name != "" {
			words = append(words, a.Name)
		} else {
			words = append(words, a.Addr)
		}
	}
	return strings.Join(words, ", ")
}
