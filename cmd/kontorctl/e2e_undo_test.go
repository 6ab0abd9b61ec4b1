// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kontor/sync/servertest"
)

// held is all that the three servers hold; tasks without the stamps that every change renews.
func (w *town) held() []string {
	w.t.Helper()
	all := append(w.mail.there(), tree(w.t, w.files.server.Root)...)
	for list := range twoLists {
		objects, err := w.tasks.server.Objects(list)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, text := range objects {
			lines := slices.DeleteFunc(strings.Split(canonical(text), "\n"), func(l string) bool {
				return strings.HasPrefix(l, "DTSTAMP") || strings.HasPrefix(l, "LAST-MODIFIED") || strings.HasPrefix(l, "SEQUENCE")
			})
			all = append(all, line(list, strings.Join(lines, "\n")))
		}
	}
	return all
}

// shown is all that kontorctl shows without a network, apart from the octets.
func (w *town) shown() []string {
	w.t.Helper()
	all := append(w.mail.here(), tree(w.t, w.files.root)...)
	for _, title := range twoLists {
		for _, t := range get[[]taskJSON](w.office, "tasks", "list", title, "--all") {
			t.Modified, t.Order, t.Completed, t.State = "", 0, "", ""
			all = append(all, fmt.Sprintf("%+v", t))
		}
	}
	for _, f := range get[[]fileJSON](w.office, "files", "status", "/") {
		all = append(all, line(f.ID, f.Path, f.Size))
	}
	return all
}

// mixed carries out changes of every kind that can be taken back, and returns how many actions they are.
func (w *town) mixed() int {
	w.t.Helper()
	big := w.mail.id("INBOX", 0)
	for _, args := range [][]string{
		{"mail", "flag", w.mail.id("INBOX", 0), w.mail.id("INBOX", 1), "+seen", "+flagged"}, // one of them is read already
		{"mail", "flag", big, "-seen"},
		{"mail", "flag", big, "+Wichtig"},
		{"mail", "move", "Archive", w.mail.id("INBOX", 2), w.mail.id("Projekte/Lindenstraße", 4)},
		{"mail", "delete", w.mail.id("INBOX", 3)},
		{"mail", "copy", "Projekte/Lindenstraße", w.mail.id("INBOX", 5)},
		{"mail", "import", "Archive", w.write("alt.eml", letter(200))},
		{"tasks", "add", "Privat", "Neu", "--due", "2026-12-01", "--tag", "eilig"},
		{"tasks", "edit", w.tasks.id("Dienst", "Aufgabe 0"), "--title", "Anders", "--due", "2026-12-24", "--note", "Text"},
		{"tasks", "done", w.tasks.id("Dienst", "Aufgabe 1"), w.tasks.id("Dienst", "Aufgabe 2")},
		{"tasks", "rm", w.tasks.id("Dienst", "Aufgabe 3"), w.tasks.id("Dienst", "Aufgabe 4")},
		{"tasks", "move", "Privat", w.tasks.id("Dienst", "Aufgabe 5")},
		{"tasks", "edit", w.tasks.id("Dienst", "Aufgabe 1"), "--priority", "1"},
		{"files", "mkdir", "Projekt"},
		{"files", "put", w.write("Scan.pdf", "%PDF"), "Projekt/"},
		{"files", "mv", "Notiz.txt", "Projekt/Notizen.txt"},
		{"files", "mv", "Alt", "Projekt/Alt"},
		{"files", "rm", "leer.txt", "Bauamt/Liste.csv"},
		{"files", "mv", "Projekt/Alt/a.txt", "Projekt/b.txt"},
		{"files", "put", w.write("Plan.odt", "Plan 2"), "Bauamt/Plan.odt"},
	} {
		w.do(args...)
	}
	return 20
}

// turnAll goes through the whole history ("undo" or "redo"). It returns how many actions were turned, and how many there
// is no way back from.
func (w *town) turnAll(way, end string) (turned, stuck int) {
	w.t.Helper()
	for range 250 {
		a := w.call("journal", way)
		switch {
		case a.code == exitDone:
			turned++
		case strings.Contains(a.err, "Diese Änderung lässt sich nicht rückgängig machen."):
			stuck++
		case strings.Contains(a.err, end):
			return turned, stuck
		default:
			w.t.Fatalf("%s %d: exit %d\n%s\n%s", way, turned, a.code, a.err, w.do("journal"))
		}
	}
	w.t.Fatalf("%s does not end", way)
	return turned, stuck
}

func (w *town) undoAll() (turned, stuck int) {
	w.t.Helper()
	return w.turnAll("undo", "Es gibt nichts rückgängig zu machen.")
}

func (w *town) redoAll() int {
	w.t.Helper()
	n, _ := w.turnAll("redo", "Es gibt nichts zu wiederholen.")
	return n
}

func TestUndoBeforeAndAfterSynchronising(t *testing.T) {
	t.Parallel()
	w := startTown(t)
	shown, held := w.shown(), w.held()
	w.cable(false)
	done := w.mixed()
	if n, stuck := w.undoAll(); n != done || stuck != 0 {
		t.Errorf("%d of %d actions were taken back, %d not", n, done, stuck)
	}
	// What a version was replaced by is gone at once; the version itself comes back from the server.
	replaced := func(l string) bool { return strings.HasPrefix(l, "Bauamt/Plan.odt") }
	differ(t, "shown after undo offline", slices.DeleteFunc(w.shown(), replaced), slices.DeleteFunc(slices.Clone(shown), replaced))
	w.cable(true)
	w.sync()
	differ(t, "servers after undo offline", w.held(), held)
	differ(t, "shown after undo", w.shown(), shown)
	w.same()
	if t.Failed() {
		return
	}
	done = w.mixed()
	w.sync()
	w.same()
	w.files.put("Bauamt/Plan.odt", "Plan 1") // the only change that the server keeps no way back from
	if n, stuck := w.undoAll(); n != done-1 || stuck != 1 {
		t.Errorf("%d of %d confirmed actions were taken back, %d not", n, done, stuck)
	}
	w.sync()
	differ(t, "servers after undo", w.held(), held)
	w.same()
	if t.Failed() {
		t.Log(w.do("journal", "list", "--all", "100"))
	}
}

// TestRedoOverAllKinds does everything again that was taken back, offline and after synchronising, in every kind of thing.
func TestRedoOverAllKinds(t *testing.T) {
	t.Parallel()
	w := startTown(t)
	held := w.held()
	w.cable(false)
	done := w.mixed()
	shown := w.shown()
	unnamed := func(lines []string) []string { // what a row is called may be new, and the version of the plan is on the disk only
		return slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return strings.Contains(l, "Plan.odt") })
	}
	if n, _ := w.undoAll(); n != done {
		t.Errorf("%d of %d actions were taken back", n, done)
	}
	if n := w.redoAll(); n != done {
		t.Errorf("%d of %d actions were done again", n, done)
	}
	differ(t, "shown after redo offline", unnamed(w.shown()), unnamed(shown))
	if t.Failed() {
		return
	}
	w.undoAll()
	w.cable(true)
	w.sync()
	differ(t, "servers after undo, redo, undo", w.held(), held)
	w.redoAll()
	w.sync()
	w.same()
	differ(t, "shown after redo", unnamed(w.shown()), unnamed(shown))
	if t.Failed() {
		t.Log(w.do("journal", "list", "--all", "100"))
	}
}

// TestUndoOfSending calls a message back before it has left: it is a draft again, and nobody gets it.
func TestUndoOfSending(t *testing.T) {
	t.Parallel()
	p := startPost(t, "anna")
	p.setUp()
	p.sync()
	p.cable(false)
	p.do("mail", "send", p.note("Doch nicht"))
	p.do("journal", "undo")
	p.cable(true)
	p.sync()
	if inbox, sent := p.arrived("bernd", "Doch nicht"); inbox != 0 || sent != 0 {
		t.Errorf("bernd has it %d times, Sent %d times", inbox, sent)
	}
	if d := p.server.Relay.Deliveries(); len(d) != 0 {
		t.Errorf("delivered: %s", d[0].Data)
	}
	p.same()
}

// TestFilesStayInTheBin makes sure that what is deleted here can be found again.
func TestFilesStayInTheBin(t *testing.T) {
	t.Parallel()
	s := shelfAt(t, servertest.Apache(t, servertest.Options{TLS: true}))
	s.stock()
	s.setUp()
	s.sync()
	s.do("files", "rm", "Notiz.txt")
	s.sync()
	found := false
	err := filepath.WalkDir(filepath.Join(s.home, "trash"), func(path string, _ os.DirEntry, err error) error {
		found = found || filepath.Base(path) == "Notiz.txt"
		return err
	})
	if err != nil || !found {
		t.Errorf("the deleted file is gone for good: %v", err)
	}
}
