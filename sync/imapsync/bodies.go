// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"

	"kontor/storage"
	"kontor/sync/mimemsg"
)

// Bounds of the work on octets: how many messages are planned at once, and what one command asks for.
const (
	bodyWindow = 3000
	jobBytes   = 2 << 20
	jobMails   = 200
)

// bodyJob is what one command asks for: messages of one folder, or one large message.
type bodyJob struct {
	folder int64
	mails  []storage.Bodyless // ascending by UID
}

// pullBodies fetches the octets of all messages that lack them, newest first, in windows.
func (w *Worker) pullBodies(ctx context.Context) error {
	for below := int64(0); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		list, err := w.db.BodylessMail(ctx, w.account, below, bodyWindow)
		if err != nil || len(list) == 0 {
			return err
		}
		below = list[len(list)-1].ID
		if list, err = w.copyTwins(ctx, list); err != nil {
			return err
		}
		stopped, err := w.fetchBodies(ctx, planBodies(list))
		if err != nil || stopped {
			return err
		}
	}
}

// copyTwins fills in what is in the store already, in another folder, and gives what is left.
func (w *Worker) copyTwins(ctx context.Context, list []storage.Bodyless) ([]storage.Bodyless, error) {
	ids := make([]int64, len(list))
	for i, b := range list {
		ids[i] = b.ID
	}
	var done []int64
	err := w.db.Write(ctx, func(tx *storage.Tx) (err error) {
		done, err = tx.CopyTwins(ctx, ids)
		return err
	})
	if err != nil || len(done) == 0 {
		return list, err
	}
	return slices.DeleteFunc(list, func(b storage.Bodyless) bool { return slices.Contains(done, b.ID) }), nil
}

// planBodies divides messages, given newest first, into jobs: the folder of the newest one first, and in each folder
// the newest messages first. A large message is a job of its own.
func planBodies(list []storage.Bodyless) []bodyJob {
	var order []int64
	byFolder := map[int64][]storage.Bodyless{}
	for _, b := range list {
		if _, ok := byFolder[b.FolderID]; !ok {
			order = append(order, b.FolderID)
		}
		byFolder[b.FolderID] = append(byFolder[b.FolderID], b)
	}
	var jobs []bodyJob
	for _, folder := range order {
		job, size := bodyJob{folder: folder}, int64(0)
		end := func() {
			if len(job.mails) > 0 {
				slices.SortFunc(job.mails, func(a, b storage.Bodyless) int { return int(a.UID) - int(b.UID) })
				jobs = append(jobs, job)
			}
			job, size = bodyJob{folder: folder}, 0
		}
		for _, b := range byFolder[folder] {
			if b.Size > storage.PieceSize {
				jobs = append(jobs, bodyJob{folder: folder, mails: []storage.Bodyless{b}})
				continue
			}
			if size+b.Size > jobBytes || len(job.mails) >= jobMails {
				end()
			}
			job.mails = append(job.mails, b)
			size += b.Size
		}
		end()
	}
	return jobs
}

// bodyQueue hands jobs to connections; each prefers the folder that it has open.
type bodyQueue struct {
	mu      sync.Mutex
	jobs    []bodyJob
	stopped bool
}

func (q *bodyQueue) next(folder int64) (bodyJob, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.jobs) == 0 || q.stopped {
		return bodyJob{}, false
	}
	at := max(0, slices.IndexFunc(q.jobs, func(j bodyJob) bool { return j.folder == folder }))
	job := q.jobs[at]
	q.jobs = slices.Delete(q.jobs, at, at+1)
	return job, true
}

func (q *bodyQueue) stop() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.stopped = true
}

// fetchBodies carries out jobs over several connections. It reports whether it gave way to something more urgent.
func (w *Worker) fetchBodies(ctx context.Context, jobs []bodyJob) (stopped bool, err error) {
	if len(jobs) == 0 {
		return false, nil
	}
	q := &bodyQueue{jobs: jobs}
	err = w.parallel(ctx, min(maxClients, len(jobs)), func(ctx context.Context, c *client) error {
		l := &bodyLane{w: w, c: c, q: q, byUID: map[uint32]*bodyFlight{}}
		return l.run(ctx)
	})
	return q.stopped, err
}

// learn packs the octets of a message and reads what a list shows of it.
func learn(id int64, raw []byte) storage.Body {
	b := storage.Body{ID: id, Size: int64(len(raw)), Packed: storage.Pack(raw)}
	if p, err := mimemsg.ParseText(bytes.NewReader(raw)); err == nil {
		b.Snippet, b.HasAttachment = p.Snippet, p.HasAttachment()
	}
	return b
}

func (w *Worker) storeBodies(ctx context.Context, bodies []storage.Body, refusedIDs []int64) error {
	if len(bodies) == 0 && len(refusedIDs) == 0 {
		return nil
	}
	err := w.db.Write(ctx, func(tx *storage.Tx) error {
		for _, b := range bodies {
			if err := tx.AddBody(ctx, b); err != nil {
				return err
			}
		}
		for _, id := range refusedIDs {
			if err := tx.RefuseBody(ctx, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	n := w.bodies.Add(int64(len(bodies)))
	if w.cfg.Progress != nil {
		w.cfg.Progress(int(n), int(w.added.Load()))
	}
	return nil
}

// fetchLarge fetches a message in pieces and goes on where an earlier attempt ended.
func (w *Worker) fetchLarge(ctx context.Context, c *client, b storage.Bodyless) error {
	start, err := w.db.BodyProgress(ctx, b.ID)
	if err != nil {
		return err
	}
	for {
		var piece []byte
		answered := false
		c.on.fetch = func(f fetched) {
			if f.uid == b.UID && f.hasBody {
				piece, answered = f.content, true
			}
		}
		_, err := c.run(fmt.Sprintf("UID FETCH %d (UID BODY.PEEK[]<%d.%d>)", b.UID, start, storage.PieceSize))
		c.on = handlers{}
		if refused(err) {
			return w.storeBodies(ctx, nil, []int64{b.ID})
		}
		if err != nil || !answered {
			return err
		}
		if len(piece) > 0 {
			err := w.db.Write(ctx, func(tx *storage.Tx) error { return tx.AddBodyPiece(ctx, b.ID, start, piece) })
			if err != nil {
				return err
			}
		}
		if start += int64(len(piece)); len(piece) < storage.PieceSize {
			break
		}
	}
	return w.closeLarge(ctx, b.ID, start)
}

// closeLarge marks a message whose pieces are all there as complete.
func (w *Worker) closeLarge(ctx context.Context, id, size int64) error {
	if size == 0 {
		return nil
	}
	r, err := w.db.PiecesReader(ctx, id)
	if err != nil {
		return err
	}
	body := storage.Body{ID: id, Size: size}
	if p, err := mimemsg.ParseText(r); err == nil {
		body.Snippet, body.HasAttachment = p.Snippet, p.HasAttachment()
	}
	return w.storeBodies(ctx, []storage.Body{body}, nil)
}
