// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"errors"
	"slices"
	"testing"

	"kontor/app/mail"
)

// digested stores what was learnt of a message, as the background does.
func digested(t *testing.T, db *DB, id int64, d Digest) {
	t.Helper()
	ctx := context.Background()
	jobs, err := db.IndexJobs(ctx, 100)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(jobs, func(j IndexJob) bool { return j.Kind == SearchMail && j.ID == id })
	if at < 0 {
		t.Fatalf("message %d is not on the queue", id)
	}
	docs, _, err := db.IndexSources(ctx, jobs[at:at+1])
	if err != nil {
		t.Fatal(err)
	}
	docs[0].Text, docs[0].Digest = "text", &d
	write(t, db, func(tx *Tx) error { _, err := tx.PutIndex(ctx, docs); return err })
}

// Attachments are those of the octets that were read last; octets that came meanwhile are read again.
func TestDigestFollowsTheOctets(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX")
	id := add(t, db, sample(account, f[0], 1))[0]
	store := func(raw string) {
		t.Helper()
		write(t, db, func(tx *Tx) error { return tx.AddRaw(ctx, id, []byte(raw), "", false) })
	}
	known := func() bool {
		t.Helper()
		yes, err := db.Digested(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		return yes
	}
	store("eins")
	two := []mail.Attachment{{Index: 0, Name: "Plan.pdf", MIMEType: "application/pdf", Size: 5}, {Index: 1, Name: "logo.png", MIMEType: "image/png", Size: 3, Inline: true, CID: "a@b"}}
	if known() {
		t.Error("known before it was read")
	}
	digested(t, db, id, Digest{Snippet: "Anbei", HasAttachment: true, Parts: two})
	parts, err := db.MailParts(ctx, []int64{id, 4711})
	if err != nil || len(parts) != 1 || !slices.Equal(parts[id], two) || !known() {
		t.Errorf("%+v %v", parts, err)
	}
	store("zwei")
	if known() {
		t.Error("known although its octets are others now")
	}
	digested(t, db, id, Digest{Snippet: "Ohne"})
	if parts, err := db.MailParts(ctx, []int64{id}); err != nil || len(parts) != 0 {
		t.Errorf("%+v %v", parts, err)
	}
	m, err := db.MailHeader(ctx, id)
	if err != nil || m.Snippet != "Ohne" || m.HasAttachment {
		t.Errorf("%+v %v", m, err)
	}
}

// Octets that cannot be read back are fetched again where a server has them; else they stay, for a part may be readable.
func TestLostOctets(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX")
	draft := sample(account, f[0], 2)
	draft.UID = 0
	ids := add(t, db, sample(account, f[0], 1), draft)
	for _, id := range ids {
		write(t, db, func(tx *Tx) error { return tx.AddRaw(ctx, id, []byte("wertvoll"), "", false) })
		digested(t, db, id, Digest{Lost: true})
	}
	if _, err := db.Body(ctx, ids[0]); !errors.Is(err, ErrNotFound) {
		t.Errorf("what the server has: %v", err)
	}
	if missing, err := db.BodylessMail(ctx, account, 0, 10); err != nil || len(missing) != 1 || missing[0].ID != ids[0] {
		t.Errorf("to be fetched: %+v %v", missing, err)
	}
	if raw, err := db.Body(ctx, ids[1]); err != nil || string(raw) != "wertvoll" {
		t.Errorf("what only this store has: %q %v", raw, err)
	}
}

// A new index keeps the words of what is not here, an emptied one does not.
func TestIndexOfWhatIsNotHere(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX")
	ids := add(t, db, sample(account, f[0], 1), sample(account, f[0], 2))
	for _, id := range ids {
		write(t, db, func(tx *Tx) error { return tx.AddRaw(ctx, id, []byte("x"), "", false) })
	}
	text := func(id int64) string { return map[int64]string{ids[0]: "gebühr", ids[1]: "satzung"}[id] }
	index(t, db, text)
	write(t, db, func(tx *Tx) error { return tx.ApplyKeep(ctx, mail.KeepPlan{Drop: ids[:1]}) })
	find := func(word string) int {
		t.Helper()
		found, err := db.FindMail(ctx, MailSearch{Texts: `"` + word + `"`, Limit: 5})
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	for _, c := range []struct {
		name string
		make func(*Tx) error
		left int
	}{
		{"a new one", func(tx *Tx) error { return tx.RebuildIndex(ctx) }, 1},
		{"a new one again", func(tx *Tx) error { return tx.RebuildIndex(ctx) }, 1},
		{"an emptied one", func(tx *Tx) error { return tx.ClearIndex(ctx) }, 0},
	} {
		write(t, db, c.make)
		if find("gebuhr") != c.left || find("satzung") != 0 {
			t.Errorf("%s: %d and %d are found before anything was read", c.name, find("gebuhr"), find("satzung"))
		}
		if n := index(t, db, func(id int64) string { return text(id) }); n != 2 {
			t.Errorf("%s: %d rows were indexed", c.name, n)
		}
		if find("gebuhr") != c.left || find("satzung") != 1 {
			t.Errorf("%s: %d and %d are found", c.name, find("gebuhr"), find("satzung"))
		}
	}
}

func TestIdentities(t *testing.T) {
	ctx := context.Background()
	db, account, _ := mailStore(t)
	save := func(i mail.Identity) (id int64, err error) {
		i.AccountID = account
		err = db.WriteDurable(ctx, func(tx *Tx) error { id, err = tx.SaveIdentity(ctx, i); return err })
		return id, err
	}
	first, err := save(mail.Identity{Name: "Anna", Address: "anna@amt.example", Default: true, Signature: "Gruß\nAnna", Mailbox: "Bau"})
	if err != nil {
		t.Fatal(err)
	}
	second, err := save(mail.Identity{Address: "bau@amt.example", Default: true, SentFolder: mail.SentByServer})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := save(mail.Identity{Address: "ANNA@amt.example"}); !errors.Is(err, ErrNameTaken) {
		t.Errorf("the same address twice: %v", err)
	}
	if _, err := save(mail.Identity{ID: second, Address: "anna@amt.example"}); !errors.Is(err, ErrNameTaken) {
		t.Errorf("changed to the address of another: %v", err)
	}
	if _, err := save(mail.Identity{ID: 4711, Address: "x@amt.example"}); !errors.Is(err, ErrNotFound) {
		t.Errorf("one that is not there: %v", err)
	}
	if id, err := save(mail.Identity{ID: first, Name: "Anna Amt", Address: "anna@amt.example"}); err != nil || id != first {
		t.Errorf("%d %v", id, err)
	}
	all, err := db.Identities(ctx, 0)
	if err != nil || len(all) != 2 || all[0].Name != "Anna Amt" || all[0].Default || !all[1].Default || all[1].SentFolder != mail.SentByServer {
		t.Errorf("%+v %v", all, err)
	}
	for i, want := range []error{nil, ErrNotFound} {
		if err := db.WriteDurable(ctx, func(tx *Tx) error { return tx.RemoveIdentity(ctx, first) }); !errors.Is(err, want) {
			t.Errorf("removed for the %d. time: %v", i+1, err)
		}
	}
}
