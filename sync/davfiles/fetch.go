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
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"kontor/app/files"
	"kontor/storage"
	"kontor/sync/dav"
	"kontor/sync/transport"
)

// Keys of the translations for what a file can be rejected for.
const (
	problemForbidden = "files.problem.forbidden"
	problemLocked    = "files.problem.locked"
	problemServer    = "files.problem.server"
	problemDisk      = "files.problem.disk"
	problemName      = "files.problem.name"
)

// errStale says that the server has another version by now than the one that was listed.
var errStale = errors.New("the file has changed on the server meanwhile")

// batchSize is how many finished downloads are stored in one transaction.
const batchSize = 64

// progressFrom is the size in octets from which on a download shows how far it is.
const progressFrom = 4 << 20

// fetchAll downloads what is asked for, several files at a time, small ones first. A file that cannot be fetched does
// not stop the others; a connection that breaks does.
func (w *Worker) fetchAll(ctx context.Context, root string) error {
	rows, err := w.db.FilesToFetch(ctx, w.cfg.Account.ID)
	if err != nil {
		return err
	}
	keep := make(map[string]bool, len(rows))
	for i := range rows {
		keep[tempName(&rows[i])] = true
	}
	dropTemps(root, keep, w.log)
	if len(rows) == 0 {
		return nil
	}
	out := &collector{w: w}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for i := range rows {
		if gctx.Err() != nil {
			break
		}
		g.Go(func() error {
			done, err := w.fetch(gctx, root, rows[i])
			if err := w.settleFetch(gctx, &rows[i], err); err != nil {
				return err
			}
			if done != nil {
				return out.add(gctx, *done)
			}
			return nil
		})
	}
	err = g.Wait()
	return errors.Join(err, out.flush(context.WithoutCancel(ctx)))
}

// settleFetch decides whether an error ends the run or is about this file, and keeps the latter for the person to see.
func (w *Worker) settleFetch(ctx context.Context, r *storage.FileRow, err error) error {
	problem := ""
	var status *dav.StatusError
	switch {
	case err == nil || errors.Is(err, errStale) || errors.Is(err, errMoving) || dav.IsStatus(err, http.StatusNotFound):
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, syscall.ENOSPC):
		problem = problemDisk // download has removed what was written
	case dav.IsStatus(err, http.StatusForbidden):
		problem = problemForbidden
	case dav.IsStatus(err, http.StatusLocked):
		problem = problemLocked
	case dav.IsStatus(err, http.StatusServiceUnavailable, http.StatusTooManyRequests):
		return err
	case errors.As(err, &status), errors.Is(err, errLength):
		problem = problemServer
	case errors.As(err, new(*fs.PathError)), errors.As(err, new(*os.LinkError)):
		problem = problemName
	default:
		return err
	}
	w.log.Info("a file could not be fetched", slog.String("problem", problem), slog.Any("error", err))
	return w.db.Write(ctx, func(tx *storage.Tx) error { return tx.SetFileProblem(ctx, r.ID, problem) })
}

// collector stores finished downloads in groups.
type collector struct {
	w  *Worker
	mu sync.Mutex
	in []storage.FileRow
}

func (c *collector) add(ctx context.Context, r storage.FileRow) error {
	c.mu.Lock()
	c.in = append(c.in, r)
	full := len(c.in) >= batchSize
	c.mu.Unlock()
	if full {
		return c.flush(ctx)
	}
	return nil
}

func (c *collector) flush(ctx context.Context) error {
	c.mu.Lock()
	batch := c.in
	c.in = nil
	c.mu.Unlock()
	if len(batch) == 0 {
		return nil
	}
	return c.w.db.Write(ctx, func(tx *storage.Tx) error {
		for _, r := range batch {
			if err := tx.SaveFetched(ctx, r); err != nil {
				return err
			}
		}
		return nil
	})
}

// tempName names the unfinished download of one version, so that only that version is ever continued.
func tempName(r *storage.FileRow) string {
	sum := sha256.Sum256([]byte(fmt.Sprint(r.ID, r.Remote.ETag, r.Remote.Size)))
	return files.TempPrefix + hex.EncodeToString(sum[:8])
}

// fetch downloads one file and puts it in its place. It returns the row with its new copy, or nil where that is stored
// already.
func (w *Worker) fetch(ctx context.Context, root string, r storage.FileRow) (*storage.FileRow, error) {
	local := r.Local.Path
	if local == "" {
		local = w.disk.rules.LocalPath(r.Path)
	}
	target := abs(root, local)
	temp := filepath.Join(filepath.Dir(target), tempName(&r))
	sum, err := w.download(ctx, &r, temp)
	if err != nil {
		return nil, err
	}
	if r.Local.Path != "" {
		mine, err := hashFile(target)
		switch {
		case errors.Is(err, fs.ErrNotExist): // deleted meanwhile: the next scan decides
			return nil, errors.Join(errStale, os.Remove(temp))
		case err != nil:
			return nil, err
		case mine.Hash == sum:
			mine.Path = local
			return w.adopt(ctx, r, mine, temp)
		case r.Base.Hash == "" || mine.Hash != r.Base.Hash:
			return nil, w.contend(ctx, root, r, mine, temp, sum)
		}
	} else if _, err := os.Lstat(target); err == nil {
		return nil, errors.Join(errStale, os.Remove(temp)) // something new lies there: the next scan finds it
	}
	if err := install(temp, target, r.Remote.Modified); err != nil {
		return nil, err
	}
	l, _, err := observe(target)
	if err != nil {
		return nil, err
	}
	l.Path, l.Hash = local, sum
	w.count.down.Add(1)
	return fetched(r, l), nil
}

// fetched is the row of a copy that is known to be the server's version.
func fetched(r storage.FileRow, l storage.FileLocal) *storage.FileRow {
	r.Local = l
	r.Base = storage.FileBase{ETag: r.Remote.ETag, Hash: l.Hash, Size: l.Size}
	r.Verified, r.Problem, r.Progress = time.Now(), "", -1
	setShown(&r)
	return &r
}

// install gives a download its time and its name. Both lie in one folder, so that the name appears with the content.
func install(temp, target string, modified time.Time) error {
	if !modified.IsZero() {
		if err := os.Chtimes(temp, modified, modified); err != nil {
			return fmt.Errorf("set the time of a file: %w", err)
		}
	}
	if err := os.Rename(temp, target); err != nil {
		return fmt.Errorf("put a file in its place: %w", err)
	}
	return nil
}

// errLength says that a download is not as long as the server announced.
var errLength = fmt.Errorf("the download has another length than announced: %w", transport.ErrServer)

// download brings one version into a temporary file, continues what is there of it, and returns its SHA-256.
func (w *Worker) download(ctx context.Context, r *storage.FileRow, temp string) (string, error) {
	f, err := openTemp(temp)
	if err != nil {
		return "", err
	}
	defer f.Close() //nolint:errcheck // closed below; a second close is harmless
	sum := sha256.New()
	have, err := io.Copy(sum, f)
	if err != nil {
		return "", err
	}
	if have > 0 && (dav.WeakETag(r.Remote.ETag) || have >= r.Remote.Size) {
		if have, err = restart(f, sum); err != nil {
			return "", err
		}
	}
	header := http.Header{}
	if have > 0 {
		header.Set("Range", fmt.Sprintf("bytes=%d-", have))
		header.Set("If-Range", r.Remote.ETag)
	}
	resp, err := w.dav.Do(ctx, dav.Request{Method: http.MethodGet, Href: w.href(r.Remote.Path, false), Header: header})
	if err != nil {
		return "", discardTemp(err, temp, have)
	}
	defer dav.Drain(resp)
	if resp.StatusCode == http.StatusOK && have > 0 || resp.StatusCode == http.StatusPartialContent && !continues(resp, have, r.Remote.Size) {
		if have, err = restart(f, sum); err != nil {
			return "", err
		}
		if resp.StatusCode == http.StatusPartialContent {
			return "", errStale // another range than asked for: from the start, next time
		}
	}
	if e := resp.Header.Get("ETag"); e != "" && !sameVersion(e, r) {
		return "", errors.Join(errStale, os.Remove(temp))
	}
	dst := &progressWriter{w: io.MultiWriter(f, sum), worker: w, ctx: ctx, row: r.ID, done: have, size: r.Remote.Size}
	n, err := io.CopyBuffer(struct{ io.Writer }{dst}, resp.Body, make([]byte, 64<<10))
	if errors.Is(err, syscall.ENOSPC) {
		return "", errors.Join(err, os.Remove(temp)) // make room for smaller ones
	}
	if err != nil {
		return "", fmt.Errorf("download: %w", err)
	}
	if resp.ContentLength >= 0 && n != resp.ContentLength {
		return "", io.ErrUnexpectedEOF
	}
	if err := f.Close(); err != nil {
		return "", err
	}
	if have+n != r.Remote.Size {
		return "", errors.Join(errLength, os.Remove(temp))
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// sameVersion compares the tag of an answer with the one that was listed, where the server gave one there.
func sameVersion(tag string, r *storage.FileRow) bool {
	bare := strings.TrimPrefix(r.Remote.ETag, "W/")
	return strings.TrimPrefix(tag, "W/") == bare || !strings.HasPrefix(bare, `"`)
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

// progressWriter stores now and then how far the download of a large file is.
type progressWriter struct {
	w          io.Writer
	worker     *Worker
	ctx        context.Context
	row        int64
	done, size int64
	told       time.Time
}

// Write is part of io.Writer.
func (p *progressWriter) Write(b []byte) (int, error) {
	n, err := p.w.Write(b)
	p.done += int64(n)
	if p.size < progressFrom || time.Since(p.told) < 500*time.Millisecond || err != nil {
		return n, err
	}
	p.told = time.Now()
	return n, p.worker.db.Write(p.ctx, func(tx *storage.Tx) error {
		return tx.SetFileProgress(p.ctx, p.row, int(p.done*100/max(p.size, 1)))
	})
}
