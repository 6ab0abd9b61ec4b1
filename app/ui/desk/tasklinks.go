// SPDX-License-Identifier: EUPL-1.2

package desk

import (
	"context"
	"fmt"

	"kontor/app"
	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/search"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
	"kontor/storage"
)

// findLinks finds mails and files to connect a task with.
func (d *desk) findLinks(ctx context.Context, words string, limit int) ([]search.Result, error) {
	all, err := d.Core.Search.Find(ctx, words, []string{search.Mail, search.Files}, limit)
	for i, r := range all {
		all[i].Where = whereWords(r)
	}
	return all, err
}

// linkTo is the link to a mail or a file: one that every program understands, and that is found here without a network.
func (d *desk) linkTo(ctx context.Context, r search.Result) (string, error) {
	if r.Kind == search.Files {
		return d.Core.Tasks.FileLink(ctx, r.ID)
	}
	return d.Core.Tasks.MailLink(ctx, r.ID)
}

// known are the accounts as last read, for the UI goroutine.
func (d *desk) known() []storage.Account {
	if all := d.accounts.Load(); all != nil {
		return *all
	}
	return nil
}

func (d *desk) isFile(uri string) bool { return app.LeadsToFile(d.known(), uri) }

// openLink follows a link of a task: a mail by its Message-ID, a file by its place on the server, or a web page.
func (d *desk) openLink(uri string) {
	kit.Load(func() (app.Ref, error) {
		ref, err := d.Core.Tasks.Resolve(d.ctx, uri)
		if err == nil && ref.ID == 0 && (ref.Kind == app.RefMail || ref.Kind == app.RefFile) {
			err = fmt.Errorf("open the link: %w", storage.ErrNotFound)
		}
		return ref, err
	}, func(ref app.Ref, err error) {
		switch {
		case err != nil:
			d.shell.ShowError(err)
		case ref.Kind == app.RefMail:
			d.shell.Open("mail", ref.ID)
		case ref.Kind == app.RefFile:
			d.shell.Open("files", ref.ID)
		default:
			d.follow(uri)
		}
	})
}

// nameLink is what a link of a task is called: for a mail that is here, its subject, and the name of a file.
func (d *desk) nameLink(ctx context.Context, uri string) string {
	ref, err := d.Core.Tasks.Resolve(ctx, uri)
	if err != nil {
		return "" // the address says enough
	}
	if ref.Kind == app.RefFile {
		return files.Base(ref.Title)
	}
	return ref.Title
}

// asTask makes a task of a message, with a link back that works offline.
func (d *desk) asTask(messageID int64) {
	d.taskOf(func() (int64, error) { return d.Core.Tasks.FromMail(d.ctx, 0, messageID, tasks.When{}) })
}

// fileAsTask makes a task of a file or a folder.
func (d *desk) fileAsTask(id int64) {
	d.taskOf(func() (int64, error) { return d.Core.Tasks.FromFile(d.ctx, 0, id, tasks.When{}) })
}

// taskOf makes a task and offers to show it.
func (d *desk) taskOf(add func() (int64, error)) {
	kit.Load(add, func(id int64, err error) {
		if err != nil {
			d.shell.ShowError(err)
			return
		}
		d.shell.Toast(i18n.T("ui.task-made"), i18n.T("ui.show"), func() { d.shell.Open("tasks", id) })
	})
}
