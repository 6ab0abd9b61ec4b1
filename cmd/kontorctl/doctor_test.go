// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kontor/app/i18n"
	"kontor/storage"
)

// A damaged store is named as such in both languages, and repaired without losing a file.
func TestDoctorRepairsADamagedStore(t *testing.T) {
	const page = 4096
	t.Cleanup(func() { i18n.Use(i18n.German) }) // as all other tests expect it
	for name, c := range map[string]struct {
		damage func(octets []byte) []byte
		left   bool // the account can be saved
	}{
		"a page":   {func(b []byte) []byte { copy(b[len(b)-3*page:], bytes.Repeat([]byte{0xA5}, page)); return b }, true},
		"its end":  {func(b []byte) []byte { return b[:len(b)-2*page+100] }, true},
		"its head": {func(b []byte) []byte { copy(b, make([]byte, page)); return b }, false},
	} {
		t.Run(name, func(t *testing.T) {
			d := newOffice(t)
			d.do("account", "add", "amt", "--email", "anna@amt.example", "--password-env", "PW", "--no-test", "--imap", "imaps://127.0.0.1:1")
			fill(t, filepath.Join(d.home, "kontor.db"))
			db := filepath.Join(d.home, "kontor.db")
			octets, err := os.ReadFile(db)
			if err != nil {
				t.Fatal(err)
			}
			damaged := c.damage(octets)
			if err := os.WriteFile(db, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			for lang, words := range map[i18n.Lang]string{i18n.English: "damaged", i18n.German: "beschädigt"} {
				i18n.Use(lang)
				if said := d.refused(exitFailed, "doctor"); !strings.Contains(said, words) || !strings.Contains(said, "--repair") {
					t.Errorf("%s: %s", lang, said)
				}
			}
			repaired := document[doctorJSON](t, d.call("doctor", "--repair", "--json").out)
			if kept, err := os.ReadFile(repaired.Kept); err != nil || !bytes.Equal(kept, damaged) || repaired.Store != "ok" || !repaired.Repaired {
				t.Errorf("%+v %v", repaired, err)
			}
			if list := d.do("account", "list"); strings.Contains(list, "amt") != c.left {
				t.Errorf("accounts that are left: %q", list)
			}
			if again := document[doctorJSON](t, d.call("doctor", "--json").out); again.Store != "ok" || again.Kept != "" {
				t.Errorf("%+v", again)
			}
		})
	}
}

// fill puts so much into a store that its end is rows, as in every store that was synchronised, and not its schema.
func fill(t *testing.T, path string) {
	t.Helper()
	db, err := storage.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(t.Context(), func(tx *storage.Tx) error {
		for i := range 200 {
			if err := tx.SetSetting(t.Context(), fmt.Sprint("test.", i), strings.Repeat("Akte ", 40)); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}
