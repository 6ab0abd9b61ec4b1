// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"fmt"
	"strconv"
	"strings"
)

// maxSet bounds the length of one set in a command: some servers take lines of 8,000 octets only.
const maxSet = 4000

// maxUIDs bounds what a set in a response may stand for.
const maxUIDs = 20_000_000

// uidSets writes ascending UIDs as sets (RFC 9051, section 9), each short enough for one command.
func uidSets(uids []uint32) []string {
	var sets []string
	var b strings.Builder
	for i := 0; i < len(uids); {
		j := i
		for j+1 < len(uids) && uids[j+1] == uids[j]+1 {
			j++
		}
		if b.Len() > maxSet {
			sets = append(sets, b.String())
			b.Reset()
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.FormatUint(uint64(uids[i]), 10))
		if j > i {
			b.WriteByte(':')
			b.WriteString(strconv.FormatUint(uint64(uids[j]), 10))
		}
		i = j + 1
	}
	if b.Len() > 0 {
		sets = append(sets, b.String())
	}
	return sets
}

// parseSet reads a set of a response in its order; a range that runs backwards is turned round.
func parseSet(set string) ([]uint32, error) {
	var uids []uint32
	for part := range strings.SplitSeq(set, ",") {
		from, to, isRange := strings.Cut(part, ":")
		a, err := strconv.ParseUint(from, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("set %.40q: %w", set, errOdd)
		}
		b := a
		if isRange {
			if b, err = strconv.ParseUint(to, 10, 32); err != nil {
				return nil, fmt.Errorf("set %.40q: %w", set, errOdd)
			}
		}
		if a > b {
			a, b = b, a
		}
		if uint64(len(uids))+b-a > maxUIDs {
			return nil, fmt.Errorf("set of too many messages: %w", errOdd)
		}
		for u := a; u <= b; u++ {
			uids = append(uids, uint32(u))
		}
	}
	return uids, nil
}
