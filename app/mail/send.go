// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// SendOp is the payload of journal.MailSend: the stored octets of a local message go to the server as they are, less Bcc.
type SendOp struct {
	ID        int64    `json:"id"`              // the message in the outbox
	Outbox    int64    `json:"outbox"`          // the folder it waits in
	Sent      int64    `json:"sent"`            // the folder it is shown in once it is sent
	Drafts    int64    `json:"drafts"`          // the folder it goes back to when the sending is cancelled
	Draft     int64    `json:"draft,omitempty"` // the draft it was written as, hidden meanwhile
	From      string   `json:"from"`
	To        []string `json:"to"`         // who is to get it by this operation; nobody gets it by two
	MessageID string   `json:"message_id"` // without angle brackets
	// Rest says that others have the message already: it stays among the sent ones whatever becomes of this operation.
	Rest bool `json:"rest,omitempty"`
	// Shared says that other messages on the server have the same Message-ID: finding one proves nothing.
	Shared   bool   `json:"shared,omitempty"`
	EightBit bool   `json:"eight_bit,omitempty"` // not all of it is ASCII (RFC 6152)
	Notify   string `json:"notify,omitempty"`    // NOTIFY of RFC 3461, section 4.1; empty for what servers do by themselves
	// Silent says that the server took the message and offers no reports although Notify asks for them.
	Silent bool `json:"silent,omitempty"`
}

// NotifyAll asks for a report of delivery, of delay and of failure.
const NotifyAll = "SUCCESS,FAILURE,DELAY"

// ErrTooLarge is wrapped by every SizeError.
var ErrTooLarge = errors.New("the message is larger than the server accepts")

// SizeError says by how much a message is too large. Both are octets.
type SizeError struct{ Size, Limit int64 }

// Error is part of error.
func (e *SizeError) Error() string {
	return fmt.Sprintf("%v: %d of %d octets", ErrTooLarge, e.Size, e.Limit)
}

// Code is part of transport.Coded.
func (e *SizeError) Code() string { return "send.too-large" }

// Unwrap is part of error.
func (e *SizeError) Unwrap() error { return ErrTooLarge }

// EncodedSize is about how large a message with these attachments gets: base64 makes four octets and line ends of three.
func EncodedSize(out Outgoing) int64 {
	total := int64(len(out.Text)) + 2048
	for _, a := range out.Attachments {
		lines := (int64(len(a.Data)) + 56) / 57
		total += lines*2 + (int64(len(a.Data))+2)/3*4 + 300
	}
	return total
}

// queueIDs find what servers call a message that they have taken: Postfix and the many that imitate it, Exim, Exchange,
// Sendmail.
var queueIDs = []*regexp.Regexp{
	regexp.MustCompile(`(?i)queued as ([0-9A-Za-z.-]+)`),
	regexp.MustCompile(`(?i)\bid=([0-9A-Za-z-]+)`),
	regexp.MustCompile(`InternalId=(\d+)`),
	regexp.MustCompile(`(?i)^250 (?:2\.0\.0 )?([0-9A-Za-z]{8,}) Message accepted`),
	regexp.MustCompile(`(?i)^250 2\.0\.0 OK:?\s+(\S+)`),
}

// QueueID finds the name under which a server has taken a message in its answer to the final dot; empty where it says none.
func QueueID(reply string) string {
	for _, form := range queueIDs {
		if m := form.FindStringSubmatch(reply); m != nil {
			return strings.TrimRight(m[1], ".,;")
		}
	}
	return ""
}

// replyCauses names what enhanced status codes mean (RFC 3463, RFC 5248, RFC 7504, RFC 7505), without their class.
var replyCauses = map[string]string{
	"1.1": "no-mailbox", "1.2": "no-domain", "1.3": "address", "1.4": "address", "1.6": "moved", "1.10": "no-domain",
	"1.7": "sender", "1.8": "sender", "2.0": "mailbox", "2.1": "disabled", "2.2": "full", "2.3": "too-large", "2.4": "list",
	"3.0": "system", "3.1": "system-full", "3.2": "busy", "3.4": "too-large", "4.0": "route", "4.1": "route", "4.2": "route",
	"4.3": "route", "4.4": "route", "4.5": "busy", "4.6": "loop", "4.7": "expired", "5.3": "too-many", "6.7": "letters", "6.9": "letters",
	"7.0": "policy", "7.1": "policy", "7.2": "list", "7.3": "policy", "7.8": "sign-in", "7.26": "policy", "7.27": "sender",
}

// basicCauses name what the codes of RFC 5321, section 4.2.3, mean where there is no enhanced one.
var basicCauses = map[int]string{
	421: "busy", 450: "busy", 451: "system", 452: "system-full", 455: "protocol", 550: "no-mailbox", 551: "moved", 552: "full", 553: "address",
	554: "refused", 555: "protocol", 556: "no-domain", 521: "no-domain", 530: "sign-in", 535: "sign-in",
}

// ReplyCause names why a server did not take a message or a recipient, by its code and its enhanced status ("5.1.1", may
// be empty): the last word of the texts send.error.WORD.
func ReplyCause(code int, status string) string {
	class, rest, _ := strings.Cut(status, ".")
	if rest == "7.1" && class == "4" {
		return "later" // greylisting (RFC 6647)
	}
	if cause := replyCauses[rest]; cause != "" {
		return cause
	}
	subject, _, _ := strings.Cut(rest, ".")
	switch subject {
	case "4":
		return "route"
	case "5":
		return "protocol"
	case "7":
		return "policy"
	}
	if cause := basicCauses[code]; cause != "" {
		return cause
	}
	if code >= 500 {
		return "refused"
	}
	return "busy"
}
