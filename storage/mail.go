// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"

	"kontor/app/journal"
)

func (tx *Tx) recomputeMail(context.Context, journal.Op) error { return nil }

var mailInvariants []invariant
