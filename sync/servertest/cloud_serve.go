// SPDX-License-Identifier: EUPL-1.2

package servertest

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// cloudSession is the name of the cookie that spares the server the password.
const cloudSession = "nc_session_id"

// cut is a body that has arrived in part.
type cut struct {
	io.Reader
	err error
}

// Read is part of io.Reader.
func (c *cut) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	if errors.Is(err, io.EOF) && c.err != nil {
		err = c.err
	}
	return n, err
}

// Close is part of io.Closer.
func (c *cut) Close() error { return nil }

// serve answers one request at a time, as soon as all of it has arrived.
func (c *CloudServer) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	r.Body = &cut{bytes.NewReader(body), err}
	fault := c.faultOf(r)
	switch fault {
	case FaultNone:
		c.act(w, r)
	case FaultBefore:
		panic(http.ErrAbortHandler)
	case FaultAfter:
		c.act(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	case FaultCut:
		whole := httptest.NewRecorder()
		c.act(whole, r)
		maps.Copy(w.Header(), whole.Header())
		w.Header().Set("Content-Length", strconv.Itoa(whole.Body.Len()))
		w.WriteHeader(whole.Code)
		_, _ = w.Write(whole.Body.Bytes()[:whole.Body.Len()/2])
		_ = http.NewResponseController(w).Flush() // else the client sees no answer at all, and asks again
		panic(http.ErrAbortHandler)
	}
}

// act carries a request out.
func (c *CloudServer) act(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := strings.TrimPrefix(r.URL.Path, c.opts.Subfolder)
	if r.Method != http.MethodOptions {
		c.requests = append(c.requests, r.Method+" "+p)
	}
	switch {
	case p == "/status.php":
		c.status(w)
	case c.closed:
		w.Header().Set("Retry-After", "120")
		w.Header().Set("X-Nextcloud-Maintenance-Mode", "1")
		fail(w, http.StatusServiceUnavailable, "System in maintenance mode.")
	case strings.HasPrefix(p, "/index.php/login/v2"):
		c.login(w, r, strings.TrimPrefix(p, "/index.php/login/v2"))
	case !c.signedIn(w, r):
	case strings.HasPrefix(p, "/ocs/v2.php/"):
		c.ocs(w, r, strings.TrimPrefix(p, "/ocs/v2.php/"))
	case strings.HasPrefix(p, "/remote.php/dav/"):
		c.dav(w, r, strings.TrimPrefix(p, "/remote.php/dav/"))
	case strings.HasPrefix(p, "/remote.php/webdav"):
		c.files(w, r, strings.Trim(strings.TrimPrefix(p, "/remote.php/webdav"), "/"))
	default:
		http.NotFound(w, r)
	}
}

func (c *CloudServer) faultOf(r *http.Request) CloudFault {
	c.mu.Lock()
	fault := c.fault
	c.mu.Unlock()
	if fault == nil {
		return FaultNone
	}
	c.faults.Lock()
	defer c.faults.Unlock()
	return fault(r)
}

// dav hands a request to the part of the tree of users that it is about.
func (c *CloudServer) dav(w http.ResponseWriter, r *http.Request, p string) {
	head, rest, _ := strings.Cut(p, "/")
	user, rest, _ := strings.Cut(rest, "/")
	rest = strings.Trim(rest, "/")
	switch {
	case head == "bulk" && r.Method == http.MethodPost && !c.opts.NoBulk && !c.opts.OwnCloud:
		c.bulk(w, r)
	case user != User:
		fail(w, http.StatusNotFound, "Principal not found")
	case head == "files":
		c.files(w, r, rest)
	case head == "uploads" && !c.opts.NoChunks:
		c.upload(w, r, rest)
	case head == "trashbin" && !c.opts.NoTrash:
		c.bin(w, r, rest)
	case head == "versions" && !c.opts.NoVersions:
		c.versions(w, r, rest)
	default:
		fail(w, http.StatusNotFound, "File not found")
	}
}

// status is status.php, which answers without signing in, also in maintenance mode.
func (c *CloudServer) status(w http.ResponseWriter) {
	if c.opts.Hidden {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	product, version, full := "Nextcloud", "32.0.1", "32.0.1.2"
	if c.opts.OwnCloud {
		product, version, full = "ownCloud", "10.15.0", "10.15.0.2"
	}
	answer(w, http.StatusOK, map[string]any{
		"installed": true, "maintenance": c.closed, "needsDbUpgrade": false, "version": full, "versionstring": version,
		"edition": "", "productname": product, "extendedSupport": false,
	})
}

// signedIn checks who asks: a session spares the password, an app's password is cheap, the person's own is slow.
func (c *CloudServer) signedIn(w http.ResponseWriter, r *http.Request) bool {
	user, password, given := r.BasicAuth()
	if cookie, err := r.Cookie(cloudSession); err == nil && c.sessions[cookie.Value] && given && user == User {
		return true
	}
	switch {
	case given && user == User && c.apps[password]:
	case given && user == User && password == Password:
		c.logins++
	default:
		w.Header().Set("WWW-Authenticate", `Basic realm="Nextcloud", charset="UTF-8"`)
		fail(w, http.StatusUnauthorized, "No public access to this resource., Username or password was incorrect")
		return false
	}
	id := rand.Text()
	c.sessions[id] = true
	http.SetCookie(w, &http.Cookie{Name: cloudSession, Value: id, Path: "/", HttpOnly: true})
	return true
}

// fail writes an error like sabre/dav does.
func fail(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<d:error xmlns:d=\"DAV:\" xmlns:s=\"http://sabredav.org/ns\">\n  <s:exception>Sabre\\DAV\\Exception</s:exception>\n  <s:message>%s</s:message>\n</d:error>\n", message)
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// cloudFlow is one Login Flow v2.
type cloudFlow struct {
	approved, done bool
}

// login is Login Flow v2: a client asks for an address to sign in at, and polls until the person has done so there.
func (c *CloudServer) login(w http.ResponseWriter, r *http.Request, p string) {
	switch {
	case r.Method == http.MethodPost && p == "":
		token := rand.Text()
		c.flows[token] = &cloudFlow{}
		answer(w, http.StatusOK, map[string]any{
			"poll":  map[string]string{"token": token, "endpoint": c.Base + "index.php/login/v2/poll"},
			"login": c.Base + "index.php/login/v2/flow/" + rand.Text(),
		})
	case r.Method == http.MethodPost && p == "/poll":
		flow := c.flows[r.FormValue("token")]
		if flow == nil || !flow.approved || flow.done {
			answer(w, http.StatusNotFound, []string{})
			return
		}
		flow.done = true
		password := rand.Text()
		c.apps[password] = true
		answer(w, http.StatusOK, map[string]string{"server": strings.TrimSuffix(c.Base, "/"), "loginName": User, "appPassword": password})
	default:
		http.NotFound(w, r)
	}
}

// Approve is what a person does in the browser: all that ask for a password now get one.
func (c *CloudServer) Approve() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.flows {
		f.approved = true
	}
}

// IsAppPassword reports whether a password was given out by Login Flow v2.
func (c *CloudServer) IsAppPassword(password string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.apps[password]
}

// target reads the path below a part of the tree that a Destination header names.
func (c *CloudServer) target(r *http.Request, part string) (string, bool) {
	u, err := url.Parse(r.Header.Get("Destination"))
	if err != nil {
		return "", false
	}
	p := strings.TrimPrefix(u.Path, c.opts.Subfolder)
	for _, prefix := range []string{"/remote.php/dav/" + part + "/" + User + "/", "/remote.php/webdav/"} {
		if rest, ok := strings.CutPrefix(p, prefix); ok && (part == "files" || !strings.Contains(prefix, "webdav")) {
			return composed(strings.Trim(rest, "/")), true
		}
	}
	return "", false
}

// seconds reads a time in seconds, with nine digits of a fraction or none.
func seconds(value string) (time.Time, bool) {
	whole, fraction, _ := strings.Cut(value, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	nanos, _ := strconv.ParseInt(fraction, 10, 64) // none is none
	return time.Unix(max(n, 0), nanos), true
}
