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
)

// ErrFormat is returned for a format of export that does not exist.
var ErrFormat = errors.New("this format does not exist")

func init() {
	explain(ErrFormat, "tasks.error.format")
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
	case tasks.FormatHTML:
		return s.printTo(ctx, q, "", w, false)
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
	names, err := s.listNames(ctx)
	if err != nil {
		return err
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

// listNames gives the names of all task lists by their IDs.
func (s *Tasks) listNames(ctx context.Context) (map[int64]string, error) {
	lists, err := s.Lists(ctx)
	names := make(map[int64]string, len(lists))
	for _, l := range lists {
		names[l.ID] = l.Name
	}
	return names, err
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
