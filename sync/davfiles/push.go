// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"time"

	"kontor/app/files"
	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/dav"
	"kontor/sync/engine"
	"kontor/sync/reconcile"
	"kontor/sync/transport"
)

// errNoCopy says that the file to upload is not on the disk any more.
var errNoCopy = errors.New("the local copy is gone")

// errTaken says that the server has something else at the place where something new was to go.
var errTaken = errors.New("the server has something else of this name")

// Push is part of engine.Worker.
func (w *Worker) Push(ctx context.Context, op journal.Op) (engine.Result, error) {
	if rows := together(op); rows != nil {
		res, err := w.putTogether(ctx, op, rows)
		return res, coded(err)
	}
	row, err := w.target(ctx, op)
	if errors.Is(err, storage.ErrNotFound) && op.Kind == journal.FileDelete {
		return engine.Result{Outcome: journal.Succeeded}, nil // it went with its folder
	}
	if err != nil {
		return engine.Result{Outcome: journal.Rejected}, err
	}
	var res engine.Result
	switch op.Kind {
	case journal.FilePut:
		res, err = w.putSeen(ctx, op, row)
	case journal.FileMkdir:
		res, err = w.mkdir(ctx, op, row)
	case journal.FileMove:
		res, err = w.move(ctx, op, row)
	case journal.FileDelete:
		res, err = w.remove(ctx, op, row)
	default:
		return engine.Result{Outcome: journal.Rejected}, fmt.Errorf("%s is no operation on files", op.Kind)
	}
	if err != nil && res.RetryAfter == 0 {
		res.RetryAfter = dav.RetryAfter(err)
	}
	return res, coded(err)
}

// target reads the row that an operation is about.
func (w *Worker) target(ctx context.Context, op journal.Op) (storage.FileRow, error) {
	for _, t := range op.Targets {
		if t.Table == "files" {
			return w.db.File(ctx, t.ID)
		}
	}
	return storage.FileRow{}, fmt.Errorf("operation %d is about no file: %w", op.ID, storage.ErrNotFound)
}

// outcome tells what an error of the server means for an operation. sent says that octets of the change left.
func outcome(err error, sent bool) journal.Outcome {
	switch {
	case errors.Is(err, transport.ErrSignIn), errors.Is(err, transport.ErrPortal):
		return journal.Retry
	case dav.IsStatus(err, http.StatusPreconditionFailed):
		return journal.Stale
	case dav.IsStatus(err, http.StatusNotFound, http.StatusConflict, http.StatusLocked, http.StatusTooManyRequests,
		http.StatusInsufficientStorage, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout):
		return journal.Retry
	case dav.IsStatus(err, http.StatusBadRequest, http.StatusForbidden, http.StatusMethodNotAllowed, http.StatusRequestEntityTooLarge,
		http.StatusUnsupportedMediaType, http.StatusRequestURITooLong, http.StatusNotImplemented, http.StatusUnprocessableEntity):
		return journal.Rejected
	case sent:
		return journal.Unknown
	}
	return journal.Retry
}

// attempted tells what the error of a request that changes something means for its operation. Where no connection was made,
// nothing is in doubt.
func attempted(err error) journal.Outcome { return outcome(err, !transport.Unsent(err)) }

// destination is where a row lies, or has to lie, on the server: below the folder that its own folder is there.
func (w *Worker) destination(ctx context.Context, row storage.FileRow) (string, error) {
	if row.ParentID == 0 {
		return row.Name, nil
	}
	folder, err := w.db.File(ctx, row.ParentID)
	if err != nil {
		return "", err
	}
	if folder.Remote.Path == "" {
		return "", fmt.Errorf("the folder is not on the server yet: %w", transport.ErrServer)
	}
	return files.Join(folder.Remote.Path, row.Name), nil
}

// put uploads the local copy of a row, as it is now.
func (w *Worker) put(ctx context.Context, op journal.Op, row storage.FileRow) (engine.Result, error) {
	if may, err := w.mayWrite(ctx, row); err != nil || !may {
		return engine.Result{Outcome: journal.Rejected}, errors.Join(errReadOnly, err)
	}
	src, row, err := w.source(ctx, row)
	if errors.Is(err, errNoCopy) && row.Gone { // deleted while it was on its way: the deletion follows
		return engine.Result{Outcome: journal.Succeeded}, nil
	}
	if err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	dest := row.Remote.Path
	if dest == "" {
		if dest, err = w.destination(ctx, row); err != nil {
			return engine.Result{Outcome: journal.Retry}, err
		}
	}
	local, err := contentOf(src, &row, op.Tries)
	if err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	local.Path = row.Local.Path
	if err := w.sends(ctx, row, local); err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	header, now, err := w.condition(ctx, row, dest)
	if errors.Is(err, errTaken) || errors.Is(err, errStale) {
		return w.contested(ctx, op, row, local, dest, now)
	}
	if err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	w.secure(src, &row, local)
	sent := w.confirms.begin(dest, row.ParentID, local.Size)
	defer w.failed(ctx, sent)
	answer, err := w.send(ctx, local, src, dest, header)
	if dav.IsStatus(err, http.StatusPreconditionFailed) {
		w.failed(ctx, sent)
		return w.contested(ctx, op, row, local, dest, nil)
	}
	if err != nil {
		return engine.Result{Outcome: attempted(err)}, fmt.Errorf("upload: %w", err)
	}
	after, _, err := observe(src)
	if err != nil || !unchanged(local, after) || !asSent(ctx, local) {
		// What arrived may be a mixture: it must not count as a version of ours, and goes again.
		return w.mixed(ctx, op, dest)
	}
	return w.confirm(ctx, row, local, sent, answer)
}

// sends notes what is about to be sent, should it be another content than the one that was seen last: whoever asks the
// server later what became of it has to know it again.
func (w *Worker) sends(ctx context.Context, row storage.FileRow, local storage.FileLocal) error {
	if row.Local.Hash == local.Hash {
		return nil
	}
	return w.db.WriteDurable(ctx, func(tx *storage.Tx) error { return applySends(ctx, tx, row.ID, local) })
}

func applySends(ctx context.Context, tx rowTx, id int64, local storage.FileLocal) error {
	row, err := tx.File(ctx, id)
	if err != nil || row.Local.Path != local.Path {
		return err
	}
	row.Local = local
	return tx.SaveFile(ctx, row)
}

// source finds the file to upload, from the recycle bin where a deletion is being undone.
func (w *Worker) source(ctx context.Context, row storage.FileRow) (string, storage.FileRow, error) {
	if row.Local.Path == "" || row.Discard {
		if err := w.disk.Align(ctx); err != nil {
			return "", row, err
		}
		again, err := w.db.File(ctx, row.ID)
		if err != nil {
			return "", row, err
		}
		row = again
	}
	root, err := w.disk.OpenRoot(ctx)
	if err != nil {
		return "", row, err
	}
	if row.Local.Path == "" {
		return "", row, errNoCopy
	}
	path := abs(root, row.Local.Path)
	if info, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir() { // a folder may have its name by now
		return "", row, errNoCopy
	}
	return path, row, nil
}

// condition gives the header that keeps an upload from overwriting what is not known here. Where the server does not
// honour it, or has no tag that could be used, it looks right before; now is then what was seen.
func (w *Worker) condition(ctx context.Context, row storage.FileRow, dest string) (h http.Header, now *remote, err error) {
	h = http.Header{}
	honoured, err := w.conditional(ctx)
	if err != nil {
		return h, nil, err
	}
	if row.Remote.Path == "" {
		h.Set("If-None-Match", "*")
		if honoured {
			return h, nil, nil
		}
	} else if honoured && !dav.WeakETag(row.Base.ETag) {
		h.Set("If-Match", row.Base.ETag)
		return h, nil, nil
	}
	now, err = w.stat(ctx, dest, false)
	switch {
	case err != nil:
		return h, nil, err
	case row.Remote.Path == "" && now != nil:
		return h, now, errTaken
	case row.Remote.Path != "" && now == nil:
		h.Set("If-None-Match", "*") // deleted there, changed here: it comes back
	case row.Remote.Path != "" && !reconcile.SameTag(now.ETag, row.Base.ETag):
		return h, now, errStale
	case now != nil && honoured && !dav.WeakETag(now.ETag):
		h.Set("If-Match", now.ETag)
	}
	return h, now, nil
}

// confirm finds out which version the upload has become. A server that does not say so is asked.
func (w *Worker) confirm(ctx context.Context, row storage.FileRow, local storage.FileLocal, sent *sentFile, h http.Header) (engine.Result, error) {
	now := &remote{FileRemote: storage.FileRemote{Path: sent.path, ETag: sentTag(h), Size: local.Size, FileID: h.Get("OC-FileId"), Modified: uploadTime(h, local)}}
	if dav.WeakETag(now.ETag) {
		leave(ctx)
		seen, ours, err := w.sent(ctx, sent)
		if err != nil {
			return engine.Result{Outcome: outcome(err, true)}, fmt.Errorf("look after the upload: %w", err)
		}
		if seen == nil || seen.Size != local.Size || !ours {
			return engine.Result{Outcome: journal.Unknown}, fmt.Errorf("the server holds something else than was sent: %w", transport.ErrServer)
		}
		now = seen
	}
	w.count.up.Add(1)
	return engine.Result{Outcome: journal.Succeeded, Proof: now.ETag, Apply: func(ctx context.Context, tx *storage.Tx) error {
		return applyPut(ctx, tx, row.ID, now.FileRemote, local)
	}}, nil
}

// applyPut stores that server and disk hold the same version now.
func applyPut(ctx context.Context, tx rowTx, id int64, now storage.FileRemote, local storage.FileLocal) error {
	row, err := tx.File(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if now.FileID == "" {
		now.FileID = row.Remote.FileID
	}
	row.Remote = now
	if local.Path != "" && local.Path == row.Local.Path {
		row.Local = local
	}
	row.Base = storage.FileBase{ETag: now.ETag, Hash: local.Hash, Size: local.Size}
	row.Problem, row.Verified = "", time.Now()
	setShown(&row)
	return tx.SaveFile(ctx, row)
}

// contested deals with an upload that would have overwritten another version: where that has the same content it is
// adopted, else the own version goes up as a copy of its own and the server's is fetched by the next Pull.
func (w *Worker) contested(ctx context.Context, op journal.Op, row storage.FileRow, local storage.FileLocal, dest string, now *remote) (engine.Result, error) {
	var err error
	if now == nil {
		if now, err = w.stat(ctx, dest, false); err != nil {
			return engine.Result{Outcome: journal.Retry}, err
		}
	}
	if now == nil { // gone again: nothing is in the way of a new file
		return engine.Result{Outcome: journal.Stale, Apply: func(ctx context.Context, tx *storage.Tx) error {
			return forgetRemote(ctx, tx, row.ID)
		}}, errStale
	}
	if now.dir {
		return w.makeRoom(ctx, op, row, dest, journal.Rejected)
	}
	if row.Remote.Path == "" {
		if leaves, err := w.taken(ctx, row, dest); err != nil || leaves {
			return w.makeRoom(ctx, op, row, dest, journal.Retry)
		}
		all, err := w.db.AllFiles(ctx, row.AccountID)
		if err != nil {
			return engine.Result{Outcome: journal.Retry}, err
		}
		if hasTwin(all, row.ID, dest) {
			return engine.Result{Outcome: journal.Rejected}, errTaken
		}
	}
	if row.Remote.Path != "" && reconcile.SameTag(now.ETag, row.Base.ETag) {
		// Apache takes a tag for weak, and If-Match for failed, while a file is younger than a second.
		return w.putChecked(ctx, op, row, local, dest, now)
	}
	if row.Remote.Path != "" && row.Base.Hash != "" { // a folder above was moved, or all was restored: another tag, the same version
		same, err := w.sameContent(ctx, now, storage.FileLocal{Hash: row.Base.Hash, Size: row.Base.Size})
		if err != nil {
			return engine.Result{Outcome: journal.Retry}, err
		}
		if same {
			return w.putChecked(ctx, op, row, local, dest, now)
		}
	}
	if op.Tries > 1 || row.Base.Hash == unknownHash {
		own, err := w.ownPart(ctx, row, now)
		if err != nil {
			return engine.Result{Outcome: journal.Retry}, err
		}
		if own {
			return engine.Result{Outcome: journal.Retry, Apply: func(ctx context.Context, tx *storage.Tx) error {
				return rebase(ctx, tx, row.ID, now)
			}}, errStale
		}
	}
	same, err := w.sameContent(ctx, now, local)
	if err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	if same {
		return engine.Result{Outcome: journal.Succeeded, Proof: now.ETag, Apply: func(ctx context.Context, tx *storage.Tx) error {
			return applyPut(ctx, tx, row.ID, now.FileRemote, local)
		}}, nil
	}
	root, err := w.disk.OpenRoot(ctx)
	if err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	name := w.conflictName(ctx, root, files.Parent(row.Local.Path), files.Base(row.Path))
	w.count.conflicts.Add(1)
	return engine.Result{Outcome: journal.Stale, Apply: func(ctx context.Context, tx *storage.Tx) error {
		return w.split(ctx, tx, row.ID, local, now.FileRemote, name)
	}}, errStale
}

// ownPart reports whether what is in the way is a part of the local copy, which the server kept of an earlier attempt.
func (w *Worker) ownPart(ctx context.Context, row storage.FileRow, now *remote) (bool, error) {
	src, _, err := w.source(ctx, row)
	if err != nil {
		return false, err
	}
	own, whole, err := w.beginsLike(ctx, now, src)
	return own && !whole, err
}

// split records a conflict that an upload ran into. The operation, which waits again by now, goes on with the copy. Where the
// person has deleted the file meanwhile there is nothing to keep of it; the version on the server, which nobody here has seen,
// has no tag then, and is not deleted along with it.
func (w *Worker) split(ctx context.Context, tx rowTx, id int64, local storage.FileLocal, now storage.FileRemote, name string) error {
	row, err := tx.File(ctx, id)
	if err != nil {
		return err
	}
	row.Remote = now
	if row.Gone {
		row.Remote.ETag = ""
		return tx.SaveFile(ctx, row)
	}
	row.Wanted = row.Wanted || !row.Kept
	_, err = splitConflict(ctx, tx, row, local, name)
	return err
}

func forgetRemote(ctx context.Context, tx rowTx, id int64) error {
	row, err := tx.File(ctx, id)
	if err != nil {
		return err
	}
	row.Remote, row.Base = storage.FileRemote{}, storage.FileBase{}
	return tx.SaveFile(ctx, row)
}

// putChecked uploads without a header, right after the version on the server was seen to be the known one.
func (w *Worker) putChecked(ctx context.Context, op journal.Op, row storage.FileRow, local storage.FileLocal, dest string, now *remote) (engine.Result, error) {
	src, row, err := w.source(ctx, row)
	if err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	header := http.Header{}
	if !dav.WeakETag(now.ETag) {
		header.Set("If-Match", now.ETag)
	}
	w.secure(src, &row, local)
	sent := w.confirms.begin(dest, row.ParentID, local.Size)
	defer w.failed(ctx, sent)
	answer, err := w.send(ctx, local, src, dest, header)
	if err != nil {
		return engine.Result{Outcome: attempted(err)}, fmt.Errorf("upload: %w", err)
	}
	if after, _, err := observe(src); err != nil || !unchanged(local, after) {
		return w.mixed(ctx, op, dest)
	}
	return w.confirm(ctx, row, local, sent, answer)
}

// mixed deals with a file that changed while it was uploaded: what the server has now is the base of the next attempt.
func (w *Worker) mixed(ctx context.Context, op journal.Op, dest string) (engine.Result, error) {
	now, err := w.stat(ctx, dest, false)
	if err != nil {
		return engine.Result{Outcome: journal.Unknown}, err
	}
	return engine.Result{Outcome: journal.Retry, Apply: func(ctx context.Context, tx *storage.Tx) error {
		return rebase(ctx, tx, op.Targets[0].ID, now)
	}}, errMoving
}

// rebase makes what the server has now, which is a part of an own upload, the version that the next upload replaces.
func rebase(ctx context.Context, tx rowTx, id int64, now *remote) error {
	if now == nil {
		return forgetRemote(ctx, tx, id)
	}
	row, err := tx.File(ctx, id)
	if err != nil {
		return err
	}
	row.Remote = now.FileRemote
	row.Base = storage.FileBase{ETag: now.ETag, Hash: unknownHash, Size: now.Size}
	return tx.SaveFile(ctx, row)
}

// unknownHash stands for content that is known to be another one than the local copy.
const unknownHash = "-"

// mkdir makes a folder on the server. One that is there already serves as well.
func (w *Worker) mkdir(ctx context.Context, op journal.Op, row storage.FileRow) (engine.Result, error) {
	if row.Remote.Path != "" {
		return engine.Result{Outcome: journal.Succeeded, Proof: row.Remote.Path}, nil
	}
	if row.Gone { // deleted before it was there: the deletion follows
		return engine.Result{Outcome: journal.Succeeded}, nil
	}
	dest, err := w.destination(ctx, row)
	if err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	resp, err := w.dav.Do(ctx, dav.Request{Method: "MKCOL", Href: w.href(dest, true)})
	if err == nil {
		dav.Drain(resp)
		if now := told(resp.Header, dest, storage.FileRemote{}); now != nil {
			return madeFolder(row, now), nil
		}
		if w.plain(ctx) { // nothing that the server would say about it is kept
			return madeFolder(row, &remote{FileRemote: storage.FileRemote{Path: dest}}), nil
		}
	}
	if dav.IsStatus(err, http.StatusMethodNotAllowed, http.StatusBadRequest, http.StatusConflict) {
		// What is there says whether it serves; Apache takes a folder with the name of a file for a bad request.
		there, statErr := w.stat(ctx, dest, false)
		switch {
		case statErr != nil:
			return engine.Result{Outcome: journal.Retry}, statErr
		case there != nil && !there.dir:
			return w.makeRoom(ctx, op, row, dest, journal.Rejected)
		case there != nil:
			err = nil
		}
	}
	if err != nil {
		return engine.Result{Outcome: attempted(err)}, fmt.Errorf("make a folder: %w", err)
	}
	return w.foundFolder(ctx, row, dest)
}

// plain reports whether the server is known to give folders neither an identity nor rights.
func (w *Worker) plain(ctx context.Context) bool {
	server, err := w.db.FileServer(ctx, w.cfg.Account.ID)
	return err == nil && server.Propagates == storage.AnswerNo && !server.Offers.Cloud()
}

// foundFolder records a folder that was made, or that was there already.
func (w *Worker) foundFolder(ctx context.Context, row storage.FileRow, dest string) (engine.Result, error) {
	now, err := w.stat(ctx, dest, true)
	if err != nil || now == nil {
		now = &remote{FileRemote: storage.FileRemote{Path: dest}}
	}
	return madeFolder(row, now), nil
}

// madeFolder stores a folder that the server has now. Its tag stays unknown: it may stand for things in it that were never
// listed.
func madeFolder(row storage.FileRow, now *remote) engine.Result {
	now.ETag = ""
	return engine.Result{Outcome: journal.Succeeded, Proof: "MKCOL", Apply: func(ctx context.Context, tx *storage.Tx) error {
		return applyMkdir(ctx, tx, row.ID, now.FileRemote)
	}}
}

// applyMkdir stores that the server has the folder.
func applyMkdir(ctx context.Context, tx rowTx, id int64, now storage.FileRemote) error {
	row, err := tx.File(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	row.Remote, row.Problem = now, ""
	return tx.SaveFile(ctx, row)
}

// move moves a file or a folder with everything in it, without a transfer.
func (w *Worker) move(ctx context.Context, op journal.Op, row storage.FileRow) (engine.Result, error) {
	var payload files.MoveOp
	if err := json.Unmarshal(op.Payload, &payload); err != nil {
		return engine.Result{Outcome: journal.Rejected}, err
	}
	dest, err := w.destination(ctx, row)
	if err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	from := row.Remote.Path
	if from == "" || from == dest {
		return engine.Result{Outcome: journal.Succeeded, Proof: row.Remote.ETag}, nil // the upload goes to the new place
	}
	if res, done, err := w.moveTold(ctx, row, dest); done || err != nil {
		return res, err
	}
	known, err := w.inPlace(ctx, row)
	if err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	header := http.Header{"Overwrite": {"F"}, "Destination": {w.destinationURL(dest, row.Dir)}}
	if honoured, err := w.conditional(ctx); err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	} else if !honoured {
		there, err := w.stat(ctx, dest, row.Dir)
		if err != nil {
			return engine.Result{Outcome: journal.Retry}, err
		}
		if there != nil {
			return w.makeRoom(ctx, op, row, dest, journal.Stale)
		}
	}
	resp, err := w.dav.Do(ctx, dav.Request{Method: "MOVE", Href: w.href(from, row.Dir), Header: header})
	switch {
	case err == nil:
		dav.Drain(resp)
	case dav.IsStatus(err, http.StatusPreconditionFailed):
		return w.makeRoom(ctx, op, row, dest, journal.Stale)
	default:
		return w.notMoved(ctx, op, row, dest, err)
	}
	return w.movedTo(ctx, row, dest, known)
}

// destinationURL is the absolute address that a Destination header needs (RFC 4918, section 10.3).
func (w *Worker) destinationURL(path string, dir bool) string {
	u, err := url.Parse(w.cfg.Account.FilesURL)
	if err != nil {
		return ""
	}
	u.Path, u.RawPath, u.RawQuery, u.Fragment, u.User = w.href(path, dir), "", "", "", nil
	return u.String()
}

func (w *Worker) movedTo(ctx context.Context, row storage.FileRow, dest string, known bool) (engine.Result, error) {
	now, err := w.stat(ctx, dest, row.Dir)
	if err != nil {
		return engine.Result{Outcome: journal.Unknown}, err
	}
	w.count.moved.Add(1)
	return engine.Result{Outcome: journal.Succeeded, Proof: "MOVE", Apply: func(ctx context.Context, tx *storage.Tx) error {
		return applyMove(ctx, tx, row.ID, dest, now, known)
	}}, nil
}
