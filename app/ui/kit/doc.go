// SPDX-License-Identifier: EUPL-1.2

// Package kit holds the widgets that every page is made of. They know nothing of mail, files or tasks: data comes in,
// callbacks go out. All methods belong to the UI goroutine unless said otherwise.
//
// # Lengths and colours
//
// Every length is given at 100 % text size; theme.Px turns it into the real one. Colours are named by what they are for
// (theme.Muted) and looked up when painting, so that a change of theme or text size needs nothing but a Refresh.
//
// # A list
//
// RowList shows any number of rows. It reads windows of its source away from the UI goroutine and never shows a
// spinner: what it had stays until the new rows are there. A row paints plain canvas objects:
//
//	type mailRow struct{ from, date *kit.Text; mark *kit.Mark }
//
//	func (r *mailRow) Objects() []fyne.CanvasObject {
//		return append([]fyne.CanvasObject{r.from.Text, r.date.Text}, r.mark.Objects()...)
//	}
//
//	func (r *mailRow) Paint(m mail.Summary, size fyne.Size, st kit.RowState) {
//		r.date.Set(i18n.Day(m.Date, time.Now()), theme.Muted)
//		x := r.date.PlaceRight(size.Width-theme.Px(14), theme.Px(20), theme.Px(90))
//		r.from.Set(m.From.Name, theme.Text)
//		r.from.Place(theme.Px(22), theme.Px(20), x-theme.Px(30)) // left, middle, width: cut off with an ellipsis
//	}
//
//	list := kit.NewRowList(kit.RowListConfig[int64, mail.Summary]{
//		Height: 78, Multi: true,
//		Key:    func(m mail.Summary) int64 { return m.ID },
//		NewRow: func() kit.Row[mail.Summary] { return newMailRow() },
//		OnSelect: func(m mail.Summary, many int) { ... },
//	})
//	list.SetSource(kit.FuncRows[mail.Summary]{CountFunc: ..., WindowFunc: ...}) // another folder
//	list.Reload()                                                             // the bus said that something changed
//
// Reload keeps selection and scroll position by key; when the selected row is gone, the row that took its place is
// selected and OnSelect is told. Parts of a row that react by themselves (a check circle, a star) are named by Zone and
// reported by OnZone. A table is a TableHeader above a RowList whose rows use the same Columns.Spans.
//
// # Never wait on the UI goroutine
//
//	kit.Load(func() (mail.Message, error) { return core.Open(ctx, id) }, func(m mail.Message, err error) { ... })
//
// runs the first function elsewhere and the second one on the UI goroutine. Tests and pictures call
// kit.Synchronous(true): then everything happens at once.
//
// # The keyboard
//
// Every widget that can be clicked can be reached with Tab and shows a ring. Keys a widget does not use go to the window
// (PassKey, PassShortcut): a page's own widgets should do the same. Use Entry, not widget.Entry, for the same reason.
//
// # Pieces
//
// Text, Mark, CheckMark and Icon are objects for rows. Label, Paragraph, Badge, Button (NewPrimary, NewPlain, NewLink,
// NewIconButton), Segments, Pill, Progress, Notice, HeadBar, Panel, Split, SideList, DetailGrid, Empty, TextView,
// SearchField, Entry and Rail are widgets. NewDock, NewColumn, NewRowOf and NewScroller lay out without gaps of their own
// and give wrapping text its width before they ask for its height. PopUp shows a menu; Stage.Toast shows a sentence with
// an action, Stage.Alert what went wrong, Stage.Float something above the page.
//
// Font sizes are whole numbers: the toolkit spaces letters for those only.
package kit
