// SPDX-License-Identifier: EUPL-1.2

package simworld

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"kontor/app/files"
	"kontor/app/journal"
	"kontor/storage"
)

// FileStore is the store of one account's files in memory. Its methods do what those of the same name do in package
// storage.
type FileStore struct {
	PinnedAll bool // everything is kept offline

	rows      map[int64]*storage.FileRow
	ops       []journal.Op
	server    storage.FileServer
	nextID    int64
	Conflicts int // that were told to the person
}

// NewFileStore makes an empty store of an account of which everything is pinned.
func NewFileStore() *FileStore {
	return &FileStore{PinnedAll: true, rows: map[int64]*storage.FileRow{}}
}

// Clone is the store as it is now, for a power cut that loses what comes after.
func (s *FileStore) Clone() *FileStore {
	c := *s
	c.ops = slices.Clone(s.ops)
	c.rows = maps.Clone(s.rows)
	for id, row := range c.rows {
		r := *row
		c.rows[id] = &r
	}
	return &c
}

func (s *FileStore) filter(keep func(*storage.FileRow) bool) []storage.FileRow {
	var rows []storage.FileRow
	for _, r := range s.rows {
		if keep(r) {
			rows = append(rows, *r)
		}
	}
	slices.SortFunc(rows, func(a, b storage.FileRow) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), cmp.Compare(a.ID, b.ID))
	})
	return rows
}

// All reads every row, folders before what lies in them.
func (s *FileStore) All() []storage.FileRow {
	return s.filter(func(*storage.FileRow) bool { return true })
}

// ToAlign reads what FilesToAlign does.
func (s *FileStore) ToAlign() []storage.FileRow {
	return s.filter(func(r *storage.FileRow) bool {
		switch {
		case r.Local.Path != "":
			return r.Local.Path != r.Path || r.Gone || r.Discard || (!r.Kept && !r.Wanted && (r.Dir || r.Base.Hash == r.Local.Hash))
		case r.Gone:
			return false
		}
		return r.Trash != "" || r.Dir && r.Kept
	})
}

// ToFetch reads what FilesToFetch does.
func (s *FileStore) ToFetch() []storage.FileRow {
	return s.filter(func(r *storage.FileRow) bool {
		return !r.Dir && !r.Gone && r.Remote.Path != "" &&
			(r.Local.Path == "" && (r.Kept || r.Wanted) || r.Local.Path != "" && r.Base.ETag != r.Remote.ETag)
	})
}

// FilesBelowRemote reads what the server had under a folder last.
func (s *FileStore) FilesBelowRemote(_ context.Context, _ int64, path string) ([]storage.FileRow, error) {
	return s.filter(func(r *storage.FileRow) bool { return strings.HasPrefix(r.Remote.Path, path+"/") }), nil
}

// File reads one row.
func (s *FileStore) File(_ context.Context, id int64) (storage.FileRow, error) {
	if r := s.rows[id]; r != nil {
		return *r, nil
	}
	return storage.FileRow{}, storage.ErrNotFound
}

func (s *FileStore) first(match func(*storage.FileRow) bool) (storage.FileRow, error) {
	if rows := s.filter(match); len(rows) > 0 {
		return rows[0], nil
	}
	return storage.FileRow{}, storage.ErrNotFound
}

// FileByPath reads the row that is shown at a path.
func (s *FileStore) FileByPath(_ context.Context, _ int64, path string) (storage.FileRow, error) {
	return s.first(func(r *storage.FileRow) bool { return r.Path == path && !r.Gone })
}

// ByRemote reads the row that the server had at a path last.
func (s *FileStore) ByRemote(path string) (storage.FileRow, error) {
	return s.first(func(r *storage.FileRow) bool { return path != "" && r.Remote.Path == path })
}

func (s *FileStore) place(f *storage.FileRow) error {
	f.Name, f.ParentID, f.Kept = files.Base(f.Path), 0, f.Pinned || s.PinnedAll
	folder := files.Parent(f.Path)
	if folder == "" {
		return nil
	}
	up, err := s.first(func(r *storage.FileRow) bool { return r.Path == folder && r.Dir && !r.Gone })
	if err != nil && f.Gone {
		if up, err = s.first(func(r *storage.FileRow) bool { return r.Path == folder && r.Dir }); err != nil {
			f.Kept = false
			return nil //nolint:nilerr // it went before what it held
		}
	}
	f.ParentID, f.Kept = up.ID, f.Pinned || up.Kept
	return err
}

// AddFile stores a new row.
func (s *FileStore) AddFile(_ context.Context, f storage.FileRow) (storage.FileRow, error) {
	if err := s.place(&f); err != nil {
		return f, err
	}
	s.nextID++
	f.ID = s.nextID
	s.rows[f.ID] = &f
	return f, nil
}

// SaveFile stores everything of a row.
func (s *FileStore) SaveFile(_ context.Context, f storage.FileRow) error {
	if s.rows[f.ID] == nil {
		return nil
	}
	if err := s.place(&f); err != nil {
		return err
	}
	s.rows[f.ID] = &f
	return nil
}

// SaveFetched stores the copy of a file.
func (s *FileStore) SaveFetched(_ context.Context, f storage.FileRow) error {
	if r := s.rows[f.ID]; r != nil {
		r.Local, r.Base, r.Size, r.Problem = f.Local, f.Base, f.Size, ""
	}
	return nil
}

// MoveFiles moves everything below a folder on one side.
func (s *FileStore) MoveFiles(_ context.Context, _ int64, side storage.Side, from, to string) error {
	if from == to || from == "" || to == "" {
		return nil
	}
	for _, r := range s.rows {
		at := &r.Path
		switch side {
		case storage.SideRemote:
			at = &r.Remote.Path
		case storage.SideLocal:
			at = &r.Local.Path
		case storage.SideShown:
		}
		if strings.HasPrefix(*at, from+"/") {
			*at = to + (*at)[len(from):]
		}
	}
	return nil
}

// RelocateFile shows a row, and everything below it, at another path.
func (s *FileStore) RelocateFile(ctx context.Context, f storage.FileRow, path string) error {
	from := f.Path
	f.Path = path
	if err := s.SaveFile(ctx, f); err != nil || !f.Dir || from == path {
		return err
	}
	if err := s.MoveFiles(ctx, 0, storage.SideShown, from, path); err != nil || f.Gone {
		return err
	}
	s.rekeep(path)
	return nil
}

// DeleteFile forgets a row.
func (s *FileStore) DeleteFile(_ context.Context, id int64) error {
	for _, r := range s.rows {
		if r.ParentID == id && r.Gone {
			r.ParentID = 0
		}
	}
	delete(s.rows, id)
	return nil
}

// DeleteRemote forgets what the server had below a folder that it has no more.
func (s *FileStore) DeleteRemote(_ context.Context, _ int64, path string) error {
	for id, r := range s.rows {
		if !r.Gone || !strings.HasPrefix(r.Remote.Path, path+"/") {
			continue
		}
		if r.Remote.Path = ""; r.Trash == "" && r.Local.Path == "" {
			delete(s.rows, id)
		}
	}
	return nil
}

// Pending lists the operations that have not ended, oldest first.
func (s *FileStore) Pending() []journal.Op {
	var ops []journal.Op
	for _, op := range s.ops {
		if !op.State.Final() {
			ops = append(ops, op)
		}
	}
	return ops
}

// Op reads one operation.
func (s *FileStore) Op(_ context.Context, id int64) (journal.Op, error) {
	if id < 1 || id > int64(len(s.ops)) {
		return journal.Op{}, storage.ErrNotFound
	}
	return s.ops[id-1], nil
}

// AddOp adds an operation.
func (s *FileStore) AddOp(_ context.Context, op journal.Op) (journal.Op, error) {
	op.ID, op.State = int64(len(s.ops)+1), journal.Waiting
	op.Targets = slices.Clone(op.Targets)
	s.ops = append(s.ops, op)
	return op, nil
}

// SaveOp stores everything of an operation but its target in words and its rows.
func (s *FileStore) SaveOp(_ context.Context, op journal.Op) error {
	was := &s.ops[op.ID-1]
	op.Target, op.Targets = was.Target, was.Targets
	*was = op
	return nil
}

// OpsFor lists the pending operations about a row, oldest first.
func (s *FileStore) OpsFor(_ context.Context, _ string, id int64) ([]journal.Op, error) {
	return slices.DeleteFunc(s.Pending(), func(op journal.Op) bool {
		return !slices.ContainsFunc(op.Targets, func(t journal.Target) bool { return t.ID == id })
	}), nil
}

// Dependents lists the operations that wait for another one.
func (s *FileStore) Dependents(_ context.Context, id int64) ([]journal.Op, error) {
	return slices.DeleteFunc(s.Pending(), func(op journal.Op) bool { return op.DependsOn != id }), nil
}

// FileOps reads the pending operations by the rows that they are about.
func (s *FileStore) FileOps(context.Context, int64) (map[int64][]storage.FileOp, error) {
	ops := map[int64][]storage.FileOp{}
	for _, op := range s.Pending() {
		row := op.Targets[0].ID
		ops[row] = append(ops[row], storage.FileOp{ID: op.ID, Kind: op.Kind, State: op.State})
	}
	return ops, nil
}

// PendingMkdir is the operation that still has to make a folder on the server, 0 for none.
func (s *FileStore) PendingMkdir(_ context.Context, folder int64) (int64, error) {
	last := int64(0)
	for _, op := range s.Pending() {
		if op.Kind == journal.FileMkdir && op.Targets[0].ID == folder {
			last = op.ID
		}
	}
	return last, nil
}

// FileOrder finds what an operation about a row must not overtake.
func (s *FileStore) FileOrder(ctx context.Context, f storage.FileRow, kind journal.Kind) (int64, []journal.Target, error) {
	depends, err := s.PendingMkdir(ctx, f.ParentID)
	if err != nil {
		return 0, nil, err
	}
	below := func(path, folder string) bool { return folder != "" && strings.HasPrefix(path, folder+"/") }
	seen := map[int64]bool{f.ID: true}
	var others []journal.Target
	add := func(match func(op journal.Op, r *storage.FileRow) bool) {
		for _, op := range s.Pending() {
			r := s.rows[op.Targets[0].ID]
			if r != nil && !seen[r.ID] && match(op, r) {
				seen[r.ID] = true
				others = append(others, journal.Target{Table: "files", ID: r.ID})
			}
		}
	}
	add(func(op journal.Op, r *storage.FileRow) bool {
		return (op.Kind == journal.FileMove || op.Kind == journal.FileDelete) &&
			(r.Dir && (below(f.Path, r.Path) || below(f.Remote.Path, r.Remote.Path)) || r.Remote.Path == f.Path)
	})
	if f.Dir && kind != journal.FileMkdir {
		add(func(_ journal.Op, r *storage.FileRow) bool {
			return below(r.Path, f.Path) || below(r.Remote.Path, f.Remote.Path)
		})
	}
	return depends, others, nil
}

// RenameOp changes what an operation is about, in a person's words.
func (s *FileStore) RenameOp(_ context.Context, op int64, target string) error {
	s.ops[op-1].Target = target
	return nil
}

// RetargetOp makes an operation be about another row.
func (s *FileStore) RetargetOp(_ context.Context, op, from, to int64) error {
	targets := slices.Clone(s.ops[op-1].Targets)
	for i := range targets {
		if targets[i].ID == from {
			targets[i].ID = to
		}
	}
	s.ops[op-1].Targets = targets
	return nil
}

// AddConflict counts what a person is told.
func (s *FileStore) AddConflict(context.Context, storage.ConflictRow) (int64, error) {
	s.Conflicts++
	return int64(s.Conflicts), nil
}

// FileServer reads what is known of the server.
func (s *FileStore) FileServer(context.Context, int64) (storage.FileServer, error) {
	return s.server, nil
}

// SaveFileServer stores what is known of the server.
func (s *FileStore) SaveFileServer(_ context.Context, server storage.FileServer) error {
	s.server = server
	return nil
}

// Drop ends an operation with what waits for it, and computes its row again.
func (s *FileStore) Drop(ctx context.Context, op journal.Op) error {
	if err := s.SaveOp(ctx, op); err != nil {
		return err
	}
	dependents, err := s.Dependents(ctx, op.ID)
	if err != nil {
		return err
	}
	for _, d := range dependents {
		d.State = journal.Cancelled
		if err := s.Drop(ctx, d); err != nil {
			return err
		}
	}
	if r := s.rows[op.Targets[0].ID]; r != nil {
		return s.recompute(ctx, *r)
	}
	return nil
}

// recompute lays what waits over what the server said last. Only deletions are dropped here: nothing that was changed is
// taken back.
func (s *FileStore) recompute(ctx context.Context, f storage.FileRow) error {
	ops, err := s.OpsFor(ctx, "files", f.ID)
	if err != nil {
		return err
	}
	was, path := f, s.shownPath(f)
	f.Gone = f.Remote.Path == ""
	ops = slices.DeleteFunc(ops, func(op journal.Op) bool { return op.Targets[0].ID != f.ID })
	for _, op := range ops {
		switch op.Kind {
		case journal.FilePut, journal.FileMkdir:
			f.Gone = false
		case journal.FileDelete:
			f.Gone = true
		default:
			var m files.MoveOp
			if err := json.Unmarshal(op.Payload, &m); err != nil {
				return err
			}
			path = m.To
		}
	}
	if !f.Gone {
		if path, err = s.freePath(ctx, f, path); err != nil {
			return err
		}
		if folder := files.Parent(path); folder != "" {
			_, err = s.first(func(r *storage.FileRow) bool { return r.Path == folder && r.Dir && !r.Gone })
			f.Gone = err != nil
		}
	}
	if f.Gone != was.Gone && f.Dir {
		for _, r := range s.rows {
			if files.Within(r.Path, was.Path) && (f.Gone || r.Remote.Path != "") {
				r.Gone = f.Gone
			}
		}
	}
	if err := s.RelocateFile(ctx, f, path); err != nil {
		return err
	}
	if f.Gone && f.Remote.Path == "" && f.Local.Path == "" && len(ops) == 0 {
		return s.DeleteFile(ctx, f.ID)
	}
	return nil
}

func (s *FileStore) shownPath(f storage.FileRow) string {
	folder := files.Parent(f.Remote.Path)
	switch {
	case f.Remote.Path == "":
		return f.Path
	case folder == "":
		return f.Remote.Path
	}
	up, err := s.ByRemote(folder)
	if err != nil || up.Gone && !f.Gone {
		return f.Path
	}
	return files.Join(up.Path, files.Base(f.Remote.Path))
}

func (s *FileStore) freePath(ctx context.Context, f storage.FileRow, path string) (string, error) {
	at := func(name string) (storage.FileRow, bool) {
		other, err := s.FileByPath(ctx, 0, files.Join(files.Parent(path), name))
		return other, err == nil && other.ID != f.ID
	}
	other, there := at(files.Base(path))
	if !there {
		return path, nil
	}
	alias := files.Join(files.Parent(path), files.Alias(files.Base(path), func(n string) bool { _, there := at(n); return there }))
	if other.Remote.Path != "" || f.Remote.Path == "" {
		return alias, nil
	}
	return path, s.RelocateFile(ctx, other, alias)
}
