// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"kontor/app/mail"
)

func init() {
	explain(mail.ErrNoRecipient, "mail.error.no-recipient")
	explain(mail.ErrNoSender, "mail.error.no-sender")
	explain(mail.ErrAddress, "mail.error.address")
	explain(ErrNoAccount, "mail.error.no-account")
	explain(ErrNoSending, "mail.error.no-sending")
	explain(ErrNoBody, "mail.error.no-body")
	explain(ErrNotAFolder, "mail.error.folder")
	explain(ErrFolderExists, "mail.error.folder-exists")
	explain(ErrFolderFixed, "mail.error.folder-fixed")
	explain(ErrFolderName, "mail.error.folder-name")
	explain(ErrNoBin, "mail.error.no-bin")
	explain(ErrTagName, "mail.error.tag-name")
	explain(ErrOutbox, "mail.error.outbox")
	explain(mail.ErrTooLarge, "send.error.too-large")
	explain(ErrIdentityFolder, "send.error.identity-folder")
	explain(ErrNoProof, "send.error.no-proof")
}
