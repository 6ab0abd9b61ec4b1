// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/journal"
)

// password changes the password of a user on the server and waits until it counts.
func (p *post) password(user, password string) {
	p.t.Helper()
	file := filepath.Join(p.server.Dir, "passwd")
	old, err := os.ReadFile(file)
	p.must(err)
	var lines []string
	for line := range strings.Lines(string(old)) {
		if fields := strings.SplitN(line, ":", 3); fields[0] == user {
			line = user + ":{PLAIN}" + password + ":" + fields[2]
		}
		lines = append(lines, line)
	}
	p.must(os.WriteFile(file, []byte(strings.Join(lines, "")), 0o644))
	eventually(p.t, func() error {
		if a := p.call("account", "test", "amt"); a.code != exitFailed {
			return errors.New("the old password is still good")
		}
		return nil
	})
}

// sending is the newest operation that sends.
func (p *post) sending() opJSON {
	p.t.Helper()
	var newest opJSON
	for _, op := range get[[]opJSON](p.office, "journal", "list", "--all", "50") {
		if op.Kind == journal.MailSend && op.ID > newest.ID {
			newest = op
		}
	}
	return newest
}

const bescheid = "From: anna@stadt.example\r\nTo: bernd@stadt.example\r\nBcc: clara@stadt.example\r\nSubject: Bescheid\r\nMessage-ID: <b1@stadt.example>\r\n\r\nGuten Tag\r\n"

// The password is changed while the account is in use: reading, writing and marking go on, and what waited goes out once
// when the new one is given. Nobody sees who got a hidden copy.
func TestNewPasswordStopsNothing(t *testing.T) {
	p := startPost(t, "anna")
	p.append("INBOX", letter(1))
	p.setUp()
	p.sync()
	p.password("anna", "ganz-neu")
	p.do("mail", "send", p.write("b.eml", bescheid))
	mails := get[[]struct{ ID int64 }](p.office, "mail", "list", "INBOX")
	if len(mails) != 1 {
		t.Fatalf("%v", mails)
	}
	p.do("mail", "flag", idText(mails[0].ID), "+seen")
	reason := p.refused(exitFailed, "sync")
	if !strings.Contains(reason, i18n.T("app.error.cause.sign-in.title")) {
		t.Errorf("%s", reason)
	}
	if op := p.sending(); op.State != journal.Waiting || p.do("mail", "show", idText(mails[0].ID), "--text") == "" {
		t.Errorf("%+v", op)
	}
	if n := len(p.server.Relay.Deliveries()); n != 0 {
		t.Fatalf("%d deliveries", n)
	}
	t.Setenv("PW2", "ganz-neu")
	p.do("account", "password", "amt", "--password-env", "PW2")
	p.sync()
	for _, name := range []string{"bernd", "clara"} {
		all, err := p.server.Messages(name, "")
		if err != nil || len(all) != 1 || bytes.Contains(bytes.ToLower(all[0]), []byte("clara@")) && !bytes.Contains(all[0], []byte("Delivered-To")) {
			t.Errorf("%s has %q %v", name, all, err)
		}
	}
	if sent, err := p.server.Messages("anna", ".Sent"); err != nil || len(sent) != 1 {
		t.Errorf("%d copies, %v", len(sent), err)
	}
	p.proves()
	p.healthy()
}

// proves reads the proof of what was sent, by the operation and by the message, in words and for programs.
func (p *post) proves() {
	p.t.Helper()
	op := p.sending()
	proof := get[app.Proof](p.office, "journal", "proof", idText(op.ID))
	if len(proof.Recipients) != 2 || proof.Recipients[0].State != app.ProofAccepted || !strings.HasPrefix(proof.Recipients[0].Reply, "250 ") ||
		proof.Copy == nil || !strings.HasPrefix(proof.Copy.Proof, "APPENDUID ") || proof.Recipients[0].At.IsZero() {
		p.t.Errorf("%+v %+v", proof, proof.Copy)
	}
	if text := p.do("mail", "proof", idText(proof.Message)); !strings.Contains(text, proof.Recipients[0].Reply) || !strings.HasPrefix(text, i18n.T("send.proof.title")) {
		p.t.Errorf("%s", text)
	}
	p.refused(exitUsage, "mail", "proof")
	p.refused(exitFailed, "journal", "proof", "999999")
}

// A message is passed on as it is, by one of several identities.
func TestRedirectAsAnIdentity(t *testing.T) {
	p := startPost(t, "anna")
	p.append("INBOX", letter(3))
	p.setUp()
	p.sync()
	for _, wrong := range [][]string{{"list"}, {"vielleicht", "amt"}, {"add", "amt"}, {"list", "amt", "x"}} {
		p.refused(exitUsage, append([]string{"account", "identity"}, wrong...)...)
	}
	p.refused(exitFailed, "account", "identity", "add", "amt", "keine Adresse")
	p.refused(exitFailed, "account", "identity", "remove", "amt", "niemand@stadt.example")
	signature := p.write("unterschrift.txt", "Poststelle\n")
	p.do("account", "identity", "add", "amt", "post@stadt.example", "--name", "Poststelle", "--signature", signature, "--default", "--sent", "Archive")
	p.do("account", "identity", "add", "amt", "post@stadt.example", "--name", "Die Poststelle", "--default") // the same, changed
	list := get[[]identityJSON](p.office, "account", "identity", "list", "amt")
	if len(list) != 2 || list[1].Name != "Die Poststelle" || !list[1].Default || list[0].Default || list[0].Address != "anna@stadt.example" {
		t.Fatalf("%+v", list)
	}
	id := get[[]struct{ ID int64 }](p.office, "mail", "list", "INBOX")[0].ID
	p.refused(exitFailed, "mail", "redirect", idText(id), "bernd@stadt.example", "--from", "fremd@stadt.example")
	p.refused(exitUsage, "mail", "redirect", idText(id))
	p.do("mail", "redirect", idText(id), "bernd@stadt.example")
	p.do("journal", "retry", fmt.Sprint(p.sending().ID)) // without the time to call it back
	p.sync()
	all, err := p.server.Messages("bernd", "")
	if err != nil || len(all) != 1 {
		t.Fatalf("%d messages, %v", len(all), err)
	}
	got := strings.ReplaceAll(string(all[0]), "\r\n", "\n")
	if !strings.HasSuffix(got, strings.ReplaceAll(letter(3), "\r\n", "\n")) || !strings.Contains(got, "\nResent-From: Die Poststelle <post@stadt.example>\n") {
		t.Errorf("%s", got)
	}
	p.do("account", "identity", "remove", "amt", "post@stadt.example")
	if list := get[[]identityJSON](p.office, "account", "identity", "list", "amt"); len(list) != 1 || !list[0].Default {
		t.Errorf("%+v", list)
	}
	p.healthy()
}

// Some recipients are refused: the others have the message, and the refused one is told and can be given up.
func TestRefusedRecipientIsToldAndGivenUp(t *testing.T) {
	p := startPost(t, "anna")
	p.setUp()
	p.sync()
	p.do("mail", "send", p.write("b.eml", strings.Replace(bescheid, "Bcc: clara", "Cc: niemand", 1)))
	p.call("sync")
	rest := p.sending()
	if rest.State != journal.Failed || !strings.Contains(rest.Error, "niemand@stadt.example: 550") {
		t.Fatalf("%+v", rest)
	}
	if rest.Cause != "send.no-mailbox" || !strings.HasPrefix(rest.Problem, i18n.T("send.error.no-mailbox.title")) {
		t.Errorf("%+v", rest)
	}
	if words := p.do("journal"); !strings.Contains(words, "niemand@stadt.example") {
		t.Errorf("%s", words)
	}
	proof := get[app.Proof](p.office, "journal", "proof", idText(rest.ID))
	if len(proof.Recipients) != 2 || proof.Recipients[0].State != app.ProofAccepted || proof.Recipients[1].State != app.ProofRefused {
		t.Errorf("%+v", proof.Recipients)
	}
	if a := p.call("journal", "retry", idText(rest.ID)); a.code != exitDone {
		t.Error(a.err)
	}
	p.call("sync")
	if all, err := p.server.Messages("bernd", ""); err != nil || len(all) != 1 {
		t.Errorf("bernd has %d, %v", len(all), err)
	}
	p.do("journal", "cancel", idText(rest.ID))
	p.sync()
	if sent, err := p.server.Messages("anna", ".Sent"); err != nil || len(sent) != 1 {
		t.Errorf("%d copies, %v", len(sent), err)
	}
	if list := get[[]struct{ ID int64 }](p.office, "mail", "list", "Drafts"); len(list) != 0 {
		t.Errorf("it became a draft: %v", list)
	}
	p.healthy()
}
