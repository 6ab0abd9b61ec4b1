// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"archive/zip"
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"kontor/app/accounts"
	"kontor/app/files"
	"kontor/app/mail"
	"kontor/app/tasks"
	"kontor/storage"
)

// ImportAccount reads an archive that ExportAccount wrote into an account, usually an empty one. Nothing is changed
// before all checksums are found right. What the account has already is not added again, so that an import that was cut
// off can be repeated.
func (a *App) ImportAccount(ctx context.Context, accountID int64, r io.ReaderAt, size int64) (Archived, error) {
	account, err := a.DB.Account(ctx, accountID)
	if err != nil {
		return Archived{}, fmt.Errorf("import account: %w", err)
	}
	zr, info, err := openArchive(r, size)
	if err != nil {
		return Archived{}, fmt.Errorf("import account: %w", err)
	}
	in := restorer{a: a, ctx: ctx, zr: zr, info: info, account: account}
	for _, step := range []func() error{in.ready, in.mail, in.identities, in.tasks, in.files} {
		if err := step(); err != nil {
			return in.done, fmt.Errorf("import account: %w", err)
		}
	}
	return in.done, nil
}

// ArchivedAccount reads the settings in an archive, to make an account of them. The password is not in it.
func ArchivedAccount(r io.ReaderAt, size int64) (accounts.Draft, error) {
	_, info, err := openArchive(r, size)
	if err != nil {
		return accounts.Draft{}, err
	}
	s := info.Account
	return accounts.Draft{
		Name: s.Name, Email: s.Email, User: s.User, DisplayName: s.DisplayName,
		IMAPURL: s.IMAPURL, SMTPURL: s.SMTPURL, FilesURL: s.FilesURL, TasksURL: s.TasksURL, CAPEM: s.CAPEM,
	}, nil
}

// openArchive opens an archive whose every file has the digest that it should have.
func openArchive(r io.ReaderAt, size int64) (*zip.Reader, archiveInfo, error) {
	var info archiveInfo
	zr, err := zip.NewReader(r, size)
	if err != nil {
		return nil, info, fmt.Errorf("%w: %w", ErrNoArchive, err)
	}
	text, err := fs.ReadFile(zr, archiveIndex)
	if err == nil {
		err = json.Unmarshal(text, &info)
	}
	if err == nil && info.Format != archiveFormat {
		err = fmt.Errorf("format %d", info.Format)
	}
	if err != nil {
		return nil, info, fmt.Errorf("%w: %w", ErrNoArchive, err)
	}
	if err := checkSums(zr); err != nil {
		return nil, info, fmt.Errorf("%w: %w", ErrArchiveDamaged, err)
	}
	return zr, info, nil
}

func checkSums(zr *zip.Reader) error {
	sums := map[string]string{}
	f, err := zr.Open(archiveSums)
	if err != nil {
		return err
	}
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		if sum, name, ok := strings.Cut(scanner.Text(), "  "); ok {
			sums[name] = sum
		}
	}
	if err := errors.Join(scanner.Err(), f.Close()); err != nil {
		return err
	}
	for _, f := range zr.File {
		if f.Name == archiveSums || strings.HasSuffix(f.Name, "/") {
			continue
		}
		sum, err := digestOf(f)
		if err == nil && sums[f.Name] != sum {
			err = errors.New("a file has changed or is none of the archive")
		}
		if err != nil {
			return err
		}
		delete(sums, f.Name)
	}
	if len(sums) > 0 {
		return errors.New("a file is missing")
	}
	return nil
}

func digestOf(f *zip.File) (string, error) {
	r, err := f.Open()
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	_, err = io.Copy(sum, r)
	return hex.EncodeToString(sum.Sum(nil)), errors.Join(err, r.Close())
}

// restorer reads one account.
type restorer struct {
	a       *App
	ctx     context.Context // a restorer lives as long as the call that made it
	zr      *zip.Reader
	info    archiveInfo
	account storage.Account
	done    Archived
}

// ready makes sure that the folders of the server are known: made up ones might stand beside the real ones later.
func (r *restorer) ready() error {
	if r.account.IMAPURL == "" {
		return nil
	}
	folders, err := r.a.DB.SyncFolders(r.ctx, r.account.ID)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(folders, func(f storage.MailFolder) bool { return f.Role == mail.RoleInbox }) {
		return ErrSyncFirst
	}
	return nil
}

func (r *restorer) mail() error {
	for _, f := range r.info.Folders {
		if r.account.IMAPURL == "" {
			r.done.Missing += f.Messages
			continue
		}
		id, err := r.folder(f)
		if err != nil {
			return err
		}
		n, err := r.a.Mail.readMaildir(r.ctx, r.zr, f.Path, id)
		r.done.Mails += n.Added
		r.done.Known += n.Known
		if err != nil {
			return err
		}
		r.done.Folders++
	}
	return nil
}

func (r *restorer) tasks() error {
	for _, l := range r.info.Lists {
		if r.account.TasksURL == "" {
			r.done.Missing += l.Tasks
			continue
		}
		text, err := fs.ReadFile(r.zr, l.Path)
		if err != nil {
			return err
		}
		id, known, err := r.list(l)
		if err != nil {
			return err
		}
		r.done.Lists++
		for _, object := range tasks.Split(string(text), newUID, time.Now()) {
			if known[object.UID] {
				r.done.Known++
				continue
			}
			if err := r.a.Tasks.addObject(r.ctx, id, object); err != nil {
				return err
			}
			r.done.Tasks++
		}
	}
	return nil
}

// list gives the task list of a name, made where it is missing, and the tasks that it has.
func (r *restorer) list(want archiveList) (id int64, known map[string]bool, err error) {
	lists, err := r.a.Tasks.Lists(r.ctx)
	if err != nil {
		return 0, nil, err
	}
	known = map[string]bool{}
	for _, l := range lists {
		if l.AccountID == r.account.ID && l.Name == want.Name && !l.ReadOnly {
			all, err := r.a.Tasks.List(r.ctx, tasks.Query{ListID: l.ID, Closed: true})
			for _, t := range all {
				known[t.UID] = true
			}
			return l.ID, known, err
		}
	}
	id, err = r.a.Tasks.CreateList(r.ctx, r.account.ID, want.Name, want.Color)
	return id, known, err
}

// addObject adds a task that exists as iCalendar text.
func (s *Tasks) addObject(ctx context.Context, listID int64, o tasks.Object) error {
	return s.change(ctx, "add task", func(tx *storage.Tx) (int64, error) {
		l, err := writableList(ctx, tx, listID)
		if err != nil {
			return 0, err
		}
		_, _, err = tx.AddTask(ctx, l.ID, safeName(o.UID)+".ics", o.Text, tasks.Title(o.Text), 0)
		return l.AccountID, err
	})
}

func (r *restorer) files() error {
	dir, err := os.MkdirTemp("", "kontor-import-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // copies
	for _, f := range r.zr.File {
		name, ok := strings.CutPrefix(f.Name, archiveFiles+"/")
		if !ok || name == "" {
			continue
		}
		if r.account.FilesURL == "" {
			r.done.Missing++
			continue
		}
		if err := r.file(f, dir, plainPath(strings.TrimSuffix(name, "/"))); err != nil {
			return err
		}
	}
	return nil
}

func (r *restorer) file(f *zip.File, dir, name string) error {
	name, err := files.CleanPath(name)
	if err != nil {
		return err
	}
	if _, err := r.a.Files.ByPath(r.ctx, r.account.ID, name); err == nil {
		r.done.Known++
		return nil
	} else if !errors.Is(err, storage.ErrNotFound) {
		return err
	}
	if f.FileInfo().IsDir() {
		_, err := r.a.Files.Mkdir(r.ctx, r.account.ID, name)
		return err
	}
	local := filepath.Join(dir, "content")
	if err := extract(f, local); err != nil {
		return err
	}
	if _, err := r.a.Files.Put(r.ctx, r.account.ID, local, name); err != nil {
		return err
	}
	r.done.Files++
	return nil
}

// plainPath undoes safeName at every level.
func plainPath(name string) string {
	levels := strings.Split(name, "/")
	for i, level := range levels {
		levels[i] = plainName(level)
	}
	return path.Join(levels...)
}

func plainName(name string) string {
	var out []byte
	for i := 0; i < len(name); i++ {
		if name[i] == '%' && i+2 < len(name) {
			if octet, err := hex.DecodeString(name[i+1 : i+3]); err == nil {
				out = append(out, octet...)
				i += 2
				continue
			}
		}
		out = append(out, name[i])
	}
	return string(out)
}

func extract(f *zip.File, to string) (err error) {
	in, err := f.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close(), os.Chtimes(to, f.Modified, f.Modified))
}
