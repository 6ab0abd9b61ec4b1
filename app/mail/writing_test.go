// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// scripts are names as people in offices have them, in scripts of all directions.
var scripts = []string{
	"Jörg Müller-Lüdenscheidt", "Żaneta Łącka", "Ελένη Παπαδοπούλου", "Наталья Щербакова", "مريم الحسن", "שרה כהן", "佐藤 花子", "김 민준",
	"नीलम शर्मा", "สมชาย ใจดี", "Ngô Thị Hạnh", "Frau 👩‍💼 Amt", "O'Neil, Seán", `Dr. "Rat" <Haus>`, `Back\slash`, "(Vertretung) Anna", "a@b.example",
}

// Names of every script come back as they were, alone and in a list, however the list was separated.
func TestNamesOfAllScripts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Address {
			return Address{
				Name: rapid.SampledFrom(scripts).Draw(t, "name"),
				Addr: rapid.SampledFrom([]string{"a@b.example", "jörg@müller.example", "用户@例子.example", "x+y.z@sub.stadt.example", "ivan@почта.example"}).Draw(t, "addr"),
			}
		}), 1, 5).Draw(t, "list")
		separator := rapid.SampledFrom([]string{", ", ",", ";", " ;\t", "\n", "\r\n", ",\r\n "}).Draw(t, "separator")
		parts := make([]string, len(list))
		for i, a := range list {
			parts[i] = a.String()
		}
		got, err := ParseAddresses(strings.Join(parts, separator))
		if err != nil || len(got) != len(list) {
			t.Fatalf("%q: %v, %v", strings.Join(parts, separator), got, err)
		}
		for i, want := range list {
			if want.Name == want.Addr {
				want.Name = ""
			}
			if got[i] != want {
				t.Fatalf("%q became %q", want, got[i])
			}
		}
	})
}

// Whatever is pasted, what is taken for an address is one, and what is not is told.
func TestPastedTextGivesOnlyAddresses(t *testing.T) {
	piece := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-zä@<>",;:. \\()\[\]\n-]{0,20}`), rapid.SampledFrom(scripts))
	rapid.Check(t, func(t *rapid.T) {
		in := strings.Join(rapid.SliceOfN(piece, 0, 4).Draw(t, "in"), rapid.SampledFrom([]string{"", ",", "<a@b.example>", "\n"}).Draw(t, "between"))
		list, err := ParseAddresses(in)
		for _, a := range list {
			if !ValidAddress(a.Addr) || strings.ContainsAny(a.Addr, " \r\n<>") {
				t.Fatalf("%q: %q is no address", in, a.Addr)
			}
			back, err := ParseAddresses(a.String())
			if utf8.ValidString(in) && (err != nil || len(back) != 1 || back[0].Addr != a.Addr) {
				t.Fatalf("%q is read as %v, %v", a.String(), back, err)
			}
		}
		if err == nil && len(list) == 0 && strings.ContainsFunc(in, func(r rune) bool { return !unicode.IsSpace(r) && r != ',' && r != ';' }) {
			t.Fatalf("%q: nothing is said about it", in)
		}
		var bad *AddressError
		if err != nil && (!errors.As(err, &bad) || bad.Part == "") {
			t.Fatalf("%q: %v", in, err)
		}
	})
}

func TestInvisibleCharacters(t *testing.T) {
	for in, want := range map[string]string{
		"\u200bamt@stadt.example\u200b": "amt@stadt.example", "\u202aamt@stadt.example\u202c": "amt@stadt.example", "\ufeffAmt <\u00a0amt@stadt.example\u00a0>": "Amt <amt@stadt.example>",
		"Amt\u00a0amt@stadt.example": "Amt <amt@stadt.example>", "Amt\u2003amt@stadt.example": "Amt <amt@stadt.example>", "a@نامه\u200cای.example": "a@نامه\u200cای.example",
	} {
		list, err := ParseAddresses(in)
		if got := strings.TrimPrefix(FormatAddresses(list), "\ufeff"); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, bad := range []string{"a@stadt\u200b.example", "a\u202eb@stadt.example", "a\u00adb@stadt.example"} {
		if ValidAddress(bad) {
			t.Errorf("%q looks like another address", bad)
		}
	}
}

func TestAddressLimits(t *testing.T) {
	domain := "@" + strings.Repeat("d", 60) + ".example"
	for n, want := range map[int]bool{254 - len(domain): true, 255 - len(domain): false} {
		if got := ValidAddress(strings.Repeat("l", n) + domain); got != want {
			t.Errorf("%d octets: %v", n+len(domain), got)
		}
	}
}

// However often a subject is answered and passed on, in whatever language, each mark stands once, and what the message
// is about stays.
func TestSubjectsDoNotGrow(t *testing.T) {
	marks := []string{"Re: ", "AW: ", "Antw: ", "RE[3]: ", "re (2) : ", "SV: ", "Fwd: ", "WG: ", "FW: ", "Vs: "}
	rapid.Check(t, func(t *rapid.T) {
		core := rapid.StringMatching(`[A-ZÄÖÜ][a-zäöü]{6,9}( [a-z0-9:\[\]/]{1,8}){0,3}[a-z]`).Draw(t, "core")
		subject := strings.Join(rapid.SliceOfN(rapid.SampledFrom(marks), 0, 5).Draw(t, "marks"), "") + core
		answered := ReplySubject("AW", subject)
		if !strings.HasSuffix(answered, core) || ReplySubject("AW", answered) != answered || ReplySubject("Re", ReplySubject("AW", subject)) != ReplySubject("Re", subject) {
			t.Fatalf("%q became %q", subject, answered)
		}
		forwarded := ForwardSubject("WG", subject)
		if !strings.HasSuffix(forwarded, core) || ForwardSubject("WG", forwarded) != forwarded {
			t.Fatalf("%q became %q", subject, forwarded)
		}
		base, _ := BaseSubject(subject)
		for _, s := range []string{answered, forwarded, "[Amt] " + answered, answered + " (fwd)"} {
			if got, reply := BaseSubject(s); got != base || !reply {
				t.Fatalf("%q and %q are no conversation: %q, %q", subject, s, base, got)
			}
		}
	})
}

// A quote holds every line of the text, in its order, each one mark deeper, and can be told from one's own words.
func TestQuotesHoldEveryLine(t *testing.T) {
	line := rapid.SampledFrom([]string{"", " ", "Text", ">", "> alt", ">> älter", "  eingerückt", "--", "-- x", "From here", "\tTab"})
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(line, 0, 12).Draw(t, "lines")
		text := strings.Join(lines, "\n")
		quoted := strings.Split(strings.TrimSuffix(Quote("A schrieb:", text), "\n"), "\n")
		if quoted[0] != "A schrieb:" {
			t.Fatalf("%q", quoted)
		}
		var back []string
		for _, q := range quoted[1:] {
			rest, ok := strings.CutPrefix(q, ">")
			if !ok {
				t.Fatalf("%q is not quoted", q)
			}
			if !strings.HasPrefix(rest, ">") {
				rest = strings.TrimPrefix(rest, " ")
			}
			back = append(back, strings.TrimRight(rest, " \t"))
		}
		want := strings.Split(strings.TrimRight(text, "\n \t"), "\n")
		for i := range want {
			want[i] = strings.TrimRight(want[i], " \t")
		}
		if got := strings.Join(back, "\n"); got != strings.Join(want, "\n") {
			t.Fatalf("%q is quoted as %q", text, got)
		}
		if w := AttachmentWord("", strings.Join(quoted[1:], "\n")); w != "" {
			t.Fatalf("%q of somebody else counts", w)
		}
	})
}

func TestSignatureIsNotQuoted(t *testing.T) {
	for text, want := range map[string]string{
		"Hallo\n-- \nAnna":                  "> Hallo\n",
		"Hallo\n-- \nA\n-- \nB":             "> Hallo\n> -- \n> A\n",
		"-- \nnur eine Signatur":            "> -- \n> nur eine Signatur\n",
		"\n \n-- \nnichts darüber":          ">\n>\n> -- \n> nichts darüber\n",
		"Preis -- \nund noch mehr darunter": "> Preis -- \n> und noch mehr darunter\n",
	} {
		if got := Quote("A:", text); got != "A:\n"+want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// EncodedSize never promises too little: a message that it calls small enough is.
func TestEncodedSizeIsNoPromiseTooMuch(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 56, 57, 58, 114, 1000, 1 << 20} {
		out := Outgoing{Text: "x", Attachments: []OutAttachment{{Data: make([]byte, n)}}}
		least := int64((n+2)/3*4 + (n+56)/57*2)
		if got := EncodedSize(out); got < least || got > least+4096 {
			t.Errorf("%d octets: %d, base64 alone takes %d", n, got, least)
		}
	}
	size := error(&SizeError{Size: 30 << 20, Limit: 20 << 20})
	if !errors.Is(size, ErrTooLarge) || !strings.Contains(size.Error(), "31457280 of 20971520") || size.(interface{ Code() string }).Code() != "send.too-large" { //nolint:errorlint // it is that one
		t.Error(size)
	}
}

// Some outcomes say what became of a message only by their status.
func TestReportsTellFailures(t *testing.T) {
	for name, c := range map[string]struct {
		outcomes []Outcome
		failed   bool
	}{
		"nothing known":      {nil, false},
		"all well":           {[]Outcome{{Action: "delivered", Status: "2.0.0"}, {Action: "relayed"}}, false},
		"one of two":         {[]Outcome{{Action: "delivered"}, {Action: "failed", Status: "5.1.1"}}, true},
		"delayed":            {[]Outcome{{Action: "delayed", Status: "4.4.1"}}, false},
		"only a status":      {[]Outcome{{Status: "5.2.2"}}, true},
		"only a later one":   {[]Outcome{{Status: "4.2.2"}}, false},
		"the action decides": {[]Outcome{{Action: "delivered", Status: "5.0.0"}}, false},
		"shown on a screen":  {[]Outcome{{Action: "displayed"}}, false},
	} {
		if got := (&Report{Recipients: c.outcomes}).Failed(); got != c.failed {
			t.Errorf("%s: %v", name, got)
		}
	}
}
