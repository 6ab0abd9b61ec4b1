// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// TestMain lets KONTOR_SIM say how often each random test is played, as in simulations of clients and servers.
func TestMain(m *testing.M) {
	if n := os.Getenv("KONTOR_SIM"); n != "" {
		if err := flag.Set("rapid.checks", n); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	os.Exit(m.Run())
}
