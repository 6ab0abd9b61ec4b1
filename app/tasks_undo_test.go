// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/storage"
)

// carriedOut makes what waits done as a server does that takes no series if held is set; deletions too.
func (d *taskDesk) carriedOut(held bool) {
	d.t.Helper()
	for _, op := range d.ops() {
		d.must(d.db.Write(d.ctx, func(tx *storage.Tx) error {
			op.State = journal.Done
			if err := tx.SaveOp(d.ctx, op); err != nil {
				return err
			}
			if op.Kind == journal.TaskDelete {
				return tx.TaskGone(d.ctx, op.Targets[0].ID, op.ID)
			}
			row, err := tx.TaskRow(d.ctx, op.Targets[0].ID)
			if err != nil {
				return err
			}
			var p tasks.PutOp
			if err := json.Unmarshal(op.Payload, &p); err != nil {
				return err
			}
			text, _ := p.Lay(row.Base)
			if held {
				text = tasks.Hold(text)
			}
			return tx.TaskSent(d.ctx, row.ID, op.ID, `"1"`, text, false)
		}))
	}
}

// TestUndoOfHeldSeries: on a server that takes no series each step goes back and forth too, and the series stays.
func TestUndoOfHeldSeries(t *testing.T) {
	d := newTaskDesk(t)
	due := tasks.When{Time: time.Date(2026, 12, 1, 0, 0, 0, 0, time.Local), AllDay: true}
	rule, other, title := "FREQ=DAILY;COUNT=9", "FREQ=WEEKLY", "Gießen, vorn"
	id := d.add("Gießen", tasks.Edit{Due: &due, RRule: &rule})
	d.carriedOut(true)
	row, err := d.db.TaskRow(d.ctx, id)
	d.must(err)
	if !tasks.Held(row.Base) {
		t.Fatalf("not held\n%s", row.Base)
	}
	for name, act := range map[string]func() error{
		"completed":  func() error { return d.Done(d.ctx, []int64{id}) },
		"cancelled":  func() error { return d.Cancel(d.ctx, []int64{id}, false) },
		"called off": func() error { return d.Cancel(d.ctx, []int64{id}, true) },
		"renamed":    func() error { return d.Edit(d.ctx, id, tasks.Edit{Title: &title}) },
		"ruled":      func() error { return d.Edit(d.ctx, id, tasks.Edit{RRule: &other}) },
		"planned": func() error {
			return d.Plan(d.ctx, []int64{id}, tasks.When{Time: due.Time.AddDate(0, 0, 3), AllDay: true})
		},
		"removed": func() error { return d.Remove(d.ctx, []int64{id}) },
	} {
		for _, sent := range []bool{false, true} {
			d.must(act())
			if sent {
				d.carriedOut(true)
			}
			d.undo()
			d.carriedOut(true)
			got := d.task(id)
			raw, err := d.Raw(d.ctx, id)
			d.must(err)
			if got.Title != "Gießen" || got.RRule != rule || !got.Due.Time.Equal(due.Time) || !got.Recurs || !got.RepeatsHere || got.Closed() || strings.Count(string(raw), "RRULE") != 1 {
				t.Errorf("%s, sent %t, undone: %+v\n%s", name, sent, got, raw)
			}
		}
	}
}

// TestUndoOfADeletionThatOthersTookBack: a change beats a deletion, so a colleague's change brings the task back under a row
// of its own, perhaps in another list. Undo does not fail on that and makes no second task.
func TestUndoOfADeletionThatOthersTookBack(t *testing.T) {
	for name, list := range map[string]func(*taskDesk) int64{
		"where it was":    func(d *taskDesk) int64 { return d.list },
		"in another list": func(d *taskDesk) int64 { return d.second },
	} {
		t.Run(name, func(t *testing.T) {
			d := newTaskDesk(t)
			id := d.add("Bericht", tasks.Edit{})
			d.carriedOut(false)
			row, err := d.db.TaskRow(d.ctx, id)
			d.must(err)
			d.must(d.Remove(d.ctx, []int64{id}))
			d.carriedOut(false)
			d.must(d.db.Write(d.ctx, func(tx *storage.Tx) error {
				_, _, err := tx.StoreTask(d.ctx, list(d), row.Name, `"9"`, strings.Replace(row.Text, "END:VTODO", "LOCATION:Rathaus\r\nEND:VTODO", 1))
				return err
			}))
			d.undo()
			all, err := d.List(d.ctx, tasks.Query{})
			d.must(err)
			if len(all) != 1 || all[0].ID == id || all[0].ListID != list(d) {
				t.Errorf("%+v", all)
			}
			raw, err := d.Raw(d.ctx, all[0].ID)
			d.must(err)
			if !strings.Contains(string(raw), "LOCATION:Rathaus") {
				t.Errorf("their change is lost\n%s", raw)
			}
			d.carriedOut(false)
		})
	}
}

// listsCarriedOut makes changes of lists done as a server does.
func (d *taskDesk) listsCarriedOut() {
	d.t.Helper()
	for _, op := range d.ops() {
		d.must(d.db.Write(d.ctx, func(tx *storage.Tx) error {
			op.State = journal.Done
			if err := tx.SaveOp(d.ctx, op); err != nil {
				return err
			}
			l, err := tx.TaskList(d.ctx, op.Targets[0].ID)
			if err != nil {
				return err
			}
			var p tasks.ListOp
			if err := json.Unmarshal(op.Payload, &p); err != nil {
				return err
			}
			l.RemoteName, l.RemoteColor, l.RemoteOrder = p.Lay(l.RemoteName, l.RemoteColor, l.RemoteOrder)
			return tx.StoreTaskList(d.ctx, l, op.ID)
		}))
	}
}

// TestUndoOfListOrder: a list that was put elsewhere goes back to its place, whether the server knows of it or not.
func TestUndoOfListOrder(t *testing.T) {
	for _, sent := range []bool{false, true} {
		d := newTaskDesk(t)
		order := func() (names []string, orders []int) {
			lists, err := d.Lists(d.ctx)
			d.must(err)
			for _, l := range lists {
				names, orders = append(names, l.Name), append(orders, l.Order)
			}
			return names, orders
		}
		names, orders := order()
		lists, err := d.Lists(d.ctx)
		d.must(err)
		d.must(d.PlaceList(d.ctx, lists[0].ID, 1))
		if now, _ := order(); slices.Equal(now, names) {
			t.Fatalf("sent %v: nothing moved: %v", sent, now)
		}
		if sent {
			d.listsCarriedOut()
		}
		d.undo()
		if now, places := order(); !slices.Equal(now, names) || !slices.Equal(places, orders) {
			t.Errorf("sent %v: %v %v, want %v %v", sent, now, places, names, orders)
		}
	}
}
