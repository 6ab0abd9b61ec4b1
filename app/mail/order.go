// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"cmp"
	"slices"
	"strings"
)

// SortBy names what the rows of a list are sorted by.
type SortBy string

// What lists are sorted by, each in the direction that people mean most often.
const (
	ByDate      SortBy = ""          // newest first
	BySender    SortBy = "sender"    // from A to Z
	ByRecipient SortBy = "recipient" // the first one, from A to Z
	BySubject   SortBy = "subject"   // from A to Z, answers beside what they answer
	BySize      SortBy = "size"      // largest first
	ByUnread    SortBy = "unread"    // unread first
)

// Order is how a list is sorted; the zero value is newest first. Reverse turns it round.
type Order struct {
	By      SortBy
	Reverse bool
}

// String writes an order as ReadOrder understands it.
func (o Order) String() string {
	if o.Reverse {
		return "-" + string(o.By)
	}
	return string(o.By)
}

// ReadOrder reads an order; what it does not know is newest first.
func ReadOrder(s string) Order {
	by, reverse := strings.CutPrefix(s, "-")
	switch o := (Order{SortBy(by), reverse}); o.By {
	case ByDate, BySender, ByRecipient, BySubject, BySize, ByUnread:
		return o
	}
	return Order{}
}

// SortRow is a row of a list as far as its place matters. Text is folded already: equal letters are equal octets.
type SortRow struct {
	ID     int64
	Text   string
	Number int64
}

// Sorted gives the IDs of rows in an order. Of equal rows the newest comes first, whatever the direction.
func Sorted(rows []SortRow, o Order) []int64 {
	sign := 1
	if o.By == BySize || o.By == ByUnread {
		sign = -1
	}
	if o.Reverse {
		sign = -sign
	}
	newest := -1
	if o.By == ByDate && o.Reverse {
		newest = 1
	}
	slices.SortFunc(rows, func(a, b SortRow) int {
		return cmp.Or(sign*compareText(a.Text, b.Text), sign*cmp.Compare(a.Number, b.Number), newest*cmp.Compare(a.ID, b.ID))
	})
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	return ids
}

// compareText puts what is empty last: in the alphabet it would stand before everything, and nobody looks for it.
func compareText(a, b string) int {
	switch {
	case a == b:
		return 0
	case a == "":
		return 1
	case b == "":
		return -1
	}
	return strings.Compare(a, b)
}
