// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"context"
	"io"

	"kontor/app"
	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/sync/imapsync"
)

// FolderCore is what the folder column needs.
type FolderCore interface {
	Folders(ctx context.Context) ([]mail.Folder, error)
	CreateFolder(ctx context.Context, accountID int64, name string) (int64, error)
	RenameFolder(ctx context.Context, id int64, name string) error
	DeleteFolder(ctx context.Context, id int64) error
	Subscribe(ctx context.Context, id int64, on bool) error
	EmptyFolder(ctx context.Context, id int64) (int, error)
	Rights(ctx context.Context, folderID int64) (app.Grants, error)
	Skipped(ctx context.Context, accountID int64) (imapsync.Skipped, error)
}

// ListCore is what the message list needs.
type ListCore interface {
	List(ctx context.Context, q mail.Query, offset, limit int) ([]mail.Summary, error)
	Count(ctx context.Context, q mail.Query) (int, error)
	Sorted(ctx context.Context, q mail.Query) ([]int64, error)
	Rows(ctx context.Context, q mail.Query, ids []int64) ([]mail.Summary, error)
	Marks(ctx context.Context, ids []int64) (map[int64]journal.Mark, error)
}

// ReadCore is what the reader needs.
type ReadCore interface {
	Open(ctx context.Context, id int64) (mail.Message, error)
	Raw(ctx context.Context, id int64) ([]byte, error)
	Attachment(ctx context.Context, id int64, index int) (name string, data []byte, err error)
	Print(ctx context.Context, ids []int64, w io.Writer) error
	Proof(ctx context.Context, id int64) (app.Proof, error)
	ReceiptWanted(ctx context.Context, id int64) ([]mail.Address, error)
	SendReceipt(ctx context.Context, id int64) (opID int64, err error) // only ever because a person said so
}

// ChangeCore is what a person can do to messages. Each call is one step that undo takes back.
type ChangeCore interface {
	Mark(ctx context.Context, ids []int64, add, remove mail.Flags) error
	Looked(ctx context.Context, id int64) error // no step that undo takes back
	Move(ctx context.Context, ids []int64, folderID int64) error
	Copy(ctx context.Context, ids []int64, folderID int64) error
	Delete(ctx context.Context, ids []int64) error
	Archive(ctx context.Context, ids []int64) error
	Junk(ctx context.Context, ids []int64, junk bool) error
	Keywords(ctx context.Context, ids []int64, add, remove []string) error
}

// TagCore keeps the names and colours of keywords.
type TagCore interface {
	Tags(ctx context.Context) ([]mail.Tag, error)
	SetTag(ctx context.Context, tag mail.Tag) (mail.Tag, error)
	DropTag(ctx context.Context, keyword string) error
}

// ExchangeCore brings messages in from other programs, and out for them.
type ExchangeCore interface {
	ImportNew(ctx context.Context, folderID int64, r io.Reader, mbox bool) (app.Imported, error)
	ImportTree(ctx context.Context, folderID int64, dir string) (app.Imported, error)
	Export(ctx context.Context, folderID int64, w io.Writer) (int, error)
	ExportMaildir(ctx context.Context, folderID int64, dir string) (int, error)
}

// WriteCore makes the messages that a person begins to write.
type WriteCore interface {
	New(ctx context.Context, accountID int64) (mail.Outgoing, error)
	Reply(ctx context.Context, id int64, all bool) (mail.Outgoing, error)
	Forward(ctx context.Context, id int64) (mail.Outgoing, error)
	OpenDraft(ctx context.Context, id int64) (mail.Outgoing, error)
	Resend(ctx context.Context, id int64, to ...mail.Address) (mail.Outgoing, error)
	WriteAs(ctx context.Context, m mail.Outgoing, identityID int64) (mail.Outgoing, error)
}

// PostCore keeps and sends what was written.
type PostCore interface {
	SaveDraft(ctx context.Context, m mail.Outgoing) (mail.Outgoing, error)
	DiscardDraft(ctx context.Context, id int64) error
	Send(ctx context.Context, m mail.Outgoing) (opID int64, err error)
	SizeLimit(ctx context.Context, accountID int64) (int64, error)
	Reports(ctx context.Context, accountID int64) (offered, known bool, err error)
	Redirect(ctx context.Context, id int64, to []mail.Address, identityID int64) (opID int64, err error)
	Suggest(ctx context.Context, prefix string, limit int) ([]mail.Address, error)
}

// KeepCore decides what of the messages is kept here.
type KeepCore interface {
	Kept(ctx context.Context, accountID int64) (app.Kept, error)
	KeepEffect(ctx context.Context, accountID int64, rules mail.Keep) (mail.KeepEffect, error)
	Keep(ctx context.Context, accountID int64, rules mail.Keep) error
}

// Core is the mail service as a whole; every part of the page uses only its own piece.
type Core interface {
	FolderCore
	ListCore
	ReadCore
	ChangeCore
	WriteCore
	PostCore
	TagCore
	ExchangeCore
	KeepCore
}

// Account is an account as the page names it.
type Account struct {
	ID    int64
	Title string // the heading of its folders
	From  mail.Address
}
