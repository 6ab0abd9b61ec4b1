// SPDX-License-Identifier: EUPL-1.2

package servertest_test

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/sync/servertest"
)

// talk is a conversation in IMAP as it goes over the wire.
type talk struct {
	t    *testing.T
	conn net.Conn
	r    *bufio.Reader
	n    int
}

// converse connects without encryption and reads the greeting.
func converse(t *testing.T, addr string) (*talk, string) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	s := &talk{t: t, conn: conn, r: bufio.NewReader(conn)}
	return s, s.line()
}

func (s *talk) line() string {
	s.t.Helper()
	line, err := s.r.ReadString('\n')
	if err != nil {
		s.t.Fatalf("after %q: %v", line, err)
	}
	return line
}

// say sends a command and gives the whole answer.
func (s *talk) say(command string) string {
	s.t.Helper()
	s.n++
	tag := fmt.Sprintf("T%d ", s.n)
	if _, err := fmt.Fprintf(s.conn, "%s%s\r\n", tag, command); err != nil {
		s.t.Fatal(err)
	}
	all := ""
	for {
		line := s.line()
		all += line
		if strings.HasPrefix(line, tag) || strings.HasPrefix(line, "+") {
			return all
		}
	}
}

// must is say for what has to succeed.
func (s *talk) must(command string) string {
	s.t.Helper()
	answer := s.say(command)
	if !strings.Contains(answer, fmt.Sprintf("T%d OK", s.n)) {
		s.t.Fatalf("%s: %s", command, answer)
	}
	return answer
}

func (s *talk) login(user string) *talk {
	s.t.Helper()
	s.must("LOGIN " + user + " " + servertest.Password)
	return s
}

// put appends a message of so many octets.
func (s *talk) put(folder string, octets int) string {
	s.t.Helper()
	text := "Subject: x\r\n\r\n" + strings.Repeat("x", octets-14)
	if answer := s.say(fmt.Sprintf("APPEND %s {%d}", folder, len(text))); !strings.HasPrefix(answer, "+") {
		return answer
	}
	if _, err := fmt.Fprintf(s.conn, "%s\r\n", text); err != nil {
		s.t.Fatal(err)
	}
	for {
		if line := s.line(); strings.HasPrefix(line, fmt.Sprintf("T%d ", s.n)) {
			return line
		}
	}
}

// TestAHiddenCapabilityIsGoneEverywhere: from the greeting, from the answer to signing in and to CAPABILITY, with the
// response codes that belong to it; using it is noted, and everything else works as before.
func TestAHiddenCapabilityIsGoneEverywhere(t *testing.T) {
	t.Parallel()
	d := servertest.Dovecot(t)
	p := servertest.Proxy(t, d.Addr)
	p.Hide("UIDPLUS", "CONDSTORE", "QRESYNC", "LITERAL+", "SASL-IR")
	s, greeting := converse(t, p.Addr)
	told := map[string]string{"greeting": greeting}
	told["login"] = s.must("LOGIN anna " + d.Password)
	told["capability"] = s.must("CAPABILITY")
	for where, text := range told {
		for _, name := range []string{"UIDPLUS", "CONDSTORE", "QRESYNC", "LITERAL+", "STARTTLS", "SASL-IR"} {
			if strings.Contains(text, " "+name) {
				t.Errorf("%s tells of %s: %s", where, name, text)
			}
		}
		if !strings.Contains(text, " IDLE") {
			t.Errorf("%s lacks what is not hidden: %s", where, text)
		}
	}
	if answer := s.put("INBOX", 100); strings.Contains(answer, "APPENDUID") || !strings.Contains(answer, " OK ") {
		t.Errorf("append: %s", answer)
	}
	if answer := s.must("SELECT INBOX"); strings.Contains(answer, "HIGHESTMODSEQ") || !strings.Contains(answer, "UIDVALIDITY") {
		t.Errorf("select: %s", answer)
	}
	if answer := s.must("UID COPY 1 Archive"); strings.Contains(answer, "COPYUID") {
		t.Errorf("copy: %s", answer)
	}
	if misused := p.Misused(); len(misused) != 0 {
		t.Errorf("noted although nothing was hidden from it: %q", misused)
	}
	s.say("UID EXPUNGE 1")
	if misused := p.Misused(); len(misused) != 1 || !strings.HasSuffix(misused[0], "UID EXPUNGE 1") {
		t.Errorf("noted: %q", misused)
	}
	p.Hide() // connections from now on have everything but STARTTLS
	if _, greeting := converse(t, p.Addr); !strings.Contains(greeting, "LITERAL+") || strings.Contains(greeting, "STARTTLS") {
		t.Errorf("nothing is hidden any more: %s", greeting)
	}
	if p.Misused() != nil {
		t.Error("what was noted before is still there")
	}
}

// TestQuotaRefuses: what is over the quota is refused with the code for it, and what is below it is counted.
func TestQuotaRefuses(t *testing.T) {
	t.Parallel()
	d := servertest.Dovecot(t, servertest.Options{Quota: "20K"})
	s, _ := converse(t, d.Addr)
	s.login("anna")
	if answer := s.put("INBOX", 15<<10); !strings.Contains(answer, " OK ") {
		t.Fatalf("below the quota: %s", answer)
	}
	if answer := s.put("INBOX", 15<<10); !strings.Contains(answer, "[OVERQUOTA]") {
		t.Errorf("over the quota: %s", answer)
	}
	if answer := s.must("GETQUOTAROOT INBOX"); !strings.Contains(answer, "STORAGE 15 20") {
		t.Errorf("counted: %s", answer)
	}
}

// TestUsersShareFolders: a folder is seen by whom it was given to, with the rights that were given, and by nobody else.
func TestUsersShareFolders(t *testing.T) {
	t.Parallel()
	d := servertest.Dovecot(t, servertest.Options{Shared: true})
	for _, name := range []string{"bauamt", "bernd"} {
		d.User(t, name)
	}
	owner, _ := converse(t, d.Addr)
	owner.login("bauamt")
	owner.must("CREATE Akten")
	owner.put("Akten", 100)
	owner.must("SETACL Akten anna lr")
	anna, _ := converse(t, d.Addr)
	anna.login("anna")
	if answer := anna.must(`LIST "" "shared/*"`); !strings.Contains(answer, "shared/bauamt/Akten") {
		t.Errorf("anna does not see it: %s", answer)
	}
	if answer := anna.must("EXAMINE shared/bauamt/Akten"); !strings.Contains(answer, "* 1 EXISTS") {
		t.Errorf("anna cannot read it: %s", answer)
	}
	if answer := anna.put("shared/bauamt/Akten", 100); strings.Contains(answer, " OK ") {
		t.Errorf("anna may write: %s", answer)
	}
	bernd, _ := converse(t, d.Addr)
	bernd.login("bernd")
	if answer := bernd.must(`LIST "" "shared/*"`); strings.Contains(answer, "Akten") {
		t.Errorf("bernd sees what was not given to him: %s", answer)
	}
}

// TestMailboxesOnDisk: what tests lay down in a Maildir is what IMAP shows, what came by LMTP lies there, and one user's
// mail is not another's.
func TestMailboxesOnDisk(t *testing.T) {
	t.Parallel()
	d := servertest.Dovecot(t)
	d.User(t, "bernd")
	if err := d.AddUser("bernd"); err != nil { // twice does no harm
		t.Fatal(err)
	}
	dir, err := d.Folder("anna", ".Akten.Bau")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "1.x.y:2,FS"), []byte("Subject: gelegt\n\nText\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s, _ := converse(t, d.Addr)
	s.login("ANNA@irgendwo.example") // names are folded, domains do not matter
	s.must("SELECT Akten/Bau")
	if answer := s.must("UID FETCH 1:* (FLAGS BODY.PEEK[TEXT])"); !strings.Contains(answer, `\Flagged \Seen`) || !strings.Contains(answer, "Text") {
		t.Errorf("what was laid down: %s", answer)
	}
	letter := []byte("Subject: gebracht\r\n\r\nText\r\n")
	if err := d.Deliver("x@example.org", []string{"bernd@example.org", "anna@example.org"}, letter); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"anna", "bernd"} {
		got, err := d.Messages(name, "")
		if err != nil || len(got) != 1 || !strings.Contains(string(got[0]), "Subject: gebracht") {
			t.Errorf("%s has %q: %v", name, got, err)
		}
	}
	if got, err := d.Messages("anna", ".Gibt.Es.Nicht"); err != nil || len(got) != 0 {
		t.Errorf("a folder that is not there holds %q: %v", got, err)
	}
	if err := d.Deliver("x@example.org", []string{"niemand@example.org"}, letter); err == nil {
		t.Error("delivered to nobody")
	}
	if !strings.HasSuffix(d.MailDir("bernd"), filepath.Join("bernd", "Maildir")) {
		t.Error(d.MailDir("bernd"))
	}
}

// TestKilledServerKeepsItsMail: what was acknowledged before a power cut is there afterwards, under the same UIDs.
func TestKilledServerKeepsItsMail(t *testing.T) {
	t.Parallel()
	d := servertest.Dovecot(t)
	s, _ := converse(t, d.Addr)
	s.login("anna")
	var uids []string
	for range 5 {
		answer := s.put("INBOX", 200)
		_, rest, _ := strings.Cut(answer, "APPENDUID ")
		id, _, _ := strings.Cut(rest, "]")
		uids = append(uids, id)
	}
	if err := d.Restart(); err != nil {
		t.Fatal(err)
	}
	s, _ = converse(t, d.Addr)
	s.login("anna")
	answer := s.must("SELECT INBOX")
	validity, _, _ := strings.Cut(uids[0], " ")
	if !strings.Contains(answer, "* 5 EXISTS") || !strings.Contains(answer, "UIDVALIDITY "+validity) {
		t.Errorf("after the power cut: %s", answer)
	}
	if !slices.IsSorted(uids) {
		t.Errorf("UIDs go down: %q", uids)
	}
}

// TestTurnsAreCounted: a client that asks everything at once needs one turn, one that waits each time as many as it asks.
func TestTurnsAreCounted(t *testing.T) {
	t.Parallel()
	d := servertest.Dovecot(t)
	p := servertest.Proxy(t, d.Addr)
	s, _ := converse(t, p.Addr)
	s.login("anna")
	before := p.Turns.Load()
	for range 5 {
		s.must("NOOP")
	}
	if n := p.Turns.Load() - before; n != 5 {
		t.Errorf("five questions, one after the other: %d turns", n)
	}
	before = p.Turns.Load()
	if _, err := fmt.Fprint(s.conn, strings.Repeat("T NOOP\r\n", 5)); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		s.line()
	}
	if n := p.Turns.Load() - before; n != 1 {
		t.Errorf("five questions at once: %d turns", n)
	}
}
