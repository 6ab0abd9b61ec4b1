// SPDX-License-Identifier: EUPL-1.2

package caltasks

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// manyLists is a server with a number of lists, of one task each, which composes as many answers at a time as it is asked
// for: it answers nobody before enough have asked, and sends the rest of no answer before three have begun.
type manyLists struct {
	t           testing.TB
	lists       int
	enough      int
	props       string // of each list
	mu          sync.Mutex
	asked       int // and not answered
	most        int
	all         int
	some, third chan struct{} // closed when so many have come
	begun       int
}

func (m *manyLists) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != "REPORT" {
		all := ""
		for i := range m.lists {
			all += response(fmt.Sprintf("/dav/u/%d/", i), `<d:resourcetype><d:collection/><C:calendar/></d:resourcetype><S:getctag>1</S:getctag>`+m.props)
		}
		multi(w, response("/dav/u/", `<d:resourcetype><d:collection/></d:resourcetype><C:calendar-home-set><d:href>/dav/u/</d:href></C:calendar-home-set>`)+all)
		return
	}
	m.mu.Lock()
	m.asked++
	m.all++
	m.most = max(m.most, m.asked)
	if m.all == m.enough {
		close(m.some)
	}
	m.mu.Unlock()
	m.wait(r.Context(), m.some)
	m.mu.Lock()
	m.asked--
	if m.begun++; m.begun == 3 {
		close(m.third)
	}
	m.mu.Unlock()
	w.WriteHeader(http.StatusMultiStatus)
	text := vtodo(r.URL.Path, "SUMMARY:"+r.URL.Path)
	_, _ = io.WriteString(w, `<d:multistatus xmlns:d="DAV:" xmlns:C="`+nsCalDAV+`">`+response(r.URL.Path+"a.ics", `<d:getetag>"1"</d:getetag><C:calendar-data>`+text+`</C:calendar-data>`))
	w.(http.Flusher).Flush()
	m.wait(r.Context(), m.third)
	_, _ = io.WriteString(w, `</d:multistatus>`)
}

func (m *manyLists) wait(ctx context.Context, c chan struct{}) {
	select {
	case <-c:
	case <-ctx.Done():
	case <-time.After(20 * time.Second):
		m.t.Error("too few lists are asked for, or read, at the same time")
	}
}

// TestListsTakeTurns: few lists are asked for at once, of Radicale a single one, and the next as soon as an answer begins.
func TestListsTakeTurns(t *testing.T) {
	for name, c := range map[string]struct {
		props string
		most  int
	}{
		"any server": {"", listsAsked},
		"Radicale":   {`<R:displayname xmlns:R="` + nsRadi + `">x</R:displayname>`, radicaleAsked},
	} {
		t.Run(name, func(t *testing.T) {
			m := &manyLists{t: t, lists: 7, enough: c.most, props: c.props, some: make(chan struct{}), third: make(chan struct{})}
			s := httptest.NewServer(m)
			defer s.Close()
			h := newHome(t, s.URL+"/dav/u/", "", "")
			h.pull()
			want(t, "tasks", len(h.all()), m.lists)
			want(t, "lists asked for at once", m.most, c.most)
		})
	}
}

// TestSignInIsRemembered: who starts the program again asks the server one thing, not three.
func TestSignInIsRemembered(t *testing.T) {
	f := newFake(t)
	f.set("a.ics", vtodo("a", "SUMMARY:a"))
	f.override = func(w http.ResponseWriter, r *http.Request, _ string) bool {
		if user, password, _ := r.BasicAuth(); user == "u" && password == "p" {
			return false
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
		w.WriteHeader(http.StatusUnauthorized)
		return true
	}
	h := f.home()
	h.pull()
	again := func() (string, error) {
		f.requests()
		w, err := New(h.cfg)
		h.must(err)
		defer w.Close() //nolint:errcheck // only ends connections
		err = w.Pull(h.ctx)
		return f.requests(), err
	}
	log, err := again()
	h.must(err)
	want(t, "requests", log, "PROPFIND")
	f.override = nil
	if log, err = again(); err != nil || log != "PROPFIND" {
		t.Errorf("a server that wants nobody to sign in: %s %v", log, err)
	}
	raw, err := h.db.Setting(h.ctx, h.placeKey(), "")
	h.must(err)
	var p place
	h.must(json.Unmarshal([]byte(raw), &p))
	if !p.Basic {
		t.Error("the way to sign in was forgotten")
	}
}
