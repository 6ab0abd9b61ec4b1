// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kontor/app/accounts"
	"kontor/app/demo"
	"kontor/storage"
)

// accountsIn makes the service over an empty store in dir, with secrets behind a passphrase.
func accountsIn(t *testing.T, dir, passphrase string) (service *Accounts, changed *[]int64) {
	t.Helper()
	db, err := storage.Open(context.Background(), filepath.Join(dir, "kontor.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	changed = &[]int64{}
	keys := accounts.NewVault(accounts.VaultOptions{Dir: dir, FileOnly: true, Passphrase: passphrase})
	return NewAccounts(db, keys, func(id int64) { *changed = append(*changed, id) }, func(a storage.Account) string {
		return filepath.Join(dir, "files", a.Name)
	}), changed
}

func TestAccountsLifeOfAnAccount(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	w, err := demo.Start(ctx, demo.Options{Empty: true})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	a, changed := accountsIn(t, dir, "p")
	draft := w.Draft("brandt")
	if trial, err := a.TestDraft(ctx, draft, "demo"); err != nil || accounts.Problem(trial.Checks) != nil || len(trial.Checks) != 4 {
		t.Fatalf("%+v, %v", trial, err)
	}
	id, err := a.Add(ctx, draft, "demo")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Add(ctx, draft, "demo"); !errors.Is(err, storage.ErrNameTaken) {
		t.Errorf("a second account of the name: %v", err)
	}
	if checks, err := a.Test(ctx, id); err != nil || accounts.Problem(checks) != nil {
		t.Errorf("%+v, %v", checks, err)
	}
	draft.TasksURL, draft.Name = "", "Bauamt"
	if err := a.Save(ctx, id, draft, "anders"); err != nil {
		t.Fatal(err)
	}
	if got, err := a.ByName(ctx, "Bauamt"); err != nil || got.TasksURL != "" || got.ID != id {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := a.Secret(ctx, id); err != nil || got != "anders" {
		t.Errorf("%q, %v", got, err)
	}
	folder := filepath.Join(dir, "files", "Bauamt")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	gone, err := a.Remove(ctx, id)
	if err != nil || gone.Folder != folder || !strings.Contains(gone.Text(), folder) {
		t.Errorf("%+v, %v", gone, err)
	}
	if all, err := a.List(ctx); err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
	if _, err := a.Secret(ctx, id); !errors.Is(err, accounts.ErrNoSecret) {
		t.Errorf("the password is still there: %v", err)
	}
	if _, err := os.Stat(folder); err != nil {
		t.Errorf("the folder of files is gone: %v", err)
	}
	if len(*changed) < 3 {
		t.Errorf("changed: %v", *changed)
	}
}

func TestAccountsWithoutAKeyringStoresNothing(t *testing.T) {
	ctx := context.Background()
	a, changed := accountsIn(t, t.TempDir(), "")
	_, err := a.Add(ctx, accounts.Draft{Email: "lena@stadt.example", IMAPURL: "imaps://mail.stadt.example"}, "x")
	if !errors.Is(err, accounts.ErrNoPassphrase) {
		t.Errorf("got %v", err)
	}
	if all, err := a.List(ctx); err != nil || len(all) != 0 || len(*changed) != 0 {
		t.Errorf("%v, %v, %v", all, err, *changed)
	}
	if title, advice := Explain(err); strings.HasPrefix(title, "accounts.") || strings.HasPrefix(advice, "accounts.") {
		t.Errorf("no words: %s %s", title, advice)
	}
	if _, err := a.Add(ctx, accounts.Draft{Email: "lena"}, "x"); !errors.Is(err, accounts.ErrEmail) {
		t.Errorf("a broken address: %v", err)
	}
	if _, err := a.Remove(ctx, 99); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("an account that is not there: %v", err)
	}
}
