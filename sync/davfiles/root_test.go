// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kontor/app/files"
	"kontor/storage"
	"kontor/sync/servertest"
	"kontor/sync/transport"
)

// at puts the files of a client into a folder, as a person does in the settings.
func (c *client) at(root string) error {
	c.t.Helper()
	disk := NewDisk(c.db, c.acc, c.home)
	if err := disk.Taken(c.t.Context(), root); err != nil {
		return err
	}
	c.must(disk.Adopt(c.t.Context()))
	c.acc.FilesRoot, c.root = root, root
	c.must(c.db.WriteDurable(c.t.Context(), func(tx *storage.Tx) error { return tx.SaveAccount(c.t.Context(), c.acc) }))
	c.must(c.w.Close())
	c.restart()
	return nil
}

// TestCase65OneFolderOneKontor: two installations on one folder would both take the other's work for a person's.
func TestCase65OneFolderOneKontor(t *testing.T) {
	s := servertest.Apache(t)
	a := settled(t, s, "a=a")
	b := join(t, s, "")
	b.must(b.at(a.root))
	if err := b.trySync(); !errors.Is(err, ErrRootInUse) || transport.CauseOf(err) != transport.CausePaused {
		t.Errorf("the second one: %v", err)
	}
	a.write("a", "neu")
	a.sync()
	a.want(s, "a=neu")
	a.must(a.w.Close()) // nobody holds it any more: it may be the folder of a store that is lost
	b.sync()
	b.want(s, "a=neu")
	a.restart()
	if err := a.trySync(); !errors.Is(err, errNoRoot) {
		t.Errorf("the first one, whose folder was taken over: %v", err)
	}
	open := a.conflicts()
	if len(open) != 1 || !strings.Contains(string(open[0].Detail), string(files.BrakeNoRoot)) {
		t.Fatalf("%+v", open)
	}
	a.must(a.w.disk.updateServer(t.Context(), func(s *storage.FileServer) { s.Decision = DecisionAdopt }))
	if err := a.trySync(); !errors.Is(err, ErrRootInUse) {
		t.Errorf("the first one, once more: %v", err)
	}
	b.quiet()
}

// TestCase65PlacesThatAreTaken: roots never overlap, and are never more than a folder of files.
func TestCase65PlacesThatAreTaken(t *testing.T) {
	s := servertest.Apache(t)
	c := settled(t, s, "a=a")
	other := storage.Account{Name: "Verein", User: "u", FilesURL: s.URL, FilesRoot: filepath.Join(t.TempDir(), "verein")}
	c.must(c.db.WriteDurable(t.Context(), func(tx *storage.Tx) error {
		_, err := tx.AddAccount(t.Context(), other)
		return err
	}))
	c.must(os.MkdirAll(other.FilesRoot, 0o755))
	link := filepath.Join(t.TempDir(), "verweis")
	c.must(os.Symlink(other.FilesRoot, link))
	person := t.TempDir()
	t.Setenv("HOME", person)
	for place, want := range map[string]error{
		other.FilesRoot: ErrRootInUse, filepath.Join(other.FilesRoot, "darin", "tief"): ErrRootInUse, filepath.Dir(other.FilesRoot): ErrRootInUse,
		link: ErrRootInUse, filepath.Join(link, "neu"): ErrRootInUse, "/": ErrRootInUse,
		c.home: ErrRootPlace, person: ErrRootPlace,
		c.root: nil, filepath.Join(person, "Dokumente", "Amt"): nil, other.FilesRoot + "2": nil,
	} {
		if err := c.w.disk.Taken(t.Context(), place); !errors.Is(err, want) || (want == nil) != (err == nil) {
			t.Errorf("%s: %v, want %v", place, err, want)
		}
	}
}

// TestCase08RootsThatAreNotTheRoot: an unmounted disk leaves an empty folder, a mistake a foreign one. The server keeps
// everything until a person has decided.
func TestCase08RootsThatAreNotTheRoot(t *testing.T) {
	for name, spoil := range map[string]func(c *client) error{
		"gone":           func(c *client) error { return os.RemoveAll(c.root) },
		"unmounted":      func(c *client) error { return errors.Join(os.RemoveAll(c.root), os.Mkdir(c.root, 0o755)) },
		"no marker":      func(c *client) error { return os.Remove(c.path(files.MarkerName)) },
		"empty marker":   func(c *client) error { return os.WriteFile(c.path(files.MarkerName), nil, 0o600) },
		"another marker": func(c *client) error { return os.WriteFile(c.path(files.MarkerName), []byte("ABC def\n"), 0o600) },
		"a file":         func(c *client) error { return errors.Join(os.RemoveAll(c.root), os.WriteFile(c.root, nil, 0o600)) },
		"marker a folder": func(c *client) error {
			return errors.Join(os.Remove(c.path(files.MarkerName)), os.Mkdir(c.path(files.MarkerName), 0o755))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := servertest.Apache(t)
			c := settled(t, s, "a=a", "d/b=b")
			before := tree(t, s.Root)
			c.must(c.w.Close())
			c.must(spoil(c))
			for range 2 {
				c.restart()
				if err := c.trySync(); transport.CauseOf(err) != transport.CausePaused {
					t.Errorf("%v", err)
				}
			}
			c.same("server", tree(t, s.Root), before)
			if open := c.conflicts(); len(open) != 1 {
				t.Errorf("%d questions", len(open))
			}
		})
	}
}
