// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"kontor/app/i18n"
)

// errNoTerminal is returned where a secret is needed and nobody can be asked.
var errNoTerminal = errors.New("there is no terminal to ask on")

// promptPassphrase asks for the passphrase of the sealed secrets on the terminal.
func promptPassphrase(context.Context) (string, error) {
	fd := int(os.Stdin.Fd())
	if !term.IsTerminal(fd) {
		return "", errNoTerminal
	}
	fmt.Fprint(os.Stderr, i18n.T("app.cli.passphrase"))
	secret, err := term.ReadPassword(fd)
	fmt.Fprintln(os.Stderr)
	return string(secret), err
}

// readSecret reads the one line of a secret from a pipe.
func readSecret(r io.Reader) (string, error) {
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil && (!errors.Is(err, io.EOF) || line == "") {
		return "", fmt.Errorf("read the password: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}
