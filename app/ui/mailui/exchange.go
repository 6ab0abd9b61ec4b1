// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/ui/kit"
)

// exchangeItems are the lines of the folder menu for bringing messages in and out.
func (p *Page) exchangeItems(r navRow) []kit.MenuItem {
	in := []kit.MenuItem{
		{Label: i18n.T("mailui.import.file"), Icon: "mail", Act: func() { p.importFile(r.Folder) }},
		{Label: i18n.T("mailui.import.tree"), Icon: "folder", Act: func() { p.importTree(r.Folder) }},
	}
	out := []kit.MenuItem{
		{Label: i18n.T("mailui.export.mbox"), Icon: "file", Act: func() { p.exportMbox(r.Folder) }},
		{Label: i18n.T("mailui.export.maildir"), Icon: "folder", Act: func() { p.exportMaildir(r.Folder) }},
	}
	if p.cfg.Exchange.ImportAccount != nil {
		in = append(in, kit.MenuItem{Label: i18n.T("mailui.import.account"), Icon: "archive", Act: func() { p.importAccount(r.Account) }})
	}
	if p.cfg.Exchange.ExportAccount != nil {
		out = append(out, kit.MenuItem{Label: i18n.T("mailui.export.account"), Icon: "archive", Act: func() { p.exportAccount(r.Account) }})
	}
	if r.Folder.May(mail.DeedPut) != nil {
		for i := range in {
			in[i].Disabled = true
		}
	}
	return []kit.MenuItem{
		{Label: i18n.T("mailui.import"), Icon: "download", Children: in},
		{Label: i18n.T("mailui.export"), Icon: "upload", Children: out},
	}
}

// importFile brings in a message (.eml) or all of an mbox.
func (p *Page) importFile(f mail.Folder) {
	p.cfg.Exchange.OpenFile([]string{".eml", ".mbox", ".mbx", ".mbs"}, func(name string, open func() (File, error)) {
		p.exchange(i18n.T("mailui.import.runs"), func(ctx context.Context) (string, error) {
			file, err := open()
			if err != nil {
				return "", err
			}
			done, err := p.cfg.Mail.ImportNew(ctx, f.ID, file, !strings.EqualFold(filepath.Ext(name), ".eml"))
			return importWords(done), errors.Join(err, file.Close())
		})
	})
}

// importTree brings in a folder full of messages, with the folders below it.
func (p *Page) importTree(f mail.Folder) {
	p.cfg.Exchange.Folder(func(dir string) {
		p.exchange(i18n.T("mailui.import.runs"), func(ctx context.Context) (string, error) {
			done, err := p.cfg.Mail.ImportTree(ctx, f.ID, dir)
			return importWords(done), err
		})
	})
}

func importWords(done app.Imported) string {
	words := i18n.T("mailui.done.import", "n", done.Added)
	if done.Known > 0 {
		words += " " + i18n.T("mailui.done.import-known", "n", done.Known)
	}
	return words
}

// exportMbox writes a folder into one file.
func (p *Page) exportMbox(f mail.Folder) {
	p.cfg.Exchange.SaveFile(fileName(f)+".mbox", func(create func() (io.WriteCloser, error)) {
		p.exchange(i18n.T("mailui.export.runs"), func(ctx context.Context) (string, error) {
			n := 0
			err := into(create, func(w io.Writer) (err error) {
				n, err = p.cfg.Mail.Export(ctx, f.ID, w)
				return err
			})
			return i18n.T("mailui.done.export", "n", n), err
		})
	})
}

// exportMaildir writes a folder as a folder of files, one each message.
func (p *Page) exportMaildir(f mail.Folder) {
	p.cfg.Exchange.Folder(func(dir string) {
		p.exchange(i18n.T("mailui.export.runs"), func(ctx context.Context) (string, error) {
			n, err := p.cfg.Mail.ExportMaildir(ctx, f.ID, filepath.Join(dir, fileName(f)))
			return i18n.T("mailui.done.export", "n", n), err
		})
	})
}

// exportAccount writes all that is here of an account into one ZIP file.
func (p *Page) exportAccount(account int64) {
	name := i18n.T("mailui.export.name")
	for _, a := range p.nav.accounts {
		if a.ID == account {
			name = safeName(a.Title)
		}
	}
	p.cfg.Exchange.SaveFile(name+".zip", func(create func() (io.WriteCloser, error)) {
		p.exchange(i18n.T("mailui.export.runs"), func(ctx context.Context) (string, error) {
			var done app.Archived
			err := into(create, func(w io.Writer) (err error) {
				done, err = p.cfg.Exchange.ExportAccount(ctx, account, w)
				return err
			})
			return archiveWords("mailui.done.export-account", done), err
		})
	})
}

// importAccount brings in what exportAccount wrote.
func (p *Page) importAccount(account int64) {
	p.cfg.Exchange.OpenFile([]string{".zip"}, func(_ string, open func() (File, error)) {
		p.exchange(i18n.T("mailui.import.runs"), func(ctx context.Context) (string, error) {
			file, err := open()
			if err != nil {
				return "", err
			}
			var done app.Archived
			info, err := file.Stat()
			if err == nil {
				done, err = p.cfg.Exchange.ImportAccount(ctx, account, file, info.Size())
			}
			return archiveWords("mailui.done.import-account", done), errors.Join(err, file.Close())
		})
	})
}

func archiveWords(key string, done app.Archived) string {
	words := i18n.T(key, "mails", i18n.Count(done.Mails), "files", i18n.Count(done.Files), "tasks", i18n.Count(done.Tasks))
	if done.Missing > 0 {
		words += " " + i18n.T("mailui.done.missing", "n", done.Missing)
	}
	return words
}

// fileName is what a folder is called on a disk.
func fileName(f mail.Folder) string {
	if name := safeName(folderTitle(f)); name != "" {
		return name
	}
	return i18n.T("mailui.export.name")
}

// into writes a file and closes it, whatever happens.
func into(create func() (io.WriteCloser, error), write func(io.Writer) error) error {
	w, err := create()
	if err != nil {
		return err
	}
	return errors.Join(write(w), w.Close())
}

// exchange does what may take long. Before it a toast says that it runs, behind it what came of it; also where it ended
// with an error something may have been brought over.
func (p *Page) exchange(begins string, do func(ctx context.Context) (string, error)) {
	p.cfg.Toast(begins, "", nil)
	kit.Load(func() (string, error) { return do(p.ctx) }, func(words string, err error) {
		if words != "" {
			p.cfg.Toast(words, "", nil)
		}
		p.fail(err)
	})
}

// fill puts the toolkit's dialogs in place of what was left out.
func (e *Exchange) fill(win fyne.Window, fail func(error)) {
	if e.OpenFile == nil {
		e.OpenFile = func(extensions []string, use func(string, func() (File, error))) {
			d := dialog.NewFileOpen(func(r fyne.URIReadCloser, err error) {
				if err != nil || r == nil {
					fail(err)
					return
				}
				fail(r.Close())
				use(r.URI().Name(), func() (File, error) { return os.Open(r.URI().Path()) })
			}, win)
			d.SetFilter(storage.NewExtensionFileFilter(extensions))
			d.Show()
		}
	}
	if e.SaveFile == nil {
		e.SaveFile = func(name string, use func(func() (io.WriteCloser, error))) {
			d := dialog.NewFileSave(func(w fyne.URIWriteCloser, err error) {
				if err != nil || w == nil {
					fail(err)
					return
				}
				use(func() (io.WriteCloser, error) { return w, nil })
			}, win)
			d.SetFileName(name)
			d.Show()
		}
	}
	if e.Folder == nil {
		e.Folder = func(use func(string)) {
			dialog.ShowFolderOpen(func(dir fyne.ListableURI, err error) {
				if err != nil || dir == nil {
					fail(err)
					return
				}
				use(dir.Path())
			}, win)
		}
	}
}
