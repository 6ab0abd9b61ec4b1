// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"context"
	"errors"
	"log/slog"

	"kontor/storage"
)

// Bounds of what is asked for before the oldest of it is answered.
const (
	flyingJobs   = 24
	flyingOctets = 2 << 20
)

// job is what is asked of one folder at a time: messages by their UIDs.
type job struct {
	folder int64
	octets int64 // about what the answer holds
	uids   []uint32
	items  string
	alone  func(context.Context, *client) error // instead of uids: a conversation of its own

	take   func(fetched)
	tooBig func(uid uint32)
	// after, if set, is called when all has been answered, and may put further jobs into the queue. refused says that the
	// server did not carry out all of it.
	after func(refused bool)
	// land gives what stores what came, also what came before a connection broke.
	land func() []chore

	at   *opening
	cmds []*command
}

// answered reports whether the whole answer has come: all that was asked for, or that a single message is refused.
func (j *job) answered() bool {
	for _, cmd := range j.cmds {
		if !cmd.done {
			return false
		}
	}
	return true
}

// opening is one visit to a folder.
type opening struct {
	folder storage.MailFolder
	cmd    *command
	jobs   map[uint32]*job
	bySeq  map[uint32]uint32
}

// lane fetches over one connection: while the answer to one job is read, others are on their way, also of other folders.
// Servers may answer the jobs of one folder in any order and mixed; what comes is told apart by UID.
type lane struct {
	w      *Worker
	c      *client
	next   func(folder int64) (*job, error) // nil for none
	store  *storer
	last   *opening // asked for last
	now    *opening // whose answers come in
	flying []*job
	octets int64
	held   *job
}

// runLane carries out jobs until there are none. ahead is for newStorer.
func (w *Worker) runLane(ctx context.Context, c *client, ahead int, next func(folder int64) (*job, error)) error {
	l := &lane{w: w, c: c, next: next, store: newStorer(ctx, w.db, ahead)}
	err := l.run(ctx)
	c.on = handlers{}
	if err != nil {
		l.salvage()
	}
	return errors.Join(err, l.store.close())
}

func (l *lane) run(ctx context.Context) error {
	for {
		if err := l.fill(ctx); err != nil {
			return err
		}
		if len(l.flying) == 0 {
			if l.held == nil {
				return nil
			}
			continue
		}
		if err := l.land(); err != nil {
			return err
		}
	}
}

// fill sends jobs until enough are on their way.
func (l *lane) fill(ctx context.Context) error {
	for {
		if l.c.slow && !l.c.squeezed {
			if len(l.flying) > 0 {
				return nil
			}
			if err := l.c.compress(); err != nil {
				return err
			}
		}
		j := l.held
		if l.held = nil; j == nil {
			var err error
			if j, err = l.next(l.folder()); err != nil || j == nil {
				return err
			}
		}
		if n := len(l.flying); n > 0 && (j.alone != nil || n >= flyingJobs || n > 1 && l.octets+j.octets > flyingOctets) {
			l.held = j
			return nil
		}
		ok, err := l.open(ctx, j.folder)
		if err != nil {
			return err
		}
		switch {
		case !ok:
		case j.alone == nil:
			l.send(j)
		default:
			if fits, err := l.opened(l.last); err != nil || !fits {
				return err
			}
			if err := l.converse(ctx, j); err != nil {
				return err
			}
		}
	}
}

func (l *lane) converse(ctx context.Context, j *job) error {
	if err := l.store.flush(); err != nil {
		return err
	}
	err := j.alone(ctx, l.c)
	l.c.on = handlers{fetch: l.take, tooBig: l.tooBig}
	return err
}

func (l *lane) folder() int64 {
	if l.last == nil {
		return 0
	}
	return l.last.folder.ID
}

// open sends the opening of a folder unless it is open. A folder that is gone from the store is none.
func (l *lane) open(ctx context.Context, id int64) (bool, error) {
	if l.folder() == id {
		return true, nil
	}
	f, err := l.w.db.MailFolder(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	o := &opening{folder: f, jobs: map[uint32]*job{}, bySeq: map[uint32]uint32{}}
	o.cmd = l.c.examine(l.w.knownName(f.RemoteName), false, 0, 0, func() {
		l.now = o
		l.c.on = handlers{fetch: l.take, tooBig: l.tooBig}
	})
	l.last = o
	return true, nil
}

// opened waits for an opening. A folder that cannot be opened, or whose messages were numbered anew, is left to the next
// synchronisation.
func (l *lane) opened(o *opening) (bool, error) {
	done := o.cmd.done
	if err := l.c.wait(o.cmd); refused(err) {
		if !done {
			l.w.log.Warn("a folder could not be read", slog.Int64("folder", o.folder.ID), slog.Any("error", err))
		}
		return false, nil
	} else if err != nil {
		return false, err
	}
	return o.fits(), nil
}

// fits reports whether the folder is open and its UIDs are those of the store.
func (o *opening) fits() bool {
	return o.cmd.done && o.cmd.err == nil && o.cmd.box.uidValidity == o.folder.UIDValidity
}

func (l *lane) send(j *job) {
	j.at = l.last
	for _, u := range j.uids {
		j.at.jobs[u] = j
	}
	for _, set := range uidSets(j.uids) {
		j.cmds = append(j.cmds, l.c.send("UID FETCH ", set, j.items))
	}
	l.flying = append(l.flying, j)
	l.octets += j.octets
}

// take hands on what came of one message. One without a UID is about the message that had its number before.
func (l *lane) take(f fetched) {
	if f.uid == 0 {
		f.uid = l.now.bySeq[f.seq]
	} else {
		l.now.bySeq[f.seq] = f.uid
	}
	if j := l.now.jobs[f.uid]; j != nil {
		j.take(f)
	}
}

// tooBig hands on that a message is larger than the server had said.
func (l *lane) tooBig(uid uint32) {
	if j := l.now.jobs[uid]; j != nil && j.tooBig != nil {
		j.tooBig(uid)
	}
}

// land waits for the oldest job and stores what it brought.
func (l *lane) land() error {
	j := l.flying[0]
	fits, err := l.opened(j.at)
	if err != nil {
		return err
	}
	failed := false
	for _, cmd := range j.cmds {
		if err := l.c.wait(cmd); refused(err) {
			failed = true
		} else if err != nil {
			return err
		}
	}
	l.flying = l.flying[1:]
	l.octets -= j.octets
	for _, u := range j.uids {
		if j.at.jobs[u] == j {
			delete(j.at.jobs, u)
		}
	}
	if !fits {
		return nil
	}
	if j.after != nil {
		j.after(failed)
	}
	return l.keep(j)
}

func (l *lane) keep(j *job) error {
	for _, c := range j.land() {
		if err := l.store.put(c); err != nil {
			return err
		}
	}
	return nil
}

// salvage keeps what came in before the connection broke.
func (l *lane) salvage() {
	for _, j := range l.flying {
		if j.at.fits() {
			_ = l.keep(j) // the error is that of close
		}
	}
}
