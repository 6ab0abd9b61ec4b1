// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"kontor/app/files"
	"kontor/app/journal"
	"kontor/storage"
)

// What random histories found of a person who works in the window while the line breaks, or while the disk has something that
// was not seen yet.

// order stores what a person did in the window, as the use cases do.
func (c *client) order(kind journal.Kind, row storage.FileRow, payload any, change func(tx *storage.Tx) error) {
	c.t.Helper()
	ctx := c.t.Context()
	raw, err := json.Marshal(payload)
	c.must(err)
	c.must(c.db.WriteDurable(ctx, func(tx *storage.Tx) error {
		if err := change(tx); err != nil {
			return err
		}
		op := journal.Op{AccountID: c.acc.ID, Kind: kind, Target: row.Path, Payload: raw, Targets: []journal.Target{{Table: "files", ID: row.ID}}}
		depends, others, err := tx.FileOrder(ctx, row, kind)
		if err != nil {
			return err
		}
		op.DependsOn, op.Targets = depends, append(op.Targets, others...)
		_, err = tx.AddOp(ctx, op)
		return err
	}))
	c.must(c.w.disk.Align(ctx))
}

// deletes removes an entry in the window.
func (c *client) deletes(row storage.FileRow) {
	c.t.Helper()
	c.order(journal.FileDelete, row, files.DeleteOp{Path: row.Path, ETag: row.Remote.ETag, Dir: row.Dir}, func(tx *storage.Tx) error {
		return tx.HideFiles(c.t.Context(), c.acc.ID, row.Path, true)
	})
}

// uploads sends what the disk has over a line that breaks once the server has it.
func (c *client) uploads(s *cloud, name, content string) {
	c.t.Helper()
	c.write(name, content)
	c.offline(s)
	s.failing(func() int { return 2 })
	_ = c.trySync()
	s.failing(nil)
	ops, err := c.db.PendingOps(c.t.Context(), 0)
	c.must(err)
	if len(ops) != 1 || ops[0].State != journal.InDoubt || s.tree()[name] != content {
		c.t.Fatalf("%+v %v", ops, s.tree())
	}
}

// TestAnUploadInDoubtIsDeletedInTheWindow: the copy is in the recycle bin when the server is asked what became of it.
func TestAnUploadInDoubtIsDeletedInTheWindow(t *testing.T) {
	c, s := inStep(t, "put a=a")
	c.uploads(s, "neu", "Inhalt")
	c.deletes(c.row("neu"))
	for range 3 {
		c.sync()
	}
	c.both(s, "a=a")
}

// TestAnUploadInDoubtIsReplacedInTheWindow: what the server has is the own earlier version, and no conflict.
func TestAnUploadInDoubtIsReplacedInTheWindow(t *testing.T) {
	c, s := inStep(t, "put a=a")
	c.uploads(s, "neu", "erste")
	row := c.row("neu")
	c.write("neu", "zweite")
	local, err := hashFile(c.path("neu"))
	c.must(err)
	local.Path = "neu"
	c.order(journal.FilePut, row, files.PutOp{Path: "neu", Hash: local.Hash, Size: local.Size}, func(tx *storage.Tx) error {
		row.Local, row.Size = local, local.Size
		return tx.SaveFile(t.Context(), row)
	})
	for range 3 {
		c.sync()
	}
	c.both(s, "a=a", "neu=zweite")
}

// TestMovedAndDeletedInTheWindow: others put something else at the old place, and a new file lies at the new one.
func TestMovedAndDeletedInTheWindow(t *testing.T) {
	c, s := inStep(t, "put a=a", "put b=b")
	row := c.row("a")
	c.order(journal.FileMove, row, files.MoveOp{From: "a", To: "e", ETag: row.Base.ETag}, func(tx *storage.Tx) error {
		return tx.RelocateFile(t.Context(), row, "e")
	})
	c.deletes(c.row("e"))
	c.write("e", "etwas anderes")
	s.edit("rm a", "mkdir a")
	for range 4 {
		c.sync()
	}
	c.both(s, "a/", "b=b", "e=etwas anderes")
}

// TestAFolderMadeWhereAFileLies: a folder is made in the window where the disk has a file that was not seen yet. Both live.
func TestAFolderMadeWhereAFileLies(t *testing.T) {
	c, s := inStep(t, "put a=a")
	c.write("d", "Datei")
	row := storage.FileRow{AccountID: c.acc.ID, Path: "d", Dir: true}
	c.must(c.db.WriteDurable(t.Context(), func(tx *storage.Tx) (err error) {
		row, err = tx.AddFile(t.Context(), row)
		return err
	}))
	c.order(journal.FileMkdir, row, files.MkdirOp{Path: "d"}, func(*storage.Tx) error { return nil })
	server, err := c.db.FileServer(t.Context(), c.acc.ID)
	c.must(err)
	_, _, err = c.w.plan(t.Context(), nil, server, nil) // the disk is looked at before the server hears of it
	c.must(err)
	for range 3 {
		c.sync()
	}
	c.both(s, "a=a", "d=Datei", copyName("d")+"/")
}

// TestAFolderMadeInOneThatGoes: what was made in a folder and went with it is forgotten once that has gone for good.
func TestAFolderMadeInOneThatGoes(t *testing.T) {
	c, s := inStep(t, "put a=a", "mkdir d", "put d/x=x")
	c.unpinned()
	ctx := t.Context()
	var made storage.FileRow
	c.must(c.db.WriteDurable(ctx, func(tx *storage.Tx) (err error) { // its operation was cancelled with the deletion
		made, err = tx.AddFile(ctx, storage.FileRow{AccountID: c.acc.ID, Path: "d/neu", Dir: true})
		return err
	}))
	c.deletes(c.row("d"))
	for range 2 {
		c.sync()
	}
	if _, err := c.db.File(ctx, made.ID); err == nil {
		t.Error("the folder is still known")
	}
	c.same("server", s.tree(), map[string]string{"a": "a"})
	if _, err := os.Stat(c.path("d")); err == nil {
		t.Error("the folder is still there")
	}
}

// TestAFolderInDoubtIsDeletedInTheWindow: it never arrived, and others put a file at its place.
func TestAFolderInDoubtIsDeletedInTheWindow(t *testing.T) {
	c, s := inStep(t, "put a=a")
	c.must(os.Mkdir(c.path("d"), 0o755))
	c.offline(s)
	s.failing(func() int { return 1 })
	_ = c.trySync()
	s.failing(nil)
	c.deletes(c.row("d"))
	s.edit("put d=Datei")
	for range 3 {
		c.sync()
	}
	c.both(s, "a=a", "d=Datei")
}

// TestAFolderMadeInADeletedOneIsForgotten where that comes back, since others have changed something in it meanwhile.
func TestAFolderMadeInADeletedOneIsForgotten(t *testing.T) {
	c, s := inStep(t, "mkdir d", "put d/a=a")
	made, err := storage.FileRow{}, error(nil)
	c.must(c.db.WriteDurable(t.Context(), func(tx *storage.Tx) error {
		made, err = tx.AddFile(t.Context(), storage.FileRow{AccountID: c.acc.ID, Path: "d/neu", Dir: true})
		return err
	}))
	c.deletes(c.row("d"))
	s.edit("put d/a=b")
	for range 3 {
		c.sync()
	}
	c.both(s, "d/", "d/a=b")
	if row, err := c.db.File(t.Context(), made.ID); err == nil {
		t.Errorf("an entry that is nowhere stays for ever: %+v", row)
	}
}

// TestMovedIntoAFolderThatTheDiskLost: a file that is not here is moved in the window into a folder that was replaced on the
// disk by a file. It stays where the server has it.
func TestMovedIntoAFolderThatTheDiskLost(t *testing.T) {
	c, s := inStep(t, "put a=a", "mkdir e")
	c.unpinned()
	c.pin("e")
	c.sync()
	c.must(os.Remove(c.path("e")))
	c.write("e", "eine Datei")
	row := c.row("a")
	payload, err := json.Marshal(files.MoveOp{From: "a", To: "e/c"})
	c.must(err)
	c.must(c.db.WriteDurable(t.Context(), func(tx *storage.Tx) error {
		if err := tx.RelocateFile(t.Context(), row, "e/c"); err != nil {
			return err
		}
		_, err := tx.AddOp(t.Context(), journal.Op{
			AccountID: c.acc.ID, Kind: journal.FileMove, Target: "a", Payload: payload,
			Targets: []journal.Target{{Table: "files", ID: row.ID}}, NextTry: time.Now().Add(time.Hour),
		})
		return err
	}))
	for range 3 {
		c.sync()
		c.must(c.db.Check(t.Context()))
	}
	if got := s.tree(); got["a"] != "a" || got["e"] != "eine Datei" {
		t.Error(got)
	}
}

// TestAFolderThatCouldNotBeMadeIsDeleted: nothing of it waits or is shown as failed then.
func TestAFolderThatCouldNotBeMadeIsDeleted(t *testing.T) {
	c, s := inStep(t, "put a=a")
	made, err := storage.FileRow{}, error(nil)
	c.must(c.db.WriteDurable(t.Context(), func(tx *storage.Tx) error {
		if made, err = tx.AddFile(t.Context(), storage.FileRow{AccountID: c.acc.ID, Path: "neu", Dir: true}); err != nil {
			return err
		}
		op, err := tx.AddOp(t.Context(), journal.Op{
			AccountID: c.acc.ID, Kind: journal.FileMkdir, Target: "neu", Payload: []byte(`{"path":"neu"}`),
			Targets: []journal.Target{{Table: "files", ID: made.ID}},
		})
		if err != nil {
			return err
		}
		op.State, op.LastError = journal.Failed, errTaken.Error()
		return tx.SaveOp(t.Context(), op)
	}))
	c.deletes(c.row("neu"))
	s.edit("put b=b")
	for range 3 {
		c.sync()
	}
	c.both(s, "a=a", "b=b")
	ops, err := c.db.PendingOps(t.Context(), 0)
	if err != nil || len(ops) > 0 {
		t.Errorf("still there: %+v, %v", ops, err)
	}
}
