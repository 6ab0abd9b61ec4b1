// SPDX-License-Identifier: EUPL-1.2

package simworld

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kontor/app/journal"
	"kontor/app/mail"
)

// mailWorld is one server, two clients, and what has to hold in the end.
type mailWorld struct {
	*rapid.T
	server  *MailServer
	clients []*MailClient
	letters int
	killed  map[int]bool             // somebody deleted one of them for good
	copied  map[int]bool             // somebody copied it, or did what comes to that where the server cannot move
	moved   map[int]map[string]int64 // by letter and client: the folder it was moved to last
}

var playedFlags = []mail.Flags{mail.Seen, mail.Flagged}

func newMailWorld(t *rapid.T) *mailWorld {
	w := &mailWorld{T: t, server: NewMailServer(), killed: map[int]bool{}, copied: map[int]bool{}, moved: map[int]map[string]int64{}}
	w.server.CondStore = rapid.Bool().Draw(t, "CONDSTORE")
	w.server.QResync = w.server.CondStore && rapid.Bool().Draw(t, "QRESYNC")
	w.server.UIDPlus, w.server.Move = rapid.Bool().Draw(t, "UIDPLUS"), rapid.Bool().Draw(t, "MOVE")
	w.clients = []*MailClient{NewMailClient("a", w.server), NewMailClient("b", w.server)}
	for range rapid.IntRange(0, 4).Draw(t, "letters") {
		w.deliver()
	}
	return w
}

func (w *mailWorld) deliver() {
	w.letters++
	w.server.Deliver(int64(rapid.IntRange(1, 2).Draw(w.T, "into")), w.letters, 0, nil)
}

// step is one event: a person does something, a client meets the server, the server renumbers, a letter comes.
func (w *mailWorld) step() {
	c := w.clients[rapid.IntRange(0, 1).Draw(w.T, "client")]
	kind := rapid.IntRange(0, 9).Draw(w.T, "what")
	ids := c.IDs()
	if len(ids) == 0 && kind < 6 {
		kind = 6
	}
	var id int64
	if kind < 6 {
		id = rapid.SampledFrom(ids).Draw(w.T, "message")
	}
	switch kind {
	case 0, 1:
		op := mail.FlagsOp{IDs: []int64{id}}
		f := rapid.SampledFrom(playedFlags).Draw(w.T, "flag")
		if rapid.Bool().Draw(w.T, "set") {
			op.Add = f
		} else {
			op.Remove = f
		}
		c.Do(journal.MailFlags, op, id)
	case 2, 3:
		to := int64(rapid.IntRange(1, boxes).Draw(w.T, "to"))
		if from := c.Items[id].Shown.FolderID; from != to {
			w.move(c, c.Items[id].Letter, to)
			c.Do(journal.MailMove, mail.MoveOp{IDs: []int64{id}, From: from, To: to}, id)
		}
	case 4:
		w.copied[c.Items[id].Letter] = true
		c.Copy(id, int64(rapid.IntRange(1, boxes).Draw(w.T, "to")))
	case 5:
		w.killed[c.Items[id].Letter] = true
		c.Do(journal.MailDelete, mail.DeleteOp{IDs: []int64{id}}, id)
	case 6:
		w.letters++
		c.Add(w.letters, int64(rapid.IntRange(1, 2).Draw(w.T, "into")))
	case 7:
		w.deliver()
	case 8:
		// Where a copy takes the place of a move, the original has to be found again by its number.
		if w.server.Move && rapid.IntRange(0, 3).Draw(w.T, "renumber") == 0 {
			w.server.Renumber(int64(rapid.IntRange(1, boxes).Draw(w.T, "folder")), uint32(rapid.IntRange(1, 5).Draw(w.T, "first")))
		}
	default:
		w.meet(c)
	}
}

// move notes who moves what. Without MOVE a letter on its way is in two places for a while: who sees it twice and moves one
// wants both, and what two people move to different folders may come to both.
func (w *mailWorld) move(c *MailClient, letter int, to int64) {
	if w.server.Move {
		return
	}
	if w.moved[letter] == nil {
		w.moved[letter] = map[string]int64{}
	}
	for other, folder := range w.moved[letter] {
		if other != c.Name && folder != to {
			w.copied[letter] = true
		}
	}
	w.moved[letter][c.Name] = to
	if c.shows(letter) > 1 {
		w.copied[letter] = true
	}
}

// meet lets a client synchronise over a line that may break at any request, with a program that may end at any write.
func (w *mailWorld) meet(c *MailClient) {
	w.server.Fate = func() Fate {
		if rapid.IntRange(0, 9).Draw(w.T, "line") > 1 {
			return Arrives
		}
		return Fate(rapid.IntRange(1, int(KnownFates)-1).Draw(w.T, "fate"))
	}
	c.Crash = func() bool { return rapid.IntRange(0, 19).Draw(w.T, "crash") == 0 }
	w.sync(c)
}

func (w *mailWorld) sync(c *MailClient) {
	if err := c.Sync(); err != nil && !errors.Is(err, ErrCut) && !errors.Is(err, ErrCrash) {
		w.Fatalf("client %s: %v", c.Name, err)
	}
}

// calm lets everybody synchronise until nothing waits.
func (w *mailWorld) calm() {
	w.server.Fate = nil
	for range 8 {
		for _, c := range w.clients {
			c.Crash = nil
			w.sync(c)
		}
	}
}

// judge says what is wrong in the end.
func (w *mailWorld) judge() {
	for _, c := range w.clients {
		if ops := c.Pending(); len(ops) > 0 {
			w.Fatalf("client %s still waits: %+v\n%s", c.Name, ops, w.picture())
		}
		if got, want := c.view(), w.server.view(); got != want {
			w.Fatalf("client %s does not show what the server has\n%s", c.Name, w.picture())
		}
	}
	there := w.server.Letters()
	for letter := 1; letter <= w.letters; letter++ {
		if there[letter] > 1 && !w.copied[letter] {
			w.Fatalf("letter %d is there %d times\n%s", letter, there[letter], w.picture())
		}
		if there[letter] == 0 && !w.killed[letter] {
			w.Fatalf("letter %d is lost\n%s", letter, w.picture())
		}
	}
}

func (w *mailWorld) picture() string {
	s := w.server
	lines := []string{fmt.Sprintf("server: CONDSTORE %t, QRESYNC %t, UIDPLUS %t, MOVE %t", s.CondStore, s.QResync, s.UIDPlus, s.Move), s.view()}
	for id := int64(1); id <= boxes; id++ {
		lines = append(lines, fmt.Sprintf("  folder %d: %+v", id, *s.Boxes[id]))
	}
	for _, c := range w.clients {
		lines = append(lines, "client "+c.Name+":", c.view())
		for id := int64(1); id <= boxes; id++ {
			lines = append(lines, fmt.Sprintf("  folder %d: %+v", id, *c.cursors[id]))
		}
		for _, op := range c.Ops {
			lines = append(lines, fmt.Sprintf("  %d %s %s %s", op.ID, op.Kind, op.Payload, op.State))
		}
	}
	return strings.Join(lines, "\n")
}

// view lists what a person sees of it: one line for each message that is not deleted.
func (s *MailServer) view() string {
	var lines []string
	for box, b := range s.Boxes {
		for _, m := range b.Messages {
			if !m.Flags.Has(mail.Deleted) {
				lines = append(lines, fmt.Sprintf("folder %d: %d is letter %d, flags %d", box, m.UID, m.Letter, m.Flags))
			}
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func (c *MailClient) view() string {
	var lines []string
	for _, item := range c.Items {
		if !item.Shown.Hidden {
			lines = append(lines, fmt.Sprintf("folder %d: %d is letter %d, flags %d", item.Shown.FolderID, item.UID, item.Letter, item.Shown.Flags))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// shows counts in how many places a person sees a letter.
func (c *MailClient) shows(letter int) int {
	n := 0
	for _, item := range c.Items {
		if item.Letter == letter && !item.Shown.Hidden {
			n++
		}
	}
	return n
}

// play is one history, in which clients make a mistake or none.
func play(t *rapid.T, m Mistake) {
	w := newMailWorld(t)
	for _, c := range w.clients {
		c.Mistake = m
	}
	for range rapid.IntRange(3, 25).Draw(t, "events") {
		w.step()
	}
	w.calm()
	w.judge()
}

// TestMailHistories plays two clients and one server with all that can go wrong on the way. After some quiet rounds both
// show what the server has, nothing waits, no letter is lost that nobody deleted, and none is there twice that nobody
// copied.
func TestMailHistories(t *testing.T) {
	if !LongRun(t) {
		Set(t, "rapid.checks", "2000")
	}
	rapid.Check(t, func(t *rapid.T) { play(t, NoMistake) })
}

// TestMailMistakesAreFound makes each mistake and lets the histories find it.
func TestMailMistakesAreFound(t *testing.T) {
	Set(t, "rapid.checks", "20000")
	Set(t, "rapid.shrinktime", "0s")
	Set(t, "rapid.nofailfile", "true")
	for m := NoMistake + 1; m < Mistakes; m++ {
		if !Finds(t, func(t *rapid.T) { play(t, m) }) {
			t.Errorf("mistake %d is not found", m)
		}
	}
}
