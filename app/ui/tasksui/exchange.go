// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"os"
	"strings"

	"kontor/app/i18n"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
)

// importFile adds the tasks of a calendar file to the list that is shown.
func (p *Page) importFile() { p.importInto(p.target().ID) }

func (p *Page) importInto(list int64) {
	if p.cfg.PickFiles == nil {
		return
	}
	p.cfg.PickFiles(func(paths []string) {
		for _, path := range paths {
			p.bring(list, func() (string, error) {
				raw, err := os.ReadFile(path)
				return string(raw), err
			})
		}
	})
}

// bring adds the tasks of a calendar text to a list. Where some of them are here already in other words, a person says what
// becomes of those.
func (p *Page) bring(list int64, read func() (string, error)) {
	text := ""
	kit.Load(func() (n tasks.Imported, err error) {
		if text, err = read(); err != nil {
			return n, err
		}
		return p.cfg.Tasks.PreviewImport(context.Background(), list, strings.NewReader(text))
	}, func(n tasks.Imported, err error) {
		take := func(clash tasks.Clash) func() { return func() { p.take(list, text, clash) } }
		switch {
		case err != nil:
			p.cfg.ShowError(err)
		case n.Different == 0:
			take(tasks.ClashNew)()
		default:
			p.cfg.Choose(i18n.T("tasksui.import.title", "n", n.Different), importText(n),
				kit.Choice{Label: i18n.T("tasksui.import.skip"), Do: take(tasks.ClashSkip)},
				kit.Choice{Label: i18n.T("tasksui.import.replace"), Do: take(tasks.ClashReplace)},
				kit.Choice{Label: i18n.T("tasksui.import.new"), Do: take(tasks.ClashNew)})
		}
	})
}

// importText says what a file holds besides what has to be decided.
func importText(n tasks.Imported) string {
	parts := []string{i18n.T("tasksui.import.text")}
	if n.New > 0 {
		parts = append(parts, i18n.T("tasksui.import.fresh", "n", n.New))
	}
	if n.Same > 0 {
		parts = append(parts, i18n.T("tasksui.import.same", "n", n.Same))
	}
	return strings.Join(parts, " ")
}

// take imports, as one step.
func (p *Page) take(list int64, text string, clash tasks.Clash) {
	var n tasks.Imported
	p.cfg.Change("", func(ctx context.Context) (err error) {
		n, err = p.cfg.Tasks.ImportWith(ctx, list, strings.NewReader(text), clash)
		return err
	}, func() {
		words := i18n.T("tasksui.toast.imported", "n", n.New)
		if n.Replaced > 0 {
			words += ", " + i18n.T("tasksui.toast.replaced", "n", n.Replaced)
		}
		if n.New+n.Replaced == 0 {
			p.cfg.Toast(i18n.T("tasksui.toast.nothing-new"), "", nil)
			return
		}
		p.cfg.Toast(words, i18n.T("ui.undo"), p.cfg.Undo)
		p.reload()
	})
}

// print shows all that is shown as a page for paper in the browser, which asks for the printer.
func (p *Page) print() {
	if p.cfg.OpenData == nil {
		return
	}
	name, q := p.titleWords(), p.query()
	p.cfg.OpenData(name+"."+string(tasks.FormatHTML), func() ([]byte, error) {
		var b bytes.Buffer
		err := p.cfg.Tasks.Print(context.Background(), q, name, &b)
		return b.Bytes(), err
	})
}

// titleWords names what is shown.
func (p *Page) titleWords() string {
	return cmp.Or(p.heading.Words(), i18n.T("tasksui.smart.all"))
}

// export writes all that is shown into a file.
func (p *Page) export(format tasks.Format) {
	if p.cfg.Save == nil {
		return
	}
	q := p.query()
	p.cfg.Save(p.titleWords()+"."+string(format), func(w io.Writer) error {
		return p.cfg.Tasks.Export(context.Background(), q, w, format)
	})
}

// saveFile writes an attachment into a file.
func (d *detail) saveFile(name string, read func() ([]byte, error)) {
	if d.page.cfg.Save == nil {
		return
	}
	d.page.cfg.Save(name, func(w io.Writer) error {
		data, err := read()
		if err != nil {
			return err
		}
		_, err = w.Write(data)
		return err
	})
}
