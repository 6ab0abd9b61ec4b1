// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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
	err  error // of what went wrong, until done
}

// placed is a group that has its names, which may not be on the disk yet; the store does not know of it.
type placed struct {
	group   []arrival
	rows    []storage.FileRow // of what is to be stored
	news    []bool            // what is shown of a row changes
	folders map[string]bool   // that the names are in
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
	return a.err
}

// run waits for the disk once for each group: for its content, and for the names of the group before.
func (a *arrivals) run() {
	defer close(a.done)
	before := &placed{}
	for more := true; more; {
		var group []arrival
		if group, more = a.group(len(before.group) > 0); len(group)+len(before.group) == 0 {
			continue
		}
		next, err := a.f.settle(a.ctx, before, group)
		a.err = errors.Join(a.err, err)
		before = next
	}
}

// group waits for the first arrival and takes what comes within a moment. Where somebody waits for that, it is nothing if
// nothing comes. more is false at the end.
func (a *arrivals) group(awaited bool) (group []arrival, more bool) {
	timer := time.NewTimer(arrivalsWait)
	defer timer.Stop()
	octets := int64(0)
	for len(group) < arrivalsMost && octets < arrivalsOctets {
		var late <-chan time.Time
		if awaited || len(group) > 0 {
			late = timer.C
		}
		select {
		case next, ok := <-a.in:
			if !ok {
				return group, len(group) > 0
			}
			if len(group) == 0 {
				timer.Reset(arrivalsWait)
			}
			group, octets = append(group, next), octets+next.row.Remote.Size
		case <-late:
			return group, true
		}
	}
	return group, true
}

// settle puts a group in its place and stores the one before. Content is on the disk before it gets its name, and the name
// before the store knows it: after a crash of the machine nothing that is recorded is missing, and nothing half written
// lies at a known place.
func (f *fetcher) settle(ctx context.Context, before *placed, group []arrival) (*placed, error) {
	next := &placed{group: group, folders: map[string]bool{}}
	temps := make([]string, len(group))
	for i := range group {
		temps[i] = group[i].temp
	}
	defer f.release(before)
	if err := syncFiles(temps, before.folders); err != nil {
		f.release(next)
		return &placed{}, fmt.Errorf("write downloads to the disk: %w", err)
	}
	errs := []error{f.store(ctx, before)}
	for i := range group {
		row, err := f.w.land(ctx, f.root, &group[i])
		errs = append(errs, f.w.settleFetch(ctx, &group[i].row, err))
		if row != nil {
			was := &group[i].row
			next.rows, next.news = append(next.rows, *row), append(next.news, row.Size != was.Size || row.Modified.UnixMilli() != was.Modified.UnixMilli())
			next.folders[filepath.Dir(group[i].target)] = true
		}
	}
	return next, errors.Join(errs...)
}

// store records a group whose names are on the disk.
func (f *fetcher) store(ctx context.Context, p *placed) error {
	if len(p.rows) == 0 {
		return nil
	}
	return f.w.db.Write(ctx, func(tx *storage.Tx) error {
		for i := range p.rows {
			save := tx.SaveCopy
			if p.news[i] {
				save = tx.SaveFetched
			}
			if err := save(ctx, p.rows[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// release lets the files of a group be fetched again.
func (f *fetcher) release(p *placed) {
	for i := range p.group {
		f.w.unclaim(p.group[i].row.ID)
	}
}

// land puts a download where its copy belongs. It returns the row with its new copy, or nil where that is stored already.
func (w *Worker) land(ctx context.Context, root string, a *arrival) (*storage.FileRow, error) {
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
	name := nameNew
	if r.Local.Path != "" {
		name = replace
	}
	if err := install(a.temp, a.target, r.Remote.Modified, name); err != nil {
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

// lies tells what lies at the place of a download, without a hash for nothing. Where no row knows of anything, that is
// left to install.
func (w *Worker) lies(a *arrival) (storage.FileLocal, error) {
	if a.row.Local.Path == "" {
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

// install gives a download its time and its name. Both lie in one folder, so that the name appears with the content. name is
// replace, or nameNew for one that must not be taken: what lies there by now stays, with errStale, and the next scan finds it.
func install(temp, target string, modified time.Time, name func(from, to string) error) error {
	if !modified.IsZero() {
		if err := os.Chtimes(temp, modified, modified); err != nil {
			return fmt.Errorf("set the time of a file: %w", err)
		}
	}
	err := name(temp, target)
	if errors.Is(err, fs.ErrExist) {
		return errors.Join(errStale, os.Remove(temp))
	}
	if err != nil {
		return fmt.Errorf("put a file in its place: %w", err)
	}
	return nil
}

// placeLooking is nameNew where the system cannot do both at once.
func placeLooking(from, to string) error {
	if _, err := os.Lstat(to); err == nil {
		return fs.ErrExist
	}
	return replace(from, to)
}
