// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"context"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app"
	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/app/ui/kit"
	"kontor/app/ui/uitest"
	"kontor/storage"
)

// town is the page on a real core with the first user's account, driven as a person does.
type town struct {
	*uitest.Scene
	core  *uitest.Town
	watch *uitest.Watch
	page  *Page

	main   fyne.Window
	opened []fyne.Window
	saved  map[string]string // what was saved as a file
	off    bool              // offline
	cfg    Config
}

// newTown synchronises once with the embedded servers and shows the page.
func newTown(t testing.TB) *town {
	t.Helper()
	w := &town{Scene: uitest.New(t), core: uitest.NewTown(t, "mail"), saved: map[string]string{}}
	w.main, w.watch = w.Window, w.Watch()
	w.Follow(w.core.DB)
	w.cfg = Config{
		Mail: watched{w.watch, w.core.Mail}, Window: w.main, Toast: w.Toast, ShowError: w.ShowError, Undo: w.core.Undo(w.Scene), LookTime: time.Hour,
		Identities: w.core.Accounts.Identities, Settings: settings{w.core.DB}, Cancel: w.core.Journal.Cancel,
		Offline: func() bool { return w.off },
		Accounts: func(ctx context.Context) ([]Account, error) {
			all, err := w.core.Accounts.List(ctx)
			var list []Account
			for _, a := range all {
				list = append(list, Account{ID: a.ID, Title: a.Email, From: mail.Address{Name: a.DisplayName, Addr: a.Email}})
			}
			return list, err
		},
		NewWindow: func(title string) fyne.Window {
			n := fyne.CurrentApp().NewWindow(title)
			n.SetPadded(false)
			w.opened = append(w.opened, n)
			return n
		},
		SaveData: func(name string, data func() ([]byte, error)) {
			kit.Load(data, func(raw []byte, err error) {
				w.core.Must(err)
				w.saved[name] = string(raw)
			})
		},
		Exchange: Exchange{ExportAccount: w.core.ExportAccount, ImportAccount: w.core.ImportAccount},
	}
	w.show()
	return w
}

// show makes the page anew, as after a start.
func (w *town) show() {
	if w.page != nil {
		w.page.Close()
	}
	w.page = New(w.cfg)
	w.T.Cleanup(w.page.Close)
	w.Enter(w.page)
}

// writing opens an editor and lets the scene be in its window; back returns to the page.
func (w *town) writing(open func()) (c *compose, back func()) {
	w.T.Helper()
	open()
	w.Settle()
	if len(w.opened) == 0 {
		w.T.Fatalf("no window opened; errors %v", w.Errors)
	}
	win := w.opened[len(w.opened)-1]
	for c = range w.page.composes {
		if c.win == win {
			break
		}
	}
	w.Window = win
	return c, func() { w.Window = w.main; w.Settle() }
}

func (w *town) ctx() context.Context { return context.Background() }

// choose selects the message with a subject in the list.
func (w *town) choose(subject string) int64 {
	w.T.Helper()
	for i := range w.page.list.rows.Count() {
		if item, ok := w.page.list.rows.At(i); ok && item.Subject == subject {
			w.page.list.rows.SelectRow(i)
			w.Settle()
			return item.ID
		}
	}
	w.T.Fatalf("no message %q in %q", subject, w.page.list.place.Title)
	return 0
}

// place shows a folder of the account by its role or name.
func (w *town) place(role mail.Role, name string) mail.Folder {
	w.T.Helper()
	for _, r := range w.page.nav.rows {
		if r.Folder.ID != 0 && (role != "" && r.Folder.Role == role || name != "" && r.Folder.Name == name) {
			w.page.nav.key = r.Key
			w.page.nav.list.Select(r.Key)
			w.page.show(r)
			w.Settle()
			return r.Folder
		}
	}
	w.T.Fatalf("no folder %q %q", role, name)
	return mail.Folder{}
}

// receive puts a message into the inbox, as if it had been fetched.
func (w *town) receive(raw string) int64 {
	w.T.Helper()
	ctx := context.Background()
	inbox := w.place(mail.RoleInbox, "")
	n, err := w.core.Mail.ImportNew(ctx, inbox.ID, strings.NewReader(raw), false)
	if err != nil || n.Added != 1 {
		w.T.Fatalf("%+v %v", n, err)
	}
	w.Settle()
	_, rest, _ := strings.Cut(raw, "Subject: ")
	subject, _, _ := strings.Cut(rest, "\r\n")
	return w.find(inbox.ID, subject)
}

// find gives the message of a folder with a subject.
func (w *town) find(folder int64, subject string) int64 {
	w.T.Helper()
	list, err := w.core.Mail.List(w.ctx(), mail.Query{FolderID: folder}, 0, 1000)
	w.core.Must(err)
	for _, s := range list {
		if s.Subject == subject {
			return s.ID
		}
	}
	w.T.Fatalf("no message %q", subject)
	return 0
}

// settings are the store's.
type settings struct{ db *storage.DB }

func (s settings) Get(ctx context.Context, key, fallback string) (string, error) {
	return s.db.Setting(ctx, key, fallback)
}

func (s settings) Set(ctx context.Context, key, value string) error {
	return s.db.WriteDurable(ctx, func(tx *storage.Tx) error { return tx.SetSetting(ctx, key, value) })
}

var _ Core = (*app.Mail)(nil)

// recall takes a message back that waits in the outbox, as the window does.
func (w *town) recall(ctx context.Context, messageID int64) error {
	ops, err := w.core.DB.OpsFor(ctx, "messages", messageID)
	if err != nil {
		return err
	}
	for _, op := range ops {
		if op.Kind == journal.MailSend {
			return w.core.Journal.Cancel(ctx, op.ID)
		}
	}
	return storage.ErrNotFound
}
