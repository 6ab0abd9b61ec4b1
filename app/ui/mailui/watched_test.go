// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"context"
	"io"

	"kontor/app"
	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/app/ui/uitest"
	"kontor/sync/imapsync"
)

// watched is the real service, which the page must not call on the UI goroutine; any of its methods can be told to fail.
type watched struct {
	*uitest.Watch
	Core
}

type (
	summaries = []mail.Summary
	marks     = map[int64]journal.Mark
)

func (w watched) Folders(ctx context.Context) ([]mail.Folder, error) {
	return uitest.Get(w.Watch, "Folders", func() ([]mail.Folder, error) { return w.Core.Folders(ctx) })
}

func (w watched) CreateFolder(ctx context.Context, accountID int64, name string) (int64, error) {
	return uitest.Get(w.Watch, "CreateFolder", func() (int64, error) { return w.Core.CreateFolder(ctx, accountID, name) })
}

func (w watched) RenameFolder(ctx context.Context, id int64, name string) error {
	return w.Do("RenameFolder", func() error { return w.Core.RenameFolder(ctx, id, name) })
}

func (w watched) DeleteFolder(ctx context.Context, id int64) error {
	return w.Do("DeleteFolder", func() error { return w.Core.DeleteFolder(ctx, id) })
}

func (w watched) Subscribe(ctx context.Context, id int64, on bool) error {
	return w.Do("Subscribe", func() error { return w.Core.Subscribe(ctx, id, on) })
}

func (w watched) EmptyFolder(ctx context.Context, id int64) (int, error) {
	return uitest.Get(w.Watch, "EmptyFolder", func() (int, error) { return w.Core.EmptyFolder(ctx, id) })
}

func (w watched) Rights(ctx context.Context, folderID int64) (app.Grants, error) {
	return uitest.Get(w.Watch, "Rights", func() (app.Grants, error) { return w.Core.Rights(ctx, folderID) })
}

func (w watched) Skipped(ctx context.Context, accountID int64) (imapsync.Skipped, error) {
	return uitest.Get(w.Watch, "Skipped", func() (imapsync.Skipped, error) { return w.Core.Skipped(ctx, accountID) })
}

func (w watched) Print(ctx context.Context, ids []int64, out io.Writer) error {
	return w.Do("Print", func() error { return w.Core.Print(ctx, ids, out) })
}

func (w watched) List(ctx context.Context, q mail.Query, offset, limit int) (summaries, error) {
	return uitest.Get(w.Watch, "List", func() (summaries, error) { return w.Core.List(ctx, q, offset, limit) })
}

func (w watched) Count(ctx context.Context, q mail.Query) (int, error) {
	return uitest.Get(w.Watch, "Count", func() (int, error) { return w.Core.Count(ctx, q) })
}

func (w watched) Sorted(ctx context.Context, q mail.Query) ([]int64, error) {
	return uitest.Get(w.Watch, "Sorted", func() ([]int64, error) { return w.Core.Sorted(ctx, q) })
}

func (w watched) Rows(ctx context.Context, q mail.Query, ids []int64) (summaries, error) {
	return uitest.Get(w.Watch, "Rows", func() (summaries, error) { return w.Core.Rows(ctx, q, ids) })
}

func (w watched) Marks(ctx context.Context, ids []int64) (marks, error) {
	return uitest.Get(w.Watch, "Marks", func() (marks, error) { return w.Core.Marks(ctx, ids) })
}

func (w watched) Open(ctx context.Context, id int64) (mail.Message, error) {
	return uitest.Get(w.Watch, "Open", func() (mail.Message, error) { return w.Core.Open(ctx, id) })
}

func (w watched) Raw(ctx context.Context, id int64) ([]byte, error) {
	return uitest.Get(w.Watch, "Raw", func() ([]byte, error) { return w.Core.Raw(ctx, id) })
}

func (w watched) Attachment(ctx context.Context, id int64, index int) (name string, data []byte, err error) {
	err = w.Do("Attachment", func() (err error) {
		name, data, err = w.Core.Attachment(ctx, id, index)
		return err
	})
	return name, data, err
}

func (w watched) Proof(ctx context.Context, id int64) (app.Proof, error) {
	return uitest.Get(w.Watch, "Proof", func() (app.Proof, error) { return w.Core.Proof(ctx, id) })
}

func (w watched) ReceiptWanted(ctx context.Context, id int64) ([]mail.Address, error) {
	return uitest.Get(w.Watch, "ReceiptWanted", func() ([]mail.Address, error) { return w.Core.ReceiptWanted(ctx, id) })
}

func (w watched) SendReceipt(ctx context.Context, id int64) (int64, error) {
	return uitest.Get(w.Watch, "SendReceipt", func() (int64, error) { return w.Core.SendReceipt(ctx, id) })
}

func (w watched) Mark(ctx context.Context, ids []int64, add, remove mail.Flags) error {
	return w.Do("Mark", func() error { return w.Core.Mark(ctx, ids, add, remove) })
}

func (w watched) Looked(ctx context.Context, id int64) error {
	return w.Do("Looked", func() error { return w.Core.Looked(ctx, id) })
}

func (w watched) Move(ctx context.Context, ids []int64, folderID int64) error {
	return w.Do("Move", func() error { return w.Core.Move(ctx, ids, folderID) })
}

func (w watched) Copy(ctx context.Context, ids []int64, folderID int64) error {
	return w.Do("Copy", func() error { return w.Core.Copy(ctx, ids, folderID) })
}

func (w watched) Delete(ctx context.Context, ids []int64) error {
	return w.Do("Delete", func() error { return w.Core.Delete(ctx, ids) })
}

func (w watched) Archive(ctx context.Context, ids []int64) error {
	return w.Do("Archive", func() error { return w.Core.Archive(ctx, ids) })
}

func (w watched) Junk(ctx context.Context, ids []int64, junk bool) error {
	return w.Do("Junk", func() error { return w.Core.Junk(ctx, ids, junk) })
}

func (w watched) Keywords(ctx context.Context, ids []int64, add, remove []string) error {
	return w.Do("Keywords", func() error { return w.Core.Keywords(ctx, ids, add, remove) })
}

func (w watched) Tags(ctx context.Context) ([]mail.Tag, error) {
	return uitest.Get(w.Watch, "Tags", func() ([]mail.Tag, error) { return w.Core.Tags(ctx) })
}

func (w watched) SetTag(ctx context.Context, tag mail.Tag) (mail.Tag, error) {
	return uitest.Get(w.Watch, "SetTag", func() (mail.Tag, error) { return w.Core.SetTag(ctx, tag) })
}

func (w watched) DropTag(ctx context.Context, keyword string) error {
	return w.Do("DropTag", func() error { return w.Core.DropTag(ctx, keyword) })
}

func (w watched) ImportNew(ctx context.Context, folderID int64, r io.Reader, mbox bool) (app.Imported, error) {
	return uitest.Get(w.Watch, "ImportNew", func() (app.Imported, error) { return w.Core.ImportNew(ctx, folderID, r, mbox) })
}

func (w watched) ImportTree(ctx context.Context, folderID int64, dir string) (app.Imported, error) {
	return uitest.Get(w.Watch, "ImportTree", func() (app.Imported, error) { return w.Core.ImportTree(ctx, folderID, dir) })
}

func (w watched) Export(ctx context.Context, folderID int64, to io.Writer) (int, error) {
	return uitest.Get(w.Watch, "Export", func() (int, error) { return w.Core.Export(ctx, folderID, to) })
}

func (w watched) ExportMaildir(ctx context.Context, folderID int64, dir string) (int, error) {
	return uitest.Get(w.Watch, "ExportMaildir", func() (int, error) { return w.Core.ExportMaildir(ctx, folderID, dir) })
}

func (w watched) New(ctx context.Context, accountID int64) (mail.Outgoing, error) {
	return uitest.Get(w.Watch, "New", func() (mail.Outgoing, error) { return w.Core.New(ctx, accountID) })
}

func (w watched) Reply(ctx context.Context, id int64, all bool) (mail.Outgoing, error) {
	return uitest.Get(w.Watch, "Reply", func() (mail.Outgoing, error) { return w.Core.Reply(ctx, id, all) })
}

func (w watched) Forward(ctx context.Context, id int64) (mail.Outgoing, error) {
	return uitest.Get(w.Watch, "Forward", func() (mail.Outgoing, error) { return w.Core.Forward(ctx, id) })
}

func (w watched) OpenDraft(ctx context.Context, id int64) (mail.Outgoing, error) {
	return uitest.Get(w.Watch, "OpenDraft", func() (mail.Outgoing, error) { return w.Core.OpenDraft(ctx, id) })
}

func (w watched) Resend(ctx context.Context, id int64, to ...mail.Address) (mail.Outgoing, error) {
	return uitest.Get(w.Watch, "Resend", func() (mail.Outgoing, error) { return w.Core.Resend(ctx, id, to...) })
}

func (w watched) WriteAs(ctx context.Context, m mail.Outgoing, identityID int64) (mail.Outgoing, error) {
	return uitest.Get(w.Watch, "WriteAs", func() (mail.Outgoing, error) { return w.Core.WriteAs(ctx, m, identityID) })
}

func (w watched) SaveDraft(ctx context.Context, m mail.Outgoing) (mail.Outgoing, error) {
	return uitest.Get(w.Watch, "SaveDraft", func() (mail.Outgoing, error) { return w.Core.SaveDraft(ctx, m) })
}

func (w watched) DiscardDraft(ctx context.Context, id int64) error {
	return w.Do("DiscardDraft", func() error { return w.Core.DiscardDraft(ctx, id) })
}

func (w watched) Send(ctx context.Context, m mail.Outgoing) (int64, error) {
	return uitest.Get(w.Watch, "Send", func() (int64, error) { return w.Core.Send(ctx, m) })
}

func (w watched) SizeLimit(ctx context.Context, accountID int64) (int64, error) {
	return uitest.Get(w.Watch, "SizeLimit", func() (int64, error) { return w.Core.SizeLimit(ctx, accountID) })
}

func (w watched) Reports(ctx context.Context, accountID int64) (offered, known bool, err error) {
	err = w.Do("Reports", func() (err error) {
		offered, known, err = w.Core.Reports(ctx, accountID)
		return err
	})
	return offered, known, err
}

func (w watched) Redirect(ctx context.Context, id int64, to []mail.Address, identityID int64) (int64, error) {
	return uitest.Get(w.Watch, "Redirect", func() (int64, error) { return w.Core.Redirect(ctx, id, to, identityID) })
}

func (w watched) Suggest(ctx context.Context, prefix string, limit int) ([]mail.Address, error) {
	return uitest.Get(w.Watch, "Suggest", func() ([]mail.Address, error) { return w.Core.Suggest(ctx, prefix, limit) })
}

func (w watched) Kept(ctx context.Context, accountID int64) (app.Kept, error) {
	return uitest.Get(w.Watch, "Kept", func() (app.Kept, error) { return w.Core.Kept(ctx, accountID) })
}

func (w watched) KeepEffect(ctx context.Context, accountID int64, rules mail.Keep) (mail.KeepEffect, error) {
	return uitest.Get(w.Watch, "KeepEffect", func() (mail.KeepEffect, error) { return w.Core.KeepEffect(ctx, accountID, rules) })
}

func (w watched) Keep(ctx context.Context, accountID int64, rules mail.Keep) error {
	return w.Do("Keep", func() error { return w.Core.Keep(ctx, accountID, rules) })
}
