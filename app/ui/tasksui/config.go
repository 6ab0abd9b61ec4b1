// SPDX-License-Identifier: EUPL-1.2

// Package tasksui is the page of tasks: lists, a tree with quick entry, and details that can be changed in place.
package tasksui

import (
	"context"
	"io"
	"time"

	"kontor/app"
	"kontor/app/journal"
	"kontor/app/search"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
)

// ReadCore is what the page shows.
type ReadCore interface {
	Lists(ctx context.Context) ([]tasks.List, error)
	List(ctx context.Context, q tasks.Query) ([]tasks.Task, error)
	Count(ctx context.Context, q tasks.Query) (int, error)
	Task(ctx context.Context, id int64) (tasks.Task, error)
	Children(ctx context.Context, id int64) ([]tasks.Task, error)
	Marks(ctx context.Context, ids []int64) (map[int64]journal.Mark, error)
	Saved(ctx context.Context) ([]tasks.Saved, error)
	Attachment(ctx context.Context, id int64, n int) (name string, data []byte, err error)
	Export(ctx context.Context, q tasks.Query, w io.Writer, format tasks.Format) error
	Print(ctx context.Context, q tasks.Query, heading string, w io.Writer) error
}

// ChangeCore is what a person can do to tasks. Each call is one step that undo takes back.
type ChangeCore interface {
	Add(ctx context.Context, listID int64, e tasks.Edit) (int64, error)
	Edit(ctx context.Context, id int64, e tasks.Edit) error
	EditAll(ctx context.Context, ids []int64, e tasks.Edit) error
	Tag(ctx context.Context, ids []int64, add, remove []string) error
	Plan(ctx context.Context, ids []int64, due tasks.When) error
	Place(ctx context.Context, ids []int64, to tasks.Place) error
	Done(ctx context.Context, ids []int64) error
	Reopen(ctx context.Context, ids []int64) error
	Cancel(ctx context.Context, ids []int64, whole bool) error
	Move(ctx context.Context, ids []int64, listID int64) error
	RemoveWith(ctx context.Context, ids []int64, children tasks.Orphans) error
	Link(ctx context.Context, id int64, uri string) error
	Unlink(ctx context.Context, id int64, uri string) error
	PreviewImport(ctx context.Context, listID int64, r io.Reader) (tasks.Imported, error)
	ImportWith(ctx context.Context, listID int64, r io.Reader, clash tasks.Clash) (tasks.Imported, error)
	Snooze(ctx context.Context, id int64, until time.Time) error
	Acknowledge(ctx context.Context, ids []int64) error
}

// ListCore changes the lists themselves, and the searches that are kept.
type ListCore interface {
	CreateList(ctx context.Context, accountID int64, name, color string) (int64, error)
	EditList(ctx context.Context, listID int64, name, color string) error
	PlaceList(ctx context.Context, listID int64, place int) error
	DeleteList(ctx context.Context, listID int64) error
	Save(ctx context.Context, search tasks.Saved) (int64, error)
	Forget(ctx context.Context, id int64) error
}

// Core is the task service as a whole.
type Core interface {
	ReadCore
	ChangeCore
	ListCore
}

// ConflictCore is where decisions wait.
type ConflictCore interface {
	Conflicts(ctx context.Context) ([]app.Conflict, error)
	Resolve(ctx context.Context, id int64, choice app.Choice) error
}

// Left is how the page was left.
type Left struct {
	Folded []string `json:"folded,omitempty"` // UIDs of the tasks whose subtasks are hidden, the newest last
	Closed bool     `json:"closed,omitempty"` // closed tasks are shown
}

// Config is what the page needs from the shell. Tasks and Window are needed; what is left out is not offered.
type Config struct {
	kit.Host
	Tasks     Core
	Conflicts ConflictCore
	OpenLink  func(uri string)                             // opens a mail (mid:), a file or a web page
	NameLink  func(ctx context.Context, uri string) string // what a link is called, empty if that is not known
	IsFile    func(uri string) bool                        // whether a link leads to a file of an account
	// FindLinks finds mails and files to connect tasks with; nil where only addresses can be typed.
	FindLinks func(ctx context.Context, words string, limit int) ([]search.Result, error)
	LinkTo    func(ctx context.Context, r search.Result) (uri string, err error) // the link to one of them
	Account   func() (int64, bool)                                               // where new lists are made
	Decide    func()                                                             // goes to where all conflicts are decided
	Copy      func(text string)                                                  // puts text into the clipboard
	Paste     func() string                                                      // the text of the clipboard
	PickFiles func(done func(paths []string))                                    // asks for a file to read
	Save      func(name string, write func(io.Writer) error)                     // asks where to write a file
	OpenData  func(name string, data func() ([]byte, error))                     // shows an attachment with the desktop's program
	After     func(pause time.Duration, do func()) (cancel func())               // calls do on the UI goroutine, once
	Left      Left                                                               // how the page was left
	Leave     func(Left)                                                         // a person arranged it anew
}

func (c *Config) fill() {
	c.Fill()
	if c.OpenLink == nil {
		c.OpenLink = func(string) {}
	}
	if c.NameLink == nil {
		c.NameLink = func(context.Context, string) string { return "" }
	}
	if c.IsFile == nil {
		c.IsFile = func(string) bool { return false }
	}
	if c.Decide == nil {
		c.Decide = func() {}
	}
	if c.Account == nil {
		c.Account = func() (int64, bool) { return 0, false }
	}
	if c.Copy == nil {
		c.Copy = func(string) {}
	}
	if c.Paste == nil {
		c.Paste = func() string { return "" }
	}
	if c.After == nil {
		c.After = after
	}
	if c.Leave == nil {
		c.Leave = func(Left) {}
	}
}

// after is a timer of the desktop.
func after(pause time.Duration, do func()) func() {
	t := time.AfterFunc(pause, func() { kit.Do(do) })
	return func() { t.Stop() }
}
