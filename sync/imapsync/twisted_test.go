// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"io"
	"net"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/sync/servertest"
)

// twister stands between a Worker and a real server. What the server answers to the first command with words in it, it
// tells otherwise; the command itself is carried out, unless there is an answer instead of it.
type twister struct {
	target  string
	words   string
	change  func(line string) string // "" cuts the line
	instead string
	used    atomic.Bool
}

func (w *twister) listen(t *testing.T) string {
	t.Helper()
	return servertest.Listen(t, w.serve)
}

func (w *twister) serve(c net.Conn) {
	s, err := net.Dial("tcp", w.target)
	if err != nil {
		return
	}
	defer s.Close() //nolint:errcheck // a test's connection
	var mu sync.Mutex
	tag := "" // of the command whose answer is twisted
	go func() {
		defer c.Close() //nolint:errcheck // a test's connection
		_ = lines(s, func(line string) bool {
			mu.Lock()
			defer mu.Unlock()
			end := tag != "" && strings.HasPrefix(line, tag+" ")
			if tag != "" && !strings.HasPrefix(line, "+") {
				if line = w.change(line); line == "" {
					return false
				}
			}
			if end {
				tag = ""
			}
			_, err := io.WriteString(c, line)
			return err == nil
		})
	}()
	_ = lines(c, func(line string) bool {
		if strings.Contains(line, w.words) && w.used.CompareAndSwap(false, true) {
			mu.Lock()
			defer mu.Unlock()
			tag, _, _ = strings.Cut(line, " ")
			if w.instead != "" {
				_, err := io.WriteString(c, tag+" "+w.instead+"\r\n")
				tag = ""
				return err == nil
			}
		}
		_, err := io.WriteString(s, line)
		return err == nil
	})
}

// swap gives a change that puts other words in the place of what a pattern finds.
func swap(pattern, with string) func(string) string {
	re := regexp.MustCompile(pattern)
	return func(line string) string { return re.ReplaceAllString(line, with) }
}

// cutAt gives a change that breaks the line in the place of what a pattern finds.
func cutAt(pattern string) func(string) string {
	re := regexp.MustCompile(pattern)
	return func(line string) string {
		if re.MatchString(line) {
			return ""
		}
		return line
	}
}

// carryOut carries an operation to its end, as the engine and the person do who tries again what has failed.
func (l *lab) carryOut(t *testing.T, op journal.Op) {
	t.Helper()
	for range 6 {
		switch op.State {
		case journal.InDoubt:
			op = l.settle(op)
		case journal.Waiting:
			op = l.push(op)
		case journal.Failed: // the person tries again
			again, err := journal.Again(op, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			op = again
		case journal.Done:
		default:
			t.Fatalf("%s is %s", op.Kind, op.State)
		}
	}
	if op.State != journal.Done {
		t.Errorf("%s is %s: %s", op.Kind, op.State, op.LastError)
	}
}

// TestOperationsOnAServerThatTellsOtherwise: the server does what it is told and says something else. Whatever becomes of
// the operation, both sides are the same in the end, and every message is there once.
func TestOperationsOnAServerThatTellsOtherwise(t *testing.T) {
	t.Parallel()
	type twist struct {
		hide   []string
		words  string
		change func(string) string
		not    string // what is said without doing anything
	}
	noMove := []string{"MOVE"}
	labs(t, map[string]twist{
		"move-untold":         {nil, "UID MOVE", swap(`\[COPYUID [^]]*\] ?`, ""), ""},
		"move-other-validity": {nil, "UID MOVE", swap(`COPYUID \d+`, "COPYUID 1"), ""},
		"move-uneven":         {nil, "UID MOVE", swap(`COPYUID (\d+) \S+ \S+\]`, "COPYUID $1 1:2 9]"), ""},
		"move-uid-0":          {nil, "UID MOVE", swap(`COPYUID (\d+) (\S+) \S+\]`, "COPYUID $1 $2 0]"), ""},
		"move-rubbish":        {nil, "UID MOVE", swap(`COPYUID .*\]`, "COPYUID x y z]"), ""},
		"move-refused":        {nil, "UID MOVE", swap(`^(K\d+) OK.*`, "$1 NO [SERVERBUG] what"), ""},
		"move-bad":            {nil, "UID MOVE", swap(`^(K\d+) OK.*`, "$1 BAD what"), ""},
		"move-bye":            {nil, "UID MOVE", swap(`^K\d+ OK.*`, "* BYE enough"), ""},
		"move-cut":            {nil, "UID MOVE", cutAt(`^K\d+ OK`), ""},
		"copy-bye":            {noMove, "UID COPY", swap(`^K\d+ OK.*`, "* BYE enough"), ""},
		"copy-untold":         {noMove, "UID COPY", swap(`\[COPYUID [^]]*\] ?`, ""), ""},
		"store-refused":       {noMove, "UID STORE", swap(`^(K\d+) OK.*`, "$1 NO [INUSE] later"), ""},
		"store-cut":           {noMove, "UID STORE", cutAt(`^K\d+ OK`), ""},
		"expunge-refused":     {noMove, "UID EXPUNGE", swap(`^(K\d+) OK.*`, "$1 NO [LIMIT] later"), ""},
		"expunge-bye":         {noMove, "UID EXPUNGE", swap(`^K\d+ OK.*`, "* BYE enough"), ""},
		"append-untold":       {nil, "APPEND", swap(`\[APPENDUID [^]]*\] ?`, ""), ""},
		"append-uid-0":        {nil, "APPEND", swap(`APPENDUID (\d+) \d+`, "APPENDUID $1 0"), ""},
		"append-rubbish":      {nil, "APPEND", swap(`APPENDUID .*\]`, "APPENDUID x y]"), ""},
		"append-validity":     {nil, "APPEND", swap(`APPENDUID \d+`, "APPENDUID 1"), ""},
		"append-bye":          {nil, "APPEND", swap(`^K\d+ OK.*`, "* BYE enough"), ""},
		"append-cut":          {nil, "APPEND", cutAt(`^K\d+ OK`), ""},
		"select-refused":      {nil, "SELECT", swap(`^(K\d+) OK.*`, "$1 NO [INUSE] later"), ""},
		"select-read-only":    {nil, "SELECT", swap(`\[READ-WRITE\]`, "[READ-ONLY]"), ""},
		"search-cut":          {nil, "UID SEARCH", cutAt(`^K\d+ OK`), ""},
		"search-refused":      {nil, "UID SEARCH", swap(`^(K\d+) OK.*`, "$1 NO [UNAVAILABLE] later"), ""},
		"move-not-done":       {nil, "UID MOVE", nil, "NO [LIMIT] later"},
		"copy-not-done":       {noMove, "UID COPY", nil, "NO [INUSE] later"},
		"store-not-done":      {noMove, "UID STORE", nil, "NO [INUSE] later"},
		"store-not-allowed":   {noMove, "UID STORE", nil, "NO [NOPERM] never"},
		"expunge-not-done":    {noMove, "UID EXPUNGE", nil, "NO [UNAVAILABLE] later"},
		"expunge-bad":         {noMove, "UID EXPUNGE", nil, "BAD what"},
		"select-not-done":     {nil, "SELECT", nil, "BAD what"},
	}, func(t *testing.T, l *lab, proxy *servertest.ProxyServer, c twist) {
		proxy.Hide(c.hide...)
		w := &twister{target: proxy.Addr, words: c.words, change: c.change, instead: c.not}
		l.account.IMAPURL = "imap://127.0.0.1:" + port(w.listen(t))
		l.w = l.worker()
		for n := range 3 {
			l.put("INBOX", letter(n))
		}
		l.put("INBOX", letter(3), `\Deleted`)
		l.put("Archive", letter(4), `\Deleted`)
		l.pull()
		sent, id, other := l.folder("Sent"), l.find(0).ID, l.find(1).ID
		put := l.write(sent, letter(7), 7, mail.Seen)
		for _, op := range []journal.Op{
			l.op(journal.MailMove, mail.MoveOp{IDs: []int64{id, other}, From: l.folder("INBOX").ID, To: l.folder("Archive").ID}, "messages", id, other),
			l.op(journal.MailAppend, mail.AppendOp{ID: put, Folder: sent.ID, Flags: mail.Seen}, "messages", put),
		} {
			l.carryOut(t, op)
			l.pull()
		}
		if !w.used.Load() {
			t.Error("nothing was told otherwise")
		}
		l.pull()
		l.same()
		l.wantRemote("INBOX", `<v2@amt.example>`, `<v3@amt.example> \Deleted`)
		l.wantRemote("Archive", `<v0@amt.example>`, `<v1@amt.example>`, `<v4@amt.example> \Deleted`)
		l.wantRemote("Sent", `<v7@amt.example> \Seen`)
	})
}
