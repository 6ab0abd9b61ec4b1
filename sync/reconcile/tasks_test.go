// SPDX-License-Identifier: EUPL-1.2

package reconcile

import (
	"strings"
	"testing"

	"kontor/app/journal"
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

	p := PlanTaskPut(edit, known, true, false)
	if p.Send != edited || p.Base != known || p.Restored || p.Done() || p.Unread() {
		t.Errorf("as it was: %+v", p)
	}
	p.Meet(TaskObject{`"2"`, todo("u", "Alt", "PRIORITY:1\r\n")})
	if !p.Merged || !p.Fresh || !strings.Contains(p.Send, "SUMMARY:Neu") || !strings.Contains(p.Send, "PRIORITY:1") || len(p.Conflicts) > 0 {
		t.Errorf("another field: %+v", p)
	}
	p = PlanTaskPut(edit, known, true, false)
	if p.Meet(TaskObject{`"2"`, todo("u", "Ihres")}); len(p.Conflicts) != 1 || !strings.Contains(p.Theirs, "Ihres") || !strings.Contains(p.Send, "Neu") {
		t.Errorf("the same field: %+v", p)
	}
	p = PlanTaskPut(edit, known, true, false)
	if p.Meet(TaskObject{}); !p.Restored || p.Base.Exists() {
		t.Errorf("deleted there: %+v", p)
	}
	if p.Follow(TaskObject{Text: base}, TaskObject{`"9"`, todo("u", "Alt", "PRIORITY:2\r\n")}); p.Restored || !strings.Contains(p.Send, "PRIORITY:2") || p.Base.ETag != `"9"` {
		t.Errorf("moved: %+v", p)
	}
	if p = PlanTaskPut(edit, known, false, false); !p.Restored || p.Base.Exists() {
		t.Errorf("gone before: %+v", p)
	}
	if p = PlanTaskPut(edit, TaskObject{"", base}, true, false); !p.Unread() {
		t.Error("a version without a tag is written over")
	}
	if p = PlanTaskPut(edit, TaskObject{`"1"`, todo("u", "Ihres")}, true, false); len(p.Conflicts) != 1 || p.Theirs == "" {
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
		p := PlanTaskPut(c.change, c.known, c.known.Exists(), true)
		if got := p.Arrived(TaskObject{`"2"`, c.there}); got != c.arrived {
			t.Errorf("%s: %v", name, got)
		}
		if c.arrived && !tasks.SameButStamps(p.Send, c.there) {
			t.Errorf("%s: left to send\n%s", name, p.Send)
		}
	}
}

// TestTaskMadeBefore: what an attempt of which nobody heard has made is not written over, and is known for no more than it is.
func TestTaskMadeBefore(t *testing.T) {
	first, second := todo("u", "Alt"), todo("u", "Alt", "PRIORITY:1\r\n")
	create := tasks.PutOp{After: first}
	p := PlanTaskPut(create, TaskObject{}, false, true)
	if !p.Strayed {
		t.Error("it is not looked for in other lists")
	}
	if p.Meet(TaskObject{`"9"`, todo("u", "Ihres")}); !p.Done() || len(p.Conflicts) > 0 || p.Strayed {
		t.Errorf("made, and changed by others: %+v", p)
	}
	if p = PlanTaskPut(create, TaskObject{}, false, false); p.Strayed {
		t.Error("a new task is looked for in other lists")
	}
	if p.Meet(TaskObject{`"9"`, todo("u", "Ihres")}); p.Done() || len(p.Conflicts) == 0 {
		t.Errorf("never attempted, so it is somebody else's: %+v", p)
	}
	edit := tasks.PutOp{Before: first, After: second}
	if p = PlanTaskPut(edit, TaskObject{}, false, false); !p.Strayed || p.Restored {
		t.Errorf("an edit of one that was deleted here: %+v", p)
	}
	if p.Follow(TaskObject{}, TaskObject{`"9"`, todo("u", "Ihres")}); p.Done() || len(p.Conflicts) > 0 || !strings.Contains(p.Send, "SUMMARY:Ihres") || !strings.Contains(p.Send, "PRIORITY:1") {
		t.Errorf("an edit of one that others moved: %+v", p)
	}
	p = PlanTaskPut(tasks.PutOp{After: second, Restores: true}, TaskObject{}, false, true)
	if p.Meet(TaskObject{`"9"`, todo("u", "Alt", "LOCATION:Rathaus\r\n")}); p.Done() || !strings.Contains(p.Send, "PRIORITY:1") || !strings.Contains(p.Send, "LOCATION") {
		t.Errorf("brought back by somebody else: %+v", p)
	}
	if p = PlanTaskPut(tasks.PutOp{After: first, Restores: true}, TaskObject{}, false, false); !p.Strayed {
		t.Error("a task that is brought back is not looked for in other lists")
	}
	for name, c := range map[string]struct {
		op    journal.Op
		first tasks.PutOp
		joins bool
	}{
		"new":                  {journal.Op{State: journal.Waiting}, create, true},
		"attempted":            {journal.Op{State: journal.Waiting, Tries: 1}, create, false},
		"in doubt together":    {journal.Op{State: journal.InDoubt, Tries: 1}, create, true},
		"an edit, attempted":   {journal.Op{State: journal.Waiting, Tries: 1}, tasks.PutOp{Before: todo("u", "Erst"), After: first}, true},
		"not one on the other": {journal.Op{State: journal.Waiting}, tasks.PutOp{After: second}, false},
	} {
		if both, joined := JoinTaskPuts(c.op)(c.first, edit); joined != c.joins || joined && both.After != second {
			t.Errorf("%s: %v, %+v", name, joined, both)
		}
	}
}
