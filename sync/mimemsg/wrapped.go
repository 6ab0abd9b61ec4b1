// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bytes"
	"io"
	"strings"

	"kontor/app/mail"
)

// wrapped opens a part that holds the message itself. What cannot be opened is an attachment as any other.
func (w *walker) wrapped(h partHeader, pl place) {
	raw := &body{s: w.s}
	content := decoder(h.encoding, raw)
	data := readSome(content, nil, maxWrapped)
	if pl.depth < maxDepth {
		if h.isTNEF() && w.tnef(data) {
			w.end()
			return
		}
		if signed, ok := signedContent(data); ok && h.isCMS() {
			w.protection = mail.SMIMESigned
			if len(bytes.TrimSpace(signed)) > 0 {
				w.inside(signed, place{root: true, depth: pl.depth + 1, alt: pl.alt})
				w.end()
				return
			}
		}
	}
	h.encoding = ""
	w.attachment(h, pl, io.MultiReader(bytes.NewReader(data), content))
}

// end passes over the rest of a part, unless what was asked for was found in it.
func (w *walker) end() {
	if w.found == nil {
		w.s.skip()
	}
}

// inside reads a message that came out of a container as if it stood in its place.
func (w *walker) inside(raw []byte, pl place) {
	around := w.s
	w.s = newSource(bytes.NewReader(raw))
	w.entity(w.s.header(), pl)
	if w.found == nil {
		w.s.release()
		w.s = around
	}
}

// tnef lists what Outlook put into a winmail.dat, and takes its text where the message has no other.
func (w *walker) tnef(data []byte) bool {
	t, ok := readTNEF(data, 0)
	if !ok {
		return false
	}
	for _, f := range t.files {
		a := mail.Attachment{MIMEType: f.kind, CID: f.cid, Name: cleanName(f.name)}
		if a.MIMEType == "" || !strings.Contains(a.MIMEType, "/") {
			a.MIMEType = "application/octet-stream"
		}
		if a.Name == "" {
			a.Name = attachmentName(partHeader{kind: a.MIMEType}, nil, len(w.attachments))
		}
		if len(w.attachments) >= maxParts || w.add(a, bytes.NewReader(f.data)) {
			return true
		}
	}
	for _, s := range w.segments {
		if strings.TrimSpace(s.plain+s.html) != "" {
			return true
		}
	}
	text, markup := t.text[:min(len(t.text), maxText)], t.html[:min(len(t.html), maxText)]
	if text+markup != "" {
		w.segments = append(w.segments, &segment{plain: strings.ToValidUTF8(cleanText(text), ""), html: strings.ToValidUTF8(cleanText(markup), "")})
	}
	return true
}
