// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"kontor/bench/corpus"
)

// shell is a contestant that is a few lines of a shell.
func shell(name, script string) contestant {
	return contestant{name: name, needs: "sh", command: []string{"sh", "-c", script}}
}

// said runs a contest and gives the works of each program that are in the table, and what the log says.
func said(t *testing.T, s settings, m meter, all ...contestant) (works map[string]string, log string, err error) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the programs are shell scripts")
	}
	var b bytes.Buffer
	s.log = &b
	if s.repeats == 0 {
		s.repeats = 1
	}
	rows, err := contest(t.Context(), s, "test", m, all)
	works = map[string]string{}
	for _, r := range rows {
		if r.area != "test" || r.cost.wall <= 0 {
			t.Errorf("%+v", r)
		}
		works[r.tool] = strings.TrimPrefix(works[r.tool]+", "+r.work, ", ")
	}
	return works, b.String(), err
}

// TestWhoTakesTooLongIsLeftOut: a program that does not come to an end does not keep the others waiting.
func TestWhoTakesTooLongIsLeftOut(t *testing.T) {
	t.Parallel()
	works, _, err := said(t, settings{most: 5 * time.Second}, meter{}, shell("endless", "exec sleep 600"), shell("quick", "true"))
	if fmt.Sprint(works) != fmt.Sprint(map[string]string{"quick": initial + ", " + noChange}) {
		t.Errorf("%v", works)
	}
	if err == nil || !strings.Contains(err.Error(), "endless, initial: not done after 5s") {
		t.Errorf("%v", err)
	}
}

// TestWhoFailsIsLeftOut: a program that is missing, fails, or only says that it is done, has no row; the others go on.
func TestWhoFailsIsLeftOut(t *testing.T) {
	t.Parallel()
	liar := shell("liar", "echo 3")
	liar.check = func(_ string, out []byte) error {
		return expect(4, func() (int, error) { return len(bytes.TrimSpace(out)) + 2, nil })
	}
	absent := shell("absent", "true")
	absent.needs = "no-such-program-anywhere"
	unready := shell("unready", "true")
	unready.prepare = func(context.Context) error { return errors.New("no configuration") }
	once := shell("limit", "true")
	once.work = initial
	works, log, err := said(t, settings{}, meter{}, shell("broken", "echo reason >&2; exit 3"), absent, liar, unready, once, shell("honest", "true"))
	if fmt.Sprint(works) != fmt.Sprint(map[string]string{"limit": initial, "honest": initial + ", " + noChange}) {
		t.Errorf("%v", works)
	}
	for _, want := range []string{"reason", "exit status 3", "3 of 4 are there", "the work is not done", "no configuration"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("nothing about %q in %v", want, err)
		}
	}
	if !strings.Contains(log, "no-such-program-anywhere is not installed") {
		t.Error(log)
	}
}

// TestChangesComeBetweenTheRuns: first the initial work, then runs in which nothing has changed, then a change and the
// work that it makes; what the server counted is that of one run alone.
func TestChangesComeBetweenTheRuns(t *testing.T) {
	t.Parallel()
	var order []string
	requests := 0
	c := shell("tool", "true")
	c.check = func(work string, _ []byte) error {
		order = append(order, work)
		requests += 10
		return nil
	}
	m := meter{
		clear:    func() error { requests = 0; order = append(order, "clear"); return nil },
		requests: func() int { return requests },
		change:   func() error { order = append(order, "change"); return nil },
	}
	works, _, err := said(t, settings{repeats: 2}, m, c)
	if err != nil || works["tool"] != initial+", "+noChange+", "+changes {
		t.Fatalf("%v, %v", works, err)
	}
	want := []string{"clear", initial, "clear", noChange, "clear", noChange, "change", "clear", changes}
	if strings.Join(order, "|") != strings.Join(want, "|") {
		t.Errorf("%q", order)
	}
	rows, err := contest(t.Context(), settings{repeats: 1, log: &bytes.Buffer{}}, "test", m, []contestant{c})
	if err != nil || len(rows) != 3 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	for _, r := range rows {
		if r.requests != 10 || r.octets != -1 {
			t.Errorf("%s: %d requests, %d octets", r.work, r.requests, r.octets)
		}
	}
	m.change = func() error { return errors.New("server is gone") }
	if works, _, err = said(t, settings{}, m, c); err == nil || works["tool"] != initial+", "+noChange {
		t.Errorf("%v, %v: what was measured before counts", works, err)
	}
	m.clear = func() error { return errors.New("no log") }
	if works, _, err = said(t, settings{}, m, c); err == nil || len(works) != 0 {
		t.Errorf("%v, %v", works, err)
	}
}

// TestOnlyWhoIsAskedFor: the others are not even prepared; and what a program leaves is out of the way.
func TestOnlyWhoIsAskedFor(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "left")
	mine, other := shell("kontor", `touch "$DIR/file"`), shell("mbsync", "true")
	mine.dir, mine.env = dir, []string{"DIR=" + dir}
	mine.prepare = func(context.Context) error { return os.Mkdir(dir, 0o755) }
	mine.check = func(string, []byte) error {
		return expect(1, func() (int, error) { return countFiles(dir, anyFile) })
	}
	other.prepare = func(context.Context) error { t.Error("not asked for"); return nil }
	if works, _, err := said(t, settings{match: "kon", work: t.TempDir()}, meter{}, mine, other); err != nil || len(works) != 1 {
		t.Errorf("%v, %v", works, err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
}

// TestTheMiddleRunCounts of those in which nothing has changed: one that was held up says nothing.
func TestTheMiddleRunCounts(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the program is a shell script")
	}
	dir := t.TempDir()
	c := shell("tool", `n=$(cat n 2>/dev/null || echo 0); echo $((n+1)) >n; if [ "$n" = 1 ]; then sleep 0.7; fi; echo $n`)
	c.command[2] = "cd '" + dir + "'; " + c.command[2]
	r, err := repeat(t.Context(), settings{repeats: 3, log: &bytes.Buffer{}}, meter{}, c)
	if err != nil || r.cost.wall >= 700*time.Millisecond {
		t.Errorf("%v, %v", r.cost.wall, err)
	}
	if runs, err := os.ReadFile(filepath.Join(dir, "n")); err != nil || strings.TrimSpace(string(runs)) != "3" {
		t.Errorf("%s runs, %v", runs, err)
	}
}

// TestCostsAreThoseOfTheProgram: its memory and processor time, with that of its children, and not ours.
func TestCostsAreThoseOfTheProgram(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("memory is read from /proc")
	}
	const script = `x=$(head -c 60000000 /dev/zero | tr '\0' a); sleep 0.1; echo ${#x}`
	out, took, err := runChild(t.Context(), settings{}, nil, "sh", "-c", script)
	if err != nil || strings.TrimSpace(string(out)) != "60000000" || took.memory < 50<<20 || took.cpu <= 0 || took.wall < 100*time.Millisecond {
		t.Errorf("%q, %+v, %v", out, took, err)
	}
	_, small, err := runChild(t.Context(), settings{}, nil, "sleep", "0.1")
	if err != nil || small.memory > 20<<20 || small.memory == 0 {
		t.Errorf("%+v, %v", small, err)
	}
	if highWater(1<<30) != 0 {
		t.Error("a process that is not there holds memory")
	}
}

func TestAProgramThatIsStopped(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := runChild(ctx, settings{}, nil, "sleep", "60"); err == nil {
		t.Error("it went on")
	}
	if _, _, err := runChild(t.Context(), settings{}, nil, "no-such-program-anywhere"); !errors.Is(err, exec.ErrNotFound) {
		t.Error(err)
	}
	if got := lastLines(bytes.Repeat([]byte("x"), 5000)); len(got) != 2000 {
		t.Errorf("%d octets of a message", len(got))
	}
}

// TestKontorMustDoTheWork: its report decides whether it is in the table.
func TestKontorMustDoTheWork(t *testing.T) {
	t.Parallel()
	c := kontorFor(settings{ctl: "kontorctl", work: t.TempDir()}, "files", "files", nil, nil, once(40), func(r report) int { return r.Files.Downloaded })
	for _, tc := range []struct {
		work, output string
		ok           bool
	}{
		{initial, `{"files":{"downloaded":40}}`, true},
		{initial, `{"files":{"downloaded":39}}`, false},
		{noChange, `{"files":{"downloaded":0}}`, true},
		{noChange, `{"files":{"downloaded":1}}`, false},
		{initial, `{"files":{"downloaded":40},"waiting":1}`, false},
		{initial, `{"files":{"downloaded":40},"in_doubt":1}`, false},
		{initial, `{"files":{"downloaded":40},"failed":1}`, false},
		{initial, `done`, false},
	} {
		if err := c.check(tc.work, []byte(tc.output)); (err == nil) != tc.ok {
			t.Errorf("%s, %s: %v", tc.work, tc.output, err)
		}
	}
	for _, e := range c.env {
		if strings.HasPrefix(e, "KONTOR_HOME=") && !strings.HasSuffix(e, "kontor-files") {
			t.Error(e)
		}
	}
}

// TestTheMailboxKnowsWhatComes: what a run must fetch is what the last change brought.
func TestTheMailboxKnowsWhatComes(t *testing.T) {
	t.Parallel()
	b := newMailbox(nil, corpus.Middle)
	if len(b.folders) != changedFolders || b.few {
		t.Errorf("%d folders, few %v", len(b.folders), b.few)
	}
	b.fresh = 100
	for work, want := range map[string]int{initial: corpus.Middle.Mails, noChange: 0, changes: 100} {
		if got := b.wanted(work); got != want {
			t.Errorf("%s: %d, want %d", work, got, want)
		}
	}
	if small := newMailbox(nil, corpus.Size{Mails: 60, MailFolders: 4}); !small.few || len(small.folders) != 3 {
		t.Errorf("%+v", small)
	}
}

func TestLiterals(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]int64{
		"* 1 FETCH (BODY[] {123}\r\n": 123, "* 1 FETCH {0}\n": 0, "* OK\r\n": -1, "* {12} x\r\n": -1, "* {}\r\n": -1, "* {12+}\r\n": -1, "": -1, "* } {\r\n": -1,
	} {
		if n, ok := literal(line); ok != (want >= 0) || ok && n != want {
			t.Errorf("%q: %d, %v", line, n, ok)
		}
	}
	if got := escape("Amt 1/Schriftstück #2?.odt"); got != "Amt%201/Schriftst%C3%BCck%20%232%3F.odt" {
		t.Error(got)
	}
	for _, bad := range [][]string{{"limit-imap"}, {"limit-caldav"}, {headersChild, "a", "b"}, {"limit-nothing", "a", "b"}} {
		if !isChild(bad[0]) || child(bad[0], bad[1:]) == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

// TestNumbersThatAreMissing stay empty in the table: nothing was counted is not the same as zero.
func TestNumbersThatAreMissing(t *testing.T) {
	t.Parallel()
	if counted(-1, 1) != "" || counted(0, 1) != "0" || counted(2_540_000, 1e6) != "2.5" {
		t.Error("counts")
	}
	if ratio(time.Second, 0) != "" || ratio(3*time.Second, 2*time.Second) != "1.50" {
		t.Error("ratios")
	}
	if _, ok := baseline([]row{{tool: "mbsync", area: "mail", work: initial}}, row{area: "mail", work: initial}); ok {
		t.Error("somebody else stands for Kontor")
	}
	var b bytes.Buffer
	if err := write(&b, settings{size: corpus.Small}, nil); err != nil || b.Len() != 0 {
		t.Errorf("a table of nothing: %q, %v", b.String(), err)
	}
	err := write(&b, settings{size: corpus.Small, delay: 50 * time.Millisecond}, []row{{area: "mail", work: initial, tool: kontor}})
	if got := b.String(); err != nil || !strings.Contains(got, "50ms round trip") || !strings.Contains(got, "2000 mails in 10 folders") || !strings.Contains(got, "| mail |") {
		t.Errorf("%q, %v", got, err)
	}
}
