// SPDX-License-Identifier: EUPL-1.2

package reconcile

import (
	"fmt"
	"testing"
)

// changedAt builds trees of files that agree but for the versions of the server: its times before and now.
func changedAt(times ...[2]int64) FilesInput {
	in := FilesInput{}
	for i, t := range times {
		path, tag := fmt.Sprint("f", i), "new"
		if t[0] == t[1] {
			tag = "old"
		}
		in.Base = append(in.Base, Item{Key: int64(i + 1), Path: path, Hash: "h", ETag: `"old"`, Time: t[0]})
		in.Local = append(in.Local, Item{Key: int64(i + 1), Path: path, Hash: "h"})
		in.Remote = append(in.Remote, Item{Path: path, ETag: `"` + tag + `"`, Time: t[1]})
	}
	return in
}

// TestCase06OlderVersions: several files that go back in time, and more of them than go forward, are a question.
func TestCase06OlderVersions(t *testing.T) {
	back, forth, still, coarse, unknown := [2]int64{1000, 500}, [2]int64{1000, 1500}, [2]int64{1000, 1000}, [2]int64{1000, 998}, [2]int64{1000, 0}
	for _, c := range []struct {
		name  string
		times [][2]int64
		want  Brake
	}{
		{"all went back", [][2]int64{back, back, back, still, still}, OlderRemote},
		{"most went back", [][2]int64{back, back, back, forth, forth}, OlderRemote},
		{"two may be somebody who restored them", [][2]int64{back, back, still}, NoBrake},
		{"others are at work", [][2]int64{back, back, back, forth, forth, forth}, NoBrake},
		{"the clock has coarse steps", [][2]int64{coarse, coarse, coarse}, NoBrake},
		{"the server says no times", [][2]int64{unknown, unknown, unknown}, NoBrake},
	} {
		in := changedAt(c.times...)
		p := PlanFiles(in)
		if p.Brake != c.want || (p.Brake != NoBrake && len(p.Actions) > 0) {
			t.Errorf("%s: brake %d, %s", c.name, p.Brake, show(p))
		}
		in.Allow = true
		for _, a := range PlanFiles(in).Actions {
			if a.Kind != Take {
				t.Errorf("%s: allowed: %+v", c.name, a)
			}
		}
		in.Restore = true
		for _, a := range PlanFiles(in).Actions {
			if want := map[bool]FileKind{true: Contend, false: Take}[a.Older]; a.Kind != want {
				t.Errorf("%s: to be kept: %+v", c.name, a)
			}
		}
	}
}
