// SPDX-License-Identifier: EUPL-1.2

package engine

import (
	"encoding/json"

	"kontor/app/journal"
)

// JoinPayloads joins two operations whose payloads are a P each: then gives the one payload that does both. What cannot
// be read stays alone and is reported when its turn comes.
func JoinPayloads[P any](a, b journal.Op, then func(a, b P) (P, bool)) (journal.Op, bool) {
	var first, second P
	if json.Unmarshal(a.Payload, &first) != nil || json.Unmarshal(b.Payload, &second) != nil {
		return a, false
	}
	both, ok := then(first, second)
	if !ok {
		return a, false
	}
	payload, err := json.Marshal(both)
	if err != nil {
		return a, false
	}
	a.Payload, a.Target = payload, b.Target
	return a, true
}
