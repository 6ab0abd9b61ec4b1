// SPDX-License-Identifier: EUPL-1.2

package servertest

import (
	"fmt"
	"maps"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// bin is the trash bin: what lies in it, bringing back by MOVE to "restore", and deleting for good.
func (c *CloudServer) bin(w http.ResponseWriter, r *http.Request, p string) {
	name, inTrash := strings.CutPrefix(p, "trash/")
	it := c.trash[name]
	switch {
	case r.Method == "PROPFIND" && p == "trash":
		base := "/remote.php/dav/trashbin/" + User + "/trash/"
		entries := []entry{{base, map[string]string{"d:resourcetype": "<d:collection/>"}}}
		for _, n := range slices.Sorted(maps.Keys(c.trash)) {
			it := c.trash[n]
			props := c.props(it)
			props["nc:trashbin-filename"], props["nc:trashbin-original-location"] = escape(path.Base(it.origin)), escape(it.origin)
			props["nc:trashbin-deletion-time"] = fmt.Sprint(it.deleted.Unix())
			entries = append(entries, entry{base + n + slash(it.dir), props})
		}
		c.multistatus(w, asked(r), entries)
	case !inTrash || it == nil:
		fail(w, http.StatusNotFound, "")
	case r.Method == "MOVE" && strings.Contains(r.Header.Get("Destination"), "/trashbin/"+User+"/restore/"):
		delete(c.trash, name)
		c.bringBack(it)
		w.WriteHeader(http.StatusCreated)
	case r.Method == http.MethodDelete:
		delete(c.trash, name)
		w.WriteHeader(http.StatusNoContent)
	default:
		fail(w, http.StatusForbidden, "")
	}
}

// bringBack puts an item where it was: at the top where its folder is gone, beside what took its name.
func (c *CloudServer) bringBack(it *cloudItem) {
	to := it.origin
	if folder := c.items[up(to)]; folder == nil || !folder.dir {
		to = path.Base(to)
	}
	if c.items[to] != nil {
		ext := path.Ext(to)
		to = strings.TrimSuffix(to, ext) + " (restored)" + ext
	}
	c.items[to] = it
	for rest, b := range it.below {
		c.items[to+"/"+rest] = b
	}
	it.below = nil
	c.touch(to)
}

// Trash names what lies in the bin.
func (c *CloudServer) Trash() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.trash))
}

func (c *CloudServer) byNumber(id string) (string, *cloudItem) {
	for p, it := range c.items {
		if fmt.Sprint(it.id) == id && !it.dir {
			return p, it
		}
	}
	return "", nil
}

// versions are the contents that a file had, by the number of the file and the time of each; the present one is among
// them.
func (c *CloudServer) versions(w http.ResponseWriter, r *http.Request, p string) {
	rest, ok := strings.CutPrefix(p, "versions/")
	id, key, _ := strings.Cut(rest, "/")
	where, it := c.byNumber(id)
	if !ok || it == nil {
		fail(w, http.StatusNotFound, "")
		return
	}
	all := append(slices.Clone(it.versions), cloudVersion{it.content, it.at, it.author})
	if r.Method == "PROPFIND" && key == "" {
		base := "/remote.php/dav/versions/" + User + "/versions/" + id + "/"
		entries := []entry{{base, map[string]string{"d:resourcetype": "<d:collection/>"}}}
		for _, v := range all {
			props := map[string]string{
				"d:resourcetype": "", "d:getcontentlength": fmt.Sprint(len(v.content)), "d:getlastmodified": v.at.UTC().Format(http.TimeFormat),
			}
			if v.author != "" {
				props["nc:version-author"] = escape(v.author)
			}
			entries = append(entries, entry{base + fmt.Sprint(v.at.Unix()), props})
		}
		c.multistatus(w, asked(r), entries)
		return
	}
	i := slices.IndexFunc(all, func(v cloudVersion) bool { return fmt.Sprint(v.at.Unix()) == key })
	switch {
	case i < 0:
		fail(w, http.StatusNotFound, "")
	case r.Method == http.MethodGet:
		http.ServeContent(w, r, "", all[i].at, strings.NewReader(all[i].content))
	case r.Method == "MOVE" && strings.HasSuffix(r.Header.Get("Destination"), "/versions/"+User+"/restore/target"):
		c.put(where, all[i].content)
		w.WriteHeader(http.StatusCreated)
	default:
		fail(w, http.StatusMethodNotAllowed, "")
	}
}

// cloudShare is a link.
type cloudShare struct {
	id                      int
	path, password, expires string
	permissions             int
}

// ocs is the interface beside WebDAV: what the cloud can do, who asks, and links. It answers nobody who does not say that
// it is meant.
func (c *CloudServer) ocs(w http.ResponseWriter, r *http.Request, p string) {
	wantsJSON := r.URL.Query().Get("format") == "json" || strings.Contains(r.Header.Get("Accept"), "application/json")
	if r.Header.Get("OCS-APIRequest") != "true" || !wantsJSON || c.opts.Hidden {
		http.Error(w, "CSRF check failed", http.StatusPreconditionFailed)
		return
	}
	switch {
	case p == "cloud/capabilities":
		ocsAnswer(w, http.StatusOK, "OK", c.capabilities())
	case p == "cloud/user":
		ocsAnswer(w, http.StatusOK, "OK", map[string]any{"id": User, "display-name": "Anna"})
	case c.people[strings.TrimPrefix(p, "cloud/users/")] != "":
		ocsAnswer(w, http.StatusOK, "OK", map[string]any{"displayname": c.people[strings.TrimPrefix(p, "cloud/users/")]})
	case strings.HasPrefix(p, "apps/files_sharing/api/v1/shares") && !c.opts.NoShares:
		c.serveShares(w, r, strings.Trim(strings.TrimPrefix(p, "apps/files_sharing/api/v1/shares"), "/"))
	default:
		ocsAnswer(w, http.StatusNotFound, "Invalid query, please check the syntax.", []any{})
	}
}

func ocsAnswer(w http.ResponseWriter, status int, message string, data any) {
	word := "ok"
	if status/100 != 2 {
		word = "failure"
	}
	answer(w, status, map[string]any{"ocs": map[string]any{
		"meta": map[string]any{"status": word, "statuscode": status, "message": message}, "data": data,
	}})
}

func (c *CloudServer) capabilities() map[string]any {
	all := map[string]any{
		"core":  map[string]any{"pollinterval": 60, "webdav-root": "remote.php/webdav"},
		"dav":   map[string]any{},
		"files": map[string]any{"bigfilechunking": true, "undelete": !c.opts.NoTrash, "versioning": !c.opts.NoVersions},
		"files_sharing": map[string]any{
			"api_enabled": !c.opts.NoShares,
			"public": map[string]any{
				"enabled": !c.opts.NoShares, "password": map[string]any{"enforced": c.opts.SharePassword},
				"expire_date": map[string]any{"enabled": c.opts.ShareDays > 0, "days": c.opts.ShareDays, "enforced": c.opts.ShareDays > 0},
			},
		},
	}
	dav := all["dav"].(map[string]any) //nolint:forcetypeassert,errcheck // made above
	if !c.opts.NoChunks {
		dav["chunking"] = "1.0"
		all["files"].(map[string]any)["chunked_upload"] = map[string]any{"max_size": c.maxChunk(), "max_parallel_count": 5} //nolint:forcetypeassert,errcheck // made above
	}
	version := map[string]any{"major": 32, "minor": 0, "micro": 1, "string": "32.0.1", "edition": ""}
	switch {
	case c.opts.OwnCloud:
		version = map[string]any{"major": 10, "minor": 15, "micro": 0, "string": "10.15.0", "edition": "Community"}
		all["checksums"] = map[string]any{"supportedTypes": []string{"SHA1"}, "preferredUploadType": "SHA1"}
	case !c.opts.NoBulk:
		dav["bulkupload"] = "1.0"
	}
	return map[string]any{"version": version, "capabilities": all}
}

func (c *CloudServer) serveShares(w http.ResponseWriter, r *http.Request, id string) {
	switch r.Method {
	case http.MethodGet:
		p := strings.Trim(r.FormValue("path"), "/")
		if c.items[p] == nil {
			ocsAnswer(w, http.StatusNotFound, "Wrong path, file/folder does not exist", []any{})
			return
		}
		list := []any{}
		for i := range c.shares {
			if c.shares[i].path == p {
				list = append(list, c.shareJSON(&c.shares[i]))
			}
		}
		ocsAnswer(w, http.StatusOK, "OK", list)
	case http.MethodPost:
		c.newShare(w, r)
	case http.MethodDelete:
		i := slices.IndexFunc(c.shares, func(s cloudShare) bool { return fmt.Sprint(s.id) == id })
		if i < 0 {
			ocsAnswer(w, http.StatusNotFound, "Wrong share ID, share does not exist", []any{})
			return
		}
		c.shares = slices.Delete(c.shares, i, i+1)
		ocsAnswer(w, http.StatusOK, "OK", []any{})
	}
}

func (c *CloudServer) newShare(w http.ResponseWriter, r *http.Request) {
	s := cloudShare{path: strings.Trim(r.FormValue("path"), "/"), password: r.FormValue("password"), expires: r.FormValue("expireDate"), permissions: 1}
	if n, err := strconv.Atoi(r.FormValue("permissions")); err == nil {
		s.permissions = n
	}
	it := c.items[s.path]
	day, err := time.ParseInLocation(time.DateOnly, s.expires, time.Local)
	switch {
	case it == nil:
		ocsAnswer(w, http.StatusNotFound, "Wrong path, file/folder does not exist", []any{})
	case r.FormValue("shareType") != "3":
		ocsAnswer(w, http.StatusBadRequest, "Unknown share type", []any{})
	case !it.allowed("R"):
		ocsAnswer(w, http.StatusForbidden, "You are not allowed to share "+s.path, []any{})
	case !it.dir && s.permissions&(4|8) != 0:
		ocsAnswer(w, http.StatusBadRequest, "Files cannot be shared with create or delete permissions", []any{})
	case c.opts.SharePassword && s.password == "":
		ocsAnswer(w, http.StatusForbidden, "Passwords are enforced for link and mail shares", []any{})
	case s.password != "" && len(s.password) < 10:
		ocsAnswer(w, http.StatusForbidden, "Password needs to be at least 10 characters long", []any{})
	case s.expires != "" && err != nil:
		ocsAnswer(w, http.StatusNotFound, "Invalid date, date format must be YYYY-MM-DD", []any{})
	case s.expires != "" && (day.Before(time.Now()) || c.opts.ShareDays > 0 && day.After(time.Now().AddDate(0, 0, c.opts.ShareDays))):
		ocsAnswer(w, http.StatusNotFound, "Cannot set expiration date more than 7 days in the future", []any{})
	default:
		c.next++
		s.id = c.next
		c.shares = append(c.shares, s)
		ocsAnswer(w, http.StatusOK, "OK", c.shareJSON(&s))
	}
}

func (c *CloudServer) shareJSON(s *cloudShare) map[string]any {
	one := map[string]any{
		"id": fmt.Sprint(s.id), "share_type": 3, "path": "/" + s.path, "permissions": s.permissions, "token": fmt.Sprintf("t%d", s.id),
		"url": fmt.Sprintf("%sindex.php/s/t%d", c.Base, s.id), "expiration": nil, "password": nil,
	}
	if s.expires != "" {
		one["expiration"] = s.expires + " 00:00:00"
	}
	if s.password != "" {
		one["password"] = "redacted"
	}
	return one
}
