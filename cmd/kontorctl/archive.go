// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/storage"
)

func init() {
	register("account export", "NAME FILE.zip", accountExport)
	register("account import", "NAME FILE.zip", accountImport)
}

// accountExport writes an account into a new file: what is there is replaced only by a complete archive.
func accountExport(ctx context.Context, e *env, args []string) error {
	words, err := parse(flags("account export"), args)
	if err != nil || len(words) != 2 {
		return usage(err)
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	account, err := core.Accounts.ByName(ctx, words[0])
	if err != nil {
		return err
	}
	part := words[1] + ".part"
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	done, err := core.ExportAccount(ctx, account.ID, f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	if err := os.Rename(part, words[1]); err != nil {
		return err
	}
	return e.print(done, func(w io.Writer) error {
		fmt.Fprintln(w, i18n.T("archive.cli.written", "mails", done.Mails, "tasks", done.Tasks, "files", done.Files, "file", words[1]))
		return printMissing(w, done)
	})
}

func printMissing(w io.Writer, done app.Archived) error {
	if done.Missing == 0 {
		return nil
	}
	_, err := fmt.Fprintln(w, i18n.T("archive.cli.missing", "n", done.Missing))
	return err
}

func accountImport(ctx context.Context, e *env, args []string) (err error) {
	words, err := parse(flags("account import"), args)
	if err != nil || len(words) != 2 {
		return usage(err)
	}
	f, err := os.Open(words[1])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	account, err := core.Accounts.ByName(ctx, words[0])
	if errors.Is(err, storage.ErrNotFound) {
		return makeAccount(ctx, e, core, words[0], f, info.Size())
	}
	if err != nil {
		return err
	}
	done, err := core.ImportAccount(ctx, account.ID, f, info.Size())
	if err != nil {
		return err
	}
	return e.print(done, func(w io.Writer) error {
		fmt.Fprintln(w, i18n.T("archive.cli.read", "mails", done.Mails, "tasks", done.Tasks, "files", done.Files, "known", done.Known))
		return printMissing(w, done)
	})
}

// makeAccount makes the account that the archive is of. Its mail can be read in once its folders are known, and that
// takes its password.
func makeAccount(ctx context.Context, e *env, core *app.App, name string, f *os.File, size int64) error {
	draft, err := app.ArchivedAccount(f, size)
	if err != nil {
		return err
	}
	draft.Name = name
	if _, err := core.Accounts.Add(ctx, draft, ""); err != nil {
		return err
	}
	fmt.Fprintln(e.errw, i18n.T("archive.cli.made", "name", name))
	return app.ErrSyncFirst
}
