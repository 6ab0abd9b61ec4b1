// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// This file holds the algorithm of RFC 5256 as it stands there, without regard to time or memory, and compares.

// rfcMessage is a message as the RFC sees it.
type rfcMessage struct {
	id         int64 // ours: the date
	messageID  string
	inReplyTo  string
	references []string
	subject    string
}

// rfcNode is a message in a tree, or a dummy.
type rfcNode struct {
	message  *rfcMessage
	parent   *rfcNode
	children []*rfcNode
}

func (n *rfcNode) unlink() {
	if n.parent != nil {
		n.parent.children = slices.DeleteFunc(n.parent.children, func(c *rfcNode) bool { return c == n })
		n.parent = nil
	}
}

func (n *rfcNode) above(other *rfcNode) bool {
	for ; other != nil; other = other.parent {
		if other == n {
			return true
		}
	}
	return false
}

// link makes child a child of n, unless that made a loop.
func (n *rfcNode) link(child *rfcNode) {
	if !child.above(n) {
		child.unlink()
		child.parent, n.children = n, append(n.children, child)
	}
}

// rfcTrees is steps 1 to 3: the messages below the root, which is nil.
func rfcTrees(messages []*rfcMessage) []*rfcNode {
	nodes := map[string]*rfcNode{}
	var all []*rfcNode
	node := func(id string) *rfcNode {
		if nodes[id] == nil {
			nodes[id] = &rfcNode{}
			all = append(all, nodes[id])
		}
		return nodes[id]
	}
	for i, m := range messages { // step 1
		id := m.messageID
		if id == "" || node(id).message != nil { // a second one of the same Message-ID is another one
			id = fmt.Sprint("unique ", i)
		}
		own := node(id)
		own.message = m
		references := m.references
		if len(references) == 0 && m.inReplyTo != "" {
			references = []string{m.inReplyTo}
		}
		for k := 1; k < len(references); k++ { // A
			if child := node(references[k]); child.parent == nil {
				node(references[k-1]).link(child)
			}
		}
		own.unlink() // B
		if n := len(references); n > 0 {
			node(references[n-1]).link(own)
		}
	}
	var roots []*rfcNode // step 2
	for _, n := range all {
		if n.parent == nil {
			roots = append(roots, n)
		}
	}
	var pruned []*rfcNode // step 3
	for _, n := range roots {
		if n.message == nil {
			switch below := rfcPrune(n); len(below) {
			case 0:
			case 1:
				below[0].parent = nil
				pruned = append(pruned, below[0])
			default:
				n.children = below
				pruned = append(pruned, n)
			}
			continue
		}
		n.children = rfcPrune(n)
		pruned = append(pruned, n)
	}
	return pruned
}

// rfcPrune gives what is below a node without dummies.
func rfcPrune(n *rfcNode) []*rfcNode {
	var out []*rfcNode
	for _, c := range n.children {
		below := rfcPrune(c)
		if c.message == nil {
			out = append(out, below...)
			continue
		}
		c.children = below
		out = append(out, c)
	}
	return out
}

// date is step 4: that of a dummy is that of its first child.
func (n *rfcNode) date() int64 {
	if n.message != nil {
		return n.message.id
	}
	return slices.MinFunc(n.children, func(a, b *rfcNode) int { return int(a.date() - b.date()) }).date()
}

// subject is that of the message, of a dummy that of its first child.
func (n *rfcNode) subject() (base string, reply bool) {
	if n.message != nil {
		return rfcBaseSubject(n.message.subject)
	}
	return slices.MinFunc(n.children, func(a, b *rfcNode) int { return int(a.date() - b.date()) }).subject()
}

// rfcSubjects is step 5: it gives the threads as sets of messages.
func rfcSubjects(roots []*rfcNode) [][]int64 {
	slices.SortStableFunc(roots, func(a, b *rfcNode) int { return int(a.date() - b.date()) })
	table := map[string]*rfcNode{}
	for _, n := range roots {
		base, reply := n.subject()
		other, ok := table[base]
		if base == "" {
			continue
		}
		_, otherReply := "", false
		if ok {
			_, otherReply = other.subject()
		}
		if !ok || n.message == nil && other.message != nil || otherReply && !reply {
			table[base] = n
		}
	}
	sets := map[*rfcNode][]int64{}
	var order []*rfcNode
	for _, n := range roots {
		into := n
		if base, _ := n.subject(); base != "" {
			into = table[base]
		}
		if sets[into] == nil {
			order = append(order, into)
		}
		sets[into] = append(sets[into], n.members()...)
	}
	var out [][]int64
	for _, n := range order {
		out = append(out, sets[n])
	}
	return out
}

func (n *rfcNode) members() (out []int64) {
	if n.message != nil {
		out = append(out, n.message.id)
	}
	for _, c := range n.children {
		out = append(out, c.members()...)
	}
	return out
}

// rfcBaseSubject is section 2.1, in the order of its steps.
func rfcBaseSubject(subject string) (base string, reply bool) {
	s := strings.Join(strings.Fields(strings.ToLower(subject)), " ") // (1)
	for {
		for { // (2)
			s = strings.TrimRight(s, " ")
			rest, ok := strings.CutSuffix(s, "(fwd)")
			if !ok {
				break
			}
			s, reply = rest, true
		}
		for again := true; again; { // (3) to (5)
			again = false
			if rest, marked, ok := rfcLeader(s); ok {
				s, again, reply = rest, true, reply || marked
				continue
			}
			if rest, ok := rfcBlob(s); ok && rest != "" {
				s, again = rest, true
			}
		}
		if !strings.HasPrefix(s, "[fwd:") || !strings.HasSuffix(s, "]") { // (6)
			return s, reply
		}
		s, reply = strings.TrimLeft(s[len("[fwd:"):len(s)-1], " "), true
	}
}

// rfcLeader takes subj-leader = (*subj-blob subj-refwd) / WSP.
func rfcLeader(s string) (rest string, marked, ok bool) {
	if rest, ok := strings.CutPrefix(s, " "); ok {
		return rest, false, true
	}
	rest = s
	for {
		next, ok := rfcBlob(rest)
		if !ok {
			break
		}
		rest = next
	}
	for _, word := range []string{"fwd", "fw", "re"} {
		after, ok := strings.CutPrefix(rest, word)
		if !ok {
			continue
		}
		after = strings.TrimLeft(after, " ")
		if blobless, ok := rfcBlob(after); ok {
			after = blobless
		}
		if after, ok = strings.CutPrefix(after, ":"); ok {
			return after, true, true
		}
	}
	return s, false, false
}

// rfcBlob takes subj-blob = "[" *BLOBCHAR "]" *WSP.
func rfcBlob(s string) (rest string, ok bool) {
	if !strings.HasPrefix(s, "[") {
		return s, false
	}
	end := strings.IndexAny(s[1:], "[]")
	if end < 0 || s[1+end] != ']' {
		return s, false
	}
	return strings.TrimLeft(s[end+2:], " "), true
}

func TestBaseSubjectIsThatOfTheRFC(t *testing.T) {
	pieces := []string{"Re", "FW", "Fwd", ":", ": ", "[a]", "[b] ", "[2]", " ", "(fwd)", "[fwd:", "]", "[", "x", "Haushalt"}
	rapid.Check(t, func(t *rapid.T) {
		subject := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 9).Draw(t, "pieces"), "")
		base, reply := BaseSubject(subject)
		if want, answers := rfcBaseSubject(subject); base != want || reply != answers {
			t.Fatalf("%q: %q %v, want %q %v", subject, base, reply, want, answers)
		}
	})
}

// drawForest draws messages that answer each other; many of them are not here. References are the newest ones that a
// program knows, or it only says In-Reply-To.
func drawForest(t *rapid.T, subject func(i, root int) string) []*rfcMessage {
	var all []*rfcMessage
	chains, roots := [][]string{}, []int{}
	for i := range rapid.IntRange(1, 12).Draw(t, "messages") {
		id := fmt.Sprintf("m%d@x", i)
		m := &rfcMessage{id: int64(i+1)<<MinuteBits | 1, messageID: id}
		parent := rapid.IntRange(-1, i-1).Draw(t, "answers")
		var chain []string
		root := i
		if parent >= 0 {
			chain, root = chains[parent], roots[parent]
			switch rapid.SampledFrom([]string{"all", "some", "in-reply-to", "both"}).Draw(t, "says") {
			case "all":
				m.references = chain
			case "some":
				m.references = chain[rapid.IntRange(0, len(chain)-1).Draw(t, "from"):]
			case "in-reply-to":
				m.inReplyTo = chain[len(chain)-1]
			case "both":
				m.references, m.inReplyTo = chain, chain[len(chain)-1]
			}
		}
		chains, roots = append(chains, append(slices.Clip(chain), id)), append(roots, root)
		m.subject = subject(i, root)
		all = append(all, m)
	}
	here := slices.DeleteFunc(all, func(m *rfcMessage) bool { return rapid.IntRange(0, 2).Draw(t, "is not here") == 0 })
	return rapid.Permutation(here).Draw(t, "order")
}

// ours gives our conversations of the messages as sets, however they arrive.
func ours(t *rapid.T, messages []*rfcMessage, bySubject bool) [][]int64 {
	w := &world{keys: map[int64]int64{}, groups: map[int64]Group{}, of: map[int64]int64{}}
	for rest := messages; len(rest) > 0; {
		n := rapid.IntRange(1, len(rest)).Draw(t, "batch")
		var batch []Threaded
		for _, m := range rest[:n] {
			batch = append(batch, NewThreaded(1, m.id, m.messageID, m.inReplyTo, m.references, m.subject))
		}
		w.add(batch)
		rest = rest[n:]
	}
	sets := map[int64][]int64{}
	for _, m := range messages {
		at := w.of[m.id]
		if bySubject {
			at = w.groups[at].Thread
		}
		sets[at] = append(sets[at], m.id)
	}
	var out [][]int64
	for _, set := range sets {
		out = append(out, set)
	}
	return out
}

// sets gives them in a form that can be compared.
func sets(list [][]int64) string {
	for _, set := range list {
		slices.Sort(set)
	}
	slices.SortFunc(list, func(a, b []int64) int { return slices.Compare(a, b) })
	return fmt.Sprint(list)
}

func rfcThreads(messages []*rfcMessage) [][]int64 {
	var out [][]int64
	for _, n := range rfcTrees(messages) {
		out = append(out, n.members())
	}
	return out
}

// As long as references do not contradict each other, groups are the threads of steps 1 to 3.
func TestGroupsAreTheThreadsOfReferences(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		messages := drawForest(t, func(int, int) string { return "" })
		if got, want := sets(ours(t, messages, false)), sets(rfcThreads(messages)); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	})
}

// Whatever references say, no thread of the RFC is torn apart.
func TestGroupsAreNeverSmallerThanThreads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.SampledFrom([]string{"a@x", "b@x", "c@x", "d@x", "e@x", "f@x"})
		var messages []*rfcMessage
		for i := range rapid.IntRange(1, 8).Draw(t, "messages") {
			messages = append(messages, &rfcMessage{
				id: int64(i+1)<<MinuteBits | 1, messageID: rapid.OneOf(rapid.Just(""), id).Draw(t, "id"),
				inReplyTo: rapid.OneOf(rapid.Just(""), id).Draw(t, "in-reply-to"), references: rapid.SliceOfN(id, 0, 4).Draw(t, "references"),
			})
		}
		coarser(t, ours(t, messages, false), rfcThreads(messages))
	})
}

// coarser checks that each of the small sets is within one of the large ones.
func coarser(t *rapid.T, large, small [][]int64) {
	t.Helper()
	for _, set := range small {
		if !slices.ContainsFunc(large, func(l []int64) bool {
			return !slices.ContainsFunc(set, func(id int64) bool { return !slices.Contains(l, id) })
		}) {
			t.Fatalf("%v is torn apart: %v", set, large)
		}
	}
}

// Where each subject has at most one original, older than what answers it without a reference, conversations are those of the
// RFC; whatever the subjects are, they are parts of them.
func TestConversationsAreThoseOfTheRFC(t *testing.T) {
	marks := []string{"", "Re: ", "AW: ", "Fwd: ", "[Amt] ", "AW: WG: "}
	english := func(s string) string { return strings.NewReplacer("AW:", "Re:", "WG:", "Fw:").Replace(s) }
	rapid.Check(t, func(t *rapid.T) {
		orderly := rapid.Bool().Draw(t, "orderly")
		used := map[string]bool{}
		messages := drawForest(t, func(i, root int) string {
			base := rapid.SampledFrom([]string{"Rechnung", "Haushalt", "Umzug"}).Draw(t, "subject")
			mark := rapid.SampledFrom(marks).Draw(t, "mark")
			if !orderly {
				return mark + base
			}
			if used[base] || root != i {
				mark = "AW: "
			} else {
				mark = ""
			}
			used[base] = true
			return mark + base
		})
		got := ours(t, messages, true)
		rfc := make([]*rfcMessage, len(messages))
		for i, m := range messages { // the marks of other languages are ours
			one := *m
			one.subject = english(m.subject)
			rfc[i] = &one
		}
		want := rfcSubjects(rfcTrees(rfc))
		if orderly {
			if got, want := sets(got), sets(want); got != want {
				t.Fatalf("got %s, want %s", got, want)
			}
			return
		}
		coarser(t, want, got)
	})
}
