// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"kontor/app"
	"kontor/app/tasks"
	"kontor/bench/corpus"
)

// What changes at a time: a hundred tasks, spread over all lists.
const (
	editedTasks  = 60
	addedTasks   = 20
	removedTasks = 20
)

// taskbox is the server's side of the comparison, which changes between the works of each contestant.
type taskbox struct {
	server taskServer
	lists  []string
	few    bool // there are too few tasks for all changes
	total  int
	rounds int
	last   string // what the last change put into the titles
}

func newTaskbox(server taskServer, lists []string, size corpus.Size) *taskbox {
	slices.Sort(lists)
	return &taskbox{server: server, lists: lists, few: size.Tasks < 4*(editedTasks+removedTasks), total: size.Tasks}
}

// stages are the works with changes; here makes those on the contestant's side.
func (b *taskbox) stages(here func(ctx context.Context, word string) error) []stage {
	if b.few {
		return nil
	}
	return []stage{
		{theirs, b.change},
		{mine, func(ctx context.Context) error {
			b.next()
			return here(ctx, b.last)
		}},
	}
}

// next begins a round of changes.
func (b *taskbox) next() {
	b.rounds++
	n := len(b.lists)
	b.total += n * (addedTasks/n - removedTasks/n)
	b.last = fmt.Sprintf("Runde %d", b.rounds)
}

// wanted is how many new tasks a run must fetch.
func (b *taskbox) wanted(work string) int {
	switch work {
	case initial:
		return b.total
	case theirs:
		return addedTasks / len(b.lists) * len(b.lists)
	}
	return 0
}

// held is an error unless the server holds what has to be there after all changes so far.
func (b *taskbox) held() error {
	titled := 0
	return expect(b.total, func() (n int, err error) {
		for _, list := range b.lists {
			objects, err := b.server.Objects(list)
			if err != nil {
				return 0, err
			}
			n += len(objects)
			for _, text := range objects {
				if b.last != "" && strings.Contains(text, b.last) {
					titled++
				}
			}
		}
		return n, b.changed(titled)
	})
}

// changed is an error unless as many tasks have the last round's title as were given it.
func (b *taskbox) changed(titled int) error {
	n := len(b.lists) // each list gets the same
	if want := n * (editedTasks/n + addedTasks/n); b.last != "" && titled != want {
		return fmt.Errorf("%d of %d changes are there", titled, want)
	}
	return nil
}

// filed is an error unless the files below dir hold what has to be there after all changes so far.
func (b *taskbox) filed(dir string) error {
	titled := 0
	return expect(b.total, func() (int, error) {
		n, err := countFiles(dir, func(p string) bool {
			if filepath.Ext(p) != ".ics" {
				return false
			}
			if text, err := os.ReadFile(p); err == nil && b.last != "" && strings.Contains(string(text), b.last) {
				titled++
			}
			return true
		})
		return n, errors.Join(err, b.changed(titled))
	})
}

// pick gives the names of the n first tasks of a list that are not of this round.
func (b *taskbox) pick(list string, n int) ([]string, map[string]string, error) {
	objects, err := b.server.Objects(list)
	if err != nil {
		return nil, nil, err
	}
	names := make([]string, 0, len(objects))
	for name := range objects {
		names = append(names, name)
	}
	slices.Sort(names)
	if len(names) < n {
		return nil, nil, fmt.Errorf("list %s has %d tasks", list, len(names))
	}
	return names[:n], objects, nil
}

// change does what other programs do: 60 tasks get another title, 20 come and 20 go.
func (b *taskbox) change(ctx context.Context) error {
	b.next()
	for _, list := range b.lists {
		edits, removals := editedTasks/len(b.lists), removedTasks/len(b.lists)
		names, objects, err := b.pick(list, edits+removals)
		if err != nil {
			return err
		}
		for i, name := range names {
			if i < removals {
				err = b.send(ctx, http.MethodDelete, list, name, "")
			} else {
				err = b.send(ctx, http.MethodPut, list, name, retitled(objects[name], b.last))
			}
			if err != nil {
				return err
			}
		}
		for i := range addedTasks / len(b.lists) {
			uid := fmt.Sprintf("zz-%d-%s-%d", b.rounds, list, i)
			if err := b.send(ctx, http.MethodPut, list, uid, newTask(uid, b.last)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *taskbox) send(ctx context.Context, method, list, name, text string) error {
	return davRequest(ctx, method, b.server.ListURL(list)+name+".ics", "text/calendar", text, io.Discard)
}

var summary = regexp.MustCompile(`(?m)^SUMMARY:.*$`)

// retitled gives a task another title.
func retitled(text, word string) string {
	return summary.ReplaceAllLiteralString(strings.ReplaceAll(text, "\r\n", "\n"), "SUMMARY:"+word)
}

func newTask(uid, title string) string {
	return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Kontor//bench//DE\r\nBEGIN:VTODO\r\nUID:" + uid +
		"\r\nDTSTAMP:20261123T080000Z\r\nSUMMARY:" + title + "\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
}

// changeKontor makes the same changes as a person with Kontor.
func changeKontor(home string) func(ctx context.Context, word string) error {
	return func(ctx context.Context, word string) (err error) {
		a, err := app.Open(ctx, app.Options{Home: home})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, a.Close()) }()
		lists, err := a.Tasks.Lists(ctx)
		if err != nil {
			return err
		}
		for _, list := range lists {
			edits, removals := editedTasks/len(lists), removedTasks/len(lists)
			all, err := a.Tasks.List(ctx, tasks.Query{ListID: list.ID, Limit: edits + removals})
			if err != nil {
				return err
			}
			for i, t := range all {
				if i < removals {
					err = a.Tasks.Remove(ctx, []int64{t.ID})
				} else {
					err = a.Tasks.Edit(ctx, t.ID, tasks.Edit{Title: &word})
				}
				if err != nil {
					return err
				}
			}
			for range addedTasks / len(lists) {
				if _, err := a.Tasks.Add(ctx, list.ID, tasks.Edit{Title: &word}); err != nil {
					return err
				}
			}
		}
		return nil
	}
}

// changeFiles makes the same changes in the files of a list for each folder below dir.
func changeFiles(dir string) func(ctx context.Context, word string) error {
	return func(_ context.Context, word string) error {
		folders, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil {
			return err
		}
		for _, folder := range folders {
			files, err := filepath.Glob(filepath.Join(folder, "*.ics"))
			if err != nil {
				return err
			}
			edits, removals := editedTasks/len(folders), removedTasks/len(folders)
			for i, file := range files[:min(edits+removals, len(files))] {
				if i < removals {
					err = os.Remove(file)
				} else {
					err = retitleFile(file, word)
				}
				if err != nil {
					return err
				}
			}
			for i := range addedTasks / len(folders) {
				uid := fmt.Sprintf("yy-%s-%d", filepath.Base(folder), i)
				if err := os.WriteFile(filepath.Join(folder, uid+".ics"), []byte(newTask(uid, word)), 0o600); err != nil {
					return err
				}
			}
		}
		return nil
	}
}

func retitleFile(file, word string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return os.WriteFile(file, []byte(retitled(string(text), word)), 0o600)
}
