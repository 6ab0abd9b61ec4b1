// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"kontor/sync/servertest"
)

// report is what "kontorctl sync --json" prints, as far as it is looked at here.
type report struct {
	Mail struct {
		New     int `json:"new"`
		Changed int `json:"changed"`
		Gone    int `json:"gone"`
		Bodies  int `json:"bodies"`
	} `json:"mail"`
	Files struct {
		Downloaded int `json:"downloaded"`
		Uploaded   int `json:"uploaded"`
	} `json:"files"`
	Tasks struct {
		New int `json:"new"`
	} `json:"tasks"`
	Waiting int `json:"waiting"`
	Failed  int `json:"failed"`
	InDoubt int `json:"in_doubt"`
}

// once is what a run must report where there is something to do in the first run only.
func once(items int) func(work string) int {
	return func(work string) int {
		if work == initial {
			return items
		}
		return 0
	}
}

// kontorFor makes Kontor a contestant of an area, with a home of its own name: account gives the flags of "account add", after runs before the measurement,
// want gives how many items a run must report, and done how many it did.
func kontorFor(s settings, area, name string, account []string, after [][]string, want func(work string) int, done func(report) int) contestant {
	home := filepath.Join(s.work, "kontor-"+name)
	env := []string{"KONTOR_HOME=" + home, "KONTOR_BENCH_PASSWORD=" + cmp.Or(s.secret, servertest.Password)}
	if os.Getenv("KONTOR_OWN_KEYRING") == "" {
		// Never the keyring of the person who runs this. A passphrase costs 0.2 s and 64 MB in each run, on purpose.
		env = append(env, "KONTOR_KEYRING=file", "KONTOR_PASSPHRASE=bench")
	}
	return contestant{
		name: kontor, needs: s.ctl, env: env, dir: home,
		command: []string{s.ctl, "sync", "--only", area, "--json"},
		prepare: func(ctx context.Context) error {
			add := append([]string{
				s.ctl, "account", "add", "bench", "--email", servertest.User + "@example.org", "--user", servertest.User,
				"--password-env", "KONTOR_BENCH_PASSWORD", "--no-test",
			}, account...)
			for _, command := range append([][]string{add}, after...) {
				if _, _, err := runChild(ctx, s, env, command...); err != nil {
					return err
				}
			}
			return nil
		},
		check: func(work string, output []byte) error {
			r, err := idle(output)
			if err != nil {
				return err
			}
			if got, expected := done(r), want(work); got != expected {
				return fmt.Errorf("%d items, want %d", got, expected)
			}
			return nil
		},
	}
}

// idle reads what a synchronisation reported, with an error if something is left to do.
func idle(output []byte) (r report, err error) {
	if err := json.Unmarshal(output, &r); err != nil {
		return r, err
	}
	if left := r.Waiting + r.Failed + r.InDoubt; left != 0 {
		return r, fmt.Errorf("%d operations are left", left)
	}
	return r, nil
}
