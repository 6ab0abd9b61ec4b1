// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"fmt"

	"kontor/app/files"
	"kontor/sync/davfiles"
)

func init() { explain(davfiles.ErrMetered, "transfers.error.metered") }

// Transfers are the files that this process brings here or to a server at this moment, in the order they began.
func (f *Files) Transfers() []files.Transfer { return f.traffic.Running() }

// TransferSum is everything that is on its way or next in line, over all accounts.
func (f *Files) TransferSum() files.TransferSum { return f.traffic.Sum() }

// Pause stops the transfers of an account, or lets them go on; it outlives the program. What is small and under way is
// finished, the rest goes on later where it was.
func (f *Files) Pause(ctx context.Context, accountID int64, paused bool) error {
	if err := f.traffic.Pause(ctx, accountID, paused); err != nil {
		return fmt.Errorf("pause: %w", err)
	}
	f.sync(accountID)
	return nil
}

// Paused reports whether the transfers of an account are paused.
func (f *Files) Paused(ctx context.Context, accountID int64) (bool, error) {
	return f.traffic.Paused(ctx, accountID)
}

// SetLimits bounds what comes and goes, in octets a second over all accounts; 0 for as fast as it goes.
func (f *Files) SetLimits(ctx context.Context, down, up int64) error {
	return f.traffic.SetLimits(ctx, down, up)
}

// Limits tells these bounds.
func (f *Files) Limits(ctx context.Context) (down, up int64, err error) { return f.traffic.Limits(ctx) }

// SetMetered chooses whether only what a person asks for is transferred: files.MeteredAuto, MeteredOn or MeteredOff.
func (f *Files) SetMetered(ctx context.Context, mode string) error {
	if err := f.traffic.SetMetered(ctx, mode); err != nil {
		return err
	}
	f.sync(0)
	return nil
}

// Metered tells that choice, and whether the connection counts as metered now.
func (f *Files) Metered(ctx context.Context) (mode string, now bool, err error) {
	return f.traffic.Metered(ctx)
}

// SizeBefore tells what keeping entries offline, with all that lies below them, would bring here, and the room for it.
func (f *Files) SizeBefore(ctx context.Context, ids []int64) (files.PinSize, error) {
	var size files.PinSize
	var err error
	if size.Files, size.Bytes, err = f.db.MissingSize(ctx, ids); err != nil {
		return size, fmt.Errorf("size: %w", err)
	}
	size.Free = -1
	for _, id := range ids {
		row, err := f.db.File(ctx, id)
		if err != nil {
			return size, fmt.Errorf("size: %w", err)
		}
		root, err := f.Root(ctx, row.AccountID)
		if err != nil {
			return size, fmt.Errorf("size: %w", err)
		}
		if free := davfiles.Room(root); size.Free < 0 || free >= 0 && free < size.Free {
			size.Free = free
		}
	}
	return size, nil
}

// sync lets the workers of an account look again: what was held may go.
func (f *Files) sync(accountID int64) {
	if f.syncNow != nil {
		f.syncNow(accountID)
	}
}
