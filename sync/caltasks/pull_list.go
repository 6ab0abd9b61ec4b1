// SPDX-License-Identifier: EUPL-1.2

package caltasks

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"kontor/storage"
	"kontor/sync/dav"
	"kontor/sync/transport"
)

// listPull reads one list. What comes in is stored in portions, so that a cut loses little and memory stays small.
type listPull struct {
	w       *Worker
	list    storage.TaskList
	remote  remoteList
	states  map[string]storage.TaskState
	want    map[string]bool // to be fetched
	seen    map[string]bool // of a complete listing
	gone    []string
	partial bool // the listing names something that cannot be used, so what it lacks may still be there
	unable  bool // the server does not know what a sync-collection report is
	ready   []storage.FetchedTask
	rules   rules
	size    int
	asked   chan struct{} // places for questions, see listsAsked
}

// report asks and hands on what comes, and leaves its place among those who wait for an answer with the first of it.
func (s *listPull) report(ctx context.Context, depth dav.Depth, body string, fn func(dav.Response) error) (token string, err error) {
	turn, err := take(ctx, s.asked)
	if err != nil {
		return "", err
	}
	defer turn.done()
	return s.w.dav().Report(ctx, s.list.Href, depth, body, func(r dav.Response) error {
		turn.done()
		return fn(r)
	})
}

// load reads what is known of the list.
func (s *listPull) load(ctx context.Context) (err error) {
	if s.rules, err = s.w.rules(ctx); err != nil {
		return err
	}
	s.states, err = s.w.db.TaskStates(ctx, s.list.ID)
	return err
}

// few is how many tasks a list may have for Radicale to be asked for all tags in place of a token: it reads all objects for
// either, and would begin to keep a history of the list, one file for each object, with the first token.
const few = 2500

// tokens reports whether the server should be asked what changed since a token. That names appointments too.
func (s *listPull) tokens() bool {
	return !s.unable && !s.remote.mixed && (!s.remote.times || len(s.states) > few)
}

// Bounds of a portion.
const (
	portion     = 200
	portionSize = 2 << 20 // octets
)

// maxRounds bounds how often a server may answer that there is more to come.
const maxRounds = 1000

// changes finds out what to fetch and what is gone, by token where the server takes it, else by comparing a whole
// listing. It returns the token for the next time, and whether the whole list was compared.
func (s *listPull) changes(ctx context.Context, token string) (next string, full bool, err error) {
	if token != "" && s.tokens() {
		next, err = s.collect(ctx, token)
		if err == nil {
			return next, false, s.drop(ctx)
		}
		if !refusedToken(err) {
			return "", false, err
		}
		s.unable = dav.IsStatus(err, http.StatusNotImplemented, http.StatusMethodNotAllowed, http.StatusUnsupportedMediaType)
	}
	next, err = s.whole(ctx)
	if err != nil {
		return "", false, err
	}
	for name := range s.states {
		if !s.seen[name] && !s.partial {
			s.gone = append(s.gone, name)
		}
	}
	return next, true, s.drop(ctx)
}

// whole lists everything, in the cheapest way the server knows. Of a list of which nothing is known the texts are asked for
// at once; the token is then the one that was told before.
func (s *listPull) whole(ctx context.Context) (token string, err error) {
	if len(s.states) == 0 {
		err := s.query(ctx, true)
		if err == nil || !refusedQuery(err) {
			return s.remote.token, err
		}
		if err := s.load(ctx); err != nil { // some may have come
			return "", err
		}
	}
	if s.tokens() {
		s.restart()
		token, err = s.collect(ctx, "")
		if err == nil || !refusedToken(err) {
			return token, err
		}
	}
	if err := s.query(ctx, false); err == nil || !refusedToken(err) {
		return "", err
	}
	s.restart()
	return "", s.w.dav().Propfind(ctx, s.list.Href, dav.Depth1, askTags, func(r dav.Response) error {
		s.listed(r)
		return nil
	})
}

// query lists all tasks, with their texts where withData is set.
func (s *listPull) query(ctx context.Context, withData bool) error {
	s.restart()
	_, err := s.report(ctx, dav.Depth1, query(withData), func(r dav.Response) error { return s.changed(ctx, r) })
	if err != nil {
		return err
	}
	return s.flush(ctx)
}

func (s *listPull) restart() {
	s.seen, s.gone, s.partial = map[string]bool{}, nil, false
}

// collect runs a sync-collection report, more than once where the server cuts its answer (RFC 6578, section 3.6).
func (s *listPull) collect(ctx context.Context, token string) (string, error) {
	for range maxRounds {
		more := false
		next, err := s.report(ctx, dav.Depth0, syncCollection(token), func(r dav.Response) error {
			if r.Err == nil && r.Status == http.StatusInsufficientStorage {
				more = true
				return nil
			}
			if r.Err == nil && r.Status == http.StatusNotFound {
				if name, ok := nameIn(s.list.Href, r.Href); ok {
					s.gone = append(s.gone, name)
				}
				return nil
			}
			return s.changed(ctx, r)
		})
		if err != nil {
			return "", err
		}
		if !more || next == token {
			return next, s.flush(ctx)
		}
		token = next
	}
	return "", fmt.Errorf("the list never ends: %w", transport.ErrServer)
}

// changed takes one item of a listing.
func (s *listPull) changed(ctx context.Context, r dav.Response) error {
	name, ok := s.listed(r)
	data := r.Prop(caldav("calendar-data"))
	if !ok || data == nil || data.Text == "" {
		return nil
	}
	delete(s.want, name)
	return s.add(ctx, storage.FetchTask(name, r.ETag(), withEnds(data.Text)))
}

// listed takes one item of a listing without its text and gives its name; false for what is no object of the list. One
// that cannot be used does not stop the others.
func (s *listPull) listed(r dav.Response) (string, bool) {
	name, ok := nameIn(s.list.Href, r.Href)
	if r.Err != nil || (ok && r.Status/100 != 2) {
		s.partial = true
		return "", false
	}
	if !ok || r.IsCollection() {
		return "", false
	}
	if s.seen != nil {
		s.seen[name] = true
	}
	if known, ok := s.states[name]; !ok || known.ETag != r.ETag() || known.ETag == "" {
		s.want[name] = true
	}
	return name, true
}

// withEnds gives lines back the ends that RFC 5545, section 3.1, asks for: XML turns them into a single LF on the way
// (XML 1.0, section 2.11), whatever the server holds.
func withEnds(text string) string {
	if strings.Contains(text, "\r") {
		return text
	}
	return strings.ReplaceAll(text, "\n", "\r\n")
}

// add keeps an object for the next portion.
func (s *listPull) add(ctx context.Context, f storage.FetchedTask) error {
	s.ready = append(s.ready, f)
	s.size += len(f.Text)
	if len(s.ready) < portion && s.size < portionSize {
		return nil
	}
	return s.flush(ctx)
}

// flush stores what has come in so far.
func (s *listPull) flush(ctx context.Context) error {
	if len(s.ready) == 0 {
		return nil
	}
	var added, changed int
	err := s.w.db.Write(ctx, func(tx *storage.Tx) (err error) {
		if err = s.keepHeld(ctx, tx); err != nil {
			return err
		}
		added, changed, err = tx.StoreTasks(ctx, s.list.ID, s.ready)
		return err
	})
	if err == nil {
		s.w.count.added.Add(int64(added))
		s.w.count.changed.Add(int64(changed))
	}
	clear(s.ready)
	s.ready, s.size = s.ready[:0], 0
	return err
}

// drop takes out what the server does not hold any more.
func (s *listPull) drop(ctx context.Context) error {
	var known []int64
	once := map[int64]bool{}
	for _, name := range s.gone {
		delete(s.want, name)
		if st, ok := s.states[name]; ok && !once[st.ID] {
			once[st.ID] = true
			known = append(known, st.ID)
		}
	}
	if len(known) == 0 {
		return nil
	}
	decided := drop
	err := s.w.db.Write(ctx, func(tx *storage.Tx) (err error) {
		if decided, err = s.w.brake(ctx, tx, s.list, len(known), len(s.states)); decided == stop || err != nil {
			return err
		}
		for _, id := range known {
			if decided == restore {
				err = tx.RestoreTask(ctx, id, 0, 0)
			} else {
				err = tx.TaskGone(ctx, id, 0)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && decided == drop {
		s.w.count.gone.Add(int64(len(known)))
	}
	if err == nil && decided == stop {
		err = fmt.Errorf("the list was emptied: %w", transport.ErrPaused)
	}
	return err
}

// Batches of a multiget grow as long as the server answers quickly, and shrink where it does not.
const (
	firstBatch = 50
	largest    = 2500
	quick      = 2 * time.Second
	slow       = 20 * time.Second
)

// fetchAll reads the texts of all that is wanted.
func (s *listPull) fetchAll(ctx context.Context) error {
	names := make([]string, 0, len(s.want))
	for name := range s.want {
		names = append(names, name)
	}
	slices.Sort(names)
	batch := firstBatch
	for len(names) > 0 {
		n := min(batch, len(names))
		begun := time.Now()
		if err := s.fetch(ctx, names[:n]); err != nil {
			return err
		}
		names = names[n:]
		batch = nextBatch(batch, time.Since(begun))
	}
	return nil
}

// nextBatch is how many objects to ask for after an answer that took so long.
func nextBatch(batch int, took time.Duration) int {
	switch {
	case took < quick:
		return min(batch*4, largest)
	case took > slow:
		return max(batch/2, 1)
	}
	return batch
}

func (s *listPull) fetch(ctx context.Context, names []string) error {
	hrefs := make([]string, len(names))
	for i, name := range names {
		hrefs[i] = s.list.Href + name
	}
	s.gone = nil
	_, err := s.report(ctx, dav.Depth1, multiget(hrefs), func(r dav.Response) error {
		name, ok := nameIn(s.list.Href, r.Href)
		if r.Err == nil && ok && r.Status == http.StatusNotFound {
			s.gone = append(s.gone, name) // since it was listed
			return nil
		}
		data := r.Prop(caldav("calendar-data"))
		if r.Err == nil && ok && data != nil && r.Status/100 == 2 {
			return s.add(ctx, storage.FetchTask(name, r.ETag(), withEnds(data.Text)))
		}
		return nil // broken: the others are not to suffer
	})
	if err != nil {
		return err
	}
	if err := s.flush(ctx); err != nil {
		return err
	}
	return s.drop(ctx)
}
