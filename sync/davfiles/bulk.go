// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // what the interface asks for, against accidents
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"strings"
	"time"

	"kontor/app/files"
	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/dav"
	"kontor/sync/engine"
)

// Bounds of what travels together, in octets: all of it is held in memory.
const (
	bulkFile  = 256 << 10
	bulkTotal = 2 << 20
)

// bulkOp is the payload of operations that travel together: new, small files of one folder.
type bulkOp struct {
	files.PutOp
	Rows  []int64 `json:"rows,omitempty"`
	Total int64   `json:"total,omitempty"`
}

// errApart says that files cannot travel together, and were not sent.
var errApart = errors.New("the files have to be uploaded one by one")

// Join is part of engine.Joiner: new small files of one folder are one upload, where the server takes that.
func (w *Worker) Join(a, b journal.Op) (journal.Op, bool) {
	if !w.cloud.bulk.Load() || a.Kind != journal.FilePut || len(a.Targets) == 0 || len(b.Targets) == 0 {
		return a, false
	}
	joined, ok := engine.JoinPayloads(a, b, func(x, y bulkOp) (bulkOp, bool) {
		if len(x.Rows) == 0 {
			x.Rows, x.Total = []int64{a.Targets[0].ID}, x.Size
		}
		if x.ETag != "" || y.ETag != "" || y.Rows != nil || files.Parent(x.Path) != files.Parent(y.Path) ||
			x.Size > bulkFile || y.Size > bulkFile || x.Total+y.Size > bulkTotal {
			return x, false
		}
		x.Rows, x.Total = append(x.Rows, b.Targets[0].ID), x.Total+y.Size
		return x, true
	})
	joined.Target = a.Target
	return joined, ok
}

// together reads the rows of operations that travel together; none for an operation of its own.
func together(op journal.Op) []int64 {
	var p bulkOp
	if op.Kind != journal.FilePut || json.Unmarshal(op.Payload, &p) != nil {
		return nil
	}
	return p.Rows
}

// bulkItem is one file of a bulk upload.
type bulkItem struct {
	row     storage.FileRow
	local   storage.FileLocal
	dest    string
	content []byte
	x       *transfer
}

// putTogether uploads several new files in one request. That carries no condition, so the folder is looked at right before;
// what is in the way, and everything else out of the ordinary, is left to uploads of their own, which find out what to do.
func (w *Worker) putTogether(ctx context.Context, op journal.Op, ids []int64) (engine.Result, error) {
	if err := w.lineUp(ctx); err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	defer w.lined.Add(-int64(len(ids)))
	items, err := w.bulkItems(ctx, ids)
	if errors.Is(err, errApart) {
		return engine.Result{Outcome: journal.Stale}, err
	}
	if err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	t := w.cfg.Traffic
	for i := range items {
		items[i].x = t.begin(&items[i].row, true, !op.Undone, items[i].local.Size)
	}
	res, err := w.sendTogether(ctx, items)
	whole := res.Outcome == journal.Succeeded
	for i := range items {
		items[i].x.end(whole)
		if !whole {
			t.forget(1, items[i].local.Size)
		}
	}
	return res, err
}

// sendTogether looks at the folder and sends.
func (w *Worker) sendTogether(ctx context.Context, items []bulkItem) (engine.Result, error) {
	folder := files.Parent(items[0].dest)
	taken, err := w.names(ctx, folder)
	if err != nil {
		return engine.Result{Outcome: outcome(err, false)}, fmt.Errorf("look before an upload: %w", err)
	}
	for i := range items {
		name := shown(path.Base(items[i].dest))
		if taken[name] {
			return engine.Result{Outcome: journal.Stale}, errApart
		}
		taken[name] = true // two names of one composition are one to the server
	}
	o, err := w.offers(ctx)
	if err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	answers, err := w.sendBulk(ctx, o, items)
	if err != nil {
		return engine.Result{Outcome: attempted(err)}, fmt.Errorf("upload: %w", err)
	}
	return w.arrivedTogether(o, items, answers)
}

// bulkItems reads the files. Each must still be new to the server and as it was planned.
func (w *Worker) bulkItems(ctx context.Context, ids []int64) ([]bulkItem, error) {
	items := make([]bulkItem, 0, len(ids))
	for _, id := range ids {
		row, err := w.db.File(ctx, id)
		if errors.Is(err, storage.ErrNotFound) {
			return nil, errApart
		}
		if err != nil {
			return nil, err
		}
		if row.Remote.Path != "" || row.Gone || row.Discard || row.Local.Path == "" || (len(items) > 0 && row.ParentID != items[0].row.ParentID) {
			return nil, errApart
		}
		item, err := w.bulkItem(ctx, row)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

func (w *Worker) bulkItem(ctx context.Context, row storage.FileRow) (bulkItem, error) {
	if may, err := w.mayWrite(ctx, row); err != nil || !may {
		return bulkItem{}, errors.Join(errApart, err)
	}
	src, row, err := w.source(ctx, row)
	if err != nil {
		return bulkItem{}, errors.Join(errApart, err)
	}
	dest, err := w.destination(ctx, row)
	if err != nil {
		return bulkItem{}, err
	}
	before, _, err := observe(src)
	if err != nil || before.Size > bulkFile || strings.ContainsAny(dest, "\r\n") || strings.TrimSpace(dest) != dest {
		return bulkItem{}, errors.Join(errApart, err)
	}
	content, err := os.ReadFile(src)
	if err != nil {
		return bulkItem{}, errors.Join(errApart, err)
	}
	local, _, err := observe(src)
	if err != nil || !unchanged(before, local) || int64(len(content)) != local.Size {
		return bulkItem{}, errors.Join(errApart, err) // just being written
	}
	sum := sha256.Sum256(content)
	local.Path, local.Hash = row.Local.Path, hex.EncodeToString(sum[:])
	return bulkItem{row: row, local: local, dest: dest, content: content}, nil
}

// names reads what lies in a folder on the server.
func (w *Worker) names(ctx context.Context, folder string) (map[string]bool, error) {
	all := map[string]bool{}
	err := w.dav.Propfind(ctx, w.href(folder, true), dav.Depth1, propfind, func(r dav.Response) error {
		if r.Err != nil {
			return r.Err
		}
		all[shown(path.Base(r.Href))] = true
		return nil
	})
	return all, err
}

// bulkAnswer is what a server says of one file of a bulk upload.
type bulkAnswer struct {
	Error        bool
	ETag, FileID string
}

// sendBulk sends the files as the parts of one body, each with its length and a checksum that the server looks at.
func (w *Worker) sendBulk(ctx context.Context, o files.Offers, items []bulkItem) (map[string]bulkAnswer, error) {
	boundary := "kontor-" + rand.Text()
	var body bytes.Buffer
	ends := make([]int64, len(items))
	for i := range items {
		it := &items[i]
		fmt.Fprintf(&body, "--%s\r\nX-File-Path: %s\r\nX-File-MD5: %x\r\nX-OC-Mtime: %d\r\nContent-Length: %d\r\n\r\n",
			boundary, bulkPath(o, it.dest), md5.Sum(it.content), it.local.ModTime/1e9, len(it.content)) //nolint:gosec // see above
		body.Write(it.content)
		ends[i] = int64(body.Len())
		body.WriteString("\r\n")
	}
	fmt.Fprintf(&body, "--%s--\r\n", boundary)
	var answers map[string]bulkAnswer
	err := w.askJSON(ctx, dav.Request{
		Method: http.MethodPost, Href: o.Base + "/remote.php/dav/bulk", Header: http.Header{"Content-Type": {`multipart/related; boundary="` + boundary + `"`}},
		Body: func() (io.ReadCloser, error) {
			for i := range items {
				items[i].x.resume(0)
			}
			return &bulkReader{Reader: bytes.NewReader(body.Bytes()), ctx: ctx, items: items, ends: ends}, nil
		}, Length: int64(body.Len()),
	}, &answers)
	return answers, err
}

// bulkReader is the body of a bulk upload. Each file in it is a transfer of its own.
type bulkReader struct {
	*bytes.Reader
	ctx   context.Context
	items []bulkItem
	ends  []int64 // of the files, in the body
	at    int64
}

// Close is part of io.Closer.
func (b *bulkReader) Close() error { return nil }

// WriteTo hides that of bytes.Reader, which would send everything at once.
func (b *bulkReader) WriteTo(w io.Writer) (int64, error) {
	return io.Copy(w, struct{ io.Reader }{b})
}

// Read is part of io.Reader.
func (b *bulkReader) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	from, to := b.at, b.at+int64(n)
	b.at = to
	for i := range b.items {
		end := b.ends[i]
		part := min(to, end) - max(from, end-int64(len(b.items[i].content)))
		if part <= 0 {
			continue
		}
		if passErr := b.items[i].x.pass(b.ctx, int(part)); passErr != nil {
			return n, passErr
		}
	}
	return n, err
}

// bulkPath is the place of a file among all files of the person.
func bulkPath(o files.Offers, dest string) string { return "/" + files.Join(o.Folder, dest) }

// arrivedTogether stores what has become of the files. If only some were taken, each goes on alone: what has arrived is
// recognised by its content.
func (w *Worker) arrivedTogether(o files.Offers, items []bulkItem, answers map[string]bulkAnswer) (engine.Result, error) {
	now := make([]storage.FileRemote, len(items))
	for i := range items {
		it := &items[i]
		a, ok := answers[bulkPath(o, it.dest)]
		if !ok || a.Error || a.ETag == "" {
			return engine.Result{Outcome: journal.Stale}, errApart
		}
		now[i] = storage.FileRemote{
			Path: it.dest, ETag: `"` + strings.Trim(a.ETag, `"`) + `"`, FileID: a.FileID, Size: it.local.Size, Modified: time.Unix(it.local.ModTime/1e9, 0),
		}
	}
	w.count.up.Add(int64(len(items)))
	return engine.Result{Outcome: journal.Succeeded, Proof: "bulk", Apply: func(ctx context.Context, tx *storage.Tx) error {
		for i := range items {
			if err := applyPut(ctx, tx, items[i].row.ID, now[i], items[i].local); err != nil {
				return err
			}
		}
		return nil
	}}, nil
}
