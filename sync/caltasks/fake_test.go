// SPDX-License-Identifier: EUPL-1.2

package caltasks

import (
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// fake is a CalDAV server with one list at /dav/u/l/ that behaves as oddly as a test wants.
type fake struct {
	t      testing.TB
	url    string
	server *httptest.Server

	mu       sync.Mutex
	objects  map[string]object
	gone     []string
	version  int
	log      []string
	override func(w http.ResponseWriter, r *http.Request, body string) bool // answers in the server's place

	ctag        string
	comps       string // supported-calendar-component-set, empty for the property missing
	privileges  string
	noSync      bool   // knows no sync-collection
	noToken     bool   // tells no sync-token beforehand
	noQueryData bool   // gives no texts in a calendar-query
	queryError  int    // answer to a calendar-query
	times       bool   // is a Radicale
	more, kind  string // of the list: further properties and types
	changed     time.Time
	clock       time.Duration // how far the server's clock is ahead
	served      int           // texts given out
	limit       int           // of a sync-collection, 0 for none
	tokenError  int           // answer to every token but the empty one
	weak        bool
	noPutTag    bool
	rewrite     func(string) string
	noCalendars bool
}

func newFake(t testing.TB) *fake {
	f := &fake{t: t, objects: map[string]object{}, comps: `<C:comp name="VTODO"/>`}
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	f.url, f.server = s.URL, s
	return f
}

// vanish makes the server refuse every new connection, until it is back.
func (f *fake) vanish() {
	_ = f.server.Listener.Close()
	f.server.Config.SetKeepAlivesEnabled(false) // what is idle is closed too
}

// back lets a server that vanished answer again, at the same address.
func (f *fake) back() {
	f.t.Helper()
	l, err := net.Listen("tcp", f.server.Listener.Addr().String())
	if err != nil {
		f.t.Fatal(err)
	}
	s := &http.Server{Handler: f, ReadHeaderTimeout: time.Minute}
	go func() { _ = s.Serve(l) }()
	f.t.Cleanup(func() { _ = s.Close() })
}

// cut ends the connection of a request without an answer.
func cut(w http.ResponseWriter) {
	if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = c.Close()
	}
}

func (f *fake) home() *home { return newHome(f.t, f.url+"/dav/", "u", "p") }

func (f *fake) set(name, text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.store(name, text)
}

// now is the server's clock.
func (f *fake) now() time.Time { return time.Now().Add(f.clock) }

// pass lets time pass on the server.
func (f *fake) pass(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.clock += d
}

// touch notes a change.
func (f *fake) touch() { f.version, f.changed = f.version+1, f.now() }

func (f *fake) store(name, text string) string {
	f.touch()
	if f.rewrite != nil {
		text = f.rewrite(text)
	}
	tag := fmt.Sprintf(`"v%d"`, f.version)
	if f.weak {
		tag = "W/" + tag
	}
	f.objects[name] = object{ETag: tag, Text: text}
	return tag
}

func (f *fake) remove(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.touch()
	delete(f.objects, name)
	f.gone = append(f.gone, name)
}

func (f *fake) text(name string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.objects[name].Text
}

// requests gives the methods since the last call.
func (f *fake) requests() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	log := strings.Join(f.log, " ")
	f.log = nil
	return log
}

// answers lets the server answer in another way from now on, also while a request whose client is gone is still answered.
func (f *fake) answers(override func(http.ResponseWriter, *http.Request, string) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.override = override
}

const fakeList = "/dav/u/l/"

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		f.t.Error(err)
	}
	body := string(raw)
	f.mu.Lock()
	defer f.mu.Unlock()
	what := r.Method
	if r.Method == "REPORT" {
		what = body[strings.Index(body, "?>")+5:]
		what = what[:strings.IndexAny(what, " >")]
	}
	f.log = append(f.log, what)
	if kind := r.Header.Get("Content-Type"); body != "" && kind == "" || r.Method == http.MethodPut && !strings.HasPrefix(kind, "text/calendar") {
		f.t.Errorf("%s with the Content-Type %q", what, kind)
	}
	w.Header().Set("Date", f.now().UTC().Format(http.TimeFormat))
	if f.override != nil && f.override(w, r, body) {
		return
	}
	name, inList := nameIn(fakeList, r.URL.Path)
	switch r.Method {
	case "PROPFIND":
		f.propfind(w, r, body)
	case "REPORT":
		f.report(w, body)
	case http.MethodPut:
		f.put(w, r, name, body, inList)
	case http.MethodDelete:
		if !f.precondition(w, r, name) {
			return
		}
		delete(f.objects, name)
		f.gone = append(f.gone, name)
		f.touch()
		w.WriteHeader(http.StatusNoContent)
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

// precondition checks If-Match strongly, so that a weak tag never fits (RFC 9110, section 13.1.1).
func (f *fake) precondition(w http.ResponseWriter, r *http.Request, name string) bool {
	have, exists := f.objects[name]
	if match := r.Header.Get("If-Match"); match != "" && (!exists || match != have.ETag) {
		w.WriteHeader(http.StatusPreconditionFailed)
		return false
	}
	if r.Header.Get("If-None-Match") == "*" && exists {
		w.WriteHeader(http.StatusPreconditionFailed)
		return false
	}
	return true
}

func (f *fake) put(w http.ResponseWriter, r *http.Request, name, body string, inList bool) {
	if !inList {
		w.WriteHeader(http.StatusConflict)
		return
	}
	if !f.precondition(w, r, name) {
		return
	}
	tag := f.store(name, body)
	if !f.noPutTag {
		w.Header().Set("ETag", tag)
	}
	w.WriteHeader(http.StatusCreated)
}

func multi(w http.ResponseWriter, inside string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(http.StatusMultiStatus)
	_, _ = io.WriteString(w, `<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" xmlns:C="`+nsCalDAV+`" xmlns:S="`+nsServer+`" xmlns:A="`+nsApple+`">`+inside+`</d:multistatus>`)
}

func response(href, props string) string {
	return `<d:response><d:href>` + escaped(href) + `</d:href><d:propstat><d:prop>` + props + `</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>`
}

func (f *fake) propfind(w http.ResponseWriter, r *http.Request, body string) {
	switch r.URL.Path {
	case "/dav/", "/dav/p/":
		multi(w, response(r.URL.Path, `<d:resourcetype><d:collection/></d:resourcetype><d:current-user-principal><d:href>/dav/p/</d:href></d:current-user-principal>`+
			map[bool]string{true: `<C:calendar-home-set><d:href>/dav/u/</d:href></C:calendar-home-set>`}[r.URL.Path == "/dav/p/"]))
	case "/dav/u/":
		all := response("/dav/u/", `<d:resourcetype><d:collection/></d:resourcetype>`)
		if !f.noCalendars {
			all += response(fakeList, f.propsFor(body))
		}
		multi(w, all)
	case fakeList:
		all := response(fakeList, f.propsFor(body))
		if r.Header.Get("Depth") == "1" {
			for _, name := range f.names() {
				all += response(fakeList+name, `<d:getetag>`+text(f.objects[name].ETag)+`</d:getetag>`)
			}
		}
		multi(w, all)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (f *fake) names() []string {
	names := make([]string, 0, len(f.objects))
	for name := range f.objects {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// listProps are all properties of the list.
func (f *fake) listProps() string { return f.propsFor(askListTimes) }

// propsFor leaves out the time of change where it was not asked for.
func (f *fake) propsFor(body string) string {
	ctag := f.ctag
	if ctag == "" {
		ctag = fmt.Sprint(f.version)
	}
	props := `<d:resourcetype><d:collection/><C:calendar/>` + f.kind + `</d:resourcetype>` + f.more + `<d:displayname>L</d:displayname><A:calendar-color>#0B6E75FF</A:calendar-color><S:getctag>` + ctag + `</S:getctag>`
	if f.times {
		kind := `<R:displayname xmlns:R="` + nsRadi + `">L</R:displayname>`
		if strings.Contains(body, "getlastmodified") {
			kind += `<d:getlastmodified>` + f.changed.UTC().Format(http.TimeFormat) + `</d:getlastmodified>`
		}
		props = strings.Replace(props, `<S:getctag>`+ctag+`</S:getctag>`, kind, 1)
	} else if !f.noToken {
		props += fmt.Sprintf(`<d:sync-token>t%d</d:sync-token>`, f.version)
	}
	if f.comps != "" {
		props += `<C:supported-calendar-component-set>` + f.comps + `</C:supported-calendar-component-set>`
	}
	if f.privileges != "" {
		props += `<d:current-user-privilege-set>` + f.privileges + `</d:current-user-privilege-set>`
	}
	return props
}

func (f *fake) report(w http.ResponseWriter, body string) {
	var all strings.Builder
	data := strings.Contains(body, "calendar-data")
	item := func(name string, withData bool) {
		o, ok := f.objects[name]
		if !ok {
			all.WriteString(`<d:response><d:href>` + escaped(fakeList+name) + `</d:href><d:status>HTTP/1.1 404 Not Found</d:status></d:response>`)
			return
		}
		props := `<d:getetag>` + text(o.ETag) + `</d:getetag>`
		if withData {
			f.served++
			props += `<C:calendar-data>` + strings.NewReplacer("&", "&amp;", "<", "&lt;").Replace(o.Text) + `</C:calendar-data>`
		}
		all.WriteString(response(fakeList+name, props))
	}
	switch {
	case strings.Contains(body, "sync-collection"):
		f.sync(w, body, &all, item)
		return
	case strings.Contains(body, "calendar-multiget"):
		var q struct {
			Hrefs []string `xml:"DAV: href"`
		}
		if err := xml.Unmarshal([]byte(body), &q); err != nil {
			f.t.Error(err)
		}
		for _, h := range q.Hrefs {
			name, _ := nameIn(escaped(fakeList), h)
			for _, known := range append(f.names(), f.gone...) {
				if escaped(known) == name {
					name = known
				}
			}
			item(name, true)
		}
	case strings.Contains(body, "calendar-query"):
		if f.queryError != 0 {
			w.WriteHeader(f.queryError)
			return
		}
		data = data && !f.noQueryData
		for _, name := range f.names() {
			if strings.Contains(f.objects[name].Text, "VTODO") {
				item(name, data)
			}
		}
	}
	multi(w, all.String())
}

// sync answers with everything to the empty token, else with everything too: a client must not mind.
func (f *fake) sync(w http.ResponseWriter, body string, all *strings.Builder, item func(string, bool)) {
	_, token, _ := strings.Cut(body, "<D:sync-token>")
	token, _, _ = strings.Cut(token, "<")
	if f.noSync || (token != "" && f.tokenError != 0) {
		code := f.tokenError
		if f.noSync {
			code = http.StatusNotImplemented
		}
		w.WriteHeader(code)
		return
	}
	names, from := f.names(), 0
	next := fmt.Sprintf("t%d", f.version)
	if f.limit > 0 {
		if n, err := fmt.Sscanf(token, "part%d", &from); n != 1 || err != nil {
			from = 0
		}
		if from+f.limit < len(names) {
			names, next = names[from:from+f.limit], fmt.Sprintf("part%d", from+f.limit)
			all.WriteString(`<d:response><d:href>` + fakeList + `</d:href><d:status>HTTP/1.1 507 Insufficient Storage</d:status></d:response>`)
		} else {
			names = names[min(from, len(names)):]
		}
	}
	for _, name := range names {
		item(name, false)
	}
	if token != "" {
		for _, name := range f.gone {
			if _, again := f.objects[name]; !again {
				item(name, false)
			}
		}
	}
	multi(w, all.String()+`<d:sync-token>`+next+`</d:sync-token>`)
}
