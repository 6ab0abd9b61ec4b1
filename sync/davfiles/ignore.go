// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"kontor/app/files"
	"kontor/app/journal"
	"kontor/storage"
)

// placeOf is where the copy of a path lies, or would lie.
func (s *situation) placeOf(path string) string {
	if s.place != nil {
		return s.place(path)
	}
	return s.rules.LocalPath(path)
}

// leaveOut takes the rows of what is ignored by now out of the plan. They are forgotten: what lies on either side stays
// there, and should it not be ignored any more one day, both sides are united like at the first time.
func (s *situation) leaveOut() {
	s.rows = slices.DeleteFunc(s.rows, func(r storage.FileRow) bool {
		ignored := s.ignore.Ignored(r.Path, r.Dir)
		if ignored {
			s.leave = append(s.leave, r.ID)
		}
		return ignored
	})
}

// stays reports whether an item of the server is ignored. A folder that holds one which a person wants to keep out, or
// in which somebody has a file open, is not deleted with it.
func (s *situation) stays(path string, dir bool) bool {
	if !s.ignore.Ignored(path, dir) {
		return false
	}
	if _, lock := files.LockedBy(files.Base(path)); lock || !files.Ignored(files.Base(path)) {
		for up := files.Parent(path); up != "" && !s.held[up]; up = files.Parent(up) {
			if s.held == nil {
				s.held = map[string]bool{}
			}
			s.held[up] = true
		}
	}
	return true
}

// Ignores reports whether what a person puts at a path would stay on this computer.
func (d *Disk) Ignores(ctx context.Context, path string, dir bool) (bool, error) {
	root, err := d.Root(ctx)
	if err != nil {
		return false, err
	}
	var g files.Ignore
	for folder := files.Parent(path); ; folder = files.Parent(folder) {
		f, err := openFile(abs(root, files.Join(d.local(folder), files.IgnoreName)))
		if err == nil {
			text, readErr := io.ReadAll(io.LimitReader(f, maxIgnoreFile))
			if err = errors.Join(readErr, f.Close()); err == nil {
				g.Read(folder, string(text))
			}
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrInvalid) {
			return false, fmt.Errorf("read an ignore file: %w", err)
		}
		if folder == "" {
			return g.Ignored(path, dir), nil
		}
	}
}

// leave forgets the rows of what is ignored, with what waits for them. While one of them is on its way, all wait.
func (a *applier) leave(ctx context.Context) error {
	for _, id := range a.s.leave {
		for _, o := range a.s.ops[id] {
			if o.State == journal.Running || o.State == journal.InDoubt {
				return nil
			}
		}
	}
	for _, id := range slices.Backward(a.s.leave) { // what lies in a folder before the folder
		if err := a.drop(ctx, id, journal.FilePut, journal.FileMkdir, journal.FileMove, journal.FileDelete); err != nil {
			return err
		}
		if err := a.DeleteFile(ctx, id); err != nil {
			return fmt.Errorf("forget what is ignored: %w", err)
		}
	}
	return nil
}

func (w *Worker) ignoreKey() string { return fmt.Sprintf("_files.ignore.%d", w.cfg.Account.ID) }

// ignoreMark is the same for the same rules.
func ignoreMark(g *files.Ignore) string {
	text := g.Text()
	if text == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// ignoreText is the mark of what the ignore files said when the server was listed completely last.
func (w *Worker) ignoreText(ctx context.Context) string {
	text, err := w.db.Setting(ctx, w.ignoreKey(), "")
	if err != nil {
		return "" // looks again
	}
	return text
}

func notesKey(account int64) string { return fmt.Sprintf("_files.notes.%d", account) }

// saveNotes stores what a person should know about the tree, and which folders are closed, if it is something new.
func (w *Worker) saveNotes(ctx context.Context, s *situation) error {
	if err := w.saveClosed(ctx, s); err != nil {
		return err
	}
	was, err := Notes(ctx, w.db, w.cfg.Account.ID)
	if err != nil {
		return err
	}
	notes := slices.Clone(s.notes)
	if s.list == nil || s.list.same { // what the server said last still holds
		for _, n := range was {
			if n.Problem == files.NoteLock {
				notes = append(notes, n)
			}
		}
	} else {
		notes = append(notes, s.list.locks()...)
	}
	for _, c := range w.disk.aliases() {
		notes = append(notes, files.Note{Path: c.Path, Problem: files.NoteAlias, Local: c.Local})
	}
	slices.SortFunc(notes, func(a, b files.Note) int { return strings.Compare(a.Path+"\x00"+a.Problem, b.Path+"\x00"+b.Problem) })
	notes = slices.Compact(notes[:min(len(notes), maxNotes)])
	if slices.Equal(notes, was) {
		return nil
	}
	raw, err := json.Marshal(notes)
	if err != nil {
		return err
	}
	return w.db.Write(ctx, func(tx *storage.Tx) error { return tx.SetSetting(ctx, notesKey(w.cfg.Account.ID), string(raw)) })
}

// locks names the files that somebody has open, as lock files on the server tell. The program sends none itself.
func (l *listing) locks() []files.Note {
	var all []files.Note
	for path := range l.items {
		if file, lock := files.LockedBy(files.Base(path)); lock {
			all = append(all, files.Note{Path: files.Join(files.Parent(shown(path)), file), Problem: files.NoteLock})
		}
	}
	return all
}

// Notes gives what a person should know about places in the tree of an account, in the order of the paths.
func Notes(ctx context.Context, db *storage.DB, account int64) ([]files.Note, error) {
	raw, err := db.Setting(ctx, notesKey(account), "")
	if err != nil || raw == "" {
		return nil, err
	}
	var notes []files.Note
	if err := json.Unmarshal([]byte(raw), &notes); err != nil {
		return nil, fmt.Errorf("read the notes on files: %w", err)
	}
	return notes, nil
}
