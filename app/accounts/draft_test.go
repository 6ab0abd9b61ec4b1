// SPDX-License-Identifier: EUPL-1.2

package accounts

import (
	"errors"
	"testing"

	"kontor/sync/transport"
)

func TestDraftValidate(t *testing.T) {
	good := Draft{Email: " lena@stadt.example ", IMAPURL: "imaps://mail.stadt.example", SMTPURL: "smtp://mail.stadt.example:587"}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	if a := good.Account(); a.Name != "lena@stadt.example" || a.User != "lena@stadt.example" || a.IMAPURL != good.IMAPURL {
		t.Errorf("account %+v", a)
	}
	if back := OfAccount(good.Account()); back != good.Normalised() {
		t.Errorf("%+v came back as %+v", good.Normalised(), back)
	}
	for what, c := range map[string]struct {
		change func(*Draft)
		want   error
	}{
		"no address":      {func(d *Draft) { d.Email = "" }, ErrNoName},
		"a broken one":    {func(d *Draft) { d.Email = "lena" }, ErrEmail},
		"with a name":     {func(d *Draft) { d.Email = "Lena <lena@stadt.example>" }, ErrEmail},
		"slash in name":   {func(d *Draft) { d.Name = "a/b" }, ErrName},
		"dots as name":    {func(d *Draft) { d.Name = ".." }, ErrName},
		"no server":       {func(d *Draft) { d.IMAPURL, d.SMTPURL = "", "" }, ErrNoServer},
		"only sending":    {func(d *Draft) { d.IMAPURL = "" }, ErrSendAlone},
		"wrong scheme":    {func(d *Draft) { d.IMAPURL = "https://mail.stadt.example" }, ErrScheme},
		"unknown scheme":  {func(d *Draft) { d.FilesURL = "ftp://stadt.example" }, transport.ErrURL},
		"no encryption":   {func(d *Draft) { d.TasksURL = "http://stadt.example" }, transport.ErrNoTLS},
		"no certificate":  {func(d *Draft) { d.CAPEM = "nichts" }, ErrCA},
		"bad certificate": {func(d *Draft) { d.CAPEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" }, ErrCA},
	} {
		d := good
		c.change(&d)
		if err := d.Validate(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", what, err, c.want)
		}
	}
}
