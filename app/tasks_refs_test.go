// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"errors"
	"net/url"
	"os"
	"path/filepath"
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

// TestTasksAboutMailsAndFiles are made with a title, a link and a date, and lead back.
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
	for id, want := range map[int64]Ref{mailTask: {Kind: RefMail, ID: message}, cloudTask: {Kind: RefFile, ID: cloud.ID}, plainTask: {Kind: RefFile, ID: plain.ID}} {
		got, err := d.Resolve(d.ctx, d.task(id).URL)
		if err != nil || got.Kind != want.Kind || got.ID != want.ID || got.Title == "" {
			t.Errorf("leads to %+v, %v", got, err)
		}
	}
	if link, err := d.MailLink(d.ctx, message); err != nil || link != d.task(mailTask).URL {
		t.Errorf("%q, %v", link, err)
	}
	if _, err := d.FromMail(d.ctx, 0, 999, tasks.When{}); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("of no mail: %v", err)
	}
	if _, err := d.FromFile(d.ctx, 0, 999, tasks.When{}); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("of no file: %v", err)
	}
}

// TestAddressesOfFiles: the place of a file on its server and back, whatever its name is made of.
func TestAddressesOfFiles(t *testing.T) {
	accounts := []storage.Account{
		{ID: 1, IMAPURL: "imaps://mail.example"},
		{ID: 2, FilesURL: "https://cloud.example/remote.php/dav/files/jo%20e/"},
		{ID: 3, FilesURL: "https://cloud.example/other"},
	}
	placed := func(a storage.Account, uri string) string {
		u, err := url.Parse(uri)
		if err != nil {
			return ""
		}
		return addressIn(a, u).path
	}
	for _, path := range []string{"a.ods", "Amt/Plan 1.ods", "100 % & mehr?.txt", "ä/ö#ü.pdf", "a+b;c=d", "%41"} {
		for _, a := range accounts[1:] {
			base, err := url.Parse(a.FilesURL)
			if err != nil {
				t.Fatal(err)
			}
			uri := addressOf(*base, path)
			if got := placed(a, uri); got != path || !LeadsToFile(accounts, uri) {
				t.Errorf("%q in %d became %q: %s", path, a.ID, got, uri)
			}
		}
	}
	for _, uri := range []string{
		"", "mid:a@b", "https://cloud.example", "https://cloud.example/remote.php/dav/files/jo%20e/", "https://cloud.example/othera/b", "http://cloud.example/other/b",
		"https://evil.example/other/b", "https://cloud.example@evil.example/other/b", "%zz", "/other/b",
	} {
		if LeadsToFile(accounts, uri) {
			t.Errorf("%q leads to a file", uri)
		}
	}
	if got := placed(accounts[2], "HTTPS://Cloud.Example/other/b/"); got != "b" {
		t.Errorf("as another program writes it: %q", got)
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
		"https://dav.example/amt/nichts.pdf":                                               {Kind: RefFile},
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
	d.must(os.RemoveAll(root))
}
