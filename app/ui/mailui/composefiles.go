// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"io"
	"mime"
	"path"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/storage"

	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/ui/kit"
)

// heavy is from which size of all attachments on many servers refuse a message.
const heavy = 20 << 20

// pickFiles asks for files to attach.
func (c *compose) pickFiles() {
	if c.cfg.PickFiles != nil {
		c.cfg.PickFiles(c.win, c.attach)
		return
	}
	dialog.ShowFileOpen(func(f fyne.URIReadCloser, err error) {
		if err != nil {
			c.cfg.ShowError(err)
			return
		}
		if f != nil {
			c.attach([]NamedFile{{Name: f.URI().Name(), Data: func() ([]byte, error) { return readClose(f) }}})
		}
	}, c.win)
}

func readClose(r io.ReadCloser) ([]byte, error) {
	b, err := io.ReadAll(r)
	if e := r.Close(); err == nil {
		err = e
	}
	return b, err
}

// dropped attaches files that were dropped onto the window.
func (c *compose) dropped(uris []fyne.URI) {
	files := make([]NamedFile, 0, len(uris))
	for _, u := range uris {
		files = append(files, NamedFile{Name: u.Name(), Data: func() ([]byte, error) {
			r, err := storage.Reader(u)
			if err != nil {
				return nil, err
			}
			return readClose(r)
		}})
	}
	c.attach(files)
}

// attach reads files away from the UI goroutine and adds them.
func (c *compose) attach(files []NamedFile) {
	kit.Load(func() ([]mail.OutAttachment, error) {
		out := make([]mail.OutAttachment, 0, len(files))
		for _, f := range files {
			data, err := f.Data()
			if err != nil {
				return out, err
			}
			out = append(out, mail.OutAttachment{Name: safeName(f.Name), MIMEType: typeOf(f.Name), Data: data})
		}
		return out, nil
	}, func(added []mail.OutAttachment, err error) {
		if err != nil {
			c.cfg.ShowError(err)
		}
		if c.ended || len(added) == 0 {
			return
		}
		c.msg.Attachments = append(slices.Clone(c.msg.Attachments), added...)
		c.changed()
		c.view.showFiles()
	})
}

func typeOf(name string) string {
	if t := mime.TypeByExtension(strings.ToLower(path.Ext(name))); t != "" {
		base, _, _ := strings.Cut(t, ";")
		return base
	}
	return "application/octet-stream"
}

// remove takes an attachment out; a toast brings it back.
func (c *compose) remove(i int) {
	gone := c.msg.Attachments[i]
	c.msg.Attachments = slices.Delete(slices.Clone(c.msg.Attachments), i, i+1)
	c.changed()
	c.view.showFiles()
	c.toast(i18n.T("mailui.compose.removed", "name", gone.Name), func() {
		c.msg.Attachments = slices.Insert(slices.Clone(c.msg.Attachments), min(i, len(c.msg.Attachments)), gone)
		c.changed()
		c.view.showFiles()
	})
}

// toast shows a sentence in this window.
func (c *compose) toast(words string, undo func()) {
	if s, ok := c.win.Content().(*kit.Stage); ok {
		s.Toast(words, i18n.T("mailui.undo"), undo)
	}
}

// weight is the size of all attachments.
func weight(list []mail.OutAttachment) int64 {
	n := int64(0)
	for _, a := range list {
		n += int64(len(a.Data))
	}
	return n
}

// bindKeys binds the shortcuts of the window.
func (c *compose) bindKeys() {
	bind := func(key fyne.KeyName, mod fyne.KeyModifier, do func()) {
		c.win.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: mod}, func(fyne.Shortcut) { do() })
	}
	ctrl := fyne.KeyModifierShortcutDefault
	bind(fyne.KeyReturn, ctrl, c.send)
	bind(fyne.KeyEnter, ctrl, c.send)
	bind(fyne.KeyS, fyne.KeyModifierAlt, c.send)
	bind(fyne.KeyReturn, ctrl|fyne.KeyModifierShift, c.planMenu)
	bind(fyne.KeyS, ctrl, func() { c.save(nil) })
	bind(fyne.KeyW, ctrl, c.close)
	bind(fyne.KeyA, ctrl|fyne.KeyModifierShift, c.pickFiles)
	c.win.Canvas().SetOnTypedKey(func(ev *fyne.KeyEvent) {
		if ev.Name == fyne.KeyF6 {
			c.nextPane()
		}
	})
}

// nextPane moves the keyboard on: recipients, text, what is asked, buttons, and round again. Tab alone does not lead out of
// the text.
func (c *compose) nextPane() {
	canvas := c.win.Canvas()
	asked := c.view.notice.Visible() && c.view.notice.act.Visible()
	switch canvas.Focused() {
	case fyne.Focusable(c.view.notice.act):
		canvas.Focus(c.view.send)
	case fyne.Focusable(c.view.text):
		if asked {
			canvas.Focus(c.view.notice.act)
			return
		}
		canvas.Focus(c.view.send)
	case fyne.Focusable(c.view.to.entry), fyne.Focusable(c.view.cc.entry), fyne.Focusable(c.view.bcc.entry), fyne.Focusable(c.view.subject):
		canvas.Focus(c.view.text)
	default:
		c.view.to.Focus()
	}
}
