// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/mimemsg"
)

func mbox(t *testing.T, raws ...[]byte) []byte {
	t.Helper()
	var box bytes.Buffer
	w := bufio.NewWriter(&box)
	for i, raw := range raws {
		if err := mimemsg.WriteMbox(w, bytes.NewReader(raw), "a@b.de", monday.Add(time.Duration(i)*time.Hour), ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return box.Bytes()
}

func letters(t *testing.T, n int) [][]byte {
	t.Helper()
	var raws [][]byte
	for i := range n {
		raws = append(raws, letter(t, fmt.Sprintf("Brief %03d", i), "Text\nFrom me\n>From you\n", "anna@amt.example"))
	}
	return raws
}

func TestImportAndExport(t *testing.T) {
	ctx := context.Background()
	b := newWritingBox(t)
	want := letters(t, 120)
	file := mbox(t, want...)
	n, err := b.Import(ctx, b.inbox, bytes.NewReader(file), true)
	if err != nil || n != 120 {
		t.Fatalf("%d %v", n, err)
	}
	if _, err := b.journal().Undo(ctx); err != nil || b.shown(t, mail.RoleInbox) != "" || b.waiting(t) != "" {
		t.Fatalf("taken back: %q, waiting %q, %v", b.shown(t, mail.RoleInbox), b.waiting(t), err)
	}
	if n, err = b.Import(ctx, b.inbox, bytes.NewReader(file), true); err != nil || n != 120 {
		t.Fatalf("%d %v", n, err)
	}
	var out bytes.Buffer
	if n, err := b.Export(ctx, b.inbox, &out); err != nil || n != 120 {
		t.Fatalf("%d %v", n, err)
	}
	i := 0
	err = mimemsg.EachMbox(&out, t.TempDir(), func(m mimemsg.MboxMessage) error {
		raw, _, _, _ := mimemsg.TakeState(m.Raw)
		received := m.Received
		if i < len(want) && (!bytes.Equal(mimemsg.CRLF(raw), want[i]) || !received.Equal(monday.Add(time.Duration(i)*time.Hour))) {
			t.Errorf("message %d changed on the way, or its date %v", i, received)
		}
		i++
		return nil
	})
	if err != nil || i != 120 {
		t.Fatalf("%d %v", i, err)
	}
	if n, err := b.Import(ctx, b.inbox, strings.NewReader("Subject: einzeln\n\nx"), false); err != nil || n != 1 {
		t.Errorf("%d %v", n, err)
	}
	if _, err := b.Import(ctx, b.inbox, strings.NewReader("kein mbox"), true); !errors.Is(err, mimemsg.ErrMbox) {
		t.Errorf("no mbox: %v", err)
	}
	if _, err := b.Import(ctx, 999, strings.NewReader("x"), false); err == nil {
		t.Error("imported into nothing")
	}
	b.write(t, func(tx *storage.Tx) error {
		_, err := tx.AddMail(ctx, []storage.NewMail{{AccountID: b.account, FolderID: b.inbox, UID: 9999, Subject: "nur Kopf", Received: monday}})
		return err
	})
	if n, err := b.Export(ctx, b.inbox, &out); !errors.Is(err, ErrNoBody) || n != 121 {
		t.Errorf("%d %v", n, err)
	}
}

// An import that was cut off is repeated: what is there stays once, what the file has twice comes twice.
func TestImportTwiceAddsNothing(t *testing.T) {
	ctx := context.Background()
	b := newWritingBox(t)
	raws := letters(t, 130)
	nameless := []byte("Subject: ohne Kennung\r\n\r\nText\r\n")
	raws = append(raws, raws[7], nameless, nameless, nameless)
	file := mbox(t, raws...)
	stopped, cancel := context.WithCancel(ctx)
	cut := &cutReader{r: bytes.NewReader(file), left: len(file) / 2, cut: cancel}
	first, err := b.ImportNew(stopped, b.inbox, cut, true)
	if err == nil || first.Added == 0 || first.Added >= len(raws) {
		t.Fatalf("the first part: %+v, %v", first, err)
	}
	second, err := b.ImportNew(ctx, b.inbox, bytes.NewReader(file), true)
	if err != nil || second.Known != first.Added || second.Added+second.Known != len(raws) {
		t.Errorf("the rest: %+v after %+v, %v", second, first, err)
	}
	third, err := b.ImportNew(ctx, b.inbox, bytes.NewReader(file), true)
	if err != nil || third.Added != 0 || third.Known != len(raws) {
		t.Errorf("once more: %+v, %v", third, err)
	}
	changed := bytes.Replace(raws[3], []byte("Text"), []byte("Next"), 1) // the same Message-ID and size, another text
	if n, err := b.ImportNew(ctx, b.inbox, bytes.NewReader(changed), false); err != nil || n.Added != 1 {
		t.Errorf("another text under the same Message-ID: %+v, %v", n, err)
	}
}

// cutReader calls cut once some octets were read.
type cutReader struct {
	r    io.Reader
	left int
	cut  func()
}

func (c *cutReader) Read(b []byte) (int, error) {
	if c.left <= 0 {
		c.cut()
	}
	n, err := c.r.Read(b[:min(len(b), 2000)])
	c.left -= n
	return n, err
}

// What other programs write into an mbox about flags is understood.
func TestImportReadsLocalState(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		header   string
		flags    mail.Flags
		keywords string
		n        int
	}{
		{"", mail.Seen, "", 1},
		{"Status: O\n", 0, "", 1},
		{"Status: RO\nX-Status: AF\nX-Keywords: eilig, $Forwarded\n", mail.Seen | mail.Answered | mail.Flagged | mail.Forwarded, "eilig", 1},
		{"X-Mozilla-Status: 0001\nX-Mozilla-Keys: $label1 work\n", mail.Seen, "$label1 work", 1},
		{"X-Mozilla-Status: 1006\n", mail.Answered | mail.Flagged | mail.Forwarded, "", 1},
		{"X-Mozilla-Status: 0009\n", 0, "", 0}, // deleted, not yet compacted
		{"X-Mozilla-Status: nonsense\n", mail.Seen, "", 1},
	} {
		b := newWritingBox(t)
		n, err := b.Import(ctx, b.inbox, strings.NewReader("From - Thu Dec 15 14:45:17 2022\nSubject: x\n"+c.header+"\nText\n"), true)
		if err != nil || n != c.n {
			t.Errorf("%q: %d, %v", c.header, n, err)
		}
		list, err := b.List(ctx, mail.Query{FolderID: b.inbox}, 0, 10)
		if err != nil || len(list) != c.n {
			t.Errorf("%q: %d shown, %v", c.header, len(list), err)
		}
		for _, s := range list {
			if s.Flags != c.flags || strings.Join(s.Keywords, " ") != c.keywords || !s.Date.Equal(time.Date(2022, 12, 15, 14, 45, 17, 0, time.UTC)) {
				t.Errorf("%q: %b %q %v", c.header, s.Flags, s.Keywords, s.Date)
			}
		}
	}
}

// write puts files into a directory, their paths with slashes.
func writeFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "/") {
			if err := os.MkdirAll(path, 0o700); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// tree lists what the folders of an account show: "folder: subject flags keywords".
func (b *mailBox) tree(t *testing.T) string {
	t.Helper()
	ctx := context.Background()
	folders, err := b.db.Folders(ctx, b.account)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, f := range folders {
		list, err := b.List(ctx, mail.Query{FolderID: f.ID}, 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range list {
			lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s: %s %b %s", f.Name, s.Subject, s.Flags, strings.Join(s.Keywords, " "))))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func TestImportTree(t *testing.T) {
	ctx := context.Background()
	const message = "Subject: %s\n\nText\n"
	msg := func(subject string) string { return fmt.Sprintf(message, subject) }
	box := func(subject string) string { return "From - Thu Dec 15 14:45:17 2022\n" + msg(subject) + "\n" }
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"Maildir++", map[string]string{
			"cur/1.a:2,FS": msg("a"), "new/2.b": msg("b"), "tmp/3.c": msg("unfertig"), "dovecot-keywords": "0 eilig\n1 $MDNSent\n", "cur/4.d:2,Sab": msg("d"),
			".Archiv.Ge&APw-n/cur/5.e,S=9;2,R": msg("e"), ".Archiv.Ge&APw-n/new/": "", ".Archiv.Ge&APw-n/tmp/": "", "dovecot.index": "x", "cur/.hidden": "x",
		}, "INBOX/Archiv/Geün: e 10\nINBOX: a 101\nINBOX: b 0\nINBOX: d 1000001 eilig"},
		{"directories in directories", map[string]string{"Alt/cur/1!2,S": msg("a"), "Alt/2025/cur/2": msg("b"), "leer/": ""}, "INBOX/Alt/2025: b 0\nINBOX/Alt: a 1"},
		{"Thunderbird", map[string]string{
			"Inbox": box("a") + box("b"), "Inbox.msf": "<!-- mork -->", "Archives.sbd/2025": box("c"), "Archives": "", "msgFilterRules.dat": "version=\"9\"", "Apple.mbox/mbox": box("d"),
		}, "INBOX/Apple: d 1\nINBOX/Archives/2025: c 1\nINBOX/Inbox: a 1\nINBOX/Inbox: b 1"},
		{
			"single messages",
			map[string]string{"a.eml": msg("a"), "Projekt/B.EML": msg("b"), "Projekt/notiz.txt": "nichts", "old.mbx": box("c")},
			"INBOX/Projekt: b 1\nINBOX/old: c 1\nINBOX: a 1",
		},
		{"names that no server takes", map[string]string{"100%/1.eml": msg("a"), "*/1.eml": msg("b")}, "INBOX/100_: a 1\nINBOX/_: b 1"},
	} {
		dir := t.TempDir()
		b := newWritingBox(t)
		writeFiles(t, dir, c.files)
		first, err := b.ImportTree(ctx, b.inbox, dir)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := b.tree(t); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
		again, err := b.ImportTree(ctx, b.inbox, dir)
		if err != nil || again.Added != 0 || again.Known != first.Added {
			t.Errorf("%s once more: %+v after %+v, %v", c.name, again, first, err)
		}
	}
	b := newWritingBox(t)
	if _, err := b.ImportTree(ctx, b.inbox, t.TempDir()); !errors.Is(err, ErrNothingToImport) {
		t.Errorf("an empty directory: %v", err)
	}
	if _, err := b.ImportTree(ctx, b.inbox, filepath.Join(t.TempDir(), "nowhere")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no directory: %v", err)
	}
}

// oddMails are messages whose octets are easily changed on the way.
func oddMails(t *testing.T) [][]byte {
	t.Helper()
	return [][]byte{
		letter(t, "Umlaut äöü", "From me\n.\n..\n>From you\n", "anna@amt.example"),
		[]byte("Subject: bare line feeds\n\nText\n"),
		[]byte("Subject: no end of line\r\n\r\nText"),
		[]byte("Subject: mixed\r\n\r\na\nb\r\nc\rd\r\n\r\n\r\n"),
		[]byte("Subject: raw octets\r\n\r\n\x00\xff\xfe\x80 From x\r\n"),
		[]byte("Subject: only a header\r\n"),
		[]byte("\r\n"),
		bytes.Repeat([]byte("X: "+strings.Repeat("long ", 300)+"\r\n"), 40),
		append([]byte("Subject: large\r\n\r\n"), bytes.Repeat([]byte("0123456789abcdef\r\n"), storage.PieceSize/18+1000)...),
	}
}

// stateOf is what must survive a way round, message by message: octets, flags, keywords, date.
func (b *mailBox) stateOf(t *testing.T, folder int64) []string {
	t.Helper()
	ctx := context.Background()
	var out []string
	_, err := b.eachStored(ctx, folder, func(s mail.Summary, r io.Reader) error {
		sum := sha256.New()
		if _, err := io.Copy(sum, r); err != nil {
			return err
		}
		out = append(out, fmt.Sprintf("%x %b %q %d %d", sum.Sum(nil)[:8], s.Flags, s.Keywords, s.Date.UnixMilli(), s.Size))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

// receiveOdd fills the inbox with oddMails, each with other flags and keywords.
func (b *mailBox) receiveOdd(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	ids := b.receive(t, b.inbox, 1, monday.Add(123*time.Millisecond), oddMails(t)...)
	for i, id := range ids {
		words := []string{"eilig", "$label" + fmt.Sprint(i)}
		if err := errors.Join(b.Mark(ctx, []int64{id}, mail.Flags(1<<i)&^mail.Deleted, 0), b.Keywords(ctx, []int64{id}, words[:i%3], nil)); err != nil {
			t.Fatal(err)
		}
	}
}

// largeLetter is a message that is kept in pieces, with lines that an mbox quotes.
func largeLetter(t *testing.T, size int) []byte {
	t.Helper()
	lines := []byte("Noch eine Zeile.\r\nFrom hier an geht es weiter.\r\n>From dort auch.\r\n\r\n")
	return append(letter(t, "Groß", "x"), bytes.Repeat(lines, size/len(lines)+1)...)
}

// A large message is imported octet for octet with what its file says of it, whether that can be read twice or only once.
func TestImportOfALargeMessage(t *testing.T) {
	ctx := context.Background()
	raw := largeLetter(t, 2*storage.PieceSize)
	mutt := append([]byte("Status: RO\r\nX-Status: F\r\nX-Keywords: eilig\r\n"), raw...)
	state := mimemsg.StateHeader(mail.Answered|mail.Flagged, []string{"eilig"})
	box := mbox(t, letter(t, "davor", "x"), raw, letter(t, "danach", "x"))
	crlf := bytes.ReplaceAll(box, []byte("\n"), []byte("\r\n"))
	for name, c := range map[string]struct {
		file  []byte
		box   bool
		want  []byte
		flags mail.Flags
		words string
	}{
		"without a word":    {raw, false, raw, mail.Seen, ""},
		"bare line feeds":   {bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), false, raw, mail.Seen, ""},
		"the words of mutt": {mutt, false, mutt, mail.Seen | mail.Flagged, "eilig"},
		"our own":           {append([]byte(state), raw...), false, raw, mail.Answered | mail.Flagged, "eilig"},
		"mbox":              {box, true, raw, mail.Seen, ""},
		"mbox with CRLF":    {crlf, true, raw, mail.Seen, ""},
		"mbox, our own":     {mboxWith(t, state, raw), true, raw, mail.Answered | mail.Flagged, "eilig"},
	} {
		file := filepath.Join(t.TempDir(), "x")
		writeFiles(t, filepath.Dir(file), map[string]string{"x": string(c.file)})
		for way, open := range waysToRead(t, file) {
			b := newWritingBox(t)
			r := open()
			if n, err := b.Import(ctx, b.inbox, r, c.box); err != nil || n != 1+2*strings.Count(name, "CRLF")+2*strings.Count(name+"$", "mbox$") {
				t.Fatalf("%s, %s: %d, %v", name, way, n, err)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
			list, err := b.List(ctx, mail.Query{FolderID: b.inbox}, 0, 9)
			list = slices.DeleteFunc(list, func(s mail.Summary) bool { return s.Subject != "Groß" })
			if err != nil || len(list) != 1 || list[0].Flags != c.flags || strings.Join(list[0].Keywords, " ") != c.words {
				t.Fatalf("%s, %s: %+v, %v", name, way, list, err)
			}
			if got, err := b.Raw(ctx, list[0].ID); err != nil || !bytes.Equal(got, c.want) {
				t.Errorf("%s, %s: %d octets of %d, %v", name, way, len(got), len(c.want), err)
			}
			if left, err := filepath.Glob(filepath.Join(filepath.Dir(b.db.Path()), "kontor-spool*")); err != nil || len(left) > 0 {
				t.Errorf("%s, %s: %v is left, %v", name, way, left, err)
			}
		}
	}
}

// mboxWith is an mbox of one message, with a state in front of it.
func mboxWith(t *testing.T, state string, raw []byte) []byte {
	t.Helper()
	var box bytes.Buffer
	w := bufio.NewWriter(&box)
	if err := errors.Join(mimemsg.WriteMbox(w, bytes.NewReader(raw), "a@b.de", monday, state), w.Flush()); err != nil {
		t.Fatal(err)
	}
	return box.Bytes()
}

// waysToRead are what a person can give to be imported: a file, a pipe between two programs, which is a file as well by
// its type, and a stream.
func waysToRead(t *testing.T, path string) map[string]func() io.ReadCloser {
	open := func() io.ReadCloser {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	return map[string]func() io.ReadCloser{
		"file":   open,
		"stream": func() io.ReadCloser { return struct{ io.ReadCloser }{open()} },
		"pipe": func() io.ReadCloser {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			go func() {
				f := open()
				_, _ = io.Copy(w, f)
				_, _ = f.Close(), w.Close()
			}()
			return r
		},
	}
}

// However large a message in an mbox is, little of it is held.
func TestLargeMessagesOfAnMboxAreNotHeld(t *testing.T) {
	ctx := context.Background()
	const size = 12 * storage.PieceSize
	path := filepath.Join(t.TempDir(), "box")
	if err := os.WriteFile(path, mboxWith(t, "", largeLetter(t, size)), 0o600); err != nil {
		t.Fatal(err)
	}
	b := newWritingBox(t)
	if _, err := b.Import(ctx, b.inbox, bytes.NewReader(mbox(t, letter(t, "davor", "x"))), true); err != nil {
		t.Fatal(err)
	}
	r := waysToRead(t, path)["stream"]()
	defer r.Close()
	done, peak := make(chan struct{}), make(chan uint64)
	before := liveHeap()
	go func() {
		most := uint64(0)
		for {
			select {
			case <-done:
				peak <- most
				return
			default:
				most = max(most, liveHeap())
			}
		}
	}()
	n, err := b.Import(ctx, b.inbox, r, true)
	close(done)
	if held := int64(<-peak) - int64(before); err != nil || n != 1 || held > size/2 {
		t.Errorf("%d MB of a message of %d MB were held, %d, %v", held>>20, size>>20, n, err)
	} else {
		t.Logf("%d MB of %d MB", held>>20, size>>20)
	}
}

// liveHeap is what is in use of the heap, without what nobody needs any more.
func liveHeap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// An mbox brings back flags, keywords and dates, too, and says them in the words that other programs know.
func TestMboxRoundTripWithStates(t *testing.T) {
	ctx := context.Background()
	from, to := newWritingBox(t), newWritingBox(t)
	ids := from.receive(t, from.inbox, 1, monday, letters(t, 9)...)
	words := []string{"eilig", "az-1,2", "$label1"}
	for i, id := range ids {
		if err := errors.Join(from.Mark(ctx, []int64{id}, mail.Flags(1<<i)&^mail.Deleted, 0), from.Keywords(ctx, []int64{id}, words[:i%4], nil)); err != nil {
			t.Fatal(err)
		}
	}
	var file bytes.Buffer
	if n, err := from.Export(ctx, from.inbox, &file); err != nil || n != len(ids) {
		t.Fatalf("%d, %v", n, err)
	}
	text := file.String()
	if !strings.Contains(text, "\nStatus: RO\n") || !strings.Contains(text, "\nX-Status: F\n") || !strings.Contains(text, "\nX-Keywords: az-1,2 eilig") {
		t.Errorf("not in the words of others: %.600s", text)
	}
	if n, err := to.Import(ctx, to.inbox, strings.NewReader(text), true); err != nil || n != len(ids) {
		t.Fatalf("%d, %v", n, err)
	}
	if got, want := to.stateOf(t, to.inbox), from.stateOf(t, from.inbox); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if n, err := to.ImportNew(ctx, to.inbox, strings.NewReader(text), true); err != nil || n.Added != 0 {
		t.Errorf("once more: %+v, %v", n, err)
	}
}

func TestMaildirRoundTrip(t *testing.T) {
	ctx := context.Background()
	from, to := newWritingBox(t), newWritingBox(t)
	from.receiveOdd(t)
	dir := filepath.Join(t.TempDir(), "Ablage")
	if n, err := from.ExportMaildir(ctx, from.inbox, dir); err != nil || n != len(oddMails(t)) {
		t.Fatalf("%d, %v", n, err)
	}
	n, err := to.ImportTree(ctx, to.inbox, dir)
	if err != nil || n.Added != len(oddMails(t)) {
		t.Fatalf("%+v, %v", n, err)
	}
	if got, want := to.stateOf(t, to.inbox), from.stateOf(t, from.inbox); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	// The names alone tell other programs the flags: without the index, only what no letter stands for is lost.
	if err := os.Remove(filepath.Join(dir, indexFile)); err != nil {
		t.Fatal(err)
	}
	other := newWritingBox(t)
	if _, err := other.ImportTree(ctx, other.inbox, dir); err != nil {
		t.Fatal(err)
	}
	if got, want := len(strings.Split(other.tree(t), "\n")), len(oddMails(t)); got != want {
		t.Errorf("%d of %d", got, want)
	}
	list, err := other.List(ctx, mail.Query{FolderID: other.inbox, Flagged: true}, 0, 9)
	if err != nil || len(list) != 1 || strings.Join(list[0].Keywords, " ") != "$label2 eilig" {
		t.Errorf("%+v, %v", list, err)
	}
}
