// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"

	"kontor/app/files"
	"kontor/storage"
	"kontor/sync/dav"
)

// Uploads in pieces (chunked upload v2 of Nextcloud).
const (
	pieceSize = 10 << 20
	maxPieces = 10000 // that a cloud numbers
)

// piece is a part of a file.
type piece struct {
	name      string
	off, size int64
}

// pieces divides a file. The pieces are larger where a cloud could not number that many.
func pieces(total, size int64) []piece {
	size = max(size, (total+maxPieces-1)/maxPieces)
	all := make([]piece, 0, (total+size-1)/size)
	for off := int64(0); off < total; off += size {
		all = append(all, piece{name: fmt.Sprintf("%05d", len(all)+1), off: off, size: min(size, total-off)})
	}
	return all
}

// sizeOfPieces is the size of a piece for a server.
func sizeOfPieces(o files.Offers) int64 {
	if o.MaxChunk > 0 {
		return min(pieceSize, o.MaxChunk)
	}
	return pieceSize
}

// upload is one upload in pieces. Its name follows from what is uploaded where, so that another run of the program goes on
// with it, and from the marker of the local folder, so that no other computer does.
type upload struct {
	w      *Worker
	href   string
	header http.Header // of each request
	src    string
	local  storage.FileLocal
	parts  []piece
}

func (w *Worker) upload(ctx context.Context, o files.Offers, local storage.FileLocal, src, dest string) (*upload, error) {
	server, err := w.db.FileServer(ctx, w.cfg.Account.ID)
	if err != nil {
		return nil, err
	}
	size := sizeOfPieces(o)
	sum := sha256.Sum256([]byte(fmt.Sprintf("%q", []any{server.Marker, local.Hash, local.Size, size, dest})))
	return &upload{
		w: w, href: o.Base + "/remote.php/dav/uploads/" + o.User + "/kontor-" + hex.EncodeToString(sum[:16]), src: src, local: local,
		parts: pieces(local.Size, size),
		header: http.Header{
			"Destination": {w.cloudURL(o, dest)}, "Oc-Total-Length": {strconv.FormatInt(local.Size, 10)},
		},
	}, nil
}

// cloudURL is the address of a path among the person's files, whichever address the account uses.
func (w *Worker) cloudURL(o files.Offers, dest string) string {
	u, err := url.Parse(w.cfg.Account.FilesURL)
	if err != nil {
		return ""
	}
	u.Path, u.RawPath, u.RawQuery, u.Fragment, u.User = path.Join(o.Base+"/remote.php/dav/files", o.User, o.Folder, dest), "", "", "", nil
	return u.String()
}

// sendPieces uploads a large file. What arrived of it before, also in an earlier run, is not sent again; the server puts the
// pieces together at the end, under the condition in header.
func (w *Worker) sendPieces(ctx context.Context, o files.Offers, local storage.FileLocal, src, dest string, header http.Header) (http.Header, error) {
	u, err := w.upload(ctx, o, local, src, dest)
	if err != nil {
		return nil, err
	}
	there, err := u.begin(ctx)
	if err != nil {
		return nil, err
	}
	f, err := openFile(src)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	for _, p := range u.parts {
		if there[p.name] == p.size {
			continue
		}
		if now, _, err := observe(src); err != nil || !unchanged(local, now) {
			return nil, errors.Join(errMoving, u.drop(ctx)) // what has arrived is of no use any more
		}
		if err := u.put(ctx, f, p); err != nil {
			return nil, err
		}
	}
	return u.finish(ctx, header)
}

// begin makes the folder of the pieces, or reads what is there of an earlier attempt.
func (u *upload) begin(ctx context.Context) (there map[string]int64, err error) {
	resp, err := u.w.dav.Do(ctx, dav.Request{Method: "MKCOL", Href: u.href, Header: u.header})
	if err == nil {
		dav.Drain(resp)
		return nil, nil
	}
	if !dav.IsStatus(err, http.StatusMethodNotAllowed) {
		return nil, err
	}
	there = map[string]int64{}
	err = u.w.dav.Propfind(ctx, u.href, dav.Depth1, propfind, func(r dav.Response) error {
		if r.Err == nil && !r.IsCollection() {
			there[path.Base(r.Href)] = r.Length()
		}
		return nil
	})
	return there, err
}

func (u *upload) put(ctx context.Context, f io.ReaderAt, p piece) error {
	resp, err := u.w.dav.Do(ctx, dav.Request{
		Method: http.MethodPut, Href: u.href + "/" + p.name, Header: u.header, Length: p.size,
		Body: func() (io.ReadCloser, error) { return openPiece(ctx, f, p.off, p.size), nil },
	})
	if err != nil {
		return err
	}
	dav.Drain(resp)
	return nil
}

// finish puts the pieces together. A condition is about what lies at the destination, not about the pieces (RFC 4918,
// section 10.4).
func (u *upload) finish(ctx context.Context, header http.Header) (http.Header, error) {
	header = header.Clone()
	for k, v := range u.header {
		header[k] = v
	}
	if tag := header.Get("If-Match"); tag != "" {
		header.Set("If", "<"+u.header.Get("Destination")+"> (["+tag+"])")
	}
	if header.Get("If-None-Match") == "*" {
		header.Set("Overwrite", "F")
	}
	header.Del("If-Match")
	header.Del("If-None-Match")
	resp, err := u.w.dav.Do(ctx, dav.Request{Method: "MOVE", Href: u.href + "/.file", Header: header})
	switch {
	case err == nil:
		dav.Drain(resp)
		return resp.Header, nil
	case dav.IsStatus(err, http.StatusBadRequest): // the pieces do not fit: from the start
		return nil, errors.Join(errPieces, u.drop(ctx))
	case dav.IsStatus(err, http.StatusPreconditionFailed):
		return nil, errors.Join(err, u.drop(ctx))
	}
	return nil, err
}

// drop removes what has arrived. The server would do that itself a day later, so that it does not matter if it fails.
func (u *upload) drop(ctx context.Context) error {
	resp, err := u.w.dav.Do(ctx, dav.Request{Method: http.MethodDelete, Href: u.href})
	if err == nil {
		dav.Drain(resp)
	}
	return ctx.Err()
}
