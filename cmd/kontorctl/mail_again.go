// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"fmt"
	"io"

	"kontor/app/i18n"
	"kontor/app/mail"
)

func init() {
	register("mail redirect", "ID ADDR... [--from ADDR]", mailRedirect)
	register("mail proof", "ID", func(ctx context.Context, e *env, args []string) error { return proof(ctx, e, args, false) })
	register("journal proof", "ID", func(ctx context.Context, e *env, args []string) error { return proof(ctx, e, args, true) })
}

func mailRedirect(ctx context.Context, e *env, args []string) error {
	fs := flags("mail redirect")
	from := fs.String("from", "", "")
	words, err := parse(fs, args)
	if err != nil || len(words) < 2 {
		return usage(err)
	}
	list, err := messageIDs(words[:1])
	if err != nil {
		return err
	}
	var to []mail.Address
	for _, word := range words[1:] {
		parsed, err := mail.ParseAddresses(word)
		if err != nil {
			return err
		}
		to = append(to, parsed...)
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	msg, err := core.DB.MailHeader(ctx, list[0])
	if err != nil {
		return err
	}
	all, err := core.Accounts.Identities(ctx, msg.AccountID)
	if err != nil {
		return err
	}
	who := mail.DefaultIdentity(all)
	if *from != "" {
		var ok bool
		if who, ok = mail.IdentityByAddress(all, *from); !ok {
			return &mail.AddressError{Part: *from}
		}
	}
	op, err := core.Mail.Redirect(ctx, list[0], to, who.ID)
	if err != nil {
		return err
	}
	return e.print(map[string]int64{"operation": op}, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, i18n.T("mail.cli.queued", "op", op))
		return err
	})
}

// proof writes the proof of transmission of a message, or of the message that an operation is about.
func proof(ctx context.Context, e *env, args []string, operation bool) error {
	words, err := parse(flags("proof"), args)
	if err != nil || len(words) != 1 {
		return usage(err)
	}
	list, err := messageIDs(words)
	if err != nil {
		return err
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	find := core.Mail.Proof
	if operation {
		find = core.Mail.ProofOf
	}
	p, err := find(ctx, list[0])
	if err != nil {
		return err
	}
	return e.print(p, func(w io.Writer) error {
		_, err := p.WriteTo(w)
		return err
	})
}
