// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/storage"
)

// printed are the words of messages on paper, one element a line, and the page.
func (b *mailBox) printed(t *testing.T, ids ...int64) (words, page string) {
	t.Helper()
	var out bytes.Buffer
	if err := b.Print(context.Background(), ids, &out); err != nil {
		t.Fatal(err)
	}
	tokens := html.NewTokenizer(strings.NewReader(out.String()))
	var lines []string
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return strings.Join(lines, "\n"), out.String()
		case html.TextToken:
			if line := strings.TrimSpace(string(tokens.Text())); line != "" {
				lines = append(lines, line)
			}
		}
	}
}

// TestPrintedMail: several messages on paper, the oldest first, each with all that a file needs; what a stranger wrote is
// words, and the page asks no server for anything. A message whose text is not here is not printed as an empty one.
func TestPrintedMail(t *testing.T) {
	ctx := context.Background()
	b := newWritingBox(t)
	evil := `</title><script>alert(1)</script><img src="https://evil.example/x.png">`
	imported := func(raw string) {
		t.Helper()
		if n, err := b.Import(ctx, b.inbox, strings.NewReader(raw), false); err != nil || n != 1 {
			t.Fatal(n, err)
		}
	}
	imported("From: Vogel & Partner <vogel@plan.example>\r\nTo: Anna <anna@amt.example>, b@amt.example\r\nCc: c@amt.example\r\nSubject: Später\r\n" +
		"Date: Tue, 03 Nov 2026 09:00:00 +0100\r\nMessage-ID: <2@x>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nZeile eins\r\n  Zeile zwei\r\n" +
		"--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"Plan.pdf\"\r\n\r\n%PDF\r\n--b--\r\n")
	imported("From: fremd@x.example\r\nDate: Mon, 02 Nov 2026 09:00:00 +0100\r\nMessage-ID: <1@x>\r\nContent-Type: text/html\r\n\r\n<p>Guten <b>Tag</b></p><img src=\"https://evil.example/y.png\">\r\n")
	imported("From: fremd@x.example\r\nSubject: " + evil + "\r\nDate: Sun, 01 Nov 2026 09:00:00 +0100\r\nMessage-ID: <0@x>\r\n\r\n" + evil + "\r\n")
	list, err := b.List(ctx, mail.Query{FolderID: b.inbox}, 0, 9)
	if err != nil {
		t.Fatal(err)
	}
	var ids []int64
	for _, s := range slices.Backward(list) {
		if strings.HasSuffix(s.MessageID, "@x") {
			ids = append(ids, s.ID)
		}
	}
	slices.Reverse(ids)
	for _, lang := range []i18n.Lang{i18n.German, i18n.English} {
		speak(t, lang)
		words, page := b.printed(t, ids...)
		rest := words
		for _, part := range []string{
			evil, i18n.T("mail.print.from"), "fremd@x.example", "2026", evil, i18n.T("mail.print.foot", "date", "")[:10],
			i18n.T("mail.print.no-subject"), "Guten Tag",
			"Später", "Vogel & Partner <vogel@plan.example>", i18n.T("mail.print.to"), "Anna <anna@amt.example>, b@amt.example",
			i18n.T("mail.print.cc"), "c@amt.example", i18n.T("mail.print.files"), "Plan.pdf (", "Zeile eins\n  Zeile zwei",
		} {
			_, after, found := strings.Cut(rest, part)
			if !found {
				t.Fatalf("%q is missing, or stands elsewhere, in\n%s", part, words)
			}
			rest = after
		}
		if strings.Count(page, "<script") != 1 || strings.Contains(page, "<img") || strings.Contains(page, "href") || strings.Count(page, "<article>") != 3 {
			t.Errorf("page\n%s", page)
		}
	}
	var bare []int64
	b.write(t, func(tx *storage.Tx) (err error) {
		bare, err = tx.AddMail(ctx, []storage.NewMail{{AccountID: b.account, FolderID: b.inbox, UID: 9, Subject: "Nur der Kopf", Received: monday}})
		return err
	})
	if err := b.Print(ctx, append(ids, bare...), io.Discard); !errors.Is(err, ErrNoBody) {
		t.Errorf("a message that is not here is printed: %v", err)
	}
}
