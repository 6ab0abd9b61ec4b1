// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"kontor/app/files"
	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/app/tasks"
	"kontor/storage"
)

// fit narrows an operation of the history to what is still as the history left it. What others moved or removed meanwhile
// is theirs to say: it is counted and left alone. fits is false where nothing is left to do.
func (w *turning) fit(ctx context.Context, op *journal.Op) (fits bool, err error) {
	switch op.Kind {
	case journal.MailFlags, journal.MailMove, journal.MailDelete, journal.MailCopy:
		return w.fitMail(ctx, op)
	case journal.MailFolderRename:
		return w.fitRename(ctx, op)
	case journal.FileMove, journal.FileDelete:
		return w.fitFile(ctx, op)
	case journal.TaskPut:
		var p tasks.PutOp
		if err := json.Unmarshal(op.Payload, &p); err != nil {
			return false, err
		}
		if p.Before == "" { // it brings the task back, if need be
			return true, w.adopt(ctx, op, p.Name)
		}
	}
	return w.present(ctx, op)
}

// adopt lets an operation that brings a task back be about the row that the task has now, where somebody else has brought
// it back meanwhile, into whatever list.
func (w *turning) adopt(ctx context.Context, op *journal.Op, name string) error {
	if len(op.Targets) == 0 {
		return nil
	}
	there, err := w.RowExists(ctx, op.Targets[0])
	if err != nil || there {
		return err
	}
	id, err := w.TaskNamed(ctx, op.AccountID, name)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	op.Targets = []journal.Target{{Table: "tasks", ID: id}}
	return err
}

// present reports whether the row that an operation is about is there.
func (w *turning) present(ctx context.Context, op *journal.Op) (bool, error) {
	if len(op.Targets) == 0 {
		return true, nil
	}
	there, err := w.RowExists(ctx, op.Targets[0])
	if err == nil && !there && !removes(op.Kind) {
		w.lost++
	}
	return there, err
}

// removes reports whether an operation is done where there is nothing any more that it could be about.
func removes(k journal.Kind) bool {
	switch k {
	case journal.MailDelete, journal.MailFolderDelete, journal.FileDelete, journal.TaskDelete, journal.TaskListDelete:
		return true
	}
	return false
}

func (w *turning) fitMail(ctx context.Context, op *journal.Op) (bool, error) {
	rows := func(ids []int64) ([]mail.Summary, error) { return w.MailSummaries(ctx, ids) }
	payload, ids, lost, err := mail.Fit(op.Kind, op.Payload, rows)
	if err != nil {
		return false, fmt.Errorf("read operation: %w", err)
	}
	w.lost += lost
	op.Payload, op.Targets = payload, messageTargets(ids...)
	return len(ids) > 0, nil
}

func (w *turning) fitRename(ctx context.Context, op *journal.Op) (bool, error) {
	var p mail.FolderOp
	if err := json.Unmarshal(op.Payload, &p); err != nil {
		return false, err
	}
	f, err := w.MailFolder(ctx, p.ID)
	if errors.Is(err, storage.ErrNotFound) || err == nil && f.Name != p.From {
		w.lost++
		return false, nil
	}
	return err == nil, err
}

func (w *turning) fitFile(ctx context.Context, op *journal.Op) (bool, error) {
	there, err := w.present(ctx, op)
	if err != nil || !there {
		return false, err
	}
	row, err := w.File(ctx, op.Targets[0].ID)
	if err != nil {
		return false, err
	}
	if op.Kind == journal.FileDelete {
		var p files.DeleteOp
		if err = json.Unmarshal(op.Payload, &p); err != nil || op.Back {
			return err == nil, err
		}
		p.ETag = row.Remote.ETag // the version that undo had brought back
		op.Payload, err = json.Marshal(p)
		return err == nil, err
	}
	var p files.MoveOp
	if err := json.Unmarshal(op.Payload, &p); err != nil {
		return false, err
	}
	if files.Base(row.Path) != files.Base(p.From) { // the folders above may be called otherwise by now
		w.lost++
		return false, nil
	}
	p.From, p.ETag = row.Path, row.Base.ETag
	op.Payload, err = json.Marshal(p)
	return err == nil, err
}

// order keeps an operation from overtaking what has to be done first: the folder or list that it needs is still to be
// made, or others wait for the same path.
func (w *turning) order(ctx context.Context, op *journal.Op) error {
	switch op.Kind {
	case journal.MailMove, journal.MailCopy, journal.MailAppend:
		return w.orderMail(ctx, op)
	case journal.TaskPut, journal.TaskMove:
		return w.orderTask(ctx, op)
	}
	if isFileOp(*op) {
		return w.orderFile(ctx, op)
	}
	return nil
}

func (w *turning) orderMail(ctx context.Context, op *journal.Op) error {
	var p struct {
		To     int64 `json:"to"`
		Folder int64 `json:"folder"`
	}
	if err := json.Unmarshal(op.Payload, &p); err != nil || op.DependsOn != 0 {
		return err
	}
	f, err := w.MailFolder(ctx, max(p.To, p.Folder))
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	t := mailTx{Tx: w.Tx}
	op.DependsOn, err = t.pendingCreate(ctx, f)
	return err
}

func (w *turning) orderTask(ctx context.Context, op *journal.Op) error {
	var p struct {
		List int64 `json:"list"`
		To   int64 `json:"to"`
	}
	if err := json.Unmarshal(op.Payload, &p); err != nil || op.DependsOn != 0 {
		return err
	}
	ops, err := w.OpsFor(ctx, "lists", max(p.List, p.To))
	for _, list := range ops {
		if list.Kind == journal.TaskListCreate {
			op.DependsOn = list.ID
		}
	}
	return err
}

// orderFile keeps an operation on files from overtaking those that wait already. What the operation it takes back had to
// wait for says nothing about that.
func (w *turning) orderFile(ctx context.Context, op *journal.Op) error {
	if len(op.Targets) == 0 {
		return nil
	}
	row, err := w.File(ctx, op.Targets[0].ID)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	dependsOn, others, err := w.FileOrder(ctx, row, op.Kind)
	op.DependsOn, op.Targets = dependsOn, append(op.Targets[:1:1], others...)
	return err
}
