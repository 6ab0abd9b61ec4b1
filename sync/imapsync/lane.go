// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"context"
	"errors"
	"log/slog"

	"kontor/storage"
)

// laneDepth is how many jobs of one folder are asked for before the first is answered.
const laneDepth = 2

// bodyLane fetches octets over one connection: while one job is stored the next is on its way.
type bodyLane struct {
	w       *Worker
	c       *client
	q       *bodyQueue
	folder  storage.MailFolder // the open one
	flights []*bodyFlight
	byUID   map[uint32]*bodyFlight
	next    *bodyJob // taken from the queue, but of another folder
}

// bodyFlight is a job that was asked for.
type bodyFlight struct {
	left    map[uint32]storage.Bodyless
	open    *command // the opening of the folder, if it came first
	cmds    []*command
	bodies  []storage.Body
	refused []int64
	large   []storage.Bodyless
}

// run works until the queue is empty or something is more urgent.
func (l *bodyLane) run(ctx context.Context) error {
	defer func() { l.c.on = handlers{} }()
	for {
		if l.w.interrupted(ctx) {
			l.q.stop()
		}
		if err := l.fill(ctx); err != nil {
			return err
		}
		if len(l.flights) == 0 {
			if l.next == nil {
				return nil
			}
			continue
		}
		if err := l.land(ctx); err != nil {
			return err
		}
	}
}

// fill sends jobs until enough are on their way. A job of another folder, or for a large message, waits until none is.
func (l *bodyLane) fill(ctx context.Context) error {
	for len(l.flights) < laneDepth {
		if l.next == nil {
			job, ok := l.q.next(l.folder.ID)
			if !ok {
				return nil
			}
			l.next = &job
		}
		large := len(l.next.mails) == 1 && l.next.mails[0].Size > storage.PieceSize
		if len(l.flights) > 0 && (large || l.next.folder != l.folder.ID) {
			return nil
		}
		job := *l.next
		l.next = nil
		open, err := l.open(ctx, job.folder)
		if err != nil {
			return err
		}
		if l.folder.ID != job.folder {
			continue
		}
		if large {
			if err := l.large(ctx, open, job.mails[0]); err != nil {
				return err
			}
			continue
		}
		l.send(job, open)
	}
	return nil
}

// open sends the opening of a folder unless it is open; a folder that is gone is none.
func (l *bodyLane) open(ctx context.Context, id int64) (*command, error) {
	if l.folder.ID == id {
		return nil, nil
	}
	f, err := l.w.db.MailFolder(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	name, err := l.w.wireName(ctx, l.c, f.RemoteName)
	if err != nil {
		return nil, err
	}
	l.folder = f
	return l.c.examine(name, false, 0, 0), nil
}

// opened waits for the opening of a folder. One that cannot be opened, or whose messages were numbered anew, is left to
// the next synchronisation.
func (l *bodyLane) opened(open *command) (bool, error) {
	if open != nil {
		if err := l.c.wait(open); refused(err) {
			l.w.log.Warn("a folder could not be read", slog.Int64("folder", l.folder.ID), slog.Any("error", err))
			l.c.box = mailbox{}
			return false, nil
		} else if err != nil {
			return false, err
		}
		l.c.box.readOnly = true
	}
	return l.c.box.name != "" && l.c.box.uidValidity == l.folder.UIDValidity, nil
}

// send asks for the messages of one job.
func (l *bodyLane) send(job bodyJob, open *command) {
	f := &bodyFlight{left: make(map[uint32]storage.Bodyless, len(job.mails)), open: open}
	uids := make([]uint32, len(job.mails))
	for i, b := range job.mails {
		f.left[b.UID], uids[i] = b, b.UID
		l.byUID[b.UID] = f
	}
	l.c.on.fetch, l.c.on.tooBig = l.take, l.tooBig
	for _, set := range uidSets(uids) {
		f.cmds = append(f.cmds, l.c.send("UID FETCH ", set, " (UID BODY.PEEK[])"))
	}
	l.flights = append(l.flights, f)
}

// take reads the octets of one message, whichever job it belongs to: servers answer in any order.
func (l *bodyLane) take(f fetched) {
	flight := l.byUID[f.uid]
	if flight == nil || !f.hasBody {
		return
	}
	b := flight.left[f.uid]
	if f.content == nil {
		flight.refused = append(flight.refused, b.ID)
	} else {
		flight.bodies = append(flight.bodies, learn(b.ID, f.content))
	}
	l.forget(flight, f.uid)
}

// tooBig notes a message that is larger than the server had said.
func (l *bodyLane) tooBig(uid uint32) {
	if flight := l.byUID[uid]; flight != nil {
		flight.large = append(flight.large, flight.left[uid])
		l.forget(flight, uid)
	}
}

func (l *bodyLane) forget(f *bodyFlight, uid uint32) {
	delete(f.left, uid)
	delete(l.byUID, uid)
}

// land waits for the oldest job and stores what it brought.
func (l *bodyLane) land(ctx context.Context) error {
	f := l.flights[0]
	fits, err := l.opened(f.open)
	if err != nil {
		return errors.Join(err, l.save(ctx))
	}
	failed := false
	for _, cmd := range f.cmds {
		if err := l.c.wait(cmd); refused(err) {
			failed = true
		} else if err != nil {
			return errors.Join(err, l.save(ctx))
		}
	}
	l.flights = l.flights[1:]
	left := make([]storage.Bodyless, 0, len(f.left))
	for uid, b := range f.left {
		left = append(left, b)
		l.forget(f, uid)
	}
	if !fits {
		return nil
	}
	if err := l.w.storeBodies(ctx, f.bodies, f.refused); err != nil {
		return err
	}
	for _, b := range f.large {
		if err := l.large(ctx, nil, b); err != nil {
			return err
		}
	}
	if !failed {
		return nil // what is still left is gone on the server
	}
	return l.single(ctx, left)
}

// save keeps what came in before the connection broke.
func (l *bodyLane) save(ctx context.Context) error {
	if l.c.box.uidValidity != l.folder.UIDValidity {
		return nil
	}
	var all []storage.Body
	for _, f := range l.flights {
		all = append(all, f.bodies...)
	}
	return l.w.storeBodies(context.WithoutCancel(ctx), all, nil)
}

// single asks for messages one by one, because the server refused to give them together: one of them is what it cannot
// give.
func (l *bodyLane) single(ctx context.Context, mails []storage.Bodyless) error {
	for _, b := range mails {
		if err := l.drain(ctx); err != nil {
			return err
		}
		job := bodyJob{folder: l.folder.ID, mails: []storage.Bodyless{b}}
		l.send(job, nil)
		f := l.flights[0]
		l.flights = nil
		err := l.c.wait(f.cmds...)
		if refused(err) && !hasCode(err, "UNAVAILABLE", "INUSE", "LIMIT") {
			l.w.log.Warn("the server does not hand out a message", slog.Any("error", err))
			f.refused = append(f.refused, b.ID)
		} else if err != nil {
			return err
		}
		delete(l.byUID, b.UID)
		if err := l.w.storeBodies(ctx, f.bodies, f.refused); err != nil {
			return err
		}
	}
	return nil
}

// drain lands everything that is on its way.
func (l *bodyLane) drain(ctx context.Context) error {
	for len(l.flights) > 0 {
		if err := l.land(ctx); err != nil {
			return err
		}
	}
	return nil
}

// large fetches a large message by itself.
func (l *bodyLane) large(ctx context.Context, open *command, b storage.Bodyless) error {
	if err := l.drain(ctx); err != nil {
		return err
	}
	fits, err := l.opened(open)
	if err != nil || !fits {
		return err
	}
	return l.w.fetchLarge(ctx, l.c, b)
}
