// SPDX-License-Identifier: EUPL-1.2

package storage

import "context"

// FileOpsOf is FileOps for some rows only, whatever else waits.
func (r reads) FileOpsOf(ctx context.Context, ids []int64) (map[int64][]FileOp, error) {
	return r.fileOps(ctx, `FROM json_each(?) w
		CROSS JOIN journal_targets t ON t.tbl = 'files' AND t.row_id = w.value CROSS JOIN journal j ON j.id = t.op_id
		WHERE true`, jsonIDs(ids))
}
