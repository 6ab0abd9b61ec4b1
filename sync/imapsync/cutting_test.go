// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/servertest"
	"kontor/sync/transport"
)

// Lines that break, crawl or go dead, and programs that are killed: afterwards both sides are the same.

// hack cuts the line after some octets, in one direction or the other, now and then in both.
func hack(r *rand.Rand, proxy *servertest.ProxyServer, up, down int) {
	proxy.CutUp(-1)
	proxy.CutDown(-1)
	what := r.IntN(5)
	if what < 2 || what == 4 {
		proxy.CutUp(1 + r.Int64N(int64(up)))
	}
	if what >= 2 {
		proxy.CutDown(1 + r.Int64N(int64(down)))
	}
}

// persist carries an operation out as the engine does, over a line that breaks: it goes on after each break.
func (l *lab) persist(op journal.Op, broken func(attempt int)) {
	l.t.Helper()
	for attempt := range 60 {
		broken(attempt)
		switch op.State {
		case journal.Done:
			return
		case journal.InDoubt:
			op = l.settle(op)
		case journal.Waiting:
			op = l.push(op)
		default:
			l.t.Fatalf("%s: %s %s", op.Kind, op.State, op.LastError)
		}
	}
	l.t.Fatalf("%s is still %s: %s", op.Kind, op.State, op.LastError)
}

// TestEveryOperationSurvivesCuts breaks the line at random octets while operations are carried out, settled and pulled.
// Each is done in the end, once.
func TestEveryOperationSurvivesCuts(t *testing.T) {
	t.Parallel()
	labs(t, map[string][]string{"everything": nil, "no-move": {"MOVE"}, "no-uidplus": {"UIDPLUS", "MOVE"}, "nothing": abilities["nothing"]},
		func(t *testing.T, l *lab, proxy *servertest.ProxyServer, hide []string) {
			proxy.Hide(hide...)
			seed := uint64(len(hide)) + 1
			r := rand.New(rand.NewPCG(seed, 7))
			for round := range 3 {
				l.survivesCuts(r, proxy, 100*round)
			}
			for _, f := range []string{"INBOX", "Archive"} {
				want := fmt.Sprintf(`<v%d@amt.example> \Deleted`, map[string]int{"INBOX": 8, "Archive": 9}[f])
				if !slices.Contains(l.remote(f), want) {
					t.Errorf("what another program had marked is gone from %s: %q", f, l.remote(f))
				}
			}
		})
}

func (l *lab) survivesCuts(r *rand.Rand, proxy *servertest.ProxyServer, base int) {
	l.t.Helper()
	for n := range 6 {
		l.put("INBOX", letter(base+n))
	}
	if base == 0 {
		l.put("INBOX", letter(8), `\Deleted`)
		l.put("Archive", letter(9), `\Deleted`)
	}
	l.pull()
	inbox, archive, sent, drafts := l.folder("INBOX"), l.folder("Archive"), l.folder("Sent"), l.folder("Drafts")
	id := func(n int) int64 { return l.find(base + n).ID }
	put, draft := l.write(sent, letter(base+20), base+20, mail.Seen), l.write(drafts, letter(base+30), base+30, mail.Draft)
	saved := mail.AppendOp{ID: draft, Folder: drafts.ID, Flags: mail.Draft}
	ops := []journal.Op{
		l.op(journal.MailMove, mail.MoveOp{IDs: []int64{id(0), id(1)}, From: inbox.ID, To: archive.ID}, "messages", id(0), id(1)),
		l.op(journal.MailAppend, mail.AppendOp{ID: put, Folder: sent.ID, Flags: mail.Seen}, "messages", put),
		l.op(journal.MailFlags, mail.FlagsOp{IDs: []int64{id(2), id(3)}, Add: mail.Flagged, AddKeywords: []string{"Mein"}}, "messages", id(2), id(3)),
		l.op(journal.MailDelete, mail.DeleteOp{IDs: []int64{id(4)}}, "messages", id(4)),
	}
	copied := l.write(archive, letter(base+5), base+5, 0)
	original := slices.DeleteFunc(l.list("INBOX"), func(m mail.Summary) bool { return m.MessageID != fmt.Sprintf("v%d@amt.example", base+5) })[0].ID
	ops = append(ops, l.op(journal.MailCopy, mail.CopyOp{IDs: []int64{original}, Copies: []int64{copied}, To: archive.ID}, "messages", original, copied))
	cut := func(attempt int) {
		if hack(r, proxy, 900, 2500); attempt > 25 { // it has been cut often enough
			proxy.CutUp(-1)
			proxy.CutDown(-1)
		}
	}
	for _, op := range append(ops, l.op(journal.MailAppend, saved, "messages", draft)) {
		l.persist(op, cut)
		cut(0)
		if err := l.w.Pull(l.ctx); err != nil && !transport.IsConnectionError(err) {
			l.t.Fatal(err)
		}
	}
	l.rewrite(draft, base+30, letter(base+30)+"Noch ein Satz.\r\n")
	l.persist(l.op(journal.MailAppend, saved, "messages", draft), cut)
	proxy.CutUp(-1)
	proxy.CutDown(-1)
	l.pull()
	l.same()
	for folder, want := range map[string]int{"Sent": 1, "Drafts": 1, "Archive": 3, "INBOX": 3} {
		if got := len(l.list(folder)); got != want*(base/100+1) {
			l.t.Fatalf("%s: %d messages, want %d", folder, got, want*(base/100+1))
		}
	}
}

// TestPullGoesOnWhereverItIsCut breaks the line in both directions while another program changes things.
func TestPullGoesOnWhereverItIsCut(t *testing.T) {
	t.Parallel()
	labs(t, map[string][]string{"quick": nil, "slow": abilities["nothing"]}, func(t *testing.T, l *lab, proxy *servertest.ProxyServer, hide []string) {
		proxy.Hide(hide...)
		folders := []string{"INBOX", "Archive", "Drafts"}
		for n := range 60 {
			l.put(folders[n%3], letter(n)+strings.Repeat("Noch eine Zeile.\r\n", 100*(n%7)))
		}
		r := rand.New(rand.NewPCG(5, uint64(len(hide))))
		for round := range 20 {
			hack(r, proxy, 1500, 40_000)
			if err := l.w.Pull(l.ctx); err != nil && !transport.IsConnectionError(err) {
				t.Fatal(err)
			}
			l.meddle(r, folders[r.IntN(3)], 1000+round)
		}
		proxy.CutUp(-1)
		proxy.CutDown(-1)
		l.pull()
		l.same()
		if odd := l.w.odd.Load(); odd != 0 {
			t.Errorf("%d odd answers: a cut one was taken for a whole one", odd)
		}
	})
}

// TestASlowLineIsNoDeadLine: a server that needs longer for its answers than it may be silent is not left as long as
// something comes.
func TestASlowLineIsNoDeadLine(t *testing.T) {
	t.Parallel()
	labs(t, map[string]int{"slow": 0}, func(t *testing.T, l *lab, proxy *servertest.ProxyServer, _ int) {
		l.pull()
		_ = l.w.Close()
		l.w = l.worker()
		l.w.idle = 400 * time.Millisecond
		l.put("INBOX", letter(1)+strings.Repeat("Noch eine Zeile.\r\n", 1000))
		proxy.Rate(20_000)
		id := l.write(l.folder("Sent"), letter(2)+strings.Repeat("Noch eine Zeile.\r\n", 1500), 2, mail.Seen)
		l.pull()
		l.mustPush(l.op(journal.MailAppend, mail.AppendOp{ID: id, Folder: l.folder("Sent").ID, Flags: mail.Seen}, "messages", id))
		proxy.Rate(0)
		l.pull()
		l.same()
	})
}

// TestAnOperationOnADeadLineIsInDoubt: the server falls silent after it has got the command.
func TestAnOperationOnADeadLineIsInDoubt(t *testing.T) {
	t.Parallel()
	labs(t, map[string]int{"dead": 0}, func(t *testing.T, l *lab, proxy *servertest.ProxyServer, _ int) {
		l.put("INBOX", letter(1))
		l.pull()
		_ = l.w.Close()
		l.w = l.worker()
		l.w.idle = 250 * time.Millisecond
		l.pull()
		id := l.find(1).ID
		op := l.op(journal.MailMove, mail.MoveOp{IDs: []int64{id}, From: l.folder("INBOX").ID, To: l.folder("Archive").ID}, "messages", id)
		proxy.Blackhole(true)
		started := time.Now()
		op = l.push(op)
		if op.State != journal.InDoubt && op.State != journal.Waiting || time.Since(started) > 20*time.Second {
			t.Fatalf("%s after %v: %s", op.State, time.Since(started), op.LastError)
		}
		if op.State == journal.InDoubt {
			if op = l.settle(op); op.State == journal.Done {
				t.Fatal("settled by a server that says nothing")
			}
		}
		proxy.Blackhole(false)
		l.finish(op)
		l.same()
		l.wantRemote("Archive", "<v1@amt.example>")
		l.wantRemote("INBOX")
	})
}

// TestPullKilledAtAnyMoment kills the program while it fetches, again and again; then it goes on to the end.
func TestPullKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	labs(t, map[string]int{"killed": 0}, func(t *testing.T, l *lab, proxy *servertest.ProxyServer, _ int) {
		folders := []string{"INBOX", "Archive", "Drafts"}
		for n := range 90 {
			l.put(folders[n%3], letter(n)+strings.Repeat("Noch eine Zeile.\r\n", 300*(n%7)))
		}
		if err := l.db.Write(l.ctx, func(tx *storage.Tx) error { return tx.SaveAccount(l.ctx, l.account) }); err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(11, 12))
		kills := 0
		for round := range 12 {
			l.meddle(r, folders[r.IntN(3)], 1000+round)
			killed := l.killedAfter(proxy, proxy.Down.Load()+r.Int64N(60_000))
			if kills += killed; killed == 0 && round > 6 {
				break // nothing is left to be fetched
			}
			if err := l.db.Check(l.ctx); err != nil {
				t.Fatalf("after %d kills: %v", kills, err)
			}
		}
		if runMailer(t, l.path, func(*os.Process) {}) {
			t.Fatal("the last run failed")
		}
		if kills < 3 {
			t.Errorf("killed only %d times", kills)
		}
		l.same()
	})
}

// killedAfter runs the program and kills it when so many octets have come down in all. It gives how often it did.
func (l *lab) killedAfter(proxy *servertest.ProxyServer, octets int64) int {
	l.t.Helper()
	var killed atomic.Int64
	over := make(chan struct{})
	runMailer(l.t, l.path, func(p *os.Process) {
		go func() {
			defer close(over)
			tick := time.NewTicker(200 * time.Microsecond)
			defer tick.Stop()
			for range tick.C {
				if proxy.Down.Load() >= octets {
					if p.Kill() == nil {
						killed.Store(1)
					}
					return
				}
				if errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone) { // it has ended by itself
					return
				}
			}
		}()
	})
	<-over
	return int(killed.Load())
}
