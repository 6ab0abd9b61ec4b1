// SPDX-License-Identifier: EUPL-1.2

package mail

import "strings"

// Protection says how a message is signed or encrypted, as far as its outside tells: nothing is verified.
type Protection string

// The ways to protect a message (RFC 8551, RFC 3156, and OpenPGP inside of a text).
const (
	SMIMESigned    Protection = "smime-signed"
	SMIMEEncrypted Protection = "smime-encrypted"
	PGPSigned      Protection = "pgp-signed"
	PGPEncrypted   Protection = "pgp-encrypted"
)

// ReportKind says what a report is about.
type ReportKind string

// The kinds.
const (
	ReportDelivery ReportKind = "delivery" // a message was delivered, delayed or refused (RFC 3464)
	ReportReceipt  ReportKind = "receipt"  // a message was displayed, deleted, ... (RFC 8098)
	ReportAbuse    ReportKind = "abuse"    // a message was complained about (RFC 5965)
)

// Report sums up what another program says of a message.
type Report struct {
	Kind       ReportKind
	OriginalID string // Message-ID of the message it is about, without angle brackets, empty where it does not say
	Subject    string // of that message, where it came back with the report
	Recipients []Outcome
}

// Outcome is what became of a message for one recipient.
type Outcome struct {
	Addr       string
	Action     string // "failed", "delayed", "delivered", "relayed", "expanded"; of a receipt "displayed", "deleted", "processed"
	Status     string // "5.1.1" (RFC 3463)
	Diagnostic string // what the server said
	Remote     string // the server that said it
}

// Failed reports whether the message did not reach someone for good.
func (r *Report) Failed() bool {
	for _, o := range r.Recipients {
		if o.Failed() {
			return true
		}
	}
	return false
}

// Failed reports whether the message did not reach this recipient for good.
func (o Outcome) Failed() bool {
	return o.Action == "failed" || o.Action == "" && strings.HasPrefix(o.Status, "5")
}
