// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"

	"kontor/app/journal"
	"kontor/storage"
)

// rowTx is what recording plans and outcomes needs of a transaction: the store's own, or one in memory in which
// thousands of histories are played.
type rowTx interface {
	File(ctx context.Context, id int64) (storage.FileRow, error)
	FileByPath(ctx context.Context, account int64, path string) (storage.FileRow, error)
	FilesBelow(ctx context.Context, account int64, path string) ([]storage.FileRow, error)
	FilesBelowRemote(ctx context.Context, account int64, path string) ([]storage.FileRow, error)
	AddFile(ctx context.Context, f storage.FileRow) (storage.FileRow, error)
	SaveFile(ctx context.Context, f storage.FileRow) error
	SaveFetched(ctx context.Context, f storage.FileRow) error
	RelocateFile(ctx context.Context, f storage.FileRow, path string) error
	MoveFiles(ctx context.Context, account int64, side storage.Side, from, to string) error
	DeleteFile(ctx context.Context, id int64) error
	DeleteRemote(ctx context.Context, account int64, path string) error

	Op(ctx context.Context, id int64) (journal.Op, error)
	AddOp(ctx context.Context, op journal.Op) (journal.Op, error)
	SaveOp(ctx context.Context, op journal.Op) error
	Drop(ctx context.Context, op journal.Op) error
	OpsFor(ctx context.Context, table string, id int64) ([]journal.Op, error)
	Dependents(ctx context.Context, id int64) ([]journal.Op, error)
	FileOps(ctx context.Context, account int64) (map[int64][]storage.FileOp, error)
	FileOrder(ctx context.Context, f storage.FileRow, kind journal.Kind) (dependsOn int64, others []journal.Target, err error)
	PendingMkdir(ctx context.Context, folder int64) (op int64, err error)
	RenameOp(ctx context.Context, op int64, target string) error
	RetargetOp(ctx context.Context, op, from, to int64) error

	AddConflict(ctx context.Context, c storage.ConflictRow) (int64, error)
	FileServer(ctx context.Context, account int64) (storage.FileServer, error)
	SaveFileServer(ctx context.Context, s storage.FileServer) error
}
