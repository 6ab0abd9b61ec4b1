// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"errors"
	"fmt"
)

// ErrInvariant is wrapped by every problem that Check finds.
var ErrInvariant = errors.New("the local store is inconsistent")

// invariant is a query that must yield no rows; each row it yields is one problem, described by its one text column.
type invariant struct{ name, query string }

var coreInvariants = []invariant{
	{"operation without an account", `SELECT 'operation ' || id FROM journal WHERE account_id NOT IN (SELECT id FROM accounts)`},
	{"operation that waits for one that is gone", `SELECT 'operation ' || id FROM journal
		WHERE depends_on <> 0 AND depends_on NOT IN (SELECT id FROM journal)`},
	{"target without an operation", `SELECT 'target ' || id FROM journal_targets WHERE op_id NOT IN (SELECT id FROM journal)`},
}

// Check looks whether everything that must hold in the store does. It returns nil, or all problems joined.
func (r reads) Check(ctx context.Context) error {
	var problems []error
	for _, list := range [][]invariant{coreInvariants, mailInvariants, threadInvariants, bodyInvariants, fileInvariants, taskInvariants, searchInvariants} {
		for _, inv := range list {
			err := r.each(ctx, inv.query, nil, func(scan func(...any) error) error {
				var what string
				if err := scan(&what); err != nil {
					return err
				}
				problems = append(problems, fmt.Errorf("%s: %s: %w", inv.name, what, ErrInvariant))
				return nil
			})
			if err != nil {
				return fmt.Errorf("check %s: %w", inv.name, err)
			}
		}
	}
	return errors.Join(problems...)
}
