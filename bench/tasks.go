// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"kontor/bench/corpus"
	"kontor/sync/servertest"
)

func tasksArea(ctx context.Context, s settings) ([]row, error) {
	rows, err := tasksOnRadicale(ctx, s)
	if err != nil {
		return rows, err
	}
	more, err := tasksOnCyrus(ctx, s)
	return append(rows, more...), err
}

func tasksOnRadicale(ctx context.Context, s settings) ([]row, error) {
	dir, err := quickDir(s)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	r, err := servertest.StartRadicale(dir, servertest.Options{})
	if err != nil {
		return nil, err
	}
	defer r.Stop()
	m := meter{requests: func() int { return len(r.RequestLog()) }, clear: r.ClearLog}
	return tasksOn(ctx, s, taskHost{area: "tasks", server: r, url: r.URL, meter: m})
}

// tasksOnCyrus compares on a server that keeps its data in databases, where it is installed.
func tasksOnCyrus(ctx context.Context, s settings) ([]row, error) {
	dir, err := quickDir(s)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, err
	}
	c, err := servertest.StartCyrus(dir)
	if errors.Is(err, servertest.ErrMissing) {
		fmt.Fprintf(s.log, "bench: tasks, Cyrus: %v, left out\n", err)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer c.Stop()
	return tasksOn(ctx, s, taskHost{area: "tasks, Cyrus", server: cyrus{c}, url: c.URL})
}

// taskHost is a server that the contestants meet at.
type taskHost struct {
	area   string
	server taskServer
	url    string
	meter  meter
}

func tasksOn(ctx context.Context, s settings, h taskHost) ([]row, error) {
	lists := map[string]map[string]string{}
	for t := range corpus.Tasks(s.size) {
		if lists[t.List] == nil {
			lists[t.List] = map[string]string{}
		}
		lists[t.List][t.UID] = t.Text
	}
	near, err := url.Parse(h.url)
	if err != nil {
		return nil, err
	}
	addr, proxy, err := delayed(s, near.Host)
	if err != nil {
		return nil, err
	}
	if proxy != nil {
		defer proxy.Close()
	}
	far := func(address string) string { return strings.Replace(address, near.Host, addr, 1) }
	var names, here, there []string
	for name, objects := range lists {
		if err := h.server.List(name, "Liste "+name, objects); err != nil {
			return nil, err
		}
		names = append(names, name)
		here, there = append(here, h.server.ListURL(name)), append(there, far(h.server.ListURL(name)))
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(s.log, "bench: %s: warming the server with %d tasks (it writes its history)\n", h.area, s.size.Tasks)
	if err := warm(ctx, s, self, here); err != nil {
		return nil, err
	}
	box := newTaskbox(h.server, names, s.size)
	own := kontorFor(s, "tasks", "tasks", []string{"--tasks", far(h.url)}, nil, box.wanted, func(r report) int { return r.Tasks.New })
	own.follow = []string{self, indexChild, own.dir}
	own.stages = box.stages(changeKontor(own.dir))
	all := []contestant{
		{
			name: "limit: one REPORT a list", needs: self, work: initial, command: append([]string{self, "limit-caldav"}, there...),
		},
		own,
		vdirsyncer(s, far(h.url), box),
	}
	for i := range all[1:] { // whoever has done its work leaves the server with all changes so far
		c := &all[1+i]
		done := c.check
		c.check = func(work string, output []byte) error { return errors.Join(done(work, output), box.held()) }
	}
	h.meter.proxy, h.meter.opens = proxy, true
	return contest(ctx, s, h.area, h.meter, all)
}

// quickDir is a folder for the server in memory where there is one: Radicale waits for the disk after each of the
// thousands of small files it writes at the first visit, which would take minutes and concerns no client.
func quickDir(s settings) (string, error) {
	parent := s.work
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		parent = "/dev/shm"
	}
	return os.MkdirTemp(parent, "kontor-bench-")
}

// warm reads all lists once, and lets the server write the history that sync-collection needs.
func warm(ctx context.Context, s settings, self string, lists []string) error {
	if _, _, err := runChild(ctx, s, nil, append([]string{self, "limit-caldav"}, lists...)...); err != nil {
		return err
	}
	const report = `<D:sync-collection xmlns:D="DAV:"><D:sync-token/><D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>`
	for _, list := range lists {
		_, _, err := runChild(ctx, s, nil, "curl", "-sS", "--fail", "-o", os.DevNull, "-u", servertest.User+":"+servertest.Password,
			"-X", "REPORT", "-H", "Content-Type: application/xml", "-d", report, list)
		if err != nil {
			return err
		}
	}
	return nil
}

func vdirsyncer(s settings, base string, box *taskbox) contestant {
	dir := filepath.Join(s.work, "vdirsyncer")
	config := fmt.Sprintf(`[general]
status_path = "%s/status/"

[pair bench]
a = "remote"
b = "local"
collections = ["from a"]
conflict_resolution = "a wins"

[storage remote]
type = "caldav"
url = "%s"
username = "%s"
password = "%s"
item_types = ["VTODO"]

[storage local]
type = "filesystem"
path = "%s/files/"
fileext = ".ics"
`, dir, base, servertest.User, servertest.Password, dir)
	command := []string{"vdirsyncer", "-v", "WARNING", "-c", dir + "/config"}
	return contestant{
		name: "vdirsyncer", needs: "vdirsyncer", dir: dir, command: append(command, "sync"), stages: box.stages(changeFiles(filepath.Join(dir, "files"))),
		prepare: func(ctx context.Context) error {
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(dir+"/config", []byte(config), 0o600); err != nil {
				return err
			}
			discover := "yes | " + strings.Join(append(command, "discover"), " ")
			_, _, err := runChild(ctx, s, nil, "sh", "-c", discover)
			return err
		},
		check: func(string, []byte) error {
			return box.filed(filepath.Join(dir, "files"))
		},
	}
}
