// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"bufio"
	"bytes"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/reconcile"
	"kontor/sync/transport"
)

func TestFolderNames(t *testing.T) {
	for name, raw := range map[string]string{
		"INBOX":             "INBOX",
		"Entwürfe":          "Entw&APw-rfe",
		"R&D":               "R&-D",
		"Bürger & Straße":   "B&APw-rger &- Stra&AN8-e",
		"台北/日本語":            "&U,BTFw-/&ZeVnLIqe-",
		"Gelöschte Objekte": "Gel&APY-schte Objekte",
		"Smiley 😀":          "Smiley &2D3eAA-",
	} {
		if got := encodeName(name); got != raw {
			t.Errorf("encode %q: %q, want %q", name, got, raw)
		}
		if got, exact := decodeName(raw); got != name || !exact {
			t.Errorf("decode %q: %q %v", raw, got, exact)
		}
	}
	for _, raw := range []string{"Entwürfe", "a&b", "&ZZZ!-", "&AGE-", "\xff\xfe"} {
		if _, exact := decodeName(raw); exact {
			t.Errorf("%q is no modified UTF-7", raw)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		if got, exact := decodeName(encodeName(name)); got != name || !exact {
			t.Fatalf("%q becomes %q", name, got)
		}
	})
}

func TestUIDSets(t *testing.T) {
	if got := uidSets([]uint32{1, 2, 3, 7, 9, 10}); !slices.Equal(got, []string{"1:3,7,9:10"}) {
		t.Errorf("%q", got)
	}
	if uidSets(nil) != nil {
		t.Error("a set of nothing")
	}
	rapid.Check(t, func(t *rapid.T) {
		uids := reconcile.Ascending(rapid.SliceOf(rapid.Uint32Range(1, 5000)).Draw(t, "uids"))
		var back []uint32
		for _, set := range uidSets(uids) {
			if len(set) > maxSet+30 {
				t.Fatalf("a set of %d octets", len(set))
			}
			part, err := parseSet(set)
			if err != nil {
				t.Fatal(err)
			}
			back = append(back, part...)
		}
		if !slices.Equal(back, uids) {
			t.Fatalf("%v becomes %v", uids, back)
		}
	})
	if got, err := parseSet("5:3,9"); err != nil || !slices.Equal(got, []uint32{3, 4, 5, 9}) {
		t.Errorf("%v %v", got, err)
	}
	for _, set := range []string{"", "x", "1:", "1:*", "1,,2", "99999999999", "1:4294967295"} {
		if _, err := parseSet(set); err == nil {
			t.Errorf("%q was read", set)
		}
	}
}

// Whatever comes over the wire, the reader neither panics nor loses the response that follows.
func FuzzReader(f *testing.F) {
	f.Add([]byte("* 1 FETCH (UID 1 FLAGS (\\Seen) BODY[] {3}\r\nabc)\r\n"))
	f.Add([]byte("* LIST (\\HasNoChildren) \"/\" \"a\\\"b\"\r\n* STATUS x (MESSAGES 1)\r\n"))
	f.Add([]byte("* NAMESPACE ((\"\" \"/\")) NIL ((\"#x/\" NIL))\r\n* MYRIGHTS x lr\r\n* ACL x a lr b\r\n* QUOTA \"\" (STORAGE 1 2)\r\n"))
	f.Add([]byte("* ESEARCH (TAG \"a\") UID ALL 1:3,5\r\n* VANISHED (EARLIER) 1:3\r\n"))
	f.Add([]byte("* OK [PERMANENTFLAGS (\\Seen a]b)] x\r\n* BYE\r\n+ \r\nK9 NO [X y] z\r\n"))
	f.Fuzz(func(t *testing.T, octets []byte) {
		octets = slices.DeleteFunc(octets, func(c byte) bool { return c == '{' }) // what follows a literal is not a response
		a, b := net.Pipe()
		defer a.Close() //nolint:errcheck // a test's connection
		defer b.Close() //nolint:errcheck // a test's connection
		c := &client{log: slog.New(slog.DiscardHandler), odd: &atomic.Int64{}, conn: a, tcp: &transport.Conn{Conn: a}}
		c.raw = io.MultiReader(bytes.NewReader(octets), strings.NewReader("\r\n* 77 EXISTS\r\n"))
		c.br = bufio.NewReader(c.raw)
		c.bw = bufio.NewWriter(io.Discard)
		c.on = handlers{
			fetch: func(fetched) {}, tooBig: func(uint32) {}, search: func([]uint32) {}, list: func(listed) {},
			status: func(statusItem) {}, vanished: func([]uint32) {}, namespace: func([]mail.Namespace) {},
			quota: func([]mail.Quota) {}, rights: func(string, string) {}, grants: func([]mail.Grant) {},
		}
		for {
			if err := c.next(); err != nil {
				break
			}
		}
		if c.bye == "" && c.box.exists != 77 {
			t.Errorf("the response after %q was lost", octets)
		}
	})
}

func TestPlanFolders(t *testing.T) {
	local := func(id int64, name, remote string, role mail.Role, validity uint32) storage.MailFolder {
		return storage.MailFolder{
			Folder: mail.Folder{ID: id, AccountID: 1, Name: name, Delim: "/", Role: role, Selectable: true}, RemoteName: remote, UIDValidity: validity, UIDNext: 5,
		}
	}
	box := func(name string, validity uint32) remoteBox {
		return remoteBox{name: name, raw: name, delim: "/", selectable: true, status: &statusItem{uidValidity: validity, uidNext: 9}}
	}
	have := []storage.MailFolder{
		local(1, "INBOX", "INBOX", mail.RoleInbox, 1),
		local(2, "Alt", "Alt", mail.RoleNone, 2),
		local(3, "Weg", "Weg", mail.RoleNone, 3),
		local(4, "Umbenannt", "Vorher", mail.RoleNone, 4), // a rename waits
		local(5, "Outbox", "", mail.RoleOutbox, 0),
		local(6, "Drafts", "", mail.RoleDrafts, 0), // so far only here
		local(7, "Bleibt", "Bleibt", mail.RoleNone, 7),
	}
	boxes := []remoteBox{box("INBOX", 1), box("Neu", 2), box("Vorher", 4), box("Entwürfe", 6), box("Fremd", 8)}
	plan := planFolders(1, have, boxes, map[int64]bool{4: true, 7: true}, nil)
	var got []string
	for _, f := range plan.save {
		got = append(got, string(rune('0'+f.ID))+" "+f.Name+" "+f.RemoteName+" "+string(f.Role))
	}
	want := []string{"1 INBOX INBOX inbox", "2 Neu Neu ", "4 Umbenannt Vorher ", "6 Entwürfe Entwürfe drafts", "0 Fremd Fremd "}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if !slices.Equal(plan.remove, []int64{3}) {
		t.Errorf("removes %v: only what is gone and not waited for", plan.remove)
	}
}

func TestPlanBodies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SampledFrom([]int64{0, 10, 30_000, jobBytes - 1, jobBytes + 1, storage.PieceSize, storage.PieceSize + 1, 1 << 40})
		n := rapid.IntRange(0, 700).Draw(t, "n")
		list := make([]storage.Bodyless, n)
		for i := range list {
			list[i] = storage.Bodyless{ID: int64(n - i), UID: uint32(n - i), FolderID: rapid.Int64Range(1, 3).Draw(t, "folder"), Size: sizes.Draw(t, "size")}
		}
		seen := map[int64]bool{}
		for i, job := range planBodies(list) {
			total := int64(0)
			for j, b := range job.mails {
				if b.FolderID != job.folder || seen[b.ID] || j > 0 && job.mails[j-1].UID >= b.UID {
					t.Fatal("a job is not of one folder, or not ascending, or fetches twice")
				}
				seen[b.ID] = true
				total += b.Size
			}
			if len(job.mails) == 0 || len(job.mails) > jobMails || len(job.mails) > 1 && total > jobBytes {
				t.Fatalf("job %d: %d messages, %d octets", i, len(job.mails), total)
			}
			if i == 0 && job.folder != list[0].FolderID {
				t.Fatal("the newest message does not come first")
			}
		}
		if len(seen) != n {
			t.Fatalf("%d of %d messages planned", len(seen), n)
		}
	})
}

// TestCorpus puts odd mails from real life onto a server and fetches them.
func TestCorpus(t *testing.T) {
	dir := os.Getenv("KONTOR_CORPUS")
	if dir == "" {
		t.Skip("KONTOR_CORPUS is not set")
	}
	l := newLab(t)
	var want [][]byte
	err := filepath.WalkDir(filepath.Join(dir, "mime"), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".eml") || len(want) >= 400 {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil || len(raw) == 0 || bytes.IndexByte(raw, 0) >= 0 { // NUL cannot be appended (RFC 9051, section 4.3.1)
			return err
		}
		raw = bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
		if _, _, err := l.elsewhere().appendMail("INBOX", nil, epochDay(len(want)), bytes.NewReader(raw), int64(len(raw))); err != nil {
			t.Logf("the server does not take %s: %v", path, err)
			return nil
		}
		want = append(want, raw)
		return nil
	})
	if err != nil || len(want) < 50 {
		t.Fatalf("%d mails: %v", len(want), err)
	}
	l.pull()
	list := l.list("INBOX")
	if len(list) != len(want) || l.w.odd.Load() != 0 {
		t.Fatalf("%d of %d messages, %d odd responses", len(list), len(want), l.w.odd.Load())
	}
	for i, m := range list {
		raw, err := l.db.Body(l.ctx, m.ID)
		if err != nil || !bytes.Equal(raw, want[len(want)-1-i]) {
			t.Errorf("message %d differs: %v", i, err)
		}
	}
}
