// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kontor/app/tasks"
)

func TestTaskSearch(t *testing.T) {
	s := newTaskStore(t)
	s.remote("a", "SUMMARY:Übersicht schreiben", "DUE;VALUE=DATE:20261123", "PRIORITY:2", "CATEGORIES:Bau,Eilt", "X-APPLE-SORT-ORDER:1")
	s.remote("b", "SUMMARY:100 % fertig", "DESCRIPTION:eine übersicht", "DUE:20261123T070000Z", "CATEGORIES:Baustelle", "X-APPLE-SORT-ORDER:2")
	s.remote("c", "SUMMARY:Später", "DUE;VALUE=DATE:20261129", "PRIORITY:5")
	s.remote("d", "SUMMARY:Viel später", "DUE;VALUE=DATE:20261130", "PRIORITY:9")
	s.remote("e", "SUMMARY:Ohne", "X-APPLE-SORT-ORDER:9")
	s.remote("f", "SUMMARY:Getan", "STATUS:COMPLETED", "COMPLETED:20261101T100000Z", "CATEGORIES:bau")
	s.remote("g", "SUMMARY:Abgesagt", "STATUS:CANCELLED", "X-APPLE-SORT-ORDER:1")
	for search, want := range map[string]string{
		"übersicht":                  "Übersicht schreiben 100 % fertig",
		"ÜBERSICHT -fertig":          "Übersicht schreiben",
		`"100 %"`:                    "100 % fertig",
		"#bau":                       "Übersicht schreiben",
		"#Bau ist:alle":              "Übersicht schreiben Getan",
		"-#bau fällig:heute":         "100 % fertig",
		"fällig:heute":               "Übersicht schreiben 100 % fertig",
		"due:week":                   "Übersicht schreiben 100 % fertig Später",
		"fällig:überfällig":          "100 % fertig",
		"fällig:keine":               "Ohne",
		"fällig:ja !niedrig":         "Viel später",
		"!hoch !mittel":              "Übersicht schreiben Später",
		"!keine":                     "100 % fertig Ohne",
		"vor:30.11. nach:23.11.":     "Später",
		"ist:erledigt":               "Getan",
		"is:canceled":                "Abgesagt",
		"liste:amt fällig:30.11.":    "Viel später",
		"liste:bau":                  "",
		"fällig:irgendwas":           "",
		"offen":                      "",
		"ist:offen liste:Amt später": "Später Viel später",
	} {
		var titles string
		for _, q := range []tasks.Query{{Search: search}, {Search: search, ListID: s.list}} {
			all, err := s.Tasks(s.ctx, q, noon)
			s.must(err)
			n, err := s.CountTasks(s.ctx, q, noon)
			s.must(err)
			titles = ""
			for i, task := range all {
				if i > 0 {
					titles += " "
				}
				titles += task.Title
			}
			if n != len(all) {
				t.Errorf("%s: %d counted, %d listed", search, n, len(all))
			}
			if q.ListID == 0 && titles != want {
				t.Errorf("%s: %s", search, titles)
			}
			if len(titles) != len(want) {
				t.Errorf("%s in the list: %s", search, titles)
			}
		}
	}
	if _, err := s.TasksByID(s.ctx, []int64{999}); err != nil {
		t.Errorf("gone: %v", err)
	}
	s.write(func(tx *Tx) error {
		if err := tx.ForgetSearch(s.ctx, 1); !errors.Is(err, ErrNotFound) {
			t.Errorf("forgotten: %v", err)
		}
		return nil
	})
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.Local)

// Whatever a person types into the search, it is an answer and no failure.
func TestAnyTaskSearch(t *testing.T) {
	s := newTaskStore(t)
	s.remote("a", "SUMMARY:a", "DUE;VALUE=DATE:20261123")
	words := []string{"#", "-", "!hoch", "fällig:", "due:week", "vor:", "1.1.", `"`, "%", "_", "'", "\\", "a", "ist:", "alle", "\n", "{", "ß", ":"}
	rapid.Check(t, func(rt *rapid.T) {
		search := ""
		for _, w := range rapid.SliceOfN(rapid.SampledFrom(words), 0, 8).Draw(rt, "words") {
			search += w + rapid.SampledFrom([]string{"", " "}).Draw(rt, "space")
		}
		if _, err := s.Tasks(s.ctx, tasks.Query{Search: search}, noon); err != nil {
			rt.Fatalf("%q: %v", search, err)
		}
	})
}

// Lines and rows read one after the other say what the whole list says.
func TestTaskLinesAreTheList(t *testing.T) {
	s := newTaskStore(t)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		for i := range 6 {
			name := fmt.Sprint("t", i)
			lines := []string{"SUMMARY:" + name, fmt.Sprint("X-APPLE-SORT-ORDER:", rapid.IntRange(0, 3).Draw(rt, "order"))}
			if parent := rapid.IntRange(-3, 5).Draw(rt, "parent"); parent >= 0 {
				lines = append(lines, fmt.Sprint("RELATED-TO:t", parent))
			}
			if rapid.IntRange(0, 3).Draw(rt, "closed") == 0 {
				lines = append(lines, "STATUS:COMPLETED", fmt.Sprintf("COMPLETED:202611%02dT100000Z", 1+n%28))
			}
			n++
			s.remote(name, lines...)
		}
		q := tasks.Query{ListID: s.list, Closed: rapid.Bool().Draw(rt, "all")}
		lines, err := s.TaskLines(s.ctx, q, noon)
		s.must(err)
		all, err := s.Tasks(s.ctx, q, noon)
		s.must(err)
		ids := make([]int64, len(lines))
		depths := map[int64]int{}
		for i, l := range lines {
			ids[i], depths[l.ID] = l.ID, l.Depth
		}
		rows, err := s.TasksByID(s.ctx, ids)
		s.must(err)
		if len(rows) != len(all) || len(lines) != len(all) {
			rt.Fatalf("%d lines, %d rows of %d", len(lines), len(rows), len(all))
		}
		closedAt := slices.IndexFunc(rows, tasks.Task.Closed)
		for i, row := range rows {
			if row.ID != ids[i] || (closedAt >= 0 && i > closedAt && !row.Closed()) {
				rt.Fatalf("row %d is %+v", i, row)
			}
			if depths[row.ID] > 0 && row.ParentUID == "" {
				rt.Fatalf("%s stands below nothing", row.Title)
			}
		}
	})
}
