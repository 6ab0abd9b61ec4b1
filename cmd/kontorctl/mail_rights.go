// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/mail"
)

func init() {
	register("mail rights", "FOLDER [--account NAME] [--offline]", mailRights)
}

// rightsJSON is who may do what with a folder.
type rightsJSON struct {
	ID     int64        `json:"id"`
	Name   string       `json:"name"`
	Rights mail.Rights  `json:"rights"` // of this account; empty where not known
	Grants []mail.Grant `json:"grants,omitempty"`
	Asked  *time.Time   `json:"asked,omitempty"`
}

// mailRights asks the server who may do what with a folder and shows it; offline, what it said last.
func mailRights(ctx context.Context, e *env, args []string) error {
	fs := flags("mail rights")
	account, offline := fs.String("account", "", ""), fs.Bool("offline", false, "")
	words, err := parse(fs, args)
	if err != nil || len(words) != 1 {
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
	if !*offline {
		if err := core.Accounts.AskRights(ctx, f.ID); err != nil {
			return err
		}
	}
	g, err := core.Mail.Rights(ctx, f.ID)
	if err != nil {
		return err
	}
	out := rightsJSON{ID: f.ID, Name: f.Name, Rights: g.Folder.Rights, Grants: g.All}
	if !g.Asked.IsZero() {
		out.Asked = &g.Asked
	}
	return e.print(out, func(w io.Writer) error {
		t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
		fmt.Fprintf(t, "%s\t%s\n", i18n.T("mail.right.who.you"), app.RightsText(g.Folder.Rights))
		for _, one := range g.All {
			fmt.Fprintf(t, "%s\t%s\n", app.WhoText(one), app.RightsText(one.Rights))
		}
		return t.Flush()
	})
}
