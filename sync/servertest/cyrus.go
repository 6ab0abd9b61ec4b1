// SPDX-License-Identifier: EUPL-1.2

package servertest

import (
	"errors"
	"fmt"
	"net/textproto"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"testing"
)

// CyrusServer is a running Cyrus with CalDAV and, where it is installed, IMAP.
type CyrusServer struct {
	URL      string // of DAV, ends in a slash
	IMAPAddr string // without TLS; empty where cyrus-imapd is not installed
	User     string
	Password string

	proc running
}

// cyrusBin is where distributions put the programs of Cyrus.
const cyrusBin = "/usr/lib/cyrus/bin"

// Cyrus starts a Cyrus for the test, with one user and that user's first calendar. Where there is none, or where it
// cannot be started because that takes root's rights, the test is skipped: no build depends on this server.
func Cyrus(t testing.TB) *CyrusServer {
	t.Helper()
	c, err := StartCyrus(TempDir(t))
	if errors.Is(err, ErrMissing) {
		t.Skipf("Cyrus is not tried: %v", err)
	}
	check(t, err)
	t.Cleanup(c.Stop)
	return c
}

// StartCyrus starts a Cyrus in dir, which must be enterable by other users. Without root's rights it is ErrMissing.
func StartCyrus(dir string) (*CyrusServer, error) {
	owner, err := cyrusOwner()
	if err != nil {
		return nil, err
	}
	c := &CyrusServer{User: User, Password: Password}
	return c, attempts(func() error { return c.start(dir, owner) })
}

// Stop ends Cyrus.
func (c *CyrusServer) Stop() { c.proc.stop() }

// ListURL is the address of a list of the user.
func (c *CyrusServer) ListURL(list string) string {
	return c.URL + "calendars/user/" + c.User + "/" + list + "/"
}

// cyrusOwner is the user that Cyrus runs as.
func cyrusOwner() (*user.User, error) {
	for _, name := range []string{"master", "httpd", "lmtpd"} {
		if _, err := os.Stat(filepath.Join(cyrusBin, name)); err != nil {
			return nil, fmt.Errorf("%s of cyrus-caldav: %w", name, ErrMissing)
		}
	}
	if os.Geteuid() != 0 {
		return nil, fmt.Errorf("its master needs root's rights: %w", ErrMissing)
	}
	return user.Lookup("cyrus")
}

func (c *CyrusServer) start(dir string, owner *user.User) error {
	addrs, err := freeAddrs(2)
	if err != nil {
		return err
	}
	imap := ""
	if _, err := os.Stat(filepath.Join(cyrusBin, "imapd")); err == nil {
		if c.IMAPAddr, err = freeAddr(); err != nil {
			return err
		}
		addrs = append(addrs, c.IMAPAddr)
		imap = fmt.Sprintf("  imap cmd=\"%s/imapd -C %s\" listen=\"%s\" prefork=1\n", cyrusBin, filepath.Join(dir, "imapd.conf"), c.IMAPAddr)
	}
	conf := filepath.Join(dir, "imapd.conf")
	files := map[string]string{
		conf: fmt.Sprintf("configdirectory: %[1]s/conf\nproc_path: %[1]s/conf/proc\nmboxname_lockpath: %[1]s/conf/lock\ndefaultpartition: default\n"+
			"partition-default: %[1]s/spool\nhttpmodules: caldav\nallowplaintext: yes\nsasl_pwcheck_method: alwaystrue\nsasl_mech_list: PLAIN\n"+
			"sasl_auto_transition: no\nautocreate_quota: 0\nautocreate_post: 1\nautocreate_users: anyone\ncaldav_create_default: no\n"+
			"unixhierarchysep: yes\ntls_server_cert: disabled\nduplicatesuppression: 0\n", dir),
		filepath.Join(dir, "cyrus.conf"): fmt.Sprintf("START {\n  recover cmd=\"%[1]s/ctl_cyrusdb -C %[2]s -r\"\n}\nSERVICES {\n"+
			"  http cmd=\"%[1]s/httpd -C %[2]s\" listen=\"%[3]s\" prefork=1\n  lmtp cmd=\"%[1]s/lmtpd -a -C %[2]s\" listen=\"%[4]s\" prefork=1\n%[5]s}\n",
			cyrusBin, conf, addrs[0], addrs[1], imap),
	}
	for name, text := range files {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			return err
		}
	}
	for _, name := range []string{"", "conf", "conf/socket", "spool"} {
		if err := ownedDir(filepath.Join(dir, name), owner); err != nil {
			return err
		}
	}
	p, err := startProcess(filepath.Join(dir, "output.log"), addrs, filepath.Join(cyrusBin, "master"),
		"-M", filepath.Join(dir, "cyrus.conf"), "-C", conf, "-p", filepath.Join(dir, "pid"), "-D")
	if err != nil {
		return err
	}
	if err := firstMail(addrs[1], c.User); err != nil {
		p.stop()
		return fmt.Errorf("make the first mailbox: %w", err)
	}
	c.URL = "http://" + addrs[0] + "/dav/"
	c.proc.set(p)
	return nil
}

func ownedDir(dir string, owner *user.User) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	uid, err := strconv.Atoi(owner.Uid)
	if err != nil {
		return err
	}
	gid, err := strconv.Atoi(owner.Gid)
	if err != nil {
		return err
	}
	return os.Chown(dir, uid, gid)
}

// firstMail delivers a mail by LMTP (RFC 2033): a user without a mailbox gets no calendar, and the first mail makes it.
func firstMail(addr, to string) error {
	c, err := textproto.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer c.Close()
	for _, step := range []struct {
		say  string
		code int
	}{
		{"", 220},
		{"LHLO localhost", 250},
		{"MAIL FROM:<a@example.org>", 250},
		{"RCPT TO:<" + to + ">", 250},
		{"DATA", 354},
		{"From: a@example.org\r\nMessage-ID: <1@example.org>\r\nSubject: first\r\n\r\nfirst\r\n.", 250},
		{"QUIT", 221},
	} {
		if step.say != "" {
			if err := c.PrintfLine("%s", step.say); err != nil {
				return err
			}
		}
		if _, _, err := c.ReadResponse(step.code); err != nil {
			return err
		}
	}
	return nil
}
