// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kontor/app/files"
	"kontor/sync/servertest"
)

// TestCloudFromSignInToLink is a person's way with a Nextcloud: signing in with the browser, synchronising, bringing back
// what was changed and deleted, and handing out a link.
func TestCloudFromSignInToLink(t *testing.T) {
	s := servertest.Cloud(t, servertest.CloudOptions{TLS: true, Quota: 1 << 20})
	s.Edit("mkdir Bau", "put Bau/Plan.txt=erste Fassung")
	o := newOffice(t)
	polls := 0
	s.Failing(func(r *http.Request) servertest.CloudFault { // the person signs in after the first look
		if strings.HasSuffix(r.URL.Path, "/poll") {
			if polls++; polls == 2 {
				s.Approve()
			}
		}
		return servertest.FaultNone
	})
	add := []string{"account", "add", "amt", "--email", "anna@stadt.example", "--login-flow", "--ca", s.Certs.CAFile}
	o.refused(exitUsage, append(add, "--imap", "imaps://127.0.0.1:1", "--files", s.Base)...)
	o.refused(exitUsage, add...)
	if a := o.call(append(add, "--files", s.Base)...); a.code != exitDone || !strings.Contains(a.err, s.Base+"index.php/login/v2/flow/") {
		t.Fatalf("%+v", a)
	}
	s.Failing(nil)
	if n := s.Logins(); n != 0 {
		t.Errorf("the person's password was used %d times", n)
	}
	o.do("files", "pin", "/")
	o.do("sync")
	server := get[map[string]any](o, "files", "server")
	if server["product"] != "Nextcloud" || server["shares"] != true || server["free"].(float64) <= 0 || !strings.Contains(o.do("files", "server"), "Nextcloud 32") {
		t.Errorf("%v", server)
	}
	s.Edit("put Bau/Plan.txt=zweite, längere Fassung")
	o.do("sync")
	o.versions(t)
	o.trash(t, s)
	o.links(t, s)
}

func (d *office) versions(t *testing.T) {
	t.Helper()
	all := get[[]files.Version](d, "files", "versions", "Bau/Plan.txt")
	if len(all) != 1 || !strings.Contains(d.do("files", "versions", "Bau/Plan.txt"), all[0].Key) {
		t.Fatalf("%+v", all)
	}
	to := filepath.Join(t.TempDir(), "alt.txt")
	d.do("files", "versions", "Bau/Plan.txt", "save", all[0].Key, to)
	if b, err := os.ReadFile(to); err != nil || string(b) != "erste Fassung" {
		t.Errorf("%q %v", b, err)
	}
	d.refused(exitFailed, "files", "versions", "Bau/Plan.txt", "save", all[0].Key, to)
	other := to + ".neu"
	d.refused(exitFailed, "files", "versions", "Bau/Plan.txt", "save", "12345", other)
	if _, err := os.Stat(other); err == nil {
		t.Error("something was left of a version that does not exist")
	}
	d.do("files", "versions", "Bau/Plan.txt", "restore", all[0].Key)
	d.do("sync")
	root := get[map[string]string](d, "files", "root")["root"]
	if b, err := os.ReadFile(filepath.Join(root, "Bau", "Plan.txt")); err != nil || string(b) != "erste Fassung" {
		t.Errorf("%q %v", b, err)
	}
}

func (d *office) trash(t *testing.T, s *servertest.CloudServer) {
	t.Helper()
	d.do("files", "rm", "Bau/Plan.txt")
	d.do("sync")
	all := get[[]trashJSON](d, "files", "trash")
	if len(all) != 1 || all[0].Path != "Bau/Plan.txt" || !strings.Contains(d.do("files", "trash"), "Bau/Plan.txt") {
		t.Fatalf("%+v", all)
	}
	d.do("files", "trash", "restore", all[0].Key)
	d.do("sync")
	if s.Tree()["Bau/Plan.txt"] != "erste Fassung" || !strings.Contains(d.do("files", "ls", "Bau"), "Plan.txt") {
		t.Errorf("it did not come back: %q", s.Tree())
	}
	d.refused(exitUsage, "files", "trash", "leeren")
}

func (d *office) links(t *testing.T, s *servertest.CloudServer) {
	t.Helper()
	day := time.Now().AddDate(0, 0, 5).Format(time.DateOnly)
	made := get[[]shareJSON](d, "files", "share", "Bau", "create", "--write", "--expires", day, "--password-env", "PW")
	if len(made) != 1 || !made[0].Write || !made[0].Protected || made[0].Expires != day || !strings.HasPrefix(made[0].URL, s.Base) {
		t.Fatalf("%+v", made)
	}
	if all := get[[]shareJSON](d, "files", "share", "Bau"); len(all) != 1 || all[0] != made[0] {
		t.Errorf("%+v", all)
	}
	d.do("files", "share", "Bau", "remove", made[0].Key)
	if all := get[[]shareJSON](d, "files", "share", "Bau"); len(all) != 0 {
		t.Errorf("%+v", all)
	}
	for _, wrong := range [][]string{{}, {"Bau", "gibt-es-nicht"}, {"Bau", "remove"}, {"Bau", "create", "--expires", "bald"}} {
		d.refused(exitUsage, append([]string{"files", "share"}, wrong...)...)
	}
}
