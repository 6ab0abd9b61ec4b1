// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/storage"
)

func init() {
	register("account identity", `list NAME | remove NAME ADDR | add NAME ADDR [--name NAME] [--reply-to ADDR] [--organisation TEXT]
      [--signature FILE] [--sent FOLDER|-] [--mailbox FOLDER] [--default]`, accountIdentity)
}

// identityJSON is an identity as scripts see it.
type identityJSON struct {
	ID           int64  `json:"id"`
	Name         string `json:"name,omitempty"`
	Address      string `json:"address"`
	ReplyTo      string `json:"reply_to,omitempty"`
	Organisation string `json:"organisation,omitempty"`
	Signature    string `json:"signature,omitempty"`
	Sent         string `json:"sent,omitempty"`
	Mailbox      string `json:"mailbox,omitempty"`
	Default      bool   `json:"default"`
}

func identityToJSON(i mail.Identity) identityJSON {
	return identityJSON{
		ID: i.ID, Name: i.Name, Address: i.Address, ReplyTo: i.ReplyTo, Organisation: i.Organisation, Signature: i.Signature,
		Sent: i.SentFolder, Mailbox: i.Mailbox, Default: i.Default,
	}
}

func accountIdentity(ctx context.Context, e *env, args []string) error {
	fs := flags("account identity")
	var i mail.Identity
	fs.StringVar(&i.Name, "name", "", "")
	fs.StringVar(&i.ReplyTo, "reply-to", "", "")
	fs.StringVar(&i.Organisation, "organisation", "", "")
	fs.StringVar(&i.SentFolder, "sent", "", "")
	fs.StringVar(&i.Mailbox, "mailbox", "", "")
	fs.BoolVar(&i.Default, "default", false, "")
	signature := fs.String("signature", "", "")
	words, err := parse(fs, args)
	if err != nil || len(words) < 2 {
		return usage(err)
	}
	verb, rest := words[0], words[2:]
	if wants, ok := map[string]int{"list": 0, "add": 1, "remove": 1}[verb]; !ok || len(rest) != wants {
		return errUsage
	}
	if *signature != "" {
		text, err := os.ReadFile(*signature)
		if err != nil {
			return fmt.Errorf("read the signature: %w", err)
		}
		i.Signature = string(text)
	}
	_, a, err := e.named(ctx, words[1:2])
	if err != nil {
		return err
	}
	switch verb {
	case "add":
		i.AccountID, i.Address = a.ID, rest[0]
		return identityAdd(ctx, e, i)
	case "remove":
		return identityRemove(ctx, e, a, rest[0])
	}
	return identityList(ctx, e, a)
}

// identityAdd stores an identity, over the one of the same address where there is one.
func identityAdd(ctx context.Context, e *env, i mail.Identity) error {
	have, err := e.core.DB.Identities(ctx, i.AccountID)
	if err != nil {
		return err
	}
	if old, ok := mail.IdentityByAddress(have, i.Address); ok {
		i.ID = old.ID
	}
	if i.ID, err = e.core.Accounts.SetIdentity(ctx, i); err != nil {
		return err
	}
	return e.print(identityToJSON(i), func(w io.Writer) error {
		_, err := fmt.Fprintln(w, i18n.T("send.cli.identity-set", "address", i.Address))
		return err
	})
}

func identityRemove(ctx context.Context, e *env, a storage.Account, address string) error {
	have, err := e.core.DB.Identities(ctx, a.ID)
	if err != nil {
		return err
	}
	i, ok := mail.IdentityByAddress(have, address)
	if !ok {
		return fmt.Errorf("identity %q: %w", address, storage.ErrNotFound)
	}
	if err := e.core.Accounts.RemoveIdentity(ctx, i.ID); err != nil {
		return err
	}
	return e.print(map[string]string{"removed": i.Address}, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, i18n.T("send.cli.identity-removed", "address", i.Address))
		return err
	})
}

func identityList(ctx context.Context, e *env, a storage.Account) error {
	all, err := e.core.Accounts.Identities(ctx, a.ID)
	if err != nil {
		return err
	}
	standard := mail.DefaultIdentity(all).Address
	list := make([]identityJSON, 0, len(all))
	for _, i := range all {
		i.Default = i.Address == standard
		list = append(list, identityToJSON(i))
	}
	return e.print(list, func(w io.Writer) error {
		tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, i := range list {
			mark := ""
			if i.Default {
				mark = "*"
			}
			fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\n", i.Address, i.Name, i.Mailbox, i.Sent, mark)
		}
		return tw.Flush()
	})
}
