// SPDX-License-Identifier: EUPL-1.2

package caltasks

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestPasswordStaysWithItsHost: whatever a server says, by a redirect or in what it tells of its places, nobody else is asked
// anything, and least of all with the password.
func TestPasswordStaysWithItsHost(t *testing.T) {
	stranger := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("another host was asked: %s %s, signed %v", r.Method, r.URL.Path, r.Header.Get("Authorization") != "")
	}))
	defer stranger.Close()
	away := strings.Replace(stranger.URL, "127.0.0.1", "localhost", 1)
	redirect := func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, away+"/dav/", http.StatusTemporaryRedirect)
	}
	for name, answer := range map[string]func(http.ResponseWriter, *http.Request){
		"everything is redirected": redirect,
		"after signing in": func(w http.ResponseWriter, r *http.Request) {
			if _, _, ok := r.BasicAuth(); ok {
				redirect(w, r)
				return
			}
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(http.StatusUnauthorized)
		},
		"principal": func(w http.ResponseWriter, r *http.Request) {
			multi(w, response(r.URL.Path, `<d:current-user-principal><d:href>`+away+`/p/</d:href></d:current-user-principal>`))
		},
		"home": func(w http.ResponseWriter, r *http.Request) {
			multi(w, response(r.URL.Path, `<C:calendar-home-set><d:href>`+away+`/u/</d:href></C:calendar-home-set>`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(answer))
			defer s.Close()
			if err := newHome(t, s.URL+"/dav/", "u", "p").Pull(t.Context()); err == nil {
				t.Error("that is no place for tasks")
			}
		})
	}
}

// TestListsOfStrangersAreLeftOut: an item of a listing that lies on another host does not stop the others.
func TestListsOfStrangersAreLeftOut(t *testing.T) {
	f := newFake(t)
	numbered(f, 1)
	f.override = func(w http.ResponseWriter, r *http.Request, _ string) bool {
		if r.Method != "PROPFIND" || r.URL.Path != "/dav/u/" {
			return false
		}
		foreign := strings.Replace(response(fakeList, f.listProps()), "<d:href>", "<d:href>http://fremd.example", 1)
		multi(w, foreign+response(fakeList, f.listProps()))
		return true
	}
	h := f.home()
	h.pull()
	want(t, "titles", h.titles(), "T0")
	want(t, "lists", h.report().Lists, 1)
}

// TestBatchesFollowTheServer: they grow while it is quick, shrink while it is slow, and end within their bounds.
func TestBatchesFollowTheServer(t *testing.T) {
	for _, c := range []struct {
		batch int
		took  time.Duration
		want  int
	}{
		{firstBatch, 0, 4 * firstBatch},
		{largest - 1, time.Second, largest},
		{largest, quick - 1, largest},
		{200, quick, 200},
		{200, slow, 200},
		{200, slow + 1, 100},
		{1, time.Hour, 1},
	} {
		want(t, fmt.Sprintf("after %d in %v", c.batch, c.took), nextBatch(c.batch, c.took), c.want)
	}
	f := newFake(t)
	f.noQueryData = true
	numbered(f, 600)
	h := f.home()
	h.pull()
	if got := strings.Count(f.requests(), "calendar-multiget"); got != 3 {
		t.Errorf("%d batches for 600 tasks", got)
	}
	want(t, "tasks", len(h.all()), 600)
	for batch, rounds := largest, 0; batch > 1; rounds++ {
		if batch = nextBatch(batch, time.Hour); rounds > 12 {
			t.Fatal("a server that is slow with all is asked for one at a time in the end")
		}
	}
}
