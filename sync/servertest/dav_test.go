// SPDX-License-Identifier: EUPL-1.2

package servertest_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/sync/servertest"
)

// request makes one request as the server's user and gives status and body.
func request(t *testing.T, c *http.Client, d *servertest.DAVServer, method, path, body string, header ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(method, d.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(d.User, d.Password)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(data)
}

// preconditions writes a file and tries to overwrite it with a wrong ETag, and gives the status of that.
func preconditions(t *testing.T, d *servertest.DAVServer) int {
	t.Helper()
	if code, _ := request(t, http.DefaultClient, d, "MKCOL", "neu/", ""); code != http.StatusCreated {
		t.Errorf("MKCOL: %d", code)
	}
	if code, _ := request(t, http.DefaultClient, d, "PUT", "neu/a.txt", "eins"); code != http.StatusCreated {
		t.Errorf("PUT: %d", code)
	}
	if err := d.Write("da/tief/b.txt", []byte("zwei")); err != nil {
		t.Fatal(err)
	}
	if code, body := request(t, http.DefaultClient, d, "GET", "da/tief/b.txt", ""); code != http.StatusOK || body != "zwei" {
		t.Errorf("GET of a file that was laid down: %d %q", code, body)
	}
	if code, _ := request(t, http.DefaultClient, d, "PUT", "da/tief/b.txt", "drei"); code >= 300 {
		t.Errorf("PUT over a file that was laid down: %d", code)
	}
	if code, _ := request(t, http.DefaultClient, d, "PROPFIND", "", "", "Depth", "1"); code != http.StatusMultiStatus {
		t.Errorf("PROPFIND: %d", code)
	}
	anonymous := &servertest.DAVServer{URL: d.URL, User: d.User, Password: "falsch"}
	if code, _ := request(t, http.DefaultClient, anonymous, "GET", "neu/a.txt", ""); code != http.StatusUnauthorized {
		t.Errorf("wrong password: %d", code)
	}
	code, _ := request(t, http.DefaultClient, d, "PUT", "neu/a.txt", "falsch", "If-Match", `"abc"`)
	return code
}

func TestApache(t *testing.T) {
	t.Parallel()
	d := servertest.Apache(t)
	if code := preconditions(t, d); code != http.StatusPreconditionFailed {
		t.Errorf("PUT with a wrong ETag: %d, want 412", code)
	}
	if code, _ := request(t, http.DefaultClient, d, "PROPFIND", "", "", "Depth", "infinity"); code != http.StatusForbidden {
		t.Errorf("Depth: infinity: %d, want 403", code)
	}
	if !slices.Contains(d.RequestLog(), "PUT 412 /neu/a.txt") {
		t.Errorf("log %q", d.RequestLog())
	}
	if err := d.ClearLog(); err != nil || len(d.RequestLog()) != 0 {
		t.Errorf("log after clearing: %q (%v)", d.RequestLog(), err)
	}
	if err := d.Age("neu/a.txt", time.Hour); err != nil {
		t.Error(err)
	}
	d.Kill()
	if err := d.Start(); err != nil {
		t.Fatal(err)
	}
	if code, body := request(t, http.DefaultClient, d, "GET", "neu/a.txt", ""); code != http.StatusOK || body != "eins" {
		t.Errorf("after a restart: %d %q", code, body)
	}
}

func TestApacheWithTLSAndDepthInfinity(t *testing.T) {
	t.Parallel()
	d := servertest.Apache(t, servertest.Options{TLS: true, DepthInfinity: true})
	c := &http.Client{Transport: &http.Transport{TLSClientConfig: d.Certs.ClientTLS()}}
	defer c.CloseIdleConnections()
	if code, _ := request(t, c, d, "PROPFIND", "", "", "Depth", "infinity"); code != http.StatusMultiStatus {
		t.Errorf("Depth: infinity: %d, want 207", code)
	}
}

func TestNginxIgnoresPreconditions(t *testing.T) {
	t.Parallel()
	d := servertest.Nginx(t)
	if code := preconditions(t, d); code != http.StatusNoContent {
		t.Errorf("PUT with a wrong ETag: %d, want 204", code)
	}
	if !slices.Contains(d.RequestLog(), "PUT 201 /neu/a.txt") {
		t.Errorf("log %q", d.RequestLog())
	}
}

func TestRcloneIgnoresPreconditions(t *testing.T) {
	t.Parallel()
	if code := preconditions(t, servertest.RcloneServe(t)); code != http.StatusCreated {
		t.Errorf("PUT with a wrong ETag: %d, want 201", code)
	}
}

func TestRadicale(t *testing.T) {
	t.Parallel()
	r := servertest.Radicale(t)
	todo := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VTODO\r\nUID:%\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:Probe\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
	if err := r.List("amt", "Im Amt", map[string]string{"eins": strings.Replace(todo, "%", "eins", 1)}); err != nil {
		t.Fatal(err)
	}
	as := &servertest.DAVServer{URL: r.URL, User: r.User, Password: r.Password}
	if code, body := request(t, http.DefaultClient, as, "PROPFIND", "anna/", "", "Depth", "1"); code != 207 || !strings.Contains(body, "/anna/amt/") {
		t.Errorf("lists: %d %s", code, body)
	}
	path := strings.TrimPrefix(r.ListURL("amt"), r.URL) + "zwei.ics"
	if code, _ := request(t, http.DefaultClient, as, "PUT", path, strings.Replace(todo, "%", "zwei", 1), "If-None-Match", "*"); code != http.StatusCreated {
		t.Errorf("PUT: %d", code)
	}
	objects, err := r.Objects("amt")
	if err != nil || len(objects) != 2 || !strings.Contains(objects["zwei"], "UID:zwei") {
		t.Errorf("objects %v %v", objects, err)
	}
	if !slices.Contains(r.RequestLog(), "PUT 201 /anna/amt/zwei.ics") {
		t.Errorf("log %q", r.RequestLog())
	}
	as.Password = "falsch"
	if code, _ := request(t, http.DefaultClient, as, "PROPFIND", "anna/", ""); code != http.StatusUnauthorized {
		t.Errorf("wrong password: %d", code)
	}
}

func TestRadicaleWithTLS(t *testing.T) {
	t.Parallel()
	r := servertest.Radicale(t, servertest.Options{TLS: true})
	c := &http.Client{Transport: &http.Transport{TLSClientConfig: r.Certs.ClientTLS()}}
	defer c.CloseIdleConnections()
	as := &servertest.DAVServer{URL: r.URL, User: r.User, Password: r.Password}
	if code, _ := request(t, c, as, "PROPFIND", "", "", "Depth", "0"); code != 207 {
		t.Errorf("PROPFIND: %d", code)
	}
}
