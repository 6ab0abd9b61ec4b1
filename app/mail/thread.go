// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"encoding/binary"
	"hash/fnv"
)

// maxRefs bounds how many references of one message are used: the newest ones say where it belongs.
const maxRefs = 30

// RefHash gives the key of a Message-ID within one account, 0 for an empty one.
func RefHash(accountID int64, messageID string) int64 { return hash(accountID, messageID) }

func hash(accountID int64, text string) int64 {
	if text == "" {
		return 0
	}
	h := fnv.New64a()
	var account [8]byte
	binary.LittleEndian.PutUint64(account[:], uint64(accountID))
	h.Write(account[:])
	h.Write([]byte(text))
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

// Threaded is a message to be put into a conversation.
type Threaded struct {
	ID    int64   // grows with the moment of reception, see MinuteBits
	Refs  []int64 // the keys of RefHashes
	Base  int64   // the key of its base subject within its account, 0 for none
	Reply bool    // its subject is that of an answer
}

// NewThreaded reads what a message says of its place in a conversation.
func NewThreaded(accountID, id int64, messageID, inReplyTo string, references []string, subject string) Threaded {
	base, reply := BaseSubject(subject)
	return Threaded{ID: id, Refs: RefHashes(accountID, messageID, inReplyTo, references), Base: hash(accountID, base), Reply: reply}
}

// Group is a number of messages that references tie together, directly or through others, even such as are not here
// (RFC 5256, REFERENCES, steps 1 to 3: those dummies are the keys here). A conversation is one group, or several that
// belong together by their subject.
//
// Groups are the threads of these steps as long as references do not contradict each other. Where they do, because a
// program left some out in the middle or named what it did not answer, the RFC lets whichever message it reads first, or
// the answer itself, decide on the one parent, and drops the other reference. Mail comes in any order and in parts; so that
// the order does not matter, here each reference ties. For the same reason In-Reply-To counts beside References, and two
// copies of one message, as received and as sent, are together. Groups are hence never smaller than the RFC's threads,
// which tests prove against its algorithm.
type Group struct {
	ID     int64 // that of one of its messages
	First  int64 // its oldest message
	Base   int64 // of the oldest message
	Reply  bool  // the oldest message is an answer: what it answers is not here
	Thread int64 // the conversation, by the ID of one of its groups
}

// Grouping says into which groups messages go, and what that changes.
type Grouping struct {
	Of     []int64         // for each message the group it is in
	Keys   map[int64]int64 // keys that were new, and their group
	Merged map[int64]int64 // groups that turned out to be part of another one
	Groups map[int64]Group // groups that are new or changed
}

// Join puts messages into groups: keys and groups hold what was found out before about the keys of these messages. The
// result does not depend on the order in which messages arrive, nor on how they are divided into batches.
func Join(messages []Threaded, keys map[int64]int64, groups map[int64]Group) Grouping {
	g := Grouping{Of: make([]int64, len(messages)), Keys: map[int64]int64{}, Merged: map[int64]int64{}, Groups: map[int64]Group{}}
	for i, m := range messages {
		g.Of[i] = g.join(m, keys, groups)
	}
	for i := range g.Of {
		g.Of[i] = g.root(g.Of[i])
	}
	for key, group := range g.Keys {
		g.Keys[key] = g.root(group)
	}
	for from := range g.Merged {
		g.Merged[from] = g.root(from)
		delete(g.Groups, from)
	}
	return g
}

func (g *Grouping) root(id int64) int64 {
	for {
		next, ok := g.Merged[id]
		if !ok {
			return id
		}
		id = next
	}
}

func (g *Grouping) join(m Threaded, keys map[int64]int64, groups map[int64]Group) int64 {
	into := Group{ID: m.ID, First: m.ID, Base: m.Base, Reply: m.Reply}
	found := false
	for _, key := range m.Refs {
		id, ok := g.Keys[key]
		if !ok {
			id, ok = keys[key]
		}
		if id = g.root(id); !ok || found && id == into.ID {
			continue
		}
		other, changed := g.Groups[id]
		if !changed {
			other = groups[id]
		}
		keep, from := other, into
		if found && other.Thread == 0 { // groups that were there before stay
			keep, from = into, other
		}
		if found {
			g.Merged[from.ID] = keep.ID
		}
		into = older(other, into)
		into.ID, into.Thread = keep.ID, keep.Thread
		found = true
	}
	for _, key := range m.Refs {
		if _, ok := keys[key]; !ok {
			g.Keys[key] = into.ID
		}
	}
	g.Groups[into.ID] = into
	return into.ID
}

// older gives the group that begins first.
func older(a, b Group) Group {
	if b.First < a.First {
		return b
	}
	return a
}

// Components divides messages into groups, without regard to what was known before: what Join would have made of them. A
// group keeps the ID that it had, as was says of each message, if its message of that ID is among its own.
func Components(messages []Threaded, was []Group) (groups []Group, of []int64, keys map[int64]int64) {
	g := Join(messages, nil, nil)
	best := map[int64]Group{} // by the ID that Join gave
	for i, m := range messages {
		if id := g.Of[i]; was[i].ID == m.ID {
			kept := g.Groups[id]
			kept.ID, kept.Thread = m.ID, was[i].Thread
			best[id] = kept
		}
	}
	rename := func(id int64) int64 {
		if kept, ok := best[id]; ok {
			return kept.ID
		}
		return id
	}
	for id, group := range g.Groups {
		if kept, ok := best[id]; ok {
			group = kept
		}
		groups = append(groups, group)
	}
	for i := range g.Of {
		g.Of[i] = rename(g.Of[i])
	}
	for key, id := range g.Keys {
		g.Keys[key] = rename(id)
	}
	return groups, g.Of, g.Keys
}
