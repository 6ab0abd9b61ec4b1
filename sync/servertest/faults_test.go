// SPDX-License-Identifier: EUPL-1.2

package servertest_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"pgregory.net/rapid"

	"kontor/sync/servertest"
)

// TestProxyCutsWhereItIsTold: exactly the octets up to the cut pass, whatever pieces they come in, in either direction;
// the connection breaks rather than ends, and the next one is whole.
func TestProxyCutsWhereItIsTold(t *testing.T) {
	target := echo(t)
	rapid.Check(t, func(rt *rapid.T) {
		p, err := servertest.StartProxy(target)
		if err != nil {
			rt.Fatal(err)
		}
		defer p.Close()
		n := rapid.IntRange(1, 5000).Draw(rt, "cut")
		up := rapid.Bool().Draw(rt, "on the way up")
		if p.CutDown(int64(n)); up {
			p.CutDown(-1)
			p.CutUp(int64(n))
		}
		c, err := net.Dial("tcp", p.Addr)
		if err != nil {
			rt.Fatal(err)
		}
		defer c.Close()
		pieces := rapid.SliceOfN(rapid.IntRange(1, 3000), 1, 4).Draw(rt, "pieces")
		written := make(chan error, 1)
		go func() {
			var err error
			for _, size := range pieces {
				if err == nil {
					_, err = c.Write(bytes.Repeat([]byte("x"), size))
				}
			}
			for i := 0; i < 5001 && err == nil; i++ { // enough in any case
				_, err = c.Write([]byte("y"))
			}
			written <- err
		}()
		got, err := io.ReadAll(c)
		// The system tells of the break once: whoever asks first hears of it, reader or writer.
		if err == nil && !up && <-written == nil {
			rt.Fatalf("an orderly end after %d octets", len(got))
		}
		if len(got) > n || (!up && p.Down.Load() != int64(n)) || (up && p.Up.Load() != int64(n)) {
			rt.Fatalf("%d octets came, %d up and %d down, cut at %d", len(got), p.Up.Load(), p.Down.Load(), n)
		}
		whole, err := net.Dial("tcp", p.Addr)
		if err != nil {
			rt.Fatal(err)
		}
		defer whole.Close()
		if got, err := ask(whole, 6000); err != nil || got != 6000 {
			rt.Fatalf("the next connection: %d octets, %v", got, err)
		}
	})
}

// TestProxyServesManyAtOnce: connections do not disturb each other, closing one direction keeps the other open, and all
// end with the proxy.
func TestProxyServesManyAtOnce(t *testing.T) {
	t.Parallel()
	p := servertest.Proxy(t, echo(t))
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			c, err := net.Dial("tcp", p.Addr)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			want := bytes.Repeat([]byte{byte(i)}, 70000)
			go func() {
				_, _ = c.Write(want)
				_ = c.(*net.TCPConn).CloseWrite()
			}()
			if got, err := io.ReadAll(c); err != nil || !bytes.Equal(got, want) {
				t.Errorf("connection %d: %d octets, %v", i, len(got), err)
			}
		})
	}
	wg.Wait()
	if p.Connections.Load() != 20 || p.Up.Load() != 20*70000 || p.Down.Load() != 20*70000 {
		t.Errorf("%d connections, %d up, %d down", p.Connections.Load(), p.Up.Load(), p.Down.Load())
	}
	c := dial(t, p)
	if _, err := ask(c, 5); err != nil {
		t.Fatal(err)
	}
	p.Close()
	p.Close() // twice does no harm
	if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a connection outlives the proxy: %v", err)
	}
	if _, err := net.Dial("tcp", p.Addr); err == nil {
		t.Error("the proxy still listens")
	}
}

// TestProxyDropsOnlyWhatIsOpen: a drop breaks what is open, and nothing after it; a target that is gone is a connection
// that breaks.
func TestProxyDropsOnlyWhatIsOpen(t *testing.T) {
	t.Parallel()
	p := servertest.Proxy(t, echo(t))
	c := dial(t, p)
	if _, err := ask(c, 5); err != nil {
		t.Fatal(err)
	}
	p.Drop()
	if _, err := io.ReadAll(c); err == nil {
		t.Error("the connection ended in order")
	}
	if _, err := ask(dial(t, p), 5); err != nil {
		t.Errorf("after a drop: %v", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := servertest.Proxy(t, l.Addr().String())
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := reach(gone); err == nil {
		t.Error("something answered in the place of a server that is gone")
	}
}

// TestEveryStepOfSMTPCanFail: at each step, with each fault, the client learns what it can learn, and the message counts
// as delivered exactly from the reply on.
func TestEveryStepOfSMTPCanFail(t *testing.T) {
	t.Parallel()
	s := servertest.FaultSMTP(t)
	m := servertest.Delivery{From: "a@example.org", To: []string{"b@example.org", "c@example.org"}, Data: []byte("Subject: x\r\n\r\n.\r\n")}
	try := func() error {
		c, err := smtp.DialTLS(s.TLSAddr, s.Certs.ClientTLS())
		if err != nil {
			return err
		}
		return send(c, s.User, s.Password, m)
	}
	delivered := 0
	for _, step := range []servertest.Step{
		servertest.StepConnect, servertest.StepAuth, servertest.StepMail, servertest.StepRcpt, servertest.StepData, servertest.StepDot, servertest.StepReply,
	} {
		for name, fault := range map[string]servertest.Fault{"cut": {Cut: true}, "later": {Code: 451, Text: "später"}, "never": {Code: 554, Text: "nie"}} {
			called := false
			fault.After = func() { called = true }
			s.FailOnce(step, fault)
			err := try()
			var answer *smtp.SMTPError
			if told := errors.As(err, &answer); err == nil || !called || (fault.Cut && told) || (!fault.Cut && (!told || answer.Code != fault.Code)) {
				t.Errorf("%s at %s: %v", name, step, err)
			}
			if step == servertest.StepReply {
				delivered++
			}
			if n := len(s.Deliveries()); n != delivered {
				t.Fatalf("%s at %s: %d delivered, want %d", name, step, n, delivered)
			}
			if err := try(); err != nil {
				t.Errorf("once is once, %s at %s: %v", name, step, err)
			}
			delivered++
		}
	}
	got := s.Deliveries()[0]
	if !bytes.Equal(got.Data, m.Data) || !slices.Equal(got.To, m.To) || got.From != m.From {
		t.Errorf("%+v", got)
	}
}

// TestSMTPHangsUntilItIsReleased: a server that says nothing holds up one conversation, and no other.
func TestSMTPHangsUntilItIsReleased(t *testing.T) {
	t.Parallel()
	s := servertest.FaultSMTP(t)
	release, hung := make(chan struct{}), make(chan struct{})
	s.FailOnce(servertest.StepDot, servertest.Fault{Hang: release, After: func() { close(hung) }})
	try := func() error {
		c, err := smtp.DialStartTLS(s.Addr, s.Certs.ClientTLS())
		if err != nil {
			return err
		}
		return send(c, s.User, s.Password, servertest.Delivery{From: "a@example.org", To: []string{"b@example.org"}, Data: []byte("\r\nx\r\n")})
	}
	first := make(chan error, 1)
	go func() { first <- try() }()
	<-hung
	if err := try(); err != nil || len(s.Deliveries()) != 1 {
		t.Errorf("another conversation: %v, %d delivered", err, len(s.Deliveries()))
	}
	close(release)
	if err := <-first; err != nil || len(s.Deliveries()) != 2 {
		t.Errorf("after the release: %v, %d delivered", err, len(s.Deliveries()))
	}
}

// TestServersComeBackAtTheirAddress: a server that was stopped or killed is gone, and back with what it held, where
// clients look for it.
func TestServersComeBackAtTheirAddress(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(testing.TB) *servertest.DAVServer{
		"apache": func(t testing.TB) *servertest.DAVServer { return servertest.Apache(t) },
		"nginx":  servertest.Nginx,
		"rclone": servertest.RcloneServe,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := start(t)
			if err := d.Write("a/b.txt", []byte("eins")); err != nil {
				t.Fatal(err)
			}
			for how, end := range map[string]func(){"stopped": d.Stop, "killed": d.Kill} {
				end()
				client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
				if resp, err := client.Get(d.URL); err == nil {
					t.Errorf("%s, and it answers %d", how, resp.StatusCode)
					_ = resp.Body.Close()
				}
				if err := d.Start(); err != nil {
					t.Fatalf("%s: %v", how, err)
				}
				if code, body := request(t, client, d, "GET", "a/b.txt", ""); code != http.StatusOK || body != "eins" {
					t.Errorf("%s and started again: %d %q", how, code, body)
				}
			}
		})
	}
}

// TestFilesOnTheServerAge: what another client wrote long ago looks like it, and the request log begins anew.
func TestFilesOnTheServerAge(t *testing.T) {
	t.Parallel()
	d := servertest.Apache(t)
	if err := errors.Join(d.Write("a", []byte("x")), d.Mkdir("leer/tief")); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(d.Path("a"))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Age("a", time.Hour); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(d.Path("a"))
	if err != nil || before.ModTime().Sub(after.ModTime()).Round(time.Minute) != time.Hour {
		t.Errorf("%v became %v, %v", before.ModTime(), after.ModTime(), err)
	}
	if err := d.Age("fehlt", time.Hour); err == nil {
		t.Error("what is not there grew older")
	}
	if code, _ := request(t, http.DefaultClient, d, "PROPFIND", "leer/tief/", "", "Depth", "0"); code != http.StatusMultiStatus {
		t.Errorf("a folder that was laid down: %d", code)
	}
	logged := func() bool {
		return slices.ContainsFunc(d.RequestLog(), func(l string) bool { return strings.Contains(l, "PROPFIND") && strings.Contains(l, "leer/tief") })
	}
	for deadline := time.Now().Add(10 * time.Second); !logged(); { // Apache writes it after it has answered
		if time.Now().After(deadline) {
			t.Fatalf("log %q", d.RequestLog())
		}
	}
	if err := d.ClearLog(); err != nil || len(d.RequestLog()) != 0 {
		t.Errorf("%v, log %q", err, d.RequestLog())
	}
}

// TestAuthoritiesAreStrangers: a certificate is trusted by who knows its authority, and by nobody else.
func TestAuthoritiesAreStrangers(t *testing.T) {
	t.Parallel()
	ours, theirs := servertest.CA(t), servertest.CA(t)
	l, err := tls.Listen("tcp", "127.0.0.1:0", ours.ServerTLS())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = fmt.Fprint(c, "hallo")
				_ = c.Close()
			}()
		}
	}()
	for name, tc := range map[string]struct {
		certs *servertest.Certificates
		ok    bool
	}{"ours": {ours, true}, "theirs": {theirs, false}} {
		c, err := tls.Dial("tcp", l.Addr().String(), tc.certs.ClientTLS())
		if (err == nil) != tc.ok {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			_ = c.Close()
		}
	}
	for _, file := range []string{ours.CAFile, ours.CertFile, ours.KeyFile} {
		if data, err := os.ReadFile(file); err != nil || !bytes.HasPrefix(data, []byte("-----BEGIN ")) {
			t.Errorf("%s: %v", file, err)
		}
	}
}
