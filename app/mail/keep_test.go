// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var keepNow = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func drawHeld(t *rapid.T, n int) Held {
	m := Held{
		ID: int64(n + 1), FolderID: rapid.Int64Range(1, 3).Draw(t, "folder"), Size: rapid.Int64Range(0, 100).Draw(t, "size"),
		Received: keepNow.AddDate(0, 0, -rapid.IntRange(0, 60).Draw(t, "days")), Fixed: rapid.IntRange(0, 5).Draw(t, "fixed") == 0,
		State: BodyState(rapid.IntRange(0, 3).Draw(t, "state")),
	}
	if rapid.IntRange(0, 5).Draw(t, "opened") == 0 {
		m.Opened = keepNow.AddDate(0, 0, -rapid.IntRange(0, 30).Draw(t, "since"))
	}
	return m
}

// After a plan was carried out, nothing that must stay is gone, nothing that the rules forbid is here or on its way, the
// limit is held as far as that is possible, and the same rules ask for nothing more.
func TestPlanKeep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := Keep{
			Days: rapid.SampledFrom([]int{0, 10, 30}).Draw(t, "days"), Size: rapid.SampledFrom([]int64{0, 50}).Draw(t, "size"),
			Quota: rapid.SampledFrom([]int64{0, 100, 400}).Draw(t, "quota"), Without: rapid.SliceOfN(rapid.Int64Range(1, 3), 0, 2).Draw(t, "without"),
		}
		messages := make([]Held, rapid.IntRange(0, 20).Draw(t, "messages"))
		for i := range messages {
			messages[i] = drawHeld(t, i)
		}
		plan := PlanKeep(k, messages, keepNow)
		after := slices.Clone(messages)
		kept, fixed := int64(0), int64(0)
		for i := range after {
			m := &after[i]
			switch {
			case slices.Contains(plan.Drop, m.ID):
				if m.State != BodyStored || m.Fixed {
					t.Fatalf("dropped: %+v", *m)
				}
				m.State = BodyUnwanted
			case slices.Contains(plan.Fetch, m.ID):
				if m.State != BodyUnwanted {
					t.Fatalf("fetched: %+v", *m)
				}
				m.State = BodyMissing
			case slices.Contains(plan.Forgo, m.ID):
				if m.State != BodyMissing || m.Fixed {
					t.Fatalf("not fetched: %+v", *m)
				}
				m.State = BodyUnwanted
			}
			if here := m.State == BodyStored || m.State == BodyMissing; here {
				if kept += m.Size; m.Fixed {
					fixed += m.Size
				}
				if !k.Wants(*m, keepNow) {
					t.Fatalf("kept against the rules: %+v", *m)
				}
			} else if m.Fixed && m.State == BodyUnwanted {
				t.Fatalf("must stay: %+v", *m)
			}
		}
		if k.Quota > 0 && kept > max(k.Quota, fixed) {
			t.Fatalf("%d octets kept, %d allowed, %d must stay", kept, k.Quota, fixed)
		}
		want, before := KeepEffect{}, int64(0)
		for i, m := range messages {
			switch now := after[i]; {
			case m.State == BodyStored:
				if before += m.Size; now.State != BodyStored {
					want.Dropped++
					want.Frees += m.Size
				}
			case now.State == BodyMissing:
				want.Fetched++
				want.Loads += m.Size
			}
			if after[i].State == BodyStored || after[i].State == BodyMissing {
				want.Stored++
				want.Octets += m.Size
			}
		}
		if got := plan.Effect(messages); got != want || before-got.Frees+got.Loads != got.Octets {
			t.Fatalf("effect %+v, want %+v", got, want)
		}
		if again := PlanKeep(k, after, keepNow); len(again.Drop)+len(again.Fetch)+len(again.Forgo) > 0 {
			t.Fatalf("asks for more: %+v", again)
		}
	})
}

func TestKeepRules(t *testing.T) {
	old := Held{ID: 1, FolderID: 7, Received: keepNow.AddDate(-1, 0, 0), Size: 1000, State: BodyStored}
	opened, fixed := old, old
	opened.Opened, fixed.Fixed = keepNow.AddDate(0, 0, -1), true
	for name, c := range map[string]struct {
		k    Keep
		m    Held
		want bool
	}{
		"everything":         {Keep{}, old, true},
		"by default":         {DefaultKeep, old, true},
		"too old":            {Keep{Days: 300}, old, false},
		"not too old":        {Keep{Days: 400}, old, true},
		"too large":          {Keep{Size: 999}, old, false},
		"not of that folder": {Keep{Without: []int64{7}}, old, false},
		"of another folder":  {Keep{Without: []int64{8}}, old, true},
		"opened yesterday":   {Keep{Days: 1}, opened, true},
		"must stay":          {Keep{Days: 1, Size: 1, Without: []int64{7}}, fixed, true},
	} {
		if got := c.k.Wants(c.m, keepNow); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	newer := Held{ID: 2, Received: keepNow, Size: 600, State: BodyStored}
	small := Held{ID: 3, Received: keepNow.AddDate(-2, 0, 0), Size: 1, State: BodyMissing}
	plan := PlanKeep(Keep{Quota: 1500}, []Held{small, old, newer}, keepNow)
	if !slices.Equal(plan.Drop, []int64{1}) || !slices.Equal(plan.Forgo, []int64{3}) {
		t.Errorf("%+v", plan)
	}
}
