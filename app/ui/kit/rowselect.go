// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
)

func (l *RowList[K, T]) isSelected(item T) bool {
	return l.cfg.Key != nil && l.selected[l.cfg.Key(item)]
}

// Selected gives the keys of all selected rows.
func (l *RowList[K, T]) Selected() []K {
	keys := make([]K, 0, len(l.selected))
	for k := range l.selected {
		keys = append(keys, k)
	}
	return keys
}

// CursorRow gives the row the keyboard acts on, -1 for none.
func (l *RowList[K, T]) CursorRow() int { return l.cursor }

// Current gives the item under the cursor.
func (l *RowList[K, T]) Current() (T, bool) { return l.data.at(l.cursor) }

// SelectRow selects one row and nothing else, brings it into view and tells OnSelect.
func (l *RowList[K, T]) SelectRow(index int) { l.moveTo(index, 0, 1) }

// SelectKey selects the row with a key, now or, if it has not been read yet, once it is among the rows in memory.
func (l *RowList[K, T]) SelectKey(key K) {
	if row, ok := l.find(key, max(l.cursor, 0)); ok {
		l.SelectRow(row)
		return
	}
	l.wanted = &key
}

// ShowSelected marks a row as selected without telling OnSelect; false if it is not in memory.
func (l *RowList[K, T]) ShowSelected(key K) bool {
	row, ok := l.find(key, max(l.cursor, 0))
	l.forget()
	l.cursor, l.anchor = -1, -1
	if ok {
		l.selected[key] = true
		l.cursor, l.anchor, l.anchorKey = row, row, key
	}
	l.repaint()
	return ok
}

// ClearSelection selects nothing.
func (l *RowList[K, T]) ClearSelection() {
	l.forget()
	l.cursor, l.anchor = -1, -1
	l.repaint()
}

// forget selects nothing, also nothing of what is still being read.
func (l *RowList[K, T]) forget() {
	clear(l.selected)
	l.ranges++
	l.again = nil
}

// SelectAll selects every row, also those that have not been read yet.
func (l *RowList[K, T]) SelectAll() {
	if l.cfg.Multi && l.data.count > 0 {
		if l.cursor < 0 {
			l.cursor = 0
		}
		l.selectRange(func() (int, int) { return 0, l.data.count - 1 }, rangeTries)
	}
}

// settleSelection carries out what waited for rows to be read.
func (l *RowList[K, T]) settleSelection() {
	if l.wanted != nil {
		if row, ok := l.find(*l.wanted, max(l.cursor, 0)); ok {
			l.wanted, l.follow, l.told = nil, false, false
			l.moveTo(row, 0, 1)
			return
		}
	}
	if again := l.again; again != nil {
		again()
		return
	}
	if l.told {
		l.told = false
		item, _ := l.data.at(l.cursor)
		l.tell(item)
	}
	if !l.follow {
		return
	}
	l.follow = false
	if l.cursor >= 0 && l.cursor < l.data.count {
		l.moveTo(l.cursor, 0, 1)
		return
	}
	var none T
	l.tell(none)
}

// moveTo puts the cursor on a row, skipping headings in the direction step, and selects as the modifiers say.
func (l *RowList[K, T]) moveTo(index int, mods fyne.KeyModifier, step int) {
	index, ok := l.skipHeadings(index, step)
	if !ok {
		return
	}
	l.cursor = index
	l.ScrollToRow(index)
	item, known := l.data.at(index)
	switch {
	case l.cfg.Multi && mods&fyne.KeyModifierShift != 0 && l.anchor >= 0:
		l.selectRange(l.fromAnchor, rangeTries)
		return
	case !known:
		l.forget()
		l.follow = true
		l.repaint()
		return
	case l.cfg.Multi && mods&fyne.KeyModifierShortcutDefault != 0:
		key := l.cfg.Key(item)
		if l.selected[key] {
			delete(l.selected, key)
		} else {
			l.selected[key] = true
		}
	default:
		l.forget()
		if l.cfg.Key != nil {
			l.selected[l.cfg.Key(item)] = true
		}
	}
	l.anchor = index
	if l.cfg.Key != nil {
		l.anchorKey = l.cfg.Key(item)
	}
	l.repaint()
	l.tell(item)
}

// stepTo is moveTo for keys: with Ctrl the cursor moves alone, so that Space can select rows that are not neighbours. A
// page up ends below a heading that has no rows above it.
func (l *RowList[K, T]) stepTo(index int, mods fyne.KeyModifier, step int) {
	index, ok := l.skipHeadings(index, step)
	if !ok {
		if index, ok = l.skipHeadings(index, -step); !ok {
			return
		}
	}
	if !l.cfg.Multi || mods&fyne.KeyModifierShortcutDefault == 0 || mods&fyne.KeyModifierShift != 0 {
		l.moveTo(index, mods, step)
		return
	}
	l.cursor, l.follow = index, false
	l.ScrollToRow(index)
	l.repaint()
}

func (l *RowList[K, T]) tell(item T) {
	if l.cfg.OnSelect != nil {
		l.cfg.OnSelect(item, len(l.selected))
	}
}

// skipHeadings gives the next row from index on that can be selected; where there is none, the row it began with.
func (l *RowList[K, T]) skipHeadings(index, step int) (int, bool) {
	index = min(max(index, 0), l.data.count-1)
	for row := index; row >= 0 && row < l.data.count; row += step {
		item, ok := l.data.at(row)
		if !ok || l.cfg.Skip == nil || !l.cfg.Skip(item) {
			return row, true
		}
	}
	return index, false
}

// selectRange selects all rows between two. What is in memory is taken from there: it is what the person sees, and the
// source may have changed meanwhile. Else the rows are read, and read again if the list was read anew before they came.
func (l *RowList[K, T]) selectRange(ends func() (int, int), tries int) {
	l.ranges++
	l.again, l.follow = nil, false
	from, to := ends()
	if from < 0 || to < 0 {
		return
	}
	a, b := min(from, to), max(from, to)
	if rows, ok := l.data.between(a, b); ok {
		l.selectThese(rows, a)
		return
	}
	src, ctx, gen, call := l.data.source, l.ctx, l.data.gen, l.ranges
	Load(func() ([]T, error) { return src.Window(ctx, a, b-a+1) }, func(rows []T, err error) {
		switch {
		case ctx != l.ctx || call != l.ranges:
		case err != nil:
			if l.cfg.OnError != nil {
				l.cfg.OnError(err)
			}
		case gen == l.data.gen && l.agrees(rows, a):
			l.selectThese(rows, a)
		case tries > 0: // when the list has been read
			l.again = func() { l.selectRange(ends, tries-1) }
			if !l.data.loading && !l.data.recount {
				l.Reload()
			}
		}
	})
}

// rangeTries bounds how often rows are read for a selection: a source may change all the time.
const rangeTries = 3

// fromAnchor is what Shift selects: from the anchor to the cursor, which is alone where the anchor is gone.
func (l *RowList[K, T]) fromAnchor() (from, to int) {
	if l.anchor < 0 {
		return l.cursor, l.cursor
	}
	return l.anchor, l.cursor
}

// agrees reports whether rows that were read from index on are those that are in memory, with the anchor in its place.
func (l *RowList[K, T]) agrees(rows []T, index int) bool {
	if i := l.anchor - index; i >= 0 && i < len(rows) && l.cfg.Key(rows[i]) != l.anchorKey {
		return false
	}
	for i, item := range rows {
		if known, ok := l.data.at(index + i); ok && l.cfg.Key(known) != l.cfg.Key(item) {
			return false
		}
	}
	return true
}

func (l *RowList[K, T]) selectThese(rows []T, index int) {
	clear(l.selected)
	for _, item := range rows {
		if l.cfg.Skip == nil || !l.cfg.Skip(item) {
			l.selected[l.cfg.Key(item)] = true
		}
	}
	l.repaint()
	if item, ok := l.data.at(l.cursor); ok {
		l.tell(item)
	} else if i := l.cursor - index; i >= 0 && i < len(rows) {
		l.tell(rows[i])
	}
}

// typeAhead collects what is typed to jump to a row that begins with it.
type typeAhead struct {
	text string
	last time.Time
}

func (t *typeAhead) add(r rune, now time.Time) string {
	if now.Sub(t.last) > time.Second {
		t.text = ""
	}
	t.last = now
	t.text += strings.ToLower(string(r))
	return t.text
}

func (l *RowList[K, T]) jump(prefix string) {
	start := max(l.cursor, 0)
	if len([]rune(prefix)) == 1 {
		start++
	}
	for i := range l.data.count {
		row := (start + i) % l.data.count
		item, ok := l.data.at(row)
		if !ok || (l.cfg.Skip != nil && l.cfg.Skip(item)) {
			continue
		}
		if strings.HasPrefix(squash(l.cfg.Label(item)), prefix) {
			l.moveTo(row, 0, 1)
			return
		}
	}
}

// squash makes words comparable with what was typed: the space bar selects and is not part of it.
func squash(s string) string { return strings.ToLower(strings.ReplaceAll(s, " ", "")) }
