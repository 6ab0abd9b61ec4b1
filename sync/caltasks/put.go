// SPDX-License-Identifier: EUPL-1.2

package caltasks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/storage"
	"kontor/sync/dav"
	"kontor/sync/engine"
	"kontor/sync/reconcile"
	"kontor/sync/transport"
)

// Sentinels of what a person has to decide.
var (
	ErrRefused  = errors.New("the server did not accept the task")
	ErrListGone = errors.New("the list is not on the server any more")
	ErrMoving   = errors.New("the task on the server changed at every attempt")
)

// attempts is how often a write is made again after its precondition failed.
const attempts = 3

// object is one object on the server.
type object = reconcile.TaskObject

// fetchOne reads one object. It uses a report, since the ETag of a GET changes with its compression on some servers.
func (w *Worker) fetchOne(ctx context.Context, list, name string) (object, error) {
	var o object
	_, err := w.dav().Report(ctx, list, dav.Depth1, multiget([]string{list + name}), func(r dav.Response) error {
		data := r.Prop(caldav("calendar-data"))
		if got, ok := nameIn(list, r.Href); r.Err == nil && ok && got == name && data != nil && r.Status/100 == 2 {
			o = object{ETag: r.ETag(), Text: withEnds(data.Text)}
		}
		return nil
	})
	if dav.IsStatus(err, http.StatusNotFound, http.StatusGone) {
		return object{}, nil
	}
	return o, err
}

// task reads the row that an operation is about, with the list it lies in on the server; false where the row is gone.
func (w *Worker) task(ctx context.Context, op journal.Op) (storage.TaskRow, storage.TaskList, bool, error) {
	i := slices.IndexFunc(op.Targets, func(t journal.Target) bool { return t.Table == "tasks" })
	if i < 0 {
		return storage.TaskRow{}, storage.TaskList{}, false, nil
	}
	row, err := w.db.TaskRow(ctx, op.Targets[i].ID)
	if errors.Is(err, storage.ErrNotFound) {
		return row, storage.TaskList{}, false, nil
	}
	if err != nil {
		return row, storage.TaskList{}, false, err
	}
	list, err := w.db.TaskList(ctx, row.RemoteList)
	return row, list, true, err
}

// put is one change on its way, with all that is about it.
type put struct {
	*reconcile.TaskPut
	op      journal.Op
	row     storage.TaskRow
	list    storage.TaskList
	held    bool // the server got it without its series
	refused bool // it refused the series, or something else in the text
}

func plan(op journal.Op, row storage.TaskRow, list storage.TaskList, again bool) (*put, error) {
	var change tasks.PutOp
	if err := json.Unmarshal(op.Payload, &change); err != nil {
		return nil, fmt.Errorf("read operation: %w", err)
	}
	return &put{reconcile.PlanTaskPut(change, object{ETag: row.ETag, Text: row.Base}, row.OnServer, again), op, row, list, false, false}, nil
}

func (w *Worker) pushPut(ctx context.Context, op journal.Op) (engine.Result, error) {
	row, list, ok, err := w.task(ctx, op)
	if err != nil || !ok {
		return gone(err)
	}
	if !list.OnServer {
		return engine.Result{Outcome: journal.Rejected}, ErrListGone
	}
	p, err := plan(op, row, list, op.Tries > 1)
	if err != nil {
		return engine.Result{Outcome: journal.Rejected}, err
	}
	return w.carry(ctx, p)
}

// goAlong looks for a task that is gone from its list: somebody may have moved it. The change then goes along.
func (w *Worker) goAlong(ctx context.Context, p *put) (bool, error) {
	there, err := w.elsewhere(ctx, p.row, p.list, storage.TaskList{}, p.Send)
	if err != nil || !there.Exists() {
		return false, err
	}
	p.list = there.list
	p.Follow(object{Text: p.row.Base}, there.object)
	return true, nil
}

// strayed is a task that lies in another list than it did.
type strayed struct {
	object
	list storage.TaskList
}

// elsewhere looks for a task in the other lists of the account, and stores where it is; text is a version of it. The list
// last may hold a copy besides, and counts only where there is no other.
func (w *Worker) elsewhere(ctx context.Context, row storage.TaskRow, list, last storage.TaskList, text string) (strayed, error) {
	found, err := w.among(ctx, row, text, func(l storage.TaskList) bool { return l.ID != list.ID && l.ID != last.ID })
	if err == nil && !found.Exists() && last.ID != 0 {
		found, err = w.among(ctx, row, text, func(l storage.TaskList) bool { return l.ID == last.ID })
	}
	if err != nil || !found.Exists() {
		return found, err
	}
	err = w.db.Write(ctx, func(tx *storage.Tx) error { return tx.TaskMoved(ctx, row.ID, 0, found.list.ID, row.Name, "") })
	return found, err
}

// among looks for a task in some lists of the account that can be written to.
func (w *Worker) among(ctx context.Context, row storage.TaskRow, text string, in func(storage.TaskList) bool) (strayed, error) {
	lists, err := w.db.SyncTaskLists(ctx, w.cfg.Account.ID)
	if err != nil {
		return strayed{}, err
	}
	for _, l := range lists {
		if !in(l) || !l.OnServer || l.ReadOnly {
			continue
		}
		there, err := w.fetchOne(ctx, l.Href, row.Name)
		if err != nil {
			return strayed{}, err
		}
		if there.Exists() && tasks.SameUID(there.Text, text) {
			return strayed{there, l}, nil
		}
	}
	return strayed{}, nil
}

// carry writes with a precondition, and merges and writes again where it does not hold.
func (w *Worker) carry(ctx context.Context, p *put) (engine.Result, error) {
	if p.Unread() {
		if err := w.refresh(ctx, p); err != nil {
			return failed(err)
		}
	}
	for range attempts {
		if p.Strayed {
			if _, err := w.goAlong(ctx, p); err != nil {
				return failed(err)
			}
		}
		if p.Done() {
			return w.confirmed(p, p.Base.ETag, p.Base.Text, p.row.Verify && !p.Fresh), nil
		}
		if err := w.announce(ctx, p); err != nil {
			return engine.Result{Outcome: journal.Retry}, err
		}
		etag, err := w.send(ctx, p)
		switch {
		case err == nil:
			w.count.uploaded.Add(1)
			return w.confirmed(p, etag, p.Send, true), p.note()
		case dav.IsStatus(err, http.StatusPreconditionFailed),
			p.Base.Exists() && dav.IsStatus(err, http.StatusNotFound, http.StatusGone, http.StatusConflict):
			if err := w.refresh(ctx, p); err != nil {
				return failed(err)
			}
		default:
			return failed(err)
		}
	}
	return w.undecided(p), ErrMoving
}

// announce stores what a person has to decide before theirs is written over: of an answer that is lost nobody could tell
// any more what was there.
func (w *Worker) announce(ctx context.Context, p *put) error {
	if len(p.Conflicts) == 0 {
		return nil
	}
	return w.db.WriteDurable(ctx, func(tx *storage.Tx) error { return p.conflict(ctx, tx, tasks.ReasonFields, p.Send) })
}

// conflict stores what a person has to decide; mine is the text that is kept.
func (p *put) conflict(ctx context.Context, tx *storage.Tx, reason tasks.Reason, mine string) error {
	return addConflict(ctx, tx, p.op.AccountID, p.row.ID, p.op.Target, tasks.Conflict{
		Reason: reason, Fields: p.Conflicts, Base: p.row.Base, Mine: mine, Theirs: p.Theirs, Op: p.op.ID,
	})
}

func (w *Worker) refresh(ctx context.Context, p *put) error {
	there, err := w.fetchOver(ctx, p.list.Href, p.row.Name, p.known())
	if err == nil && p.refused { // an attempt before this one may have got through without the series
		if text := tasks.KeepHeld(p.known(), there.Text); text != there.Text {
			there.Text, err = text, w.rememberRules(ctx, rulesLost)
		}
	}
	if err == nil {
		p.Meet(there)
	}
	return err
}

// write puts a text where base is what the server must still hold. A multistatus is a failure (RFC 4918, section 9.7,
// knows no such answer; Xandikos reports errors that way).
func (w *Worker) write(ctx context.Context, href string, base object, text string) (etag string, err error) {
	h := http.Header{"Content-Type": {"text/calendar; charset=utf-8"}}
	if base.Exists() {
		h.Set("If-Match", strings.TrimPrefix(base.ETag, "W/"))
	} else {
		h.Set("If-None-Match", "*")
	}
	resp, err := w.do(ctx, http.MethodPut, href, h, text)
	if err != nil {
		return "", err
	}
	if resp.code == http.StatusMultiStatus {
		return "", ErrRefused
	}
	return resp.etag, nil
}

// confirmed stores what the server holds now. Servers may reorder or rewrite what they are sent, so the next pull reads
// it again.
func (w *Worker) confirmed(p *put, etag, text string, verify bool) engine.Result {
	if p.Merged {
		w.count.merged.Add(1)
	}
	reason := tasks.ReasonFields
	if p.Restored {
		reason = tasks.ReasonDeletedThere
	}
	conflict := p.Restored || len(p.Conflicts) > 0
	if conflict {
		w.count.conflicts.Add(1)
	}
	if dav.WeakETag(etag) {
		etag = ""
	}
	return engine.Result{Outcome: journal.Succeeded, Proof: etag, Apply: func(ctx context.Context, tx *storage.Tx) error {
		if err := tx.TaskSent(ctx, p.row.ID, p.op.ID, etag, text, verify); err != nil {
			return err
		}
		if !conflict {
			return nil
		}
		return p.conflict(ctx, tx, reason, text)
	}}
}

// note is what a person should know of a change that succeeded.
func (p *put) note() error {
	if p.held {
		return ErrRepeatsHere
	}
	return nil
}

// undecided gives up after too many versions: a person sees both.
func (w *Worker) undecided(p *put) engine.Result {
	w.count.conflicts.Add(1)
	return engine.Result{Outcome: journal.Rejected, Apply: func(ctx context.Context, tx *storage.Tx) error {
		return addConflict(ctx, tx, p.op.AccountID, p.row.ID, p.op.Target, tasks.Conflict{
			Reason: tasks.ReasonMoving, Base: p.row.Base, Mine: p.Send, Theirs: p.Base.Text, Op: p.op.ID,
		})
	}}
}

// addConflict stores a decision that waits for a person, beside those about other versions of the same task.
func addConflict(ctx context.Context, tx *storage.Tx, account, ref int64, title string, c tasks.Conflict) error {
	detail, err := json.Marshal(c)
	if err != nil {
		return err
	}
	_, err = tx.PutConflict(ctx, storage.ConflictRow{AccountID: account, Kind: "task", RefID: ref, Title: title, Detail: detail}, func(raw []byte) bool {
		var earlier tasks.Conflict
		return json.Unmarshal(raw, &earlier) == nil && c.Replaces(earlier)
	})
	return err
}

// gone is the result for an operation whose row is not there any more: there is nothing left to do.
func gone(err error) (engine.Result, error) {
	if err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	return engine.Result{Outcome: journal.Succeeded}, nil
}

// errAfter marks an error of a request that came after one that changes something: whatever it says of itself, it says
// nothing of the one before.
var errAfter = errors.New("something was carried out before")

// half is the outcome of an operation of which a part was carried out, and nobody knows how far it came. It must not count
// as waiting, since what waits a person can take back here alone.
func half(err error) (engine.Result, error) {
	res, err := failed(err)
	if res.Outcome == journal.Retry {
		res.Outcome = journal.Unknown
	}
	return res, err
}

// failed turns an error into the outcome it means, where nothing else was changed before.
func failed(err error) (engine.Result, error) {
	var status *dav.StatusError
	switch {
	case errors.Is(err, errAfter):
		return unsure(err)
	case errors.Is(err, ErrSeries):
		return engine.Result{Outcome: journal.Rejected}, err
	case errors.As(err, &status):
		switch {
		case status.Code == http.StatusTooManyRequests, status.Code == http.StatusRequestTimeout, status.Code == http.StatusLocked, status.Code >= 500:
			return engine.Result{Outcome: journal.Retry, RetryAfter: status.RetryAfter}, err
		}
		return engine.Result{Outcome: journal.Rejected}, err
	case errors.Is(err, ErrRefused), errors.Is(err, ErrListGone):
		return engine.Result{Outcome: journal.Rejected}, err
	case errors.Is(err, transport.ErrSignIn), errors.Is(err, transport.ErrPortal), transport.Unsent(err), !transport.IsConnectionError(err):
		return engine.Result{Outcome: journal.Retry}, err
	}
	return engine.Result{Outcome: journal.Unknown}, err
}
