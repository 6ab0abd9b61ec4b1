// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"
	"golang.org/x/text/unicode/norm"

	"kontor/app/files"
	"kontor/storage"
)

// found is one file or folder on the disk.
type found struct {
	storage.FileLocal
	path string // in the server's names
	dir  bool
	busy bool // it is just being written: nothing may be decided about it
}

// sight is what a look at the local folder found.
type sight struct {
	all    map[string]*found // by local path
	ignore *files.Ignore     // as the ignore files on the disk say
	notes  []files.Note
	moving bool // something is just being written
	temps  bool // downloads lie there that were interrupted, or are under way
}

// scan reads the whole local tree. Only what looks different from what rows know is read through for its hash.
// What is no file or folder, what is ignored and what has no name that can travel stays unseen.
func (d *Disk) scan(ctx context.Context, root string, rows map[string]*storage.FileRow) (*sight, error) {
	s := d.scanner(root, rows)
	if err := s.folder(ctx, "", ""); err != nil {
		return nil, fmt.Errorf("look through the local files: %w", err)
	}
	if err := s.hash(ctx); err != nil {
		return nil, fmt.Errorf("read the local files: %w", err)
	}
	s.rest()
	return &s.sight, nil
}

// differs compares the disk with what is stored, by what can be told without reading a file.
func (d *Disk) differs(ctx context.Context, root string, rows map[string]*storage.FileRow) bool {
	s := d.scanner(root, rows)
	s.glance = true
	if err := s.folder(ctx, "", ""); err != nil || len(s.dirty) > 0 {
		return true
	}
	for local, f := range s.all {
		if row := rows[local]; row == nil || row.Dir != f.dir {
			return true
		}
	}
	for local, row := range rows {
		if s.all[local] == nil && !s.ignore.Ignored(row.Path, row.Dir) {
			return true
		}
	}
	return false
}

func (d *Disk) scanner(root string, rows map[string]*storage.FileRow) *scanner {
	s := &scanner{disk: d, shape: shape{able: d.ability()}, root: root, rows: rows, now: time.Now()}
	if known := d.shape.Load(); known != nil {
		s.shape = *known
	}
	s.all, s.ignore = make(map[string]*found, len(rows)), &files.Ignore{}
	return s
}

type scanner struct {
	shape
	sight
	disk   *Disk
	root   string
	rows   map[string]*storage.FileRow // by local path
	now    time.Time
	dirty  []*found
	glance bool // only look: rename nothing, change no mode
}

func (s *scanner) folder(ctx context.Context, local, path string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	entries, err := os.ReadDir(abs(s.root, local))
	if err != nil && local != "" {
		s.unreadable(local)
		if errors.Is(err, fs.ErrPermission) {
			s.note(path, files.NoteUnreadable)
		}
		return nil
	}
	if err != nil {
		return err
	}
	s.compose(entries, local)
	s.readIgnore(entries, local, path)
	used := make(map[string]bool, len(entries))
	seen := 0
	s.preferKnown(entries, local)
	for _, e := range entries {
		ok, err := s.item(ctx, e, local, path, used)
		if err != nil {
			return err
		}
		if ok {
			seen++
		}
	}
	// A folder that was deleted stays on the disk as long as something in it is ignored; it is not new because of that.
	if seen == 0 && len(entries) > 0 && local != "" && s.rows[local] == nil {
		delete(s.all, local)
	}
	return nil
}

// composedEntry is an item by the composed form of its name.
type composedEntry struct {
	os.DirEntry
	name string
}

func (e composedEntry) Name() string { return e.name }

// compose gives items the names that they are known by, on a disk that finds names either way and may list them in another
// one than they were given.
func (s *scanner) compose(entries []os.DirEntry, local string) {
	if !s.Composes {
		return
	}
	known := func(name string) bool { return s.rows[files.Join(local, name)] != nil }
	for i, e := range entries {
		name := spelled(e.Name(), known)
		if name != e.Name() && !slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() == name }) {
			entries[i] = composedEntry{e, name}
		}
	}
}

// spelled is the name that an item of a disk that composes is known by; the composed one for what is new.
func spelled(name string, known func(name string) bool) string {
	composed := norm.NFC.String(name)
	switch {
	case known(name) || !utf8.ValidString(name):
		return name
	case !known(composed) && known(norm.NFD.String(name)):
		return norm.NFD.String(name)
	}
	return composed
}

// readIgnore takes in the ignore file of a folder.
func (s *scanner) readIgnore(entries []os.DirEntry, local, path string) {
	i := slices.IndexFunc(entries, func(e os.DirEntry) bool { return e.Name() == files.IgnoreName && e.Type().IsRegular() })
	if i < 0 {
		return
	}
	f, err := openFile(abs(s.root, files.Join(local, files.IgnoreName)))
	if err != nil {
		s.note(files.Join(path, files.IgnoreName), files.NoteUnreadable)
		return
	}
	defer f.Close() //nolint:errcheck // only read
	if text, err := io.ReadAll(io.LimitReader(f, maxIgnoreFile)); err == nil {
		s.ignore.Read(path, string(text))
	}
}

// maxIgnoreFile is how much of an ignore file is read, in octets.
const maxIgnoreFile = 1 << 20

// item looks at one entry of a folder and reports whether it belongs to the tree.
func (s *scanner) item(ctx context.Context, e os.DirEntry, local, path string, used map[string]bool) (bool, error) {
	here := files.Join(local, e.Name())
	if !utf8.ValidString(e.Name()) {
		s.note(files.Join(path, strings.ToValidUTF8(e.Name(), "\ufffd")), files.NoteName)
		return false, nil
	}
	if files.Own(e.Name()) {
		s.temps = s.temps || strings.HasPrefix(e.Name(), files.TempPrefix)
		return false, nil
	}
	known := s.rows[here]
	there := s.remote(here, path, e.Name())
	if known != nil && s.disk.local(known.Path) == here {
		there = known.Path
	}
	if s.ignore.Here(there, e.IsDir()) {
		return false, nil
	}
	if !e.IsDir() && !e.Type().IsRegular() {
		s.note(there, files.NoteSpecial)
		return false, nil
	}
	info, err := e.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	key := files.Rules{}.Key(files.Base(there))
	if known == nil && used[key] && !s.glance {
		if here, there, err = s.separate(local, path, e.Name(), used); err != nil {
			return false, err
		}
		key = files.Rules{}.Key(files.Base(there))
	}
	used[key] = true
	return true, s.entry(ctx, here, there, info, known)
}

// note keeps what a person should know, but not more than anybody reads.
func (s *scanner) note(path, problem string) {
	if len(s.notes) < maxNotes {
		s.notes = append(s.notes, files.Note{Path: path, Problem: problem})
	}
}

const maxNotes = 200

// unreadable takes everything in a folder that cannot be read for what it was, and for busy.
func (s *scanner) unreadable(folder string) {
	for local, row := range s.rows {
		if local != folder && files.Within(local, folder) {
			s.all[local] = &found{FileLocal: row.Local, path: row.Path, dir: row.Dir, busy: !row.Dir}
		}
	}
}

// preferKnown puts names that are known first, then those that are composed: of two names that are the same for a
// server, the other one has to change.
func (s *scanner) preferKnown(entries []os.DirEntry, local string) {
	plain := func(name string) bool { return s.Local(s.Rules.Remote(name)) == name }
	if !slices.ContainsFunc(entries, func(e os.DirEntry) bool { return !plain(e.Name()) }) {
		return
	}
	rank := func(e os.DirEntry) int {
		switch {
		case s.rows[files.Join(local, e.Name())] != nil:
			return 0
		case plain(e.Name()):
			return 1
		}
		return 2
	}
	slices.SortStableFunc(entries, func(a, b os.DirEntry) int { return rank(a) - rank(b) })
}

// separate renames a file whose name another one has already, but for its composition (NFC and NFD): servers take the two
// for one.
func (s *scanner) separate(local, path, name string, used map[string]bool) (here, there string, err error) {
	alias := files.Alias(s.Rules.Remote(name), func(n string) bool {
		_, err := os.Lstat(abs(s.root, files.Join(local, s.Local(n))))
		return used[files.Rules{}.Key(n)] || err == nil
	})
	here = files.Join(local, s.Local(alias))
	return here, files.Join(path, alias), os.Rename(abs(s.root, files.Join(local, name)), abs(s.root, here))
}

func (s *scanner) entry(ctx context.Context, local, path string, info fs.FileInfo, known *storage.FileRow) error {
	f := &found{FileLocal: fromInfo(info), path: path, dir: info.IsDir()}
	f.Path = local
	if s.noInodes {
		f.Inode = ""
	}
	s.all[local] = f
	if f.dir {
		return s.folder(ctx, local, path)
	}
	if known == nil || known.Dir || known.Local.Hash == "" || !unchanged(known.Local, f.FileLocal) || s.doubtful(f) {
		s.dirty = append(s.dirty, f)
		return nil
	}
	f.Hash = known.Local.Hash
	if known.Remote.ReadOnly && known.Remote.Path != "" && info.Mode().Perm()&0o200 != 0 && !s.glance {
		s.protect(f, info.Mode().Perm())
	}
	return nil
}

// protect keeps a file from being changed here that must not be changed on the server: better to know before the work
// than after it.
func (s *scanner) protect(f *found, mode fs.FileMode) {
	path := abs(s.root, f.Path)
	if os.Chmod(path, mode&^0o222) != nil {
		return // the server refuses the change later
	}
	if now, _, err := observe(path); err == nil {
		f.ChangeTime = now.ChangeTime
	}
}

// allow takes back what protect did. A person may have closed the file as well; who may write says the server.
func allow(path string) {
	if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o200 == 0 {
		_ = os.Chmod(path, info.Mode().Perm()|0o200) // it can be done by hand
	}
}

// rereadEvery is the time in which every file of a disk without change times is read again once, in parts.
const (
	rereadEvery = 12 * time.Hour
	rereadParts = 72
)

// doubtful reports whether a file has to be read although it looks as it did. A disk with coarse times shows nothing of
// an edit in the same step, and one without change times nothing of an edit whose time was set back.
func (s *scanner) doubtful(f *found) bool {
	if !s.noChangeTime || s.glance {
		return false
	}
	if age := s.now.Sub(time.Unix(0, f.ModTime)); s.grain >= time.Second && age >= 0 && age < 2*s.grain {
		return true
	}
	return part(f.Path) == s.now.UnixNano()/int64(rereadEvery/rereadParts)%rereadParts
}

// part deals the files out.
func part(path string) int64 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(path)) // never fails
	return int64(h.Sum32() % rereadParts)
}

// restless is how young a change is that another one may follow at once.
const restless = 2 * time.Second

// rest leaves out what a program is just writing: what changed in the last moments, and has changed again since it was
// looked at last. It waits only where somebody is there who looks again.
func (s *scanner) rest() {
	if !s.disk.watched.Load() {
		return
	}
	young := map[string]storage.FileLocal{}
	for _, f := range s.dirty {
		if age := s.now.Sub(time.Unix(0, f.ModTime)); age < 0 || age > restless || s.all[f.Path] == nil {
			continue
		}
		if was, ok := s.disk.young[f.Path]; f.busy || ok && !unchanged(was, f.FileLocal) {
			f.busy, s.moving = true, true
		}
		young[f.Path] = f.FileLocal
	}
	s.disk.young = young
	if s.moving {
		select {
		case s.disk.moves() <- struct{}{}:
		default: // somebody looks already
		}
	}
}

// hash reads the files that may be new or changed.
func (s *scanner) hash(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(4)
	var mu sync.Mutex
	for _, f := range s.dirty {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			now, err := hashFile(abs(s.root, f.Path))
			switch {
			case errors.Is(err, fs.ErrNotExist):
				mu.Lock()
				delete(s.all, f.Path)
				mu.Unlock()
				return nil
			case errors.Is(err, fs.ErrPermission):
				mu.Lock()
				s.note(f.path, files.NoteUnreadable)
				mu.Unlock()
				f.busy = true
				return nil
			case err != nil: // locked by a program, being written: look again next time
				f.busy = true
				return nil //nolint:nilerr // one busy file does not fail the scan
			}
			now.Path = f.Path
			f.FileLocal = now
			return nil
		})
	}
	return g.Wait()
}
