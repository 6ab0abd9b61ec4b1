// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kontor/sync/servertest"
)

// board is an office with task lists on a server behind a proxy, and a second client beside it.
type board struct {
	*office
	server *servertest.CalDAVServer
	proxy  *servertest.ProxyServer
	web    *http.Client
}

func startBoard(t testing.TB) *board {
	t.Helper()
	server := servertest.Radicale(t, servertest.Options{TLS: true})
	b := &board{office: newOffice(t), server: server, proxy: servertest.Proxy(t, server.Addr)}
	b.web = &http.Client{Transport: &http.Transport{TLSClientConfig: server.Certs.ClientTLS()}}
	return b
}

func (b *board) setUp() {
	b.t.Helper()
	b.do("account", "add", "amt", "--email", "anna@stadt.example", "--user", b.server.User, "--password-env", "PW",
		"--tasks", "https://"+b.proxy.Addr+"/", "--ca", b.server.Certs.CAFile)
}

// ask sends a request as another program does.
func (b *board) ask(method, list, name, body string) string {
	b.t.Helper()
	req, err := http.NewRequest(method, b.server.ListURL(list)+name+".ics", strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	req.SetBasicAuth(b.server.User, b.server.Password)
	req.Header.Set("Content-Type", "text/calendar; charset=utf-8")
	res, err := b.web.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 300 {
		b.t.Fatalf("%s %s: %s %v", method, name, res.Status, err)
	}
	return string(text)
}

// change replaces a piece of a task as another program does.
func (b *board) change(list, name, old, next string) {
	b.t.Helper()
	text := b.ask(http.MethodGet, list, name, "")
	changed := strings.Replace(text, old, next, 1)
	if changed == text {
		b.t.Fatalf("no %q in\n%s", old, text)
	}
	b.ask(http.MethodPut, list, name, changed)
}

// todo is the text of a task with things that Kontor does not know.
func todo(n int, more ...string) string {
	lines := append([]string{
		"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Amt//Probe//DE", "BEGIN:VTODO", fmt.Sprintf("UID:t%d@amt", n),
		"DTSTAMP:20261101T080000Z", fmt.Sprintf("SUMMARY:Aufgabe %d", n), "X-AMT-AKTE;X-P=\"a:b\":12-34/" + fmt.Sprint(n),
		"DESCRIPTION:Erste Zeile\\nZweite\\, mit Komma",
	}, more...)
	return strings.Join(append(lines, "END:VTODO", "END:VCALENDAR", ""), "\r\n")
}

func (b *board) tasks(list string) map[string]taskJSON {
	b.t.Helper()
	byTitle := map[string]taskJSON{}
	for _, t := range get[[]taskJSON](b.office, "tasks", "list", list, "--all") {
		byTitle[t.Title] = t
	}
	return byTitle
}

// id finds a task by its title.
func (b *board) id(list, title string) string {
	b.t.Helper()
	t, ok := b.tasks(list)[title]
	if !ok {
		b.t.Fatalf("there is no task %q in %s: %s", title, list, b.do("tasks", "list", list, "--all"))
	}
	return idText(t.ID)
}

// canonical is a text without the order of its lines, which Radicale does not keep.
func canonical(text string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n ", "")
	lines := strings.Split(strings.TrimSpace(text), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// same compares what is here with the files of the server.
func (b *board) same(lists map[string]string) {
	b.t.Helper()
	var here, there []string
	for dir, title := range lists {
		for _, t := range b.tasks(title) {
			here = append(here, line(dir, canonical(b.do("tasks", "show", idText(t.ID), "--ics"))))
		}
		objects, err := b.server.Objects(dir)
		if err != nil {
			b.t.Fatal(err)
		}
		for _, text := range objects {
			there = append(there, line(dir, canonical(text)))
		}
	}
	differ(b.t, "tasks", here, there)
	b.healthy()
}

var twoLists = map[string]string{"dienst": "Dienst", "privat": "Privat"}

// lay puts the beginning on the server: tasks 0 to n-1, and a second list with one.
func (b *board) lay(n int) {
	b.t.Helper()
	objects := map[string]string{}
	for i := range n {
		objects[fmt.Sprint("t", i)] = todo(i)
	}
	if err := b.server.List("dienst", "Dienst", objects); err != nil {
		b.t.Fatal(err)
	}
	if err := b.server.List("privat", "Privat", map[string]string{"t100": todo(100)}); err != nil {
		b.t.Fatal(err)
	}
}

func TestTasksOfflineAndBack(t *testing.T) {
	t.Parallel()
	b := startBoard(t)
	b.lay(12)
	b.setUp()
	b.sync()
	b.same(twoLists)
	b.proxy.Refuse(true)
	b.do("tasks", "edit", b.id("Dienst", "Aufgabe 0"), "--title", "Aufgabe 0 von hier")
	b.do("tasks", "edit", b.id("Dienst", "Aufgabe 1"), "--title", "Aufgabe 1 von hier", "--tag", "eilig")
	b.do("tasks", "done", b.id("Dienst", "Aufgabe 2"))
	b.do("tasks", "rm", b.id("Dienst", "Aufgabe 3"), b.id("Dienst", "Aufgabe 4"))
	b.do("tasks", "edit", b.id("Dienst", "Aufgabe 5"), "--due", "2026-12-24", "--priority", "high")
	b.do("tasks", "move", "Privat", b.id("Dienst", "Aufgabe 7"))
	b.do("tasks", "add", "Dienst", "Neu von hier", "--due", "2026-12-01", "--tag", "a", "--tag", "b", "--note", "Text; mit, Zeichen", "--parent", b.id("Dienst", "Aufgabe 0 von hier"))
	b.change("dienst", "t0", "DTSTAMP:", "DUE;VALUE=DATE:20261130\r\nDTSTAMP:") // another field of the same task
	b.change("dienst", "t1", "SUMMARY:Aufgabe 1", "SUMMARY:Aufgabe 1 von dort") // the same field
	b.change("dienst", "t2", "DESCRIPTION:Erste", "DESCRIPTION:Andere")         // done here
	b.change("dienst", "t3", "SUMMARY:Aufgabe 3", "SUMMARY:Aufgabe 3 lebt")     // deleted here
	b.ask(http.MethodDelete, "dienst", "t5", "")                                // edited here
	b.ask(http.MethodDelete, "dienst", "t6", "")                                // untouched here
	b.change("dienst", "t8", "SUMMARY:Aufgabe 8", "SUMMARY:Aufgabe 8 von dort")
	b.ask(http.MethodPut, "dienst", "t50", todo(50, "RRULE:FREQ=WEEKLY", "DTSTART;VALUE=DATE:20261102"))

	waiting := b.pending()
	if reason := b.refused(exitFailed, "sync"); !strings.Contains(reason, "Der Server antwortet nicht.") {
		t.Errorf("the reason is %s", reason)
	}
	if b.pending() != waiting || waiting < 8 {
		t.Fatalf("%d operations wait, then %d", waiting, b.pending())
	}
	b.proxy.Refuse(false)
	b.sync()
	b.same(twoLists)
	b.checkMerged()
	b.decide()
	b.sync()
	b.same(twoLists)
	if left := get[[]conflictJSON](b.office, "conflicts"); len(left) != 0 {
		t.Errorf("conflicts are left: %v", left)
	}
}

// checkMerged looks at what both sides' changes came to.
func (b *board) checkMerged() {
	b.t.Helper()
	all := b.tasks("Dienst")
	for title, fits := range map[string]func(taskJSON) bool{
		"Aufgabe 0 von hier": func(t taskJSON) bool { return t.Due == "2026-11-30" && t.Children == 1 },
		"Aufgabe 1 von hier": func(t taskJSON) bool { return slices.Equal(t.Tags, []string{"eilig"}) && t.State == "conflict" },
		"Aufgabe 2":          func(t taskJSON) bool { return t.Done && strings.HasPrefix(t.Note, "Andere") },
		"Aufgabe 3 lebt":     func(t taskJSON) bool { return !t.Closed },
		"Aufgabe 5":          func(t taskJSON) bool { return t.Due == "2026-12-24" && t.Priority == 1 },
		"Aufgabe 8 von dort": func(t taskJSON) bool { return t.State == "server" },
		"Aufgabe 50":         func(t taskJSON) bool { return t.Repeat == "FREQ=WEEKLY" },
		"Neu von hier":       func(t taskJSON) bool { return t.Note == "Text; mit, Zeichen" && len(t.Tags) == 2 },
	} {
		if t, ok := all[title]; !ok || !fits(t) {
			b.t.Errorf("%s: %v %+v", title, ok, t)
		}
	}
	for _, title := range []string{"Aufgabe 4", "Aufgabe 6", "Aufgabe 7", "Aufgabe 1 von dort"} {
		if _, ok := all[title]; ok {
			b.t.Errorf("%s is still there", title)
		}
	}
	if _, ok := b.tasks("Privat")["Aufgabe 7"]; !ok {
		b.t.Error("task 7 did not arrive in the other list")
	}
}

// decide takes their title for task 1 and keeps the others as they are.
func (b *board) decide() {
	b.t.Helper()
	open := get[[]conflictJSON](b.office, "conflicts", "list")
	if len(open) == 0 {
		b.t.Fatal("nothing is to be decided")
	}
	for _, c := range open {
		if c.Kind != "task" {
			b.t.Errorf("%+v", c)
		}
		choice := "both"
		if strings.Contains(c.Title, "Aufgabe 1") {
			choice = "theirs"
		}
		b.do("conflicts", "resolve", idText(c.ID), choice)
		b.refused(exitFailed, "conflicts", "resolve", idText(c.ID), choice)
	}
	all := b.tasks("Dienst")
	if _, ok := all["Aufgabe 1 von dort"]; !ok {
		b.t.Errorf("their title was not taken: %v", all)
	}
}

func TestTasksConnectionsBreak(t *testing.T) {
	t.Parallel()
	b := startBoard(t)
	b.lay(34)
	for i, n := range []int64{500, 5000, 12000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			c := *b
			c.office = newOffice(t)
			c.proxy = servertest.Proxy(t, b.server.Addr)
			c.setUp()
			c.proxy.CutDown(n)
			c.call("sync")
			c.proxy.CutDown(-1)
			c.sync()
			c.same(twoLists)
			for k := range 5 {
				c.do("tasks", "add", "Privat", fmt.Sprint("Schnitt ", n, " ", k), "--note", strings.Repeat("ä", 500))
			}
			c.do("tasks", "done", c.id("Dienst", fmt.Sprint("Aufgabe ", i)))
			c.do("tasks", "rm", c.id("Dienst", fmt.Sprint("Aufgabe ", 30+i)))
			c.proxy.CutUp(n / 2)
			c.call("sync")
			c.proxy.CutUp(-1)
			c.sync()
			c.same(twoLists)
			texts, err := c.server.Objects("privat")
			if err != nil {
				t.Fatal(err)
			}
			for k := range 5 {
				title, found := fmt.Sprint("SUMMARY:Schnitt ", n, " ", k, "\r\n"), 0
				for _, text := range texts {
					if bytes.Contains([]byte(text), []byte(title)) {
						found++
					}
				}
				if found != 1 {
					t.Errorf("%s is there %d times", title, found)
				}
			}
		})
	}
	if all, err := filepath.Glob(filepath.Join(b.server.Dir, "collection-root", b.server.User, "*", "*.ics")); err != nil || len(all) != 34+1+3*5-3 {
		t.Errorf("%d objects, %v", len(all), err)
	}
}
