// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kontor/sync/ical"
)

// version is one side's text of a task, drawn line by line.
type version struct {
	done     string // "open", "half", "done", "called off"
	note     string
	sequence int
	stamp    int
	order    int
	acked    bool
	title    string
	rest     []string
}

var doneLines = map[string]string{
	"open": "STATUS:NEEDS-ACTION", "half": "STATUS:IN-PROCESS\r\nPERCENT-COMPLETE:40", "more": "STATUS:IN-PROCESS\r\nPERCENT-COMPLETE:70",
	"done": "STATUS:COMPLETED\r\nPERCENT-COMPLETE:100", "called off": "STATUS:CANCELLED",
}

func drawVersion(t *rapid.T, label string, from version) version {
	v := from
	v.stamp = rapid.IntRange(1, 28).Draw(t, label+" stamp")
	v.sequence = from.sequence + rapid.IntRange(0, 3).Draw(t, label+" sequence")
	change := func(what string) bool { return rapid.Bool().Draw(t, label+" "+what) }
	if change("done") {
		v.done = rapid.SampledFrom([]string{"open", "half", "more", "done", "called off"}).Draw(t, label+" state")
	}
	if change("note") {
		v.note = rapid.SampledFrom([]string{"eins", "eins zwei", "null eins zwei", "drei"}).Draw(t, label+" text")
	}
	if change("title") {
		v.title = rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, label+" words")
	}
	if change("order") {
		v.order = rapid.IntRange(0, 9).Draw(t, label+" place")
	}
	v.acked = v.acked || change("answered")
	return v
}

func (v version) text() string {
	lines := slices.Concat([]string{
		"CREATED:20250101T000000Z", doneLines[v.done], "DESCRIPTION:" + v.note, "SUMMARY:" + v.title, fmt.Sprint("SEQUENCE:", v.sequence),
		fmt.Sprintf("LAST-MODIFIED:202601%02dT000000Z", v.stamp), fmt.Sprint(sortOrder+":", v.order),
	}, v.rest)
	if v.acked {
		lines = append(lines, lastAck+":20260101T000000Z")
	}
	return vtodo(lines...)
}

// TestMergeRules holds each rule of how two changes are joined against a second wording of it.
func TestMergeRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := drawVersion(t, "base", version{done: "open", note: "eins", title: "A"})
		mine, theirs := drawVersion(t, "mine", base), drawVersion(t, "theirs", base)
		theirs.rest = []string{"X-FREMD;A=\"b:c\":Wert\r\n  mit Umbruch", "attendee;cn=\"Ä\":mailto:a@x"}
		got, conflicts := Merge(base.text(), mine.text(), theirs.text())
		c := ical.Parse(got).Component("VCALENDAR").Component("VTODO")
		promise := func(ok bool, rule string) {
			if !ok {
				t.Fatalf("%s\nbase\n%s\nmine\n%s\ntheirs\n%s\nmerged\n%s\n%v", rule, base.text(), mine.text(), theirs.text(), got, conflicts)
			}
		}
		newer := theirs
		if mine.stamp >= theirs.stamp {
			newer = mine
		}
		promise(doneOf(c) == doneRule(base.done, mine.done, theirs.done, newer.done), "done beats parts of it, and the newer one decides about opening again")
		note, asked := noteRule(base.note, mine.note, theirs.note)
		promise(c.Text("DESCRIPTION") == note && slices.Contains(conflicts, FieldNote) == asked, "of two notes the one that holds the other, else mine and a question")
		title, asked := textRule(base.title, mine.title, theirs.title)
		promise(c.Text("SUMMARY") == title && slices.Contains(conflicts, FieldTitle) == asked, "of two titles mine and a question")
		promise(len(conflicts) <= 2 && !slices.Contains(conflicts, FieldWhen), "nobody is asked about stamps, places and answers")
		changed := mine.text() != base.text()
		promise(!changed || number(c.Value("SEQUENCE"), 0, 99) == max(mine.sequence, theirs.sequence), "the sequence never goes back")
		promise(c.Value("CREATED") == "20250101T000000Z" && len(c.Lines("CREATED")) == 1, "what says when it was made stays")
		promise(!changed || c.Value("LAST-MODIFIED") == fmt.Sprintf("202601%02dT000000Z", newer.stamp), "the newer stamp")
		promise(strings.Contains(got, strings.Join(theirs.rest, "\r\n")), "what I did not touch are their octets")
	})
}

func doneOf(c *ical.Component) string {
	for state, lines := range doneLines {
		_, percent, _ := strings.Cut(lines, "PERCENT-COMPLETE:")
		if strings.HasPrefix(lines, "STATUS:"+c.Value("STATUS")) && c.Value("PERCENT-COMPLETE") == percent {
			return state
		}
	}
	return "mixed"
}

func doneRule(base, mine, theirs, newer string) string {
	switch {
	case mine == base:
		return theirs
	case theirs == base || mine == theirs:
		return mine
	case base != "done" && mine == "done":
		return mine
	case base != "done" && theirs == "done":
		return theirs
	}
	return newer
}

func textRule(base, mine, theirs string) (want string, asked bool) {
	switch {
	case mine == base:
		return theirs, false
	case theirs == base, mine == theirs:
		return mine, false
	}
	return mine, true
}

func noteRule(base, mine, theirs string) (want string, asked bool) {
	want, asked = textRule(base, mine, theirs)
	switch {
	case asked && strings.Contains(theirs, mine):
		return theirs, false
	case asked && strings.Contains(mine, theirs):
		return mine, false
	}
	return want, asked
}

// TestWhatBeatsADeletion: an edit keeps a task that the other side deleted; stamps, answers and places in a list do not.
func TestWhatBeatsADeletion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := drawVersion(t, "base", version{done: "open", note: "eins", title: "A"})
		v := drawVersion(t, "edited", base)
		content := v.done != base.done || v.note != base.note || v.title != base.title
		if SameContent(base.text(), v.text()) == content {
			t.Fatalf("an edit of content: %v\n%s\n%s", content, base.text(), v.text())
		}
	})
}
