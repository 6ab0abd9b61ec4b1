// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"kontor/app/i18n"
	"kontor/sync/servertest"
)

// childEnv makes the test program be kontorctl, so that tests can kill a real process.
const childEnv = "KONTORCTL_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		main()
	}
	for key, value := range map[string]string{"KONTOR_KEYRING": "file", "KONTOR_PASSPHRASE": "probe", "KONTOR_HOME": "", "PW": servertest.Password} {
		if err := os.Setenv(key, value); err != nil {
			panic(err)
		}
	}
	i18n.Use(i18n.German)
	os.Exit(m.Run())
}

// office is a home, and a person at it with nothing but kontorctl.
type office struct {
	t    testing.TB
	home string
	in   string // what is piped in
}

func newOffice(t testing.TB) *office { return &office{t: t, home: filepath.Join(t.TempDir(), "home")} }

// answer is what a call came to.
type answer struct {
	code     int
	out, err string
}

// call runs one command within the test program.
func (d *office) call(args ...string) answer {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	var out, errw bytes.Buffer
	e := &env{out: &out, errw: &errw, in: strings.NewReader(d.in)}
	code := run(ctx, e, append([]string{"--home", d.home}, args...))
	return answer{code, out.String(), errw.String()}
}

// do runs a command that must succeed and returns what it writes.
func (d *office) do(args ...string) string {
	d.t.Helper()
	a := d.call(args...)
	if a.code != exitDone {
		d.t.Fatalf("kontorctl %s: exit %d\n%s%s", strings.Join(args, " "), a.code, a.out, a.err)
	}
	return a.out
}

// refused runs a command that must fail with the exit code and say why on stderr.
func (d *office) refused(code int, args ...string) string {
	d.t.Helper()
	a := d.call(args...)
	if a.code != code || strings.TrimSpace(a.err) == "" {
		d.t.Fatalf("kontorctl %s: exit %d, want %d and a reason\n%s%s", strings.Join(args, " "), a.code, code, a.out, a.err)
	}
	return a.err
}

// get runs a command with --json and reads its one document.
func get[T any](d *office, args ...string) T {
	d.t.Helper()
	return document[T](d.t, d.do(append(args, "--json")...))
}

// document reads text that must be exactly one JSON document.
func document[T any](t testing.TB, text string) (v T) {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(text))
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		t.Fatalf("more than one document:\n%s", text)
	}
	return v
}

// report is what sync --json says.
type report struct {
	Mail, Files, Tasks       map[string]int64
	Waiting, Failed, InDoubt int
}

// sync synchronises, and again until nothing waits: what an interrupted operation came to may take another turn.
func (d *office) sync() {
	d.t.Helper()
	for range 6 {
		if r := get[report](d, "sync"); r.Waiting == 0 && d.pending() == 0 {
			return
		}
	}
	d.t.Fatalf("operations are left:\n%s", d.do("journal"))
}

// pending counts the operations that are not final.
func (d *office) pending() int {
	d.t.Helper()
	return len(get[[]opJSON](d, "journal", "list", "--all", "0"))
}

// healthy lets the doctor look at the store.
func (d *office) healthy() {
	d.t.Helper()
	if a := d.call("doctor", "--json"); a.code != exitDone || document[doctorJSON](d.t, a.out).Store != "ok" {
		d.t.Errorf("doctor: exit %d\n%s%s", a.code, a.out, a.err)
	}
}

// write makes a file outside the home and returns its path.
func (d *office) write(name, text string) string {
	d.t.Helper()
	path := filepath.Join(d.t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
	return path
}

// child starts a command as a process of its own.
func (d *office) child(args ...string) *exec.Cmd {
	d.t.Helper()
	self, err := os.Executable()
	if err != nil {
		d.t.Fatal(err)
	}
	cmd := exec.Command(self, append([]string{"--home", d.home}, args...)...)
	cmd.Env = append(os.Environ(), childEnv+"=1")
	cmd.Stderr = d.t.Output()
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	return cmd
}

// killWhen kills a process once the proxy has carried n octets to the server since it was started, and reports whether
// it was killed rather than faster.
func killWhen(t testing.TB, cmd *exec.Cmd, p *servertest.ProxyServer, n int64) bool {
	t.Helper()
	failed := make(chan bool, 1)
	go func() { failed <- cmd.Wait() != nil }()
	from, deadline := p.Up.Load(), time.After(time.Minute)
	tick := time.NewTicker(200 * time.Microsecond)
	defer tick.Stop()
	for {
		select {
		case <-failed:
			return false
		case <-deadline:
			t.Fatal("the process neither ends nor speaks to the server")
		case <-tick.C:
			if p.Up.Load()-from < n {
				continue
			}
			if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
				t.Fatal(err)
			}
			return <-failed
		}
	}
}

// eventually waits until check gives no error.
func eventually(t testing.TB, check func() error) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// line is one line of text for each pair, for comparing whole states.
func line(parts ...any) string {
	words := make([]string, len(parts))
	for i, p := range parts {
		words[i] = fmt.Sprint(p)
	}
	return strings.Join(words, " | ")
}

// differ reports what only one of two sorted lists has.
func differ(t testing.TB, what string, local, remote []string) {
	t.Helper()
	count := map[string]int{}
	for _, l := range local {
		count[l]++
	}
	for _, r := range remote {
		count[r]--
	}
	for text, n := range count {
		switch {
		case n > 0:
			t.Errorf("%s: %d more here: %q", what, n, text)
		case n < 0:
			t.Errorf("%s: %d more on the server: %q", what, -n, text)
		}
	}
}

func idText(id int64) string { return strconv.FormatInt(id, 10) }
