// SPDX-License-Identifier: EUPL-1.2

package servertest

import (
	"errors"
	"net"
	"strconv"
	"sync"
	"testing"
)

// Ports for servers lie below those that systems give to outgoing connections (Linux: from 32768 on), so that no client takes
// one between looking and listening. They come in blocks: whoever listens on the first port of a block owns it, as long as its
// process runs, so that tests of several packages at the same time keep out of each other's way.
const (
	firstBlock = 10000
	blockSize  = 40
	blocks     = 560
)

// errNoPort is returned when other programs hold all ports of servers.
var errNoPort = errors.New("no port is free for a server")

var ports struct {
	sync.Mutex
	owned     []net.Listener
	block     int // the next one to try
	next, end int
}

// freeAddr gives an address on the loopback interface that nobody listens on, and that nobody else is given.
func freeAddr() (string, error) {
	ports.Lock()
	defer ports.Unlock()
	for {
		for ports.next < ports.end {
			ports.next++
			if l, err := listen(ports.next - 1); err == nil {
				return l.Addr().String(), l.Close()
			}
		}
		if err := ownBlock(); err != nil {
			return "", err
		}
	}
}

// ownBlock takes the next block that nobody owns; those before are kept: their servers may still run.
func ownBlock() error {
	for ; ports.block < blocks; ports.block++ {
		first := firstBlock + ports.block*blockSize
		if l, err := listen(first); err == nil {
			ports.owned, ports.next, ports.end = append(ports.owned, l), first+1, first+blockSize
			ports.block++
			return nil
		}
	}
	return errNoPort
}

func listen(port int) (net.Listener, error) {
	return net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
}

func freeAddrs(n int) ([]string, error) {
	addrs := make([]string, n)
	for i := range addrs {
		var err error
		if addrs[i], err = freeAddr(); err != nil {
			return nil, err
		}
	}
	return addrs, nil
}

// FreeAddr gives a test an address, HOST:PORT, for a server of its own.
func FreeAddr(t testing.TB) string {
	t.Helper()
	addr, err := freeAddr()
	check(t, err)
	return addr
}

func port(addr string) string {
	_, p, _ := net.SplitHostPort(addr)
	return p
}
