// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"testing"

	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/servertest"
)

func there(dir bool, etag, id string) *remote {
	return &remote{dir: dir, FileRemote: storage.FileRemote{Path: "a", ETag: etag, FileID: id}}
}

// TestOnlyWhatIsKnownIsMoved: what lies at the place by now may be something else, which must not go where this was to go.
func TestOnlyWhatIsKnownIsMoved(t *testing.T) {
	file := storage.FileRow{Local: storage.FileLocal{Path: "a"}, Remote: storage.FileRemote{Path: "a", ETag: `"2"`}, Base: storage.FileBase{ETag: `"1"`}}
	named := file
	named.Remote.FileID = "7"
	folder := storage.FileRow{Dir: true, Remote: storage.FileRemote{Path: "a"}}
	for name, c := range map[string]struct {
		row         storage.FileRow
		now         *remote
		moves, base bool
	}{
		"nothing":                         {file, nil, false, false},
		"a folder":                        {file, there(true, `"1"`, ""), false, false},
		"the version that is here":        {file, there(false, `W/"1"`, ""), true, true},
		"the version that was seen since": {file, there(false, `"2"`, ""), true, false},
		"a version that nobody has seen":  {file, there(false, `"3"`, ""), false, false},
		"edited, but surely the same":     {named, there(false, `"3"`, "7"), true, false},
		"another one of the same look":    {named, there(false, `"1"`, "8"), false, false},
		"the folder":                      {folder, there(true, `"9"`, ""), true, false},
		"a file for a folder":             {folder, there(false, `"9"`, ""), false, false},
	} {
		if base, err := asKnown(c.row, c.now); (err == nil) != c.moves || base != c.base {
			t.Errorf("%s: %t, %v", name, base, err)
		}
	}
}

func TestWhatWasPutAsideIsKnown(t *testing.T) {
	row := storage.FileRow{Remote: storage.FileRemote{Path: "a", ETag: `"1"`}}
	named := row
	named.Remote.FileID = "7"
	for name, c := range map[string]struct {
		row           storage.FileRow
		before, after *remote
		want          bool
	}{
		"it went":                        {row, nil, there(false, `"1"`, ""), true},
		"it went, and its place is used": {row, there(true, "", ""), there(false, `"1"`, ""), true},
		"it is still there":              {row, there(false, `"1"`, ""), nil, false},
		"both lie there":                 {row, there(false, `"1"`, ""), there(false, `"1"`, ""), false},
		"a folder has the name":          {row, nil, there(true, "", ""), false},
		"by its identity":                {named, there(false, `"1"`, "8"), there(false, `"5"`, "7"), true},
		"by another identity":            {named, nil, there(false, `"1"`, "8"), false},
	} {
		if got := isAside(c.row, c.before, c.after); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestGoesInside(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     bool
	}{{"a", "a/b", true}, {"a", "A/b", true}, {"a", "A", false}, {"a", "ab/c", false}, {"a/b", "a", false}} {
		if got := goesInside(c.from, c.to); got != c.want {
			t.Errorf("%s to %s: %t", c.from, c.to, got)
		}
	}
}

// Case 41, cut: a file and a folder change their names, and the answer to the first request is lost. It is known where the one went
// that was put aside, so that nothing is called "(2)" in the end.
func TestCase41AnswerLostWhilePuttingAside(t *testing.T) {
	s := servertest.Apache(t)
	on(t, s, "a=eins", "d/b=zwei")
	line := interpose(t, s)
	c := join(t, s, line.URL+"/")
	c.sync()
	c.rearrange([]string{"a x", "d a", "x d"})
	lost := 0
	line.on(func(w http.ResponseWriter, r *http.Request) bool {
		to, err := url.Parse(r.Header.Get("Destination"))
		if err != nil || r.Method != "MOVE" || lost > 0 || !strings.Contains(to.Path, "(2)") {
			return false
		}
		lost++
		if err := os.Rename(s.Path(path.Base(r.URL.Path)), s.Path(path.Base(to.Path))); err != nil {
			t.Error(err)
		}
		panic(http.ErrAbortHandler)
	})
	if err := c.trySync(); err == nil {
		t.Error("the line was not cut")
	}
	for range 3 {
		c.sync()
	}
	if lost != 1 {
		t.Errorf("%d answers were lost", lost)
	}
	c.want(s, "a/", "a/b=zwei", "d=eins")
	c.quiet()
}

func TestRoomIsNotedInAnOperation(t *testing.T) {
	if _, ok := notedRoom(journal.Op{Payload: []byte(`{"from":"a","to":"b"}`)}); ok {
		t.Error("nothing was noted")
	}
	raw, err := json.Marshal(map[string]any{"path": "a", roomKey: sidestep{ID: 3, To: "a (2)"}})
	r, ok := notedRoom(journal.Op{Payload: raw})
	if err != nil || !ok || r.ID != 3 || r.To != "a (2)" {
		t.Errorf("%+v %v", r, err)
	}
	if same, err := alike(raw, []byte(`{"path":"a"}`)); !same || err != nil {
		t.Errorf("what is noted makes an operation another one: %v", err)
	}
	if _, err := alike([]byte("{"), raw); err == nil || errors.Is(err, errStale) {
		t.Errorf("a broken payload is no error: %v", err)
	}
}

func TestTwinsAreNamesThatFold(t *testing.T) {
	at := func(id int64, path string) storage.FileRow {
		return storage.FileRow{ID: id, Remote: storage.FileRemote{Path: path}}
	}
	for name, c := range map[string]struct {
		rows []storage.FileRow
		want bool
	}{
		"nothing known":                {nil, false},
		"the row itself":               {[]storage.FileRow{at(1, "d/a")}, false},
		"another of the folded name":   {[]storage.FileRow{at(2, "d/a")}, true},
		"both names are there already": {[]storage.FileRow{at(2, "d/a"), at(3, "d/A")}, false},
		"in another folder":            {[]storage.FileRow{at(2, "e/a")}, false},
		"not on the server":            {[]storage.FileRow{at(2, "")}, false},
	} {
		if got := hasTwin(c.rows, 1, "d/A"); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
