// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/servertest"
	"kontor/sync/transport"
)

// script answers commands: the untagged lines for a command, and its status ("OK", "NO ..."). The empty status is OK.
type script func(command string) (untagged, status string)

// scripted is a server that says what a test wants it to say.
func scripted(t *testing.T, greeting string, answer script) string {
	t.Helper()
	return "imap://" + servertest.Listen(t, func(c net.Conn) { serveScript(c, greeting, answer) })
}

func serveScript(c net.Conn, greeting string, answer script) {
	_, _ = io.WriteString(c, greeting+"\r\n")
	r := bufio.NewReader(c)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		tag, command, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		untagged, status := answer(command)
		if status == "" {
			status = "OK done"
		}
		if status == "CLOSE" {
			_, _ = io.WriteString(c, untagged)
			return
		}
		if status == "SILENT" {
			continue
		}
		_, _ = io.WriteString(c, untagged+tag+" "+status+"\r\n")
	}
}

const hello = "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready"

// oneFolder plays an INBOX; fetch answers FETCH of whole headers and of bodies.
func oneFolder(messages int, headers, bodies string) script {
	return func(command string) (string, string) {
		verb, _, _ := strings.Cut(command, " ")
		switch {
		case verb == "LIST":
			return `* LIST () "/" INBOX` + "\r\n", ""
		case verb == "STATUS":
			return fmt.Sprintf("* STATUS INBOX (MESSAGES %d UIDNEXT 100 UIDVALIDITY 7 UNSEEN 0)\r\n", messages), ""
		case verb == "EXAMINE":
			return fmt.Sprintf("* %d EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 100] x\r\n", messages), ""
		case strings.HasPrefix(command, "UID SEARCH"):
			uids := ""
			for i := range messages {
				uids += fmt.Sprintf(" %d", 10+i)
			}
			return "* SEARCH" + uids + "\r\n", ""
		case strings.Contains(command, "BODY.PEEK[HEADER"):
			return headers, ""
		case strings.Contains(command, "BODY.PEEK[]"):
			return bodies, ""
		}
		return "", ""
	}
}

// scriptedWorker makes a Worker for a scripted server.
func scriptedWorker(t *testing.T, url string) (*Worker, *storage.DB, context.Context) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	db, err := storage.Open(ctx, filepath.Join(t.TempDir(), "kontor.db"))
	if err != nil {
		t.Fatal(err)
	}
	a := storage.Account{Name: "Amt", User: "anna", IMAPURL: url}
	err = db.Write(ctx, func(tx *storage.Tx) (err error) {
		a.ID, err = tx.AddAccount(ctx, a)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w := New(Config{DB: db, Account: a, Secret: func(context.Context) (string, error) { return "geheim", nil }})
	t.Cleanup(func() {
		_ = w.Close()
		if err := db.Check(ctx); err != nil {
			t.Error(err)
		}
		cancel()
		_ = db.Close()
	})
	return w, db, ctx
}

func literal(s string) string { return fmt.Sprintf("{%d}\r\n%s", len(s), s) }

// TestOddAnswers lets one message of three be described oddly: the others must arrive, and where enough was
// understandable the odd one too.
func TestOddAnswers(t *testing.T) {
	head := "Subject: Eins\r\nMessage-ID: <a@x>\r\n\r\n"
	good := func(seq, uid int, subject string) string {
		h := fmt.Sprintf("Subject: %s\r\nMessage-ID: <%d@x>\r\n\r\n", subject, uid)
		return fmt.Sprintf("* %d FETCH (UID %d FLAGS (\\Seen) INTERNALDATE \"01-Mar-2026 08:00:0%d +0100\" RFC822.SIZE 50 BODY[HEADER] %s)\r\n", seq, uid, seq, literal(h))
	}
	for name, c := range map[string]struct {
		odd     string
		arrives bool // the odd message is stored
		subject bool // with its subject
	}{
		"unknown untagged response":       {"* WOMBAT 7 (x \"y\")\r\n", false, false},
		"unknown item":                    {"* 2 FETCH (UID 11 X-GM-MSGID 123 X-LIST (a (b \"c)\")) INTERNALDATE NIL BODY[HEADER] " + literal(head) + ")\r\n", true, true},
		"envelope nobody asked for":       {"* 2 FETCH (UID 11 ENVELOPE (\"x\" nil ((\"A\" NIL \"a\" \"b\")) NIL) BODY[HEADER] " + literal(head) + ")\r\n", true, true},
		"bodystructure nil":               {"* 2 FETCH (UID 11 BODYSTRUCTURE NIL BODY[HEADER] " + literal(head) + ")\r\n", true, true},
		"empty multipart":                 {"* 2 FETCH (UID 11 BODYSTRUCTURE (\"mixed\" (\"boundary\" \"x\") NIL NIL) BODY[HEADER] " + literal(head) + ")\r\n", true, true},
		"disposition as string":           {"* 2 FETCH (UID 11 BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL \"7bit\" 1 1 NIL \"inline\") BODY[HEADER] " + literal(head) + ")\r\n", true, true},
		"size over 4 GiB":                 {"* 2 FETCH (UID 11 RFC822.SIZE 5000000000 BODY[HEADER] " + literal(head) + ")\r\n", true, true},
		"size that is no number":          {"* 2 FETCH (UID 11 RFC822.SIZE viel BODY[HEADER] " + literal(head) + ")\r\n", false, false},
		"negative size":                   {"* 2 FETCH (UID 11 BODY[HEADER] " + literal(head) + " RFC822.SIZE -1)\r\n", true, true},
		"lower-case items":                {"* 2 fetch (uid 11 flags (\\seen) rfc822.size 5 body[header] " + literal(head) + ")\r\n", true, true},
		"lower-case nil":                  {"* 2 FETCH (UID 11 INTERNALDATE nil BODY[HEADER] " + literal(head) + ")\r\n", true, true},
		"header nil":                      {"* 2 FETCH (UID 11 RFC822.SIZE 5 BODY[HEADER] NIL)\r\n", true, false},
		"header as quoted string":         {"* 2 FETCH (UID 11 RFC822.SIZE 5 BODY[HEADER] \"Subject: Eins\")\r\n", true, true},
		"unescaped quote":                 {"* 2 FETCH (UID 11 X \"a\"b\" RFC822.SIZE 5 BODY[HEADER] " + literal(head) + ")\r\n", false, false},
		"quote without end":               {"* 2 FETCH (UID 11 RFC822.SIZE 5 INTERNALDATE \"01-Mar\r\n", true, false},
		"bracket in a flag":               {"* 2 FETCH (UID 11 FLAGS (\\Seen a]b [c) RFC822.SIZE 5 BODY[HEADER] " + literal(head) + ")\r\n", true, true},
		"flag with a brace":               {"* 2 FETCH (UID 11 FLAGS ({x} *) RFC822.SIZE 5 BODY[HEADER] " + literal(head) + ")\r\n", false, false},
		"flags nil":                       {"* 2 FETCH (UID 11 FLAGS NIL RFC822.SIZE 5 BODY[HEADER] " + literal(head) + ")\r\n", true, true},
		"uid after the literal":           {"* 2 FETCH (RFC822.SIZE 5 BODY[HEADER] " + literal(head) + " UID 11)\r\n", true, true},
		"split in two":                    {"* 2 FETCH (UID 11 RFC822.SIZE 5)\r\n* 2 FETCH (UID 11 BODY[HEADER] " + literal(head) + ")\r\n", true, true},
		"split, second without uid":       {"* 2 FETCH (UID 11 RFC822.SIZE 5)\r\n* 2 FETCH (BODY[HEADER] " + literal(head) + ")\r\n", true, true},
		"twice":                           {"* 2 FETCH (UID 11 RFC822.SIZE 5 BODY[HEADER] " + literal(head) + ")\r\n* 2 FETCH (UID 11 RFC822.SIZE 5 BODY[HEADER] " + literal(head) + ")\r\n", true, true},
		"no uid at all":                   {"* 2 FETCH (FLAGS (\\Seen))\r\n", false, false},
		"uid 0":                           {"* 2 FETCH (UID 0 RFC822.SIZE 5 BODY[HEADER] " + literal(head) + ")\r\n", false, false},
		"list without end":                {"* 2 FETCH (UID 11 RFC822.SIZE 5 BODY[HEADER] " + literal(head) + "\r\n", true, true},
		"too many parentheses":            {"* 2 FETCH (UID 11 RFC822.SIZE 5 BODY[HEADER] " + literal(head) + ")))\r\n", true, true},
		"no items":                        {"* 2 FETCH\r\n", false, false},
		"empty literal":                   {"* 2 FETCH (UID 11 RFC822.SIZE 0 BODY[HEADER] {0}\r\n)\r\n", true, false},
		"literal8 and plus":               {"* 2 FETCH (UID 11 RFC822.SIZE 5 BODY[HEADER] ~" + strings.Replace(literal(head), "}", "+}", 1) + ")\r\n", true, true},
		"line feeds only":                 {strings.ReplaceAll("* 2 FETCH (UID 11 RFC822.SIZE 5 BODY[HEADER] "+literal(head)+")\r\n", "}\r\n", "}\n"), true, true},
		"date of another kind":            {"* 2 FETCH (UID 11 INTERNALDATE \"Sun, 1 Mar 2026\" RFC822.SIZE 5 BODY[HEADER] " + literal(head) + ")\r\n", true, true},
		"raw octets":                      {"* 2 FETCH (UID 11 RFC822.SIZE 5 X-\xe4 \"\xfc\" BODY[HEADER] " + literal(head) + ")\r\n", true, true},
		"vanished":                        {"* VANISHED 11\r\n* VANISHED (EARLIER) x:y\r\n", false, false},
		"expunge in between":              {"* 3 EXPUNGE\r\n", false, false},
		"status text that looks literal":  {"* OK see {99999}\r\n* NO [ALERT] {5}\r\n", false, false},
		"continuation nobody asked for":   {"+ go on\r\n", false, false},
		"tag of no command":               {"XX OK done\r\n", false, false},
		"header of another section":       {"* 2 FETCH (UID 11 RFC822.SIZE 5 BODY[HEADER.FIELDS (\"Subject\" X]Y)] NIL RFC822.HEADER " + literal(head) + ")\r\n", true, false},
		"more digits than a number holds": {"* 99999999999999999999 FETCH (UID 11)\r\n", false, false},
		"search that is none":             {"* SEARCH\r\n", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			headers := good(1, 10, "Null") + c.odd + good(3, 12, "Zwei")
			w, db, ctx := scriptedWorker(t, scripted(t, hello, oneFolder(3, headers, "")))
			if err := w.Pull(ctx); err != nil {
				t.Fatal(err)
			}
			list, err := db.MailList(ctx, mail.Query{Role: mail.RoleInbox}, 0, 10)
			if err != nil {
				t.Fatal(err)
			}
			found := map[string]bool{}
			for _, s := range list {
				found[s.Subject] = true
			}
			want := 2
			if c.arrives {
				want = 3
			}
			if len(list) != want || !found["Null"] || !found["Zwei"] || c.subject != found["Eins"] {
				t.Errorf("%d messages %v", len(list), found)
			}
		})
	}
}

func TestOddBodies(t *testing.T) {
	header := "Subject: Eins\r\n\r\n"
	headers := ""
	for i := range 3 {
		headers += fmt.Sprintf("* %d FETCH (UID %d FLAGS () RFC822.SIZE 30 BODY[HEADER] %s)\r\n", i+1, 10+i, literal(header))
	}
	body := header + "Text\r\n"
	bodies := "* 2 FETCH (FLAGS (\\Seen))\r\n* 2 FETCH (UID 11 BODY[] NIL)\r\n* 3 FETCH (BODY[] " + literal(body) + " UID 12)\r\n* 1 FETCH (X Y UID 10 BODY[] " + literal(body) + ")\r\n"
	w, db, ctx := scriptedWorker(t, scripted(t, hello, oneFolder(3, headers, bodies)))
	if err := w.Pull(ctx); err != nil {
		t.Fatal(err)
	}
	if r := w.Report(); r.Bodies != 2 || r.New != 3 {
		t.Errorf("%+v", r)
	}
	left, err := db.BodylessMail(ctx, 1, 0, 10)
	if err != nil || len(left) != 0 {
		t.Errorf("what the server does not hand out is asked for for ever: %v %v", left, err)
	}
}

func TestAMessageTheServerRefusesDoesNotStopTheOthers(t *testing.T) {
	header := "Subject: Eins\r\n\r\n"
	headers := ""
	for i := range 3 {
		headers += fmt.Sprintf("* %d FETCH (UID %d FLAGS () RFC822.SIZE 30 BODY[HEADER] %s)\r\n", i+1, 10+i, literal(header))
	}
	plain := oneFolder(3, headers, "")
	w, db, ctx := scriptedWorker(t, scripted(t, hello, func(command string) (string, string) {
		if !strings.Contains(command, "BODY.PEEK[]") {
			return plain(command)
		}
		set := strings.Fields(command)[2]
		if set == "11" || strings.Contains(set, ":") {
			return "", "NO [SERVERBUG] conversion failed"
		}
		return "* 1 FETCH (UID " + set + " BODY[] " + literal(header+"x") + ")\r\n", ""
	}))
	if err := w.Pull(ctx); err != nil {
		t.Fatal(err)
	}
	if r := w.Report(); r.Bodies != 2 {
		t.Errorf("%+v", r)
	}
	if left, err := db.BodylessMail(ctx, 1, 0, 10); err != nil || len(left) != 0 {
		t.Errorf("left over: %v %v", left, err)
	}
}

func TestLargeMessagesComeInPieces(t *testing.T) {
	header := "Subject: Eins\r\nContent-Type: text/plain\r\n\r\n"
	whole := header + strings.Repeat("Zeile mit Text.\r\n", 9<<20/17)
	headers := fmt.Sprintf("* 1 FETCH (UID 10 FLAGS () RFC822.SIZE %d BODY[HEADER] %s)\r\n", len(whole), literal(header))
	plain := oneFolder(1, headers, "")
	var asked atomic.Int64
	w, db, ctx := scriptedWorker(t, scripted(t, hello, func(command string) (string, string) {
		var start, size int
		if _, err := fmt.Sscanf(command, "UID FETCH 10 (UID BODY.PEEK[]<%d.%d>)", &start, &size); err != nil {
			return plain(command)
		}
		if asked.Add(1) == 2 {
			return "* 1 FETCH (UID 10 BODY[]<4194304> {4194304}\r\nabc", "CLOSE" // cut in the middle
		}
		part := whole[min(start, len(whole)):min(start+size, len(whole))]
		return fmt.Sprintf("* 1 FETCH (UID 10 BODY[]<%d> %s)\r\n", start, literal(part)), ""
	}))
	if err := w.Pull(ctx); !transport.IsConnectionError(err) {
		t.Fatalf("the cut gave %v", err)
	}
	if err := w.Pull(ctx); err != nil {
		t.Fatal(err)
	}
	list, err := db.MailList(ctx, mail.Query{Role: mail.RoleInbox}, 0, 10)
	if err != nil || len(list) != 1 || !list[0].HasBody || list[0].Snippet == "" {
		t.Fatalf("%+v %v", list, err)
	}
	raw, err := db.Body(ctx, list[0].ID)
	if err != nil || string(raw) != whole {
		t.Errorf("%d octets, want %d; %v", len(raw), len(whole), err)
	}
	if n := asked.Load(); n != 4 {
		t.Errorf("%d pieces asked for, want 4: the first must not be fetched twice", n)
	}
}

func TestAListThatFailsDeletesNothing(t *testing.T) {
	var mode atomic.Value
	mode.Store("good")
	header := literal("Subject: Eins\r\n\r\n")
	headers := ""
	for i := range 3 {
		headers += fmt.Sprintf("* %d FETCH (UID %d FLAGS () RFC822.SIZE 0 BODY[HEADER] %s)\r\n", i+1, 10+i, header)
	}
	plain := oneFolder(3, headers, "")
	w, db, ctx := scriptedWorker(t, scripted(t, hello, func(command string) (string, string) {
		verb, _, _ := strings.Cut(command, " ")
		switch m := mode.Load().(string); {
		case m == "good":
		case verb == "LIST" && m == "no list":
			return "", "NO later"
		case verb == "LIST" && m == "empty list":
			return "", ""
		case verb == "LIST" && m == "odd list":
			return "* LIST (\\HasNoChildren \"/\" INBOX\r\n* LIST () \"/\" INBOX\r\n", ""
		case verb == "STATUS" && strings.HasSuffix(m, "search"):
			return "* STATUS INBOX (MESSAGES 1 UIDNEXT 100 UIDVALIDITY 7)\r\n", ""
		case verb == "EXAMINE" && strings.HasSuffix(m, "search"):
			return "* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 100] x\r\n", ""
		case strings.HasPrefix(command, "UID SEARCH") && m == "no search":
			return "", "NO later"
		case strings.HasPrefix(command, "UID SEARCH") && m == "odd search":
			return "* SEARCH 10 x\r\n", ""
		case strings.HasPrefix(command, "UID SEARCH") && m == "silent search":
			return "", ""
		case strings.HasPrefix(command, "UID SEARCH") && m == "cut search":
			return "* SEARCH 10 1", "CLOSE"
		}
		return plain(command)
	}))
	for _, m := range []string{"good", "no list", "empty list", "odd list", "no search", "odd search", "silent search", "cut search"} {
		mode.Store(m)
		err := w.Pull(ctx)
		if m == "good" && err != nil {
			t.Fatal(err)
		}
		if n, err := db.MailCount(ctx, mail.Query{Role: mail.RoleInbox}); err != nil || n != 3 {
			t.Fatalf("%s: %d messages are left; %v", m, n, err)
		}
	}
}

func TestConnectionErrors(t *testing.T) {
	ok := func(string) (string, string) { return "", "" }
	for name, c := range map[string]struct {
		greeting string
		answer   script
		cause    transport.Cause
	}{
		"web server":         {"HTTP/1.1 400 Bad Request", ok, transport.CausePortal},
		"bye":                {"* BYE too many connections", ok, transport.CauseServer},
		"wrong password":     {hello, func(string) (string, string) { return "", "NO [AUTHENTICATIONFAILED] no" }, transport.CauseSignIn},
		"unavailable":        {hello, func(string) (string, string) { return "", "NO [UNAVAILABLE] later" }, transport.CauseServer},
		"no way to sign in":  {"* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] x", ok, transport.CauseSignIn},
		"bye while it works": {hello, func(c string) (string, string) { return "* BYE shutting down\r\n", "SILENT" }, transport.CauseUnreachable},
	} {
		t.Run(name, func(t *testing.T) {
			answer := c.answer
			if name == "bye while it works" {
				answer = func(command string) (string, string) {
					if strings.HasPrefix(command, "LIST") {
						return "* BYE shutting down\r\n", "CLOSE"
					}
					return "", ""
				}
			}
			w, _, ctx := scriptedWorker(t, scripted(t, c.greeting, answer))
			err := w.Pull(ctx)
			if got := transport.CauseOf(err); got != c.cause {
				t.Errorf("cause %q, want %q: %v", got, c.cause, err)
			}
		})
	}
}

func TestNoEncryptionOffThisMachine(t *testing.T) {
	url := scripted(t, hello, func(string) (string, string) { return "", "" })
	c := &client{log: slog.New(slog.DiscardHandler), odd: &atomic.Int64{}}
	tcp, err := transport.Dial(context.Background(), strings.TrimPrefix(url, "imap://"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close() //nolint:errcheck // a test's connection
	c.conn, c.tcp = tcp, tcp
	err = c.start(context.Background(), transport.Endpoint{Host: "mail.amt.example", StartTLS: true}, nil, options{})
	if transport.CauseOf(err) != transport.CauseNoTLS {
		t.Errorf("signed in without encryption: %v", err)
	}
}

func TestOtherWaysToSignIn(t *testing.T) {
	for name, capabilities := range map[string]string{"login": "IMAP4rev1", "plain without initial response": "IMAP4rev1 AUTH=PLAIN", "auth login": "IMAP4rev1 LOGINDISABLED AUTH=LOGIN"} {
		t.Run(name, func(t *testing.T) {
			said := make(chan string, 10)
			addr := servertest.Listen(t, func(c net.Conn) {
				r := bufio.NewReader(c)
				_, _ = io.WriteString(c, "* OK [CAPABILITY "+capabilities+"] hi\r\n")
				line, _ := r.ReadString('\n')
				tag, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
				said <- rest
				turns := map[string]int{"AUTHENTICATE PLAIN": 1, "AUTHENTICATE LOGIN": 2}[rest]
				for range turns {
					_, _ = io.WriteString(c, "+ \r\n")
					line, _ := r.ReadString('\n')
					said <- strings.TrimSpace(line)
				}
				_, _ = io.WriteString(c, tag+" OK [CAPABILITY IMAP4rev1 IDLE] done\r\n")
				close(said)
				_, _ = r.ReadString('\n')
			})
			c, err := dial(context.Background(), options{url: "imap://" + addr, user: "anna", secret: given(`ge"heim`), log: slog.New(slog.DiscardHandler), odd: &atomic.Int64{}})
			if err != nil {
				t.Fatal(err)
			}
			defer c.close() //nolint:errcheck // a test's connection
			var all []string
			for s := range said {
				all = append(all, s)
			}
			want := map[string]string{
				"login":                          `[LOGIN "anna" "ge\"heim"]`,
				"plain without initial response": "[AUTHENTICATE PLAIN AGFubmEAZ2UiaGVpbQ==]",
				"auth login":                     "[AUTHENTICATE LOGIN YW5uYQ== Z2UiaGVpbQ==]",
			}[name]
			if got := fmt.Sprint(all); got != want || !c.has("IDLE") {
				t.Errorf("said %s, want %s; capabilities %v", got, want, c.caps)
			}
		})
	}
}

// A folder whose line cannot be read is missing in the list; that does not remove it, nor keep the others away.
func TestAnOddFolderInTheListDoesNotStopTheOthers(t *testing.T) {
	odd := false
	plain := oneFolder(0, "", "")
	w, db, ctx := scriptedWorker(t, scripted(t, hello, func(command string) (string, string) {
		verb, _, _ := strings.Cut(command, " ")
		switch {
		case verb == "LIST" && !odd:
			return "* LIST () \"/\" INBOX\r\n* LIST () \"/\" Bau\r\n", ""
		case verb == "LIST":
			return "* LIST () \"/\" INBOX\r\n* LIST (\\Marked \"/\" Bau\r\n* LIST () \"/\" Neu\r\n* LIST () \"/\" \"R&ISA\xff-\"\r\n", ""
		case verb == "STATUS":
			return "* STATUS " + strings.Fields(command)[1] + " (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 7)\r\n", ""
		}
		return plain(command)
	}))
	for _, odd = range []bool{false, true} {
		if err := w.Pull(ctx); err != nil {
			t.Fatal(err)
		}
	}
	names := ""
	folders, err := db.Folders(ctx, 1)
	for _, f := range folders {
		names += f.Name + " "
	}
	if err != nil || !strings.Contains(names, "Bau") || !strings.Contains(names, "Neu") || len(folders) != 4 {
		t.Errorf("folders %q, %v", names, err)
	}
	if w.odd.Load() == 0 {
		t.Error("the odd line was not counted")
	}
}

// Servers may give every folder the same UIDVALIDITY: a new folder must not be taken for an old one with its messages.
func TestANewFolderIsNotAnOldOne(t *testing.T) {
	second := false
	header := func(uid int, name string) string {
		h := literal("Subject: " + name + "\r\nMessage-ID: <" + name + "@x>\r\n\r\n")
		return fmt.Sprintf("* %d FETCH (UID %d FLAGS () RFC822.SIZE 9 BODY[HEADER] %s)\r\n", uid, uid, h)
	}
	w, db, ctx := scriptedWorker(t, scripted(t, hello, func(command string) (string, string) {
		name, subjects := "Alt", []string{"eins", "zwei"}
		if second {
			name, subjects = "Neu", []string{"drei", "zwei", "vier"}
		}
		all, uids := "", ""
		for i, s := range subjects {
			all += header(i+1, s)
			uids += fmt.Sprintf(" %d", i+1)
		}
		verb, _, _ := strings.Cut(command, " ")
		switch {
		case verb == "LIST":
			return "* LIST () \"/\" INBOX\r\n* LIST () \"/\" " + name + "\r\n", ""
		case verb == "STATUS" && !strings.Contains(command, "INBOX"):
			return fmt.Sprintf("* STATUS %s (MESSAGES %d UIDNEXT 4 UIDVALIDITY 7)\r\n", name, len(subjects)), ""
		case verb == "STATUS":
			return "* STATUS INBOX (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 7)\r\n", ""
		case verb == "EXAMINE":
			return fmt.Sprintf("* %d EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 4] x\r\n", len(subjects)), ""
		case strings.HasPrefix(command, "UID SEARCH"):
			return "* SEARCH" + uids + "\r\n", ""
		case strings.Contains(command, "BODY.PEEK[HEADER"):
			return all, ""
		}
		return "", ""
	}))
	if err := w.Pull(ctx); err != nil {
		t.Fatal(err)
	}
	second = true
	if err := w.Pull(ctx); err != nil {
		t.Fatal(err)
	}
	f, err := db.FolderByName(ctx, 1, "Neu")
	if err != nil {
		t.Fatal(err)
	}
	list, err := db.MailList(ctx, mail.Query{FolderID: f.ID}, 0, 10)
	var subjects []string
	for _, m := range list {
		subjects = append(subjects, m.Subject)
	}
	slices.Sort(subjects)
	if err != nil || !slices.Equal(subjects, []string{"drei", "vier", "zwei"}) {
		t.Errorf("the folder holds %q: %v", subjects, err)
	}
}
