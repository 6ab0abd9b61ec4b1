// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"kontor/app"
	"kontor/app/tasks"
	"kontor/storage"
)

const taskFlags = "[--due D] [--start D] [--priority P] [--tag T]... [--parent ID] [--repeat RRULE] [--repeat-from due|done] [--note TEXT] [--percent N] [--url URL] [--remind DURATION]"

func init() {
	register("tasks lists", "", tasksLists)
	register("tasks list", "LIST [--all] [--search QUERY]", tasksList)
	register("tasks show", "ID [--ics]", tasksShow)
	register("tasks add", "LIST TITLE "+taskFlags, tasksAdd)
	register("tasks edit", "ID... [--title TITLE] "+taskFlags, tasksEdit)
	register("tasks move", "LIST ID...", tasksMove)
	register("tasks rm", "ID... [--with-subtasks]", tasksRemove)
	for verb, act := range map[string]func(*app.Tasks, context.Context, []int64) error{
		"done": (*app.Tasks).Done, "reopen": (*app.Tasks).Reopen, "ack": (*app.Tasks).Acknowledge,
	} {
		register("tasks "+verb, "ID...", func(ctx context.Context, e *env, args []string) error { return tasksAct(ctx, e, args, act) })
	}
}

func tasksLists(ctx context.Context, e *env, args []string) error {
	if len(args) > 0 {
		return errUsage
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	all, err := core.Tasks.Lists(ctx)
	if err != nil {
		return err
	}
	list := make([]taskListJSON, 0, len(all))
	for _, l := range all {
		list = append(list, taskListJSON{l.ID, l.AccountID, l.Name, l.Color, l.Open, l.Total, l.ReadOnly, l.Shared, l.Owner})
	}
	return e.print(list, func(w io.Writer) error { return printLists(w, all) })
}

// taskListNamed finds a list by its number or its name.
func taskListNamed(ctx context.Context, core *app.App, word string) (tasks.List, error) {
	all, err := core.Tasks.Lists(ctx)
	if err != nil {
		return tasks.List{}, err
	}
	id, _ := strconv.ParseInt(word, 10, 64)
	var found []tasks.List
	for _, l := range all {
		if l.Name == word {
			found = append(found, l)
		}
	}
	for _, l := range all {
		if len(found) == 0 && (l.ID == id || strings.EqualFold(l.Name, word)) {
			found = append(found, l)
		}
	}
	switch len(found) {
	case 0:
		return tasks.List{}, fmt.Errorf("task list %q: %w", word, storage.ErrNotFound)
	case 1:
		return found[0], nil
	}
	return tasks.List{}, fmt.Errorf("task list %q: %w", word, app.ErrSeveralLists)
}

func tasksList(ctx context.Context, e *env, args []string) error {
	fs := flags("tasks list")
	all, search := fs.Bool("all", false, ""), fs.String("search", "", "")
	words, err := parse(fs, args)
	if err != nil || len(words) != 1 {
		return usage(err)
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	q, err := taskQueryOf(ctx, core, words[0])
	if err != nil {
		return err
	}
	q.Closed, q.Search = *all, strings.TrimSpace(q.Search+" "+*search)
	found, err := core.Tasks.List(ctx, q)
	if err != nil {
		return err
	}
	nodes := tasks.Tree(found)
	out := make([]taskJSON, 0, len(nodes))
	marks, err := core.Tasks.Marks(ctx, taskIDs(found))
	if err != nil {
		return err
	}
	for _, n := range nodes {
		out = append(out, taskToJSON(n.Task, marks[n.ID]))
	}
	return e.print(out, func(w io.Writer) error {
		tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, n := range nodes {
			printRow(tw, n, marks[n.ID])
		}
		return tw.Flush()
	})
}

func taskIDs(all []tasks.Task) []int64 {
	ids := make([]int64, len(all))
	for i, t := range all {
		ids[i] = t.ID
	}
	return ids
}

// smartNames are the names of smart lists in German; a list of that name goes before.
var smartNames = map[string]tasks.Smart{
	"heute": tasks.SmartToday, "demnächst": tasks.SmartUpcoming, "wichtig": tasks.SmartImportant, "überfällig": tasks.SmartOverdue, "ohne datum": tasks.SmartNoDate,
}

// taskQueryOf asks for a list by its name or number, for a smart list, for a kept search by its name, or for everything ("*").
func taskQueryOf(ctx context.Context, core *app.App, word string) (tasks.Query, error) {
	switch smart := tasks.Smart(word); smart {
	case tasks.SmartToday, tasks.SmartUpcoming, tasks.SmartImportant, tasks.SmartOverdue, tasks.SmartNoDate:
		return tasks.Query{Smart: smart}, nil
	case "*":
		return tasks.Query{}, nil
	case tasks.SmartNone:
	}
	l, err := taskListNamed(ctx, core, word)
	if !errors.Is(err, storage.ErrNotFound) {
		return tasks.Query{ListID: l.ID}, err
	}
	if smart, ok := smartNames[strings.ToLower(word)]; ok {
		return tasks.Query{Smart: smart}, nil
	}
	saved, failed := core.Tasks.Saved(ctx)
	if failed != nil {
		return tasks.Query{}, failed
	}
	for _, s := range saved {
		if strings.EqualFold(s.Name, word) {
			return tasks.Query{Search: s.Query}, nil
		}
	}
	return tasks.Query{}, err
}

func tasksRemove(ctx context.Context, e *env, args []string) error {
	fs := flags("tasks rm")
	with := fs.Bool("with-subtasks", false, "")
	words, err := parse(fs, args)
	if err != nil {
		return err
	}
	children := tasks.OrphansUp
	if *with {
		children = tasks.OrphansToo
	}
	return onTasks(ctx, e, words, func(core *app.App, list []int64) error { return core.Tasks.RemoveWith(ctx, list, children) })
}

func tasksShow(ctx context.Context, e *env, args []string) error {
	fs := flags("tasks show")
	ics := fs.Bool("ics", false, "")
	words, err := parse(fs, args)
	if err != nil || len(words) != 1 {
		return usage(err)
	}
	list, err := ids(words)
	if err != nil {
		return err
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	id := list[0]
	raw, err := core.Tasks.Raw(ctx, id)
	if err != nil {
		return err
	}
	if *ics {
		return e.print(map[string]any{"id": id, "ics": string(raw)}, func(w io.Writer) error {
			_, err := w.Write(raw)
			return err
		})
	}
	t, err := core.Tasks.Task(ctx, id)
	if err != nil {
		return err
	}
	children, err := core.Tasks.Children(ctx, id)
	if err != nil {
		return err
	}
	marks, err := core.Tasks.Marks(ctx, []int64{id})
	if err != nil {
		return err
	}
	return e.print(taskToJSON(t, marks[id]), func(w io.Writer) error { return printTask(w, t, children, marks[id]) })
}

// words collects a flag that may stand several times.
type wordList []string

// String is part of flag.Value.
func (w *wordList) String() string { return strings.Join(*w, ",") }

// Set is part of flag.Value.
func (w *wordList) Set(s string) error {
	*w = append(*w, s)
	return nil
}

// editFlags are the flags that describe a task.
type editFlags struct {
	fs                                                                         *flag.FlagSet
	title, due, start, priority, parent, repeat, repeatFrom, note, url, remind *string
	percent                                                                    *int
	tags                                                                       wordList
}

func newEditFlags(name string) *editFlags {
	fs := flags(name)
	f := &editFlags{
		fs: fs, title: fs.String("title", "", ""), due: fs.String("due", "", ""), start: fs.String("start", "", ""),
		priority: fs.String("priority", "", ""), parent: fs.String("parent", "", ""), repeat: fs.String("repeat", "", ""),
		repeatFrom: fs.String("repeat-from", "", ""),
		note:       fs.String("note", "", ""), url: fs.String("url", "", ""), remind: fs.String("remind", "", ""), percent: fs.Int("percent", 0, ""),
	}
	fs.Var(&f.tags, "tag", "")
	return f
}

// edit reads the flags that were given; an empty value takes a field away.
func (f *editFlags) edit(ctx context.Context, core *app.App, now time.Time) (tasks.Edit, error) {
	var e tasks.Edit
	var problem error
	f.fs.Visit(func(given *flag.Flag) {
		if problem == nil {
			problem = f.take(ctx, core, now, given.Name, &e)
		}
	})
	if problem == nil && backwards(e) {
		problem = tasks.ErrBackward
	}
	return e, problem
}

// backwards reports whether start and due were both given, and in the wrong order.
func backwards(e tasks.Edit) bool {
	if e.Start == nil || e.Due == nil || e.Start.IsZero() || e.Due.IsZero() {
		return false
	}
	due := e.Due.Time
	if e.Due.AllDay { // the whole day counts
		due = due.AddDate(0, 0, 1).Add(-time.Second)
	}
	return due.Before(e.Start.Time)
}

func (f *editFlags) take(ctx context.Context, core *app.App, now time.Time, name string, e *tasks.Edit) (err error) {
	switch name {
	case "title":
		e.Title, err = titleFlag(*f.title)
	case "note":
		e.Note = f.note
	case "url":
		if e.URL = f.url; *f.url != "" {
			err = tasks.CheckLink(*f.url)
		}
	case "percent":
		if e.Percent = f.percent; *f.percent < 0 || *f.percent > 100 {
			err = fmt.Errorf("--percent %d: %w", *f.percent, errUsage)
		}
	case "due":
		e.Due, err = whenFlag(*f.due, now)
	case "start":
		e.Start, err = whenFlag(*f.start, now)
	case "priority":
		e.Priority, err = priorityFlag(*f.priority)
	case "repeat":
		rule := strings.TrimPrefix(strings.TrimPrefix(*f.repeat, "RRULE:"), "rrule:")
		e.RRule = &rule
	case "repeat-from":
		if *f.repeatFrom != "due" && *f.repeatFrom != "done" {
			return fmt.Errorf("--repeat-from %q: %w", *f.repeatFrom, errUsage)
		}
		fromDone := *f.repeatFrom == "done"
		e.FromDone = &fromDone
	case "tag":
		tags := []string(f.tags)
		if len(tags) == 1 && tags[0] == "" {
			tags = []string{}
		}
		e.Tags = &tags
	case "parent":
		e.Parent, err = parentFlag(ctx, core, *f.parent)
	case "remind":
		e.Remind, err = remindFlag(*f.remind)
	}
	return err
}

// titleFlag refuses a task without a title.
func titleFlag(s string) (*string, error) {
	if strings.TrimSpace(s) == "" {
		return nil, tasks.ErrNoTitle
	}
	return &s, nil
}

func whenFlag(s string, now time.Time) (*tasks.When, error) {
	w, err := tasks.ParseWhen(s, now)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", s, err)
	}
	return &w, nil
}

var priorityWords = map[string]int{
	"": 0, "none": 0, "keine": 0, "high": 1, "hoch": 1, "medium": 5, "mittel": 5, "low": 9, "niedrig": 9,
}

func priorityFlag(s string) (*int, error) {
	n, known := priorityWords[strings.ToLower(s)]
	if !known {
		var err error
		if n, err = strconv.Atoi(s); err != nil || n < 0 || n > 9 {
			return nil, fmt.Errorf("--priority %q: %w", s, errUsage)
		}
	}
	return &n, nil
}

func parentFlag(ctx context.Context, core *app.App, s string) (*string, error) {
	if s == "" || s == "0" {
		return new(string), nil
	}
	list, err := ids([]string{s})
	if err != nil {
		return nil, err
	}
	parent, err := core.Tasks.Task(ctx, list[0])
	if err != nil {
		return nil, err
	}
	return &parent.UID, nil
}

// remindFlag reads a duration before the due moment; an empty one takes the reminder away.
func remindFlag(s string) (*time.Duration, error) {
	d := -time.Second
	if s != "" {
		var err error
		if d, err = time.ParseDuration(s); err != nil || d < 0 {
			return nil, fmt.Errorf("--remind %q: %w", s, errUsage)
		}
	}
	return &d, nil
}

func tasksAdd(ctx context.Context, e *env, args []string) error {
	f := newEditFlags("tasks add")
	words, err := parse(f.fs, args)
	if err != nil || len(words) < 2 {
		return usage(err)
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	l, err := taskListNamed(ctx, core, words[0])
	if err != nil {
		return err
	}
	edit, err := f.edit(ctx, core, time.Now())
	if err != nil {
		return err
	}
	if edit.Title, err = titleFlag(strings.Join(words[1:], " ")); err != nil {
		return err
	}
	id, err := core.Tasks.Add(ctx, l.ID, edit)
	if err != nil {
		return err
	}
	return e.print(map[string]int64{"id": id}, func(w io.Writer) error { return printAdded(w, id) })
}

func tasksEdit(ctx context.Context, e *env, args []string) error {
	f := newEditFlags("tasks edit")
	words, err := parse(f.fs, args)
	if err != nil || f.fs.NFlag() == 0 {
		return usage(err)
	}
	list, err := ids(words)
	if err != nil {
		return err
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	edit, err := f.edit(ctx, core, time.Now())
	if err != nil {
		return err
	}
	if err := core.Tasks.EditAll(ctx, list, edit); err != nil {
		return err
	}
	return e.print(map[string]any{"id": list[0], "ids": list}, quiet)
}

func tasksMove(ctx context.Context, e *env, args []string) error {
	if len(args) < 2 {
		return errUsage
	}
	list, err := ids(args[1:])
	if err != nil {
		return err
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	to, err := taskListNamed(ctx, core, args[0])
	if err != nil {
		return err
	}
	if err := core.Tasks.Move(ctx, list, to.ID); err != nil {
		return err
	}
	return e.print(map[string][]int64{"ids": list}, func(io.Writer) error { return nil })
}

func tasksAct(ctx context.Context, e *env, args []string, act func(*app.Tasks, context.Context, []int64) error) error {
	return onTasks(ctx, e, args, func(core *app.App, list []int64) error { return act(core.Tasks, ctx, list) })
}
