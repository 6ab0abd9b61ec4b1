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
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

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

// scan reads the whole local tree. Only what looks different from what rows know is read through for its hash.
// What is no file or folder, what is ignored and what has no name that can travel stays unseen; known names never do.
func (d *Disk) scan(ctx context.Context, root string, rows map[string]*storage.FileRow) (map[string]*found, error) {
	s := &scanner{root: root, rules: d.rules, rows: rows, all: map[string]*found{}}
	if err := s.folder(ctx, "", ""); err != nil {
		return nil, fmt.Errorf("look through the local files: %w", err)
	}
	if err := s.hash(ctx); err != nil {
		return nil, fmt.Errorf("read the local files: %w", err)
	}
	return s.all, nil
}

type scanner struct {
	root  string
	rules files.Rules
	rows  map[string]*storage.FileRow // by local path
	all   map[string]*found           // by local path
	dirty []*found
}

func (s *scanner) folder(ctx context.Context, local, path string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	entries, err := os.ReadDir(abs(s.root, local))
	if err != nil && local != "" {
		s.unreadable(local)
		return nil
	}
	if err != nil {
		return err
	}
	used := map[string]bool{}
	seen := 0
	s.preferKnown(entries, local)
	for _, e := range entries {
		here := files.Join(local, e.Name())
		known := s.rows[here]
		if known == nil && (files.Ignored(e.Name()) || !utf8.ValidString(e.Name())) {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if !info.IsDir() && !info.Mode().IsRegular() {
			continue
		}
		name := s.rules.Remote(e.Name())
		if key := s.rules.Key(name); used[key] {
			if here, name, err = s.separate(local, e.Name(), used); err != nil {
				return err
			}
		}
		used[s.rules.Key(name)] = true
		seen++
		if err := s.entry(ctx, here, files.Join(path, name), info, known); err != nil {
			return err
		}
	}
	// A folder that was deleted stays on the disk as long as something in it is ignored; it is not new because of that.
	if seen == 0 && len(entries) > 0 && local != "" && s.rows[local] == nil {
		delete(s.all, local)
	}
	return nil
}

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
	rank := func(e os.DirEntry) int {
		switch {
		case s.rows[files.Join(local, e.Name())] != nil:
			return 0
		case s.rules.Local(s.rules.Remote(e.Name())) == e.Name():
			return 1
		}
		return 2
	}
	slices.SortStableFunc(entries, func(a, b os.DirEntry) int { return rank(a) - rank(b) })
}

// separate renames a file whose name another one has already, but for its composition (NFC and NFD) or case.
func (s *scanner) separate(local, name string, used map[string]bool) (here, alias string, err error) {
	alias = files.Alias(s.rules.Remote(name), func(n string) bool {
		_, err := os.Lstat(abs(s.root, files.Join(local, s.rules.Local(n))))
		return used[s.rules.Key(n)] || err == nil
	})
	here = files.Join(local, s.rules.Local(alias))
	return here, alias, os.Rename(abs(s.root, files.Join(local, name)), abs(s.root, here))
}

func (s *scanner) entry(ctx context.Context, local, path string, info fs.FileInfo, known *storage.FileRow) error {
	f := &found{FileLocal: fromInfo(info), path: path, dir: info.IsDir()}
	f.Path = local
	s.all[local] = f
	if f.dir {
		return s.folder(ctx, local, path)
	}
	if known != nil && !known.Dir && known.Local.Hash != "" && unchanged(known.Local, f.FileLocal) {
		f.Hash = known.Local.Hash
		return nil
	}
	s.dirty = append(s.dirty, f)
	return nil
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
			case err != nil: // locked by a program, not readable, being written: look again next time
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

// dropTemps removes downloads that were interrupted and will not be continued.
func dropTemps(root string, keep map[string]bool, log *slog.Logger) {
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return nil //nolint:nilerr // what cannot be read stays
		}
		if strings.HasPrefix(e.Name(), files.TempPrefix) && !keep[e.Name()] {
			return os.Remove(path)
		}
		return nil
	})
	if err != nil {
		log.Debug("removing interrupted downloads failed", slog.Any("error", err))
	}
}
