// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"kontor/app/tasks"
	"kontor/storage"
)

// known is a list with two tasks, and a file with one of them in the same words, one in others and two that are new.
func known(d *taskDesk) (file string) {
	d.imported(d.list, vtodos("", "UID:gleich\r\nSUMMARY:Gleich\r\n", "UID:anders\r\nSUMMARY:Alt\r\nX-APPLE-SORT-ORDER:7\r\nSEQUENCE:4\r\n"))
	d.settle()
	return vtodos("", "UID:gleich\r\nSUMMARY:Gleich\r\n", "UID:anders\r\nSUMMARY:Neu\r\nX-NEU:ja\r\n", "UID:unter\r\nSUMMARY:Unten\r\nRELATED-TO:anders\r\n",
		"UID:frisch\r\nSUMMARY:Frisch\r\n") + vtodos("", "UID:frisch\r\nSUMMARY:Doppelt\r\n")
}

// sorted lists the titles of a list in the order of letters, each with those below it.
func (d *taskDesk) sorted(list int64) string {
	d.t.Helper()
	all, err := d.List(d.ctx, tasks.Query{ListID: list})
	d.must(err)
	var trees []string
	for _, n := range tasks.Tree(all) {
		if n.Depth == 0 {
			trees = append(trees, n.Title)
		} else {
			trees[len(trees)-1] += " >" + n.Title
		}
	}
	slices.Sort(trees)
	return strings.Join(trees, ", ")
}

// TestImportOfWhatIsThere: a person is asked what becomes of tasks that are here in other words, and one step takes it back.
func TestImportOfWhatIsThere(t *testing.T) {
	for clash, want := range map[tasks.Clash]struct {
		n    tasks.Imported
		tree string
		ops  int
	}{
		tasks.ClashSkip:    {tasks.Imported{New: 3, Same: 1, Different: 1}, "Alt >Unten, Doppelt, Frisch, Gleich", 3},
		tasks.ClashReplace: {tasks.Imported{New: 3, Same: 1, Replaced: 1}, "Doppelt, Frisch, Gleich, Neu >Unten", 4},
		tasks.ClashNew:     {tasks.Imported{New: 4, Same: 1}, "Alt, Doppelt, Frisch, Gleich, Neu >Unten", 4},
	} {
		t.Run(string(clash), func(t *testing.T) {
			d := newTaskDesk(t)
			file := known(d)
			n, err := d.PreviewImport(d.ctx, d.list, strings.NewReader(file))
			d.must(err)
			if n != (tasks.Imported{New: 3, Same: 1, Different: 1}) || len(d.ops()) != 0 {
				t.Errorf("preview %+v, %d operations", n, len(d.ops()))
			}
			n, err = d.ImportWith(d.ctx, d.list, strings.NewReader(file), clash)
			d.must(err)
			if got := d.sorted(d.list); n != want.n || got != want.tree || len(d.ops()) != want.ops {
				t.Errorf("%+v: %s, %d operations", n, got, len(d.ops()))
			}
			d.undo()
			if got := d.sorted(d.list); got != "Alt, Gleich" {
				t.Errorf("undone: %s", got)
			}
		})
	}
	d := newTaskDesk(t)
	if _, err := d.ImportWith(d.ctx, d.list, strings.NewReader(known(d)), "vielleicht"); !errors.Is(err, ErrClash) {
		t.Errorf("another way: %v", err)
	}
}

// TestReplacedByImport: what replaces a task keeps its place and is newer for every other program.
func TestReplacedByImport(t *testing.T) {
	d := newTaskDesk(t)
	_, err := d.ImportWith(d.ctx, d.second, strings.NewReader(known(d)), tasks.ClashReplace)
	d.must(err)
	found, err := d.List(d.ctx, tasks.Query{Text: "Neu"})
	d.must(err)
	raw, err := d.Raw(d.ctx, found[0].ID)
	d.must(err)
	if len(found) != 1 || found[0].ListID != d.list || found[0].Order != 7 || found[0].Modified.IsZero() ||
		!strings.Contains(string(raw), "X-NEU:ja\r\n") || !strings.Contains(string(raw), "SEQUENCE:4\r\n") {
		t.Errorf("%+v\n%s", found, raw)
	}
	if got := d.sorted(d.second); got != "Doppelt, Frisch, Unten" {
		t.Errorf("added %s", got)
	}
	d.must(d.db.Write(d.ctx, func(tx *storage.Tx) error {
		l, err := tx.TaskList(d.ctx, d.list)
		if err != nil {
			return err
		}
		l.ReadOnly = true
		return tx.StoreTaskList(d.ctx, l, 0)
	}))
	n, err := d.ImportWith(d.ctx, d.second, strings.NewReader(vtodos("", "UID:anders\r\nSUMMARY:Noch anders\r\n")), tasks.ClashReplace)
	d.must(err)
	if got := d.sorted(d.second); n.New != 1 || got != "Doppelt, Frisch, Noch anders, Unten" || !strings.Contains(d.sorted(d.list), "Neu") {
		t.Errorf("over one that nobody may write to: %+v, %s", n, got)
	}
}

// TestImportKeepsTheOrderOfTheFile, also of tasks that were made in the same second or do not say when.
func TestImportKeepsTheOrderOfTheFile(t *testing.T) {
	d := newTaskDesk(t)
	var todos, want []string
	for i := range 9 {
		title := fmt.Sprint(string(rune('i' - i)))
		when := "CREATED:20260101T000000Z\r\n"
		if i >= 5 {
			when = ""
		}
		todos, want = append(todos, "UID:"+title+"\r\nSUMMARY:"+title+"\r\n"+when), append(want, title)
	}
	d.imported(d.list, vtodos("", todos...))
	if got := d.tree(d.list); got != strings.Join(want, " ") {
		t.Errorf("%s instead of %s", got, want)
	}
	all, err := d.List(d.ctx, tasks.Query{ListID: d.list})
	d.must(err)
	orders := map[int64]bool{}
	for _, task := range all {
		orders[task.Order] = true
	}
	if raw, err := d.Raw(d.ctx, all[0].ID); len(orders) != 9 || err != nil || strings.Contains(string(raw), "SORT-ORDER") {
		t.Errorf("%d orders; the first is\n%s", len(orders), raw)
	}
}
