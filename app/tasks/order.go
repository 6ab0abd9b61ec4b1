// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"cmp"
	"slices"
)

// Sort puts tasks in the order of lists: open ones by their sort order, then closed ones, the newest first.
func Sort(all []Task) {
	slices.SortStableFunc(all, func(a, b Task) int {
		if a.Closed() != b.Closed() {
			if a.Closed() {
				return 1
			}
			return -1
		}
		return cmp.Or(cmp.Compare(a.SortKey(), b.SortKey()), cmp.Compare(a.ID, b.ID))
	})
}

// SortKey is the place of a task among open or among closed ones, the smallest first.
func (t Task) SortKey() int64 {
	switch {
	case !t.Closed():
		return t.Order
	case t.Completed.IsZero():
		return -t.Modified.Unix()
	}
	return -t.Completed.Unix()
}

// Node is a task in the tree of subtasks.
type Node struct {
	Task
	Depth int
}

// maxShown is how deep a tree is indented; what lies deeper stands on that level.
const maxShown = 20

// Stub is what the place of a task in a list depends on.
type Stub struct {
	ID, ListID     int64
	UID, ParentUID string
	Closed         bool
}

func stubs(all []Task) []Stub {
	some := make([]Stub, len(all))
	for i, t := range all {
		some[i] = Stub{t.ID, t.ListID, t.UID, t.ParentUID, t.Closed()}
	}
	return some
}

// parents gives the index of the task that each one is shown below, -1 for the top: also where the parent is not there,
// or the task is its own ancestor.
func parents(all []Stub) []int {
	type key struct {
		list int64
		uid  string
	}
	at := make(map[key]int, len(all))
	for i, t := range all {
		k := key{t.ListID, t.UID}
		if _, ok := at[k]; !ok && t.UID != "" {
			at[k] = i
		}
	}
	parent := make([]int, len(all))
	for i, t := range all {
		parent[i] = -1
		if t.ParentUID == "" {
			continue
		}
		if p, ok := at[key{t.ListID, t.ParentUID}]; ok {
			parent[i] = p
		}
	}
	for _, i := range cyclic(parent) {
		parent[i] = -1
	}
	return parent
}

// Tree puts each task under its parent, in the given order. A task whose parent is not there, or which is its own
// ancestor, stands at the top.
func Tree(all []Task) []Node {
	nodes := make([]Node, 0, len(all))
	walk(stubs(all), func(i, depth int) { nodes = append(nodes, Node{all[i], depth}) })
	return nodes
}

// walk visits each task before those below it.
func walk(all []Stub, visit func(i, depth int)) {
	parent := parents(all)
	first, next := make([]int, len(all)), make([]int, len(all)) // the children of each as a chain
	for i := range first {
		first[i] = -1
	}
	var stack []int
	for i := len(all) - 1; i >= 0; i-- {
		if p := parent[i]; p < 0 {
			stack = append(stack, i)
		} else {
			next[i], first[p] = first[p], i
		}
	}
	depth := make([]int, len(all))
	var children []int
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		visit(i, min(depth[i], maxShown))
		children = children[:0]
		for c := first[i]; c >= 0; c = next[c] {
			depth[c] = depth[i] + 1
			children = append(children, c)
		}
		slices.Reverse(children)
		stack = append(stack, children...)
	}
}

// Line is one line of a list: which task stands there and how deep. The rows themselves can be read when they are shown.
type Line struct {
	ID     int64
	Depth  int
	Closed bool
}

// Lines lays tasks out as lists show them: open ones in their tree, or one after the other where flat, then those that are
// closed.
func Lines(all []Stub, flat bool) []Line {
	lines := make([]Line, 0, len(all))
	open := make([]Stub, 0, len(all))
	for _, t := range all {
		if !t.Closed {
			open = append(open, t)
		}
	}
	if flat {
		for _, t := range open {
			lines = append(lines, Line{ID: t.ID})
		}
	} else {
		walk(open, func(i, depth int) { lines = append(lines, Line{ID: open[i].ID, Depth: depth}) })
	}
	for _, t := range all {
		if t.Closed {
			lines = append(lines, Line{ID: t.ID, Closed: true})
		}
	}
	return lines
}

// cyclic finds every index that is its own ancestor, each walked over once.
func cyclic(parent []int) []int {
	const unseen, walking, finished = 0, 1, 2
	state := make([]uint8, len(parent))
	var found []int
	for i := range parent {
		var path []int
		at := i
		for at >= 0 && state[at] == unseen {
			state[at] = walking
			path = append(path, at)
			at = parent[at]
		}
		if at >= 0 && state[at] == walking {
			found = append(found, path[slices.Index(path, at):]...)
		}
		for _, p := range path {
			state[p] = finished
		}
	}
	return found
}
