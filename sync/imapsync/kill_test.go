// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/engine"
	"kontor/sync/servertest"
)

// TestMain is also the other process that the tests below kill.
func TestMain(m *testing.M) {
	if path := os.Getenv("KONTOR_TEST_MAILER"); path != "" {
		os.Exit(mailer(path))
	}
	os.Exit(m.Run())
}

// mailer opens the store, looks for what a crash left, carries out what is due and synchronises.
func mailer(path string) int {
	ctx := context.Background()
	db, err := storage.Open(ctx, path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	accounts, err := db.Accounts(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	e := engine.New(db, slog.New(slog.DiscardHandler))
	e.Add(accounts[0].ID, New(Config{
		DB: db, Account: accounts[0], Secret: func(context.Context) (string, error) { return servertest.Password, nil }, Log: slog.New(slog.DiscardHandler),
	}))
	if err := errors.Join(e.Recover(ctx), e.RunOnce(ctx, nil), e.Close(), db.Close()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// assassin stands between a process and its server, and kills the process when a line with words in it goes up: before it
// is passed on, or when the server has answered the command. With at it is that line, counted from 1; -1 for none.
type assassin struct {
	target string
	words  string
	at     int64
	seen   atomic.Int64
	after  bool
	kill   func()
	once   sync.Once
	struck atomic.Bool
}

func (a *assassin) listen(t *testing.T) string {
	t.Helper()
	return servertest.Listen(t, a.serve)
}

func (a *assassin) serve(c net.Conn) {
	s, err := net.Dial("tcp", a.target)
	if err != nil {
		return
	}
	defer s.Close() //nolint:errcheck // a test's connection
	var tag string
	var mu sync.Mutex
	go func() {
		_ = lines(s, func(line string) bool {
			mu.Lock()
			hit := tag != "" && strings.HasPrefix(line, tag+" ")
			mu.Unlock()
			if hit {
				a.strike()
				return false
			}
			_, err := io.WriteString(c, line)
			return err == nil
		})
		_ = c.Close()
	}()
	_ = lines(c, func(line string) bool {
		if n := a.seen.Add(1); !a.struck.Load() && (a.at == 0 && strings.Contains(line, a.words) || a.at == n) {
			if !a.after {
				a.strike()
				return false
			}
			mu.Lock()
			if tag == "" {
				tag, _, _ = strings.Cut(line, " ")
			}
			mu.Unlock()
		}
		_, err := io.WriteString(s, line)
		return err == nil
	})
}

func (a *assassin) strike() { a.once.Do(a.kill) }

func lines(r io.Reader, each func(string) bool) error {
	br := bufio.NewReader(r)
	for {
		line, err := br.ReadString('\n')
		if line != "" && !each(line) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// runMailer starts the other process and waits for its end.
func runMailer(t testing.TB, path string, started func(*os.Process)) (failed bool) {
	t.Helper()
	return servertest.Again(t, "KONTOR_TEST_MAILER="+path, started)
}

// TestKilledAtEachStep kills the program at each step of a move and of an append. After further starts each message is
// where it belongs, once.
func TestKilledAtEachStep(t *testing.T) {
	for name, c := range map[string]struct {
		capabilities string
		steps        []string
	}{
		"move":    {"IMAP4rev1 LITERAL+ AUTH=PLAIN UIDPLUS MOVE CONDSTORE", []string{"UID MOVE", "APPEND", "Text von Vorgang 7"}},
		"no move": {"IMAP4rev1 AUTH=PLAIN UIDPLUS", []string{"UID COPY", "UID STORE", "UID EXPUNGE", "APPEND"}},
	} {
		t.Run(name, func(t *testing.T) {
			server := servertest.Dovecot(t, servertest.Options{Capabilities: c.capabilities, NoTLS: true})
			users := map[string]func(*testing.T, *lab, string){}
			for i, words := range c.steps {
				for _, after := range []bool{false, true} {
					if after && strings.HasPrefix(words, "Text") {
						continue // no command of its own
					}
					user := fmt.Sprintf("u%d%v", i, after)
					server.User(t, user)
					users[user] = func(t *testing.T, l *lab, user string) { killed(t, l, words, after) }
				}
			}
			for user, run := range users {
				t.Run(user, func(t *testing.T) {
					t.Parallel()
					run(t, labOf(t, server, server.Addr, user), user)
				})
			}
		})
	}
}

// isDone reports whether an operation is done; with must it has to be.
func (l *lab) isDone(id int64, must bool) bool {
	l.t.Helper()
	op, err := l.db.Op(l.ctx, id)
	if err != nil || op.State != journal.Done && must {
		l.t.Fatalf("%s is %s: %s %v", op.Kind, op.State, op.LastError, err)
	}
	return op.State == journal.Done
}

func killed(t *testing.T, l *lab, words string, after bool) {
	t.Helper()
	for n := range 3 {
		l.put("INBOX", letter(n))
	}
	l.pull()
	ids := []int64{l.find(0).ID, l.find(1).ID}
	sent := l.folder("Sent")
	letter7 := l.write(sent, letter(7), 7, mail.Seen)
	move := l.op(journal.MailMove, mail.MoveOp{IDs: ids, From: l.folder("INBOX").ID, To: l.folder("Archive").ID}, "messages", ids...)
	put := l.op(journal.MailAppend, mail.AppendOp{ID: letter7, Folder: sent.ID, Flags: mail.Seen}, "messages", letter7)

	process, dead := make(chan *os.Process, 1), make(chan struct{})
	a := &assassin{target: l.server.Addr, words: words, after: after}
	a.kill = func() {
		if err := (<-process).Kill(); err != nil {
			t.Error(err)
		}
		a.struck.Store(true)
		<-dead
	}
	account := l.account
	account.IMAPURL = "imap://" + a.listen(t)
	if err := l.db.Write(l.ctx, func(tx *storage.Tx) error { return tx.SaveAccount(l.ctx, account) }); err != nil {
		t.Fatal(err)
	}
	path := l.path
	if !runMailer(t, path, func(p *os.Process) { process <- p }) {
		t.Fatalf("the program was not killed: nothing said %q", words)
	}
	close(dead)
	for attempt := range 4 {
		runMailer(t, path, func(*os.Process) {})
		if l.isDone(move.ID, attempt == 3) && l.isDone(put.ID, attempt == 3) {
			break
		}
	}
	l.wantRemote("INBOX", "<v2@amt.example>")
	l.wantRemote("Archive", "<v0@amt.example>", "<v1@amt.example>")
	l.wantRemote("Sent", `<v7@amt.example> \Seen`)
	if a, b, c := len(l.list("INBOX")), len(l.list("Archive")), len(l.list("Sent")); a != 1 || b != 2 || c != 1 {
		t.Errorf("here: inbox %d, archive %d, sent %d", a, b, c)
	}
}
