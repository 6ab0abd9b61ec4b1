// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"kontor/app/files"
	"kontor/storage"
	"kontor/sync/dav"
	"kontor/sync/servertest"
)

func (c *client) row(path string) storage.FileRow {
	c.t.Helper()
	row, err := c.db.FileByPath(c.t.Context(), c.acc.ID, path)
	c.must(err)
	return row
}

// TestVersions: earlier contents can be listed, read and brought back, the present one is not among them, and what is
// brought back arrives here.
func TestVersions(t *testing.T) {
	c, s := inStepWith(t, newCloud(t, servertest.CloudOptions{Subfolder: "/cloud"}), "mkdir d", "put d/plan.ods=eins")
	c.write("d/plan.ods", "zwei!")
	c.sync()
	s.edit("put d/plan.ods=drei!!")
	c.sync()
	all, err := c.w.Versions(t.Context(), c.row("d/plan.ods"))
	if err != nil || len(all) != 2 {
		t.Fatalf("%+v %v", all, err)
	}
	byText := map[string]files.Version{}
	for _, v := range all {
		var b bytes.Buffer
		if err := c.w.SaveVersion(t.Context(), c.row("d/plan.ods"), v.Key, &b); err != nil || int64(b.Len()) != v.Size || v.Modified.IsZero() {
			t.Errorf("%+v: %q %v", v, b.String(), err)
		}
		byText[b.String()] = v
	}
	if len(byText) != 2 || byText["eins"].Key == "" || !slices.IsSortedFunc(all, func(a, b files.Version) int { return b.Modified.Compare(a.Modified) }) {
		t.Errorf("%+v", byText)
	}
	c.must(c.w.RestoreVersion(t.Context(), c.row("d/plan.ods"), byText["eins"].Key))
	c.sync()
	c.both(s, "d/", "d/plan.ods=eins")
	if all, err = c.w.Versions(t.Context(), c.row("d/plan.ods")); err != nil || len(all) != 3 {
		t.Errorf("what was replaced is no version: %+v %v", all, err)
	}
}

// TestNoSuchVersion: a name that leads elsewhere is refused, one that is not there is an error, and a broken answer is no version.
func TestNoSuchVersion(t *testing.T) {
	c, s := inStep(t, "mkdir d", "put d/a=eins")
	s.edit("put d/a=zwei")
	c.sync()
	for _, key := range []string{"", "..", "../../files/anna/d/a", "1/2"} {
		if err := c.w.SaveVersion(t.Context(), c.row("d/a"), key, &bytes.Buffer{}); !errors.Is(err, files.ErrName) {
			t.Errorf("%q: %v", key, err)
		}
		if err := c.w.RestoreVersion(t.Context(), c.row("d/a"), key); !errors.Is(err, files.ErrName) {
			t.Errorf("%q: %v", key, err)
		}
		if err := c.w.RestoreTrashed(t.Context(), key); !errors.Is(err, files.ErrName) {
			t.Errorf("%q: %v", key, err)
		}
	}
	if err := c.w.RestoreVersion(t.Context(), c.row("d/a"), "12345"); !dav.IsStatus(err, http.StatusNotFound) {
		t.Errorf("%v", err)
	}
	if _, err := c.w.Versions(t.Context(), c.row("d")); !errors.Is(err, files.ErrNotOffered) {
		t.Errorf("of a folder: %v", err)
	}
	all, err := c.w.Versions(t.Context(), c.row("d/a"))
	if err != nil || len(all) != 1 {
		t.Fatalf("%+v %v", all, err)
	}
	s.breakAt(http.MethodGet, 1, servertest.FaultCut)
	if err := c.w.SaveVersion(t.Context(), c.row("d/a"), all[0].Key, &bytes.Buffer{}); err == nil {
		t.Error("half a version was taken for a whole one")
	}
}

// TestTrash: what is deleted here or there lies in the bin of the server and comes back from it, with what is in it.
func TestTrash(t *testing.T) {
	c, s := inStep(t, "mkdir d", "mkdir d/e", "put d/e/tief=tief", "put a=a", "put b=b")
	c.remove("d")
	c.sync()
	s.edit("rm a")
	c.sync()
	all, err := c.w.Trash(t.Context())
	if err != nil || len(all) < 2 || all[0].Path != "a" || all[0].Name != "a" || all[0].Size != 1 || all[0].Dir || all[0].Deleted.IsZero() {
		t.Fatalf("%+v %v", all, err)
	}
	s.edit("put a=etwas anderes") // the place is taken meanwhile
	for _, it := range all {
		c.must(c.w.RestoreTrashed(t.Context(), it.Key))
	}
	for range 2 {
		c.sync()
	}
	got := contents(s.tree())
	for _, want := range []string{"tief", "a", "etwas anderes", "b"} {
		if !got[want] {
			t.Errorf("%q did not come back: %q", want, brief(s.tree()))
		}
	}
	c.same("disk against server", tree(t, c.root), s.tree())
	if left := s.Trash(); len(left) != 0 {
		t.Errorf("left: %q", left)
	}
}

// TestTrashOfAFolder: an account that is about one folder sees what lay in it.
func TestTrashOfAFolder(t *testing.T) {
	s := newCloud(t)
	s.edit("mkdir Amt", "put Amt/a=a", "put privat=p", "put Amt2=x")
	c := at(t, s, s.URL+"Amt/")
	s.edit("rm Amt/a", "rm privat", "rm Amt2")
	all, err := c.w.Trash(t.Context())
	if err != nil || len(all) != 1 || all[0].Path != "a" {
		t.Errorf("%+v %v", all, err)
	}
}

// TestNotOffered: what a server does not have is said without asking it.
func TestNotOffered(t *testing.T) {
	c, s := inStepWith(t, newCloud(t, servertest.CloudOptions{NoTrash: true, NoVersions: true, NoShares: true}), "put a=a")
	s.Requests()
	row := c.row("a")
	_, versions := c.w.Versions(t.Context(), row)
	_, trash := c.w.Trash(t.Context())
	_, shares := c.w.Shares(t.Context(), row)
	_, create := c.w.CreateShare(t.Context(), row, files.ShareOptions{})
	for i, err := range []error{
		versions, trash, shares, create, c.w.RestoreTrashed(t.Context(), "x"), c.w.RestoreVersion(t.Context(), row, "1"),
		c.w.SaveVersion(t.Context(), row, "1", &bytes.Buffer{}), c.w.RemoveShare(t.Context(), "1"),
	} {
		if !errors.Is(err, files.ErrNotOffered) {
			t.Errorf("%d: %v", i, err)
		}
	}
	if got := s.Requests(); len(got) > 0 {
		t.Errorf("asked in vain: %q", got)
	}
}

// TestShares: a link is made with what was asked for, is found again, and ends.
func TestShares(t *testing.T) {
	c, s := inStep(t, "mkdir Pläne & mehr", "put a=a")
	day := time.Date(time.Now().Year()+1, 3, 4, 15, 0, 0, 0, time.Local)
	for _, tc := range []struct {
		path string
		opts files.ShareOptions
		want files.Share
	}{
		{"a", files.ShareOptions{}, files.Share{}},
		{"a", files.ShareOptions{Write: true, Password: "sehr geheim 1"}, files.Share{Write: true, Protected: true}},
		{"Pläne & mehr", files.ShareOptions{Write: true, Expires: day}, files.Share{Write: true, Expires: time.Date(day.Year(), 3, 4, 0, 0, 0, 0, time.Local)}},
	} {
		got, err := c.w.CreateShare(t.Context(), c.row(tc.path), tc.opts)
		if err != nil || got.Key == "" || got.URL == "" {
			t.Fatalf("%+v %v", got, err)
		}
		tc.want.Key, tc.want.URL = got.Key, got.URL
		if got != tc.want {
			t.Errorf("got %+v, want %+v", got, tc.want)
		}
		all, err := c.w.Shares(t.Context(), c.row(tc.path))
		if err != nil || !slices.Contains(all, tc.want) {
			t.Errorf("%+v %v", all, err)
		}
	}
	before, err := c.w.Shares(t.Context(), c.row("a"))
	c.must(err)
	for range 2 { // a second time it is gone already
		c.must(c.w.RemoveShare(t.Context(), before[0].Key))
	}
	after, err := c.w.Shares(t.Context(), c.row("a"))
	if err != nil || len(after) != len(before)-1 {
		t.Errorf("%+v %v", after, err)
	}
	s.Maintain(true)
	if _, err := c.w.Shares(t.Context(), c.row("a")); !dav.IsStatus(err, http.StatusServiceUnavailable) {
		t.Errorf("%v", err)
	}
}

// TestRefusedShares: what a server has against a link can be told apart, and its own words are kept.
func TestRefusedShares(t *testing.T) {
	c, s := inStepWith(t, newCloud(t, servertest.CloudOptions{SharePassword: true, ShareDays: 7}), "put a=a", "put b=b")
	s.Grant("b", "GW")
	soon := time.Now().AddDate(0, 0, 3)
	for i, tc := range []struct {
		path string
		opts files.ShareOptions
		want error
	}{
		{"a", files.ShareOptions{Expires: soon}, files.ErrPassword},
		{"a", files.ShareOptions{Expires: soon, Password: "kurz"}, files.ErrPassword},
		{"a", files.ShareOptions{Expires: time.Now().AddDate(1, 0, 0), Password: "lang genug!"}, files.ErrSharing},
		{"b", files.ShareOptions{Expires: soon, Password: "lang genug!"}, files.ErrSharing},
		{"a", files.ShareOptions{Expires: soon, Password: "lang genug!"}, nil},
	} {
		_, err := c.w.CreateShare(t.Context(), c.row(tc.path), tc.opts)
		var status *dav.StatusError
		if !errors.Is(err, tc.want) || (tc.want != nil && (!errors.As(err, &status) || status.Message == "")) {
			t.Errorf("%d: %v", i, err)
		}
	}
	c.write("neu", "neu")
	_ = s.asks("")
	s.Failing(func(r *http.Request) servertest.CloudFault { return servertest.FaultBefore })
	if err := c.trySync(); err == nil {
		t.Fatal("the cut was not noticed")
	}
	s.Failing(nil)
	if _, err := c.w.CreateShare(t.Context(), c.row("neu"), files.ShareOptions{}); !errors.Is(err, files.ErrNotOffered) {
		t.Errorf("of what is not there yet: %v", err)
	}
}

// TestOldServersWriteNumbers: the key of a link is a number to some servers, a string to others.
func TestOldServersWriteNumbers(t *testing.T) {
	for raw, want := range map[string]string{`"12"`: "12", `12`: "12"} {
		var w word
		if err := w.UnmarshalJSON([]byte(raw)); err != nil || string(w) != want {
			t.Errorf("%s: %q %v", raw, w, err)
		}
	}
	if got := (ocsShare{ShareWith: "hash", Permissions: mayRead, Expiration: "2026-12-01 00:00:00"}).share(); !got.Protected || got.Write || fmt.Sprint(got.Expires.Date()) != "2026 December 1" {
		t.Errorf("%+v", got)
	}
}
