// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/app/i18n"
	"kontor/app/tasks"
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

// TestNewListBeforeFirstSync: a list can be made, and filled, before anything is known of the server.
func TestNewListBeforeFirstSync(t *testing.T) {
	r := servertest.Radicale(t)
	d := newOffice(t)
	d.refused(exitFailed, "tasks", "new-list", "Erste") // there is no account for tasks
	d.do("account", "add", "amt", "--email", "anna@stadt.example", "--user", servertest.User, "--password-env", "PW", "--tasks", r.URL, "--no-test")
	d.do("tasks", "new-list", "Erste")
	d.do("tasks", "add", "Erste", "Anfang")
	d.sync()
	if lists := get[[]taskListJSON](d, "tasks", "lists"); len(lists) != 1 || lists[0].Name != "Erste" || lists[0].Open != 1 {
		t.Errorf("lists %+v", lists)
	}
	made, err := filepath.Glob(filepath.Join(r.Dir, "collection-root", r.User, "*", "*.ics"))
	if err != nil || len(made) != 1 {
		t.Errorf("on the server: %v, %v", made, err)
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
		{"tasks", "edit", "1"},
		{"tasks", "edit", "1", "--percent", "150"},
		{"tasks", "save", "", "x"},
		{"tasks", "save", "Name", " "},
		{"tasks", "new-list", " "},
		{"tasks", "edit-list", "Amt"},
		{"tasks", "edit-list", "Amt", "--name", ""},
		{"tasks", "edit-list", "Amt", "--place", "0"},
		{"tasks", "edit", "1", "--repeat-from", "morgen"},
		{"tasks", "quick"},
		{"tasks", "plan", "morgen"},
		{"tasks", "snooze", "", "1"},
		{"tasks", "place"},
		{"tasks", "tag", "1"},
		{"tasks", "link", "1"},
		{"tasks", "attachment", "1", "x"},
		{"tasks", "attachment", "1"},
		{"tasks", "export", "Amt"},
		{"tasks", "import", "Amt"},
		{"tasks", "saved", "x"},
		{"tasks", "save", "x"},
		{"tasks", "forget"},
		{"tasks", "new-list", "x", "--color", "rot"},
		{"tasks", "edit-list", "Amt", "--color", "#12"},
		{"tasks", "rm-list"},
	} {
		d.refused(exitUsage, args...)
	}
	for _, args := range [][]string{
		{"tasks", "add", "Nirgends", "x"},
		{"tasks", "add", "Amt", " "},
		{"tasks", "add", "Amt", "x", "--start", "5.12.2027", "--due", "4.12.2027"},
		{"tasks", "edit", "1", "--start", "5.12.2027 10:00", "--due", "5.12.2027 9:00"},
		{"tasks", "edit", "1", "--title", ""},
		{"tasks", "quick", ""},
		{"tasks", "edit", "1", "--parent", "1"},
		{"tasks", "edit", "1", "--url", "javascript:alert(1)"},
		{"tasks", "place", "1", "--after", "999"},
		{"tasks", "import", "Amt", os.TempDir()},
		{"tasks", "export", "Amt", os.TempDir()},
		{"tasks", "add", "Amt", "x", "--due", "irgendwann"},
		{"tasks", "add", "Amt", "x", "--tag", "a,b"},
		{"tasks", "show", "999"},
		{"tasks", "add", "Amt", "x", "--repeat", "FREQ=MINUTELY"},
		{"tasks", "add", "Amt", "x", "--parent", "999"},
		{"tasks", "add", "Amt", "x", "--repeat", "FREQ=DAILY"},
		{"tasks", "plan", "irgendwann", "1"},
		{"tasks", "link", "1", "javascript:alert(1)"},
		{"tasks", "attachment", "1", "0"},
		{"tasks", "export", "Amt", "-", "--format", "pdf"},
		{"tasks", "import", "Amt", "/nirgends.ics"},
		{"tasks", "forget", "7"},
		{"tasks", "place", "1", "--under", "1"},
		{"tasks", "new-list", "x", "--account", "niemand"},
		{"tasks", "rm-list", "Nirgends"},
	} {
		d.refused(exitFailed, args...)
	}
	d.do("tasks", "edit", "1", "--start", "5.12.2027 10:00", "--due", "5.12.2027")
	d.do("journal", "undo")
	if d.pending() != 0 {
		t.Error("something was written all the same")
	}
	for _, list := range []string{"today", "upcoming", "important", "overdue", "nodate", "*", "Heute", "demnächst", "Wichtig", "überfällig", "Ohne Datum"} {
		d.do("tasks", "list", list)
	}
}

// What is refused says in one sentence each what happened, what is safe and what to do, in both languages.
func TestTaskRefusalsExplainThemselves(t *testing.T) {
	d, _ := taskOffice(t)
	t.Cleanup(func() { i18n.Use(i18n.German) }) // as all other tests expect it
	for lang, want := range map[i18n.Lang]map[string]string{
		i18n.German: {
			"tasks show 999":                   "Das gibt es im lokalen Bestand nicht. Nichts wurde geändert; prüfen Sie den Namen oder die Nummer.",
			"tasks show abc":                   "„abc“ ist keine Nummer",
			"tasks add Amt x --due irgendwann": "Dieses Datum ist nicht lesbar. Schreiben Sie zum Beispiel",
			"tasks edit 1 --title=":            "Eine Aufgabe braucht einen Titel. Nichts wurde geändert; schreiben Sie, was zu tun ist.",
			"tasks import Amt /nirgends.ics":   "Diese Datei gibt es nicht. Nichts wurde geändert; prüfen Sie den Pfad.",
			"tasks import Amt .":               "Diese Datei lässt sich nicht lesen oder schreiben. Gespeichertes bleibt erhalten; prüfen Sie, ob der Pfad zu einer Datei führt.",
			"tasks edit 1 --parent 1":          "Eine Aufgabe kann nicht unter sich selbst stehen.",
		},
		i18n.English: {
			"tasks show 999":                   "Nothing was changed; check the name or number.",
			"tasks show abc":                   "“abc” is no ID",
			"tasks add Amt x --due irgendwann": "This date cannot be read.",
			"tasks edit 1 --title=":            "A task needs a title. Nothing was changed; write what is to be done.",
			"tasks import Amt /nirgends.ics":   "There is no such file. Nothing was changed; check the path.",
			"tasks import Amt .":               "This file cannot be read or written. What is stored stays; check that the path leads to a file.",
			"tasks edit 1 --parent 1":          "A task cannot stand below itself.",
		},
	} {
		i18n.Use(lang)
		for line, words := range want {
			if got := d.call(strings.Split(line, " ")...).err; !strings.Contains(got, words) {
				t.Errorf("%s in %s: %s", line, lang, got)
			}
		}
	}
}

func TestTaskOrderAndSearch(t *testing.T) {
	d, _ := taskOffice(t)
	quick := func(words ...string) string {
		return fmt.Sprint(get[map[string]int64](d, append([]string{"tasks", "quick"}, words...)...)["id"])
	}
	a, b := quick("Akten ordnen jeden Montag 9 Uhr !hoch #Archiv", "--list", "Amt"), quick("Zaun @bauanträge 15.12.")
	got := get[taskJSON](d, "tasks", "show", a)
	if got.Repeat != "FREQ=WEEKLY;BYDAY=MO" || got.Title != "Akten ordnen" || got.Priority != 1 || got.RepeatFrom != "" {
		t.Errorf("%+v", got)
	}
	d.do("tasks", "edit", a, b, "--repeat", "FREQ=DAILY", "--repeat-from", "done")
	if got := get[taskJSON](d, "tasks", "show", b); got.RepeatFrom != "done" || got.Repeat != "FREQ=DAILY" {
		t.Errorf("%+v", got)
	}
	d.do("tasks", "plan", "24.12.2027", a, b)
	for _, id := range []string{a, b} {
		if got := get[taskJSON](d, "tasks", "show", id); !strings.HasPrefix(got.Due, "2027-12-24") {
			t.Errorf("%s is due %s", id, got.Due)
		}
	}
	d.do("tasks", "tag", a, b, "+Eilt", "-Archiv")
	if all := get[[]taskJSON](d, "tasks", "list", "*", "--search", "#eilt nach:1.12.2027"); len(all) != 2 || len(all[0].Tags) != 1 {
		t.Errorf("found %+v", all)
	}
	d.do("tasks", "place", b, "--under", a, "--list", "Amt")
	if tree := d.do("tasks", "list", "Amt"); !strings.Contains(tree, "  [ ] Zaun") {
		t.Errorf("tree\n%s", tree)
	}
	saved := get[map[string]int64](d, "tasks", "save", "Eiliges", "#eilt")["id"]
	if all := get[[]savedJSON](d, "tasks", "saved"); len(all) != 1 || all[0] != (savedJSON{saved, "Eiliges", "#eilt", 2}) {
		t.Errorf("saved %+v", all)
	}
	if all := get[[]taskJSON](d, "tasks", "list", "eiliges", "--search", "zaun"); len(all) != 1 || all[0].Title != "Zaun" {
		t.Errorf("found by the name of a search: %+v", all)
	}
	if words := d.do("tasks", "saved"); !strings.Contains(words, "Eiliges") {
		t.Errorf("saved\n%s", words)
	}
	d.do("tasks", "forget", fmt.Sprint(saved))
	d.do("tasks", "rm", a, "--with-subtasks")
	if all := get[[]taskJSON](d, "tasks", "list", "*"); len(all) != 2 {
		t.Errorf("left %+v", all)
	}
	d.do("journal", "undo")
	if all := get[[]taskJSON](d, "tasks", "list", "*"); len(all) != 4 {
		t.Errorf("back %+v", all)
	}
	d.healthy()
}

func TestTaskFiles(t *testing.T) {
	d, r := taskOffice(t)
	list := get[map[string]int64](d, "tasks", "new-list", "Neue", "Liste", "--color", "#112233")["id"]
	d.do("tasks", "edit-list", "Neue Liste", "--name", "Umzug", "--place", "1")
	file := filepath.Join(t.TempDir(), "umzug.ics")
	text := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTODO\r\nUID:k1\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:Kisten\r\n" +
		"ATTACH;ENCODING=BASE64;VALUE=BINARY;FMTTYPE=text/plain:SGFsbG8=\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
	if err := os.WriteFile(file, []byte(text+text), 0o600); err != nil {
		t.Fatal(err)
	}
	if n := get[importJSON](d, "tasks", "import", "Umzug", file, "--preview"); n != (importJSON{New: 2}) {
		t.Errorf("preview %+v", n)
	}
	if n := get[importJSON](d, "tasks", "import", "Umzug", file); n.Imported != 2 || n.New != 2 {
		t.Errorf("imported %+v", n)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(text, "Kisten", "Kisten packen", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if words := d.do("tasks", "import", "Umzug", file, "--preview"); !strings.Contains(words, "1 anders") {
		t.Errorf("preview %s", words)
	}
	if n := get[importJSON](d, "tasks", "import", "Umzug", file, "--existing", "skip"); n != (importJSON{Different: 1}) {
		t.Errorf("skipped %+v", n)
	}
	if n := get[importJSON](d, "tasks", "import", "Umzug", file, "--existing", "replace"); n != (importJSON{Imported: 1, Replaced: 1}) {
		t.Errorf("replaced %+v", n)
	}
	d.do("journal", "undo")
	d.refused(exitFailed, "tasks", "import", "Umzug", file, "--existing", "vielleicht")
	d.sync()
	if lists := get[[]taskListJSON](d, "tasks", "lists"); lists[0].ID != list {
		t.Errorf("not the first list: %+v", lists)
	}
	all := get[[]taskJSON](d, "tasks", "list", "Umzug")
	if len(all) != 2 || all[0].ListID != list || all[0].State != "server" {
		t.Fatalf("%+v", all)
	}
	id := fmt.Sprint(all[0].ID)
	if got := d.do("tasks", "attachment", id, "0"); got != "Hallo" {
		t.Errorf("attachment %q", got)
	}
	d.do("tasks", "attachment", id, "0", file)
	if data, err := os.ReadFile(file); err != nil || string(data) != "Hallo" {
		t.Errorf("saved %q, %v", data, err)
	}
	if words := d.do("tasks", "show", id); !strings.Contains(words, "0  text/plain (5") {
		t.Errorf("shown\n%s", words)
	}
	d.do("tasks", "link", id, "https://stadt.example/plan")
	if got := get[taskJSON](d, "tasks", "show", id); len(got.Links) != 1 || len(got.Attachments) != 2 {
		t.Errorf("linked %+v", got)
	}
	d.do("tasks", "unlink", id, "https://stadt.example/plan")
	if ics := d.do("tasks", "export", "Umzug", "-"); strings.Count(ics, "BEGIN:VTODO") != 2 || strings.Count(ics, ":SGFsbG8=\r\n") != 2 {
		t.Errorf("exported\n%s", ics)
	}
	table := filepath.Join(t.TempDir(), "umzug.csv")
	d.do("tasks", "export", "*", table, "--search", "kisten")
	if data, err := os.ReadFile(table); err != nil || strings.Count(string(data), "Kisten") != 2 || !strings.HasPrefix(string(data), "\ufeff") {
		t.Errorf("table %q, %v", data, err)
	}
	page := filepath.Join(t.TempDir(), "umzug.html")
	d.do("tasks", "export", "Umzug", page)
	if data, err := os.ReadFile(page); err != nil || !strings.Contains(string(data), "<title>Umzug</title>") || strings.Count(string(data), "Kisten") != 2 {
		t.Errorf("page %q, %v", data, err)
	}
	d.do("tasks", "rm-list", "Umzug")
	d.sync()
	if lists := get[[]taskListJSON](d, "tasks", "lists"); len(lists) != 2 {
		t.Errorf("lists %+v", lists)
	}
	if objects, err := r.Objects("amt"); err != nil || len(objects) != 1 {
		t.Errorf("%d objects, %v", len(objects), err)
	}
	d.healthy()
}

// One step takes back what went to the server as one action, also after it is there.
func TestTaskActionsAreUndoneOnTheServer(t *testing.T) {
	d, r := taskOffice(t)
	held := func(list string) string {
		t.Helper()
		objects, err := r.Objects(list)
		if err != nil {
			t.Fatal(err)
		}
		var uids []string
		for _, text := range objects {
			uids = append(uids, tasks.UID(text))
		}
		slices.Sort(uids)
		return strings.Join(uids, " ")
	}
	file := filepath.Join(t.TempDir(), "a.ics")
	text := ""
	for _, uid := range []string{"k1", "k2", "k3"} {
		text += "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTODO\r\nUID:" + uid + "\r\nSUMMARY:" + uid + "\r\nRELATED-TO:k1\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
	}
	if err := os.WriteFile(file, []byte(strings.Replace(text, "RELATED-TO:k1\r\n", "", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	d.do("tasks", "import", "Amt", file)
	d.sync()
	id := ""
	for _, task := range get[[]taskJSON](d, "tasks", "list", "Amt") {
		if task.UID == "k1" {
			id = fmt.Sprint(task.ID)
		}
	}
	if got := held("amt"); got != "amt-1 k1 k2 k3" {
		t.Fatalf("imported %s", got)
	}
	for name, args := range map[string][]string{
		"placed":  {"tasks", "place", id, "--list", "Bauanträge"},
		"planned": {"tasks", "plan", "24.12.2027", id},
		"removed": {"tasks", "rm", id, "--with-subtasks"},
	} {
		d.do(args...)
		d.sync()
		if name != "planned" && held("amt") != "amt-1" {
			t.Errorf("%s: %s", name, held("amt"))
		}
		d.do("journal", "undo")
		d.sync()
		if got := held("amt"); got != "amt-1 k1 k2 k3" || held("bau") != "bau-1" {
			t.Errorf("%s, undone: %s, %s", name, got, held("bau"))
		}
		if got := get[[]taskJSON](d, "tasks", "list", "Amt"); len(got) != 4 || strings.Contains(fmt.Sprint(got), "2027") {
			t.Errorf("%s, undone: %+v", name, got)
		}
	}
	d.healthy()
}

// Interop case 49: what has no title is called so, and nothing of that is written anywhere.
func TestCase49UntitledOnTheCommandLine(t *testing.T) {
	d, _ := taskOffice(t)
	file := filepath.Join(t.TempDir(), "ohne.ics")
	if err := os.WriteFile(file, []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTODO\r\nUID:ohne\r\nDTSTAMP:20260101T000000Z\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.do("tasks", "import", "Amt", file)
	if list := d.do("tasks", "list", "Amt"); !strings.Contains(list, "[ ] (ohne Titel)") {
		t.Errorf("listed as\n%s", list)
	}
	for _, task := range get[[]taskJSON](d, "tasks", "list", "Amt") {
		if id := fmt.Sprint(task.ID); task.UID == "ohne" && (task.Title != "" || strings.Contains(d.do("tasks", "show", id, "--ics"), "SUMMARY")) {
			t.Errorf("a title was made: %+v", task)
		}
	}
}

// TestSharedListsSaySo: whose a list is, and that it is only read.
func TestSharedListsSaySo(t *testing.T) {
	var out strings.Builder
	all := []tasks.List{{ID: 1, Name: "Meine"}, {ID: 2, Name: "Team", Shared: true, Owner: "Anna"}, {ID: 3, Name: "Aushang", Shared: true, ReadOnly: true}}
	if err := printLists(&out, all); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	if strings.Contains(lines[0], "geteilt") || !strings.HasSuffix(lines[1], "geteilt von Anna") || !strings.HasSuffix(lines[2], "geteilt, nur lesbar") {
		t.Errorf("%s", out.String())
	}
}
