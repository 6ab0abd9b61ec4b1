// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"slices"
	"strings"
)

// Missing gives what of the change a message does not have yet, given its flags as the server has them now. What others
// changed besides stays theirs; of the flags in the change, the person's word counts. Keywords are compared without case
// (RFC 9051, section 2.3.2).
func (o FlagsOp) Missing(have Flags, keywords []string) FlagsOp {
	need := FlagsOp{Add: o.Add &^ have, Remove: o.Remove & have}
	for _, k := range o.AddKeywords {
		if !hasKeyword(keywords, k) {
			need.AddKeywords = append(need.AddKeywords, k)
		}
	}
	for _, k := range o.RemoveKeywords {
		if hasKeyword(keywords, k) {
			need.RemoveKeywords = append(need.RemoveKeywords, k)
		}
	}
	return need
}

// Without gives the change without flags and keywords that it is not to be about.
func (o FlagsOp) Without(flags Flags, keywords []string) FlagsOp {
	o.Add &^= flags
	left := func(list []string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(k string) bool { return hasKeyword(keywords, k) })
	}
	o.AddKeywords, o.RemoveKeywords = left(o.AddKeywords), left(o.RemoveKeywords)
	return o
}

func hasKeyword(list []string, keyword string) bool {
	return slices.ContainsFunc(list, func(k string) bool { return strings.EqualFold(k, keyword) })
}
