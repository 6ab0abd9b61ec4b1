// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
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
	out := make([]fileJSON, 0, len(list))
	for _, f := range list {
		out = append(out, fileToJSON(f))
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
		one, oneErr := c.core.Files.ByPath(c.ctx, c.account.ID, c.path())
		if oneErr == nil {
			list, err = []files.Entry{one}, nil
		}
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
		return err
	}
	return c.print(list, true)
}

// filesGet downloads now. Where another program synchronises this home, that one does it.
func filesGet(c *filesCall) error {
	var ids []int64
	for _, path := range c.args {
		f, err := c.core.Files.ByPath(c.ctx, c.account.ID, path)
		if err != nil {
			return fmt.Errorf("get: %w", err)
		}
		if err := c.core.Files.Get(c.ctx, f.ID); err != nil {
			return err
		}
		ids = append(ids, f.ID)
	}
	_, err := c.core.Sync(c.ctx, app.SyncOptions{Account: c.account.Name, Protocols: []string{"files"}})
	if errors.Is(err, app.ErrHomeInUse) {
		err = c.await(ids)
	}
	list, listErr := c.fetched(ids)
	return errors.Join(err, listErr, c.print(list, true))
}

// patience is how long another program is given to download what was asked for.
const patience = 2 * time.Minute

func (c *filesCall) await(ids []int64) error {
	ctx, cancel := context.WithTimeout(c.ctx, patience)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := c.fetched(ids); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// fetched reads what was asked for, with an error for what is not here.
func (c *filesCall) fetched(ids []int64) ([]files.Entry, error) {
	var all []files.Entry
	var errs []error
	for _, id := range ids {
		f, err := c.core.Files.Entry(c.ctx, id)
		if err == nil && !f.Dir && f.LocalPath == "" {
			err = fmt.Errorf("%s: %w", f.Path, app.ErrNotFetched)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		all = append(all, f)
	}
	return all, errors.Join(errs...)
}

func filesPut(c *filesCall) error {
	local, err := filepath.Abs(c.args[0])
	if err != nil {
		return err
	}
	id, err := c.core.Files.Put(c.ctx, c.account.ID, local, c.args[1])
	if err != nil {
		return err
	}
	return c.printOne(id)
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
		return err
	}
	return c.printOne(id)
}

func filesMove(c *filesCall) error {
	f, err := c.core.Files.ByPath(c.ctx, c.account.ID, c.args[0])
	if err != nil {
		return fmt.Errorf("move: %w", err)
	}
	if err := c.core.Files.Move(c.ctx, f.ID, c.args[1]); err != nil {
		return err
	}
	return c.printOne(f.ID)
}

func filesRemove(c *filesCall) error {
	var ids []int64
	for _, path := range c.args {
		f, err := c.core.Files.ByPath(c.ctx, c.account.ID, path)
		if err != nil {
			return fmt.Errorf("delete: %w", err)
		}
		ids = append(ids, f.ID)
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
		return err
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
