// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"net/http"
	"strings"
	"testing"

	"kontor/sync/servertest"
)

// cloud is a server where items have identities that survive a move, and the ETag of a folder changes with everything
// below it.
type cloud struct{ *servertest.CloudServer }

func newCloud(t *testing.T, opts ...servertest.CloudOptions) *cloud {
	t.Helper()
	return &cloud{servertest.Cloud(t, opts...)}
}

func (c *cloud) edit(words ...string)    { c.Edit(words...) }
func (c *cloud) tree() map[string]string { return c.Tree() }

// failing sets what is asked at each request: 0 all is well, 1 the connection breaks before, 2 after the server has acted.
func (c *cloud) failing(fault func() int) {
	if fault == nil {
		c.Failing(nil)
		return
	}
	c.Failing(func(*http.Request) servertest.CloudFault { return servertest.CloudFault(fault()) })
}

// inStep gives a client that is in step with a cloud that was edited like that.
func inStep(t *testing.T, words ...string) (*client, *cloud) {
	t.Helper()
	return inStepWith(t, newCloud(t), words...)
}

func inStepWith(t *testing.T, s *cloud, words ...string) (*client, *cloud) {
	t.Helper()
	s.edit(words...)
	c := join(t, &servertest.DAVServer{User: servertest.User, Certs: s.Certs}, s.URL)
	c.sync()
	return c, s
}

func (c *client) both(s *cloud, words ...string) {
	c.t.Helper()
	expect := map[string]string{}
	for _, w := range words {
		name, content, _ := strings.Cut(w, "=")
		expect[name] = content
	}
	c.same("disk", tree(c.t, c.root), expect)
	c.same("server", s.tree(), expect)
	c.quiet()
}

func TestRootTagSavesTheListing(t *testing.T) {
	c, s := inStepWith(t, newCloud(t, servertest.CloudOptions{Quota: 10_000}), "mkdir d", "put d/a=a")
	c.sync()
	before := c.w.Report().Requests
	c.sync()
	if n := c.w.Report().Requests - before; n != 1 {
		t.Errorf("nothing is new, but it asked %d times", n)
	}
	server, err := c.db.FileServer(t.Context(), c.acc.ID)
	if err != nil || server.Used != 1 || server.Free != 9999 {
		t.Errorf("%+v %v", server, err)
	}
	c.write("d/a", "hier geändert")
	c.sync()
	c.both(s, "d/", "d/a=hier geändert")
	s.edit("put d/b=dort neu")
	c.sync()
	c.both(s, "d/", "d/a=hier geändert", "d/b=dort neu")
}

// Case 43, the other half: what moved on the server is moved here, without a transfer.
func TestCase43RemoteMoves(t *testing.T) {
	c, s := inStep(t, "mkdir d", "mkdir d/tief", "put d/a=a", "put d/tief/b=b", "put x=x", "mkdir z")
	before := c.w.Report()
	s.edit("mv d z/e", "mv x z/e/y")
	c.sync()
	c.both(s, "z/", "z/e/", "z/e/a=a", "z/e/tief/", "z/e/tief/b=b", "z/e/y=x")
	if now := c.w.Report(); now.Downloaded != before.Downloaded || now.Deleted != before.Deleted {
		t.Errorf("a move was a transfer: %+v", now)
	}
}

func TestCase35And36RenameAndEdit(t *testing.T) {
	c, s := inStep(t, "put a=a", "put b=b", "put c=c")
	c.rename("a", "a neu")
	s.edit("put a=dort geändert", "mv b b-neu")
	c.write("b", "hier geändert")
	for range 2 {
		c.sync()
	}
	got := s.tree()
	if got["a neu"] != "dort geändert" || got["b-neu"] != "hier geändert" || got["c"] != "c" || len(got) != 3 {
		t.Errorf("%q", brief(got))
	}
	c.same("disk", tree(t, c.root), got)
	c.quiet()
}

func TestCase37And38Collisions(t *testing.T) {
	c, s := inStep(t, "put a=a", "put x=x", "put y=y")
	c.rename("a", "mein Name")
	s.edit("mv a dein-Name", "mv y ziel")
	c.rename("x", "ziel")
	for range 4 {
		_ = c.trySync()
	}
	got := s.tree()
	contents := map[string]bool{}
	for _, v := range got {
		contents[v] = true
	}
	for _, want := range []string{"a", "x", "y"} {
		if !contents[want] {
			t.Errorf("%s is lost: %q", want, brief(got))
		}
	}
	c.same("disk", tree(t, c.root), got)
}

func TestCase40FolderRenamedThereNewFileHere(t *testing.T) {
	c, s := inStep(t, "mkdir d", "put d/a=a", "put x=x")
	s.edit("mv d e")
	c.write("d/neu", "neu")
	c.sync()
	c.both(s, "e/", "e/a=a", "e/neu=neu", "x=x")
}

func TestCase42FoldersIntoEachOther(t *testing.T) {
	c, s := inStep(t, "mkdir a", "mkdir b", "put a/x=x", "put b/y=y")
	c.rename("a", "b/a")
	s.edit("mv b a/b")
	for range 4 {
		_ = c.trySync()
	}
	contents := map[string]bool{}
	for _, v := range s.tree() {
		contents[v] = true
	}
	if !contents["x"] || !contents["y"] {
		t.Errorf("lost: %q", brief(s.tree()))
	}
	c.same("disk", tree(t, c.root), s.tree())
}
