// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// Interop case 28: classes of priority, and a class that stays keeps the number that another program wrote.
func TestCase28Priorities(t *testing.T) {
	for n, want := range []Class{ClassOf(0), ClassOf(1), ClassOf(1), ClassOf(1), ClassOf(1), ClassOf(5), ClassOf(9), ClassOf(9), ClassOf(9), ClassOf(9)} {
		if got := ClassOf(n); got != want {
			t.Errorf("%d is %v, want %v", n, got, want)
		}
	}
	if classes := []Class{ClassOf(0), ClassOf(1), ClassOf(5), ClassOf(9)}; len(slices.Compact(slices.Sorted(slices.Values(classes)))) != 4 {
		t.Errorf("classes %v", classes)
	}
	text := vtodo("SUMMARY:a", "PRIORITY:3")
	if got := apply(t, text, Edit{Title: ptr("b")}); !has(got, "PRIORITY:3") {
		t.Errorf("another edit changed the priority:\n%s", got)
	}
	if got := apply(t, text, Edit{Priority: ptr(1)}); !has(got, "PRIORITY:3") {
		t.Errorf("high stays high, and the number stays what it was:\n%s", got)
	}
	if got := apply(t, text, Edit{Priority: ptr(9)}); parse(t, got).Priority != 9 {
		t.Errorf("high becomes low:\n%s", got)
	}
	if got := parse(t, vtodo("PRIORITY:77")).Priority; got < 0 || got > 9 {
		t.Errorf("a priority that does not exist is %d", got)
	}
}

// Interop case 29: tags in several lines, several in one, and one with a comma of its own.
func TestCase29Categories(t *testing.T) {
	text := vtodo("CATEGORIES:a,b", `CATEGORIES:c\,d`, "CATEGORIES:a")
	got := parse(t, text)
	if !slices.Equal(got.Tags, []string{"a", "b", "c,d"}) {
		t.Errorf("%q", got.Tags)
	}
	if same := apply(t, text, Edit{Title: ptr("x")}); !has(same, `CATEGORIES:c\,d`) || !has(same, "CATEGORIES:a,b") {
		t.Errorf("the lines of the tags were touched:\n%s", same)
	}
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
