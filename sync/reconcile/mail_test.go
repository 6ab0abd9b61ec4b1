// SPDX-License-Identifier: EUPL-1.2

package reconcile

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestMailNeed(t *testing.T) {
	have := MailCursor{Validity: 7, Next: 20, ModSeq: 50, Complete: true, Have: 10}
	same := MailStatus{Validity: 7, Next: 20, ModSeq: 50, Messages: 10}
	all := MailCaps{QResync: true, CondStore: true}
	for name, c := range map[string]struct {
		change func(*MailCursor, *MailStatus, *MailCaps)
		want   MailNeed
	}{
		"nothing":                   {func(*MailCursor, *MailStatus, *MailCaps) {}, MailSame},
		"nothing, and never modseq": {func(h *MailCursor, s *MailStatus, _ *MailCaps) { h.ModSeq, s.ModSeq = 0, 0 }, MailScan},
		"empty, and never modseq": {func(h *MailCursor, s *MailStatus, _ *MailCaps) {
			*h = MailCursor{7, 20, 0, true, 0, 0}
			s.ModSeq, s.Messages = 0, 0
		}, MailSame},
		"flags":                      {func(_ *MailCursor, s *MailStatus, _ *MailCaps) { s.ModSeq++ }, MailResync},
		"flags without qresync":      {func(_ *MailCursor, s *MailStatus, c *MailCaps) { s.ModSeq++; c.QResync = false }, MailChanges},
		"flags without condstore":    {func(_ *MailCursor, s *MailStatus, c *MailCaps) { s.ModSeq++; *c = MailCaps{} }, MailScan},
		"one is gone, modseq is not": {func(_ *MailCursor, s *MailStatus, _ *MailCaps) { s.Messages-- }, MailResync},
		"never finished":             {func(h *MailCursor, _ *MailStatus, _ *MailCaps) { h.Complete = false }, MailWhole},
		"first visit":                {func(h *MailCursor, _ *MailStatus, _ *MailCaps) { *h = MailCursor{} }, MailWhole},
		"numbered anew":              {func(_ *MailCursor, s *MailStatus, _ *MailCaps) { s.Validity++ }, MailRenumbered},
		"numbered anew, unfinished":  {func(h *MailCursor, s *MailStatus, _ *MailCaps) { h.Complete = false; s.Validity++ }, MailRenumbered},
		"restored from a copy":       {func(_ *MailCursor, s *MailStatus, _ *MailCaps) { s.ModSeq -= 9 }, MailScan},
		"uidnext went back":          {func(_ *MailCursor, s *MailStatus, _ *MailCaps) { s.Next -= 9; s.ModSeq += 5 }, MailScan},
	} {
		h, s, caps := have, same, all
		c.change(&h, &s, &caps)
		if got := MailNeedOf(h, s, caps); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
		ask := MailAskFor(h, s, caps, 100)
		if (ask == MailAsk{}) != (c.want == MailSame) {
			t.Errorf("%s: asks %+v", name, ask)
		}
	}
}

// fakeFolder is a folder of a server that does what its capabilities say.
type fakeFolder struct {
	validity, next uint32
	modseq         uint64
	flags          map[uint32]int    // of what is there
	changed        map[uint32]uint64 // MODSEQ of each
	gone           map[uint32]uint64
}

func (f *fakeFolder) status(caps MailCaps) MailStatus {
	s := MailStatus{Validity: f.validity, Next: f.next, Messages: len(f.flags)}
	if caps.CondStore {
		s.ModSeq = f.modseq
	}
	return s
}

func (f *fakeFolder) all() []uint32 { return slices.Sorted(maps.Keys(f.flags)) }

// change lets other programs work on the folder.
func (f *fakeFolder) change(t *rapid.T) {
	for range rapid.IntRange(0, 6).Draw(t, "changes") {
		f.modseq++
		uids := f.all()
		switch what := rapid.IntRange(0, 9).Draw(t, "what"); {
		case what < 4 || len(uids) == 0:
			f.flags[f.next], f.changed[f.next] = what, f.modseq
			f.next += uint32(rapid.IntRange(1, 2).Draw(t, "step")) // some are gone before anybody saw them
		case what < 6:
			u := rapid.SampledFrom(uids).Draw(t, "gone")
			delete(f.flags, u)
			f.gone[u] = f.modseq
		case what < 9:
			u := rapid.SampledFrom(uids).Draw(t, "flagged")
			f.flags[u], f.changed[u] = int(f.modseq), f.modseq
		default:
			old := f.all()
			flags := f.flags
			f.validity++
			f.flags, f.changed, f.gone = map[uint32]int{}, map[uint32]uint64{}, map[uint32]uint64{}
			f.next = 1
			for _, u := range old {
				f.flags[f.next], f.changed[f.next] = flags[u], f.modseq
				f.next++
			}
		}
	}
}

// answer gives what an ask brings: the headers, the flags and the rest.
func (f *fakeFolder) answer(ask MailAsk, caps MailCaps) (a MailAnswer, flags map[uint32]int) {
	a, flags = MailAnswer{Exists: len(f.flags), Next: f.next}, map[uint32]int{}
	all := f.all()
	for i, u := range all {
		if ask.NewFrom > 0 && u >= ask.NewFrom || i >= len(all)-ask.Newest {
			a.New = append(a.New, u)
			flags[u] = f.flags[u]
		}
		since := max(ask.Resync, ask.Since)
		if ask.Flags || since > 0 && caps.CondStore && f.changed[u] > since {
			flags[u] = f.flags[u]
		}
	}
	if ask.Resync > 0 {
		for u, at := range f.gone {
			if at > ask.Resync {
				a.Vanished = append(a.Vanished, u)
			}
		}
	}
	if ask.List {
		a.Listed, a.All = true, all
	}
	return a, flags
}

// fakeStore follows a fakeFolder with nothing but the planners.
type fakeStore struct {
	cursor MailCursor
	flags  map[uint32]int
}

func (s *fakeStore) pull(f *fakeFolder, caps MailCaps) {
	s.cursor.Have = len(s.flags)
	ask := MailAskFor(s.cursor, f.status(caps), caps, 3)
	need := MailNeedOf(s.cursor, f.status(caps), caps)
	if need == MailSame {
		return
	}
	if need == MailRenumbered {
		s.flags = map[uint32]int{}
	}
	a, flags := f.answer(ask, caps)
	diff := CompareMail(slices.Sorted(maps.Keys(s.flags)), a)
	if diff.Unsure {
		a.Listed, a.All = true, f.all()
		diff = CompareMail(slices.Sorted(maps.Keys(s.flags)), a)
	}
	for _, u := range append(a.New, diff.Missing...) {
		s.flags[u] = f.flags[u]
	}
	for u, v := range flags {
		if _, ok := s.flags[u]; ok {
			s.flags[u] = v
		}
	}
	for _, u := range diff.Gone {
		delete(s.flags, u)
	}
	status := f.status(caps)
	s.cursor = MailCursor{Validity: status.Validity, Next: status.Next, ModSeq: status.ModSeq, Complete: true}
}

func TestTheStoreFollowsTheServer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := &fakeFolder{validity: 1, next: 1, modseq: 1, flags: map[uint32]int{}, changed: map[uint32]uint64{}, gone: map[uint32]uint64{}}
		s := &fakeStore{flags: map[uint32]int{}}
		for range rapid.IntRange(1, 8).Draw(t, "rounds") {
			f.change(t)
			// What a server can do may change between two visits: it is updated, or another one behind the same name.
			caps := rapid.SampledFrom([]MailCaps{{}, {CondStore: true}, {QResync: true, CondStore: true}}).Draw(t, "capabilities")
			s.pull(f, caps)
			if !maps.Equal(s.flags, f.flags) {
				t.Fatalf("the store has %v, the server %v", s.flags, f.flags)
			}
		}
	})
}

func TestOnlyWhatIsSaidToBeGoneIsRemoved(t *testing.T) {
	uids := rapid.SliceOfN(rapid.Uint32Range(1, 40), 0, 20)
	rapid.Check(t, func(t *rapid.T) {
		local := Ascending(uids.Draw(t, "local"))
		a := MailAnswer{
			Exists: rapid.IntRange(0, 20).Draw(t, "exists"), Next: rapid.Uint32Range(0, 41).Draw(t, "next"),
			New: uids.Draw(t, "new"), Vanished: uids.Draw(t, "vanished"), Listed: rapid.Bool().Draw(t, "listed"), All: uids.Draw(t, "all"),
		}
		diff := CompareMail(local, a)
		for _, u := range diff.Gone {
			absent := a.Listed && !slices.Contains(a.All, u) && len(Ascending(slices.Clone(a.All))) >= a.Exists
			if !slices.Contains(a.Vanished, u) && !absent {
				t.Fatalf("%d is removed although nobody said that it is gone", u)
			}
			if a.Next > 0 && u >= a.Next && !slices.Contains(a.Vanished, u) {
				t.Fatalf("%d came after the folder was opened and is removed", u)
			}
		}
		for _, u := range diff.Missing {
			if slices.Contains(local, u) || slices.Contains(a.New, u) {
				t.Fatalf("%d is fetched twice", u)
			}
		}
		if !slices.IsSorted(diff.Gone) || !slices.IsSorted(diff.Missing) || a.Listed && diff.Unsure {
			t.Fatalf("%+v", diff)
		}
	})
}

func TestMailAsk(t *testing.T) {
	have := MailCursor{Validity: 7, Next: 20, ModSeq: 50, Complete: true, Have: 10}
	store, resync := MailCaps{CondStore: true}, MailCaps{QResync: true, CondStore: true}
	for name, c := range map[string]struct {
		have MailCursor
		now  MailStatus
		caps MailCaps
		want MailAsk
	}{
		"three new":                      {have, MailStatus{7, 23, 60, 13}, resync, MailAsk{Resync: 50, NewFrom: 20}},
		"three new, no qresync":          {have, MailStatus{7, 23, 60, 13}, store, MailAsk{Since: 50, NewFrom: 20}},
		"three new, one perhaps gone":    {have, MailStatus{7, 23, 60, 12}, store, MailAsk{Since: 50, NewFrom: 20, List: true}},
		"one gone":                       {have, MailStatus{7, 20, 60, 9}, store, MailAsk{Since: 50, List: true}},
		"no modseq":                      {have, MailStatus{7, 21, 0, 11}, MailCaps{}, MailAsk{Flags: true, NewFrom: 20}},
		"status without uidnext":         {have, MailStatus{7, 0, 0, 10}, MailCaps{}, MailAsk{Flags: true, NewFrom: 20}},
		"first visit, few":               {MailCursor{}, MailStatus{7, 23, 60, 5}, resync, MailAsk{Newest: 100}},
		"first visit, many":              {MailCursor{}, MailStatus{7, 523, 60, 500}, resync, MailAsk{Newest: 100, List: true}},
		"first visit, empty":             {MailCursor{}, MailStatus{7, 1, 1, 0}, resync, MailAsk{}},
		"was empty, has news":            {MailCursor{7, 20, 50, true, 0, 0}, MailStatus{7, 23, 60, 3}, store, MailAsk{NewFrom: 20}},
		"one is lost, resync":            {MailCursor{7, 20, 50, true, 10, 1}, MailStatus{7, 20, 50, 10}, resync, MailAsk{Resync: 50, List: true}},
		"interrupted":                    {MailCursor{7, 0, 0, false, 10, 0}, MailStatus{7, 23, 60, 30}, resync, MailAsk{Flags: true, List: true}},
		"numbered anew: all are to seek": {have, MailStatus{8, 11, 3, 10}, resync, MailAsk{Newest: 100}},
	} {
		if got := MailAskFor(c.have, c.now, c.caps, 100); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestMailLine(t *testing.T) {
	const far, near = 50 * time.Millisecond, 300 * time.Microsecond
	for _, c := range []struct {
		line MailLine
		want bool
	}{
		{MailLine{RoundTrip: far, Turns: 9, Octets: 100 << 20, Waited: time.Second}, false},
		{MailLine{RoundTrip: far, Turns: 9, Octets: 5 << 20, Waited: time.Second}, true},
		{MailLine{RoundTrip: far, Turns: 9, Octets: 1 << 20, Waited: time.Minute}, false}, // too little to tell
		{MailLine{RoundTrip: far, Turns: 9, Octets: 5 << 20}, false},
		{MailLine{RoundTrip: near, Turns: 9, Octets: 5 << 20, Waited: time.Second}, false},     // busy, not far
		{MailLine{RoundTrip: far, Turns: 2, Octets: 5 << 20, Waited: time.Second}, false},      // far by chance
		{MailLine{RoundTrip: near, Turns: 9, Octets: 5 << 20, Waited: 10 * time.Second}, true}, // near, and next to nothing comes
		{MailLine{Octets: 5 << 20, Waited: time.Second}, false},
	} {
		if c.line.Compress() != c.want {
			t.Errorf("%+v", c)
		}
	}
	// A machine under load makes every measure longer by chance, and never shorter: a near server must stay near.
	rapid.Check(t, func(t *rapid.T) {
		l := MailLine{RoundTrip: time.Hour, Octets: rapid.Int64Range(0, 1<<30).Draw(t, "octets")}
		load := rapid.Float64Range(1, 50).Draw(t, "load")
		for range rapid.IntRange(enoughTurns, 20).Draw(t, "turns") {
			trip := time.Duration(float64(200*time.Microsecond) * rapid.Float64Range(1, load).Draw(t, "delay"))
			l.RoundTrip, l.Turns = min(l.RoundTrip, trip), l.Turns+1
		}
		l.Waited = time.Duration(float64(l.Octets) / (100 << 20) * load * float64(time.Second))
		if l.RoundTrip < shortTrip && l.Compress() {
			t.Fatalf("a server on this machine is taken for one on a slow line: %+v", l)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		near := MailLine{RoundTrip: time.Duration(rapid.IntRange(0, 4999).Draw(t, "near")) * time.Microsecond}
		far := MailLine{RoundTrip: time.Duration(rapid.IntRange(5000, 900000).Draw(t, "far")) * time.Microsecond}
		folders, mails := rapid.IntRange(0, 100).Draw(t, "folders"), rapid.IntRange(0, 1e5).Draw(t, "mails")
		octets := rapid.Int64Range(0, 1<<34).Draw(t, "octets")
		a, b := near.Lanes(folders, mails, octets), far.Lanes(folders, mails, octets)
		if a < 1 || a > b || b > maxLanes {
			t.Fatalf("%d and %d connections", a, b)
		}
	})
	if (MailLine{}).Short() || (MailLine{RoundTrip: 50 * time.Millisecond}).Short() || !(MailLine{RoundTrip: time.Millisecond}).Short() {
		t.Error("what is short is not known")
	}
	if got := (MailLine{RoundTrip: 50 * time.Millisecond}).Lanes(0, 5000, 135<<20); got != maxLanes {
		t.Errorf("a long way and much to fetch: %d connections", got)
	}
	if got := (MailLine{RoundTrip: 50 * time.Millisecond}).Lanes(1, 3, 1000); got != 1 {
		t.Errorf("little to fetch: %d connections", got)
	}
}

func TestDifference(t *testing.T) {
	got := fmt.Sprint(Difference([]uint32{1, 2, 5, 9}, []uint32{0, 2, 7, 9}))
	if got != "[1 5]" || !reflect.DeepEqual(Ascending([]uint32{3, 1, 3}), []uint32{1, 3}) {
		t.Error(got)
	}
}
