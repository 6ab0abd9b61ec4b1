// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"kontor/sync/servertest"
)

// TestRightsOnTheCommandLine: whose folders there are, who may do what with them, what is refused, and how full it is.
func TestRightsOnTheCommandLine(t *testing.T) {
	server := servertest.Dovecot(t, servertest.Options{Shared: true, Quota: "1M"})
	server.User(t, "bauamt")
	err := server.Run("bauamt", "CREATE Akten", "SETACL INBOX anna lr", "SETACL Akten anna lrswitea", "SETACL Akten bernd l")
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Deliver("x@kreis.example", []string{"bauamt@amt.example"}, []byte("Subject: Antrag\r\n\r\nx\r\n")); err != nil {
		t.Fatal(err)
	}
	d := newOffice(t)
	d.do("account", "add", "Amt", "--email", "anna@amt.example", "--user", servertest.User, "--imap", "imap://"+server.Addr, "--ca", server.Certs.CAFile, "--password-env", "PW")
	d.sync()
	var seen []string
	for _, f := range get[[]folderJSON](d, "mail", "folders") {
		if f.Owner == "bauamt" {
			seen = append(seen, fmt.Sprint(f.Name, " ", f.Role, " ", f.Rights, " ", f.Unread))
		}
	}
	if want := []string{"shared/bauamt inbox lr 1", "shared/bauamt/Akten  lrswitea 0"}; !slices.Equal(seen, want) {
		t.Errorf("%q, want %q", seen, want)
	}
	mine := get[rightsJSON](d, "mail", "rights", "shared/bauamt")
	if mine.Rights != "lr" || len(mine.Grants) != 0 || mine.Asked == nil {
		t.Errorf("a folder that is only read: %+v", mine)
	}
	all := get[rightsJSON](d, "mail", "rights", "shared/bauamt/Akten")
	if len(all.Grants) != 2 || all.Rights != "lrswitea" {
		t.Errorf("a folder whose rights are managed: %+v", all)
	}
	words := d.do("mail", "rights", "shared/bauamt/Akten", "--offline")
	for _, part := range []string{"Sie", "bernd", "liest Nachrichten", "verwaltet die Rechte"} {
		if !strings.Contains(words, part) {
			t.Errorf("%q is missing in\n%s", part, words)
		}
	}
	list := get[[]summaryJSON](d, "mail", "list", "shared/bauamt")
	if len(list) != 1 {
		t.Fatalf("%+v", list)
	}
	if said := d.refused(exitFailed, "mail", "delete", fmt.Sprint(list[0].ID)); !strings.Contains(said, "dürfen Sie nichts löschen") {
		t.Errorf("said: %s", said)
	}
	d.do("mail", "flag", fmt.Sprint(list[0].ID), "+seen")
	d.sync()
	if again := get[[]summaryJSON](d, "mail", "list", "shared/bauamt"); len(again) != 1 || !slices.Contains(again[0].Flags, "seen") {
		t.Errorf("read here: %+v", again)
	}
	accounts := get[[]jsonAccount](d, "account", "list")
	if len(accounts) != 1 || len(accounts[0].Quotas) != 1 || accounts[0].Quotas[0].Limit != 1024 {
		t.Errorf("%+v", accounts)
	}
	if text := d.do("account", "list"); !strings.Contains(text, "belegt") {
		t.Errorf("%s", text)
	}
	d.refused(exitUsage, "mail", "rights")
	d.healthy()
}
