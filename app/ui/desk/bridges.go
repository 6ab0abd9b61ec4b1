// SPDX-License-Identifier: EUPL-1.2

package desk

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/app/ui/kit"
	"kontor/app/ui/mailui"
	"kontor/storage"
)

// programs are endings of files that the desktop may run when they are opened.
var programs = []string{
	".exe", ".com", ".bat", ".cmd", ".scr", ".pif", ".msi", ".js", ".jse", ".vbs", ".vbe", ".wsf", ".wsh", ".ps1", ".hta", ".cpl",
	".jar", ".lnk", ".url", ".reg", ".sh", ".desktop", ".appimage", ".run",
}

// openFile shows a file with the desktop's program for it, unless it could be a program itself.
func (d *desk) openFile(path string) error {
	if slices.Contains(programs, strings.ToLower(filepath.Ext(path))) {
		return fmt.Errorf("open %s: %w", filepath.Base(path), app.ErrProgram)
	}
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // a Windows drive (RFC 8089, appendix E.2)
	}
	return d.show(&url.URL{Scheme: "file", Path: slashed})
}

// errNoViewer: the desktop has no program for it, or that did not start.
var errNoViewer = errors.New("no program shows this")

// show hands something to the desktop's program for it.
func (d *desk) show(u *url.URL) error {
	if err := d.app.OpenURL(u); err != nil {
		return fmt.Errorf("%w: %w", errNoViewer, err)
	}
	return nil
}

// explain says what went wrong. The words for what nobody has thought of promise its details in brackets.
func explain(err error) (title, advice string) {
	if errors.Is(err, errNoViewer) {
		return i18n.T("ui.no-viewer.title"), i18n.T("ui.no-viewer.advice")
	}
	title, advice = app.Explain(err)
	if title == i18n.T("app.error.unknown.title") {
		advice += " (" + err.Error() + ")"
	}
	return title, advice
}

// follow opens a link that a person clicked.
func (d *desk) follow(uri string) { d.shell.ShowError(d.openURL(uri)) }

// openURL shows a web page in the browser and writes to an address; other kinds of links could run programs.
func (d *desk) openURL(uri string) error {
	u, err := url.Parse(uri)
	if err != nil {
		return err
	}
	switch strings.ToLower(u.Scheme) {
	case "https", "http":
		return d.show(u)
	case "mailto":
		d.write(uri)
	}
	return nil
}

// recall takes a message back that waits in the outbox.
func (d *desk) recall(ctx context.Context, messageID int64) error {
	ops, err := d.Core.DB.OpsFor(ctx, "messages", messageID)
	if err != nil {
		return err
	}
	for _, op := range ops {
		if op.Kind == journal.MailSend {
			return d.Core.Journal.Cancel(ctx, op.ID)
		}
	}
	return fmt.Errorf("take the message back: %w", storage.ErrNotFound)
}

// toFiles puts an attachment into the files of the first account that has some.
func (d *desk) toFiles(name string, data []byte) {
	kit.Load(func() (int64, error) {
		all, err := d.Core.Accounts.List(d.ctx)
		if err != nil {
			return 0, err
		}
		i := slices.IndexFunc(all, func(a storage.Account) bool { return a.FilesURL != "" })
		if i < 0 {
			return 0, fmt.Errorf("store the attachment: no account with files: %w", storage.ErrNotFound)
		}
		dir, err := os.MkdirTemp("", "kontor-")
		if err != nil {
			return 0, err
		}
		local := filepath.Join(dir, safeName(name))
		if err := os.WriteFile(local, data, 0o600); err != nil {
			return 0, errors.Join(err, os.RemoveAll(dir))
		}
		id, err := d.Core.Files.Put(d.ctx, all[i].ID, local, filepath.Base(local))
		return id, errors.Join(err, os.RemoveAll(dir))
	}, func(id int64, err error) {
		if err != nil {
			d.shell.ShowError(err)
			return
		}
		d.shell.Toast(i18n.T("ui.file-stored", "name", name), i18n.T("ui.show"), func() { d.shell.Open("files", id) })
	})
}

// mailFiles begins a message with local files attached.
func (d *desk) mailFiles(paths []string) {
	kit.Load(func() (mail.Outgoing, error) {
		var m mail.Outgoing
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				return m, err
			}
			m.Attachments = append(m.Attachments, mail.OutAttachment{Name: filepath.Base(path), Data: data})
		}
		return m, nil
	}, func(m mail.Outgoing, err error) {
		if err != nil {
			d.shell.ShowError(err)
			return
		}
		if p, ok := d.shell.Page("mail").(*mailui.Page); ok {
			p.Compose(m)
		}
	})
}
