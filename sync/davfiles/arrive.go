// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"kontor/storage"
	"kontor/sync/reconcile"
)

// arrival is a download that is complete and waits to be put in its place.
type arrival struct {
	row    storage.FileRow
	local  string // where the copy lies or will lie, relative to the root
	target string
	temp   string
	sum    string // SHA-256 in hex
}

// What is put in its place at once: a crash repeats at most that much, and the disk is waited for once for all of it.
const (
	arrivalsMost   = 512
	arrivalsOctets = 64 << 20
	arrivalsWait   = time.Second
)

// arrivals puts downloads in their place in groups while others go on: a group is on the disk before the store says so.
type arrivals struct {
	f    *fetcher
	ctx  context.Context
	in   chan arrival
	done chan struct{}

	mu  sync.Mutex
	err error
}

// startArrivals begins; ctx may end while the last groups are settled, since what has arrived is not given up.
func startArrivals(ctx context.Context, f *fetcher) *arrivals {
	a := &arrivals{f: f, ctx: context.WithoutCancel(ctx), in: make(chan arrival, 2*arrivalsMost), done: make(chan struct{})}
	go a.run()
	return a
}

func (a *arrivals) add(one arrival) { a.in <- one }

// finish waits until everything that arrived is settled.
func (a *arrivals) finish() error {
	close(a.in)
	<-a.done
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.err
}

func (a *arrivals) run() {
	defer close(a.done)
	for {
		group := a.group()
		if len(group) == 0 {
			return
		}
		if err := a.f.settle(a.ctx, group); err != nil {
			a.mu.Lock()
			a.err = errors.Join(a.err, err)
			a.mu.Unlock()
		}
	}
}

// group waits for the first arrival and takes what comes within a moment; nothing at the end.
func (a *arrivals) group() []arrival {
	first, ok := <-a.in
	if !ok {
		return nil
	}
	group, octets := []arrival{first}, first.row.Remote.Size
	timer := time.NewTimer(arrivalsWait)
	defer timer.Stop()
	for len(group) < arrivalsMost && octets < arrivalsOctets {
		select {
		case next, ok := <-a.in:
			if !ok {
				return group
			}
			group, octets = append(group, next), octets+next.row.Remote.Size
		case <-timer.C:
			return group
		}
	}
	return group
}

// settle puts a group in its place. Content is on the disk before it gets its name, and the name before the store knows it:
// after a crash of the machine nothing that is recorded is missing, and nothing half written lies at a known place.
func (f *fetcher) settle(ctx context.Context, group []arrival) error {
	temps := make([]string, len(group))
	for i := range group {
		temps[i] = group[i].temp
	}
	defer func() {
		for i := range group {
			f.w.unclaim(group[i].row.ID)
		}
	}()
	if err := syncFiles(temps); err != nil {
		return fmt.Errorf("write downloads to the disk: %w", err)
	}
	var errs []error
	rows, folders := make([]storage.FileRow, 0, len(group)), map[string]bool{}
	for i := range group {
		row, err := f.w.place(ctx, f.root, &group[i])
		errs = append(errs, f.w.settleFetch(ctx, &group[i].row, err))
		if row != nil {
			rows = append(rows, *row)
			folders[filepath.Dir(group[i].target)] = true
		}
	}
	if len(rows) == 0 {
		return errors.Join(errs...)
	}
	if err := syncFolders(folders); err != nil {
		return errors.Join(append(errs, fmt.Errorf("write downloads to the disk: %w", err))...)
	}
	return errors.Join(append(errs, f.w.db.Write(ctx, func(tx *storage.Tx) error {
		for _, r := range rows {
			if err := tx.SaveFetched(ctx, r); err != nil {
				return err
			}
		}
		return nil
	}))...)
}

// place puts a download where its copy belongs. It returns the row with its new copy, or nil where that is stored already.
func (w *Worker) place(ctx context.Context, root string, a *arrival) (*storage.FileRow, error) {
	r := a.row
	mine, err := w.lies(a)
	if err != nil {
		return nil, err
	}
	switch reconcile.LandFile(r.Local.Path != "", mine.Hash, a.sum, r.Base.Hash) {
	case reconcile.Later:
		return nil, errors.Join(errStale, os.Remove(a.temp)) // the next scan finds what is there, or is not
	case reconcile.Adopt:
		return w.adopt(ctx, r, mine, a.temp)
	case reconcile.Retag:
		r.Base.ETag = r.Remote.ETag
		return &r, os.Remove(a.temp)
	case reconcile.Split:
		return nil, w.contend(ctx, root, r, mine, a.temp, a.sum)
	case reconcile.Install:
	}
	if err := install(a.temp, a.target, r.Remote.Modified); err != nil {
		return nil, err
	}
	l, _, err := observe(a.target)
	if err != nil {
		return nil, err
	}
	l.Path, l.Hash = a.local, a.sum
	w.count.down.Add(1)
	return fetched(r, l), nil
}

// lies tells what lies at the place of a download, without a hash for nothing. What no row knows is not read.
func (w *Worker) lies(a *arrival) (storage.FileLocal, error) {
	if a.row.Local.Path == "" {
		if _, err := os.Lstat(a.target); err == nil {
			return storage.FileLocal{Path: a.local, Hash: unknownHash}, nil
		}
		return storage.FileLocal{}, nil
	}
	mine, err := hashFile(a.target)
	if errors.Is(err, fs.ErrNotExist) {
		return storage.FileLocal{}, nil
	}
	mine.Path = a.local
	return mine, err
}

// fetched is the row of a copy that is known to be the server's version.
func fetched(r storage.FileRow, l storage.FileLocal) *storage.FileRow {
	r.Local = l
	r.Base = storage.FileBase{ETag: r.Remote.ETag, Hash: l.Hash, Size: l.Size}
	r.Verified, r.Problem, r.Progress = time.Now(), "", -1
	setShown(&r)
	return &r
}

// install gives a download its time and its name. Both lie in one folder, so that the name appears with the content.
func install(temp, target string, modified time.Time) error {
	if !modified.IsZero() {
		if err := os.Chtimes(temp, modified, modified); err != nil {
			return fmt.Errorf("set the time of a file: %w", err)
		}
	}
	if err := replace(temp, target); err != nil {
		return fmt.Errorf("put a file in its place: %w", err)
	}
	return nil
}
