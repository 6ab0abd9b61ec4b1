// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"kontor/app/mail"
	"kontor/app/search"
	"kontor/storage"
)

func find(t *testing.T, s *Search, query string, kinds ...string) string {
	t.Helper()
	found, err := s.Find(context.Background(), query, kinds, 20)
	if err != nil {
		t.Fatalf("%q: %v", query, err)
	}
	var titles []string
	for _, r := range found {
		titles = append(titles, r.Title)
	}
	return strings.Join(titles, ", ")
}

func TestFindMail(t *testing.T) {
	ctx := context.Background()
	b := newMailBox(t)
	s := NewSearch(b.db)
	b.receive(t, b.inbox, 1, monday,
		letter(t, "Alt", "Die Straße nach Müllheim wird gesperrt.", "anna@amt.example"),
		letter(t, "Mitte", "Gemeindehaushaltsverordnung und Nachtrag, Frau Mueller fragt.", "rat@amt.example"),
		letter(t, "Neu", "Der Haushalt ist beschlossen. Herr Müller dankt.", "anna@amt.example"))
	b.receive(t, b.inbox, 10, monday.Add(-48*time.Hour), []byte("From: c@x.de\r\nSubject: Anlage\r\nMessage-ID: <a@x>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nText\r\n--b\r\nContent-Disposition: attachment; filename=Haushaltsplan.ods\r\n\r\nx\r\n--b--\r\n"))
	if n, err := s.Index(ctx); err != nil || n != 4 {
		t.Fatalf("indexed %d, %v", n, err)
	}
	for query, want := range map[string]string{
		"haushalt":                 "Neu, Mitte, Anlage", // inside of compounds as well, and in the names of attachments
		"beschlossen haushalt":     "Neu",
		"müller":                   "Neu, Mitte",
		"mueller":                  "Neu, Mitte",
		"strasse":                  "Alt",
		"straße":                   "Alt",
		"STRASSE":                  "Alt",
		"verordnung":               "Mitte",
		`"ist beschlossen"`:        "Neu",
		`"beschlossen ist"`:        "",
		"von:bernd":                "Neu, Mitte, Alt",
		"von:bernd@kreis.example":  "Neu, Mitte, Alt",
		"an:rat":                   "Mitte",
		"an:anna -müllheim":        "Neu",
		"betreff:mitte":            "Mitte",
		"bet":                      "",
		"mit":                      "Mitte", // the beginning of a subject
		"vor:23.11.2026":           "Anlage",
		"nach:23.11.2026 müller ":  "Neu, Mitte",
		"ordner:posteingang alt ":  "Alt",
		"in:INBOX alt ":            "Alt",
		"in:Gesendet alt ":         "",
		"ist:ungelesen nachtrag ":  "Mitte",
		"ist:gelesen":              "",
		"nichts":                   "",
		"   ":                      "",
		`") OR ("`:                 "",
		"a AND b NOT NEAR( * ^ {x": "",
	} {
		if got := find(t, s, query); got != want {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
	found, err := s.Find(ctx, "nachtrag", nil, 5)
	if err != nil || len(found) != 1 || !strings.Contains(found[0].Snippet, "und Nachtrag, Frau") || found[0].Where != "INBOX" || found[0].State != "server" || found[0].Kind != search.Mail {
		t.Errorf("%+v %v", found, err)
	}
}

// Whoever changes a row need not know of the index: it follows.
func TestIndexFollows(t *testing.T) {
	ctx := context.Background()
	b := newMailBox(t)
	s := NewSearch(b.db)
	expect := func(what, query, want string) {
		t.Helper()
		if _, err := s.Index(ctx); err != nil {
			t.Fatal(err)
		}
		if got := find(t, s, query); got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
		if err := b.db.Check(ctx); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	ids := b.receive(t, b.inbox, 1, monday, letter(t, "Brief", "Quittung anbei", "anna@amt.example"))
	expect("new", "quittung", "Brief")
	b.write(t, func(tx *storage.Tx) error {
		return tx.AddRaw(ctx, ids[0], letter(t, "Brief", "Rechnung anbei", "anna@amt.example"), "", false)
	})
	expect("old text", "quittung", "")
	expect("new text", "rechnung", "Brief")
	b.write(t, func(tx *storage.Tx) error {
		return tx.ShowMail(ctx, ids[0], mail.State{FolderID: b.inbox, Hidden: true})
	})
	if got := find(t, s, "rechnung"); got != "" {
		t.Errorf("a hidden message is found: %q", got)
	}
	b.write(t, func(tx *storage.Tx) error { return tx.RemoveMail(ctx, ids) })
	if got := find(t, s, "rechnung"); got != "" {
		t.Errorf("a message that is gone is found: %q", got)
	}
	expect("gone", "rechnung", "")
	b.receive(t, b.inbox, 5, monday, letter(t, "Zwei", "Rechnung anbei", "anna@amt.example"))
	expect("another", "rechnung", "Zwei")
	if err := s.Rebuild(ctx); err != nil {
		t.Fatal(err)
	}
	expect("rebuilt", "rechnung", "Zwei")
	var file storage.FileRow
	b.write(t, func(tx *storage.Tx) (err error) {
		if _, err = tx.AddFile(ctx, storage.FileRow{AccountID: b.account, Path: "Bau", Dir: true, Remote: storage.FileRemote{Path: "Bau"}}); err != nil {
			return err
		}
		file, err = tx.AddFile(ctx, storage.FileRow{AccountID: b.account, Path: "Bau/Lageplan.pdf", Remote: storage.FileRemote{Path: "Bau/Lageplan.pdf"}})
		return err
	})
	expect("new file", "lageplan", "Lageplan.pdf")
	expect("its folder", "bau plan", "Lageplan.pdf")
	expect("a word of its folder, in a place", "ordner:bau lageplan ", "Lageplan.pdf")
	expect("another place", "ordner:archiv lageplan ", "")
	b.write(t, func(tx *storage.Tx) error { return tx.RelocateFile(ctx, file, "Bau/Grundriss.pdf") })
	expect("old name", "lageplan", "")
	expect("new name", "grundriss", "Grundriss.pdf")
	b.write(t, func(tx *storage.Tx) error { return tx.DeleteFile(ctx, file.ID) })
	expect("file gone", "grundriss", "")
	b.write(t, func(tx *storage.Tx) error { return tx.RemoveAccount(ctx, b.account) })
	expect("account gone", "rechnung", "")
}

func TestFindKeepsToItsLimitAndKinds(t *testing.T) {
	ctx := context.Background()
	b := newMailBox(t)
	s := NewSearch(b.db)
	for i := range 12 {
		b.receive(t, b.inbox, uint32(i+1), monday.Add(time.Duration(i)*time.Hour), letter(t, fmt.Sprintf("Plan %d", i), "x", "anna@amt.example"))
	}
	if err := s.CatchUp(ctx, time.Minute); err != nil {
		t.Fatal(err)
	}
	if found, err := s.Find(ctx, "plan", nil, 5); err != nil || len(found) != 5 || found[0].Title != "Plan 11" {
		t.Errorf("%v %v", found, err)
	}
	if found, err := s.Find(ctx, "plan", []string{search.Files, search.Tasks}, 5); err != nil || len(found) != 0 {
		t.Errorf("%v %v", found, err)
	}
	list, err := b.List(ctx, mail.Query{FolderID: b.inbox, Text: "plan"}, 10, 5)
	if err != nil || len(list) != 2 || list[1].Subject != "Plan 0" {
		t.Errorf("%v %v", list, err)
	}
	if n, err := b.Count(ctx, mail.Query{FolderID: b.inbox, Text: "plan"}); err != nil || n != 12 {
		t.Errorf("%d %v", n, err)
	}
	if list, err := b.List(ctx, mail.Query{Role: mail.RoleSent, Text: "plan"}, 0, 5); err != nil || len(list) != 0 {
		t.Errorf("%v %v", list, err)
	}
}

func TestRunIndexesWhatComes(t *testing.T) {
	b := newMailBox(t)
	s := NewSearch(b.db)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	b.receive(t, b.inbox, 1, monday, letter(t, "Brief", "Quittung", "anna@amt.example"))
	deadline := time.Now().Add(20 * time.Second)
	for find(t, s, "quittung") != "Brief" {
		if time.Now().After(deadline) {
			t.Fatal("never indexed")
		}
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestSuggest(t *testing.T) {
	ctx := context.Background()
	b := newMailBox(t)
	b.receive(t, b.inbox, 1, monday, letter(t, "A", "x", "anna@amt.example"), letter(t, "B", "x", "anna@amt.example", "berta@amt.example"))
	out, err := b.New(ctx, b.account)
	if err != nil {
		t.Fatal(err)
	}
	out.To = []mail.Address{{Name: "Berta Beispiel", Addr: "berta@amt.example"}}
	if _, err := b.Send(ctx, out); err != nil {
		t.Fatal(err)
	}
	if _, err := NewSearch(b.db).Index(ctx); err != nil {
		t.Fatal(err)
	}
	for prefix, want := range map[string]string{
		"be": "Berta Beispiel <berta@amt.example>, Bernd Beispiel <bernd@kreis.example>", "bernd": "Bernd Beispiel <bernd@kreis.example>",
		"kreis": "Bernd Beispiel <bernd@kreis.example>", "berta@am": "Berta Beispiel <berta@amt.example>", "": "", "zz": "", "@": "",
	} {
		got, err := b.Suggest(ctx, prefix, 5)
		if err != nil || mail.FormatAddresses(got) != want {
			t.Errorf("%q: %q %v", prefix, mail.FormatAddresses(got), err)
		}
	}
	if got, err := b.Suggest(ctx, "be", 1); err != nil || len(got) != 1 {
		t.Errorf("limit: %v %v", got, err)
	}
}

// words is a vocabulary with compounds, for measuring.
func words(n int, r *rand.Rand) []string {
	parts := strings.Fields("haus halt gemein de ver ord nung plan amt kreis stadt rat sitz ung pro to koll bau an trag frist brief ant wort for mular kos ten stel le")
	out := make([]string, n)
	for i := range out {
		for range 2 + r.IntN(4) {
			out[i] += parts[r.IntN(len(parts))]
		}
	}
	return out
}

func BenchmarkSearch(b *testing.B) {
	ctx := context.Background()
	box := newMailBox(b)
	s := NewSearch(box.db)
	r := rand.New(rand.NewPCG(1, 2))
	vocabulary := words(60_000, r)
	const total = 10_000
	for i := 0; i < total; i += 500 {
		var batch [][]byte
		for range 500 {
			var text strings.Builder
			for range 250 {
				w := int(r.ExpFloat64() * 4000)
				text.WriteString(vocabulary[w%len(vocabulary)] + " ")
			}
			batch = append(batch, letter(b, vocabulary[r.IntN(len(vocabulary))], text.String(), "anna@amt.example"))
		}
		box.receive(b, box.inbox, uint32(i+1), monday.Add(time.Duration(i)*time.Minute), batch...)
	}
	start := time.Now()
	if _, err := s.Index(ctx); err != nil {
		b.Fatal(err)
	}
	b.Logf("indexed %.0f mails/s", total/time.Since(start).Seconds())
	for name, query := range map[string]string{"common": vocabulary[3], "two": vocabulary[3] + " " + vocabulary[40], "prefix": "hau", "inside": "ordnung", "none": "xyzxyz"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Find(ctx, query, nil, 50); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestFoldersAreFoundAsFolders: whoever shows what was found can tell them from files.
func TestFoldersAreFoundAsFolders(t *testing.T) {
	ctx := context.Background()
	b := newMailBox(t)
	s := NewSearch(b.db)
	b.write(t, func(tx *storage.Tx) error {
		for _, row := range []storage.FileRow{{Path: "Lageplan", Dir: true}, {Path: "Lageplan/Lageplan.pdf"}} {
			row.AccountID, row.Remote = b.account, storage.FileRemote{Path: row.Path}
			if _, err := tx.AddFile(ctx, row); err != nil {
				return err
			}
		}
		return nil
	})
	if _, err := s.Index(ctx); err != nil {
		t.Fatal(err)
	}
	found, err := s.Find(ctx, "lageplan", nil, 5)
	if err != nil || len(found) != 2 {
		t.Fatalf("%+v %v", found, err)
	}
	for _, r := range found {
		if r.Dir != (r.Title == "Lageplan") {
			t.Errorf("%q is a folder: %v", r.Title, r.Dir)
		}
	}
}
