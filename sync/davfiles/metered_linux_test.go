// SPDX-License-Identifier: EUPL-1.2

package davfiles

import "testing"

// NMMetered: 0 unknown, 1 yes, 2 no, 3 guessed yes, 4 guessed no.
func TestWhatNetworkManagerSays(t *testing.T) {
	for state, want := range map[uint32]bool{0: false, 1: true, 2: false, 3: true, 4: false} {
		if isMetered(state) != want {
			t.Errorf("%d", state)
		}
	}
}
