// SPDX-License-Identifier: EUPL-1.2

package mail

import "slices"

// Then gives the one change that does o and then next, or false where one change cannot say both: they differ in the
// messages and in what is done to them.
func (o FlagsOp) Then(next FlagsOp) (FlagsOp, bool) {
	switch {
	case o.sameChange(next):
		for _, id := range next.IDs {
			if !slices.Contains(o.IDs, id) {
				o.IDs = append(slices.Clip(o.IDs), id)
			}
		}
		return o, true
	case slices.Equal(o.IDs, next.IDs):
		o.Add, o.Remove = o.Add&^next.Remove|next.Add, o.Remove&^next.Add|next.Remove
		add := ChangeKeywords(o.AddKeywords, next.AddKeywords, next.RemoveKeywords)
		o.RemoveKeywords = ChangeKeywords(o.RemoveKeywords, next.RemoveKeywords, next.AddKeywords)
		o.AddKeywords = add
		return o, true
	}
	return o, false
}

func (o FlagsOp) sameChange(other FlagsOp) bool {
	return o.Add == other.Add && o.Remove == other.Remove &&
		slices.Equal(o.AddKeywords, other.AddKeywords) && slices.Equal(o.RemoveKeywords, other.RemoveKeywords)
}
