// SPDX-License-Identifier: EUPL-1.2

package demo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kontor/sync/servertest"
)

// model is a tree of files in memory: folders end with a slash.
type model map[string]string

func (m model) isDir(p string) bool { _, ok := m[p+"/"]; return ok || p == "" }
func (m model) has(p string) bool   { _, ok := m[p]; return ok || m.isDir(p) }

func (m model) parentThere(p string) bool {
	i := strings.LastIndexByte(p, '/')
	return i < 0 || m.isDir(p[:i])
}

func (m model) remove(p string) {
	delete(m, p)
	for k := range m {
		if strings.HasPrefix(k, p+"/") {
			delete(m, k)
		}
	}
}

func (m model) copyTo(from, to string) {
	for k, v := range maps.Clone(m) {
		if k == from || strings.HasPrefix(k, from+"/") {
			m[to+strings.TrimPrefix(k, from)] = v
		}
	}
}

// step sends one request and gives what the model says the answer must be.
func (m model) step(t *rapid.T, root string) (answer, int, error) {
	places := []string{"a", "b", "d", "d/a", "d/e", "d/e/f", "ä %2F&#+", "d/ä b"}
	p := rapid.SampledFrom(places).Draw(t, "path")
	switch rapid.SampledFrom([]string{"PUT", "PUT", "MKCOL", "DELETE", "MOVE", "COPY", "GET"}).Draw(t, "method") {
	case "PUT":
		body := rapid.StringMatching(`[a-zä]{0,8}`).Draw(t, "content")
		want := http.StatusCreated
		switch {
		case m.isDir(p):
			want = http.StatusMethodNotAllowed
		case !m.parentThere(p):
			want = http.StatusConflict
		case m.has(p):
			want = http.StatusNoContent
		}
		if want < 300 {
			m[p] = body
		}
		a, err := tryAsk("PUT", root+escapePath(p), strings.NewReader(body))
		return a, want, err
	case "MKCOL":
		want := http.StatusCreated
		switch {
		case m.has(p):
			want = http.StatusMethodNotAllowed
		case !m.parentThere(p):
			want = http.StatusConflict
		default:
			m[p+"/"] = ""
		}
		a, err := tryAsk("MKCOL", root+escapePath(p), nil)
		return a, want, err
	case "DELETE":
		want := http.StatusNoContent
		if !m.has(p) {
			want = http.StatusNotFound
		}
		m.remove(p)
		a, err := tryAsk("DELETE", root+escapePath(p), nil)
		return a, want, err
	case "GET":
		want := http.StatusOK
		if _, file := m[p]; !file {
			want = http.StatusNotFound
		}
		a, err := tryAsk("GET", root+escapePath(p), nil)
		if err == nil && want == http.StatusOK && a.body != m[p] {
			t.Fatalf("%s holds %q, want %q", p, a.body, m[p])
		}
		if m.isDir(p) {
			want = a.status // what a folder answers is its own business
		}
		return a, want, err
	}
	return m.transfer(t, root, p, rapid.SampledFrom(places).Draw(t, "to"))
}

func (m model) transfer(t *rapid.T, root, from, to string) (answer, int, error) {
	method := rapid.SampledFrom([]string{"MOVE", "COPY"}).Draw(t, "how")
	overwrite := rapid.SampledFrom([]string{"T", "F"}).Draw(t, "overwrite")
	inside := strings.HasPrefix(to+"/", from+"/") || strings.HasPrefix(from+"/", to+"/")
	if inside || !m.has(from) || !m.parentThere(to) {
		return answer{}, 0, nil // what servers say about that differs
	}
	want := http.StatusCreated
	switch {
	case m.has(to) && overwrite == "F":
		want = http.StatusPreconditionFailed
	case m.has(to):
		want = http.StatusNoContent
	}
	if want < 300 {
		m.remove(to)
		m.copyTo(from, to)
		if method == "MOVE" {
			m.remove(from)
		}
	}
	a, err := tryAsk(method, root+escapePath(from), nil, "Destination", root+escapePath(to), "Overwrite", overwrite)
	return a, want, err
}

func escapePath(p string) string {
	var b strings.Builder
	for _, c := range []byte(p) {
		if c == '/' || (c >= 'a' && c <= 'z') {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

// TestFilesFollowTheModel: random requests get the answers of RFC 4918, the tree is the model's, and the root's ETag
// changes exactly when something below it does.
func TestFilesFollowTheModel(t *testing.T) {
	w := start(t, Options{Empty: true})
	root, u := w.FilesURL(), w.User("brandt")
	tagOf := func(t *rapid.T) string {
		a, err := tryAsk("PROPFIND", root, strings.NewReader(askProps), "Depth", "0")
		if err != nil {
			t.Fatal(err)
		}
		return etagOf.FindString(a.body)
	}
	rapid.Check(t, func(t *rapid.T) {
		m := model{}
		for _, name := range []string{"a", "b", "d", "ä %2F&#+"} {
			u.RemoveFile(name)
		}
		for range rapid.IntRange(1, 15).Draw(t, "steps") {
			before, tag := maps.Clone(m), tagOf(t)
			a, want, err := m.step(t, root)
			if err != nil {
				t.Fatal(err)
			}
			if below := want == http.StatusConflict && a.status == http.StatusMethodNotAllowed; want != 0 && a.status != want && !below { // in a file
				t.Fatalf("answered %d, want %d: %s", a.status, want, a.body)
			}
			if !maps.Equal(before, m) && tagOf(t) == tag {
				t.Fatal("the tree changed, its ETag did not")
			}
		}
		var files []string
		for p, content := range m {
			if strings.HasSuffix(p, "/") {
				continue
			}
			files = append(files, "/"+p)
			if data, ok := u.File(p); !ok || string(data) != content {
				t.Fatalf("%s holds %q, want %q", p, data, content)
			}
		}
		slices.Sort(files)
		if got := u.Files(); !slices.Equal(got, files) {
			t.Fatalf("files %q, want %q", got, files)
		}
	})
}

var responseOf = regexp.MustCompile(`(?s)<d:response>(.*?)</d:response>`)

// TestSyncTokensTellEverything: a client that only ever asks what changed since its last token, at any moment and in
// portions of any size, holds what the list holds.
func TestSyncTokensTellEverything(t *testing.T) {
	w := start(t, Options{Empty: true})
	u := w.User("brandt")
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		list := fmt.Sprint("liste", run)
		u.PutTask(list, "erste.ics", vtodo("erste", "x"))
		url := w.TasksURL() + "calendars/brandt/" + list + "/"
		known, token := map[string]string{}, ""
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			name := rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(rt, "name") + ".ics"
			switch rapid.IntRange(0, 3).Draw(rt, "step") {
			case 0, 1:
				u.PutTask(list, name, vtodo(name, rapid.StringMatching(`[a-z]{1,4}`).Draw(rt, "title")))
			case 2:
				u.RemoveTask(list, name)
			case 3:
				limit := ""
				if rapid.Bool().Draw(rt, "in portions") {
					limit = "<limit><nresults>1</nresults></limit>"
				}
				token = catchUp(t, url, token, limit, known)
			}
		}
		catchUp(t, url, token, "", known)
		want := slices.Sorted(maps.Keys(u.TaskTexts(list)))
		if got := slices.Sorted(maps.Keys(known)); !slices.Equal(got, want) {
			rt.Fatalf("the client knows %v, the list holds %v", got, want)
		}
		for name, tag := range known {
			if a := ask(t, "GET", url+name, ""); a.header.Get("ETag") != tag {
				rt.Fatalf("%s is %s, the client has %s", name, a.header.Get("ETag"), tag)
			}
		}
	})
}

// catchUp takes one answer, or one portion of it, over into what a client knows.
func catchUp(t *testing.T, url, token, limit string, known map[string]string) string {
	t.Helper()
	body, next := syncFrom(t, url, token, limit)
	for _, m := range responseOf.FindAllStringSubmatch(body, -1) {
		_, href, _ := strings.Cut(m[1], "<d:href>")
		href, _, _ = strings.Cut(href, "</d:href>")
		name := href[strings.LastIndexByte(href, '/')+1:]
		_, tag, found := strings.Cut(m[1], "<d:getetag>")
		tag, _, _ = strings.Cut(tag, "</d:getetag>")
		switch {
		case name == "": // the list itself: there is more
		case found:
			known[name] = strings.NewReplacer("&#34;", `"`, "&quot;", `"`).Replace(tag)
		default:
			delete(known, name)
		}
	}
	return next
}

// TestTaskPreconditionsHoldUnderPressure: of many writers with the same ETag exactly one wins, each time.
func TestTaskPreconditionsHoldUnderPressure(t *testing.T) {
	w := start(t, Options{Empty: true})
	for protocol, url := range map[Protocol]string{Files: w.FilesURL() + "a", Tasks: w.TasksURL() + "calendars/brandt/liste/a.ics"} {
		w.User("brandt").PutTask("liste", "b.ics", vtodo("b", "x"))
		tag := ""
		for round := range 5 {
			var mu sync.Mutex
			var wg sync.WaitGroup
			won, next := 0, ""
			for i := range 8 {
				wg.Go(func() {
					pair := []string{"If-None-Match", "*"}
					if tag != "" {
						pair = []string{"If-Match", tag}
					}
					a, err := tryAsk("PUT", url, strings.NewReader(vtodo("a", fmt.Sprint(round, i))), pair...)
					mu.Lock()
					defer mu.Unlock()
					switch {
					case err != nil:
						t.Error(err)
					case a.status/100 == 2:
						won++
						next = a.header.Get("ETag")
					case a.status != http.StatusPreconditionFailed:
						t.Errorf("%s answered %d: %s", protocol, a.status, a.body)
					}
				})
			}
			wg.Wait()
			if won != 1 || next == "" || next == tag {
				t.Fatalf("%s, round %d: %d writers won, ETag %s after %s", protocol, round, won, next, tag)
			}
			tag = next
		}
	}
}

// TestOtherPrograms: rclone and curl, which know nothing of this server, get along with it.
func TestOtherPrograms(t *testing.T) {
	w := start(t, Options{Empty: true})
	u := w.User("brandt")
	t.Run("rclone", func(t *testing.T) {
		program := servertest.Tool(t, "rclone")
		dir := t.TempDir()
		for name, content := range map[string]string{"a.txt": "eins", "Ämter/b #1.txt": "zwei", "leer": ""} {
			if err := errors.Join(os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755), os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644)); err != nil {
				t.Fatal(err)
			}
		}
		rclone := func(args ...string) {
			t.Helper()
			cmd := exec.CommandContext(context.Background(), program, append([]string{"--config", filepath.Join(dir, ".none"), "--webdav-url", w.FilesURL(), "--webdav-user", "brandt"}, args...)...)
			cmd.Env = append(os.Environ(), "RCLONE_WEBDAV_PASS="+obscured(t, program))
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("rclone %v: %v\n%s", args, err, out)
			}
		}
		rclone("copy", dir, ":webdav:Ablage")
		rclone("check", dir, ":webdav:Ablage", "--download")
		rclone("moveto", ":webdav:Ablage/a.txt", ":webdav:Ablage/Ämter/c.txt")
		rclone("deletefile", ":webdav:Ablage/leer")
		if got := u.Files(); !slices.Equal(got, []string{"/Ablage/Ämter/b #1.txt", "/Ablage/Ämter/c.txt"}) {
			t.Errorf("files %q", got)
		}
	})
	t.Run("curl", func(t *testing.T) {
		program := servertest.Tool(t, "curl")
		u.AddMessage("INBOX", note("mit curl"), time.Now())
		for args, want := range map[string]string{
			w.IMAPURL() + "/INBOX?SUBJECT%20curl":                     "* SEARCH 1",
			w.IMAPURL() + "/INBOX;UID=1":                              "Subject: mit curl",
			w.FilesURL() + "Ablage/%C3%84mter/b%20%231.txt":           "zwei",
			w.TasksURL() + "calendars/brandt/ -X PROPFIND -H Depth:1": "<d:multistatus",
		} {
			cmd := exec.CommandContext(context.Background(), program, append([]string{"-s", "-u", "brandt:demo"}, strings.Fields(args)...)...)
			if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), want) && !strings.Contains(args, "Ablage") {
				t.Errorf("curl %s: %v\n%s", args, err, out)
			}
		}
	})
}

// obscured is the password as rclone wants it.
func obscured(t *testing.T, program string) string {
	t.Helper()
	out, err := exec.CommandContext(context.Background(), program, "obscure", "demo").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// TestFaultsOfEveryProtocol: each switch does what it says on each server, and off means off.
func TestFaultsOfEveryProtocol(t *testing.T) {
	w := start(t, Options{Empty: true})
	try := map[Protocol]func() (answer, error){
		Files: func() (answer, error) {
			return tryAsk("PUT", w.FilesURL()+"x", strings.NewReader("x"), "If-Match", "*")
		},
		Tasks: func() (answer, error) {
			return tryAsk("PUT", w.TasksURL()+"calendars/brandt/liste/x.ics", strings.NewReader(vtodo("x", "x")), "If-Match", "*")
		},
	}
	w.User("brandt").PutFile("x", []byte("0"))
	w.User("brandt").PutTask("liste", "x.ics", vtodo("x", "0"))
	for p, put := range try {
		for _, status := range []int{401, 403, 423, 429, 500, 503, 507} {
			w.SetFaults(p, Faults{Status: status})
			if a, err := put(); err != nil || a.status != status || (a.header.Get("Retry-After") != "") != (status == 429 || status == 503) {
				t.Errorf("%s: %d, %v, want %d", p, a.status, err, status)
			}
		}
		w.SetFaults(p, Faults{Precondition: true})
		if a, err := put(); err != nil || a.status != http.StatusPreconditionFailed {
			t.Errorf("%s: %d, %v", p, a.status, err)
		}
		w.SetFaults(p, Faults{Down: true})
		if a, err := put(); err == nil {
			t.Errorf("%s answers %d while it is down", p, a.status)
		}
		w.SetFaults(p, Faults{LoseAnswer: true})
		if a, err := put(); err == nil {
			t.Errorf("%s: the answer %d was not lost", p, a.status)
		}
		started := time.Now()
		w.SetFaults(p, Faults{Latency: 60 * time.Millisecond})
		if a, err := put(); err != nil || a.status/100 != 2 || time.Since(started) < 60*time.Millisecond {
			t.Errorf("%s: %d, %v after %v", p, a.status, err, time.Since(started))
		}
	}
	w.SetAllFaults(Faults{})
	for p, put := range try {
		if a, err := put(); err != nil || a.status/100 != 2 {
			t.Errorf("%s does not recover: %d, %v", p, a.status, err)
		}
	}
	if data, _ := w.User("brandt").File("x"); string(data) != "x" {
		t.Errorf("the change with the lost answer, and those after it, came to %q", data)
	}
}
