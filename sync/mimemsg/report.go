// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bytes"
	"strings"

	"kontor/app/mail"
)

// maxOutcomes bounds how many recipients of one report are told of.
const maxOutcomes = 200

// reported reads the machine's part of a report.
func (w *walker) reported(kind string, raw []byte) {
	if w.report == nil {
		w.report = &mail.Report{}
	}
	switch kind {
	case "message/delivery-status", "message/global-delivery-status":
		w.report.Kind = mail.ReportDelivery
		readDelivery(w.report, raw)
	case "message/feedback-report":
		w.report.Kind = mail.ReportAbuse
	default:
		w.report.Kind = mail.ReportReceipt
		readReceipt(w.report, raw)
	}
}

// returned reads the header of the message that a report is about.
func (w *walker) returned(raw []byte) {
	h := ParseHeader(raw)
	if w.report == nil {
		w.report = &mail.Report{Kind: mail.ReportDelivery}
	}
	if w.report.OriginalID == "" {
		w.report.OriginalID = h.MessageID
	}
	w.report.Subject = h.Subject
}

// summary gives the report together with what the header of the whole message adds to it.
func (w *walker) summary(h Header) *mail.Report {
	if w.report == nil && h.Failed != "" { // a report for people only
		w.report = &mail.Report{Kind: mail.ReportDelivery}
		for _, a := range parseAddresses([]byte(h.Failed)) {
			if len(w.report.Recipients) < maxOutcomes {
				w.report.Recipients = append(w.report.Recipients, mail.Outcome{Addr: a.Addr, Action: "failed"})
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
func readDelivery(r *mail.Report, raw []byte) {
	var o mail.Outcome
	flush := func() {
		if o != (mail.Outcome{}) && o.Addr+o.Action+o.Status != "" && len(r.Recipients) < maxOutcomes {
			r.Recipients = append(r.Recipients, o)
		}
		o = mail.Outcome{}
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

func readReceipt(r *mail.Report, raw []byte) {
	var o mail.Outcome
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
	if o != (mail.Outcome{}) {
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
