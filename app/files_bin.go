// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"

	"kontor/app/files"
	"kontor/storage"
	"kontor/sync/davfiles"
)

// Bin lists what lies in the recycle bin of this computer: copies that were deleted or replaced here. What is not held
// leaves it by files.UsualBin.
func (f *Files) Bin(ctx context.Context, accountID int64) ([]files.BinItem, error) {
	account, err := f.db.Account(ctx, accountID)
	if err != nil {
		return nil, err
	}
	return davfiles.NewDisk(f.db, account, f.home).Bin(ctx)
}

// EmptyBin removes all that lies there and is not held, for good, and tells how much that was. Undo cannot bring back
// files whose copy was there.
func (f *Files) EmptyBin(ctx context.Context, accountID int64) (files.BinSum, error) {
	account, err := f.db.Account(ctx, accountID)
	if err != nil {
		return files.BinSum{}, err
	}
	return davfiles.NewDisk(f.db, account, f.home).EmptyBin(ctx, func(all []files.BinItem) []files.BinItem { return all })
}

// BinSums adds up the recycle bins of all accounts.
func (f *Files) BinSums(ctx context.Context) (files.BinSum, error) {
	return f.overBins(ctx, func(id int64) (files.BinSum, error) {
		all, err := f.Bin(ctx, id)
		return files.SumBin(all), err
	})
}

// EmptyBins empties the recycle bins of all accounts.
func (f *Files) EmptyBins(ctx context.Context) (files.BinSum, error) {
	return f.overBins(ctx, func(id int64) (files.BinSum, error) { return f.EmptyBin(ctx, id) })
}

func (f *Files) overBins(ctx context.Context, each func(accountID int64) (files.BinSum, error)) (sum files.BinSum, err error) {
	var accounts []storage.Account
	if accounts, err = f.db.Accounts(ctx); err != nil {
		return sum, err
	}
	for _, a := range accounts {
		one, err := each(a.ID)
		if err != nil {
			return sum, err
		}
		sum.Files, sum.Size, sum.Held, sum.HeldBytes = sum.Files+one.Files, sum.Size+one.Size, sum.Held+one.Held, sum.HeldBytes+one.HeldBytes
	}
	return sum, nil
}
