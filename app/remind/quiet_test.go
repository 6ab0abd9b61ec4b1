// SPDX-License-Identifier: EUPL-1.2

package remind

import (
	"context"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kontor/storage"
)

// TestQuietHours: when they begin and end, over midnight too, and on the days that the clock changes.
func TestQuietHours(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(month time.Month, day, hour, minute int) time.Time {
		return time.Date(2026, month, day, hour, minute, 0, 0, berlin)
	}
	night := Quiet{Hours: true, From: 18 * 60, To: 7 * 60}
	noon := Quiet{Hours: true, From: 12 * 60, To: 13 * 60}
	now := at(11, 23, 12, 30)
	for _, c := range []struct {
		why   string
		q     Quiet
		now   time.Time
		until time.Time
		quiet bool
	}{
		{"nothing was chosen", Evening, at(11, 23, 20, 0), time.Time{}, false},
		{"before the evening", night, at(11, 23, 17, 59), time.Time{}, false},
		{"the evening begins", night, at(11, 23, 18, 0), at(11, 24, 7, 0), true},
		{"after midnight", night, at(11, 24, 6, 59), at(11, 24, 7, 0), true},
		{"the morning", night, at(11, 24, 7, 0), time.Time{}, false},
		{"the night that is an hour longer", night, at(10, 25, 2, 30), at(10, 25, 7, 0), true},
		{"the night that is an hour shorter", night, at(3, 28, 23, 0), at(3, 29, 7, 0), true},
		{"at noon", noon, now, at(11, 23, 13, 0), true},
		{"after noon", noon, at(11, 23, 13, 0), time.Time{}, false},
		{"hours of no length", Quiet{Hours: true, From: 60, To: 60}, at(11, 23, 1, 0), time.Time{}, false},
		{"until switched off", Quiet{On: true}, now, time.Time{}, true},
		{"for a while", Quiet{On: true, Until: now.Add(time.Hour)}, now, now.Add(time.Hour), true},
		{"the while is over", Quiet{On: true, Until: now}, now, time.Time{}, false},
		{"the while ends in the hours", Quiet{On: true, Until: at(11, 23, 12, 45), Hours: true, From: 720, To: 780}, now, at(11, 23, 13, 0), true},
		{"the while is longer than the hours", Quiet{On: true, Until: at(11, 23, 15, 0), Hours: true, From: 720, To: 780}, now, at(11, 23, 15, 0), true},
	} {
		if until, quiet := c.q.At(c.now); quiet != c.quiet || !until.Equal(c.until) {
			t.Errorf("%s: %v until %v", c.why, quiet, until)
		}
	}
}

// TestNothingIsLostInTheQuiet lets it be quiet and loud at random: what was due rings exactly once, as soon as it is loud.
func TestNothingIsLostInTheQuiet(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rung, heard := map[int64]bool{}, map[int64]int{}
		moments := rapid.SliceOfN(rapid.IntRange(1, 60), 1, 5).Draw(rt, "moments")
		for now := 0; now < 80; now += rapid.IntRange(1, 9).Draw(rt, "passes") {
			quiet := now < 61 && rapid.Bool().Draw(rt, "quiet")
			var all []storage.Reminder
			for id, m := range moments {
				r := storage.Reminder{Known: at(0), Rung: rung[int64(id)]}
				r.TaskID, r.At = int64(id), at(m)
				all = append(all, r)
			}
			due := 0
			for id, m := range moments {
				if m <= now && !rung[int64(id)] {
					due++
				}
			}
			if quiet {
				var held int
				if all, held = hold(at(now), all); held != due {
					rt.Fatalf("at %d %d are held of %d", now, held, due)
				}
			}
			p := decide(at(now), all)
			if quiet && len(p.ring)+len(p.mark) > 0 {
				rt.Fatalf("it rings at %d", now)
			}
			if !quiet && len(p.ring) != due {
				rt.Fatalf("at %d %d ring of %d", now, len(p.ring), due)
			}
			for _, m := range p.mark {
				rung[m.TaskID] = true
				heard[m.TaskID]++
			}
		}
		for id := range moments {
			if heard[int64(id)] != 1 {
				rt.Fatalf("%d rang %d times", id, heard[int64(id)])
			}
		}
	})
}

// TestQuietThenAll: what is due in quiet hours is collected over a restart and rings when they are over, all at once; what
// had rung before stays where it is.
func TestQuietThenAll(t *testing.T) {
	d := newDesk(t)
	d.put(d.list, "before", []int{-1})
	s := d.run()
	d.hear("before -1 | before -1")
	choose := func(q Quiet) {
		t.Helper()
		if err := s.SetQuiet(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	choose(Quiet{On: true, Until: at(60)})
	d.put(d.list, "one", []int{10, 20})
	d.put(d.list, "two", []int{30})
	d.set(25)
	d.waitHeld(s, 1)
	d.quiet()
	s = d.run()
	d.hear(" | before -1")
	d.set(40)
	d.waitHeld(s, 2)
	d.set(60)
	d.hear("one 20, two 30 | before -1, one 20, two 30")
	d.waitHeld(s, 0)
	choose(Quiet{On: true})
	d.put(d.list, "three", []int{61})
	d.set(62)
	d.waitHeld(s, 1)
	choose(Quiet{})
	d.hear("three 61 | before -1, one 20, two 30, three 61")
	d.quiet()
	d.run()
	d.hear(" | before -1, one 20, two 30, three 61") // and never again
	d.quiet()
}

// waitHeld waits until so many tasks are held back.
func (d *desk) waitHeld(s *Service, want int) {
	d.t.Helper()
	for end := time.Now().Add(20 * time.Second); s.Held() != want; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			d.t.Fatalf("%d are held, want %d", s.Held(), want)
		}
	}
}

// TestDamagedQuiet: what cannot be understood keeps nobody from being reminded.
func TestDamagedQuiet(t *testing.T) {
	d := newDesk(t)
	s := New(d.db, nil)
	for _, text := range []string{"", "x", "[]", `{"on":true,"from":-1}`, `{"hours":true,"to":1440}`} {
		d.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SetSetting(ctx, settingQuiet, text) })
		if q, err := s.Quiet(t.Context()); err != nil || q != Evening {
			t.Errorf("%q: %+v, %v", text, q, err)
		}
	}
	want := Quiet{Hours: true, From: 1, To: 1439}
	if err := s.SetQuiet(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if q, err := s.Quiet(t.Context()); err != nil || q != want {
		t.Errorf("%+v, %v", q, err)
	}
}
