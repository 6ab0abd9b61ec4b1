// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kontor/sync/servertest"
)

// taskOffice is an office with a tasks account on a Radicale that has two lists.
func taskOffice(t *testing.T) (*office, *servertest.CalDAVServer) {
	t.Helper()
	r := servertest.Radicale(t)
	for list, title := range map[string]string{"amt": "Amt", "bau": "Bauanträge"} {
		text := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//T//EN\r\nBEGIN:VTODO\r\nUID:" + list + "-1\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:Erste\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
		if err := r.List(list, title, map[string]string{list + "-1": text}); err != nil {
			t.Fatal(err)
		}
	}
	d := newOffice(t)
	d.do("account", "add", "amt", "--email", "anna@stadt.example", "--user", servertest.User, "--password-env", "PW", "--tasks", r.URL)
	d.sync()
	return d, r
}

func TestTaskCommands(t *testing.T) {
	d, r := taskOffice(t)
	lists := get[[]taskListJSON](d, "tasks", "lists")
	if len(lists) != 2 || lists[0].Name != "Amt" || lists[0].Open != 1 {
		t.Fatalf("lists %+v", lists)
	}
	tomorrow := time.Now().AddDate(0, 0, 1)
	parent := get[map[string]int64](d, "tasks", "add", "Amt", "Bericht", "abgeben", "--due", "morgen 14:00", "--start", tomorrow.Format("02.01.2006"), "--priority", "hoch",
		"--tag", "Berichte", "--tag", "Eilt", "--note", "zwei\nZeilen", "--remind", "30m", "--url", "https://stadt.example/x")["id"]
	child := get[map[string]int64](d, "tasks", "add", fmt.Sprint(lists[0].ID), "Zahlen holen", "--parent", fmt.Sprint(parent), "--due", "2027-01-31", "--repeat", "RRULE:FREQ=MONTHLY")["id"]
	id, childID := fmt.Sprint(parent), fmt.Sprint(child)

	got := get[taskJSON](d, "tasks", "show", id)
	if got.Title != "Bericht abgeben" || !strings.HasPrefix(got.Due, tomorrow.Format("2006-01-02")+"T14:00") || got.Priority != 1 || len(got.Tags) != 2 ||
		got.Children != 1 || len(got.Alarms) != 1 || got.State != "waiting" || got.URL == "" || got.AllDay {
		t.Errorf("shown %+v", got)
	}
	words := d.do("tasks", "show", id)
	for _, part := range []string{"Bericht abgeben", "14:00", "hoch", "Berichte, Eilt", "Zeilen", "Zahlen holen", "wartet"} {
		if !strings.Contains(words, part) {
			t.Errorf("%q is missing in\n%s", part, words)
		}
	}
	if tree := d.do("tasks", "list", "amt"); !strings.Contains(tree, "  [ ] Zahlen holen") || !strings.Contains(tree, "[ ] !Bericht abgeben") {
		t.Errorf("list\n%s", tree)
	}
	d.do("tasks", "edit", id, "--title", "Bericht", "--due", "", "--start", "", "--priority", "", "--tag", "", "--note", "", "--remind", "", "--percent", "50")
	got = get[taskJSON](d, "tasks", "show", id)
	if got.Title != "Bericht" || got.Due != "" || got.Priority != 0 || len(got.Tags) != 0 || len(got.Alarms) != 0 || got.Percent != 50 || got.Status != "IN-PROCESS" {
		t.Errorf("edited %+v", got)
	}
	d.do("tasks", "done", childID)
	if got := get[taskJSON](d, "tasks", "show", childID); got.Due != "2027-03-31" || got.Done || !got.AllDay {
		t.Errorf("went on to %+v", got)
	}
	d.do("tasks", "done", id)
	if all := get[[]taskJSON](d, "tasks", "list", "Amt"); len(all) != 2 {
		t.Errorf("open: %+v", all)
	}
	if all := get[[]taskJSON](d, "tasks", "list", "Amt", "--all"); len(all) != 3 {
		t.Errorf("all: %+v", all)
	}
	d.do("tasks", "reopen", id)
	d.do("tasks", "move", "Bauanträge", id)
	d.sync()
	objects, err := r.Objects("bau")
	if err != nil || len(objects) != 3 {
		t.Fatalf("%d objects, %v", len(objects), err)
	}
	ics := d.do("tasks", "show", id, "--ics")
	if held := objects[got.UID]; ics != held {
		t.Errorf("shown\n%q\nheld\n%q", ics, held)
	}
	if doc := get[map[string]any](d, "tasks", "show", id, "--ics"); doc["ics"] != ics {
		t.Errorf("as JSON %v", doc)
	}
	d.do("tasks", "rm", id)
	d.sync()
	if get[taskJSON](d, "tasks", "show", childID).ParentUID != "" {
		t.Error("the subtask did not move up")
	}
	d.healthy()
}

func TestTaskCommandsRefuse(t *testing.T) {
	d, _ := taskOffice(t)
	for _, args := range [][]string{
		{"tasks", "add", "Amt"},
		{"tasks", "list"},
		{"tasks", "show", "x"},
		{"tasks", "done"},
		{"tasks", "move", "Amt"},
		{"tasks", "lists", "x"},
		{"tasks", "edit"},
		{"tasks", "add", "Amt", "x", "--priority", "17"},
		{"tasks", "add", "Amt", "x", "--remind", "bald"},
		{"tasks", "edit", "1", "--nothing"},
	} {
		d.refused(exitUsage, args...)
	}
	for _, args := range [][]string{
		{"tasks", "add", "Nirgends", "x"},
		{"tasks", "add", "Amt", "x", "--due", "irgendwann"},
		{"tasks", "add", "Amt", "x", "--tag", "a,b"},
		{"tasks", "show", "999"},
		{"tasks", "add", "Amt", "x", "--repeat", "FREQ=MINUTELY"},
		{"tasks", "add", "Amt", "x", "--parent", "999"},
		{"tasks", "add", "Amt", "x", "--repeat", "FREQ=DAILY"},
	} {
		d.refused(exitFailed, args...)
	}
	if d.pending() != 0 {
		t.Error("something was written all the same")
	}
	for _, list := range []string{"today", "upcoming", "important", "overdue", "nodate", "*"} {
		d.do("tasks", "list", list)
	}
}
