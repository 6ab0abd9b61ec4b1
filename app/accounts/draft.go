// SPDX-License-Identifier: EUPL-1.2

// Package accounts holds what an account needs before it is stored: its settings, finding them out from a mail address,
// trying them on the real servers, and keeping its secrets.
package accounts

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/mail"
	"strings"

	"kontor/storage"
	"kontor/sync/transport"
)

// Sentinels of a draft that cannot be stored. Each is wrapped with the field it is about.
var (
	ErrNoName    = errors.New("the account needs a name")
	ErrName      = errors.New("the account's name holds a character that cannot be used")
	ErrEmail     = errors.New("the mail address cannot be used")
	ErrNoServer  = errors.New("the account has no server")
	ErrScheme    = errors.New("the server address starts with the wrong scheme")
	ErrCA        = errors.New("the certificate file holds no certificate")
	ErrSendAlone = errors.New("mail is sent from, but not read by, this account")
)

// Draft is an account as a person or discovery fills it in.
type Draft struct {
	Name        string // unique, shown, and the name of its folder of files
	Email       string
	User        string // what to sign in as; the mail address where empty
	DisplayName string
	IMAPURL     string // imaps://host:993 or imap://host:143
	SMTPURL     string // smtps://host:465 or smtp://host:587
	FilesURL    string // https:// of a WebDAV collection
	TasksURL    string // https:// of a CalDAV server
	CAPEM       string // certificates to trust besides the system's
}

// OfAccount gives the draft that a stored account would come from.
func OfAccount(a storage.Account) Draft {
	return Draft{
		Name: a.Name, Email: a.Email, User: a.User, DisplayName: a.DisplayName, IMAPURL: a.IMAPURL, SMTPURL: a.SMTPURL,
		FilesURL: a.FilesURL, TasksURL: a.TasksURL, CAPEM: a.CAPEM,
	}
}

// Normalised gives the draft without stray white space and with what follows from the rest: the user is the mail
// address, and the name too, where they are missing.
func (d Draft) Normalised() Draft {
	for _, s := range []*string{&d.Name, &d.Email, &d.User, &d.DisplayName, &d.IMAPURL, &d.SMTPURL, &d.FilesURL, &d.TasksURL} {
		*s = strings.TrimSpace(*s)
	}
	if d.User == "" {
		d.User = d.Email
	}
	if d.Name == "" {
		d.Name = d.Email
	}
	return d
}

// Validate says whether the draft can be stored: the first thing that is wrong, as one of the sentinels or
// transport.ErrURL or transport.ErrNoTLS.
func (d Draft) Validate() error {
	d = d.Normalised()
	if d.Name == "" {
		return ErrNoName
	}
	if strings.ContainsAny(d.Name, "/\\\x00\r\n") || d.Name == "." || d.Name == ".." {
		return fmt.Errorf("%q: %w", d.Name, ErrName)
	}
	if a, err := mail.ParseAddress(d.Email); err != nil || a.Address != d.Email {
		return fmt.Errorf("%q: %w", d.Email, ErrEmail)
	}
	if err := d.validateServers(); err != nil {
		return err
	}
	if d.CAPEM != "" && !holdsCertificate(d.CAPEM) {
		return ErrCA
	}
	return nil
}

func (d Draft) validateServers() error {
	servers := []struct {
		url     string
		schemes string
	}{{d.IMAPURL, "imaps imap"}, {d.SMTPURL, "smtps smtp"}, {d.FilesURL, "https http"}, {d.TasksURL, "https http"}}
	some := false
	for _, s := range servers {
		if s.url == "" {
			continue
		}
		some = true
		e, err := transport.ParseEndpoint(s.url)
		if err != nil {
			return err
		}
		if !strings.Contains(" "+s.schemes+" ", " "+e.Scheme+" ") {
			return fmt.Errorf("%q (%s): %w", s.url, s.schemes, ErrScheme)
		}
	}
	if !some {
		return ErrNoServer
	}
	if d.SMTPURL != "" && d.IMAPURL == "" {
		return ErrSendAlone
	}
	return nil
}

// Insecure lists the server addresses that are used without any encryption. That is allowed on the loopback address
// only, and a person should be told.
func (d Draft) Insecure() []string {
	var plain []string
	for _, u := range []string{d.IMAPURL, d.SMTPURL, d.FilesURL, d.TasksURL} {
		if u == "" {
			continue
		}
		if e, err := transport.ParseEndpoint(u); err == nil && !e.TLS && !e.StartTLS {
			plain = append(plain, u)
		}
	}
	return plain
}

// Account gives what is stored of a draft that passes Validate.
func (d Draft) Account() storage.Account {
	d = d.Normalised()
	return storage.Account{
		Name: d.Name, Email: d.Email, User: d.User, DisplayName: d.DisplayName, IMAPURL: d.IMAPURL, SMTPURL: d.SMTPURL,
		FilesURL: d.FilesURL, TasksURL: d.TasksURL, CAPEM: d.CAPEM,
	}
}

func holdsCertificate(caPEM string) bool {
	rest, found := []byte(caPEM), false
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return found
		}
		if block.Type == "CERTIFICATE" {
			if _, err := x509.ParseCertificate(block.Bytes); err != nil {
				return false
			}
			found = true
		}
	}
}
