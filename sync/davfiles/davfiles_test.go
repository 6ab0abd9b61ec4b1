// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/app/files"
	"kontor/storage"
	"kontor/sync/engine"
	"kontor/sync/servertest"
)

// client is one installation of the program: its store, its disk and its worker.
type client struct {
	t    *testing.T
	db   *storage.DB
	w    *Worker
	e    *engine.Engine
	root string
	home string
	pass string
	acc  storage.Account
	log  bytes.Buffer
}

// join makes an installation for a server, with everything pinned.
func join(t *testing.T, server *servertest.DAVServer, url string) *client {
	t.Helper()
	c := &client{t: t, home: t.TempDir(), pass: cmp.Or(server.Password, servertest.Password)}
	db, err := storage.Open(t.Context(), filepath.Join(c.home, "kontor.db"))
	c.must(err)
	c.db = db
	if url == "" {
		url = server.URL
	}
	c.acc = storage.Account{Name: "Amt", User: server.User, FilesURL: url, DisplayName: "Jonas Weber"}
	if server.Certs != nil {
		c.acc.CAPEM = server.Certs.CAPEM
	}
	c.must(db.WriteDurable(t.Context(), func(tx *storage.Tx) error {
		c.acc.ID, err = tx.AddAccount(t.Context(), c.acc)
		return err
	}))
	c.root = DefaultRoot(c.home, c.acc)
	c.restart()
	t.Cleanup(func() {
		if err := db.Check(context.Background()); err != nil {
			t.Errorf("%v", err)
		}
		if t.Failed() {
			t.Log(c.log.String())
		}
		_ = c.e.Close()
		_ = db.Close()
	})
	c.pin("")
	return c
}

// restart forgets everything that only the memory held.
func (c *client) restart() {
	c.t.Helper()
	w, err := New(Config{
		DB: c.db, Account: c.acc, Home: c.home, Log: slog.New(slog.NewTextHandler(&c.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Secret: func(context.Context) (string, error) { return c.pass, nil },
	})
	c.must(err)
	c.w, c.e = w, engine.New(c.db, w.log)
	c.e.Add(c.acc.ID, w)
}

func (c *client) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) pin(path string) {
	c.t.Helper()
	c.must(c.db.WriteDurable(c.t.Context(), func(tx *storage.Tx) error { return tx.PinFile(c.t.Context(), c.acc.ID, path, true) }))
}

func (c *client) trySync() error {
	c.t.Helper()
	c.must(c.e.Recover(c.t.Context()))
	err := c.e.RunOnce(c.t.Context(), nil)
	if err := c.db.Check(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	return err
}

func (c *client) sync() {
	c.t.Helper()
	c.must(c.trySync())
}

func (c *client) path(name string) string { return filepath.Join(c.root, filepath.FromSlash(name)) }

func (c *client) write(name, content string) {
	c.t.Helper()
	c.must(os.MkdirAll(filepath.Dir(c.path(name)), 0o755))
	c.must(os.WriteFile(c.path(name), []byte(content), 0o644))
}

func (c *client) remove(name string) {
	c.t.Helper()
	c.must(os.RemoveAll(c.path(name)))
}

func (c *client) rename(from, to string) {
	c.t.Helper()
	c.must(os.MkdirAll(filepath.Dir(c.path(to)), 0o755))
	c.must(os.Rename(c.path(from), c.path(to)))
}

// tree reads a folder: folders as "name/", files with their content; without what the program keeps for itself.
func tree(t *testing.T, root string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		switch {
		case e.Name() == files.MarkerName:
		case e.IsDir():
			all[name+"/"] = ""
		default:
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			all[name] = string(b)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// want compares the client's disk and the server's folder with a tree, written as "name=content" and "folder/" words.
func (c *client) want(server *servertest.DAVServer, words ...string) {
	c.t.Helper()
	expect := map[string]string{}
	for _, w := range words {
		name, content, _ := strings.Cut(w, "=")
		expect[name] = content
	}
	c.same("disk", tree(c.t, c.root), expect)
	c.same("server", tree(c.t, server.Root), expect)
}

func (c *client) same(what string, got, want map[string]string) {
	c.t.Helper()
	if maps.Equal(got, want) {
		return
	}
	c.t.Errorf("%s:\n got %q\nwant %q", what, brief(got), brief(want))
}

func brief(m map[string]string) []string {
	var all []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		v := m[k]
		if len(v) > 30 {
			v = v[:30] + "..."
		}
		all = append(all, k+"="+v)
	}
	return all
}

// quiet makes sure that another run finds nothing to do.
func (c *client) quiet() {
	c.t.Helper()
	before := c.w.Report()
	c.sync()
	after := c.w.Report()
	before.Requests, before.Bytes, after.Requests, after.Bytes = 0, 0, 0, 0
	if before != after {
		c.t.Errorf("the tree never comes to rest: %+v then %+v", before, after)
	}
	ops, err := c.db.PendingOps(c.t.Context(), 0)
	c.must(err)
	for _, op := range ops {
		c.t.Errorf("pending: %s %s %s %s", op.Kind, op.Target, op.State, op.LastError)
	}
}

func (c *client) conflicts() []storage.ConflictRow {
	c.t.Helper()
	all, err := c.db.Conflicts(c.t.Context())
	c.must(err)
	return all
}

// each runs a test against every server that is installed.
func each(t *testing.T, fn func(*testing.T, *servertest.DAVServer)) {
	t.Run("apache", func(t *testing.T) { fn(t, servertest.Apache(t)) })
	t.Run("apache-infinity", func(t *testing.T) { fn(t, servertest.Apache(t, servertest.Options{DepthInfinity: true, TLS: true})) })
	t.Run("nginx", func(t *testing.T) { fn(t, servertest.Nginx(t)) })
	t.Run("rclone", func(t *testing.T) { fn(t, servertest.RcloneServe(t)) })
}

// on writes files on the server as another client would.
func on(t *testing.T, s *servertest.DAVServer, words ...string) {
	t.Helper()
	for _, w := range words {
		name, content, _ := strings.Cut(w, "=")
		var err error
		if strings.HasSuffix(name, "/") {
			err = s.Mkdir(strings.TrimSuffix(name, "/"))
		} else {
			err = s.Write(name, []byte(content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// age makes everything on the server older than the second in which Apache calls tags weak and nginx sees no change.
func age(t *testing.T, s *servertest.DAVServer, names ...string) {
	t.Helper()
	for _, n := range names {
		if err := s.Age(n, 10*time.Second); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
}

func TestFirstSyncBothWays(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.DAVServer) {
		on(t, s, "Bau/Plan.ods=plan", "Bau/Nord/", "Umlaut äöü/100% #1+2&3;?.txt=namen", "leer.txt=")
		c := join(t, s, "")
		c.write("Eigenes/Notiz.txt", "notiz")
		c.write("Eigenes/tief/er/x", "x")
		c.sync()
		c.want(s, "Bau/", "Bau/Plan.ods=plan", "Bau/Nord/", "Umlaut äöü/", "Umlaut äöü/100% #1+2&3;?.txt=namen", "leer.txt=",
			"Eigenes/", "Eigenes/Notiz.txt=notiz", "Eigenes/tief/", "Eigenes/tief/er/", "Eigenes/tief/er/x=x")
		c.quiet()
		c.quiet()
	})
}
