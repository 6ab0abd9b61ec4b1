// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/storage"
)

func init() {
	register("account keep", "NAME [--all | [--days N] [--max-size SIZE] [--quota SIZE] [--without FOLDER ...]]", accountKeep)
}

// folderNames collects the names that a flag is given with, once for each.
type folderNames []string

func (f *folderNames) String() string { return strings.Join(*f, ",") }

// Set implements flag.Value.
func (f *folderNames) Set(name string) error {
	*f = append(*f, name)
	return nil
}

var errSize = errors.New("not a size")

// readSize reads a number of octets: 500k, 20M, 4G.
func readSize(word string) (int64, error) {
	digits := strings.TrimRight(word, "kKmMgG")
	unit := int64(1)
	switch strings.ToLower(strings.TrimPrefix(word, digits)) {
	case "":
	case "k":
		unit = 1 << 10
	case "m":
		unit = 1 << 20
	case "g":
		unit = 1 << 30
	default:
		return 0, errSize
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/unit {
		return 0, errSize
	}
	return n * unit, nil
}

// keepFlags are the rules as they stand on the command line.
type keepFlags struct {
	given   bool // any at all
	rules   mail.Keep
	without folderNames
}

func readKeep(args []string) (name string, k keepFlags, err error) {
	fs := flags("account keep")
	size := func(to *int64) func(string) error {
		return func(word string) (err error) {
			*to, err = readSize(word)
			return err
		}
	}
	all := fs.Bool("all", false, "")
	fs.IntVar(&k.rules.Days, "days", 0, "")
	fs.Func("max-size", "", size(&k.rules.Size))
	fs.Func("quota", "", size(&k.rules.Quota))
	fs.Var(&k.without, "without", "")
	words, err := parse(fs, args)
	if err != nil || len(words) != 1 || k.rules.Days < 0 || *all && fs.NFlag() > 1 {
		return "", k, usage(err)
	}
	limited := k.rules.Days > 0 || k.rules.Size > 0 || k.rules.Quota > 0 || len(k.without) > 0
	if k.given = *all || limited; k.rules.Quota == 0 {
		k.rules.Quota = mail.DefaultKeep.Quota
	}
	return words[0], k, nil
}

func accountKeep(ctx context.Context, e *env, args []string) error {
	name, k, err := readKeep(args)
	if err != nil {
		return err
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	a, err := core.DB.AccountByName(ctx, name)
	if err != nil {
		return err
	}
	folders, err := core.DB.Folders(ctx, a.ID)
	if err != nil {
		return err
	}
	if k.given {
		if k.rules.Without, err = foldersNamed(folders, k.without); err != nil {
			return err
		}
		if err := core.Mail.Keep(ctx, a.ID, k.rules); err != nil {
			return err
		}
	}
	return showKept(ctx, e, core, a.ID, folders)
}

func foldersNamed(folders []mail.Folder, names []string) ([]int64, error) {
	var ids []int64
	for _, name := range names {
		i := slices.IndexFunc(folders, func(f mail.Folder) bool { return f.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("%s: %w", name, storage.ErrNotFound)
		}
		ids = append(ids, folders[i].ID)
	}
	return ids, nil
}

func showKept(ctx context.Context, e *env, core *app.App, account int64, folders []mail.Folder) error {
	kept, err := core.Mail.Kept(ctx, account)
	if err != nil {
		return err
	}
	return e.print(kept, func(w io.Writer) error {
		var lines []string
		if n := kept.Rules.Days; n > 0 {
			lines = append(lines, i18n.T("accounts.keep.days", "n", n))
		}
		if n := kept.Rules.Size; n > 0 {
			lines = append(lines, i18n.T("accounts.keep.size", "size", i18n.Size(n)))
		}
		for _, f := range folders {
			if slices.Contains(kept.Rules.Without, f.ID) {
				lines = append(lines, i18n.T("accounts.keep.without", "folder", f.Name))
			}
		}
		if n := kept.Rules.Quota; n > 0 {
			lines = append(lines, i18n.T("accounts.keep.quota", "size", i18n.Size(n)))
		}
		if len(lines) == 0 {
			lines = append(lines, i18n.T("accounts.keep.all"))
		}
		lines = append(lines, i18n.T("accounts.keep.now", "whole", i18n.Count(kept.Whole), "size", i18n.Size(kept.Octets),
			"missing", i18n.Count(kept.Missing), "unwanted", i18n.Count(kept.Unwanted)))
		_, err := fmt.Fprintln(w, strings.Join(lines, "\n"))
		return err
	})
}
