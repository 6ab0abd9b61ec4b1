// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"context"
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

// SetSource shows other rows from the top, with nothing selected.
func (l *RowList[K, T]) SetSource(src Rows[T]) {
	if l.cancel != nil {
		l.cancel()
	}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	l.data = pages[T]{source: src, byIndex: map[int]*page[T]{}, recount: true, gen: l.data.gen + 1}
	l.offset, l.cursor, l.anchor, l.hover = 0, -1, -1, -1
	l.wanted, l.follow = nil, false
	clear(l.selected)
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
	l.restore(k, len(items) <= before)
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
type batch[T any] struct {
	gen     int
	counted bool
	count   int
	rows    map[int][]T
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
	src, ctx, gen, recount := d.source, l.ctx, d.gen, d.recount
	d.recount = false
	follow := l.anchors()
	Go(func() {
		b := fetch(ctx, src, need, recount, follow)
		b.gen = gen
		Do(func() { l.arrived(ctx, b, recount) })
	})
}

// anchors are the rows whose items are looked for again after a reload.
type anchors struct {
	rows  []int
	count int // before the reload, -1 where nothing was known
}

func (l *RowList[K, T]) anchors() anchors {
	if !l.data.known || l.cfg.Key == nil {
		return anchors{count: -1}
	}
	first, _ := l.VisibleRows()
	a := anchors{rows: []int{first}, count: l.data.count}
	if l.cursor >= 0 {
		a.rows = append(a.rows, l.cursor)
	}
	return a
}

// moved lists the windows where the anchors are if all rows that are new, or gone, lie above them.
func (a anchors) moved(count int) []int {
	if a.count < 0 || a.count == count {
		return nil
	}
	var windows []int
	for _, row := range a.rows {
		if to := row + count - a.count; to >= 0 && to < count {
			windows = append(windows, to/pageSize)
		}
	}
	return windows
}

func fetch[T any](ctx context.Context, src Rows[T], need []int, recount bool, follow anchors) batch[T] {
	b := batch[T]{rows: map[int][]T{}}
	if recount {
		b.count, b.err = src.Count(ctx)
		b.counted = b.err == nil
		for _, i := range follow.moved(b.count) {
			if !slices.Contains(need, i) {
				need = append(need, i)
			}
		}
	}
	for _, i := range need {
		if b.err != nil {
			return b
		}
		b.rows[i], b.err = src.Window(ctx, i*pageSize, pageSize)
	}
	return b
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
	add(first + max(n, 1))
	if l.cursor >= 0 {
		add(l.cursor)
	}
	return want
}

// arrived takes over what was read, unless the source was changed meanwhile.
func (l *RowList[K, T]) arrived(ctx context.Context, b batch[T], recount bool) {
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
	before := d.count
	if b.counted {
		d.count, d.known = b.count, true
	}
	for i, rows := range b.rows {
		d.tick++
		d.byIndex[i] = &page[T]{rows: rows, stale: b.gen != d.gen, used: d.tick}
	}
	if b.counted {
		l.restore(keep, d.count <= before)
	}
	d.trim()
	l.settleSelection()
	l.enter()
	l.version++
	l.fill()
	canvas.Refresh(l)
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

// place of a person in the list before it is read again.
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

// restore finds the remembered rows among what was read. Only where rows went away can the cursor's row be gone; else it
// is just not in memory.
func (l *RowList[K, T]) restore(k keep[K], fewer bool) {
	if k.hasTop {
		if row, ok := l.find(k.top, k.topRow); ok && row != k.topRow {
			l.offset += float64(row-k.topRow) * float64(l.rowHeight())
		}
	}
	if k.hasCursor {
		if row, ok := l.find(k.cursor, k.cursorRow); ok {
			l.cursor, l.anchor = row, row
			return
		}
		if fewer && l.selected[k.cursor] {
			clear(l.selected)
			l.follow = true // the next row takes its place
		}
	}
	l.cursor = min(l.cursor, l.data.count-1)
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
