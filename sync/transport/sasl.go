// SPDX-License-Identifier: EUPL-1.2

package transport

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/xdg-go/scram"
)

// SettingSASL is the key of the setting that holds SASLProof where a password must never be handed to a mail server.
const SettingSASL = "mail.sasl"

// SASLProof stands for mechanisms that prove the knowledge of a password without handing it over.
const SASLProof = "scram"

// Names of mechanisms that package sasl does not know (RFC 7677).
const (
	mechanismSCRAM     = "SCRAM-SHA-256"
	mechanismSCRAMPlus = "SCRAM-SHA-256-PLUS"
)

// maxIterations is how often a server may ask to hash a password: a second of work, and far more than any asks for.
const maxIterations = 1 << 20

// Why a sign-in did not take place or does not count.
var (
	// ErrMechanism: there is no common way to sign in with a password.
	ErrMechanism = errors.New("the server offers no way to sign in with a password")
	// ErrImpostor: the server did not prove that it knows the password (RFC 5802, section 3).
	ErrImpostor = errors.New("the server did not prove that it knows the password")
)

// SignIn is what is needed to sign in to a server that speaks SASL (RFC 4422).
type SignIn struct {
	User, Secret string
	Host         string               // of the server; only on the loopback address is a password sent without TLS
	TLS          *tls.ConnectionState // nil for a connection that is not encrypted
	Policy       string               // SASLProof, or empty for the quickest safe way
}

// Mechanism chooses among the names of mechanisms that a server offers. Over TLS PLAIN is as safe and takes no turns, and
// works with whatever form the server keeps passwords in; without TLS, and where the policy wants it, the password is not
// handed over. The error is ErrSignIn with ErrMechanism or ErrNoTLS.
func (s SignIn) Mechanism(offered []string) (*Mechanism, error) {
	has := func(name string) bool {
		return slices.ContainsFunc(offered, func(o string) bool { return strings.EqualFold(o, name) })
	}
	open := s.Policy != SASLProof && (s.TLS != nil || IsLoopback(s.Host))
	plus := has(mechanismSCRAMPlus) && s.bindable()
	switch {
	case open && has(sasl.Plain):
		return &Mechanism{Name: sasl.Plain, Client: sasl.NewPlainClient("", s.User, s.Secret)}, nil
	case plus || has(mechanismSCRAM):
		return s.scram(plus, offered)
	case open && has(sasl.Login):
		return &Mechanism{Name: sasl.Login, Client: &loginClient{replies: []string{s.User, s.Secret}}}, nil
	case !open && s.Policy != SASLProof:
		return nil, fmt.Errorf("%w: %w", ErrSignIn, ErrNoTLS)
	}
	return nil, fmt.Errorf("%w: %w: %s", ErrSignIn, ErrMechanism, strings.Join(offered, " "))
}

// bindable reports whether the sign-in can be bound to the encrypted connection: from TLS 1.3 on all servers that do it
// agree how (RFC 9266).
func (s SignIn) bindable() bool { return s.TLS != nil && s.TLS.Version >= tls.VersionTLS13 }

func (s SignIn) scram(plus bool, offered []string) (*Mechanism, error) {
	client, err := scram.SHA256.NewClient(s.User, s.Secret, "")
	if err != nil { // letters that SASLprep (RFC 4013) forbids: some servers compare them as they are
		client, err = scram.SHA256.NewClientUnprepped(s.User, s.Secret, "")
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSignIn, err)
	}
	if plus {
		binding, err := scram.NewTLSExporterBinding(s.TLS)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrSignIn, err)
		}
		talk := &scramClient{name: mechanismSCRAMPlus, talk: client.NewConversationWithChannelBinding(binding)}
		return &Mechanism{Name: talk.name, Client: talk, proved: talk.talk.Valid}, nil
	}
	talk := &scramClient{name: mechanismSCRAM, talk: client.NewConversation()}
	stripped := slices.ContainsFunc(offered, func(o string) bool { return strings.HasSuffix(strings.ToUpper(o), "-PLUS") })
	if s.bindable() && !stripped { // lets the server notice that somebody took the -PLUS out of its list
		talk.talk = client.NewConversationAdvertisingChannelBinding()
	}
	return &Mechanism{Name: talk.name, Client: talk, proved: talk.talk.Valid}, nil
}

// Mechanism is one way to sign in, for one connection.
type Mechanism struct {
	sasl.Client
	Name   string
	proved func() bool
}

// Verify must be asked once the server has accepted: it fails with ErrImpostor where the server had to prove that it is
// the right one, and has not.
func (m *Mechanism) Verify() error {
	if m.proved != nil && !m.proved() {
		return fmt.Errorf("%w: %w", ErrSignIn, ErrImpostor)
	}
	return nil
}

// scramClient is the client's side of SCRAM (RFC 5802).
type scramClient struct {
	name string
	talk *scram.ClientConversation
}

// Start is part of sasl.Client.
func (c *scramClient) Start() (string, []byte, error) {
	first, err := c.talk.Step("")
	return c.name, []byte(first), err
}

// Next is part of sasl.Client.
func (c *scramClient) Next(challenge []byte) ([]byte, error) {
	for field := range bytes.SplitSeq(challenge, []byte(",")) {
		n, ok := bytes.CutPrefix(field, []byte("i="))
		if count, err := strconv.Atoi(string(n)); ok && (err != nil || count > maxIterations) {
			return nil, fmt.Errorf("%w: %s rounds of hashing", ErrMechanism, n)
		}
	}
	reply, err := c.talk.Step(string(challenge))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSignIn, err)
	}
	return []byte(reply), nil
}

// loginClient is the LOGIN mechanism, which no document defines: it answers whatever the server asks with the name, then
// with the password. That of package sasl insists on one wording.
type loginClient struct{ replies []string }

// Start is part of sasl.Client.
func (c *loginClient) Start() (string, []byte, error) { return sasl.Login, nil, nil }

// Next is part of sasl.Client.
func (c *loginClient) Next([]byte) ([]byte, error) {
	if len(c.replies) == 0 {
		return nil, sasl.ErrUnexpectedServerChallenge
	}
	reply := c.replies[0]
	c.replies = c.replies[1:]
	return []byte(reply), nil
}
