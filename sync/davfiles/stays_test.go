// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"testing"

	"kontor/sync/servertest"
)

// TestWhatIsMovedOutOfAKeptFolderStays on the disk, where the person has just put it, alone and with its folder; what comes
// from the server into the same place stays online.
func TestWhatIsMovedOutOfAKeptFolderStays(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.DAVServer) {
		c, _ := through(t, s, "amt/a=eins", "amt/akte/b=zwei", "amt/akte/teil/c=drei", "fern=vier")
		c.unpinned()
		c.pin("amt")
		c.sync()
		c.rename("amt/a", "a")
		c.rename("amt/akte", "akte")
		for range 2 {
			c.sync()
		}
		c.same("the disk", c.here(), map[string]string{"a": "eins", "akte/b": "zwei", "akte/teil/c": "drei"})
		c.same("the server", tree(t, s.Root), map[string]string{"amt/": "", "akte/": "", "akte/teil/": "", "a": "eins", "akte/b": "zwei", "akte/teil/c": "drei", "fern": "vier"})
		c.quiet()
	})
}
