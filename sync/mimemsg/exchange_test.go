// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bufio"
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"
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
		line := rapid.OneOf(rapid.StringMatching(`[a-z>]{0,20}`), rapid.SampledFrom([]string{"From x", ">From y", ">>From z", "", "From"}))
		var want [][]byte
		var box bytes.Buffer
		w := bufio.NewWriter(&box)
		for range rapid.IntRange(1, 4).Draw(t, "messages") {
			lines := rapid.SliceOfN(line, 1, 8).Draw(t, "lines")
			raw := []byte("Subject: x\r\n\r\n" + strings.Join(lines, "\r\n") + "\r\n")
			want = append(want, raw)
			if err := WriteMbox(w, bytes.NewReader(raw), rapid.SampledFrom([]string{"", "a@b.de", "a b"}).Draw(t, "from"), time.Now()); err != nil {
				t.Fatal(err)
			}
		}
		var got [][]byte
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		err := EachMbox(&box, func(raw []byte, _ time.Time) error {
			got = append(got, CRLF(raw))
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

func TestMboxErrors(t *testing.T) {
	nothing := func([]byte, time.Time) error { return nil }
	if err := EachMbox(strings.NewReader("Subject: x\n"), nothing); !errors.Is(err, ErrMbox) {
		t.Errorf("no mbox: %v", err)
	}
	if err := EachMbox(strings.NewReader("\n\n"), nothing); err != nil {
		t.Errorf("empty: %v", err)
	}
	broken := errors.New("broken disk")
	if err := EachMbox(iotest.ErrReader(broken), nothing); !errors.Is(err, broken) {
		t.Errorf("reading: %v", err)
	}
	if err := EachMbox(strings.NewReader("From a\nx\n\nFrom b\ny\n"), func([]byte, time.Time) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("the caller's: %v", err)
	}
	long := "From a\n" + strings.Repeat("x", 200_000) + "\n"
	if err := EachMbox(strings.NewReader(long), func(raw []byte, _ time.Time) error {
		if len(raw) != 200_001 {
			t.Errorf("%d octets", len(raw))
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}
