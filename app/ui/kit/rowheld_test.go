// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"context"
	"errors"
	"testing"
)

func TestAJumpKeepsTheOldRowsUntilTheNewOnesAreThere(t *testing.T) {
	all := things(100_000)
	var list *RowList[int64, thing]
	var fail error
	shown := -1 // first row on screen while the far ones are read
	list = NewRowList(RowListConfig[int64, thing]{
		Key: func(i thing) int64 { return i.id }, NewRow: newThingRow, Height: 36, OnError: func(error) {},
	})
	scene(t, list, 400, 600)
	list.SetSource(FuncRows[thing]{CountFunc: all.Count, WindowFunc: func(ctx context.Context, offset, limit int) ([]thing, error) {
		if offset > 1000 && shown < 0 {
			for _, s := range list.slots {
				if s.box.Visible() && (shown < 0 || s.index < shown) {
					shown = s.index
				}
			}
		}
		if offset > 1000 && fail != nil {
			return nil, fail
		}
		return all.Window(ctx, offset, limit)
	}})
	list.ScrollToRow(90_000)
	if shown != 0 {
		t.Errorf("row %d was on screen while row 90,000 was read", shown)
	}
	if first, _ := list.VisibleRows(); first < 89_000 || list.slots[0].index < 89_000 {
		t.Errorf("row %d is on screen, not row 90,000", list.slots[0].index)
	}
	fail = errors.New("the store is gone")
	list.ScrollToRow(50_000)
	if !list.data.failed || list.held() {
		t.Error("after a failure nothing is held back")
	}
}
