// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// What a person has put at the place of a download meanwhile is never replaced: a look before the renaming is not enough.
func TestDownloadTakesNoTakenName(t *testing.T) {
	for name, rename := range map[string]func(from, to string) error{"at once": nameNew, "looking": placeLooking} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			temp, target := filepath.Join(dir, "temp"), filepath.Join(dir, "Brief.txt")
			for path, content := range map[string]string{temp: "theirs", target: "mine"} {
				if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := install(temp, target, time.Now(), rename); !errors.Is(err, errStale) {
				t.Errorf("install over a new file: %v", err)
			}
			if got, err := os.ReadFile(target); string(got) != "mine" {
				t.Errorf("the person's file is %q, %v", got, err)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
				t.Errorf("left: %v, %v", left, err)
			}
			if err := os.Remove(target); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(temp, []byte("theirs"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := install(temp, target, time.Now(), rename); err != nil {
				t.Error(err)
			}
		})
	}
}
