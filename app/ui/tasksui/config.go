// SPDX-License-Identifier: EUPL-1.2

// Package tasksui is the page of tasks: lists, a list with quick entry, and details.
package tasksui

import (
	"context"

	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
)

// ReadCore is what the page shows.
type ReadCore interface {
	Lists(ctx context.Context) ([]tasks.List, error)
	List(ctx context.Context, q tasks.Query) ([]tasks.Task, error)
	Task(ctx context.Context, id int64) (tasks.Task, error)
	Children(ctx context.Context, id int64) ([]tasks.Task, error)
	Marks(ctx context.Context, ids []int64) (map[int64]journal.Mark, error)
}

// ChangeCore is what a person can do to tasks. Each call is one step that undo takes back.
type ChangeCore interface {
	Add(ctx context.Context, listID int64, e tasks.Edit) (int64, error)
	Edit(ctx context.Context, id int64, e tasks.Edit) error
	Done(ctx context.Context, ids []int64) error
	Reopen(ctx context.Context, ids []int64) error
	Move(ctx context.Context, ids []int64, listID int64) error
	Remove(ctx context.Context, ids []int64) error
}

// ListCore changes the lists themselves.
type ListCore interface {
	CreateList(ctx context.Context, accountID int64, name, color string) (int64, error)
	EditList(ctx context.Context, listID int64, name, color string) error
	DeleteList(ctx context.Context, listID int64) error
}

// Core is the task service as a whole.
type Core interface {
	ReadCore
	ChangeCore
	ListCore
}

// Config is what the page needs from the shell. Tasks and Window are needed.
type Config struct {
	kit.Host
	Tasks    Core
	OpenLink func(uri string)     // opens a mail (mid:), a file or a web page
	Account  func() (int64, bool) // where new lists are made
	Decide   func()               // goes to where conflicts are decided
}

func (c *Config) fill() {
	c.Fill()
	if c.OpenLink == nil {
		c.OpenLink = func(string) {}
	}
	if c.Decide == nil {
		c.Decide = func() {}
	}
	if c.Account == nil {
		c.Account = func() (int64, bool) { return 0, false }
	}
}
