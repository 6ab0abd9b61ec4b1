// SPDX-License-Identifier: EUPL-1.2

package reconcile

import (
	"kontor/app/journal"
	"kontor/app/tasks"
)

// TaskObject is one object on a CalDAV server; Text is empty where it is not there.
type TaskObject struct{ ETag, Text string }

// Exists reports whether there is one.
func (o TaskObject) Exists() bool { return o.Text != "" }

// TaskPut is a change of a task on its way: what to send, over which version of the server.
type TaskPut struct {
	Base      TaskObject // what the server holds as far as it is known: the precondition of the write
	Send      string
	Conflicts []tasks.Field
	Theirs    string // the version that the conflicts are with
	Restored  bool   // it was deleted there, and a change beats a deletion
	Strayed   bool   // it is not where it was: somebody may have moved it to another list
	Merged    bool
	Fresh     bool // Base was just read

	before string // what the change was made in
	back   bool   // it brings back what was deleted, as others may have done
	again  bool   // it was attempted before: one that makes a task may have made it
}

// JoinTaskPuts gives the one change that does what two operations do, where they may travel together: one that makes a
// task and was attempted goes alone, since it may have arrived, and then it has to be known what did.
func JoinTaskPuts(op journal.Op) func(first, next tasks.PutOp) (tasks.PutOp, bool) {
	return func(first, next tasks.PutOp) (tasks.PutOp, bool) {
		if first.Before == "" && op.Tries > 0 && op.State == journal.Waiting {
			return first, false
		}
		return first.Then(next)
	}
}

// PlanTaskPut lays a change over what the server held last; onServer is false where it is not there any more, and again
// reports that the change was attempted before.
func PlanTaskPut(change tasks.PutOp, known TaskObject, onServer, again bool) *TaskPut {
	p := &TaskPut{Restored: !onServer && known.Exists(), before: change.Before, back: change.Restores, again: again}
	// Of one that was deleted here nothing is known any more, and one that was made may have been moved since.
	p.Strayed = !onServer && (known.Exists() || change.Before != "" || again || change.Restores)
	if onServer {
		p.Base = known
	}
	if p.Send, p.Conflicts = change.Lay(known.Text); len(p.Conflicts) > 0 {
		p.Theirs = known.Text
	}
	return p
}

// Meet merges the change with the version that the server turned out to hold.
func (p *TaskPut) Meet(there TaskObject) {
	switch {
	case p.made(there): // and perhaps changed by others since
		p.Send, p.Strayed = there.Text, false
	case there.Exists():
		send, conflicts := tasks.Merge(p.Base.Text, p.Send, there.Text)
		if len(conflicts) > 0 {
			p.Conflicts, p.Theirs = conflicts, there.Text
		}
		p.Merged = p.Merged || p.Base.Text != ""
		p.Send, p.Restored, p.Strayed = send, false, false
	default:
		p.Restored = p.Base.Exists()
		p.Strayed = p.Strayed || p.Restored
	}
	p.Base, p.Fresh = there, true
}

// made reports whether there is what an attempt before this one made. What was brought back may be what others brought back.
func (p *TaskPut) made(there TaskObject) bool {
	return p.again && p.before == "" && !p.back && !p.Base.Exists() && !p.Restored && there.Exists() && tasks.SameUID(there.Text, p.Send)
}

// Follow goes on with an object that was moved and is there now, in place of the one that is gone: base is what the server
// held where it was; where that is not known, what the change was made in.
func (p *TaskPut) Follow(base, there TaskObject) {
	if !base.Exists() {
		base.Text = p.before
	}
	p.Base = base
	p.Meet(there)
}

// Unread reports whether the server's version has to be read before anything is written over it: its tag is not known.
func (p *TaskPut) Unread() bool { return p.Base.Exists() && p.Base.ETag == "" }

// Done reports whether the server holds the change already.
func (p *TaskPut) Done() bool { return p.Base.Exists() && tasks.SameButStamps(p.Send, p.Base.Text) }

// Arrived meets what the server holds after an attempt of which nobody knows how it ended, and reports whether the change
// is in it. What the person has to decide is then what it was before the attempt.
func (p *TaskPut) Arrived(there TaskObject) bool {
	if !there.Exists() {
		return false
	}
	conflicts, theirs := p.Conflicts, p.Theirs
	p.Meet(there)
	if !p.Done() {
		return false
	}
	p.Conflicts, p.Theirs = conflicts, theirs
	return true
}
