// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func addr(s string) []Address {
	list, err := ParseAddresses(s)
	if err != nil {
		panic(err)
	}
	return list
}

func TestParseAddresses(t *testing.T) {
	for in, want := range map[string][]Address{
		"":                                    nil,
		" , ; ":                               nil,
		"a@b.de":                              {{"", "a@b.de"}},
		"Jörg <j@b.de>; k@b.de, L M <l@b.de>": {{"Jörg", "j@b.de"}, {"", "k@b.de"}, {"L M", "l@b.de"}},
		"Müller, Jörg <j@b.de>, k@b.de":       {{"Müller, Jörg", "j@b.de"}, {"", "k@b.de"}},
		`"Amt, \"Z\"" <z@b.de>`:               {{`Amt, "Z"`, "z@b.de"}},
		"a@b.de\nb@b.de\r\n":                  {{"", "a@b.de"}, {"", "b@b.de"}},
		"<mailto:a@b.de>":                     {{"", "a@b.de"}},
		"Name a@b.de":                         {{"Name", "a@b.de"}},
		"a@b.de <A@B.de>":                     {{"", "A@B.de"}},
		"root@localhost":                      {{"", "root@localhost"}},
		"jörg@müller.example":                 {{"", "jörg@müller.example"}},
		`"a@b.de" <a@b.de>`:                   {{"", "a@b.de"}},
	} {
		got, err := ParseAddresses(in)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %v, %v", in, got, err)
		}
	}
	for in, part := range map[string]string{
		"a@b.de, Berta, c@d.de": "Berta", "nobody": "nobody", "a@": "a@", "@b": "@b", "A <a@b.de": "A <a@b.de", "a b@c@d": "a b@c@d",
		"A <a@b.de> x": "A <a@b.de> x", "a@b..de": "a@b..de", "a@-b.de": "a@-b.de", "Müller, ": "Müller", "x, y@z.de": "x", "a@.de": "a@.de", "<>": "<>",
	} {
		_, err := ParseAddresses(in)
		var bad *AddressError
		if !errors.As(err, &bad) || bad.Part != part || !errors.Is(err, ErrAddress) || !strings.Contains(err.Error(), part) {
			t.Errorf("%q: %v, want one about %q", in, err, part)
		}
	}
	good, err := ParseAddresses("a@b.de, nonsense, c@d.de")
	if err == nil || len(good) != 2 {
		t.Errorf("good ones beside a bad one: %v %v", good, err)
	}
}

// What is formatted is read back.
func TestAddressesRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`([A-Za-zäöü.,;<>"\\@()]+( [A-Za-zäöü,"\\]+)?)?`)
		list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Address {
			return Address{Name: name.Draw(t, "name"), Addr: rapid.StringMatching(`[a-z]{1,8}(\.[a-z]{1,5})?@[a-z]{1,8}\.example`).Draw(t, "addr")}
		}), 0, 5).Draw(t, "list")
		for i := range list {
			if strings.EqualFold(list[i].Name, list[i].Addr) {
				list[i].Name = ""
			}
		}
		got, err := ParseAddresses(FormatAddresses(list))
		if err != nil || len(got) != len(list) {
			t.Fatalf("%q: %v %v", FormatAddresses(list), got, err)
		}
		for i := range list {
			if got[i] != list[i] {
				t.Fatalf("%q: got %q, want %q", FormatAddresses(list), got[i], list[i])
			}
		}
	})
}

func TestLabel(t *testing.T) {
	if (Address{"N", "a@b"}).Label() != "N" || (Address{"", "a@b"}).Label() != "a@b" {
		t.Error("label")
	}
}

func TestRecipients(t *testing.T) {
	own := []string{"ich@amt.example", "poststelle@amt.example"}
	base := Message{Summary: Summary{From: Address{"A", "a@x.example"}, To: addr("Ich@amt.example, b@x.example")}, Cc: addr("c@x.example, a@x.example, poststelle@amt.example")}
	listed := base
	listed.ReplyTo = addr("liste@x.example")
	mine := Message{Summary: Summary{From: Address{"Ich", "ICH@amt.example"}, To: addr("b@x.example")}, Cc: addr("c@x.example")}
	self := Message{Summary: Summary{From: Address{"", "ich@amt.example"}, To: addr("ich@amt.example")}}
	ccOnly := Message{Summary: Summary{From: Address{"", "ich@amt.example"}}, Cc: addr("c@x.example")}
	for _, c := range []struct {
		name   string
		m      Message
		all    bool
		to, cc string
	}{
		{"reply", base, false, "A <a@x.example>", ""},
		{"reply all", base, true, "A <a@x.example>, b@x.example", "c@x.example"},
		{"reply-to", listed, false, "liste@x.example", ""},
		{"reply-to, all", listed, true, "liste@x.example, b@x.example", "c@x.example, a@x.example"},
		{"to what one sent", mine, false, "b@x.example", ""},
		{"to what one sent, all", mine, true, "b@x.example", "c@x.example"},
		{"to oneself", self, true, "ich@amt.example", ""},
		{"only copies", ccOnly, true, "c@x.example", ""},
		{"nobody", ccOnly, false, "ich@amt.example", ""},
		{"nothing known", Message{}, true, "", ""},
	} {
		to, cc := Recipients(c.m, own, c.all)
		if FormatAddresses(to) != c.to || FormatAddresses(cc) != c.cc {
			t.Errorf("%s: to %q cc %q", c.name, FormatAddresses(to), FormatAddresses(cc))
		}
	}
}

// Nobody gets an answer twice, and nobody who wrote it gets one unless there is nobody else.
func TestRecipientsProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Address {
			return Address{Addr: rapid.SampledFrom([]string{"a@x", "A@X", "b@x", "c@x", "ich@x", ""}).Draw(t, "addr")}
		}), 0, 5)
		m := Message{Summary: Summary{From: Address{Addr: rapid.SampledFrom([]string{"a@x", "ich@x", ""}).Draw(t, "from")}, To: list.Draw(t, "to")}, Cc: list.Draw(t, "cc"), ReplyTo: list.Draw(t, "reply-to")}
		to, cc := Recipients(m, []string{"Ich@x"}, rapid.Bool().Draw(t, "all"))
		seen := map[string]bool{}
		others := 0
		for _, a := range append(append([]Address{}, to...), cc...) {
			key := strings.ToLower(a.Addr)
			if seen[key] {
				t.Fatalf("%q twice in %v %v", key, to, cc)
			}
			seen[key] = true
			if key != "ich@x" {
				others++
			}
		}
		if seen["ich@x"] && others > 0 {
			t.Fatalf("oneself beside others: %v %v", to, cc)
		}
	})
}

func TestSubjects(t *testing.T) {
	for in, want := range map[string]string{
		"Haushalt": "AW: Haushalt", "Re: AW: Antw: Haushalt": "AW: Haushalt", "RE[2]: x": "AW: x", "WG: x": "AW: WG: x", "": "AW:", "Rezept: Suppe": "AW: Rezept: Suppe", "re : x": "AW: x",
	} {
		if got := ReplySubject("AW", in); got != want {
			t.Errorf("reply to %q: %q", in, got)
		}
	}
	for in, want := range map[string]string{"x": "WG: x", "Fwd: FW: x": "WG: x", "AW: x": "WG: AW: x", "[Fwd: x]": "WG: x"} {
		if got := ForwardSubject("WG", in); got != want {
			t.Errorf("forward of %q: %q", in, got)
		}
	}
}

func TestReferences(t *testing.T) {
	id, refs := References(Message{Summary: Summary{MessageID: "c@x"}, References: []string{"a@x", "b@x"}})
	if id != "c@x" || strings.Join(refs, " ") != "a@x b@x c@x" {
		t.Error(id, refs)
	}
	if _, refs = References(Message{Summary: Summary{MessageID: "c@x"}, InReplyTo: "b@x"}); strings.Join(refs, " ") != "b@x c@x" {
		t.Error(refs)
	}
	if id, refs = References(Message{}); id != "" || refs != nil {
		t.Error(id, refs)
	}
	long := Message{Summary: Summary{MessageID: "last@x"}}
	for range 500 {
		long.References = append(long.References, "r@x")
	}
	long.References[0] = "first@x"
	if _, refs = References(long); len(refs) != maxReferences || refs[0] != "first@x" || refs[maxReferences-1] != "last@x" {
		t.Errorf("%d %v", len(refs), refs)
	}
	if long.References[1] != "r@x" {
		t.Error("the original was changed")
	}
}

func TestQuote(t *testing.T) {
	got := Quote("A schrieb:", "Hallo\n\n> alt\n>> älter\n\n-- \nSignatur\n")
	want := "A schrieb:\n> Hallo\n>\n>> alt\n>>> älter\n"
	if got != want {
		t.Errorf("got %q", got)
	}
	if StripSignature("\n-- \nnur") != "\n-- \nnur" {
		t.Error("a text that is all signature was lost")
	}
}

func TestForwardText(t *testing.T) {
	m := Message{Summary: Summary{From: Address{"A", "a@x"}, To: []Address{{"", "b@x"}}, Subject: "S"}, Text: "Text\n\n"}
	got := ForwardText(ForwardWords{"Weitergeleitete Nachricht", "Von", "Datum", "Betreff", "An", "Kopie"}, m, "1.1.")
	want := "---------- Weitergeleitete Nachricht ----------\nVon: A <a@x>\nDatum: 1.1.\nBetreff: S\nAn: b@x\n\nText\n"
	if got != want {
		t.Errorf("got %q", got)
	}
}

func TestEnvelope(t *testing.T) {
	out := Outgoing{From: Address{"", "i@x.de"}, To: addr("a@x.de"), Cc: addr("A@X.de, b@x.de"), Bcc: addr("c@x.de")}
	from, to, err := Envelope(out)
	if err != nil || from != "i@x.de" || strings.Join(to, " ") != "a@x.de b@x.de c@x.de" {
		t.Error(from, to, err)
	}
	for want, bad := range map[error]Outgoing{
		ErrNoRecipient: {From: out.From}, ErrNoSender: {To: out.To}, ErrAddress: {From: out.From, To: []Address{{"", "a b"}}},
	} {
		if _, _, err := Envelope(bad); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
}

func TestAttachmentWord(t *testing.T) {
	for in, want := range map[string]string{
		"anbei die Unterlagen": "anbei", "Siehe Anhang.": "anhang", "In der Anlage finden Sie": "in der anlage", "Please find attached": "attached",
		"Die Kläranlage in Anlagenbau": "", "> im Anhang": "", "x\n\n-- \nmit Anhang": "", "---------- Weiter ----------\nAnhang": "", "Zusammenhang": "", "": "",
		"Anlagen: 2": "anlagen", "unattached": "", "attached and Anhang": "attached", "Mit Anhängen": "anhängen",
	} {
		if got := AttachmentWord("", in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if AttachmentWord("Anhang", "x") != "anhang" {
		t.Error("subject")
	}
}
