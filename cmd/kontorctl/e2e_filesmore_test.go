// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kontor/app/files"
	"kontor/sync/servertest"
)

// states gives the paths below one with their states.
func (s *shelf) states(path string) map[string]string {
	s.t.Helper()
	all := map[string]string{}
	for _, f := range get[[]fileJSON](s.office, "files", "status", path) {
		all[f.Path] = string(f.State)
	}
	return all
}

// lacks makes sure that there is nothing at a path on the server.
func (s *shelf) lacks(name string) {
	s.t.Helper()
	if _, err := os.Lstat(s.server.Path(name)); err == nil {
		s.t.Errorf("%s is on the server", name)
	}
}

// onlyOnline is an account whose files lie on the server alone, until somebody asks for them.
func onlyOnline(t *testing.T) *shelf {
	t.Helper()
	s := shelfAt(t, servertest.Apache(t, servertest.Options{TLS: true}))
	s.stock()
	s.setUp()
	s.do("files", "unpin", "/")
	s.sync()
	return s
}

// TestFilesGetAndStates: what is asked for comes, files and whole folders; the states tell it, also offline.
func TestFilesGetAndStates(t *testing.T) {
	t.Parallel()
	s := onlyOnline(t)
	if got := s.states("/"); got["Notiz.txt"] != "online-only" || got["Bauamt"] != "online-only" || len(got) != 19 {
		t.Errorf("%v", got)
	}
	list := get[[]fileJSON](s.office, "files", "get", "Bauamt", "Grüße & Co/äöü %20#?.txt", "Notiz.txt")
	for _, f := range list {
		if !f.Folder {
			if b, err := os.ReadFile(f.LocalPath); err != nil || int64(len(b)) != f.Size || f.State != "offline" {
				t.Errorf("%+v %v", f, err)
			}
		}
	}
	if len(list) != 7 {
		t.Errorf("%d entries", len(list))
	}
	if got := s.states("Bauamt"); len(got) != 5 || got["Bauamt/Plan.odt"] != "offline" {
		t.Errorf("%v", got)
	}
	if reason := s.refused(exitFailed, "files", "get", "leer.txt", "gibt es nicht", "Alt/ebensowenig"); strings.Count(reason, "Diese Datei oder diesen Ordner gibt es nicht.") != 2 {
		t.Error(reason)
	}
	if s.states("leer.txt")["leer.txt"] != "offline" {
		t.Error("one wrong path kept the others from being fetched")
	}
	s.proxy.Refuse(true)
	if reason := s.refused(exitFailed, "files", "get", "Groß.bin", "Notiz.txt"); !strings.Contains(reason, "Groß.bin") || strings.Contains(reason, "Notiz.txt") {
		t.Error(reason)
	}
	if got := s.states("Groß.bin")["Groß.bin"]; got != "waiting" {
		t.Errorf("what could not be fetched is %s", got)
	}
	s.proxy.Refuse(false)
	s.sync()
	if got := s.states("Groß.bin")["Groß.bin"]; got != "offline" {
		t.Errorf("what was asked for offline is %s", got)
	}
	s.do("files", "get", "/")
	for _, f := range get[[]fileJSON](s.office, "files", "status") {
		if f.State != "offline" && !f.Folder {
			t.Errorf("%s is %s", f.Path, f.State)
		}
	}
}

// TestFilesPutFoldersAndReplace: whole folders go in, under their own name or another one; what is there becomes a new
// version; refusals leave nothing behind that would travel.
func TestFilesPutFoldersAndReplace(t *testing.T) {
	t.Parallel()
	s := onlyOnline(t)
	from := filepath.Join(t.TempDir(), "Ablage Süd")
	s.must(os.MkdirAll(filepath.Join(from, "tief", "leer"), 0o755))
	for name, text := range map[string]string{"a.txt": "a", "tief/b%20#.txt": "b", "tief/U\u0308bung.txt": "ü", ".~lock.a.txt#": "x", "tief/~$c.docx": "x"} {
		s.must(os.WriteFile(filepath.Join(from, filepath.FromSlash(name)), []byte(text), 0o600))
	}
	s.must(os.Symlink("/etc", filepath.Join(from, "verweis")))
	if got := get[map[string]any](s.office, "files", "put", from, "Alt/"); got["path"] != "Alt/Ablage Süd" || got["files"] != float64(3) {
		t.Errorf("%v", got)
	}
	s.do("files", "put", from, "Neuer Name")
	s.do("files", "put", from, "/")
	s.do("files", "put", from, "Bauamt")
	s.do("files", "put", s.write("Notiz.txt", "Notiz 2, von hier"), "Notiz.txt")
	s.do("files", "put", s.write("Brief.odt", "Brief"), "Bauamt")
	if got := s.states("Neuer Name"); got["Neuer Name/tief/Übung.txt"] != "waiting" || len(got) != 6 {
		t.Errorf("%v", got)
	}
	for what, c := range map[string]struct {
		args   []string
		reason string
	}{
		"no folder":       {[]string{s.write("x", "x"), "Fehlt/x"}, "Diesen Ordner gibt es nicht."},
		"into no folder":  {[]string{from, "Fehlt/"}, "Diesen Ordner gibt es nicht."},
		"folder on file":  {[]string{from, "Notiz.txt"}, "Unter diesem Namen gibt es schon etwas."},
		"nothing here":    {[]string{filepath.Join(from, "fehlt"), "x"}, "nicht"},
		"ignored":         {[]string{s.write("x", "x"), "Alt/~$x.docx"}, "Dateien dieses Namens werden nicht abgeglichen."},
		"no name":         {[]string{s.write("x", "x"), "../x"}, "Dieser Name ist nicht möglich."},
		"a file below it": {[]string{s.write("x", "x"), "Notiz.txt/x"}, "Diesen Ordner gibt es nicht."},
	} {
		if reason := s.refused(exitFailed, append([]string{"files", "put"}, c.args...)...); !strings.Contains(reason, c.reason) {
			t.Errorf("%s: %s", what, reason)
		}
	}
	s.sync()
	for _, top := range []string{"Alt/Ablage Süd", "Neuer Name", "Ablage Süd", "Bauamt/Ablage Süd"} {
		s.holds(top+"/a.txt", "a")
		s.holds(top+"/tief/b%20#.txt", "b")
		s.holds(top+"/tief/Übung.txt", "ü")
		if _, err := os.Stat(s.server.Path(top + "/tief/leer")); err != nil {
			t.Error(err)
		}
		s.lacks(top + "/verweis")
		s.lacks(top + "/.~lock.a.txt#")
	}
	s.holds("Notiz.txt", "Notiz 2, von hier")
	s.holds("Bauamt/Brief.odt", "Brief")
	s.lacks("Fehlt")
	s.lacks("x")
	s.do("files", "put", s.write("leer.txt", "nicht mehr leer"), "leer.txt")
	s.edit("leer.txt", "dort inzwischen auch nicht")
	s.sync()
	s.holds("leer.txt", "dort inzwischen auch nicht")
	s.holds(s.copyOf("leer.txt"), "nicht mehr leer")
	s.healthy()
}

// TestFilesMoveAndRemove: across folders, with names of all kinds, onto what is there, and what is refused.
func TestFilesMoveAndRemove(t *testing.T) {
	t.Parallel()
	s := onlyOnline(t)
	s.do("account", "add", "verein", "--email", "anna@verein.example", "--user", s.server.User, "--password-env", "PW", "--no-test",
		"--files", "https://"+s.proxy.Addr+"/Alt/", "--ca", s.server.Certs.CAFile)
	amt := func(args ...string) []string { return append(args, "--account", "amt") }
	if reason := s.refused(exitFailed, "files", "ls"); !strings.Contains(reason, "Mehrere Konten haben Dateien.") {
		t.Error(reason)
	}
	for what, c := range map[string]struct {
		args   []string
		reason string
	}{
		"other account":    {[]string{"mv", "Notiz.txt", "verein:Notiz.txt"}, "Konto"},
		"from another":     {[]string{"mv", "verein:a.txt", "a.txt"}, "Konto"},
		"put to another":   {[]string{"put", s.write("x", "x"), "verein:x"}, "Konto"},
		"onto another":     {[]string{"mv", "Notiz.txt", "leer.txt"}, "Unter diesem Namen gibt es schon etwas."},
		"no such file":     {[]string{"mv", "Notizen.txt", "x"}, "Diese Datei oder diesen Ordner gibt es nicht."},
		"no such folder":   {[]string{"mv", "Notiz.txt", "Fehlt/"}, "Diese Datei oder diesen Ordner gibt es nicht."},
		"into a file":      {[]string{"mv", "Notiz.txt", "leer.txt/"}, "Diesen Ordner gibt es nicht."},
		"into itself":      {[]string{"mv", "Alt", "Alt/tiefer"}, "Ein Ordner kann nicht in sich selbst verschoben werden."},
		"remove nothing":   {[]string{"rm", "Alt/a.txt", "gibt es nicht"}, "Diese Datei oder diesen Ordner gibt es nicht."},
		"ls nothing":       {[]string{"ls", "gibt/es/nicht"}, "Diese Datei oder diesen Ordner gibt es nicht."},
		"status nothing":   {[]string{"status", "gibt/es/nicht"}, "Diese Datei oder diesen Ordner gibt es nicht."},
		"pin nothing":      {[]string{"pin", "gibt/es/nicht"}, "Diese Datei oder diesen Ordner gibt es nicht."},
		"mkdir again":      {[]string{"mkdir", "Alt"}, "Unter diesem Namen gibt es schon etwas."},
		"mkdir in nowhere": {[]string{"mkdir", "Fehlt/Neu"}, "Diesen Ordner gibt es nicht."},
	} {
		if reason := s.refused(exitFailed, amt(append([]string{"files"}, c.args...)...)...); !strings.Contains(reason, c.reason) {
			t.Errorf("%s: %s", what, reason)
		}
	}
	s.do(amt("files", "mkdir", "Projekt Größe 100%")...)
	s.do(amt("files", "mv", "Notiz.txt", "Projekt Größe 100%/")...)
	s.do(amt("files", "mv", "Gru\u0308\u00dfe & Co", "Projekt Gro\u0308\u00dfe 100%")...) // as it comes from a Mac
	s.do(amt("files", "mv", "leer.txt", "voll #1?.txt")...)
	s.do(amt("files", "rm", "Bauamt", "Alt/b.txt")...)
	s.do("sync", "--account", "amt")
	s.holds("Projekt Größe 100%/Notiz.txt", "Notiz 1")
	s.holds("Projekt Größe 100%/Grüße & Co/äöü %20#?.txt", "Grüße")
	s.holds("voll #1?.txt", "")
	s.lacks("Bauamt")
	s.lacks("Alt/b.txt")
	s.holds("Alt/a.txt", "a")
	s.healthy()
}

// TestFilesNotesAndIgnoreFile: what stays on its side is told, with a reason.
func TestFilesNotesAndIgnoreFile(t *testing.T) {
	t.Parallel()
	s := shelfAt(t, servertest.Apache(t, servertest.Options{TLS: true}))
	s.put("Plan.odt", "Plan")
	s.put(".~lock.Plan.odt#", "Petra")
	s.setUp()
	s.sync()
	s.save(".kontorignore", "*.log\n")
	s.save("lauf.log", "bleibt hier")
	s.must(os.WriteFile(filepath.Join(s.root, "kaputt\xff"), []byte("x"), 0o600))
	s.must(os.Symlink("/etc", filepath.Join(s.root, "verweis")))
	s.sync()
	s.lacks("lauf.log")
	s.holds(".kontorignore", "*.log\n")
	type note struct{ Path, Problem, Text string }
	var got []string
	for _, n := range get[[]note](s.office, "files", "notes") {
		if n.Text == n.Problem || n.Text == "" {
			t.Errorf("%+v has no words", n)
		}
		got = append(got, n.Path+" "+strings.TrimPrefix(n.Problem, "files.note."))
	}
	if want := []string{"Plan.odt lock", "kaputt\ufffd name", "verweis special"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if list := get[[]fileJSON](s.office, "files", "ls"); len(list) != 2 || list[1].Path != "Plan.odt" || list[1].Note != "Jemand anderes hat diese Datei geöffnet." {
		t.Errorf("%+v", list)
	}
	if text := s.do("files", "ls"); !strings.Contains(text, "Plan.odt  (Jemand anderes") {
		t.Error(text)
	}
	if text := s.do("files", "notes"); !strings.Contains(text, "Plan.odt: Jemand anderes hat diese Datei geöffnet.") {
		t.Error(text)
	}
	if reason := s.refused(exitFailed, "files", "put", s.write("x", "x"), "neu.LOG"); !strings.Contains(reason, ".kontorignore") {
		t.Error(reason)
	}
}

// TestFilesBin: what was deleted is listed, and removed for good on request, but not before the server knows of the deletion.
func TestFilesBin(t *testing.T) {
	t.Parallel()
	s := shelfAt(t, servertest.Apache(t, servertest.Options{TLS: true}))
	s.put("weg.txt", "weg")
	s.put("d/auch.txt", "auch weg")
	s.put("bleibt.txt", "bleibt")
	s.setUp()
	s.sync()
	binned := func(want map[string]bool) {
		t.Helper()
		held := map[string]bool{}
		for _, it := range get[[]files.BinItem](s.office, "files", "bin") {
			held[it.Path] = it.Held
		}
		if !maps.Equal(held, want) {
			t.Errorf("%v, want %v", held, want)
		}
	}
	binned(map[string]bool{})
	s.do("files", "rm", "weg.txt", "d/auch.txt")
	binned(map[string]bool{"weg.txt": true, "d/auch.txt": true})
	if text := s.do("files", "bin"); !strings.Contains(text, "weg.txt") || !strings.Contains(text, "bleibt: vielleicht die einzige Fassung") {
		t.Error(text)
	}
	s.refused(exitUsage, "files", "bin", "leeren")
	if text := s.do("files", "bin", "empty"); !strings.Contains(text, "0 Dateien") || !strings.Contains(text, "2 Dateien (11\u00a0B) bleiben") {
		t.Error(text)
	}
	s.sync()
	s.sync()
	binned(map[string]bool{"weg.txt": false, "d/auch.txt": false})
	sums := get[map[string]files.BinSum](s.office, "files", "bin", "empty")
	if sums["removed"].Files != 2 || sums["removed"].Size != 11 || sums["left"].Files != 0 {
		t.Errorf("%+v", sums)
	}
	binned(map[string]bool{})
	if reason := s.refused(exitFailed, "journal", "undo"); reason == "" {
		t.Error("undo says nothing")
	}
	s.healthy()
}

// TestFilesRootIsOneOfItsOwn: the folder of one account is not that of another, and moving it takes nothing along.
func TestFilesRootIsOneOfItsOwn(t *testing.T) {
	t.Parallel()
	s := shelfAt(t, servertest.Apache(t, servertest.Options{TLS: true}))
	s.put("a.txt", "a")
	s.setUp()
	s.sync()
	s.do("account", "add", "verein", "--email", "anna@verein.example", "--user", s.server.User, "--password-env", "PW", "--no-test",
		"--files", "https://"+s.proxy.Addr+"/", "--ca", s.server.Certs.CAFile)
	for _, place := range []string{s.root, filepath.Join(s.root, "darin"), filepath.Dir(s.root)} {
		if reason := s.refused(exitFailed, "files", "root", place, "--account", "verein"); !strings.Contains(reason, "Dieser Ordner gehört schon zu einem anderen Konto") {
			t.Error(reason)
		}
	}
	if reason := s.refused(exitFailed, "files", "root", s.home, "--account", "amt"); !strings.Contains(reason, "Dieser Ordner") {
		t.Error(reason)
	}
	other := filepath.Join(t.TempDir(), "Dokumente Süd")
	if got := get[map[string]string](s.office, "files", "root", other, "--account", "amt"); got["root"] != other {
		t.Errorf("%v", got)
	}
	s.do("sync", "--account", "amt")
	if b, err := os.ReadFile(filepath.Join(other, "a.txt")); err != nil || string(b) != "a" {
		t.Errorf("%q %v", b, err)
	}
	s.holds("a.txt", "a")
}

// TestFilesConflictsInWords: a conflict says which two versions there are, a brake what is asked, and both are decided.
func TestFilesConflictsInWords(t *testing.T) {
	t.Parallel()
	s := shelfAt(t, servertest.Apache(t, servertest.Options{TLS: true}))
	s.stock()
	s.setUp()
	s.sync()
	s.save("Notiz.txt", "Notiz von hier")
	s.edit("Notiz.txt", "Notiz von dort, länger")
	s.sync()
	text := s.do("conflicts")
	for _, want := range []string{"eigene Fassung: Notiz (Konflikt Anna Amt", "14\u00a0B", "andere Fassung: Notiz.txt, ", "23\u00a0B"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	if got := s.states("Notiz.txt")["Notiz.txt"]; got != "conflict" {
		t.Errorf("it is %s", got)
	}
	s.do("conflicts", "resolve", idText(get[[]conflictJSON](s.office, "conflicts")[0].ID), "mine")
	s.sync()
	s.holds("Notiz.txt", "Notiz von hier")
	for _, l := range tree(s.t, s.root) {
		name, _, _ := strings.Cut(l, " | ")
		s.must(os.RemoveAll(filepath.Join(s.root, name)))
	}
	s.refused(exitFailed, "sync")
	if text := s.do("conflicts"); !strings.Contains(text, "Der Ordner auf diesem Rechner ist plötzlich leer.") || !strings.Contains(text, "Alt/a.txt") {
		t.Error(text)
	}
	s.holds("Alt/a.txt", "a")
	s.do("conflicts", "resolve", idText(get[[]conflictJSON](s.office, "conflicts")[0].ID), "theirs")
	s.sync()
	s.holds("Alt/a.txt", "a")
	s.same()
}
