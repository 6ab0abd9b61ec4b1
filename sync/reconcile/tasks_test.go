// SPDX-License-Identifier: EUPL-1.2

package reconcile

import (
	"strings"
	"testing"

	"kontor/app/tasks"
)

func todo(uid, title string, more ...string) string {
	return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTODO\r\nUID:" + uid + "\r\nSUMMARY:" + title + "\r\n" + strings.Join(more, "") + "END:VTODO\r\nEND:VCALENDAR\r\n"
}

// TestTaskOnItsWay: what a change comes to, by what the server turns out to hold.
func TestTaskOnItsWay(t *testing.T) {
	base, edited := todo("u", "Alt"), todo("u", "Neu")
	edit := tasks.PutOp{Before: base, After: edited}
	known := TaskObject{`"1"`, base}

	p := PlanTaskPut(edit, known, true)
	if p.Send != edited || p.Base != known || p.Restored || p.Done() || p.Unread() {
		t.Errorf("as it was: %+v", p)
	}
	p.Meet(TaskObject{`"2"`, todo("u", "Alt", "PRIORITY:1\r\n")})
	if !p.Merged || !p.Fresh || !strings.Contains(p.Send, "SUMMARY:Neu") || !strings.Contains(p.Send, "PRIORITY:1") || len(p.Conflicts) > 0 {
		t.Errorf("another field: %+v", p)
	}
	p = PlanTaskPut(edit, known, true)
	if p.Meet(TaskObject{`"2"`, todo("u", "Ihres")}); len(p.Conflicts) != 1 || !strings.Contains(p.Theirs, "Ihres") || !strings.Contains(p.Send, "Neu") {
		t.Errorf("the same field: %+v", p)
	}
	p = PlanTaskPut(edit, known, true)
	if p.Meet(TaskObject{}); !p.Restored || p.Base.Exists() {
		t.Errorf("deleted there: %+v", p)
	}
	if p.Follow(TaskObject{Text: base}, TaskObject{`"9"`, todo("u", "Alt", "PRIORITY:2\r\n")}); p.Restored || !strings.Contains(p.Send, "PRIORITY:2") || p.Base.ETag != `"9"` {
		t.Errorf("moved: %+v", p)
	}
	if p = PlanTaskPut(edit, known, false); !p.Restored || p.Base.Exists() {
		t.Errorf("gone before: %+v", p)
	}
	if p = PlanTaskPut(edit, TaskObject{"", base}, true); !p.Unread() {
		t.Error("a version without a tag is written over")
	}
	if p = PlanTaskPut(edit, TaskObject{`"1"`, todo("u", "Ihres")}, true); len(p.Conflicts) != 1 || p.Theirs == "" {
		t.Errorf("known before: %+v", p)
	}
}

// TestTaskInDoubt: whether an attempt arrived of which nobody heard.
func TestTaskInDoubt(t *testing.T) {
	base, edited := todo("u", "Alt"), todo("u", "Neu")
	for name, c := range map[string]struct {
		change  tasks.PutOp
		known   TaskObject
		there   string
		arrived bool
	}{
		"nothing there":              {tasks.PutOp{After: edited}, TaskObject{}, "", false},
		"made":                       {tasks.PutOp{After: edited}, TaskObject{}, edited, true},
		"made and changed by others": {tasks.PutOp{After: edited}, TaskObject{}, todo("u", "Ihres"), true},
		"another task of that name":  {tasks.PutOp{After: edited}, TaskObject{}, todo("x", "Ihres"), false},
		"edited":                     {tasks.PutOp{Before: base, After: edited}, TaskObject{`"1"`, base}, edited, true},
		"edited, and more":           {tasks.PutOp{Before: base, After: edited}, TaskObject{`"1"`, base}, todo("u", "Neu", "PRIORITY:1\r\n"), true},
		"not edited":                 {tasks.PutOp{Before: base, After: edited}, TaskObject{`"1"`, base}, base, false},
	} {
		p := PlanTaskPut(c.change, c.known, c.known.Exists())
		if got := p.Arrived(TaskObject{`"2"`, c.there}); got != c.arrived {
			t.Errorf("%s: %v", name, got)
		}
		if c.arrived && !tasks.SameButStamps(p.Send, c.there) {
			t.Errorf("%s: left to send\n%s", name, p.Send)
		}
	}
}
