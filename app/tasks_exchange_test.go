// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"kontor/app/i18n"
	"kontor/app/tasks"
	"kontor/storage"
)

// vtodos wraps the lines of tasks, one string each, in a calendar.
func vtodos(zones string, todos ...string) string {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//T//EN\r\nMETHOD:PUBLISH\r\nX-WR-CALNAME:Amt\r\n" + zones)
	for _, t := range todos {
		b.WriteString("BEGIN:VTODO\r\nDTSTAMP:20260101T000000Z\r\n" + t + "END:VTODO\r\n")
	}
	return b.String() + "END:VCALENDAR\r\n"
}

const berlinZone = "BEGIN:VTIMEZONE\r\nTZID:Büro\r\nX-LIC-LOCATION:Europe/Berlin\r\nBEGIN:STANDARD\r\ndtstart:19701025T030000\r\nTZOFFSETFROM:+0200\r\n" +
	"TZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"

func (d *taskDesk) imported(list int64, text string) int {
	d.t.Helper()
	n, err := d.ImportWith(d.ctx, list, strings.NewReader(text), tasks.ClashNew)
	d.must(err)
	return n.New
}

func (d *taskDesk) exported(q tasks.Query, format tasks.Format) string {
	d.t.Helper()
	var b bytes.Buffer
	d.must(d.Export(d.ctx, q, &b, format))
	return b.String()
}

func TestImport(t *testing.T) {
	d := newTaskDesk(t)
	file := vtodos(berlinZone, "UID:oben\r\nSUMMARY:Oben\r\nDUE;TZID=Büro:20261201T100000\r\nX-Eigen;a=b:bleibt\r\n",
		"UID:unten\r\nSUMMARY:Unten\r\nRELATED-TO:oben\r\n", "SUMMARY:ohne Kennung\r\n") +
		vtodos("", "UID:serie\r\nSUMMARY:Serie\r\nDUE:20261201T100000Z\r\nRRULE:FREQ=DAILY\r\n",
			"UID:serie\r\nSUMMARY:Serie\r\nRECURRENCE-ID:20261201T100000Z\r\nSTATUS:COMPLETED\r\n") +
		"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:t\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	if n := d.imported(d.list, file); n != 4 {
		t.Errorf("%d imported", n)
	}
	if got := d.tree(d.list); !strings.Contains(got, "Oben >Unten") || !strings.Contains(got, "Serie") {
		t.Errorf("list: %s", got)
	}
	all, err := d.List(d.ctx, tasks.Query{Text: "Oben"})
	d.must(err)
	raw, err := d.Raw(d.ctx, all[0].ID)
	d.must(err)
	for _, part := range []string{berlinZone, "DUE;TZID=Büro:20261201T100000\r\nX-Eigen;a=b:bleibt\r\n"} {
		if !strings.Contains(string(raw), part) {
			t.Errorf("%q is missing in\n%s", part, raw)
		}
	}
	if strings.Contains(string(raw), "METHOD") || strings.Contains(string(raw), "CALNAME") || all[0].Due.Time.UTC().Hour() != 9 {
		t.Errorf("object\n%s", raw)
	}
	if n := d.imported(d.list, file); n != 1 { // only the one without a UID cannot be known again
		t.Errorf("%d imported again", n)
	}
	d.undo()
	d.undo()
	if got := d.tree(d.list); got != "" {
		t.Errorf("undone: %s", got)
	}
	for text, want := range map[string]error{"": ErrNoTasksInFile, "kein Kalender": ErrNoTasksInFile, vtodos(""): ErrNoTasksInFile} {
		if _, err := d.ImportWith(d.ctx, d.list, strings.NewReader(text), tasks.ClashNew); !errors.Is(err, want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := d.ImportWith(d.ctx, 999, strings.NewReader(file), tasks.ClashNew); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("into no list: %v", err)
	}
}

// A UID that is taken is given anew, and subtasks follow.
func TestImportRenewsUIDs(t *testing.T) {
	d := newTaskDesk(t)
	d.imported(d.list, vtodos("", "UID:a\r\nSUMMARY:Alt\r\n"))
	file := vtodos("", "UID:a\r\nSUMMARY:Neu\r\n", "UID:b\r\nSUMMARY:Unten\r\nRELATED-TO:a\r\n") + vtodos("", "UID:b\r\nSUMMARY:Doppelt\r\n")
	if n := d.imported(d.second, file); n != 3 {
		t.Errorf("%d imported", n)
	}
	if got := d.tree(d.second); !strings.Contains(got, "Neu >Unten") || !strings.Contains(got, "Doppelt") {
		t.Errorf("list: %s", got)
	}
	uids := map[string]bool{}
	all, err := d.List(d.ctx, tasks.Query{})
	d.must(err)
	for _, task := range all {
		uids[task.UID] = true
	}
	if len(all) != 4 || len(uids) != 4 || d.tree(d.list) != "Alt" {
		t.Errorf("%d tasks with %d UIDs", len(all), len(uids))
	}
	d.undo()
	if got := d.tree(d.second); got != "" {
		t.Errorf("undone: %s", got)
	}
}

// What is exported and imported in another account is the same, line for line, two zones of one name included.
func TestExportComesBack(t *testing.T) {
	d := newTaskDesk(t)
	other := strings.ReplaceAll(berlinZone, "Europe/Berlin", "Europe/Paris")
	d.imported(d.list, vtodos(berlinZone, "UID:a\r\nSUMMARY:A\r\nDUE;TZID=Büro:20261201T100000\r\n", "UID:b\r\nSUMMARY:B\r\nDUE;TZID=Büro:20261202T100000\r\n")+
		vtodos(other, "UID:c\r\nSUMMARY:C\r\nDUE;TZID=Büro:20261203T100000\r\n"))
	d.imported(d.list, vtodos("", "UID:a2\r\nSUMMARY:erledigt\r\nSTATUS:COMPLETED\r\nATTACH;ENCODING=BASE64;VALUE=BINARY:QUJD\r\n"))
	file := d.exported(tasks.Query{ListID: d.list, Closed: true}, tasks.FormatICS)
	if strings.Count(file, "BEGIN:VCALENDAR") != 2 || strings.Count(file, "BEGIN:VTIMEZONE") != 2 {
		t.Errorf("file\n%s", file)
	}
	if n := d.imported(d.foreign, file); n != 4 {
		t.Errorf("%d came back", n)
	}
	texts := func(list int64) []string {
		all, err := d.List(d.ctx, tasks.Query{ListID: list, Closed: true})
		d.must(err)
		var lines []string
		for _, task := range all {
			raw, err := d.Raw(d.ctx, task.ID)
			d.must(err)
			_, todo, _ := strings.Cut(string(raw), "BEGIN:VTODO")
			lines = append(lines, todo)
		}
		slices.Sort(lines)
		return lines
	}
	if a, b := texts(d.list), texts(d.foreign); !slices.Equal(a, b) {
		t.Errorf("%q\n%q", a, b)
	}
	if err := d.Export(d.ctx, tasks.Query{}, &bytes.Buffer{}, "pdf"); !errors.Is(err, ErrFormat) {
		t.Errorf("as pdf: %v", err)
	}
}

func TestExportTable(t *testing.T) {
	before := i18n.Current()
	t.Cleanup(func() { i18n.Use(before) })
	i18n.Use(i18n.German)
	d := newTaskDesk(t)
	top := d.add("=1+1;\"böse\"", tasks.Edit{Note: ptr("-Zeile\nzwei"), Tags: &[]string{"a", "b"}, Priority: ptr(1), URL: ptr("https://stadt.example")})
	d.add("unten", tasks.Edit{Parent: ptr(d.uid(top)), Percent: ptr(100)})
	file := d.exported(tasks.Query{ListID: d.list, Closed: true}, tasks.FormatCSV)
	if !strings.HasPrefix(file, "\ufeffListe;Titel;Status;") || !strings.Contains(file, "\r\n") {
		t.Errorf("file %q", file)
	}
	in := csv.NewReader(strings.NewReader(strings.TrimPrefix(file, "\ufeff")))
	in.Comma = ';'
	rows, err := in.ReadAll()
	d.must(err)
	if len(rows) != 3 || rows[1][0] != "Amt" || rows[1][1] != "'=1+1;\"böse\"" || rows[1][2] != "offen" || rows[1][4] != "hoch" || rows[1][8] != "a, b" ||
		rows[1][11] != "'-Zeile\nzwei" || rows[2][2] != "erledigt" || rows[2][3] != "100" || rows[2][13] != d.uid(top) {
		t.Errorf("rows %q", rows)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t") {
				t.Errorf("a formula: %q", cell)
			}
		}
	}
}

func TestLinksAndAttachments(t *testing.T) {
	d := newTaskDesk(t)
	id := d.add("x", tasks.Edit{})
	d.settle()
	const mid = "mid:%3Cabc@stadt.example%3E"
	d.must(d.Link(d.ctx, id, mid))
	d.must(d.Link(d.ctx, id, mid))
	if got := d.task(id); !slices.Equal(got.Links, []string{mid}) || len(d.ops()) != 1 || len(got.Attachments) != 1 || got.Attachments[0].URI != mid {
		t.Errorf("linked: %+v", got)
	}
	d.undo()
	if got := d.task(id); len(got.Links) != 0 {
		t.Errorf("undone: %+v", got.Links)
	}
	d.must(d.Link(d.ctx, id, "https://stadt.example/a.pdf"))
	d.must(d.Unlink(d.ctx, id, "https://stadt.example/a.pdf"))
	if got := d.task(id); len(got.Links) != 0 {
		t.Errorf("unlinked: %+v", got.Links)
	}
	for _, uri := range []string{"", "javascript:alert(1)", "smb://x/y", "mid:a b", "nur Text", "http://[", "mid:a\r\nX:1"} {
		if err := d.Link(d.ctx, id, uri); !errors.Is(err, tasks.ErrLink) {
			t.Errorf("%q: %v", uri, err)
		}
	}
	data := bytes.Repeat([]byte{0, 1, 2, 255}, 1000)
	d.imported(d.list, vtodos("", fmt.Sprintf("UID:a\r\nSUMMARY:mit Anhang\r\nATTACH;FMTTYPE=text/plain;ENCODING=BASE64;VALUE=BINARY;FILENAME=\"a,b.txt\":%s\r\n"+
		"ATTACH;SIZE=17:https://stadt.example/plan.pdf\r\nATTACH;ENCODING=BASE64;VALUE=BINARY:???\r\n", base64.StdEncoding.EncodeToString(data))))
	all, err := d.List(d.ctx, tasks.Query{Text: "Anhang"})
	d.must(err)
	if all[0].Attachments != nil || len(all[0].Links) != 1 {
		t.Errorf("in a list: %+v", all[0])
	}
	got := d.task(all[0].ID).Attachments
	want := []tasks.Attachment{{Name: "a,b.txt", Type: "text/plain", Size: 4000}, {Name: "plan.pdf", Size: 17, URI: "https://stadt.example/plan.pdf"}}
	if len(got) != 3 || !slices.Equal(got[:2], want) {
		t.Errorf("attachments %+v", got)
	}
	if name, octets, err := d.Attachment(d.ctx, all[0].ID, 0); err != nil || name != "a,b.txt" || !bytes.Equal(octets, data) {
		t.Errorf("octets %q %d %v", name, len(octets), err)
	}
	for _, n := range []int{-1, 1, 2, 3} {
		if _, _, err := d.Attachment(d.ctx, all[0].ID, n); !errors.Is(err, tasks.ErrNoAttachment) {
			t.Errorf("attachment %d: %v", n, err)
		}
	}
}

func TestSavedSearches(t *testing.T) {
	d := newTaskDesk(t)
	d.add("Bericht", tasks.Edit{Tags: &[]string{"Eilt"}})
	d.must(d.Done(d.ctx, []int64{d.add("Bericht alt", tasks.Edit{})}))
	id, err := d.Save(d.ctx, tasks.Saved{Name: "Berichte", Query: "bericht"})
	d.must(err)
	_, err = d.Save(d.ctx, tasks.Saved{Name: "Anderes", Query: "#nie"})
	d.must(err)
	if all, err := d.Saved(d.ctx); err != nil || !slices.Equal(all, []tasks.Saved{{ID: id + 1, Name: "Anderes", Query: "#nie"}, {ID: id, Name: "Berichte", Query: "bericht", Open: 1}}) {
		t.Errorf("%+v %v", all, err)
	}
	again, err := d.Save(d.ctx, tasks.Saved{ID: id, Name: "Eiliges", Query: "#eilt"})
	d.must(err)
	d.must(d.Forget(d.ctx, id+1))
	if all, err := d.Saved(d.ctx); err != nil || again != id || !slices.Equal(all, []tasks.Saved{{ID: id, Name: "Eiliges", Query: "#eilt", Open: 1}}) {
		t.Errorf("%+v %v", all, err)
	}
	_, err = d.Save(d.ctx, tasks.Saved{ID: 99})
	for _, err := range []error{err, d.Forget(d.ctx, id+1)} {
		if !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("no such search: %v", err)
		}
	}
}
