// SPDX-License-Identifier: EUPL-1.2

package caltasks

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"kontor/app/tasks"
	"kontor/storage"
	"kontor/sync/dav"
	"kontor/sync/transport"
)

// Pull is part of engine.Worker: it reads the lists, then in each what changed since the last time.
func (w *Worker) Pull(ctx context.Context) error {
	remote, err := w.remoteLists(ctx)
	if err != nil {
		return fmt.Errorf("read task lists: %w", err)
	}
	pairs, err := w.storeLists(ctx, remote)
	if err != nil {
		return fmt.Errorf("store task lists: %w", err)
	}
	w.count.lists.Store(int64(len(pairs)))
	return w.pullLists(ctx, pairs)
}

// Lists are read at the same time. Few are asked for before an answer begins: a server that composes whole answers would
// have them all ready late and at once. Radicale is asked for one at a time: two of its threads take up to twice the
// processor time for the same answers, since only one of them can run. More may be arriving and being stored meanwhile.
const (
	listsAtOnce   = 3
	listsAsked    = 2
	radicaleAsked = 1
)

// turn is one of few places in a line. It may be left more than once.
type turn struct {
	places chan struct{}
	leave  sync.Once
}

// take waits for a place.
func take(ctx context.Context, places chan struct{}) (*turn, error) {
	select {
	case places <- struct{}{}:
		return &turn{places: places}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (t *turn) done() { t.leave.Do(func() { <-t.places }) }

// pullLists reads what changed in all lists. One broken list does not stop the others, a broken line does.
func (w *Worker) pullLists(ctx context.Context, pairs []pair) error {
	var mu sync.Mutex
	var problems []error
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(listsAtOnce)
	asked := make(chan struct{}, askedAtOnce(pairs))
	for _, p := range pairs {
		group.Go(func() error {
			err := w.pullList(inner, asked, p.local, p.remote)
			if err == nil {
				return nil
			}
			err = fmt.Errorf("read tasks: %w", err)
			if inner.Err() != nil || transport.IsConnectionError(err) || errors.Is(err, transport.ErrSignIn) {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			problems = append(problems, err)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return errors.Join(problems...)
}

// askedAtOnce is how many lists the server composes answers for at the same time.
func askedAtOnce(pairs []pair) int {
	if len(pairs) > 0 && pairs[0].remote.times {
		return radicaleAsked
	}
	return listsAsked
}

// pair is a list as it is stored and as the server has it.
type pair struct {
	local  storage.TaskList
	remote remoteList
}

// storeLists brings the stored lists in line with a listing and gives those to read.
func (w *Worker) storeLists(ctx context.Context, remote listing) ([]pair, error) {
	var pairs []pair
	err := w.db.Write(ctx, func(tx *storage.Tx) error {
		pairs = nil
		known, err := tx.SyncTaskLists(ctx, w.cfg.Account.ID)
		if err != nil {
			return err
		}
		byHref := map[string]storage.TaskList{}
		for _, l := range known {
			byHref[l.Href] = l
		}
		there := map[string]bool{}
		for _, r := range remote.lists {
			there[r.href] = true
			l, err := w.storeList(ctx, tx, byHref[r.href], r)
			if err != nil {
				return err
			}
			if !l.Deleted {
				pairs = append(pairs, pair{l, r})
			}
		}
		for _, l := range known {
			if !there[l.Href] && !(l.OnServer && remote.partial) {
				if err := w.listGone(ctx, tx, l); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return pairs, err
}

func (w *Worker) storeList(ctx context.Context, tx *storage.Tx, l storage.TaskList, r remoteList) (storage.TaskList, error) {
	if l.ID == 0 {
		l = storage.TaskList{
			List: tasks.List{AccountID: w.cfg.Account.ID, Name: r.name, Color: r.color, ReadOnly: r.readOnly, Order: r.order, Shared: r.shared, Owner: r.owner},
			Href: r.href, OnServer: true, RemoteName: r.name, RemoteColor: r.color, RemoteOrder: r.order,
		}
		var err error
		l.ID, err = tx.AddTaskList(ctx, l)
		return l, err
	}
	same := l.OnServer && l.RemoteName == r.name && l.RemoteColor == r.color && l.ReadOnly == r.readOnly && l.Shared == r.shared && l.Owner == r.owner && l.RemoteOrder == r.order
	if same {
		return l, nil
	}
	l.OnServer, l.RemoteName, l.RemoteColor, l.ReadOnly, l.Shared, l.Owner, l.RemoteOrder = true, r.name, r.color, r.readOnly, r.shared, r.owner, r.order
	return l, tx.StoreTaskList(ctx, l, 0)
}

// listGone takes a list out that the server does not have any more, unless it was never there, or holds so much that a
// person should look at it first.
func (w *Worker) listGone(ctx context.Context, tx *storage.Tx, l storage.TaskList) error {
	if l.OnServer {
		states, err := tx.TaskStates(ctx, l.ID)
		if err != nil {
			return err
		}
		verdict, err := w.brake(ctx, tx, l, len(states), len(states))
		if err != nil || verdict == stop {
			return err
		}
		if verdict == restore {
			return restoreList(ctx, tx, l, states)
		}
	}
	gone, err := tx.TaskListGone(ctx, l.ID, 0)
	w.count.gone.Add(int64(gone))
	return err
}

// fullEvery is how often a list is compared as a whole although nothing seems to have changed: a list that was replaced
// by another may carry the same tags.
const fullEvery = 24 * time.Hour

// pullList reads what changed in one list. It takes a place in asked until the server has begun to answer.
func (w *Worker) pullList(ctx context.Context, asked chan struct{}, l storage.TaskList, r remoteList) error {
	unsure, err := w.db.UnsureTasks(ctx, l.ID)
	if err != nil {
		return err
	}
	key := fmt.Sprintf("_tasks_full_%d", l.ID)
	full, err := w.db.Setting(ctx, key, "")
	if err != nil {
		return err
	}
	checked, err := time.Parse(time.RFC3339, full)
	due := err != nil || time.Since(checked) > fullEvery || time.Since(checked) < 0
	same := !due && unchanged(l.CTag, r.tag)
	if same && len(unsure) == 0 {
		if r.tag == l.CTag {
			return nil
		}
		return w.db.Write(ctx, func(tx *storage.Tx) error { return tx.SaveTaskCursor(ctx, l.ID, r.tag, l.SyncToken) })
	}
	s := &listPull{w: w, list: l, remote: r, want: map[string]bool{}, asked: asked}
	if err := s.load(ctx); err != nil {
		return err
	}
	for _, name := range unsure {
		s.want[name] = true
	}
	token := l.SyncToken
	if !same {
		if due {
			token = ""
		}
		if token, due, err = s.changes(ctx, token); err != nil {
			return err
		}
	}
	if err := s.fetchAll(ctx); err != nil {
		return err
	}
	return w.db.Write(ctx, func(tx *storage.Tx) error {
		if due {
			if err := tx.SetSetting(ctx, key, time.Now().UTC().Format(time.RFC3339)); err != nil {
				return err
			}
		}
		return tx.SaveTaskCursor(ctx, l.ID, r.tag, token)
	})
}

// refusedToken are the answers to a token that the server does not take any more (RFC 6578, section 3.2, says 403; what
// others say was seen in the field).
func refusedToken(err error) bool {
	return dav.IsStatus(err, http.StatusForbidden, http.StatusConflict, http.StatusGone, http.StatusPreconditionFailed,
		http.StatusInternalServerError, http.StatusBadRequest, http.StatusNotImplemented, http.StatusMethodNotAllowed,
		http.StatusUnsupportedMediaType, http.StatusNotFound, http.StatusUnprocessableEntity)
}

// refusedQuery are the answers to a question for all texts at once by servers that cannot give them in one piece.
func refusedQuery(err error) bool {
	return refusedToken(err) || dav.IsStatus(err, http.StatusRequestEntityTooLarge, http.StatusGatewayTimeout, http.StatusInsufficientStorage)
}
