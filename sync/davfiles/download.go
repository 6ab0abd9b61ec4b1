// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"kontor/app/files"
	"kontor/storage"
	"kontor/sync/dav"
	"kontor/sync/transport"
)

// progressFrom is the size in octets from which on a download shows how far it is.
const progressFrom = 4 << 20

// tempName names the unfinished download of one version, so that only that version is ever continued.
func tempName(r *storage.FileRow) string {
	sum := sha256.Sum256([]byte(fmt.Sprint(r.ID, r.Remote.ETag, r.Remote.Size)))
	return files.TempPrefix + hex.EncodeToString(sum[:8])
}

// errLength says that a download is not as long as the server announced.
var errLength = fmt.Errorf("the download has another length than announced: %w", transport.ErrServer)

// buffers are shared by downloads: one for each that runs.
var buffers = sync.Pool{New: func() any { return new([copyBuffer]byte) }}

// copyBuffer is what is read from the line before it is written to the disk.
const copyBuffer = 128 << 10

// download brings one version into a temporary file, continues what is there of it, and returns its SHA-256.
func (w *Worker) download(ctx context.Context, r *storage.FileRow, temp string, x *transfer) (string, error) {
	f, err := openTemp(temp)
	if err != nil {
		return "", err
	}
	defer f.Close() //nolint:errcheck // closed below; a second close is harmless
	sum := sha256.New()
	have, err := reread(f, sum)
	if err != nil {
		return "", err
	}
	if have > 0 && (dav.WeakETag(r.Remote.ETag) || have >= r.Remote.Size) {
		if have, err = restart(f, sum); err != nil {
			return "", err
		}
	}
	resp, have, err := w.request(ctx, r, f, sum, have)
	if err != nil {
		if errors.Is(err, errChanged) {
			return "", errors.Join(errStale, os.Remove(temp))
		}
		return "", discardTemp(err, temp, have)
	}
	defer dav.Drain(resp)
	x.resume(have)
	check, err := newCheck(resp.Header, f, have)
	if err != nil {
		return "", err
	}
	n, err := w.receive(ctx, r, f, resp.Body, io.MultiWriter(check.also(sum)...), x)
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return "", errors.Join(err, os.Remove(temp)) // make room for smaller ones
	case err != nil:
		return "", fmt.Errorf("download: %w", err)
	case resp.ContentLength >= 0 && n != resp.ContentLength:
		return "", io.ErrUnexpectedEOF
	}
	if err := f.Close(); err != nil {
		return "", err
	}
	hexSum := hex.EncodeToString(sum.Sum(nil))
	if have+n != r.Remote.Size {
		return "", errors.Join(errLength, os.Remove(temp))
	}
	if !check.holds() {
		if again, err := w.seenBefore(ctx, r.ID, hexSum); err != nil || !again {
			return "", errors.Join(errChecksum, err, os.Remove(temp))
		}
	}
	return hexSum, nil
}

// errChanged says that the answer is about another version than the one that was listed.
var errChanged = errors.New("another version")

// request asks for what is missing. It returns how much of the file is there, which is nothing once the server begins anew.
func (w *Worker) request(ctx context.Context, r *storage.FileRow, f *os.File, sum hash.Hash, have int64) (*http.Response, int64, error) {
	header := http.Header{}
	if have > 0 {
		header.Set("Range", fmt.Sprintf("bytes=%d-", have))
		header.Set("If-Range", r.Remote.ETag)
	}
	resp, err := w.dav.Do(ctx, dav.Request{Method: http.MethodGet, Href: w.href(r.Remote.Path, false), Header: header})
	if err != nil {
		return nil, have, err
	}
	partial := resp.StatusCode == http.StatusPartialContent
	if resp.StatusCode == http.StatusOK && have > 0 || partial && !continues(resp, have, r.Remote.Size) {
		if have, err = restart(f, sum); err == nil && partial {
			err, have = errStale, 1 // another range than asked for: from the start, next time
		}
	}
	if e := resp.Header.Get("ETag"); err == nil && e != "" && !sameVersion(e, r) {
		err = errChanged
	}
	if err == nil && strangePage(resp, r) {
		err = errPage
	}
	if err != nil {
		dav.Drain(resp)
		return nil, have, err
	}
	return resp, have, nil
}

// receive writes what comes to the file and into sums, as fast as it may.
func (w *Worker) receive(ctx context.Context, r *storage.FileRow, f *os.File, body io.Reader, sums io.Writer, x *transfer) (done int64, err error) {
	buf := buffers.Get().(*[copyBuffer]byte)
	defer buffers.Put(buf)
	told := time.Time{}
	defer func() {
		if err != nil && !told.IsZero() {
			err = errors.Join(err, w.tell(context.WithoutCancel(ctx), r.ID, -1))
		}
	}()
	for {
		n, readErr := fill(body, buf[:])
		if _, err := f.Write(buf[:n]); err != nil {
			return done, err
		}
		_, _ = sums.Write(buf[:n]) // hashes never fail
		done += int64(n)
		if err := x.pass(ctx, n); err != nil {
			return done, err
		}
		if readErr == io.EOF { //nolint:errorlint // a reader gives it as it is
			return done, nil
		}
		if readErr != nil {
			return done, readErr
		}
		if r.Remote.Size >= progressFrom && time.Since(told) >= tellEvery {
			told = time.Now()
			if err := w.tell(ctx, r.ID, int(x.done.Load()*100/max(r.Remote.Size, 1))); err != nil {
				return done, err
			}
		}
	}
}

// tellEvery is how often the store hears how far a download is.
const tellEvery = 500 * time.Millisecond

func (w *Worker) tell(ctx context.Context, id int64, percent int) error {
	return w.db.Write(ctx, func(tx *storage.Tx) error { return tx.SetFileProgress(ctx, id, percent) })
}

// fill reads until the buffer is full or the reader has nothing more.
func fill(r io.Reader, buf []byte) (n int, err error) {
	for n < len(buf) && err == nil {
		var m int
		m, err = r.Read(buf[n:])
		n += m
	}
	return n, err
}

// sameVersion compares the tag of an answer with the one that was listed, where the server gave one there.
func sameVersion(tag string, r *storage.FileRow) bool {
	bare := strings.TrimPrefix(r.Remote.ETag, "W/")
	return strings.TrimPrefix(tag, "W/") == bare || !strings.HasPrefix(bare, `"`)
}

// errPage says that a page came in place of a file, as from a network that wants a sign-in.
var errPage = fmt.Errorf("a page in place of a file: %w", transport.ErrServer)

// strangePage reports whether an answer is a page of somebody in between. It may be as long as the file, but it does not tell
// the version as the server does, and says that it is a page where the file is none.
func strangePage(resp *http.Response, r *storage.FileRow) bool {
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")) // what cannot be read is no page
	if kind != "text/html" || strings.Contains(strings.ToLower(path.Ext(r.Path)), "htm") {
		return false
	}
	listed := strings.HasPrefix(strings.TrimPrefix(r.Remote.ETag, "W/"), `"`)
	return resp.Header.Get("ETag") == "" && (listed || resp.Header.Get("Last-Modified") == "")
}

// openTemp opens an unfinished download, and makes the folder where it is missing.
func openTemp(temp string) (*os.File, error) {
	f, err := os.OpenFile(temp, os.O_CREATE|os.O_RDWR, 0o644)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(temp), 0o755); err != nil {
			return nil, err
		}
		f, err = os.OpenFile(temp, os.O_CREATE|os.O_RDWR, 0o644)
	}
	return f, err
}

// reread puts what was downloaded before into the sum and tells how much it is.
func reread(f *os.File, sum hash.Hash) (int64, error) {
	if info, err := f.Stat(); err != nil || info.Size() == 0 {
		return 0, err
	}
	return io.Copy(sum, f)
}

// discardTemp removes the empty file of a download that did not begin.
func discardTemp(err error, temp string, have int64) error {
	if have == 0 {
		return errors.Join(err, os.Remove(temp))
	}
	return err
}

// restart forgets what was downloaded so far.
func restart(f *os.File, sum hash.Hash) (int64, error) {
	sum.Reset()
	if err := f.Truncate(0); err != nil {
		return 0, err
	}
	_, err := f.Seek(0, io.SeekStart)
	return 0, err
}

// continues reports whether a partial answer is the rest that was asked for (RFC 9110, section 14.4).
func continues(resp *http.Response, have, size int64) bool {
	var from, to, total int64
	n, err := fmt.Sscanf(resp.Header.Get("Content-Range"), "bytes %d-%d/%d", &from, &to, &total)
	return err == nil && n == 3 && from == have && total == size && to == size-1
}
