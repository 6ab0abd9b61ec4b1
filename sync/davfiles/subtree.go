// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"kontor/storage"
	"kontor/sync/dav"
	"kontor/sync/transport"
)

// requestCost is what one request costs, in items of an answer that take as long.
const requestCost = 200

// vouched reports whether the tags of folders can be compared with those that are stored: the server changes them with
// everything below, and what is stored is what the server held at the time of the root's tag.
func vouched(known storage.FileServer, now *listing) bool {
	return known.Propagates == storage.AnswerYes && known.RootETag != "" && known.RootID != "" && known.RootID == now.rootID
}

// recorded is the tree of the server as it is stored.
type recorded struct {
	rows   []storage.FileRow // by their paths on the server
	byPath map[string]*storage.FileRow
}

func record(rows []storage.FileRow) *recorded {
	t := &recorded{rows: slices.DeleteFunc(rows, func(r storage.FileRow) bool { return r.Remote.Path == "" })}
	slices.SortFunc(t.rows, func(a, b storage.FileRow) int { return strings.Compare(a.Remote.Path, b.Remote.Path) })
	t.byPath = make(map[string]*storage.FileRow, len(t.rows))
	for i := range t.rows {
		t.byPath[t.rows[i].Remote.Path] = &t.rows[i]
	}
	return t
}

// below gives what is stored of a folder's content, at any depth.
func (t *recorded) below(folder string) []storage.FileRow {
	if folder == "" {
		return t.rows
	}
	at := func(prefix string) int {
		i, _ := slices.BinarySearchFunc(t.rows, prefix, func(r storage.FileRow, p string) int { return strings.Compare(r.Remote.Path, p) })
		return i
	}
	return t.rows[at(folder+"/"):at(folder+"0")] // '0' follows '/'
}

// same reports whether a folder, with everything below it, is as it is stored.
func (t *recorded) same(path string, now *remote) bool {
	r := t.byPath[path]
	return r != nil && r.Dir && now.dir && now.ETag != "" && r.Remote.ETag == now.ETag && r.Remote.FileID == now.FileID && r.Remote.ReadOnly == now.ReadOnly
}

// step is what to ask next about a folder: everything below it at once, or the folders in it one by one.
type step struct {
	whole bool     // everything below the folder, in one answer
	one   []string // folders that are read as a whole each
	down  []string // folders that are looked into
}

// next decides how to go on below a folder, of which some folders have changed, by what it costs. A folder that is new has
// to be read as a whole anyway.
func (t *recorded) next(folder string, changed []string, infinity bool) step {
	var s step
	cost := 0
	for _, c := range changed {
		n := len(t.below(c))
		switch known := t.byPath[c] != nil; {
		case infinity && (!known || n <= requestCost):
			s.one = append(s.one, c)
			cost += requestCost + n
		default:
			s.down = append(s.down, c)
			cost += requestCost + n/4 // part of it, at least one request
		}
	}
	if infinity && cost > requestCost+len(t.below(folder)) {
		return step{whole: true}
	}
	return s
}

// changes lists only what is not as it is stored: folders whose tag has not changed are taken from the store.
func (l *lister) changes(ctx context.Context, known storage.FileServer) error {
	rows, err := l.w.db.AllFiles(ctx, l.w.cfg.Account.ID)
	if err != nil {
		return err
	}
	l.descend(ctx, record(rows), "", known.Infinity == storage.AnswerYes)
	l.wg.Wait()
	return errors.Join(l.err, ctx.Err())
}

// descend reads a folder and goes on where something has changed.
func (l *lister) descend(ctx context.Context, t *recorded, folder string, infinity bool) {
	l.do(folder, func() error {
		var same, changed []string
		err := l.read(ctx, folder, dav.Depth1, func(p string, it *remote) {
			switch {
			case !it.dir:
			case t.same(p, it):
				same = append(same, p)
			default:
				changed = append(changed, p)
			}
		})
		if err != nil {
			return err
		}
		next := t.next(folder, changed, infinity)
		if next.whole {
			l.whole(ctx, folder)
			return nil
		}
		l.reuse(t, same)
		for _, p := range next.one {
			l.whole(ctx, p)
		}
		for _, p := range next.down {
			l.descend(ctx, t, p, infinity)
		}
		return nil
	})
}

// whole reads everything below a folder in one answer, or folder by folder where the server does not like that any more.
func (l *lister) whole(ctx context.Context, folder string) {
	l.do(folder, func() error {
		err := l.read(ctx, folder, dav.DepthInfinity, func(string, *remote) {})
		if dav.IsStatus(err, http.StatusForbidden, http.StatusBadRequest, http.StatusNotImplemented, http.StatusMethodNotAllowed) ||
			(errors.Is(err, dav.ErrListing) && !transport.IsConnectionError(err)) {
			l.walk(ctx, folder)
			return nil
		}
		return err
	})
}

// reuse takes what lies below folders from the store.
func (l *lister) reuse(t *recorded, folders []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range folders {
		below := t.below(f)
		for i := range below {
			r := &below[i]
			if !skip(r.Remote.Path) {
				l.out.items[r.Remote.Path] = &remote{dir: r.Dir, FileRemote: r.Remote}
			}
		}
	}
}

// do runs fn as soon as there is a place among those that run, unless the listing has failed.
func (l *lister) do(folder string, fn func() error) {
	l.wg.Go(func() {
		l.sem <- struct{}{}
		defer func() { <-l.sem }()
		if l.failed() {
			return
		}
		if err := fn(); err != nil {
			l.fail(folder, err)
		}
	})
}
