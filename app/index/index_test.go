// SPDX-License-Identifier: EUPL-1.2

package index

import (
	"bytes"
	"context"
	"database/sql" //nolint:depguard // to damage a store takes a way around it
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/app/mail"
	"kontor/storage"
)

// office is a store with one account and folder.
type office struct {
	t       testing.TB
	db      *storage.DB
	path    string
	account int64
	folder  int64
	n       int
}

func newOffice(t testing.TB) *office {
	t.Helper()
	ctx := context.Background()
	o := &office{t: t}
	o.open(filepath.Join(t.TempDir(), "kontor.db"))
	t.Cleanup(func() {
		if err := o.db.Check(ctx); err != nil {
			t.Error(err)
		}
		if err := o.db.Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

// open makes the store with its account and folder.
func (o *office) open(path string) {
	o.t.Helper()
	ctx := context.Background()
	o.path = path
	var err error
	if o.db, err = storage.Open(ctx, o.path); err != nil {
		o.t.Fatal(err)
	}
	o.write(func(tx *storage.Tx) error {
		if o.account, err = tx.AddAccount(ctx, storage.Account{Name: "Amt"}); err != nil {
			return err
		}
		o.folder, err = tx.AddFolder(ctx, storage.MailFolder{Folder: mail.Folder{AccountID: o.account, Name: "INBOX", Role: mail.RoleInbox, Selectable: true}})
		return err
	})
}

func (o *office) write(fn func(*storage.Tx) error) {
	o.t.Helper()
	if err := o.db.Write(context.Background(), fn); err != nil {
		o.t.Fatal(err)
	}
}

// arrive stores messages as a synchronisation does.
func (o *office) arrive(raws ...[]byte) []int64 {
	o.t.Helper()
	ctx := context.Background()
	spooled, err := o.db.Spool(raws...)
	if err != nil {
		o.t.Fatal(err)
	}
	var ids []int64
	o.write(func(tx *storage.Tx) error {
		batch := make([]storage.NewMail, len(raws))
		for i, raw := range raws {
			o.n++
			batch[i] = storage.NewMail{
				AccountID: o.account, FolderID: o.folder, UID: uint32(o.n), Subject: fmt.Sprint("Vorgang ", o.n), Size: int64(len(raw)),
				Received: time.Date(2026, 3, 2, 8, o.n, 0, 0, time.UTC),
			}
		}
		if ids, err = tx.AddMail(ctx, batch); err != nil {
			return err
		}
		bodies := make([]storage.SpooledBody, len(ids))
		for i, id := range ids {
			bodies[i] = storage.SpooledBody{ID: id, Spooled: spooled[i]}
		}
		return tx.AddSpooled(ctx, bodies)
	})
	return ids
}

func (o *office) find(words string) []int64 {
	o.t.Helper()
	ids, err := o.db.FindMail(context.Background(), storage.MailSearch{Texts: words, Limit: 100})
	if err != nil {
		o.t.Fatal(err)
	}
	return ids
}

func (o *office) index(x *Indexer) int {
	o.t.Helper()
	n, err := x.Index(context.Background())
	if err != nil {
		o.t.Fatal(err)
	}
	return n
}

func letter(text string) []byte {
	return []byte("Content-Type: text/plain; charset=utf-8\r\n\r\n" + text + "\r\n")
}

const parcel = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Anbei der <b>Bescheid</b></p>\r\n" +
	"--b\r\nContent-Type: application/pdf; name=\"Bescheid Müller.pdf\"\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\nSGFsbG8=\r\n" +
	"--b\r\nContent-Type: image/png\r\nContent-ID: <logo@amt>\r\nContent-Disposition: inline; filename=\"logo.png\"\r\n\r\nPNG\r\n--b--\r\n"

func TestWhatArrivedIsPackedListedAndFound(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t)
	raws := [][]byte{letter("Der Haushalt ist beschlossen"), []byte(parcel), letter("")}
	raws = append(raws, []byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSiehe unten\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"+
		"Subject: Beschwerde\r\nFrom: zeuge@amt.example\r\n\r\nAbwasser riecht\r\n--b--\r\n"))
	ids := o.arrive(raws...)
	if known, err := o.db.Digested(ctx, ids[1]); known || err != nil {
		t.Error("digested before it was read", err)
	}
	if n := o.index(New(o.db)); n != 4 {
		t.Errorf("%d rows indexed", n)
	}
	for i, id := range ids {
		got, err := o.db.Body(ctx, id)
		if err != nil || !bytes.Equal(got, raws[i]) {
			t.Errorf("message %d: %q %v", i, got, err)
		}
		if s, err := o.db.StoredBody(ctx, id); err != nil || s.Spooled() {
			t.Errorf("message %d is not packed: %v", i, err)
		}
	}
	parts, err := o.db.MailParts(ctx, ids)
	want := []mail.Attachment{
		{Index: 0, Name: "Bescheid Müller.pdf", MIMEType: "application/pdf", Size: 5},
		{Index: 1, Name: "logo.png", MIMEType: "image/png", Size: 3, Inline: true, CID: "logo@amt"},
	}
	if err != nil || len(parts) != 2 || !slices.Equal(parts[ids[1]], want) {
		t.Errorf("%+v %v", parts, err)
	}
	list, err := o.db.MailSummaries(ctx, ids)
	if err != nil || list[0].Snippet != "Der Haushalt ist beschlossen" || list[0].HasAttachment || !list[1].HasAttachment {
		t.Errorf("%+v %v", list, err)
	}
	if known, err := o.db.Digested(ctx, ids[1]); !known || err != nil {
		t.Error("not digested", err)
	}
	for words, id := range map[string]int64{`"haushalt"`: ids[0], `"muller"`: ids[1], `"bescheid" AND "vorgang"`: ids[1], `"abwasser" AND "beschwerde"`: ids[3]} {
		if got := o.find(words); !slices.Equal(got, []int64{id}) {
			t.Errorf("%s: %v", words, got)
		}
	}
	o.write(func(tx *storage.Tx) error { // a draft is saved again, without its attachment
		raw := letter("Nun ohne")
		return tx.AddBody(ctx, storage.Body{ID: ids[1], Size: int64(len(raw)), Packed: storage.Pack(raw)})
	})
	o.index(New(o.db))
	if parts, err := o.db.MailParts(ctx, ids[:3]); err != nil || len(parts) != 0 {
		t.Errorf("%+v %v", parts, err)
	}
	if got := o.find(`"muller"`); len(got) != 0 {
		t.Errorf("finds what was written before: %v", got)
	}
}

// An interruption at any moment loses nothing: the queue is worked off later.
func TestIndexingIsInterrupted(t *testing.T) {
	o := newOffice(t)
	var raws [][]byte
	for i := range 600 {
		raws = append(raws, letter(fmt.Sprintf("gemeinsam nummer%d", i)))
	}
	o.arrive(raws...)
	x := New(o.db)
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := x.Index(gone); err == nil {
		t.Error("a context that ended is no error")
	}
	if err := x.CatchUp(context.Background(), time.Nanosecond); err != nil {
		t.Error(err)
	}
	left, err := o.db.IndexQueue(context.Background())
	if err != nil || left == 0 {
		t.Errorf("%d rows left, %v", left, err)
	}
	if done := o.index(x); done != left {
		t.Errorf("%d of %d rows", done, left)
	}
	if got := o.find(`"nummer577"`); len(got) != 1 {
		t.Error(got)
	}
}

// Octets that a crash of the machine destroyed are fetched again.
func TestLostOctetsAreFetchedAgain(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t)
	ids := o.arrive(letter("eins"), letter("zwei"))
	packs, err := filepath.Glob(filepath.Join(o.path+".packs", "*.pack"))
	if err != nil || len(packs) != 1 {
		t.Fatal(packs, err)
	}
	raw, err := os.ReadFile(packs[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(packs[0], bytes.Replace(raw, []byte("zwei"), []byte("\x00\x00\x00\x00"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	o.index(New(o.db))
	missing, err := o.db.BodylessMail(ctx, o.account, 0, 10)
	if err != nil || len(missing) != 1 || missing[0].ID != ids[1] {
		t.Errorf("%+v %v", missing, err)
	}
	if got, err := o.db.Body(ctx, ids[0]); err != nil || !bytes.Equal(got, letter("eins")) {
		t.Errorf("%q %v", got, err)
	}
}

func TestLargeMessageIsReadInPieces(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t)
	id := o.arrive(letter("klein"))[0]
	large := append(letter("Vorspann Wassergebühren"), bytes.Repeat([]byte("Zeile um Zeile\r\n"), 600_000)...)
	o.write(func(tx *storage.Tx) error {
		if err := tx.ForgetBody(ctx, id, int64(len(large))); err != nil {
			return err
		}
		for start := 0; start < len(large); start += storage.PieceSize {
			if err := tx.AddBodyPiece(ctx, id, int64(start), large[start:min(start+storage.PieceSize, len(large))]); err != nil {
				return err
			}
		}
		return tx.AddBody(ctx, storage.Body{ID: id, Size: int64(len(large))})
	})
	o.index(New(o.db))
	if got := o.find(`"wassergebuhren"`); !slices.Equal(got, []int64{id}) {
		t.Error(got)
	}
	if text, err := Text(ctx, o.db, id); err != nil || !strings.HasPrefix(text, "Vorspann Wassergebühren") || len(text) > maxIndexed+100 {
		t.Errorf("%d octets of text, %v", len(text), err)
	}
	if text, err := Text(ctx, o.db, 4711); text != "" || err != nil {
		t.Error(text, err)
	}
}

// What is missing in the index, or left over, is found and mended without anybody's doing.
func TestIndexMendsItself(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t)
	ids := o.arrive(letter("erster"), letter("zweiter"))
	x := New(o.db)
	o.index(x)
	if n, err := x.SelfCheck(ctx, 0); n != 0 || err != nil {
		t.Errorf("%d gaps in a sound index, %v", n, err)
	}
	o.write(func(tx *storage.Tx) error {
		_, err := tx.PutIndex(ctx, []storage.IndexDoc{
			{Job: storage.IndexJob{ID: ids[0], What: storage.IndexNames | storage.IndexText}, Gone: true},
			{Job: storage.IndexJob{ID: 12345, What: storage.IndexText}, HasText: true, Text: "verwaist"},
		})
		return err
	})
	if len(o.find(`"erster"`)) != 0 {
		t.Fatal("the index is sound")
	}
	if n, err := x.SelfCheck(ctx, checkAge); n != 0 || err != nil {
		t.Errorf("checked again although it was just done: %d %v", n, err)
	}
	if n, err := x.SelfCheck(ctx, 0); n < 2 || err != nil {
		t.Errorf("%d gaps, %v", n, err)
	}
	o.index(x)
	if got := o.find(`"erster"`); !slices.Equal(got, ids[:1]) {
		t.Errorf("%v", got)
	}
	if err := x.Rebuild(ctx); err != nil || len(o.find(`"zweiter"`)) != 1 {
		t.Error(err)
	}
}

// A damaged index is made anew without anybody's doing; a damaged store is not tried again and again.
func TestDamagedIndexIsMadeAnew(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct {
		damage string
		mends  bool
	}{
		"index": {`UPDATE search_texts_data SET block = x'00000000ffffffffff7f7f' WHERE id = 10`, true},
		"store": {`PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 2 WHERE name = 'bodies'`, false},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "kontor.db")
			o := &office{t: t, path: path}
			o.open(path)
			ids := o.arrive(letter("erster"), letter("zweiter"))
			x := New(o.db)
			o.index(x)
			raw, err := sql.Open("sqlite3", path)
			if err == nil {
				_, err = raw.ExecContext(ctx, c.damage)
			}
			if err := errors.Join(err, raw.Close()); err != nil {
				t.Fatal(err)
			}
			if err := o.db.Close(); err != nil { // what was read before is forgotten
				t.Fatal(err)
			}
			if o.db, err = storage.Open(ctx, path); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := o.db.Close(); err != nil {
					t.Error(err)
				}
			})
			o.write(func(tx *storage.Tx) error { return tx.MendIndex(ctx, ids, time.Now()) })
			_, err = New(o.db).Index(ctx)
			if (err == nil) != c.mends {
				t.Fatalf("%v", err)
			}
			if c.mends && !slices.Equal(o.find(`"zweiter"`), ids[1:]) {
				t.Error("not found")
			}
		})
	}
}

func TestRunFollowsWhatArrives(t *testing.T) {
	o := newOffice(t)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- New(o.db).Run(ctx) }()
	for _, word := range []string{"eins", "zwei"} {
		o.arrive(letter(word))
		for deadline := time.Now().Add(20 * time.Second); len(o.find(`"`+word+`"`)) == 0; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s is not found", word)
			}
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestRulesOfWhatIsKept(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t)
	ids := o.arrive(letter("alt"), letter(strings.Repeat("lang ", 100)), letter("neu"))
	x := New(o.db)
	o.index(x)
	keep := func(k mail.Keep) {
		o.write(func(tx *storage.Tx) error { return tx.SetKeep(ctx, o.account, k) })
		if err := x.ApplyKeep(ctx, time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)); err != nil {
			t.Fatal(err)
		}
	}
	here := func() (out []bool) {
		for _, id := range ids {
			_, err := o.db.Body(ctx, id)
			out = append(out, err == nil)
		}
		return out
	}
	keep(mail.DefaultKeep)
	if got := here(); !slices.Equal(got, []bool{true, true, true}) {
		t.Error(got)
	}
	keep(mail.Keep{Size: 200})
	if got := here(); !slices.Equal(got, []bool{true, false, true}) {
		t.Error(got)
	}
	if got := o.find(`"lang"`); !slices.Equal(got, ids[1:2]) {
		t.Errorf("what is not kept is not found: %v", got)
	}
	if err := x.Rebuild(ctx); err != nil {
		t.Fatal(err)
	}
	if got := o.find(`"lang"`); !slices.Equal(got, ids[1:2]) || !slices.Equal(o.find(`"neu"`), ids[2:]) || len(o.find(`"lang" OR "neu" OR "alt"`)) != 3 {
		t.Errorf("a new index has forgotten what is not here: %v", got)
	}
	keep(mail.Keep{Quota: 60})
	if got := here(); !slices.Equal(got, []bool{false, false, true}) {
		t.Error(got)
	}
	keep(mail.DefaultKeep)
	if missing, err := o.db.BodylessMail(ctx, o.account, 0, 10); err != nil || len(missing) != 2 {
		t.Errorf("wanted again: %+v %v", missing, err)
	}
}

func TestBatchesAreBounded(t *testing.T) {
	var jobs []storage.IndexJob
	for i := range 1000 {
		jobs = append(jobs, storage.IndexJob{ID: int64(i), Size: int64(i%7) * batchBytes / 20})
	}
	jobs[500].Size = 3 * batchBytes
	n := int64(0)
	for _, b := range cut(jobs, 100, batchBytes) {
		size := int64(0)
		for _, j := range b {
			if j.ID != n {
				t.Fatalf("job %d, want %d", j.ID, n)
			}
			n++
			size += j.Size
		}
		if len(b) > 100 || size > batchBytes && len(b) > 1 {
			t.Errorf("%d rows, %d octets", len(b), size)
		}
	}
	if n != 1000 {
		t.Errorf("%d jobs", n)
	}
}

// Whatever mail arrives, it is read, packed and indexed, and its octets stay what they were.
func TestCorpusIsIndexed(t *testing.T) {
	root := os.Getenv("KONTOR_CORPUS")
	if root == "" {
		t.Skip("KONTOR_CORPUS names no corpus")
	}
	ctx := context.Background()
	o := newOffice(t)
	var raws [][]byte
	err := filepath.WalkDir(filepath.Join(root, "mime"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		raw, err := os.ReadFile(path)
		if len(raw) < storage.PieceSize {
			raws = append(raws, raw)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	ids := o.arrive(raws...)
	o.index(New(o.db))
	for i, id := range ids {
		if got, err := o.db.Body(ctx, id); err != nil || !bytes.Equal(got, raws[i]) {
			t.Errorf("message %d: %d of %d octets, %v", i, len(got), len(raws[i]), err)
		}
	}
	if left, err := o.db.IndexQueue(ctx); left != 0 || err != nil {
		t.Errorf("%d rows left, %v", left, err)
	}
}

// TestRulesAreAppliedOnceAnHour: a second process does not read all messages again, whatever the first one has found.
func TestRulesAreAppliedOnceAnHour(t *testing.T) {
	ctx := context.Background()
	db, err := storage.Open(ctx, filepath.Join(t.TempDir(), "kontor.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	said := func() string {
		t.Helper()
		when, err := db.Setting(ctx, settingKept, "")
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	say := func(when time.Time) string {
		t.Helper()
		text := when.Format(time.RFC3339)
		if err := db.Write(ctx, func(tx *storage.Tx) error { return tx.SetSetting(ctx, settingKept, text) }); err != nil {
			t.Fatal(err)
		}
		return text
	}
	for name, c := range map[string]struct {
		last  time.Time
		again bool
	}{
		"just now":      {time.Now().Add(-time.Minute), false},
		"long ago":      {time.Now().Add(-2 * time.Hour), true},
		"a clock wrong": {time.Now().Add(24 * time.Hour), true},
	} {
		before := say(c.last)
		if err := New(db).keepOften(ctx); err != nil {
			t.Fatal(err)
		}
		if again := said() != before; again != c.again {
			t.Errorf("%s: applied again %t", name, again)
		}
	}
}
