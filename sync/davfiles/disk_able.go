// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"kontor/app/files"
	"kontor/storage"
)

// able is what the disk below a root can do. It is found out by trying, since the system says little about it: a stick or
// a share has its own rules on any system.
type able struct {
	files.Rules
	noInodes     bool          // files cannot be known by their identity: moves are found by content only
	noChangeTime bool          // an edit whose time was set back shows only when the file is read
	grain        time.Duration // what the disk makes of times: 2 s on FAT, 100 ns on NTFS
}

// usual is what disks of the running system can do most of the time.
func usual() able {
	folds := runtime.GOOS == "windows" || runtime.GOOS == "darwin"
	return able{
		Rules:    files.Rules{Windows: runtime.GOOS == "windows", FoldCase: folds, Composes: runtime.GOOS == "darwin"},
		noInodes: runtime.GOOS == "windows", noChangeTime: runtime.GOOS != "linux",
	}
}

// abilities of the roots that this process has looked at.
var abilities sync.Map // root -> able

// abilitiesOf tries what the disk below root can do, once in a process. Where nothing can be tried, it is taken for a usual one.
func abilitiesOf(root string) able {
	if a, ok := abilities.Load(root); ok {
		return a.(able)
	}
	a, err := tryDisk(root)
	if err != nil {
		return usual()
	}
	abilities.Store(root, a)
	return a
}

// What a trial is known by: the name of its folder, and in it a file that is locked as long as it runs.
const (
	tryPrefix = files.TempPrefix + "try-"
	tryBusy   = "busy"
)

// sweepTries removes the folders of trials whose process has ended in the middle. Those that run stay, and so does for a
// minute what cannot be told.
func sweepTries(root string) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !e.IsDir() || !strings.HasPrefix(e.Name(), tryPrefix) {
			continue
		}
		dir := filepath.Join(root, e.Name())
		if f, err := os.OpenFile(filepath.Join(dir, tryBusy), os.O_RDWR, 0); err == nil {
			over := lockFile(f, true) == nil
			_ = f.Close() // which ends the lock
			if !over {
				continue
			}
		} else if time.Since(info.ModTime()) < time.Minute {
			continue
		}
		_ = os.RemoveAll(dir) // the next trial tries again
	}
}

// tryDisk makes some empty files in a folder of its own.
func tryDisk(root string) (a able, err error) {
	sweepTries(root)
	dir, err := os.MkdirTemp(root, tryPrefix+"*")
	if err != nil {
		return a, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	busy, err := os.OpenFile(filepath.Join(dir, tryBusy), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return a, err
	}
	defer func() { err = errors.Join(err, busy.Close()) }()
	if err := lockFile(busy, true); err != nil {
		return a, err
	}
	meets := func(made, asked string) bool {
		if err := os.WriteFile(filepath.Join(dir, made), nil, 0o600); err != nil {
			return false
		}
		_, err := os.Lstat(filepath.Join(dir, asked))
		return err == nil
	}
	a.FoldCase = meets("case", "CASE")
	a.Composes = meets("composed-\u00e9", "composed-e\u0301")
	a.Windows = runtime.GOOS == "windows" || !meets("what?", "what?") || !meets("end.", "end.") || a.FoldCase && listsOther(dir, "end.")
	if long := strings.Repeat("n", 255); !meets(long, long) {
		a.MaxName = 143 // eCryptfs; other limits below 255 are not known
	}
	return a, a.tryTimes(filepath.Join(dir, "time"), filepath.Join(dir, "moved"))
}

// listsOther reports whether a folder lists a name that was made in it as another one.
func listsOther(dir, name string) bool {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if e.Name() == name {
			return false
		}
	}
	return err == nil
}

// tryTimes finds out what the disk keeps of a file's time, and whether a file is known again after it was moved.
func (a *able) tryTimes(from, to string) error {
	if err := os.WriteFile(from, nil, 0o600); err != nil {
		return err
	}
	when := time.Unix(1234567891, 123456789)
	if err := os.Chtimes(from, when, when); err != nil {
		return err
	}
	before, info, err := observe(from)
	if err != nil {
		return err
	}
	a.grain = grainOf(when.Sub(info.ModTime()).Abs())
	if err := os.Rename(from, to); err != nil {
		return err
	}
	after, _, err := observe(to)
	a.noInodes = before.Inode == "" || before.Inode != after.Inode
	a.noChangeTime = after.ChangeTime == 0
	return err
}

// grainOf is the step of a disk's times for what it left out of a time that ends in 1.123456789 s.
func grainOf(missing time.Duration) time.Duration {
	for _, step := range []time.Duration{1, 100, time.Microsecond, time.Millisecond, 10 * time.Millisecond, time.Second} {
		if missing < step {
			return step
		}
	}
	return 2 * time.Second
}

// shape is what a Disk knows about its root.
type shape struct {
	able
	places *files.Places
}

// ability is what the disk can do; before the root was opened, what is usual.
func (d *Disk) ability() able {
	if s := d.shape.Load(); s != nil {
		return s.able
	}
	a := usual()
	if d.rules != (files.Rules{}) {
		a.Rules = d.rules
	}
	return a
}

// local is where the copy of a path lies, or would lie.
func (d *Disk) local(path string) string {
	if s := d.shape.Load(); s != nil && s.places != nil {
		return s.places.Local(path)
	}
	return d.ability().LocalPath(path)
}

// settlePlaces looks at all rows where the place of one may depend on the others.
func (d *Disk) settlePlaces(ctx context.Context) error {
	if !d.ability().Merges() {
		return nil
	}
	rows, err := d.db.AllFiles(ctx, d.account)
	if err == nil {
		d.know(rows)
	}
	return err
}

// aliases are the copies that have other names than their files on the server.
func (d *Disk) aliases() []files.Copy {
	if s := d.shape.Load(); s != nil && s.places != nil {
		return s.places.Aliases()
	}
	return nil
}

// remote is the path of a name in a folder on the disk, whose own path is known.
func (s *shape) remote(local, folder, name string) string {
	if s.places != nil {
		if path, ok := s.places.Remote(local); ok && files.Parent(path) == folder {
			return path
		}
	}
	return files.Join(folder, s.Rules.Remote(name))
}

// learn finds out what the disk can do.
func (d *Disk) learn(root string) {
	if s := d.shape.Load(); s == nil {
		d.shape.CompareAndSwap(nil, &shape{able: abilitiesOf(root)})
	}
}

// know gives all rows of the account their places.
func (d *Disk) know(rows []storage.FileRow) {
	all := make([]files.Copy, 0, len(rows))
	for i := range rows {
		if r := &rows[i]; !r.Gone {
			all = append(all, files.Copy{Path: r.Path, Local: r.Local.Path})
		}
	}
	a := d.ability()
	d.shape.Store(&shape{able: a, places: a.Place(all)})
}
