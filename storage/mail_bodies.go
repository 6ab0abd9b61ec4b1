// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// The values of messages.body_state.
const (
	bodyMissing = 0
	bodyStored  = 1
	bodyRefused = 2
)

// PieceSize is how many octets of a large message are kept in one piece. Messages up to this size are kept whole.
const PieceSize = 4 << 20

// Body is the stored octets of a message and what was learnt from them.
type Body struct {
	ID            int64
	Size          int64  // octets before packing
	Packed        []byte // by Pack; empty for a message that was stored in pieces
	Snippet       string
	HasAttachment bool
}

// AddBody stores the octets of a message, or closes one whose pieces are all there.
func (tx *Tx) AddBody(ctx context.Context, b Body) error {
	res, err := tx.exec(ctx, `UPDATE messages SET body_state = 1, snippet = ?, has_attachment = ? WHERE id = ?`, b.Snippet, b.HasAttachment, b.ID)
	if err != nil {
		return fmt.Errorf("store message: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err // it was removed meanwhile
	}
	if len(b.Packed) > 0 {
		if _, err := tx.exec(ctx, `DELETE FROM body_pieces WHERE message_id = ?`, b.ID); err != nil {
			return fmt.Errorf("store message: %w", err)
		}
	}
	_, err = tx.exec(ctx, `INSERT INTO bodies (id, size, pieces, data) VALUES (?1, ?2, (SELECT count(*) FROM body_pieces WHERE message_id = ?1), ?3)
		ON CONFLICT (id) DO UPDATE SET size = excluded.size, pieces = excluded.pieces, data = excluded.data, pack = 0, pos = 0, crc = 0, packed = 0`, b.ID, b.Size, blob(b.Packed))
	if err != nil {
		return fmt.Errorf("store message: %w", err)
	}
	return nil
}

// AddBodyPiece stores the part of a large message that begins at octet start. AddBody closes it.
func (tx *Tx) AddBodyPiece(ctx context.Context, id, start int64, raw []byte) error {
	_, err := tx.exec(ctx, `INSERT INTO body_pieces (message_id, start, size, data) SELECT id, ?2, ?3, ?4 FROM messages WHERE id = ?1
		ON CONFLICT (message_id, start) DO UPDATE SET size = excluded.size, data = excluded.data`, id, start, len(raw), Pack(raw))
	if err != nil {
		return fmt.Errorf("store part of a message: %w", err)
	}
	return nil
}

// BodyProgress says how many octets of a large message are stored, without a gap from its first one.
func (r reads) BodyProgress(ctx context.Context, id int64) (int64, error) {
	var end int64
	err := r.each(ctx, `SELECT start, size FROM body_pieces WHERE message_id = ? ORDER BY start`, []any{id}, func(scan func(...any) error) error {
		var start, size int64
		err := scan(&start, &size)
		if start == end {
			end += size
		}
		return err
	})
	return end, err
}

// RefuseBody notes that the server does not hand out a message, so that it is not asked for again.
func (tx *Tx) RefuseBody(ctx context.Context, id int64) error {
	_, err := tx.exec(ctx, `UPDATE messages SET body_state = ? WHERE id = ? AND body_state = ?`, bodyRefused, id, bodyMissing)
	return err
}

// ForgetBody drops the stored octets of a message, because the server has others, and notes its size there.
func (tx *Tx) ForgetBody(ctx context.Context, id, size int64) error {
	for _, q := range []string{`DELETE FROM bodies WHERE id = ?`, `DELETE FROM body_pieces WHERE message_id = ?`} {
		if _, err := tx.exec(ctx, q, id); err != nil {
			return fmt.Errorf("forget message: %w", err)
		}
	}
	_, err := tx.exec(ctx, `UPDATE messages SET body_state = 0, size = ? WHERE id = ?`, size, id)
	return err
}

// CopyBody gives a message the stored octets of another one, for a copy; nothing happens where there are none.
func (tx *Tx) CopyBody(ctx context.Context, from, to int64) error {
	res, err := tx.exec(ctx, `INSERT INTO bodies (id, size, pieces, data, pack, pos, crc, packed)
		SELECT ?2, size, pieces, data, pack, pos, crc, packed FROM bodies WHERE id = ?1`, from, to)
	if err != nil {
		return fmt.Errorf("copy message: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	_, err = tx.exec(ctx, `INSERT INTO body_pieces (message_id, start, size, data) SELECT ?2, start, size, data FROM body_pieces WHERE message_id = ?1`, from, to)
	if err != nil {
		return fmt.Errorf("copy message: %w", err)
	}
	_, err = tx.exec(ctx, `UPDATE messages SET body_state = 1,
		(snippet, has_attachment) = (SELECT snippet, has_attachment FROM messages WHERE id = ?1) WHERE id = ?2`, from, to)
	if err != nil {
		return fmt.Errorf("copy message: %w", err)
	}
	return nil
}

// Body reads the octets of a message as the server has them; ErrNotFound where they are not stored yet.
func (r reads) Body(ctx context.Context, id int64) ([]byte, error) {
	rd, size, err := r.BodyReader(ctx, id)
	if err != nil {
		return nil, err
	}
	if whole, ok := rd.(*pieceReader); ok && whole.next == whole.pieces {
		return whole.rest, nil
	}
	raw := make([]byte, 0, size)
	buf := make([]byte, 256<<10)
	for {
		n, err := rd.Read(buf)
		raw = append(raw, buf[:n]...)
		if errors.Is(err, io.EOF) {
			return raw, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// BodyReader reads the octets of a message piece by piece, so that a large one is never in memory as a whole.
func (r reads) BodyReader(ctx context.Context, id int64) (io.Reader, int64, error) {
	for try := 0; ; try++ {
		row, err := r.body(ctx, id)
		if err == nil {
			var rd io.Reader
			if rd, err = r.openBody(ctx, row, nil); err == nil {
				return rd, row.Size, nil
			}
		}
		if try > 0 || row.pack == 0 { // what lay in a pack may have been moved between the two looks
			return nil, 0, fmt.Errorf("octets of message %d: %w", id, err)
		}
	}
}

// bodyRow is a row of bodies.
type bodyRow struct {
	Body
	Spooled
	pieces int64
}

func (r reads) body(ctx context.Context, id int64) (bodyRow, error) {
	b := bodyRow{Body: Body{ID: id}}
	err := r.scan(ctx, []any{&b.Size, &b.pieces, &b.Packed, &b.pack, &b.pos, &b.crc, &b.packed}, `SELECT size, pieces, data, pack, pos, crc, packed FROM bodies WHERE id = ?`, id)
	b.size = b.Size
	return b, err
}

// openBody begins to read octets; the buffer may be used for them.
func (r reads) openBody(ctx context.Context, b bodyRow, buf []byte) (*pieceReader, error) {
	p := &pieceReader{r: r, ctx: ctx, id: b.ID}
	var err error
	switch {
	case b.pack > 0:
		if p.rest, err = r.packs.read(b.Spooled, buf); err == nil && b.packed > 0 {
			p.rest, err = r.unpack(ctx, p.rest, b.Size)
		}
	case len(b.Packed) > 0:
		p.rest, err = r.unpack(ctx, b.Packed, b.Size)
	default:
		p.pieces = b.pieces
	}
	return p, err
}

// PiecesReader reads the pieces of a large message that is not closed by AddBody yet.
func (r reads) PiecesReader(ctx context.Context, id int64) (io.Reader, error) {
	p := &pieceReader{r: r, ctx: ctx, id: id}
	err := r.scan(ctx, []any{&p.pieces}, `SELECT count(*) FROM body_pieces WHERE message_id = ?`, id)
	return p, err
}

// pieceReader reads a message that is stored in pieces.
type pieceReader struct {
	r      reads
	ctx    context.Context // a reader lives as long as the call that made it
	id     int64
	next   int64 // piece to read next
	pieces int64
	offset int64
	rest   []byte
}

// Read is part of io.Reader.
func (p *pieceReader) Read(b []byte) (int, error) {
	for len(p.rest) == 0 {
		if p.next >= p.pieces {
			return 0, io.EOF
		}
		var size int64
		var data []byte
		err := p.r.scan(p.ctx, []any{&size, &data}, `SELECT size, data FROM body_pieces WHERE message_id = ? AND start = ?`, p.id, p.offset)
		if err != nil {
			return 0, fmt.Errorf("part of message %d: %w", p.id, err)
		}
		if p.rest, err = p.r.unpack(p.ctx, data, size); err != nil {
			return 0, fmt.Errorf("part of message %d: %w", p.id, err)
		}
		p.next++
		p.offset += size
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}
