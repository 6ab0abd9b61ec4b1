// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/sync/ical"
)

func TestView(t *testing.T) {
	got := parse(t, vtodo("SUMMARY:Aufmaß\\, Teil 2", "DESCRIPTION:Zeile 1\\nZeile 2\\N\\: a, b &lt;", "STATUS:IN-PROCESS", "PERCENT-COMPLETE:40",
		"PRIORITY:3", "CATEGORIES:a,b", "categories:c\\,d,a", "RELATED-TO;RELTYPE=SIBLING:s", "RELATED-TO;RELTYPE=GAP:g", "RELATED-TO:p1", "RELATED-TO;RELTYPE=PARENT:p2",
		"CREATED:20010101T000010Z", "LAST-MODIFIED:20260102T000000Z", "URL:mid:1@x", "ATTACH:https://x/y", "ATTACH;VALUE=BINARY;ENCODING=BASE64:AAAA",
		"ATTENDEE;CN=Berg:mailto:B@x", "CLASS:CONFIDENTIAL", "DTSTART;TZID=Europe/Berlin:20261124T080000", "DUE;TZID=Europe/Berlin:20261124T103000"))
	if got.Title != "Aufmaß, Teil 2" || got.Note != "Zeile 1\nZeile 2\n: a, b &lt;" || got.Status != InProcess || got.Percent != 40 || got.Priority != 3 {
		t.Errorf("plain fields: %+v", got)
	}
	if !slices.Equal(got.Tags, []string{"a", "b", "c,d"}) { // case 29
		t.Errorf("tags %q", got.Tags)
	}
	if got.ParentUID != "p1" || got.Order != 10 || got.URL != "mid:1@x" || len(got.Links) != 1 || got.Assignee != "Berg" || !got.Private { // cases 31, 35, 41
		t.Errorf("links: %+v", got)
	}
	if !got.Due.Time.Equal(berlin(t, "2026-11-24 10:30")) || !got.Start.Time.Equal(berlin(t, "2026-11-24 08:00")) || got.Done() || got.Closed() {
		t.Errorf("dates: %v %v", got.Start, got.Due)
	}
	if _, err := Parse("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", time.UTC); !errors.Is(err, ErrNoTask) {
		t.Errorf("no task: %v", err)
	}
	if got := parse(t, "BEGIN:VTODO\nUID:x\nATTENDEE:mailto:A@b\n"); !got.Broken || got.Title != "" || got.Assignee != "a@b" || UID("x") != "" { // cases 45, 49
		t.Errorf("broken: %+v", got)
	}
}

// Interop cases 37 to 40.
func TestAlarms(t *testing.T) {
	alarm := func(lines ...string) string {
		return "BEGIN:VALARM\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VALARM"
	}
	got := parse(t, vtodo("DUE:20261124T100000",
		alarm("ACTION:AUDIO", "TRIGGER;RELATED=END:-PT30M", "ACKNOWLEDGED:20261124T080000Z"),
		alarm("ACTION:EMAIL", "TRIGGER:P-1D"),
		alarm("TRIGGER;VALUE=DATE-TIME:20261124T070000Z"),
		alarm("TRIGGER;VALUE=DATE-TIME:19760401T005545Z"), alarm("TRIGGER:nonsense"), alarm("ACTION:DISPLAY")))
	if len(got.Alarms) != 3 {
		t.Fatalf("alarms %v", got.Alarms)
	}
	for i, want := range []string{"2026-11-24 09:30", "2026-11-23 10:00", "2026-11-24 08:00"} {
		if !got.Alarms[i].At.Equal(berlin(t, want)) {
			t.Errorf("alarm %d at %v", i, got.Alarms[i].At)
		}
	}
	if got.Alarms[0].Before != 30*time.Minute || got.Alarms[0].Acknowledged.IsZero() {
		t.Errorf("%+v", got.Alarms[0])
	}
	if got := parse(t, vtodo(alarm("TRIGGER;RELATED=END:-PT30M"))); len(got.Alarms) != 0 {
		t.Errorf("an alarm before nothing: %v", got.Alarms)
	}
}

// Which instance of a series is shown.
func TestShownInstance(t *testing.T) {
	for name, c := range map[string]struct {
		text, due string
		history   int
	}{
		"RDATE":                {series(weekly+"RDATE:20261104T080000Z\r\n", closedAt("20261102T080000Z")), "2026-11-04 11:00", 1},
		"no override":          {series(weekly), "2026-11-02 11:00", 0},
		"rule of no use":       {series(strings.ReplaceAll(weekly, "WEEKLY", "HOURLY"), closedAt("20261102T080000Z")), "2026-11-02 11:00", 1},
		"over the summer time": {series("DTSTART;TZID=Europe/Berlin:20261019T080000\r\nDUE;TZID=Europe/Berlin:20261019T100000\r\nRRULE:FREQ=WEEKLY\r\n", closedAt("20261019T060000Z")), "2026-10-26 10:00", 1},
	} {
		got := parse(t, c.text)
		if !got.Due.Time.Equal(berlin(t, c.due)) || got.History != c.history || got.Closed() || !got.Recurs {
			t.Errorf("%s: due %v, history %d, closed %v", name, got.Due.Time, got.History, got.Closed())
		}
	}
	all := series("DTSTART:20261102T080000Z\r\nRRULE:FREQ=WEEKLY;COUNT=1\r\n", closedAt("20261102T080000Z"))
	if got := parse(t, all); !got.Done() || got.Completed.IsZero() {
		t.Errorf("every instance is done: %+v", got)
	}
	lone := "BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nUID:u1\r\nRECURRENCE-ID:20261102T080000Z\r\nSTATUS:COMPLETED\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
	if got := parse(t, lone); !got.Override || !got.Done() { // case 3
		t.Errorf("an instance alone: %+v", got)
	}
	titled := series(weekly, "RECURRENCE-ID:20261102T080000Z\r\nDUE:20261102T120000Z\r\n")
	if got := parse(t, strings.Replace(titled, "SUMMARY:Serie\r\nRECURRENCE", "RECURRENCE", 1)); got.Title != "Serie" {
		t.Errorf("title of the instance %q", got.Title)
	}
}

// corpus gives every text of the corpus that holds a task, by path.
func corpus(t *testing.T) map[string]string {
	t.Helper()
	dir := os.Getenv("KONTOR_CORPUS")
	if dir == "" {
		t.Skip("KONTOR_CORPUS is not set")
	}
	texts := map[string]string{}
	err := filepath.WalkDir(filepath.Join(dir, "ical"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if UID(string(data)) != "" {
			texts[path] = string(data)
		}
		return err
	})
	if err != nil || len(texts) < 20 {
		t.Fatalf("%d tasks, %v", len(texts), err)
	}
	return texts
}

func TestCorpusViews(t *testing.T) {
	for path, text := range corpus(t) {
		view := parse(t, text)
		if same := apply(t, text, Edit{}); same != text {
			t.Errorf("%s: an empty edit changes it", path)
		}
		changed := apply(t, text, Edit{Title: ptr("Neu"), Priority: ptr(1)})
		if got := parse(t, changed); got.Title != "Neu" || ClassOf(got.Priority) != PriorityHigh {
			t.Errorf("%s: edited to %+v", path, got)
		}
		completed := complete(t, text)
		if got := parse(t, completed); !got.Closed() && !view.Recurs {
			t.Errorf("%s: not done", path)
		}
		if merged, conflicts := Merge(text, changed, completed); len(conflicts) > 0 {
			t.Errorf("%s: conflicts %v in\n%s", path, conflicts, merged)
		}
	}
}

// An edit of one field leaves every other line of a real object alone, octet for octet.
func TestCorpusEditsAreMinimal(t *testing.T) {
	stamps := []string{"DTSTAMP", "LAST-MODIFIED", "SEQUENCE"}
	for name, e := range map[string]struct {
		edit  Edit
		lines []string
	}{
		"title":  {Edit{Title: ptr("Ganz neu")}, []string{"SUMMARY"}},
		"note":   {Edit{Note: ptr("Zeile 1\nZeile 2")}, []string{"DESCRIPTION"}},
		"tags":   {Edit{Tags: ptr([]string{"nur dieses"})}, []string{"CATEGORIES"}},
		"order":  {Edit{Order: ptr(int64(42))}, []string{"X-APPLE-SORT-ORDER"}},
		"parent": {Edit{Parent: ptr("eltern")}, []string{"RELATED-TO"}},
		"url":    {Edit{URL: ptr("https://stadt.example/")}, []string{"URL"}},
		"done":   {Edit{Percent: ptr(60)}, []string{"STATUS", "COMPLETED", "PERCENT-COMPLETE"}},
		"due":    {Edit{Due: &When{berlin(t, "2031-01-02 03:04"), false}}, []string{"DTSTART", "DUE", "DURATION"}},
	} {
		for path, text := range corpus(t) {
			if strings.Contains(text, "RECURRENCE-ID") {
				continue // an override may be added
			}
			before, after := others(text, append(e.lines, stamps...)), others(apply(t, text, e.edit), append(e.lines, stamps...))
			if before != after {
				t.Errorf("%s of %s touches other lines:\n%q\n%q", name, path, before, after)
			}
		}
	}
}

// others gives the content lines of a text whose names are not among the given ones.
func others(text string, names []string) string {
	var kept []string
	var walk func(*ical.Component)
	walk = func(c *ical.Component) {
		kept = append(kept, "BEGIN "+c.Name)
		for _, it := range c.Items {
			if it.Comp != nil {
				walk(it.Comp)
			} else if it.Line.Name != "" && (c.Name != "VTODO" || !slices.Contains(names, it.Line.Name)) {
				kept = append(kept, it.Line.Content())
			}
		}
	}
	walk(ical.Parse(text))
	return strings.Join(kept, "\n")
}

// Damaged objects are read, edited and merged without a panic, and what is read twice is the same.
func TestDamagedCorpus(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for path, text := range corpus(t) {
		for range 20 {
			damaged := []byte(text)
			for range 1 + rnd.IntN(6) {
				damaged[rnd.IntN(len(damaged))] = byte(rnd.IntN(256))
			}
			cut := string(damaged[:rnd.IntN(len(damaged))])
			for _, s := range []string{string(damaged), cut} {
				first, err := Parse(s, time.UTC)
				again, err2 := Parse(s, time.UTC)
				if !reflect.DeepEqual(first, again) || (err == nil) != (err2 == nil) {
					t.Errorf("%s: read differently the second time", path)
				}
				if err != nil {
					continue
				}
				edited, err := Apply(s, Edit{Title: ptr("Neu")}, monday(t))
				if err != nil {
					t.Errorf("%s: %v", path, err)
				}
				if got := parse(t, edited); got.Title != "Neu" {
					t.Errorf("%s: edited to %+v", path, got)
				}
				Merge(text, edited, s)
				Merge(s, text, edited)
			}
		}
	}
}
