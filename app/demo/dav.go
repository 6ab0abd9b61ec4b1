// SPDX-License-Identifier: EUPL-1.2

package demo

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/webdav"
)

// filesPath is where the files of all users lie, each below its name.
const filesPath = "/dav/files/"

// maxUpload bounds what is held in memory of one request.
const maxUpload = 1 << 30

// signedIn checks the password (RFC 7617) and hands on the user.
func (w *World) signedIn(next func(http.ResponseWriter, *http.Request, *User)) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		name, password, given := r.BasicAuth()
		u := w.user(name)
		if !given || u == nil || u.password() != password {
			rw.Header().Set("WWW-Authenticate", `Basic realm="Stadt", charset="UTF-8"`)
			http.Error(rw, "Sign in first", http.StatusUnauthorized)
			return
		}
		next(rw, r, u)
	})
}

// newFilesHandler serves each user's tree over WebDAV (RFC 4918).
func newFilesHandler(w *World) http.Handler {
	handlers := map[*User]*webdav.Handler{}
	for _, u := range w.users {
		handlers[u] = &webdav.Handler{Prefix: filesPath + u.Name, FileSystem: u.files, LockSystem: webdav.NewMemLS()}
	}
	return w.signedIn(func(rw http.ResponseWriter, r *http.Request, u *User) {
		h := handlers[u]
		if r.URL.Path != h.Prefix && !strings.HasPrefix(r.URL.Path, h.Prefix+"/") {
			http.Error(rw, "Not your files", http.StatusForbidden)
			return
		}
		if !changes(r.Method) {
			h.ServeHTTP(rw, r)
			return
		}
		change(rw, r, u, h)
	})
}

// change carries out one change at a time, after its preconditions (RFC 9110, section 13.1), which x/net/webdav ignores.
// An upload that breaks off changes nothing.
func change(rw http.ResponseWriter, r *http.Request, u *User, h *webdav.Handler) {
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, maxUpload))
	if err != nil {
		http.Error(rw, "The upload broke off", http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	u.changing.Lock()
	defer u.changing.Unlock()
	name := strings.TrimPrefix(r.URL.Path, h.Prefix)
	etag, exists := u.files.etag(name)
	if !preconditions(r, etag, exists) {
		http.Error(rw, "Precondition Failed", http.StatusPreconditionFailed)
		return
	}
	switch r.Method {
	case http.MethodPut:
		if info, known := u.files.peek(path.Dir(clean(name))); !known || !info.folder {
			http.Error(rw, "There is no such folder", http.StatusConflict)
			return
		}
		if info, known := u.files.peek(name); known && info.folder { // x/net/webdav says 404 (RFC 4918, section 9.7.2)
			http.Error(rw, "This is a folder", http.StatusMethodNotAllowed)
			return
		}
		if exists {
			rw = &replaced{ResponseWriter: rw}
		}
		h.ServeHTTP(rw, r)
		u.files.setModified(name, r.Header.Get("X-OC-Mtime"), rw.Header())
	case "MOVE":
		if r.Header.Get("Overwrite") == "" { // true by default (RFC 4918, section 10.6), which x/net/webdav forgets
			r.Header.Set("Overwrite", "T")
		}
		if parentMissing(u.files, r.Header.Get("Destination"), h.Prefix) {
			http.Error(rw, "There is no such folder", http.StatusConflict)
			return
		}
		h.ServeHTTP(rw, r)
	default:
		h.ServeHTTP(rw, r)
	}
}

// replaced says 204 where x/net/webdav says 201 although the file was there before (RFC 9110, section 9.3.4).
type replaced struct{ http.ResponseWriter }

// WriteHeader is part of http.ResponseWriter.
func (w *replaced) WriteHeader(status int) {
	if status == http.StatusCreated {
		status = http.StatusNoContent
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write is part of http.ResponseWriter. A 204 has no body, but x/net/webdav writes the words for its status.
func (w *replaced) Write(b []byte) (int, error) {
	if string(b) == webdav.StatusText(http.StatusCreated) {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

func parentMissing(t *tree, destination, prefix string) bool {
	u, err := url.Parse(destination)
	if err != nil || !strings.HasPrefix(u.Path, prefix+"/") {
		return false // x/net/webdav answers that
	}
	_, known := t.peek(path.Dir(clean(strings.TrimPrefix(u.Path, prefix))))
	return !known
}

// preconditions decides If-Match and If-None-Match by strong comparison.
func preconditions(r *http.Request, etag string, exists bool) bool {
	if want := r.Header.Get("If-Match"); want != "" && (!exists || !listed(want, etag)) {
		return false
	}
	if not := r.Header.Get("If-None-Match"); not != "" && exists && listed(not, etag) {
		return false
	}
	return true
}

func listed(header, etag string) bool {
	for _, one := range strings.Split(header, ",") {
		if one = strings.TrimSpace(one); one == "*" || one == etag {
			return true
		}
	}
	return false
}

func (t *tree) peek(name string) (*info, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := t.findLocked(name)
	if n == nil {
		return nil, false
	}
	return n.infoLocked(path.Base(clean(name))), true
}

func (t *tree) etag(name string) (string, bool) {
	i, ok := t.peek(name)
	if !ok {
		return "", false
	}
	return i.etag, true
}

// setModified takes over the client's time of change, as ownCloud's servers do.
func (t *tree) setModified(name, seconds string, answer http.Header) {
	unix, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := t.findLocked(name); n != nil {
		n.modified = time.Unix(unix, 0)
		answer.Set("X-OC-MTime", "accepted")
	}
}

func typeOf(name string) string {
	return map[string]string{
		".pdf": "application/pdf", ".png": "image/png", ".csv": "text/csv; charset=utf-8", ".txt": "text/plain; charset=utf-8",
		".md": "text/markdown; charset=utf-8", ".odt": "application/vnd.oasis.opendocument.text", ".ics": "text/calendar; charset=utf-8",
		".ods": "application/vnd.oasis.opendocument.spreadsheet", ".odp": "application/vnd.oasis.opendocument.presentation",
		".html": "text/html; charset=utf-8", ".eml": "message/rfc822", ".zip": "application/zip", ".svg": "image/svg+xml",
	}[strings.ToLower(path.Ext(name))]
}
