// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"kontor/storage"
	"kontor/sync/reconcile"
)

// Pull is part of engine.Worker: folders, then headers and flags, INBOX first, then missing octets, newest first. While
// the engine watches, fetching octets gives way to news.
func (w *Worker) Pull(ctx context.Context) error {
	err := w.pull(ctx)
	if errors.Is(err, errBye) && !errors.Is(err, errConnect) && ctx.Err() == nil {
		err = w.pull(ctx) // a new connection is as good
	}
	return w.noteSkipped(ctx, err)
}

func (w *Worker) pull(ctx context.Context) error {
	w.hinted.Store(false)
	todo, err := w.survey(ctx)
	if err != nil {
		return fmt.Errorf("list folders: %w", err)
	}
	look, err := w.pullNewest(ctx, todo)
	if err != nil {
		return fmt.Errorf("fetch headers: %w", err)
	}
	if err := w.pullOlder(ctx, look); err != nil {
		return fmt.Errorf("fetch headers: %w", err)
	}
	if err := w.dropOwnCopies(ctx); err != nil {
		return err
	}
	if w.cfg.HeadersOnly {
		return nil
	}
	if err := w.pullBodies(ctx, maxLanes); err != nil {
		return fmt.Errorf("fetch messages: %w", err)
	}
	return nil
}

// maxLanes is over how many connections octets are fetched at the most; the line may advise fewer.
const maxLanes = 4

// survey brings the store's folders up to date and gives those that have news, INBOX first.
func (w *Worker) survey(ctx context.Context) ([]work, error) {
	release, err := w.hold(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	var todo []work
	err = w.repeatable(ctx, func(c *client) error {
		all, err := w.syncFolders(ctx, c)
		if err != nil {
			return err
		}
		w.folders.Store(int64(len(all)))
		todo, err = w.withNews(ctx, c, all)
		return err
	})
	return todo, err
}

// withNews gives those folders that are not as the store has them.
func (w *Worker) withNews(ctx context.Context, c *client, todo []work) ([]work, error) {
	have, err := w.db.UIDCounts(ctx, w.account)
	if err != nil {
		return nil, err
	}
	lost, err := w.db.LostCounts(ctx, w.account)
	if err != nil {
		return nil, err
	}
	var news []work
	for _, t := range todo {
		t.known = &knownMail{have[t.folder.ID], lost[t.folder.ID]}
		if reconcile.MailNeedOf(t.cursor(*t.known), t.status.planned(), c.planned()) != reconcile.MailSame {
			news = append(news, t)
		}
	}
	return news, nil
}

// pullNewest brings folders up to date as far as one turn for each of them tells. What is given holds the jobs for the
// older headers of large ones.
func (w *Worker) pullNewest(ctx context.Context, todo []work) (*looks, error) {
	look := &looks{todo: todo}
	if len(todo) == 0 {
		return look, nil
	}
	release, err := w.hold(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	if look.fresh, err = w.freshIn(ctx, todo); err != nil {
		return nil, err
	}
	lanes := w.lines().Lanes(len(todo), missingHeaders(todo), 0)
	return look, w.parallel(ctx, lanes, func(ctx context.Context, c *client) error { return w.lookInto(ctx, c, look, lanes > 1, false) })
}

// missingHeaders is about how many headers are to be fetched.
func missingHeaders(todo []work) int {
	n := 0
	for _, t := range todo {
		if !t.folder.Complete {
			n += int(t.status.messages)
		}
	}
	return n
}

// pullOlder fetches the older headers. On a line that is not what limits it, octets are fetched beside them.
func (w *Worker) pullOlder(ctx context.Context, look *looks) error {
	if len(look.jobs) == 0 {
		return nil
	}
	line := w.lines()
	lanes := min(line.Lanes(0, len(look.jobs)*headerBatch, 0), len(look.jobs))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	beside := make(chan error, 1)
	go func() {
		if w.cfg.HeadersOnly || !line.Short() {
			beside <- nil
			return
		}
		err := w.pullBodies(ctx, 1)
		if err != nil {
			cancel()
		}
		beside <- err
	}()
	err := w.parallel(ctx, lanes, func(ctx context.Context, c *client) error { return w.runLane(ctx, c, headersAhead, look.next) })
	if err != nil {
		cancel()
	}
	other := <-beside
	if err == nil || errors.Is(err, context.Canceled) && other != nil {
		err = other
	}
	return err
}

// How many folders are asked for before the first has answered, with one connection and with several.
const (
	looksAhead  = 32
	looksShared = 3
)

// looks are folders to look into, shared by connections, and what follows from that.
type looks struct {
	mu   sync.Mutex
	todo []work
	jobs []*job // headers still to be fetched

	fresh fresh
}

func (l *looks) take() (work, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.todo) == 0 {
		return work{}, false
	}
	t := l.todo[0]
	l.todo = l.todo[1:]
	return t, true
}

// lookInto looks into folders, many at a time in one turn. That the server refuses a single folder is noted and does not
// stop the others.
func (w *Worker) lookInto(ctx context.Context, c *client, l *looks, shared, settling bool) (err error) {
	ahead := looksAhead
	if shared {
		ahead = looksShared
	}
	store := newStorer(ctx, w.db, headersAhead)
	defer func() {
		c.on = handlers{}
		err = errors.Join(err, store.close())
	}()
	var flying []*folderPull
	for {
		for len(flying) < ahead {
			t, ok := l.take()
			if !ok {
				break
			}
			if t.again { // it compares with what the first look has stored
				if err := store.flush(); err != nil {
					return err
				}
			}
			p, err := w.newPull(ctx, c, t, store, settling)
			if err != nil {
				return err
			}
			p.fresh = l.fresh
			p.send()
			flying = append(flying, p)
		}
		if len(flying) == 0 {
			return nil
		}
		if err := learn(ctx, c, flying); err != nil {
			return err
		}
		p := flying[0]
		flying = flying[1:]
		if err := l.done(p); err != nil {
			return err
		}
	}
}

// learn reads what the store has of folders while the server has been asked about them.
func learn(ctx context.Context, c *client, flying []*folderPull) error {
	if err := c.flush(); err != nil {
		return err
	}
	for _, p := range flying {
		if err := p.learn(ctx); err != nil {
			return err
		}
	}
	return nil
}

// done takes the answer of one folder.
func (l *looks) done(p *folderPull) error {
	if err := p.receive(); err != nil {
		if p.open.done && p.open.err == nil {
			p.keep() // what came before the connection broke
		}
		return p.w.unreadable(p.t, err)
	}
	missing, again, err := p.decide()
	if err != nil {
		return err
	}
	switch {
	case again && p.t.again:
		l.older(p, p.unheardOf()) // better than nothing
		return p.w.unreadable(p.t, fmt.Errorf("what is in it cannot be found out: %w", errOdd))
	case again:
		t := p.t
		t.again, t.known = true, nil
		l.mu.Lock()
		l.todo = append(l.todo, t)
		l.mu.Unlock()
	case len(missing) > 0:
		l.older(p, missing)
	}
	return nil
}

// pullFolders brings folders up to date over one connection, for an operation that needs to know them.
func (w *Worker) pullFolders(ctx context.Context, c *client, todo []work, settling bool) error {
	l := &looks{todo: todo}
	if err := w.lookInto(ctx, c, l, false, settling); err != nil {
		return err
	}
	return w.runLane(ctx, c, headersAhead, l.next)
}

// parallel runs fn on up to n connections. It fails when the first of them does; that further ones cannot be made is no failure.
func (w *Worker) parallel(ctx context.Context, n int, fn func(context.Context, *client) error) error {
	if n <= 0 {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			started := false
			err := w.with(ctx, func(c *client) error {
				started = true
				return fn(ctx, c)
			})
			if err != nil && !started && i > 0 {
				w.log.Debug("no further connection", slog.Any("error", err))
				return
			}
			if errs[i] = err; err != nil {
				cancel()
			}
		})
	}
	wg.Wait()
	var first error
	for _, err := range errs {
		if err != nil && (first == nil || errors.Is(first, context.Canceled)) {
			first = err
		}
	}
	return first
}

// interrupted reports whether something is more urgent than octets of old messages: news. Only an engine that watches
// comes back for the rest.
func (w *Worker) interrupted() bool { return w.watched.Load() != nil && w.hinted.Load() }

// hold keeps operations and looks at the server apart: what a look found is stored before anything is changed there, so
// that older words of the server never come after newer ones.
func (w *Worker) hold(ctx context.Context) (release func(), err error) {
	select {
	case w.quiet <- struct{}{}:
		return func() { <-w.quiet }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// removeLost deletes messages that were not found again after the server had numbered its messages anew. Where most are
// lost it is more likely that the server is another one, or lost them itself: a person decides, and they stay until then.
func (w *Worker) removeLost(ctx context.Context, tx *storage.Tx, f storage.MailFolder, unfound []int64) error {
	lost, err := tx.LostMail(ctx, unfound)
	if err != nil || len(lost) == 0 {
		return err
	}
	left, err := tx.CountUIDs(ctx, f.ID)
	if err != nil {
		return err
	}
	asked, err := tx.OpenConflict(ctx, w.account, "mail", f.ID)
	if err != nil {
		return err
	}
	if asked || reconcile.LossDoubtful(len(lost), left) {
		detail, err := json.Marshal(map[string]any{"reason": "lost", "messages": len(lost)})
		if err != nil {
			return err
		}
		_, err = tx.AddConflict(ctx, storage.ConflictRow{AccountID: w.account, Kind: "mail", RefID: f.ID, Title: f.Name, Detail: detail})
		return err
	}
	w.gone.Add(int64(len(lost)))
	return tx.RemoveMail(ctx, lost)
}
