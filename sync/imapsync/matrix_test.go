// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/servertest"
)

// abilities are the kinds of server that one story is told on: what each of them cannot do.
var abilities = map[string][]string{
	"everything":     nil,
	"no-qresync":     {"QRESYNC"},
	"no-condstore":   {"QRESYNC", "CONDSTORE"},
	"no-move":        {"MOVE"},
	"no-uidplus":     {"UIDPLUS"},
	"no-list-status": {"LIST-STATUS"},
	"no-special-use": {"SPECIAL-USE"},
	"no-idle":        {"IDLE", "NOTIFY"},
	"no-esearch":     {"ESEARCH"},
	"no-literal":     {"LITERAL+", "LITERAL-"},
	"neither":        {"MOVE", "UIDPLUS", "LITERAL+"},
	"nothing": {
		"QRESYNC", "CONDSTORE", "ENABLE", "MOVE", "UIDPLUS", "LIST-STATUS", "LIST-EXTENDED", "SPECIAL-USE", "NOTIFY", "IDLE", "ESEARCH",
		"SASL-IR", "LITERAL+", "COMPRESS=DEFLATE", "UNSELECT",
	},
}

// labs makes a user of one Dovecot for each name and runs fn for all of them at the same time, each by a proxy of its own.
func labs[V any](t *testing.T, each map[string]V, fn func(t *testing.T, l *lab, proxy *servertest.ProxyServer, v V)) {
	t.Helper()
	server := servertest.Dovecot(t)
	for user := range each { // all before the first one signs in: Dovecot looks at its list of users once a second
		server.User(t, user)
	}
	t.Run("on", func(t *testing.T) {
		for user, v := range each {
			t.Run(user, func(t *testing.T) {
				t.Parallel()
				proxy := servertest.Proxy(t, server.Addr)
				proxy.Hide()
				l := labOf(t, server, proxy.Addr, user)
				l.account.IMAPURL = "imap://127.0.0.1:" + port(proxy.Addr)
				l.w = l.worker()
				fn(t, l, proxy, v)
			})
		}
	})
}

// foreign are the numbers of letters that another program has marked as deleted: nobody else removes them.
var foreign = map[string]int{"INBOX": 90, "Archive": 91, "Drafts": 92, "Akten": 93}

func TestOneStoryOnEveryServer(t *testing.T) {
	t.Parallel()
	labs(t, abilities, func(t *testing.T, l *lab, proxy *servertest.ProxyServer, hide []string) {
		proxy.Hide(hide...)
		l.prologue()
		l.pull()
		l.same()
		ops := l.own()
		l.theirs()
		for i, op := range ops {
			l.mustPush(op)
			if i%3 == 2 {
				l.pull() // in between
			}
		}
		l.pull()
		l.pull()
		l.same()
		l.outcome()
		l.renumber("Akten 2")
		l.pull()
		l.same()
		again := l.find(7)
		l.mustPush(l.op(journal.MailFlags, mail.FlagsOp{IDs: []int64{again.ID}, Remove: mail.Seen}, "messages", again.ID))
		before := l.w.Report()
		_ = l.w.Close()
		l.w = l.worker() // as after a start of the program
		l.pull()
		l.same()
		if r := l.w.Report(); r.Bodies != 0 || r.New != 0 || before.Bodies == 0 {
			t.Errorf("fetched again: %+v", r)
		}
		for folder, n := range foreign {
			if folder != "Akten" && !slices.Contains(l.remote(folder), fmt.Sprintf(`<v%d@amt.example> \Deleted`, n)) {
				t.Errorf("what another program had marked as deleted is gone from %s: %q", folder, l.remote(folder))
			}
		}
		if misused := proxy.Misused(); len(misused) > 0 {
			t.Errorf("asked for what the server cannot do: %q", misused)
		}
		if odd := l.w.odd.Load(); odd != 0 {
			t.Errorf("%d odd answers", odd)
		}
	})
}

// prologue is what is there before the account is set up.
func (l *lab) prologue() {
	for _, f := range []string{"Akten", "Alt", "Weg", "Fort", "Alt/Unter&AOQ-"} {
		l.do(`CREATE "`, f, `"`)
	}
	for n := range 10 {
		l.put("INBOX", letter(n), []string{"", `\Seen`, `\Flagged`}[n%3], "Alt")
	}
	for n := 10; n < 14; n++ {
		l.put("Archive", letter(n), `\Seen`)
	}
	l.put("Akten", letter(15))
	l.put("Alt", letter(16))
	l.put("Weg", letter(17))
	for folder, n := range foreign {
		l.put(folder, letter(n), `\Deleted`)
	}
}

// own stores one operation of each kind.
func (l *lab) own() []journal.Op {
	inbox, archive, trash := l.folder("INBOX").ID, l.folder("Archive").ID, l.folderFor(mail.RoleTrash, "Trash")
	sent, drafts := l.folder("Sent"), l.folder("Drafts")
	id := func(n int) int64 { return l.find(n).ID }
	move := func(from, to int64, ids ...int64) journal.Op {
		return l.op(journal.MailMove, mail.MoveOp{IDs: ids, From: from, To: to}, "messages", ids...)
	}
	ops := []journal.Op{
		l.op(journal.MailFlags, mail.FlagsOp{
			IDs: []int64{id(0), id(1)}, Add: mail.Answered | mail.Forwarded, Remove: mail.Seen, AddKeywords: []string{"Mein"}, RemoveKeywords: []string{"Alt"},
		}, "messages", id(0), id(1)),
		move(inbox, archive, id(2), id(3)),
		move(archive, inbox, id(10)),
		move(inbox, trash, id(8)),
		l.op(journal.MailDelete, mail.DeleteOp{IDs: []int64{id(5)}}, "messages", id(5)),
	}
	put := l.write(sent, letter(20), 20, mail.Seen)
	ops = append(ops, l.op(journal.MailAppend, mail.AppendOp{ID: put, Folder: sent.ID, Flags: mail.Seen}, "messages", put))
	draft := l.write(drafts, letter(30), 30, mail.Draft|mail.Seen)
	payload := mail.AppendOp{ID: draft, Folder: drafts.ID, Flags: mail.Draft | mail.Seen}
	l.mustPush(l.op(journal.MailAppend, payload, "messages", draft))
	l.rewrite(draft, 30, letter(30)+"Noch ein Satz.\r\n")
	ops = append(ops, l.op(journal.MailAppend, payload, "messages", draft))
	copied := l.write(l.folder("Archive"), letter(9), 9, 0)
	original := slices.DeleteFunc(l.list("INBOX"), func(m mail.Summary) bool { return m.MessageID != "v9@amt.example" })[0].ID
	ops = append(ops, l.op(journal.MailCopy, mail.CopyOp{IDs: []int64{original}, Copies: []int64{copied}, To: archive}, "messages", original, copied))
	made, renamed := l.newFolder("Neu"), l.folder("Alt")
	return append(ops,
		l.op(journal.MailFolderCreate, mail.FolderOp{ID: made, Name: "Neu"}, "folders", made),
		l.op(journal.MailFolderRename, mail.FolderOp{ID: renamed.ID, From: "Alt", Name: "Alt 2"}, "folders", renamed.ID),
		l.op(journal.MailFolderDelete, mail.FolderOp{ID: l.folder("Fort").ID}, "folders", l.folder("Fort").ID),
		move(inbox, made, id(4)),
	)
}

// theirs is what another program does at the same time.
func (l *lab) theirs() {
	l.do(`SELECT INBOX`)
	l.do(`UID STORE 2 +FLAGS (\Flagged Ihr)`)
	l.do(`UID STORE 7 +FLAGS (\Deleted)`)
	l.do(`UID EXPUNGE 7`) // letter 6
	l.do(`UID COPY 8 Akten`)
	l.do(`UID STORE 8 +FLAGS (\Deleted)`)
	l.do(`UID EXPUNGE 8`) // letter 7
	l.do(`SELECT Archive`)
	l.do(`UID MOVE 2 INBOX`) // letter 11
	l.do(`UID STORE 3 -FLAGS (\Seen)`)
	l.put("INBOX", letter(40))
	l.put("Archive", letter(41), `\Seen`, "Ihr")
	l.do(`CREATE Fremd`)
	l.put("Fremd", letter(42))
	l.do(`RENAME Akten "Akten 2"`)
	l.do(`DELETE Weg`)
}

// outcome checks what both have done together.
func (l *lab) outcome() {
	l.t.Helper()
	l.wantVisible("INBOX", "<v0@amt.example> \\Answered $Forwarded Mein", "<v1@amt.example> \\Answered \\Flagged $Forwarded Ihr Mein",
		"<v9@amt.example> Alt", "<v10@amt.example> \\Seen", "<v11@amt.example> \\Seen", "<v40@amt.example>")
	l.wantVisible("Archive", `<v2@amt.example> \Flagged Alt`, "<v3@amt.example> Alt", "<v9@amt.example> Alt", "<v12@amt.example>",
		`<v13@amt.example> \Seen`, `<v41@amt.example> \Seen Ihr`)
	l.wantVisible("Sent", `<v20@amt.example> \Seen`)
	l.wantVisible("Drafts", `<v30@amt.example> \Seen \Draft`)
	l.wantVisible("Trash", `<v8@amt.example> \Flagged Alt`)
	l.wantVisible("Neu", `<v4@amt.example> \Seen Alt`)
	l.wantVisible("Akten 2", "<v15@amt.example>", "<v7@amt.example> \\Seen Alt")
	l.wantVisible("Alt 2", "<v16@amt.example>")
	l.wantVisible("Alt 2/Unterä")
	l.wantVisible("Fremd", "<v42@amt.example>")
}

// renumber gives the messages of a folder other UIDs under another UIDVALIDITY.
func (l *lab) renumber(folder string) {
	l.do(`CREATE Zwischen`)
	l.do(`SELECT "`, folder, `"`)
	l.do(`COPY 1:* Zwischen`)
	l.do(`CLOSE`)
	l.do(`DELETE "`, folder, `"`)
	l.do(`CREATE "`, folder, `"`)
	l.do(`SELECT Zwischen`)
	l.do(`COPY 3 "`, folder, `"`)
	l.do(`COPY 1:2 "`, folder, `"`)
	l.do(`CLOSE`)
	l.do(`DELETE Zwischen`)
}

func (l *lab) newFolder(name string) int64 {
	l.t.Helper()
	var id int64
	err := l.db.Write(l.ctx, func(tx *storage.Tx) (err error) {
		id, err = tx.AddFolder(l.ctx, storage.MailFolder{Folder: mail.Folder{AccountID: l.account.ID, Name: name, Delim: "/", Selectable: true}})
		return err
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return id
}

// folderFor gives the folder for a purpose, as use cases look for it.
func (l *lab) folderFor(role mail.Role, name string) int64 {
	l.t.Helper()
	var f storage.MailFolder
	err := l.db.Write(l.ctx, func(tx *storage.Tx) (err error) {
		f, err = tx.EnsureFolder(l.ctx, l.account.ID, role, name)
		return err
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return f.ID
}

// rewrite gives a message of the store other octets, as saving a draft again does.
func (l *lab) rewrite(id int64, n int, raw string) {
	l.t.Helper()
	err := l.db.WriteDurable(l.ctx, func(tx *storage.Tx) error {
		m := storage.NewMail{AccountID: l.account.ID, MessageID: fmt.Sprintf("v%d@amt.example", n), Subject: "Entwurf", Size: int64(len(raw))}
		if err := tx.UpdateMail(l.ctx, id, m); err != nil {
			return err
		}
		return tx.AddBody(l.ctx, storage.Body{ID: id, Size: int64(len(raw)), Packed: storage.Pack([]byte(raw))})
	})
	if err != nil {
		l.t.Fatal(err)
	}
}

// same compares all folders of the store with those of the server: names, messages, flags and octets. What is marked as
// deleted is not shown.
func (l *lab) same() {
	l.t.Helper()
	there, here := map[string][]string{}, map[string][]string{}
	c := l.elsewhere()
	c.box = mailbox{} // perhaps it was closed
	list, err := c.listBoxes()
	if err != nil {
		l.t.Fatal(err)
	}
	for _, b := range list.boxes {
		if b.selectable {
			there[b.name] = l.remoteOctets(b.raw)
		}
	}
	folders, err := l.db.Folders(l.ctx, l.account.ID)
	if err != nil {
		l.t.Fatal(err)
	}
	for _, f := range folders {
		if f.Role == mail.RoleOutbox || !f.Selectable {
			continue
		}
		here[f.Name] = l.octets(f.ID)
	}
	for name := range here {
		if _, ok := there[name]; !ok {
			l.t.Errorf("the store has a folder %q that the server does not have", name)
		}
	}
	for name, want := range there {
		got, ok := here[name]
		if !ok || !slices.Equal(got, want) {
			l.t.Errorf("%s (%v):\nthe store has  %s\nthe server has %s", name, ok, strings.Join(got, ", "), strings.Join(want, ", "))
		}
	}
	if l.t.Failed() {
		l.t.FailNow()
	}
}

func printed(flags mail.Flags, keywords []string, raw []byte) string {
	_, id, _ := strings.Cut(string(raw), "Message-ID: ")
	id, _, _ = strings.Cut(id, "\r\n")
	sum := sha256.Sum256(raw)
	return fmt.Sprintf("%s %s %x", id, strings.Join(wireFlags(flags, keywords, false), " "), sum[:8])
}

func (l *lab) remoteOctets(raw string) []string {
	l.t.Helper()
	c := l.elsewhere()
	c.box = mailbox{}
	if err := c.selectBox(raw, false); err != nil {
		l.t.Fatal(err)
	}
	out := []string{}
	defer func() { c.on = handlers{} }()
	c.on.fetch = func(f fetched) {
		if !f.flags.Has(mail.Deleted) {
			out = append(out, printed(f.flags, f.keywords, f.content))
		}
	}
	if c.box.exists > 0 {
		l.do("UID FETCH 1:* (UID FLAGS BODY.PEEK[])")
	}
	slices.Sort(out)
	return out
}

func (l *lab) octets(folder int64) []string {
	l.t.Helper()
	list, err := l.db.MailList(l.ctx, mail.Query{FolderID: folder}, 0, 1000)
	if err != nil {
		l.t.Fatal(err)
	}
	out := []string{}
	for _, m := range list {
		raw, err := l.db.Body(l.ctx, m.ID)
		if err != nil {
			l.t.Errorf("octets of <%s>: %v", m.MessageID, err)
		}
		out = append(out, printed(m.Flags, m.Keywords, raw))
	}
	slices.Sort(out)
	return out
}
