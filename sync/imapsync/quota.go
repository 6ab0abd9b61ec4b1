// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"context"
	"fmt"
	"strings"

	"kontor/app/mail"
	"kontor/storage"
)

// quotaed reads one QUOTA response: a root and, in parentheses, resource, usage and limit of each (RFC 9208, section 4.2).
func (c *client) quotaed(rest []byte) error {
	s := scanner{b: rest}
	s.space()
	root, err := s.text()
	if err != nil {
		return fmt.Errorf("QUOTA: %w", err)
	}
	s.space()
	if !s.skip('(') {
		return fmt.Errorf("QUOTA: %w", errOdd)
	}
	var list []mail.Quota
	for s.space(); !s.skip(')'); s.space() {
		q := mail.Quota{Root: string(root), Resource: strings.ToUpper(string(s.atom()))}
		s.space()
		used, ok := s.number()
		s.space()
		limit, ok2 := s.number()
		if q.Resource == "" || !ok || !ok2 || used > 1<<62 || limit > 1<<62 {
			return fmt.Errorf("QUOTA: %w", errOdd)
		}
		q.Used, q.Limit = int64(used), int64(limit)
		list = append(list, q)
	}
	if c.on.quota != nil {
		c.on.quota(list)
	}
	return nil
}

// keepQuotas stores how full the mailbox is, if the server told.
func (w *Worker) keepQuotas(ctx context.Context, tx *storage.Tx, b *beside) error {
	if !told(b.quota) {
		return nil
	}
	return tx.SaveQuotas(ctx, w.account, b.quotas)
}
