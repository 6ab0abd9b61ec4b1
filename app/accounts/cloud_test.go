// SPDX-License-Identifier: EUPL-1.2

package accounts_test

import (
	"testing"

	"kontor/app/accounts"
	"kontor/sync/servertest"
	"kontor/sync/transport"
)

// TestAnyAddressOfACloudWillDo: people copy what their browser shows.
func TestAnyAddressOfACloudWillDo(t *testing.T) {
	for _, tc := range []struct {
		what    string
		opts    servertest.CloudOptions
		below   string // of the server's own address
		want    string
		refused transport.Cause
	}{
		{what: "the server", want: "remote.php/dav/files/" + servertest.User + "/"},
		{what: "a page", below: "index.php/apps/files/?dir=/Bauamt", want: "remote.php/dav/files/" + servertest.User + "/"},
		{what: "a page without index.php", below: "apps/files/files", want: "remote.php/dav/files/" + servertest.User + "/"},
		{what: "below a folder", opts: servertest.CloudOptions{TLS: true, Subfolder: "/cloud"}, want: "remote.php/dav/files/" + servertest.User + "/"},
		{what: "what is right stays", below: "remote.php/webdav/", want: "remote.php/webdav/"},
		{what: "closed by the administration", opts: servertest.CloudOptions{Hidden: true}, refused: accounts.CauseMissing},
	} {
		t.Run(tc.what, func(t *testing.T) {
			s := servertest.Cloud(t, tc.opts)
			d := accounts.Draft{Name: "a", Email: "anna@stadt.example", User: servertest.User, FilesURL: s.Base + tc.below}
			if s.Certs != nil {
				d.CAPEM = s.Certs.CAPEM
			}
			got := accounts.Try(t.Context(), d, servertest.Password)
			wantCause(t, tc.what, got.Checks[0], tc.refused)
			want := s.Base + tc.want
			if tc.refused != "" {
				want = d.FilesURL
			}
			if got.Draft.FilesURL != want || got.Checks[0].Server != want {
				t.Errorf("%q, checked %q, want %q", got.Draft.FilesURL, got.Checks[0].Server, want)
			}
			if tc.refused == "" {
				wantCause(t, "wrong password", accounts.Try(t.Context(), d, "falsch").Checks[0], transport.CauseSignIn)
			}
		})
	}
	apache := servertest.Apache(t)
	d := accounts.Draft{Name: "a", Email: "anna@stadt.example", User: apache.User, FilesURL: apache.URL + "nirgends/"}
	if got := accounts.Try(t.Context(), d, apache.Password); got.Draft != d || got.Checks[0].Cause != accounts.CauseMissing {
		t.Errorf("no cloud: %+v", got)
	}
}
