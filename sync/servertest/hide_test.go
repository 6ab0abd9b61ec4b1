// SPDX-License-Identifier: EUPL-1.2

package servertest

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestHideTakesOutOnlyCapabilities(t *testing.T) {
	in := "* OK [CAPABILITY IMAP4rev1 MOVE STARTTLS IDLE] ready\r\n" +
		"* CAPABILITY IMAP4rev1 MOVE\r\n* 1 FETCH (BODY[] {27}\r\n* CAPABILITY IMAP4rev1 MOVE\r\n)\r\nK1 OK [CAPABILITY MOVE A MOVE] x ] y\r\n* OK MOVE\r\n"
	want := "* OK [CAPABILITY IMAP4rev1 IDLE] ready\r\n" +
		"* CAPABILITY IMAP4rev1\r\n* 1 FETCH (BODY[] {27}\r\n* CAPABILITY IMAP4rev1 MOVE\r\n)\r\nK1 OK [CAPABILITY A] x ] y\r\n* OK MOVE\r\n"
	for _, size := range []int{1, 2, 7, 1000} {
		f := &filter{h: &hidden{names: []string{"MOVE", "STARTTLS"}}}
		var out []byte
		for piece := range slices.Chunk([]byte(in), size) {
			out = append(out, f.down(piece)...)
		}
		if string(out) != want {
			t.Errorf("in pieces of %d:\n%s\nwant\n%s", size, out, want)
		}
	}
}

// A server without a capability does not send its response codes either.
func TestHideTakesOutResponseCodes(t *testing.T) {
	in := "* OK [HIGHESTMODSEQ 12] Highest\r\n* OK [UIDNEXT 5] x\r\nK1 OK [APPENDUID 7 8] Append completed.\r\n* OK [COPYUID 7 1:2 8:9] Moved\r\n" +
		"* 1 FETCH (BODY[] {26}\r\n* OK [COPYUID 7 1:2 8:9] x\r\n)\r\nK2 NO [MODIFIED 3] x\r\n* LIST () \"/\" \"[COPYUID]\"\r\n"
	want := "* OK Highest\r\n* OK [UIDNEXT 5] x\r\nK1 OK Append completed.\r\n* OK Moved\r\n" +
		"* 1 FETCH (BODY[] {26}\r\n* OK [COPYUID 7 1:2 8:9] x\r\n)\r\nK2 NO x\r\n* LIST () \"/\" \"[COPYUID]\"\r\n"
	for _, size := range []int{1, 3, 1000} {
		f := &filter{h: &hidden{names: []string{"UIDPLUS", "CONDSTORE"}}}
		var out []byte
		for piece := range slices.Chunk([]byte(in), size) {
			out = append(out, f.down(piece)...)
		}
		if string(out) != want {
			t.Errorf("in pieces of %d:\n%s\nwant\n%s", size, out, want)
		}
	}
}

func TestHideNoticesMisuse(t *testing.T) {
	p := &ProxyServer{}
	p.Hide("MOVE", "UIDPLUS")
	h := p.hidden.Load()
	h.up([]byte("K1 UID COPY 1 x\r\nK2 UID MOVE 1 x\r\n"))
	h.up([]byte("K3 EXPUNGE\r\n"))
	if got := p.Misused(); !slices.Equal(got, []string{"K2 UID MOVE 1 x"}) {
		t.Errorf("%q", got)
	}
}

// TestHideLeavesEverythingElse: whatever a server says, in whatever pieces it comes, only capabilities and codes that are
// hidden are missing; literals pass as they are, even those that look like capabilities.
func TestHideLeavesEverythingElse(t *testing.T) {
	line := rapid.SampledFrom([]string{
		"* CAPABILITY IMAP4rev1 IDLE\r\n", "* OK ready\r\n", "* 3 EXISTS\r\n", "T1 OK [READ-WRITE] done\r\n", "* LIST () \"/\" {5}\r\nINBOX\r\n",
		"* 1 FETCH (BODY[] {37}\r\n* CAPABILITY MOVE UIDPLUS\r\nK1 OK [C]\r\n\r\n)\r\n", "+ idling\r\n", "\r\n", "* BYE {\r\n", "* X {a}\r\n",
	})
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(line, 0, 12).Draw(t, "lines")
		in := strings.Join(lines, "")
		f := &filter{h: &hidden{names: []string{"MOVE", "UIDPLUS", "CONDSTORE"}}}
		var out []byte
		for rest := []byte(in); len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "piece")
			out = append(out, f.down(rest[:n])...)
			rest = rest[n:]
		}
		if string(out) != in {
			t.Fatalf("%q became %q", in, out)
		}
	})
}

func TestLiteralLengths(t *testing.T) {
	for line, want := range map[string]int{"a {12}\r\n": 12, "a {0}\r\n": 0, "a {12}\n": 12, "a {12} b\r\n": 0, "a {x}\r\n": 0, "a 12}\r\n": 0, "": 0, "{3}": 3} {
		if got := literalOf([]byte(line)); got != want {
			t.Errorf("%q: %d, want %d", line, got, want)
		}
	}
}
