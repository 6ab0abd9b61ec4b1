// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/search"
	"kontor/storage"
)

func init() {
	register("mail folders", "[--account NAME]", mailFolders)
	register("mail list", "FOLDER [--account NAME] [--limit N] [--offset N] [--threads]", mailList)
	register("mail show", "ID [--text|--html|--raw|--headers]", mailShow)
	register("mail send", "FILE.eml|- [--account NAME] [--at WHEN] [--report]", mailSend)
	register("mail flag", "ID... +seen -flagged", mailFlag)
	register("mail move", "FOLDER ID...", mailMove)
	register("mail copy", "FOLDER ID...", mailCopy)
	register("mail delete", "ID...", mailDelete)
	register("mail archive", "ID...", mailArchive)
	register("mail junk", "ID... [--not]", mailJunk)
	register("mail save-attachments", "ID DIR", mailSaveAttachments)
	register("mail import", "FOLDER FILE.eml|FILE.mbox|DIR|- [--account NAME]", mailImport)
	register("mail export", "FOLDER FILE.mbox|DIR/ [--account NAME]", mailExport)
}

// folderOf finds a folder by its name, the last level of it, or what people call it. account may be empty.
func folderOf(ctx context.Context, core *app.App, account, name string) (mail.Folder, error) {
	all, err := foldersOf(ctx, core, account)
	if err != nil {
		return mail.Folder{}, err
	}
	for _, fits := range []func(f mail.Folder) bool{
		func(f mail.Folder) bool { return f.Name == name },
		func(f mail.Folder) bool { return strings.EqualFold(f.Name, name) },
		func(f mail.Folder) bool { return search.InFolder(name, f.Name, string(f.Role)) },
	} {
		var found []mail.Folder
		for _, f := range all {
			if fits(f) {
				found = append(found, f)
			}
		}
		switch {
		case len(found) == 1:
			return found[0], nil
		case len(found) > 1:
			return mail.Folder{}, fmt.Errorf("%w: %s", errUsage, i18n.T("mail.cli.ambiguous", "name", name))
		}
	}
	return mail.Folder{}, fmt.Errorf("folder %q: %w", name, storage.ErrNotFound)
}

// foldersOf lists the folders of one account, or of all.
func foldersOf(ctx context.Context, core *app.App, account string) ([]mail.Folder, error) {
	all, err := core.Mail.Folders(ctx)
	if err != nil || account == "" {
		return all, err
	}
	id, err := accountID(ctx, core, account)
	if err != nil {
		return nil, err
	}
	var own []mail.Folder
	for _, f := range all {
		if f.AccountID == id {
			own = append(own, f)
		}
	}
	return own, nil
}

// accountID finds an account by its name, 0 for no name.
func accountID(ctx context.Context, core *app.App, name string) (int64, error) {
	if name == "" {
		return 0, nil
	}
	a, err := core.DB.AccountByName(ctx, name)
	return a.ID, err
}

// messageIDs reads the IDs of messages from the command line.
func messageIDs(words []string) ([]int64, error) {
	if len(words) == 0 {
		return nil, errUsage
	}
	ids := make([]int64, len(words))
	for i, w := range words {
		id, err := strconv.ParseInt(w, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%w: %q", errUsage, w)
		}
		ids[i] = id
	}
	return ids, nil
}

// known makes sure that each message is here, so that a typing error does not pass as done.
func known(ctx context.Context, core *app.App, ids []int64) error {
	for _, id := range ids {
		if _, err := core.DB.MailHeader(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func mailFolders(ctx context.Context, e *env, args []string) error {
	fs := flags("mail folders")
	account := fs.String("account", "", "")
	if words, err := parse(fs, args); err != nil || len(words) > 0 {
		return usage(err)
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	all, err := foldersOf(ctx, core, *account)
	if err != nil {
		return err
	}
	names, err := accountNames(ctx, core)
	if err != nil {
		return err
	}
	list := make([]folderJSON, 0, len(all))
	for _, f := range all {
		list = append(list, folderJSON{
			ID: f.ID, AccountID: f.AccountID, Account: names[f.AccountID], Name: f.Name, Delim: f.Delim, Role: f.Role, Selectable: f.Selectable,
			Subscribed: f.Subscribed, Total: f.Total, Unread: f.Unread, Complete: f.Complete,
			Space: f.Space, Owner: f.Owner, Box: f.Box, Rights: f.Rights,
		})
	}
	return e.print(list, func(w io.Writer) error {
		t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
		for _, f := range list {
			fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%d\n", f.Account, f.Name, f.Role, f.Unread, f.Total)
		}
		return t.Flush()
	})
}

func accountNames(ctx context.Context, core *app.App) (map[int64]string, error) {
	all, err := core.DB.Accounts(ctx)
	names := make(map[int64]string, len(all))
	for _, a := range all {
		names[a.ID] = a.Name
	}
	return names, err
}

func mailList(ctx context.Context, e *env, args []string) error {
	fs := flags("mail list")
	account, limit, offset := fs.String("account", "", ""), fs.Int("limit", 50, ""), fs.Int("offset", 0, "")
	threads := fs.Bool("threads", false, "")
	words, err := parse(fs, args)
	if err != nil || len(words) != 1 || *limit < 0 || *offset < 0 {
		return usage(err)
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	folder, err := folderOf(ctx, core, *account, words[0])
	if err != nil {
		return err
	}
	list, err := core.Mail.List(ctx, mail.Query{FolderID: folder.ID, Threads: *threads}, *offset, *limit)
	if err != nil {
		return err
	}
	rows, err := summaries(ctx, core, list, *threads)
	if err != nil {
		return err
	}
	return e.print(rows, func(w io.Writer) error {
		t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
		for _, m := range rows {
			fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\n", m.ID, i18n.DateTime(m.Date), strings.Join(m.Flags, ","), m.From.Label(), m.Subject)
		}
		return t.Flush()
	})
}

func mailSend(ctx context.Context, e *env, args []string) error {
	fs := flags("mail send")
	account, at := fs.String("account", "", ""), fs.String("at", "", "")
	var how app.RawSending
	fs.BoolVar(&how.Report, "report", false, "")
	words, err := parse(fs, args)
	if err != nil || len(words) != 1 {
		return usage(err)
	}
	if *at != "" {
		moment, err := whenFlag(*at, time.Now())
		if err != nil || moment.AllDay || moment.IsZero() {
			return fmt.Errorf("--at %q: %w", *at, errors.Join(err, errUsage))
		}
		how.At = moment.Time
	}
	eml, err := openInput(e, words[0])
	if err != nil {
		return err
	}
	defer eml.Close() //nolint:errcheck // only read from
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	id, err := accountID(ctx, core, *account)
	if err != nil {
		return err
	}
	op, err := core.Mail.SendFrom(ctx, id, eml, how)
	if err != nil {
		return err
	}
	return e.print(map[string]int64{"op": op}, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, i18n.T("mail.cli.queued", "op", op))
		return err
	})
}

// openInput opens a file, or what is piped in for "-".
func openInput(e *env, name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(e.in), nil
	}
	return os.Open(name)
}

// readInput reads a file, or what is piped in for "-".
func readInput(e *env, name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(e.in)
	}
	return os.ReadFile(name)
}

// plusMinus sorts words into those with a plus in front, those with a minus, and the others.
func plusMinus(args []string) (words, add, remove []string) {
	for _, a := range args {
		switch {
		case len(a) > 1 && a[0] == '+':
			add = append(add, a[1:])
		case len(a) > 1 && a[0] == '-':
			remove = append(remove, a[1:])
		default:
			words = append(words, a)
		}
	}
	return words, add, remove
}

func mailFlag(ctx context.Context, e *env, args []string) error {
	numbers, add, remove := plusMinus(args)
	if len(add)+len(remove) == 0 {
		return errUsage
	}
	var want mail.FlagsOp
	want.Add, want.AddKeywords = splitFlags(add)
	want.Remove, want.RemoveKeywords = splitFlags(remove)
	return changeMail(ctx, e, numbers, func(core *app.App, ids []int64) error { return core.Mail.Change(ctx, ids, want) })
}

// changeMail carries out a change of messages and says for how many it was noted.
func changeMail(ctx context.Context, e *env, numbers []string, change func(*app.App, []int64) error) error {
	ids, err := messageIDs(numbers)
	if err != nil {
		return err
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	if err := known(ctx, core, ids); err != nil {
		return err
	}
	if err := change(core, ids); err != nil {
		return err
	}
	return e.print(map[string]int{"changed": len(ids)}, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, i18n.T("mail.cli.changed", "n", len(ids)))
		return err
	})
}

func mailMove(ctx context.Context, e *env, args []string) error {
	return intoFolder(ctx, e, args, (*app.Mail).Move)
}

func mailCopy(ctx context.Context, e *env, args []string) error {
	return intoFolder(ctx, e, args, (*app.Mail).Copy)
}

// intoFolder puts messages into a folder of their own account.
func intoFolder(ctx context.Context, e *env, args []string, act func(*app.Mail, context.Context, []int64, int64) error) error {
	fs := flags("mail move")
	account := fs.String("account", "", "")
	words, err := parse(fs, args)
	if err != nil || len(words) < 2 {
		return usage(err)
	}
	return changeMail(ctx, e, words[1:], func(core *app.App, ids []int64) error {
		if *account == "" {
			m, err := core.DB.MailHeader(ctx, ids[0])
			if err != nil {
				return err
			}
			a, err := core.DB.Account(ctx, m.AccountID)
			if err != nil {
				return err
			}
			*account = a.Name
		}
		folder, err := folderOf(ctx, core, *account, words[0])
		if err != nil {
			return err
		}
		return act(core.Mail, ctx, ids, folder.ID)
	})
}

func mailDelete(ctx context.Context, e *env, args []string) error {
	return changeMail(ctx, e, args, func(core *app.App, ids []int64) error { return core.Mail.Delete(ctx, ids) })
}

func mailArchive(ctx context.Context, e *env, args []string) error {
	return changeMail(ctx, e, args, func(core *app.App, ids []int64) error { return core.Mail.Archive(ctx, ids) })
}

func mailJunk(ctx context.Context, e *env, args []string) error {
	fs := flags("mail junk")
	not := fs.Bool("not", false, "")
	words, err := parse(fs, args)
	if err != nil {
		return err
	}
	return changeMail(ctx, e, words, func(core *app.App, ids []int64) error { return core.Mail.Junk(ctx, ids, !*not) })
}
