// SPDX-License-Identifier: EUPL-1.2

package demo

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// answer is what came back for a request.
type answer struct {
	status int
	body   string
	header http.Header
}

// ask sends one request as brandt; pairs are header names and values.
func ask(t *testing.T, method, url, body string, pairs ...string) answer {
	t.Helper()
	a, err := tryAsk(method, url, strings.NewReader(body), pairs...)
	if err != nil {
		t.Fatalf("%s %s: %v", method, url, err)
	}
	return a
}

func tryAsk(method, url string, body io.Reader, pairs ...string) (answer, error) {
	r, err := http.NewRequestWithContext(context.Background(), method, url, body)
	if err != nil {
		return answer{}, err
	}
	r.SetBasicAuth("brandt", "demo")
	for i := 0; i+1 < len(pairs); i += 2 {
		r.Header.Set(pairs[i], pairs[i+1])
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	all, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, string(all), resp.Header}, err
}

func wantStatus(t *testing.T, what string, a answer, want int) {
	t.Helper()
	if a.status != want {
		t.Errorf("%s: %d, want %d: %s", what, a.status, want, a.body)
	}
}

func TestFilesPreconditions(t *testing.T) {
	w := start(t, Options{Empty: true})
	root := w.FilesURL()
	first := ask(t, "PUT", root+"a.txt", "eins", "If-None-Match", "*")
	wantStatus(t, "new file", first, http.StatusCreated)
	etag := first.header.Get("ETag")
	if etag == "" || strings.HasPrefix(etag, "W/") {
		t.Fatalf("ETag %q", etag)
	}
	wantStatus(t, "new file where one is", ask(t, "PUT", root+"a.txt", "zwei", "If-None-Match", "*"), http.StatusPreconditionFailed)
	wantStatus(t, "wrong If-Match", ask(t, "PUT", root+"a.txt", "zwei", "If-Match", `"9-9"`), http.StatusPreconditionFailed)
	second := ask(t, "PUT", root+"a.txt", "zwei", "If-Match", etag, "X-OC-Mtime", "1600000000")
	wantStatus(t, "right If-Match", second, http.StatusNoContent)
	if second.header.Get("ETag") == etag || second.body != "" {
		t.Errorf("the same ETag %q or a body %q", etag, second.body)
	}
	wantStatus(t, "delete of an old version", ask(t, "DELETE", root+"a.txt", "", "If-Match", etag), http.StatusPreconditionFailed)
	wantStatus(t, "missing folder", ask(t, "PUT", root+"nix/a.txt", "x"), http.StatusConflict)
	wantStatus(t, "move onto a missing folder", ask(t, "MOVE", root+"a.txt", "", "Destination", root+"nix/b.txt"), http.StatusConflict)
	wantStatus(t, "new folder", ask(t, "MKCOL", root+"Ordner", ""), http.StatusCreated)
	wantStatus(t, "other user", ask(t, "PROPFIND", strings.Replace(root, "brandt", "weber", 1), "", "Depth", "0"), http.StatusForbidden)
	got := ask(t, "GET", root+"a.txt", "", "Range", "bytes=1-2")
	if got.status != http.StatusPartialContent || got.body != "we" || got.header.Get("Last-Modified") != "Sun, 13 Sep 2020 12:26:40 GMT" {
		t.Errorf("range: %+v", got)
	}
	if data, _ := w.User("brandt").File("a.txt"); string(data) != "zwei" {
		t.Errorf("stored %q", data)
	}
}

var (
	etagOf = regexp.MustCompile(`<D:getetag>([^<]*)</D:getetag>`)
	idOf   = regexp.MustCompile(`<fileid[^>]*>(\d+)</fileid>`)
)

const askProps = `<propfind xmlns="DAV:" xmlns:o="http://owncloud.org/ns"><prop><getetag/><o:fileid/><quota-used-bytes/></prop></propfind>`

func TestFilesMovesKeepTheirNumberAndChangeTheRoot(t *testing.T) {
	w := start(t, Options{Empty: true})
	root, u := w.FilesURL(), w.User("brandt")
	u.PutFile("Ordner/Tief/ä #1.txt", []byte("inhalt"))
	before := ask(t, "PROPFIND", root, askProps, "Depth", "infinity").body
	if !strings.Contains(before, "/Ordner/Tief/%C3%A4%20%231.txt</D:href>") || !strings.Contains(before, "<D:quota-used-bytes>6<") {
		t.Errorf("listing: %s", before)
	}
	wantStatus(t, "move", ask(t, "MOVE", root+"Ordner", "", "Destination", root+"Neu"), http.StatusCreated)
	after := ask(t, "PROPFIND", root, askProps, "Depth", "infinity").body
	if a, b := idOf.FindAllString(before, -1), idOf.FindAllString(after, -1); len(a) != 4 || !slices.Equal(a, b) {
		t.Errorf("numbers before %v, after %v", a, b)
	}
	if a, b := etagOf.FindString(before), etagOf.FindString(after); a == b {
		t.Errorf("the root's ETag stayed %s", a)
	}
	if got := u.Files(); !slices.Equal(got, []string{"/Neu/Tief/ä #1.txt"}) {
		t.Errorf("files %v", got)
	}
	wantStatus(t, "copy", ask(t, "COPY", root+"Neu", "", "Destination", root+"Kopie"), http.StatusCreated)
	wantStatus(t, "move without overwriting", ask(t, "MOVE", root+"Neu", "", "Destination", root+"Kopie", "Overwrite", "F"), http.StatusPreconditionFailed)
	u.RemoveFile("Neu")
	if data, ok := u.File("Kopie/Tief/ä #1.txt"); !ok || string(data) != "inhalt" {
		t.Errorf("copy %q, %v", data, ok)
	}
}

func TestFilesFaults(t *testing.T) {
	w := start(t, Options{Empty: true})
	root, u := w.FilesURL(), w.User("brandt")
	u.PutFile("gross.bin", bytes.Repeat([]byte("x"), 1<<20))

	w.SetFaults(Files, Faults{CutAfter: 100_000})
	if a, err := tryAsk("GET", root+"gross.bin", nil); err == nil {
		t.Errorf("the download was not cut: %d octets", len(a.body))
	}
	w.SetFaults(Files, Faults{CutUpload: 100_000})
	if _, err := tryAsk("PUT", root+"neu.bin", bytes.NewReader(make([]byte, 1<<20))); err == nil {
		t.Error("the upload was not cut")
	}
	if _, ok := u.File("neu.bin"); ok {
		t.Error("an upload that broke off was stored")
	}
	w.SetFaults(Files, Faults{LoseAnswer: true})
	if _, err := tryAsk("PUT", root+"still.txt", strings.NewReader("da")); err == nil {
		t.Error("the answer was not lost")
	}
	if _, ok := u.File("still.txt"); !ok {
		t.Error("the change whose answer was lost was not carried out")
	}
	w.SetFaults(Files, Faults{Status: 503})
	if a := ask(t, "GET", root+"gross.bin", ""); a.status != 503 || a.header.Get("Retry-After") == "" {
		t.Errorf("disturbed: %d, %v", a.status, a.header)
	}
	w.SetFaults(Files, Faults{Precondition: true})
	wantStatus(t, "412 by choice", ask(t, "PUT", root+"neu.txt", "x", "If-None-Match", "*"), http.StatusPreconditionFailed)
	w.SetFaults(Files, Faults{Down: true})
	if _, err := tryAsk("GET", root+"still.txt", nil); err == nil {
		t.Error("a server that is down answered")
	}
	w.SetAllFaults(Faults{Latency: 20 * time.Millisecond})
	begin := time.Now()
	wantStatus(t, "slow", ask(t, "GET", root+"still.txt", ""), http.StatusOK)
	if time.Since(begin) < 20*time.Millisecond {
		t.Error("the answer was not held back")
	}
}
