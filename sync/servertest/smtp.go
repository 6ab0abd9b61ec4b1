// SPDX-License-Identifier: EUPL-1.2

package servertest

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Step is a moment in an SMTP conversation at which a ScriptedSMTP may misbehave.
type Step string

// The steps, in their order.
const (
	StepConnect Step = "connect" // after EHLO
	StepAuth    Step = "auth"
	StepMail    Step = "mail"
	StepRcpt    Step = "rcpt"
	StepData    Step = "data"  // DATA was accepted, nothing of the message has been read
	StepDot     Step = "dot"   // the whole message has been read, it is not delivered yet
	StepReply   Step = "reply" // the message is delivered, the client has not been told
)

// Fault says what a ScriptedSMTP does at a step. The zero value is: nothing unusual.
type Fault struct {
	Cut   bool            // close the connection without a word
	Code  int             // answer with this code, for example 451
	Text  string          // the text beside Code
	Hang  <-chan struct{} // say nothing until the channel is closed
	After func()          // called before any of the above
}

// Delivery is a message that an SMTP server has accepted.
type Delivery struct {
	From string
	To   []string
	Data []byte
}

// ScriptedSMTP is an SMTP server inside the test program that counts what it delivers and fails where it is told to.
type ScriptedSMTP struct {
	Addr     string // STARTTLS and AUTH PLAIN
	TLSAddr  string // TLS from the first octet on
	User     string
	Password string
	Certs    *Certificates

	forward    func(Delivery) error // called before a message counts as delivered
	knows      func(address string) bool
	open       bool // asks nobody for a password: behind another server that did
	mu         sync.Mutex
	script     func(step Step, n int) Fault
	steps      map[Step]int
	deliveries []Delivery
	servers    []*smtp.Server
}

// FaultSMTP starts a ScriptedSMTP for the test.
func FaultSMTP(t testing.TB) *ScriptedSMTP {
	t.Helper()
	s, err := StartFaultSMTP(TempDir(t))
	check(t, err)
	t.Cleanup(s.Close)
	return s
}

// StartFaultSMTP starts a ScriptedSMTP that keeps what it delivers in memory.
func StartFaultSMTP(dir string) (*ScriptedSMTP, error) {
	certs, err := NewCertificates(dir)
	if err != nil {
		return nil, err
	}
	return startSMTP(certs, func(Delivery) error { return nil }, func(string) bool { return true })
}

func startSMTP(certs *Certificates, forward func(Delivery) error, knows func(string) bool) (*ScriptedSMTP, error) {
	s := &ScriptedSMTP{User: User, Password: Password, Certs: certs, forward: forward, knows: knows, steps: map[Step]int{}}
	var err error
	if s.Addr, err = s.listen(false); err != nil {
		return nil, err
	}
	if s.TLSAddr, err = s.listen(true); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *ScriptedSMTP) listen(implicit bool) (string, error) {
	srv := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{server: s, conn: c}, s.at(StepConnect, c)
	}))
	srv.Domain = "localhost"
	srv.AllowInsecureAuth = true
	srv.TLSConfig = s.Certs.ServerTLS()
	srv.ErrorLog = log.New(io.Discard, "", 0)
	srv.ReadTimeout, srv.WriteTimeout = time.Minute, time.Minute
	srv.MaxMessageBytes = 50 << 20
	srv.EnableSMTPUTF8 = true
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	addr := l.Addr().String()
	if implicit {
		l = tls.NewListener(l, srv.TLSConfig)
	}
	s.servers = append(s.servers, srv)
	go func() { _ = srv.Serve(l) }()
	return addr, nil
}

// Close ends the server.
func (s *ScriptedSMTP) Close() {
	for _, srv := range s.servers {
		_ = srv.Close()
	}
}

// Script sets what happens at each step from now on; n counts how often the step was reached, from 1. nil behaves.
func (s *ScriptedSMTP) Script(f func(step Step, n int) Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script, s.steps = f, map[Step]int{}
}

// FailOnce misbehaves the first time that step is reached, and only then.
func (s *ScriptedSMTP) FailOnce(step Step, fault Fault) {
	s.Script(func(at Step, n int) Fault {
		if at == step && n == 1 {
			return fault
		}
		return Fault{}
	})
}

// Deliveries are the messages that were delivered so far, in order.
func (s *ScriptedSMTP) Deliveries() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.deliveries)
}

// errCut ends a conversation; the connection is closed already.
var errCut = errors.New("cut")

func (s *ScriptedSMTP) at(step Step, c *smtp.Conn) error {
	s.mu.Lock()
	s.steps[step]++
	script, n := s.script, s.steps[step]
	s.mu.Unlock()
	if script == nil {
		return nil
	}
	f := script(step, n)
	if f.After != nil {
		f.After()
	}
	if f.Hang != nil {
		<-f.Hang
	}
	if f.Cut {
		_ = c.Conn().Close()
		return errCut
	}
	if f.Code != 0 {
		return &smtp.SMTPError{Code: f.Code, EnhancedCode: smtp.EnhancedCode{f.Code / 100, 0, 0}, Message: f.Text}
	}
	return nil
}

// session is one conversation.
type session struct {
	server *ScriptedSMTP
	conn   *smtp.Conn
	from   string
	to     []string
}

func (s *session) AuthMechanisms() []string {
	if s.server.open {
		return nil
	}
	return []string{sasl.Plain, sasl.Login}
}

func (s *session) Auth(mech string) (sasl.Server, error) {
	verify := func(user, password string) error {
		if err := s.server.at(StepAuth, s.conn); err != nil {
			return err
		}
		name, _, _ := strings.Cut(user, "@")
		if name != s.server.User || password != s.server.Password {
			return smtp.ErrAuthFailed
		}
		return nil
	}
	if mech == sasl.Login {
		return &loginServer{verify: verify}, nil
	}
	return sasl.NewPlainServer(func(_, user, password string) error { return verify(user, password) }), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return s.server.at(StepMail, s.conn)
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := s.server.at(StepRcpt, s.conn); err != nil {
		return err
	}
	if !s.server.knows(to) {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user here"}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	if err := s.server.at(StepData, s.conn); err != nil {
		return err
	}
	var body bytes.Buffer
	if _, err := io.Copy(&body, r); err != nil {
		return err
	}
	if err := s.server.at(StepDot, s.conn); err != nil {
		return err
	}
	d := Delivery{From: s.from, To: slices.Clone(s.to), Data: body.Bytes()}
	if err := s.server.forward(d); err != nil {
		return err
	}
	s.server.mu.Lock()
	s.server.deliveries = append(s.server.deliveries, d)
	s.server.mu.Unlock()
	return s.server.at(StepReply, s.conn)
}

func (s *session) Reset()        { s.from, s.to = "", nil }
func (s *session) Logout() error { return nil }

// loginServer is the AUTH LOGIN that old clients use.
type loginServer struct {
	verify func(user, password string) error
	user   string
	asked  int
}

func (l *loginServer) Next(response []byte) ([]byte, bool, error) {
	l.asked++
	switch l.asked {
	case 1:
		if response == nil {
			return []byte("Username:"), false, nil
		}
		l.asked++
		fallthrough
	case 2:
		l.user = string(response)
		return []byte("Password:"), false, nil
	}
	return nil, true, l.verify(l.user, string(response))
}
