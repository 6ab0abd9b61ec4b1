// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/app/mail"
	"kontor/app/tasks"
	"kontor/storage"
	"kontor/sync/davfiles"
)

// desked gives the accounts of a desk mail and files: one with a cloud whose files have numbers, one with plain WebDAV.
func desked(t *testing.T) (d *taskDesk, message int64, cloud, plain storage.FileRow) {
	t.Helper()
	d = newTaskDesk(t)
	accounts, err := d.db.Accounts(d.ctx)
	d.must(err)
	b := &mailBox{Mail: NewMail(d.db, func(int64) {}), account: d.account}
	d.must(d.db.Write(d.ctx, func(tx *storage.Tx) error {
		accounts[0].FilesURL, accounts[1].FilesURL = "https://anna@wolke.example/nc/remote.php/dav/files/anna/", "https://dav.example/amt"
		if b.inbox, err = tx.AddFolder(d.ctx, storage.MailFolder{RemoteName: "INBOX", Folder: mail.Folder{AccountID: d.account, Name: "INBOX", Delim: "/", Role: mail.RoleInbox, Selectable: true}}); err != nil {
			return err
		}
		if err := errors.Join(tx.SaveAccount(d.ctx, accounts[0]), tx.SaveAccount(d.ctx, accounts[1])); err != nil {
			return err
		}
		for i, row := range []*storage.FileRow{&cloud, &plain} {
			path := "Übersicht & Pläne.pdf"
			*row, err = tx.AddFile(d.ctx, storage.FileRow{AccountID: accounts[i].ID, Path: path, Remote: storage.FileRemote{Path: path, FileID: []string{"00000042oc1a2b3c", ""}[i]}})
			if err != nil {
				return err
			}
		}
		return nil
	}))
	return d, b.receive(t, b.inbox, 1, monday, letter(t, "Antrag", "Guten Tag"))[0], cloud, plain
}

// TestTasksAboutMailsAndFiles are made with a title, a link and a date, and are found again from both sides.
func TestTasksAboutMailsAndFiles(t *testing.T) {
	d, message, cloud, plain := desked(t)
	due := tasks.When{Time: time.Date(2026, 12, 1, 0, 0, 0, 0, time.Local), AllDay: true}
	mailTask, err := d.FromMail(d.ctx, d.second, message, due)
	d.must(err)
	cloudTask, err := d.FromFile(d.ctx, d.list, cloud.ID, tasks.When{})
	d.must(err)
	plainTask, err := d.FromFile(d.ctx, 0, plain.ID, tasks.When{})
	d.must(err)
	if got := d.task(mailTask); got.Title != "Antrag" || got.ListID != d.second || !got.Due.Time.Equal(due.Time) || got.URL != "mid:Antrag@kreis.example" {
		t.Errorf("about a mail: %+v", got)
	}
	if got := d.task(cloudTask); got.Title != cloud.Name || got.URL != "https://wolke.example/nc/f/42" {
		t.Errorf("about a file in a cloud: %+v", got)
	}
	if got := d.task(plainTask); got.URL != "https://dav.example/amt/%C3%9Cbersicht%20&%20Pl%C3%A4ne.pdf" || got.ListID != d.list {
		t.Errorf("about a file: %+v", got)
	}
	for what, c := range map[string]struct {
		found func() ([]tasks.Task, error)
		want  int64
	}{
		"mail":  {func() ([]tasks.Task, error) { return d.OfMail(d.ctx, message) }, mailTask},
		"cloud": {func() ([]tasks.Task, error) { return d.OfFile(d.ctx, cloud.ID) }, cloudTask},
		"plain": {func() ([]tasks.Task, error) { return d.OfFile(d.ctx, plain.ID) }, plainTask},
	} {
		found, err := c.found()
		if err != nil || !slices.Equal(taskIDs(found), []int64{c.want}) {
			t.Errorf("%s: %+v, %v", what, found, err)
		}
		refs, err := d.Refs(d.ctx, c.want)
		if err != nil || len(refs) != 1 || refs[0].ID == 0 || refs[0].Title == "" {
			t.Errorf("%s: leads to %+v, %v", what, refs, err)
		}
	}
	d.must(d.Remove(d.ctx, []int64{mailTask}))
	if found, err := d.OfMail(d.ctx, message); err != nil || len(found) != 0 {
		t.Errorf("deleted, but found: %+v, %v", found, err)
	}
}

// TestLinksLead where they should, however another program writes them.
func TestLinksLead(t *testing.T) {
	d, message, cloud, plain := desked(t)
	accounts, err := d.db.Accounts(d.ctx)
	d.must(err)
	root := davfiles.DefaultRoot(filepath.Dir(d.db.Path()), accounts[1])
	here := url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(root, plain.Path))}
	if !strings.HasPrefix(here.Path, "/") {
		here.Path = "/" + here.Path
	}
	for uri, want := range map[string]Ref{
		"mid:Antrag@kreis.example":                {Kind: RefMail, ID: message},
		"MID:%3CAntrag%40kreis.example%3E":        {Kind: RefMail, ID: message},
		"message://%3cAntrag@kreis.example%3e":    {Kind: RefMail, ID: message},
		"message:<Antrag@kreis.example>":          {Kind: RefMail, ID: message},
		"mid:gibt-es@nicht":                       {Kind: RefMail},
		"https://wolke.example/nc/f/42":           {Kind: RefFile, ID: cloud.ID},
		"https://wolke.example/nc/index.php/f/42": {Kind: RefFile, ID: cloud.ID},
		"https://wolke.example/nc/f/43":           {Kind: RefWeb},
		"https://andere.example/nc/f/42":          {Kind: RefWeb},
		"https://wolke.example/nc/remote.php/dav/files/anna/" + url.PathEscape(cloud.Path): {Kind: RefFile, ID: cloud.ID},
		"https://dav.example/amt/" + url.PathEscape(plain.Path):                            {Kind: RefFile, ID: plain.ID},
		"https://dav.example/amt/nichts.pdf":                                               {Kind: RefWeb},
		"https://stadt.example/":                                                           {Kind: RefWeb},
		here.String():                                                                      {Kind: RefFile, ID: plain.ID},
		"file:///etc/passwd":                                                               {Kind: RefFile},
		"javascript:alert(1)":                                                              {},
		"%zz":                                                                              {},
	} {
		got, err := d.Resolve(d.ctx, uri)
		if err != nil || got.Kind != want.Kind || got.ID != want.ID || got.URI != uri || (got.Title == "") != (want.ID == 0) {
			t.Errorf("%s leads to %+v, %v", uri, got, err)
		}
	}
	id := d.add("Verknüpft", tasks.Edit{})
	for _, uri := range []string{here.String(), "https://dav.example/amt/" + url.PathEscape(plain.Path), "https://stadt.example/"} {
		d.must(d.Link(d.ctx, id, uri))
	}
	if found, err := d.OfFile(d.ctx, plain.ID); err != nil || !slices.Equal(taskIDs(found), []int64{id}) {
		t.Errorf("by the path on the disk: %+v, %v", found, err)
	}
	if _, err := d.OfMail(d.ctx, 999); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("of no mail: %v", err)
	}
	if _, err := d.FromFile(d.ctx, 0, 999, tasks.When{}); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("of no file: %v", err)
	}
	d.must(os.RemoveAll(root))
}
