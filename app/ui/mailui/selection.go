// SPDX-License-Identifier: EUPL-1.2

package mailui

import "maps"

// selection is which messages are chosen. It holds messages, not rows: rows move, the choice stays.
type selection struct {
	ids      map[int64]struct{}
	order    []int64 // in the order they were chosen
	cursor   int     // the row that the keyboard is on, -1 for none
	cursorID int64
	anchor   int // where a range begins
}

func newSelection() *selection { return &selection{ids: map[int64]struct{}{}, cursor: -1, anchor: -1} }

func (s *selection) has(id int64) bool { _, ok := s.ids[id]; return ok }
func (s *selection) len() int          { return len(s.order) }

// list gives the chosen messages.
func (s *selection) list() []int64 { return append([]int64(nil), s.order...) }

// only chooses one message and nothing else.
func (s *selection) only(row int, id int64) {
	s.ids, s.order = map[int64]struct{}{id: {}}, []int64{id}
	s.cursor, s.cursorID, s.anchor = row, id, row
}

// toggle adds a message or takes it out.
func (s *selection) toggle(row int, id int64) {
	s.cursor, s.cursorID, s.anchor = row, id, row
	if !s.has(id) {
		s.ids[id] = struct{}{}
		s.order = append(s.order, id)
		return
	}
	s.remove(id)
}

// rangeTo gives the rows between where the range began and a row.
func (s *selection) rangeTo(row int) (from, to int) {
	if s.anchor < 0 {
		return row, row
	}
	return min(s.anchor, row), max(s.anchor, row)
}

// extend chooses the messages of a range that ends at row.
func (s *selection) extend(row int, id int64, ids []int64) {
	s.ids, s.order = make(map[int64]struct{}, len(ids)), append([]int64(nil), ids...)
	for _, each := range ids {
		s.ids[each] = struct{}{}
	}
	s.cursor, s.cursorID = row, id
	if s.anchor < 0 {
		s.anchor = row
	}
}

func (s *selection) clear() {
	s.ids, s.order = map[int64]struct{}{}, nil
	s.cursor, s.cursorID, s.anchor = -1, 0, -1
}

func (s *selection) remove(id int64) {
	delete(s.ids, id)
	for i, each := range s.order {
		if each == id {
			s.order = append(s.order[:i], s.order[i+1:]...)
			return
		}
	}
}

// removeAll takes messages out, and reports whether the one under the cursor was among them.
func (s *selection) removeAll(ids []int64) (cursorGone bool) {
	for _, id := range ids {
		s.remove(id)
		cursorGone = cursorGone || id == s.cursorID
	}
	return cursorGone
}

// reindex finds the rows again after the list has changed: the message under the cursor where it can be found, else the
// row moves by what the screen moved.
func (s *selection) reindex(w *listWindow, moved int) {
	if s.cursor < 0 {
		return
	}
	was := s.cursor
	if at := w.find(s.cursorID, s.cursor+moved); at >= 0 {
		s.cursor = at
	} else {
		s.cursor = max(0, min(s.cursor+moved, w.total-1))
	}
	s.anchor = max(0, min(s.anchor+s.cursor-was, w.total-1))
	if w.total == 0 {
		s.cursor, s.anchor = -1, -1
	}
}

func (s *selection) copy() *selection {
	c := *s
	c.ids, c.order = maps.Clone(s.ids), s.list()
	return &c
}
