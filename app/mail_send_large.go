// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"kontor/storage"
	"kontor/sync/mimemsg"
)

// SendFrom is SendRawAs for a message in a file or a stream. A large one is not held: it is read again, or from a file of
// our own where that cannot be.
func (m *Mail) SendFrom(ctx context.Context, accountID int64, r io.Reader, how RawSending) (opID int64, err error) {
	whole, done, err := m.rereadable(r)
	if err != nil {
		return 0, fmt.Errorf("send: %w", err)
	}
	defer func() { err = errors.Join(err, done()) }()
	section := func(from int64) *io.SectionReader { return io.NewSectionReader(whole, from, math.MaxInt64-from) }
	first, err := io.ReadAll(io.LimitReader(section(0), storage.PieceSize+1))
	if err != nil {
		return 0, fmt.Errorf("send: %w", err)
	}
	fields := headerOf(first)
	if len(first) <= storage.PieceSize || len(fields) == len(first) { // small, or nothing but a header that does not end
		if first, err = io.ReadAll(section(0)); err != nil {
			return 0, fmt.Errorf("send: %w", err)
		}
		return m.SendRawAs(ctx, accountID, first, how)
	}
	a, err := m.writer(ctx, accountID)
	if err != nil {
		return 0, fmt.Errorf("send: %w", err)
	}
	at := time.Now()
	if how.At.After(at) {
		at = how.At
	}
	head, h := mimemsg.FinishHeader(mimemsg.CRLF(fields), a.Email, at)
	msg := &incoming{exact: true, open: func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(bytes.NewReader(head), bytes.NewReader([]byte("\r\n")), mimemsg.CRLFReader(section(int64(len(fields)))))), nil
	}}
	if err := msg.read(); err != nil {
		return 0, fmt.Errorf("send: %w", err)
	}
	if msg.eightBit, err = eightBit(msg); err != nil {
		return 0, fmt.Errorf("send: %w", err)
	}
	return m.sendFinished(ctx, a, h, msg, how, at)
}

// eightBit reports whether a message that is not held needs a server that takes octets above 127 (RFC 6152).
func eightBit(msg *incoming) (found bool, err error) {
	r, err := msg.open()
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	piece := make([]byte, 64<<10)
	for {
		n, err := r.Read(piece)
		if !mimemsg.IsASCII(piece[:n]) {
			return true, nil
		}
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
}
