// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"context"
	"maps"
	"slices"

	"fyne.io/fyne/v2/canvas"
)

// pageSize is how many rows are read at once, maxPages how many windows are kept.
const (
	pageSize = 64
	maxPages = 24
)

// page is one window of rows. A stale one is shown until it is read again.
type page[T any] struct {
	rows  []T
	stale bool
	used  int
}

// pages is what a list has in memory of its source.
type pages[T any] struct {
	source  Rows[T]
	byIndex map[int]*page[T]
	count   int
	known   bool // count was read
	recount bool // count must be read
	loading bool
	failed  bool // the last trip failed
	gen     int  // grows with every Reload: what was asked for before is read again
	tick    int
}

func (p *pages[T]) at(index int) (item T, ok bool) {
	pg := p.byIndex[index/pageSize]
	if pg == nil || index < 0 || index%pageSize >= len(pg.rows) {
		return item, false
	}
	p.tick++
	pg.used = p.tick
	return pg.rows[index%pageSize], true
}

// between gives the rows from a to b if all of them are in memory and as last read.
func (p *pages[T]) between(a, b int) ([]T, bool) {
	rows := make([]T, 0, b-a+1)
	for i := a; i <= b; i++ {
		pg := p.byIndex[i/pageSize]
		if pg == nil || i < 0 || i%pageSize >= len(pg.rows) {
			return nil, false
		}
		rows = append(rows, pg.rows[i%pageSize])
	}
	return rows, true
}

// SetSource shows other rows from the top, with nothing selected.
func (l *RowList[K, T]) SetSource(src Rows[T]) {
	if l.cancel != nil {
		l.cancel()
	}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	l.data = pages[T]{source: src, byIndex: map[int]*page[T]{}, recount: true, gen: l.data.gen + 1}
	l.offset, l.cursor, l.anchor, l.hover = 0, -1, -1, -1
	l.wanted, l.follow = nil, false
	l.forget()
	l.version++
	l.ensure()
	l.repaint()
}

// SetRows shows rows that are all in memory, at once. Selection and place are kept by key.
func (l *RowList[K, T]) SetRows(items []T) {
	if l.cancel != nil {
		l.cancel() // what is still being read is of the old rows
	}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	k := l.remember()
	before := l.data.count
	l.data = pages[T]{source: SliceRows[T](items), byIndex: map[int]*page[T]{}, count: len(items), known: true, gen: l.data.gen + 1}
	for i := 0; i*pageSize < len(items); i++ {
		l.data.byIndex[i] = &page[T]{rows: items[i*pageSize : min((i+1)*pageSize, len(items))]}
	}
	if l.cfg.Key != nil {
		places := map[K]int{}
		for i, item := range items {
			places[l.cfg.Key(item)] = i
		}
		l.restore(k, places, len(items) <= before)
	}
	l.cursor = min(l.cursor, len(items)-1)
	l.settleSelection()
	l.enter()
	l.repaint()
}

// Reload reads the source again. What is on screen stays until the new rows are there; the selection and what the
// person is looking at stay in place although rows were added or removed above them.
func (l *RowList[K, T]) Reload() {
	if l.data.source == nil {
		return
	}
	l.data.gen++
	l.data.recount = true
	for _, pg := range l.data.byIndex {
		pg.stale = true
	}
	l.ensure()
}

// batch is what one trip to the source brought.
type batch[K comparable, T any] struct {
	gen     int
	counted bool
	count   int
	rows    map[int][]T
	places  map[K]int // of the keys that were looked for: those that are not here are gone
	err     error
}

// ensure starts reading what the screen needs, one trip at a time.
func (l *RowList[K, T]) ensure() {
	d := &l.data
	if d.loading || d.source == nil {
		return
	}
	need := l.missing()
	if len(need) == 0 && !d.recount {
		return
	}
	d.loading = true
	t := trip[K, T]{source: d.source, need: need, recount: d.recount, key: l.cfg.Key}
	ctx, gen := l.ctx, d.gen
	d.recount = false
	if t.recount && d.known && t.key != nil {
		t.follow, t.count = l.anchors(), d.count
		t.keys = maps.Clone(l.selected)
		if l.anchor >= 0 {
			t.keys[l.anchorKey] = true
		}
	}
	Go(func() {
		b := t.fetch(ctx)
		b.gen = gen
		Do(func() { l.arrived(ctx, b, t.recount) })
	})
}

// anchors are the rows whose items are looked for again after a reload.
func (l *RowList[K, T]) anchors() []int {
	first, _ := l.VisibleRows()
	rows := []int{first}
	if l.cursor >= 0 {
		rows = append(rows, l.cursor)
	}
	return rows
}

// trip is what is to be read, away from the UI goroutine.
type trip[K comparable, T any] struct {
	source  Rows[T]
	need    []int // windows
	recount bool
	key     func(T) K
	follow  []int      // rows whose items are looked for in the new rows,
	count   int        // of which there were so many,
	keys    map[K]bool // and keys of which it must be known whether they are still there
}

// moved lists the windows where the followed rows are if all rows that are new, or gone, lie above them.
func (t *trip[K, T]) moved(count int) []int {
	if t.count == count {
		return nil
	}
	var windows []int
	for _, row := range t.follow {
		if to := row + count - t.count; to >= 0 && to < count {
			windows = append(windows, to/pageSize)
		}
	}
	return windows
}

func (t *trip[K, T]) fetch(ctx context.Context) batch[K, T] {
	b := batch[K, T]{rows: map[int][]T{}}
	need := t.need
	if t.recount {
		b.count, b.err = t.source.Count(ctx)
		b.counted = b.err == nil
		for _, i := range t.moved(b.count) {
			if !slices.Contains(need, i) {
				need = append(need, i)
			}
		}
	}
	for _, i := range need {
		if b.err != nil {
			return b
		}
		b.rows[i], b.err = t.source.Window(ctx, i*pageSize, pageSize)
	}
	if b.counted && b.err == nil && t.key != nil {
		t.locate(ctx, &b)
	}
	return b
}

// manyRows is how many rows are read at once to find out whether they are still there.
const manyRows = 8192

// locate finds where the keys are now: in the windows that were read, and if any is not there, in all the rows.
func (t *trip[K, T]) locate(ctx context.Context, b *batch[K, T]) {
	b.places = map[K]int{}
	look := func(rows []T, from int) {
		for i, item := range rows {
			if k := t.key(item); t.keys[k] {
				b.places[k] = from + i
			}
		}
	}
	for i, rows := range b.rows {
		look(rows, i*pageSize)
	}
	for from := 0; from < b.count && len(b.places) < len(t.keys) && b.err == nil; from += manyRows {
		var rows []T
		rows, b.err = t.source.Window(ctx, from, manyRows)
		look(rows, from)
	}
}

// missing lists the windows on screen, around the cursor and just beyond, that are not in memory or stale.
func (l *RowList[K, T]) missing() []int {
	d := &l.data
	first, n := l.VisibleRows()
	want := []int{}
	add := func(row int) {
		i := row / pageSize
		if row < 0 || (d.known && row >= d.count && row > 0) || slices.Contains(want, i) {
			return
		}
		if pg := d.byIndex[i]; pg == nil || pg.stale {
			want = append(want, i)
		}
	}
	for row := first; row <= first+max(n, 1); row += pageSize / 2 {
		add(row)
	}
	add(first + max(n, 1) - 1) // which may be the only row of its window, the list's last
	add(first + max(n, 1))
	if l.cursor >= 0 {
		add(l.cursor)
	}
	return want
}

// arrived takes over what was read, unless the source was changed meanwhile.
func (l *RowList[K, T]) arrived(ctx context.Context, b batch[K, T], recount bool) {
	d := &l.data
	if ctx != l.ctx {
		return // of another source
	}
	d.loading, d.failed = false, b.err != nil
	if b.err != nil {
		d.recount = d.recount || recount
		if l.cfg.OnError != nil && ctx.Err() == nil {
			l.cfg.OnError(b.err)
		}
		return
	}
	keep := l.remember()
	if b.counted {
		d.count, d.known = b.count, true
		maps.DeleteFunc(d.byIndex, func(_ int, pg *page[T]) bool { return pg.stale }) // its rows may be elsewhere now
	}
	for i, rows := range b.rows {
		d.tick++
		d.byIndex[i] = &page[T]{rows: rows, stale: b.gen != d.gen, used: d.tick}
	}
	if b.counted && l.cfg.Key != nil {
		l.restore(keep, b.places, true)
	}
	l.cursor = min(l.cursor, d.count-1)
	d.trim()
	l.settleSelection()
	l.enter()
	l.version++
	l.fill()
	canvas.Refresh(l.self)
	if b.counted && l.cfg.OnCount != nil {
		l.cfg.OnCount(d.count)
	}
}

// trim forgets the windows that were used longest ago.
func (p *pages[T]) trim() {
	for len(p.byIndex) > maxPages {
		oldest, used := -1, 0
		for i, pg := range p.byIndex {
			if oldest < 0 || pg.used < used {
				oldest, used = i, pg.used
			}
		}
		delete(p.byIndex, oldest)
	}
}

// keep is the place of a person in the list before it is read again.
type keep[K comparable] struct {
	top, cursor       K
	topRow, cursorRow int
	hasTop, hasCursor bool
}

func (l *RowList[K, T]) remember() keep[K] {
	k := keep[K]{cursorRow: l.cursor}
	if l.cfg.Key == nil {
		return k
	}
	k.topRow, _ = l.VisibleRows()
	if item, ok := l.data.at(k.topRow); ok && l.offset > 0 {
		k.top, k.hasTop = l.cfg.Key(item), true
	}
	if item, ok := l.data.at(l.cursor); ok {
		k.cursor, k.hasCursor = l.cfg.Key(item), true
	}
	return k
}

// restore finds the remembered rows among what was read; places says where the selected ones are now. What is gone is
// selected no longer: nothing must be done to what a person does not see any more. Where the last one of them went, the
// next row takes its place if next says so.
func (l *RowList[K, T]) restore(k keep[K], places map[K]int, next bool) {
	if k.hasTop {
		if row, ok := l.find(k.top, k.topRow); ok && row != k.topRow {
			l.offset += float64(row-k.topRow) * float64(l.rowHeight())
		}
	}
	before := len(l.selected)
	maps.DeleteFunc(l.selected, func(key K, _ bool) bool {
		_, here := places[key]
		return places != nil && !here
	})
	row := func(key K, near int) (int, bool) {
		if at, ok := places[key]; ok {
			return at, true
		}
		return l.find(key, near)
	}
	if k.hasCursor {
		if at, ok := row(k.cursor, k.cursorRow); ok {
			l.cursor = at
		}
	}
	l.cursor = min(l.cursor, l.data.count-1)
	if at, ok := row(l.anchorKey, max(l.cursor, 0)); ok && l.anchor >= 0 {
		l.anchor = at
	} else {
		l.anchor = -1
	}
	switch n := len(l.selected); {
	case n == before:
	case n == 0 && next:
		l.follow = true
	case l.again == nil:
		l.told = true
	}
}

// find looks for a key among the rows in memory that are not stale, near a row first.
func (l *RowList[K, T]) find(key K, near int) (int, bool) {
	best := -1
	for i, pg := range l.data.byIndex {
		if pg.stale {
			continue
		}
		for j := range pg.rows {
			row := i*pageSize + j
			if l.cfg.Key(pg.rows[j]) == key && (best < 0 || abs(row-near) < abs(best-near)) {
				best = row
			}
		}
	}
	return best, best >= 0
}

func abs(n int) int { return max(n, -n) }
