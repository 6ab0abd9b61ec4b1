// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"errors"
	"testing"

	"kontor/app/files"
	"kontor/sync/davfiles"
)

// What is set about transfers outlives the service, and what may go then is looked at again.
func TestTransferSettings(t *testing.T) {
	d, ctx := newFileDesk(t), t.Context()
	var looked []int64
	d.files.syncNow = func(account int64) { looked = append(looked, account) }
	d.must(d.files.SetLimits(ctx, 5000, 0))
	d.must(d.files.Pause(ctx, d.acc, true))
	d.must(d.files.SetMetered(ctx, files.MeteredOn))
	later := NewFiles(d.db, t.TempDir(), func(int64) {})
	down, up, err := later.Limits(ctx)
	if err != nil || down != 5000 || up != 0 {
		t.Errorf("%d, %d, %v", down, up, err)
	}
	if paused, err := later.Paused(ctx, d.acc); err != nil || !paused {
		t.Errorf("paused %v, %v", paused, err)
	}
	if paused, err := later.Paused(ctx, d.acc+1); err != nil || paused {
		t.Errorf("another account: paused %v, %v", paused, err)
	}
	if mode, now, err := later.Metered(ctx); err != nil || mode != files.MeteredOn || !now {
		t.Errorf("%s, %v, %v", mode, now, err)
	}
	d.must(later.SetMetered(ctx, files.MeteredOff))
	if mode, now, err := d.files.Metered(ctx); err != nil || mode != files.MeteredOff || now {
		t.Errorf("%s, %v, %v", mode, now, err)
	}
	if err := later.SetMetered(ctx, "now and then"); !errors.Is(err, davfiles.ErrMetered) {
		t.Errorf("%v", err)
	}
	if len(looked) != 2 || looked[0] != d.acc || looked[1] != 0 {
		t.Errorf("looked at %v", looked)
	}
}

// The size before a pin counts what is not here yet, once, and knows the room for it.
func TestSizeBeforeAPin(t *testing.T) {
	d, ctx := newFileDesk(t), t.Context()
	d.serverHas("Bau/Plan.ods", "plan")
	d.serverHas("Bau/tief/Karte.ods", "karte")
	d.serverHas("lose.txt", "lose")
	d.sync()
	size, err := d.files.SizeBefore(ctx, []int64{d.id("Bau"), d.id("Bau/Plan.ods")})
	if err != nil || size.Files != 2 || size.Bytes != 9 || size.Free == 0 || !size.Fits() {
		t.Errorf("%+v, %v", size, err)
	}
	d.must(d.files.Pin(ctx, d.id("Bau")))
	d.sync()
	if size, err := d.files.SizeBefore(ctx, []int64{d.id("Bau"), d.id("lose.txt")}); err != nil || size.Files != 1 || size.Bytes != 4 {
		t.Errorf("%+v, %v", size, err)
	}
	if (files.PinSize{Bytes: 10, Free: 9}).Fits() || !(files.PinSize{Bytes: 10, Free: -1}).Fits() {
		t.Error("what fits")
	}
	if _, err := d.files.SizeBefore(ctx, []int64{9999}); err == nil {
		t.Error("an entry that is not there has a size")
	}
	if len(d.files.Transfers()) != 0 || d.files.TransferSum() != (files.TransferSum{}) {
		t.Error("something is still on its way")
	}
}
