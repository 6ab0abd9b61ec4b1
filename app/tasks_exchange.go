// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"kontor/app/i18n"
	"kontor/app/tasks"
	"kontor/storage"
)

// maxImport bounds a calendar file that is read.
const maxImport = 256 << 20

// ErrNoTasksInFile is returned for a file that holds no task.
var ErrNoTasksInFile = errors.New("the file holds no tasks")

// ErrFormat is returned for a format of export that does not exist.
var ErrFormat = errors.New("this format does not exist")

func init() {
	explain(ErrNoTasksInFile, "tasks.error.empty-file")
	explain(ErrFormat, "tasks.error.format")
}

// Import adds the tasks of an iCalendar file, which may hold several calendars, to a list as one action; 0 is the first
// list that takes one. It returns how many were added: one that is there already in the same words is not added again, and
// one whose UID is taken by another gets a new one, as do the subtasks that name it.
func (s *Tasks) Import(ctx context.Context, listID int64, r io.Reader) (int, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxImport))
	if err != nil {
		return 0, fmt.Errorf("read calendar file: %w", err)
	}
	now := time.Now()
	objects := tasks.Split(string(raw), newUID, now)
	if len(objects) == 0 {
		return 0, ErrNoTasksInFile
	}
	added := 0
	err = s.act(ctx, "import tasks", func(a *action) error {
		l, err := writableList(ctx, a.Tx, listID)
		if err != nil {
			return err
		}
		fresh, renamed, err := a.unclash(l, objects, now)
		if err != nil {
			return err
		}
		for _, o := range fresh {
			text, err := tasks.Renamed(o.Text, renamed, now)
			if err != nil {
				return err
			}
			_, op, err := a.AddTask(ctx, l.ID, newUID()+".ics", text, tasks.Title(text), a.group)
			if err := a.note(op, err); err != nil {
				return err
			}
			added++
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return added, nil
}

// unclash leaves out what is there already and renews UIDs that are taken in the account, or twice in the file.
func (a *action) unclash(l storage.TaskList, objects []tasks.Object, now time.Time) (fresh []tasks.Object, renamed map[string]string, err error) {
	taken := map[string]bool{}
	renamed = map[string]string{}
	for _, o := range objects {
		there, err := a.TaskTextsOf(a.ctx, l.AccountID, o.UID)
		if err != nil {
			return nil, nil, err
		}
		same := false
		for _, t := range there {
			same = same || (t.ListID == l.ID && tasks.SameContent(t.Text, o.Text))
		}
		if same {
			continue
		}
		if len(there) > 0 || taken[o.UID] {
			uid := newUID()
			if o.Text, err = tasks.WithUID(o.Text, uid, now); err != nil {
				return nil, nil, err
			}
			if !taken[o.UID] {
				renamed[o.UID] = uid
			}
		}
		taken[o.UID] = true
		fresh = append(fresh, o)
	}
	return fresh, renamed, nil
}

// Export writes the tasks that q asks for: as iCalendar, whole objects with their history, or as a table.
func (s *Tasks) Export(ctx context.Context, q tasks.Query, w io.Writer, format tasks.Format) error {
	all, err := s.List(ctx, q)
	if err != nil {
		return err
	}
	switch format {
	case tasks.FormatICS:
		return s.exportICS(ctx, all, w)
	case tasks.FormatCSV:
		return s.exportCSV(ctx, all, w)
	}
	return fmt.Errorf("export as %q: %w", format, ErrFormat)
}

func (s *Tasks) exportICS(ctx context.Context, all []tasks.Task, w io.Writer) error {
	texts := make([]string, 0, len(all))
	for _, t := range all {
		row, err := s.db.TaskRow(ctx, t.ID)
		if err != nil {
			return err
		}
		texts = append(texts, row.Text)
		parts, err := s.db.TaskParts(ctx, row)
		if err != nil {
			return err
		}
		texts = append(texts, parts...)
	}
	_, err := io.WriteString(w, tasks.Join(texts))
	return err
}

var csvColumns = []string{
	"list", "title", "status", "percent", "priority", "start", "due", "completed", "tags", "assignee", "repeat", "note", "links", "parent", "uid",
}

// exportCSV writes a table as office programs in Germany open it without asking: UTF-8 with a mark, semicolons, CRLF.
func (s *Tasks) exportCSV(ctx context.Context, all []tasks.Task, w io.Writer) error {
	lists, err := s.Lists(ctx)
	if err != nil {
		return err
	}
	names := map[int64]string{}
	for _, l := range lists {
		names[l.ID] = l.Name
	}
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = ';', true
	header := make([]string, len(csvColumns))
	for i, c := range csvColumns {
		header[i] = i18n.T("tasks.csv." + c)
	}
	if err := out.Write(header); err != nil {
		return err
	}
	for _, n := range tasks.Tree(all) {
		row := csvRow(n.Task, names[n.ListID])
		for i := range row {
			row[i] = harmless(row[i])
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func csvRow(t tasks.Task, list string) []string {
	status := map[tasks.Status]string{
		tasks.NeedsAction: "open", tasks.InProcess: "in-process", tasks.Completed: "done", tasks.Canceled: "cancelled",
	}[t.Status]
	if t.Done() {
		status = "done"
	}
	priority := map[tasks.Class]string{
		tasks.PriorityNone: "", tasks.PriorityHigh: "high", tasks.PriorityMedium: "medium", tasks.PriorityLow: "low",
	}[tasks.ClassOf(t.Priority)]
	if priority != "" {
		priority = i18n.T("tasks.csv.priority." + priority)
	}
	percent := t.Percent
	if t.Done() {
		percent = 100
	}
	links := append([]string{}, t.Links...)
	if t.URL != "" {
		links = append([]string{t.URL}, links...)
	}
	return []string{
		list, t.Title, i18n.T("tasks.csv.status." + status), fmt.Sprint(percent), priority, csvWhen(t.Start), csvWhen(t.Due),
		csvWhen(tasks.When{Time: t.Completed}), strings.Join(t.Tags, ", "), t.Assignee, t.RRule, t.Note, strings.Join(links, " "), t.ParentUID, t.UID,
	}
}

// csvWhen writes a moment as tables understand it in every language: year first.
func csvWhen(w tasks.When) string {
	switch {
	case w.IsZero():
		return ""
	case w.AllDay:
		return w.Time.Format(time.DateOnly)
	}
	return w.Time.Local().Format("2006-01-02 15:04")
}

// harmless keeps a table from running what somebody else wrote: a cell that starts like a formula gets an apostrophe.
func harmless(cell string) string {
	if strings.ContainsRune("=+-@\t\r\n", firstRune(cell)) {
		return "'" + cell
	}
	return cell
}

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return 'x'
}
