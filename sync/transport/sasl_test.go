// SPDX-License-Identifier: EUPL-1.2

package transport

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/xdg-go/scram"
)

func TestMechanismIsChosen(t *testing.T) {
	old, current := &tls.ConnectionState{Version: tls.VersionTLS12}, &tls.ConnectionState{Version: tls.VersionTLS13}
	for _, c := range []struct {
		what    string
		offered string
		in      SignIn
		want    string
		err     error
	}{
		{"quickest over TLS", "SCRAM-SHA-256 PLAIN LOGIN", SignIn{TLS: current}, "PLAIN", nil},
		{"names in any case", "plain", SignIn{TLS: current}, "PLAIN", nil},
		{"no PLAIN there", "LOGIN SCRAM-SHA-256", SignIn{TLS: current}, "SCRAM-SHA-256", nil},
		{"only LOGIN", "GSSAPI LOGIN", SignIn{TLS: old}, "LOGIN", nil},
		{"in the clear on this machine", "PLAIN", SignIn{Host: "127.0.0.1"}, "PLAIN", nil},
		{"in the clear elsewhere", "PLAIN LOGIN", SignIn{Host: "mail.amt.example"}, "", ErrNoTLS},
		{"in the clear elsewhere with proof", "PLAIN SCRAM-SHA-256", SignIn{Host: "mail.amt.example"}, "SCRAM-SHA-256", nil},
		{"never the password", "PLAIN LOGIN", SignIn{TLS: current, Policy: SASLProof}, "", ErrMechanism},
		{"proof rather than password", "PLAIN SCRAM-SHA-256", SignIn{TLS: current, Policy: SASLProof}, "SCRAM-SHA-256", nil},
		{"not bound before TLS 1.3", "SCRAM-SHA-256-PLUS SCRAM-SHA-256", SignIn{TLS: old}, "SCRAM-SHA-256", nil},
		{"not bound without TLS", "SCRAM-SHA-256-PLUS", SignIn{Host: "localhost"}, "", ErrMechanism},
		{"nothing known", "GSSAPI NTLM", SignIn{TLS: current}, "", ErrMechanism},
	} {
		c.in.User, c.in.Secret = "anna", "geheim"
		got, err := c.in.Mechanism(strings.Fields(c.offered))
		if !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		if err != nil {
			if CauseOf(err) != CauseSignIn {
				t.Errorf("%s: told as %q", c.what, CauseOf(err))
			}
			continue
		}
		if got.Name != c.want {
			t.Errorf("%s: %s, want %s", c.what, got.Name, c.want)
		}
	}
}

// tlsPair gives both ends' view of an encrypted connection.
func tlsPair(t *testing.T) (client, server *tls.ConnectionState) {
	t.Helper()
	certs := httptest.NewTLSServer(nil)
	certs.Close()
	a, b := net.Pipe()
	t.Cleanup(func() { _ = errors.Join(a.Close(), b.Close()) })
	far := tls.Server(b, &tls.Config{Certificates: certs.TLS.Certificates})
	done := make(chan error, 1)
	go func() { done <- far.Handshake() }()
	near := tls.Client(a, &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // only the binding matters here
	if err := errors.Join(near.Handshake(), <-done); err != nil {
		t.Fatal(err)
	}
	mine, theirs := near.ConnectionState(), far.ConnectionState()
	return &mine, &theirs
}

func exchange(t *testing.T, m *Mechanism, server *scram.ServerConversation) error {
	t.Helper()
	_, words, err := m.Start()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		challenge, err := server.Step(string(words))
		if err != nil {
			return err
		}
		if words, err = m.Next([]byte(challenge)); err != nil {
			return err
		}
	}
	return m.Verify()
}

// scramServer knows the password of anna.
func scramServer(t *testing.T, password string) *scram.Server {
	t.Helper()
	known, err := scram.SHA256.NewClient("anna", password, "")
	if err != nil {
		t.Fatal(err)
	}
	stored, err := known.GetStoredCredentialsWithError(scram.KeyFactors{Salt: "salz", Iters: 4096})
	if err != nil {
		t.Fatal(err)
	}
	server, err := scram.SHA256.NewServer(func(string) (scram.StoredCredentials, error) { return stored, nil })
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func TestProofOfThePassword(t *testing.T) {
	mine, theirs := tlsPair(t)
	server := scramServer(t, "geheim")
	start := func(in SignIn, offered ...string) *Mechanism {
		in.User = "anna"
		m, err := in.Mechanism(offered)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	if err := exchange(t, start(SignIn{Secret: "geheim", TLS: mine}, "SCRAM-SHA-256"), server.NewConversation()); err != nil {
		t.Error(err)
	}
	if err := exchange(t, start(SignIn{Secret: "falsch", TLS: mine}, "SCRAM-SHA-256"), server.NewConversation()); err == nil {
		t.Error("a wrong password was good enough")
	}
	binding, err := scram.NewTLSExporterBinding(theirs)
	if err != nil {
		t.Fatal(err)
	}
	m := start(SignIn{Secret: "geheim", TLS: mine}, "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256")
	if err := exchange(t, m, server.NewConversationWithChannelBinding(binding)); err != nil || m.Name != "SCRAM-SHA-256-PLUS" {
		t.Errorf("%s: %v", m.Name, err)
	}
	other, _ := tlsPair(t)
	m = start(SignIn{Secret: "geheim", TLS: other}, "SCRAM-SHA-256-PLUS")
	if err := exchange(t, m, server.NewConversationWithChannelBinding(binding)); err == nil {
		t.Error("somebody in between was not noticed")
	}
	m = start(SignIn{Secret: "geheim", TLS: mine}, "SCRAM-SHA-256") // the -PLUS was taken out on the way
	if err := exchange(t, m, server.NewConversationWithChannelBindingRequired(binding)); err == nil {
		t.Error("a shortened list was not noticed")
	}
}

// A server that accepts without having proved that it knows the password is not the server.
func TestImpostor(t *testing.T) {
	start := func() (*Mechanism, string) {
		m, err := SignIn{User: "anna", Secret: "geheim", Policy: SASLProof}.Mechanism([]string{"SCRAM-SHA-256"})
		if err != nil {
			t.Fatal(err)
		}
		_, first, err := m.Start()
		if err != nil {
			t.Fatal(err)
		}
		_, nonce, _ := strings.Cut(string(first), "r=")
		return m, nonce
	}
	m, nonce := start()
	if err := m.Verify(); !errors.Is(err, ErrImpostor) || CauseOf(err) != CauseSignIn {
		t.Errorf("accepted at once: %v", err)
	}
	if _, err := m.Next([]byte("r=" + nonce + "x,s=c2Fseg==,i=4096")); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Next([]byte("v=" + strings.Repeat("A", 43) + "=")); !errors.Is(err, ErrSignIn) {
		t.Errorf("a wrong proof: %v", err)
	}
	if err := m.Verify(); !errors.Is(err, ErrImpostor) {
		t.Errorf("after a wrong proof: %v", err)
	}
	for _, challenge := range []string{"r=" + nonce + "x,s=c2Fseg==,i=4000000000", "r=other,s=c2Fseg==,i=4096", "r=" + nonce + "x,s=c2Fseg==,i=1", "?"} {
		m, own := start()
		if _, err := m.Next([]byte(strings.Replace(challenge, nonce, own, 1))); err == nil {
			t.Errorf("%s: went on", challenge)
		}
	}
}
