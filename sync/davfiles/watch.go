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

// maxWatches bounds how many folders are watched; beyond it only the regular scan finds changes.
const maxWatches = 20000

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
	o := &observer{w: w, watcher: watcher}
	o.add(root)
	w.disk.watched.Store(true)
	defer w.disk.watched.Store(false)
	sub := w.db.Changes().Subscribe(live.Files | live.Journal)
	defer sub.Close()
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-watcher.Errors:
			if errors.Is(err, fsnotify.ErrEventOverflow) {
				timer.Reset(quietFor)
				continue
			}
			return fmt.Errorf("watch the local files: %w", err)
		case ev := <-watcher.Events:
			if o.matters(ev) {
				timer.Reset(quietFor)
			}
		case <-sub.C():
			if o.asked(ctx) {
				changed()
			}
		case <-w.disk.moves():
			timer.Reset(restless)
		case <-timer.C:
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
	watches int
	wanted  string // what was asked for when a hint was given last
}

// add watches a folder and everything in it: a watch is not recursive, and what came into a new folder before its watch
// was set is not reported.
func (o *observer) add(root string) {
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return nil //nolint:nilerr // gone again, or nothing to watch
		}
		if o.watches++; o.watches > maxWatches {
			return fs.SkipAll
		}
		return o.watcher.Add(path)
	})
	if err != nil {
		o.w.log.Info("not all local folders can be watched", slog.Any("error", err))
	}
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
