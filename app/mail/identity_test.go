// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSentFolderOfAnIdentity(t *testing.T) {
	folder := func(name string) Folder { return Folder{Name: name, Delim: ".", Selectable: true} }
	folders := []Folder{
		folder("INBOX"), folder("Sent"), folder("shared.post"), folder("shared.post.Entwürfe"), folder("shared.post.sent items"), folder("shared.post.Gesendet"),
		folder("shared.poststelle2.Sent"), folder("shared.leer"),
		{Name: "shared.leer.Sent", Delim: "."},
		folder("Akten"),
	}
	for name, c := range map[string]struct {
		i    Identity
		want string
	}{
		"none of its own":              {Identity{}, ""},
		"named":                        {Identity{SentFolder: "Akten", Mailbox: "shared.post"}, "Akten"},
		"named but gone":               {Identity{SentFolder: "Weg"}, ""},
		"best known of its mailbox":    {Identity{Mailbox: "shared.post"}, "shared.post.Gesendet"},
		"gone, but with mailbox":       {Identity{SentFolder: "Weg", Mailbox: "shared.post"}, "shared.post.Gesendet"},
		"mailbox without one":          {Identity{Mailbox: "shared.leer"}, ""},
		"not of a mailbox named alike": {Identity{Mailbox: "shared.poststelle"}, ""},
		"left to the server":           {Identity{SentFolder: SentByServer}, ""},
	} {
		if f, ok := SentFolder(c.i, folders); f.Name != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q, want %q", name, f.Name, c.want)
		}
	}
}

func TestSignatureIsChanged(t *testing.T) {
	for name, c := range map[string]struct{ text, before, after, want string }{
		"at the end":          {"Hallo\n\n-- \nAnna\nAmt\n", "Anna\nAmt\n", "Presse", "Hallo\n\n-- \nPresse\n"},
		"above a quote":       {"\n\nAnna\n\n> alt\n", "Anna", "Presse", "\n\nPresse\n\n> alt\n"},
		"none any more":       {"Hallo\n\n-- \nAnna\n", "Anna", "", "Hallo\n\n"},
		"none before":         {"Hallo\n", "", "Presse", "Hallo\n\n-- \nPresse\n"},
		"none, above a quote": {"Hallo\n\n> alt\n", "", "Presse", "Hallo\n\n> alt\n"},
		"changed by hand":     {"Hallo\n\n-- \nIhre A.\n", "Anna", "Presse", "Hallo\n\n-- \nIhre A.\n"},
		"the same":            {"Hallo", " Anna", "Anna\n", "Hallo"},
		"named in the text":   {"Frag die Presse.\n\n-- \nPresse\n", "Presse", "Rathaus", "Frag die Presse.\n\n-- \nRathaus\n"},
		"only in the text":    {"Frag die Presse.\n", "Presse", "Rathaus", "Frag die Presse.\n"},
		"a line and the end":  {"Presse\nsagt zu.\n\n-- \nPresse\n", "Presse", "Rathaus", "Presse\nsagt zu.\n\n-- \nRathaus\n"},
		"in a quote only":     {"Ja.\n\n> Anna\n", "Anna", "Presse", "Ja.\n\n> Anna\n"},
		"below a quote":       {"> alt\n\nJa.\n\nAnna\n", "Anna", "Presse", "> alt\n\nJa.\n\nPresse\n"},
		"none, quote first":   {"> alt\nJa.\n", "", "Presse", "> alt\nJa.\n"},
		"forwarded":           {"\n\nAnna\n\n---------- Weitergeleitet ----------\nVon: a\n\nAnna\n", "Anna", "Presse", "\n\nPresse\n\n---------- Weitergeleitet ----------\nVon: a\n\nAnna\n"},
		"only forwarded":      {"\n\n---------- Weitergeleitet ----------\nVon: a\n\nAnna\n", "Anna", "Presse", "\n\n---------- Weitergeleitet ----------\nVon: a\n\nAnna\n"},
		"none, forwarded":     {"\n\n---------- Weitergeleitet ----------\nVon: a\n", "", "Presse", "\n\n---------- Weitergeleitet ----------\nVon: a\n"},
		"ends with the other": {"x Anna", "Anna", "Presse", "x Anna"},
	} {
		if got := ChangeSignature(c.text, c.before, c.after); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Whatever is in a person's own text is there after any number of changes of the sender.
func TestChangingTheSenderLosesNoText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		own := rapid.StringMatching(`[a-zäöü .,]{1,40}`).Draw(t, "own")
		signatures := []string{"", "ANNA\nAMT", "PRESSE", "POSTSTELLE\nRATHAUS 1"}
		now := ""
		text := own + "\n"
		for range rapid.IntRange(1, 6).Draw(t, "changes") {
			next := rapid.SampledFrom(signatures).Draw(t, "next")
			text, now = ChangeSignature(text, now, next), next
		}
		if !strings.HasPrefix(text, own) || now != "" && !strings.Contains(text, now) {
			t.Fatalf("%q", text)
		}
		for _, s := range signatures[1:] {
			if n := strings.Count(text, s); n > 1 || s != now && n > 0 {
				t.Fatalf("%q has %q %d times", text, s, n)
			}
		}
	})
}

func TestAnswerIdentity(t *testing.T) {
	list := []Identity{
		{Address: "anna@amt.example"},
		{ID: 1, Address: "presse@amt.example", Default: true},
		{ID: 2, Address: "post@amt.example", Mailbox: "Geteilt/Post"},
		{ID: 3, Address: "eilt@amt.example", Mailbox: "Geteilt/Post/Eilt"},
	}
	addr := func(s string) []Address { return []Address{{Addr: s}} }
	for name, c := range map[string]struct {
		m      Message
		folder string
		want   int64
	}{
		"to":                        {Message{Summary: Summary{To: addr("Anna@Amt.example")}}, "INBOX", 0},
		"to before copy":            {Message{Summary: Summary{To: addr("anna@amt.example")}, Cc: addr("presse@amt.example")}, "INBOX", 0},
		"copy":                      {Message{Summary: Summary{To: addr("x@y.example")}, Cc: addr("post@amt.example")}, "INBOX", 2},
		"hidden copy":               {Message{Bcc: addr("anna+x@amt.example")}, "INBOX", 0},
		"one's own":                 {Message{Summary: Summary{From: Address{Addr: "eilt@amt.example"}, To: addr("x@y.example")}}, "Sent", 3},
		"a list":                    {Message{Summary: Summary{To: addr("alle@y.example")}}, "INBOX", 1},
		"in a shared mailbox":       {Message{Summary: Summary{To: addr("anna@amt.example")}}, "Geteilt/Post", 2},
		"below a shared mailbox":    {Message{}, "Geteilt/Post/2026", 2},
		"the nearest mailbox":       {Message{}, "Geteilt/Post/Eilt/Heute", 3},
		"beside a shared mailbox":   {Message{}, "Geteilt/Postfach", 1},
		"nothing is known about it": {Message{}, "", 1},
	} {
		if got := AnswerIdentity(list, c.m, c.folder, "/"); got.ID != c.want {
			t.Errorf("%s: %d, want %d", name, got.ID, c.want)
		}
	}
	if got := IdentityByID(list, 77); got.ID != 1 {
		t.Errorf("a sender that was removed became %d", got.ID)
	}
	if got := DefaultIdentity(list[2:]); got.ID != 2 {
		t.Errorf("without a default %d", got.ID)
	}
}

// Identifiers that would break a header do not go on, the others in their order, the first and the newest always.
func TestReferencesFitIntoAHeader(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.OneOf(rapid.StringMatching(`[a-z]{1,9}@[a-z]{1,9}`), rapid.SampledFrom([]string{"", "a b", "<x@y>", "x\r\ny", strings.Repeat("x", 2000)}))
		m := Message{References: rapid.SliceOfN(id, 0, 130).Draw(t, "references"), InReplyTo: id.Draw(t, "in reply to")}
		m.MessageID = id.Draw(t, "id")
		inReplyTo, references := References(m)
		if len(references) > maxReferences || inReplyTo != "" && (inReplyTo != m.MessageID || references[len(references)-1] != inReplyTo) {
			t.Fatalf("%q %q", inReplyTo, references)
		}
		for _, one := range references {
			if one == "" || len(one) > 900 || strings.ContainsAny(one, " \r\n<>") {
				t.Fatalf("%q", one)
			}
		}
	})
}

func TestWithoutDetail(t *testing.T) {
	for in, want := range map[string]string{"a+b@c.de": "a@c.de", "a@c+d.de": "a@c+d.de", "+b@c.de": "+b@c.de", "a+b": "a+b", "a+b+c@d.de": "a@d.de"} {
		if got := withoutDetail(in); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
}

func TestQueueIDs(t *testing.T) {
	for reply, want := range map[string]string{
		"250 2.0.0 Ok: queued as 4fXyZ12abc":                                        "4fXyZ12abc",
		"250 OK id=1rABCD-0001xy-2Z":                                                "1rABCD-0001xy-2Z",
		"250 2.6.0 <x@y> [InternalId=12345, Hostname=EX01.amt.example] Queued mail": "12345",
		"250 2.0.0 3AN9x1Qw012345 Message accepted for delivery":                    "3AN9x1Qw012345",
		"250 2.0.0 OK  1700000000 5b1f17b1804b1-40b2c8sm1 - gsmtp":                  "1700000000",
		"250 2.0.0 Ok: queued as ABC.":                                              "ABC",
		"250 fine":                                                                  "",
		"":                                                                          "",
	} {
		if got := QueueID(reply); got != want {
			t.Errorf("%s: %q, want %q", reply, got, want)
		}
	}
}

func TestReplyCauses(t *testing.T) {
	for _, c := range []struct {
		code   int
		status string
		want   string
	}{
		{550, "5.1.1", "no-mailbox"},
		{450, "4.7.1", "later"},
		{550, "5.7.1", "policy"},
		{452, "4.5.3", "too-many"},
		{552, "5.2.2", "full"},
		{552, "5.3.4", "too-large"},
		{550, "", "no-mailbox"},
		{554, "", "refused"},
		{599, "", "refused"},
		{499, "", "busy"},
		{550, "5.4.99", "route"},
		{500, "5.5.2", "protocol"},
		{550, "5.7.99", "policy"},
		{556, "5.1.10", "no-domain"},
		{553, "5.1.8", "sender"},
		{554, "9.9.9", "refused"},
	} {
		if got := ReplyCause(c.code, c.status); got != c.want {
			t.Errorf("%d %s: %s, want %s", c.code, c.status, got, c.want)
		}
	}
}

func TestWarningsBeforeSending(t *testing.T) {
	addrs := func(list ...string) (out []Address) {
		for _, a := range list {
			out = append(out, Address{Addr: a})
		}
		return out
	}
	for name, c := range map[string]struct {
		out  Outgoing
		o    CheckOptions
		want []WarningKind
	}{
		"all is well":            {Outgoing{Subject: "Plan", To: addrs("a@amt.example")}, CheckOptions{OwnDomains: []string{"amt.example"}, MaxVisible: 2}, nil},
		"no subject":             {Outgoing{Subject: " \t"}, CheckOptions{}, []WarningKind{WarnNoSubject}},
		"attachment forgotten":   {Outgoing{Subject: "Plan", Text: "anbei der Plan"}, CheckOptions{}, []WarningKind{WarnAttachment}},
		"attachment there":       {Outgoing{Subject: "Plan", Text: "anbei", Attachments: []OutAttachment{{}}}, CheckOptions{}, nil},
		"attachment in a quote":  {Outgoing{Subject: "Re: Plan", Text: "ja\n> anbei der Plan"}, CheckOptions{}, nil},
		"outside, hidden":        {Outgoing{Subject: "x", To: addrs("a@amt.example"), Bcc: addrs("b@firma.example")}, CheckOptions{OwnDomains: []string{"amt.example"}}, []WarningKind{WarnExternal}},
		"below the own domain":   {Outgoing{Subject: "x", To: addrs("a@post.AMT.example")}, CheckOptions{OwnDomains: []string{"@amt.example"}}, nil},
		"ends like the own one":  {Outgoing{Subject: "x", To: addrs("a@boesamt.example")}, CheckOptions{OwnDomains: []string{"amt.example"}}, []WarningKind{WarnExternal}},
		"many see each other":    {Outgoing{Subject: "x", To: addrs("a@x", "b@x"), Cc: addrs("c@x")}, CheckOptions{MaxVisible: 3}, []WarningKind{WarnVisible}},
		"named twice":            {Outgoing{Subject: "x", To: addrs("a@x", "A@x"), Cc: addrs("b@x")}, CheckOptions{MaxVisible: 3}, nil},
		"hidden ones do not see": {Outgoing{Subject: "x", Bcc: addrs("a@x", "b@x", "c@x")}, CheckOptions{MaxVisible: 3}, nil},
		"too large":              {Outgoing{Subject: "x", Attachments: []OutAttachment{{Data: make([]byte, 1000)}}}, CheckOptions{SizeLimit: 3000}, []WarningKind{WarnTooLarge}},
	} {
		var got []WarningKind
		for _, w := range Check(c.out, c.o) {
			got = append(got, w.Kind)
		}
		if len(got) != len(c.want) || len(got) > 0 && got[0] != c.want[0] {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	outside := Check(Outgoing{Subject: "x", To: addrs("in@amt.example", "out@x.example", "OUT@x.example")}, CheckOptions{OwnDomains: []string{"amt.example", ""}})
	if len(outside) != 1 || FormatAddresses(outside[0].Addresses) != "out@x.example" {
		t.Errorf("%+v", outside)
	}
}
