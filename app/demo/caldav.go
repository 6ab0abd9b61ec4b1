// SPDX-License-Identifier: EUPL-1.2

package demo

import (
	"io"
	"net/http"
	"net/url"
	"strings"
)

// tasksPath is the context path of the CalDAV server; /.well-known/caldav leads to it (RFC 6764, section 5).
const tasksPath = "/caldav/"

// maxObject is the size of the largest calendar object, in octets.
const maxObject = 10 << 20

// place is what an address of the CalDAV server means.
type place struct {
	path   string
	kind   string // "root", "principal", "home", "list" or "object"
	slug   string // of the list
	name   string // of the object
	list   *calendar
	object *object
}

func principalPath(u *User) string { return tasksPath + "principals/" + u.Name + "/" }
func homePath(u *User) string      { return tasksPath + "calendars/" + u.Name + "/" }

// placeLocked finds what a path means, also for a list or object that is not there yet.
func placeLocked(u *User, path string) (place, bool) {
	p := place{path: path}
	switch strings.TrimSuffix(path, "/") + "/" {
	case "/", tasksPath:
		p.kind = "root"
		return p, true
	case principalPath(u):
		p.kind, p.path = "principal", principalPath(u)
		return p, true
	case homePath(u):
		p.kind, p.path = "home", homePath(u)
		return p, true
	}
	rest, below := strings.CutPrefix(path, homePath(u))
	if !below {
		return p, false
	}
	slug, name, _ := strings.Cut(rest, "/")
	p.slug, p.name, p.list = slug, name, u.tasks.lists[slug]
	switch {
	case strings.Contains(name, "/"):
		return p, false
	case name == "":
		p.kind, p.path = "list", homePath(u)+slug+"/"
	default:
		p.kind = "object"
		if p.list != nil {
			p.object = p.list.objects[name]
		}
	}
	return p, true
}

// newTasksHandler serves each user's calendars over CalDAV (RFC 4791).
func newTasksHandler(w *World) http.Handler {
	signedIn := w.signedIn(serveTasks)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.TrimSuffix(r.URL.Path, "/") == "/.well-known/caldav" {
			http.Redirect(rw, r, tasksPath, http.StatusMovedPermanently)
			return
		}
		signedIn.ServeHTTP(rw, r)
	})
}

func serveTasks(w http.ResponseWriter, r *http.Request, u *User) {
	w.Header().Set("DAV", "1, 3, access-control, calendar-access, extended-mkcol")
	if r.Method == http.MethodOptions {
		w.Header().Set("Allow", "OPTIONS, GET, HEAD, PUT, DELETE, MOVE, PROPFIND, PROPPATCH, REPORT, MKCALENDAR, MKCOL")
		w.WriteHeader(http.StatusOK)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxUpload))
	if err != nil {
		http.Error(w, "The request broke off", http.StatusBadRequest)
		return
	}
	u.tasks.mu.Lock()
	defer u.tasks.mu.Unlock()
	p, ok := placeLocked(u, r.URL.Path)
	if !ok {
		http.NotFound(w, r)
		return
	}
	if !here(r.Method, p) {
		http.NotFound(w, r)
		return
	}
	switch r.Method {
	case "PROPFIND":
		propfindLocked(w, r, u, p, body)
	case "REPORT":
		reportLocked(w, u, p, body)
	case "PROPPATCH":
		proppatchLocked(w, p, body)
	case "MKCALENDAR", "MKCOL":
		makeLocked(w, u, p, body)
	case http.MethodGet, http.MethodHead:
		getLocked(w, r, p)
	case http.MethodPut:
		putLocked(w, r, u, p, body)
	case http.MethodDelete:
		deleteLocked(w, r, u, p)
	case "MOVE":
		moveLocked(w, r, u, p)
	default:
		http.Error(w, "Method Not Allowed", http.StatusMethodNotAllowed)
	}
}

// here reports whether there is something at the place, where the method needs that.
func here(method string, p place) bool {
	switch {
	case method == "MKCALENDAR" || method == "MKCOL" || method == http.MethodPut:
		return true
	case p.kind == "list":
		return p.list != nil
	case p.kind == "object":
		return p.object != nil || (p.list != nil && method == http.MethodDelete)
	}
	return true
}

func getLocked(w http.ResponseWriter, r *http.Request, p place) {
	switch p.kind {
	case "object":
		w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
		w.Header().Set("ETag", p.object.etag())
		if r.Method == http.MethodGet {
			_, _ = w.Write(p.object.text)
		}
	case "list":
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, p.list.name+"\n")
	default:
		http.Error(w, "Method Not Allowed", http.StatusMethodNotAllowed)
	}
}

// conditionsLocked decides the preconditions of a change to an object.
func conditionsLocked(w http.ResponseWriter, r *http.Request, o *object) bool {
	etag := ""
	if o != nil {
		etag = o.etag()
	}
	if preconditions(r, etag, o != nil) {
		return true
	}
	http.Error(w, "Precondition Failed", http.StatusPreconditionFailed)
	return false
}

func putLocked(w http.ResponseWriter, r *http.Request, u *User, p place, body []byte) {
	switch {
	case p.kind != "object":
		http.Error(w, "Method Not Allowed", http.StatusMethodNotAllowed)
		return
	case p.list == nil:
		http.Error(w, "There is no such list", http.StatusConflict)
		return
	case !conditionsLocked(w, r, p.object):
		return
	case len(body) > maxObject:
		refuse(w, http.StatusForbidden, cal("max-resource-size", ""))
		return
	}
	uid, err := checkObject(body)
	if err != nil {
		refuse(w, http.StatusForbidden, cal("valid-calendar-data", ""))
		return
	}
	if other := p.list.uidLocked(uid); other != "" && other != p.name {
		refuse(w, http.StatusForbidden, cal("no-uid-conflict", href(homePath(u)+p.slug+"/"+other)))
		return
	}
	status := http.StatusNoContent
	if p.object == nil {
		status = http.StatusCreated
	}
	w.Header().Set("ETag", p.list.putLocked(p.name, body).etag())
	w.WriteHeader(status)
}

func deleteLocked(w http.ResponseWriter, r *http.Request, u *User, p place) {
	switch {
	case p.kind == "list":
		delete(u.tasks.lists, p.slug)
	case p.kind != "object":
		http.Error(w, "Forbidden", http.StatusForbidden)
		return
	case !conditionsLocked(w, r, p.object):
		return
	case p.object == nil:
		http.Error(w, "Not Found", http.StatusNotFound)
		return
	default:
		p.list.removeLocked(p.name)
	}
	w.WriteHeader(http.StatusNoContent)
}

func moveLocked(w http.ResponseWriter, r *http.Request, u *User, p place) {
	dest, err := url.Parse(r.Header.Get("Destination"))
	if err != nil || (dest.Host != "" && dest.Host != r.Host) {
		http.Error(w, "Bad Gateway", http.StatusBadGateway)
		return
	}
	to, ok := placeLocked(u, dest.Path)
	switch {
	case p.kind != "object" || !ok || to.kind != "object":
		http.Error(w, "Forbidden", http.StatusForbidden)
		return
	case to.list == nil:
		http.Error(w, "There is no such list", http.StatusConflict)
		return
	case !conditionsLocked(w, r, p.object):
		return
	case to.object != nil && r.Header.Get("Overwrite") == "F":
		http.Error(w, "Precondition Failed", http.StatusPreconditionFailed)
		return
	}
	status := http.StatusCreated
	if to.object != nil {
		status = http.StatusNoContent
	}
	p.list.removeLocked(p.name)
	w.Header().Set("ETag", to.list.putLocked(to.name, p.object.text).etag())
	w.WriteHeader(status)
}
