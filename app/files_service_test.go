// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kontor/app/files"
	"kontor/storage"
	"kontor/sync/davfiles"
	"kontor/sync/engine"
	"kontor/sync/servertest"
)

// fileDesk is a person with an account on a real server.
type fileDesk struct {
	t      *testing.T
	db     *storage.DB
	files  *Files
	undo   *Journal
	engine *engine.Engine
	server *servertest.DAVServer
	acc    int64
	root   string
	in     string // a folder with files to put
}

func newFileDesk(t *testing.T) *fileDesk {
	t.Helper()
	ctx := t.Context()
	d := &fileDesk{t: t, server: servertest.Apache(t), in: t.TempDir()}
	home := t.TempDir()
	db, err := storage.Open(ctx, filepath.Join(home, "kontor.db"))
	d.must(err)
	d.db = db
	acc := storage.Account{Name: "Amt", User: d.server.User, FilesURL: d.server.URL, DisplayName: "Jonas Weber"}
	d.must(db.WriteDurable(ctx, func(tx *storage.Tx) error {
		acc.ID, err = tx.AddAccount(ctx, acc)
		return err
	}))
	wake := func(int64) {}
	d.acc = acc.ID
	d.files = NewFiles(db, home, wake)
	d.undo = &Journal{db: db, wake: wake, resolvers: map[string]resolver{"file": d.files}}
	w, err := davfiles.New(davfiles.Config{
		DB: db, Account: acc, Home: home,
		Secret: func(context.Context) (string, error) { return servertest.Password, nil },
	})
	d.must(err)
	d.engine = engine.New(db, nil)
	d.engine.Add(acc.ID, w)
	d.root = davfiles.DefaultRoot(home, acc)
	t.Cleanup(func() {
		if err := db.Check(context.Background()); err != nil {
			t.Error(err)
		}
		_ = d.engine.Close()
		_ = db.Close()
	})
	return d
}

func (d *fileDesk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *fileDesk) sync() {
	d.t.Helper()
	d.must(d.engine.RunOnce(d.t.Context(), nil))
	d.must(d.db.Check(d.t.Context()))
}

func (d *fileDesk) local(name, content string) string {
	d.t.Helper()
	p := filepath.Join(d.in, name)
	d.must(os.WriteFile(p, []byte(content), 0o600))
	return p
}

func (d *fileDesk) state(path string) files.State {
	d.t.Helper()
	e, err := d.files.ByPath(d.t.Context(), d.acc, path)
	d.must(err)
	return e.State
}

func (d *fileDesk) id(path string) int64 {
	d.t.Helper()
	e, err := d.files.ByPath(d.t.Context(), d.acc, path)
	d.must(err)
	return e.ID
}

// there is what the server holds, as "name=content" words; folders end in a slash.
func (d *fileDesk) there() string {
	d.t.Helper()
	return filesIn(d.t, d.server.Root)
}

func filesIn(t *testing.T, root string) string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(root, func(p string, e os.DirEntry, err error) error {
		if err != nil || p == root || e.Name() == files.MarkerName {
			return err
		}
		name, err := filepath.Rel(root, p)
		if e.IsDir() {
			all = append(all, filepath.ToSlash(name)+"/")
			return err
		}
		b, err := os.ReadFile(p)
		all = append(all, filepath.ToSlash(name)+"="+string(b))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, " ")
}

func (d *fileDesk) serverHas(name, content string) {
	d.t.Helper()
	d.must(d.server.Write(name, []byte(content)))
	d.must(d.server.Age(name, 10*time.Second))
}

func (d *fileDesk) want(got, want string) {
	d.t.Helper()
	if got != want {
		d.t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestFilesPutListAndStates(t *testing.T) {
	d, ctx := newFileDesk(t), t.Context()
	d.serverHas("Bau/Plan.ods", "plan")
	d.sync()
	if s := d.state("Bau/Plan.ods"); s != files.OnlineOnly {
		t.Errorf("state %s", s)
	}
	_, err := d.files.Mkdir(ctx, d.acc, "/Bau/Neu/")
	d.must(err)
	id, err := d.files.Put(ctx, d.acc, d.local("a.txt", "eins"), "Bau/Neu")
	d.must(err)
	if s := d.state("Bau/Neu/a.txt"); s != files.Waiting {
		t.Errorf("state %s", s)
	}
	d.sync()
	d.want(d.there(), "Bau/ Bau/Neu/ Bau/Neu/a.txt=eins Bau/Plan.ods=plan")
	e, err := d.files.Entry(ctx, id)
	d.must(err)
	if e.State != files.Offline || e.Size != 4 || e.Verified.IsZero() || e.ETag == "" || e.LocalPath != filepath.Join(d.root, "Bau", "Neu", "a.txt") {
		t.Errorf("%+v", e)
	}
	list, err := d.files.List(ctx, d.acc, "Bau")
	d.must(err)
	if len(list) != 2 || list[0].Name != "Neu" || !list[0].Dir || list[1].Name != "Plan.ods" {
		t.Errorf("%+v", list)
	}
	folders, err := d.files.Folders(ctx, d.acc)
	if err != nil || len(folders) != 2 || folders[1].Path != "Bau/Neu" {
		t.Errorf("%+v %v", folders, err)
	}
	recent, err := d.files.Recent(ctx, 1)
	if err != nil || len(recent) != 1 || recent[0].Name != "a.txt" {
		t.Errorf("%+v %v", recent, err)
	}
	for path, want := range map[string]error{"fehlt": ErrNoFolder, "Bau/Plan.ods": ErrNoFolder, "../x": files.ErrName} {
		if _, err := d.files.List(ctx, d.acc, path); !errors.Is(err, want) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestFilesOverwriteWithoutHavingItHere(t *testing.T) {
	d, ctx := newFileDesk(t), t.Context()
	d.serverHas("Plan.ods", "alt")
	d.sync()
	_, err := d.files.Put(ctx, d.acc, d.local("neu.ods", "neue Fassung"), "Plan.ods")
	d.must(err)
	_, err = d.files.Put(ctx, d.acc, d.local("neuer.ods", "noch neuer"), "Plan.ods")
	d.must(err)
	ops, err := d.db.PendingOps(ctx, 0)
	if err != nil || len(ops) != 1 {
		t.Fatalf("%d operations, %v", len(ops), err)
	}
	d.sync()
	d.want(d.there(), "Plan.ods=noch neuer")
	conflicts, err := d.db.Conflicts(ctx)
	if err != nil || len(conflicts) != 0 {
		t.Errorf("%+v %v", conflicts, err)
	}
}

func TestFilesPinUnpinAndGet(t *testing.T) {
	d, ctx := newFileDesk(t), t.Context()
	d.serverHas("Bau/a", "a")
	d.serverHas("Bau/tief/b", "b")
	d.serverHas("c", "c")
	d.sync()
	d.must(d.files.Pin(ctx, d.id("Bau")))
	if s := d.state("Bau"); s != files.Waiting {
		t.Errorf("pinned folder: %s", s)
	}
	d.sync()
	d.want(filesIn(t, d.root), "Bau/ Bau/a=a Bau/tief/ Bau/tief/b=b")
	if s := d.state("Bau"); s != files.Offline {
		t.Errorf("pinned folder: %s", s)
	}
	d.must(d.files.Get(ctx, d.id("c")))
	d.sync()
	if s := d.state("c"); s != files.Offline {
		t.Errorf("fetched file: %s", s)
	}
	pinned, err := d.files.Offline(ctx)
	if err != nil || len(pinned) != 2 {
		t.Errorf("%+v %v", pinned, err)
	}
	space, err := d.files.Space(ctx, d.acc)
	if err != nil || space.OfflineFiles != 3 || space.OfflineBytes != 3 {
		t.Errorf("%+v %v", space, err)
	}
	d.must(d.files.Unpin(ctx, d.id("Bau")))
	d.must(d.files.Unpin(ctx, d.id("c")))
	d.want(filesIn(t, d.root), "")
	d.sync()
	d.want(filesIn(t, d.root), "")
	d.want(d.there(), "Bau/ Bau/a=a Bau/tief/ Bau/tief/b=b c=c")
	d.must(d.files.Get(ctx, d.id("Bau")))
	d.sync()
	d.want(filesIn(t, d.root), "Bau/ Bau/a=a Bau/tief/ Bau/tief/b=b")
	d.must(d.files.PinPath(ctx, d.acc, "/", true))
	d.sync()
	d.want(filesIn(t, d.root), d.there())
}

// A changed copy is never given up, and deleting a copy that is not pinned only gives up the copy.
func TestFilesUnpinnedCopies(t *testing.T) {
	d, ctx := newFileDesk(t), t.Context()
	d.serverHas("a", "a")
	d.serverHas("b", "b")
	d.sync()
	d.must(d.files.PinPath(ctx, d.acc, "", true))
	d.sync()
	d.must(os.WriteFile(filepath.Join(d.root, "a"), []byte("geändert"), 0o600))
	d.must(d.files.PinPath(ctx, d.acc, "", false))
	d.want(filesIn(t, d.root), "a=geändert")
	d.sync()
	d.want(d.there(), "a=geändert b=b")
	d.must(d.files.Get(ctx, d.id("b")))
	d.sync()
	d.must(os.Remove(filepath.Join(d.root, "b")))
	d.sync()
	d.want(d.there(), "a=geändert b=b")
	if s := d.state("b"); s != files.OnlineOnly {
		t.Errorf("state %s", s)
	}
}

func TestFilesMoveRemoveAndUndo(t *testing.T) {
	d, ctx := newFileDesk(t), t.Context()
	d.serverHas("Bau/a", "a")
	d.serverHas("Bau/b", "b")
	d.serverHas("Archiv/x", "x")
	d.sync()
	d.must(d.files.PinPath(ctx, d.acc, "", true))
	d.sync()
	start := d.there()

	d.must(d.files.Move(ctx, d.id("Bau/a"), "Archiv"))
	d.must(d.files.Move(ctx, d.id("Bau"), "Ablage"))
	d.must(d.files.Remove(ctx, []int64{d.id("Ablage/b")}))
	d.want(filesIn(t, d.root), "Ablage/ Archiv/ Archiv/a=a Archiv/x=x")
	d.sync()
	d.want(d.there(), "Ablage/ Archiv/ Archiv/a=a Archiv/x=x")
	for range 3 {
		_, err := d.undo.Undo(ctx)
		d.must(err)
		d.sync()
	}
	d.sync()
	d.want(d.there(), start)
	d.want(filesIn(t, d.root), start)

	// The same without a server in between costs nothing and leaves nothing to send.
	d.must(d.files.Move(ctx, d.id("Bau"), "Ablage"))
	_, err := d.files.Put(ctx, d.acc, d.local("n", "n"), "Ablage/neu")
	d.must(err)
	d.must(d.files.Remove(ctx, []int64{d.id("Ablage/b")}))
	for range 3 {
		_, err := d.undo.Undo(ctx)
		d.must(err)
	}
	ops, err := d.db.PendingOps(ctx, 0)
	if err != nil || len(ops) != 0 {
		t.Errorf("%+v %v", ops, err)
	}
	d.sync()
	d.want(d.there(), start)
	d.want(filesIn(t, d.root), start)
}

func TestFilesRefusals(t *testing.T) {
	d, ctx := newFileDesk(t), t.Context()
	d.serverHas("Bau/a", "a")
	d.serverHas("b", "b")
	d.sync()
	cases := map[string]struct{ err, want error }{
		"into itself":      {d.files.Move(ctx, d.id("Bau"), "Bau/tiefer"), ErrIntoItself},
		"onto another":     {d.files.Move(ctx, d.id("b"), "Bau/a"), ErrFileExists},
		"no folder":        {d.files.Move(ctx, d.id("b"), "fehlt/b"), ErrNoFolder},
		"name":             {d.files.Move(ctx, d.id("b"), "../b"), files.ErrName},
		"unknown":          {d.files.Move(ctx, 4711, "x"), storage.ErrNotFound},
		"remove unknown":   {d.files.Remove(ctx, []int64{4711}), storage.ErrNotFound},
		"get unknown":      {d.files.Get(ctx, 4711), storage.ErrNotFound},
		"pin unknown":      {d.files.PinPath(ctx, d.acc, "fehlt", true), storage.ErrNotFound},
		"not moved at all": {d.files.Move(ctx, d.id("b"), "b"), nil},
	}
	for name, c := range cases {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v", name, c.err)
		}
	}
	if _, err := d.files.Mkdir(ctx, d.acc, "Bau"); !errors.Is(err, ErrFileExists) {
		t.Error(err)
	}
	if _, err := d.files.Mkdir(ctx, d.acc, "/"); !errors.Is(err, files.ErrName) {
		t.Error(err)
	}
	if _, err := d.files.Put(ctx, d.acc, filepath.Join(d.in, "fehlt"), "x"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if _, err := d.files.Put(ctx, d.acc, d.in, "x"); err == nil {
		t.Error("a folder was put as a file")
	}
	for _, err := range []error{ErrFileExists, ErrNoFolder, ErrFileReadOnly, ErrIntoItself, files.ErrName} {
		title, advice := Explain(err)
		if strings.HasPrefix(title, "files.") || strings.HasPrefix(advice, "files.") {
			t.Errorf("%v is not explained", err)
		}
	}
}

// clash makes a conflict and returns it.
func (d *fileDesk) clash(path string) storage.ConflictRow {
	d.t.Helper()
	ctx := d.t.Context()
	d.serverHas(path, "alt")
	d.sync()
	d.must(d.files.Get(ctx, d.id(path)))
	d.sync()
	d.must(os.WriteFile(filepath.Join(d.root, path), []byte("meine"), 0o600))
	d.serverHas(path, "deren Fassung")
	d.sync()
	d.sync()
	open, err := d.db.Conflicts(ctx)
	d.must(err)
	if len(open) != 1 {
		d.t.Fatalf("%d conflicts", len(open))
	}
	if s := d.state(path); s != files.Conflict {
		d.t.Errorf("state %s", s)
	}
	return open[0]
}

func TestFilesResolveConflicts(t *testing.T) {
	d, ctx := newFileDesk(t), t.Context()
	c := d.clash("a")
	d.must(d.undo.Resolve(ctx, c.ID, Mine))
	d.sync()
	d.sync()
	d.want(d.there(), "a=meine")
	c = d.clash("b")
	d.must(d.undo.Resolve(ctx, c.ID, Theirs))
	d.sync()
	d.want(d.there(), "a=meine b=deren Fassung")
	c = d.clash("c")
	d.must(d.undo.Resolve(ctx, c.ID, Both))
	d.sync()
	var detail files.ConflictDetail
	d.must(json.Unmarshal(c.Detail, &detail))
	d.want(d.there(), "a=meine b=deren Fassung c=deren Fassung "+detail.CopyPath+"=meine")
	if s := d.state("c"); s != files.Offline {
		t.Errorf("state %s", s)
	}
	open, err := d.db.Conflicts(ctx)
	if err != nil || len(open) != 0 {
		t.Errorf("%+v %v", open, err)
	}
}

func TestFilesDecideBrakes(t *testing.T) {
	d, ctx := newFileDesk(t), t.Context()
	d.serverHas("a", "a")
	d.serverHas("b", "b")
	d.must(d.files.PinPath(ctx, d.acc, "", true))
	d.sync()
	decide := func(choice Choice) {
		t.Helper()
		if err := d.engine.RunOnce(ctx, nil); err == nil {
			t.Fatal("nothing was asked")
		}
		open, err := d.db.Conflicts(ctx)
		if err != nil || len(open) != 1 {
			t.Fatalf("%+v %v", open, err)
		}
		d.must(d.undo.Resolve(ctx, open[0].ID, choice))
		d.sync()
		d.sync()
	}
	empty := func(root string) {
		t.Helper()
		d.must(os.Remove(filepath.Join(root, "a")))
		d.must(os.Remove(filepath.Join(root, "b")))
	}
	empty(d.root)
	decide(Theirs)
	d.want(filesIn(t, d.root), "a=a b=b")
	empty(d.server.Root)
	decide(Mine)
	d.want(d.there(), "a=a b=b")
	d.must(os.RemoveAll(d.root))
	decide(Mine)
	d.want(filesIn(t, d.root), "a=a b=b")
	d.want(d.there(), "a=a b=b")
	empty(d.root)
	decide(Mine)
	d.want(d.there(), "")
}

func TestFilesSetRoot(t *testing.T) {
	d, ctx := newFileDesk(t), t.Context()
	d.serverHas("a", "a")
	d.must(d.files.PinPath(ctx, d.acc, "", true))
	d.sync()
	other := filepath.Join(t.TempDir(), "neu")
	d.must(d.files.SetRoot(ctx, d.acc, other))
	d.sync()
	root, err := d.files.Root(ctx, d.acc)
	if err != nil || root != other {
		t.Errorf("%s %v", root, err)
	}
	d.want(filesIn(t, other), "a=a")
	d.want(d.there(), "a=a")
	e, err := d.files.ByPath(ctx, d.acc, "a")
	if err != nil || e.LocalPath != filepath.Join(other, "a") {
		t.Errorf("%+v %v", e, err)
	}
}

// Undoing "new folder" spares what was put into it meanwhile.
func TestFilesUndoMkdirSparesContent(t *testing.T) {
	d, ctx := newFileDesk(t), t.Context()
	_, err := d.files.Mkdir(ctx, d.acc, "Neu")
	d.must(err)
	d.sync()
	d.serverHas("Neu/fremd", "von anderen")
	d.sync()
	_, err = d.undo.Undo(ctx)
	d.must(err)
	d.sync()
	d.sync()
	d.want(d.there(), "Neu/ Neu/fremd=von anderen")
	ops, err := d.db.PendingOps(ctx, 0)
	if err != nil || len(ops) != 0 {
		t.Errorf("%+v %v", ops, err)
	}
	if got := d.state("Neu"); got != files.OnlineOnly {
		t.Errorf("state %s", got)
	}
	if _, err := d.undo.Undo(ctx); !errors.Is(err, ErrNothingToUndo) {
		t.Error(err)
	}
}

// What was changed in the folder while offline can be seen before there is a network again.
func TestFilesLookLocally(t *testing.T) {
	d, ctx := newFileDesk(t), t.Context()
	d.serverHas("a", "a")
	d.serverHas("b", "b")
	d.must(d.files.Look(ctx, d.acc))
	d.must(d.files.PinPath(ctx, d.acc, "", true))
	d.sync()
	d.server.Stop()
	d.must(os.WriteFile(filepath.Join(d.root, "a"), []byte("offline geändert"), 0o600))
	d.must(os.WriteFile(filepath.Join(d.root, "neu"), []byte("neu"), 0o600))
	d.must(os.Remove(filepath.Join(d.root, "b")))
	if err := d.engine.RunOnce(ctx, nil); err == nil {
		t.Fatal("the server is away")
	}
	for range 2 {
		d.must(d.files.Look(ctx, d.acc))
		ops, err := d.db.PendingOps(ctx, 0)
		if err != nil || len(ops) != 3 {
			t.Errorf("%+v %v", ops, err)
		}
	}
	if d.state("a") != files.Waiting || d.state("neu") != files.Waiting {
		t.Error("what waits is not shown")
	}
	d.must(d.server.Start())
	d.sync()
	d.want(d.there(), "a=offline geändert neu=neu")
}
