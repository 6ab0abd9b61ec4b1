// SPDX-License-Identifier: EUPL-1.2

package mail

// SendOp is the payload of journal.MailSend: the stored octets of a local message go to the server as they are.
type SendOp struct {
	ID        int64    `json:"id"`              // the message in the outbox
	Outbox    int64    `json:"outbox"`          // the folder it waits in
	Sent      int64    `json:"sent"`            // the folder it is shown in once it is sent
	Drafts    int64    `json:"drafts"`          // the folder it goes back to when the sending is cancelled
	Draft     int64    `json:"draft,omitempty"` // the draft it was written as, hidden meanwhile
	From      string   `json:"from"`
	To        []string `json:"to"`
	MessageID string   `json:"message_id"` // without angle brackets
}
