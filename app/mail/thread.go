// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"encoding/binary"
	"hash/fnv"
)

// maxRefs bounds how many references of one message are used: the newest ones say where it belongs.
const maxRefs = 30

// RefHash gives the key of a Message-ID within one account, 0 for an empty one.
func RefHash(accountID int64, messageID string) int64 {
	if messageID == "" {
		return 0
	}
	h := fnv.New64a()
	var account [8]byte
	binary.LittleEndian.PutUint64(account[:], uint64(accountID))
	h.Write(account[:])
	h.Write([]byte(messageID))
	return int64(h.Sum64())
}

// RefHashes gives the keys of a message and of all it refers to, its own first.
func RefHashes(accountID int64, messageID, inReplyTo string, references []string) []int64 {
	hashes := make([]int64, 0, len(references)+2)
	add := func(id string) {
		if h := RefHash(accountID, id); h != 0 {
			hashes = append(hashes, h)
		}
	}
	add(messageID)
	add(inReplyTo)
	for _, r := range references[max(0, len(references)-maxRefs):] {
		add(r)
	}
	return hashes
}

// Threaded is a message to be put into a conversation: its ID and the keys of RefHashes.
type Threaded struct {
	ID   int64
	Refs []int64
}

// Threading says into which conversations messages go.
type Threading struct {
	Thread []int64         // for each message the conversation it is in
	Refs   map[int64]int64 // keys that were new, and their conversation
	Merged map[int64]int64 // conversations that turned out to be part of another one
}

// Assign puts messages into conversations by their references, like the REFERENCES algorithm of RFC 5256 without its
// grouping by subject, but one batch at a time: known holds what earlier batches found out about keys. A conversation
// has the ID of the message that it began with here.
func Assign(messages []Threaded, known map[int64]int64) Threading {
	t := Threading{Thread: make([]int64, len(messages)), Refs: map[int64]int64{}, Merged: map[int64]int64{}}
	root := func(id int64) int64 {
		for {
			next, ok := t.Merged[id]
			if !ok {
				return id
			}
			id = next
		}
	}
	for i, m := range messages {
		thread := int64(0)
		for _, key := range m.Refs {
			found, ok := t.Refs[key]
			if !ok {
				found, ok = known[key]
			}
			if !ok {
				continue
			}
			found = root(found)
			switch {
			case thread == 0:
				thread = found
			case thread != found:
				t.Merged[max(thread, found)] = min(thread, found)
				thread = min(thread, found)
			}
		}
		if thread == 0 {
			thread = m.ID
		}
		for _, key := range m.Refs {
			if _, ok := known[key]; !ok {
				t.Refs[key] = thread
			}
		}
		t.Thread[i] = thread
	}
	for i := range t.Thread {
		t.Thread[i] = root(t.Thread[i])
	}
	for key, thread := range t.Refs {
		t.Refs[key] = root(thread)
	}
	for from := range t.Merged {
		t.Merged[from] = root(from)
	}
	return t
}
