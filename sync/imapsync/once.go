// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"context"
	"fmt"

	"kontor/app/mail"
)

// filed reports whether the server has put a message into its folder by itself: those that file what they send would
// have it twice otherwise.
func (w *Worker) filed(ctx context.Context, c *client, name string, p mail.AppendOp) (bool, error) {
	if !p.Once {
		return false, nil
	}
	header, err := w.db.MailHeader(ctx, p.ID)
	if err != nil || header.MessageID == "" || !isQuotable(header.MessageID) {
		return false, err
	}
	if err := c.selectBox(name, false); err != nil {
		return false, err
	}
	uids, err := c.search("HEADER Message-ID " + quote("<"+header.MessageID+">"))
	if err != nil {
		return false, fmt.Errorf("look for the copy: %w", err)
	}
	return len(uids) > 0, nil
}
