// SPDX-License-Identifier: EUPL-1.2

package index

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"kontor/storage"
	"kontor/sync/mimemsg"
)

// maxIndexed is how much text of one message is searched.
const maxIndexed = 256 << 10

// maxBuffer is how large a buffer is kept for the next message.
const maxBuffer = 1 << 20

// digest reads the octets of a message and completes what is to be stored about it. The buffer is reused for octets.
func digest(ctx context.Context, db *storage.DB, d *storage.IndexDoc, at storage.BodyAt, buf []byte) ([]byte, error) {
	s, err := db.StoredAt(ctx, at, buf)
	if len(s.Raw) <= maxBuffer && cap(s.Raw) > cap(buf) {
		buf = s.Raw
	}
	switch {
	case errors.Is(err, storage.ErrNotFound): // it was forgotten a moment ago
		d.HasText = false
		return buf, nil
	case errors.Is(err, storage.ErrPacked):
		// What cannot be read cannot be found; the rest of the index does not suffer.
		d.Digest = &storage.Digest{Lost: true}
		d.HasText = !s.Spooled()
		return buf, nil
	case err != nil:
		return buf, err
	}
	p, err := mimemsg.ParseIndex(reader(s))
	if err != nil {
		return buf, err
	}
	d.Text = text(p)
	d.Digest = &storage.Digest{Snippet: p.Snippet, HasAttachment: p.HasAttachment(), Parts: p.Attachments, From: s.At}
	if s.Spooled() {
		d.Digest.Packed, err = db.Pack(ctx, s.Raw)
	}
	return buf, err
}

func reader(s storage.Stored) interface{ Read([]byte) (int, error) } {
	if s.Raw != nil {
		return bytes.NewReader(s.Raw)
	}
	return s.Reader
}

// text is what of a message is searched besides its header: the text, those of messages that are attached, and the names
// of the attachments.
func text(p mimemsg.Parsed) string {
	if len(p.Attachments) == 0 && len(p.Text) <= maxIndexed {
		return p.Text
	}
	var out strings.Builder
	out.WriteString(p.Text[:min(len(p.Text), maxIndexed)])
	if p.Nested != "" && p.Nested != p.Text {
		out.WriteString("\n" + p.Nested[:min(len(p.Nested), maxIndexed)])
	}
	for _, a := range p.Attachments {
		out.WriteString("\n" + a.Name)
	}
	return strings.ToValidUTF8(out.String(), "")
}

// Text reads the searched text of a message, empty where its octets are not here.
func Text(ctx context.Context, db *storage.DB, id int64) (string, error) {
	r, _, err := db.BodyReader(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	p, err := mimemsg.ParseIndex(r)
	if err != nil {
		return "", err
	}
	return text(p), nil
}
