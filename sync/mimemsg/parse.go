// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"strings"

	"kontor/app/mail"
)

// Bounds of what is kept of one message.
const (
	maxText  = 2 << 20 // octets of text, and as many of HTML
	maxDepth = 24      // multiparts inside each other
	maxParts = 1000
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
func Parse(r io.Reader) (Parsed, error) {
	w := walker{s: newSource(r), want: -1}
	top := w.s.header()
	p := Parsed{Header: ParseHeader(top)}
	w.entity(top, place{root: true})
	if w.s.err != nil {
		return p, fmt.Errorf("read message: %w", w.s.err)
	}
	p.Attachments = w.attachments
	p.Text, p.HTML = w.texts()
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

// place is where a part stands in the tree.
type place struct {
	root    bool
	depth   int
	alt     *segment // the alternative that it is one form of
	related bool     // part of a multipart/related
	digest  bool     // in a multipart/digest: messages are the default
}

// segment is one stretch of text in one or both forms.
type segment struct{ plain, html string }

// walker goes through the parts of a message once.
type walker struct {
	s           *source
	want        int // the attachment to stop at, -1 for none
	found       io.Reader
	parts       int
	segments    []*segment
	kept        int // octets of text so far
	attachments []mail.Attachment
}

// partHeader is what the header of a part says.
type partHeader struct {
	kind        string // "text/plain"
	params      parameters
	encoding    string
	disposition string
	filename    string
	cid         string
	location    string
}

func readPartHeader(raw []byte, pl place) partHeader {
	h := partHeader{}
	var dispParams parameters
	eachField(raw, func(name, value []byte) {
		switch {
		case equalFold(name, "content-type") && h.kind == "":
			h.kind, h.params = parseParams(value)
		case equalFold(name, "content-disposition") && h.disposition == "":
			h.disposition, dispParams = parseParams(value)
		case equalFold(name, "content-transfer-encoding"):
			h.encoding = string(unfold(value))
		case equalFold(name, "content-id"):
			h.cid = strings.Trim(string(unfold(value)), "<> ")
		case equalFold(name, "content-location"):
			h.location = cleanLine(decodeWords(unfold(value)))
		}
	})
	h.filename = dispParams["filename"]
	if h.filename == "" {
		h.filename = h.params["name"]
	}
	switch {
	case h.kind == "" && pl.digest:
		h.kind = "message/rfc822"
	case h.kind == "", h.kind == "text":
		h.kind = "text/plain"
	}
	return h
}

// entity reads one part whose header is raw, up to the boundary that ends it.
func (w *walker) entity(raw []byte, pl place) {
	if w.parts++; w.parts > maxParts {
		w.skip()
		return
	}
	h := readPartHeader(raw, pl)
	boundary := h.params["boundary"]
	switch {
	case strings.HasPrefix(h.kind, "multipart/") && boundary != "" && pl.depth < maxDepth:
		w.multipart(h, boundary, pl)
	case strings.HasPrefix(h.kind, "multipart/") && pl.depth < maxDepth: // the boundary is missing
		h.kind = "text/plain"
		w.text(h, pl)
	case w.isText(h, pl):
		w.text(h, pl)
	default:
		w.attachment(h, pl)
	}
}

// multipart reads the parts between the boundaries. Text in front of a boundary that never comes is the content.
func (w *walker) multipart(h partHeader, boundary string, pl place) {
	s := w.s
	level := len(s.bounds)
	s.bounds = append(s.bounds, []byte("--"+boundary))
	defer func() {
		if w.found == nil {
			s.bounds = s.bounds[:level]
		}
	}()
	preamble := w.read(&body{s: s})
	inside := place{depth: pl.depth + 1, alt: pl.alt, related: pl.related || h.kind == "multipart/related", digest: h.kind == "multipart/digest"}
	if h.kind == "multipart/alternative" && pl.alt == nil {
		inside.alt = &segment{}
		w.segments = append(w.segments, inside.alt)
	}
	children := 0
	for s.atBound && s.hit == level && !s.closing && w.found == nil {
		s.resume()
		w.entity(s.header(), inside)
		children++
	}
	if w.found != nil {
		return
	}
	if children == 0 && len(bytes.TrimSpace(preamble)) > 0 {
		w.segments = append(w.segments, &segment{plain: plainText(preamble, "", nil)})
	}
	if s.atBound && s.hit == level {
		s.resume()
		s.bounds = s.bounds[:level]
		w.skip() // the epilogue
	}
}

// skip passes over the rest of a part.
func (w *walker) skip() {
	for _, ok := w.s.line(); ok; _, ok = w.s.line() {
	}
}

// isText decides whether a part is shown as the text of the message rather than listed as an attachment.
func (w *walker) isText(h partHeader, pl place) bool {
	if h.kind != "text/plain" && h.kind != "text/html" && h.kind != "text/enriched" && h.kind != "text/richtext" || h.disposition == "attachment" {
		return false
	}
	return h.filename == "" || pl.root || pl.alt != nil
}

func (w *walker) text(h partHeader, pl place) {
	raw := w.read(decoder(h.encoding, &body{s: w.s}))
	seg := pl.alt
	if seg == nil {
		seg = &segment{}
		w.segments = append(w.segments, seg)
	}
	switch h.kind {
	case "text/html":
		seg.html += htmlSource(raw, h.params["charset"])
	case "text/plain":
		seg.plain = joinText(seg.plain, plainText(raw, h.params["charset"], h.params))
	default: // text/enriched is close enough to HTML to be read as such
		seg.plain = joinText(seg.plain, HTMLText(toUTF8(raw, h.params["charset"])))
	}
}

// read takes what may still be kept of a part, and passes over the rest.
func (w *walker) read(r io.Reader) []byte {
	var buf bytes.Buffer
	limit := int64(max(maxText-w.kept, 0))
	if n, err := buf.ReadFrom(io.LimitReader(r, limit)); err == nil {
		w.kept += int(n)
	}
	w.skip()
	return buf.Bytes()
}

func (w *walker) attachment(h partHeader, pl place) {
	if pl.alt != nil && h.kind != "text/calendar" && strings.HasPrefix(h.kind, "text/") && h.disposition != "attachment" {
		w.skip() // another form of the text, for other programs
		return
	}
	a := mail.Attachment{Index: len(w.attachments), MIMEType: h.kind, CID: h.cid}
	a.Inline = h.disposition != "attachment" && (h.cid != "" && pl.related || h.disposition == "inline" && strings.HasPrefix(h.kind, "image/"))
	content := decoder(h.encoding, &body{s: w.s})
	var head []byte
	if h.kind == "message/rfc822" || h.kind == "message/global" {
		head = make([]byte, 8<<10)
		n, err := io.ReadFull(content, head)
		head = head[:n]
		if err == nil {
			content = io.MultiReader(bytes.NewReader(head), content)
		} else {
			content = bytes.NewReader(head)
		}
	}
	a.Name = attachmentName(h, head, a.Index)
	if w.want == a.Index {
		w.attachments = append(w.attachments, a)
		w.found = content
		return
	}
	if n, err := io.Copy(io.Discard, content); err == nil {
		a.Size = n
	}
	w.skip()
	w.attachments = append(w.attachments, a)
}

// texts joins the stretches of text into one plain and one HTML form.
func (w *walker) texts() (plain, markup string) {
	anyHTML := false
	for _, s := range w.segments {
		anyHTML = anyHTML || strings.TrimSpace(s.html) != ""
	}
	var texts, markups []string
	for _, s := range w.segments {
		text := s.plain
		if strings.TrimSpace(text) == "" && s.html != "" {
			text = HTMLText(s.html)
		}
		if strings.TrimSpace(text) != "" {
			texts = append(texts, strings.Trim(text, "\n"))
		}
		switch {
		case !anyHTML:
		case s.html != "":
			markups = append(markups, s.html)
		case strings.TrimSpace(text) != "":
			markups = append(markups, "<pre>"+html.EscapeString(text)+"</pre>")
		}
	}
	return strings.Join(texts, "\n\n"), strings.Join(markups, "\n<hr>\n")
}

func joinText(a, b string) string {
	if a == "" {
		return b
	}
	return a + "\n" + b
}

func isSignature(kind string) bool {
	switch kind {
	case "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature":
		return true
	}
	return false
}
