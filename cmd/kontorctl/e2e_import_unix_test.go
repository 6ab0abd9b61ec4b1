// SPDX-License-Identifier: EUPL-1.2

//go:build unix

package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// box is an mbox of n letters, every fifth with a state of its own, and the last one twice.
func box(n int) string {
	var b strings.Builder
	put := func(i int) {
		state := ""
		if i%5 == 0 {
			state = "Status: RO\nX-Status: F\nX-Keywords: eilig\n"
		}
		fmt.Fprintf(&b, "From joerg@stadt.example Mon Nov  2 09:%02d:00 2026\n%s%s\n\n", i%60, state, strings.ReplaceAll(letter(i), "\r\n", "\n"))
	}
	for i := range n {
		put(i)
	}
	put(n - 1)
	return b.String()
}

// feed lets a process read the first octets of a file through a pipe, and kills it as a power cut would once the pipe has
// taken them all.
func feed(t *testing.T, d *office, text string, args ...string) {
	t.Helper()
	pipe := filepath.Join(t.TempDir(), "alt.mbox")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := d.child(append(args, pipe)...)
	w, err := os.OpenFile(pipe, os.O_WRONLY, 0)
	if err == nil {
		_, err = io.WriteString(w, text)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if cmd.Wait() == nil {
		t.Error("the process ended by itself")
	}
	_ = w.Close()
}

// TestAnImportThatIsKilled at random places, again and again, and repeated: the folder holds each message once in the end,
// those that the file has twice twice, with flags, keywords and dates; here and on the server.
func TestAnImportThatIsKilled(t *testing.T) {
	t.Parallel()
	const letters, kills = 160, 5
	p := startPost(t, "anna")
	p.setUp()
	p.sync()
	text := box(letters)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // no secret
	before := 0
	for i := range kills { // each further on than the one before, so that the last one certainly meets what was stored
		part := len(text) / kills
		feed(t, p.office, text[:i*part+1+dice.IntN(part)], "mail", "import", "Archive")
		p.healthy()
		now := len(p.list("Archive"))
		if now < before || now > letters+1 {
			t.Fatalf("%d messages, %d before", now, before)
		}
		before = now
		if dice.IntN(3) == 0 {
			p.sync()
		}
	}
	if before == 0 {
		t.Error("nothing was ever stored before the kill")
	}
	done := get[map[string]int](p.office, "mail", "import", "Archive", p.write("alt.mbox", text))
	if done["messages"] != letters+1 || done["known"] != before {
		t.Errorf("%v, %d were there", done, before)
	}
	p.sync()
	p.same()
	p.complete(letters)
	if again := get[map[string]int](p.office, "mail", "import", "Archive", p.write("alt.mbox", text)); again["added"] != 0 {
		t.Errorf("once more: %v", again)
	}
	p.healthy()
}

// complete looks at the folder on the server: every letter once, the last one twice, as the file had it.
func (p *post) complete(letters int) {
	p.t.Helper()
	seen := map[string]int{}
	for _, l := range p.there() {
		if strings.HasPrefix(l, "Archive") {
			seen[l]++
		}
	}
	total := 0
	for l, n := range seen {
		total += n
		if n != 1 && !strings.Contains(l, fmt.Sprint("Vorgang ", letters-1)) {
			p.t.Errorf("%d times: %.200s", n, l)
		}
	}
	if total != letters+1 || len(seen) != letters {
		p.t.Errorf("%d messages, %d different ones", total, len(seen))
	}
	marked := 0
	for _, m := range p.list("Archive") {
		if slices.Contains(m.Keywords, "eilig") {
			marked++
		}
	}
	if marked != letters/5 {
		p.t.Errorf("%d messages with a keyword", marked)
	}
	for _, d := range p.dates() {
		for n := range letters {
			if strings.Contains(d, fmt.Sprint("Vorgang ", n, " | ")) && !strings.HasSuffix(d, fmt.Sprint(time.Date(2026, 11, 2, 9, n%60, 0, 0, time.UTC).Unix())) {
				p.t.Errorf("letter %d: %s", n, d)
			}
		}
	}
}
