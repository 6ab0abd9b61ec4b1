// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"

	"kontor/app/mail"
)

func TestFinish(t *testing.T) {
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	for _, c := range []struct{ name, in, want string }{
		{
			"complete", "From: a@x.de\r\nBcc: b@x.de,\r\n c@x.de\r\nMessage-ID: <m@x>\r\nDate: Mon, 23 Nov 2026 07:00:00 +0000\r\nbcc : d@x.de\r\nSubject: s\r\n\r\nBcc: stays\r\n",
			"From: a@x.de\r\nMessage-ID: <m@x>\r\nDate: Mon, 23 Nov 2026 07:00:00 +0000\r\nSubject: s\r\n\r\nBcc: stays\r\n",
		},
		{"mbox line and bare ends", "From a Mon\nFrom: a@x.de\nMessage-ID: <m@x>\nDate: Mon, 23 Nov 2026 07:00:00 +0000\n\nx", "From: a@x.de\r\nMessage-ID: <m@x>\r\nDate: Mon, 23 Nov 2026 07:00:00 +0000\r\n\r\nx"},
		{"no body", "From: a@x.de\nMessage-ID: <m@x>\nDate: Mon, 23 Nov 2026 07:00:00 +0000", "From: a@x.de\r\nMessage-ID: <m@x>\r\nDate: Mon, 23 Nov 2026 07:00:00 +0000\r\n\r\n"},
	} {
		if got, _ := Finish([]byte(c.in), "me@x.de", now); string(got) != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
	got, h := Finish([]byte("To: b@x.de\n\nx"), "me@x.de", now)
	p := ParseHeader(got)
	if p.From.Addr != "me@x.de" || p.MessageID == "" || p.MessageID != h.MessageID || !p.Date.Equal(now) || !bytes.HasSuffix(got, []byte("\r\n\r\nx")) {
		t.Errorf("%q", got)
	}
}

// What is written into an mbox is read back as it was, line ends aside.
func TestMboxRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		state := rapid.SampledFrom([]string{"", StateHeader(mail.Seen|mail.Flagged, []string{"eilig"}), StateHeader(0, nil)}).Draw(t, "state")
		line := rapid.OneOf(rapid.StringMatching(`[a-z>]{0,20}`), rapid.SampledFrom([]string{"From x", ">From y", ">>From z", "", "From"}))
		var want [][]byte
		var box bytes.Buffer
		w := bufio.NewWriter(&box)
		for range rapid.IntRange(1, 4).Draw(t, "messages") {
			lines := rapid.SliceOfN(line, 1, 8).Draw(t, "lines")
			raw := []byte("Subject: x\r\n\r\n" + strings.Join(lines, "\r\n") + "\r\n")
			want = append(want, raw)
			if err := WriteMbox(w, bytes.NewReader(raw), rapid.SampledFrom([]string{"", "a@b.de", "a b"}).Draw(t, "from"), time.Now(), state); err != nil {
				t.Fatal(err)
			}
		}
		var got [][]byte
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		err := eachRaw(&box, func(raw []byte, _ time.Time) error {
			message, _, _, ok := TakeState(raw)
			if ok != (state != "") {
				t.Fatalf("%q", raw)
			}
			got = append(got, CRLF(message))
			return nil
		})
		if err != nil || len(got) != len(want) {
			t.Fatalf("%d of %d, %v", len(got), len(want), err)
		}
		for i := range want {
			if !bytes.Equal(got[i], want[i]) {
				t.Fatalf("got %q, want %q", got[i], want[i])
			}
		}
	})
}

// eachRaw reads an mbox twice: from memory, and with nearly all of it going through files. Both must give the same.
func eachRaw(r io.Reader, fn func([]byte, time.Time) error) error {
	file, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	var inMemory []string
	held := func(m MboxMessage) error {
		inMemory = append(inMemory, fmt.Sprint(m.Received, string(m.Raw)))
		return fn(m.Raw, m.Received)
	}
	if err := EachMbox(bytes.NewReader(file), os.DevNull, held); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "mbox")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	n := 0
	err = eachMbox(bytes.NewReader(file), &Spool{dir: dir, most: 3}, func(m MboxMessage) error {
		for range 2 { // it can be read as often as one likes
			if m.Open != nil {
				f, err := m.Open()
				if err != nil {
					return err
				}
				if m.Raw, err = io.ReadAll(f); err != nil {
					return err
				}
			}
			if got := fmt.Sprint(m.Received, string(m.Raw)); n >= len(inMemory) || got != inMemory[n] {
				return fmt.Errorf("message %d through a file: %q, not %q", n, got, inMemory[n:min(n+1, len(inMemory))])
			}
		}
		n++
		return nil
	})
	if left, _ := os.ReadDir(dir); err == nil && (n != len(inMemory) || len(left) > 0) {
		err = fmt.Errorf("through files: %d of %d messages, %d files are left", n, len(inMemory), len(left))
	}
	return err
}

func TestMboxErrors(t *testing.T) {
	nothing := func([]byte, time.Time) error { return nil }
	if err := eachRaw(strings.NewReader("Subject: x\n"), nothing); !errors.Is(err, ErrMbox) {
		t.Errorf("no mbox: %v", err)
	}
	if err := eachRaw(strings.NewReader("\n\n"), nothing); err != nil {
		t.Errorf("empty: %v", err)
	}
	broken := errors.New("broken disk")
	if err := eachRaw(iotest.ErrReader(broken), nothing); !errors.Is(err, broken) {
		t.Errorf("reading: %v", err)
	}
	if err := eachRaw(strings.NewReader("From a\nx\n\nFrom b\ny\n"), func([]byte, time.Time) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("the caller's: %v", err)
	}
	long := "From a\n" + strings.Repeat("x", 200_000) + "\n"
	if err := eachRaw(strings.NewReader(long), func(raw []byte, _ time.Time) error {
		if len(raw) != 200_001 {
			t.Errorf("%d octets", len(raw))
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

// The dialects of mbox: who quotes what, who counts octets, and who gets it wrong.
func TestMboxDialects(t *testing.T) {
	const sep = "From a@b.de Thu Aug 22 14:44:26 2002\n"
	for name, c := range map[string]struct {
		file string
		want []string
	}{
		"mboxrd":                                {sep + "A: b\n\n>From x\n>>From y\n>Fromage\n\n" + sep + "C: d\n\n", []string{"A: b\n\nFrom x\n>From y\n>Fromage\n", "C: d\n"}},
		"mboxo":                                 {sep + "A: b\n\n>From x\n\n", []string{"A: b\n\nFrom x\n"}},
		"a sentence that begins with From":      {sep + "A: b\n\nHello\n\nFrom here on, nothing\nmore\n\n", []string{"A: b\n\nHello\n\nFrom here on, nothing\nmore\n"}},
		"a separator without a date":            {sep + "A: b\n\nx\n\nFrom \nC: d\n\ny\n", []string{"A: b\n\nx\n", "C: d\n\ny\n"}},
		"mboxcl2":                               {sep + "Content-Length: 46\n\nx\n\n" + sep + "A: b\n\n\n" + sep + "C: d\n", []string{"Content-Length: 46\n\nx\n\n" + sep + "A: b\n\n", "C: d\n"}},
		"mboxcl2 leaves marks alone":            {sep + "Content-Length: 47\n\n>From x\n\n" + sep + "\n\n" + sep + "C: d\n", []string{"Content-Length: 47\n\n>From x\n\n" + sep + "\n", "C: d\n"}},
		"a Content-Length that is too long":     {sep + "Content-Length: 9999\n\nx\n\n" + sep + "C: d\n\n" + sep + "E: f\n", []string{"Content-Length: 9999\n\nx\n", "C: d\n", "E: f\n"}},
		"a Content-Length that is too short":    {sep + "Content-Length: 1\n\nlong text\n\n" + sep + "C: d\n", []string{"Content-Length: 1\n\nlong text\n", "C: d\n"}},
		"a Content-Length of somebody else":     {sep + "Content-Length: many\n\nx\n\n" + sep + "C: d\n", []string{"Content-Length: many\n\nx\n", "C: d\n"}},
		"CRLF":                                  {strings.ReplaceAll(sep+"A: b\n\nx\n\n"+sep+"C: d\n", "\n", "\r\n"), []string{"A: b\r\n\r\nx\r\n", "C: d\r\n"}},
		"empty lines in front":                  {"\n\n" + sep + "A: b\n", []string{"A: b\n"}},
		"no line end at the end":                {sep + "A: b\n\nx", []string{"A: b\n\nx"}},
		"nothing but a separator":               {sep, []string{""}},
		"no empty line in front of a separator": {sep + "A: b\n\nx\n" + sep + "C: d\n", []string{"A: b\n\nx\n" + sep + "C: d\n"}},
	} {
		var got []string
		err := eachRaw(strings.NewReader(c.file), func(raw []byte, _ time.Time) error {
			got = append(got, string(raw))
			return nil
		})
		if err != nil || strings.Join(got, "|") != strings.Join(c.want, "|") {
			t.Errorf("%s:\n got %q\nwant %q, %v", name, got, c.want, err)
		}
	}
}

func TestSeparatorDates(t *testing.T) {
	want := time.Date(2002, 8, 22, 14, 44, 26, 0, time.UTC)
	for line, ok := range map[string]bool{
		"From a@b.de Thu Aug 22 14:44:26 2002":        true,
		"From - Thu Aug 22 14:44:26 2002":             true,
		"From a@b.de  Thu Aug 22 16:44:26 +0200 2002": true,
		"From a@b.de Thu Aug 22 16:44:26 2002 +0200":  true,
		"From a@b.de Thu Aug 22 14:44:26 UTC 2002":    true,
		"From a b@c.de Thu Aug 22 14:44:26 2002":      true,
		"From a@b.de":                                 false,
		"From now on Thursdays at 14:44 only":         false,
		"From ":                                       false,
	} {
		if got := separatorDate([]byte(line)); got.Equal(want) != ok {
			t.Errorf("%q: %v", line, got)
		}
	}
}
