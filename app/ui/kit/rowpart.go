// SPDX-License-Identifier: EUPL-1.2

package kit

import "fyne.io/fyne/v2"

// PartUnder gives the row at a place of the canvas, and which part of it that is: 0 at its upper edge, 1 at its lower.
func (l *RowList[K, T]) PartUnder(at fyne.Position) (row int, part float32, ok bool) {
	if _, is, inside := l.Under(at); !inside || !is {
		return 0, 0, false
	}
	row, within := l.rowAt(at.Subtract(fyne.CurrentApp().Driver().AbsolutePositionForObject(l.self)))
	return row, within.Y / l.rowHeight(), row >= 0
}
