// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/sync/engine"
)

// Join is part of engine.Joiner: changes of flags are one STORE where one can say them.
func (w *Worker) Join(a, b journal.Op) (journal.Op, bool) {
	if a.Kind != journal.MailFlags {
		return a, false
	}
	return engine.JoinPayloads(a, b, mail.FlagsOp.Then)
}
