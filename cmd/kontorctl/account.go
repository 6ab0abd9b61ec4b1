// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"kontor/app"
	"kontor/app/accounts"
	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/storage"
)

func init() {
	register("account add", `NAME --email ADDR [--user U] (--password-stdin | --password-env VAR | --login-flow)
      [--imap URL] [--smtp URL] [--files URL] [--tasks URL] [--ca FILE] [--display-name NAME] [--discover] [--no-test]`, accountAdd)
	register("account list", "", accountList)
	register("account test", "NAME", accountTest)
	register("account remove", "NAME", accountRemove)
	register("account password", "NAME (--password-stdin | --password-env VAR)", accountPassword)
}

// errPassword says how a password is given.
var errPassword = fmt.Errorf("%w: --password-stdin or --password-env VAR", errUsage)

// secretFlags are the two ways a password may come in: never as an argument, which other users of a machine can see.
type secretFlags struct {
	stdin *bool
	env   *string
}

func (s secretFlags) read(in io.Reader) (string, error) {
	switch {
	case *s.stdin && *s.env == "":
		return readSecret(in)
	case *s.env != "" && !*s.stdin:
		value, ok := os.LookupEnv(*s.env)
		if !ok || value == "" {
			return "", fmt.Errorf("%s is not set: %w", *s.env, errPassword)
		}
		return value, nil
	}
	return "", errPassword
}

func accountAdd(ctx context.Context, e *env, args []string) error {
	fs := flags("account add")
	var d accounts.Draft
	fs.StringVar(&d.Email, "email", "", "")
	fs.StringVar(&d.User, "user", "", "")
	fs.StringVar(&d.DisplayName, "display-name", "", "")
	fs.StringVar(&d.IMAPURL, "imap", "", "")
	fs.StringVar(&d.SMTPURL, "smtp", "", "")
	fs.StringVar(&d.FilesURL, "files", "", "")
	fs.StringVar(&d.TasksURL, "tasks", "", "")
	ca, discover, noTest := fs.String("ca", "", ""), fs.Bool("discover", false, ""), fs.Bool("no-test", false, "")
	secret := secretFlags{fs.Bool("password-stdin", false, ""), fs.String("password-env", "", "")}
	browser := fs.Bool("login-flow", false, "")
	words, err := parse(fs, args)
	if err != nil || len(words) != 1 || d.Email == "" {
		return usage(err)
	}
	d.Name = words[0]
	if *ca != "" {
		pem, err := os.ReadFile(*ca)
		if err != nil {
			return fmt.Errorf("read the certificate file: %w", err)
		}
		d.CAPEM = string(pem)
	}
	d, password, err := signIn(ctx, e, d, *browser, secret)
	if err != nil {
		return err
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	if *discover {
		if d, err = fillIn(ctx, core, d); err != nil {
			return err
		}
	}
	if d, err = tryOut(ctx, e, core, d, password, !*noTest); err != nil {
		return err
	}
	id, err := core.Accounts.Add(ctx, d, password)
	if err != nil {
		return err
	}
	account, err := core.DB.Account(ctx, id)
	if err != nil {
		return err
	}
	return e.print(accountJSON(account), func(w io.Writer) error {
		_, err := fmt.Fprintln(w, i18n.T("app.cli.account-added", "name", account.Name))
		return err
	})
}

// tryOut makes sure, before anything is stored, that the name is free and every server lets the account in. It gives the
// draft as it is to be stored.
func tryOut(ctx context.Context, e *env, core *app.App, d accounts.Draft, password string, test bool) (accounts.Draft, error) {
	if _, err := core.Accounts.ByName(ctx, d.Normalised().Name); err == nil {
		return d, storage.ErrNameTaken
	}
	if !test {
		return d, nil
	}
	trial, err := core.Accounts.TestDraft(ctx, d, password)
	e.report(trial.Checks)
	if problem := accounts.Problem(trial.Checks); problem != nil {
		err = errors.Join(err, problem, accounts.ErrCheck) // each server, and that nothing was stored
	}
	return trial.Draft, err
}

// fillIn asks the domain of the mail address for the servers that the call did not name.
func fillIn(ctx context.Context, core *app.App, d accounts.Draft) (accounts.Draft, error) {
	found, err := core.Accounts.Discover(ctx, d.Email)
	if err != nil {
		return d, err
	}
	for have, from := range map[*string]string{
		&d.IMAPURL: found.Draft.IMAPURL, &d.SMTPURL: found.Draft.SMTPURL, &d.FilesURL: found.Draft.FilesURL,
		&d.TasksURL: found.Draft.TasksURL, &d.User: found.Draft.User,
	} {
		if *have == "" {
			*have = from
		}
	}
	return d, nil
}

// report writes what the trial of each server came to; those that failed are errors, and come at the end.
func (e *env) report(checks []accounts.Check) {
	for _, c := range checks {
		if c.OK {
			fmt.Fprintln(e.errw, c.Text())
		}
		if w := c.WarningText(); w != "" {
			fmt.Fprintln(e.errw, w)
		}
	}
}

// jsonAccount is an account as scripts see it.
type jsonAccount struct {
	ID    int64  `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
	User  string `json:"user"`
	IMAP  string `json:"imap,omitempty"`
	SMTP  string `json:"smtp,omitempty"`
	Files string `json:"files,omitempty"`
	Tasks string `json:"tasks,omitempty"`

	Quotas []mail.Quota `json:"quotas,omitempty"`
}

func accountJSON(a storage.Account) jsonAccount {
	return jsonAccount{ID: a.ID, Name: a.Name, Email: a.Email, User: a.User, IMAP: a.IMAPURL, SMTP: a.SMTPURL, Files: a.FilesURL, Tasks: a.TasksURL}
}

func accountList(ctx context.Context, e *env, args []string) error {
	if len(args) > 0 {
		return errUsage
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	all, err := core.Accounts.List(ctx)
	if err != nil {
		return err
	}
	quotas, err := core.Accounts.Quotas(ctx, 0)
	if err != nil {
		return err
	}
	list := make([]jsonAccount, 0, len(all))
	for _, a := range all {
		one := accountJSON(a)
		for _, q := range quotas {
			if q.AccountID == a.ID {
				one.Quotas = append(one.Quotas, q)
			}
		}
		list = append(list, one)
	}
	return e.print(list, func(w io.Writer) error {
		tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, a := range list {
			words := make([]string, 0, len(a.Quotas))
			for _, q := range a.Quotas {
				words = append(words, app.QuotaText(q))
			}
			fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", a.Name, a.Email, a.IMAP, a.SMTP, a.Files, a.Tasks, strings.Join(words, ", "))
		}
		return tw.Flush()
	})
}

// named opens the core and finds the account of the one word in args.
func (e *env) named(ctx context.Context, args []string) (*app.App, storage.Account, error) {
	words, err := parse(flags("account"), args)
	if err != nil || len(words) != 1 {
		return nil, storage.Account{}, usage(err)
	}
	core, err := e.open(ctx)
	if err != nil {
		return nil, storage.Account{}, err
	}
	a, err := core.DB.AccountByName(ctx, words[0])
	return core, a, err
}

func accountTest(ctx context.Context, e *env, args []string) error {
	core, a, err := e.named(ctx, args)
	if err != nil {
		return err
	}
	checks, err := core.Accounts.Test(ctx, a.ID)
	if err != nil {
		return err
	}
	err = e.print(checks, func(w io.Writer) error {
		for _, c := range checks {
			if c.OK {
				fmt.Fprintln(w, c.Text())
			}
		}
		return nil
	})
	return errors.Join(accounts.Problem(checks), err)
}

func accountRemove(ctx context.Context, e *env, args []string) error {
	core, a, err := e.named(ctx, args)
	if err != nil {
		return err
	}
	removed, err := core.Accounts.Remove(ctx, a.ID)
	if err != nil {
		return err
	}
	return e.print(map[string]string{"removed": removed.Name, "files": removed.Folder}, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, removed.Text())
		return err
	})
}

func accountPassword(ctx context.Context, e *env, args []string) error {
	fs := flags("account password")
	secret := secretFlags{fs.Bool("password-stdin", false, ""), fs.String("password-env", "", "")}
	words, err := parse(fs, args)
	if err != nil {
		return err
	}
	password, err := secret.read(e.in)
	if err != nil {
		return err
	}
	core, a, err := e.named(ctx, words)
	if err != nil {
		return err
	}
	if err := core.Accounts.SetPassword(ctx, a.ID, password); err != nil {
		return err
	}
	return e.print(accountJSON(a), func(io.Writer) error { return nil })
}
