// SPDX-License-Identifier: EUPL-1.2

package servertest

import (
	"os"
	"syscall"
)

// ownGroup gives a server its own process group, and lets it die with the test program however that ends.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}

func signalGroup(p *os.Process, kill bool) {
	sig := syscall.SIGTERM
	if kill {
		sig = syscall.SIGKILL
	}
	_ = syscall.Kill(-p.Pid, sig)
}
