// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"kontor/app/files"
	"kontor/app/i18n"
)

func init() {
	register("files server", "[--account NAME]", filesCommand(0, 0, filesServer))
	register("files versions", "PATH [save KEY LOCAL | restore KEY] [--account NAME]", filesCommand(1, 4, filesVersions))
	register("files bin", "[empty] [--account NAME]", filesCommand(0, 1, filesBin))
	register("files trash", "[restore KEY...] [--account NAME]", filesCommand(0, -1, filesTrash))
	register("files share", `PATH [create | remove KEY] [--write] [--expires YYYY-MM-DD] [--password-stdin | --password-env VAR]
      [--account NAME]`, filesShare)
}

// filesServer tells what the server is and offers, as it said last.
func filesServer(c *filesCall) error {
	s, err := c.core.Files.Server(c.ctx, c.account.ID)
	if err != nil {
		return err
	}
	out := struct {
		Product  string `json:"product,omitempty"`
		Version  string `json:"version,omitempty"`
		Versions bool   `json:"versions"`
		Trash    bool   `json:"trash"`
		Shares   bool   `json:"shares"`
		Used     int64  `json:"used"`
		Free     int64  `json:"free"`
	}{s.Product, s.Version, s.Versions, s.Trash, s.Shares, s.Used, s.Free}
	return c.e.print(out, func(w io.Writer) error {
		name := s.Product + " " + s.Version
		if s.Product == "" {
			name = "WebDAV"
		}
		_, err := fmt.Fprintln(w, name)
		for _, line := range []struct {
			key  string
			size int64
		}{{"files.server.used", s.Used}, {"files.server.free", s.Free}} {
			if line.size >= 0 {
				_, err = fmt.Fprintln(w, i18n.T(line.key, "size", i18n.Size(line.size)))
			}
		}
		return err
	})
}

func filesVersions(c *filesCall) error {
	entry, err := c.core.Files.ByPath(c.ctx, c.account.ID, c.args[0])
	if err != nil {
		return err
	}
	switch words := c.args[1:]; {
	case len(words) == 0:
		return c.listVersions(entry.ID)
	case len(words) == 3 && words[0] == "save":
		return c.saveVersion(entry.ID, words[1], words[2])
	case len(words) == 2 && words[0] == "restore":
		if err := c.core.Files.RestoreVersion(c.ctx, entry.ID, words[1]); err != nil {
			return err
		}
		return c.done("files.version.restored")
	}
	return errUsage
}

// done says that something was done, in words for a person only.
func (c *filesCall) done(key string) error {
	return c.e.print(map[string]bool{"done": true}, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, i18n.T(key))
		return err
	})
}

func (c *filesCall) listVersions(id int64) error {
	all, err := c.core.Files.Versions(c.ctx, id)
	if err != nil {
		return err
	}
	if all == nil {
		all = []files.Version{}
	}
	return c.e.print(all, func(w io.Writer) error {
		table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
		for _, v := range all {
			fmt.Fprintf(table, "%s\t%s\t%s\n", v.Key, when(v.Modified), i18n.Size(v.Size))
		}
		return table.Flush()
	})
}

// saveVersion writes an earlier content beside what is there; it never replaces a file.
func (c *filesCall) saveVersion(id int64, key, local string) error {
	f, err := os.OpenFile(local, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("save a version: %w", err)
	}
	err = c.core.Files.SaveVersion(c.ctx, id, key, f)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		_ = os.Remove(local) // half of it is of no use
		return err
	}
	return c.done("files.version.saved")
}

// trashJSON is an item in the bin as scripts see it.
type trashJSON struct {
	Key     string    `json:"key"`
	Name    string    `json:"name"`
	Path    string    `json:"path"`
	Deleted time.Time `json:"deleted"`
	Size    int64     `json:"size"`
	Folder  bool      `json:"folder"`
}

func filesTrash(c *filesCall) error {
	if len(c.args) > 1 && c.args[0] == "restore" {
		for _, key := range c.args[1:] {
			if err := c.core.Files.RestoreTrashed(c.ctx, c.account.ID, key); err != nil {
				return err
			}
		}
		return c.done("files.trash.restored")
	}
	if len(c.args) > 0 {
		return errUsage
	}
	all, err := c.core.Files.Trash(c.ctx, c.account.ID)
	if err != nil {
		return err
	}
	out := make([]trashJSON, 0, len(all))
	for _, t := range all {
		out = append(out, trashJSON{t.Key, t.Name, t.Path, t.Deleted, t.Size, t.Dir})
	}
	return c.e.print(out, func(w io.Writer) error {
		table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
		for _, t := range all {
			path := t.Path
			if t.Dir {
				path += "/"
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", t.Key, when(t.Deleted), i18n.Size(t.Size), path)
		}
		return table.Flush()
	})
}

// filesBin lists the recycle bin of this computer, or empties it: what may be nowhere else stays, and is said.
func filesBin(c *filesCall) error {
	if len(c.args) == 1 && c.args[0] != "empty" {
		return errUsage
	}
	if len(c.args) == 1 {
		gone, err := c.core.Files.EmptyBin(c.ctx, c.account.ID)
		if err != nil {
			return err
		}
		left, err := c.core.Files.Bin(c.ctx, c.account.ID)
		if err != nil {
			return err
		}
		kept := files.SumBin(left)
		return c.e.print(map[string]files.BinSum{"removed": gone, "left": kept}, func(w io.Writer) error {
			fmt.Fprintln(w, i18n.T("files.bin.emptied", "n", gone.Files, "size", i18n.Size(gone.Size)))
			if kept.Files > 0 {
				fmt.Fprintln(w, i18n.T("files.bin.kept", "n", kept.Files, "size", i18n.Size(kept.Size)))
			}
			return nil
		})
	}
	all, err := c.core.Files.Bin(c.ctx, c.account.ID)
	if err != nil {
		return err
	}
	if all == nil {
		all = []files.BinItem{}
	}
	return c.e.print(all, func(w io.Writer) error {
		table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
		for _, it := range all {
			held := ""
			if it.Held {
				held = i18n.T("files.bin.held")
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", when(it.Deleted), i18n.Size(it.Size), it.Path, held)
		}
		return table.Flush()
	})
}

// shareJSON is a link as scripts see it.
type shareJSON struct {
	Key       string `json:"key"`
	URL       string `json:"url"`
	Expires   string `json:"expires,omitempty"` // the last day
	Protected bool   `json:"protected"`
	Write     bool   `json:"write"`
}

func shareToJSON(s files.Share) shareJSON {
	j := shareJSON{Key: s.Key, URL: s.URL, Protected: s.Protected, Write: s.Write}
	if !s.Expires.IsZero() {
		j.Expires = s.Expires.Format(time.DateOnly)
	}
	return j
}

// filesShare lists, makes and ends links to a file or folder.
func filesShare(ctx context.Context, e *env, args []string) error {
	fs := flags("files share")
	var o files.ShareOptions
	account, expires := fs.String("account", "", ""), fs.String("expires", "", "")
	fs.BoolVar(&o.Write, "write", false, "")
	secret := secretFlags{fs.Bool("password-stdin", false, ""), fs.String("password-env", "", "")}
	words, err := parse(fs, args)
	if err != nil {
		return err
	}
	verb := ""
	if len(words) > 1 {
		verb = words[1]
	}
	if len(words) != map[string]int{"": 1, "create": 2, "remove": 3}[verb] {
		return errUsage
	}
	if *secret.stdin || *secret.env != "" {
		if o.Password, err = secret.read(e.in); err != nil {
			return err
		}
	}
	if *expires != "" {
		if o.Expires, err = time.ParseInLocation(time.DateOnly, *expires, time.Local); err != nil {
			return fmt.Errorf("%w: --expires YYYY-MM-DD", errUsage)
		}
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	acc, err := filesAccount(ctx, core, *account)
	if err != nil {
		return err
	}
	entry, err := core.Files.ByPath(ctx, acc.ID, words[0])
	if err != nil {
		return err
	}
	c := &filesCall{ctx: ctx, e: e, core: core, account: acc, args: words}
	switch verb {
	case "create":
		made, err := core.Files.CreateShare(ctx, entry.ID, o)
		if err != nil {
			return err
		}
		return c.printShares([]files.Share{made})
	case "remove":
		if err := core.Files.RemoveShare(ctx, entry.ID, words[2]); err != nil {
			return err
		}
		return c.done("files.share.removed")
	}
	all, err := core.Files.Shares(ctx, entry.ID)
	if err != nil {
		return err
	}
	return c.printShares(all)
}

func (c *filesCall) printShares(all []files.Share) error {
	out := make([]shareJSON, 0, len(all))
	for _, s := range all {
		out = append(out, shareToJSON(s))
	}
	return c.e.print(out, func(w io.Writer) error {
		table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
		for _, s := range out {
			key := "files.share.read"
			if s.Write {
				key = "files.share.write"
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", s.Key, i18n.T(key), s.Expires, s.URL)
		}
		return table.Flush()
	})
}
