// SPDX-License-Identifier: EUPL-1.2

package servertest_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"kontor/sync/servertest"
)

func TestDovecotServesIMAP(t *testing.T) {
	t.Parallel()
	d := servertest.Dovecot(t)
	c, err := imapclient.DialTLS(d.TLSAddr, &imapclient.Options{TLSConfig: d.Certs.ClientTLS()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login("anna", "falsch").Wait(); err == nil {
		t.Error("a wrong password was accepted")
	}
	if err := c.Login("anna@example.org", d.Password).Wait(); err != nil {
		t.Fatal(err)
	}
	boxes, err := c.List("", "*", nil).Collect()
	if err != nil {
		t.Fatal(err)
	}
	if len(boxes) != 6 {
		t.Errorf("%d folders, want INBOX and five with a special use", len(boxes))
	}
	for _, want := range []string{"CONDSTORE", "QRESYNC", "MOVE", "NOTIFY", "COMPRESS=DEFLATE"} {
		if !strings.Contains(fmt.Sprint(c.Caps()), want) {
			t.Errorf("no %s in %v", want, c.Caps())
		}
	}
}

func TestDovecotWithFewCapabilities(t *testing.T) {
	t.Parallel()
	d := servertest.Dovecot(t, servertest.Options{Capabilities: "IMAP4rev1 UIDPLUS", NoSpecialUse: true, NoTLS: true})
	c, err := imapclient.DialInsecure(d.Addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login("anna", d.Password).Wait(); err != nil {
		t.Fatal(err)
	}
	if _, ok := c.Caps()["CONDSTORE"]; ok || len(c.Caps()) != 2 {
		t.Errorf("capabilities %v", c.Caps())
	}
}

func TestDovecotComesBackAfterKill(t *testing.T) {
	t.Parallel()
	d := servertest.Dovecot(t)
	c, err := imapclient.DialTLS(d.TLSAddr, &imapclient.Options{TLSConfig: d.Certs.ClientTLS()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login("anna", d.Password).Wait(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		d.Kill()
		if err := c.Noop().Wait(); err == nil {
			t.Error("the connection outlived the server")
		}
		if conn, err := net.DialTimeout("tcp", d.Addr, time.Second); err == nil {
			conn.Close()
			t.Error("still listening after Kill")
		}
		if err := d.Start(); err != nil {
			t.Fatal(err)
		}
	}
}

// send delivers one message and gives the server's final answer.
func send(c *smtp.Client, user, password string, d servertest.Delivery) error {
	defer c.Close()
	if err := c.Auth(sasl.NewPlainClient("", user, password)); err != nil {
		return err
	}
	return c.SendMail(d.From, d.To, bytes.NewReader(d.Data))
}

func TestSMTPDeliversBetweenUsers(t *testing.T) {
	t.Parallel()
	d := servertest.Dovecot(t)
	s := servertest.SMTP(t, d)
	d.User(t, "bernd")
	mail := func(n string) servertest.Delivery {
		return servertest.Delivery{
			From: "anna@example.org", To: []string{"bernd@example.org"},
			Data: []byte("From: anna@example.org\r\nTo: bernd@example.org\r\nSubject: " + n + "\r\n\r\nHallo\r\n"),
		}
	}
	for name, dial := range map[string]func() (*smtp.Client, error){
		"starttls": func() (*smtp.Client, error) { return smtp.DialStartTLS(s.Addr, s.Certs.ClientTLS()) },
		"tls":      func() (*smtp.Client, error) { return smtp.DialTLS(s.TLSAddr, s.Certs.ClientTLS()) },
	} {
		c, err := dial()
		if err != nil {
			t.Fatal(name, err)
		}
		if err := send(c, "anna", d.Password, mail(name)); err != nil {
			t.Error(name, err)
		}
	}
	if c, err := smtp.DialTLS(s.TLSAddr, s.Certs.ClientTLS()); err != nil {
		t.Fatal(err)
	} else if err := send(c, "anna", "falsch", mail("x")); err == nil {
		t.Error("a wrong password was accepted")
	}
	got, err := d.Messages("bernd", "")
	if err != nil || len(got) != 2 || len(s.Relay.Deliveries()) != 2 {
		t.Errorf("%d mails in the box, %d relayed, want 2 (%v)", len(got), len(s.Relay.Deliveries()), err)
	}
	c, err := smtp.DialTLS(s.TLSAddr, s.Certs.ClientTLS())
	if err != nil {
		t.Fatal(err)
	}
	nobody := mail("nobody")
	nobody.To = []string{"niemand@example.org"}
	var refused *smtp.SMTPError
	if err := send(c, "anna", d.Password, nobody); !errors.As(err, &refused) || refused.Code != 550 {
		t.Errorf("an unknown recipient: %v", err)
	}
}

func TestFaultSMTP(t *testing.T) {
	t.Parallel()
	s := servertest.FaultSMTP(t)
	m := servertest.Delivery{From: "a@example.org", To: []string{"b@example.org"}, Data: []byte("Subject: x\r\n\r\ny\r\n")}
	try := func() error {
		c, err := smtp.DialTLS(s.TLSAddr, s.Certs.ClientTLS())
		if err != nil {
			return err
		}
		return send(c, s.User, s.Password, m)
	}
	for i, step := range []servertest.Step{
		servertest.StepConnect, servertest.StepAuth, servertest.StepMail,
		servertest.StepRcpt, servertest.StepData, servertest.StepDot,
	} {
		s.FailOnce(step, servertest.Fault{Cut: i%2 == 0, Code: 451, Text: "later"})
		if err := try(); err == nil {
			t.Errorf("no error at %s", step)
		}
		if n := len(s.Deliveries()); n != 0 {
			t.Errorf("%d delivered although it failed at %s", n, step)
		}
	}
	s.FailOnce(servertest.StepReply, servertest.Fault{Cut: true})
	if err := try(); err == nil {
		t.Error("no error although the answer was lost")
	}
	if n := len(s.Deliveries()); n != 1 {
		t.Errorf("%d delivered, want 1", n)
	}
	if err := try(); err != nil {
		t.Error(err)
	}
	if got := s.Deliveries(); len(got) != 2 || !bytes.Equal(got[1].Data, m.Data) {
		t.Errorf("delivered %q", got)
	}
}

func TestCertificatesAreForLocalhost(t *testing.T) {
	t.Parallel()
	ca := servertest.CA(t)
	l, err := tls.Listen("tcp", "127.0.0.1:0", ca.ServerTLS())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			_, _ = c.Write([]byte("x"))
			c.Close()
		}
	}()
	cfg := ca.ClientTLS()
	cfg.ServerName = "127.0.0.1"
	c, err := tls.Dial("tcp", l.Addr().String(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	if data, err := os.ReadFile(ca.CAFile); err != nil || string(data) != ca.CAPEM {
		t.Errorf("%s is not the authority's certificate: %v", ca.CAFile, err)
	}
}
