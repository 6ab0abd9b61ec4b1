// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"errors"
	"fmt"
	"io"

	"kontor/app/mail"
)

// Digest is what was learnt from the octets of a message when they were read in the background.
type Digest struct {
	Snippet       string
	HasAttachment bool
	Parts         []mail.Attachment
	Packed        []byte  // the octets packed anew, empty where they stay as they are
	Kept          Spooled // or where they lie packed now: see KeepPacked
	From          Spooled // where the octets lay that were packed
	Lost          bool    // the octets cannot be read back
}

// Stored are the octets of a message, ready to be read once. Raw has them all, unless the message is a large one.
type Stored struct {
	Reader io.Reader
	Raw    []byte
	At     Spooled // where they lie, if they wait to be packed
}

// Spooled reports whether the octets wait to be packed.
func (s Stored) Spooled() bool { return s.At.pack > 0 && s.At.packed == 0 }

// BodyAt is where the octets of a message lie.
type BodyAt struct{ row bodyRow }

// Wanted reports whether the octets are to be read: some lie there.
func (b BodyAt) Wanted() bool { return b.row.ID != 0 }

// StoredAt reads the octets of a message for Digest; ErrNotFound where there are none any more, ErrPacked where they are
// damaged. It may use the buffer for them.
func (r reads) StoredAt(ctx context.Context, at BodyAt, buf []byte) (Stored, error) {
	p, err := r.openBody(ctx, at.row, buf)
	if err == nil {
		return Stored{Reader: p, Raw: p.rest, At: at.row.Spooled}, nil
	}
	if at.row.pack > 0 { // they may have been moved since
		return r.StoredBody(ctx, at.row.ID)
	}
	return Stored{At: at.row.Spooled}, fmt.Errorf("octets of message %d: %w", at.row.ID, err)
}

// StoredBody is StoredAt wherever the octets lie now.
func (r reads) StoredBody(ctx context.Context, id int64) (Stored, error) {
	row, err := r.body(ctx, id)
	if err != nil {
		return Stored{}, fmt.Errorf("octets of message %d: %w", id, err)
	}
	p, err := r.openBody(ctx, row, nil)
	if err != nil {
		return Stored{At: row.Spooled}, fmt.Errorf("octets of message %d: %w", id, err)
	}
	return Stored{Reader: p, Raw: p.rest, At: row.Spooled}, nil
}

// putDigest stores what was learnt of a message, of which attachments may be listed already. Octets that were replaced
// meanwhile stay as they are.
func (tx *Tx) putDigest(ctx context.Context, id int64, d Digest, listed bool) error {
	if d.Lost {
		return tx.loseBody(ctx, id)
	}
	if k := d.Kept; k.pack > 0 {
		_, err := tx.exec(ctx, `UPDATE bodies SET pack = ?, pos = ?, crc = ?, packed = ? WHERE id = ? AND pack = ? AND pos = ?`,
			k.pack, k.pos, k.crc, k.packed, id, d.From.pack, d.From.pos)
		if err != nil {
			return err
		}
	} else if len(d.Packed) > 0 {
		_, err := tx.exec(ctx, `UPDATE bodies SET data = ?, pack = 0, pos = 0, crc = 0 WHERE id = ? AND pack = ? AND pos = ?`,
			d.Packed, id, d.From.pack, d.From.pos)
		if err != nil {
			return err
		}
	}
	_, err := tx.exec(ctx, `UPDATE messages SET snippet = ?1, has_attachment = ?2 WHERE id = ?3 AND (snippet <> ?1 OR has_attachment <> ?2)`,
		d.Snippet, d.HasAttachment, id)
	if err != nil {
		return err
	}
	if listed {
		if _, err := tx.exec(ctx, `DELETE FROM mail_parts WHERE message_id = ?`, id); err != nil {
			return err
		}
	}
	for _, p := range d.Parts {
		_, err := tx.exec(ctx, `INSERT INTO mail_parts (message_id, idx, name, type, size, inline, cid) SELECT id, ?, ?, ?, ?, ?, ? FROM messages WHERE id = ?`,
			p.Index, p.Name, p.MIMEType, p.Size, p.Inline, p.CID, id)
		if err != nil {
			return err
		}
	}
	return nil
}

// loseBody forgets octets that a crash of the machine destroyed, so that they are fetched again. What no server has
// stays: a part of it may be readable.
func (tx *Tx) loseBody(ctx context.Context, id int64) error {
	var size int64
	err := tx.scan(ctx, []any{&size}, `SELECT size FROM messages WHERE id = ? AND uid > 0`, id)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return tx.ForgetBody(ctx, id, size)
}

// MailParts lists the attachments of messages without reading their octets. Those of a message that waits to be read in
// the background are not known yet: see Digested.
func (r reads) MailParts(ctx context.Context, ids []int64) (map[int64][]mail.Attachment, error) {
	out := map[int64][]mail.Attachment{}
	err := r.each(ctx, `SELECT message_id, idx, name, type, size, inline, cid FROM mail_parts
		WHERE message_id IN (SELECT value FROM json_each(?)) ORDER BY message_id, idx`, []any{jsonIDs(ids)}, func(scan func(...any) error) error {
		var id int64
		var a mail.Attachment
		err := scan(&id, &a.Index, &a.Name, &a.MIMEType, &a.Size, &a.Inline, &a.CID)
		out[id] = append(out[id], a)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read attachments: %w", err)
	}
	return out, nil
}

// Digested reports whether all is known of a message that its octets say.
func (r reads) Digested(ctx context.Context, id int64) (bool, error) {
	var yes bool
	err := r.scan(ctx, []any{&yes}, `SELECT EXISTS (SELECT 1 FROM messages WHERE id = ?1 AND body_state = 1)
		AND NOT EXISTS (SELECT 1 FROM search_queue WHERE id = ?1 AND what & 2)`, id)
	return yes, err
}

var bodyInvariants = []invariant{
	{"octets in two places", `SELECT 'message ' || id FROM bodies WHERE (pack > 0) + (length(data) > 0) + (pieces > 0) > 1`},
	{"octets in no place", `SELECT 'message ' || id FROM bodies WHERE pack = 0 AND length(data) = 0 AND pieces = 0`},
	{"octets that nobody will pack", `SELECT 'message ' || id FROM bodies WHERE pack > 0 AND packed = 0 AND id NOT IN (SELECT id FROM search_queue WHERE what & 2)`},
	{"large message of which a part is missing", `SELECT 'message ' || b.id FROM bodies b WHERE pieces > 0
		AND (SELECT sum(p.size) FROM body_pieces p WHERE p.message_id = b.id) IS NOT b.size`},
	{"attachment without a message", `SELECT 'attachment ' || id FROM mail_parts WHERE message_id NOT IN (SELECT id FROM messages)`},
	{"message that hides its attachments", `SELECT 'message ' || m.id FROM messages m WHERE body_state = 1 AND has_attachment = 0
		AND EXISTS (SELECT 1 FROM mail_parts p WHERE p.message_id = m.id AND p.inline = 0 AND p.type NOT LIKE '%signature')
		AND id NOT IN (SELECT id FROM search_queue WHERE what & 2)`},
}
