// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kontor/storage"
	"kontor/sync/servertest"
)

// uploaded is an upload as the outside sees it.
type uploaded struct {
	began, wrote, ended, foreign time.Duration // since dawn; foreign is when somebody else wrote as much there, 0 for never
	lag                          time.Duration // of the time that the server gives the file
}

func drawUpload(rt *rapid.T, from time.Duration, longest time.Duration) uploaded {
	short := func(label string, most time.Duration) time.Duration {
		return time.Duration(rapid.Int64Range(0, most.Microseconds()).Draw(rt, label)) * time.Microsecond
	}
	u := uploaded{began: from + short("gap", time.Second), lag: short("lag", clockGrain)}
	u.wrote = u.began + short("there", longest/2)
	u.ended = u.wrote + short("back", longest/2)
	if rapid.Bool().Draw(rt, "overwritten") {
		u.foreign = u.wrote + short("later", 3*time.Second)
	}
	return u
}

// itemAt is what the server says of a file that was written at a moment.
func itemAt(at, ahead time.Duration) *remote {
	micros := dawn.Add(at + ahead).UnixMicro()
	return &remote{FileRemote: storage.FileRemote{ETag: fmt.Sprintf(`"5-%x"`, micros), Size: 5}}
}

// What somebody else wrote over an upload before all were asked for is never taken for the own content, but for a moment as
// short as asking for each file right away would leave. Without the look at the clock it is: the mistake is found.
func TestOverwritingIsSeenAmongUploads(t *testing.T) {
	mistaken := 0
	rapid.Check(t, func(rt *rapid.T) {
		ahead := time.Duration(rapid.Int64Range(-1e9, 1e9).Draw(rt, "ahead")) * time.Millisecond
		var c confirmations
		first := drawUpload(rt, 0, clockReach)
		alone := itemAt(first.wrote-first.lag, ahead)
		sent := func(u uploaded) *sentFile { return &sentFile{began: dawn.Add(u.began), ended: dawn.Add(u.ended)} }
		if !c.judge(sent(first), alone, true) {
			rt.Fatal("an upload that was asked for alone is not believed")
		}
		if !c.clock.known(dawn.Add(first.ended)) {
			return // written at a whole millisecond
		}
		for i, n := 0, rapid.IntRange(1, 6).Draw(rt, "uploads"); i < n; i++ {
			u := drawUpload(rt, first.ended, 2*time.Second)
			at := u.wrote
			if u.foreign != 0 {
				at = u.foreign
			}
			clock, now := c.clock, itemAt(at-u.lag, ahead)
			ours := c.judge(sent(u), now, false)
			c.clock = clock
			late := u.foreign > u.ended+(first.ended-first.began)+2*clockGrain
			switch {
			case u.foreign == 0 && !ours:
				rt.Errorf("the own upload is not known again: %+v after %+v", u, first)
			case late && ours:
				rt.Errorf("another's content is taken for the own one: %+v after %+v", u, first)
			}
			if c.judge(sent(u), now, true) && late { // the mistake
				mistaken++
			}
			c.clock = clock
		}
	})
	if mistaken == 0 {
		t.Error("the mistake was not found")
	}
}

// TestTagsThatTellTheMoment: only tags of size and microseconds do, and only those of the size that was sent.
func TestTagsThatTellTheMoment(t *testing.T) {
	now := time.Now()
	micros := fmt.Sprintf("%x", now.UnixMicro())
	for tag, want := range map[string]bool{
		`"5-` + micros + `"`: true, `W/"5-` + micros + `"`: true, `"6-` + micros + `"`: false, `5-` + micros: false,
		`"` + micros + `-5"`: false, `"abc"`: false, ``: false, `"5-` + fmt.Sprintf("%x", now.UnixNano()) + `"`: false,
	} {
		if at, got := writtenAt(tag, 5); got != want || got && at.UnixMicro() != now.UnixMicro() {
			t.Errorf("%s: %v, %v", tag, at, got)
		}
	}
}

// knows lets a worker know the clock of a server on this machine, for as long as a test takes.
func (c *client) knows() {
	now := time.Now()
	ahead := time.Duration(now.UnixMicro())*time.Microsecond - now.Sub(dawn)
	c.w.confirms.clock = serverClock{learned: time.Now().Add(time.Hour), min: ahead, max: ahead}
}

// TestUploadsAreConfirmedTogether: a server that tells no tag is asked for a folder, not for each file in it, unless the
// folder holds so much more.
func TestUploadsAreConfirmedTogether(t *testing.T) {
	for name, x := range map[string]struct{ there, uploads int }{"few there": {1, 36}, "many there": {4*itemsPerAsk + 20, 4}} {
		t.Run(name, func(t *testing.T) {
			s := servertest.Apache(t)
			var words []string
			for i := range x.there {
				words = append(words, fmt.Sprintf("Amt/alt %d=ist da", i))
			}
			on(t, s, words...)
			c := join(t, s, "")
			c.sync()
			for i := range x.uploads {
				c.write(fmt.Sprintf("Amt/Neu %02d.txt", i), fmt.Sprint("Inhalt ", i))
			}
			c.must(s.ClearLog())
			c.knows()
			c.sync()
			asked, whole := 0, 0
			for _, line := range s.RequestLog() {
				switch {
				case strings.HasPrefix(line, "PROPFIND") && strings.Contains(line, "Neu"):
					asked++
				case strings.HasPrefix(line, "PROPFIND") && strings.HasSuffix(line, "/Amt/"):
					whole++ // once by the look at everything
				}
			}
			few := whole > 1 && asked+whole <= x.uploads/2
			if many := whole == 1 && asked > x.uploads/2; few != (x.there == 1) || many != (x.there > 1) {
				t.Errorf("%d files and %d folders were asked for, for %d uploads", asked, whole, x.uploads)
			}
			c.same("server", filesOf(tree(t, s.Root)), c.here())
			c.knows()
			c.quiet()
		})
	}
}

// TestOverwrittenAmongUploads: a file of the same size that somebody else has put in the place of an upload is not taken
// for the own one, and an upload that fails does not keep the others waiting.
func TestOverwrittenAmongUploads(t *testing.T) {
	s := servertest.Apache(t)
	c := settled(t, s, "Amt/da=ist")
	c.knows()
	_, err := c.w.stat(t.Context(), "Amt", true) // signs in
	c.must(err)
	begin := func(name string) *sentFile { return c.w.confirms.begin("Amt/"+name, 1, 4) }
	mine, theirs, broken := begin("mine"), begin("theirs"), begin("broken")
	for _, name := range []string{"mine", "theirs"} {
		c.must(s.Write("Amt/"+name, []byte("1111")))
	}
	type verdict struct {
		size int64
		ours bool
		err  error
	}
	judged := map[string]chan verdict{"mine": make(chan verdict, 1), "theirs": make(chan verdict, 1)}
	for name, f := range map[string]*sentFile{"mine": mine, "theirs": theirs} {
		go func() {
			now, ours, err := c.w.sent(t.Context(), f)
			v := verdict{ours: ours, err: err}
			if now != nil {
				v.size = now.Size
			}
			judged[name] <- v
		}()
	}
	for ended := false; !ended; runtime.Gosched() { // both wait for the third
		c.w.confirms.mu.Lock()
		ended = mine.over && theirs.over
		c.w.confirms.mu.Unlock()
	}
	c.must(s.Write("Amt/theirs", []byte("2222")))
	later := time.Now().Add(time.Second).Truncate(time.Second).Add(time.Microsecond)
	c.must(os.Chtimes(s.Path("Amt/theirs"), later, later))
	c.w.failed(t.Context(), broken)
	if v := <-judged["mine"]; v != (verdict{size: 4, ours: true}) {
		t.Errorf("the own upload: %+v", v)
	}
	if v := <-judged["theirs"]; v.ours || v.err != nil {
		t.Errorf("the other's: %+v", v)
	}
}
