// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"

	"kontor/app/journal"
)

func (tx *Tx) recomputeFiles(context.Context, journal.Op) error { return nil }

var fileInvariants []invariant
