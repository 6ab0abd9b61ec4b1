// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"kontor/app/ui"
)

// calendar is a file with tasks, each as "UID title".
func calendar(all ...string) string {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n")
	for _, t := range all {
		uid, title, _ := strings.Cut(t, " ")
		b.WriteString("BEGIN:VTODO\r\nUID:" + uid + "\r\nDTSTAMP:20261101T000000Z\r\nSUMMARY:" + title + "\r\nEND:VTODO\r\n")
	}
	return b.String() + "END:VCALENDAR\r\n"
}

// TestImportAsksWhatBecomesOfTheOld: tasks that are here in other words stay, are replaced or get company, as a person
// says; nothing is asked where there is nothing to decide, and one undo takes all of it back.
func TestImportAsksWhatBecomesOfTheOld(t *testing.T) {
	for _, c := range []struct{ answer, says, first, second, third string }{
		{"Auslassen", "1 Aufgabe hinzugefügt", "1", "0", "1"},
		{"Ersetzen", "1 Aufgabe hinzugefügt, 1 ersetzt", "0", "1", "1"},
		{"Zusätzlich anlegen", "2 Aufgaben hinzugefügt", "1", "1", "1"},
		{"Abbrechen", "2 Aufgaben hinzugefügt", "1", "0", "0"},
	} {
		t.Run(c.answer, func(t *testing.T) {
			d := open(t)
			file := filepath.Join(t.TempDir(), "a.ics")
			d.picked = []string{file}
			bring := func(all ...string) {
				t.Helper()
				if err := os.WriteFile(file, []byte(calendar(all...)), 0o600); err != nil {
					t.Fatal(err)
				}
				d.page.importFile()
				d.Settle()
			}
			bring("u1 Erste Fassung", "u2 Bleibt")
			if got := d.LastToast().Words; got != "2 Aufgaben hinzugefügt" {
				t.Fatalf("said %q", got)
			}
			bring("u1 Erste Fassung", "u2 Bleibt")
			if got := d.LastToast().Words; got != "Nichts Neues: alle Aufgaben sind schon da." {
				t.Fatalf("the same again: %q", got)
			}
			d.Toasts = d.Toasts[:1]
			bring("u1 Zweite Fassung", "u2 Bleibt", "u3 Ganz neu")
			d.MustSay("1 Aufgabe ist schon da")
			d.Click(c.answer)
			count := func(title string) string { return itoa(int64(len(d.find(title)))) }
			if got := count("Erste Fassung") + count("Zweite Fassung") + count("Ganz neu"); got != c.first+c.second+c.third || len(d.find("Bleibt")) != 1 {
				t.Fatalf("there are %s", got)
			}
			if got := d.LastToast().Words; got != c.says {
				t.Errorf("said %q", got)
			}
			if c.answer == "Abbrechen" {
				return
			}
			d.LastToast().Do()
			d.Settle()
			if got := count("Erste Fassung") + count("Zweite Fassung") + count("Ganz neu"); got != "100" {
				t.Errorf("after undo there are %s", got)
			}
		})
	}
}

func TestImportSaysWhatIsWrong(t *testing.T) {
	d := open(t)
	d.picked = []string{filepath.Join(t.TempDir(), "gone.ics")}
	d.page.importFile()
	d.Settle()
	if len(d.TakeErrors()) != 1 || len(d.core.Calls("ImportWith")) != 0 {
		t.Error("a file that is gone")
	}
	file := filepath.Join(t.TempDir(), "a.ics")
	if err := os.WriteFile(file, []byte(calendar("u Neu")), 0o600); err != nil {
		t.Fatal(err)
	}
	d.picked = []string{file}
	d.core.Fail("ImportWith", errDisk)
	d.page.importFile()
	d.Settle()
	if len(d.TakeErrors()) != 1 || len(d.Toasts) != 0 {
		t.Errorf("it failed, but said %q", d.LastToast().Words)
	}
}

// TestPrint: Ctrl+P shows what is on screen as a page for paper, of any place, and the menu offers it too.
func TestPrint(t *testing.T) {
	d := open(t)
	d.Click(linden)
	d.press(fyne.KeyP, ui.Ctrl)
	page := d.files[linden+".html"]
	for _, want := range []string{"<h1", linden, survey, "Eigentümer anrufen"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not on paper", want)
		}
	}
	if strings.Contains(page, plan) {
		t.Error("a task of another list is on paper")
	}
	d.page.finder.begin()
	d.Type("#Fotos")
	d.Key(fyne.KeyReturn)
	d.page.moreMenu()
	d.Settle()
	d.Click("Drucken …")
	if page := d.files[linden+".html"]; strings.Contains(page, survey) || !strings.Contains(page, photos) {
		t.Error("the filter does not count")
	}
	d.page.finder.leave()
	d.Click("Heute")
	d.press(fyne.KeyP, ui.Ctrl)
	if !slices.Contains(strings.Fields(strings.NewReplacer("<", " ", ">", " ").Replace(d.files["Heute.html"])), "Heute") {
		t.Error("today has no heading")
	}
	d.core.Fail("Print", errDisk)
	d.press(fyne.KeyP, ui.Ctrl)
	if len(d.TakeErrors()) != 1 {
		t.Error("nothing was said")
	}
}
