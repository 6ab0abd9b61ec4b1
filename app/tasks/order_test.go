// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestSort(t *testing.T) {
	at := time.Unix(1000, 0)
	all := []Task{
		{ID: 1, Order: 5}, {ID: 2, Order: 1}, {ID: 3, Completed: at}, {ID: 4, Status: Canceled, Modified: at.Add(time.Hour)}, {ID: 5, Order: 1},
	}
	Sort(all)
	for i, want := range []int64{2, 5, 1, 4, 3} {
		if all[i].ID != want {
			t.Errorf("place %d: %d", i, all[i].ID)
		}
	}
}

func ids(nodes []Node) string {
	s := ""
	for _, n := range nodes {
		s += strconv.FormatInt(n.ID, 10) + ":" + strconv.Itoa(n.Depth) + " "
	}
	return s
}

// Subtasks stand below their parents; see interop cases 31 to 35.
func TestTree(t *testing.T) {
	all := []Task{
		{ID: 1, UID: "a"},
		{ID: 2, UID: "b", ParentUID: "a"},
		{ID: 3, UID: "c", ParentUID: "gone"},
		{ID: 4, UID: "d", ParentUID: "b"},
		{ID: 5, UID: "e", ParentUID: "a"},
		{ID: 6, UID: "f", ParentUID: "a", ListID: 9},
		{ID: 7, UID: "g", ParentUID: "h"},
		{ID: 8, UID: "h", ParentUID: "g"},
		{ID: 9, UID: "i", ParentUID: "h"},
		{ID: 10, UID: "j", ParentUID: "j"},
		{ID: 11, UID: "a"},
	}
	if got, want := ids(Tree(all)), "1:0 2:1 4:2 5:1 3:0 6:0 7:0 8:0 9:1 10:0 11:0 "; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	var chain []Task
	for i := range 10000 {
		chain = append(chain, Task{ID: int64(i), UID: strconv.Itoa(i), ParentUID: strconv.Itoa(i + 1)})
	}
	if got := Tree(chain); len(got) != 10000 || got[9999].ID != 0 || got[9999].Depth != maxShown {
		t.Errorf("a chain of %d", len(got))
	}
}

func TestTreeKeepsAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 12).Draw(t, "n")
		all := make([]Task, n)
		for i := range all {
			all[i] = Task{ID: int64(i), UID: strconv.Itoa(i), ParentUID: strconv.Itoa(rapid.IntRange(0, 14).Draw(t, "parent"))}
		}
		seen := map[int64]bool{}
		for _, node := range Tree(all) {
			if seen[node.ID] {
				t.Fatalf("%d twice", node.ID)
			}
			seen[node.ID] = true
		}
		if len(seen) != n {
			t.Fatalf("%d of %d", len(seen), n)
		}
	})
}

func TestOps(t *testing.T) {
	name, color, order := ListOp{Name: "b", OldName: "a", Color: "#111111", OldColor: "#111111"}.Lay("x", "#222222", 7)
	if name != "b" || color != "#222222" || order != 7 {
		t.Errorf("%s %s %d", name, color, order)
	}
	if _, _, order := (ListOp{Order: 2, OldOrder: 1}).Lay("x", "", 7); order != 2 {
		t.Errorf("order %d", order)
	}
	put := PutOp{Before: vtodo("SUMMARY:a"), After: vtodo("SUMMARY:b")}
	if text, _ := put.Lay(""); text != put.After {
		t.Errorf("over nothing: %s", text)
	}
	if text, conflicts := put.Lay(vtodo("SUMMARY:c")); !has(text, "SUMMARY:b") || len(conflicts) != 1 {
		t.Errorf("over another: %v %s", conflicts, text)
	}
	if len(Kinds()) != 6 || ClassOf(7) != PriorityLow || ClassOf(0) != PriorityNone || ClassOf(5) != PriorityMedium || !(When{}).IsZero() {
		t.Error("kinds and classes")
	}
}

func TestDeletionCovers(t *testing.T) {
	p := DeleteOp{Text: vtodo("SUMMARY:b"), Base: vtodo("SUMMARY:a")}
	if !p.Covers(vtodo("SUMMARY:a")) || !p.Covers(vtodo("X-APPLE-SORT-ORDER:1", "SUMMARY:b")) || p.Covers(vtodo("SUMMARY:c")) {
		t.Error("the wrong version is deleted")
	}
}

// TestOrders moves lists at random: the sequence is the wanted one, and what stands before the place is left alone.
func TestOrders(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		orders := rapid.SliceOfN(rapid.IntRange(0, 9), 1, 8).Draw(t, "orders")
		slices.Sort(orders)
		from, to := rapid.IntRange(0, len(orders)-1).Draw(t, "from"), rapid.IntRange(0, len(orders)-1).Draw(t, "to")
		got := Orders(orders, from, to)
		if len(got) != len(orders) {
			t.Fatalf("%v", got)
		}
		for i := 1; i < len(got); i++ {
			if got[i] <= got[i-1] {
				t.Fatalf("%v does not rise", got)
			}
		}
	})
	if got := Orders([]int{1, 5, 9}, 2, 1); !slices.Equal(got, []int{1, 9, 10}) {
		t.Errorf("%v", got)
	}
}
