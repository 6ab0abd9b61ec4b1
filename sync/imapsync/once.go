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
	c.box = mailbox{} // to be opened anew: what has just been filed has to be seen
	if err := c.selectBox(name, false); err != nil {
		return false, err
	}
	uids, err := c.search("HEADER Message-ID " + quote("<"+header.MessageID+">"))
	if err != nil {
		return false, fmt.Errorf("look for the copy: %w", err)
	}
	return len(uids) > 0, nil
}

// newestCopy finds out under which UID a message was taken by a server that does not tell: the next state of a draft
// takes the place of this one, so that nobody has both.
func (c *client) newestCopy(name, messageID string) (uid, uidValidity uint32, err error) {
	if messageID == "" || !isQuotable(messageID) {
		return 0, 0, nil
	}
	c.box = mailbox{} // to be opened anew: what has just arrived has to be seen
	if err := c.selectBox(name, true); err != nil {
		return 0, 0, err
	}
	uids, err := c.search("HEADER Message-ID " + quote("<"+messageID+">"))
	if err != nil || len(uids) == 0 {
		return 0, 0, err
	}
	return uids[len(uids)-1], c.box.uidValidity, nil
}
