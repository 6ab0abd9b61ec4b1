// SPDX-License-Identifier: EUPL-1.2

package servertest

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
)

func (it *cloudItem) etag() string { return fmt.Sprintf(`"%032x"`, it.tag) }

func (c *CloudServer) fileID(it *cloudItem) string { return fmt.Sprintf("%08d%s", it.id, c.instance) }

// allowed reports whether an item has a letter of oc:permissions.
func (it *cloudItem) allowed(letters string) bool {
	return it.perms == "" || strings.ContainsAny(it.perms, letters)
}

// files is the tree of the user's files.
func (c *CloudServer) files(w http.ResponseWriter, r *http.Request, p string) {
	p = composed(p)
	it := c.items[p]
	switch {
	case r.Method == http.MethodOptions:
		w.Header().Set("DAV", "1, 3, extended-mkcol, access-control, nextcloud-checksum-update, nc-calendar-search")
	case !c.condition(r, p):
		fail(w, http.StatusPreconditionFailed, "An If-Match header was specified, but none of the specified the ETags matched.")
	case c.locked[p] && r.Method != "PROPFIND" && r.Method != http.MethodGet:
		fail(w, http.StatusLocked, "The file is locked")
	case r.Method == http.MethodPut:
		c.serveStore(w, r, p, it)
	case r.Method == "MKCOL":
		c.serveMkcol(w, p, it)
	case r.Method == "LOCK" || r.Method == "UNLOCK":
		fail(w, http.StatusNotImplemented, "There was no plugin in the system that was willing to handle this LOCK method.")
	case r.Method == "REPORT":
		fail(w, http.StatusUnsupportedMediaType, "The {DAV:}sync-collection REPORT is not supported on this url.")
	case it == nil:
		fail(w, http.StatusNotFound, "File not found")
	case r.Method == "PROPFIND":
		c.propfind(w, r, p)
	case r.Method == http.MethodGet && !it.dir:
		w.Header().Set("ETag", it.etag())
		w.Header().Set("OC-ETag", it.etag())
		if it.sum != "" {
			w.Header().Set("OC-Checksum", it.sum)
		}
		http.ServeContent(w, r, "", it.at, strings.NewReader(it.content))
	case r.Method == http.MethodDelete:
		c.serveDelete(w, p, it)
	case r.Method == "MOVE":
		c.serveMove(w, r, p, it)
	default:
		fail(w, http.StatusMethodNotAllowed, "Method not allowed")
	}
}

// condition looks at If-Match and If-None-Match about the item itself, and at an If header about any (RFC 4918, 10.4.2).
func (c *CloudServer) condition(r *http.Request, p string) bool {
	it := c.items[p]
	if m := r.Header.Get("If-Match"); m != "" && (it == nil || (m != "*" && m != it.etag())) {
		return false
	}
	if r.Header.Get("If-None-Match") == "*" && it != nil {
		return false
	}
	tagged := r.Header.Get("If")
	if tagged == "" {
		return true
	}
	resource, list, ok := strings.Cut(strings.TrimPrefix(tagged, "<"), "> ")
	u, err := url.Parse(resource)
	if !ok || err != nil {
		return false
	}
	other := c.items[composed(strings.Trim(strings.TrimPrefix(u.Path, c.opts.Subfolder+"/remote.php/dav/files/"+User), "/"))]
	return other != nil && list == "(["+other.etag()+"])"
}

// refused says why nothing can be written at a path; 0 where it can.
func (c *CloudServer) refused(p string, size int64) int {
	it, folder, name := c.items[p], c.items[up(p)], path.Base(p)
	old := int64(0)
	if it != nil {
		old = int64(len(it.content))
	}
	switch {
	case folder == nil || !folder.dir:
		return http.StatusConflict
	case it != nil && it.dir:
		return http.StatusConflict
	case c.locked[p]:
		return http.StatusLocked
	case strings.HasSuffix(name, ".part"):
		return http.StatusBadRequest
	case name == ".htaccess", it == nil && !folder.allowed("C"), it != nil && !it.allowed("W"):
		return http.StatusForbidden
	case !c.room(size - old):
		return http.StatusInsufficientStorage
	}
	return 0
}

func (c *CloudServer) serveStore(w http.ResponseWriter, r *http.Request, p string, it *cloudItem) {
	if status := c.refused(p, max(r.ContentLength, 0)); status != 0 {
		fail(w, status, http.StatusText(status))
		return
	}
	b, err := io.ReadAll(r.Body)
	if err != nil {
		fail(w, http.StatusBadRequest, "Expected filesize of bytes but read and wrote less.")
		return
	}
	c.arrived(w, r, p, string(b), it == nil)
}

// arrived stores content that is there as a whole and answers as for a PUT.
func (c *CloudServer) arrived(w http.ResponseWriter, r *http.Request, p, content string, created bool) {
	it := c.put(p, content)
	it.author = User
	it.sum = r.Header.Get("OC-Checksum")
	if at, ok := seconds(r.Header.Get("X-OC-Mtime")); ok {
		it.at = at.UTC()
		if c.opts.TagOfTime {
			it.tag = int(at.UnixNano())
		}
		w.Header().Set("X-OC-MTime", "accepted")
	}
	c.told(w, it)
	w.Header().Set("ETag", it.etag())
	if created {
		w.WriteHeader(http.StatusCreated)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// told sends what a client needs to know of an item that was made or moved.
func (c *CloudServer) told(w http.ResponseWriter, it *cloudItem) {
	w.Header().Set("OC-FileId", c.fileID(it))
	w.Header().Set("OC-ETag", it.etag())
}

func (c *CloudServer) serveMkcol(w http.ResponseWriter, p string, it *cloudItem) {
	folder := c.items[up(p)]
	switch {
	case it != nil:
		fail(w, http.StatusMethodNotAllowed, "The resource you tried to create already exists")
	case folder == nil || !folder.dir:
		fail(w, http.StatusConflict, "Parent node does not exist")
	case !folder.allowed("K"):
		fail(w, http.StatusForbidden, "")
	default:
		c.mkdir(p)
		c.told(w, c.items[p])
		w.WriteHeader(http.StatusCreated)
	}
}

func (c *CloudServer) serveDelete(w http.ResponseWriter, p string, it *cloudItem) {
	if p == "" || !it.allowed("D") {
		fail(w, http.StatusForbidden, "")
		return
	}
	c.remove(p)
	w.WriteHeader(http.StatusNoContent)
}

func (c *CloudServer) serveMove(w http.ResponseWriter, r *http.Request, p string, it *cloudItem) {
	to, ok := c.target(r, "files")
	folder, there := c.items[up(to)], c.items[to]
	switch {
	case !ok || to == "" || within(to, p), !it.allowed("NV"):
		fail(w, http.StatusForbidden, "")
	case folder == nil || !folder.dir:
		fail(w, http.StatusConflict, "The destination node is not found")
	case there != nil && r.Header.Get("Overwrite") == "F":
		fail(w, http.StatusPreconditionFailed, "The destination node already exists, and the overwrite header is set to false")
	default:
		if there != nil {
			c.remove(to)
		}
		c.move(p, to)
		c.told(w, it)
		w.WriteHeader(http.StatusCreated)
	}
}

// namespaces are the prefixes that answers use.
var namespaces = map[string]string{"DAV:": "d", "http://owncloud.org/ns": "oc", "http://nextcloud.org/ns": "nc"}

// asked reads the names of the properties that a PROPFIND wants, as prefix:local.
func asked(r *http.Request) []string {
	var body struct {
		Prop struct {
			Names []struct{ XMLName xml.Name } `xml:",any"`
		} `xml:"DAV: prop"`
	}
	if err := xml.NewDecoder(r.Body).Decode(&body); err != nil {
		return []string{"d:resourcetype", "d:getetag", "d:getcontentlength", "d:getlastmodified"}
	}
	var all []string
	for _, n := range body.Prop.Names {
		all = append(all, namespaces[n.XMLName.Space]+":"+n.XMLName.Local)
	}
	return all
}

// entry is one response of a multistatus answer: the address below the server and its properties in XML.
type entry struct {
	href  string
	props map[string]string
}

// multistatus answers with what was asked for; properties that an item lacks come with 404.
func (c *CloudServer) multistatus(w http.ResponseWriter, names []string, entries []entry) {
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	w.WriteHeader(http.StatusMultiStatus)
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns">`)
	for _, e := range entries {
		var have, lack strings.Builder
		for _, n := range names {
			if v, ok := e.props[n]; ok {
				fmt.Fprintf(&have, "<%s>%s</%s>", n, v, n)
			} else {
				fmt.Fprintf(&lack, "<%s/>", n)
			}
		}
		fmt.Fprintf(&b, "<d:response><d:href>%s</d:href><d:propstat><d:prop>%s</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>",
			escape((&url.URL{Path: c.opts.Subfolder + e.href}).EscapedPath()), have.String())
		if lack.Len() > 0 {
			fmt.Fprintf(&b, "<d:propstat><d:prop>%s</d:prop><d:status>HTTP/1.1 404 Not Found</d:status></d:propstat>", lack.String())
		}
		b.WriteString("</d:response>")
	}
	b.WriteString("</d:multistatus>")
	_, _ = io.WriteString(w, b.String())
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

func (c *CloudServer) propfind(w http.ResponseWriter, r *http.Request, p string) {
	depth := r.Header.Get("Depth")
	if depth == "infinity" && c.opts.NoInfinity {
		fail(w, http.StatusForbidden, "The PROPFIND request with Depth infinity is not allowed")
		return
	}
	prefix := "/remote.php/dav/files/" + User + "/"
	if strings.Contains(r.URL.Path, "/remote.php/webdav") {
		prefix = "/remote.php/webdav/"
	}
	paths := []string{p}
	if it := c.items[p]; it.dir && depth != "0" {
		for _, b := range c.below(p) {
			if depth == "infinity" || up(b) == p {
				paths = append(paths, b)
			}
		}
	}
	entries := make([]entry, 0, len(paths))
	for _, b := range paths {
		props := c.props(c.items[b])
		if c.locked[b] {
			props["nc:lock"], props["nc:lock-owner"] = "1", escape(c.locker)
		}
		entries = append(entries, entry{strings.TrimSuffix(prefix+b, "/") + slash(c.items[b].dir), props})
	}
	c.multistatus(w, asked(r), entries)
}

func slash(dir bool) string {
	if dir {
		return "/"
	}
	return ""
}

func (c *CloudServer) props(it *cloudItem) map[string]string {
	perms := it.perms
	props := map[string]string{
		"d:getetag": escape(it.etag()), "d:getlastmodified": it.at.UTC().Format(http.TimeFormat), "d:resourcetype": "",
		"oc:id": c.fileID(it), "oc:fileid": fmt.Sprint(it.id), "oc:owner-id": escape(cmp.Or(it.owner, User)),
	}
	if name := c.people[it.owner]; name != "" {
		props["oc:owner-display-name"] = escape(name)
	}
	if it.dir {
		if perms == "" {
			perms = "RGDNVCK"
		}
		free := int64(-3) // no bound
		if c.opts.Quota > 0 {
			free = max(c.opts.Quota-c.used(), 0)
		}
		props["d:resourcetype"] = "<d:collection/>"
		props["d:quota-used-bytes"], props["d:quota-available-bytes"] = fmt.Sprint(c.used()), fmt.Sprint(free)
		props["oc:size"] = fmt.Sprint(c.used())
	} else {
		if perms == "" {
			perms = "RGDNVW"
		}
		props["d:getcontentlength"], props["oc:size"] = fmt.Sprint(len(it.content)), fmt.Sprint(len(it.content))
		if it.sum != "" {
			props["oc:checksums"] = "<oc:checksum>" + escape(it.sum) + "</oc:checksum>"
		}
	}
	props["oc:permissions"] = perms
	return props
}
