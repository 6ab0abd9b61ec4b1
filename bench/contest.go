// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"kontor/sync/servertest"
)

// The works that are measured.
const (
	initial  = "initial"
	headers  = "initial headers"
	noChange = "no change"
	changes  = "changes"
	theirs   = "100 changes on the server"
	mine     = "100 changes here"
	upload   = "upload"
)

// cost is what one run of a program took.
type cost struct {
	wall   time.Duration
	cpu    time.Duration // user and system, with all children
	memory int64         // most resident octets at one time
}

// contestant is a program that does the work.
type contestant struct {
	name    string
	needs   string                          // the program that must be installed
	prepare func(ctx context.Context) error // configuration; not measured
	command []string
	env     []string
	check   func(work string, output []byte) error // is the work really done?
	work    string                                 // of the only run, for a limit; empty for one who does all works
	dir     string                                 // removed when done, see putAway
	follow  []string                               // finishes what the initial work leaves for later
	also    string                                 // likewise removed when done
	// change changes something on both sides; nil where the meter does, or nobody. changed and changedName are what
	// synchronises that where it is another command.
	change      func() error
	changed     []string
	changedName string
	stages      []stage // what is measured after the runs without changes
}

// stage is one more work: something changes, which is not measured, and is synchronised.
type stage struct {
	work   string
	change func(ctx context.Context) error
}

// meter counts what arrives at the server, where that is possible.
type meter struct {
	proxy    *servertest.ProxyServer
	requests func() int
	clear    func() error
	change   func() error // lets others change something at the server; nil where changes are not measured
	opens    bool         // the turns of opening a connection and of its first request count, too
}

// contest lets every contestant do the initial work and then the runs in which nothing has changed. One that fails is
// left out of the table; the others go on.
func contest(ctx context.Context, s settings, area string, m meter, all []contestant) ([]row, error) {
	var rows []row
	var failed error
	for _, c := range all {
		if !strings.Contains(c.name, s.match) {
			continue
		}
		if _, err := exec.LookPath(c.needs); err != nil {
			fmt.Fprintf(s.log, "bench: %s: %s is not installed, left out\n", area, c.needs)
			continue
		}
		mine, err := compete(ctx, s, m, c)
		for i := range mine {
			mine[i].area = area
		}
		rows = append(rows, mine...)
		if err != nil {
			fmt.Fprintf(s.log, "bench: %s failed: %v\n", c.name, err)
			failed = errors.Join(failed, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return rows, failed
}

// putAway takes a folder out of the way; it is removed at the end of everything. After a removal ext4 looks, for minutes and for
// each new file, at all inodes that have just become free: who comes after ten thousand removed files needs twice the time.
func putAway(s settings, dir string) {
	if dir == "" {
		return
	}
	aside, err := os.MkdirTemp(s.work, "done-")
	if err == nil {
		err = os.Rename(dir, filepath.Join(aside, "it"))
	}
	if err != nil {
		_ = os.RemoveAll(dir) // the folder of the whole run goes at its end
	}
}

func compete(ctx context.Context, s settings, m meter, c contestant) ([]row, error) {
	defer putAway(s, c.dir)
	defer putAway(s, c.also)
	if c.prepare != nil {
		if err := c.prepare(ctx); err != nil {
			return nil, fmt.Errorf("%s: prepare: %w", c.name, err)
		}
	}
	if c.work != "" {
		only, err := measure(ctx, s, m, c, c.work)
		return []row{only}, err
	}
	first, err := measure(ctx, s, m, c, initial)
	if err != nil {
		return nil, err
	}
	rows := []row{first}
	if len(c.follow) > 0 {
		rest, err := measure(ctx, s, m, contestant{name: c.name, command: c.follow}, indexing)
		if err != nil {
			return rows, err
		}
		rows = append(rows, rest)
	}
	again, err := repeat(ctx, s, m, c)
	if c.change == nil {
		c.change = m.change
	}
	if rows = append(rows, again); err != nil {
		return rows, err
	}
	for _, st := range c.stages {
		if err := st.change(ctx); err != nil {
			return rows, fmt.Errorf("%s: %s: %w", c.name, st.work, err)
		}
		done, err := measure(ctx, s, m, c, st.work)
		if err != nil {
			return rows, err
		}
		rows = append(rows, done)
	}
	if c.change == nil {
		return rows, nil
	}
	if err := c.change(); err != nil {
		return rows, fmt.Errorf("%s: change something: %w", c.name, err)
	}
	if c.changed != nil {
		c.command, c.name = c.changed, c.changedName
	}
	last, err := measure(ctx, s, m, c, changes)
	return append(rows, last), err
}

// repeat gives the run with the median wall time of those in which nothing has changed.
func repeat(ctx context.Context, s settings, m meter, c contestant) (row, error) {
	var runs []row
	for range s.repeats {
		r, err := measure(ctx, s, m, c, noChange)
		if err != nil {
			return row{}, err
		}
		runs = append(runs, r)
	}
	slices.SortFunc(runs, func(a, b row) int { return cmp.Compare(a.cost.wall, b.cost.wall) })
	return runs[len(runs)/2], nil
}

// measure runs a contestant once.
func measure(ctx context.Context, s settings, m meter, c contestant, work string) (row, error) {
	r := row{work: work, tool: c.name, requests: -1, octets: -1, turns: -1}
	if m.clear != nil {
		if err := m.clear(); err != nil {
			return r, err
		}
	}
	if m.proxy != nil {
		m.proxy.Up.Store(0)
		m.proxy.Down.Store(0)
		m.proxy.Turns.Store(0)
		m.proxy.Connections.Store(0)
	}
	quietDisk()
	within, stop := ctx, context.CancelFunc(func() {})
	if s.most > 0 {
		within, stop = context.WithTimeout(ctx, s.most)
	}
	defer stop()
	output, took, err := runChild(within, s, c.env, c.command...)
	if ctx.Err() == nil && within.Err() != nil {
		return r, fmt.Errorf("%s, %s: not done after %v", c.name, work, s.most)
	}
	if err != nil {
		return r, fmt.Errorf("%s, %s: %w", c.name, work, err)
	}
	if c.check != nil {
		if err := c.check(work, output); err != nil {
			return r, fmt.Errorf("%s, %s: the work is not done: %w\n%s", c.name, work, err, output)
		}
	}
	r.cost = took
	if m.requests != nil {
		r.requests = m.requests()
	}
	if m.proxy != nil {
		r.octets = m.proxy.Up.Load() + m.proxy.Down.Load()
		r.turns = m.proxy.Turns.Load()
		if m.opens {
			r.turns += 2 * m.proxy.Connections.Load()
		}
	}
	fmt.Fprintf(s.log, "bench: %-28s %-10s %8.2f s, cpu %7.2f s, %4d MB\n",
		c.name, work, took.wall.Seconds(), took.cpu.Seconds(), took.memory>>20)
	return r, nil
}

// runChild runs a program to its end and gives its standard output and cost.
func runChild(ctx context.Context, s settings, env []string, command ...string) ([]byte, cost, error) {
	var out, problems bytes.Buffer
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = &out, &problems
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, cost{}, err
	}
	done := make(chan struct{})
	memory := watchMemory(cmd.Process.Pid, done)
	err := cmd.Wait()
	took := cost{wall: time.Since(start)}
	close(done)
	took.memory = <-memory
	if s.verbose {
		fmt.Fprintf(s.log, "%v\n%s%s\n", command, out.Bytes(), problems.Bytes())
	}
	if err != nil {
		return nil, took, fmt.Errorf("%v: %w\n%s%s", command, err, lastLines(out.Bytes()), lastLines(problems.Bytes()))
	}
	took.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return out.Bytes(), took, nil
}

// lastLines keeps error messages readable.
func lastLines(b []byte) []byte {
	const most = 2000
	return b[max(0, len(b)-most):]
}

// delayed gives the address to connect to: the server itself, or a proxy that makes it seem far away.
func delayed(s settings, addr string) (string, *servertest.ProxyServer, error) {
	if s.delay == 0 {
		return addr, nil, nil
	}
	p, err := servertest.StartProxy(addr)
	if err != nil {
		return "", nil, err
	}
	p.Delay(s.delay / 2)
	return p.Addr, p, nil
}
