// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/servertest"
	"kontor/sync/transport"
)

// through makes a lab whose Worker reaches the server by a proxy, without encryption or with it.
func through(t *testing.T, encrypted bool) (*lab, *servertest.ProxyServer) {
	t.Helper()
	server := servertest.Dovecot(t)
	target, scheme := server.Addr, "imap"
	if encrypted {
		target, scheme = server.TLSAddr, "imaps"
	}
	proxy := servertest.Proxy(t, target)
	l := labAt(t, server, proxy.Addr)
	l.account.IMAPURL = scheme + "://127.0.0.1:" + port(proxy.Addr)
	l.w = l.worker()
	return l, proxy
}

// shown lists what the store has of every folder, as remote does of the server.
func (l *lab) shown(folder string) []string {
	l.t.Helper()
	var out []string
	for _, m := range l.list(folder) {
		out = append(out, strings.TrimSpace("<"+m.MessageID+"> "+strings.Join(wireFlags(m.Flags, m.Keywords, false), " ")))
	}
	slices.Sort(out)
	return out
}

// equal compares the store with the server. Messages marked as deleted are not shown.
func (l *lab) equal(folders ...string) {
	l.t.Helper()
	for _, f := range folders {
		there := slices.DeleteFunc(l.remote(f), func(s string) bool { return strings.Contains(s, `\Deleted`) })
		if here := l.shown(f); !slices.Equal(here, there) {
			l.t.Fatalf("%s: the store has %q, the server %q", f, here, there)
		}
	}
}

// meddle lets another program change something in a folder.
func (l *lab) meddle(r *rand.Rand, folder string, n int) {
	l.t.Helper()
	c := l.elsewhere()
	c.box = mailbox{}
	if err := c.selectBox(encodeName(folder), true); err != nil {
		l.t.Fatal(err)
	}
	uids, err := c.searchAll()
	if err != nil {
		l.t.Fatal(err)
	}
	what := r.IntN(4)
	if len(uids) == 0 {
		what = 3
	}
	switch what {
	case 0:
		u := uids[r.IntN(len(uids))]
		l.do(fmt.Sprintf(`UID STORE %d +FLAGS (\Deleted)`, u))
		l.do(`EXPUNGE`)
	case 1:
		l.do(fmt.Sprintf(`UID STORE %d +FLAGS (\Seen Rot)`, uids[r.IntN(len(uids))]))
	case 2:
		l.do(fmt.Sprintf(`UID STORE %d -FLAGS (\Seen Rot)`, uids[r.IntN(len(uids))]))
	default:
		l.put(folder, letter(n))
	}
}

func TestTheStoreIsWhatTheServerHasWhateverItCanDo(t *testing.T) {
	all := []string{
		"QRESYNC", "CONDSTORE", "ENABLE", "MOVE", "UIDPLUS", "LIST-STATUS", "LIST-EXTENDED", "SPECIAL-USE", "NOTIFY", "IDLE", "ESEARCH",
		"SASL-IR", "LITERAL+", "COMPRESS=DEFLATE",
	}
	for name, hide := range map[string][]string{
		"all": nil, "no qresync": {"QRESYNC"}, "no condstore": {"QRESYNC", "CONDSTORE"}, "no list-status": {"LIST-STATUS"},
		"no special-use": {"SPECIAL-USE"}, "no esearch": {"ESEARCH", "QRESYNC"}, "no enable": {"ENABLE"}, "no sasl-ir": {"SASL-IR"}, "nothing": all,
	} {
		t.Run(name, func(t *testing.T) {
			l, proxy := through(t, false)
			proxy.Hide(hide...)
			folders := []string{"INBOX", "Archive", "Drafts"}
			r := rand.New(rand.NewPCG(1, 2))
			for round := range 8 {
				for n := range r.IntN(8) {
					l.meddle(r, folders[r.IntN(len(folders))], 100*round+n)
				}
				if round == 4 { // as after a start of the program
					_ = l.w.Close()
					l.w = l.worker()
				}
				l.pull()
				l.equal(folders...)
			}
			if misused := proxy.Misused(); len(misused) > 0 {
				t.Errorf("asked for what the server cannot do: %q", misused)
			}
			if l.w.odd.Load() != 0 {
				t.Errorf("%d odd answers", l.w.odd.Load())
			}
		})
	}
}

// delta makes 250 changes in 20 folders: 100 flags, 100 new messages, 50 deletions.
func (l *lab) delta(folders []string) {
	for i, f := range folders {
		c := l.elsewhere()
		c.box = mailbox{}
		if err := c.selectBox(encodeName(f), true); err != nil {
			l.t.Fatal(err)
		}
		l.do(`STORE 1:5 +FLAGS (\Flagged)`)
		gone := "6:7"
		if i%2 == 0 {
			gone = "6:8"
		}
		l.do(`STORE `, gone, ` +FLAGS (\Deleted)`)
		l.do(`EXPUNGE`)
		for n := range 5 {
			l.put(f, letter(10000+10*i+n))
		}
	}
}

func TestTurns(t *testing.T) {
	l, proxy := through(t, true)
	var folders []string
	for i := range 20 {
		f := fmt.Sprintf("Vorgang %02d", i)
		l.do(`CREATE "`, f, `"`)
		for n := range 12 {
			l.put(f, letter(20*i+n))
		}
		folders = append(folders, f)
	}
	l.pull()
	again := func() (mine, seen int64) {
		t.Helper()
		_ = l.w.Close()
		l.w = l.worker()
		before := proxy.Turns.Load()
		l.pull()
		return l.w.turns.Load(), proxy.Turns.Load() - before
	}
	// The proxy counts the handshake and the greeting too.
	if mine, seen := again(); mine > 1 || seen > 4 {
		t.Errorf("without a change: %d turns, %d with the handshake; want 1", mine, seen)
	}
	l.delta(folders)
	mine, seen := again()
	t.Logf("250 changes: %d turns, %d with the handshake", mine, seen)
	if mine > 4 {
		t.Errorf("250 changes: %d turns; want 4", mine)
	}
	l.equal(folders...)
	if r := l.w.Report(); r.New != 100 || r.Gone != 50 || r.Changed != 100 || r.Bodies != 100 {
		t.Errorf("%+v", r)
	}
}

func TestNothingIsLostWhereverTheLineIsCut(t *testing.T) {
	l, proxy := through(t, false)
	proxy.Hide()
	folders := []string{"INBOX", "Archive", "Drafts", "Sent"}
	for n := range 160 {
		l.put(folders[n%len(folders)], letter(n))
	}
	r := rand.New(rand.NewPCG(3, 4))
	for round := range 25 {
		proxy.CutDown(int64(r.IntN(60_000)))
		if err := l.w.Pull(l.ctx); err != nil && !transport.IsConnectionError(err) {
			t.Fatal(err)
		}
		for n := range 3 {
			l.meddle(r, folders[r.IntN(len(folders))], 1000+10*round+n)
		}
	}
	proxy.CutDown(-1)
	l.pull()
	l.equal(folders...)
	waiting, err := l.db.BodylessMail(l.ctx, l.account.ID, 0, 10)
	if err != nil || len(waiting) != 0 {
		t.Errorf("octets missing: %v %v", waiting, err)
	}
}

// A line that has gone dead without a word is noticed.
func TestASilentServerIsLeft(t *testing.T) {
	l, proxy := through(t, true)
	l.put("INBOX", letter(1))
	l.pull()
	_ = l.w.Close()
	l.w = l.worker()
	l.w.idle = 300 * time.Millisecond
	l.pull()
	l.put("INBOX", letter(2))
	proxy.Blackhole(true)
	started := time.Now()
	if err := l.w.Pull(l.ctx); !transport.IsConnectionError(err) {
		t.Errorf("a dead line gives %v", err)
	}
	if time.Since(started) > 20*time.Second {
		t.Error("it took too long")
	}
	proxy.Blackhole(false)
	l.pull()
	l.equal("INBOX")
}

func TestFarewellsAreNoFailure(t *testing.T) {
	l := newLab(t)
	l.put("INBOX", letter(1))
	for n := range 5 {
		l.pull()
		// Dovecot ends a session whose folder is gone: the Worker has one open that was looked into last.
		f := fmt.Sprintf("Kurz %d", n)
		l.do(`CREATE "`, f, `"`)
		l.put(f, letter(100+n))
		l.pull()
		l.do(`DELETE "`, f, `"`)
	}
	l.pull()
	l.equal("INBOX")
}

func TestWatchHearsOfOtherFolders(t *testing.T) {
	l := newLab(t)
	l.pull()
	ctx, cancel := context.WithCancel(l.ctx)
	defer cancel()
	heard := make(chan struct{}, 100)
	ended := make(chan error, 1)
	go func() { ended <- l.w.Watch(ctx, func() { heard <- struct{}{} }) }()
	<-heard // it always asks for one look first
	for n := 0; ; n++ {
		l.put("Archive", letter(n))
		select {
		case <-heard:
		case <-time.After(3 * time.Second):
			if n < 5 {
				continue // it had not subscribed yet
			}
			t.Error("nothing heard of another folder than INBOX")
		}
		break
	}
	cancel()
	<-ended //nolint:errcheck // told to end, it may say that the connection is closed
}

func TestWhatIsOpenedComesFirst(t *testing.T) {
	l, proxy := through(t, true)
	for n := range 60 {
		l.put("INBOX", letter(n))
	}
	l.pull()
	var ids []int64
	for _, m := range l.list("INBOX") {
		ids = append(ids, m.ID)
	}
	err := l.db.Write(l.ctx, func(tx *storage.Tx) error {
		for _, m := range l.list("INBOX") {
			if err := tx.ForgetBody(l.ctx, m.ID, m.Size); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	last := ids[len(ids)-1]
	if err := l.w.Fetch(l.ctx, last); err != nil {
		t.Fatal(err)
	}
	if left, err := l.db.BodylessMail(l.ctx, l.account.ID, 0, 100); err != nil || len(left) != len(ids)-1 {
		t.Errorf("%d messages without octets, %v", len(left), err)
	}
	if list := l.list("INBOX"); !list[len(list)-1].HasBody || list[len(list)-1].Snippet == "" {
		t.Errorf("%+v", list[len(list)-1])
	}
	before := proxy.Down.Load()
	if err := l.w.Fetch(l.ctx, last); err != nil || proxy.Down.Load() != before {
		t.Errorf("fetched again: %v", err)
	}
}

func TestCompressedLine(t *testing.T) {
	l, proxy := through(t, true)
	for n := range 40 {
		l.put("INBOX", letter(n)+strings.Repeat("Das Gleiche noch einmal.\r\n", 400))
	}
	var c *client
	err := l.w.with(l.ctx, func(used *client) error {
		c = used
		c.slow = true
		_, err := c.run("NOOP")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	before := proxy.Down.Load()
	l.pull()
	if got := proxy.Down.Load() - before; got > 100_000 || !c.squeezed {
		t.Errorf("%d octets came", got)
	}
	for _, m := range l.list("INBOX") {
		if raw, err := l.db.Body(l.ctx, m.ID); err != nil || int64(len(raw)) != m.Size {
			t.Fatalf("%d octets of %d: %v", len(raw), m.Size, err)
		}
	}
	l.put("INBOX", letter(50))
	l.pull() // the same connection still
	l.equal("INBOX")
}

// A message in the mailbox that the server does not hand out must not keep the rest of a folder away.
func TestAHeaderTheServerRefusesDoesNotStopTheOthers(t *testing.T) {
	const total = 140
	header := func(uid int) string {
		return fmt.Sprintf("* %d FETCH (UID %d FLAGS () RFC822.SIZE 30 BODY[HEADER] %s)\r\n", uid-9, uid, literal(fmt.Sprintf("Subject: %d\r\n\r\n", uid)))
	}
	plain := oneFolder(total, "", "")
	w, db, ctx := scriptedWorker(t, scripted(t, hello, func(command string) (string, string) {
		if !strings.Contains(command, "BODY.PEEK[HEADER") {
			return plain(command)
		}
		var first, last int
		if n, _ := fmt.Sscanf(command, "FETCH %d:*", &first); n == 1 {
			out := ""
			for seq := first; seq <= total; seq++ {
				out += header(seq + 9)
			}
			return out, ""
		}
		n, _ := fmt.Sscanf(command, "UID FETCH %d:%d ", &first, &last)
		if n < 2 {
			last = first
		}
		if first <= 15 && last >= 15 {
			return "", "NO [SERVERBUG] broken"
		}
		return header(first), ""
	}))
	if err := w.Pull(ctx); err != nil {
		t.Fatal(err)
	}
	n, err := db.MailCount(ctx, mail.Query{Role: mail.RoleInbox})
	if err != nil || n != total-1 {
		t.Errorf("%d of %d messages: %v", n, total-1, err)
	}
}

// Servers answer several FETCH commands at once, in any order.
func TestAnswersInAnyOrder(t *testing.T) {
	const total = 450
	r := rand.New(rand.NewPCG(5, 6))
	header := func(uid int) string {
		return fmt.Sprintf("* %d FETCH (UID %d FLAGS () RFC822.SIZE 40 BODY[HEADER] %s)\r\n", uid-9, uid, literal(fmt.Sprintf("Subject: %d\r\n\r\n", uid)))
	}
	body := func(uid int) string { return fmt.Sprintf("Subject: %d\r\n\r\nText %d", uid, uid) }
	plain := oneFolder(total, "", "")
	sent := false
	w, db, ctx := scriptedWorker(t, scripted(t, hello, func(command string) (string, string) {
		var lines []string
		switch {
		case strings.Contains(command, "BODY.PEEK[HEADER"):
			for uid := 10; uid < 10+total; uid++ {
				lines = append(lines, header(uid))
			}
		case !strings.Contains(command, "BODY.PEEK[]"):
			return plain(command)
		case !sent: // the first answer brings everything, and the others nothing
			sent = true
			for uid := 10; uid < 10+total; uid++ {
				lines = append(lines, fmt.Sprintf("* %d FETCH (UID %d BODY[] %s)\r\n", uid-9, uid, literal(body(uid))))
			}
		}
		r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		return strings.Join(lines, ""), ""
	}))
	if err := w.Pull(ctx); err != nil {
		t.Fatal(err)
	}
	list, err := db.MailList(ctx, mail.Query{Role: mail.RoleInbox}, 0, total+1)
	if err != nil || len(list) != total {
		t.Fatalf("%d messages, %v", len(list), err)
	}
	wrong := 0
	for _, m := range list {
		raw, err := db.Body(ctx, m.ID)
		if err != nil || !strings.HasPrefix(string(raw), "Subject: "+m.Subject+"\r\n") {
			wrong++
		}
	}
	if wrong > 0 {
		t.Errorf("%d messages have no octets, or those of another one", wrong)
	}
}
