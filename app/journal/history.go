// SPDX-License-Identifier: EUPL-1.2

package journal

// Change is one operation of an action together with those that took it back and did it again, oldest first.
type Change []Op

// Changes sorts the operations of an action, given oldest first, by the change that they belong to.
func Changes(ops []Op) []Change {
	var all []Change
	at := map[int64]int{}
	for _, op := range ops {
		origin := op.Origin
		if origin == 0 {
			origin = op.ID
		}
		i, known := at[origin]
		if !known {
			i = len(all)
			at[origin] = i
			all = append(all, nil)
		}
		all[i] = append(all[i], op)
	}
	return all
}

// Origin is the operation that the change began with.
func (c Change) Origin() Op { return c[0] }

// last is the operation that tells where the change stands: the newest that was not cancelled.
func (c Change) last() (op Op, ok bool) {
	for i := len(c) - 1; i >= 0; i-- {
		if c[i].State != Cancelled {
			return c[i], true
		}
	}
	return Op{}, false
}

// Turn is what has to happen for a change to be taken back, or to be done again.
type Turn uint8

// The turns.
const (
	Nothing    Turn = iota // it is so already
	Drop                   // the operation has not left yet: it is cancelled
	Compensate             // the server has confirmed it: an operation takes it back
	Repeat                 // it is given to the server again
	Impossible             // nothing takes it back
	Later                  // it is just being carried out, or in doubt
)

// Undo says how to take the change back, and which operation the turn is about.
func (c Change) Undo() (Turn, Op) {
	op, ok := c.last()
	if !ok || op.Back {
		return Nothing, op
	}
	switch op.State {
	case Running, InDoubt:
		return Later, op
	case Waiting, Held, Failed:
		return Drop, op
	case Done, Cancelled:
	}
	if len(c.Origin().Inverse) == 0 {
		return Impossible, op
	}
	return Compensate, op
}

// Redo says how to do the change again, and which operation the turn is about.
func (c Change) Redo() (Turn, Op) {
	op, ok := c.last()
	if !ok {
		return Repeat, c.Origin()
	}
	if !op.Back {
		return Nothing, op
	}
	switch op.State {
	case Running, InDoubt:
		return Later, op
	case Waiting, Held, Failed:
		return Drop, op
	case Done, Cancelled:
	}
	return Repeat, op
}

// Pending gives the newest operation of the change that is still to bring it to the server; ok is false for none.
func (c Change) Pending() (op Op, ok bool) {
	op, ok = c.last()
	return op, ok && !op.Back && op.State.Pending()
}

// Repeatable reports whether an operation of this kind may be done again on a key press. A message that was called back
// is not: sending it is a decision of its own.
func (k Kind) Repeatable() bool { return k != MailSend }
