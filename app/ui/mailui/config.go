// SPDX-License-Identifier: EUPL-1.2

// Package mailui is the mail page - folders, list, reader - and the window in which messages are written.
package mailui

import (
	"context"
	"io"
	"io/fs"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app"
	"kontor/app/mail"
)

// Config is what the page needs from the shell. Mail, Accounts and Window are needed; the rest may be left out. What
// changes in the store comes in through Page.Refresh.
type Config struct {
	Mail       Core
	Accounts   func(ctx context.Context) ([]Account, error)
	Identities func(ctx context.Context, accountID int64) ([]mail.Identity, error) // who a person can write as; nil for the accounts alone
	Settings   Settings                                                            // what a person chose here; nil for none
	Window     fyne.Window

	Toast     func(text, action string, do func())                             // a short note; action may be empty
	ShowError func(error)                                                      // explains what went wrong
	Undo      func()                                                           // takes the last change back and says what it was
	Cancel    func(ctx context.Context, opID int64) error                      // takes a message back that waits to be sent
	Recall    func(ctx context.Context, messageID int64) error                 // the same for a message in the outbox
	SendNow   func(ctx context.Context, messageID int64) error                 // lets a message in the outbox leave at once
	Quotas    func(ctx context.Context, accountID int64) ([]mail.Quota, error) // how full mailboxes are; of all accounts for 0
	AskRights func(ctx context.Context, folderID int64) error                  // asks the server who may do what with a folder
	AsTask    func(messageID int64)                                            // makes a task of a message
	ToFiles   func(name string, data []byte)                                   // puts an attachment into the files
	Offline   func() bool                                                      // whether sending has to wait
	Now       func() time.Time                                                 // the clock, for tests
	NewWindow func(title string) fyne.Window                                   // for tests
	OpenURL   func(href string) error                                          // the system's browser
	OpenData  func(name string, data func() ([]byte, error))                   // the program for a file of this name
	SaveData  func(name string, data func() ([]byte, error))                   // asks where and writes
	SaveAll   func(files []NamedFile)                                          // asks for a folder and writes
	PickFiles func(w fyne.Window, done func([]NamedFile))                      // asks for files to attach
	Exchange  Exchange                                                         // import and export
	Left      Left                                                             // how the page was left
	Leave     func(Left)                                                       // a person arranged it anew
	LookTime  time.Duration                                                    // how long until an opened message counts as read; 0 for the usual
}

// Left is how a person has arranged the page: the widths of the columns at 100 % text size, 0 for the usual, and whether
// each message stands alone.
type Left struct {
	Nav, List float32
	Flat      bool
}

// Settings keeps what a person chose.
type Settings interface {
	Get(ctx context.Context, key, fallback string) (string, error)
	Set(ctx context.Context, key, value string) error
}

// Exchange is what import and export need of the window. What is left out is asked for with the toolkit's dialogs, or not
// offered.
type Exchange struct {
	OpenFile      func(extensions []string, use func(name string, open func() (File, error)))
	SaveFile      func(name string, use func(open func() (io.WriteCloser, error)))
	Folder        func(use func(dir string))
	ExportAccount func(ctx context.Context, accountID int64, w io.Writer) (app.Archived, error)
	ImportAccount func(ctx context.Context, accountID int64, r io.ReaderAt, size int64) (app.Archived, error)
}

// File is an open file that can be read from anywhere.
type File interface {
	io.ReadCloser
	io.ReaderAt
	Stat() (fs.FileInfo, error)
}

// NamedFile is a file in memory or, until Data is called, elsewhere.
type NamedFile struct {
	Name string
	Size int64
	Data func() ([]byte, error)
}

func (c *Config) fill() {
	if c.Toast == nil {
		c.Toast = func(string, string, func()) {}
	}
	if c.ShowError == nil {
		c.ShowError = func(error) {}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Offline == nil {
		c.Offline = func() bool { return false }
	}
	if c.NewWindow == nil {
		c.NewWindow = func(title string) fyne.Window { return fyne.CurrentApp().NewWindow(title) }
	}
	c.Exchange.fill(c.Window, c.ShowError)
	if c.Leave == nil {
		c.Leave = func(Left) {}
	}
	if c.LookTime == 0 {
		c.LookTime = 1500 * time.Millisecond
	}
}
