// SPDX-License-Identifier: EUPL-1.2

package demo

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"
)

// wire speaks IMAP or SMTP by hand, octet for octet, as clients that were written elsewhere do.
type wire struct {
	t *testing.T
	c net.Conn
	r *bufio.Reader
	n int
}

func newWire(t *testing.T, addr string) *wire {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	w := &wire{t: t, c: c, r: bufio.NewReader(c)}
	w.line()
	return w
}

func (w *wire) line() string {
	w.t.Helper()
	s, err := w.r.ReadString('\n')
	if err != nil {
		w.t.Fatalf("after %q: %v", s, err)
	}
	return strings.TrimRight(s, "\r\n")
}

// imap sends a command and gives everything up to its tagged answer, literals included.
func (w *wire) imap(command string) string {
	w.t.Helper()
	w.n++
	tag := fmt.Sprint("t", w.n)
	if _, err := io.WriteString(w.c, tag+" "+command+"\r\n"); err != nil {
		w.t.Fatal(err)
	}
	var all []string
	for {
		line := w.line()
		for strings.HasSuffix(line, "}") {
			n, err := strconv.Atoi(strings.TrimSuffix(line[strings.LastIndexByte(line, '{')+1:], "}"))
			if err != nil {
				w.t.Fatal(err)
			}
			literal := make([]byte, n)
			if _, err := io.ReadFull(w.r, literal); err != nil {
				w.t.Fatal(err)
			}
			line += string(literal) + w.line()
		}
		all = append(all, strings.TrimPrefix(line, tag+" "))
		if strings.HasPrefix(line, tag+" ") || strings.HasPrefix(line, "+") {
			return strings.Join(all, "\n")
		}
	}
}

// want sends a command whose answer must have these parts.
func (w *wire) want(command string, parts ...string) string {
	w.t.Helper()
	got := w.imap(command)
	for _, p := range parts {
		if !strings.Contains(got, p) {
			w.t.Errorf("%s: no %q in\n%s", command, p, got)
		}
	}
	return got
}

func TestIMAPByHand(t *testing.T) {
	world := start(t, Options{Empty: true})
	w := newWire(t, world.Addr(IMAP))
	w.want("CAPABILITY", "IMAP4rev1", "OK")
	w.want("SELECT INBOX", "BAD") // not signed in
	w.want("LOGIN brandt falsch", "NO")
	w.want(`LOGIN "brandt" "demo"`, "OK")
	w.want(`LIST "" "*"`, "INBOX", `\Sent`, `\Trash`, `\Drafts`, `\Junk`, `\Archive`)
	w.want("SELECT Nirgends", "NO")
	w.want("CREATE Akten/Nord", "OK")
	w.want("CREATE Akten/Nord", "NO")
	w.want("CREATE INBOX", "NO")
	w.want("RENAME Akten/Nord Akten/S&APw-d", "OK")
	w.want(`LIST "" Akten/%`, "Akten/S")
	w.want("SUBSCRIBE Akten/S&APw-d", "OK")
	w.want("DELETE Akten/S&APw-d", "OK")
	w.want("DELETE Akten/S&APw-d", "NO")
	mail := string(note("eins"))
	w.want(fmt.Sprintf("APPEND INBOX (\\Flagged $Wichtig) \"23-Nov-2026 10:00:00 +0100\" {%d+}\r\n%s", len(mail), mail), "APPENDUID")
	w.want("STATUS INBOX (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)", "MESSAGES 1", "UNSEEN 1", "UIDNEXT 2")
	validity := w.want("SELECT INBOX", "1 EXISTS", "UIDVALIDITY", "READ-WRITE")
	w.want("UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE)", "UID 1", `\Flagged`, "$Wichtig", "23-Nov-2026", fmt.Sprint("RFC822.SIZE ", len(mail)))
	w.want("FETCH 1 BODY.PEEK[HEADER.FIELDS (SUBJECT)]", "Subject: eins")
	if got := w.want("FETCH 1 BODY.PEEK[]<5:10>", "BAD"); strings.Contains(got, "OK") {
		t.Errorf("a part that makes no sense: %s", got)
	}
	w.want("FETCH 1 BODY.PEEK[]<6.13>", "a@stadt.examp")
	w.want("FETCH 1 (FLAGS)", `\Flagged`)
	if got := w.imap("FETCH 1 BODYSTRUCTURE"); !strings.Contains(strings.ToUpper(got), `"TEXT" "PLAIN"`) {
		t.Errorf("structure: %s", got)
	}
	w.want("FETCH 1 BODY[TEXT]", "Text")
	w.want("FETCH 1 FLAGS", `\Seen`) // reading without PEEK marks it
	w.want(`UID STORE 1 -FLAGS (\Seen)`, "OK")
	w.want(`UID STORE 1 FLAGS.SILENT (\Deleted)`, "OK")
	w.want("UID COPY 1 \""+trash+"\"", "COPYUID")
	w.want("UID EXPUNGE 1", "1 EXPUNGE")
	w.want("UID FETCH 1 FLAGS", "OK") // asked for something that is gone: no answer, no error
	w.want("EXAMINE \""+trash+"\"", "1 EXISTS", "READ-ONLY")
	w.want(`STORE 1 +FLAGS (\Seen)`, "NO")
	w.want("CLOSE", "OK")
	w.want("NONSENSE", "BAD")
	if again := newWire(t, world.Addr(IMAP)); again.imap("LOGIN brandt demo") != "" {
		again.want("SELECT INBOX", "0 EXISTS", between(validity, "UIDVALIDITY", "]"))
	}
	w.want("LOGOUT", "BYE")
}

func between(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return from + s
}

// searches are questions and the messages of the box below that answer them.
var searches = []struct{ query, want string }{
	{"ALL", "1 2 3 4"},
	{"UNSEEN", "2 3 4"},
	{"SEEN", "1"},
	{"FLAGGED", "2"},
	{"NOT FLAGGED", "1 3 4"},
	{"KEYWORD $Wichtig", "3"},
	{"UNKEYWORD $Wichtig", "1 2 4"},
	{"SUBJECT bebauung", "1 2"},
	{"SUBJECT Strasse", "3"},
	{"FROM weber", "2 3"},
	{"TO lena", "1"},
	{"CC bauamt", "4"},
	{"HEADER Message-ID <3@t>", "3"},
	{`HEADER X-Aktenzeichen ""`, "4"},
	{"BODY Gehweg", "1 4"},
	{"TEXT gehweg", "1 4"},
	{"TEXT weber", "2 3"},
	{"BODY Subject", ""},
	{"SINCE 2-Nov-2026", "2 3 4"},
	{"BEFORE 2-Nov-2026", "1"},
	{"ON 3-Nov-2026", "3"},
	{"SENTSINCE 4-Nov-2026", "4"},
	{"SENTBEFORE 2-Nov-2026", "1"},
	{"LARGER 1000", "4"},
	{"SMALLER 1000", "1 2 3"},
	{"UID 2:3", "2 3"},
	{"2:*", "2 3 4"},
	{"OR FLAGGED SEEN", "1 2"},
	{"OR FLAGGED OR SEEN KEYWORD $Wichtig", "1 2 3"},
	{"NOT (FROM weber UNFLAGGED)", "1 2 4"},
	{"FROM weber SUBJECT bebauung", "2"},
	{"CHARSET UTF-8 SUBJECT Gruenflaeche", ""},
}

func TestIMAPSearch(t *testing.T) {
	world := start(t, Options{Empty: true})
	for i, m := range []struct{ header, body, flags string }{
		{"From: brandt@t\r\nTo: Lena <lena.brandt@t>\r\nSubject: Bebauungsplan", "Der Gehweg ist zu schmal.", `\Seen`},
		{"From: Jonas Weber <weber@t>\r\nSubject: AW: Bebauungsplan", "Danke", `\Flagged`},
		{"From: weber@t\r\nSubject: Strasse gesperrt", "bis Freitag", "$Wichtig"},
		{"From: x@t\r\nCc: bauamt@t\r\nX-Aktenzeichen: 47/11\r\nSubject: Anlage", "Gehweg\r\n" + strings.Repeat("lang ", 400), ""},
	} {
		day := time.Date(2026, 11, i+1, 12, 0, 0, 0, time.UTC)
		raw := fmt.Sprintf("%s\r\nDate: %s\r\nMessage-ID: <%d@t>\r\n\r\n%s\r\n", m.header, day.Format(time.RFC1123Z), i+1, m.body)
		world.User("brandt").AddMessage("INBOX", []byte(raw), day, strings.Fields(m.flags)...)
	}
	w := newWire(t, world.Addr(IMAP))
	w.want("LOGIN brandt demo", "OK")
	w.want("SELECT INBOX", "4 EXISTS")
	for _, s := range searches {
		for _, kind := range []string{"SEARCH ", "UID SEARCH "} {
			got, _, _ := strings.Cut(w.imap(kind+s.query), "\n")
			if got = strings.TrimSpace(strings.TrimPrefix(got, "* SEARCH")); got != s.want {
				t.Errorf("%s%s: %q, want %q", kind, s.query, got, s.want)
			}
		}
	}
}

// TestIMAPTwoSessions: what one does the other one hears of at its next command, numbers included.
func TestIMAPTwoSessions(t *testing.T) {
	world := start(t, Options{Empty: true})
	u := world.User("brandt")
	for i := range 5 {
		u.AddMessage("INBOX", note(fmt.Sprint("n", i)), time.Now())
	}
	a, b := newWire(t, world.Addr(IMAP)), newWire(t, world.Addr(IMAP))
	for _, w := range []*wire{a, b} {
		w.want("LOGIN brandt demo", "OK")
		w.want("SELECT INBOX", "5 EXISTS")
	}
	a.want(`STORE 2 +FLAGS (\Answered)`, "OK")
	b.want("NOOP", "2 FETCH", `\Answered`)
	a.want(`STORE 1:3 +FLAGS.SILENT (\Deleted)`, "OK")
	a.want("EXPUNGE", "EXPUNGE")
	b.want("FETCH 4 UID", "UID 4") // not yet told: the old numbers still hold (RFC 3501, section 7.4.1)
	b.want("NOOP", "EXPUNGE")
	b.want("FETCH 1 UID", "UID 4")
	u.RemoveMessage("INBOX", 4)
	u.AddMessage("INBOX", note("neu"), time.Now())
	if got := a.want("NOOP", "1 EXPUNGE", "2 EXISTS"); strings.Contains(got, "UID 6") {
		t.Errorf("%s", got)
	}
	a.want("UID FETCH 1:* UID", "UID 5", "UID 6")
	a.want("UID MOVE 6 \""+archive+"\"", "COPYUID", "EXPUNGE")
	if got := u.Messages(archive); len(got) != 1 || !bytes.Contains(got[0].Raw, []byte("neu")) {
		t.Errorf("%d messages in the archive", len(got))
	}
}

// smtp sends a line and gives the whole answer.
func (w *wire) smtp(line string) string {
	w.t.Helper()
	if _, err := io.WriteString(w.c, line+"\r\n"); err != nil {
		w.t.Fatal(err)
	}
	var all []string
	for {
		got := w.line()
		all = append(all, got)
		if len(got) < 4 || got[3] != '-' {
			return strings.Join(all, "\n")
		}
	}
}

func TestSMTPByHand(t *testing.T) {
	world := start(t, Options{Empty: true})
	w := newWire(t, world.Addr(SMTP))
	for _, step := range []struct{ line, want string }{
		{"MAIL FROM:<lena.brandt@stadt.example>", "5"}, // nobody has said hello
		{"EHLO rathaus", "250"},
		{"MAIL FROM:<lena.brandt@stadt.example>", "5"}, // nor signed in
		{"AUTH PLAIN AGJyYW5kdABmYWxzY2g=", "535"},
		{"AUTH PLAIN AGJyYW5kdABkZW1v", "235"},
		{"RCPT TO:<jonas.weber@stadt.example>", "5"}, // from whom?
		{"MAIL FROM:<lena.brandt@stadt.example>", "250"},
		{"RCPT TO:<niemand@stadt.example>", "550"},
		{"RCPT TO:<jonas.weber@stadt.example>", "250"},
		{"RCPT TO:<lena.brandt@stadt.example>", "250"},
		{"DATA", "354"},
		{"Subject: Punkte\r\nMessage-ID: <p@t>\r\n\r\n..\r\n..zwei\r\n.", "250"},
		{"MAIL FROM:<lena.brandt@stadt.example>", "250"},
		{"RSET", "250"},
		{"DATA", "5"}, // forgotten
		{"NOOP", "250"},
		{"QUIT", "221"},
	} {
		if got := w.smtp(step.line); !strings.HasPrefix(got, step.want) {
			t.Errorf("%q: %s, want %s", step.line, got, step.want)
		}
	}
	for _, name := range []string{"weber", "brandt"} {
		got := world.User(name).Messages("INBOX")
		if len(got) != 1 || !bytes.HasSuffix(got[0].Raw, []byte("\r\n\r\n.\r\n.zwei\r\n")) {
			t.Errorf("%s has %d messages: %+v", name, len(got), got)
		}
	}
	if sent := world.Sent(); len(sent) != 1 || len(sent[0].To) != 2 || sent[0].From != "lena.brandt@stadt.example" {
		t.Errorf("%+v", sent)
	}
}
