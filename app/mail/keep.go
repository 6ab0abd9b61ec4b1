// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"cmp"
	"slices"
	"time"
)

// Keep says which messages of an account are kept here with all their octets. Headers, beginnings of texts and what the
// search knows are always kept. A zero field sets no limit.
type Keep struct {
	Days    int     `json:"days,omitempty"`    // as old as that at most
	Size    int64   `json:"size,omitempty"`    // each at most so many octets
	Without []int64 `json:"without,omitempty"` // not those in these folders
	Quota   int64   `json:"quota,omitempty"`   // all together at most so many octets, the newest first
}

// DefaultKeep keeps everything, up to what a notebook can spare.
var DefaultKeep = Keep{Quota: 32_000_000_000}

// reopened is for how long a message that was fetched to be read stays, whatever the rules say.
const reopened = 14 * 24 * time.Hour

// BodyState is what is here of the octets of a message.
type BodyState uint8

// The states.
const (
	BodyMissing  BodyState = iota // to be fetched
	BodyStored                    // here
	BodyRefused                   // the server does not hand it out
	BodyUnwanted                  // not kept; it is fetched when somebody opens it
)

// Held is a message as far as it matters for what is kept.
type Held struct {
	ID       int64
	FolderID int64
	Received time.Time
	Opened   time.Time // when it was last fetched to be read, zero for never
	Size     int64
	State    BodyState
	Fixed    bool // it must not be dropped: it waits for something, is being written, or no server has it
}

// Wants reports whether the rules that concern a single message want it here.
func (k Keep) Wants(m Held, now time.Time) bool {
	switch {
	case m.Fixed, !m.Opened.IsZero() && now.Sub(m.Opened) < reopened:
		return true
	case k.Days > 0 && now.Sub(m.Received) > time.Duration(k.Days)*24*time.Hour, k.Size > 0 && m.Size > k.Size:
		return false
	}
	return !slices.Contains(k.Without, m.FolderID)
}

// KeepPlan is what is to be done so that what is kept follows the rules.
type KeepPlan struct {
	Drop  []int64 // stored, and no longer wanted
	Fetch []int64 // unwanted before, and wanted now
	Forgo []int64 // missing, and not to be fetched
}

// PlanKeep compares messages with the rules. What must not be dropped counts first, then the newest.
func PlanKeep(k Keep, messages []Held, now time.Time) KeepPlan {
	sorted := slices.SortedFunc(slices.Values(messages), func(a, b Held) int {
		return cmp.Or(-compareBool(a.Fixed, b.Fixed), b.Received.Compare(a.Received), cmp.Compare(b.ID, a.ID))
	})
	var plan KeepPlan
	total, full := int64(0), false
	for _, m := range sorted {
		wanted := k.Wants(m, now)
		if wanted && m.State != BodyRefused {
			if !m.Fixed && k.Quota > 0 && (full || total+m.Size > k.Quota) {
				wanted, full = false, true // no older one slips in because it is small
			} else {
				total += m.Size
			}
		}
		switch {
		case m.State == BodyStored && !wanted:
			plan.Drop = append(plan.Drop, m.ID)
		case m.State == BodyUnwanted && wanted:
			plan.Fetch = append(plan.Fetch, m.ID)
		case m.State == BodyMissing && !wanted:
			plan.Forgo = append(plan.Forgo, m.ID)
		}
	}
	return plan
}

// KeepEffect is what a plan would change: messages, and their octets before packing.
type KeepEffect struct {
	Stored, Dropped, Fetched int // Stored is what would be here in the end, Fetched comes as soon as the server is reached
	Octets, Frees, Loads     int64
}

// Effect weighs a plan for messages.
func (p KeepPlan) Effect(messages []Held) KeepEffect {
	change := make(map[int64]int, len(p.Drop)+len(p.Fetch)+len(p.Forgo))
	const drop, fetch, forgo = 1, 2, 3
	for mark, ids := range map[int][]int64{drop: p.Drop, fetch: p.Fetch, forgo: p.Forgo} {
		for _, id := range ids {
			change[id] = mark
		}
	}
	var e KeepEffect
	for _, m := range messages {
		mark := change[m.ID]
		switch {
		case mark == drop:
			e.Dropped++
			e.Frees += m.Size
		case mark == fetch, m.State == BodyMissing && mark != forgo:
			e.Fetched++
			e.Loads += m.Size
		}
		if m.State == BodyStored && mark != drop || mark == fetch || m.State == BodyMissing && mark != forgo {
			e.Stored++
			e.Octets += m.Size
		}
	}
	return e
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
