// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"

	"kontor/app/journal"
)

func (tx *Tx) recomputeTasks(context.Context, journal.Op) error { return nil }

var taskInvariants []invariant
