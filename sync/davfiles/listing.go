// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"kontor/app/files"
	"kontor/storage"
	"kontor/sync/dav"
	"kontor/sync/transport"
)

const propfind = `<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:" xmlns:oc="http://owncloud.org/ns"><D:prop>` +
	`<D:resourcetype/><D:getetag/><D:getcontentlength/><D:getlastmodified/><oc:id/><oc:permissions/></D:prop></D:propfind>`

// propfindPlain asks a server that gives its root no identity: it knows of no others either, and would say so for each item.
const propfindPlain = `<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:"><D:prop>` +
	`<D:resourcetype/><D:getetag/><D:getcontentlength/><D:getlastmodified/></D:prop></D:propfind>`

// propfindOne asks about one item, also for what would make a listing long.
const propfindOne = `<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:" xmlns:oc="http://owncloud.org/ns"><D:prop>` +
	`<D:resourcetype/><D:getetag/><D:getcontentlength/><D:getlastmodified/><oc:id/><oc:checksums/></D:prop></D:propfind>`

const propfindRoot = `<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:" xmlns:oc="http://owncloud.org/ns"><D:prop>` +
	`<D:resourcetype/><D:getetag/><oc:id/><D:quota-used-bytes/><D:quota-available-bytes/></D:prop></D:propfind>`

// probePrefix begins the names of the files that a server is probed with.
const probePrefix = "kontor-probe-"

var (
	propID          = xml.Name{Space: "http://owncloud.org/ns", Local: "id"}
	propPermissions = xml.Name{Space: "http://owncloud.org/ns", Local: "permissions"}
	propChecksums   = xml.Name{Space: "http://owncloud.org/ns", Local: "checksums"}
	propChecksum    = xml.Name{Space: "http://owncloud.org/ns", Local: "checksum"}
)

// remote is one item on the server.
type remote struct {
	storage.FileRemote
	dir  bool
	sums []string // checksums as "SHA1:...", where stat has asked and the server keeps them
}

// listing is what the server said about the whole tree. Folders in unlisted could not be read.
type listing struct {
	items    map[string]*remote // by path
	unlisted []string
	rootETag string
	rootID   string
	used     int64
	free     int64
	same     bool // the root's ETag says that nothing changed since the last complete listing
}

// lister walks the tree of a server, several folders at a time.
type lister struct {
	w    *Worker
	root string
	mu   sync.Mutex
	out  *listing
	err  error // that ends the whole run
	wg   sync.WaitGroup
	sem  chan struct{}
}

// list reads the tree of the server: not at all where the root's ETag vouches for everything below it, in one answer
// where the server allows that, else folder by folder. answers is called as soon as the server has answered once, nil for
// nothing: the password is known by then, whose key takes much memory.
func (w *Worker) list(ctx context.Context, known storage.FileServer, answers func(context.Context)) (*listing, error) {
	out := &listing{items: map[string]*remote{}, used: -1, free: -1}
	if err := w.listRoot(ctx, out); err != nil {
		return nil, err
	}
	if answers != nil {
		answers(ctx)
	}
	known, err := w.discover(ctx, known, out.rootID)
	if err != nil {
		return nil, err
	}
	if known.Propagates == storage.AnswerYes && out.rootID == known.RootID && out.rootETag != "" && out.rootETag == known.RootETag {
		out.same = true
		return out, nil
	}
	l := &lister{w: w, root: w.dav.Root(), out: out, sem: make(chan struct{}, parallel)}
	if vouched(known, out) {
		if err := l.changes(ctx, known); err != nil {
			return nil, err
		}
		return out, nil
	}
	if known.Infinity != storage.AnswerNo {
		done, err := l.infinity(ctx, known)
		if err != nil {
			return nil, err // nothing may be concluded from what it lacks
		}
		if done {
			return out, nil
		}
	}
	l.walk(ctx, "")
	l.wg.Wait()
	if l.err != nil {
		return nil, l.err
	}
	return out, ctx.Err()
}

func (w *Worker) listRoot(ctx context.Context, out *listing) error {
	return w.dav.Propfind(ctx, w.dav.Root(), dav.Depth0, propfindRoot, func(r dav.Response) error {
		if r.Err != nil {
			return r.Err
		}
		if !r.IsCollection() {
			return fmt.Errorf("the address of the files is not a folder: %w", transport.ErrServer)
		}
		out.rootETag, out.rootID = r.ETag(), r.Prop(propID).Value()
		out.used, out.free = quota(r, "quota-used-bytes"), quota(r, "quota-available-bytes")
		return nil
	})
}

func quota(r dav.Response, name string) int64 {
	n, err := strconv.ParseInt(r.Prop(dav.Name(name)).Value(), 10, 64)
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// infinity tries to read everything in one answer, and remembers whether the server allows that.
func (l *lister) infinity(ctx context.Context, known storage.FileServer) (bool, error) {
	children := map[string]bool{}
	err := l.read(ctx, "", dav.DepthInfinity, func(path string, _ *remote) {
		children[files.Parent(path)] = true
	})
	answer := storage.AnswerYes
	switch {
	case err == nil && known.Infinity == storage.AnswerUnknown && !l.believe(ctx, children):
		answer = storage.AnswerNo
	case dav.IsStatus(err, http.StatusForbidden, http.StatusBadRequest, http.StatusNotImplemented, http.StatusMethodNotAllowed),
		errors.Is(err, dav.ErrListing) && !transport.IsConnectionError(err):
		answer = storage.AnswerNo
	case err != nil:
		return false, err
	}
	if answer == storage.AnswerNo {
		clear(l.out.items)
		l.out.unlisted = nil
	}
	if answer != known.Infinity {
		if err := l.w.disk.updateServer(ctx, func(s *storage.FileServer) { s.Infinity = answer }); err != nil {
			return false, err
		}
	}
	return answer == storage.AnswerYes, nil
}

// believe makes sure that the server did not take "infinity" for "1": a folder that seems empty must be.
func (l *lister) believe(ctx context.Context, children map[string]bool) bool {
	checked := 0
	for path, it := range l.out.items {
		if !it.dir || children[path] {
			continue
		}
		n := 0
		err := l.w.dav.Propfind(ctx, l.href(path, true), dav.Depth1, propfind, func(dav.Response) error {
			n++
			return nil
		})
		if err != nil || n > 1 {
			return false
		}
		if checked++; checked == 2 {
			break
		}
	}
	return true
}

// walk reads a folder and everything below it. A folder that cannot be read is noted, the others go on.
func (l *lister) walk(ctx context.Context, path string) {
	l.wg.Add(1)
	go func() {
		defer l.wg.Done()
		l.sem <- struct{}{}
		if l.failed() {
			<-l.sem
			return
		}
		var folders []string
		err := l.read(ctx, path, dav.Depth1, func(p string, it *remote) {
			if it.dir {
				folders = append(folders, p)
			}
		})
		<-l.sem
		if err != nil {
			l.fail(path, err)
			return
		}
		for _, f := range folders {
			l.walk(ctx, f)
		}
	}()
}

func (l *lister) failed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err != nil
}

// fail decides whether an error is about one folder or about the connection.
func (l *lister) fail(path string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if path != "" && (dav.IsStatus(err, 400, 403, 404, 409, 423, 500, 502, 507) || errors.Is(err, dav.ErrListing) && !transport.IsConnectionError(err)) {
		l.w.log.Info("a folder could not be listed", slog.Any("error", err))
		l.out.unlisted = append(l.out.unlisted, path)
		return
	}
	if l.err == nil {
		l.err = err
	}
}

func (l *lister) href(path string, dir bool) string { return l.w.href(path, dir) }

// href is the address of a path on the server.
func (w *Worker) href(path string, dir bool) string {
	if path == "" {
		return w.dav.Root()
	}
	if dir {
		path += "/"
	}
	return w.dav.Root() + path
}

// read sends one PROPFIND and stores what it names. Items with an address that cannot be used make their folder unlisted.
func (l *lister) read(ctx context.Context, folder string, depth dav.Depth, each func(string, *remote)) error {
	body := propfind
	if l.out.rootID == "" {
		body = propfindPlain
	}
	return l.w.dav.Propfind(ctx, l.href(folder, true), depth, body, func(r dav.Response) error {
		path, ok := strings.CutPrefix(r.Href, l.root)
		path = strings.TrimSuffix(path, "/")
		if r.Href+"/" == l.root {
			path, ok = "", true
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		if r.Err != nil || !ok || (path != "" && !files.Within(path, folder)) || !utf8.ValidString(path) {
			l.w.log.Info("the server named an address that cannot be used")
			l.out.unlisted = append(l.out.unlisted, folder)
			return nil
		}
		if r.Status/100 != 2 {
			l.out.unlisted = append(l.out.unlisted, path)
			return nil
		}
		if path == folder || skip(path) {
			return nil
		}
		it := &remote{dir: r.IsCollection(), FileRemote: storage.FileRemote{Path: path, ETag: tag(r), FileID: r.Prop(propID).Value(), Modified: r.Modified()}}
		if it.Size = r.Length(); it.dir || it.Size < 0 {
			it.Size = 0
		}
		if p := r.Prop(propPermissions); p != nil {
			it.ReadOnly = !strings.ContainsAny(p.Text, "WC")
		}
		l.out.items[path] = it
		each(path, it)
		return nil
	})
}

func skip(path string) bool {
	name := files.Base(path)
	return name == files.MarkerName || strings.HasPrefix(name, files.TempPrefix) || strings.HasPrefix(name, probePrefix)
}

// tag is what tells versions of a file apart: the ETag, or size and time on a server without.
func tag(r dav.Response) string {
	if t := r.ETag(); t != "" || r.IsCollection() {
		return t
	}
	return fmt.Sprintf("W/%d-%d", r.Length(), r.Modified().Unix())
}

// stat asks for one item; nil where it is not there.
func (w *Worker) stat(ctx context.Context, path string, dir bool) (*remote, error) {
	var it *remote
	err := w.dav.Propfind(ctx, w.href(path, dir), dav.Depth0, propfindOne, func(r dav.Response) error {
		it = item(r, path) // the server's word about one item is no failed answer
		return nil
	})
	if dav.IsStatus(err, http.StatusNotFound, http.StatusGone) {
		return nil, nil
	}
	return it, err
}

// shown is the path in the composition that rows use (NFC), whatever the server stores.
func shown(path string) string { return norm.NFC.String(path) }
