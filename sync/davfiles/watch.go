// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"

	"kontor/app/files"
	"kontor/app/live"
)

// quietFor is how long the disk has to be quiet before a change is looked at: a program that saves does it in steps.
const quietFor = 700 * time.Millisecond

// maxWatches bounds how many folders are watched; beyond it only regular looks at the disk find changes.
const maxWatches = 20000

// lookEvery is how often the disk is looked at where not all of it can be watched, and wakeEvery how often it is checked
// whether the computer has slept meanwhile.
const (
	lookEvery = 2 * time.Minute
	wakeEvery = 20 * time.Second
)

// Watch is part of engine.Watcher: it gives a hint when something changed in the local folder, and when a person asked
// for content that is not here. A hint may be missed or be without a cause: the scan is the truth.
func (w *Worker) Watch(ctx context.Context, changed func()) error {
	root, err := w.disk.OpenRoot(ctx)
	if err != nil {
		return err
	}
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watch the local files: %w", err)
	}
	defer watcher.Close() //nolint:errcheck // only looked
	started := time.Now()
	o := &observer{w: w, watcher: watcher, wall: started.Round(0), timer: time.NewTimer(quietFor)} // what changed while nobody watched
	defer o.timer.Stop()
	o.add(root)
	w.disk.watched.Store(true)
	defer w.disk.watched.Store(false)
	sub := w.db.Changes().Subscribe(live.Files | live.Journal)
	defer sub.Close()
	tick := time.NewTicker(wakeEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-watcher.Errors:
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				return fmt.Errorf("watch the local files: %w", err)
			}
			o.lost()
		case ev := <-watcher.Events:
			if o.matters(ev) {
				o.timer.Reset(quietFor)
			}
		case <-sub.C():
			if o.asked(ctx) {
				changed()
			}
		case <-w.disk.moves():
			o.timer.Reset(restless)
		case <-tick.C:
			if o.due(time.Now().Round(0), time.Since(started)) {
				o.timer.Reset(0)
			}
		case <-o.timer.C:
			if err := o.changedHere(ctx, changed); err != nil {
				return err
			}
		}
	}
}

// observer keeps the watches of one run.
type observer struct {
	w       *Worker
	watcher *fsnotify.Watcher
	timer   *time.Timer // runs out when the disk is to be looked at
	blind   bool        // not everything is watched
	wanted  string      // what was asked for when a hint was given last

	wall        time.Time     // at the last tick
	ran, looked time.Duration // at the last tick, and at the last look without an event
}

// add watches a folder and everything in it: a watch is not recursive, and what came into a new folder before its watch
// was set is not reported. Where the system gives no more watches, regular looks take their place.
func (o *observer) add(root string) {
	room := maxWatches - len(o.watcher.WatchList())
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return nil //nolint:nilerr // gone again, or nothing to watch
		}
		if path != root && files.Ignored(e.Name()) {
			return fs.SkipDir
		}
		if room--; room < 0 {
			o.blind = true
			return fs.SkipAll
		}
		if err := o.watcher.Add(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
	if err != nil {
		o.blind = true
		o.w.log.Info("not all local folders can be watched", slog.Any("error", err))
	}
}

// lost sets all watches anew, since nobody knows which folders came while events were lost, and looks at the disk.
func (o *observer) lost() {
	root, err := o.w.disk.Root(context.Background())
	if err == nil {
		o.add(root)
	}
	o.timer.Reset(quietFor)
}

// due reports whether the disk has to be looked at without an event: the computer has slept, or not everything is watched.
// wall is the time of day and ran how long the watch has run: that clock stands still while a computer sleeps.
func (o *observer) due(wall time.Time, ran time.Duration) bool {
	slept := wall.Sub(o.wall)-(ran-o.ran) > wakeEvery
	o.wall, o.ran = wall, ran
	if !slept && (!o.blind || ran-o.looked < lookEvery) {
		return false
	}
	o.looked = ran
	return true
}

// matters leaves out what the program does itself and what only reads.
func (o *observer) matters(ev fsnotify.Event) bool {
	if ev.Op == fsnotify.Chmod || files.Ignored(filepath.Base(ev.Name)) {
		return false
	}
	if ev.Has(fsnotify.Create) {
		if info, err := os.Lstat(ev.Name); err == nil && info.IsDir() {
			o.add(ev.Name)
		}
	}
	return true
}

// changedHere gives a hint unless all that happened was this program's own work.
func (o *observer) changedHere(ctx context.Context, changed func()) error {
	defer o.w.disk.lock()()
	rows, err := o.w.db.AllFiles(ctx, o.w.cfg.Account.ID)
	if err != nil {
		return err
	}
	root, err := o.w.disk.Root(ctx)
	if err != nil {
		return err
	}
	if o.w.disk.differs(ctx, root, byLocal(rows)) {
		changed()
	}
	return nil
}

// asked reports whether something waits for a Pull that did not wait when it was looked at last: a download that a
// person asked for, or a decision about a brake.
func (o *observer) asked(ctx context.Context) bool {
	rows, err := o.w.db.FilesToFetch(ctx, o.w.cfg.Account.ID)
	if err != nil {
		return false
	}
	server, err := o.w.db.FileServer(ctx, o.w.cfg.Account.ID)
	if err != nil {
		return false
	}
	now := server.Decision
	if len(rows) > 0 {
		now += fmt.Sprint(len(rows), rows[0].ID, rows[0].Remote.ETag, rows[len(rows)-1].ID)
	}
	fresh := now != "" && now != o.wanted
	o.wanted = now
	return fresh
}
