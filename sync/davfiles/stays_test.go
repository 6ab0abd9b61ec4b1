// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"testing"

	"kontor/app/files"
	"kontor/app/journal"
	"kontor/storage"
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

// TestWhatIsNewMovesWithItsFolder: a folder leaves what is kept offline in the window, while a file lies in it that was not seen
// yet. It goes to the server with the folder, also where that has been made at its new place already.
func TestWhatIsNewMovesWithItsFolder(t *testing.T) {
	for name, kept := range map[string]string{"alone": "", "a part of it stays": "amt/akte/b"} {
		t.Run(name, func(t *testing.T) {
			s := servertest.Apache(t)
			c, _ := through(t, s, "amt/akte/b=zwei", "amt/c=drei")
			c.unpinned()
			c.pin("amt")
			c.sync()
			if kept != "" {
				c.pin(kept)
			}
			c.write("amt/akte/neu", "neu")
			row := c.row("amt/akte")
			c.order(journal.FileMove, row, files.MoveOp{From: row.Path, To: "ziel", ETag: row.Base.ETag}, func(tx *storage.Tx) error {
				return tx.RelocateFile(t.Context(), row, "ziel")
			})
			for range 3 {
				c.sync()
			}
			found := 0
			for path, content := range tree(t, s.Root) {
				if content == "neu" {
					found++
					if kept == "" && path != "ziel/neu" {
						t.Errorf("the new file went to %s", path)
					}
				}
			}
			if found != 1 {
				t.Errorf("the new file is on the server %d times: %v", found, tree(t, s.Root))
			}
			c.quiet()
		})
	}
}
