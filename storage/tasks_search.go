// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"

	"kontor/app/tasks"
)

// The part of a query that a person's search makes. ?10 is the search as JSON, see searchArgs. Patterns come in lists: the
// ways to write a word, one of which must fit, since SQLite only knows upper and lower case of ASCII.
const searchPart = `
	AND NOT EXISTS (SELECT 1 FROM json_each(?10, '$.words') w WHERE NOT EXISTS
		(SELECT 1 FROM json_each(w.value) p WHERE t.title LIKE p.value OR t.note LIKE p.value OR t.tags LIKE p.value))
	AND NOT EXISTS (SELECT 1 FROM json_each(?10, '$.notWords') w JOIN json_each(w.value) p
		WHERE t.title LIKE p.value OR t.note LIKE p.value OR t.tags LIKE p.value)
	AND NOT EXISTS (SELECT 1 FROM json_each(?10, '$.tags') w WHERE NOT EXISTS
		(SELECT 1 FROM json_each(w.value) p WHERE char(10) || t.tags || char(10) LIKE p.value))
	AND NOT EXISTS (SELECT 1 FROM json_each(?10, '$.notTags') w JOIN json_each(w.value) p WHERE char(10) || t.tags || char(10) LIKE p.value)
	AND (?10 ->> '$.lists' = '[]' OR EXISTS (SELECT 1 FROM json_each(?10, '$.lists') w JOIN json_each(w.value) p WHERE l.name LIKE p.value))
	AND (?10 ->> '$.classes' = '[]' OR EXISTS (SELECT 1 FROM json_each(?10, '$.classes') c WHERE t.priority BETWEEN c.value ->> 0 AND c.value ->> 1))
	AND CASE ?10 ->> '$.state' WHEN 'done' THEN t.closed = 1 AND t.status <> 'CANCELLED' WHEN 'canceled' THEN t.status = 'CANCELLED' ELSE 1 END
	AND CASE ?10 ->> '$.due' WHEN 'none' THEN t.due = 0 WHEN 'some' THEN t.due <> 0
		WHEN 'late' THEN t.closed = 0 AND t.due <> 0 AND t.due < iif(t.due_day, ?8, ?7) ELSE 1 END
	AND (?10 ->> '$.from' IS NULL OR (t.due <> 0 AND t.due >= iif(t.due_day, ?10 ->> '$.fromDay', ?10 ->> '$.from')))
	AND (?10 ->> '$.before' IS NULL OR (t.due <> 0 AND t.due < iif(t.due_day, ?10 ->> '$.beforeDay', ?10 ->> '$.before')))`

// searchArgs is a search as searchPart reads it.
type searchArgs struct {
	Words     [][]string `json:"words"`
	NotWords  [][]string `json:"notWords"`
	Tags      [][]string `json:"tags"`
	NotTags   [][]string `json:"notTags"`
	Lists     [][]string `json:"lists"`
	Classes   [][2]int   `json:"classes"`
	State     string     `json:"state"`
	Due       string     `json:"due"`
	From      *int64     `json:"from,omitempty"`
	FromDay   *int64     `json:"fromDay,omitempty"`
	Before    *int64     `json:"before,omitempty"`
	BeforeDay *int64     `json:"beforeDay,omitempty"`
}

var classBounds = map[tasks.Class][2]int{
	tasks.PriorityNone: {0, 0}, tasks.PriorityHigh: {1, 4}, tasks.PriorityMedium: {5, 5}, tasks.PriorityLow: {6, 9},
}

// searchJSON writes a search for searchPart, empty for none, and says whether closed tasks count.
func searchJSON(q tasks.Query, now time.Time) (arg string, closed bool, err error) {
	if strings.TrimSpace(q.Search) == "" {
		return "", q.Closed, nil
	}
	f := tasks.ParseFilter(q.Search, now)
	a := searchArgs{
		Words: patterns(f.Words, "%"), NotWords: patterns(f.NotWords, "%"), Tags: patterns(f.Tags, "%\n"), NotTags: patterns(f.NotTags, "%\n"),
		Lists: patterns(f.Lists, ""), Classes: [][2]int{}, State: string(f.State),
	}
	for _, c := range f.Classes {
		a.Classes = append(a.Classes, classBounds[c])
	}
	switch {
	case f.Due.None:
		a.Due = "none"
	case f.Due.Overdue:
		a.Due = "late"
	case f.Due.Some:
		a.Due = "some"
	}
	a.From, a.FromDay = bounds(f.Due.From)
	a.Before, a.BeforeDay = bounds(f.Due.Before)
	raw, err := json.Marshal(a)
	switch f.State {
	case tasks.StateOpen:
		return string(raw), false, err
	case tasks.StateDone, tasks.StateCanceled, tasks.StateAll:
		return string(raw), true, err
	case tasks.StateAny:
	}
	return string(raw), q.Closed, err
}

// bounds gives a midnight as moments and as days are stored; nil for none.
func bounds(t time.Time) (moment, day *int64) {
	if t.IsZero() {
		return nil, nil
	}
	ms, utc := t.UnixMilli(), whenMillis(tasks.When{Time: t, AllDay: true})
	return &ms, &utc
}

// patterns writes words for LIKE, each in the cases it is likely to have.
func patterns(words []string, around string) [][]string {
	all := make([][]string, 0, len(words))
	for _, w := range words {
		w = strings.NewReplacer("%", "_", "\n", " ").Replace(w)
		var ways []string
		seen := map[string]bool{}
		for _, way := range []string{w, strings.ToLower(w), strings.ToUpper(w), title(w)} {
			if !seen[way] {
				seen[way] = true
				ways = append(ways, around+way+reverse(around))
			}
		}
		all = append(all, ways)
	}
	return all
}

func title(w string) string {
	runes := []rune(strings.ToLower(w))
	if len(runes) > 0 {
		runes[0] = unicode.ToUpper(runes[0])
	}
	return string(runes)
}

// reverse mirrors what stands around a pattern: "%\n" before, "\n%" behind.
func reverse(s string) string {
	if s == "%\n" {
		return "\n%"
	}
	return s
}

// SavedSearches lists the searches that a person keeps, with how many open tasks each finds.
func (r reads) SavedSearches(ctx context.Context, now time.Time) ([]tasks.Saved, error) {
	var all []tasks.Saved
	err := r.each(ctx, `SELECT id, name, query FROM task_searches ORDER BY name COLLATE NOCASE, id`, nil, func(scan func(...any) error) error {
		var s tasks.Saved
		err := scan(&s.ID, &s.Name, &s.Query)
		all = append(all, s)
		return err
	})
	for i := range all {
		if err == nil {
			all[i].Open, err = r.CountTasks(ctx, tasks.Query{Search: all[i].Query}, now)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("list searches: %w", err)
	}
	return all, nil
}

// SaveSearch keeps a search, or changes the one with its ID, and returns the ID.
func (tx *Tx) SaveSearch(ctx context.Context, s tasks.Saved) (int64, error) {
	if s.ID == 0 {
		id, err := tx.insert(ctx, `INSERT INTO task_searches (name, query) VALUES (?, ?)`, s.Name, s.Query)
		if err != nil {
			return 0, fmt.Errorf("save search: %w", err)
		}
		return id, nil
	}
	res, err := tx.exec(ctx, `UPDATE task_searches SET name = ?, query = ? WHERE id = ?`, s.Name, s.Query, s.ID)
	return s.ID, oneSearch("save search", res, err)
}

// ForgetSearch removes a search; ErrNotFound where there is none.
func (tx *Tx) ForgetSearch(ctx context.Context, id int64) error {
	res, err := tx.exec(ctx, `DELETE FROM task_searches WHERE id = ?`, id)
	return oneSearch("forget search", res, err)
}

func oneSearch(what string, res interface{ RowsAffected() (int64, error) }, err error) error {
	var n int64
	if err == nil {
		n, err = res.RowsAffected()
	}
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// TaskTextsOf reads all objects of an account that have a UID; those that wait for their deletion are not among them.
func (r reads) TaskTextsOf(ctx context.Context, accountID int64, uid string) ([]TaskRow, error) {
	return r.taskRows(ctx, `uid = ? AND deleted = 0 AND list_id IN (SELECT id FROM lists WHERE account_id = ?)`, uid, accountID)
}

// TaskParts reads the instances of a series that lie in other objects than row and are not shown beside it.
func (r reads) TaskParts(ctx context.Context, row TaskRow) ([]string, error) {
	if row.UID == "" {
		return nil, nil
	}
	rows, err := r.taskRows(ctx, `uid = ? AND list_id = ? AND deleted = 0 AND override = 1 AND id <> ?`, row.UID, row.ListID, row.ID)
	var texts []string
	for _, t := range rows {
		texts = append(texts, t.Text)
	}
	return texts, err
}

func (r reads) taskRows(ctx context.Context, where string, args ...any) ([]TaskRow, error) {
	ids, err := r.taskIDs(ctx, where, args)
	if err != nil {
		return nil, fmt.Errorf("read tasks: %w", err)
	}
	all := make([]TaskRow, 0, len(ids))
	for _, id := range ids {
		t, err := r.TaskRow(ctx, id)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

func (r reads) taskIDs(ctx context.Context, where string, args []any) ([]int64, error) {
	var ids []int64
	err := r.each(ctx, `SELECT id FROM tasks WHERE `+where+` ORDER BY id`, args, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// TaskNamed finds the task of an account that lies under a name on the server, in whatever list.
func (r reads) TaskNamed(ctx context.Context, accountID int64, name string) (id int64, err error) {
	err = r.scan(ctx, []any{&id}, `SELECT t.id FROM tasks t JOIN lists l ON l.id = t.remote_list WHERE l.account_id = ? AND t.name = ? ORDER BY t.id LIMIT 1`,
		accountID, name)
	if err != nil {
		return 0, fmt.Errorf("find task: %w", err)
	}
	return id, nil
}
