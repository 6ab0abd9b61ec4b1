// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"cmp"
	"slices"
)

// MinuteBits is how many bits of a message's ID are below the minute in which it was received.
const MinuteBits = 20

// MaxSilence is after how many minutes an answer without references is no longer taken for part of what has the same
// subject: 60 days.
const MaxSilence = 60 * 24 * 60

// Continues reports whether an answer whose original is not here continues the group before it among those of the same
// base subject.
//
// This is step 5 of REFERENCES (RFC 5256, section 3) but for one thing: that merges all threads of one base subject, here
// only answers are merged, and not across a long silence. Every month's "Rechnung", of another sender each time, is no
// conversation, and one that held all of them would hide each new one in an old one. An answer whose References were lost
// on the way, which is what the step is for, finds its original as there. Conversations are hence those of the RFC or
// parts of them; where a subject has one original, the oldest, and its answers, they are the same.
func (g Group) Continues(before Group) bool {
	return g.Reply && g.Base != 0 && g.Base == before.Base && g.First>>MinuteBits-before.First>>MinuteBits <= MaxSilence
}

// Settle divides groups into conversations and returns those whose Thread changed. For each base subject but 0 it needs
// all groups that have it, or none of them may be an answer.
func Settle(groups []Group) []Group {
	sorted := slices.SortedFunc(slices.Values(groups), func(a, b Group) int {
		return cmp.Or(cmp.Compare(a.Base, b.Base), cmp.Compare(a.First, b.First))
	})
	var changed []Group
	for start := 0; start < len(sorted); {
		end := start + 1
		for end < len(sorted) && sorted[end].Continues(sorted[end-1]) {
			end++
		}
		run := sorted[start:end]
		thread := threadOf(run)
		for _, g := range run {
			if g.Thread != thread {
				g.Thread = thread
				changed = append(changed, g)
			}
		}
		start = end
	}
	return changed
}

// threadOf chooses the ID of a conversation: the one that most of its groups have already, if one of them lends it.
func threadOf(run []Group) int64 {
	best, most := run[0].ID, 0
	votes := map[int64]int{}
	for _, g := range run {
		votes[g.Thread]++
	}
	for _, g := range run {
		if n := votes[g.ID]; n > most {
			best, most = g.ID, n
		}
	}
	return best
}
