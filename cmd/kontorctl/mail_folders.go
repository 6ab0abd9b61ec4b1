// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"fmt"
	"io"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/mail"
)

func init() {
	register("mail mkdir", "NAME [--account NAME]", mailMkdir)
	register("mail rename", "FOLDER NAME [--account NAME]", mailRename)
	register("mail rmdir", "FOLDER [--account NAME]", mailRmdir)
	register("mail subscribe", "FOLDER [--account NAME]", func(ctx context.Context, e *env, args []string) error {
		return mailSubscribe(ctx, e, args, true)
	})
	register("mail unsubscribe", "FOLDER [--account NAME]", func(ctx context.Context, e *env, args []string) error {
		return mailSubscribe(ctx, e, args, false)
	})
	register("mail empty", "FOLDER [--account NAME]", mailEmpty)
}

// onFolder reads the name of a folder, and further words, and carries out a change of it.
func onFolder(ctx context.Context, e *env, args []string, further int, act func(*app.App, mail.Folder, []string) error) error {
	fs := flags("mail folder")
	account := fs.String("account", "", "")
	words, err := parse(fs, args)
	if err != nil || len(words) != 1+further {
		return usage(err)
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	f, err := folderOf(ctx, core, *account, words[0])
	if err != nil {
		return err
	}
	return act(core, f, words[1:])
}

// noted says what was noted about a folder.
func noted(e *env, id int64, name string) error {
	return e.print(map[string]any{"id": id, "name": name}, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, i18n.T("mail.cli.folder", "name", name))
		return err
	})
}

func mailMkdir(ctx context.Context, e *env, args []string) error {
	fs := flags("mail mkdir")
	name := fs.String("account", "", "")
	words, err := parse(fs, args)
	if err != nil || len(words) != 1 {
		return usage(err)
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	account, err := accountID(ctx, core, *name)
	if err != nil {
		return err
	}
	if account == 0 {
		inbox, err := folderOf(ctx, core, "", "INBOX") // says where there are several
		if err != nil {
			return err
		}
		account = inbox.AccountID
	}
	id, err := core.Mail.CreateFolder(ctx, account, words[0])
	if err != nil {
		return err
	}
	f, err := core.DB.MailFolder(ctx, id)
	if err != nil {
		return err
	}
	return noted(e, id, f.Name)
}

func mailRename(ctx context.Context, e *env, args []string) error {
	return onFolder(ctx, e, args, 1, func(core *app.App, f mail.Folder, words []string) error {
		if err := core.Mail.RenameFolder(ctx, f.ID, words[0]); err != nil {
			return err
		}
		return noted(e, f.ID, words[0])
	})
}

func mailRmdir(ctx context.Context, e *env, args []string) error {
	return onFolder(ctx, e, args, 0, func(core *app.App, f mail.Folder, _ []string) error {
		if err := core.Mail.DeleteFolder(ctx, f.ID); err != nil {
			return err
		}
		return noted(e, f.ID, f.Name)
	})
}

func mailSubscribe(ctx context.Context, e *env, args []string, on bool) error {
	return onFolder(ctx, e, args, 0, func(core *app.App, f mail.Folder, _ []string) error {
		if err := core.Mail.Subscribe(ctx, f.ID, on); err != nil {
			return err
		}
		return noted(e, f.ID, f.Name)
	})
}

func mailEmpty(ctx context.Context, e *env, args []string) error {
	return onFolder(ctx, e, args, 0, func(core *app.App, f mail.Folder, _ []string) error {
		n, err := core.Mail.EmptyFolder(ctx, f.ID)
		if err != nil {
			return err
		}
		return e.print(map[string]any{"id": f.ID, "name": f.Name, "deleted": n}, func(w io.Writer) error {
			_, err := fmt.Fprintln(w, i18n.T("mail.cli.emptied", "n", n))
			return err
		})
	})
}
