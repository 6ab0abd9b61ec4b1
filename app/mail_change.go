// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
)

// Mistakes of a caller that a person can understand.
var (
	ErrNotAFolder   = errors.New("messages cannot lie in this folder")
	ErrFolderExists = errors.New("there is already a folder of this name")
	ErrFolderFixed  = errors.New("this folder has a fixed purpose and cannot be changed")
	ErrFolderName   = errors.New("this is no name for a folder")
	ErrOutbox       = errors.New("messages in the outbox are held back or cancelled, not moved")
	ErrNoBin        = errors.New("only the bin and the junk folder are emptied")
)

// mailTx is one change of a person: the effects it shows at once and the operations that carry them out.
type mailTx struct {
	*storage.Tx
	group    int64
	accounts map[int64]bool
	unasked  bool // the program did it, not the person: undo passes it by
}

// op adds an operation about messages or folders to the change.
func (t *mailTx) op(ctx context.Context, op journal.Op, payload, inverse any) (journal.Op, error) {
	var err error
	if op.Payload, err = json.Marshal(payload); err != nil {
		return op, err
	}
	if inv, ok := inverse.(inverseOp); ok {
		b, err := json.Marshal(inv.payload)
		if err != nil {
			return op, err
		}
		if op.Inverse, err = json.Marshal(journal.Inverse{Kind: inv.kind, Payload: b, Target: op.Target}); err != nil {
			return op, err
		}
	}
	op.Group = t.group
	op, err = t.AddOp(ctx, op)
	if t.group == 0 {
		t.group = op.Group
	}
	t.accounts[op.AccountID] = true
	if err == nil && t.unasked {
		op.Undone = true
		err = t.SaveOp(ctx, op)
	}
	return op, err
}

// inverseOp is what takes an operation back once the server has confirmed it.
type inverseOp struct {
	kind    journal.Kind
	payload any
}

// place is an account and the folder its messages are shown in.
type place struct{ account, folder int64 }

// byPlace sorts messages by where they are shown: one operation serves many.
func byPlace(list []mail.Summary) (order []place, groups map[place][]mail.Summary) {
	groups = map[place][]mail.Summary{}
	for _, s := range list {
		p := place{s.AccountID, s.FolderID}
		if _, ok := groups[p]; !ok {
			order = append(order, p)
		}
		groups[p] = append(groups[p], s)
	}
	return order, groups
}

func messageTargets(ids ...int64) []journal.Target {
	targets := make([]journal.Target, len(ids))
	for i, id := range ids {
		targets[i] = journal.Target{Table: "messages", ID: id}
	}
	return targets
}

func idsOf(list []mail.Summary) []int64 {
	ids := make([]int64, len(list))
	for i, s := range list {
		ids[i] = s.ID
	}
	return ids
}

// inWords names messages for a person: the subject of the first, and how many more there are.
func inWords(list []mail.Summary) string {
	if len(list) == 0 {
		return ""
	}
	if len(list) == 1 {
		return list[0].Subject
	}
	return fmt.Sprintf("%s (+%d)", list[0].Subject, len(list)-1)
}

// Mark adds and removes flags.
func (m *Mail) Mark(ctx context.Context, ids []int64, add, remove mail.Flags) error {
	return m.change(ctx, "mark", func(t *mailTx) error {
		return t.mark(ctx, ids, mail.FlagsOp{Add: add, Remove: remove})
	})
}

// Looked counts a message as read because it was looked at for a while. That is no step that undo takes back.
func (m *Mail) Looked(ctx context.Context, id int64) error {
	return m.change(ctx, "mark as read", func(t *mailTx) error {
		t.unasked = true
		return t.mark(ctx, []int64{id}, mail.FlagsOp{Add: mail.Seen})
	})
}

// Keywords adds and removes keywords.
func (m *Mail) Keywords(ctx context.Context, ids []int64, add, remove []string) error {
	return m.change(ctx, "set keywords", func(t *mailTx) error {
		return t.mark(ctx, ids, mail.FlagsOp{AddKeywords: add, RemoveKeywords: remove})
	})
}

// Change adds and removes flags and keywords in one step of undo.
func (m *Mail) Change(ctx context.Context, ids []int64, want mail.FlagsOp) error {
	return m.change(ctx, "mark", func(t *mailTx) error { return t.mark(ctx, ids, want) })
}

// mark stores one operation for each set of messages that the change means the same for, so that it can be undone exactly.
func (t *mailTx) mark(ctx context.Context, ids []int64, want mail.FlagsOp) error {
	want = want.Speakable()
	list, err := t.MailSummaries(ctx, ids)
	if err != nil {
		return err
	}
	order, places := byPlace(list)
	for _, p := range order {
		at, err := t.MailFolder(ctx, p.folder)
		if err != nil {
			return err
		}
		if err := at.MayFlag(want); err != nil {
			return err
		}
		variants := map[string][]mail.Summary{}
		payloads := map[string]mail.FlagsOp{}
		var keys []string
		for _, s := range places[p] {
			back := mail.FlagsOp{Add: want.Add, Remove: want.Remove, AddKeywords: want.AddKeywords, RemoveKeywords: want.RemoveKeywords}.
				Invert(s.Flags, s.Keywords)
			op := mail.FlagsOp{Add: back.Remove, Remove: back.Add, AddKeywords: back.RemoveKeywords, RemoveKeywords: back.AddKeywords}
			key := fmt.Sprint(op)
			if _, ok := variants[key]; !ok {
				keys = append(keys, key)
			}
			variants[key], payloads[key] = append(variants[key], s), op
		}
		for _, key := range keys {
			if err := t.markAlike(ctx, p, variants[key], payloads[key]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *mailTx) markAlike(ctx context.Context, p place, list []mail.Summary, op mail.FlagsOp) error {
	op.IDs = idsOf(list)
	if op.Empty() {
		return nil
	}
	for _, s := range list {
		state := mail.State{
			FolderID: s.FolderID, Flags: s.Flags&^op.Remove | op.Add,
			Keywords: mail.ChangeKeywords(s.Keywords, op.AddKeywords, op.RemoveKeywords),
		}
		if err := t.ShowMail(ctx, s.ID, state); err != nil {
			return err
		}
	}
	inverse := mail.FlagsOp{IDs: op.IDs, Add: op.Remove, Remove: op.Add, AddKeywords: op.RemoveKeywords, RemoveKeywords: op.AddKeywords}
	_, err := t.op(ctx, journal.Op{AccountID: p.account, Kind: journal.MailFlags, Target: inWords(list), Targets: messageTargets(op.IDs...)},
		op, inverseOp{journal.MailFlags, inverse})
	return err
}

// Move puts messages into a folder.
func (m *Mail) Move(ctx context.Context, ids []int64, folderID int64) error {
	return m.change(ctx, "move", func(t *mailTx) error {
		to, err := t.MailFolder(ctx, folderID)
		if err != nil {
			return err
		}
		list, err := t.MailSummaries(ctx, ids)
		if err != nil {
			return err
		}
		return t.move(ctx, list, to)
	})
}

func (t *mailTx) move(ctx context.Context, list []mail.Summary, to storage.MailFolder) error {
	if !to.Selectable || to.Role == mail.RoleOutbox {
		return ErrNotAFolder
	}
	order, places := byPlace(list)
	for _, p := range order {
		if p.folder == to.ID {
			continue
		}
		if err := errors.Join(to.May(mail.DeedPut), t.checkSource(ctx, p.folder)); err != nil {
			return err
		}
		switch {
		case p.account != to.AccountID:
			if err := t.moveAway(ctx, places[p], to); err != nil {
				return err
			}
		default:
			if err := t.moveWithin(ctx, p, places[p], to); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkSource refuses to take away what the outbox holds, since that is done through the operation that sends it, and what
// may not be taken away.
func (t *mailTx) checkSource(ctx context.Context, folderID int64) error {
	f, err := t.MailFolder(ctx, folderID)
	switch {
	case err != nil:
		return err
	case f.Role == mail.RoleOutbox:
		return ErrOutbox
	}
	return f.May(mail.DeedTake)
}

func (t *mailTx) moveWithin(ctx context.Context, p place, list []mail.Summary, to storage.MailFolder) error {
	ids := idsOf(list)
	for _, s := range list {
		if err := t.ShowMail(ctx, s.ID, mail.State{FolderID: to.ID, Flags: s.Flags, Keywords: s.Keywords}); err != nil {
			return err
		}
	}
	made, err := t.pendingCreate(ctx, to)
	if err != nil {
		return err
	}
	_, err = t.op(ctx, journal.Op{
		AccountID: p.account, Kind: journal.MailMove, Target: inWords(list), Targets: messageTargets(ids...), DependsOn: made,
	}, mail.MoveOp{IDs: ids, From: p.folder, To: to.ID}, inverseOp{journal.MailMove, mail.MoveOp{IDs: ids, From: to.ID, To: p.folder}})
	return err
}

// pendingCreate gives the operation that will make a folder on the server, 0 where it exists.
func (t *mailTx) pendingCreate(ctx context.Context, f storage.MailFolder) (int64, error) {
	if f.RemoteName != "" {
		return 0, nil
	}
	ops, err := t.OpsFor(ctx, "folders", f.ID)
	for _, op := range ops {
		if op.Kind == journal.MailFolderCreate {
			return op.ID, nil
		}
	}
	return 0, err
}

// moveAway moves messages into a folder of another account: each is put there first and deleted here only once that is done.
func (t *mailTx) moveAway(ctx context.Context, list []mail.Summary, to storage.MailFolder) error {
	for _, s := range list {
		put, err := t.appendCopy(ctx, s, to)
		if err != nil {
			return err
		}
		if err := t.ShowMail(ctx, s.ID, mail.State{FolderID: s.FolderID, Flags: s.Flags, Keywords: s.Keywords, Hidden: true}); err != nil {
			return err
		}
		_, err = t.op(ctx, journal.Op{
			AccountID: s.AccountID, Kind: journal.MailDelete, Target: s.Subject, Targets: messageTargets(s.ID), DependsOn: put,
		}, mail.DeleteOp{IDs: []int64{s.ID}}, nil)
		if err != nil {
			return err
		}
	}
	return nil
}

// appendCopy stores a copy of a message in a folder of any account and the operation that puts it there.
func (t *mailTx) appendCopy(ctx context.Context, s mail.Summary, to storage.MailFolder) (int64, error) {
	if !s.HasBody {
		return 0, ErrNoBody
	}
	copies, err := t.addCopies(ctx, []mail.Summary{s}, to)
	if err != nil {
		return 0, err
	}
	made, err := t.pendingCreate(ctx, to)
	if err != nil {
		return 0, err
	}
	op, err := t.op(ctx, journal.Op{
		AccountID: to.AccountID, Kind: journal.MailAppend, Target: s.Subject, Targets: messageTargets(copies[0]), DependsOn: made,
	}, mail.AppendOp{ID: copies[0], Folder: to.ID, Flags: s.Flags &^ mail.Deleted}, inverseOp{journal.MailDelete, mail.DeleteOp{IDs: copies}})
	return op.ID, err
}

// addCopies stores local rows that stand for copies of messages.
func (t *mailTx) addCopies(ctx context.Context, list []mail.Summary, to storage.MailFolder) ([]int64, error) {
	batch := make([]storage.NewMail, len(list))
	for i, s := range list {
		h, err := t.MailHeader(ctx, s.ID)
		if err != nil {
			return nil, err
		}
		batch[i] = storage.NewMail{
			AccountID: to.AccountID, FolderID: to.ID, MessageID: h.MessageID, InReplyTo: h.InReplyTo, References: h.References, Subject: h.Subject,
			From: h.From, To: h.To, Cc: h.Cc, Bcc: h.Bcc, ReplyTo: h.ReplyTo, Received: h.Date, Sent: h.Sent, Size: h.Size,
			Flags: h.Flags, Keywords: h.Keywords, Snippet: h.Snippet, HasAttachment: h.HasAttachment,
		}
	}
	ids, err := t.AddMail(ctx, batch)
	if err != nil {
		return nil, err
	}
	for i, s := range list {
		if err := t.CopyBody(ctx, s.ID, ids[i]); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// Copy puts copies of messages into a folder.
func (m *Mail) Copy(ctx context.Context, ids []int64, folderID int64) error {
	return m.change(ctx, "copy", func(t *mailTx) error {
		to, err := t.MailFolder(ctx, folderID)
		if err != nil {
			return err
		}
		if !to.Selectable || to.Role == mail.RoleOutbox {
			return ErrNotAFolder
		}
		if err := to.May(mail.DeedPut); err != nil {
			return err
		}
		list, err := t.MailSummaries(ctx, ids)
		if err != nil {
			return err
		}
		order, places := byPlace(list)
		for _, p := range order {
			if err := t.copyFrom(ctx, p, places[p], to); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *mailTx) copyFrom(ctx context.Context, p place, list []mail.Summary, to storage.MailFolder) error {
	if p.account != to.AccountID {
		for _, s := range list {
			if _, err := t.appendCopy(ctx, s, to); err != nil {
				return err
			}
		}
		return nil
	}
	copies, err := t.addCopies(ctx, list, to)
	if err != nil {
		return err
	}
	made, err := t.pendingCreate(ctx, to)
	if err != nil {
		return err
	}
	_, err = t.op(ctx, journal.Op{
		AccountID: p.account, Kind: journal.MailCopy, Target: inWords(list), Targets: messageTargets(slices.Concat(idsOf(list), copies)...), DependsOn: made,
	}, mail.CopyOp{IDs: idsOf(list), Copies: copies, To: to.ID}, inverseOp{journal.MailDelete, mail.DeleteOp{IDs: copies}})
	return err
}
