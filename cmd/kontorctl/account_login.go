// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"fmt"

	"kontor/app/accounts"
	"kontor/app/i18n"
)

// signIn gets the password of an account: from where the call says, or from the server itself, after the person has signed
// in there with a browser. Such a password is good for that server only, so the account can have no mail.
func signIn(ctx context.Context, e *env, d accounts.Draft, browser bool, secret secretFlags) (accounts.Draft, string, error) {
	if !browser {
		password, err := secret.read(e.in)
		return d, password, err
	}
	if d.FilesURL == "" || d.IMAPURL != "" || d.SMTPURL != "" || *secret.stdin || *secret.env != "" {
		return d, "", fmt.Errorf("%w: --login-flow goes with --files and --tasks only", errUsage)
	}
	flow, err := accounts.StartLogin(ctx, d.FilesURL, d.CAPEM)
	if err != nil {
		return d, "", err
	}
	fmt.Fprintln(e.errw, i18n.T("accounts.login.open", "url", flow.URL))
	login, err := flow.Wait(ctx)
	if err != nil {
		return d, "", err
	}
	return login.Fill(d), login.Password, nil
}
