// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"
)

// maxSocketPath is what the shortest sockaddr_un of our platforms holds.
const maxSocketPath = 100

// Instance makes sure that one window shows a home: the first one listens, later ones hand over what they were started
// with and end.
type Instance struct {
	listener net.Listener
	calls    chan []string
}

// socketPath is where the first window of a home listens. Homes with a long path get a place in the temporary folder.
func (h Home) socketPath() string {
	path := h.Join("kontor.sock")
	if len(path) <= maxSocketPath {
		return path
	}
	sum := sha256.Sum256([]byte(h))
	return filepath.Join(os.TempDir(), "kontor-"+hex.EncodeToString(sum[:8])+".sock")
}

// FirstInstance returns an Instance for the first window of a home, and nil for a later one, whose args have then been
// handed to the first.
func (h Home) FirstInstance(ctx context.Context, args []string) (*Instance, error) {
	path := h.socketPath()
	if err := handOver(ctx, path, args); err == nil {
		return nil, nil //nolint:nilnil // nil is the answer "not the first"
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("listen for other windows: %w", err)
	}
	l, err := new(net.ListenConfig).Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("listen for other windows: %w", err)
	}
	i := &Instance{listener: l, calls: make(chan []string, 8)}
	go i.serve()
	return i, nil
}

// handOver gives args to the window that listens at path and waits until it has taken them.
func handOver(ctx context.Context, path string, args []string) (err error) {
	d := net.Dialer{Timeout: 2 * time.Second}
	c, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if err := c.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return err
	}
	if err := json.NewEncoder(c).Encode(args); err != nil {
		return err
	}
	_, err = bufio.NewReader(c).ReadString('\n')
	return err
}

func (i *Instance) serve() {
	defer close(i.calls)
	for {
		c, err := i.listener.Accept()
		if err != nil {
			return
		}
		i.take(c)
	}
}

func (i *Instance) take(c net.Conn) {
	defer c.Close() //nolint:errcheck // the answer was written or it was not
	if err := c.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return
	}
	var args []string
	if err := json.NewDecoder(c).Decode(&args); err != nil {
		return
	}
	i.calls <- args
	_, _ = c.Write([]byte("ok\n")) //nolint:errcheck // the caller sees that the answer is missing
}

// Calls yields the arguments of later windows until Close.
func (i *Instance) Calls() <-chan []string { return i.calls }

// Close lets another window be the first.
func (i *Instance) Close() error { return i.listener.Close() }
