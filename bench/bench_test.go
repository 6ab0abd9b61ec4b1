// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"kontor/bench/corpus"
)

// TestMain lets the test program stand in for the command, which calls itself to measure the limits.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && isChild(os.Args[1]) {
		if err := child(os.Args[1], os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// TestEachAreaOnce runs the whole comparison on very little data: every contestant that is installed must do its work,
// and find nothing to do the second time.
func TestEachAreaOnce(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" || (os.Getenv("KONTOR_REQUIRE_SERVERS") == "" && testing.Short()) {
		t.Skip("needs the servers")
	}
	work, err := os.MkdirTemp("", "kb-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(work) })
	if err := os.Chmod(work, 0o755); err != nil {
		t.Fatal(err)
	}
	ctl := filepath.Join(work, "kontorctl")
	if out, err := exec.Command("go", "build", "-o", ctl, "kontor/cmd/kontorctl").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	tiny := corpus.Size{
		Name: "tiny", Mails: 60, MailFolders: 4, Files: 40, FileFolders: 6, FileBytes: 1 << 20, Tasks: 320, TaskLists: 2,
	}
	for name, area := range areas {
		t.Run(name, func(t *testing.T) {
			s := settings{size: tiny, ctl: ctl, work: filepath.Join(work, name), repeats: 1, log: t.Output()}
			if err := os.Mkdir(s.work, 0o755); err != nil {
				t.Fatal(err)
			}
			rows, err := area(t.Context(), s)
			if err != nil {
				t.Error(err)
			}
			works := map[string][]string{
				"mail": {headers, initial, noChange, changes}, "files": {initial, noChange, changes, upload}, "tasks": {initial, noChange, theirs, mine},
			}[name]
			if len(rows) == 0 {
				t.Error("nothing was measured")
			}
			for _, w := range works {
				if _, ok := baseline(rows, row{area: name, work: w}); !ok {
					t.Errorf("Kontor is not in the table for %s", w)
				}
			}
		})
	}
}
