// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"kontor/app/files"
	"kontor/storage"
	"kontor/sync/dav"
	"kontor/sync/servertest"
)

func (c *client) who(path string) files.Who {
	c.t.Helper()
	row, err := c.db.FileByPath(c.t.Context(), c.acc.ID, path)
	c.must(err)
	who, err := c.w.Who(c.t.Context(), row)
	c.must(err)
	return who
}

// told is what the server said about the other version of the only conflict.
func (c *client) told() *files.Who {
	c.t.Helper()
	open := c.conflicts()
	if len(open) != 1 {
		c.t.Fatalf("%d conflicts", len(open))
	}
	var d files.ConflictDetail
	c.must(json.Unmarshal(open[0].Detail, &d))
	return d.Who
}

// TestWhoOfACloud: names and not what people sign in as, as far as the cloud lets one ask about others.
func TestWhoOfACloud(t *testing.T) {
	c, s := inStep(t, "put a=a", "put b=b", "put own=own", "mkdir d")
	s.Know("murat", "Murat Aydın")
	s.Author("a", "murat")
	s.Author("b", "stranger")
	s.Own("own", "murat")
	s.LockAs("own", "murat")
	for path, want := range map[string]files.Who{
		"a": {Changed: "Murat Aydın"}, "b": {Changed: "stranger"}, "own": {Owner: "Murat Aydın", Locked: "Murat Aydın"}, "d": {},
	} {
		if got := c.who(path); got != want {
			t.Errorf("%s: %+v, not %+v", path, got, want)
		}
	}
	c.write("a", "selbst geändert")
	c.sync()
	if got := c.who("a"); !got.Self || got.Changed != servertest.User {
		t.Errorf("what this person sent: %+v", got)
	}
	row, err := c.db.FileByPath(t.Context(), c.acc.ID, "a")
	c.must(err)
	versions, err := c.w.Versions(t.Context(), row)
	if err != nil || len(versions) != 1 || versions[0].Who != "Murat Aydın" {
		t.Errorf("%+v %v", versions, err)
	}
	if _, err := c.w.Who(t.Context(), storage.FileRow{AccountID: c.acc.ID, Path: "neu"}); !errors.Is(err, files.ErrNotOffered) {
		t.Errorf("what is not there yet: %v", err)
	}
}

// TestWhoMadeTheOtherVersion: it is known when a person decides, without asking the server again.
func TestWhoMadeTheOtherVersion(t *testing.T) {
	c, s := inStep(t, "put a=a", "put b=b")
	s.Know("murat", "Murat Aydın")
	c.write("a", "hier geändert")
	s.edit("put a=dort geändert")
	s.Author("a", "murat")
	c.sync()
	c.sync()
	if who := c.told(); who == nil || who.Changed != "Murat Aydın" || who.Self {
		t.Fatalf("%+v", who)
	}
	s.Requests()
	c.sync()
	for _, r := range s.Requests() {
		if strings.Contains(r, "versions") {
			t.Errorf("asked again: %s", r)
		}
	}
}

// TestWhoIsAskedAgain: a line that breaks is no answer, a refusal is one; neither ends the synchronisation.
func TestWhoIsAskedAgain(t *testing.T) {
	c, s := inStep(t, "put a=a")
	c.write("a", "hier geändert")
	s.edit("put a=dort geändert")
	var mended atomic.Bool
	s.Failing(func(r *http.Request) servertest.CloudFault {
		if strings.Contains(r.URL.Path, "/versions/") && !mended.Load() {
			return servertest.FaultBefore
		}
		return servertest.FaultNone
	})
	c.sync()
	c.sync()
	if who := c.told(); who != nil {
		t.Fatalf("%+v", who)
	}
	mended.Store(true)
	c.sync()
	if who := c.told(); who == nil || *who != (files.Who{}) {
		t.Fatalf("a server that does not say: %+v", who)
	}
}

// TestWhoOfPlainWebDAV: a server without people is asked once, and says nothing.
func TestWhoOfPlainWebDAV(t *testing.T) {
	s := servertest.Apache(t)
	c := settled(t, s, "a=alt")
	c.write("a", "mein")
	on(t, s, "a=deren Fassung")
	age(t, s, "a")
	c.sync()
	c.sync()
	if who := c.told(); who == nil || *who != (files.Who{}) {
		t.Fatalf("%+v", who)
	}
}

// TestLockOwner reads what servers and office programs write into locks.
func TestLockOwner(t *testing.T) {
	long := strings.Repeat("ä", 200)
	for owner, want := range map[string]string{
		"<D:owner>Murat Aydın</D:owner>":                                            "Murat Aydın",
		"<D:owner>\n <D:href>mailto:murat@amt.example</D:href>\n</D:owner>":         "mailto:murat@amt.example",
		"<D:owner><x:p xmlns:x='y'>Murat</x:p> <x:q xmlns:x='y'>A.</x:q></D:owner>": "Murat A.",
		"":                                "",
		"<D:owner>" + long + "</D:owner>": strings.Repeat("ä", maxOwner) + "…",
	} {
		var e dav.Element
		if err := xml.Unmarshal([]byte(`<D:lockdiscovery xmlns:D="DAV:"><D:activelock>`+owner+`</D:activelock></D:lockdiscovery>`), (*element)(&e)); err != nil {
			t.Fatal(err)
		}
		if got := lockOwner(&e); got != want {
			t.Errorf("%q: %q", owner, got)
		}
	}
	if got := lockOwner(nil); got != "" {
		t.Errorf("no lock: %q", got)
	}
}

// element reads XML into what the server's answers are made of.
type element dav.Element

func (e *element) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	e.Name, e.Attr = start.Name, slices.Clone(start.Attr)
	for {
		token, err := d.Token()
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			var child element
			if err := child.UnmarshalXML(d, t); err != nil {
				return err
			}
			e.Children = append(e.Children, dav.Element(child))
		case xml.CharData:
			e.Text += string(t)
		case xml.EndElement:
			return nil
		}
	}
}
