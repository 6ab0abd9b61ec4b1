// SPDX-License-Identifier: EUPL-1.2

package accountui

import (
	"context"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"kontor/app"
	"kontor/app/accounts"
	"kontor/app/ui"
	"kontor/app/ui/kit"
	"kontor/app/ui/uitest"
	"kontor/storage"
)

var (
	_ ui.Page = (*Page)(nil)
	_ ui.Page = (*Wizard)(nil)
)

var ctx = context.Background()

// watched is the real service, which the page must not call on the UI goroutine. Discovery, which would need a name
// service, finds the servers of the town.
type watched struct {
	*uitest.Watch
	town  *uitest.Town
	found accounts.Draft
}

func (w *watched) List(ctx context.Context) ([]storage.Account, error) {
	return uitest.Get(w.Watch, "List", func() ([]storage.Account, error) { return w.town.Accounts.List(ctx) })
}

func (w *watched) Add(ctx context.Context, d accounts.Draft, password string) (int64, error) {
	return uitest.Get(w.Watch, "Add", func() (int64, error) { return w.town.Accounts.Add(ctx, d, password) })
}

func (w *watched) Save(ctx context.Context, id int64, d accounts.Draft, password string) error {
	return w.Do("Save", func() error { return w.town.Accounts.Save(ctx, id, d, password) })
}

func (w *watched) Test(ctx context.Context, id int64) ([]accounts.Check, error) {
	return uitest.Get(w.Watch, "Test", func() ([]accounts.Check, error) { return w.town.Accounts.Test(ctx, id) })
}

func (w *watched) TestDraft(ctx context.Context, d accounts.Draft, password string) (accounts.Trial, error) {
	return uitest.Get(w.Watch, "TestDraft", func() (accounts.Trial, error) { return w.town.Accounts.TestDraft(ctx, d, password) })
}

func (w *watched) Discover(_ context.Context, email string) (accounts.Found, error) {
	if err := w.Enter("Discover", email); err != nil {
		return accounts.Found{}, err
	}
	d := w.found
	d.Email = email
	return accounts.Found{Draft: d}, nil
}

func (w *watched) Remove(ctx context.Context, id int64) (app.Removed, error) {
	return uitest.Get(w.Watch, "Remove", func() (app.Removed, error) { return w.town.Accounts.Remove(ctx, id) })
}

// stored are the settings in the store.
type stored struct{ w *watched }

func (s stored) Get(ctx context.Context, key, fallback string) (string, error) {
	return uitest.Get(s.w.Watch, "Get", func() (string, error) { return s.w.town.DB.Setting(ctx, key, fallback) })
}

func (s stored) Set(ctx context.Context, key, value string) error {
	return s.w.Do("Set", func() error {
		return s.w.town.DB.WriteDurable(ctx, func(tx *storage.Tx) error { return tx.SetSetting(ctx, key, value) })
	})
}

// desk is the pages on a real core.
type desk struct {
	*uitest.Scene
	town   *uitest.Town
	core   *watched
	page   *Page
	wizard *Wizard
	added  int
	demos  int
	noDemo error
	asked  []string // questions; they are answered with yes
	looks  []Look
	opened []string // in the browser
	copied []string

	noBrowser error
}

func newDesk(t *testing.T, town func(testing.TB) *uitest.Town) *desk {
	t.Helper()
	d := &desk{Scene: uitest.New(t), town: town(t)}
	d.core = &watched{Watch: d.Watch(), town: d.town, found: d.town.World.Draft("")}
	d.Follow(d.town.DB)
	return d
}

func (d *desk) config() Config {
	return Config{
		Accounts: d.core, Settings: stored{d.core}, Version: "0.1.0", Quiet: d.town.Remind,
		Snapshot: func(ctx context.Context) (app.Snapshot, error) {
			return uitest.Get(d.core.Watch, "Snapshot", func() (app.Snapshot, error) { return d.town.Status.Snapshot(ctx) })
		},
		SetOffline: func(ctx context.Context, on bool) error {
			return d.core.Do("SetOffline", func() error { return d.town.Status.SetOffline(ctx, on) })
		},
		Look: Look{Language: "de", Theme: "light", TextSize: 1, Change: func(l, th string, size float32) {
			d.looks = append(d.looks, Look{Language: l, Theme: th, TextSize: size})
		}},
		ShowError: d.ShowError, Toast: d.Toast, Added: func() { d.added++ },
		Demo:    func() error { d.demos++; return d.noDemo },
		Confirm: func(title, _, _ string, do func()) { d.asked = append(d.asked, title); do() },
		OpenURL: func(url string) error { d.opened = append(d.opened, url); return d.noBrowser },
		Copy:    func(words string) { d.copied = append(d.copied, words) },
	}
}

// options shows the settings of somebody with an account.
func options(t *testing.T) *desk {
	t.Helper()
	d := newDesk(t, func(t testing.TB) *uitest.Town { return uitest.NewTown(t, "files", "tasks") })
	d.build()
	return d
}

func (d *desk) build() {
	d.page = New(ctx, d.config())
	d.Enter(d.page)
}

// welcome shows the first steps of somebody new.
func welcome(t *testing.T) *desk {
	t.Helper()
	d := newDesk(t, uitest.NewCore)
	d.welcome()
	return d
}

func (d *desk) welcome() {
	d.wizard = NewWizard(ctx, d.config())
	d.Enter(d.wizard)
}

// accounts are those in the store.
func (d *desk) accounts() []storage.Account {
	d.T.Helper()
	all, err := d.town.Accounts.List(ctx)
	if err != nil {
		d.T.Fatal(err)
	}
	return all
}

// section opens a part of the settings by the mouse.
func (d *desk) section(name string) {
	d.T.Helper()
	d.Click(name)
}

// segments gives the choice whose name begins like this.
func (d *desk) segments(name string) *kit.Segments {
	d.T.Helper()
	for _, o := range d.page.stops {
		if s, ok := o.(*kit.Segments); ok && strings.HasPrefix(s.AccessibilityLabel(), name+":") {
			return s
		}
	}
	d.T.Fatalf("no choice %q", name)
	return nil
}

// choose goes to a choice with the keyboard and presses a key.
func (d *desk) choose(name string, keys ...fyne.KeyName) {
	d.T.Helper()
	d.Window.Canvas().Focus(d.segments(name))
	d.Key(keys...)
}
