// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"sync"

	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/engine"
)

// putSeen is put as one of the transfers that can be seen.
func (w *Worker) putSeen(ctx context.Context, op journal.Op, row storage.FileRow) (engine.Result, error) {
	t := w.cfg.Traffic
	if err := w.lineUp(ctx); err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	defer w.lined.Add(-1)
	leave, err := t.enter(ctx, w.host)
	if err != nil {
		t.forget(1, row.Local.Size)
		return engine.Result{Outcome: journal.Retry}, err
	}
	x := t.begin(&row, true, !op.Undone, row.Local.Size)
	x.leave = sync.OnceFunc(leave)
	defer x.leave()
	res, err := w.put(context.WithValue(ctx, transferKey{}, x), op, row)
	x.end(res.Outcome == journal.Succeeded)
	if res.Outcome != journal.Succeeded {
		t.forget(1, row.Local.Size)
	}
	return res, err
}

// lineUp counts the uploads that wait, once for all of them.
func (w *Worker) lineUp(ctx context.Context) error {
	w.lining.Lock()
	defer w.lining.Unlock()
	if w.lined.Load() > 0 {
		return nil
	}
	n, octets, err := w.db.PendingUploads(ctx, w.cfg.Account.ID)
	if err != nil {
		return err
	}
	w.lined.Store(int64(n))
	w.cfg.Traffic.expect(n, octets)
	return nil
}

// leave lets another transfer begin while an upload, of which all is sent, waits to be confirmed.
func leave(ctx context.Context) {
	if x, ok := ctx.Value(transferKey{}).(*transfer); ok && x.leave != nil {
		x.leave()
	}
}

// transferKey is where a context holds the transfer that an upload counts for.
type transferKey struct{}

// openUpload opens a local file as the body of a request, which is as fast as it may be and counts.
func openUpload(ctx context.Context, src string) (io.ReadCloser, error) {
	f, err := openFile(src)
	if err != nil {
		return nil, err
	}
	x, ok := ctx.Value(transferKey{}).(*transfer)
	if !ok {
		return f, nil
	}
	x.resume(0)
	sum := &sentSum{Hash: sha256.New()}
	x.sum.Store(sum)
	return &passReader{ReadCloser: f, ctx: ctx, x: x, sum: sum}, nil
}

// openPiece gives a piece of a local file as the body of a request, likewise. off is where it begins.
func openPiece(ctx context.Context, f io.ReaderAt, off, size int64) io.ReadCloser {
	piece := io.NopCloser(io.NewSectionReader(f, off, size))
	x, ok := ctx.Value(transferKey{}).(*transfer)
	if !ok {
		return piece
	}
	x.resume(off)
	return &passReader{ReadCloser: piece, ctx: ctx, x: x, sum: &sentSum{Hash: sha256.New()}}
}

// passReader is the body of an upload.
type passReader struct {
	io.ReadCloser
	ctx context.Context
	x   *transfer
	sum *sentSum
}

// sentSum is the SHA-256 of what was sent. The connection may still read the end of a body when the answer is there.
type sentSum struct {
	hash.Hash
	mu sync.Mutex
}

func (s *sentSum) add(b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = s.Write(b) // hashes never fail
}

func (s *sentSum) hex() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return hex.EncodeToString(s.Sum(nil))
}

// Read is part of io.Reader.
func (p *passReader) Read(b []byte) (int, error) {
	n, err := p.ReadCloser.Read(b)
	p.sum.add(b[:n])
	if passErr := p.x.pass(p.ctx, n); passErr != nil {
		return n, passErr
	}
	return n, err
}

// asSent reports whether what was sent is the content that local describes, as far as it is known.
func asSent(ctx context.Context, local storage.FileLocal) bool {
	x, ok := ctx.Value(transferKey{}).(*transfer)
	if !ok || local.Size == 0 {
		return true
	}
	sum := x.sum.Load()
	return sum == nil || sum.hex() == local.Hash
}

// contentOf tells what lies at a path. It is not read where it looks as it did when it was read last: it is read anyway
// when it is sent, and asSent compares.
func contentOf(src string, row *storage.FileRow, tries int) (storage.FileLocal, error) {
	now, _, err := observe(src)
	if err == nil && tries <= 1 && row.Local.Hash != "" && now.ChangeTime != 0 && unchanged(row.Local, now) {
		now.Hash = row.Local.Hash
		return now, nil
	}
	return hashFile(src)
}

// Holds is part of engine.Holder: nothing travels while an account is paused, and only what a person did in the program
// where octets cost money. What moves or deletes costs next to nothing.
func (w *Worker) Holds(ctx context.Context, op journal.Op) bool {
	return w.cfg.Traffic.holds(ctx, op.AccountID, op.Kind != journal.FilePut || !op.Undone)
}
