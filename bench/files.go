// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"kontor/bench/corpus"
	"kontor/sync/servertest"
)

// infinite names the rows on a server that answers Depth: infinity.
const infinite = "files, infinity"

// filesArea compares on an Apache as most are set up, then on one that lists a whole tree in one answer, which only Kontor
// makes use of, and on a Nextcloud where one is named.
func filesArea(ctx context.Context, s settings) ([]row, error) {
	source := filepath.Join(s.work, "source")
	paths, err := layDown(s, source)
	if err != nil {
		return nil, err
	}
	defer putAway(s, source)
	up, some, err := part(s, source, paths)
	if err != nil {
		return nil, err
	}
	defer putAway(s, up)
	rows, err := filesOnApache(ctx, s, apache{area: "files", source: source, paths: paths, up: up, some: some})
	more, second := filesOnApache(ctx, s, apache{area: infinite, source: source, paths: paths})
	cloud, third := filesOnNextcloud(ctx, s, up, len(some))
	return append(append(rows, more...), cloud...), errors.Join(err, second, third)
}

// layDown makes the files that everybody works with, and gives their paths.
func layDown(s settings, dir string) ([]string, error) {
	fmt.Fprintf(s.log, "bench: making %d files\n", s.size.Files)
	var paths []string
	for f := range corpus.Files(s.size) {
		paths = append(paths, f.Path)
		path := filepath.Join(dir, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			return nil, err
		}
		if err := os.Chtimes(path, f.Time, f.Time); err != nil {
			return nil, err
		}
	}
	return paths, nil
}

// uploadsMost bounds how many files are uploaded: rclone makes more than three requests for each, 100 in a second.
const uploadsMost = 2000

// part lays some of the files down once more.
func part(s settings, source string, paths []string) (dir string, some []string, err error) {
	dir, some = filepath.Join(s.work, "source-up"), paths[:min(uploadsMost, len(paths))]
	for _, p := range some {
		to := filepath.Join(dir, filepath.FromSlash(p))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return "", nil, err
		}
		if err := os.Link(filepath.Join(source, filepath.FromSlash(p)), to); err != nil {
			return "", nil, err
		}
	}
	return dir, some, nil
}

// apache is one server with the files, and what is compared on it.
type apache struct {
	s      settings
	d      *servertest.DAVServer
	base   string
	area   string
	source string
	paths  []string // of what lies in source
	up     string   // likewise what is uploaded
	some   []string
}

func filesOnApache(ctx context.Context, s settings, a apache) ([]row, error) {
	dir := filepath.Join(s.work, "apache")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, err
	}
	d, err := servertest.StartApache(dir, servertest.Options{TLS: true, DepthInfinity: a.area == infinite})
	if err != nil {
		return nil, err
	}
	defer putAway(s, dir)
	defer d.Stop()
	addr, proxy, err := delayed(s, d.Addr)
	if err != nil {
		return nil, err
	}
	if proxy != nil {
		defer proxy.Close()
	}
	a.s, a.d, a.base = s, d, "https://"+addr+"/"
	if err := a.fill(); err != nil {
		return nil, err
	}
	all := []contestant{a.kontor()}
	if a.area != infinite {
		all = []contestant{
			a.curlDown(), a.kontor(), a.rclone(), a.curlUp(), a.kontorUp(), a.rcloneUp(),
		}
	}
	m := meter{proxy: proxy, requests: func() int { return len(d.RequestLog()) }, clear: d.ClearLog}
	return contest(ctx, s, a.area, m, all)
}

// downFolder is the folder of the server that everybody fetches; what is uploaded goes into others beside it.
const downFolder = "down"

// fill lays the files down on the server.
func (a *apache) fill() error {
	for _, p := range a.paths {
		from := filepath.Join(a.source, filepath.FromSlash(p))
		data, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		if err := a.d.Write(downFolder+"/"+p, data); err != nil {
			return err
		}
		info, err := os.Stat(from)
		if err != nil {
			return err
		}
		if err := os.Chtimes(a.d.Path(downFolder+"/"+p), info.ModTime(), info.ModTime()); err != nil {
			return err
		}
	}
	return nil
}

// kontor fetches everything, looks again, and synchronises changes on both sides.
func (a *apache) kontor() contestant {
	s, local := a.s, filepath.Join(a.s.work, "kontor-files-root")
	both := &changer{local: local, server: a.d.Path(downFolder), own: a.own(downFolder), paths: a.paths, round: 1}
	c := kontorFor(s, "files", "files", []string{"--files", a.base + downFolder + "/", "--ca", a.d.Certs.CAFile},
		[][]string{{s.ctl, "files", "root", local}, {s.ctl, "files", "pin", "/"}}, once(s.size.Files), func(r report) int { return r.Files.Downloaded })
	reported := c.check
	c.check = func(work string, output []byte) error {
		err := sameTrees(local, a.d.Path(downFolder))
		if work != changes {
			return errors.Join(err, reported(work, output))
		}
		_, left := idle(output) // how much of it is transferred is up to the program
		return errors.Join(err, left)
	}
	if a.area != infinite {
		c.change = both.change
	}
	c.also = local
	return c
}

// kontorUp brings a tree that lies on the disk to an empty folder of the server.
func (a *apache) kontorUp() contestant {
	s, folder := a.s, "up-kontor"
	c := kontorFor(s, "files", "upload", []string{"--files", a.base + folder + "/", "--ca", a.d.Certs.CAFile},
		[][]string{{s.ctl, "files", "root", a.up}}, func(string) int { return len(a.some) }, func(r report) int { return r.Files.Uploaded })
	c.work = upload
	a.receives(&c, folder)
	return c
}

// receives lets an empty folder on the server stand ready for what c uploads, and looks whether it has come.
func (a *apache) receives(c *contestant, folder string) {
	prepare, check := c.prepare, c.check
	c.prepare = func(ctx context.Context) error {
		if err := a.d.Mkdir(folder); err != nil {
			return err
		}
		return prepare(ctx)
	}
	c.check = func(work string, output []byte) error {
		if check != nil {
			if err := check(work, output); err != nil {
				return err
			}
		}
		return sameTrees(a.up, a.d.Path(folder))
	}
}

// own makes the server's user own what was changed behind its back.
func (a *apache) own(folder string) func(name string, data []byte) error {
	return func(name string, data []byte) error { return a.d.Write(folder+"/"+name, data) }
}
