// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"context"

	"fyne.io/fyne/v2"
)

// Rows is where a list gets its rows from, a window at a time. It is called away from the UI goroutine.
type Rows[T any] interface {
	Count(ctx context.Context) (int, error)
	// Window gives at most limit rows from offset on.
	Window(ctx context.Context, offset, limit int) ([]T, error)
}

// SliceRows is a source whose rows are all in memory.
type SliceRows[T any] []T

// Count implements Rows.
func (s SliceRows[T]) Count(context.Context) (int, error) { return len(s), nil }

// Window implements Rows.
func (s SliceRows[T]) Window(_ context.Context, offset, limit int) ([]T, error) {
	offset = min(max(offset, 0), len(s))
	return s[offset:min(offset+limit, len(s))], nil
}

// FuncRows is a source made of two functions.
type FuncRows[T any] struct {
	CountFunc  func(ctx context.Context) (int, error)
	WindowFunc func(ctx context.Context, offset, limit int) ([]T, error)
}

// Count implements Rows.
func (f FuncRows[T]) Count(ctx context.Context) (int, error) { return f.CountFunc(ctx) }

// Window implements Rows.
func (f FuncRows[T]) Window(ctx context.Context, offset, limit int) ([]T, error) {
	return f.WindowFunc(ctx, offset, limit)
}

// RowState is how a row is to be painted.
type RowState struct {
	Index    int
	Selected bool
	Cursor   bool // the keyboard acts on this row
	Focused  bool // the list has the keyboard
	Hovered  bool
}

// Row is one line on screen. It is used again for other items while the list scrolls: make its objects once, and set
// texts, colours and positions in Paint. Background, line and focus ring are the list's.
type Row[T any] interface {
	Objects() []fyne.CanvasObject
	Paint(item T, size fyne.Size, state RowState)
}

// RowListConfig describes a list. Height and NewRow are needed, all else may be left out.
type RowListConfig[K comparable, T any] struct {
	Source Rows[T]       // may come later with SetSource
	Key    func(T) K     // what tells rows apart when the list is read again
	NewRow func() Row[T] // makes one line
	Height float32       // of a row at 100 % text size
	Multi  bool          // several rows can be selected, with Ctrl, Shift and Ctrl+A
	NoLine bool          // no line below each row
	Inset  float32       // left and right of the selected row's background, which then has round corners
	Back   BackToken     // ground of the list

	Skip  func(T) bool   // rows that cannot be selected: headings
	Label func(T) string // the row in words, for screen readers and for typing ahead

	OnSelect   func(item T, many int)                                // the cursor stands on item, many rows are selected
	OnOpen     func(item T)                                          // Enter or double click
	OnMenu     func(item T, at fyne.Position)                        // context menu, at in the canvas
	OnKey      func(ev *fyne.KeyEvent) bool                          // true if the key was used
	OnRune     func(r rune) bool                                     // true if the character was used
	OnShortcut func(s fyne.Shortcut) bool                            // a shortcut, Ctrl+C for one; true if it was used
	OnGround   func(at fyne.Position)                                // context menu of no row, at in the canvas
	Zone       func(item T, size fyne.Size, at fyne.Position) string // names a part of the row that reacts by itself
	OnZone     func(item T, zone string)                             // such a part was clicked
	OnCount    func(n int)                                           // the list was read and has n rows
	OnError    func(err error)                                       // reading failed; what was shown stays
	Drag       *RowDrag[T]                                           // what is selected can be dragged
}
