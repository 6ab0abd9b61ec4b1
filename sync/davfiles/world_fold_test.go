// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"cmp"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kontor/app/journal"
	"kontor/sync/simworld"
)

// kept says what is lost on a server that takes "a" and "A" for one name. What cannot go there under its name stays on the disk,
// with a word why, or goes under another name.
func (w *world) kept() {
	there := map[string]bool{}
	for who := range 3 {
		for _, p := range w.tree(who) {
			there[p.content] = true
		}
	}
	for content := range w.written {
		if !there[content] && !w.dead[content] {
			w.Fatalf("%q is lost\n%s", content, w.picture())
		}
	}
	for _, c := range w.clients {
		waits := c.store.Pending()
		if len(waits) > 0 && !slices.ContainsFunc(waits, func(op journal.Op) bool { return op.LastError != "" }) {
			w.Fatalf("client %s does not say why it waits: %+v\n%s", c.name, waits, w.picture())
		}
	}
}

// TestFoldingServersLoseNothing plays the histories on servers that take names for one which differ in upper and lower case only.
func TestFoldingServersLoseNothing(t *testing.T) {
	simworld.Set(t, "rapid.seed", cmp.Or(os.Getenv("KONTOR_SIM_SEED"), "91")) // these find what goes wrong without a look for twins
	simworld.Set(t, "rapid.checks", "1000")
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		w.server.Fold, w.both = true, true
		w.names = w.drawNames()
		for range rapid.IntRange(2, 12).Draw(t, "events") {
			w.step()
		}
		w.note("calm")
		w.calm()
		w.kept()
	})
}
