// SPDX-License-Identifier: EUPL-1.2

package servertest_test

import (
	"crypto/md5" //nolint:gosec // see md5Of
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"kontor/sync/servertest"
)

// asker speaks to a cloud.
type asker struct {
	t *testing.T
	*servertest.CloudServer
	header http.Header // of the last answer
}

// ask sends a request signed with the person's password; headers are "Name: value".
func (a *asker) ask(method, path, body string, headers ...string) (int, string) {
	a.t.Helper()
	req, err := http.NewRequestWithContext(a.t.Context(), method, a.Base+path, strings.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	req.SetBasicAuth(servertest.User, servertest.Password)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // only read
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	a.header = resp.Header
	return resp.StatusCode, string(b)
}

const cloudFiles = "remote.php/dav/files/anna/"

// TestCloudAnswersAsMeasured: what a real Nextcloud was seen to answer.
func TestCloudAnswersAsMeasured(t *testing.T) {
	a := &asker{t: t, CloudServer: servertest.Cloud(t)}
	a.Edit("mkdir d", "put d/a=alt", "put b=b")
	a.Lock("b", true)
	tag := func() string {
		a.ask("GET", cloudFiles+"d/a", "")
		return a.header.Get("ETag")
	}
	old := tag()
	for _, tc := range []struct {
		method, path string
		headers      []string
		want         int
	}{
		{"REPORT", cloudFiles, nil, 415},
		{"LOCK", cloudFiles + "d/a", nil, 501},
		{"PUT", cloudFiles + "d/a", []string{`If-Match: "other"`}, 412},
		{"PUT", cloudFiles + "d/a", []string{"If-None-Match: *"}, 412},
		{"PUT", cloudFiles + "d/a", []string{"If-Match: " + old, "OC-Checksum: SHA1:wrong", "X-OC-Mtime: 1500000000"}, 204},
		{"PUT", cloudFiles + "b", nil, 423},
		{"PUT", cloudFiles + "x.part", nil, 400},
		{"PUT", cloudFiles + ".htaccess", nil, 403},
		{"PUT", cloudFiles + "gibt/es/nicht", nil, 409},
		{"MKCOL", cloudFiles + "d", nil, 405},
		{"MOVE", cloudFiles + "d", []string{"Destination: " + a.Base + cloudFiles + "d/d"}, 403},
		{"MOVE", cloudFiles + "d/a", []string{"Destination: " + a.Base + cloudFiles + "b", "Overwrite: F"}, 412},
		{"PROPFIND", "remote.php/dav/files/weber/", nil, 404},
		{"MKCOL", "remote.php/dav/uploads/anna/1", nil, 400},
		{"PUT", "remote.php/dav/uploads/anna/1/00001", nil, 404},
		{"GET", "ocs/v2.php/cloud/capabilities?format=json", nil, 412},
		{"PUT", cloudFiles + "d/u\u0308ber", nil, 201},
	} {
		if got, body := a.ask(tc.method, tc.path, "neu", tc.headers...); got != tc.want {
			t.Errorf("%s %s %q: %d, want %d: %s", tc.method, tc.path, tc.headers, got, tc.want, body)
		}
	}
	if a.Checksum("d/a") != "SHA1:wrong" {
		t.Error("a wrong checksum was not stored")
	}
	if _, there := a.Tree()["d/\u00fcber"]; !there {
		t.Errorf("names are not composed: %q", a.Tree())
	}
	if tag() == old {
		t.Error("a change keeps the tag")
	}
}

// TestCloudTagsReachTheRoot: every change below shows in the tag of all folders above, and a moved item keeps its own.
func TestCloudTagsReachTheRoot(t *testing.T) {
	a := &asker{t: t, CloudServer: servertest.Cloud(t)}
	a.Edit("mkdir d", "mkdir d/e", "put d/e/a=a", "mkdir f")
	look := func(path string) string {
		_, body := a.ask("PROPFIND", cloudFiles+path, `<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>`, "Depth: 0")
		return body
	}
	root, other, own := look(""), look("f"), look("d/e/a")
	a.Edit("put d/e/a=neu")
	if look("") == root || look("d/e/a") == own || look("f") != other {
		t.Error("the change of a file shows at the wrong places")
	}
	own = look("d/e/a")
	a.Edit("mv d/e/a f/a")
	if moved := strings.ReplaceAll(look("f/a"), "/f/a", "/d/e/a"); moved != own {
		t.Errorf("moved:\n%s\n%s", moved, own)
	}
}

// TestCloudAssembles: pieces are put together by their numbers, if they are all there and the condition holds.
func TestCloudAssembles(t *testing.T) {
	a := &asker{t: t, CloudServer: servertest.Cloud(t)}
	to := "Destination: " + a.Base + cloudFiles + "groß"
	const up = "remote.php/dav/uploads/anna/1"
	a.ask("MKCOL", up, "", to)
	a.ask("PUT", up+"/10", "ende", to)
	a.ask("PUT", up+"/2", "an", to)
	for _, tc := range []struct {
		headers []string
		want    int
	}{
		{[]string{to, "OC-Total-Length: 7"}, 400},
		{[]string{to, "OC-Total-Length: 6", "If: <" + a.Base + cloudFiles + `groß> (["1"])`}, 412},
		{[]string{to, "OC-Total-Length: 6", "Overwrite: F"}, 201},
		{[]string{to, "OC-Total-Length: 6"}, 404},
	} {
		if got, body := a.ask("MOVE", up+"/.file", "", tc.headers...); got != tc.want {
			t.Errorf("%q: %d, want %d: %s", tc.headers, got, tc.want, body)
		}
	}
	if a.Tree()["groß"] != "anende" {
		t.Errorf("%q", a.Tree())
	}
	if got, _ := a.ask("PUT", up+"/0", "x", to); got != 404 {
		t.Errorf("the folder of the pieces is still there: %d", got)
	}
}

func md5Of(s string) string { return fmt.Sprintf("%x", md5.Sum([]byte(s))) } //nolint:gosec // what the interface asks for

// TestCloudBulk: each part stands for itself, without any condition, but with its checksum.
func TestCloudBulk(t *testing.T) {
	a := &asker{t: t, CloudServer: servertest.Cloud(t)}
	a.Edit("put a=alt")
	part := func(path, sum, content string) string {
		return fmt.Sprintf("--b\r\nX-File-Path: %s\r\nX-File-MD5: %s\r\nContent-Length: %d\r\n\r\n%s\r\n", path, sum, len(content), content)
	}
	body := part("/a", md5Of("neu"), "neu") + part("/fehlt/b", md5Of("neu"), "neu") + "--b--\r\n"
	status, answer := a.ask("POST", "remote.php/dav/bulk", body, `Content-Type: multipart/related; boundary="b"`)
	var told map[string]struct{ Error bool }
	if err := json.Unmarshal([]byte(answer), &told); err != nil || status != 200 || told["/a"].Error || !told["/fehlt/b"].Error || a.Tree()["a"] != "neu" {
		t.Errorf("%d %s %v", status, answer, err)
	}
	if status, _ = a.ask("POST", "remote.php/dav/bulk", part("/a", md5Of("neu"), "anders")+"--b--\r\n", "Content-Type: multipart/related; boundary=b"); status != 400 || a.Tree()["a"] != "neu" {
		t.Errorf("a wrong checksum: %d %q", status, a.Tree())
	}
}
