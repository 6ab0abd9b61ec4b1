// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"kontor/app/tasks"
	"kontor/storage"
)

// maxImport bounds a calendar file that is read.
const maxImport = 256 << 20

var (
	// ErrNoTasksInFile is returned for a file that holds no task.
	ErrNoTasksInFile = errors.New("the file holds no tasks")
	// ErrClash is returned for a way of import that does not exist.
	ErrClash = errors.New("this way of import does not exist")
)

func init() {
	explain(ErrNoTasksInFile, "tasks.error.empty-file")
	explain(ErrClash, "tasks.error.clash")
}

// PreviewImport counts what ImportWith would find in an iCalendar file, so that a person can be asked first.
func (s *Tasks) PreviewImport(ctx context.Context, listID int64, r io.Reader) (n tasks.Imported, err error) {
	objects, err := readImport(r, time.Now())
	if err != nil {
		return n, err
	}
	l, err := writableList(ctx, s.db, listID)
	if err != nil {
		return n, fmt.Errorf("preview import: %w", err)
	}
	_, n, err = readAgainst(ctx, s.db, l, objects)
	if err != nil {
		return n, fmt.Errorf("preview import: %w", err)
	}
	return n, nil
}

// ImportWith adds the tasks of an iCalendar file, which may hold several calendars, to a list as one action; 0 is the first
// list that takes one. What the list has already in the same words is left alone; clash says what becomes of a task that the
// account has in other words, or in another list. One that stands twice in the file, and one that cannot be replaced since
// nobody may write to it, is added with a new UID, and the subtasks that name it follow. Tasks of which the file does not
// say how they are sorted keep its order.
func (s *Tasks) ImportWith(ctx context.Context, listID int64, r io.Reader, clash tasks.Clash) (n tasks.Imported, err error) {
	if !slices.Contains([]tasks.Clash{tasks.ClashSkip, tasks.ClashReplace, tasks.ClashNew}, clash) {
		return n, fmt.Errorf("import %q: %w", clash, ErrClash)
	}
	now := time.Now()
	objects, err := readImport(r, now)
	if err != nil {
		return n, err
	}
	err = s.act(ctx, "import tasks", func(a *action) error {
		l, err := writableList(ctx, a.Tx, listID)
		if err != nil {
			return err
		}
		all, found, err := readAgainst(ctx, a.Tx, l, objects)
		if err != nil {
			return err
		}
		im := importing{action: a, list: l, now: now, renamed: map[string]string{}, sorter: tasks.NewSorter(now)}
		if err := im.take(all, clash); err != nil {
			return err
		}
		n = im.n
		n.Same += found.Same
		return nil
	})
	if err != nil {
		return tasks.Imported{}, err
	}
	return n, nil
}

func readImport(r io.Reader, now time.Time) ([]tasks.Object, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxImport))
	if err != nil {
		return nil, fmt.Errorf("read calendar file: %w", err)
	}
	objects := tasks.Split(string(raw), newUID, now)
	if len(objects) == 0 {
		return nil, ErrNoTasksInFile
	}
	return objects, nil
}

// fromFile is a task of a file that the list does not have in the same words.
type fromFile struct {
	tasks.Object
	there []storage.TaskRow // those of the account with its UID
	again bool              // the file has named its UID before
}

// taskTexts is what an import asks the store.
type taskTexts interface {
	TaskTextsOf(ctx context.Context, accountID int64, uid string) ([]storage.TaskRow, error)
}

func readAgainst(ctx context.Context, in taskTexts, l storage.TaskList, objects []tasks.Object) (all []fromFile, n tasks.Imported, err error) {
	named := map[string]bool{}
	for _, o := range objects {
		there, err := in.TaskTextsOf(ctx, l.AccountID, o.UID)
		if err != nil {
			return nil, n, err
		}
		same := slices.ContainsFunc(there, func(t storage.TaskRow) bool { return t.ListID == l.ID && tasks.SameContent(t.Text, o.Text) })
		switch {
		case same:
			n.Same++
			continue
		case len(there) > 0 && !named[o.UID]:
			n.Different++
		default:
			n.New++
		}
		all = append(all, fromFile{o, there, named[o.UID]})
		named[o.UID] = true
	}
	return all, n, nil
}

// importing is one import on its way.
type importing struct {
	*action
	list    storage.TaskList
	now     time.Time
	renamed map[string]string // UIDs that are taken, and what stands for them
	sorter  *tasks.Sorter
	n       tasks.Imported
}

func (im *importing) take(all []fromFile, clash tasks.Clash) error {
	fresh := make([]tasks.Object, 0, len(all))
	for _, in := range all {
		if len(in.there) > 0 && !in.again && clash != tasks.ClashNew {
			done, err := im.meet(in, clash)
			if err != nil {
				return err
			}
			if done {
				continue
			}
		}
		if len(in.there) > 0 || in.again {
			uid := newUID()
			var err error
			if in.Text, err = tasks.WithUID(in.Text, uid, im.now); err != nil {
				return err
			}
			if !in.again {
				im.renamed[in.UID] = uid
			}
		}
		fresh = append(fresh, in.Object)
	}
	for _, o := range fresh {
		text, err := tasks.Renamed(o.Text, im.renamed, im.now)
		if err == nil {
			text, err = im.sorter.Keep(text)
		}
		if err != nil {
			return err
		}
		_, op, err := im.AddTask(im.ctx, im.list.ID, newUID()+".ics", text, tasks.Title(text), im.group)
		if err := im.note(op, err); err != nil {
			return err
		}
		im.n.New++
	}
	return nil
}

// meet leaves what is there or replaces it; done is false where nobody may write to it.
func (im *importing) meet(in fromFile, clash tasks.Clash) (done bool, err error) {
	if clash == tasks.ClashSkip {
		im.n.Different++
		return true, nil
	}
	there := slices.Clone(in.there)
	slices.SortStableFunc(there, func(a, b storage.TaskRow) int { return im.far(a) - im.far(b) })
	for _, row := range there {
		view, _, err := im.editable(row.ID)
		if errors.Is(err, tasks.ErrReadOnly) || err == nil && view.Override {
			continue
		}
		if err != nil {
			return false, err
		}
		if tasks.SameContent(row.Text, in.Text) {
			im.n.Same++
			return true, nil
		}
		err = im.rewrite(row.ID, func(text string) (string, error) { return tasks.Replaced(text, in.Text, im.now) })
		im.n.Replaced++
		return true, err
	}
	return false, nil
}

// far puts what lies in the list of the import first.
func (im *importing) far(t storage.TaskRow) int {
	if t.ListID == im.list.ID {
		return 0
	}
	return 1
}
