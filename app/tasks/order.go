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

// parents gives the index of the task that each one is shown below, -1 for the top: also where the parent is not there,
// or the task is its own ancestor.
func parents(all []Task) []int {
	byUID := make(map[string]int, len(all))
	for i, t := range all {
		if _, ok := byUID[t.UID]; !ok && t.UID != "" {
			byUID[t.UID] = i
		}
	}
	parent := make([]int, len(all))
	for i, t := range all {
		parent[i] = -1
		if p, ok := byUID[t.ParentUID]; ok && t.ParentUID != "" && all[p].ListID == t.ListID {
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
	parent := parents(all)
	children := make([][]int, len(all))
	var stack []int
	for i := len(all) - 1; i >= 0; i-- {
		if parent[i] < 0 {
			stack = append(stack, i)
		} else {
			children[parent[i]] = append(children[parent[i]], i)
		}
	}
	depth := make([]int, len(all))
	nodes := make([]Node, 0, len(all))
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		nodes = append(nodes, Node{all[i], min(depth[i], maxShown)})
		for _, c := range children[i] {
			depth[c] = depth[i] + 1
			stack = append(stack, c)
		}
	}
	return nodes
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
