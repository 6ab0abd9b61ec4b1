// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/app/i18n"
	"kontor/sync/servertest"
)

// promised are the commands that scripts rely on, each with a call that is wrong.
var promised = map[string][]string{
	"account add": {"amt"}, "account list": {"x"}, "account test": {}, "account remove": {},
	"sync": {"x"}, "offline": {"vielleicht"},
	"mail folders": {"x"}, "mail list": {}, "mail show": {"x"}, "mail send": {}, "mail flag": {"1"}, "mail move": {"INBOX"}, "mail copy": {"INBOX"},
	"mail delete": {}, "mail save-attachments": {"1"}, "mail import": {"INBOX"}, "mail export": {"INBOX"},
	"files root": {"a", "b"}, "files ls": {"a", "b"}, "files status": {"a", "b"}, "files get": {}, "files put": {"a"}, "files mkdir": {}, "files mv": {"a"},
	"files rm": {}, "files pin": {}, "files unpin": {},
	"tasks lists": {"x"}, "tasks list": {}, "tasks show": {}, "tasks add": {"Liste"}, "tasks edit": {}, "tasks done": {}, "tasks reopen": {}, "tasks move": {"L"}, "tasks rm": {},
	"search": {}, "journal": {"x"}, "journal list": {"x"}, "journal cancel": {}, "journal retry": {"x"}, "journal hold": {}, "journal release": {}, "journal undo": {"x"},
	"conflicts": {"x"}, "conflicts list": {"x"}, "conflicts resolve": {"1", "vielleicht"}, "doctor": {"x"}, "demo": {"x"}, "version": {"x"},
}

func TestEveryPromisedCommandExists(t *testing.T) {
	o := newOffice(t)
	for name, wrong := range promised {
		if commands[name].run == nil {
			t.Errorf("%s is missing", name)
			continue
		}
		words := strings.Fields(name)
		if reason := o.refused(exitUsage, append(words, wrong...)...); !strings.Contains(reason, "kontorctl "+name) {
			t.Errorf("%s: %s", name, reason)
		}
		if name != "search" { // there a dash says what is not to be found
			o.refused(exitUsage, append(words, "--gibt-es-nicht")...)
		}
		if help := o.do(append(words, "--help")...); !strings.Contains(help, name) {
			t.Errorf("help for %s: %s", name, help)
		}
	}
	for name := range commands {
		if _, ok := promised[name]; !ok && !slices.Contains([]string{"help", "account password"}, name) {
			t.Logf("beyond the contract: %s", name)
		}
	}
	o.refused(exitUsage, "gibt-es-nicht")
	o.refused(exitUsage, "mail")
	o.refused(exitUsage, "mail", "gibt-es-nicht")
	o.refused(exitUsage, "--home")
	if help := o.do(); help != o.do("help") || help != o.do("--help") {
		t.Error("help differs")
	}
}

// TestSecretsAreNoArguments: what stands on a command line is seen by every user of the machine.
func TestSecretsAreNoArguments(t *testing.T) {
	o := newOffice(t)
	base := []string{"account", "add", "amt", "--email", "anna@stadt.example", "--imap", "imaps://127.0.0.1:1", "--no-test"}
	for _, more := range [][]string{
		{}, {"--password", "geheim"}, {"--password=geheim"}, {"--password-stdin", "--password-env", "PW"}, {"--password-env", "GIBTSNICHT"}, {"--password-env", "PW", "geheim"},
	} {
		o.refused(exitUsage, append(slices.Clone(base), more...)...)
	}
	o.in = "geheim-vom-rohr\n"
	o.do(append(base, "--password-stdin")...)
	o.in = ""
	err := filepath.WalkDir(o.home, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if strings.Contains(string(data), "geheim-vom-rohr") {
			t.Errorf("the password stands in %s", d.Name())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if a := o.do("account", "list", "--json"); strings.Contains(a, "geheim") {
		t.Errorf("the password shows: %s", a)
	}
}

// TestReasonsForAccountsThatDoNotWork: each cause has a sentence of its own, and nothing is stored.
func TestReasonsForAccountsThatDoNotWork(t *testing.T) {
	server := servertest.Dovecot(t)
	plain := servertest.Dovecot(t, servertest.Options{NoTLS: true})
	t.Setenv("FALSCH", "falsch")
	o := newOffice(t)
	add := func(imap, ca, secret string) []string {
		return []string{"account", "add", "amt", "--email", "anna@stadt.example", "--user", "anna", "--imap", imap, "--ca", ca, "--password-env", secret}
	}
	other := servertest.CA(t).CAFile
	good := "imaps://" + server.TLSAddr
	for _, c := range []struct {
		args          []string
		german, words string
	}{
		{add(good, server.Certs.CAFile, "FALSCH"), "hat Benutzername oder Passwort abgelehnt", "refused the user name or password"},
		{add(good, other, "PW"), "Dem Zertifikat von", "certificate"},
		{add("imaps://gibtsnicht.invalid", other, "PW"), "Den Servernamen in imaps://gibtsnicht.invalid gibt es nicht", "server name"},
		{add("imaps://127.0.0.1:1", other, "PW"), "nimmt niemand Verbindungen an", "connections"},
		{add("imaps://"+plain.Addr, other, "PW"), "bietet keine Verschlüsselung an", "encrypt"},
		{add("http://stadt.example/", other, "PW"), "", ""},
		{add("gopher://stadt.example/", other, "PW"), "kann Kontor nichts anfangen", ""},
		{add(good, "/gibt/es/nicht.pem", "PW"), "Diese Datei gibt es nicht.", "There is no such file"},
	} {
		if reason := o.refused(exitFailed, c.args...); !strings.Contains(reason, c.german) {
			t.Errorf("%v: %s", c.args, reason)
		}
		i18n.Use(i18n.English)
		reason := o.refused(exitFailed, c.args...)
		i18n.Use(i18n.German)
		if !strings.Contains(strings.ToLower(reason), strings.ToLower(c.words)) || strings.Contains(reason, c.german) && c.german != "" {
			t.Errorf("%v: %s", c.args, reason)
		}
	}
	if list := get[[]jsonAccount](o, "account", "list"); len(list) != 0 {
		t.Errorf("stored: %v", list)
	}
	// Without encryption only this machine will do, with a warning.
	a := o.call(add("imap://"+plain.Addr, other, "PW")...)
	if a.code != exitDone || !strings.Contains(a.err, "ohne Verschlüsselung") {
		t.Errorf("plain on the loopback address: exit %d, %s", a.code, a.err)
	}
	o.refused(exitFailed, add("imap://"+plain.Addr, other, "PW")...) // the name is taken
}

// TestSilentServersAreGivenUp: a server that takes connections and says nothing holds nobody up for long.
func TestSilentServersAreGivenUp(t *testing.T) {
	t.Parallel()
	server := servertest.Dovecot(t)
	hole := servertest.Proxy(t, server.TLSAddr)
	hole.Blackhole(true)
	o := newOffice(t)
	started := time.Now()
	reason := o.refused(exitFailed, "account", "add", "amt", "--email", "anna@stadt.example", "--user", "anna", "--password-env", "PW",
		"--imap", "imaps://"+hole.Addr, "--smtp", "smtps://"+hole.Addr, "--files", "https://"+hole.Addr+"/", "--tasks", "https://"+hole.Addr+"/", "--ca", server.Certs.CAFile)
	if n := strings.Count(reason, "antwortet nicht"); n != 4 {
		t.Errorf("%d of 4 servers are named: %s", n, reason)
	}
	if took := time.Since(started); took > time.Minute {
		t.Errorf("it took %s", took)
	}
}

// keysOf gives the keys of a JSON object, and of the objects in it.
func keysOf(t *testing.T, text string) map[string][]string {
	t.Helper()
	keys := map[string][]string{}
	for name, raw := range document[map[string]json.RawMessage](t, text) {
		var inner map[string]json.RawMessage
		keys[""] = append(keys[""], name)
		if json.Unmarshal(raw, &inner) == nil {
			for k := range inner {
				keys[name] = append(keys[name], k)
			}
		}
	}
	for _, list := range keys {
		slices.Sort(list)
	}
	return keys
}

func TestDocumentsAreAsPromised(t *testing.T) {
	t.Parallel()
	w := startTown(t)
	want := map[string][]string{
		"":      {"failed", "files", "in_doubt", "mail", "seconds", "tasks", "waiting"},
		"mail":  {"bodies", "bytes", "changed", "folders", "gone", "new", "odd"},
		"files": {"bytes", "conflicts", "deleted", "downloaded", "moved", "requests", "uploaded"},
		"tasks": {"changed", "conflicts", "gone", "lists", "merged", "new", "requests", "uploaded"},
	}
	for name, keys := range keysOf(t, w.do("sync", "--json")) {
		if !slices.Equal(keys, want[name]) {
			t.Errorf("sync, %q: %v, want %v", name, keys, want[name])
		}
	}
	w.cable(false) // from here on nothing may touch the network
	message, task := w.mail.id("INBOX", 1), w.tasks.id("Dienst", "Aufgabe 1")
	for _, args := range [][]string{
		{"account", "list"},
		{"offline", "on"},
		{"offline", "off"},
		{"version"},
		{"mail", "folders"},
		{"mail", "list", "INBOX", "--limit", "2", "--offset", "1"},
		{"mail", "list", "INBOX", "--threads"},
		{"mail", "show", message},
		{"mail", "show", message, "--text"},
		{"mail", "show", message, "--html"},
		{"mail", "show", message, "--raw"},
		{"mail", "show", message, "--headers"},
		{"mail", "send", w.mail.note("Dokument")},
		{"mail", "flag", message, "+seen", "-flagged"},
		{"mail", "move", "Archive", message},
		{"mail", "copy", "INBOX", message},
		{"mail", "save-attachments", message, t.TempDir()},
		{"mail", "delete", message},
		{"mail", "import", "INBOX", w.write("a.eml", letter(300))},
		{"mail", "export", "Archive", filepath.Join(t.TempDir(), "a.mbox")},
		{"files", "root"},
		{"files", "ls"},
		{"files", "ls", "Bauamt"},
		{"files", "status", "Bauamt/Plan.odt"},
		{"files", "put", w.write("x.txt", "x"), "x.txt"},
		{"files", "mkdir", "Ordner"},
		{"files", "mv", "x.txt", "Ordner/y.txt"},
		{"files", "unpin", "Alt"},
		{"files", "pin", "Alt"},
		{"files", "rm", "Ordner/y.txt"},
		{"tasks", "lists"},
		{"tasks", "list", "Dienst", "--all"},
		{"tasks", "show", task},
		{"tasks", "show", task, "--ics"},
		{"tasks", "add", "Dienst", "Neu", "--due", "2026-12-01", "--start", "2026-11-30", "--priority", "1", "--tag", "a", "--tag", "b", "--parent", task, "--repeat", "FREQ=DAILY", "--note", "n"},
		{"tasks", "edit", task, "--due", "2026-12-02", "--priority", "5", "--tag", "c", "--note", "m"},
		{"tasks", "done", task},
		{"tasks", "reopen", task},
		{"tasks", "move", "Privat", task},
		{"tasks", "rm", task},
		{"search", "Vorgang", "--in", "mail,files,tasks", "--limit", "3"},
		{"search", "von:joerg"},
		{"journal"},
		{"journal", "list"},
		{"journal", "undo"},
		{"conflicts"},
		{"conflicts", "list"},
	} {
		if text := w.do(append(args, "--json")...); !json.Valid([]byte(text)) {
			t.Errorf("%v: %s", args, text)
		}
	}
	w.journalActs()
	found := get[[]map[string]any](w.office, "search", "Vorgang")
	if len(found) == 0 {
		t.Fatal("nothing was found")
	}
	keys := slices.Sorted(maps.Keys(found[0]))
	if want := []string{"date", "id", "kind", "snippet", "state", "title", "where"}; !slices.Equal(keys, want) {
		t.Errorf("a search result has %v, want %v", keys, want)
	}
	w.saysServersAreNeeded()
}

// saysServersAreNeeded calls what cannot work without the network: it fails, says why, and still prints its document.
func (w *town) saysServersAreNeeded() {
	w.t.Helper()
	for _, args := range [][]string{{"account", "test", "amt"}, {"doctor"}, {"sync"}} {
		if a := w.call(append(args, "--json")...); a.code != exitFailed || a.err == "" || !json.Valid([]byte(a.out)) {
			w.t.Errorf("%v: exit %d\n%s%s", args, a.code, a.out, a.err)
		}
	}
}

// journalActs holds, releases, retries and cancels an operation.
func (w *town) journalActs() {
	w.t.Helper()
	id := ""
	for _, op := range get[[]opJSON](w.office, "journal") {
		if op.State == "waiting" && op.Kind == "mail.send" {
			id = idText(op.ID)
		}
	}
	for _, verb := range []string{"hold", "release", "retry", "cancel"} {
		if text := w.do("journal", verb, id, "--json"); !json.Valid([]byte(text)) {
			w.t.Errorf("%s: %s", verb, text)
		}
	}
	w.refused(exitFailed, "journal", "retry", id)
	w.refused(exitFailed, "journal", "cancel", "999999")
	w.refused(exitFailed, "mail", "show", "999999")
	w.refused(exitFailed, "tasks", "show", "999999")
	w.refused(exitFailed, "files", "get", "gibt/es/nicht")
	w.refused(exitFailed, "account", "test", "gibt-es-nicht")
	w.refused(exitFailed, "sync", "--account", "gibt-es-nicht")
}

func TestHomeComesFromTheEnvironment(t *testing.T) {
	home := filepath.Join(t.TempDir(), "h")
	t.Setenv("KONTOR_HOME", home)
	o := &office{t: t}
	var out, errw strings.Builder
	if code := run(t.Context(), &env{out: &out, errw: &errw, in: strings.NewReader("")}, []string{"account", "list"}); code != exitDone {
		t.Fatalf("exit %d: %s", code, errw.String())
	}
	if _, err := os.Stat(filepath.Join(home, "kontor.db")); err != nil {
		o.t.Error(err)
	}
}
