// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"context"
	"io"
	"os"

	"kontor/app/i18n"
	"kontor/app/tasks"
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

// export writes all that is shown into a file.
func (p *Page) export(format tasks.Format) {
	if p.cfg.Save == nil {
		return
	}
	name, q := p.heading.Words(), p.query()
	if name == "" {
		name = i18n.T("tasksui.smart.all")
	}
	p.cfg.Save(name+"."+string(format), func(w io.Writer) error {
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
