// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"context"
	"fmt"

	"kontor/app/journal"
	"kontor/app/mail"
)

// pageRows is how many rows one read of the store gives; keepPages bounds what is held around the visible ones.
const (
	pageRows  = 64
	keepPages = 24
)

// listWindow is what is known of a list: its length, and the pages around what is on screen.
type listWindow struct {
	total int
	pages map[int][]mail.Summary
	marks map[int64]journal.Mark
}

func newListWindow() *listWindow {
	return &listWindow{pages: map[int][]mail.Summary{}, marks: map[int64]journal.Mark{}}
}

// row gives the message at a position, false while its page was not read.
func (w *listWindow) row(i int) (mail.Summary, bool) {
	page := w.pages[i/pageRows]
	if i < 0 || i%pageRows >= len(page) {
		return mail.Summary{}, false
	}
	return page[i%pageRows], true
}

// find gives the position of a message among the rows that were read, -1 for none. It looks near the given row first,
// since lists shift by a few rows.
func (w *listWindow) find(id int64, near int) int {
	if s, ok := w.row(near); ok && s.ID == id {
		return near
	}
	for p, page := range w.pages {
		for j, s := range page {
			if s.ID == id {
				return p*pageRows + j
			}
		}
	}
	return -1
}

// missing names the pages around the visible rows that were not read, those on screen first.
func (w *listWindow) missing(first, last int) []int {
	if w.total == 0 || last < first {
		return nil
	}
	from, to, end := max(first, 0)/pageRows, last/pageRows, (w.total-1)/pageRows
	var want []int
	add := func(p int) {
		if _, ok := w.pages[p]; !ok && p >= 0 && p <= end {
			want = append(want, p)
		}
	}
	for p := from; p <= to; p++ {
		add(p)
	}
	add(to + 1)
	add(from - 1)
	return want
}

// add takes pages that were read later, and lets go of those far from them.
func (w *listWindow) add(other *listWindow) {
	for p, rows := range other.pages {
		w.pages[p] = rows
		for far := range w.pages {
			if far < p-keepPages/2 || far > p+keepPages/2 {
				w.drop(far)
			}
		}
	}
	for id, m := range other.marks {
		w.marks[id] = m
	}
}

func (w *listWindow) drop(page int) {
	for _, s := range w.pages[page] {
		delete(w.marks, s.ID)
	}
	delete(w.pages, page)
}

// shift says by how many rows the list moved below what was at the top of the screen, so that the same messages stay
// where they were: the first message from there on that is still in the list decides.
func shift(before, after *listWindow, first, last int) int {
	at := make(map[int64]int, len(after.pages)*pageRows)
	for p, page := range after.pages {
		for j, s := range page {
			at[s.ID] = p*pageRows + j
		}
	}
	for i := first; i <= last; i++ {
		s, ok := before.row(i)
		if !ok {
			continue
		}
		if now, ok := at[s.ID]; ok {
			return now - i
		}
	}
	return 0
}

// readWindow reads the length of a list and the pages around the rows first to last. grew is how long the list was
// before: rows that came in above move what is on screen down.
func readWindow(ctx context.Context, core ListCore, q mail.Query, first, last, before int) (*listWindow, error) {
	w := newListWindow()
	var err error
	if w.total, err = core.Count(ctx, q); err != nil {
		return nil, fmt.Errorf("count the list: %w", err)
	}
	moved := w.total - before
	if before < 0 {
		moved = 0
	}
	from, to := max(0, first+min(0, moved)), last+max(0, moved)
	const most = 12 * pageRows // a list that grew by thousands is read around where it was
	if to-from > most {
		from, to = first, last
	}
	return w, w.read(ctx, core, q, w.missing(from, min(to, w.total-1)))
}

// readPages reads single pages.
func readPages(ctx context.Context, core ListCore, q mail.Query, pages []int) (*listWindow, error) {
	w := newListWindow()
	return w, w.read(ctx, core, q, pages)
}

func (w *listWindow) read(ctx context.Context, core ListCore, q mail.Query, pages []int) error {
	ids := make([]int64, 0, len(pages)*pageRows)
	for _, p := range pages {
		rows, err := core.List(ctx, q, p*pageRows, pageRows)
		if err != nil {
			return fmt.Errorf("read the list: %w", err)
		}
		w.pages[p] = rows
		for _, s := range rows {
			ids = append(ids, s.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	marks, err := core.Marks(ctx, ids)
	if err != nil {
		return fmt.Errorf("read the states: %w", err)
	}
	w.marks = marks
	return nil
}
