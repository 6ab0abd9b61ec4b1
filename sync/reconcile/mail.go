// SPDX-License-Identifier: EUPL-1.2

package reconcile

import "slices"

// MailCursor is what the store knows of one folder of a mail server.
type MailCursor struct {
	Validity uint32 // UIDVALIDITY; 0 before the first visit
	Next     uint32 // every message below it has been seen, once Complete
	ModSeq   uint64 // flags are known up to here (RFC 7162); 0 without CONDSTORE
	Complete bool   // the folder was read to its end at least once since it is numbered as it is
	Have     int    // messages whose UIDs are known
	Lost     int    // messages that should be here, whose UIDs are not known and that nothing waits for
}

// MailStatus is what the server's STATUS says of a folder; a number it did not give is 0.
type MailStatus struct {
	Validity uint32
	Next     uint32
	ModSeq   uint64
	Messages int
}

// MailCaps is what the server can do about changes (RFC 7162).
type MailCaps struct {
	QResync   bool // it has been switched on
	CondStore bool
}

// MailNeed is how a folder has to be brought up to date.
type MailNeed uint8

// The needs, from the cheapest to the dearest.
const (
	MailSame       MailNeed = iota // nothing has changed: the folder need not be opened
	MailResync                     // QRESYNC tells flags and what is gone
	MailChanges                    // CHANGEDSINCE tells flags; what is gone has to be found by comparing
	MailScan                       // all flags have to be read
	MailWhole                      // the folder was never read to its end
	MailRenumbered                 // UIDVALIDITY has changed: no UID holds any more
)

// MailNeedOf compares the store with STATUS. Numbers that have gone backwards are those of a server restored from a copy:
// changes since then cannot be asked for.
func MailNeedOf(have MailCursor, there MailStatus, caps MailCaps) MailNeed {
	switch {
	case have.Validity != 0 && there.Validity != 0 && have.Validity != there.Validity:
		return MailRenumbered
	case !have.Complete || have.Validity == 0:
		return MailWhole
	case have.ModSeq > there.ModSeq && there.ModSeq != 0, have.Next > there.Next && there.Next != 0:
		return MailScan
	case have.Validity == there.Validity && have.Next == there.Next && have.Have == there.Messages && have.Lost == 0 &&
		(have.Have == 0 || have.ModSeq != 0 && have.ModSeq == there.ModSeq):
		return MailSame
	case have.ModSeq == 0 || !caps.CondStore && !caps.QResync:
		return MailScan
	case caps.QResync:
		return MailResync
	}
	return MailChanges
}

// MailAsk is what to ask in the one turn that opens a folder. Zero values are not asked for.
type MailAsk struct {
	Resync  uint64 // open with QRESYNC since this MODSEQ
	Since   uint64 // flags of known messages that changed since this MODSEQ
	Flags   bool   // flags of all messages
	NewFrom uint32 // headers of all messages from this UID on
	Newest  int    // headers of the newest so many messages
	List    bool   // the UIDs of all messages
}

// MailAskFor says what to ask of a folder. newest bounds how many headers come with the first turn of a folder that the
// store has nothing of; the list then tells which are to follow.
func MailAskFor(have MailCursor, there MailStatus, caps MailCaps, newest int) MailAsk {
	var ask MailAsk
	switch need := MailNeedOf(have, there, caps); need {
	case MailSame:
		return MailAsk{}
	case MailWhole, MailRenumbered:
		if need == MailWhole && have.Have > 0 {
			return MailAsk{Flags: true, List: true}
		}
		if there.Messages == 0 {
			return MailAsk{}
		}
		return MailAsk{Newest: newest, List: there.Messages > newest}
	case MailResync:
		ask.Resync = have.ModSeq
	case MailChanges:
		ask.Since = have.ModSeq
	case MailScan:
		ask.Flags = true
	}
	grown := 0
	if there.Next == 0 || there.Next > have.Next {
		ask.NewFrom = max(have.Next, 1)
		grown = int(there.Next - min(have.Next, there.Next))
	}
	if have.Have == 0 {
		ask.Since, ask.Flags = 0, false
	}
	// At most grown messages are new. If there are fewer than that would make, some may be gone.
	ask.List = ask.Resync == 0 && have.Have > 0 && there.Messages != have.Have+grown || have.Lost > 0
	return ask
}

// MailAnswer is what the server said of an open folder.
type MailAnswer struct {
	Exists   int      // messages, at the end of the turn
	Next     uint32   // UIDNEXT when the folder was opened, 0 where it was not told
	New      []uint32 // messages whose headers came
	Vanished []uint32 // messages that are gone, in the server's own words (RFC 7162, section 3.2.10)
	Listed   bool     // All is the whole list: it came without a gap or an odd answer
	All      []uint32
}

// MailDiff is what follows from an answer. UIDs are ascending.
type MailDiff struct {
	Missing []uint32 // headers still to be fetched
	Gone    []uint32 // to be removed from the store
	Unsure  bool     // the numbers do not add up: the list of all UIDs has to be asked for
}

// CompareMail says what an answer means for a store that has the messages local. Without a whole list nothing but what the
// server itself calls vanished is gone; and with one, only messages that were there when the folder was opened. A list of
// fewer messages than there are is not whole.
func CompareMail(local []uint32, a MailAnswer) MailDiff {
	known := Ascending(slices.Concat(local, a.New))
	vanished := Ascending(slices.Clone(a.Vanished))
	left := Difference(known, vanished)
	diff := MailDiff{Gone: Difference(known, left)}
	if !a.Listed {
		diff.Unsure = len(left) != a.Exists
		return diff
	}
	all := Ascending(slices.Clone(a.All))
	next := a.Next
	if next == 0 && len(all) > 0 {
		next = all[len(all)-1] + 1
	}
	diff.Missing = Difference(Difference(all, left), vanished)
	if len(all) < a.Exists {
		return diff
	}
	gone := Difference(left, all)
	for len(gone) > 0 && gone[len(gone)-1] >= next {
		gone = gone[:len(gone)-1]
	}
	diff.Gone = Ascending(append(diff.Gone, gone...))
	return diff
}

// Difference gives what is in a but not in b; both are ascending.
func Difference(a, b []uint32) []uint32 {
	var out []uint32
	j := 0
	for _, u := range a {
		for j < len(b) && b[j] < u {
			j++
		}
		if j >= len(b) || b[j] != u {
			out = append(out, u)
		}
	}
	return out
}

// Ascending sorts UIDs in place and drops what is there twice.
func Ascending(uids []uint32) []uint32 {
	slices.Sort(uids)
	return slices.Compact(uids)
}
