// SPDX-License-Identifier: EUPL-1.2

package caltasks

import (
	"slices"

	"kontor/app/journal"
	"kontor/sync/engine"
	"kontor/sync/reconcile"
)

// Join is part of engine.Joiner: edits of one task that follow each other are one PUT.
func (w *Worker) Join(a, b journal.Op) (journal.Op, bool) {
	if a.Kind != journal.TaskPut || !slices.Equal(a.Targets, b.Targets) {
		return a, false
	}
	return engine.JoinPayloads(a, b, reconcile.JoinTaskPuts(a))
}
