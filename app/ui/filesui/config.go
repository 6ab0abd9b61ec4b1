// SPDX-License-Identifier: EUPL-1.2

// Package filesui is the page of files: the tree of folders, the content of one, details, what the server keeps besides,
// and the decision about two versions of a file.
package filesui

import (
	"context"
	"io"
	"time"

	"kontor/app"
	"kontor/app/files"
	"kontor/app/ui/kit"
)

// ReadCore is what the page shows.
type ReadCore interface {
	Order(ctx context.Context, q files.Query) ([]int64, error)
	Entries(ctx context.Context, ids []int64) ([]files.Entry, error)
	Seek(ctx context.Context, q files.Query, typed string, from int) (int, error)
	Folders(ctx context.Context, accountID int64) ([]files.Entry, error)
	Entry(ctx context.Context, id int64) (files.Entry, error)
	List(ctx context.Context, accountID int64, path string) ([]files.Entry, error)
	Missing(ctx context.Context, ids []int64) ([]int64, error)
	Space(ctx context.Context, accountID int64) (files.Space, error)
	Server(ctx context.Context, accountID int64) (files.ServerInfo, error)
	SizeBefore(ctx context.Context, ids []int64) (files.PinSize, error)
	Notes(ctx context.Context, accountID int64) ([]files.Note, error)
	Why(ctx context.Context, id int64) (app.FileWhy, error)
	BinSums(ctx context.Context) (files.BinSum, error)
}

// ChangeCore is what a person can do to files. Each call is one step that undo takes back.
type ChangeCore interface {
	Pin(ctx context.Context, id int64) error
	Unpin(ctx context.Context, id int64) error
	Get(ctx context.Context, id int64) error
	PutInto(ctx context.Context, accountID int64, local []string, folder string, clash app.Clash) (int, error)
	Mkdir(ctx context.Context, accountID int64, path string) (int64, error)
	Rename(ctx context.Context, id int64, name string) error
	MoveInto(ctx context.Context, ids []int64, accountID int64, folder string) error
	CopyInto(ctx context.Context, ids []int64, accountID int64, folder string) error
	Remove(ctx context.Context, ids []int64) error
	EmptyBins(ctx context.Context) (files.BinSum, error) // no step back from that
}

// CloudCore is what the server keeps besides the files. All of it asks the server.
type CloudCore interface {
	Who(ctx context.Context, id int64) (files.Who, error)
	Versions(ctx context.Context, id int64) ([]files.Version, error)
	SaveVersion(ctx context.Context, id int64, key string, w io.Writer) error
	RestoreVersion(ctx context.Context, id int64, key string) error
	Trash(ctx context.Context, accountID int64) ([]files.Trashed, error)
	RestoreTrashed(ctx context.Context, accountID int64, key string) error
	Shares(ctx context.Context, id int64) ([]files.Share, error)
	CreateShare(ctx context.Context, id int64, o files.ShareOptions) (files.Share, error)
	RemoveShare(ctx context.Context, id int64, key string) error
}

// TrafficCore is what is on its way.
type TrafficCore interface {
	Transfers() []files.Transfer
	TransferSum() files.TransferSum
	Pause(ctx context.Context, accountID int64, paused bool) error
	Paused(ctx context.Context, accountID int64) (bool, error)
	SetLimits(ctx context.Context, down, up int64) error
	Limits(ctx context.Context) (down, up int64, err error)
	SetMetered(ctx context.Context, mode string) error
	Metered(ctx context.Context) (mode string, now bool, err error)
}

// Core is the file service as a whole.
type Core interface {
	ReadCore
	ChangeCore
	CloudCore
	TrafficCore
}

// ConflictCore lists and decides conflicts, and moves on what is stuck.
type ConflictCore interface {
	Conflicts(ctx context.Context) ([]app.Conflict, error)
	Resolve(ctx context.Context, id int64, choice app.Choice) error
	Retry(ctx context.Context, op int64) error
	Release(ctx context.Context, op int64) error
}

// Account is an account with files.
type Account struct {
	ID    int64
	Title string
}

// Left is how the page was left.
type Left struct {
	By         files.Order
	Descending bool
}

// Config is what the page needs from the shell. Files, Conflicts, Accounts and Window are needed.
type Config struct {
	kit.Host
	Files     Core
	Conflicts ConflictCore
	Accounts  func(ctx context.Context) ([]Account, error)
	OpenFile  func(path string) error                            // the program for a file
	Mail      func(paths []string)                               // a new message with these local files attached
	AsTask    func(id int64)                                     // makes a task of a file or a folder; nil where there are none
	PickFiles func(done func(paths []string))                    // asks for files to upload
	Save      func(name string, write func(w io.Writer) error)   // asks where to put something, and puts it there
	Copy      func(words string)                                 // into the clipboard
	OpenURL   func(url string) error                             // the browser
	Every     func(pause time.Duration, do func()) (stop func()) // calls again and again, on the UI goroutine
	Left      Left                                               // how the page was left
	Leave     func(Left)                                         // a person arranged it anew
}

func (c *Config) fill() {
	c.Fill()
	if c.OpenFile == nil {
		c.OpenFile = func(string) error { return nil }
	}
	if c.Mail == nil {
		c.Mail = func([]string) {}
	}
	if c.PickFiles == nil {
		c.PickFiles = func(func([]string)) {}
	}
	if c.Save == nil {
		c.Save = func(string, func(io.Writer) error) {}
	}
	if c.Copy == nil {
		c.Copy = func(string) {}
	}
	if c.OpenURL == nil {
		c.OpenURL = func(string) error { return nil }
	}
	if c.Every == nil {
		c.Every = func(time.Duration, func()) func() { return func() {} }
	}
	if c.Leave == nil {
		c.Leave = func(Left) {}
	}
	if c.Left.By == "" {
		c.Left.By = files.ByName
	}
}
