// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"kontor/sync/servertest"
)

// post is an office with a mail account, its server behind two proxies, and a second client beside it.
type post struct {
	*office
	server  *servertest.IMAPServer
	in, out *servertest.ProxyServer // IMAP and SMTP
	user    string
	other   *imapclient.Client
}

// people are the users of the mail server.
var people = []string{"anna", "bernd", "clara"}

func startPost(t testing.TB, user string) *post {
	t.Helper()
	server := servertest.Dovecot(t)
	for _, name := range people { // all before anyone signs in: Dovecot looks at its list of users once a second
		server.User(t, name)
	}
	return postAt(t, server, user)
}

// postAt gives a user of a running server an office; the account is not set up yet.
func postAt(t testing.TB, server *servertest.IMAPServer, user string) *post {
	t.Helper()
	p := &post{office: newOffice(t), server: server, user: user}
	p.in, p.out = servertest.Proxy(t, server.TLSAddr), servertest.Proxy(t, servertest.SMTP(t, server).TLSAddr)
	p.other = p.client(user)
	return p
}

// client is another program, straight at the server.
func (p *post) client(user string) *imapclient.Client {
	p.t.Helper()
	c, err := imapclient.DialTLS(p.server.TLSAddr, &imapclient.Options{TLSConfig: p.server.Certs.ClientTLS()})
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = c.Close() })
	p.must(c.Login(user, servertest.Password).Wait())
	return c
}

func (p *post) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// setUp adds the account through the proxies.
func (p *post) setUp(more ...string) {
	p.t.Helper()
	p.do(append([]string{
		"account", "add", "amt", "--email", p.user + "@stadt.example", "--user", p.user, "--password-env", "PW",
		"--imap", "imaps://" + p.in.Addr, "--smtp", "smtps://" + p.out.Addr, "--ca", p.server.Certs.CAFile,
	}, more...)...)
}

// cable pulls the cable or puts it in.
func (p *post) cable(in bool) {
	p.in.Refuse(!in)
	p.out.Refuse(!in)
}

// letter is a message that differs in more than its number, with names, tables and line ends as they occur.
func letter(n int) string {
	body := []string{
		"Guten Tag,\r\n\r\nanbei der Entwurf.\r\n", "Zeile ohne Ende", strings.Repeat("Grüße aus dem Amt\r\n", 400), "\r\n\r\n.\r\n..\r\n",
	}[n%4]
	return fmt.Sprintf("From: =?utf-8?q?J=C3=B6rg?= <joerg@stadt.example>\r\nTo: anna@stadt.example\r\nSubject: Vorgang %d\r\n"+
		"Message-ID: <v%d@stadt.example>\r\nDate: Mon, 02 Nov 2026 09:%02d:00 +0100\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n%s", n, n, n%60, body)
}

// append puts a message into a folder of the server.
func (p *post) append(folder, text string, flags ...imap.Flag) {
	p.t.Helper()
	cmd := p.other.Append(folder, int64(len(text)), &imap.AppendOptions{Flags: flags})
	_, err := cmd.Write([]byte(text))
	p.must(err)
	p.must(cmd.Close())
	_, err = cmd.Wait()
	p.must(err)
}

// number finds the UID of letter n in a folder, which it selects.
func (p *post) number(folder string, n int) imap.UIDSet {
	p.t.Helper()
	_, err := p.other.Select(folder, nil).Wait()
	p.must(err)
	data, err := p.other.UIDSearch(&imap.SearchCriteria{
		Header: []imap.SearchCriteriaHeaderField{{Key: "Message-ID", Value: fmt.Sprintf("<v%d@stadt.example>", n)}},
	}, nil).Wait()
	p.must(err)
	uids := data.AllUIDs()
	if len(uids) != 1 {
		p.t.Fatalf("%d times letter %d in %s", len(uids), n, folder)
	}
	return imap.UIDSetNum(uids[0])
}

// mark changes flags of letter n as another program does.
func (p *post) mark(folder string, n int, op imap.StoreFlagsOp, flags ...imap.Flag) {
	p.t.Helper()
	set := p.number(folder, n)
	p.must(p.other.Store(set, &imap.StoreFlags{Op: op, Silent: true, Flags: flags}, nil).Close())
}

// erase removes letter n for good as another program does.
func (p *post) erase(folder string, n int) {
	p.t.Helper()
	p.mark(folder, n, imap.StoreFlagsAdd, imap.FlagDeleted)
	p.must(p.other.UIDExpunge(p.number(folder, n)).Close())
}

// id finds letter n in a folder here.
func (p *post) id(folder string, n int) string {
	p.t.Helper()
	for _, m := range p.list(folder) {
		if strings.Trim(m.MessageID, "<>") == fmt.Sprintf("v%d@stadt.example", n) {
			return idText(m.ID)
		}
	}
	p.t.Fatalf("letter %d is not in %s", n, folder)
	return ""
}

func (p *post) list(folder string) []summaryJSON {
	p.t.Helper()
	return get[[]summaryJSON](p.office, "mail", "list", folder, "--limit", "1000")
}

// here is one line for each message here: folder, flags, octets.
func (p *post) here() []string {
	p.t.Helper()
	var all []string
	for _, f := range get[[]folderJSON](p.office, "mail", "folders") {
		if !f.Selectable || f.Role == "outbox" {
			continue
		}
		list := p.list(f.Name)
		if len(list) != f.Total {
			p.t.Errorf("%s: %d listed, %d counted", f.Name, len(list), f.Total)
		}
		for _, m := range list {
			flags := append(slices.Clone(m.Flags), m.Keywords...)
			all = append(all, line(f.Name, flagText(flags), digest([]byte(p.do("mail", "show", idText(m.ID), "--raw")))))
		}
	}
	return all
}

// there is the same for what the server holds.
func (p *post) there() []string {
	p.t.Helper()
	var all []string
	for folder, list := range p.holds(p.other) {
		for _, m := range list {
			flags := make([]string, len(m.Flags))
			for i, f := range m.Flags {
				flags[i] = string(f)
			}
			all = append(all, line(folder, flagText(flags), digest(m.BodySection[0].Bytes)))
		}
	}
	return all
}

// holds reads every message of every folder of a mailbox.
func (p *post) holds(c *imapclient.Client) map[string][]*imapclient.FetchMessageBuffer {
	p.t.Helper()
	folders, err := c.List("", "*", nil).Collect()
	p.must(err)
	all := map[string][]*imapclient.FetchMessageBuffer{}
	for _, f := range folders {
		if slices.Contains(f.Attrs, imap.MailboxAttrNoSelect) {
			continue
		}
		selected, err := c.Select(f.Mailbox, nil).Wait()
		p.must(err)
		if selected.NumMessages == 0 {
			continue
		}
		list, err := c.Fetch(imap.SeqSet{{Start: 1}}, &imap.FetchOptions{
			UID: true, Flags: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}},
		}).Collect()
		p.must(err)
		all[f.Mailbox] = list
	}
	return all
}

// flagText puts flags of either side into the same words.
func flagText(flags []string) string {
	var words []string
	for _, f := range flags {
		if w := strings.ToLower(strings.TrimLeft(f, `\$`)); w != "recent" {
			words = append(words, w)
		}
	}
	slices.Sort(words)
	return strings.Join(words, ",")
}

func digest(data []byte) string {
	subject := "?"
	for l := range strings.SplitSeq(string(data[:min(len(data), 2000)]), "\r\n") {
		if s, ok := strings.CutPrefix(l, "Subject: "); ok {
			subject = s
		}
	}
	return fmt.Sprintf("%s %d %x", subject, len(data), sha256.Sum256(data))[:min(len(subject)+24, 120)]
}

// same compares the office with the server, octet by octet.
func (p *post) same() {
	p.t.Helper()
	differ(p.t, "mail", p.here(), p.there())
	p.healthy()
}

// arrived counts the messages with a subject in the INBOX of a user and in the Sent folder of the account.
func (p *post) arrived(user, subject string) (inbox, sent int) {
	p.t.Helper()
	c := p.client(user)
	count := func(list []*imapclient.FetchMessageBuffer) (n int) {
		for _, m := range list {
			if bytes.Contains(m.BodySection[0].Bytes, []byte("Subject: "+subject+"\r\n")) {
				n++
			}
		}
		return n
	}
	return count(p.holds(c)["INBOX"]), count(p.holds(p.other)["Sent"])
}

// note is a message that somebody has written with another program.
func (p *post) note(subject string) string {
	return p.write("note.eml", "From: Anna <"+p.user+"@stadt.example>\nTo: Bernd <bernd@stadt.example>\nBcc: clara@stadt.example\n"+
		"Subject: "+subject+"\nContent-Type: text/plain; charset=utf-8\n\nGrüße\n.\nEnde")
}

// fill gives the mailbox a beginning: two folders and letters 0 to n-1.
func (p *post) fill(n int) {
	p.t.Helper()
	p.must(p.other.Create("Projekte/Lindenstraße", nil).Wait())
	for i := range n {
		folder, flags := "INBOX", []imap.Flag(nil)
		if i%5 == 4 {
			folder = "Projekte/Lindenstraße"
		}
		if i%3 == 0 {
			flags = []imap.Flag{imap.FlagSeen}
		}
		p.append(folder, letter(i), flags...)
	}
}

func TestMailOfflineAndBack(t *testing.T) {
	t.Parallel()
	p := startPost(t, "anna")
	p.fill(20)
	p.setUp()
	p.sync()
	p.same()
	p.cable(false)
	p.do("mail", "flag", p.id("INBOX", 1), p.id("INBOX", 2), "+seen", "+flagged")
	p.do("mail", "flag", p.id("INBOX", 0), "-seen", "+Wichtig")
	p.do("mail", "move", "Archive", p.id("INBOX", 3), p.id("INBOX", 5))
	p.do("mail", "copy", "Projekte/Lindenstraße", p.id("INBOX", 6))
	p.do("mail", "delete", p.id("INBOX", 7), p.id("Projekte/Lindenstraße", 4))
	p.do("mail", "import", "Archive", p.write("alt.eml", letter(77)))
	p.do("mail", "send", p.note("Rückfrage zum Ortstermin"))
	p.mark("INBOX", 1, imap.StoreFlagsAdd, imap.FlagAnswered)    // the same message, another flag
	p.mark("INBOX", 3, imap.StoreFlagsAdd, imap.FlagFlagged)     // moved away here
	p.mark("INBOX", 8, imap.StoreFlagsAdd, imap.FlagSeen, "Neu") // untouched here
	p.erase("INBOX", 2)                                          // flagged here
	p.erase("INBOX", 7)                                          // deleted here too
	_, err := p.other.Move(p.number("INBOX", 10), "Archive").Wait()
	p.must(err)
	p.append("INBOX", letter(90))
	p.append("Projekte/Lindenstraße", letter(91), imap.FlagFlagged)

	waiting := p.pending()
	reason := p.refused(exitFailed, "sync")
	if !strings.Contains(reason, "Der Server antwortet nicht.") {
		t.Errorf("the reason is %s", reason)
	}
	if p.pending() != waiting || waiting < 9 {
		t.Fatalf("%d operations wait, then %d", waiting, p.pending())
	}
	p.cable(true)
	p.sync()
	p.sync()
	p.same()
	for _, user := range []string{"bernd", "clara"} {
		if inbox, sent := p.arrived(user, "Rückfrage zum Ortstermin"); inbox != 1 || sent != 1 {
			t.Errorf("%s has it %d times, Sent %d times", user, inbox, sent)
		}
	}
	for _, d := range p.server.Relay.Deliveries() {
		if bytes.Contains(bytes.ToLower(d.Data), []byte("bcc:")) || bytes.Contains(d.Data[:bytes.Index(d.Data, []byte("\r\n\r\n"))], []byte("clara")) {
			t.Errorf("the hidden recipient shows:\n%s", d.Data)
		}
	}
	ids := p.list("Archive")
	p.sync()
	if again := p.list("Archive"); fmt.Sprint(again) != fmt.Sprint(ids) {
		t.Errorf("the list changed without a change:\n%v\n%v", ids, again)
	}
}

func TestMailConnectionsBreak(t *testing.T) {
	t.Parallel()
	p := startPost(t, "anna")
	p.fill(30)
	for i, n := range []int64{300, 2500, 6000, 12000, 40000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			q := postAt(t, p.server, "anna")
			q.setUp("--no-test")
			q.in.CutDown(n)
			q.call("sync")
			q.in.CutDown(-1)
			q.sync()
			q.same()
			q.do("mail", "import", "Archive", q.write("alt.eml", letter(100+i)))
			q.do("mail", "flag", q.id("INBOX", 5*i), "+flagged", "+seen")
			q.do("mail", "move", "Trash", q.id("INBOX", 5*i+1))
			q.do("mail", "send", q.note(fmt.Sprint("Schnitt ", n)))
			q.in.CutUp(n / 3)
			q.out.CutUp(n / 4)
			q.call("sync")
			q.in.CutUp(-1)
			q.out.CutUp(-1)
			q.sync()
			q.same()
			if inbox, sent := q.arrived("bernd", fmt.Sprint("Schnitt ", n)); inbox != 1 || sent != 1 {
				t.Errorf("bernd has it %d times, Sent %d times", inbox, sent)
			}
		})
	}
}
