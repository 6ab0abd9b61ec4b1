// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"kontor/app/accounts"
	"kontor/app/files"
	"kontor/storage"
	"kontor/sync/servertest"
	"kontor/sync/transport"
)

// withCloud opens the core with an account on a cloud, in step with it.
func withCloud(t *testing.T, opts servertest.CloudOptions, words ...string) (*App, *servertest.CloudServer, int64) {
	t.Helper()
	s := servertest.Cloud(t, opts)
	s.Edit(words...)
	t.Setenv("KONTOR_KEYRING", "file")
	t.Setenv("KONTOR_PASSPHRASE", "probe")
	a, err := Open(t.Context(), Options{Home: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	id, err := a.Accounts.Add(t.Context(), accounts.Draft{Name: "amt", Email: "anna@stadt.example", User: servertest.User, FilesURL: s.URL}, servertest.Password)
	if err != nil {
		t.Fatal(err)
	}
	sync := func() {
		t.Helper()
		if err := a.Engine.RunOnce(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Files.PinPath(t.Context(), id, "", true); err != nil {
		t.Fatal(err)
	}
	sync()
	s.Edit("put Plan=zwei, länger")
	sync()
	return a, s, id
}

// TestFilesOfACloud: what the server offers is known without asking, and what it keeps can be brought back and shared.
func TestFilesOfACloud(t *testing.T) {
	a, s, acc := withCloud(t, servertest.CloudOptions{Quota: 1000}, "put Plan=eins", "put weg=weg")
	ctx := t.Context()
	s.Requests()
	info, err := a.Files.Server(ctx, acc)
	if want := (files.ServerInfo{Product: "Nextcloud", Version: "32.0.1", Versions: true, Trash: true, Shares: true, Used: 16, Free: 984}); err != nil || info != want {
		t.Errorf("%+v %v", info, err)
	}
	if asked := s.Requests(); len(asked) > 0 {
		t.Errorf("asked %q", asked)
	}
	plan, err := a.Files.ByPath(ctx, acc, "Plan")
	if err != nil {
		t.Fatal(err)
	}
	versions, err := a.Files.Versions(ctx, plan.ID)
	if err != nil || len(versions) != 1 {
		t.Fatalf("%+v %v", versions, err)
	}
	var b bytes.Buffer
	if err := a.Files.SaveVersion(ctx, plan.ID, versions[0].Key, &b); err != nil || b.String() != "eins" {
		t.Errorf("%q %v", b.String(), err)
	}
	if err := a.Files.RestoreVersion(ctx, plan.ID, versions[0].Key); err != nil || s.Tree()["Plan"] != "eins" {
		t.Errorf("%q %v", s.Tree(), err)
	}
	s.Edit("rm weg")
	bin, err := a.Files.Trash(ctx, acc)
	if err != nil || len(bin) != 1 || bin[0].Name != "weg" {
		t.Fatalf("%+v %v", bin, err)
	}
	if err := a.Files.RestoreTrashed(ctx, acc, bin[0].Key); err != nil || s.Tree()["weg"] != "weg" {
		t.Errorf("%q %v", s.Tree(), err)
	}
	link, err := a.Files.CreateShare(ctx, plan.ID, files.ShareOptions{Write: true})
	if err != nil || !link.Write {
		t.Fatalf("%+v %v", link, err)
	}
	if all, err := a.Files.Shares(ctx, plan.ID); err != nil || len(all) != 1 || all[0] != link {
		t.Errorf("%+v %v", all, err)
	}
	if err := a.Files.RemoveShare(ctx, plan.ID, link.Key); err != nil {
		t.Error(err)
	}
}

// TestServerIsNotAsked: whatever needs the server says why it cannot be had, and can be explained.
func TestServerIsNotAsked(t *testing.T) {
	a, s, acc := withCloud(t, servertest.CloudOptions{NoTrash: true, NoVersions: true, NoShares: true}, "put Plan=eins")
	ctx := t.Context()
	plan, err := a.Files.ByPath(ctx, acc, "Plan")
	if err != nil {
		t.Fatal(err)
	}
	ask := func(f *Files, id, account int64) map[string]error {
		_, versions := f.Versions(ctx, id)
		_, trash := f.Trash(ctx, account)
		_, shares := f.Shares(ctx, id)
		_, create := f.CreateShare(ctx, id, files.ShareOptions{})
		return map[string]error{
			"versions": versions, "trash": trash, "shares": shares, "create": create, "save": f.SaveVersion(ctx, id, "1", &bytes.Buffer{}),
			"restore": f.RestoreVersion(ctx, id, "1"), "bring back": f.RestoreTrashed(ctx, account, "x"), "remove": f.RemoveShare(ctx, id, "1"),
		}
	}
	expect := func(what string, got map[string]error, want error) {
		t.Helper()
		for verb, err := range got {
			if title, advice := Explain(err); !errors.Is(err, want) || title == "" || advice == "" {
				t.Errorf("%s, %s: %v (%s %s)", what, verb, err, title, advice)
			}
		}
	}
	s.Requests()
	expect("not offered", ask(a.Files, plan.ID, acc), files.ErrNotOffered)
	if err := a.Status.SetOffline(ctx, true); err != nil {
		t.Fatal(err)
	}
	expect("offline by choice", ask(a.Files, plan.ID, acc), transport.ErrChoice)
	expect("no worker", ask(NewFiles(a.DB, string(a.Home), func(int64) {}), plan.ID, acc), files.ErrNotOffered)
	if err := a.Status.SetOffline(ctx, false); err != nil {
		t.Fatal(err)
	}
	if asked := s.Requests(); len(asked) > 0 {
		t.Errorf("asked %q", asked)
	}
	if _, err := a.Files.Versions(ctx, 4711); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := a.Files.Trash(context.Background(), 4711); !errors.Is(err, ErrNoFiles) {
		t.Errorf("an account that is not there: %v", err)
	}
}
