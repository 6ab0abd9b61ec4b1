// SPDX-License-Identifier: EUPL-1.2

package storage

import "context"

// FileOpsOf is FileOps for some rows only, whatever else waits.
func (r reads) FileOpsOf(ctx context.Context, ids []int64) (map[int64][]FileOp, error) {
	ops := map[int64][]FileOp{}
	err := r.each(ctx, `SELECT t.row_id, j.id, j.kind, j.state FROM json_each(?) w
		CROSS JOIN journal_targets t ON t.tbl = 'files' AND t.row_id = w.value CROSS JOIN journal j ON j.id = t.op_id
		WHERE j.state NOT IN ('done', 'cancelled') AND `+firstTarget+` ORDER BY j.id`, []any{jsonIDs(ids)},
		func(scan func(...any) error) error {
			var row int64
			var op FileOp
			err := scan(&row, &op.ID, &op.Kind, &op.State)
			ops[row] = append(ops[row], op)
			return err
		})
	return ops, err
}
