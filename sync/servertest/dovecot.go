// SPDX-License-Identifier: EUPL-1.2

package servertest

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"
)

// IMAPServer is a running Dovecot: IMAP, LMTP and, where dovecot-submissiond is installed, SMTP submission that really
// delivers between its users.
type IMAPServer struct {
	Addr     string // IMAP, with STARTTLS
	TLSAddr  string // IMAP with TLS from the first octet on
	Password string // of every user
	Certs    *Certificates
	Dir      string
	Relay    *ScriptedSMTP // stands between submission and the mailboxes: counts deliveries, fails on request

	opts              Options
	lmtp, smtp, smtps string
	submission        bool
	uid, gid          int
	proc              running
}

// SMTPServer is the submission side of a Dovecot.
type SMTPServer struct {
	Addr    string // with STARTTLS
	TLSAddr string // with TLS from the first octet on
	Certs   *Certificates
	Relay   *ScriptedSMTP
}

// Dovecot starts a Dovecot for the test, with the user User.
func Dovecot(t testing.TB, opts ...Options) *IMAPServer {
	t.Helper()
	d, err := StartDovecot(TempDir(t), pick(opts))
	check(t, err)
	t.Cleanup(func() {
		d.Stop()
		if t.Failed() {
			t.Logf("dovecot's log:\n%s", tail(filepath.Join(d.Dir, "dovecot.log")))
		}
	})
	return d
}

// SMTP gives the submission side of d. A message for NAME@any.domain goes to the mailbox of the user NAME.
func SMTP(t testing.TB, d *IMAPServer) *SMTPServer {
	t.Helper()
	s, err := d.SMTP()
	check(t, err)
	return s
}

// SMTP gives the submission side, or ErrMissing.
func (d *IMAPServer) SMTP() (*SMTPServer, error) {
	if !d.submission {
		return nil, fmt.Errorf("dovecot-submissiond: %w", ErrMissing)
	}
	return &SMTPServer{Addr: d.smtp, TLSAddr: d.smtps, Certs: d.Certs, Relay: d.Relay}, nil
}

// StartDovecot starts a Dovecot in dir, which must be enterable by other users.
func StartDovecot(dir string, opts Options) (*IMAPServer, error) {
	d := &IMAPServer{Password: Password, Dir: dir, opts: opts}
	if _, err := lookup("dovecot"); err != nil {
		return nil, err
	}
	if _, err := os.Stat("/usr/lib/dovecot/imap"); err != nil {
		return nil, fmt.Errorf("dovecot-imapd: %w", ErrMissing)
	}
	_, err := os.Stat("/usr/lib/dovecot/submission")
	d.submission = err == nil
	if d.uid, d.gid = os.Getuid(), os.Getgid(); d.uid == 0 {
		d.uid, d.gid = 20001, 20001
	}
	if d.Certs, err = NewCertificates(dir); err != nil {
		return nil, err
	}
	if d.Relay, err = startSMTP(d.Certs, d.deliver, d.knows); err != nil {
		return nil, err
	}
	d.Relay.open = true
	for _, dir := range []string{"users", "acl", "shared", "public"} {
		if err := d.mkdir(dir); err != nil {
			return nil, err
		}
	}
	if err := d.AddUser(User); err != nil {
		return nil, err
	}
	if err := attempts(d.start); err != nil {
		d.Relay.Close()
		return nil, err
	}
	return d, nil
}

func (d *IMAPServer) mkdir(name string) error {
	path := filepath.Join(d.Dir, name)
	if err := os.MkdirAll(path, 0o755); err != nil {
		return err
	}
	if os.Getuid() == 0 {
		return os.Chown(path, d.uid, d.gid)
	}
	return nil
}

// start picks ports and runs Dovecot for the first time.
func (d *IMAPServer) start() error {
	addrs, err := freeAddrs(5)
	if err != nil {
		return err
	}
	d.Addr, d.TLSAddr, d.lmtp, d.smtp, d.smtps = addrs[0], addrs[1], addrs[2], addrs[3], addrs[4]
	if err := d.writeConfig(); err != nil {
		return err
	}
	return d.Start()
}

// Start runs Dovecot again after Stop or Kill, on the same addresses.
func (d *IMAPServer) Start() error {
	bin, err := lookup("dovecot")
	if err != nil {
		return err
	}
	// After Kill the sockets of the dead server lie there still.
	run := filepath.Join(d.Dir, "run")
	if err := os.RemoveAll(run); err != nil {
		return err
	}
	if err := os.Mkdir(run, 0o755); err != nil {
		return err
	}
	addrs := []string{d.Addr}
	if d.submission {
		addrs = append(addrs, d.lmtp, d.smtp)
	}
	if !d.opts.NoTLS {
		addrs = append(addrs, d.TLSAddr)
	}
	p, err := startProcess(filepath.Join(d.Dir, "output.log"), addrs, bin, "-F", "-c", filepath.Join(d.Dir, "dovecot.conf"))
	if err != nil {
		return fmt.Errorf("%w\n%s", err, tail(filepath.Join(d.Dir, "dovecot.log")))
	}
	d.proc.set(p)
	return nil
}

// Stop ends Dovecot and all its connections. It does not ask first: Dovecot takes seconds over that if it has just
// started, and there is nothing it would have to save.
func (d *IMAPServer) Stop() {
	d.proc.kill()
	d.Relay.Close()
}

// Kill ends Dovecot as a power cut would; Start brings it back.
func (d *IMAPServer) Kill() { d.proc.kill() }

// Restart ends Dovecot as a power cut would, and starts it on the same addresses.
func (d *IMAPServer) Restart() error {
	d.Kill()
	return d.Start()
}

// User creates a user of the test, and gives the name back. It logs in as "name" or "name@any.domain".
func (d *IMAPServer) User(t testing.TB, name string) string {
	t.Helper()
	check(t, d.AddUser(name))
	return name
}

// AddUser creates a user; one that exists already is left alone.
func (d *IMAPServer) AddUser(name string) error {
	file := filepath.Join(d.Dir, "passwd")
	old, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	home := filepath.Join(d.Dir, "users", name)
	line := fmt.Sprintf("%s:{PLAIN}%s:%d:%d::%s::\n", name, Password, d.uid, d.gid, home)
	if bytes.Contains(old, []byte(line)) {
		return nil
	}
	if err := d.mkdir(filepath.Join("users", name)); err != nil {
		return err
	}
	return os.WriteFile(file, append(old, line...), 0o644)
}

// MailDir is the Maildir of a user: INBOX itself, and ".Folder.Sub" for each other folder.
func (d *IMAPServer) MailDir(name string) string {
	return filepath.Join(d.Dir, "users", name, "Maildir")
}

// Folder makes a folder of a user ("" for INBOX, else ".Sent", ".A.B") and gives the directory that its messages lie
// in. A file put there is a message; its name ends in ":2," and flags ("S" for seen).
func (d *IMAPServer) Folder(name, folder string) (string, error) {
	base := filepath.Join("users", name, "Maildir", folder)
	for _, dir := range []string{filepath.Dir(base), base, filepath.Join(base, "new"), filepath.Join(base, "tmp"), filepath.Join(base, "cur")} {
		if err := d.mkdir(dir); err != nil {
			return "", err
		}
	}
	return filepath.Join(d.Dir, base, "cur"), nil
}

// Messages are the raw messages in a folder of a user ("" for INBOX, else ".Sent", ".A.B"), in no particular order.
func (d *IMAPServer) Messages(name, folder string) ([][]byte, error) {
	var all [][]byte
	for _, sub := range []string{"new", "cur"} {
		dir := filepath.Join(d.MailDir(name), folder, sub)
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		for _, e := range entries {
			data, err := os.ReadFile(filepath.Join(dir, e.Name()))
			if errors.Is(err, os.ErrNotExist) {
				continue // it moved from new to cur, or was flagged, just now
			}
			if err != nil {
				return nil, err
			}
			all = append(all, data)
		}
	}
	return all, nil
}

// Deliver puts a message into the mailbox of each recipient over LMTP, as another mail server would.
func (d *IMAPServer) Deliver(from string, to []string, data []byte) error {
	return d.deliver(Delivery{From: from, To: to, Data: data})
}

func (d *IMAPServer) deliver(m Delivery) error {
	conn, err := net.Dial("tcp", d.lmtp)
	if err != nil {
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 4, 1}, Message: "mailboxes not reachable"}
	}
	c := smtp.NewClientLMTP(conn)
	defer c.Close()
	if err := c.Hello("localhost"); err != nil {
		return err
	}
	if err := c.Mail(m.From, nil); err != nil {
		return err
	}
	for _, to := range m.To {
		if err := c.Rcpt(to, nil); err != nil {
			return err
		}
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(m.Data); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		var status *smtp.SMTPError
		if errors.As(err, &status) {
			return status
		}
		return err
	}
	return nil
}

// knows reports whether an address belongs to a user.
func (d *IMAPServer) knows(address string) bool {
	name, _, _ := strings.Cut(address, "@")
	_, err := os.Stat(filepath.Join(d.Dir, "users", strings.ToLower(name)))
	return err == nil
}
