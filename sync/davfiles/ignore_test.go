// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"errors"
	"os"
	"testing"

	"kontor/app/files"
	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/servertest"
)

// TestCase58IgnoreFile: what an ignore file names stays on its side; taking the words back unites both sides.
func TestCase58IgnoreFile(t *testing.T) {
	s := servertest.Apache(t)
	c := settled(t, s, "a.log=dort", "bau/plan=p", "bau/innen.log=i", "x=x")
	c.write(files.IgnoreName, "*.log\n/geheim/\n")
	c.write("hier.log", "hier")
	c.write("geheim/y", "y")
	c.sync()
	c.must(os.Remove(s.Path("bau/innen.log")))
	c.remove("a.log")
	on(t, s, "dort.log=d")
	c.sync()
	c.sync()
	c.same("disk", tree(t, c.root), map[string]string{
		files.IgnoreName: "*.log\n/geheim/\n", "bau/": "", "bau/plan": "p", "bau/innen.log": "i", "x": "x", "hier.log": "hier", "geheim/": "", "geheim/y": "y",
	})
	c.same("server", tree(t, s.Root), map[string]string{
		files.IgnoreName: "*.log\n/geheim/\n", "a.log": "dort", "bau/": "", "bau/plan": "p", "x": "x", "dort.log": "d",
	})
	c.quiet()
	on(t, s, files.IgnoreName+"=# nichts mehr\n")
	age(t, s, files.IgnoreName)
	for range 3 {
		c.sync()
	}
	c.want(s, files.IgnoreName+"=# nichts mehr\n", "a.log=dort", "bau/", "bau/plan=p", "bau/innen.log=i", "x=x", "hier.log=hier", "geheim/", "geheim/y=y", "dort.log=d")
	c.quiet()
	if n := len(c.conflicts()); n != 0 {
		t.Errorf("%d conflicts with ourselves", n)
	}
}

// TestCase58IgnoreFileComesBackOnQuietServer: the words are taken back here while the root's tag says that nothing is new.
func TestCase58IgnoreFileComesBackOnQuietServer(t *testing.T) {
	c, s := inStep(t, "put a=a", "put b.log=b")
	c.write(files.IgnoreName, "*.log")
	c.sync()
	c.sync()
	c.write("b.log", "hier geändert")
	c.sync()
	if got := s.tree()["b.log"]; got != "b" {
		t.Errorf("an ignored file travelled: %q", got)
	}
	c.remove(files.IgnoreName)
	for range 3 {
		c.sync()
	}
	got := contents(tree(t, c.root))
	if !got["b"] || !got["hier geändert"] || len(c.conflicts()) != 1 {
		t.Errorf("%q, %d conflicts", brief(tree(t, c.root)), len(c.conflicts()))
	}
	c.same("server", s.tree(), tree(t, c.root))
}

// TestCase46IgnoredFilesHoldTheirFolder: a folder is deleted on one side while the other side has something ignored in
// it; what programs left there goes along on the server, everything else stays with the folder.
func TestCase46IgnoredFilesHoldTheirFolder(t *testing.T) {
	s := servertest.Apache(t)
	c := settled(t, s, "gehalten/a=a", "gehalten/tief/b.log=b", "offen/o=o", "offen/.~lock.o#=Petra", "rest/r=r", "rest/Thumbs.db=t", "1=1", "2=2", "3=3", "4=4", files.IgnoreName+"=*.log")
	c.sync()
	if got := c.notes(); got["offen/o"] != "lock" {
		t.Errorf("%v", got)
	}
	c.remove("gehalten")
	c.remove("offen")
	c.remove("rest")
	for range 3 {
		c.sync()
	}
	c.same("server", tree(t, s.Root), map[string]string{
		"gehalten/": "", "gehalten/tief/": "", "gehalten/tief/b.log": "b", "offen/": "", "offen/.~lock.o#": "Petra", "1": "1", "2": "2", "3": "3", "4": "4", files.IgnoreName: "*.log",
	})
	c.quiet()
	c.must(os.Remove(s.Path("offen/.~lock.o#")))
	c.sync()
	c.sync()
	if got := c.notes(); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

// TestCase58IgnoredWhileOnItsWay: what is ignored while its upload waits does not travel; what is on its way already is
// not forgotten before the answer is known.
func TestCase58IgnoredWhileOnItsWay(t *testing.T) {
	c, s := inStep(t, "put a=a")
	look := func() {
		t.Helper()
		c.must(LookLocally(t.Context(), Config{DB: c.db, Account: c.acc, Home: c.home}))
		c.must(c.db.Check(t.Context()))
	}
	state := func(want journal.State) {
		t.Helper()
		ops, err := c.db.PendingOps(t.Context(), 0)
		c.must(err)
		if len(ops) != 1 {
			t.Fatalf("%+v", ops)
		}
		c.must(c.db.Write(t.Context(), func(tx *storage.Tx) error {
			ops[0].State = want
			return tx.SaveOp(t.Context(), ops[0])
		}))
	}
	c.write("b.log", "b")
	look()
	state(journal.Running)
	c.write(files.IgnoreName, "*.log")
	look()
	if _, err := c.db.FileByPath(t.Context(), c.acc.ID, "b.log"); err != nil {
		t.Errorf("a file on its way was forgotten: %v", err)
	}
	c.must(c.db.Write(t.Context(), func(tx *storage.Tx) error {
		ops, err := tx.OpsFor(t.Context(), "files", 2)
		if err != nil || len(ops) != 1 {
			return errors.Join(err, errors.New("another operation was expected"))
		}
		ops[0].State = journal.Waiting
		return tx.SaveOp(t.Context(), ops[0])
	}))
	look()
	if _, err := c.db.FileByPath(t.Context(), c.acc.ID, "b.log"); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("it is still known: %v", err)
	}
	c.sync()
	if got := s.tree(); got["b.log"] != "" || got[files.IgnoreName] == "" {
		t.Errorf("%q", got)
	}
	if got := tree(t, c.root)["b.log"]; got != "b" {
		t.Errorf("here it holds %q", got)
	}
}
