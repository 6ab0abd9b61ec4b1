// SPDX-License-Identifier: EUPL-1.2

package journal

import (
	"testing"

	"pgregory.net/rapid"
)

// server plays what becomes of one change: which of its operations have reached the server, in order.
type server struct {
	chain  Change
	nextID int64
	there  bool // the server has the change
}

func (s *server) add(back bool) {
	s.nextID++
	op := Op{ID: s.nextID, State: Waiting, Back: back, Inverse: []byte(`{}`)}
	if len(s.chain) > 0 {
		op.Origin = s.chain[0].ID
	}
	s.chain = append(s.chain, op)
}

func (s *server) set(id int64, state State) {
	for i := range s.chain {
		if s.chain[i].ID == id {
			s.chain[i].State = state
		}
	}
}

// shown is what a person sees: what the server has, with what waits laid over it.
func (s *server) shown() bool {
	shown := s.there
	for _, op := range s.chain {
		if op.State.Pending() {
			shown = !op.Back
		}
	}
	return shown
}

// sync carries out what waits.
func (s *server) sync() {
	for i, op := range s.chain {
		if op.State.Pending() {
			s.chain[i].State, s.there = Done, !op.Back
		}
	}
}

func (s *server) turn(turn Turn, op Op) {
	switch turn {
	case Drop:
		s.set(op.ID, Cancelled)
	case Compensate:
		s.add(true)
	case Repeat:
		s.add(false)
	case Nothing, Impossible, Later:
	}
}

// TestUndoAndRedoAlwaysMeanWhatTheySay: in any order of undo, redo, synchronisation and cancelling, what is shown after
// undo is that the change is not there, after redo that it is; and after a synchronisation the server agrees.
func TestUndoAndRedoAlwaysMeanWhatTheySay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &server{}
		s.add(false)
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			switch rapid.SampledFrom([]string{"undo", "redo", "sync", "fail", "cancel"}).Draw(t, "what") {
			case "undo":
				turn, op := s.chain.Undo()
				if s.turn(turn, op); s.shown() {
					t.Fatalf("shown after undo (%d): %+v", turn, s.chain)
				}
				if again, _ := s.chain.Undo(); again != Nothing {
					t.Fatalf("undone twice: %d", again)
				}
			case "redo":
				turn, op := s.chain.Redo()
				if s.turn(turn, op); !s.shown() {
					t.Fatalf("not shown after redo (%d): %+v", turn, s.chain)
				}
				if again, _ := s.chain.Redo(); again != Nothing {
					t.Fatalf("done twice: %d", again)
				}
			case "sync":
				before := s.shown()
				if s.sync(); s.there != before || s.shown() != before {
					t.Fatalf("a synchronisation changed what is shown: %+v", s.chain)
				}
			case "fail":
				if op, ok := s.chain.Pending(); ok {
					s.set(op.ID, Failed)
				}
			case "cancel": // a person drops what waits
				for _, op := range s.chain {
					if op.State.Pending() {
						s.set(op.ID, Cancelled)
					}
				}
			}
		}
	})
}

func TestNothingIsTurnedWhileItRuns(t *testing.T) {
	for _, state := range []State{Running, InDoubt} {
		if turn, _ := (Change{{ID: 1, State: state, Inverse: []byte(`{}`)}}).Undo(); turn != Later {
			t.Errorf("undo of %s: %d", state, turn)
		}
		back := Change{{ID: 1, State: Done}, {ID: 2, Origin: 1, Back: true, State: state}}
		if turn, _ := back.Redo(); turn != Later {
			t.Errorf("redo of %s: %d", state, turn)
		}
	}
	if turn, _ := (Change{{ID: 1, State: Done}}).Undo(); turn != Impossible {
		t.Errorf("without an inverse: %d", turn)
	}
	if turn, _ := (Change{{ID: 1, State: Waiting}}).Undo(); turn != Drop {
		t.Errorf("without an inverse, waiting: %d", turn)
	}
}

func TestChangesAreSortedByWhatBeganThem(t *testing.T) {
	ops := []Op{{ID: 1}, {ID: 2}, {ID: 5, Origin: 2}, {ID: 6, Origin: 1, Back: true}, {ID: 9, Origin: 2}}
	got := Changes(ops)
	if len(got) != 2 || len(got[0]) != 2 || len(got[1]) != 3 || got[0].Origin().ID != 1 || got[1][2].ID != 9 {
		t.Errorf("%+v", got)
	}
	if MailSend.Repeatable() || !MailMove.Repeatable() {
		t.Error("a letter must not leave because somebody pressed redo")
	}
}
