// SPDX-License-Identifier: EUPL-1.2

package smtpsend

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/servertest"
)

const postfixMain = `compatibility_level = 3.6
queue_directory = %[1]s/queue
data_directory = %[1]s/data
maillog_file = %[1]s/maillog
maillog_file_prefixes = %[1]s
myhostname = localhost
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
message_size_limit = 100000
smtpd_tls_security_level = may
smtpd_tls_cert_file = %[2]s
smtpd_tls_key_file = %[3]s
smtputf8_enable = yes
default_transport = smtp:[127.0.0.1]:%[4]s
smtpd_recipient_restrictions = check_recipient_access inline:{ { nie@amt.example = 550 5.1.1 no such user } { spaet@amt.example = 450 4.7.1 greylisted } }, permit_mynetworks, reject
`

const postfixMaster = `%s inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`

// postfix starts a Postfix that passes everything on to the next server, and gives its address and certificates.
func postfix(t *testing.T, next string) (addr string, certs *servertest.Certificates) {
	t.Helper()
	bin, err := exec.LookPath("postfix")
	if err != nil || os.Getuid() != 0 {
		t.Skip("Postfix is not installed, or this is not root, which it has to be started by")
	}
	dir := servertest.TempDir(t)
	if certs, err = servertest.NewCertificates(dir); err != nil {
		t.Fatal(err)
	}
	addr = servertest.FreeAddr(t)
	_, port, _ := net.SplitHostPort(addr)
	_, nextPort, _ := net.SplitHostPort(next)
	conf := filepath.Join(dir, "conf")
	for _, d := range []string{conf, filepath.Join(dir, "queue"), filepath.Join(dir, "data")} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) ([]byte, error) {
		return exec.Command(args[0], args[1:]...).CombinedOutput()
	}
	if out, err := run("chown", "postfix", filepath.Join(dir, "data")); err != nil {
		t.Skipf("%s", out)
	}
	for name, text := range map[string]string{
		"main.cf":   fmt.Sprintf(postfixMain, dir, certs.CertFile, certs.KeyFile, nextPort),
		"master.cf": fmt.Sprintf(postfixMaster, "127.0.0.1:"+port),
	} {
		if err := os.WriteFile(filepath.Join(conf, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out, err := run(bin, "-c", conf, "start")
	t.Cleanup(func() {
		_, _ = run(bin, "-c", conf, "stop")
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(dir, "maillog"))
			t.Logf("%s\n%s", out, log)
		}
	})
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if c, err := net.Dial("tcp", addr); err == nil {
			_ = c.Close()
			return addr, certs
		}
		if time.Now().After(deadline) {
			t.Fatalf("Postfix does not start: %v %s", err, out)
		}
	}
}

// Through a real Postfix: pipelined, encrypted, with a size limit, with recipients that it does not take, and without a
// word about those who got a hidden copy.
func TestPostfix(t *testing.T) {
	next, err := servertest.StartFaultSMTP(servertest.TempDir(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(next.Close)
	addr, certs := postfix(t, next.Addr)
	db := openStore(t, storePath(t))
	account := storage.Account{SMTPURL: "smtp://" + addr, CAPEM: certs.CAPEM}
	account, op := queue(t, db, account, hidden, "berta@amt.example", "carla@amt.example", "nie@amt.example", "spaet@amt.example")
	w := newWorker(db, account)
	defer w.Close() //nolint:errcheck // it never fails
	after, err := runOnce(t, db, w, account.ID, op.ID)
	if err != nil || after.State != journal.Done || mail.QueueID(after.Proof) == "" || strings.Join(sendOpOf(t, after).To, " ") != "berta@amt.example carla@amt.example" {
		t.Fatalf("%+v %v", after, err)
	}
	rest := story(t, db, op.ID)
	if len(rest) != 3 || rest[1].Cause != "send.later" || rest[1].State != journal.Waiting || rest[2].Cause != "send.no-mailbox" || rest[2].State != journal.Failed {
		t.Errorf("%+v", rest)
	}
	for deadline := time.Now().Add(20 * time.Second); len(next.Deliveries()) == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nothing arrives")
		}
	}
	for _, d := range next.Deliveries() {
		header, _, _ := bytes.Cut(d.Data, []byte("\r\n\r\n"))
		if strings.Contains(strings.ToLower(string(header)), "bcc") || strings.Contains(string(header), "weitere@") {
			t.Errorf("%s", header)
		}
	}
	if size, err := db.Setting(context.Background(), SizeSetting(account.ID), ""); err != nil || size != "100000" {
		t.Errorf("limit %q %v", size, err)
	}
	other := openStore(t, storePath(t))
	account, op = queue(t, other, storage.Account{SMTPURL: "smtp://" + addr, CAPEM: certs.CAPEM}, raw+strings.Repeat("Zeile\r\n", 20_000), "berta@amt.example")
	if after, _ := runOnce(t, other, newWorker(other, account), account.ID, op.ID); after.State != journal.Failed || after.Cause != "send.too-large" || !strings.Contains(after.LastError, "100000") {
		t.Errorf("%+v", after)
	}
}
