// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kontor/app/mail"
	"kontor/sync/transport"
)

// A server that says what is not so. Nothing that is stored may be lost over it, nothing may come twice, nothing may hang;
// when it comes to its senses everything is there.

// liar plays an INBOX of some messages, truthfully, unless lie gives another answer.
type liar struct {
	have  atomic.Pointer[[]int]
	lie   atomic.Pointer[script]
	asked atomic.Int64
	told  atomic.Int64 // lies
}

func (s *liar) set(uids ...int) { s.have.Store(&uids) }

func (s *liar) truth(command string) (string, string) {
	uids := *s.have.Load()
	verb, _, _ := strings.Cut(command, " ")
	switch {
	case verb == "CAPABILITY":
		return "* CAPABILITY " + abilitiesOfLiar + "\r\n", ""
	case verb == "LIST":
		return "* LIST () \"/\" INBOX\r\n* LIST () \"/\" Akten\r\n", ""
	case verb == "STATUS" && strings.Contains(command, "Akten"):
		return "* STATUS Akten (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 8 HIGHESTMODSEQ 1)\r\n", ""
	case verb == "STATUS":
		return fmt.Sprintf("* STATUS INBOX (MESSAGES %d UIDNEXT %d UIDVALIDITY 7 HIGHESTMODSEQ %d)\r\n", len(uids), s.next(), 100+s.next()), ""
	case verb == "EXAMINE" && strings.Contains(command, "Akten"):
		return "* 0 EXISTS\r\n* OK [UIDVALIDITY 8] x\r\n* OK [UIDNEXT 1] x\r\n", ""
	case verb == "EXAMINE", verb == "SELECT":
		return fmt.Sprintf("* %d EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT %d] x\r\n* OK [HIGHESTMODSEQ %d] x\r\n", len(uids), s.next(), 100+s.next()), ""
	case strings.HasPrefix(command, "UID SEARCH"):
		return "* SEARCH " + strings.Trim(fmt.Sprint(uids), "[]") + "\r\n", ""
	case strings.HasPrefix(command, "FETCH"), strings.HasPrefix(command, "UID FETCH"):
		return s.fetch(command), ""
	}
	return "", ""
}

func (s *liar) next() int {
	uids := *s.have.Load()
	return uids[len(uids)-1] + 1
}

// fetch answers for the messages whose UIDs or numbers are asked for.
func (s *liar) fetch(command string) string {
	byUID := strings.HasPrefix(command, "UID ")
	words := strings.Fields(strings.TrimPrefix(command, "UID "))
	out := ""
	for i, uid := range *s.have.Load() {
		n := uid
		if !byUID {
			n = i + 1
		}
		if inSet(words[1], n, s.next()) {
			out += s.message(i+1, uid, command)
		}
	}
	return out
}

func inSet(set string, n, last int) bool {
	for part := range strings.SplitSeq(set, ",") {
		from, to, ok := strings.Cut(part, ":")
		var a, b int
		_, _ = fmt.Sscan(from, &a)
		b = a
		if ok && to == "*" {
			b = last
		} else if ok {
			_, _ = fmt.Sscan(to, &b)
		}
		if n >= a && n <= b {
			return true
		}
	}
	return false
}

func liarHeader(uid int) string {
	return fmt.Sprintf("Subject: Vorgang %d\r\nMessage-ID: <%d@x>\r\n\r\n", uid, uid)
}

func (s *liar) message(seq, uid int, command string) string {
	body := liarHeader(uid) + "Text.\r\n"
	switch {
	case strings.Contains(command, "BODY.PEEK[HEADER"):
		return fmt.Sprintf("* %d FETCH (UID %d FLAGS (\\Seen) INTERNALDATE \"01-Mar-2026 08:00:00 +0100\" RFC822.SIZE %d BODY[HEADER] %s)\r\n", seq, uid, len(body), literal(liarHeader(uid)))
	case strings.Contains(command, "INTERNALDATE"):
		return fmt.Sprintf("* %d FETCH (UID %d FLAGS (\\Seen) INTERNALDATE \"01-Mar-2026 08:00:00 +0100\" RFC822.SIZE %d BODY[]<0> %s)\r\n", seq, uid, len(body), literal(body))
	case strings.Contains(command, "BODY.PEEK[]"):
		return fmt.Sprintf("* %d FETCH (UID %d BODY[] %s)\r\n", seq, uid, literal(body))
	}
	return fmt.Sprintf("* %d FETCH (UID %d FLAGS (\\Seen))\r\n", seq, uid)
}

// answer is the script of s.
func (s *liar) answer(command string) (string, string) {
	s.asked.Add(1)
	command = strings.ReplaceAll(command, `"`, "")
	if lie := s.lie.Load(); lie != nil {
		if untagged, status := (*lie)(command); status != "TRUTH" {
			return untagged, status
		}
	}
	return s.truth(command)
}

// lie is another answer to commands that begin with or hold words.
type lie struct {
	words, untagged, status string
	before                  bool // the truth follows
}

const (
	abilitiesOfLiar = "IMAP4rev1 AUTH=PLAIN SASL-IR CONDSTORE UIDPLUS MOVE"
	condstore       = "* OK [CAPABILITY " + abilitiesOfLiar + "] ready"
)

func TestLies(t *testing.T) {
	t.Parallel()
	header, body := "INTERNALDATE", "BODY.PEEK[]" // either may be asked for with the other
	for name, c := range map[string]struct {
		lies []lie
		odd  bool // it is to be counted
	}{
		"more exist than there are":     {lies: []lie{{words: "EXAMINE INBOX", untagged: "* 99 EXISTS\r\n", before: true}}},
		"fewer exist than there are":    {lies: []lie{{words: "FETCH", untagged: "* 1 EXISTS\r\n", before: true}}},
		"status knows of more":          {lies: []lie{{words: "STATUS", untagged: "* STATUS INBOX (MESSAGES 4000000 UIDNEXT 5000000 UIDVALIDITY 7)\r\n"}}},
		"status knows of none":          {lies: []lie{{words: "STATUS", untagged: "* STATUS INBOX (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 7)\r\n"}}},
		"status of another folder":      {lies: []lie{{words: "STATUS", untagged: "* STATUS Fremd (MESSAGES 4 UIDNEXT 9 UIDVALIDITY 7)\r\n"}}},
		"no status":                     {lies: []lie{{words: "STATUS"}}},
		"status refused":                {lies: []lie{{words: "STATUS", status: "NO later"}}},
		"status without numbers":        {lies: []lie{{words: "STATUS", untagged: "* STATUS INBOX (MESSAGES)\r\n"}}, odd: true},
		"expunge of what is not there":  {lies: []lie{{words: header, untagged: "* 4711 EXPUNGE\r\n* 0 EXPUNGE\r\n* 4294967295 EXPUNGE\r\n", before: true}}},
		"expunge without an end":        {lies: []lie{{words: header, untagged: strings.Repeat("* 1 EXPUNGE\r\n", 50), before: true}}},
		"fetch of an unknown number":    {lies: []lie{{words: "FETCH", untagged: "* 4711 FETCH (FLAGS (\\Deleted))\r\n* 0 FETCH (FLAGS (\\Deleted))\r\n", before: true}}},
		"fetch of an unknown uid":       {lies: []lie{{words: body, untagged: "* 2 FETCH (UID 4711 BODY[] {3}\r\nabc)\r\n", before: true}}},
		"uid 0":                         {lies: []lie{{words: "FETCH", untagged: "* 2 FETCH (UID 0 FLAGS () RFC822.SIZE 5 BODY[HEADER] {2}\r\n\r\n)\r\n", before: true}}},
		"uid too large":                 {lies: []lie{{words: "FETCH", untagged: "* 2 FETCH (UID 99999999999 FLAGS ())\r\n", before: true}}, odd: true},
		"uidnext too low":               {lies: []lie{{words: "EXAMINE INBOX", untagged: "* 4 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 2] x\r\n"}}},
		"no uidnext":                    {lies: []lie{{words: "EXAMINE INBOX", untagged: "* 4 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n"}}},
		"no uidvalidity":                {lies: []lie{{words: "EXAMINE INBOX", untagged: "* 4 EXISTS\r\n* OK [UIDNEXT 14] x\r\n"}}},
		"modseq goes back":              {lies: []lie{{words: "EXAMINE INBOX", untagged: "* 4 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 14] x\r\n* OK [HIGHESTMODSEQ 3] x\r\n"}, {words: "STATUS INBOX", untagged: "* STATUS INBOX (MESSAGES 4 UIDNEXT 14 UIDVALIDITY 7 HIGHESTMODSEQ 3)\r\n"}}},
		"modseq too large for a number": {lies: []lie{{words: "STATUS INBOX", untagged: "* STATUS INBOX (MESSAGES 4 UIDNEXT 14 UIDVALIDITY 7 HIGHESTMODSEQ 18446744073709551615)\r\n"}}},
		"each twice":                    {lies: []lie{{words: "FETCH", untagged: "* 1 FETCH (UID 10 FLAGS (\\Seen))\r\n* 1 FETCH (UID 10 FLAGS (\\Seen))\r\n", before: true}}},
		"huge literal announced":        {lies: []lie{{words: body, untagged: "* 2 FETCH (UID 11 BODY[] {9000000000000}\r\nabc", status: "CLOSE"}}},
		"literal that breaks off":       {lies: []lie{{words: header, untagged: "* 2 FETCH (UID 11 BODY[HEADER] {300}\r\nSubject: hal", status: "CLOSE"}}},
		"negative literal":              {lies: []lie{{words: header, untagged: "* 2 FETCH (UID 11 BODY[HEADER] {-5}\r\nabc\r\n", before: true}}, odd: true},
		"search refused":                {lies: []lie{{words: "UID SEARCH", status: "NO later"}}},
		"search without an answer":      {lies: []lie{{words: "UID SEARCH"}}},
		"search finds nothing":          {lies: []lie{{words: "UID SEARCH", untagged: "* SEARCH\r\n"}}},
		"search that is odd":            {lies: []lie{{words: "UID SEARCH", untagged: "* SEARCH 10 11 x\r\n"}}},
		"headers refused":               {lies: []lie{{words: header, status: "BAD what"}}},
		"bodies refused for now":        {lies: []lie{{words: body, status: "NO [UNAVAILABLE] later"}}},
		"bodies not given":              {lies: []lie{{words: "EXAMINE", status: "NO later"}}},
		"bye in the middle":             {lies: []lie{{words: header, untagged: "* 1 FETCH (UID 10 FLAGS ())\r\n* BYE enough\r\n", status: "CLOSE"}}},
		"bye without an end":            {lies: []lie{{words: body, untagged: "* BYE enough\r\n", status: "SILENT"}}},
		"silence":                       {lies: []lie{{words: body, status: "SILENT"}}},
		"list refused":                  {lies: []lie{{words: "LIST", status: "BAD what"}}},
		"list without inbox":            {lies: []lie{{words: "LIST", untagged: "* LIST () \"/\" Akten\r\n"}}},
		"list of nothing":               {lies: []lie{{words: "LIST"}}},
		"list with everything twice":    {lies: []lie{{words: "LIST", untagged: "* LIST () \"/\" INBOX\r\n* LIST () \"/\" inbox\r\n* LIST () \"/\" INBOX\r\n", before: true}}},
		"examine refused":               {lies: []lie{{words: "EXAMINE INBOX", status: "NO [INUSE] later"}}},
		"sign-in refused for now":       {lies: []lie{{words: "AUTHENTICATE", status: "NO [UNAVAILABLE] later"}, {words: "LOGIN", status: "NO [UNAVAILABLE] later"}}},
		"tags of others":                {lies: []lie{{words: "FETCH", untagged: "K9999 OK done\r\nK0 NO x\r\n OK\r\n\r\n", before: true}}, odd: true},
		"rubbish":                       {lies: []lie{{words: "FETCH", untagged: "\x00\xff\xfe\r\n* \r\n*\r\n* 1\r\n* FETCH\r\n* 1 FETCH (((((\r\n", before: true}}, odd: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var told atomic.Int64
			for _, late := range []bool{false, true} { // from the first synchronisation on, or after it
				lied(t, c.lies, c.odd, late, &told)
			}
			if told.Load() == 0 {
				t.Error("nothing was asked that this lie is about")
			}
		})
	}
}

func lied(t *testing.T, lies []lie, odd, late bool, told *atomic.Int64) {
	t.Helper()
	s := &liar{}
	s.set(9, 10, 11, 12)
	var untrue script = func(command string) (string, string) {
		for _, l := range lies {
			if !strings.Contains(command, l.words) {
				continue
			}
			s.told.Add(1)
			if l.before {
				after, status := s.truth(command)
				return l.untagged + after, status
			}
			return l.untagged, l.status
		}
		return "", "TRUTH"
	}
	w, db, ctx := scriptedWorker(t, scripted(t, condstore, s.answer))
	w.idle = 300 * time.Millisecond
	subjects := func() (list []string) {
		t.Helper()
		all, err := db.MailList(ctx, mail.Query{Role: mail.RoleInbox}, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range all {
			list = append(list, m.Subject)
		}
		slices.Sort(list)
		return list
	}
	if late {
		if err := w.Pull(ctx); err != nil {
			t.Fatal(err)
		}
	}
	s.set(10, 11, 12, 13) // something has gone, something has come
	s.lie.Store(&untrue)
	asked, started := s.asked.Load(), time.Now()
	for range 2 {
		if err := w.Pull(ctx); err != nil {
			t.Logf("late %v: %v", late, err)
			if transport.CauseOf(err) == transport.CauseNone {
				t.Errorf("an error without a cause: %v", err)
			}
		}
	}
	if n := s.asked.Load() - asked; n > 150 || time.Since(started) > 20*time.Second {
		t.Errorf("late %v: %d commands in %v", late, n, time.Since(started))
	}
	for _, want := range []string{"Vorgang 10", "Vorgang 11", "Vorgang 12"} {
		if got := subjects(); late && !slices.Contains(got, want) {
			t.Errorf("%s is lost: %q is left", want, got)
		}
	}
	told.Add(s.told.Load())
	if odd && w.odd.Load() == 0 {
		t.Errorf("late %v: not counted", late)
	}
	s.lie.Store(nil)
	s.set(10, 11, 12, 13, 14)
	if err := w.Pull(ctx); err != nil {
		t.Errorf("late %v: it does not recover: %v", late, err)
	}
	if got := subjects(); !slices.Equal(got, []string{"Vorgang 10", "Vorgang 11", "Vorgang 12", "Vorgang 13", "Vorgang 14"}) {
		t.Errorf("late %v: in the end there is %q", late, got)
	}
	left, err := db.BodylessMail(ctx, 1, 0, 10)
	if err != nil || len(left) > 0 {
		t.Errorf("late %v: octets missing: %v %v", late, left, err)
	}
}

// TestAServerWithoutAListStillBringsItsMessages: a server that can never say which messages it has.
func TestAServerWithoutAListStillBringsItsMessages(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{"odd": "* SEARCH [10 11]\r\n", "none": "", "refused": "NO"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &liar{}
			s.set(10, 11)
			const more = 1 // message that the server says it has beside those
			untrue := script(func(command string) (string, string) {
				switch {
				case strings.HasPrefix(command, "UID SEARCH") && answer == "NO":
					return "", "NO never"
				case strings.HasPrefix(command, "UID SEARCH"):
					return answer, ""
				case strings.HasPrefix(command, "STATUS INBOX"):
					uids := *s.have.Load()
					return fmt.Sprintf("* STATUS INBOX (MESSAGES %d UIDNEXT %d UIDVALIDITY 7)\r\n", len(uids)+more, s.next()), ""
				case strings.HasPrefix(command, "EXAMINE INBOX"):
					uids := *s.have.Load()
					return fmt.Sprintf("* %d EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT %d] x\r\n", len(uids)+more, s.next()), ""
				}
				return "", "TRUTH"
			})
			s.lie.Store(&untrue)
			w, db, ctx := scriptedWorker(t, scripted(t, condstore, s.answer))
			for n := range 3 {
				s.set([]int{10, 11, 12, 13, 14}[:2+n]...)
				if err := w.Pull(ctx); err != nil {
					t.Fatal(err)
				}
				if got, err := db.MailCount(ctx, mail.Query{Role: mail.RoleInbox}); err != nil || got != 2+n {
					t.Errorf("%d messages of %d: %v", got, 2+n, err)
				}
			}
		})
	}
}
