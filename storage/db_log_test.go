// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCloseLeavesASmallLog: who changed little in a large store does not wait for the disk, and nothing of it is lost; who
// changed much leaves no log behind.
func TestCloseLeavesASmallLog(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "kontor.db")
	log := func() int64 {
		info, err := os.Stat(path + "-wal")
		if err != nil {
			return 0
		}
		return info.Size()
	}
	change := func(name string, octets int) {
		t.Helper()
		db, err := Open(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		err = db.Write(ctx, func(tx *Tx) error {
			for i := range octets >> 10 {
				if err := tx.SetSetting(ctx, fmt.Sprintf("%s.%d", name, i), strings.Repeat("x", 1<<10)); err != nil {
					return err
				}
			}
			return tx.SetSetting(ctx, name, "here")
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	for _, step := range []struct {
		name   string
		octets int
		left   bool
	}{
		{"small store", 4 << 10, false},
		{"much", 10 << 20, false},
		{"little", 4 << 10, true},
		{"little again", 4 << 10, true},
		{"too much for what is left", 3 << 20, false},
		{"and little once more", 4 << 10, true},
	} {
		change(step.name, step.octets)
		names = append(names, step.name)
		if left := log() > 0; left != step.left {
			t.Errorf("%s: log of %d octets is left", step.name, log())
		}
	}
	db, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, name := range names {
		if got, err := db.Setting(ctx, name, "lost"); err != nil || got != "here" {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	if err := db.Check(ctx); err != nil {
		t.Error(err)
	}
}
