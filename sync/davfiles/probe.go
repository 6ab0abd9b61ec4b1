// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"kontor/storage"
	"kontor/sync/dav"
)

// conditional reports whether the server honours preconditions. It is found out once, with a file of our own: some
// servers answer success and overwrite (nginx, rclone serve).
func (w *Worker) conditional(ctx context.Context) (bool, error) {
	w.probing.Lock()
	defer w.probing.Unlock()
	server, err := w.db.FileServer(ctx, w.cfg.Account.ID)
	if err != nil {
		return false, err
	}
	if server.Offers.Cloud() {
		return true, nil
	}
	if server.Conditional != storage.AnswerUnknown {
		return server.Conditional == storage.AnswerYes, nil
	}
	answer, err := w.probe(ctx)
	if err != nil {
		return false, fmt.Errorf("find out what the server can do: %w", err)
	}
	if answer == storage.AnswerUnknown {
		return false, nil // nothing may be written at the top: look before each write instead
	}
	return answer == storage.AnswerYes, w.disk.updateServer(ctx, func(s *storage.FileServer) { s.Conditional = answer })
}

// lateProbe is how long a probe that an interrupted run has sent may take to arrive.
const lateProbe = time.Minute

// probeSetting holds the name of a probe that may still lie on the server, and when it was sent.
func (w *Worker) probeSetting() string { return fmt.Sprintf("_files.probe.%d", w.cfg.Account.ID) }

func (w *Worker) noteProbe(ctx context.Context, note string) error {
	return w.db.Write(ctx, func(tx *storage.Tx) error { return tx.SetSetting(ctx, w.probeSetting(), note) })
}

// notedProbe reads what noteProbe has stored; no name for nothing.
func (w *Worker) notedProbe(ctx context.Context) (name string, sent time.Time, err error) {
	note, err := w.db.Setting(ctx, w.probeSetting(), "")
	name, at, _ := strings.Cut(note, " ")
	seconds, _ := strconv.ParseInt(at, 10, 64) //nolint:errcheck // without a time it was long ago
	return name, time.Unix(seconds, 0), err
}

// sweepProbe removes a probe from the server, also one that an interrupted run has left there. What that run has sent may
// still arrive, so it is looked for again for a while.
func (w *Worker) sweepProbe(ctx context.Context) error {
	name, sent, err := w.notedProbe(ctx)
	if err != nil || name == "" {
		return err
	}
	resp, err := w.dav.Do(ctx, dav.Request{Method: http.MethodDelete, Href: w.href(name, false)})
	switch {
	case err == nil:
		dav.Drain(resp)
	case !dav.IsStatus(err, http.StatusNotFound, http.StatusForbidden):
		return fmt.Errorf("remove a probe: %w", err)
	}
	if name != w.ownProbe && time.Since(sent) < lateProbe {
		return nil
	}
	return w.noteProbe(ctx, "")
}

func (w *Worker) probe(ctx context.Context) (storage.Answer, error) {
	name, _, err := w.notedProbe(ctx) // under the same name a late one goes with the rest
	if err == nil && name == "" {
		name = probePrefix + rand.Text()[:10] + ".tmp"
		w.ownProbe = name
		err = w.noteProbe(ctx, fmt.Sprint(name, " ", time.Now().Unix()))
	}
	if err != nil {
		return storage.AnswerUnknown, err
	}
	href := w.href(name, false)
	put := func(key, value string) error {
		h := http.Header{}
		if key != "" {
			h.Set(key, value)
		}
		resp, err := w.dav.Do(ctx, dav.Request{Method: http.MethodPut, Href: href, Header: h, Body: dav.Bytes([]byte("kontor")), Length: 6})
		if err == nil {
			dav.Drain(resp)
		}
		return err
	}
	if err := put("", ""); err != nil {
		if errors.As(err, new(*dav.StatusError)) {
			return storage.AnswerUnknown, nil
		}
		return storage.AnswerUnknown, err
	}
	answer := storage.AnswerNo
	exists, other := put("If-None-Match", "*"), put("If-Match", `"kontor-other-version"`)
	if dav.IsStatus(exists, http.StatusPreconditionFailed) && dav.IsStatus(other, http.StatusPreconditionFailed) {
		answer = storage.AnswerYes
	}
	return answer, w.sweepProbe(ctx)
}

// sameContent compares what the server has with a local copy, by reading it where only the size is the same.
func (w *Worker) sameContent(ctx context.Context, now *remote, local storage.FileLocal) (bool, error) {
	if now.Size != local.Size {
		return false, nil
	}
	resp, err := w.dav.Do(ctx, dav.Request{Method: http.MethodGet, Href: w.href(now.Path, false)})
	if err != nil {
		return false, err
	}
	defer dav.Drain(resp)
	if err := asSeen(resp, now); err != nil {
		return false, err
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, resp.Body); err != nil {
		return false, err
	}
	return hex.EncodeToString(sum.Sum(nil)) == local.Hash, nil
}

// asSeen makes sure that what is read is the version that was seen: the tag of one must not come to stand for another.
func asSeen(resp *http.Response, now *remote) error {
	if read := resp.Header.Get("ETag"); read != "" && !sameVersion(read, &storage.FileRow{Remote: now.FileRemote}) {
		return errStale
	}
	return nil
}

// beginsLike reports whether what the server has is the beginning of a local file, and whether it is all of it.
func (w *Worker) beginsLike(ctx context.Context, now *remote, src string) (begins, whole bool, err error) {
	f, err := openFile(src)
	if err != nil {
		return false, false, err
	}
	defer f.Close() //nolint:errcheck // only read
	info, err := f.Stat()
	if err != nil || now.Size > info.Size() {
		return false, false, err
	}
	resp, err := w.dav.Do(ctx, dav.Request{Method: http.MethodGet, Href: w.href(now.Path, false)})
	if err != nil {
		return false, false, err
	}
	defer dav.Drain(resp)
	if err := asSeen(resp, now); err != nil {
		return false, false, err
	}
	theirs, mine := make([]byte, 64<<10), make([]byte, 64<<10)
	var done int64
	for {
		n, err := io.ReadFull(resp.Body, theirs)
		if n > 0 {
			if _, err := io.ReadFull(f, mine[:n]); err != nil || !bytes.Equal(theirs[:n], mine[:n]) {
				return false, false, nil //nolint:nilerr // shorter or another content
			}
			done += int64(n)
		}
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			if resp.ContentLength >= 0 && done != resp.ContentLength {
				return false, false, io.ErrUnexpectedEOF
			}
			return true, done == info.Size(), nil
		default:
			return false, false, err
		}
	}
}

// uploadTime is the modification time that a server takes over for an upload, where it says that it does.
func uploadTime(h http.Header, local storage.FileLocal) time.Time {
	if h.Get("X-OC-MTime") == "accepted" {
		return time.Unix(local.ModTime/1e9, 0)
	}
	return time.Now()
}
