// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"sync"
	"time"
)

// meteredAge is how long the system's word about the connection is believed.
const meteredAge = 15 * time.Second

// asked is what the system said last.
var asked struct {
	sync.Mutex
	at      time.Time
	metered bool
}

// systemMetered reports whether the system takes the connection for one that is paid for by the octet.
func systemMetered() bool {
	asked.Lock()
	defer asked.Unlock()
	if asked.at.IsZero() || time.Since(asked.at) > meteredAge {
		asked.metered, asked.at = askMetered(), time.Now()
	}
	return asked.metered
}

// isCost reads an NLM_CONNECTION_COST of Windows: fixed (2) and variable (4) plans count, and roaming (0x40000) does on any.
func isCost(cost uint32) bool { return cost&(2|4|0x40000) != 0 }
