// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kontor/app/files"
	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/servertest"
)

// new writes n new files into a folder here and returns what the tree holds then.
func (c *client) fresh(folder string, n int) map[string]string {
	c.t.Helper()
	all := map[string]string{}
	for i := range n {
		name := files.Join(folder, fmt.Sprintf("neu %d ü.txt", i))
		all[name] = fmt.Sprint("inhalt ", i)
		c.write(name, all[name])
	}
	return all
}

// TestSmallFilesTravelTogether: many new files of a folder are few requests, and nothing is asked after them.
func TestSmallFilesTravelTogether(t *testing.T) {
	c, s := inStep(t, "mkdir d", "put d/a=a")
	s.Requests()
	want := c.fresh("d", 300)
	c.sync()
	requests := s.Requests()
	if posts := slices.DeleteFunc(slices.Clone(requests), func(r string) bool { return !strings.HasPrefix(r, "POST") }); len(posts) < 1 || len(posts) > 3 || len(requests) > 8 {
		t.Errorf("%d requests: %q", len(requests), requests)
	}
	want["d/"], want["d/a"] = "", "a"
	c.same("server", s.tree(), want)
	if up := c.w.Report().Uploaded; up != 300 {
		t.Errorf("%d uploads counted", up)
	}
	if sum := c.w.cfg.Traffic.Sum(); sum.Files != 0 {
		t.Errorf("still in line: %+v", sum)
	}
	c.quiet()
}

// TestEachFileOfABulkIsATransfer: the list of transfers names every file that travels, and each is as far as it is.
func TestEachFileOfABulkIsATransfer(t *testing.T) {
	c, s := inStep(t, "mkdir d")
	want := c.fresh("d", 12)
	lines := map[string]bool{}
	s.Failing(func(r *http.Request) servertest.CloudFault {
		if r.Method == http.MethodPost {
			for _, x := range c.w.cfg.Traffic.Running() {
				if x.Done > x.Total || x.Total != int64(len(want[x.Path])) || !x.Up {
					t.Errorf("%+v", x)
				}
				lines[x.Path] = true
			}
		}
		return servertest.FaultNone
	})
	c.sync()
	for path := range want {
		if !lines[path] {
			t.Errorf("%s had no line", path)
		}
	}
	traffic, octets := NewTraffic(c.db), int64(0)
	items := make([]bulkItem, 3)
	reader := bulkReader{ctx: t.Context(), items: items}
	body := ""
	for i := range items {
		content := strings.Repeat("x", 100*i)
		items[i] = bulkItem{content: []byte(content), x: traffic.begin(&storage.FileRow{ID: int64(i)}, true, true, int64(len(content)))}
		body += "head" + content
		octets, reader.ends = octets+int64(len(content)), append(reader.ends, int64(len(body)))
	}
	reader.Reader = bytes.NewReader([]byte(body + "tail"))
	if _, err := io.CopyN(io.Discard, struct{ io.Reader }{&reader}, 4+4+100+4+50); err != nil {
		t.Fatal(err)
	}
	for i, done := range []int64{0, 100, 50} {
		if got := items[i].x.done.Load(); got != done {
			t.Errorf("of %d octets in all, %d of file %d are said to be sent, want %d", octets, got, i, done)
		}
	}
}

// TestTogetherAndApart: whatever is out of the ordinary with one of them, all files arrive, and nothing of others is lost.
func TestTogetherAndApart(t *testing.T) {
	for _, tc := range []struct {
		name  string
		opts  servertest.CloudOptions
		spoil func(*client, *cloud)
		also  map[string]string // what is there in the end besides the new files
		lack  string            // what is not
	}{
		{"taken by the same content", servertest.CloudOptions{}, func(_ *client, s *cloud) { s.Put("d/neu 3 ü.txt", "inhalt 3") }, nil, ""},
		{
			"taken by another",
			servertest.CloudOptions{},
			func(_ *client, s *cloud) { s.Put("d/neu 3 ü.txt", "deren") },
			map[string]string{"d/neu 3 ü.txt": "deren", "d/" + copyName("neu 3 ü.txt"): "inhalt 3"},
			"",
		},
		{"the folder is locked for one", servertest.CloudOptions{}, func(_ *client, s *cloud) { s.Lock("d/neu 3 ü.txt", true) }, nil, "d/neu 3 ü.txt"},
		{"without bulk upload", servertest.CloudOptions{NoBulk: true}, func(*client, *cloud) {}, nil, ""},
		{"lost before", servertest.CloudOptions{}, func(_ *client, s *cloud) { s.breakAt(http.MethodPost, 1, servertest.FaultBefore) }, nil, ""},
		{"lost after", servertest.CloudOptions{}, func(_ *client, s *cloud) { s.breakAt(http.MethodPost, 1, servertest.FaultAfter) }, nil, ""},
		{"the answer is cut", servertest.CloudOptions{}, func(_ *client, s *cloud) { s.breakAt(http.MethodPost, 1, servertest.FaultCut) }, nil, ""},
		{"one is gone here", servertest.CloudOptions{}, func(c *client, s *cloud) {
			s.Failing(func(r *http.Request) servertest.CloudFault {
				if r.Method == "PROPFIND" && strings.HasSuffix(r.URL.Path, "/d/") {
					c.remove("d/neu 3 ü.txt")
				}
				return servertest.FaultNone
			})
		}, nil, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, s := inStepWith(t, newCloud(t, tc.opts), "mkdir d", "put d/a=a")
			want := c.fresh("d", 8)
			done := false
			spoil := func() {
				if !done {
					done = true
					tc.spoil(c, s)
				}
			}
			if strings.HasPrefix(tc.name, "taken") { // right before the upload, after the listing
				s.Failing(func(r *http.Request) servertest.CloudFault {
					if r.Method == http.MethodPost || (r.Method == "PROPFIND" && strings.HasSuffix(r.URL.Path, "/d/")) {
						spoil()
					}
					return servertest.FaultNone
				})
			} else {
				spoil()
			}
			for range 4 {
				_ = c.trySync()
			}
			s.Failing(nil)
			want["d/"], want["d/a"] = "", "a"
			for k, v := range tc.also {
				want[k] = v
			}
			delete(want, tc.lack)
			if tc.name == "one is gone here" {
				delete(want, "d/neu 3 ü.txt")
			}
			c.same("server", s.tree(), want)
			if tc.lack != "" {
				s.Lock(tc.lack, false)
				want[tc.lack] = "inhalt 3"
			}
			c.sync()
			c.same("server", s.tree(), want)
			c.same("disk", tree(t, c.root), want)
			c.quiet()
		})
	}
}

// Case 50: two names that differ in their composition only are one to the server; none of them overwrites the other.
func TestCase50TwinsTogether(t *testing.T) {
	c, s := inStep(t, "mkdir d")
	c.write("d/\u00fcber", "komponiert")
	c.write("d/u\u0308ber", "zerlegt")
	c.write("d/x", "x")
	for range 4 {
		_ = c.trySync()
	}
	got := contents(s.tree())
	if !got["komponiert"] || !got["zerlegt"] || !got["x"] {
		t.Errorf("lost: %q", brief(s.tree()))
	}
}

// Case 21: where there is no room for all, those that have room arrive.
func TestCase21NoRoomForAllTogether(t *testing.T) {
	c, s := inStepWith(t, newCloud(t, servertest.CloudOptions{Quota: 30}), "mkdir d")
	want := c.fresh("d", 8) // of eight octets each
	for range 2 {
		_ = c.trySync()
	}
	if n := len(s.tree()) - 1; n != 3 {
		t.Errorf("%d files have room: %q", n, brief(s.tree()))
	}
	s.SetQuota(0)
	for range 2 {
		c.sync()
	}
	want["d/"] = ""
	c.same("server", s.tree(), want)
}

// TestJoin: only new small files of one folder are joined, and everything that is joined is named once.
func TestJoin(t *testing.T) {
	w := &Worker{}
	rapid.Check(t, func(t *rapid.T) {
		w.cloud.bulk.Store(rapid.Bool().Draw(t, "bulk"))
		var joined journal.Op
		var rows []int64
		total := int64(0)
		for i := range rapid.IntRange(2, 40).Draw(t, "ops") {
			p := files.PutOp{
				Path: rapid.SampledFrom([]string{"a/", "b/", ""}).Draw(t, "folder") + fmt.Sprint(i), ETag: rapid.SampledFrom([]string{"", "", "", `"1"`}).Draw(t, "tag"),
				Size: rapid.SampledFrom([]int64{0, 10, bulkFile / 2, bulkFile, bulkFile + 1}).Draw(t, "size"),
			}
			raw, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			op := journal.Op{ID: int64(i + 1), Kind: journal.FilePut, Payload: raw, Target: p.Path, Targets: []journal.Target{{Table: "files", ID: int64(100 + i)}}}
			if i == 0 {
				joined, rows, total = op, []int64{100}, p.Size
				continue
			}
			next, ok := w.Join(joined, op)
			var first bulkOp
			if err := json.Unmarshal(joined.Payload, &first); err != nil {
				t.Fatal(err)
			}
			may := w.cloud.bulk.Load() && first.ETag == "" && p.ETag == "" && first.Size <= bulkFile && p.Size <= bulkFile &&
				files.Parent(first.Path) == files.Parent(p.Path) && total+p.Size <= bulkTotal
			if ok != may {
				t.Fatalf("joined %v, may %v: %+v and %+v", ok, may, first, p)
			}
			if ok {
				joined, rows, total = next, append(rows, int64(100+i)), total+p.Size
			}
		}
		if got := together(joined); len(rows) > 1 && !slices.Equal(got, rows) || len(rows) == 1 && got != nil {
			t.Fatalf("%v, want %v", got, rows)
		}
	})
}
