// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/tasks"
)

// taskListJSON is a task list as scripts see it.
type taskListJSON struct {
	ID        int64  `json:"id"`
	AccountID int64  `json:"account_id"`
	Name      string `json:"name"`
	Color     string `json:"color,omitempty"`
	Open      int    `json:"open"`
	Total     int    `json:"total"`
	ReadOnly  bool   `json:"read_only"`
	Shared    bool   `json:"shared"`
	Owner     string `json:"owner,omitempty"`
}

// taskAttachmentJSON is what hangs on a task; "tasks attachment" writes those without an address.
type taskAttachmentJSON struct {
	Name string `json:"name,omitempty"`
	Type string `json:"type,omitempty"`
	Size int64  `json:"size,omitempty"`
	URI  string `json:"uri,omitempty"`
}

// taskJSON is a task as scripts see it. Days are "2026-11-23", moments as in RFC 3339.
type taskJSON struct {
	ID           int64    `json:"id"`
	ListID       int64    `json:"list_id"`
	UID          string   `json:"uid"`
	Title        string   `json:"title"`
	Note         string   `json:"note"`
	Status       string   `json:"status"`
	Done         bool     `json:"done"`
	Closed       bool     `json:"closed"`
	Percent      int      `json:"percent"`
	Completed    string   `json:"completed,omitempty"`
	Start        string   `json:"start,omitempty"`
	Due          string   `json:"due,omitempty"`
	AllDay       bool     `json:"all_day"`
	Priority     int      `json:"priority"`
	Tags         []string `json:"tags"`
	ParentUID    string   `json:"parent_uid,omitempty"`
	Repeat       string   `json:"repeat,omitempty"`
	Order        int64    `json:"order"`
	Created      string   `json:"created,omitempty"`
	Modified     string   `json:"modified,omitempty"`
	URL          string   `json:"url,omitempty"`
	Links        []string `json:"links,omitempty"`
	Alarms       []string `json:"alarms,omitempty"`
	Assignee     string   `json:"assignee,omitempty"`
	ReadOnly     bool     `json:"read_only"`
	Children     int      `json:"children"`
	ChildrenDone int      `json:"children_done"`
	History      int      `json:"history,omitempty"`
	RepeatFrom   string   `json:"repeat_from,omitempty"`  // "done": it goes on from the day of completion
	RepeatsHere  bool     `json:"repeats_here,omitempty"` // the server takes no series: this program makes the next instance
	Snoozed      string   `json:"snoozed,omitempty"`
	Conflict     bool     `json:"conflict,omitempty"`
	Twin         bool     `json:"twin,omitempty"`      // another object has the same UID
	Broken       bool     `json:"broken,omitempty"`    // the object is damaged
	ZoneLost     bool     `json:"zone_lost,omitempty"` // times are shown as local ones

	Attachments []taskAttachmentJSON `json:"attachments,omitempty"`

	State journal.Mark `json:"state"`
}

func taskToJSON(t tasks.Task, mark journal.Mark) taskJSON {
	out := taskJSON{
		ID: t.ID, ListID: t.ListID, UID: t.UID, Title: t.Title, Note: t.Note, Status: string(t.Status), Done: t.Done(), Closed: t.Closed(),
		Percent: t.Percent, Completed: momentJSON(t.Completed), Start: whenJSON(t.Start), Due: whenJSON(t.Due), AllDay: t.Due.AllDay || (t.Due.IsZero() && t.Start.AllDay),
		Priority: t.Priority, Tags: t.Tags, ParentUID: t.ParentUID, Repeat: t.RRule, Order: t.Order, Created: momentJSON(t.Created),
		Modified: momentJSON(t.Modified), URL: t.URL, Links: t.Links, Assignee: t.Assignee, ReadOnly: t.ReadOnly, Children: t.Children,
		ChildrenDone: t.ChildDone, History: t.History, State: cmp.Or(mark, journal.MarkServer),
	}
	if out.Tags == nil {
		out.Tags = []string{}
	}
	out.Snoozed, out.Conflict, out.Twin, out.Broken, out.ZoneLost = momentJSON(t.Snoozed), t.Conflict, t.Twin, t.Broken, t.ZoneLost
	if t.FromDone {
		out.RepeatFrom = "done"
	}
	out.RepeatsHere = t.RepeatsHere
	for _, a := range t.Attachments {
		out.Attachments = append(out.Attachments, taskAttachmentJSON(a))
	}
	for _, a := range t.Alarms {
		out.Alarms = append(out.Alarms, momentJSON(a.At))
	}
	return out
}

func whenJSON(w tasks.When) string {
	if w.AllDay {
		return w.Time.Format(time.DateOnly)
	}
	return momentJSON(w.Time)
}

func momentJSON(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format(time.RFC3339)
}

func printLists(w io.Writer, all []tasks.List) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, l := range all {
		var more []string
		switch {
		case l.Shared && l.Owner != "":
			more = append(more, i18n.T("tasks.cli.lists.shared-by", "owner", l.Owner))
		case l.Shared:
			more = append(more, i18n.T("tasks.cli.lists.shared"))
		}
		if l.ReadOnly {
			more = append(more, i18n.T("tasks.cli.lists.read-only"))
		}
		fmt.Fprintf(tw, "%d\t%s\t%s\t%s\n", l.ID, l.Name, i18n.T("tasks.cli.lists.row", "open", i18n.Count(l.Open), "total", i18n.Count(l.Total)), strings.Join(more, ", "))
	}
	return tw.Flush()
}

func printAdded(w io.Writer, id int64) error {
	_, err := fmt.Fprintln(w, i18n.T("tasks.cli.added", "id", id))
	return err
}

// printRow writes a task of a list in one line, subtasks indented.
func printRow(w io.Writer, n tasks.Node, mark journal.Mark) {
	box := "[ ]"
	switch {
	case n.Done():
		box = "[x]"
	case n.Closed():
		box = "[-]"
	}
	priority := ""
	if tasks.ClassOf(n.Priority) == tasks.PriorityHigh {
		priority = "!"
	}
	fmt.Fprintf(w, "%d\t%s%s %s%s\t%s\t%s\t%s\n", n.ID, strings.Repeat("  ", n.Depth), box, priority, titleOf(n.Task), whenWords(n.Due), strings.Join(n.Tags, ", "), markWords(mark))
}

// markWords is empty for what is simply on the server.
func markWords(m journal.Mark) string {
	switch m {
	case "", journal.MarkServer:
		return ""
	case journal.MarkRejected:
		return i18n.T("app.state.failed")
	case journal.MarkConflict:
		return i18n.T("tasks.cli.conflict")
	}
	return i18n.T("app.state." + string(m))
}

func titleOf(t tasks.Task) string { return cmp.Or(t.Title, i18n.T("tasks.cli.untitled")) }

func whenWords(w tasks.When) string {
	switch {
	case w.IsZero():
		return ""
	case w.AllDay:
		return i18n.Date(w.Time)
	}
	return i18n.DateTime(w.Time)
}

// printTask writes every field of a task that is set.
func printTask(w io.Writer, t tasks.Task, children []tasks.Task, mark journal.Mark) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(key, value string) {
		if value != "" {
			fmt.Fprintf(tw, "%s\t%s\n", i18n.T("tasks.cli."+key), strings.ReplaceAll(value, "\n", "\n\t"))
		}
	}
	row("id", fmt.Sprint(t.ID))
	row("title", titleOf(t))
	row("status", statusWords(t))
	row("due", whenWords(t.Due))
	row("start", whenWords(t.Start))
	row("repeat", t.RRule)
	if t.RepeatsHere {
		row("repeats-here", i18n.T("tasks.repeats-here"))
	}
	row("priority", priorityName(t.Priority))
	row("tags", strings.Join(t.Tags, ", "))
	row("assignee", t.Assignee)
	row("note", t.Note)
	row("links", strings.TrimSpace(t.URL+"\n"+strings.Join(t.Links, "\n")))
	row("attachments", attachmentWords(t.Attachments))
	row("hints", hintWords(t))
	row("state", markWords(mark))
	if err := tw.Flush(); err != nil || len(children) == 0 {
		return err
	}
	fmt.Fprintln(w, i18n.T("tasks.cli.children"))
	for _, n := range tasks.Tree(children) {
		n.Depth++
		printRow(tw, n, "")
	}
	return tw.Flush()
}

func statusWords(t tasks.Task) string {
	switch {
	case t.Done():
		return strings.TrimSpace(i18n.T("tasks.cli.done") + " " + whenWords(tasks.When{Time: t.Completed}))
	case t.Status == tasks.Canceled:
		return i18n.T("tasks.cli.status.cancelled")
	case t.Status == tasks.InProcess:
		return i18n.T("tasks.cli.status.in-process") + fmt.Sprintf(" (%d %%)", t.Percent)
	}
	return i18n.T("tasks.cli.status.open")
}

func priorityName(n int) string {
	switch tasks.ClassOf(n) {
	case tasks.PriorityHigh:
		return i18n.T("tasks.cli.priority.high")
	case tasks.PriorityMedium:
		return i18n.T("tasks.cli.priority.medium")
	case tasks.PriorityLow:
		return i18n.T("tasks.cli.priority.low")
	case tasks.PriorityNone:
	}
	return ""
}

// attachmentWords lists what lies in the object itself, with the numbers that "tasks attachment" takes.
func attachmentWords(all []tasks.Attachment) string {
	var words []string
	for n, a := range all {
		if a.URI == "" {
			words = append(words, fmt.Sprintf("%d  %s (%s)", n, cmp.Or(a.Name, a.Type), i18n.Size(a.Size)))
		}
	}
	return strings.Join(words, "\n")
}

// hintWords says what is odd about a task.
func hintWords(t tasks.Task) string {
	var words []string
	for key, is := range map[string]bool{"twin": t.Twin, "broken": t.Broken, "zone": t.ZoneLost} {
		if is {
			words = append(words, i18n.T("tasks.cli.hint."+key))
		}
	}
	slices.Sort(words)
	return strings.Join(words, "\n")
}
