// SPDX-License-Identifier: EUPL-1.2

// Package accountui is the page of settings - accounts, look, sync - and the first steps of somebody new.
package accountui

import (
	"context"
	"net/url"

	"fyne.io/fyne/v2"

	"kontor/app"
	"kontor/app/accounts"
	"kontor/storage"
)

// Core is the accounts service as these pages use it.
type Core interface {
	List(ctx context.Context) ([]storage.Account, error)
	Add(ctx context.Context, d accounts.Draft, password string) (int64, error)
	Save(ctx context.Context, id int64, d accounts.Draft, password string) error
	Test(ctx context.Context, id int64) ([]accounts.Check, error)
	TestDraft(ctx context.Context, d accounts.Draft, password string) (accounts.Trial, error)
	Discover(ctx context.Context, email string) (accounts.Found, error)
	Remove(ctx context.Context, id int64) (app.Removed, error)
}

// Settings reads and stores what a person chose.
type Settings interface {
	Get(ctx context.Context, key, fallback string) (string, error)
	Set(ctx context.Context, key, value string) error
}

// Config is what the pages need.
type Config struct {
	Accounts   Core
	Settings   Settings
	Quiet      HeldCore // nil hides the reminders
	Snapshot   func(ctx context.Context) (app.Snapshot, error)
	SetOffline func(ctx context.Context, on bool) error
	Look       Look
	ShowError  func(error)
	Toast      func(words, action string, act func())
	Added      func()                                   // an account was added
	Demo       func() error                             // adds the demo account, away from the UI goroutine; nil hides it
	Confirm    func(title, text, yes string, do func()) // asks where nothing can bring it back
	OpenURL    func(url string) error                   // the browser
	Copy       func(words string)                       // into the clipboard
	Version    string
}

func (c *Config) fill() {
	if c.OpenURL == nil {
		c.OpenURL = openURL
	}
	if c.Copy == nil {
		c.Copy = func(words string) { fyne.CurrentApp().Clipboard().SetContent(words) }
	}
}

func openURL(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	return fyne.CurrentApp().OpenURL(u)
}

// Look is what the window can change at once.
type Look struct {
	Language, Theme string
	TextSize        float32 // 1 is 100 %
	Change          func(language, theme string, textSize float32)
}
