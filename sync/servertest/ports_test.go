// SPDX-License-Identifier: EUPL-1.2

package servertest_test

import (
	"net"
	"strconv"
	"testing"

	"kontor/sync/servertest"
)

// TestEachServerGetsAPortOfItsOwn, none of which the system gives to a client, and none of a block that another process owns.
func TestEachServerGetsAPortOfItsOwn(t *testing.T) {
	given := map[string]bool{}
	for range 100 {
		addr := servertest.FreeAddr(t)
		_, port, _ := net.SplitHostPort(addr)
		n, err := strconv.Atoi(port)
		if err != nil || n < 10000 || n >= 32768 || given[addr] {
			t.Fatalf("%s: %v", addr, err)
		}
		given[addr] = true
		owner := net.JoinHostPort("127.0.0.1", strconv.Itoa(n-n%40))
		if l, err := net.Listen("tcp", owner); err == nil {
			l.Close()
			t.Fatalf("%s was given, but nobody holds %s", addr, owner)
		}
	}
}
