// SPDX-License-Identifier: EUPL-1.2

package remind

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kontor/app/tasks"
	"kontor/storage"
)

// desk is a device with a store, a clock of its own, and a person who hears what rings.
type desk struct {
	t     *testing.T
	db    *storage.DB
	acct  int64
	list  int64
	clock atomic.Pointer[time.Time]
	heard chan string
	ended func()
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	db, err := storage.Open(t.Context(), filepath.Join(t.TempDir(), "kontor.db"))
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, db: db, heard: make(chan string, 100)}
	t.Cleanup(func() {
		if d.ended != nil {
			d.stop()
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	d.set(0)
	d.acct, d.list = d.account("a")
	return d
}

// account adds an account with a list.
func (d *desk) account(name string) (acct, list int64) {
	d.t.Helper()
	d.write(func(ctx context.Context, tx *storage.Tx) (err error) {
		if acct, err = tx.AddAccount(ctx, storage.Account{Name: name}); err != nil {
			return err
		}
		list, err = tx.AddTaskList(ctx, storage.TaskList{List: tasks.List{AccountID: acct, Name: "Amt"}, Href: "/l/", OnServer: true})
		return err
	})
	return acct, list
}

func (d *desk) write(fn func(context.Context, *storage.Tx) error) {
	d.t.Helper()
	ctx := context.Background()
	if err := d.db.Write(ctx, func(tx *storage.Tx) error { return fn(ctx, tx) }); err != nil {
		d.t.Fatal(err)
	}
}

// began is when the tests begin: after the store was made, so that what is before it is no longer waited for.
var began = time.Now().Add(time.Hour).Truncate(time.Minute)

func at(minutes int) time.Time { return began.Add(time.Duration(minutes) * time.Minute) }

// set puts the clock.
func (d *desk) set(minutes int) {
	now := at(minutes)
	d.clock.Store(&now)
}

// put stores what the server holds: a task that reminds at some minutes, with further lines.
func (d *desk) put(list int64, uid string, minutes []int, lines ...string) {
	d.t.Helper()
	text := "BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nUID:" + uid + "\r\nSUMMARY:" + uid + "\r\n"
	for _, l := range lines {
		text += l + "\r\n"
	}
	for _, m := range minutes {
		text += "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER;VALUE=DATE-TIME:" + stamp(m) + "\r\nEND:VALARM\r\n"
	}
	d.write(func(ctx context.Context, tx *storage.Tx) error {
		_, _, err := tx.StoreTask(ctx, list, uid+".ics", `"1"`, text+"END:VTODO\r\nEND:VCALENDAR\r\n")
		return err
	})
}

func stamp(minutes int) string { return at(minutes).UTC().Format("20060102T150405Z") }

// run starts the program.
func (d *desk) run() *Service {
	s := New(d.db, slog.New(slog.DiscardHandler))
	s.now = func() time.Time { return *d.clock.Load() }
	s.slice = 2 * time.Millisecond
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(ctx, func(ringing, open []tasks.Ring) { d.heard <- words(ringing) + " | " + words(open) })
	}()
	d.ended = func() {
		cancel()
		<-done
	}
	return s
}

func (d *desk) stop() {
	d.ended()
	d.ended = nil
}

func words(all []tasks.Ring) string {
	names := make([]string, len(all))
	for i, r := range all {
		names[i] = fmt.Sprintf("%s %.0f", r.Title, r.At.Sub(began).Minutes())
	}
	return strings.Join(names, ", ")
}

// hear waits for what rings next: the new ones, then all that are open.
func (d *desk) hear(want string) {
	d.t.Helper()
	select {
	case got := <-d.heard:
		if got != want {
			d.t.Fatalf("heard %q, want %q", got, want)
		}
	case <-time.After(20 * time.Second):
		d.t.Fatalf("nothing is heard, want %q", want)
	}
}

// quiet ends the program and checks that nothing more was heard.
func (d *desk) quiet() {
	d.t.Helper()
	d.stop()
	select {
	case got := <-d.heard:
		d.t.Fatalf("heard %q", got)
	default:
	}
}

func TestRingsWhileRunningAndAfter(t *testing.T) {
	d := newDesk(t)
	d.put(d.list, "missed", []int{-30, -20})
	d.put(d.list, "ahead", []int{10})
	d.put(d.list, "done", []int{-5}, "STATUS:COMPLETED")
	d.put(d.list, "early", []int{-100000})
	s := d.run()
	d.hear("missed -20 | missed -20")
	if next, ok := s.Next(t.Context()); !ok || next.Title != "ahead" || !next.At.Equal(at(10)) {
		t.Errorf("next is %v, %v", next, ok)
	}
	d.put(d.list, "new", []int{-1})
	d.hear("new -1 | missed -20, new -1")
	d.set(12) // as after a sleep: no timer has felt it
	d.hear("ahead 10 | missed -20, new -1, ahead 10")
	d.set(5) // and back
	d.put(d.list, "missed", nil)
	d.hear(" | new -1, ahead 10")
	if _, ok := s.Next(t.Context()); ok {
		t.Error("what has rung is said to ring next")
	}
	if got := words(s.Open()); got != "new -1, ahead 10" {
		t.Errorf("open are %q", got)
	}
	d.quiet()
	d.set(60)
	d.put(d.list, "later", []int{30})
	d.run()
	d.hear("later 30 | new -1, ahead 10, later 30")
	d.quiet()
	d.run()
	d.hear(" | new -1, ahead 10, later 30") // still there, but silent
	d.quiet()
}

// TestDownloadedAgain empties the list and downloads it again, with an account that is new here beside it.
func TestDownloadedAgain(t *testing.T) {
	d := newDesk(t)
	d.put(d.list, "a", []int{-1})
	d.run()
	d.hear("a -1 | a -1")
	d.write(func(ctx context.Context, tx *storage.Tx) error {
		row, err := tx.TaskByName(ctx, d.list, "a.ics")
		if err != nil {
			return err
		}
		return tx.TaskGone(ctx, row.ID, 0)
	})
	d.hear(" | ")
	d.put(d.list, "a", []int{-1})
	d.hear(" | a -1")
	d.put(d.list, "a", []int{-1}, "X-MOZ-LASTACK:"+stamp(0)) // another device answered
	d.hear(" | ")
	_, other := d.account("b")
	d.put(other, "a", []int{-1}) // the same name there is another task
	d.hear("a -1 | a -1")
	d.put(other, "old", []int{-100}) // before this device knew the account
	d.put(other, "new", []int{-1})
	d.hear("new -1 | a -1, new -1")
	d.quiet()
}

// TestOneOfTwoRings lets two processes look at the same store.
func TestOneOfTwoRings(t *testing.T) {
	d := newDesk(t)
	for n := range 20 {
		d.put(d.list, fmt.Sprint("t", n), []int{-1})
	}
	all, err := d.db.Reminders(t.Context(), at(0))
	if err != nil {
		t.Fatal(err)
	}
	p := decide(at(0), all)
	s := New(d.db, slog.New(slog.DiscardHandler))
	one, err := s.claim(t.Context(), p)
	if err != nil || len(one) != 20 {
		t.Fatalf("%d ring, %v", len(one), err)
	}
	two, err := s.claim(t.Context(), p)
	if err != nil || len(two) != 0 {
		t.Errorf("%d ring again, %v", len(two), err)
	}
}
