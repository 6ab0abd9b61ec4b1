// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"kontor/app"
	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/storage"
)

func init() {
	register("files root", "[DIR] [--account NAME]", filesCommand(0, 1, filesRoot))
	register("files ls", "[PATH] [--account NAME]", filesCommand(0, 1, filesList))
	register("files status", "[PATH] [--account NAME]", filesCommand(0, 1, filesStatus))
	register("files notes", "[--account NAME]", filesCommand(0, 0, filesNotes))
	register("files get", "PATH... [--account NAME]", filesCommand(1, -1, filesGet))
	register("files put", "LOCAL PATH [--account NAME]", filesCommand(2, 2, filesPut))
	register("files mkdir", "PATH [--account NAME]", filesCommand(1, 1, filesMkdir))
	register("files mv", "FROM TO [--account NAME]", filesCommand(2, 2, filesMove))
	register("files rm", "PATH... [--account NAME]", filesCommand(1, -1, filesRemove))
	register("files pin", "PATH [--account NAME]", filesCommand(1, 1, func(c *filesCall) error { return filesPin(c, true) }))
	register("files unpin", "PATH [--account NAME]", filesCommand(1, 1, func(c *filesCall) error { return filesPin(c, false) }))
}

// filesCall is one call of a command on files.
type filesCall struct {
	ctx     context.Context
	e       *env
	core    *app.App
	account storage.Account
	args    []string
}

// filesCommand makes a command of fn that takes between least and most words; any number for most < 0.
func filesCommand(least, most int, fn func(*filesCall) error) func(context.Context, *env, []string) error {
	return func(ctx context.Context, e *env, args []string) error {
		fs := flags("files")
		name := fs.String("account", "", "")
		words, err := parse(fs, args)
		if err != nil {
			return err
		}
		if len(words) < least || (most >= 0 && len(words) > most) {
			return errUsage
		}
		core, err := e.open(ctx)
		if err != nil {
			return err
		}
		account, err := filesAccount(ctx, core, *name)
		if err != nil {
			return err
		}
		return fn(&filesCall{ctx: ctx, e: e, core: core, account: account, args: words})
	}
}

// filesAccount finds the account that is meant: the one that is named, or the only one with files.
func filesAccount(ctx context.Context, core *app.App, name string) (storage.Account, error) {
	if name != "" {
		return core.DB.AccountByName(ctx, name)
	}
	all, err := core.DB.Accounts(ctx)
	if err != nil {
		return storage.Account{}, err
	}
	var found []storage.Account
	for _, a := range all {
		if a.FilesURL != "" {
			found = append(found, a)
		}
	}
	switch len(found) {
	case 0:
		return storage.Account{}, app.ErrNoFiles
	case 1:
		return found[0], nil
	}
	return storage.Account{}, app.ErrWhichAccount
}

// fileJSON is an entry as scripts see it.
type fileJSON struct {
	ID        int64       `json:"id"`
	Path      string      `json:"path"`
	Name      string      `json:"name"`
	Folder    bool        `json:"folder"`
	Size      int64       `json:"size"`
	Modified  *time.Time  `json:"modified,omitempty"`
	State     files.State `json:"state"`
	Pinned    bool        `json:"pinned"`
	ReadOnly  bool        `json:"read_only,omitempty"`
	LocalPath string      `json:"local_path,omitempty"`
	ETag      string      `json:"etag,omitempty"`
	Problem   string      `json:"problem,omitempty"`
	Why       string      `json:"why,omitempty"`  // why it waits or was refused, and what to do
	Note      string      `json:"note,omitempty"` // what a person should know: somebody has it open, it has another name here
}

func fileToJSON(f files.Entry) fileJSON {
	j := fileJSON{
		ID: f.ID, Path: f.Path, Name: f.Name, Folder: f.Dir, Size: f.Size, State: f.State, Pinned: f.Pinned, ReadOnly: f.ReadOnly,
		LocalPath: f.LocalPath, ETag: f.ETag,
	}
	if !f.Modified.IsZero() {
		j.Modified = &f.Modified
	}
	if f.Problem != "" {
		j.Problem = i18n.T(f.Problem)
	}
	return j
}

func (c *filesCall) print(list []files.Entry, full bool) error {
	all, err := c.core.Files.Notes(c.ctx, c.account.ID)
	if err != nil {
		return err
	}
	notes := make(map[string]string, len(all))
	for _, n := range all {
		notes[n.Path] = noteText(n)
	}
	whys, err := c.core.Files.Whys(c.ctx, list)
	if err != nil {
		return err
	}
	out := make([]fileJSON, 0, len(list))
	for _, f := range list {
		j := fileToJSON(f)
		j.Note, j.Why = notes[f.Path], whys[f.ID].Words()
		out = append(out, j)
	}
	return c.e.print(out, func(w io.Writer) error {
		table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
		for _, f := range list {
			name, size := f.Name, i18n.Size(f.Size)
			if full {
				name = f.Path
			}
			if f.Dir {
				name, size = name+"/", "–"
			}
			for _, more := range []string{notes[f.Path], whys[f.ID].Title} {
				if more != "" {
					name += "  (" + more + ")"
				}
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", i18n.T("files.state."+string(f.State)), size, when(f.Modified), name)
		}
		return table.Flush()
	})
}

func when(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return i18n.DateTime(t)
}

// find gives the entry at a path that a person wrote.
func (c *filesCall) find(path string) (files.Entry, error) {
	f, err := c.core.Files.ByPath(c.ctx, c.account.ID, path)
	return f, named(path, err)
}

// named says which of several paths a problem is about, and that of a path that leads nowhere.
func named(path string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, storage.ErrNotFound) {
		err = app.ErrNoEntry
	}
	return fmt.Errorf("%s: %w", path, err)
}

func (c *filesCall) path() string {
	if len(c.args) == 0 {
		return ""
	}
	return c.args[0]
}

func filesRoot(c *filesCall) error {
	if len(c.args) == 1 {
		if err := c.core.Files.SetRoot(c.ctx, c.account.ID, c.args[0]); err != nil {
			return err
		}
	}
	root, err := c.core.Files.Root(c.ctx, c.account.ID)
	if err != nil {
		return err
	}
	return c.e.print(map[string]string{"root": root}, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, root)
		return err
	})
}

// filesList shows what lies in a folder, or the one file that is named.
func filesList(c *filesCall) error {
	list, err := c.core.Files.List(c.ctx, c.account.ID, c.path())
	if errors.Is(err, app.ErrNoFolder) {
		one, findErr := c.find(c.path())
		list, err = []files.Entry{one}, findErr
	}
	if err != nil {
		return err
	}
	return c.print(list, false)
}

// filesStatus shows everything below a path with its state, as the local folder is now.
func filesStatus(c *filesCall) error {
	if unlock, err := c.core.Home.Lock(); err == nil {
		if err := errors.Join(c.core.Files.Look(c.ctx, c.account.ID), unlock()); err != nil {
			c.e.fail(err) // what is stored can be shown all the same
		}
	}
	list, err := c.core.Files.Below(c.ctx, c.account.ID, c.path())
	if err != nil {
		return named(c.path(), err)
	}
	return c.print(list, true)
}

func noteText(n files.Note) string { return i18n.T(n.Problem, "name", files.Base(n.Local)) }

// filesNotes shows what a person should know about places in the tree.
func filesNotes(c *filesCall) error {
	notes, err := c.core.Files.Notes(c.ctx, c.account.ID)
	if err != nil {
		return err
	}
	type noteJSON struct {
		files.Note
		Text string `json:"text"`
	}
	out := make([]noteJSON, 0, len(notes))
	for _, n := range notes {
		out = append(out, noteJSON{n, noteText(n)})
	}
	return c.e.print(out, func(w io.Writer) error {
		for _, n := range out {
			fmt.Fprintf(w, "%s: %s\n", n.Path, n.Text)
		}
		return nil
	})
}

// filesGet downloads now, whole folders too. Where another program synchronises this home, that one does it.
func filesGet(c *filesCall) error {
	var asked []files.Entry
	var errs []error
	for _, path := range c.args {
		list, err := c.wish(path)
		asked, errs = append(asked, list...), append(errs, err)
	}
	if len(asked) == 0 {
		return errors.Join(errs...)
	}
	stop := c.e.watched(false, c.core)
	_, err := c.core.Sync(c.ctx, app.SyncOptions{Account: c.account.Name, Protocols: []string{"files"}})
	stop()
	if errors.Is(err, app.ErrHomeInUse) {
		err = c.await(asked)
	}
	list, listErr := c.fetched(asked)
	return errors.Join(append(errs, err, listErr, c.print(list, true))...)
}

// wish asks for what lies at a path; for everything at the root.
func (c *filesCall) wish(path string) ([]files.Entry, error) {
	if clean, err := files.CleanPath(path); err != nil || clean == "" {
		list, listErr := c.core.Files.List(c.ctx, c.account.ID, "")
		for _, f := range list {
			listErr = errors.Join(listErr, c.core.Files.Get(c.ctx, f.ID))
		}
		return list, errors.Join(named(path, err), listErr)
	}
	f, err := c.find(path)
	if err != nil {
		return nil, err
	}
	return []files.Entry{f}, c.core.Files.Get(c.ctx, f.ID)
}

// patience is how long another program is given to download what was asked for.
const patience = 2 * time.Minute

func (c *filesCall) await(asked []files.Entry) error {
	ctx, cancel := context.WithTimeout(c.ctx, patience)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := c.fetched(asked); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// fetched reads what was asked for, folders with all that lies in them, with an error for each file that is not here.
func (c *filesCall) fetched(asked []files.Entry) ([]files.Entry, error) {
	var all []files.Entry
	var errs []error
	for _, a := range asked {
		list, err := c.core.Files.Below(c.ctx, c.account.ID, a.Path)
		errs = append(errs, err)
		for _, f := range list {
			if !f.Dir && f.LocalPath == "" {
				errs = append(errs, named(f.Path, app.ErrNotFetched))
				continue
			}
			all = append(all, f)
		}
	}
	return all, errors.Join(errs...)
}

// filesPut copies a file, or a folder with all that lies in it. A path that is a folder, or ends in '/', takes it in under
// its own name; any other path is its new name.
func filesPut(c *filesCall) error {
	local, err := filepath.Abs(c.args[0])
	if err != nil {
		return err
	}
	info, err := os.Stat(local)
	if err != nil {
		return fmt.Errorf("put: %w", err)
	}
	if info.IsDir() {
		return c.putFolder(local, c.args[1])
	}
	if err := c.sameAccount(c.args[1]); err != nil {
		return err
	}
	id, err := c.core.Files.Put(c.ctx, c.account.ID, local, c.args[1])
	if err != nil {
		return named(c.args[1], err)
	}
	return c.printOne(id)
}

func (c *filesCall) putFolder(local, path string) error {
	clean, err := files.CleanPath(path)
	if err != nil {
		return named(path, err)
	}
	into := clean == "" || strings.HasSuffix(path, "/")
	there, err := c.core.Files.ByPath(c.ctx, c.account.ID, clean)
	switch {
	case err == nil && !there.Dir:
		return named(path, app.ErrFileExists)
	case err != nil && !into && !errors.Is(err, storage.ErrNotFound):
		return err
	}
	from, folder, top := []string{local}, clean, files.Join(clean, files.Rules{}.Remote(filepath.Base(local)))
	if err != nil && !into { // the folder itself gets this name
		if from, err = within(local); err != nil {
			return err
		}
		top = clean
		if _, err := c.core.Files.Mkdir(c.ctx, c.account.ID, clean); err != nil {
			return named(path, err)
		}
	}
	n, err := c.core.Files.PutInto(c.ctx, c.account.ID, from, folder, app.Replace)
	if err != nil {
		return named(path, err)
	}
	return c.e.print(map[string]any{"path": top, "files": n}, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, top+"/ ", i18n.T("files.cli.put", "n", n))
		return err
	})
}

// within lists what lies in a folder of the disk and can travel.
func within(local string) ([]string, error) {
	entries, err := os.ReadDir(local)
	if err != nil {
		return nil, fmt.Errorf("put: %w", err)
	}
	var all []string
	for _, e := range entries {
		if !files.Ignored(e.Name()) && (e.IsDir() || e.Type().IsRegular()) {
			all = append(all, filepath.Join(local, e.Name()))
		}
	}
	return all, nil
}

// sameAccount refuses a path that names another account, as in "other:Folder": nothing moves between accounts.
func (c *filesCall) sameAccount(path string) error {
	name, _, found := strings.Cut(path, ":")
	if !found || name == c.account.Name {
		return nil
	}
	if _, err := c.core.DB.AccountByName(c.ctx, name); err == nil {
		return named(path, app.ErrOtherAccount)
	}
	return nil
}

func (c *filesCall) printOne(id int64) error {
	f, err := c.core.Files.Entry(c.ctx, id)
	if err != nil {
		return err
	}
	return c.e.print(fileToJSON(f), func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s  %s\n", f.Path, i18n.T("files.state."+string(f.State)))
		return err
	})
}

func filesMkdir(c *filesCall) error {
	id, err := c.core.Files.Mkdir(c.ctx, c.account.ID, c.args[0])
	if err != nil {
		return named(c.args[0], err)
	}
	return c.printOne(id)
}

func filesMove(c *filesCall) error {
	for _, path := range c.args {
		if err := c.sameAccount(path); err != nil {
			return err
		}
	}
	f, err := c.find(c.args[0])
	if err != nil {
		return err
	}
	to := c.args[1]
	if strings.HasSuffix(to, "/") { // a folder that has to be there
		if clean, err := files.CleanPath(to); err != nil || clean != "" {
			folder, findErr := c.find(to)
			if findErr == nil && !folder.Dir {
				findErr = named(to, app.ErrNoFolder)
			}
			if err = errors.Join(err, findErr); err != nil {
				return err
			}
		}
	}
	if err := c.core.Files.Move(c.ctx, f.ID, to); err != nil {
		return named(to, err)
	}
	return c.printOne(f.ID)
}

// filesRemove deletes all of the paths or, where one of them leads nowhere, none.
func filesRemove(c *filesCall) error {
	var ids []int64
	var errs []error
	for _, path := range c.args {
		f, err := c.find(path)
		ids, errs = append(ids, f.ID), append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if err := c.core.Files.Remove(c.ctx, ids); err != nil {
		return err
	}
	return c.e.print(map[string]int{"removed": len(ids)}, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, i18n.T("files.cli.removed", "n", len(ids)))
		return err
	})
}

func filesPin(c *filesCall, on bool) error {
	if err := c.core.Files.PinPath(c.ctx, c.account.ID, c.args[0], on); err != nil {
		return named(c.args[0], err)
	}
	key := "files.cli.pinned"
	if !on {
		key = "files.cli.unpinned"
	}
	return c.e.print(map[string]any{"path": c.args[0], "pinned": on}, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, i18n.T(key, "path", c.args[0]))
		return err
	})
}

// fileConflict says in some lines what a conflict of files is about: two versions, or a question about the whole tree.
func fileConflict(detail []byte) []string {
	var d files.ConflictDetail
	if json.Unmarshal(detail, &d) != nil {
		return nil
	}
	if d.Brake != files.BrakeNone {
		var count []any
		if d.Brake == files.BrakeMassDelete {
			count = []any{"n", d.Count}
		}
		lines := []string{i18n.T("files.cli.brake."+string(d.Brake), count...)}
		for _, path := range d.Paths[:min(5, len(d.Paths))] {
			lines = append(lines, "  "+path)
		}
		return lines
	}
	version := func(key, path string, v files.Version, who string) string {
		return i18n.T(key, "what", strings.Join([]string{path, i18n.Size(v.Size), when(v.Modified), who}, ", "))
	}
	return []string{
		version("files.cli.conflict-mine", d.CopyPath, d.Mine, i18n.T("files.cli.by-me")),
		version("files.cli.conflict-theirs", d.Path, d.Theirs, i18n.T("files.cli.by", "who", app.WhoWords(d.Who))),
	}
}
