// SPDX-License-Identifier: EUPL-1.2

package engine

import (
	"slices"
	"time"

	"kontor/app/journal"
)

// Train is operations that one request carries out, oldest first. Each stays an operation of its own: a step that can be
// undone, a line of what waits.
type Train struct {
	Ops []journal.Op
	As  journal.Op // does what all of them do one after another
}

// Joiner is a Worker that can carry out several operations by one request.
type Joiner interface {
	// Join gives the operation that does what a and then b do, or false where one request cannot do both. It is pure.
	Join(a, b journal.Op) (journal.Op, bool)
}

// maxTrain bounds how many operations travel together: what is lost or refused together is looked at together.
const maxTrain = 256

// behind is the place of rows whose operations stay behind.
const behind = -1

// picker collects trains.
type picker struct {
	trains []Train
	rows   map[journal.Target]int // the train that the pending operations of a row so far are in, or behind
	aboard map[int64]int          // operation -> train
	now    time.Time
	state  func(id int64) journal.State
	join   func(a, b journal.Op) (journal.Op, bool)
}

// Pick chooses from the pending operations of an account, given oldest first, what may run now: of the given kinds, due,
// and not about a row that an earlier pending operation is about, unless both travel in one train. At most limit trains
// are made. state tells the state of an operation that another one depends on; join is a Joiner's, or nil.
func Pick(pending []journal.Op, kinds []journal.Kind, limit int, now time.Time, state func(id int64) journal.State,
	join func(a, b journal.Op) (journal.Op, bool),
) []Train {
	p := &picker{rows: map[journal.Target]int{}, aboard: map[int64]int{}, now: now, state: state, join: join}
	for _, op := range pending {
		at := behind
		if slices.Contains(kinds, op.Kind) {
			at = p.place(op, limit)
		}
		for _, t := range op.Targets {
			p.rows[t] = at
		}
		if at != behind {
			p.aboard[op.ID] = at
		}
	}
	return p.trains
}

// place puts an operation into a train and gives its number, or behind.
func (p *picker) place(op journal.Op, limit int) int {
	own, free := behind, true // the train that has the earlier operations of its rows
	for _, t := range op.Targets {
		at, known := p.rows[t]
		if !known {
			continue
		}
		if at == behind || (!free && at != own) {
			return behind
		}
		own, free = at, false
	}
	for k := range p.trains {
		if (free || k == own) && p.couple(k, op) {
			return k
		}
	}
	if !free || len(p.trains) >= limit || !p.due(op, behind) {
		return behind
	}
	p.trains = append(p.trains, Train{Ops: []journal.Op{op}, As: op})
	return len(p.trains) - 1
}

// couple adds an operation to train k if one request can do both.
func (p *picker) couple(k int, op journal.Op) bool {
	t := &p.trains[k]
	if p.join == nil || len(t.Ops) >= maxTrain || op.Kind != t.As.Kind || op.State != t.As.State {
		return false
	}
	// What was lost together is asked after together: alone, the first would look for a state that the second has changed.
	if op.State != journal.InDoubt && !p.due(op, k) {
		return false
	}
	joined, ok := p.join(t.As, op)
	if !ok {
		return false
	}
	joined.ID, joined.State = t.As.ID, t.As.State
	joined.Targets = slices.Clone(t.As.Targets)
	for _, target := range op.Targets {
		if !slices.Contains(joined.Targets, target) {
			joined.Targets = append(joined.Targets, target)
		}
	}
	t.Ops, t.As = append(t.Ops, op), joined
	return true
}

// due reports whether an operation may run now in train k: what it depends on may travel in the same train.
func (p *picker) due(op journal.Op, k int) bool {
	dependency := journal.Done
	if op.DependsOn != 0 {
		at, aboard := p.aboard[op.DependsOn]
		if !aboard || at != k {
			dependency = p.state(op.DependsOn)
		}
	}
	return journal.Due(op, dependency, p.now)
}
