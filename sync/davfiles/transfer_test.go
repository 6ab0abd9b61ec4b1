// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kontor/app/files"
	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/servertest"
)

func (c *client) traffic() *Traffic { return c.w.cfg.Traffic }

// other is what another process sees and sets.
func (c *client) other() *Traffic { return NewTraffic(c.db) }

// What is paused speaks to no server, also when another process has paused it and after a restart; changes on the disk are
// recorded, and everything goes on later.
func TestPausedAccountsRest(t *testing.T) {
	c, s := inStep(t, "put a=alt")
	c.must(c.other().Pause(t.Context(), c.acc.ID, true))
	c.restart()
	s.edit("put b=von dort")
	c.write("c", "von hier")
	c.sync()
	if n := c.w.Report().Requests; n != 0 {
		t.Errorf("%d requests while paused", n)
	}
	if ops, err := c.db.PendingOps(t.Context(), c.acc.ID); err != nil || len(ops) != 1 || ops[0].State != journal.Waiting || ops[0].Tries != 0 {
		t.Errorf("%+v, %v", ops, err)
	}
	c.must(c.other().Pause(t.Context(), c.acc.ID, false))
	time.Sleep(rulesAge) // as old as what is known of the settings may become
	c.sync()
	if got := tree(t, c.root); got["b"] != "von dort" || len(got) != 3 {
		t.Errorf("%q", got)
	}
}

// flow lets the rest of a body go by in small pieces until the other side has had enough.
func flow(step func() error) {
	for range 400 {
		if step() != nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// A large download that is paused stops, keeps what has come, and asks only for the rest afterwards.
func TestPauseEndsALargeDownload(t *testing.T) {
	s := servertest.Apache(t)
	big := strings.Repeat("0123456789abcdef", 1<<20)
	c, p := through(t, s, "x=x")
	on(t, s, "big="+big)
	age(t, s, "big")
	var asked atomic.Value
	p.on(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodGet || r.URL.Path != "/big" {
			return false
		}
		if asked.Load() != nil {
			asked.Store(r.Header.Get("Range"))
			return false
		}
		asked.Store("")
		w.Header().Set("Content-Length", fmt.Sprint(len(big)))
		sent := 1 << 20
		_, _ = io.WriteString(w, big[:sent])
		c.must(c.other().Pause(r.Context(), c.acc.ID, true))
		flow(func() error {
			_, err := io.WriteString(w, big[sent:sent+64<<10])
			sent += 64 << 10
			return errors.Join(err, http.NewResponseController(w).Flush())
		})
		panic(http.ErrAbortHandler)
	})
	c.sync()
	if got := tree(t, c.root); got["big"] != "" || len(c.traffic().Running()) != 0 {
		t.Fatal("the download was not paused")
	}
	c.must(c.traffic().Pause(t.Context(), c.acc.ID, false))
	c.sync()
	c.want(s, "x=x", "big="+big)
	from := 0
	if _, err := fmt.Sscanf(asked.Load().(string), "bytes=%d-", &from); err != nil || from < 1<<20 || from >= len(big) {
		t.Errorf("asked for %q, %v", asked.Load(), err)
	}
	if row, err := c.db.FileByPath(t.Context(), c.acc.ID, "big"); err != nil || row.Progress != -1 {
		t.Errorf("progress %d, %v", row.Progress, err)
	}
}

// A large upload that is paused is broken off; nothing of it counts, and it arrives later.
func TestPauseEndsALargeUpload(t *testing.T) {
	s := servertest.Apache(t)
	big := strings.Repeat("0123456789abcdef", 1<<20)
	c, p := through(t, s, "x=x")
	c.write("big", big)
	var seen files.Transfer
	var sum files.TransferSum
	first := true
	p.on(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut || r.URL.Path != "/big" || !first {
			return false
		}
		first = false
		part := make([]byte, 64<<10)
		_, _ = io.ReadFull(r.Body, part)
		if now := c.traffic().Running(); len(now) == 1 {
			seen, sum = now[0], c.traffic().Sum()
		}
		c.must(c.other().Pause(r.Context(), c.acc.ID, true))
		flow(func() error {
			_, err := io.ReadFull(r.Body, part)
			return err
		})
		panic(http.ErrAbortHandler)
	})
	c.sync()
	if got := tree(t, s.Root); got["big"] != "" {
		t.Fatalf("%d octets on the server", len(got["big"]))
	}
	if !seen.Up || seen.Path != "big" || seen.Total != int64(len(big)) || seen.Done == 0 || sum.Files != 1 || sum.Bytes != seen.Total {
		t.Errorf("%+v, %+v", seen, sum)
	}
	if ops, err := c.db.PendingOps(t.Context(), c.acc.ID); err != nil || len(ops) != 1 {
		t.Errorf("%+v, %v", ops, err)
	}
	c.must(c.traffic().Pause(t.Context(), c.acc.ID, false))
	c.sync()
	c.want(s, "x=x", "big="+big)
	if now := c.traffic().Sum(); now != (files.TransferSum{}) {
		t.Errorf("after everything: %+v", now)
	}
	c.quiet()
}

// Where octets cost money only what a person asks for travels: one file, or a change made in the program.
func TestMeteredTransfersOnlyWhatIsAskedFor(t *testing.T) {
	c, s := inStep(t, "put a=alt")
	c.must(c.traffic().SetMetered(t.Context(), files.MeteredOn))
	s.edit("put b=b", "put asked=gewollt")
	c.write("c", "c")
	c.sync()
	if got := tree(t, c.root); got["b"] != "" || got["asked"] != "" {
		t.Fatalf("%q", got)
	}
	row, err := c.db.FileByPath(t.Context(), c.acc.ID, "asked")
	c.must(err)
	c.must(c.db.WriteDurable(t.Context(), func(tx *storage.Tx) error { return tx.WantFile(t.Context(), row.ID) }))
	c.sync()
	if got := tree(t, c.root); got["asked"] != "gewollt" || got["b"] != "" {
		t.Errorf("%q", got)
	}
	ops, err := c.db.PendingOps(t.Context(), c.acc.ID)
	if err != nil || len(ops) != 1 {
		t.Fatalf("%+v, %v", ops, err)
	}
	ops[0].Undone = false // as if it had been done in the program
	c.must(c.db.WriteDurable(t.Context(), func(tx *storage.Tx) error { return tx.SaveOp(t.Context(), ops[0]) }))
	c.sync()
	if ops, err := c.db.PendingOps(t.Context(), c.acc.ID); err != nil || len(ops) != 0 {
		t.Errorf("%+v, %v", ops, err)
	}
	c.must(c.traffic().SetMetered(t.Context(), files.MeteredOff))
	c.sync()
	if got := tree(t, c.root); got["b"] != "b" {
		t.Errorf("%q", got)
	}
	if err := c.traffic().SetMetered(t.Context(), "sometimes"); !errors.Is(err, ErrMetered) {
		t.Errorf("%v", err)
	}
}

// A bound holds over all transfers together, both ways.
func TestRatesAreBounded(t *testing.T) {
	s := servertest.Apache(t)
	part := strings.Repeat("x", 100<<10)
	c, _ := through(t, s, "x=x")
	c.must(c.traffic().SetLimits(t.Context(), 400<<10, 400<<10))
	if down, up, err := c.other().Limits(t.Context()); err != nil || down != 400<<10 || up != 400<<10 {
		t.Fatalf("%d, %d, %v", down, up, err)
	}
	for _, side := range []string{"down", "up"} {
		began := time.Now()
		for i := range 4 {
			if name := fmt.Sprint(side, i); side == "down" {
				on(t, s, name+"="+part)
			} else {
				c.write(name, part)
			}
		}
		c.sync()
		if took := time.Since(began); took < 700*time.Millisecond {
			t.Errorf("%s: 400 KB in %v", side, took)
		}
	}
	c.must(c.traffic().SetLimits(t.Context(), 0, -1))
	if down, up, err := c.other().Limits(t.Context()); err != nil || down != 0 || up != 0 {
		t.Errorf("%d, %d, %v", down, up, err)
	}
}

// Accounts on one server share its transfers; another server has its own.
func TestTransfersOfOneServerAreBounded(t *testing.T) {
	tr := NewTraffic(nil)
	var leave func()
	for range parallel {
		var err error
		if leave, err = tr.enter(t.Context(), "cloud.example"); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tr.enter(ctx, "cloud.example"); !errors.Is(err, context.Canceled) {
		t.Errorf("one too many: %v", err)
	}
	if _, err := tr.enter(t.Context(), "other.example"); err != nil {
		t.Error(err)
	}
	leave()
	if _, err := tr.enter(t.Context(), "cloud.example"); err != nil {
		t.Error(err)
	}
}

// What does not fit is passed over, what is smaller goes on, and a reserve stays.
func TestRoomKeepsAReserve(t *testing.T) {
	r := &room{traffic: NewTraffic(nil), look: func(string) int64 { return 100 }}
	for i, want := range []bool{true, false, true, false} {
		if got := r.take([]int64{60, 50, 40, 1}[i]); got != want {
			t.Errorf("%d: %v", i, got)
		}
	}
	if r := (&room{traffic: NewTraffic(nil), look: func(string) int64 { return -1 }}); !r.take(1 << 50) {
		t.Error("a disk that says nothing must not keep anything away")
	}
	for _, row := range []struct{ free, all, want int64 }{
		{100 << 30, 500 << 30, 99 << 30}, {1 << 30, 500 << 30, 0}, {6 << 30, 10 << 30, 6<<30 - 10<<30/20}, {0, 10 << 30, 0},
	} {
		if got := roomOf(row.free, row.all); got != row.want {
			t.Errorf("%d of %d: %d, want %d", row.free, row.all, got, row.want)
		}
	}
	if Room(t.TempDir()+"/not/there/yet") == 0 {
		t.Error("a folder that is not there yet has no room")
	}
}

// Case 14: a checksum that does not hold keeps a download away once; when the same comes again, the checksum was wrong.
func TestCase14Checksum(t *testing.T) {
	s := servertest.Apache(t)
	c, p := through(t, s, "x=x")
	on(t, s, "a=Fassung", "good=gut")
	age(t, s, "a", "good")
	p.on(func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case r.Method == http.MethodGet && r.URL.Path == "/a":
			w.Header().Set("OC-Checksum", "SHA1:0000000000000000000000000000000000000000")
		case r.Method == http.MethodGet:
			w.Header().Set("OC-Checksum", "MD5:"+"0cc41fafc2cf6b3c1b5e4a1f5a4cbd1a")
		}
		return false
	})
	c.sync()
	if got := tree(t, c.root); got["a"] != "" || got["good"] != "" {
		t.Errorf("%q", got)
	}
	if row, err := c.db.FileByPath(t.Context(), c.acc.ID, "a"); err != nil || row.Problem != problemServer {
		t.Errorf("%q, %v", row.Problem, err)
	}
	c.restart() // each call of the command line is a run of its own
	c.sync()
	c.want(s, "x=x", "a=Fassung", "good=gut")
}

func TestChecksumKinds(t *testing.T) {
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString("kon"); err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{
		"SHA256:b80bb7740288fda1f201890375a60c8f", "MD5:0", "sha1: 0", "ADLER32:0",
	} {
		c, err := newCheck(http.Header{"Oc-Checksum": {word}}, f, 3)
		if err != nil || c.holds() {
			t.Errorf("%s holds, %v", word, err)
		}
		right := fmt.Sprintf("%x", c.sum.Sum(nil))
		c, err = newCheck(http.Header{"Oc-Checksum": {strings.Split(word, ":")[0] + ":" + strings.ToUpper(right)}}, f, 3)
		if err != nil || !c.holds() {
			t.Errorf("%s does not hold, %v", right, err)
		}
	}
	for _, word := range []string{"", "CRC:1", "nothing"} {
		if c, err := newCheck(http.Header{"Oc-Checksum": {word}}, f, 3); err != nil || !c.holds() {
			t.Errorf("%q keeps a file away, %v", word, err)
		}
	}
}

// A file that a person opens is fetched while others are being fetched, once, and counts as any other.
func TestOpenedFilesComeAtOnce(t *testing.T) {
	s := servertest.Apache(t)
	c, p := through(t, s, "x=x")
	on(t, s, "slow=langsam", "opened=gleich")
	waiting, release := make(chan struct{}), make(chan struct{})
	p.on(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet && r.URL.Path == "/slow" {
			close(waiting)
			<-release
		}
		return false
	})
	c.must(c.db.WriteDurable(t.Context(), func(tx *storage.Tx) error { return tx.PinFile(t.Context(), c.acc.ID, "", false) }))
	c.sync()
	before := c.w.Report().Downloaded
	slow, err := c.db.FileByPath(t.Context(), c.acc.ID, "slow")
	c.must(err)
	opened, err := c.db.FileByPath(t.Context(), c.acc.ID, "opened")
	c.must(err)
	c.must(c.db.WriteDurable(t.Context(), func(tx *storage.Tx) error { return tx.WantFile(t.Context(), slow.ID) }))
	done := make(chan error, 1)
	go func() { done <- c.trySync() }()
	<-waiting
	c.must(c.db.WriteDurable(t.Context(), func(tx *storage.Tx) error { return tx.WantFile(t.Context(), opened.ID) }))
	c.must(c.w.Fetch(t.Context(), opened.ID))
	c.must(c.w.Fetch(t.Context(), slow.ID)) // it is on its way already
	if got := tree(t, c.root); got["opened"] != "gleich" {
		t.Errorf("%q", got)
	}
	close(release)
	c.must(<-done)
	if row, err := c.db.File(t.Context(), opened.ID); err != nil || !row.Current() {
		t.Errorf("%+v, %v", row, err)
	}
	if n := c.w.Report().Downloaded - before; n != 2 {
		t.Errorf("%d downloads", n)
	}
}

// Case 21: an upload for which the server has no room waits, and smaller ones go on.
func TestCase21QuotaLetsSmallerOnesGoOn(t *testing.T) {
	s := servertest.Apache(t)
	c, p := through(t, s, "x=x")
	p.on(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut || r.ContentLength < 1000 {
			return false
		}
		w.WriteHeader(http.StatusInsufficientStorage)
		return true
	})
	big := strings.Repeat("zu groß ", 1000)
	c.write("a big", big)
	c.write("b small", "passt")
	c.sync()
	c.same("server", tree(t, s.Root), map[string]string{"x": "x", "b small": "passt"})
	if ops, err := c.db.PendingOps(t.Context(), c.acc.ID); err != nil || len(ops) != 1 || ops[0].State != journal.Waiting {
		t.Errorf("%+v, %v", ops, err)
	}
	p.on(nil)
	c.sync()
	c.want(s, "x=x", "a big="+big, "b small=passt")
}

// What the sum says never leads astray: no more is done than there is, and once all is over it begins anew.
func TestSumsAddUp(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		tr := NewTraffic(nil)
		sizes := rapid.SliceOfN(rapid.Int64Range(0, 1000), 1, 8).Draw(rt, "sizes")
		files, octets, done := len(sizes), int64(0), 0
		for _, n := range sizes {
			octets += n
		}
		tr.expect(files, octets)
		for i, n := range sizes {
			x := tr.begin(&storage.FileRow{ID: int64(i)}, rapid.Bool().Draw(rt, "up"), false, n)
			x.done.Add(rapid.Int64Range(0, n+5).Draw(rt, "came"))
			if s := tr.Sum(); s.Files != files || s.Bytes != octets || s.BytesDone > s.Bytes || s.FilesDone != done {
				rt.Fatalf("%+v, want %d files with %d octets, %d done", s, files, octets, done)
			}
			if now := tr.Running(); len(now) != 1 || now[0].Done > now[0].Total || now[0].Remaining < -1 {
				rt.Fatalf("%+v", now)
			}
			if whole := rapid.Bool().Draw(rt, "whole"); whole {
				done++
				x.end(true)
			} else {
				x.end(false)
				tr.forget(1, n)
				files, octets = files-1, octets-n
			}
		}
		if s := tr.Sum(); s.Files != 0 || s.Bytes != 0 || s.BytesDone != 0 || len(tr.Running()) != 0 {
			rt.Fatalf("after all: %+v", s)
		}
	})
}

func TestPaceIsThatOfTheLastMoments(t *testing.T) {
	var p pace
	now := time.Unix(1000, 0)
	if p.at(now) != 0 {
		t.Error("nothing has come")
	}
	for range 40 { // 10 s of 4000 octets a second
		p.add(now, 1000)
		now = now.Add(paceSlot)
	}
	if got := p.at(now.Add(-paceSlot)); got < 3900 || got > 4100 {
		t.Errorf("%v", got)
	}
	if got := p.at(now.Add(time.Hour)); got != 0 {
		t.Errorf("after a pause of an hour: %v", got)
	}
	for _, row := range []struct {
		left int64
		rate float64
		want time.Duration
	}{{0, 0, 0}, {100, 0, -1}, {100, 50, 2 * time.Second}, {1 << 60, 1e-9, -1}} {
		if got := remaining(row.left, row.rate); got != row.want {
			t.Errorf("%d at %v: %v", row.left, row.rate, got)
		}
	}
}

// What a run that was killed has left, a part of a version that nobody wants any more and how far it was, goes in the next.
func TestLeftoversOfAKilledRunGo(t *testing.T) {
	c, s := inStep(t, "put a=alt")
	row, err := c.db.FileByPath(t.Context(), c.acc.ID, "a")
	c.must(err)
	c.must(c.db.Write(t.Context(), func(tx *storage.Tx) error { return tx.SetFileProgress(t.Context(), row.ID, 40) }))
	c.write(tempName(&row), "ein T")
	row.Remote.ETag = "another"
	c.write(tempName(&row), "noch ein T")
	c.restart()
	c.sync()
	left, err := os.ReadDir(c.root)
	c.must(err)
	for _, e := range left {
		if strings.HasPrefix(e.Name(), files.TempPrefix) {
			t.Errorf("%s is left", e.Name())
		}
	}
	if row, err := c.db.FileByPath(t.Context(), c.acc.ID, "a"); err != nil || row.Progress != -1 {
		t.Errorf("progress %d, %v", row.Progress, err)
	}
	s.edit("put b=b")
	c.sync()
}

func TestWhatCostsOnWindows(t *testing.T) {
	for cost, want := range map[uint32]bool{0: false, 1: false, 2: true, 4: true, 1 | 0x40000: true, 1 | 0x10000: false} {
		if isCost(cost) != want {
			t.Errorf("%#x", cost)
		}
	}
}
