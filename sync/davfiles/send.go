// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"kontor/storage"
	"kontor/sync/dav"
)

// send brings the content of a local file to its place on the server, under the condition in header, and returns the
// header of the answer. The error is that of dav.Client.Do.
func (w *Worker) send(ctx context.Context, local storage.FileLocal, src, dest string, header http.Header) (http.Header, error) {
	header.Set("X-OC-Mtime", fmt.Sprint(local.ModTime/1e9))
	resp, err := w.dav.Do(ctx, dav.Request{
		Method: http.MethodPut, Href: w.href(dest, false), Header: header, Length: local.Size,
		Body: func() (io.ReadCloser, error) { return openFile(src) },
	})
	if err != nil {
		return nil, err
	}
	dav.Drain(resp)
	return resp.Header, nil
}

// sentTag is the tag that an upload got. ownCloud's servers tell it twice, since something between may change ETag, which
// belongs to the answer.
func sentTag(h http.Header) string {
	if tag := h.Get("OC-ETag"); tag != "" {
		return tag
	}
	return h.Get("ETag")
}
