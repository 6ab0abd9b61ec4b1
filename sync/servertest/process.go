// SPDX-License-Identifier: EUPL-1.2

package servertest

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const (
	startTimeout = 60 * time.Second
	stopTimeout  = 10 * time.Second
)

// running holds the process of a server that may be killed by one goroutine while another waits for it.
type running struct {
	mu sync.Mutex
	p  *process
}

func (r *running) set(p *process) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.p = p
}

func (r *running) get() *process {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.p
}

func (r *running) stop() { r.get().stop() }
func (r *running) kill() { r.get().kill() }

// errEnded stands for a server that ended without an error.
var errEnded = errors.New("without an error")

// process is a server running in the foreground as a child, in a process group of its own.
type process struct {
	cmd   *exec.Cmd
	addrs []string
	done  chan struct{}
	err   error
}

// startProcess runs a program with its output in the file output, and waits until every address accepts connections.
func startProcess(output string, addrs []string, name string, args ...string) (*process, error) {
	log, err := os.OpenFile(output, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	p := &process{cmd: exec.Command(name, args...), addrs: addrs, done: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = log, log
	p.cmd.Dir = filepath.Dir(output)
	p.cmd.SysProcAttr = ownGroup()
	p.cmd.Env = append(os.Environ(), "LANG=C.UTF-8")
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { p.err = p.cmd.Wait(); close(p.done) }()
	for _, addr := range addrs {
		if err := p.waitFor(addr); err != nil {
			p.kill()
			return nil, fmt.Errorf("start %s: %w\n%s", filepath.Base(name), err, tail(output))
		}
	}
	return p, nil
}

// waitFor returns once addr accepts connections.
func (p *process) waitFor(addr string) error {
	deadline := time.Now().Add(startTimeout)
	for {
		c, err := net.DialTimeout("tcp", addr, time.Second)
		if err == nil {
			return c.Close()
		}
		select {
		case <-p.done:
			return fmt.Errorf("it ended: %w", cmp.Or(p.err, errEnded))
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("nothing listens: %w", err)
		}
	}
}

// stop asks the server to end, and ends it if it does not.
func (p *process) stop() {
	if p == nil {
		return
	}
	signalGroup(p.cmd.Process, false)
	select {
	case <-p.done:
	case <-time.After(stopTimeout):
	}
	p.kill()
}

// kill ends the server and its children at once, as a power cut would.
func (p *process) kill() {
	if p == nil {
		return
	}
	signalGroup(p.cmd.Process, true)
	<-p.done
	deadline := time.Now().Add(stopTimeout)
	for _, addr := range p.addrs { // the children end a little later than their parent
		for time.Now().Before(deadline) {
			c, err := net.DialTimeout("tcp", addr, time.Second)
			if err != nil {
				break
			}
			_ = c.Close()
			time.Sleep(2 * time.Millisecond)
		}
	}
}

// tail gives the last lines of a log, for error messages.
func tail(file string) string {
	data, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	return strings.Join(lines[max(0, len(lines)-15):], "\n")
}
