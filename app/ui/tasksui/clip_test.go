// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"pgregory.net/rapid"

	"kontor/app/i18n"
	"kontor/app/tasks"
)

// TestTasksAsTextAndBack: what is copied is pasted as the same tasks, at the same depths.
func TestTasksAsTextAndBack(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.Local)
	rapid.Check(t, func(rt *rapid.T) {
		i18n.Use(rapid.SampledFrom([]i18n.Lang{i18n.German, i18n.English}).Draw(rt, "language"))
		var items []item
		for n := range rapid.IntRange(1, 8).Draw(rt, "n") {
			i := item{Task: tasks.Task{Title: rapid.StringMatching(`[A-ZÄ][a-zäöüß]{2,8}( [A-Z][a-z]{3,6}){0,2}`).Draw(rt, "title")}}
			if n > 0 {
				i.depth = rapid.IntRange(0, items[n-1].depth+1).Draw(rt, "depth")
			}
			if rapid.Bool().Draw(rt, "due") {
				i.Due = tasks.When{Time: now.Add(time.Duration(rapid.IntRange(1, 5000).Draw(rt, "hours")) * time.Hour)}
				if rapid.Bool().Draw(rt, "day") {
					i.Due = dayFrom(i.Due.Time, 0)
				}
			}
			i.Tags = rapid.SliceOfNDistinct(rapid.StringMatching(`[A-Z][a-z]{2,6}`), 0, 2, rapid.ID[string]).Draw(rt, "tags")
			i.Priority = rapid.SampledFrom([]int{0, 1, 5, 9}).Draw(rt, "priority")
			items = append(items, i)
		}
		got := readText(asText(items), now)
		if len(got) != len(items) {
			rt.Fatalf("%d of %d from %q", len(got), len(items), asText(items))
		}
		for n, p := range got {
			want := items[n]
			if *p.edit.Title != want.Title || p.depth != want.depth || !want.Due.IsZero() && !p.edit.Due.Time.Equal(want.Due.Time) ||
				p.edit.Due == nil != want.Due.IsZero() || len(want.Tags) > 0 && !slices.Equal(*p.edit.Tags, want.Tags) ||
				want.Priority > 0 && *p.edit.Priority != want.Priority {
				rt.Fatalf("%+v became %+v", want, p)
			}
		}
	})
	i18n.Use(i18n.German)
}

// TestListsFromElsewhere: lists as other programs write them are tasks too.
func TestListsFromElsewhere(t *testing.T) {
	got := readText("- Einkaufen\n\t- [ ] Milch\n\t- [x] Brot\n\n* Anrufen morgen\n   \n", time.Date(2026, 11, 23, 9, 0, 0, 0, time.Local))
	var words []string
	for _, p := range got {
		words = append(words, fmt.Sprint(p.depth, *p.edit.Title))
	}
	if strings.Join(words, "|") != "0Einkaufen|1Milch|1Brot|0Anrufen" || got[3].edit.Due == nil {
		t.Fatalf("%q", words)
	}
}

// TestCopyAndPaste of a task with its subtasks, by keys; one undo takes all that was pasted away.
func TestCopyAndPaste(t *testing.T) {
	d := open(t)
	d.Click("Lindenstraße 14")
	d.choose(survey)
	d.ClickWith("Eigentümer anrufen", fyne.KeyModifierShift)
	d.page.rows.TypedShortcut(&fyne.ShortcutCopy{})
	if !strings.HasPrefix(d.clip, survey) || !strings.Contains(d.clip, "\n  Eigentümer anrufen") {
		t.Fatalf("copied %q", d.clip)
	}
	d.Click("Team")
	d.Window.Canvas().Focus(d.page.rows)
	d.page.rows.TypedShortcut(&fyne.ShortcutPaste{})
	d.Settle()
	team := d.listNamed("Team").ID
	pasted := func(title string) (found tasks.Task) {
		for _, p := range d.find(title) {
			if p.ListID == team {
				found = p
			}
		}
		return found
	}
	if pasted("Eigentümer anrufen").ParentUID != pasted(survey).UID || pasted(survey).UID == d.find(survey)[0].UID && len(d.find(survey)) < 2 {
		t.Fatalf("pasted %+v", pasted("Eigentümer anrufen"))
	}
	d.LastToast().Do()
	d.Settle()
	if pasted(survey).ID != 0 || pasted("Eigentümer anrufen").ID != 0 {
		t.Fatal("one undo takes all of it away")
	}
	d.clip = "  \n"
	d.page.pasteTasks()
	d.Settle()
	if len(d.core.Calls("ImportWith")) != 1 {
		t.Fatal("nothing is nothing")
	}
}

// TestOutAndIn: what is exported is imported into another list, and a table holds every task.
func TestOutAndIn(t *testing.T) {
	d := open(t)
	d.Click("Berichte")
	d.page.export(tasks.FormatICS)
	d.page.export(tasks.FormatCSV)
	d.Settle()
	ics := d.files["Berichte.ics"]
	if strings.Count(ics, "BEGIN:VTODO") < 8 || strings.Count(d.files["Berichte.csv"], "\n") != 9 {
		t.Fatalf("%d tasks, %q", strings.Count(ics, "BEGIN:VTODO"), d.files["Berichte.csv"])
	}
	path := filepath.Join(t.TempDir(), "a.ics")
	d.town.Must(os.WriteFile(path, []byte(ics), 0o600))
	d.picked = []string{path}
	d.Menu("Team", "Kalenderdatei importieren")
	d.MustSay("8 Aufgaben sind schon da")
	d.Click("Zusätzlich anlegen")
	if d.LastToast().Words != "8 Aufgaben hinzugefügt" || len(d.find("Jahresbericht gliedern")) != 2 {
		t.Fatalf("said %q", d.LastToast().Words)
	}
	d.picked = []string{path + "-not-there"}
	d.page.importFile()
	d.Settle()
	if len(d.TakeErrors()) != 1 {
		t.Fatal("a file that is not there")
	}
	d.core.Fail("Export", errDisk)
	d.page.export(tasks.FormatICS)
	d.Settle()
	if len(d.TakeErrors()) != 1 {
		t.Fatal("the error was not shown")
	}
}
