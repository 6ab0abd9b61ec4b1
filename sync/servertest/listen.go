// SPDX-License-Identifier: EUPL-1.2

package servertest

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"testing"
)

// Listen is a server of a test's own on the loopback address. Each connection is handed to serve and closed when that
// returns. It gives the address, HOST:PORT.
func Listen(t testing.TB, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				serve(c)
			}()
		}
	}()
	return l.Addr().String()
}

// Again runs the test's own binary as another process, with a word in its environment that its TestMain knows it by, and
// waits for its end. started gets the process, to kill it. It reports whether the process failed or was killed.
func Again(t testing.TB, environ string, started func(*os.Process)) (failed bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), environ)
	var out bytes.Buffer
	cmd.Stderr = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	started(cmd.Process)
	err := cmd.Wait()
	if out.Len() > 0 {
		t.Logf("the other process: %s", out.String())
	}
	return err != nil
}
