// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"crypto/sha1" //nolint:gosec // see checksum
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"kontor/app/files"
	"kontor/storage"
	"kontor/sync/dav"
	"kontor/sync/transport"
)

// errReadOnly says that the server has told before that it would refuse.
var errReadOnly = errors.New("the file is read-only on the server")

// errPieces says that the pieces of an upload do not make up the file; they are sent again.
var errPieces = fmt.Errorf("the pieces of an upload do not fit: %w", transport.ErrServer)

// mayWrite reports whether the server has granted what an upload needs: to change the file, or to add one to its folder.
func (w *Worker) mayWrite(ctx context.Context, row storage.FileRow) (bool, error) {
	if row.Remote.Path != "" || row.ParentID == 0 {
		return !row.Remote.ReadOnly, nil
	}
	folder, err := w.db.File(ctx, row.ParentID)
	return !folder.Remote.ReadOnly, err
}

// send brings the content of a local file to its place on the server, under the condition in header, and returns the
// header of the answer. Large files go in pieces where the server takes them. The error is that of dav.Client.Do.
func (w *Worker) send(ctx context.Context, local storage.FileLocal, src, dest string, header http.Header) (http.Header, error) {
	o, err := w.offers(ctx)
	if err != nil {
		return nil, err
	}
	header.Set("X-OC-Mtime", modTime(o, local))
	sum, err := checksum(o.Checksum, src, local)
	if err != nil {
		return nil, err
	}
	if sum != "" {
		header.Set("OC-Checksum", sum)
	}
	if o.Chunked && local.Size > 2*sizeOfPieces(o) {
		return w.sendPieces(ctx, o, local, src, dest, header)
	}
	resp, err := w.dav.Do(ctx, dav.Request{
		Method: http.MethodPut, Href: w.href(dest, false), Header: header, Length: local.Size,
		Body: func() (io.ReadCloser, error) { return openUpload(ctx, src) },
	})
	if err != nil {
		return nil, err
	}
	dav.Drain(resp)
	return resp.Header, nil
}

// modTime is when a file was changed, in seconds. Servers like ownCloud Infinite Scale make an entity tag of that time: there it
// has fractions, so that two versions of one second have different tags.
func modTime(o files.Offers, local storage.FileLocal) string {
	if o.Cloud() && o.Product != "Nextcloud" && local.ModTime > 0 {
		return fmt.Sprintf("%d.%09d", local.ModTime/1e9, local.ModTime%1e9)
	}
	return fmt.Sprint(local.ModTime / 1e9)
}

// checksum describes a file in the way that a server wants, empty for a way that is not known here.
func checksum(kind, src string, local storage.FileLocal) (string, error) {
	switch kind {
	case "SHA256":
		return kind + ":" + local.Hash, nil
	case "SHA1":
		f, err := openFile(src)
		if err != nil {
			return "", err
		}
		defer f.Close()   //nolint:errcheck // only read
		sum := sha1.New() //nolint:gosec // what such servers look at, against accidents
		_, err = io.Copy(sum, f)
		return kind + ":" + hex.EncodeToString(sum.Sum(nil)), err
	}
	return "", nil
}

// ours reports whether what the server has is an upload of ours that it has finished: it keeps the checksum and the time
// that were sent along, and the size is right. A server that tells none of that is read instead.
func ours(now *remote, local storage.FileLocal) bool {
	return now.Size == local.Size && now.Modified.Unix() == local.ModTime/1e9 && slices.Contains(now.sums, "SHA256:"+local.Hash)
}

// sentTag is the tag that an upload got. ownCloud's servers tell it twice, since something between may change ETag, which
// belongs to the answer.
func sentTag(h http.Header) string {
	if tag := h.Get("OC-ETag"); tag != "" {
		return tag
	}
	return h.Get("ETag")
}

// told is the item that an answer names in its header, nil where it does not.
func told(h http.Header, path string, was storage.FileRemote) *remote {
	if h.Get("OC-FileId") == "" {
		return nil
	}
	was.Path, was.FileID = path, h.Get("OC-FileId")
	if tag := h.Get("OC-ETag"); tag != "" {
		was.ETag = tag
	}
	return &remote{FileRemote: was}
}
