// SPDX-License-Identifier: EUPL-1.2

package servertest

import (
	"bufio"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
)

// cloudUpload is a folder in which an upload in pieces is collected.
type cloudUpload struct {
	destination string
	pieces      map[string]string
}

// Uploads names the unfinished uploads with how many octets of each have arrived.
func (c *CloudServer) Uploads() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := map[string]int{}
	for id, u := range c.uploads {
		for _, p := range u.pieces {
			all[id] += len(p)
		}
	}
	return all
}

// DropUploads forgets what has arrived of unfinished uploads, as a cloud does after a day.
func (c *CloudServer) DropUploads() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.uploads)
}

// upload is chunked upload v2: MKCOL, a PUT for each piece, MOVE of ".file" to the destination.
func (c *CloudServer) upload(w http.ResponseWriter, r *http.Request, p string) {
	id, name, _ := strings.Cut(p, "/")
	u := c.uploads[id]
	switch {
	case r.Method == "MKCOL" && name == "":
		c.beginUpload(w, r, id, u)
	case u == nil:
		fail(w, http.StatusNotFound, "File not found: "+id)
	case r.Method == http.MethodPut:
		c.piece(w, r, u, name)
	case r.Method == "PROPFIND":
		base := "/remote.php/dav/uploads/" + User + "/" + id
		entries := []entry{{base + "/", map[string]string{"d:resourcetype": "<d:collection/>"}}}
		for _, n := range slices.Sorted(maps.Keys(u.pieces)) {
			entries = append(entries, entry{base + "/" + n, map[string]string{"d:resourcetype": "", "d:getcontentlength": fmt.Sprint(len(u.pieces[n]))}})
		}
		c.multistatus(w, asked(r), append(entries, entry{base + "/.file", map[string]string{"d:resourcetype": ""}}))
	case r.Method == http.MethodDelete && name == "":
		delete(c.uploads, id)
		w.WriteHeader(http.StatusNoContent)
	case r.Method == "MOVE" && name == ".file":
		c.assemble(w, r, id, u)
	default:
		fail(w, http.StatusMethodNotAllowed, "")
	}
}

func (c *CloudServer) beginUpload(w http.ResponseWriter, r *http.Request, id string, u *cloudUpload) {
	to, ok := c.target(r, "files")
	switch {
	case u != nil:
		fail(w, http.StatusMethodNotAllowed, "The resource you tried to create already exists")
	case !ok:
		fail(w, http.StatusBadRequest, "Missing destination header")
	default:
		c.uploads[id] = &cloudUpload{destination: to, pieces: map[string]string{}}
		w.WriteHeader(http.StatusCreated)
	}
}

func (c *CloudServer) piece(w http.ResponseWriter, r *http.Request, u *cloudUpload, name string) {
	n, err := strconv.Atoi(name)
	to, ok := c.target(r, "files")
	switch {
	case err != nil || n < 1 || n > 10000:
		fail(w, http.StatusBadRequest, "Invalid chunk name, must be numeric between 1 and 10000")
		return
	case !ok || to != u.destination:
		fail(w, http.StatusBadRequest, "Destination header does not match")
		return
	case r.ContentLength > c.maxChunk():
		fail(w, http.StatusRequestEntityTooLarge, "")
		return
	}
	if total, ok := strconv.ParseInt(r.Header.Get("OC-Total-Length"), 10, 64); ok == nil && !c.room(total) {
		fail(w, http.StatusInsufficientStorage, "Insufficient space")
		return
	}
	b, err := io.ReadAll(r.Body)
	if err != nil {
		fail(w, http.StatusBadRequest, "Expected filesize but read and wrote less.")
		return
	}
	u.pieces[name] = string(b)
	w.WriteHeader(http.StatusCreated)
}

func (c *CloudServer) maxChunk() int64 {
	if c.opts.MaxChunk > 0 {
		return c.opts.MaxChunk
	}
	return 100 << 20
}

// assemble puts the pieces together, by their numbers, if the condition about the destination holds.
func (c *CloudServer) assemble(w http.ResponseWriter, r *http.Request, id string, u *cloudUpload) {
	to, ok := c.target(r, "files")
	there := c.items[to]
	if !c.condition(r, "\x00") || there != nil && r.Header.Get("Overwrite") == "F" {
		fail(w, http.StatusPreconditionFailed, "None of the conditions match")
		return
	}
	names := slices.SortedFunc(maps.Keys(u.pieces), func(a, b string) int {
		m, _ := strconv.Atoi(a)
		n, _ := strconv.Atoi(b)
		return m - n
	})
	var b strings.Builder
	for _, n := range names {
		b.WriteString(u.pieces[n])
	}
	if total := r.Header.Get("OC-Total-Length"); !ok || total != fmt.Sprint(b.Len()) {
		fail(w, http.StatusBadRequest, fmt.Sprintf("Chunks on server do not sum up to %s but to %d bytes", total, b.Len()))
		return
	}
	if status := c.refused(to, int64(b.Len())); status != 0 {
		fail(w, status, http.StatusText(status))
		return
	}
	delete(c.uploads, id)
	c.arrived(w, r, to, b.String(), there == nil)
}

// bulk stores several files of one request, without any condition. What happened to each comes as JSON.
func (c *CloudServer) bulk(w http.ResponseWriter, r *http.Request) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/related" || params["boundary"] == "" {
		answer(w, http.StatusUnsupportedMediaType, nil)
		return
	}
	done := map[string]any{}
	in := bufio.NewReader(r.Body)
	for {
		line, err := in.ReadString('\n')
		switch line = strings.TrimRight(line, "\r\n"); {
		case err != nil:
			answer(w, http.StatusBadRequest, done)
			return
		case line == "--"+params["boundary"]+"--":
			answer(w, http.StatusOK, done)
			return
		case line != "--"+params["boundary"]:
			continue
		}
		if !c.bulkPart(in, done) {
			answer(w, http.StatusBadRequest, done)
			return
		}
	}
}

func (c *CloudServer) bulkPart(in *bufio.Reader, done map[string]any) bool {
	h, err := textproto.NewReader(in).ReadMIMEHeader()
	n, lengthErr := strconv.Atoi(h.Get("Content-Length"))
	if err != nil || lengthErr != nil {
		return false
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(in, b); err != nil {
		return false
	}
	if sum := md5.Sum(b); h.Get("X-File-MD5") != hex.EncodeToString(sum[:]) {
		return false
	}
	p := composed(strings.Trim(h.Get("X-File-Path"), "/"))
	if status := c.refused(p, int64(n)); status != 0 {
		done["/"+p] = map[string]any{"error": true, "message": http.StatusText(status)}
		return true
	}
	it := c.put(p, string(b))
	if at, ok := seconds(h.Get("X-OC-Mtime")); ok {
		it.at = at.UTC()
	}
	done[h.Get("X-File-Path")] = map[string]any{"error": false, "etag": strings.Trim(it.etag(), `"`), "fileid": c.fileID(it), "permissions": "RGDNVW"}
	return true
}
