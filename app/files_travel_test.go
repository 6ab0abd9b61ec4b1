// SPDX-License-Identifier: EUPL-1.2

package app

import "testing"

// TestEverythingForAJourney: what is missing is counted over all that the server has, comes here, and goes again when it is
// kept no longer, but for what is kept by itself.
func TestEverythingForAJourney(t *testing.T) {
	d, ctx := newFileDesk(t), t.Context()
	look := func(count int, octets int64, kept bool) {
		t.Helper()
		got, err := d.files.Travel(ctx)
		if err != nil || got.Files != count || got.Bytes != octets || got.Kept != kept || got.Accounts != 1 || got.Free < 0 {
			t.Errorf("%+v, %v", got, err)
		}
		room, err := d.files.Room(ctx)
		if err != nil || room.Kept != kept || room.Free < 0 {
			t.Errorf("%+v, %v", room, err)
		}
	}
	look(0, 0, false)
	d.serverHas("Bau/tief/Karte.ods", "karte")
	d.serverHas("Nord/Plan.ods", "plan")
	d.serverHas("lose.txt", "lose")
	d.sync()
	look(3, 13, false)
	d.must(d.files.Pin(ctx, d.id("Nord")))
	d.sync()
	look(2, 9, false)
	d.must(d.files.KeepAll(ctx, true))
	look(2, 9, true)
	d.sync()
	look(0, 0, true)
	d.serverHas("Bau/neu.txt", "neu")
	d.sync()
	look(0, 0, true)
	d.must(d.files.KeepAll(ctx, false))
	d.sync()
	look(3, 12, false)
}
