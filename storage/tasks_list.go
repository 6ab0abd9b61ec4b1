// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"kontor/app/tasks"
)

// shownParent is the UID of the task that t is a subtask of: the one that it names itself, else the first of its list that
// names it (RELTYPE=CHILD, the same edge told by its other end).
const shownParent = `iif(t.parent_uid <> '' OR NOT EXISTS (SELECT 1 FROM task_children), t.parent_uid, ifnull(
	(SELECT p.uid FROM task_children c CROSS JOIN tasks p ON p.id = c.task_id WHERE c.child_uid = t.uid AND +p.list_id = t.list_id
		AND +p.deleted = 0 AND p.override = 0 AND p.uid <> t.uid ORDER BY c.task_id LIMIT 1), ''))`

const viewRead = `t.id, t.list_id, t.uid, t.title, t.note, t.status, t.percent, t.completed, t.start, t.start_day, t.due, t.due_day, t.priority,
	t.tags, ` + shownParent + `, t.rrule, t.ord, t.created, t.modified, t.url, t.links, t.assignee, t.history, t.override = 1, t.flags,
	l.read_only OR (l.shared AND t.flags & 2)`

func scanTask(scan func(...any) error) (t tasks.Task, err error) {
	var completed, start, due, created, modified int64
	var tags, links string
	var flags int
	err = scan(&t.ID, &t.ListID, &t.UID, &t.Title, &t.Note, &t.Status, &t.Percent, &completed, &start, &t.Start.AllDay, &due, &t.Due.AllDay,
		&t.Priority, &tags, &t.ParentUID, &t.RRule, &t.Order, &created, &modified, &t.URL, &links, &t.Assignee, &t.History, &t.Override,
		&flags, &t.ReadOnly)
	t.Completed, t.Created, t.Modified = fromMillis(completed), fromMillis(created), fromMillis(modified)
	t.Start, t.Due = whenOf(start, t.Start.AllDay), whenOf(due, t.Due.AllDay)
	t.Tags, t.Links = lines(tags), lines(links)
	t.Recurs, t.Private = flags&flagRecurs != 0, flags&flagPrivate != 0
	t.Broken, t.ZoneLost = flags&flagBroken != 0, flags&flagZoneLost != 0
	return t, err
}

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

// The parts of a query about tasks. An instance of a series that lies in an object of its own is shown only where the
// series is not. ?1 list, ?2 text, ?3 with closed, ?4 parent.
const (
	fromTasks = ` FROM tasks t JOIN lists l ON l.id = t.list_id WHERE t.deleted = 0 AND t.override < 2 AND l.deleted = 0 AND ?10 >= ''`
	plainPart = ` AND (t.override = 0 OR NOT EXISTS
			(SELECT 1 FROM tasks m WHERE m.uid = t.uid AND m.list_id = t.list_id AND m.override = 0 AND m.deleted = 0))
		AND (?2 = '' OR t.title LIKE '%' || ?2 || '%' OR t.note LIKE '%' || ?2 || '%' OR t.tags LIKE '%' || ?2 || '%')
		AND ?4 >= ''`
	belowPart = ` AND ` + shownParent + ` = ?4`
	listPart  = ` AND t.list_id = ?1` + openPart + plainPart
	allPart   = openPart + plainPart
	openPart  = ` AND t.closed <= ?3`
)

// smartParts are the conditions of the smart lists. ?5 the end of today, ?6 the same for days, ?7 now, ?8 today for days,
// ?9 the start of today, ?10 a person's search; it is the last one and stands in every query, so that all of them take the
// same arguments.
var smartParts = map[tasks.Smart]string{
	tasks.SmartToday:     ` AND ((t.closed = 0 AND t.due <> 0 AND t.due < iif(t.due_day, ?6, ?5)) OR (?3 AND t.closed AND iif(t.status = 'CANCELLED', t.modified, t.completed) >= ?9))` + plainPart,
	tasks.SmartUpcoming:  openPart + ` AND t.due >= iif(t.due_day, ?6, ?5) AND t.due < iif(t.due_day, ?6, ?5) + 14 * 86400000` + plainPart,
	tasks.SmartImportant: openPart + ` AND t.priority BETWEEN 1 AND 4` + plainPart,
	tasks.SmartOverdue:   ` AND t.closed = 0 AND t.due <> 0 AND t.due < iif(t.due_day, ?8, ?7)` + plainPart,
	tasks.SmartNoDate:    openPart + ` AND t.due = 0 AND t.start = 0` + plainPart,
}

const (
	orderBySort = ` ORDER BY t.closed, t.sort, t.id`
	orderByDue  = ` ORDER BY t.closed, t.due = 0, t.due, iif(t.priority = 0, 10, t.priority), t.sort, t.id`
)

// taskQuery gives the text of a query and its arguments.
func taskQuery(q tasks.Query, now time.Time) (where, order string, args []any, err error) {
	y, m, d := now.Date()
	today := time.Date(y, m, d, 0, 0, 0, 0, now.Location())
	todayUTC := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	escaped := strings.NewReplacer("%", "", "_", "").Replace(q.Text)
	search, closed, err := searchJSON(q, now)
	args = []any{
		q.ListID, escaped, closed, q.Parent, today.AddDate(0, 0, 1).UnixMilli(), todayUTC.AddDate(0, 0, 1).UnixMilli(),
		now.UnixMilli(), todayUTC.UnixMilli(), today.UnixMilli(), search,
	}
	where = fromTasks
	if q.Parent != "" {
		where += belowPart
	}
	if search != "" {
		where += searchPart
	}
	if part, ok := smartParts[q.Smart]; ok {
		if q.ListID != 0 {
			part += ` AND t.list_id = ?1`
		}
		return where + part, orderByDue, args, err
	}
	if q.ListID != 0 {
		return where + listPart, orderBySort, args, err
	}
	return where + allPart, orderByDue, args, err
}

// Tasks lists tasks as q asks for them, with the numbers of their subtasks.
func (r reads) Tasks(ctx context.Context, q tasks.Query, now time.Time) ([]tasks.Task, error) {
	where, order, args, err := taskQuery(q, now)
	if err != nil {
		return nil, fmt.Errorf("list tasks: %w", err)
	}
	limit := q.Limit
	if limit <= 0 {
		limit = -1
	}
	all, err := r.readTasks(ctx, where+order+` LIMIT ?11 OFFSET ?12`, append(args, limit, q.Offset))
	if err != nil {
		return nil, fmt.Errorf("list tasks: %w", err)
	}
	return all, nil
}

// readTasks reads views with what stands in other rows; from is the query behind its columns.
func (r reads) readTasks(ctx context.Context, from string, args []any) ([]tasks.Task, error) {
	var all []tasks.Task
	err := r.each(ctx, `SELECT `+viewRead+from, args, func(scan func(...any) error) error {
		t, err := scanTask(scan)
		all = append(all, t)
		return err
	})
	if err == nil {
		err = r.addTaskDetails(ctx, all)
	}
	return all, err
}

// TaskLines reads which lines a list shows, without the rows themselves, which TasksByID reads for the lines in sight. A
// query about one list gives its tree.
func (r reads) TaskLines(ctx context.Context, q tasks.Query, now time.Time) ([]tasks.Line, error) {
	where, order, args, err := taskQuery(q, now)
	if err != nil {
		return nil, fmt.Errorf("lay out tasks: %w", err)
	}
	var all []tasks.Stub
	err = r.each(ctx, `SELECT t.id, t.list_id, t.uid, `+shownParent+`, t.closed`+where+order, args, func(scan func(...any) error) error {
		var t tasks.Stub
		err := scan(&t.ID, &t.ListID, &t.UID, &t.ParentUID, &t.Closed)
		all = append(all, t)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("lay out tasks: %w", err)
	}
	return tasks.Lines(all, q.ListID == 0 || q.Smart != tasks.SmartNone || q.Text != "" || q.Search != ""), nil
}

// TasksByID reads tasks as lists show them, in the order of ids; those that are gone are left out.
func (r reads) TasksByID(ctx context.Context, ids []int64) ([]tasks.Task, error) {
	wanted, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	place := make(map[int64]int, len(ids))
	for i, id := range ids {
		place[id] = i
	}
	all, err := r.readTasks(ctx, ` FROM tasks t JOIN lists l ON l.id = t.list_id WHERE t.id IN (SELECT value FROM json_each(?)) AND t.deleted = 0`, []any{string(wanted)})
	if err != nil {
		return nil, fmt.Errorf("read tasks: %w", err)
	}
	slices.SortFunc(all, func(a, b tasks.Task) int { return cmp.Compare(place[a.ID], place[b.ID]) })
	return all, nil
}

// CountTasks counts what Tasks would list without a limit.
func (r reads) CountTasks(ctx context.Context, q tasks.Query, now time.Time) (int, error) {
	where, _, args, err := taskQuery(q, now)
	if err != nil {
		return 0, fmt.Errorf("count tasks: %w", err)
	}
	var n int
	if err := r.scan(ctx, []any{&n}, `SELECT count(*)`+where, args...); err != nil {
		return 0, fmt.Errorf("count tasks: %w", err)
	}
	return n, nil
}

// Task reads the view of one task as lists show it.
func (r reads) Task(ctx context.Context, id int64) (tasks.Task, error) {
	one, err := r.readTasks(ctx, ` FROM tasks t JOIN lists l ON l.id = t.list_id WHERE t.id = ?`, []any{id})
	if err == nil && len(one) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return tasks.Task{}, fmt.Errorf("read task %d: %w", id, err)
	}
	return one[0], nil
}

// TaskByUID finds a task of a list by its UID; ErrNotFound where there is none.
func (r reads) TaskByUID(ctx context.Context, listID int64, uid string) (int64, error) {
	var id int64
	err := r.scan(ctx, []any{&id}, `SELECT id FROM tasks WHERE uid = ? AND list_id = ? AND deleted = 0 ORDER BY override, id LIMIT 1`, uid, listID)
	return id, err
}

// TasksNaming are the tasks of a list that name another one as their subtask.
func (r reads) TasksNaming(ctx context.Context, listID int64, uid string) ([]int64, error) {
	var ids []int64
	err := r.each(ctx, `SELECT p.id FROM task_children c JOIN tasks p ON p.id = c.task_id
		WHERE c.child_uid = ? AND p.list_id = ? AND p.deleted = 0 ORDER BY p.id`, []any{uid, listID}, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read subtasks: %w", err)
	}
	return ids, nil
}

// addTaskDetails fills in what stands in other rows: subtasks and open conflicts.
func (r reads) addTaskDetails(ctx context.Context, all []tasks.Task) error {
	if len(all) == 0 {
		return nil
	}
	uids := make([]string, 0, len(all))
	for _, t := range all {
		if t.UID != "" {
			uids = append(uids, t.UID)
		}
	}
	wanted, err := json.Marshal(uids)
	if err != nil {
		return err
	}
	type key struct {
		list int64
		uid  string
	}
	type count struct{ all, closed int }
	children := map[key]count{}
	err = r.each(ctx, `SELECT list_id, parent, count(*), sum(closed) FROM (
			SELECT list_id, parent_uid AS parent, closed FROM tasks
			WHERE parent_uid <> '' AND parent_uid IN (SELECT value FROM json_each(?1)) AND deleted = 0 AND override = 0
		UNION ALL
			SELECT t.list_id, `+shownParent+`, t.closed FROM tasks t
			WHERE t.parent_uid = '' AND t.deleted = 0 AND t.override = 0 AND t.uid IN (SELECT child_uid FROM task_children n
				JOIN tasks o ON o.id = n.task_id WHERE o.uid IN (SELECT value FROM json_each(?1)))
		) GROUP BY 1, 2`,
		[]any{string(wanted)}, func(scan func(...any) error) error {
			var k key
			var c count
			err := scan(&k.list, &k.uid, &c.all, &c.closed)
			children[k] = c
			return err
		})
	if err != nil {
		return err
	}
	twins := map[key]bool{}
	err = r.each(ctx, `SELECT list_id, uid FROM tasks WHERE uid IN (SELECT value FROM json_each(?)) AND deleted = 0 AND override = 0
		GROUP BY uid, list_id HAVING count(*) > 1`, []any{string(wanted)}, func(scan func(...any) error) error {
		var k key
		err := scan(&k.list, &k.uid)
		twins[k] = true
		return err
	})
	if err != nil {
		return err
	}
	conflicts := map[int64]bool{}
	err = r.each(ctx, `SELECT ref_id FROM conflicts WHERE kind = 'task' AND resolved = 0`, nil, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		conflicts[id] = true
		return err
	})
	for i := range all {
		c := children[key{all[i].ListID, all[i].UID}]
		all[i].Children, all[i].ChildDone = c.all, c.closed
		all[i].Twin = twins[key{all[i].ListID, all[i].UID}]
		all[i].Conflict = conflicts[all[i].ID]
	}
	return err
}

// TaskListsSummary counts lists and open tasks, for status lines.
func (r reads) TaskListsSummary(ctx context.Context) (lists, open int, err error) {
	err = r.scan(ctx, []any{&lists, &open}, `SELECT (SELECT count(*) FROM lists WHERE deleted = 0),
		(SELECT count(*) FROM tasks WHERE deleted = 0 AND closed = 0 AND override < 2)`)
	return lists, open, err
}
