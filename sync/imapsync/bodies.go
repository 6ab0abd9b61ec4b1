// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"

	"kontor/storage"
	"kontor/sync/mimemsg"
)

// Bounds of the work on octets: how many messages are planned at once, the newest few first, and what one command asks for.
const (
	firstWindow = 500
	bodyWindow  = 10000
	jobBytes    = 1 << 20
	jobMails    = 200
)

// fewMails is how many messages are packed and read as they come in, so that a list shows at once what they say. More
// than that are kept as they are, so that the network need not wait; the rest follows in the background.
const fewMails = 50

// pullBodies fetches the octets of all messages that lack them, newest first, over at most so many connections.
func (w *Worker) pullBodies(ctx context.Context, most int) error {
	mails, octets, err := w.db.BodylessTotal(ctx, w.account)
	if err != nil || mails == 0 {
		return err
	}
	q := &bodyQueue{w: w, ctx: ctx, few: mails <= fewMails}
	lanes := min(w.lines().Lanes(0, mails, octets), most)
	err = w.parallel(ctx, lanes, func(ctx context.Context, c *client) error {
		return w.runLane(ctx, c, octetsAhead, func(folder int64) (*job, error) { return q.next(folder, c) })
	})
	return err
}

// bodyQueue hands jobs to connections; each prefers the folder that it has open.
type bodyQueue struct {
	w   *Worker
	ctx context.Context // of the one call of pullBodies that it lives for
	few bool            // they are packed and read at once

	mu    sync.Mutex
	jobs  []bodyJob
	below int64 // messages from here on are planned
	end   bool  // nothing is left to be planned
}

// bodyJob is what one command asks for: messages of one folder, or one large message.
type bodyJob struct {
	folder int64
	mails  []storage.Bodyless // ascending by UID
}

func (j bodyJob) large() bool { return len(j.mails) == 1 && j.mails[0].Size > storage.PieceSize }

func (q *bodyQueue) next(folder int64, c *client) (*job, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.plan(); err != nil || len(q.jobs) == 0 {
		return nil, err
	}
	at := max(0, slices.IndexFunc(q.jobs, func(j bodyJob) bool { return j.folder == folder }))
	j := q.jobs[at]
	q.jobs = slices.Delete(q.jobs, at, at+1)
	if j.large() {
		return &job{folder: j.folder, alone: func(ctx context.Context, c *client) error { return q.w.fetchLarge(ctx, c, j.mails[0]) }}, nil
	}
	return q.job(j, c), nil
}

// plan fills an empty queue, unless there is nothing left or something is more urgent.
func (q *bodyQueue) plan() error {
	if !q.few && q.w.interrupted() {
		q.jobs, q.end = nil, true
	}
	for len(q.jobs) == 0 && !q.end {
		window := bodyWindow
		if q.below == 0 {
			window = firstWindow
		}
		list, err := q.w.db.BodylessMail(q.ctx, q.w.account, q.below, window)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			q.end = true
			return nil
		}
		q.below = list[len(list)-1].ID
		if list, err = q.w.copyTwins(q.ctx, list); err != nil {
			return err
		}
		q.jobs = planBodies(list)
	}
	return nil
}

// again puts messages back that could not be fetched together: each is asked for by itself.
func (q *bodyQueue) again(folder int64, mails []storage.Bodyless) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, b := range mails {
		q.jobs = append(q.jobs, bodyJob{folder: folder, mails: []storage.Bodyless{b}})
	}
}

// job makes what a lane carries out. What is not answered is gone on the server.
func (q *bodyQueue) job(j bodyJob, c *client) *job {
	left := make(map[uint32]storage.Bodyless, len(j.mails))
	out := &job{folder: j.folder, items: " (UID BODY.PEEK[])", uids: make([]uint32, len(j.mails))}
	for i, b := range j.mails {
		left[b.UID], out.uids[i] = b, b.UID
		out.octets += b.Size
	}
	got := arrivals{data: buffers.get(int(out.octets + out.octets/16))}
	out.take = func(f fetched) {
		b, ok := left[f.uid]
		if !ok || !f.hasBody {
			return
		}
		delete(left, f.uid)
		got.add(b.ID, f.content)
	}
	out.tooBig = func(uid uint32) {
		if b, ok := left[uid]; ok {
			delete(left, uid)
			b.Size = storage.PieceSize + 1 // whatever it is, it is fetched in pieces
			q.again(j.folder, []storage.Bodyless{b})
		}
	}
	out.after = func(refused bool) {
		switch {
		case !refused:
		case len(j.mails) == 1 && !hasCode(out.cmds[0].err, "UNAVAILABLE", "INUSE", "LIMIT"):
			q.w.log.Warn("the server does not hand out a message", slog.Any("error", out.cmds[0].err))
			got.refused = append(got.refused, j.mails[0].ID)
		case len(j.mails) > 1:
			q.again(j.folder, slices.Collect(maps.Values(left)))
		}
		if c.line.line().Compress() {
			c.slow = true
		}
	}
	out.land = func() []chore { return []chore{q.w.bodiesOf(got, q.few)} }
	return out
}

// bufferPool keeps memory for what comes in: much of it is needed for a short time.
type bufferPool struct{ pool sync.Pool }

var buffers bufferPool

func (p *bufferPool) get(octets int) []byte {
	if octets < jobBytes/16 {
		return make([]byte, 0, octets)
	}
	if b, ok := p.pool.Get().(*[]byte); ok && cap(*b) >= octets {
		return (*b)[:0]
	}
	return storage.SpoolBuffer(max(octets, jobBytes+jobBytes/16))
}

func (p *bufferPool) put(b []byte) {
	if cap(b) >= jobBytes && cap(b) <= 2*jobBytes {
		p.pool.Put(&b)
	}
}

// arrivals are octets that came in, in one piece of memory, and messages that the server does not hand out.
type arrivals struct {
	ids     []int64
	ends    []int
	data    []byte
	refused []int64
}

func (a *arrivals) add(id int64, raw []byte) {
	if raw == nil {
		a.refused = append(a.refused, id)
		return
	}
	a.data = append(a.data, raw...)
	a.ids, a.ends = append(a.ids, id), append(a.ends, len(a.data))
}

func (a *arrivals) raws() [][]byte {
	raws, start := make([][]byte, len(a.ids)), 0
	for i, end := range a.ends {
		raws[i], start = a.data[start:end], end
	}
	return raws
}

// bodiesOf is what keeps octets as they came, or, if they are few, packed and read.
func (w *Worker) bodiesOf(got arrivals, few bool) chore {
	if len(got.ids) == 0 && len(got.refused) == 0 {
		return chore{done: func() { buffers.put(got.data) }}
	}
	var put keeper
	ready := func() (err error) {
		put, err = w.keeperOf(got, few)
		buffers.put(got.data)
		got.data = nil // the transaction may come much later
		return err
	}
	store := func(ctx context.Context, tx *storage.Tx) error {
		for _, id := range got.refused {
			if err := tx.RefuseBody(ctx, id); err != nil {
				return err
			}
		}
		return put(ctx, tx, got.ids)
	}
	c := chore{ready: ready, apply: store, done: func() { w.progress(len(got.ids)) }}
	if !few {
		c.late = len(got.ids)
	}
	return c
}

// keeper stores octets for the messages of these IDs, in the order in which they came; for the ID 0 it stores nothing.
type keeper func(ctx context.Context, tx *storage.Tx, ids []int64) error

// keeperOf does what comes before the transaction.
func (w *Worker) keeperOf(got arrivals, few bool) (keeper, error) {
	if few {
		return pack(got), nil
	}
	return w.spool(got)
}

// spool keeps octets as they are.
func (w *Worker) spool(got arrivals) (keeper, error) {
	spooled, err := w.db.SpoolJoined(got.data, got.ends)
	if err != nil {
		return nil, fmt.Errorf("store messages: %w", err)
	}
	return func(ctx context.Context, tx *storage.Tx, ids []int64) error {
		bodies := make([]storage.SpooledBody, 0, len(spooled))
		for i, s := range spooled {
			if ids[i] != 0 {
				bodies = append(bodies, storage.SpooledBody{ID: ids[i], Spooled: s})
			}
		}
		return tx.AddSpooled(ctx, bodies)
	}, nil
}

// pack packs octets and reads what a list shows of them.
func pack(got arrivals) keeper {
	bodies := make([]storage.Body, len(got.ids))
	for i, raw := range got.raws() {
		bodies[i] = storage.Body{Size: int64(len(raw)), Packed: storage.Pack(raw)}
		if p, err := mimemsg.ParseText(bytes.NewReader(raw)); err == nil {
			bodies[i].Snippet, bodies[i].HasAttachment = p.Snippet, p.HasAttachment()
		}
	}
	return func(ctx context.Context, tx *storage.Tx, ids []int64) error {
		for i, b := range bodies {
			if b.ID = ids[i]; b.ID == 0 {
				continue
			}
			if err := tx.AddBody(ctx, b); err != nil {
				return err
			}
		}
		return nil
	}
}

func (w *Worker) progress(bodies int) {
	n := w.bodies.Add(int64(bodies))
	if w.cfg.Progress != nil {
		w.cfg.Progress(int(n), int(w.added.Load()))
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
			return w.db.Write(ctx, func(tx *storage.Tx) error { return tx.RefuseBody(ctx, b.ID) })
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
	if err := w.db.Write(ctx, func(tx *storage.Tx) error { return tx.AddBody(ctx, body) }); err != nil {
		return err
	}
	w.progress(1)
	return nil
}
