// SPDX-License-Identifier: EUPL-1.2

package accounts_test

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/xdg-go/scram"

	"kontor/storage"
	"kontor/sync/servertest"
	"kontor/sync/transport"
)

// sasl is a mail server that signs people in as it is told and does nothing else. It speaks IMAP, or SMTP.
type sasl struct {
	smtp bool
	way  string // a mechanism; or "liar", which accepts anything as SCRAM-SHA-256, or "busy", which has no time to look
}

func (s sasl) listen(t *testing.T) string {
	t.Helper()
	return servertest.Listen(t, func(c net.Conn) { s.serve(t, c) })
}

func (s sasl) serve(t *testing.T, c net.Conn) {
	br := bufio.NewReader(c)
	say := func(imap, smtp string, args ...any) {
		if s.smtp {
			imap = smtp
		}
		_, _ = fmt.Fprintf(c, imap+"\r\n", args...)
	}
	read := func() (string, bool) {
		line, err := br.ReadString('\n')
		return strings.TrimRight(line, "\r\n"), err == nil
	}
	offer := strings.NewReplacer("liar", "SCRAM-SHA-256", "busy", "PLAIN").Replace(s.way)
	say("* OK ready", "220 ready")
	for {
		line, ok := read()
		if !ok {
			return
		}
		tag, rest, _ := strings.Cut(line, " ")
		if s.smtp {
			tag, rest = "", line
		}
		switch verb := strings.ToUpper(rest); {
		case strings.HasPrefix(verb, "AUTH"):
			initial := ""
			if fields := strings.Fields(rest); len(fields) > 2 {
				initial = fields[2]
			}
			if s.way == "busy" {
				say(tag+" NO [UNAVAILABLE] later", "454 4.7.0 later")
				continue
			}
			if s.way == "liar" || s.right(t, initial, func(challenge string) string {
				say("+ "+challenge, "334 "+challenge)
				answer, _ := read()
				return answer
			}) {
				say(tag+" OK in", "235 in")
			} else {
				say(tag+" NO wrong", "535 wrong")
			}
		case strings.HasPrefix(verb, "EHLO"):
			say("", "250-here\r\n250 AUTH "+offer)
		case strings.HasPrefix(verb, "CAPABILITY"):
			say("* CAPABILITY IMAP4rev1 LOGINDISABLED SASL-IR AUTH=%s\r\n"+tag+" OK", "", offer)
		default:
			say(tag+" OK", "250 ok")
		}
	}
}

// right lets anna in, whose password is geheim.
func (s sasl) right(t *testing.T, initial string, ask func(string) string) bool {
	encode, decode := base64.StdEncoding.EncodeToString, func(text string) string {
		b, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		return string(b)
	}
	if s.way == "LOGIN" {
		return decode(ask(encode([]byte("Wer?")))) == "anna" && decode(ask(encode([]byte("Passwort bitte")))) == "geheim"
	}
	known, err := scram.SHA256.NewClient("anna", "geheim", "")
	if err != nil {
		t.Error(err)
		return false
	}
	stored, err := known.GetStoredCredentialsWithError(scram.KeyFactors{Salt: "salz", Iters: 4096})
	if err != nil {
		t.Error(err)
		return false
	}
	server, err := scram.SHA256.NewServer(func(string) (scram.StoredCredentials, error) { return stored, nil })
	if err != nil {
		t.Error(err)
		return false
	}
	talk, words := server.NewConversation(), initial
	for range 2 {
		challenge, err := talk.Step(decode(words))
		if err != nil {
			return false
		}
		words = ask(encode([]byte(challenge)))
	}
	return talk.Valid()
}

// An account can be set up where PLAIN is not offered, and a server that proves nothing is not taken for the right one.
func TestCheckOtherWaysToSignIn(t *testing.T) {
	for _, smtp := range []bool{false, true} {
		for way, want := range map[string]transport.Cause{
			"SCRAM-SHA-256": transport.CauseNone, "LOGIN": transport.CauseNone, "liar": transport.CauseSignIn, "busy": transport.CauseServer, "GSSAPI": transport.CauseSignIn,
		} {
			a := storage.Account{User: "anna"}
			if addr := (sasl{smtp, way}).listen(t); smtp {
				a.SMTPURL = "smtp://" + addr
			} else {
				a.IMAPURL = "imap://" + addr
			}
			wantCause(t, fmt.Sprint(way, smtp), one(t, a, "geheim"), want)
			if want == transport.CauseNone {
				want = transport.CauseSignIn
			}
			wantCause(t, fmt.Sprint(way, smtp, " wrong password"), one(t, a, "falsch"), want)
		}
	}
}
