// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// Interop case 28: classes of priority, and a class that stays keeps the number that another program wrote.
func TestCase28Priorities(t *testing.T) {
	classes := []Class{
		PriorityNone, PriorityHigh, PriorityHigh, PriorityHigh, PriorityHigh, PriorityMedium, PriorityLow, PriorityLow, PriorityLow, PriorityLow,
	}
	for n, want := range classes {
		text := vtodo("SUMMARY:a", fmt.Sprint("PRIORITY:", n))
		if got := ClassOf(parse(t, text).Priority); got != want {
			t.Errorf("%d is %v, want %v", n, got, want)
		}
		for to, class := range map[int]Class{0: PriorityNone, 1: PriorityHigh, 5: PriorityMedium, 9: PriorityLow} {
			got := apply(t, text, Edit{Priority: ptr(to)})
			if class == want && got != text {
				t.Errorf("%d was rewritten although its class stays:\n%s", n, got)
			}
			if ClassOf(parse(t, got).Priority) != class {
				t.Errorf("%d set to %d:\n%s", n, to, got)
			}
		}
	}
	if got := parse(t, vtodo("PRIORITY:77")).Priority; got != 0 {
		t.Errorf("a priority that does not exist is %d", got)
	}
}

// Interop case 29: tags in several lines, several in one, and one with a comma of its own; new ones must not have one.
func TestCase29Categories(t *testing.T) {
	text := vtodo("CATEGORIES:a,b", `CATEGORIES:c\,d`, "CATEGORIES:a")
	got := parse(t, text)
	if !slices.Equal(got.Tags, []string{"a", "b", "c,d"}) {
		t.Errorf("%q", got.Tags)
	}
	expect(t, apply(t, text, Edit{Title: ptr("x")}), []string{`CATEGORIES:c\,d`, "CATEGORIES:a,b"})
	expect(t, apply(t, text, Edit{Tags: ptr([]string{"b", "c,d", "neu"})}), []string{`CATEGORIES:c\,d`, "CATEGORIES:b,neu"}, "CATEGORIES:a")
	if _, err := Apply(text, Edit{Tags: ptr([]string{"a", "e,f"})}, monday(t)); !errors.Is(err, ErrTagComma) {
		t.Errorf("a new tag with a comma: %v", err)
	}
}

// Interop case 30: a tag removed here and another added there: both hold, whoever merges.
func TestCase30TagsAreASet(t *testing.T) {
	base := vtodo("CATEGORIES:a,b")
	mine, theirs := apply(t, base, Edit{Tags: ptr([]string{"b"})}), apply(t, base, Edit{Tags: ptr([]string{"a", "b", "c"})})
	for _, sides := range [][2]string{{mine, theirs}, {theirs, mine}} {
		got, conflicts := Merge(base, sides[0], sides[1])
		if tags := parse(t, got).Tags; !slices.Equal(tags, []string{"b", "c"}) || len(conflicts) > 0 {
			t.Errorf("%q, %v", tags, conflicts)
		}
	}
}

// Interop case 31: an edge without a type names the parent; siblings and gaps are kept, and are no parents.
func TestCase31Relations(t *testing.T) {
	text := vtodo("RELATED-TO;RELTYPE=SIBLING:s", "RELATED-TO;RELTYPE=GAP:g", "RELATED-TO;RELTYPE=CHILD:k", "RELATED-TO:p")
	if got := parse(t, text).ParentUID; got != "p" {
		t.Errorf("parent %q", got)
	}
	if got := parse(t, vtodo("RELATED-TO;RELTYPE=SIBLING:s", "RELATED-TO;RELTYPE=GAP:g", "RELATED-TO;RELTYPE=CHILD:k")).ParentUID; got != "" {
		t.Errorf("no parent, but %q", got)
	}
	expect(t, apply(t, text, Edit{Parent: ptr("neu")}),
		[]string{"RELATED-TO;RELTYPE=SIBLING:s", "RELATED-TO;RELTYPE=GAP:g", "RELATED-TO;RELTYPE=CHILD:k", "RELATED-TO:neu"}, "RELATED-TO:p")
}

// Interop case 32: a task whose parent is not there stands at the top, keeps the edge, and finds its parent later.
func TestCase32MissingParent(t *testing.T) {
	child, parent := Task{ID: 1, UID: "k", ParentUID: "p"}, Task{ID: 2, UID: "p"}
	if got := ids(Tree([]Task{child})); got != "1:0 " {
		t.Errorf("alone: %s", got)
	}
	if got := ids(Tree([]Task{child, parent})); got != "2:0 1:1 " {
		t.Errorf("arrived: %s", got)
	}
	expect(t, apply(t, vtodo("RELATED-TO:p"), Edit{Title: ptr("neu"), Order: ptr(int64(7))}), []string{"RELATED-TO:p"})
}

// Interop case 34: a parent in another list: at the top in this one.
func TestCase34ParentInAnotherList(t *testing.T) {
	if got := ids(Tree([]Task{{ID: 1, UID: "p", ListID: 1}, {ID: 2, UID: "k", ParentUID: "p", ListID: 2}})); got != "1:0 2:0 " {
		t.Errorf("%s", got)
	}
	copied := []Task{{ID: 1, UID: "p", ListID: 1}, {ID: 2, UID: "p", ListID: 2}, {ID: 3, UID: "k", ParentUID: "p", ListID: 2}}
	if got := ids(Tree(copied)); got != "1:0 2:0 3:1 " {
		t.Errorf("a copy of the parent in another list takes the child away: %s", got)
	}
}

// Interop case 35: of two parents the first counts; the second is kept, also where the first is changed.
func TestCase35TwoParents(t *testing.T) {
	text := vtodo("RELATED-TO;RELTYPE=PARENT:p1", "RELATED-TO:p2")
	if got := parse(t, text).ParentUID; got != "p1" {
		t.Errorf("parent %q", got)
	}
	expect(t, apply(t, text, Edit{Parent: ptr("neu")}), []string{"RELATED-TO;RELTYPE=PARENT:neu", "RELATED-TO:p2"})
}

// Interop case 41: without a sort order a task stands where it was made, in seconds since 2001.
func TestCase41SortOrder(t *testing.T) {
	made := parse(t, vtodo("CREATED:20260101T000000Z"))
	want := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Unix() - time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	if got := made.SortKey(); got != want {
		t.Errorf("%d, want %d", got, want)
	}
	if got := parse(t, vtodo("CREATED:20260101T000000Z", "X-APPLE-SORT-ORDER:12")).SortKey(); got != 12 {
		t.Errorf("%d", got)
	}
	if got := parse(t, vtodo("CREATED:20260101T000000Z", "X-APPLE-SORT-ORDER:unsinn")).SortKey(); got != want {
		t.Errorf("an order that is no number: %d", got)
	}
}

// Interop case 42: what is attached is kept, however large, and costs little.
func TestCase42LargeAttachment(t *testing.T) {
	attach := "ATTACH;ENCODING=BASE64;VALUE=BINARY;FMTTYPE=image/png:" + strings.Repeat("QUJD", 512<<10)
	text := vtodo("SUMMARY:a", attach)
	if got := apply(t, text, Edit{Title: ptr("b")}); !strings.Contains(got, attach) || !has(got, "SUMMARY:b") {
		t.Error("the attachment is not the same after an edit of the title")
	}
	merged, conflicts := Merge(text, apply(t, text, Edit{Title: ptr("b")}), apply(t, text, Edit{Note: ptr("n")}))
	if len(conflicts) != 0 || !strings.Contains(merged, attach) || !has(merged, "SUMMARY:b") || !has(merged, "DESCRIPTION:n") {
		t.Errorf("conflicts %v, or something is lost", conflicts)
	}
}

// Interop case 43: notes as programs really write them are shown in full, and what stands beside them stays.
func TestCase43Notes(t *testing.T) {
	for raw, want := range map[string]string{
		`eins\nzwei\Ndrei`:       "eins\nzwei\ndrei",
		`10\:30 Uhr`:             "10:30 Uhr",
		`Brot, Milch`:            "Brot, Milch",
		`a\, b\; c\\d`:           `a, b; c\d`,
		`&lt;b&gt; bleibt`:       "&lt;b&gt; bleibt",
		`https://x.example/?a=1`: "https://x.example/?a=1",
	} {
		text := vtodo("DESCRIPTION:"+raw, "X-ALT-DESC;FMTTYPE=text/html:<p>hallo</p>")
		if got := parse(t, text).Note; got != want {
			t.Errorf("%q is shown as %q", raw, got)
		}
		if got := apply(t, text, Edit{Priority: ptr(1)}); !has(got, "DESCRIPTION:"+raw) || !has(got, "X-ALT-DESC;FMTTYPE=text/html:<p>hallo</p>") {
			t.Errorf("another edit changed the note:\n%s", got)
		}
	}
}

// Interop case 33: a circle stands at the top, each once.
func TestCase33Circles(t *testing.T) {
	all := []Task{{ID: 1, UID: "a", ParentUID: "b"}, {ID: 2, UID: "b", ParentUID: "a"}, {ID: 3, UID: "c", ParentUID: "b"}, {ID: 4, UID: "d", ParentUID: "d"}}
	if got := ids(Tree(all)); got != "1:0 2:0 3:1 4:0 " {
		t.Errorf("%s", got)
	}
}

// Interop case 33, second half: a chain of ten thousand tasks, each below the one before, and one that ends in itself.
func TestCase33DeepChains(t *testing.T) {
	for name, last := range map[string]string{"open": "", "closed": "0"} {
		all := make([]Task, 10000)
		for i := range all {
			all[i] = Task{UID: fmt.Sprint(i), Title: fmt.Sprint(i)}
			if i+1 < len(all) {
				all[i].ParentUID = fmt.Sprint(i + 1)
			} else {
				all[i].ParentUID = last
			}
		}
		seen := map[string]int{}
		for _, n := range Tree(all) {
			seen[n.UID]++
		}
		if len(seen) != len(all) {
			t.Errorf("%s: %d of %d tasks are shown", name, len(seen), len(all))
		}
		for uid, n := range seen {
			if n != 1 {
				t.Errorf("%s: task %s is shown %d times", name, uid, n)
			}
		}
	}
}

// Interop case 45: names in lower case, LF alone, a mark of octet order, blank lines, a missing end: the task is read and
// edited, and only what is damaged says so.
func TestCase45Tolerance(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		broken bool
	}{
		"lower case": {"begin:vcalendar\r\nbegin:vtodo\r\nuid:u1\r\nsummary:a\r\nend:vtodo\r\nend:vcalendar\r\n", false},
		"LF":         {strings.ReplaceAll(vtodo("SUMMARY:a"), "\r\n", "\n"), false},
		"CR":         {strings.ReplaceAll(vtodo("SUMMARY:a"), "\r\n", "\r"), false},
		"mark":       {"\ufeff" + vtodo("SUMMARY:a"), false},
		"blank":      {strings.ReplaceAll(vtodo("SUMMARY:a"), "\r\n", "\r\n\r\n"), false},
		"no end":     {strings.TrimSuffix(vtodo("SUMMARY:a"), "END:VTODO\r\nEND:VCALENDAR\r\n"), true},
		"cut":        {strings.TrimSuffix(vtodo("SUMMARY:a"), "VTODO\r\nEND:VCALENDAR\r\n"), true},
		"no UID":     {strings.Replace(vtodo("SUMMARY:a"), "UID:u1\r\n", "", 1), true},
	} {
		if got := parse(t, c.text); got.Title != "a" || got.Broken != c.broken {
			t.Errorf("%s: %+v", name, got)
		}
		if got := parse(t, apply(t, c.text, Edit{Note: ptr("neu")})); got.Title != "a" || got.Note != "neu" {
			t.Errorf("%s, edited: %+v", name, got)
		}
	}
}

// Interop case 46: a character that XML cannot carry is never written by us, whatever a person pastes.
func TestCase46ControlCharacters(t *testing.T) {
	dirty := "a\u0007b\x00c\ufffed"
	text, err := NewText("u1", Edit{Title: &dirty, Note: &dirty, Tags: &[]string{dirty}, Parent: &dirty, URL: &dirty}, monday(t))
	if err != nil || strings.ContainsAny(text, "\u0007\x00\ufffe") || parse(t, text).Title != "abcd" {
		t.Errorf("%v: %q", err, text)
	}
}

// Interop case 47: what lacks its colon is no date, does no harm and is kept.
func TestCase47LinesWithoutColon(t *testing.T) {
	lines := []string{"DUE;VALUE=DATE", `ATTENDEE;CN="a"b:x`, "SUMMARY:a"}
	text := vtodo(lines...)
	if got := parse(t, text); !got.Due.IsZero() || got.Title != "a" {
		t.Errorf("%+v", got)
	}
	expect(t, apply(t, text, Edit{Note: ptr("neu")}), lines)
	expect(t, complete(t, text), lines)
}

// Interop case 49: a title that is missing or empty stays so until a person writes one.
func TestCase49NoTitle(t *testing.T) {
	for _, text := range []string{vtodo("PRIORITY:1"), vtodo("SUMMARY:")} {
		if got := parse(t, text); got.Title != "" {
			t.Errorf("%q", got.Title)
		}
		if same := apply(t, text, Edit{Title: ptr("")}); same != text {
			t.Errorf("written:\n%s", same)
		}
		expect(t, apply(t, text, Edit{Title: ptr("da")}), []string{"SUMMARY:da"})
	}
}
