// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"context"
	"slices"
	"strings"
	"time"

	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// item is one line of the list: a task, or the heading above those that are done.
type item struct {
	tasks.Task
	depth   int
	parent  bool // has lines below it, or would have if it was not folded
	folded  bool
	mark    journal.Mark
	list    string // name of its list, where several are shown
	heading string
}

// headingKey tells the heading apart from tasks, whose IDs are positive.
const headingKey = -1

func keyOf(i item) int64 {
	if i.heading != "" {
		return headingKey
	}
	return i.ID
}

// marked are tasks with their states.
type marked struct {
	all   []tasks.Task
	marks map[int64]journal.Mark
}

// readTasks reads what a query selects.
func readTasks(ctx context.Context, core ReadCore, q tasks.Query) (m marked, err error) {
	if m.all, err = core.List(ctx, q); err != nil {
		return m, err
	}
	ids := make([]int64, len(m.all))
	for i, t := range m.all {
		ids[i] = t.ID
	}
	m.marks, err = core.Marks(ctx, ids)
	return m, err
}

// view is how tasks are laid out as lines.
type view struct {
	folds folds
	names map[int64]string // of the lists, where several are shown
	tree  bool
	all   bool // what is closed is shown among the others: it was asked for
}

// arrange lays tasks out as lines. Lists that span several have no tree: a subtask there stands for itself.
func arrange(all []tasks.Task, v view) []item {
	var open, closed []tasks.Task
	for _, t := range all {
		if t.Closed() && !v.all {
			closed = append(closed, t)
		} else {
			open = append(open, t)
		}
	}
	items := make([]item, 0, len(all)+1)
	if v.tree {
		items = v.branches(items, tasks.Tree(open))
	} else {
		slices.SortStableFunc(open, tasks.CompareDue(time.Local))
		for _, t := range open {
			items = append(items, v.item(t))
		}
	}
	if len(closed) > 0 {
		items = append(items, item{heading: i18n.T("tasksui.closed", "n", len(closed)), parent: true, folded: !v.folds.closed})
	}
	if v.folds.closed {
		for _, t := range closed {
			items = append(items, v.item(t))
		}
	}
	return items
}

func (v view) item(t tasks.Task) item {
	return item{Task: t, mark: v.folds.marks[t.ID], list: v.names[t.ListID]}
}

// branches adds the lines of a tree that are not hidden by a fold above them.
func (v view) branches(items []item, nodes []tasks.Node) []item {
	hidden := -1 // depth of the fold, below which nothing is shown
	for n, node := range nodes {
		if hidden >= 0 && node.Depth > hidden {
			continue
		}
		hidden = -1
		i := v.item(node.Task)
		i.depth = node.Depth
		i.parent = n+1 < len(nodes) && nodes[n+1].Depth > node.Depth
		if i.folded = i.parent && v.folds.has(i.UID); i.folded {
			hidden = node.Depth
		}
		items = append(items, i)
	}
	return items
}

// Overdue reports whether a task should have been done before now: a day ends at midnight, here.
func overdue(t tasks.Task, now time.Time) bool {
	if t.Due.IsZero() || t.Closed() {
		return false
	}
	if !t.Due.AllDay {
		return t.Due.Time.Before(now)
	}
	return !t.Due.Over(now.Location()).After(now)
}

// dueWords writes a due date as short as it is clear: "Heute, 10:30", "Fr", "30.11.".
func dueWords(w tasks.When, now time.Time) string {
	if w.IsZero() {
		return ""
	}
	t := w.Time
	if !w.AllDay {
		t = t.Local()
	}
	words := dayWords(t, now)
	if !w.AllDay {
		words += ", " + i18n.Clock(w.Time)
	}
	return words
}

func dayWords(t, now time.Time) string {
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	switch days := int(day.Sub(today).Hours() / 24); {
	case days == 0:
		return i18n.T("tasksui.today")
	case days == 1:
		return i18n.T("tasksui.tomorrow")
	case days == -1:
		return i18n.T("date.yesterday")
	case days > 1 && days < 7:
		return i18n.Weekday(t.Weekday())
	}
	if t.Year() == now.Year() && i18n.Current() == i18n.German {
		return t.Format("02.01.")
	}
	return i18n.Date(t)
}

// second is the line below the title.
func (i item) second(now time.Time) string { return joined(dueWords(i.Due, now), i.rest()) }

// rest is what stands behind the date: repetition, list, progress of subtasks, tags.
func (i item) rest() string {
	var parts []string
	if i.Status == tasks.Canceled {
		parts = append(parts, i18n.T("tasksui.canceled"))
	}
	if i.Recurs {
		parts = append(parts, repeatWords(i.RRule))
	}
	parts = append(parts, i.list)
	if i.Children > 0 {
		parts = append(parts, i18n.T("tasksui.progress", "done", i.ChildDone, "n", i.Children))
	}
	for _, tag := range i.Tags {
		parts = append(parts, "#"+tag)
	}
	return joined(parts...)
}

const dot = " · "

// joined puts a dot between the parts that say something.
func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), dot)
}

// title is what a task is called; one without a title says so.
func title(t tasks.Task) string {
	if strings.TrimSpace(t.Title) == "" {
		return i18n.T("tasksui.untitled")
	}
	return t.Title
}

// spoken is the line in words.
func (i item) spoken(now time.Time) string {
	fold := ""
	switch {
	case i.folded:
		fold = ", " + i18n.T("tasksui.folded")
	case i.parent:
		fold = ", " + i18n.T("tasksui.unfolded")
	}
	if i.heading != "" {
		return i.heading + fold
	}
	words := title(i.Task) + fold
	if s := i.second(now); s != "" {
		words += ", " + s
	}
	if i.Done() {
		words += ", " + i18n.T("tasksui.done")
	}
	if i.Priority > 0 {
		words += ", " + i18n.T("tasksui.field.priority") + " " + priorityWords(i.Priority)
	}
	if i.depth > 0 {
		words += ", " + i18n.T("tasksui.level", "n", i.depth+1)
	}
	if overdue(i.Task, now) {
		words += ", " + i18n.T("tasksui.late")
	}
	if m := kit.MarkWords(i.mark); m != "" {
		words += ", " + m
	}
	return words
}

// ringTone is the colour of a task's circle: red for what is overdue or most important.
func ringTone(t tasks.Task, now time.Time) theme.Token {
	if overdue(t, now) || (t.Priority >= 1 && t.Priority <= 4) {
		return theme.Bad
	}
	return theme.Muted
}
