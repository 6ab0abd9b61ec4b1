// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kontor/app/mail"
)

func TestSearchRows(t *testing.T) {
	for _, kind := range []SearchKind{SearchMail, SearchFile, SearchTask} {
		for _, id := range []int64{1, 2, 3, 1 << 50} {
			if k, i := splitSearchRow(searchRow(kind, id)); k != kind || i != id {
				t.Errorf("%d %d became %d %d", kind, id, k, i)
			}
		}
	}
}

func TestMergeDescending(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfDistinct(rapid.Int64Range(1, 30), rapid.ID[int64])
		a, b := list.Draw(t, "a"), list.Draw(t, "b")
		down := func(x, y int64) int { return int(y - x) }
		slices.SortFunc(a, down)
		slices.SortFunc(b, down)
		want := slices.Concat(a, b)
		slices.SortFunc(want, down)
		want = slices.Compact(want)
		limit := rapid.IntRange(0, 40).Draw(t, "limit")
		if got := mergeDescending(a, b, limit); !slices.Equal(got, want[:min(limit, len(want))]) {
			t.Fatalf("%v and %v: %v", a, b, got)
		}
	})
}

// index works off the queue, with the same text for every message.
func index(t testing.TB, db *DB, text func(id int64) string) int {
	t.Helper()
	ctx := context.Background()
	n := 0
	for {
		jobs, err := db.IndexJobs(ctx, 400)
		if err != nil {
			t.Fatal(err)
		}
		if len(jobs) == 0 {
			return n
		}
		docs, _, err := db.IndexSources(ctx, jobs)
		if err != nil {
			t.Fatal(err)
		}
		for i, j := range jobs {
			if j.Kind == SearchMail {
				docs[i].Text = text(j.ID)
			}
		}
		if err := db.Write(ctx, func(tx *Tx) error { _, err := tx.PutIndex(ctx, docs); return err }); err != nil {
			t.Fatal(err)
		}
		n += len(jobs)
	}
}

// What changes while it is being indexed stays on the queue.
func TestChangeWhileIndexing(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX")
	id := add(t, db, sample(account, f[0], 1))[0]
	jobs, err := db.IndexJobs(ctx, 10)
	if err != nil || len(jobs) != 1 {
		t.Fatal(jobs, err)
	}
	docs, _, err := db.IndexSources(ctx, jobs)
	if err != nil {
		t.Fatal(err)
	}
	changed := sample(account, f[0], 1)
	changed.Subject = "Anders"
	err = db.Write(ctx, func(tx *Tx) error {
		if err := tx.UpdateMail(ctx, id, changed); err != nil {
			return err
		}
		_, err = tx.PutIndex(ctx, docs)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := index(t, db, func(int64) string { return "" }); n != 1 {
		t.Errorf("%d rows were indexed again", n)
	}
	if ids, err := db.FindMail(ctx, MailSearch{Names: `"anders"`, Limit: 5}); err != nil || len(ids) != 1 {
		t.Errorf("%v %v", ids, err)
	}
	if ids, err := db.FindMail(ctx, MailSearch{Names: `"vorgang"`, Limit: 5}); err != nil || len(ids) != 0 {
		t.Errorf("the old subject is found: %v %v", ids, err)
	}
}

// The index finds just what a scan of all messages finds, whatever was added, changed, hidden and removed before.
func TestIndexEqualsScan(t *testing.T) {
	ctx := context.Background()
	vocabulary := []string{"plan", "haus", "wald", "fluss"}
	db, account, f := mailStore(t, "INBOX", "Archiv")
	rapid.Check(t, func(rt *rapid.T) {
		old, err := db.MailList(ctx, mail.Query{}, 0, 1000)
		if err == nil {
			err = db.Write(ctx, func(tx *Tx) error {
				for _, m := range old {
					if err := tx.RemoveMail(ctx, []int64{m.ID}); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err != nil {
			rt.Fatal(err)
		}
		texts := map[int64]string{}
		alive := map[int64]bool{}
		var ids []int64
		for n := range rapid.IntRange(1, 25).Draw(rt, "steps") {
			word := rapid.SampledFrom(vocabulary).Draw(rt, "word")
			switch step := rapid.IntRange(0, 4).Draw(rt, "step"); {
			case step < 2 || len(ids) == 0:
				m := sample(account, f[n%2], n)
				id := add(t, db, m)[0]
				ids, alive[id], texts[id] = append(ids, id), true, word
				err := db.Write(ctx, func(tx *Tx) error { return tx.AddRaw(ctx, id, []byte(word), "", false) })
				if err != nil {
					rt.Fatal(err)
				}
			case step == 2:
				id := rapid.SampledFrom(ids).Draw(rt, "id")
				if !alive[id] {
					continue
				}
				texts[id] = word
				if err := db.Write(ctx, func(tx *Tx) error { return tx.AddRaw(ctx, id, []byte(word), "", false) }); err != nil {
					rt.Fatal(err)
				}
			case step == 3:
				id := rapid.SampledFrom(ids).Draw(rt, "id")
				alive[id] = false
				if err := db.Write(ctx, func(tx *Tx) error { return tx.RemoveMail(ctx, []int64{id}) }); err != nil {
					rt.Fatal(err)
				}
			case step == 4:
				index(t, db, func(id int64) string { return texts[id] })
			}
		}
		index(t, db, func(id int64) string { return texts[id] })
		for _, word := range vocabulary {
			var want []int64
			for _, id := range ids {
				if alive[id] && texts[id] == word {
					want = append(want, id)
				}
			}
			slices.Sort(want)
			slices.Reverse(want)
			got, err := db.FindMail(ctx, MailSearch{Texts: `"` + word + `"`, Limit: 100})
			if err != nil || !slices.Equal(got, want) {
				rt.Fatalf("%s: %v, want %v (%v)", word, got, want, err)
			}
		}
	})
}

func TestFindMailFilters(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX", "Archiv")
	var batch []NewMail
	for n := range 6 {
		m := sample(account, f[n%2], n)
		if n < 2 {
			m.Flags = mail.Seen | mail.Flagged
		}
		m.HasAttachment = n == 5
		batch = append(batch, m)
	}
	ids := add(t, db, batch...)
	index(t, db, func(int64) string { return "" })
	for _, c := range []struct {
		name string
		s    MailSearch
		want []int
	}{
		{"all", MailSearch{}, []int{5, 4, 3, 2, 1, 0}},
		{"names", MailSearch{Names: `"vorgang"`}, []int{5, 4, 3, 2, 1, 0}},
		{"folder", MailSearch{Names: `"vorgang"`, Folders: f[:1]}, []int{4, 2, 0}},
		{"unread", MailSearch{Unread: true}, []int{5, 4, 3, 2}},
		{"read", MailSearch{Read: true}, []int{1, 0}},
		{"flagged", MailSearch{Flagged: true, Folders: f[1:]}, []int{1}},
		{"attachment", MailSearch{Attachments: true}, []int{5}},
		{"after", MailSearch{After: epoch.Add(4 * 60e9)}, []int{5, 4}},
		{"before", MailSearch{Before: epoch.Add(2 * 60e9), Names: `"vorgang"`}, []int{1, 0}},
		{"sender", MailSearch{Names: `sender : "anna"`}, []int{5, 4, 3, 2, 1, 0}},
		{"recipient is no sender", MailSearch{Names: `sender : "bernd"`}, nil},
	} {
		c.s.Limit = 50
		got, err := db.FindMail(ctx, c.s)
		var want []int64
		for _, i := range c.want {
			want = append(want, ids[i])
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v (%v)", c.name, got, want, err)
		}
	}
}

func BenchmarkIndex(b *testing.B) {
	db, account, f := mailStore(b, "INBOX")
	r := rand.New(rand.NewPCG(1, 2))
	n := 0
	for b.Loop() {
		b.StopTimer()
		batch := make([]NewMail, 2000)
		for i := range batch {
			batch[i] = sample(account, f[0], n)
			n++
		}
		texts := map[int64]string{}
		ctx := context.Background()
		for _, id := range add(b, db, batch...) {
			var text strings.Builder
			for range 250 {
				fmt.Fprintf(&text, "wort%d ", int(r.ExpFloat64()*4000))
			}
			texts[id] = text.String()
			if err := db.Write(ctx, func(tx *Tx) error { return tx.AddRaw(ctx, id, []byte("x"), "", false) }); err != nil {
				b.Fatal(err)
			}
		}
		b.StartTimer()
		index(b, db, func(id int64) string { return texts[id] })
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "mails/s")
}
