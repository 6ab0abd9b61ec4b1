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

// readItems reads what a query selects: open tasks first, in the tree of subtasks, then those that are closed.
func readItems(ctx context.Context, core ReadCore, q tasks.Query, names map[int64]string) ([]item, error) {
	q.Closed = true
	all, err := core.List(ctx, q)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(all))
	for i, t := range all {
		ids[i] = t.ID
	}
	marks, err := core.Marks(ctx, ids)
	if err != nil {
		return nil, err
	}
	return arrange(all, marks, q, names), nil
}

// arrange lays tasks out as lines. Lists that span several have no tree: a subtask there stands for itself.
func arrange(all []tasks.Task, marks map[int64]journal.Mark, q tasks.Query, names map[int64]string) []item {
	var open, closed []tasks.Task
	for _, t := range all {
		if t.Closed() {
			closed = append(closed, t)
		} else {
			open = append(open, t)
		}
	}
	items := make([]item, 0, len(all)+1)
	add := func(t tasks.Task, depth int) {
		i := item{Task: t, depth: depth, mark: marks[t.ID]}
		if q.ListID == 0 {
			i.list = names[t.ListID]
		}
		items = append(items, i)
	}
	if q.ListID != 0 && q.Text == "" {
		for _, n := range tasks.Tree(open) {
			add(n.Task, n.Depth)
		}
	} else {
		byDue(open)
		for _, t := range open {
			add(t, 0)
		}
	}
	if len(closed) > 0 {
		items = append(items, item{heading: i18n.T("tasksui.closed", "n", len(closed))})
	}
	for _, t := range closed {
		add(t, 0)
	}
	return items
}

// byDue puts what is due first in front and what has no date last.
func byDue(all []tasks.Task) {
	slices.SortStableFunc(all, func(a, b tasks.Task) int {
		switch {
		case a.Due.IsZero() && b.Due.IsZero():
			return 0
		case a.Due.IsZero():
			return 1
		case b.Due.IsZero():
			return -1
		}
		return a.Due.Time.Compare(b.Due.Time)
	})
}

// Overdue reports whether a task should have been done before now: a day ends at midnight, here.
func overdue(t tasks.Task, now time.Time) bool {
	if t.Due.IsZero() || t.Closed() {
		return false
	}
	if !t.Due.AllDay {
		return t.Due.Time.Before(now)
	}
	y, m, d := t.Due.Time.Date()
	return !time.Date(y, m, d+1, 0, 0, 0, 0, now.Location()).After(now)
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
	return i18n.Date(t)
}

// second is the line below the title: due, repetition, list, progress of subtasks, tags.
func (i item) second(now time.Time) string {
	var parts []string
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	add(dueWords(i.Due, now))
	if i.Recurs {
		add(repeatWords(i.RRule))
	}
	add(i.list)
	if i.Children > 0 {
		add(i18n.T("tasksui.progress", "done", i.ChildDone, "n", i.Children))
	}
	for _, tag := range i.Tags {
		add("#" + tag)
	}
	return strings.Join(parts, " · ")
}

// repeats are the rules that can be chosen, and the keys of their names.
var repeats = []struct{ rule, key string }{
	{"", "tasksui.repeat.never"},
	{"FREQ=DAILY", "tasksui.repeat.daily"},
	{"FREQ=WEEKLY", "tasksui.repeat.weekly"},
	{"FREQ=MONTHLY", "tasksui.repeat.monthly"},
	{"FREQ=YEARLY", "tasksui.repeat.yearly"},
}

func repeatWords(rule string) string {
	for _, r := range repeats {
		if r.rule == strings.TrimSuffix(rule, ";INTERVAL=1") {
			return i18n.T(r.key)
		}
	}
	return i18n.T("tasksui.repeat.other")
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
	if i.heading != "" {
		return i.heading
	}
	words := title(i.Task)
	if s := i.second(now); s != "" {
		words += ", " + s
	}
	if i.Closed() {
		words += ", " + i18n.T("tasksui.done")
	}
	if m := markWords(i.mark); m != "" {
		words += ", " + m
	}
	return words
}

// markWords names the state of a task that the server does not have like this yet.
func markWords(m journal.Mark) string {
	if m == "" || m == journal.MarkServer {
		return ""
	}
	return i18n.T("tasksui.mark." + string(m))
}

// markLook is the glyph and tone of a state.
func markLook(m journal.Mark) (icon string, tone kit.Tone) {
	switch m {
	case journal.MarkConflict, journal.MarkRejected, journal.MarkInDoubt:
		return "warning", kit.ToneBad
	case journal.MarkHeld:
		return "pause", kit.ToneWarn
	case journal.MarkRunning:
		return "sync", kit.ToneAccent
	case journal.MarkWaiting:
		return "clock", kit.ToneWarn
	case journal.MarkServer:
	}
	return "check", kit.ToneMuted
}

// ringTone is the colour of a task's circle: red for what is overdue or most important.
func ringTone(t tasks.Task, now time.Time) theme.Token {
	if overdue(t, now) || (t.Priority >= 1 && t.Priority <= 4) {
		return theme.Bad
	}
	return theme.Muted
}
