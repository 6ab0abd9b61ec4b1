// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestRefHashes(t *testing.T) {
	if RefHash(1, "") != 0 || RefHash(1, "a@x") == RefHash(2, "a@x") {
		t.Error("keys do not tell accounts and messages apart")
	}
	var refs []string
	for i := range 100 {
		refs = append(refs, fmt.Sprint(i, "@x"))
	}
	got := RefHashes(1, "own@x", "99@x", refs)
	if len(got) != 2+maxRefs || got[0] != RefHash(1, "own@x") || got[len(got)-1] != RefHash(1, "99@x") {
		t.Errorf("%d keys", len(got))
	}
}

// world is a mailbox, and what a store keeps of its conversations.
type world struct {
	messages []Threaded
	keys     map[int64]int64
	groups   map[int64]Group
	of       map[int64]int64 // message -> group
}

// add is what the store does with a batch of messages.
func (w *world) add(batch []Threaded) {
	g := Join(batch, w.keys, w.groups)
	w.merge(g)
	for i, m := range batch {
		w.of[m.ID] = g.Of[i]
	}
	for id, group := range g.Groups {
		w.groups[id] = group
	}
	w.messages = append(w.messages, batch...)
	w.settle()
}

func (w *world) merge(g Grouping) {
	for key, group := range w.keys {
		if to, ok := g.Merged[group]; ok {
			w.keys[key] = to
		}
	}
	for id, group := range w.of {
		if to, ok := g.Merged[group]; ok {
			w.of[id] = to
		}
	}
	for from := range g.Merged {
		delete(w.groups, from)
	}
	for key, group := range g.Keys {
		w.keys[key] = group
	}
}

func (w *world) settle() {
	for _, g := range Settle(slices.Collect(maps.Values(w.groups))) {
		w.groups[g.ID] = g
	}
}

// remove takes a message out: its group is made anew from the others.
func (w *world) remove(id int64) {
	group := w.of[id]
	w.messages = slices.DeleteFunc(w.messages, func(m Threaded) bool { return m.ID == id })
	var rest []Threaded
	var was []Group
	for _, m := range w.messages {
		if w.of[m.ID] == group {
			rest, was = append(rest, m), append(was, w.groups[group])
		}
	}
	delete(w.of, id)
	delete(w.groups, group)
	maps.DeleteFunc(w.keys, func(_, g int64) bool { return g == group })
	groups, of, keys := Components(rest, was)
	for i, m := range rest {
		w.of[m.ID] = of[i]
	}
	for _, g := range groups {
		w.groups[g.ID] = g
	}
	maps.Copy(w.keys, keys)
	w.settle()
}

// conversations finds out the same from all messages at once, in the plainest way.
func conversations(messages []Threaded) map[int64]int64 {
	of := map[int64]int64{}
	for _, m := range messages {
		of[m.ID] = m.ID
	}
	for range messages {
		for _, a := range messages {
			for _, b := range messages {
				if slices.ContainsFunc(a.Refs, func(k int64) bool { return slices.Contains(b.Refs, k) }) {
					of[a.ID] = min(of[a.ID], of[b.ID])
					of[b.ID] = of[a.ID]
				}
			}
		}
	}
	sorted := slices.SortedFunc(slices.Values(messages), func(a, b Threaded) int { return int(a.ID - b.ID) })
	last := map[int64]int64{} // base subject -> oldest message of the newest group
	into := map[int64]int64{}
	for _, m := range sorted {
		if of[m.ID] != m.ID {
			continue
		}
		into[m.ID] = m.ID
		before, ok := last[m.Base]
		if last[m.Base] = m.ID; ok && m.Reply && m.Base != 0 && m.ID>>MinuteBits-before>>MinuteBits <= MaxSilence {
			into[m.ID] = into[before]
		}
	}
	for id := range of {
		of[id] = into[of[id]]
	}
	return of
}

func drawMessage(t *rapid.T, n int) Threaded {
	minute := rapid.Int64Range(1, 4*MaxSilence).Draw(t, "minute")
	m := Threaded{
		ID: minute<<MinuteBits | int64(n), Base: rapid.Int64Range(0, 3).Draw(t, "subject"), Reply: rapid.Bool().Draw(t, "answer"),
	}
	if rapid.IntRange(0, 5).Draw(t, "has ID") > 0 {
		m.Refs = append(m.Refs, int64(1000+n))
	}
	for range rapid.IntRange(0, 2).Draw(t, "refs") {
		m.Refs = append(m.Refs, int64(1000+rapid.IntRange(0, 30).Draw(t, "ref")))
	}
	return m
}

// However messages arrive and go, and in whatever batches, the conversations are those of the whole.
func TestConversationsDoNotDependOnTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &world{keys: map[int64]int64{}, groups: map[int64]Group{}, of: map[int64]int64{}}
		n := 0
		t.Repeat(map[string]func(*rapid.T){
			"arrive": func(t *rapid.T) {
				var batch []Threaded
				for range rapid.IntRange(1, 4).Draw(t, "batch") {
					n++
					batch = append(batch, drawMessage(t, n))
				}
				w.add(batch)
			},
			"go": func(t *rapid.T) {
				if len(w.messages) > 0 {
					w.remove(rapid.SampledFrom(w.messages).Draw(t, "which").ID)
				}
			},
			"": func(t *rapid.T) { w.check(t) },
		})
	})
}

func (w *world) check(t *rapid.T) {
	want := conversations(w.messages)
	for _, a := range w.messages {
		at := w.groups[w.of[a.ID]].Thread
		if owner, ok := w.groups[at]; !ok || owner.Thread != at {
			t.Fatalf("message %d: conversation %d is not named after one of its groups", a.ID, at)
		}
		for _, b := range w.messages {
			if together := at == w.groups[w.of[b.ID]].Thread; together != (want[a.ID] == want[b.ID]) {
				t.Fatalf("messages %d and %d: together %v\n%+v\n%+v", a.ID, b.ID, together, a, b)
			}
		}
	}
}

func TestBaseSubject(t *testing.T) {
	for in, want := range map[string]string{
		"Haushalt 2027":                    "haushalt 2027",
		"Re: Haushalt  2027":               "haushalt 2027 +",
		"AW: WG: Haushalt 2027":            "haushalt 2027 +",
		"Antwort: [Amt 3] Re[2]: Haushalt": "haushalt +",
		"[Amt 3] Haushalt":                 "haushalt",
		"AW (3): Haushalt (fwd)":           "haushalt +",
		"[Fwd: Haushalt]":                  "haushalt +",
		"[Fwd: Re: [Amt] Haushalt (Fwd)]":  "haushalt +",
		"Fw :  Haushalt":                   "haushalt +",
		"Rechnung: offen":                  "rechnung: offen",
		"Re:":                              " +",
		"":                                 "",
		"[nur eine Marke]":                 "[nur eine marke]",
		"Reise: Abrechnung":                "reise: abrechnung",
		"SV: VS: Odp: Ynt: R\u00e9union":   "r\u00e9union +",
		"Re: ÄNDERUNG":                     "änderung +",
	} {
		base, reply := BaseSubject(in)
		if reply {
			base += " +"
		}
		if base != want {
			t.Errorf("%q: %q, want %q", in, base, want)
		}
	}
}

// The base of a base is itself, and any number of marks changes nothing.
func TestBaseSubjectIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		subject := rapid.OneOf(rapid.String(), rapid.StringMatching(`((re|AW|Wg|fwd) ?(\[2\])?: ?|\[a\] ?|\[fwd: ?){0,4}[a-c\]:( ]{0,6}(\(fwd\))?`)).Draw(t, "subject")
		base, _ := BaseSubject(subject)
		if again, reply := BaseSubject(base); again != base || reply {
			t.Fatalf("%q: %q, then %q", subject, base, again)
		}
		if marked, reply := BaseSubject("AW: Re: " + subject); marked != base || !reply {
			t.Fatalf("%q: %q, with marks %q", subject, base, marked)
		}
	})
}
