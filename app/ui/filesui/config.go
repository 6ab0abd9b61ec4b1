// SPDX-License-Identifier: EUPL-1.2

// Package filesui is the page of files: the tree of folders, the content of one, and details.
package filesui

import (
	"context"

	"kontor/app/files"
	"kontor/app/ui/kit"
)

// ReadCore is what the page shows.
type ReadCore interface {
	List(ctx context.Context, accountID int64, path string) ([]files.Entry, error)
	Folders(ctx context.Context, accountID int64) ([]files.Entry, error)
	Entry(ctx context.Context, id int64) (files.Entry, error)
	Offline(ctx context.Context) ([]files.Entry, error)
	Recent(ctx context.Context, limit int) ([]files.Entry, error)
	Space(ctx context.Context, accountID int64) (files.Space, error)
}

// ChangeCore is what a person can do to files. Each call is one step that undo takes back.
type ChangeCore interface {
	Pin(ctx context.Context, id int64) error
	Unpin(ctx context.Context, id int64) error
	Get(ctx context.Context, id int64) error
	Put(ctx context.Context, accountID int64, localPath, path string) (int64, error)
	Mkdir(ctx context.Context, accountID int64, path string) (int64, error)
	Move(ctx context.Context, id int64, newPath string) error
	Remove(ctx context.Context, ids []int64) error
}

// Core is the file service as a whole.
type Core interface {
	ReadCore
	ChangeCore
}

// Account is an account with files.
type Account struct {
	ID    int64
	Title string
}

// Config is what the page needs from the shell. Files, Accounts and Window are needed.
type Config struct {
	kit.Host
	Files     Core
	Accounts  func(ctx context.Context) ([]Account, error)
	OpenFile  func(path string) error         // the program for a file
	Mail      func(paths []string)            // a new message with these local files attached
	PickFiles func(done func(paths []string)) // asks for files to upload
	Decide    func()                          // goes to where conflicts are decided
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
	if c.Decide == nil {
		c.Decide = func() {}
	}
}
