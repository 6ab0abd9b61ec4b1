// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/tasks"
)

func init() {
	register("tasks quick", "TEXT [--list LIST]", tasksQuick)
	register("tasks plan", "WHEN ID...", tasksPlan)
	register("tasks place", "ID... [--list LIST] [--under ID] [--after ID]", tasksPlace)
	register("tasks tag", "ID... +TAG -TAG", tasksTag)
	register("tasks snooze", "WHEN ID...", tasksSnooze)
	register("tasks link", "ID URL", func(ctx context.Context, e *env, args []string) error {
		return tasksLink(ctx, e, args, (*app.Tasks).Link)
	})
	register("tasks unlink", "ID URL", func(ctx context.Context, e *env, args []string) error {
		return tasksLink(ctx, e, args, (*app.Tasks).Unlink)
	})
	register("tasks attachment", "ID N [FILE|-]", tasksAttachment)
	register("tasks export", "LIST FILE|- [--format ics|csv|html] [--all] [--search QUERY]", tasksExport)
	register("tasks import", "LIST FILE|- [--existing skip|replace|new] [--preview]", tasksImport)
	register("tasks saved", "", tasksSaved)
	register("tasks save", "NAME QUERY", tasksSave)
	register("tasks forget", "ID", tasksForget)
	register("tasks new-list", "NAME [--account NAME] [--color #RRGGBB]", tasksNewList)
	register("tasks edit-list", "LIST [--name NAME] [--color #RRGGBB] [--place N]", tasksEditList)
	register("tasks rm-list", "LIST", tasksRemoveList)
}

// quiet is what a command prints that has nothing to say to people.
func quiet(io.Writer) error { return nil }

func tasksQuick(ctx context.Context, e *env, args []string) error {
	fs := flags("tasks quick")
	list := fs.String("list", "", "")
	words, err := parse(fs, args)
	if err != nil || len(words) == 0 {
		return usage(err)
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	var listID int64
	if *list != "" {
		l, err := taskListNamed(ctx, core, *list)
		if err != nil {
			return err
		}
		listID = l.ID
	}
	id, err := core.Tasks.Quick(ctx, listID, strings.Join(words, " "))
	if err != nil {
		return err
	}
	return e.print(map[string]int64{"id": id}, func(w io.Writer) error { return printAdded(w, id) })
}

// onTasks carries out a command about tasks whose numbers are words, and prints the numbers.
func onTasks(ctx context.Context, e *env, words []string, act func(*app.App, []int64) error) error {
	list, err := ids(words)
	if err != nil {
		return err
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	if err := act(core, list); err != nil {
		return err
	}
	return e.print(map[string][]int64{"ids": list}, quiet)
}

func tasksPlan(ctx context.Context, e *env, args []string) error {
	return atWhen(ctx, e, args, func(core *app.App, list []int64, w tasks.When) error { return core.Tasks.Plan(ctx, list, w) })
}

func tasksSnooze(ctx context.Context, e *env, args []string) error {
	return atWhen(ctx, e, args, func(core *app.App, list []int64, w tasks.When) error {
		if w.IsZero() {
			return errUsage
		}
		return core.Tasks.SnoozeAll(ctx, list, w.Time)
	})
}

func atWhen(ctx context.Context, e *env, args []string, act func(*app.App, []int64, tasks.When) error) error {
	if len(args) < 2 {
		return errUsage
	}
	w, err := whenFlag(args[0], time.Now())
	if err != nil {
		return err
	}
	return onTasks(ctx, e, args[1:], func(core *app.App, list []int64) error { return act(core, list, *w) })
}

func tasksPlace(ctx context.Context, e *env, args []string) error {
	fs := flags("tasks place")
	list, under, after := fs.String("list", "", ""), fs.String("under", "", ""), fs.Int64("after", 0, "")
	words, err := parse(fs, args)
	if err != nil || len(words) == 0 {
		return usage(err)
	}
	return onTasks(ctx, e, words, func(core *app.App, moved []int64) error {
		to := tasks.Place{After: *after}
		if *list != "" {
			l, err := taskListNamed(ctx, core, *list)
			if err != nil {
				return err
			}
			to.ListID = l.ID
		}
		uid, err := parentFlag(ctx, core, *under)
		if err != nil {
			return err
		}
		to.ParentUID = *uid
		if *after != 0 {
			if _, err := core.Tasks.Task(ctx, *after); err != nil {
				return err
			}
		}
		return core.Tasks.Place(ctx, moved, to)
	})
}

func tasksTag(ctx context.Context, e *env, args []string) error {
	numbers, add, remove := plusMinus(args)
	if len(add)+len(remove) == 0 {
		return errUsage
	}
	return onTasks(ctx, e, numbers, func(core *app.App, list []int64) error { return core.Tasks.Tag(ctx, list, add, remove) })
}

func tasksLink(ctx context.Context, e *env, args []string, act func(*app.Tasks, context.Context, int64, string) error) error {
	if len(args) != 2 {
		return errUsage
	}
	return onTasks(ctx, e, args[:1], func(core *app.App, list []int64) error { return act(core.Tasks, ctx, list[0], args[1]) })
}

func tasksAttachment(ctx context.Context, e *env, args []string) error {
	if len(args) < 2 || len(args) > 3 {
		return errUsage
	}
	list, err := ids(args[:1])
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return errUsage
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	name, data, err := core.Tasks.Attachment(ctx, list[0], n)
	if err != nil {
		return err
	}
	if len(args) == 3 && args[2] != "-" {
		if err := os.WriteFile(args[2], data, 0o600); err != nil {
			return err
		}
		return e.print(map[string]any{"name": name, "octets": len(data)}, quiet)
	}
	return e.print(map[string]any{"name": name, "octets": len(data), "data": data}, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

func tasksExport(ctx context.Context, e *env, args []string) error {
	fs := flags("tasks export")
	format, all, search := fs.String("format", "", ""), fs.Bool("all", false, ""), fs.String("search", "", "")
	words, err := parse(fs, args)
	if err != nil || len(words) != 2 {
		return usage(err)
	}
	if *format == "" {
		*format = string(tasks.FormatICS)
		for _, known := range []tasks.Format{tasks.FormatCSV, tasks.FormatHTML} {
			if strings.HasSuffix(strings.ToLower(words[1]), "."+string(known)) {
				*format = string(known)
			}
		}
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
	var b bytes.Buffer
	if err := core.Tasks.Export(ctx, q, &b, tasks.Format(*format)); err != nil {
		return err
	}
	if words[1] == "-" {
		return e.print(map[string]string{"format": *format, "text": b.String()}, func(w io.Writer) error {
			_, err := w.Write(b.Bytes())
			return err
		})
	}
	if err := os.WriteFile(words[1], b.Bytes(), 0o600); err != nil {
		return err
	}
	return e.print(map[string]any{"format": *format, "octets": b.Len()}, quiet)
}

// importJSON says what became, or would become, of the tasks of a file.
type importJSON struct {
	Imported  int `json:"imported"` // added and replaced
	New       int `json:"new"`
	Replaced  int `json:"replaced"`
	Same      int `json:"same"`
	Different int `json:"different"` // here in other words, and left as it is
}

func tasksImport(ctx context.Context, e *env, args []string) error {
	fs := flags("tasks import")
	existing, preview := fs.String("existing", string(tasks.ClashNew), ""), fs.Bool("preview", false, "")
	words, err := parse(fs, args)
	if err != nil || len(words) != 2 {
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
	raw, err := readInput(e, words[1])
	if err != nil {
		return err
	}
	if *preview {
		n, err := core.Tasks.PreviewImport(ctx, l.ID, bytes.NewReader(raw))
		if err != nil {
			return err
		}
		return e.print(importJSON{New: n.New, Same: n.Same, Different: n.Different}, func(w io.Writer) error {
			_, err := fmt.Fprintln(w, i18n.T("tasks.cli.preview", "new", i18n.Count(n.New), "same", i18n.Count(n.Same), "different", i18n.Count(n.Different)))
			return err
		})
	}
	n, err := core.Tasks.ImportWith(ctx, l.ID, bytes.NewReader(raw), tasks.Clash(*existing))
	if err != nil {
		return err
	}
	imported := n.New + n.Replaced
	return e.print(importJSON{imported, n.New, n.Replaced, n.Same, n.Different}, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, i18n.T("tasks.cli.imported", "n", imported))
		return err
	})
}

// savedJSON is a kept search as scripts see it.
type savedJSON struct {
	ID    int64  `json:"id"`
	Name  string `json:"name"`
	Query string `json:"query"`
	Open  int    `json:"open"`
}

func tasksSaved(ctx context.Context, e *env, args []string) error {
	if len(args) > 0 {
		return errUsage
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	all, err := core.Tasks.Saved(ctx)
	if err != nil {
		return err
	}
	list := make([]savedJSON, 0, len(all))
	for _, s := range all {
		list = append(list, savedJSON{s.ID, s.Name, s.Query, s.Open})
	}
	return e.print(list, func(w io.Writer) error {
		tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, s := range all {
			fmt.Fprintf(tw, "%d\t%s\t%s\t%s\n", s.ID, s.Name, s.Query, i18n.Count(s.Open))
		}
		return tw.Flush()
	})
}

func tasksSave(ctx context.Context, e *env, args []string) error {
	if len(args) < 2 {
		return errUsage
	}
	search := tasks.Saved{Name: strings.TrimSpace(args[0]), Query: strings.TrimSpace(strings.Join(args[1:], " "))}
	if search.Name == "" || search.Query == "" {
		return errUsage
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	id, err := core.Tasks.Save(ctx, search)
	if err != nil {
		return err
	}
	return e.print(map[string]int64{"id": id}, quiet)
}

func tasksForget(ctx context.Context, e *env, args []string) error {
	if len(args) != 1 {
		return errUsage
	}
	return onTasks(ctx, e, args, func(core *app.App, list []int64) error { return core.Tasks.Forget(ctx, list[0]) })
}

func tasksNewList(ctx context.Context, e *env, args []string) error {
	fs := flags("tasks new-list")
	account, color := fs.String("account", "", ""), fs.String("color", "", "")
	words, err := parse(fs, args)
	title := strings.TrimSpace(strings.Join(words, " "))
	if err != nil || title == "" || !isColor(*color) {
		return usage(err)
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	owner, err := accountID(ctx, core, *account)
	if err != nil {
		return err
	}
	if owner == 0 {
		if owner, err = tasksOwner(ctx, core); err != nil {
			return err
		}
	}
	id, err := core.Tasks.CreateList(ctx, owner, title, *color)
	if err != nil {
		return err
	}
	return e.print(map[string]int64{"id": id}, quiet)
}

// tasksOwner is the account of the first list, else the first that is made for tasks: where its lists lie on the server is
// found out when the new one is sent.
func tasksOwner(ctx context.Context, core *app.App) (int64, error) {
	lists, err := core.Tasks.Lists(ctx)
	if err != nil {
		return 0, err
	}
	if len(lists) > 0 {
		return lists[0].AccountID, nil
	}
	all, err := core.DB.Accounts(ctx)
	if err != nil {
		return 0, err
	}
	for _, a := range all {
		if a.TasksURL != "" {
			return a.ID, nil
		}
	}
	return 0, app.ErrNoTaskList
}

// isColor reports whether s is "#rrggbb" or empty.
func isColor(s string) bool {
	if s == "" {
		return true
	}
	_, err := strconv.ParseUint(strings.TrimPrefix(s, "#"), 16, 32)
	return err == nil && len(s) == 7 && s[0] == '#'
}

func tasksEditList(ctx context.Context, e *env, args []string) error {
	fs := flags("tasks edit-list")
	name, color, place := fs.String("name", "", ""), fs.String("color", "", ""), fs.Int("place", 0, "")
	words, err := parse(fs, args)
	given := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { given[f.Name] = true })
	*name = strings.TrimSpace(*name)
	if err != nil || len(words) != 1 || !isColor(*color) || len(given) == 0 || (given["name"] && *name == "") || (given["place"] && *place < 1) {
		return usage(err)
	}
	return onList(ctx, e, words[0], func(core *app.App, l tasks.List) error {
		if *place > 0 {
			if err := core.Tasks.PlaceList(ctx, l.ID, *place-1); err != nil {
				return err
			}
		}
		if *name != "" {
			l.Name = *name
		}
		if *color != "" {
			l.Color = *color
		}
		return core.Tasks.EditList(ctx, l.ID, l.Name, l.Color)
	})
}

func tasksRemoveList(ctx context.Context, e *env, args []string) error {
	if len(args) != 1 {
		return errUsage
	}
	return onList(ctx, e, args[0], func(core *app.App, l tasks.List) error { return core.Tasks.DeleteList(ctx, l.ID) })
}

func onList(ctx context.Context, e *env, word string, act func(*app.App, tasks.List) error) error {
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	l, err := taskListNamed(ctx, core, word)
	if err != nil {
		return err
	}
	if err := act(core, l); err != nil {
		return err
	}
	return e.print(map[string]int64{"id": l.ID}, quiet)
}
