// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path"
	"strings"
	"time"

	"github.com/klauspost/compress/flate"

	"kontor/app/files"
	"kontor/app/mail"
	"kontor/app/tasks"
	"kontor/storage"
)

// Errors of archives that a person can understand.
var (
	ErrNoArchive      = errors.New("this file is no archive of an account")
	ErrArchiveDamaged = errors.New("the archive is damaged")
	ErrSyncFirst      = errors.New("the folders of the account are not known yet")
)

func init() {
	explain(ErrNoArchive, "archive.error.none")
	explain(ErrArchiveDamaged, "archive.error.damaged")
	explain(ErrSyncFirst, "archive.error.sync-first")
}

// The files and folders of an archive, which is a ZIP file.
const (
	archiveIndex  = "account.json"
	archiveSums   = "manifest.sha256" // as sha256sum reads it
	archiveMail   = "mail"
	archiveFiles  = "files"
	archiveTasks  = "tasks"
	archiveFormat = 1
)

// Archived says what went into an archive, or came out of one.
type Archived struct {
	Folders int `json:"folders"`
	Mails   int `json:"mails"`
	Lists   int `json:"lists"`
	Tasks   int `json:"tasks"`
	Files   int `json:"files"`
	Known   int `json:"known"`   // were there before; of an import
	Missing int `json:"missing"` // messages and files whose content is not on this computer, or for which there is no server
}

// archiveInfo is archiveIndex.
type archiveInfo struct {
	Format  int             `json:"format"`
	Program string          `json:"program"`
	Created time.Time       `json:"created"`
	Account archiveAccount  `json:"account"`
	Folders []archiveFolder `json:"folders"`
	Lists   []archiveList   `json:"lists"`
	Online  []string        `json:"files_online_only"` // files whose content was not on the computer
}

// archiveAccount are the settings of an account. Passwords are never in it.
type archiveAccount struct {
	Name        string `json:"name"`
	Email       string `json:"email"`
	User        string `json:"user"`
	DisplayName string `json:"display_name"`
	Signature   string `json:"signature"`
	IMAPURL     string `json:"imap_url"`
	SMTPURL     string `json:"smtp_url"`
	FilesURL    string `json:"files_url"`
	TasksURL    string `json:"tasks_url"`
	CAPEM       string `json:"ca_pem,omitempty"`

	Identities []archiveIdentity `json:"identities,omitempty"`
}

type archiveFolder struct {
	Levels     []string  `json:"levels"` // its full name
	Role       mail.Role `json:"role,omitempty"`
	Mailbox    []string  `json:"mailbox,omitempty"` // the levels that name the mailbox of somebody else that it belongs to
	Owner      string    `json:"owner,omitempty"`   // who that is
	Subscribed bool      `json:"subscribed"`
	Path       string    `json:"path"`
	Messages   int       `json:"messages"`
}

type archiveList struct {
	Name  string `json:"name"`
	Color string `json:"color,omitempty"`
	Path  string `json:"path"`
	Tasks int    `json:"tasks"`
}

// ExportAccount writes all that the store holds of an account as a ZIP file in open formats: each mail folder as a
// Maildir, each task list as an iCalendar file, files as they are, the settings without passwords, and a list of SHA-256
// digests. It is written from front to back and holds no more than one message at a time.
func (a *App) ExportAccount(ctx context.Context, accountID int64, w io.Writer) (Archived, error) {
	account, err := a.DB.Account(ctx, accountID)
	if err != nil {
		return Archived{}, fmt.Errorf("export account: %w", err)
	}
	out := newArchiveWriter(w)
	e := exporter{a: a, ctx: ctx, out: out, account: account, taken: map[string]bool{}}
	e.info = archiveInfo{Format: archiveFormat, Program: "Kontor " + Version, Created: time.Now().UTC(), Account: settingsOf(account)}
	if e.info.Account.Identities, err = a.archivedIdentities(ctx, accountID); err != nil {
		return Archived{}, fmt.Errorf("export account: %w", err)
	}
	for _, step := range []func() error{e.readme, e.mail, e.tasks, e.files, e.index, out.close} {
		if err := step(); err != nil {
			return e.done, fmt.Errorf("export account: %w", err)
		}
	}
	return e.done, nil
}

func settingsOf(a storage.Account) archiveAccount {
	return archiveAccount{
		Name: a.Name, Email: a.Email, User: a.User, DisplayName: a.DisplayName, Signature: a.Signature,
		IMAPURL: a.IMAPURL, SMTPURL: a.SMTPURL, FilesURL: a.FilesURL, TasksURL: a.TasksURL, CAPEM: a.CAPEM,
	}
}

// archiveWriter writes the files of an archive and notes their digests.
type archiveWriter struct {
	zw   *zip.Writer
	name string // of the file that is being written
	sum  hash.Hash
	sums strings.Builder
}

func newArchiveWriter(w io.Writer) *archiveWriter {
	zw := zip.NewWriter(w)
	zw.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	return &archiveWriter{zw: zw}
}

// create begins the next file; what was written before is complete.
func (w *archiveWriter) create(name string, modified time.Time) (io.Writer, error) {
	w.finish()
	if strings.HasSuffix(name, "/") {
		_, err := w.zw.CreateHeader(&zip.FileHeader{Name: name, Modified: modified})
		return io.Discard, err
	}
	f, err := w.zw.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: modified})
	if err != nil {
		return nil, err
	}
	w.name, w.sum = name, sha256.New()
	return io.MultiWriter(f, w.sum), nil
}

func (w *archiveWriter) finish() {
	if w.sum != nil {
		fmt.Fprintf(&w.sums, "%s  %s\n", hex.EncodeToString(w.sum.Sum(nil)), w.name)
		w.sum = nil
	}
}

func (w *archiveWriter) text(name, text string) error {
	f, err := w.create(name, time.Now())
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, text)
	return err
}

func (w *archiveWriter) close() error {
	w.finish()
	if err := w.text(archiveSums, w.sums.String()); err != nil {
		return err
	}
	return w.zw.Close()
}

// exporter writes one account.
type exporter struct {
	a       *App
	ctx     context.Context // an exporter lives as long as the call that made it
	out     *archiveWriter
	account storage.Account
	info    archiveInfo
	done    Archived
	taken   map[string]bool // names of entries, folded: file systems may not tell "a" from "A"
}

func (e *exporter) mail() error {
	folders, err := e.a.DB.Folders(e.ctx, e.account.ID)
	if err != nil {
		return err
	}
	for _, f := range folders {
		levels := levelsOfFolder(f)
		dir := e.free(archiveMail, levels...)
		for _, sub := range []string{"cur/", "new/", "tmp/"} {
			if _, err := e.out.create(dir+"/"+sub, time.Now()); err != nil {
				return err
			}
		}
		n, err := e.a.Mail.writeMaildir(e.ctx, f.ID, ";", func(name string, modified time.Time) (io.Writer, error) {
			return e.out.create(dir+"/"+name, modified)
		})
		if errors.Is(err, ErrNoBody) {
			e.done.Missing += f.Total - n
		} else if err != nil {
			return err
		}
		e.done.Mails += n
		e.done.Folders++
		folder := archiveFolder{Levels: levels, Role: f.Role, Subscribed: f.Subscribed, Path: dir, Messages: n}
		if f.Space != mail.SpaceOwn {
			folder.Mailbox, folder.Owner = strings.Split(f.Box, f.Delim), f.Owner
		}
		e.info.Folders = append(e.info.Folders, folder)
	}
	return nil
}

func (e *exporter) tasks() error {
	lists, err := e.a.Tasks.Lists(e.ctx)
	if err != nil {
		return err
	}
	for _, l := range lists {
		if l.AccountID != e.account.ID {
			continue
		}
		all, err := e.a.Tasks.List(e.ctx, tasks.Query{ListID: l.ID, Closed: true})
		if err != nil {
			return err
		}
		texts, err := e.objects(all)
		if err != nil {
			return err
		}
		name := e.free(archiveTasks, l.Name+".ics")
		if err := e.out.text(name, tasks.Join(texts)); err != nil {
			return err
		}
		e.done.Lists++
		e.done.Tasks += len(all)
		e.info.Lists = append(e.info.Lists, archiveList{Name: l.Name, Color: l.Color, Path: name, Tasks: len(all)})
	}
	return nil
}

// objects gives the texts of tasks, with those of their instances that lie in objects of their own.
func (e *exporter) objects(all []tasks.Task) ([]string, error) {
	texts := make([]string, 0, len(all))
	for _, t := range all {
		row, err := e.a.DB.TaskRow(e.ctx, t.ID)
		if err != nil {
			return nil, err
		}
		parts, err := e.a.DB.TaskParts(e.ctx, row)
		if err != nil {
			return nil, err
		}
		texts = append(append(texts, row.Text), parts...)
	}
	return texts, nil
}

func (e *exporter) files() error {
	if e.account.FilesURL == "" {
		return nil
	}
	all, err := e.a.Files.Below(e.ctx, e.account.ID, "")
	if err != nil {
		return err
	}
	for _, f := range all {
		name := e.free(archiveFiles, strings.Split(f.Path, "/")...)
		switch {
		case f.Dir:
			_, err = e.out.create(name+"/", f.Modified)
		case f.LocalPath == "":
			e.info.Online = append(e.info.Online, f.Path)
			e.done.Missing++
		default:
			err = e.file(name, f)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (e *exporter) file(name string, f files.Entry) (err error) {
	in, err := os.Open(f.LocalPath)
	if errors.Is(err, os.ErrNotExist) {
		e.info.Online = append(e.info.Online, f.Path)
		e.done.Missing++
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	w, err := e.out.create(name, f.Modified)
	if err != nil {
		return err
	}
	if _, err = io.Copy(w, in); err == nil {
		e.done.Files++
	}
	return err
}

func (e *exporter) index() error {
	text, err := json.MarshalIndent(e.info, "", "  ")
	if err != nil {
		return err
	}
	return e.out.text(archiveIndex, string(text)+"\n")
}

// free makes a path of names that every file system takes, and that no other entry has.
func (e *exporter) free(root string, levels ...string) string {
	safe := []string{root}
	for _, level := range levels {
		safe = append(safe, safeName(level))
	}
	name := path.Join(safe...)
	for n := 2; e.taken[strings.ToLower(name)]; n++ {
		ext := path.Ext(name)
		name = fmt.Sprintf("%s~%d%s", strings.TrimSuffix(path.Join(safe...), ext), n, ext)
	}
	e.taken[strings.ToLower(name)] = true
	return name
}

// reserved are names that Windows keeps for itself, and those that mean something in a Maildir.
var reserved = map[string]bool{
	"con": true, "prn": true, "aux": true, "nul": true, "com1": true, "com2": true, "com3": true, "com4": true, "lpt1": true, "lpt2": true, "lpt3": true,
	"cur": true, "new": true, "tmp": true, keywordsFile: true, indexFile: true,
}

// safeName writes a name so that every file system takes it: what is not allowed becomes "%XX".
func safeName(name string) string {
	var out strings.Builder
	for i, r := range name {
		last := i+len(string(r)) == len(name)
		switch {
		case r < ' ', r == 0x7f, strings.ContainsRune(`<>:"|?*\/%`, r), i == 0 && r == '.', last && (r == '.' || r == ' '):
			fmt.Fprintf(&out, "%%%02X", r)
		default:
			out.WriteRune(r)
		}
	}
	if s := out.String(); s != "" && !reserved[strings.ToLower(s)] {
		return s
	}
	if name == "" {
		return "%00"
	}
	return fmt.Sprintf("%%%02X%s", name[0], name[1:])
}
