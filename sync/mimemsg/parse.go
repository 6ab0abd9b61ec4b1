// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"errors"
	"fmt"
	"io"

	"kontor/app/mail"
)

// Bounds of what is kept of one message.
const (
	maxText    = 2 << 20 // octets of text and HTML
	maxDepth   = 24      // multiparts inside each other
	maxParts   = 1000
	maxNested  = 4        // messages inside each other whose text is read
	maxWrapped = 16 << 20 // octets of a container (TNEF, CMS) that is opened
	maxReport  = 64 << 10 // octets of a delivery report
)

// ErrNoAttachment is returned for an attachment that the message does not have.
var ErrNoAttachment = errors.New("the message has no such attachment")

// Parsed is what a person wants to see of a message.
type Parsed struct {
	Header
	Text        string // the text parts, or the HTML parts made readable
	HTML        string // the HTML parts as sent, empty for none
	Snippet     string // the beginning of Text in one line
	Attachments []mail.Attachment
	Nested      string          // the text of messages that are attached, for searching
	Protection  mail.Protection // how the message is signed or encrypted
	Report      *mail.Report    // what became of another message, nil for none
}

// HasAttachment reports whether there is something to save: pictures shown in the text and signatures do not count.
func (p Parsed) HasAttachment() bool {
	for _, a := range p.Attachments {
		if !a.Inline && !isSignature(a.MIMEType) {
			return true
		}
	}
	return false
}

// Parse reads a whole message. It holds text but no attachments; the error is one of reading r, never of the content.
func Parse(r io.Reader) (Parsed, error) { return parseMessage(r, walker{sizes: true, forms: true}) }

// ParseIndex is Parse for an index: it does not read HTML that stands beside a plain text.
func ParseIndex(r io.Reader) (Parsed, error) { return parseMessage(r, walker{sizes: true}) }

// ParseText is ParseIndex for a list, several times faster: it looks for no sizes of attachments either.
func ParseText(r io.Reader) (Parsed, error) { return parseMessage(r, walker{}) }

func parseMessage(r io.Reader, w walker) (Parsed, error) {
	s := newSource(r)
	defer s.release()
	w.s, w.want = s, -1
	top := w.s.header()
	p := Parsed{Header: ParseHeader(top)}
	w.entity(top, place{root: true})
	if s.err != nil {
		return p, fmt.Errorf("read message: %w", s.err)
	}
	p.Attachments, p.Report, p.Protection = w.attachments, w.summary(p.Header), w.protection
	p.Text, p.HTML = w.texts()
	p.Nested = w.nested.String()
	if p.Text == "" && p.HTML == "" {
		p.Text = p.Nested
	}
	if p.Protection == "" {
		p.Protection = inlinePGP(p.Text)
	}
	p.Snippet = Snippet(p.Text)
	return p, nil
}

// Attachment finds one attachment of a message by its position. The reader gives its decoded octets as r is read on.
func Attachment(r io.Reader, index int) (mail.Attachment, io.Reader, error) {
	w := walker{s: newSource(r), want: index}
	w.entity(w.s.header(), place{root: true})
	if w.s.err != nil {
		return mail.Attachment{}, nil, fmt.Errorf("read message: %w", w.s.err)
	}
	if w.found == nil {
		return mail.Attachment{}, nil, fmt.Errorf("attachment %d: %w", index, ErrNoAttachment)
	}
	return w.attachments[index], w.found, nil
}
