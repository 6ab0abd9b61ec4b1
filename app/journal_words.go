// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"fmt"
	"regexp"
	"strconv"

	"kontor/app/i18n"
	"kontor/app/journal"
)

// moreThings is how inWords ends the name of an operation on several messages.
var moreThings = regexp.MustCompile(`^(.*) \(\+(\d+)\)$`)

// thingsOf gives the words for the first thing that an operation is about, and the rows of all of them. A subject may end
// as the count does, so the rows decide.
func thingsOf(op journal.Op) (first string, rows []journal.Target) {
	first, rows = op.Target, op.Targets[:min(1, len(op.Targets))]
	if parts := moreThings.FindStringSubmatch(op.Target); parts != nil {
		if n, err := strconv.Atoi(parts[2]); err == nil && n < len(op.Targets) {
			first, rows = parts[1], op.Targets[:n+1]
		}
	}
	return first, rows
}

// wordsOf names an action by the first thing that it is about and how many more there are. concerns says which of its
// changes count; where none does, all do. A thing counts once, however many operations it takes: the same words in
// operations of two kinds are one thing in two steps, such as a message that is filed there and deleted here.
func wordsOf(changes []journal.Change, concerns func(journal.Op) bool) string {
	var first string
	kinds, seen := map[string]journal.Kind{}, map[string]bool{}
	for _, c := range changes {
		op := c.Origin()
		if !concerns(op) {
			continue
		}
		words, rows := thingsOf(op)
		if kind, ok := kinds[words]; ok && kind != op.Kind {
			continue
		}
		kinds[words] = op.Kind
		if len(seen) == 0 {
			first = words
		}
		if len(rows) == 0 {
			seen[words] = true
		}
		for _, row := range rows {
			seen[fmt.Sprint(row.Table, " ", row.ID)] = true
		}
	}
	switch len(seen) {
	case 0:
		if len(changes) == 0 {
			return ""
		}
		return wordsOf(changes, func(journal.Op) bool { return true })
	case 1:
		return first
	}
	return i18n.T("app.things", "name", first, "n", len(seen)-1)
}

// toUndo and toRedo say which changes of an action are about to be taken back, or done again.
func toUndo(op journal.Op) bool { return !op.Undone }
func toRedo(op journal.Op) bool { return op.Redo }
