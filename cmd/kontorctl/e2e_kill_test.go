// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"kontor/sync/servertest"
)

// town is an office with everything: mail, files and tasks in one account.
type town struct {
	*office
	mail  *post
	tasks *board
	files *shelf
}

func startTown(t testing.TB) *town {
	t.Helper()
	w := &town{
		office: newOffice(t), mail: startPost(t, "anna"), tasks: startBoard(t), files: shelfAt(t, servertest.Apache(t, servertest.Options{TLS: true})),
	}
	w.mail.office, w.tasks.office, w.files.office = w.office, w.office, w.office
	w.mail.fill(15)
	w.tasks.lay(10)
	w.files.stock()
	certs := w.mail.server.Certs.CAPEM + w.tasks.server.Certs.CAPEM + w.files.server.Certs.CAPEM
	w.do("account", "add", "amt", "--email", "anna@stadt.example", "--user", "anna", "--password-env", "PW",
		"--imap", "imaps://"+w.mail.in.Addr, "--smtp", "smtps://"+w.mail.out.Addr, "--tasks", "https://"+w.tasks.proxy.Addr+"/",
		"--files", "https://"+w.files.proxy.Addr+"/", "--ca", w.write("ca.pem", certs))
	w.files.root = get[map[string]string](w.office, "files", "root")["root"]
	w.do("files", "pin", "/")
	w.sync()
	w.same()
	return w
}

// same compares everything here with the three servers.
func (w *town) same() {
	w.t.Helper()
	differ(w.t, "mail", w.mail.here(), w.mail.there())
	w.files.same()
	w.tasks.same(twoLists)
}

// cable pulls every cable or puts them in.
func (w *town) cable(in bool) {
	w.mail.cable(in)
	w.tasks.proxy.Refuse(!in)
	w.files.proxy.Refuse(!in)
}

// work queues a day's changes of every kind.
func (w *town) work() {
	w.t.Helper()
	for i := range 4 {
		w.do("mail", "send", w.mail.note(fmt.Sprint("Brief ", i)))
		w.do("mail", "import", "Archive", w.write("alt.eml", letter(200+i)))
		w.do("mail", "flag", w.mail.id("INBOX", 5*(i%3)), "+flagged", fmt.Sprint("+Marke", i))
		w.do("tasks", "add", "Privat", fmt.Sprint("Neu ", i), "--due", "2026-12-01")
		w.do("tasks", "edit", w.tasks.id("Dienst", fmt.Sprint("Aufgabe ", i)), "--note", fmt.Sprint("Notiz ", i))
		w.do("files", "put", w.write("Scan.pdf", strings.Repeat(fmt.Sprint(i), 30000)), fmt.Sprint("Bauamt/Scan ", i, ".pdf"))
	}
	w.do("mail", "move", "Archive", w.mail.id("INBOX", 1), w.mail.id("INBOX", 2))
	w.do("mail", "copy", "Projekte/Lindenstraße", w.mail.id("INBOX", 3))
	w.do("mail", "delete", w.mail.id("INBOX", 6), w.mail.id("INBOX", 7))
	w.do("tasks", "done", w.tasks.id("Dienst", "Aufgabe 5"))
	w.do("tasks", "rm", w.tasks.id("Dienst", "Aufgabe 6"))
	w.do("tasks", "move", "Privat", w.tasks.id("Dienst", "Aufgabe 7"))
	w.do("files", "mkdir", "Projekt")
	w.do("files", "mv", "Alt", "Projekt/Alt")
	w.do("files", "mv", "Notiz.txt", "Projekt/Notiz.txt")
	w.do("files", "rm", "Bauamt/Liste.csv", "leer.txt")
	w.files.save("Bauamt/Plan.odt", "Plan 2")
}

// clear does what a person is asked for when the program was killed between the final dot of a message and the answer:
// it looks with the recipient. It returns the subjects of those that had arrived, and were not sent again.
func (w *town) clear() map[string]bool {
	w.t.Helper()
	for range 3 {
		w.do("sync")
	}
	arrived := map[string]bool{}
	for _, op := range get[[]opJSON](w.office, "journal", "list", "--all", "0") {
		if op.State != "failed" {
			continue
		}
		if op.Kind != "mail.send" || op.Error == "" {
			w.t.Errorf("%+v", op)
		}
		if inbox, _ := w.mail.arrived("bernd", op.Target); inbox == 1 {
			arrived[op.Target] = true
			w.do("journal", "cancel", idText(op.ID))
			continue
		}
		w.do("journal", "retry", idText(op.ID))
	}
	return arrived
}

// TestKilledWhileSynchronising ends a real process as a power cut would, again and again, while it pushes.
func TestKilledWhileSynchronising(t *testing.T) {
	t.Parallel()
	w := startTown(t)
	w.work()
	proxies := []*servertest.ProxyServer{w.mail.in, w.mail.out, w.tasks.proxy, w.files.proxy}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // no secret
	killed := 0
	for round := range 10 {
		if killWhen(t, w.child("sync"), proxies[round%len(proxies)], 600+dice.Int64N(4000)) {
			killed++
		}
	}
	if killed < 4 {
		t.Errorf("only %d of 10 were killed in time", killed)
	}
	unknown := w.clear()
	w.sync()
	w.same()
	for i := range 4 {
		subject := fmt.Sprint("Brief ", i)
		if inbox, sent := w.mail.arrived("bernd", subject); inbox != 1 || (sent != 1 && !unknown[subject]) {
			t.Errorf("letter %d: bernd has it %d times, Sent %d times", i, inbox, sent)
		}
		title, found := fmt.Sprint("Neu ", i), 0
		for _, task := range get[[]taskJSON](w.office, "tasks", "list", "Privat") {
			if task.Title == title {
				found++
			}
		}
		if found != 1 {
			t.Errorf("task %q is there %d times", title, found)
		}
		if archived := w.mail.list("Archive"); len(archived) != 4+2 {
			t.Errorf("%d messages in the archive", len(archived))
		}
		w.files.holds(fmt.Sprint("Bauamt/Scan ", i, ".pdf"), strings.Repeat(fmt.Sprint(i), 30000))
	}
	w.files.holds("Bauamt/Plan.odt", "Plan 2")
	w.files.holds("Projekt/Alt/c.txt", "c")
	if open := get[[]conflictJSON](w.office, "conflicts"); len(open) != 0 {
		t.Errorf("nobody else changed anything: %+v", open)
	}
	for _, op := range get[[]opJSON](w.office, "journal", "list", "--all", "1000") {
		if op.State != "done" && op.State != "cancelled" {
			t.Errorf("%+v", op)
		}
	}
}
