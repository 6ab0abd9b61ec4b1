// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kontor/app/mail"
	"kontor/app/search"
	"kontor/storage"
)

var searchedWords = strings.Fields(`Haushalt Gemeindehaushaltsverordnung Haushaltsplan Müller Mueller Größe Groesse Straßenbau Strassenbau Bescheid
	Gebührenbescheid Antrag Bauantrag Café Überprüfung Ueberpruefung Satzung`)

// reads is how a person would look for a term in a text: a word as it is, in another spelling, or inside of another.
func reads(text string, term search.Term, inside bool) bool {
	words := search.Words(text)
	spellings := search.Variants(term.Text)
	return slices.ContainsFunc(words, func(w string) bool {
		return slices.ContainsFunc(spellings, func(v string) bool { return w == v || inside && strings.Contains(w, v) })
	})
}

// fits decides about a whole query.
func fits(text string, terms []search.Term) bool {
	group, asked := false, false
	for _, t := range terms {
		if t.Not {
			if reads(text, t, false) {
				return false
			}
			continue
		}
		if !t.Or {
			if asked && !group {
				return false
			}
			group, asked = false, true
		}
		group = group || reads(text, t, true)
	}
	return !asked || group
}

// Search finds what a person would find by reading every message.
func TestSearchFindsWhatReadingFinds(t *testing.T) {
	ctx := context.Background()
	db, err := storage.Open(ctx, filepath.Join(t.TempDir(), "kontor.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	s := NewSearch(db)
	texts := layTexts(t, db, 60)
	if _, err := s.Index(ctx); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		var typed []string
		for i := range rapid.IntRange(1, 4).Draw(t, "terms") {
			word := rapid.SampledFrom(searchedWords).Draw(t, "word")
			switch rapid.IntRange(0, 5).Draw(t, "kind") {
			case 0:
				word = "-" + word
			case 1:
				word = strings.ToUpper(word)
			case 2:
				if i > 0 {
					typed = append(typed, "ODER")
				}
			}
			typed = append(typed, word)
		}
		query := strings.Join(typed, " ") + " "
		q := search.Parse(query, time.Now())
		var want []int64
		for id, text := range texts {
			if fits(text, q.Terms) {
				want = append(want, id)
			}
		}
		if !slices.ContainsFunc(q.Terms, func(t search.Term) bool { return !t.Not }) {
			t.Skip("nothing to look for")
		}
		found, err := s.Find(ctx, query, []string{search.Mail}, 1000)
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, r := range found {
			got = append(got, r.ID)
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("%q finds %s, reading finds %s", query, about(texts, got), about(texts, want))
		}
	})
}

func about(texts map[int64]string, ids []int64) string {
	var out []string
	for _, id := range ids {
		out = append(out, fmt.Sprintf("%q", texts[id]))
	}
	return fmt.Sprintf("%d: %s", len(ids), strings.Join(out, ", "))
}

// layTexts stores messages of a few words each and gives what they say.
func layTexts(t *testing.T, db *storage.DB, n int) map[int64]string {
	ctx := context.Background()
	texts := map[int64]string{}
	err := db.Write(ctx, func(tx *storage.Tx) error {
		account, err := tx.AddAccount(ctx, storage.Account{Name: "Amt"})
		if err != nil {
			return err
		}
		folder, err := tx.AddFolder(ctx, storage.MailFolder{Folder: mail.Folder{AccountID: account, Name: "INBOX", Selectable: true}})
		if err != nil {
			return err
		}
		for i := range n {
			pick := func(k int) string { return searchedWords[(i*k+i/7+k)%len(searchedWords)] }
			subject, text := pick(3), pick(5)+" "+pick(11)+", "+pick(2)
			ids, err := tx.AddMail(ctx, []storage.NewMail{{AccountID: account, FolderID: folder, Subject: subject, Received: time.Unix(int64(i)*3600, 0)}})
			if err != nil {
				return err
			}
			raw := []byte("Content-Type: text/plain; charset=utf-8\r\n\r\n" + text)
			if err := tx.AddBody(ctx, storage.Body{ID: ids[0], Size: int64(len(raw)), Packed: storage.Pack(raw)}); err != nil {
				return err
			}
			texts[ids[0]] = subject + " " + text
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}
