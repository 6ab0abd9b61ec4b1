// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bytes"
	"strings"
)

// ReportKind says what a report is about.
type ReportKind string

// The kinds of reports.
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
		if o.Action == "failed" || o.Action == "" && strings.HasPrefix(o.Status, "5") {
			return true
		}
	}
	return false
}

// maxOutcomes bounds how many recipients of one report are told of.
const maxOutcomes = 200

// reported reads the machine's part of a report.
func (w *walker) reported(kind string, raw []byte) {
	if w.report == nil {
		w.report = &Report{}
	}
	switch kind {
	case "message/delivery-status", "message/global-delivery-status":
		w.report.Kind = ReportDelivery
		w.report.readDelivery(raw)
	case "message/feedback-report":
		w.report.Kind = ReportAbuse
	default:
		w.report.Kind = ReportReceipt
		w.report.readReceipt(raw)
	}
}

// returned reads the header of the message that a report is about.
func (w *walker) returned(raw []byte) {
	h := ParseHeader(raw)
	if w.report == nil {
		w.report = &Report{Kind: ReportDelivery}
	}
	if w.report.OriginalID == "" {
		w.report.OriginalID = h.MessageID
	}
	w.report.Subject = h.Subject
}

// summary gives the report together with what the header of the whole message adds to it.
func (w *walker) summary(h Header) *Report {
	if w.report == nil && h.Failed != "" { // a report for people only
		w.report = &Report{Kind: ReportDelivery}
		for _, a := range parseAddresses([]byte(h.Failed)) {
			if len(w.report.Recipients) < maxOutcomes {
				w.report.Recipients = append(w.report.Recipients, Outcome{Addr: a.Addr, Action: "failed"})
			}
		}
	}
	if w.report != nil && w.report.OriginalID == "" {
		w.report.OriginalID = h.InReplyTo
	}
	return w.report
}

// readDelivery reads groups of fields: the first is about the message, each further one about a recipient. Some programs
// leave the empty lines out, or put too many in.
func (r *Report) readDelivery(raw []byte) {
	var o Outcome
	flush := func() {
		if o != (Outcome{}) && o.Addr+o.Action+o.Status != "" && len(r.Recipients) < maxOutcomes {
			r.Recipients = append(r.Recipients, o)
		}
		o = Outcome{}
	}
	eachFieldOfGroups(raw, flush, func(name, value []byte) {
		text := decodeText(value)
		switch strings.ToLower(string(name)) {
		case "final-recipient":
			if o.Addr != "" && o.Action != "" {
				flush()
			}
			o.Addr = typed(text)
		case "original-recipient":
			if o.Addr == "" {
				o.Addr = typed(text)
			}
		case "action":
			o.Action = strings.ToLower(firstWord(text))
		case "status":
			o.Status = firstWord(text)
		case "diagnostic-code":
			o.Diagnostic = typed(text)
		case "remote-mta":
			o.Remote = typed(text)
		}
	})
	flush()
}

func (r *Report) readReceipt(raw []byte) {
	var o Outcome
	eachFieldOfGroups(raw, func() {}, func(name, value []byte) {
		text := decodeText(value)
		switch strings.ToLower(string(name)) {
		case "final-recipient":
			o.Addr = typed(text)
		case "original-recipient":
			if o.Addr == "" {
				o.Addr = typed(text)
			}
		case "original-message-id":
			r.OriginalID = firstID(value)
		case "disposition": // "manual-action/MDN-sent-manually; displayed"
			_, what, ok := strings.Cut(text, ";")
			if !ok {
				what = text
			}
			what, _, _ = strings.Cut(what, "/")
			o.Action = strings.ToLower(strings.TrimSpace(what))
		case "error", "failure":
			o.Diagnostic = text
		}
	})
	if o != (Outcome{}) {
		r.Recipients = append(r.Recipients, o)
	}
}

// eachFieldOfGroups is eachField over several blocks with empty lines between them.
func eachFieldOfGroups(raw []byte, end func(), fn func(name, value []byte)) {
	for len(raw) > 0 {
		n := fieldEnd(raw)
		if len(bytes.TrimSpace(raw[:n])) == 0 {
			end()
		} else {
			eachField(raw[:n], fn)
		}
		raw = raw[n:]
	}
}

// typed drops the type in front of a value: "rfc822; a@b.example".
func typed(text string) string {
	if kind, rest, ok := strings.Cut(text, ";"); ok && !strings.ContainsAny(kind, " @<") {
		text = rest
	}
	return strings.Trim(strings.TrimSpace(text), "<>")
}

func firstWord(text string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	return word
}
