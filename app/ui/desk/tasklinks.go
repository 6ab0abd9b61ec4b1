// SPDX-License-Identifier: EUPL-1.2

package desk

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

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
		return d.linkToFile(ctx, r.ID)
	}
	m, err := d.Core.Mail.Open(ctx, r.ID)
	if err != nil {
		return "", err
	}
	if m.MessageID == "" {
		return "", fmt.Errorf("link a message without an ID: %w", storage.ErrNotFound)
	}
	return midLink(m.MessageID), nil
}

func midLink(messageID string) string { return "mid:" + url.PathEscape(strings.Trim(messageID, "<>")) }

func (d *desk) linkToFile(ctx context.Context, id int64) (string, error) {
	e, err := d.Core.Files.Entry(ctx, id)
	if err != nil {
		return "", err
	}
	all, err := d.Core.Accounts.List(ctx)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(all, func(a storage.Account) bool { return a.ID == e.AccountID })
	if i < 0 {
		return "", fmt.Errorf("link a file: %w", storage.ErrNotFound)
	}
	return fileLink(all[i].FilesURL, e.Path), nil
}

// fileLink is the address of a file on its server.
func fileLink(root, path string) string {
	parts := strings.Split(path, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.TrimSuffix(root, "/") + "/" + strings.Join(parts, "/")
}

// fileOf is the account and the path that a link to a file names; false where it leads elsewhere.
func fileOf(accounts []storage.Account, uri string) (account int64, path string, ok bool) {
	u, err := url.Parse(uri)
	if err != nil {
		return 0, "", false
	}
	for _, a := range accounts {
		root, err := url.Parse(a.FilesURL)
		if a.FilesURL == "" || err != nil || !strings.EqualFold(root.Scheme, u.Scheme) || !strings.EqualFold(root.Host, u.Host) {
			continue
		}
		if path, ok := strings.CutPrefix(u.Path, strings.TrimSuffix(root.Path, "/")+"/"); ok && path != "" {
			return a.ID, strings.TrimSuffix(path, "/"), true
		}
	}
	return 0, "", false
}

// known are the accounts as last read, for the UI goroutine.
func (d *desk) known() []storage.Account {
	if all := d.accounts.Load(); all != nil {
		return *all
	}
	return nil
}

func (d *desk) isFile(uri string) bool {
	_, _, ok := fileOf(d.known(), uri)
	return ok
}

// openFileLink shows a linked file on its page; false where the link leads elsewhere.
func (d *desk) openFileLink(uri string) bool {
	account, path, ok := fileOf(d.known(), uri)
	if !ok {
		return false
	}
	kit.Load(func() (int64, error) {
		e, err := d.Core.Files.ByPath(d.ctx, account, path)
		return e.ID, err
	}, func(id int64, err error) {
		if err != nil {
			d.shell.ShowError(err)
			return
		}
		d.shell.Open("files", id)
	})
	return true
}

// taskOf makes a task with a link back that works offline.
func (d *desk) taskOf(read func() (title, link string, err error)) {
	kit.Load(func() (int64, error) {
		title, link, err := read()
		if err != nil {
			return 0, err
		}
		lists, err := d.Core.Tasks.Lists(d.ctx)
		if err != nil {
			return 0, err
		}
		i := slices.IndexFunc(lists, func(l tasks.List) bool { return !l.ReadOnly })
		if i < 0 {
			return 0, fmt.Errorf("make a task: no list: %w", storage.ErrNotFound)
		}
		e := tasks.Edit{Title: &title}
		if link != "" {
			e.URL = &link
		}
		return d.Core.Tasks.Add(d.ctx, lists[i].ID, e)
	}, func(id int64, err error) {
		if err != nil {
			d.shell.ShowError(err)
			return
		}
		d.shell.Toast(i18n.T("ui.task-made"), i18n.T("ui.show"), func() { d.shell.Open("tasks", id) })
	})
}

// asTask makes a task of a message.
func (d *desk) asTask(messageID int64) {
	d.taskOf(func() (title, link string, err error) {
		m, err := d.Core.Mail.Open(d.ctx, messageID)
		if err != nil || m.MessageID == "" { // a draft has none yet
			return m.Subject, "", err
		}
		return m.Subject, midLink(m.MessageID), nil
	})
}

// fileAsTask makes a task of a file or a folder.
func (d *desk) fileAsTask(id int64) {
	d.taskOf(func() (title, link string, err error) {
		e, err := d.Core.Files.Entry(d.ctx, id)
		if err != nil {
			return "", "", err
		}
		link, err = d.linkToFile(d.ctx, id)
		return e.Name, link, err
	})
}
