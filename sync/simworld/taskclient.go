// SPDX-License-Identifier: EUPL-1.2

package simworld

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/sync/engine"
	"kontor/sync/reconcile"
)

// TaskItem is one task in the store of a client.
type TaskItem struct {
	ID       int64
	Name     string
	Remote   int // the list it lies in on the server
	ETag     string
	OnServer bool
	Verify   bool
	Base     string // the server's text

	Text    string // what is shown
	List    int
	Deleted bool
}

// TaskClient is one program with its store and its journal. It decides with the functions of the real one.
type TaskClient struct {
	Name      string
	Server    *TaskServer
	Items     map[int64]*TaskItem
	Ops       []journal.Op
	Conflicts []tasks.Conflict
	Mistake   TaskMistake
	// Crash says whether the program ends between two writes to its store; nil never lets it.
	Crash func() bool

	tokens [taskLists]int
	nextID int64
	now    time.Time
}

// TaskMistake is one that programs of this kind make.
type TaskMistake uint8

// The mistakes.
const (
	NoTaskMistake  TaskMistake = iota
	WithoutIfMatch             // a PUT whatever the server holds
	BaseFirst                  // what is sent counts as what the server holds before it has said so
	DeletionWins               // a deletion whatever the server holds
	PullOverwrites             // what comes in takes the place of what waits
	ForgetsRefusal             // after a refused token the new one is taken, and nothing is compared
	GoneUnasked                // what is gone there goes here, whatever waits
	MoveLosesCopy              // a move without MOVE deletes first
	StaysBehind                // what somebody moved is made again where it was
	TrustsCopy                 // a copy counts as the version that is known here
	TellsLate                  // a conflict is stored only once the server has answered
	KnownTaskMistakes
)

// NewTaskClient makes a client with an empty store.
func NewTaskClient(name string, s *TaskServer) *TaskClient {
	return &TaskClient{Name: name, Server: s, Items: map[int64]*TaskItem{}, now: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}
}

// IDs lists the tasks that a person sees, ascending.
func (c *TaskClient) IDs() []int64 {
	var ids []int64
	for id, item := range c.Items {
		if !item.Deleted {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// do is a change that a person makes: the operation and its effect, written together, with what takes it back.
func (c *TaskClient) do(kind journal.Kind, payload any, id int64, backKind journal.Kind, back any) {
	c.Ops = append(c.Ops, journal.Op{
		ID: int64(len(c.Ops) + 1), Kind: kind, Payload: encode(payload), State: journal.Waiting, Targets: []journal.Target{{Table: "tasks", ID: id}},
		Inverse: encode(journal.Inverse{Kind: backKind, Payload: encode(back)}),
	})
	c.recompute(id)
}

func encode(payload any) []byte {
	data, err := json.Marshal(payload)
	if err != nil {
		panic(err) // the payloads are plain structs
	}
	return data
}

// Undo takes the newest change back that is not taken back yet, and gives its operation; false where there is none, or
// where it is just being carried out.
func (c *TaskClient) Undo() (journal.Op, bool) {
	changes := journal.Changes(c.Ops)
	for _, change := range slices.Backward(changes) {
		origin := change.Origin()
		if origin.Undone {
			continue
		}
		turn, op := change.Undo()
		switch turn {
		case journal.Drop:
			c.Ops[op.ID-1].State = journal.Cancelled
			c.recompute(op.Targets[0].ID)
		case journal.Compensate:
			c.compensate(origin)
		case journal.Nothing, journal.Repeat, journal.Impossible, journal.Later:
			return op, false
		}
		c.Ops[origin.ID-1].Undone = true
		return origin, true
	}
	return journal.Op{}, false
}

// compensate adds the operation that takes a confirmed one back, as far as there is something left to take back.
func (c *TaskClient) compensate(origin journal.Op) {
	var inverse journal.Inverse
	if err := json.Unmarshal(origin.Inverse, &inverse); err != nil {
		panic(err) // written by do
	}
	op := journal.Op{ID: int64(len(c.Ops) + 1), Kind: inverse.Kind, Payload: inverse.Payload, State: journal.Waiting, Targets: origin.Targets, Origin: origin.ID, Back: true, Undone: true}
	if id := origin.Targets[0].ID; c.Items[id] == nil {
		if op.Kind != journal.TaskPut {
			return
		}
		p := payloadOf[tasks.PutOp](op)
		if p.Before != "" {
			return
		}
		op.Targets = []journal.Target{{Table: "tasks", ID: c.revive(id, int(p.List), p.Name)}}
	}
	c.Ops = append(c.Ops, op)
	c.recompute(op.Targets[0].ID)
}

// revive makes the row of a deleted task again, or finds the one that somebody has brought back meanwhile.
func (c *TaskClient) revive(id int64, list int, name string) int64 {
	for _, item := range c.Items {
		if item.Name == name {
			return item.ID
		}
	}
	c.Items[id] = &TaskItem{ID: id, Name: name, Remote: list, List: list}
	return id
}

// Add makes a task.
func (c *TaskClient) Add(list int, name, text string) {
	item := c.insert(list, name)
	c.do(journal.TaskPut, tasks.PutOp{List: int64(list), Name: name, After: text}, item.ID, journal.TaskDelete, tasks.DeleteOp{Text: text})
}

func (c *TaskClient) insert(list int, name string) *TaskItem {
	c.nextID++
	item := &TaskItem{ID: c.nextID, Name: name, Remote: list, List: list}
	c.Items[item.ID] = item
	return item
}

// Edit gives a task another text.
func (c *TaskClient) Edit(id int64, text string) {
	item := c.Items[id]
	list := int64(item.Remote)
	c.do(journal.TaskPut, tasks.PutOp{List: list, Name: item.Name, Before: item.Text, After: text}, id,
		journal.TaskPut, tasks.PutOp{List: list, Name: item.Name, Before: text, After: item.Text})
}

// Delete deletes a task as the person sees it.
func (c *TaskClient) Delete(id int64) {
	item := c.Items[id]
	p := tasks.DeleteOp{Text: item.Text}
	if item.Base != item.Text {
		p.Base = item.Base
	}
	c.do(journal.TaskDelete, p, id, journal.TaskPut, tasks.PutOp{List: int64(item.List), Name: item.Name, After: item.Text, Restores: true})
}

// Move moves a task to another list.
func (c *TaskClient) Move(id int64, to int) {
	item := c.Items[id]
	c.do(journal.TaskMove, tasks.MoveOp{From: int64(item.List), To: int64(to)}, id, journal.TaskMove, tasks.MoveOp{From: int64(to), To: int64(item.List)})
}

// Pending lists the operations that have not ended, oldest first.
func (c *TaskClient) Pending() []journal.Op {
	return slices.DeleteFunc(slices.Clone(c.Ops), func(op journal.Op) bool { return op.State.Final() })
}

// of lists the operations that wait for a task.
func (c *TaskClient) of(id int64) []journal.Op {
	return slices.DeleteFunc(c.Pending(), func(op journal.Op) bool { return op.Targets[0].ID != id })
}

func payloadOf[T any](op journal.Op) (payload T) {
	if err := json.Unmarshal(op.Payload, &payload); err != nil {
		panic(err) // written by do
	}
	return payload
}

// recompute lays what waits over what the server said last, and forgets what is nowhere.
func (c *TaskClient) recompute(id int64) {
	item := c.Items[id]
	if item == nil {
		return
	}
	ops := c.of(id)
	item.Text, item.List, item.Deleted = item.Base, item.Remote, false
	for _, op := range ops {
		switch op.Kind {
		case journal.TaskPut:
			item.Text, _ = payloadOf[tasks.PutOp](op).Lay(item.Text)
			item.Deleted = false
		case journal.TaskMove:
			item.List = int(payloadOf[tasks.MoveOp](op).To)
		case journal.TaskDelete:
			item.Deleted = true
		}
	}
	if len(ops) == 0 && !item.OnServer {
		delete(c.Items, id)
	}
}

// Sync is one round of the engine: what waits goes out, what is new comes in, and what came of it goes out.
func (c *TaskClient) Sync() error {
	c.now = c.now.Add(time.Hour) // whatever waits after a failed attempt is due again
	for i, op := range c.Ops {
		c.Ops[i] = journal.Recover(op, c.now)
		if op.State == journal.Failed { // a person tries again
			c.Ops[i].State = journal.Waiting
		}
	}
	if err := c.pushAll(); err != nil {
		return err
	}
	if err := c.Look(); err != nil {
		return err
	}
	return c.pushAll()
}

// Look reads what is new while what waits goes on waiting, as after an attempt that failed.
func (c *TaskClient) Look() error {
	for list := range taskLists {
		if err := c.pull(list); err != nil {
			return err
		}
	}
	return nil
}

var taskKinds = []journal.Kind{journal.TaskPut, journal.TaskDelete, journal.TaskMove}

func joinPuts(a, b journal.Op) (journal.Op, bool) {
	if a.Kind != journal.TaskPut || !slices.Equal(a.Targets, b.Targets) {
		return a, false
	}
	return engine.JoinPayloads(a, b, reconcile.JoinTaskPuts(a))
}

// pushAll hands out operations until none is due.
func (c *TaskClient) pushAll() error {
	for {
		trains := engine.Pick(c.Pending(), taskKinds, 1, c.now, func(id int64) journal.State { return c.Ops[id-1].State }, joinPuts)
		if len(trains) == 0 {
			return nil
		}
		if err := c.carryOut(trains[0]); err != nil {
			return err
		}
	}
}

// result is what came of an attempt, and what is then stored in one transaction.
type result struct {
	outcome journal.Outcome
	store   func()
}

// carryOut attempts one train and stores its outcome with what the server now holds.
func (c *TaskClient) carryOut(t engine.Train) error {
	settling := t.As.State == journal.InDoubt
	if !settling {
		for i, op := range t.Ops {
			started, err := journal.Start(op, c.now)
			if err != nil {
				return err
			}
			c.Ops[op.ID-1], t.Ops[i] = started, started
		}
		t.As.State, t.As.Tries = t.Ops[0].State, t.Ops[0].Tries
	}
	did := c.push
	if settling {
		did = c.settle
	}
	r, err := did(t.As)
	if c.Crash != nil && c.Crash() {
		return ErrCrash
	}
	for _, op := range t.Ops {
		next := journal.Next(op, r.outcome, "", c.now, 0)
		if r.outcome == journal.Retry && settling {
			next.NextTry = c.now
		}
		c.Ops[op.ID-1] = next
	}
	if r.store != nil {
		r.store()
	}
	for _, op := range t.Ops {
		c.recompute(op.Targets[0].ID)
	}
	return err
}

// failedTask turns an answer into an outcome.
func failedTask(err error) (result, error) {
	switch {
	case errors.Is(err, ErrCut):
		return result{outcome: journal.Unknown}, err
	case errors.Is(err, errFull):
		return result{outcome: journal.Retry}, nil
	}
	return result{outcome: journal.Rejected}, nil
}

// View lists what a person sees, one line for each task.
func (c *TaskClient) View() string {
	return view(func(yield func(list int, name, text string)) {
		for _, item := range c.Items {
			if !item.Deleted {
				yield(item.List, item.Name, item.Text)
			}
		}
	})
}

// View lists what the server holds.
func (s *TaskServer) View() string {
	return view(func(yield func(list int, name, text string)) {
		for list := range s.Lists {
			for name, o := range s.Lists[list] {
				yield(list, name, o.Text)
			}
		}
	})
}

func view(all func(yield func(list int, name, text string))) string {
	var lines []string
	all(func(list int, name, text string) {
		lines = append(lines, fmt.Sprintf("list %d: %s %q", list, name, text))
	})
	slices.Sort(lines)
	return fmt.Sprint(lines)
}
