// SPDX-License-Identifier: EUPL-1.2

package demo_test

import (
	"context"
	"path/filepath"
	"testing"

	"kontor/app/demo"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/caltasks"
	"kontor/sync/davfiles"
	"kontor/sync/imapsync"
)

// TestKontorSynchronisesTheTown pulls everything with Kontor's own workers and compares it with what the servers hold.
func TestKontorSynchronisesTheTown(t *testing.T) {
	ctx, home := context.Background(), t.TempDir()
	w, err := demo.Start(ctx, demo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	db, err := storage.Open(ctx, filepath.Join(home, "kontor.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	account := w.Draft("brandt").Account()
	err = db.WriteDurable(ctx, func(tx *storage.Tx) error {
		account.ID, err = tx.AddAccount(ctx, account)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	secret := func(context.Context) (string, error) { return w.Password(), nil }
	u := w.User("brandt")
	t.Run("mail", func(t *testing.T) { pullMail(ctx, t, db, account, secret, u) })
	t.Run("files", func(t *testing.T) { pullFiles(ctx, t, db, account, secret, u, home) })
	t.Run("tasks", func(t *testing.T) { pullTasks(ctx, t, db, account, secret, u) })
	if err := db.Check(ctx); err != nil {
		t.Error(err)
	}
}

type secretFunc = func(context.Context) (string, error)

func pullMail(ctx context.Context, t *testing.T, db *storage.DB, a storage.Account, secret secretFunc, u *demo.User) {
	worker := imapsync.New(imapsync.Config{DB: db, Account: a, Secret: secret})
	defer worker.Close()
	if err := worker.Pull(ctx); err != nil {
		t.Fatal(err)
	}
	folders, err := db.Folders(ctx, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	roles := map[mail.Role]bool{}
	total := 0
	for _, f := range folders {
		roles[f.Role] = true
		total += f.Total
	}
	want := 0
	for _, box := range u.Mailboxes() {
		want += len(u.Messages(box))
	}
	if total != want {
		t.Errorf("%d messages here, %d on the server", total, want)
	}
	for _, r := range []mail.Role{mail.RoleInbox, mail.RoleSent, mail.RoleDrafts, mail.RoleArchive, mail.RoleTrash, mail.RoleJunk} {
		if !roles[r] {
			t.Errorf("no folder has the role %v", r)
		}
	}
	for _, f := range folders {
		if f.Role != mail.RoleInbox {
			continue
		}
		list, err := db.MailList(ctx, mail.Query{FolderID: f.ID}, 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		here := map[string]bool{}
		for _, s := range list {
			raw, err := db.Body(ctx, s.ID)
			if err != nil {
				t.Fatal(err)
			}
			here[string(raw)] = true
		}
		for _, m := range u.Messages("INBOX") {
			if !here[string(m.Raw)] {
				t.Errorf("message %d is not here byte for byte", m.UID)
			}
		}
	}
}

func pullFiles(ctx context.Context, t *testing.T, db *storage.DB, a storage.Account, secret secretFunc, u *demo.User, home string) {
	worker, err := davfiles.New(davfiles.Config{DB: db, Account: a, Secret: secret, Home: home})
	if err != nil {
		t.Fatal(err)
	}
	defer worker.Close()
	if err := worker.Pull(ctx); err != nil {
		t.Fatal(err)
	}
	entries, err := db.AllFiles(ctx, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) <= len(u.Files()) {
		t.Errorf("%d entries here, %d files on the server", len(entries), len(u.Files()))
	}
}

func pullTasks(ctx context.Context, t *testing.T, db *storage.DB, a storage.Account, secret secretFunc, u *demo.User) {
	worker, err := caltasks.New(caltasks.Config{DB: db, Account: a, Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	defer worker.Close()
	if err := worker.Pull(ctx); err != nil {
		t.Fatal(err)
	}
	lists, err := db.TaskLists(ctx)
	if err != nil {
		t.Fatal(err)
	}
	total, colours := 0, 0
	for _, l := range lists {
		total += l.Total
		if l.Color != "" {
			colours++
		}
	}
	want := 0
	for slug := range u.TaskLists() {
		want += len(u.TaskTexts(slug))
	}
	if total != want || len(lists) != 4 || colours != 4 {
		t.Errorf("%d tasks in %d lists (%d with a colour) here, %d on the server", total, len(lists), colours, want)
	}
}
