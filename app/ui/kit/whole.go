// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"context"
	"sync"
)

// Whole is a source that reads all its rows in one go, so that their number and their order fit together. It is for
// lists that fit into memory.
type Whole[T any] struct {
	read func(ctx context.Context) ([]T, error)
	mu   sync.Mutex
	all  []T
}

// NewWhole makes a source of a function, which is called away from the UI goroutine.
func NewWhole[T any](read func(ctx context.Context) ([]T, error)) *Whole[T] {
	return &Whole[T]{read: read}
}

// Count implements Rows: it reads everything.
func (w *Whole[T]) Count(ctx context.Context) (int, error) {
	all, err := w.read(ctx)
	if err != nil {
		return 0, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = all
	return len(all), nil
}

// Window implements Rows.
func (w *Whole[T]) Window(ctx context.Context, offset, limit int) ([]T, error) {
	return SliceRows[T](w.Items()).Window(ctx, offset, limit)
}

// Items are all rows as last read, also those that no list has in memory. It may be called on any goroutine.
func (w *Whole[T]) Items() []T {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.all
}

// Chosen gives those of the items that are selected in a list, in their order.
func Chosen[K comparable, T any](l *RowList[K, T], items []T) []T {
	var found []T
	for _, i := range items {
		if l.isSelected(i) {
			found = append(found, i)
		}
	}
	return found
}
