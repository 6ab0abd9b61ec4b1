// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"context"
	"sync"

	"kontor/app/files"
)

// listing is what the table shows: the order of all IDs is held, the entries are read in windows.
type listing struct {
	core  ReadCore
	query files.Query
	mu    sync.Mutex
	ids   []int64
}

// Count implements kit.Rows: it works out the order.
func (l *listing) Count(ctx context.Context) (int, error) {
	ids, err := l.core.Order(ctx, l.query)
	if err != nil {
		return 0, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ids = ids
	return len(ids), nil
}

// Window implements kit.Rows.
func (l *listing) Window(ctx context.Context, offset, limit int) ([]files.Entry, error) {
	ids := l.all()
	offset = min(max(offset, 0), len(ids))
	if ids = ids[offset:min(offset+limit, len(ids))]; len(ids) == 0 {
		return nil, nil
	}
	return l.core.Entries(ctx, ids)
}

// all are the IDs as last read.
func (l *listing) all() []int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ids
}

// sorting is what a list is sorted by.
type sorting struct {
	by         files.Order
	descending bool
}
