// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"kontor/storage"
	"kontor/sync/dav"
)

// Keys of the translations for what a file can be rejected for.
const (
	problemForbidden = "files.problem.forbidden"
	problemLocked    = "files.problem.locked"
	problemServer    = "files.problem.server"
	problemDisk      = "files.problem.disk"
	problemName      = "files.problem.name"
	problemRights    = "files.problem.rights"
)

var (
	// errStale says that the server has another version by now than the one that was listed.
	errStale = errors.New("the file has changed on the server meanwhile")
	// errNoRoom says that a download would leave too little of the disk free.
	errNoRoom = errors.New("there is no room for the file on the disk")
)

// fetchBatch is how many rows of files to fetch are read at a time.
const fetchBatch = 256

// fetcher is one run that downloads what is asked for.
type fetcher struct {
	w       *Worker
	root    string
	room    *room
	arrived *arrivals
}

// fetchAll downloads what is asked for, several files at a time: first what a person waits for, then small files before
// large ones. A file that cannot be fetched does not stop the others; a connection that breaks does.
func (w *Worker) fetchAll(ctx context.Context, root string) error {
	if err := w.dropTemps(ctx, root); err != nil {
		return err
	}
	w.tidyBin(ctx)
	queue, err := w.db.FetchQueue(ctx, w.cfg.Account.ID)
	if err != nil || len(queue) == 0 {
		return err
	}
	var octets int64
	for _, item := range queue {
		octets += item.Size
	}
	t := w.cfg.Traffic
	t.expect(len(queue), octets)
	f := &fetcher{w: w, root: root, room: &room{folder: root, traffic: t, look: Room}}
	f.arrived = startArrivals(ctx, f)
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for len(queue) > 0 && gctx.Err() == nil {
		part := queue[:min(fetchBatch, len(queue))]
		if err = f.start(gctx, g, part); err != nil {
			break
		}
		queue = queue[len(part):]
	}
	err = errors.Join(err, g.Wait())
	left, leftOctets := 0, int64(0)
	for _, item := range queue {
		left, leftOctets = left+1, leftOctets+item.Size
	}
	t.forget(left, leftOctets)
	err = errors.Join(err, f.arrived.finish())
	w.swept.Store(err == nil)
	if errors.Is(err, errHeld) && ctx.Err() == nil {
		return nil // what is paused goes on when it may
	}
	return err
}

// start hands the files of a part of the queue to the group.
func (f *fetcher) start(ctx context.Context, g *errgroup.Group, part []storage.FetchItem) error {
	ids := make([]int64, len(part))
	for i, item := range part {
		ids[i] = item.ID
	}
	rows, err := f.w.db.FilesByID(ctx, ids)
	if err != nil {
		return err
	}
	byID := make(map[int64]*storage.FileRow, len(rows))
	for i := range rows {
		byID[rows[i].ID] = &rows[i]
	}
	for _, item := range part {
		if ctx.Err() != nil {
			return nil //nolint:nilerr // the group knows why
		}
		r := byID[item.ID]
		if r == nil {
			f.w.cfg.Traffic.forget(1, item.Size)
			continue
		}
		g.Go(func() error { return f.one(ctx, r, item.Asked) })
	}
	return nil
}

// one downloads a file; what is to be done with it on the disk is done by the arrivals.
func (f *fetcher) one(ctx context.Context, r *storage.FileRow, asked bool) error {
	t := f.w.cfg.Traffic
	if t.holds(ctx, r.AccountID, asked) || !f.w.claim(r.ID) {
		t.forget(1, r.Remote.Size)
		return nil
	}
	leave, err := t.enter(ctx, f.w.host)
	if err != nil {
		f.w.unclaim(r.ID)
		return err
	}
	defer leave()
	a, err := f.download(ctx, r, asked)
	if err != nil || a == nil {
		f.w.unclaim(r.ID)
		return f.w.settleFetch(ctx, r, err)
	}
	f.arrived.add(*a)
	return nil
}

// download brings the server's version of a file into a temporary file beside the place of its copy.
func (f *fetcher) download(ctx context.Context, r *storage.FileRow, asked bool) (*arrival, error) {
	local := r.Local.Path
	if local == "" {
		local = f.w.disk.local(r.Path)
	}
	a := &arrival{row: *r, local: local, target: abs(f.root, local)}
	if r.Local.Path == "" && r.Remote.Size >= progressFrom {
		if _, err := os.Lstat(a.target); err == nil {
			return nil, errStale // something new lies there: the next scan finds it, install would not replace it
		}
	}
	if !f.room.take(r.Remote.Size) {
		return nil, errNoRoom
	}
	a.temp = filepath.Join(filepath.Dir(a.target), tempName(r))
	x := f.w.cfg.Traffic.begin(r, false, asked, r.Remote.Size)
	sum, err := f.w.download(ctx, r, a.temp, x)
	x.end(err == nil)
	if err != nil {
		f.w.cfg.Traffic.forget(1, r.Remote.Size)
	}
	a.sum = sum
	return a, err
}

// claim takes a file for one download at a time; unclaim gives it back.
func (w *Worker) claim(id int64) bool {
	_, taken := w.loading.LoadOrStore(id, true)
	return !taken
}

func (w *Worker) unclaim(id int64) { w.loading.Delete(id) }

// Fetch is part of engine.Fetcher: a person has opened a file and waits for it.
func (w *Worker) Fetch(ctx context.Context, id int64) error {
	r, err := w.db.File(ctx, id)
	if err != nil || r.Dir || r.Gone || r.Remote.Path == "" || r.Local.Path != "" {
		return err
	}
	root, err := w.disk.OpenRoot(ctx)
	if err != nil || w.cfg.Traffic.holds(ctx, r.AccountID, true) || !w.claim(id) {
		return err
	}
	f := &fetcher{w: w, root: root, room: &room{folder: root, traffic: w.cfg.Traffic, look: Room}}
	w.cfg.Traffic.expect(1, r.Remote.Size)
	a, err := f.download(ctx, &r, true)
	if err != nil || a == nil {
		w.unclaim(id)
		return w.settleFetch(ctx, &r, err)
	}
	defer w.disk.lock()() // a look at the disk must not come between the file and the store
	one, err := f.settle(ctx, &placed{}, []arrival{*a})
	if err != nil {
		f.release(one)
		return err
	}
	_, err = f.settle(ctx, one, nil)
	return err
}

// settleFetch decides whether an error ends the run or is about this file, and keeps the latter for the person to see.
func (w *Worker) settleFetch(ctx context.Context, r *storage.FileRow, err error) error {
	problem := ""
	var status *dav.StatusError
	switch {
	case err == nil || errors.Is(err, errStale) || errors.Is(err, errMoving) || dav.IsStatus(err, http.StatusNotFound):
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, errNoRoom):
		problem = problemDisk // download has removed what was written
	case dav.IsStatus(err, http.StatusForbidden):
		problem = problemForbidden
	case dav.IsStatus(err, http.StatusLocked):
		problem = problemLocked
	case dav.IsStatus(err, http.StatusServiceUnavailable, http.StatusTooManyRequests):
		return err
	case errors.As(err, &status), errors.Is(err, errLength), errors.Is(err, errChecksum), errors.Is(err, errPage):
		problem = problemServer
	case inUse(err):
		return nil // a program has the copy open: later
	case errors.Is(err, fs.ErrPermission):
		problem = problemRights
	case errors.As(err, new(*fs.PathError)), errors.As(err, new(*os.LinkError)):
		problem = problemName
	default:
		return err
	}
	w.log.Info("a file could not be fetched", slog.String("problem", problem), slog.Any("error", err))
	return w.db.Write(ctx, func(tx *storage.Tx) error { return tx.SetFileProblem(ctx, r.ID, problem) })
}

// room watches that downloads leave enough of the disk free.
type room struct {
	folder  string
	traffic *Traffic
	look    func(folder string) int64 // Room

	mu   sync.Mutex
	left int64
	at   time.Time
}

// roomAge is how long what the disk said about its free space counts, less what was taken since.
const roomAge = time.Second

// take reports whether there is room for so many octets, and counts them as used.
func (r *room) take(octets int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := time.Now(); now.Sub(r.at) > roomAge {
		r.at, r.left = now, r.look(r.folder)
		if r.left >= 0 {
			r.left = max(r.left-r.traffic.coming(), 0)
		}
	}
	if r.left < 0 {
		return true
	}
	if octets > r.left {
		return false
	}
	r.left -= octets
	return true
}
