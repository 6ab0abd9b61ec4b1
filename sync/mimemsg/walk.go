// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bytes"
	"html"
	"io"
	"strings"

	"kontor/app/mail"
)

// place is where a part stands in the tree.
type place struct {
	root    bool
	depth   int
	alt     *segment // the alternative that it is one form of
	related bool     // part of a multipart/related
	digest  bool     // in a multipart/digest: messages are the default
	apple   bool     // in a multipart/appledouble: one part is for a Macintosh only
	report  bool     // in a multipart/report
	first   bool     // the first part of its multipart
}

// segment is one stretch of text in one or both forms.
type segment struct{ plain, html string }

// walker goes through the parts of a message once.
type walker struct {
	s           *source
	want        int  // the attachment to stop at, -1 for none
	sizes       bool // of attachments are asked for
	forms       bool // every form of the text is
	found       io.Reader
	parts       int
	level       int // messages around this one
	segments    []*segment
	kept        int // octets of text so far
	buf         []byte
	attachments []mail.Attachment
	nested      strings.Builder
	report      *mail.Report
	protection  mail.Protection
}

// entity reads one part whose header is raw, up to the boundary that ends it.
func (w *walker) entity(raw []byte, pl place) {
	if w.parts++; w.parts > maxParts {
		w.s.skip()
		return
	}
	h := readPartHeader(raw, pl)
	w.protect(h)
	switch {
	case strings.HasPrefix(h.kind, "multipart/") && pl.depth < maxDepth:
		w.multipart(h, pl)
	case h.isText(pl):
		w.text(h, pl)
	case pl.apple && h.kind == "application/applefile":
		w.s.skip()
	case h.isWrapped():
		w.wrapped(h, pl)
	default:
		w.attachment(h, pl, &body{s: w.s})
	}
}

// multipart reads the parts between the boundaries. Text in front of a boundary that never comes is the content.
func (w *walker) multipart(h partHeader, pl place) {
	s := w.s
	boundary := h.params["boundary"]
	if boundary == "" || !bytes.Contains(s.peek(), []byte("--"+boundary)) {
		boundary = guessBoundary(s, boundary)
	}
	if boundary == "" {
		h.kind = "text/plain"
		w.text(h, pl)
		return
	}
	level := len(s.bounds)
	s.bounds = append(s.bounds, []byte("--"+boundary))
	inside := place{
		depth: pl.depth + 1, alt: pl.alt, related: pl.related || h.kind == "multipart/related",
		digest: h.kind == "multipart/digest", apple: h.kind == "multipart/appledouble", report: h.kind == "multipart/report",
	}
	if h.kind == "multipart/alternative" && pl.alt == nil {
		inside.alt = &segment{}
		w.segments = append(w.segments, inside.alt)
	}
	w.children(inside, level)
	if w.found != nil {
		return
	}
	if s.atBound && s.hit == level {
		s.resume()
		s.bounds = s.bounds[:level]
		s.skip() // the epilogue
	}
	s.bounds = s.bounds[:level]
}

// children reads the parts of a multipart whose boundary is that of level.
func (w *walker) children(inside place, level int) {
	s := w.s
	children := 0
	var preamble []byte
	if hasPrefixFold(bytes.TrimLeft(s.peek(), "\r\n"), "content-") { // the first delimiter is missing
		for s.next('\r') || s.next('\n') {
			s.line()
		}
		w.entity(s.header(), inside)
		children++
	} else {
		preamble = bytes.Clone(w.read(&body{s: s}))
		s.skip()
	}
	for s.atBound && s.hit == level && !s.closing && w.found == nil {
		s.resume()
		inside.first = children == 0
		w.entity(s.header(), inside)
		children++
	}
	if children == 0 && w.found == nil && len(bytes.TrimSpace(preamble)) > 0 {
		w.segments = append(w.segments, &segment{plain: plainText(preamble, "", nil)})
	}
}

// guessBoundary looks for a delimiter where the header names none, or one that is not in sight: a line of two hyphens and
// more, followed by a field about content. Without one, it is the one that was declared.
func guessBoundary(s *source, declared string) string {
	head := s.peek()
	for len(head) > 0 {
		n := bytes.IndexByte(head, '\n') + 1
		if n == 0 {
			break
		}
		line := bytes.TrimRight(head[:n], " \t\r\n")
		head = head[n:]
		if len(line) < 3 || line[0] != '-' || line[1] != '-' {
			continue
		}
		for _, b := range s.bounds {
			if bytes.HasPrefix(line, b) {
				return declared
			}
		}
		if hasPrefixFold(head, "content-") {
			return string(line[2:])
		}
	}
	return declared
}

// enoughText is how long a plain text is that an index does not need the HTML form of: shorter ones may only say that
// the message is to be read elsewhere.
const enoughText = 200

func (w *walker) text(h partHeader, pl place) {
	seg := pl.alt
	if !w.forms && h.kind == "text/html" && seg != nil && len(seg.plain) > enoughText {
		w.s.skip()
		return
	}
	content := decoder(h.encoding, &body{s: w.s})
	raw := w.read(content)
	if h.kind == "text/plain" {
		if raw = w.uuencoded(raw, content); w.found != nil {
			return
		}
	}
	w.s.skip()
	if seg == nil {
		seg = &segment{}
		w.segments = append(w.segments, seg)
	}
	switch h.kind {
	case "text/html":
		seg.html += htmlSource(raw, h.params["charset"])
	case "text/enriched", "text/richtext": // close enough to HTML to be read as such
		seg.plain = joinText(seg.plain, HTMLText(toUTF8(raw, h.params["charset"])))
	default:
		seg.plain = joinText(seg.plain, plainText(raw, h.params["charset"], h.params))
	}
}

// read takes what may still be kept of a part. The octets are valid until the next call.
func (w *walker) read(r io.Reader) []byte {
	w.buf = readSome(r, w.buf[:0], max(maxText-w.kept, 0))
	w.kept += len(w.buf)
	return w.buf
}

// readSome reads up to limit octets into buf, which grows where it must. A failure to read shows at the source.
func readSome(r io.Reader, buf []byte, limit int) []byte {
	for len(buf) < limit {
		if len(buf) == cap(buf) {
			buf = append(make([]byte, 0, max(4<<10, min(2*cap(buf), limit))), buf...)
		}
		n, err := r.Read(buf[len(buf):min(cap(buf), limit)])
		buf = buf[:len(buf)+n]
		if err != nil {
			break
		}
	}
	return buf
}

// add lists an attachment whose octets content gives. It reports whether that is the one that was asked for.
func (w *walker) add(a mail.Attachment, content io.Reader) bool {
	a.Index = len(w.attachments)
	if w.want == a.Index {
		w.attachments = append(w.attachments, a)
		w.found = content
		return true
	}
	if w.sizes {
		if n, err := io.Copy(io.Discard, content); err == nil {
			a.Size += n
		}
	}
	w.attachments = append(w.attachments, a)
	return false
}

// attachment lists a part whose octets, still encoded, r gives.
func (w *walker) attachment(h partHeader, pl place, r io.Reader) {
	if pl.alt != nil && h.kind != "text/calendar" && strings.HasPrefix(h.kind, "text/") && h.disposition != "attachment" {
		w.s.skip() // another form of the text, for other programs
		return
	}
	a := mail.Attachment{MIMEType: h.kind, CID: h.cid}
	a.Inline = h.disposition != "attachment" && (h.cid != "" && pl.related || h.disposition == "inline" && strings.HasPrefix(h.kind, "image/"))
	content := decoder(h.encoding, r)
	var head []byte
	if h.isMessage() || h.isReport() || h.isHeaders() {
		head = readSome(content, nil, maxReport)
	}
	if h.isMessage() {
		a.Name = attachmentName(h, head[:min(len(head), 8<<10)], len(w.attachments))
	} else {
		a.Name = attachmentName(h, nil, len(w.attachments))
	}
	if w.want == len(w.attachments) {
		w.add(a, io.MultiReader(bytes.NewReader(head), content))
		return
	}
	switch {
	case h.isReport():
		w.reported(h.kind, head)
	case h.isMessage() || h.isHeaders():
		if pl.report {
			w.returned(head)
		} else if w.want < 0 {
			content = w.message(io.MultiReader(bytes.NewReader(head), content), &a)
			head = nil
		}
	}
	a.Size += int64(len(head))
	w.add(a, content)
	w.s.skip()
}

// message reads the text of a message that is attached, and counts its octets in a.
func (w *walker) message(r io.Reader, a *mail.Attachment) (rest io.Reader) {
	counted := &counter{r: r, n: &a.Size}
	if w.level >= maxNested {
		return r
	}
	s := newSource(counted)
	defer s.release()
	inner := walker{s: s, want: -1, parts: w.parts, level: w.level + 1, kept: w.kept}
	top := s.header()
	inner.entity(top, place{root: true})
	w.parts, w.kept = inner.parts, inner.kept
	text, markup := inner.texts()
	if text == "" && markup == "" {
		text = inner.nested.String()
	}
	h := ParseHeader(top)
	for _, line := range []string{h.From.Name, h.From.Addr, h.Subject, text} {
		if line != "" {
			w.nested.WriteString(line + "\n")
		}
	}
	for _, a := range inner.attachments {
		w.nested.WriteString(a.Name + "\n")
	}
	return counted
}

// counter counts what is read through it.
type counter struct {
	r io.Reader
	n *int64
}

// Read is part of io.Reader.
func (c *counter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	*c.n += int64(n)
	return n, err
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
		} else if !w.forms && s.html != "" {
			if rich := HTMLText(s.html); len(rich) > 4*len(text)+enoughText {
				text += "\n" + rich // the plain form says next to nothing
			}
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
