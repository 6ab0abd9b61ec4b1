// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"slices"

	"kontor/app/journal"
)

// PutOp is the payload of journal.TaskPut: what changed is the difference of two texts, so that it can be laid over
// whatever the server holds by then. Before is empty for a new task.
type PutOp struct {
	List   int64  `json:"list"`
	Name   string `json:"name"` // last part of the path, fixed before the first attempt so that no attempt makes a second object
	Before string `json:"before,omitempty"`
	After  string `json:"after"`
	// Restores says that the change brings back a task that was deleted: somebody may have done so before, in any list.
	Restores bool `json:"restores,omitempty"`
}

// MoveOp is the payload of journal.TaskMove, from one list to another.
type MoveOp struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// DeleteOp is the payload of journal.TaskDelete: the text that the person saw, and that of the server at that time if it
// was another.
type DeleteOp struct {
	Text string `json:"text"`
	Base string `json:"base,omitempty"`
}

// Covers reports whether the deletion is about the version that the server holds: one that the person has not seen is
// not deleted.
func (p DeleteOp) Covers(there string) bool {
	return SameContent(p.Text, there) || (p.Base != "" && SameContent(p.Base, there))
}

// ListOp is the payload of the operations about lists. For an edit, the old values say what changed.
type ListOp struct {
	Name     string `json:"name"`
	Color    string `json:"color"`
	OldName  string `json:"old_name,omitempty"`
	OldColor string `json:"old_color,omitempty"`
	Order    int    `json:"order,omitempty"`
	OldOrder int    `json:"old_order,omitempty"`
}

// Lay puts the change of a PutOp over another text than the one it was made for.
func (p PutOp) Lay(over string) (text string, conflicts []Field) {
	if over == "" || over == p.Before {
		return p.After, nil
	}
	return Merge(p.Before, p.After, over)
}

// Lay gives name, color and order with the change in it: what the operation does not change stays as it is there.
func (p ListOp) Lay(name, color string, order int) (string, string, int) {
	if p.Name != p.OldName {
		name = p.Name
	}
	if p.Color != p.OldColor {
		color = p.Color
	}
	if p.Order != p.OldOrder {
		order = p.Order
	}
	return name, color, order
}

// Orders puts the list at from into the place to, and gives the orders that the lists need then, in their new sequence:
// each above the one before it, and as few others as can be.
func Orders(orders []int, from, to int) []int {
	moved := orders[from]
	placed := slices.Insert(slices.Delete(slices.Clone(orders), from, from+1), to, moved)
	for i := 1; i < len(placed); i++ {
		placed[i] = max(placed[i], placed[i-1]+1)
	}
	return placed
}

// Kinds are the operations about tasks.
func Kinds() []journal.Kind {
	return []journal.Kind{
		journal.TaskPut, journal.TaskMove, journal.TaskDelete,
		journal.TaskListCreate, journal.TaskListEdit, journal.TaskListDelete,
	}
}

// Reason says why a person has to decide about a task.
type Reason string

// The reasons.
const (
	ReasonFields       Reason = "fields"        // both sides changed the same field; mine is kept
	ReasonDeletedThere Reason = "deleted-there" // deleted on the server, changed here; it was restored
	ReasonDeletedHere  Reason = "deleted-here"  // deleted here, changed on the server; it was kept
	ReasonMoving       Reason = "moving"        // every attempt found a newer version on the server
	ReasonEmptied      Reason = "emptied"       // most of a list is suddenly gone from the server; nothing was deleted here
)

// Conflict is the detail of a conflict about a task: all versions as text, and the fields that differ.
type Conflict struct {
	Reason Reason  `json:"reason"`
	Fields []Field `json:"fields,omitempty"`
	Base   string  `json:"base"`
	Mine   string  `json:"mine"`
	Theirs string  `json:"theirs"`
	Count  int     `json:"count,omitempty"` // how many tasks, for ReasonEmptied
	Op     int64   `json:"op,omitempty"`    // the operation that met it
}

// Replaces reports whether a conflict is told instead of an earlier one that nobody has decided: it was met by the same
// operation, of which only the last attempt counts, or it is about the same version. Of any other version this may be the
// only text that is left.
func (c Conflict) Replaces(earlier Conflict) bool {
	return c.Op == earlier.Op || (c.Reason == earlier.Reason && c.Theirs == earlier.Theirs)
}
