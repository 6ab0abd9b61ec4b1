// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/mail"
)

func TestFoldersAreArrangedAsInTheDesign(t *testing.T) {
	i18n.Use(i18n.German)
	folders := []mail.Folder{
		{ID: 1, AccountID: 1, Name: "INBOX", Delim: "/", Role: mail.RoleInbox, Unread: 9},
		{ID: 2, AccountID: 1, Name: "Trash", Delim: "/", Role: mail.RoleTrash, Unread: 3},
		{ID: 3, AccountID: 1, Name: "Bauanträge/Rückfragen", Delim: "/", Unread: 2},
		{ID: 4, AccountID: 1, Name: "Bauanträge", Delim: "/"},
		{ID: 5, AccountID: 1, Name: "Bauanträge/2026", Delim: "/"},
		{ID: 6, AccountID: 1, Name: "Sent", Delim: "/", Role: mail.RoleSent},
		{ID: 7, AccountID: 1, Name: "Outbox", Role: mail.RoleOutbox, Total: 2},
		{ID: 8, AccountID: 2, Name: "INBOX", Delim: ".", Role: mail.RoleInbox, Unread: 3},
		{ID: 9, AccountID: 2, Name: "INBOX.In Bearbeitung", Delim: "."},
	}
	accounts := []Account{{ID: 1, Title: "l.brandt@stadt.example"}, {ID: 2, Title: "Funktionspostfach Bauamt"}}
	var got []string
	for _, r := range navRows(folders, accounts, navCounts{flagged: 4}, map[int64]bool{}) {
		got = append(got, fmt.Sprintf("%s%s %d", strings.Repeat("-", r.Depth), r.Title, r.Count))
	}
	want := []string{
		"Alle Konten 0", "Posteingang 12", "Markiert 4", "Entwürfe 0", "Ausgang 2",
		"l.brandt@stadt.example 0", "Posteingang 9", "Gesendet 0", "Bauanträge 0", "-2026 0", "-Rückfragen 2", "Papierkorb 0",
		"Funktionspostfach Bauamt 0", "Posteingang 3", "In Bearbeitung 0",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	folded := navRows(folders, accounts, navCounts{}, map[int64]bool{4: true})
	if i := slices.IndexFunc(folded, func(r navRow) bool { return r.Folder.ID == 4 }); folded[i].Count != 2 || !folded[i].Parent || folded[i+1].Depth != 0 {
		t.Errorf("a folded folder must show what is unread below it: %+v", folded[i])
	}
}

func TestOrphanFoldersHangBelowTheNearestAncestor(t *testing.T) {
	tree := folderTree([]mail.Folder{{ID: 1, Name: "a", Delim: "/"}, {ID: 2, Name: "a/b/c", Delim: "/"}, {ID: 3, Name: "x/y", Delim: "/"}})
	if len(tree) != 2 || len(tree[0].below) != 1 || tree[0].below[0].folder.ID != 2 {
		t.Errorf("got %+v", tree)
	}
}

func TestRows(t *testing.T) {
	i18n.Use(i18n.German)
	s := mail.Summary{
		ID: 7, From: mail.Address{Addr: "x@y.example"}, Subject: "Hallo\r\n Welt\u202e", Date: now.Add(-8 * time.Minute),
		ThreadCount: 3, To: []mail.Address{{Name: "Jonas Weber"}, {Addr: "b@c"}},
	}
	v := rowOf(s, journal.MarkWaiting, false, now)
	if v.Who != "x@y.example" || v.Subject != "Hallo Welt" || v.When != "09:42" || v.Count != "3" || !v.Unread || v.Mark != journal.MarkWaiting {
		t.Errorf("got %+v", v)
	}
	if got := v.Spoken(); !strings.HasPrefix(got, "ungelesen, x@y.example") {
		t.Errorf("spoken: %q", got)
	}
	v = rowOf(s, "", true, now)
	if v.Who != "An: Jonas Weber, b@c" || v.Unread {
		t.Errorf("sent: %+v", v)
	}
	for want, a := range map[string]mail.Address{
		"KV": {Name: "Katrin Vogel"}, "B": {Name: "Baureferat"}, "LB": {Addr: "l.brandt@stadt.example"}, "?": {Addr: "@"}, "ÄS": {Name: "ämter (Süd)"},
	} {
		if got := initials(a); got != want {
			t.Errorf("initials of %v: %q", a, got)
		}
	}
	own := map[string]bool{"l.brandt@stadt.example": true}
	to := []mail.Address{{Name: "Jonas Weber", Addr: "j@x"}, {Addr: "L.Brandt@stadt.example"}}
	if got := addressLine(to, nil, own); got != "an mich, Jonas Weber" {
		t.Errorf("recipients: %q", got)
	}
	if got := longWhen(now.Add(-8*time.Minute), now); got != "heute, 09:42" {
		t.Errorf("when: %q", got)
	}
}

func TestAddressesAsPeopleTypeThem(t *testing.T) {
	got, err := parseAddresses(`Vogel, Katrin <k.vogel@stadt.example>; "Weber, Jonas" <j@x.de>, anna@büro.example,
		mailto:z@z.org`)
	want := []mail.Address{{Name: "Vogel, Katrin", Addr: "k.vogel@stadt.example"}, {Name: "Weber, Jonas", Addr: "j@x.de"}, {Addr: "anna@büro.example"}, {Addr: "z@z.org"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, bad := range []string{"katrin", "a@", "@b.de", "a b@c.de", "a@b..de", "Name <a@b.de", "a@-b.de", "x <a@b> y", ".a@b.de"} {
		_, err := parseAddresses("ok@ok.de, " + bad)
		var e *badAddress
		if !errors.As(err, &e) || e.Part != bad {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if got := complete(`"Weber, Jonas" <j@x.de>, kat`, want[0]); got != `"Weber, Jonas" <j@x.de>, "Vogel, Katrin" <k.vogel@stadt.example>, ` {
		t.Errorf("complete: %q", got)
	}
}

func TestAddressesSurviveBeingWrittenAndRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := mail.Address{
			Name: oneLine(rapid.StringMatching(`[A-Za-zäöüß ",;<>@.\\()]{0,20}`).Draw(t, "name")),
			Addr: rapid.StringMatching(`[a-z0-9][a-z0-9_+-]{0,8}@[a-z0-9]{1,8}\.[a-z]{2,4}`).Draw(t, "addr"),
		}
		got, err := parseAddresses(formatAddress(a) + ", second@example.org")
		if err != nil || len(got) != 2 || got[0] != a {
			t.Fatalf("%q: got %+v, %v", formatAddress(a), got, err)
		}
	})
}

func TestMailto(t *testing.T) {
	_, err := ParseMailto("mailto:a%40x@b.de,c@d.de?subject=Gr%C3%BC%C3%9Fe%20+%20mehr&cc=e@f.de&body=eins%0D%0Azwei&attach=/etc/passwd&bcc=")
	if err == nil {
		t.Error("a local part with an at sign must be refused")
	}
	m, err := ParseMailto("MAILTO:a@b.de,c@d.de?subject=Gr%C3%BC%C3%9Fe%20+%20mehr&cc=e@f.de&body=eins%0D%0Azwei&attach=/etc/passwd")
	if err != nil || len(m.To) != 2 || m.Subject != "Grüße + mehr" || m.Cc[0].Addr != "e@f.de" || m.Text != "eins\nzwei" || len(m.Attachments) != 0 {
		t.Errorf("got %+v, %v", m, err)
	}
	for _, bad := range []string{"http://x", "mailto:%zz", "mailto:a@b.de?subject=%zz"} {
		if _, err := ParseMailto(bad); !errors.Is(err, ErrMailto) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestQuotesOfAnswersAreParted(t *testing.T) {
	own, quote := splitQuote("Danke!\n\nAm 3.11. schrieb Katrin Vogel:\n> eins\n>\n> zwei\n")
	if own != "Danke!" || quote != "Am 3.11. schrieb Katrin Vogel:\n> eins\n>\n> zwei" {
		t.Errorf("got %q and %q", own, quote)
	}
	if own, quote = splitQuote("> eins\nmeine Antwort darunter"); quote != "" || own == "" {
		t.Errorf("an answer below the quote stays as it is: %q %q", own, quote)
	}
	if own, quote = splitQuote("zur Info\n\n-------- Weitergeleitete Nachricht --------\nVon: x\n\nText"); own != "zur Info" || !strings.HasPrefix(quote, "----") {
		t.Errorf("forward: %q %q", own, quote)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`([a-z ]{0,5}\n|> [a-z]{0,4}\n|Am x schrieb y:\n){0,8}`).Draw(t, "text")
		own, quote := splitQuote(text)
		squeeze := func(s string) string { return strings.ReplaceAll(s, "\n", "") }
		if squeeze(own+quote) != squeeze(text) {
			t.Fatalf("%q became %q and %q", text, own, quote)
		}
	})
}

func TestHTMLFacts(t *testing.T) {
	f := readHTML(`<p style="background:url('https://x/a.png')">Hallo <a href="https://evil.example/login">www.stadt.example</a>
		<img src="https://x/b.png"><img src=http://x/p.gif width=1 height=1><img src="cid:1"><link href=//x/s.css rel=stylesheet>`)
	if f.Images != 2 || f.Pixels != 1 || f.Other != 1 || len(f.Links) != 1 || f.Links[0].Text != "www.stadt.example" {
		t.Errorf("got %+v", f)
	}
	if readHTML("<p>nur Text</p>").remote() {
		t.Error("nothing remote here")
	}
}

func TestDeceivingLinks(t *testing.T) {
	for _, c := range []struct {
		text, href string
		want       bool
	}{
		{"www.stadt.example", "https://evil.example/login", true},
		{"https://stadt.example/a", "https://www.stadt.example/b", false},
		{"hier klicken", "https://evil.example", false},
		{"stadt.example", "https://portal.stadt.example", false},
		{"k@stadt.example", "mailto:k@stadt.example", false},
		{"k@stadt.example", "mailto:k@evil.example?subject=x", true},
		{"Protokoll.pdf", "https://files.stadt.example/x", true},
		{"x", "https://%zz", true},
	} {
		if got := deceives(c.text, c.href); got != c.want {
			t.Errorf("%q -> %q: %v", c.text, c.href, got)
		}
	}
}

func TestBody(t *testing.T) {
	i18n.Use(i18n.German)
	text := "Guten Morgen,\n\nsiehe https://stadt.example/a?b=1. Oder hier <https://evil.example/x>.\n- eins\n- zwei\n\n> a\n> b\n> c\n> d\n\n-- \nKatrin"
	got := parseBody(text, []anchor{{Text: "hier", Href: "https://evil.example/x"}}, nil)
	if len(got) != 6 || !got[1].Gap || got[0].Gap {
		t.Fatalf("got %d paragraphs: %+v", len(got), got)
	}
	links := []span{}
	for _, s := range got[1].Spans {
		if s.Href != "" {
			links = append(links, s)
		}
	}
	want := []span{{Text: "https://stadt.example/a?b=1", Href: "https://stadt.example/a?b=1"}, {Text: "hier", Href: "https://evil.example/x"}}
	if !reflect.DeepEqual(links, want) {
		t.Errorf("links %+v", links)
	}
	if !got[2].Bullet || got[4].Spans[0].Fold != 1 || !got[5].Muted {
		t.Errorf("got %+v", got)
	}
	if open := parseBody(text, nil, map[int]bool{1: true}); len(open) != 10 || open[5].Quote != 1 {
		t.Errorf("unfolded: %+v", open)
	}
}

func TestLinesNeverGrowTooWideAndKeepTheText(t *testing.T) {
	m := metrics{width: func(rune) float32 { return 10 }, line: 20, gap: 10, indent: 15, list: 5}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`([a-zä-]{1,12}[ \n]{1,2}|https://a.de/[a-z]{0,30} ){0,30}x`).Draw(t, "text")
		paras := parseBody(text, nil, map[int]bool{})
		lines, height := layoutBody(paras, 200, m)
		all := copyText(lines, textPlace{}, textPlace{Line: len(lines)})
		var want []string
		for _, p := range paras {
			var b strings.Builder
			for _, s := range p.Spans {
				b.WriteString(s.Text)
			}
			if p.Gap {
				want = append(want, "")
			}
			want = append(want, b.String())
		}
		if all != strings.Join(want, "\n") {
			t.Fatalf("%q became %q", strings.Join(want, "\n"), all)
		}
		for i, l := range lines {
			if w := l.X + wordWidth(strings.TrimRight(l.String(), " "), m); w > 200 {
				t.Fatalf("line %q is %v wide", l.String(), w)
			}
			if i > 0 && l.Y < lines[i-1].Y+lines[i-1].H || l.Y+l.H > height {
				t.Fatalf("line %d lies at %v of %v", i, l.Y, height)
			}
		}
	})
}

func TestFuzzyFolders(t *testing.T) {
	names := []string{"Posteingang", "Bauanträge", "Bauanträge › Rückfragen", "Archiv › 2026", "Papierkorb"}
	for typed, want := range map[string]int{"rück": 2, "ruck": 2, "bau": 1, "a26": 3, "PK": 4, "": 0} {
		got := fuzzyOrder(typed, names)
		if len(got) == 0 || got[0] != want {
			t.Errorf("%q: %v", typed, got)
		}
	}
	if len(fuzzyOrder("xyz", names)) != 0 {
		t.Error("nothing fits")
	}
}

func TestWrappedParagraphsAreJoined(t *testing.T) {
	text := []string{
		"wir laden herzlich ein zur Teilversammlung im Ratssaal. Themen sind die neue", "Dienstvereinbarung zur mobilen Arbeit und die Wahl der Vertrauensleute.", "",
		"Freundliche Grüße", "Personalrat", "- ein Punkt, der so lang ist, dass er fast bis an den rechten Rand reicht", "und weiter",
	}
	got := unwrap(text)
	want := append([]string{text[0] + " " + text[1]}, text[2:]...)
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		lines := strings.Split(rapid.StringMatching(`([A-Za-z.:]{1,9}[ \n]){0,60}`).Draw(t, "text"), "\n")
		squeeze := func(l []string) string { return strings.Join(strings.Fields(strings.Join(l, " ")), " ") }
		if got := unwrap(lines); squeeze(got) != squeeze(lines) {
			t.Fatalf("%q became %q", lines, got)
		}
	})
}

func TestLinksKeepTheWordsOfALine(t *testing.T) {
	anchors := []anchor{{Text: "hier", Href: "https://a.de/x"}, {Text: "zum Portal www.b.de", Href: "https://a.de/x"}, {Text: "www.b.de", Href: "https://c.de"}}
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOf(rapid.SampledFrom([]string{"hier", "zum Portal", "www.b.de", "<https://a.de/x>", "<https://c.de>", "a@b.de", "(https://x.de/)", "äh", "<", ">", " "})).Draw(t, "parts")
		line := strings.Join(parts, " ")
		plain := ""
		for _, s := range findLinks(line, nil) {
			plain += s.Text
		}
		if plain != line {
			t.Fatalf("%q became %q", line, plain)
		}
		for _, s := range findLinks(line, anchors) {
			if s.Warn && s.Href == "https://a.de/x" && s.Text == "hier" {
				t.Fatalf("%q warns of %q", line, s.Text)
			}
		}
	})
	spans := findLinks("zum Portal www.b.de <https://a.de/x>.", anchors)
	if len(spans) != 2 || spans[0].Text != "zum Portal www.b.de" || !spans[0].Warn || spans[1].Text != "." {
		t.Errorf("got %+v", spans)
	}
}
