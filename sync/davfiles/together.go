// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"kontor/app/files"
	"kontor/storage"
	"kontor/sync/dav"
)

// A server that does not tell the tag of an upload, as Apache, has to be asked for it. To ask for each file right after its
// upload leaves a short moment, from the end of the upload to the answer, in which somebody else may write another content
// of the same size, whose tag would then be taken for that of the own content: no later look would find a difference, and
// the next upload from here would replace that content unseen. To ask for a whole folder once its uploads are over makes
// the moment as long as the slowest of them, which is too long.
//
// Such a listing says more, though, where tags hold the time of the last write in microseconds (see movedMark). A first
// upload, which is asked for by itself, tells how far the server's clock is from the own one, as exactly as its request was
// short. By that clock the file of every other upload must have been written between the begin and the end of its own
// request: what is written by others afterwards is later than that, and found out. What remains is the way of the answer,
// and clockGrain, which is no longer than asking took. What does not fit is not taken for own: it is read and compared,
// see settlePut.
//
// Uploads of the same folder wait for each other, as long as they are small; nobody waits for a large one.
type confirmations struct {
	mu      sync.Mutex
	clock   serverClock
	folders map[string]*folderUploads // by the path on the server
}

// folderUploads are those of a folder that are under way, and those that wait to be confirmed.
type folderUploads struct {
	sending int
	waiting []*sentFile
}

// sentFile is one upload.
type sentFile struct {
	path, folder string
	parent       int64 // the row of the folder
	began, ended time.Time
	over         bool
	seen         chan *remote // nil: to be asked for alone
}

const (
	togetherMost = 1 << 20                // octets of a file that others wait for
	clockGrain   = 10 * time.Millisecond  // of the times of files: a tick of the server's kernel
	clockLasts   = 10 * time.Second       // how long two clocks are taken to run alike
	clockReach   = 250 * time.Millisecond // of a request that tells the server's clock exactly enough
	itemsPerAsk  = 25                     // items of a listing that cost as much as a request
)

// serverClock is how far the clock that a server dates files by is ahead of the own one.
type serverClock struct {
	learned  time.Time
	min, max time.Duration // since dawn
	doubted  bool          // it may have been set: what begins now is asked for alone
}

// dawn is the zero of the own clock, which never jumps.
var dawn = time.Now()

// learn takes in a file that was written at a moment of the server, within a request of our own. What is known more exactly
// stays for a while.
func (c *serverClock) learn(written, began, ended time.Time) {
	took := ended.Sub(began)
	if took > clockReach || written.UnixMicro()%1000 == 0 || // a server that counts no microseconds is never known
		!c.doubted && c.known(ended.Add(clockLasts/2)) && c.max-c.min < took {
		return
	}
	at := time.Duration(written.UnixMicro()) * time.Microsecond
	*c = serverClock{learned: ended, min: at - ended.Sub(dawn), max: at - began.Sub(dawn)}
}

// known reports whether the clock can be relied on at a moment.
func (c *serverClock) known(now time.Time) bool {
	return !c.learned.IsZero() && now.Sub(c.learned) < clockLasts
}

// within reports whether a moment of the server lies within a request.
func (c *serverClock) within(written, began, ended time.Time) bool {
	at := time.Duration(written.UnixMicro()) * time.Microsecond
	return c.known(ended) && at >= began.Sub(dawn)+c.min-clockGrain && at <= ended.Sub(dawn)+c.max+clockGrain
}

// writtenAt is the moment that a tag of the form "SIZE-MTIME" holds, see movedMark; false for others.
func writtenAt(tag string, size int64) (time.Time, bool) {
	opaque, quoted := strings.CutPrefix(strings.TrimPrefix(tag, "W/"), `"`)
	first, last, two := strings.Cut(strings.TrimSuffix(opaque, `"`), "-")
	n, err := strconv.ParseInt(first, 16, 64)
	if err != nil || !quoted || !two || n != size {
		return time.Time{}, false
	}
	micros, err := strconv.ParseInt(last, 16, 64)
	at := time.UnixMicro(micros)
	return at, err == nil && at.Year() >= 1990 && at.Year() <= 2200
}

// begin notes an upload. It must end with finish.
func (c *confirmations) begin(path string, parent, size int64) *sentFile {
	s := &sentFile{path: path, folder: files.Parent(path), parent: parent, began: time.Now()}
	c.mu.Lock()
	defer c.mu.Unlock()
	if size > togetherMost || c.clock.doubted || !c.clock.known(s.began) {
		return s
	}
	if c.folders == nil {
		c.folders = map[string]*folderUploads{}
	}
	f := c.folders[s.folder]
	if f == nil {
		f = &folderUploads{}
		c.folders[s.folder] = f
	}
	f.sending++
	s.seen = make(chan *remote, 1)
	return s
}

// finish notes the end of an upload; a second time it does nothing. whole says that the server has taken it, and that it waits to be confirmed. It
// gives all uploads of the folder that wait when this was the last one under way.
func (c *confirmations) finish(s *sentFile, whole bool) []*sentFile {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.over {
		return nil
	}
	s.over, s.ended = true, time.Now()
	if s.seen == nil {
		return nil
	}
	f := c.folders[s.folder]
	f.sending--
	if whole {
		f.waiting = append(f.waiting, s)
	}
	if f.sending > 0 {
		return nil
	}
	delete(c.folders, s.folder)
	return f.waiting
}

// judge takes what the server says of an upload that was asked for alone, right after it, or with others. It is false for
// a version that somebody else may have written.
func (c *confirmations) judge(s *sentFile, now *remote, alone bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	written, told := writtenAt(now.ETag, now.Size)
	if alone {
		if told {
			c.clock.learn(written, s.began, s.ended)
		}
		return true
	}
	if told && c.clock.within(written, s.began, s.ended) {
		return true
	}
	c.clock.doubted = true
	return false
}

// sent ends an upload without an answer that tells its tag, and gives what the server has now, nil for nothing. ours is
// false where that may be somebody else's.
func (w *Worker) sent(ctx context.Context, s *sentFile) (now *remote, ours bool, err error) {
	group := w.confirms.finish(s, true)
	if len(group) > 1 {
		w.confirmAll(ctx, group)
	}
	alone := s.seen == nil || len(group) == 1
	if !alone {
		select {
		case now = <-s.seen:
		case <-ctx.Done():
			return nil, false, ctx.Err()
		}
		if now != nil {
			return now, w.confirms.judge(s, now, false), nil
		}
	}
	now, err = w.stat(ctx, s.path, false)
	if err != nil || now == nil {
		return now, false, err
	}
	return now, w.confirms.judge(s, now, alone), nil
}

// failed ends an upload that is not to be confirmed, and serves those that have waited for its end.
func (w *Worker) failed(ctx context.Context, s *sentFile) {
	if group := w.confirms.finish(s, false); len(group) > 0 {
		w.confirmAll(context.WithoutCancel(ctx), group)
	}
}

// confirmAll asks for the uploads of a folder at once, unless the folder holds so much more that each is asked for alone.
func (w *Worker) confirmAll(ctx context.Context, group []*sentFile) {
	seen := map[string]*remote{}
	folder := group[0].folder
	n, err := w.db.CountIn(ctx, w.cfg.Account.ID, group[0].parent)
	if err == nil && n <= itemsPerAsk*len(group) {
		err = w.dav.Propfind(ctx, w.href(folder, true), dav.Depth1, propfindPlain, func(r dav.Response) error {
			path := strings.TrimSuffix(strings.TrimPrefix(r.Href, w.dav.Root()), "/")
			if it := item(r, path); it != nil {
				seen[path] = it
			}
			return nil
		})
		if err != nil {
			clear(seen) // each finds out why
		}
	}
	for _, s := range group {
		s.seen <- seen[s.path]
	}
}

// item is what an answer says of one item, nil where it says nothing.
func item(r dav.Response, path string) *remote {
	if r.Err != nil || r.Status/100 != 2 {
		return nil
	}
	sums := strings.Fields(r.Prop(propChecksums).Child(propChecksum).Value())
	return &remote{dir: r.IsCollection(), sums: sums, FileRemote: storage.FileRemote{
		Path: path, ETag: tag(r), FileID: r.Prop(propID).Value(), Modified: r.Modified().Truncate(time.Millisecond), Size: max(r.Length(), 0),
	}}
}
