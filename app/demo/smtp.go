// SPDX-License-Identifier: EUPL-1.2

package demo

import (
	"fmt"
	"io"
	"log"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

var (
	errDisturbed = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "The service is disturbed"}
	errUnknown   = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "Nobody has this address here"}
)

func newSMTPServer(w *World) *smtp.Server {
	s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &sending{world: w, conn: c, gate: w.gates[SMTP]}, nil
	}))
	s.Domain = "mail.stadt.example"
	s.AllowInsecureAuth = true
	s.MaxMessageBytes = 50 << 20
	s.EnableSMTPUTF8 = true
	s.ErrorLog = log.New(io.Discard, "", 0)
	return s
}

// sending is one SMTP connection.
type sending struct {
	world *World
	conn  *smtp.Conn
	gate  *gate
	user  *User
	from  string
	to    []string
}

var _ smtp.AuthSession = (*sending)(nil)

// AuthMechanisms is part of smtp.AuthSession.
func (s *sending) AuthMechanisms() []string { return []string{sasl.Plain, sasl.Login} }

// Auth is part of smtp.AuthSession.
func (s *sending) Auth(mech string) (sasl.Server, error) {
	check := func(username, password string) error {
		u := s.world.user(username)
		if u == nil || u.password() != password {
			return smtp.ErrAuthFailed
		}
		s.user = u
		return nil
	}
	switch mech {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, username, password string) error { return check(username, password) }), nil
	case sasl.Login:
		return &loginServer{check: check}, nil
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

// loginServer speaks the LOGIN mechanism, which go-sasl has for clients only.
type loginServer struct {
	step     int
	username string
	check    func(username, password string) error
}

// Next is part of sasl.Server.
func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	l.step++
	switch {
	case l.step == 1 && response == nil:
		return []byte("Username:"), false, nil
	case l.step <= 2 && l.username == "":
		l.step, l.username = 2, string(response)
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(l.username, string(response))
}

// Mail is part of smtp.Session.
func (s *sending) Mail(from string, _ *smtp.MailOptions) error {
	switch {
	case s.gate.get().Status != 0:
		return errDisturbed
	case s.user == nil:
		return smtp.ErrAuthRequired
	}
	s.from = from
	return nil
}

// Rcpt is part of smtp.Session. Addresses of other domains are accepted and end nowhere.
func (s *sending) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.world.user(to) == nil && strings.HasSuffix(strings.ToLower(to), "@"+Domain) && !isColleague(to) {
		return errUnknown
	}
	s.to = append(s.to, to)
	return nil
}

// Data is part of smtp.Session. The message is delivered before the answer is sent.
func (s *sending) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.world.deliver(s.from, s.to, raw)
	if s.gate.get().LoseAnswer {
		cut(s.conn.Conn())
		return errLost
	}
	return nil
}

// Reset is part of smtp.Session.
func (s *sending) Reset() { s.from, s.to = "", nil }

// Logout is part of smtp.Session.
func (s *sending) Logout() error { return nil }

// deliver puts a message into the INBOX of each recipient who has one.
func (w *World) deliver(from string, to []string, raw []byte) {
	w.mu.Lock()
	w.sent = append(w.sent, Sent{From: from, To: to, Raw: raw})
	w.mu.Unlock()
	now := time.Now()
	head := fmt.Sprintf("Return-Path: <%s>\r\nReceived: from client by mail.%s with ESMTPSA; %s\r\n", from, Domain, now.Format(time.RFC1123Z))
	for _, address := range to {
		u := w.user(address)
		if u == nil {
			continue
		}
		u.post.mu.Lock()
		u.post.boxes[inbox].appendLocked(append([]byte(head), raw...), now, nil)
		u.post.mu.Unlock()
	}
}
