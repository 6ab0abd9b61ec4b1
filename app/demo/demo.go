// SPDX-License-Identifier: EUPL-1.2

// Package demo is a small town hall in one process: IMAP, SMTP, WebDAV and CalDAV servers on the loopback address with
// sample data, and switches for what can go wrong. Training, screenshots and tests use it in place of real servers.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-smtp"

	"kontor/app/accounts"
)

// Domain is the mail domain of the sample town (RFC 2606, section 2: it can never exist).
const Domain = "stadt.example"

// Sentinels of an address to listen on.
var (
	ErrListen  = errors.New("the demo servers listen on the loopback address only")
	ErrAddress = errors.New("the demo servers cannot listen on this address")
)

// Options say how to start.
type Options struct {
	Listen string    // "host:port" on the loopback address; the servers take port, port+1 ... Empty or port 0: free ports
	Now    time.Time // what the sample data is dated by; the present where zero
	Seed   uint64    // equal seeds give equal data
	Empty  bool      // no sample data
}

// User is a person with an account on every server.
type User struct {
	Name        string // what to sign in as; the mail address works too
	Email       string
	DisplayName string
	Password    string // at the start

	secret   atomic.Pointer[string] // the one that SetPassword gave
	post     *postbox
	files    *tree
	tasks    *calendars
	changing sync.Mutex // one change to files at a time
}

// Sent is a message that went through the SMTP server.
type Sent struct {
	From string
	To   []string
	Raw  []byte
}

// World is the running servers.
type World struct {
	users []*User
	gates map[Protocol]*gate
	imap  *imapserver.Server
	smtp  *smtp.Server
	https []*http.Server
	wg    sync.WaitGroup
	stop  func() bool
	once  sync.Once

	mu   sync.Mutex
	sent []Sent
}

// Start starts the servers and fills them with sample data. They run until Close or the end of ctx.
func Start(ctx context.Context, o Options) (*World, error) {
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	w := &World{gates: map[Protocol]*gate{}, users: []*User{
		newUser("brandt", "lena.brandt", "Lena Brandt"),
		newUser("weber", "jonas.weber", "Jonas Weber"),
	}}
	for _, u := range w.users {
		u.post.specialUses()
	}
	if !o.Empty {
		w.fill(o.Now, o.Seed)
	}
	if err := w.listen(ctx, o.Listen); err != nil {
		w.closeGates()
		return nil, err
	}
	w.serve()
	w.stop = context.AfterFunc(ctx, func() { w.Close() })
	return w, nil
}

func newUser(name, local, display string) *User {
	return &User{
		Name: name, Email: local + "@" + Domain, DisplayName: display, Password: "demo",
		post: newPostbox(), files: newTree(), tasks: newCalendars(),
	}
}

// listen opens one port a server.
func (w *World) listen(ctx context.Context, address string) error {
	host, port := "127.0.0.1", 0
	if address != "" {
		h, p, err := net.SplitHostPort(address)
		if err != nil {
			return fmt.Errorf("%w: %s", ErrAddress, err.Error())
		}
		if port, err = strconv.Atoi(p); err != nil {
			return fmt.Errorf("%w: %s", ErrAddress, err.Error())
		}
		if h != "" {
			host = h
		}
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("%s: %w", host, ErrListen)
	}
	var config net.ListenConfig
	for _, p := range Protocols {
		l, err := config.Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err != nil {
			return fmt.Errorf("%w: %s", ErrAddress, err.Error())
		}
		w.gates[p] = newGate(l)
		if port != 0 {
			port++
		}
	}
	return nil
}

func (w *World) serve() {
	w.imap, w.smtp = newIMAPServer(w), newSMTPServer(w)
	w.wg.Go(func() { _ = w.imap.Serve(w.gates[IMAP]) })
	w.wg.Go(func() { _ = w.smtp.Serve(w.gates[SMTP]) })
	for p, h := range map[Protocol]http.Handler{Files: newFilesHandler(w), Tasks: newTasksHandler(w)} {
		g := w.gates[p]
		s := &http.Server{Handler: g.faulty(h), ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
		w.https = append(w.https, s)
		w.wg.Go(func() { _ = s.Serve(g) })
	}
}

func (w *World) closeGates() {
	for _, g := range w.gates {
		_ = g.Close()
		g.resetAll()
	}
}

// Close stops the servers and breaks their connections. A second Close does nothing.
func (w *World) Close() {
	w.once.Do(func() {
		if w.stop != nil {
			w.stop()
		}
		w.closeGates()
		_ = w.imap.Close()
		_ = w.smtp.Close()
		for _, s := range w.https {
			_ = s.Close()
		}
	})
	w.wg.Wait()
}

// user finds a person by name or mail address.
func (w *World) user(name string) *User {
	for _, u := range w.users {
		if strings.EqualFold(name, u.Name) || strings.EqualFold(name, u.Email) {
			return u
		}
	}
	return nil
}

// Users are the people with an account; the sample data is written for the first.
func (w *World) Users() []*User { return w.users }

// Addr is "host:port" of a server.
func (w *World) Addr(p Protocol) string { return w.gates[p].Addr().String() }

// IMAPURL is the address of the IMAP server, without encryption.
func (w *World) IMAPURL() string { return "imap://" + w.Addr(IMAP) }

// SMTPURL is the address of the SMTP server, without encryption.
func (w *World) SMTPURL() string { return "smtp://" + w.Addr(SMTP) }

// FilesURL is the address of the first user's files.
func (w *World) FilesURL() string { return w.filesURL(w.users[0]) }

func (w *World) filesURL(u *User) string { return "http://" + w.Addr(Files) + filesPath + u.Name + "/" }

// TasksURL is the address of the CalDAV server. Its /.well-known/caldav works too.
func (w *World) TasksURL() string { return "http://" + w.Addr(Tasks) + tasksPath }

// Password is what everybody signs in with, until SetPassword.
func (w *World) Password() string { return w.users[0].password() }

// SetPassword changes the password of a user, by name or mail address, and ends what is open with the old one.
func (w *World) SetPassword(user, password string) {
	u := w.user(user)
	if u == nil {
		return
	}
	u.secret.Store(&password)
	for _, p := range Protocols {
		w.gates[p].resetAll()
	}
}

// password is what the user signs in with now.
func (u *User) password() string {
	if p := u.secret.Load(); p != nil {
		return *p
	}
	return u.Password
}

// Draft gives the account of a user, by name or mail address; the first user where there is none.
func (w *World) Draft(user string) accounts.Draft {
	u := w.user(user)
	if u == nil {
		u = w.users[0]
	}
	return accounts.Draft{
		Name: u.DisplayName, Email: u.Email, User: u.Name, DisplayName: u.DisplayName,
		IMAPURL: w.IMAPURL(), SMTPURL: w.SMTPURL(), FilesURL: w.filesURL(u), TasksURL: w.TasksURL(),
	}
}

// SetFaults switches what a server does wrong, at once and for open connections too. The zero Faults repairs it.
func (w *World) SetFaults(p Protocol, f Faults) { w.gates[p].set(f) }

// SetAllFaults is SetFaults for every server.
func (w *World) SetAllFaults(f Faults) {
	for _, p := range Protocols {
		w.SetFaults(p, f)
	}
}
