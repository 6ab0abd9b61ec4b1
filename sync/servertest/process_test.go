// SPDX-License-Identifier: EUPL-1.2

package servertest

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestWhatDoesNotStartSaysWhy: a program that ends, that is not there or that listens nowhere is an error with its words.
func TestWhatDoesNotStartSaysWhy(t *testing.T) {
	addr, err := freeAddr()
	if err != nil {
		t.Fatal(err)
	}
	output := filepath.Join(TempDir(t), "output.log")
	if _, err := startProcess(output, []string{addr}, "sh", "-c", "echo die Einstellung fehlt; exit 3"); err == nil ||
		!strings.Contains(err.Error(), "die Einstellung fehlt") || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("got %v", err)
	}
	if _, err := startProcess(output, []string{addr}, "sh", "-c", "true"); !errors.Is(err, errEnded) {
		t.Errorf("got %v", err)
	}
	if _, err := startProcess(output, nil, filepath.Join(TempDir(t), "gibt-es-nicht")); err == nil {
		t.Error("a program that is not there was started")
	}
	if _, err := lookup("gibt-es-nicht-als-server"); !errors.Is(err, ErrMissing) {
		t.Errorf("got %v", err)
	}
}

// TestProcessesEndWithTheirChildren: a server that starts others, and that does not want to end, ends with all of them.
func TestProcessesEndWithTheirChildren(t *testing.T) {
	dir := TempDir(t)
	for name, end := range map[string]func(*process){"stop": (*process).stop, "kill": (*process).kill} {
		mark := filepath.Join(dir, name)
		p, err := startProcess(filepath.Join(dir, "output.log"), nil, "sh", "-c", "sleep 300 & echo $! >"+mark+"; wait")
		if err != nil {
			t.Fatal(err)
		}
		pid := ""
		for pid == "" {
			data, _ := os.ReadFile(mark) //nolint:errcheck // not yet there
			if pid = strings.TrimSpace(string(data)); pid == "" {
				select {
				case <-p.done:
					t.Fatal("the server ended by itself")
				default:
				}
			}
		}
		end(p)
		end(p)                                       // twice does no harm
		deadline := time.Now().Add(10 * time.Second) // it has been told to; it takes a moment
		for data, err := os.ReadFile(filepath.Join("/proc", pid, "stat")); err == nil && !strings.Contains(string(data), ") Z "); {
			if time.Now().After(deadline) {
				t.Fatalf("%s: the child lives on: %s", name, data)
			}
			data, err = os.ReadFile(filepath.Join("/proc", pid, "stat"))
		}
	}
	var none *process
	none.stop()
	none.kill()
}

// TestAttempts: a start that fails is tried again a few times, but not where the program is missing.
func TestAttempts(t *testing.T) {
	n := 0
	busy := errors.New("address in use")
	err := attempts(func() error {
		if n++; n < 3 {
			return busy
		}
		return nil
	})
	if err != nil || n != 3 {
		t.Errorf("%d attempts, %v", n, err)
	}
	n = 0
	if err := attempts(func() error { n++; return busy }); !errors.Is(err, busy) || n != 3 {
		t.Errorf("%d attempts, %v", n, err)
	}
	n = 0
	if err := attempts(func() error { n++; return ErrMissing }); !errors.Is(err, ErrMissing) || n != 1 {
		t.Errorf("%d attempts, %v", n, err)
	}
}

// TestFreeAddresses: they are of the loopback interface, and nobody listens there.
func TestFreeAddresses(t *testing.T) {
	addrs, err := freeAddrs(4)
	if err != nil || len(addrs) != 4 {
		t.Fatal(addrs, err)
	}
	for _, a := range addrs {
		if !strings.HasPrefix(a, "127.0.0.1:") || port(a) == "" {
			t.Errorf("address %q", a)
		}
		l, err := net.Listen("tcp", a)
		if err != nil {
			t.Errorf("%s: %v", a, err)
			continue
		}
		_ = l.Close()
	}
}

// TestTailsOfLogs: the end of a long log, and nothing where there is none.
func TestTailsOfLogs(t *testing.T) {
	file := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(file, []byte(strings.Repeat("alt\n", 50)+"Ende\n\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := tail(file); !strings.HasSuffix(got, "alt\nEnde") || strings.Count(got, "\n") != 14 {
		t.Errorf("%q", got)
	}
	if got := tail(file + "x"); got != "" {
		t.Errorf("%q", got)
	}
}
