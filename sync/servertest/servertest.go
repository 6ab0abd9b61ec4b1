// SPDX-License-Identifier: EUPL-1.2

// Package servertest starts the real servers that tests and benchmarks speak to: Dovecot, an SMTP server, Apache and
// other WebDAV servers, Radicale, Cyrus; and a proxy that breaks connections on purpose.
//
// Everything listens on the loopback address on a free port, lives in a directory of its own, runs as root or as an
// ordinary user, and ends with the test. Each server comes twice: as Dovecot(t), for tests, and as StartDovecot(dir),
// for programs.
package servertest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Password is the password of every user of every server.
const Password = "geheim-1234"

// User is the user of the servers that know only one.
const User = "anna"

// ErrMissing is returned when the program of a server is not installed.
var ErrMissing = errors.New("the server is not installed")

// Options change what a server offers. The zero value is the ordinary case; each server looks at what concerns it.
type Options struct {
	TLS           bool   // WebDAV and CalDAV: https with the certificate of Certificates
	DepthInfinity bool   // Apache: answer PROPFIND with Depth: infinity
	Capabilities  string // Dovecot: announce exactly these (imap_capability), for example "IMAP4rev1 UIDPLUS"
	NoSpecialUse  bool   // Dovecot: only INBOX, and no folder with a special use
	NoTLS         bool   // Dovecot: neither STARTTLS nor the ports with TLS
	Shared        bool   // Dovecot: users share folders (ACL) as "shared/NAME/...", and there is "Public/" for all
	Quota         string // Dovecot: what each user may store, for example "100K"
}

func pick(opts []Options) Options {
	if len(opts) > 0 {
		return opts[0]
	}
	return Options{}
}

// required reports whether a missing server is an error rather than a reason to skip.
func required() bool { return os.Getenv("KONTOR_REQUIRE_SERVERS") != "" }

// check ends the test if a server could not be started, and skips it if the server is not installed.
func check(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, ErrMissing) && !required() {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Tool gives the path of a program that a test needs. Where it is not installed the test is skipped, or fails if
// KONTOR_REQUIRE_SERVERS says that all is there.
func Tool(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		check(t, fmt.Errorf("%s: %w", name, ErrMissing))
	}
	return path
}

// TempDir makes a directory with a short path (sockets) that other users may enter (servers drop their rights).
func TempDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "kt-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Logf("remove %s: %v", dir, err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// lookup finds a server's program, also where it is not in the path of ordinary users.
func lookup(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	for _, dir := range []string{"/usr/sbin", "/usr/local/sbin", "/sbin"} {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s: %w", name, ErrMissing)
}

// attempts runs start until it succeeds, three times at most: a port that was free when it was looked at may be taken when the server listens.
func attempts(start func() error) error {
	var err error
	for range 3 {
		if err = start(); err == nil || errors.Is(err, ErrMissing) {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
	return err
}
