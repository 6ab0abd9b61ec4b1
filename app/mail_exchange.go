// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/mimemsg"
)

// importBatch is how many messages are stored in one transaction.
const importBatch = 50

// Import puts messages into a folder, here and on the server: one from an .eml file, or all of an mbox. It returns how
// many came in, also where it ends with an error.
func (m *Mail) Import(ctx context.Context, folderID int64, r io.Reader, mbox bool) (int, error) {
	if !mbox {
		raw, err := io.ReadAll(r)
		if err != nil {
			return 0, fmt.Errorf("import: %w", err)
		}
		return m.importAll(ctx, folderID, [][]byte{raw}, new(int64))
	}
	n := 0
	var batch [][]byte
	var group int64 // all batches are taken back together
	flush := func() error {
		added, err := m.importAll(ctx, folderID, batch, &group)
		n += added
		batch = batch[:0]
		return err
	}
	err := mimemsg.EachMbox(r, func(raw []byte) error {
		if batch = append(batch, raw); len(batch) < importBatch {
			return nil
		}
		return flush()
	})
	if err != nil {
		return n, fmt.Errorf("import: %w", err)
	}
	return n, flush()
}

func (m *Mail) importAll(ctx context.Context, folderID int64, batch [][]byte, group *int64) (int, error) {
	if len(batch) == 0 {
		return 0, nil
	}
	err := m.change(ctx, "import", func(t *mailTx) error {
		t.group = *group
		defer func() { *group = t.group }()
		folder, err := t.MailFolder(ctx, folderID)
		if err != nil {
			return err
		}
		if !folder.Selectable || folder.Role == mail.RoleOutbox {
			return ErrNotAFolder
		}
		made, err := t.pendingCreate(ctx, folder)
		if err != nil {
			return err
		}
		for _, raw := range batch {
			if err := t.importOne(ctx, folder, made, mimemsg.CRLF(raw)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return len(batch), nil
}

// importOne stores a message in a folder and the operation that puts it there, once the operation made has made the folder.
func (t *mailTx) importOne(ctx context.Context, folder storage.MailFolder, made int64, raw []byte) error {
	p, err := mimemsg.Parse(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	received := p.Date
	if received.IsZero() || received.After(time.Now()) {
		received = time.Now()
	}
	ids, err := t.AddMail(ctx, []storage.NewMail{{
		AccountID: folder.AccountID, FolderID: folder.ID, MessageID: p.MessageID, InReplyTo: p.InReplyTo, References: p.References, Subject: p.Subject,
		From: p.From, To: p.To, Cc: p.Cc, Bcc: p.Bcc, ReplyTo: p.ReplyTo, Received: received, Sent: p.Date, Size: int64(len(raw)),
		Flags: mail.Seen, Snippet: p.Snippet, HasAttachment: p.HasAttachment(),
	}})
	if err != nil {
		return err
	}
	if err := t.AddRaw(ctx, ids[0], raw, p.Snippet, p.HasAttachment()); err != nil {
		return err
	}
	_, err = t.op(ctx, journal.Op{
		AccountID: folder.AccountID, Kind: journal.MailAppend, Target: p.Subject, Targets: messageTargets(ids...), DependsOn: made,
	}, mail.AppendOp{ID: ids[0], Folder: folder.ID, Flags: mail.Seen}, inverseOp{journal.MailDelete, mail.DeleteOp{IDs: ids}})
	return err
}

// Export writes the messages of a folder as an mbox, oldest first (the "mboxrd" form, which nothing is lost in), and
// returns how many. Messages that are not here completely are left out and told in the error.
func (m *Mail) Export(ctx context.Context, folderID int64, w io.Writer) (int, error) {
	if _, err := m.db.MailFolder(ctx, folderID); err != nil {
		return 0, fmt.Errorf("export: %w", err)
	}
	ids, err := m.db.MailIDs(ctx, folderID)
	if err != nil {
		return 0, fmt.Errorf("export: %w", err)
	}
	out := bufio.NewWriter(w)
	n, missing := 0, 0
	for _, id := range ids {
		list, err := m.db.MailSummaries(ctx, []int64{id})
		if err != nil {
			return n, fmt.Errorf("export: %w", err)
		}
		if len(list) == 0 {
			continue // it was moved meanwhile
		}
		if !list[0].HasBody {
			missing++
			continue
		}
		raw, err := m.db.Body(ctx, id)
		if err != nil {
			return n, fmt.Errorf("export: %w", err)
		}
		if err := mimemsg.WriteMbox(out, raw, list[0].From.Addr, list[0].Date); err != nil {
			return n, fmt.Errorf("export: %w", err)
		}
		n++
	}
	if err := out.Flush(); err != nil {
		return n, fmt.Errorf("export: %w", err)
	}
	if missing > 0 {
		return n, fmt.Errorf("export: %d of %d: %w", missing, len(ids), ErrNoBody)
	}
	return n, nil
}
