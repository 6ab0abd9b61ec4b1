// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"kontor/app"
	"kontor/app/mail"
	"kontor/bench/corpus"
	"kontor/storage"
	"kontor/sync/mimemsg"
)

func init() { areas["search"] = searchArea }

// maxIndexed is how many mails are indexed at most: the others take minutes for them.
const maxIndexed = 10_000

// The works of this area besides the queries.
const indexing = "index"

// queryTimes is how often each query is asked; the median counts.
const queryTimes = 41

// searchArea lets everybody index the same mails and then look for the same words. Kontor's octets lie as they do after a
// first synchronisation, in its store but unread; the others read a Maildir.
func searchArea(ctx context.Context, s settings) ([]row, error) {
	dir := filepath.Join(s.work, "search")
	defer os.RemoveAll(dir)
	n := min(s.size.Mails, maxIndexed)
	fmt.Fprintf(s.log, "bench: laying down %d mails\n", n)
	if err := layMaildir(filepath.Join(dir, "mail", "cur"), s.size, n); err != nil {
		return nil, err
	}
	var rows []row
	var failed error
	for _, program := range []func(context.Context, settings, string, int) ([]row, error){searchKontor, searchNotmuch, searchMu} {
		found, err := program(ctx, s, dir, n)
		rows, failed = append(rows, found...), errors.Join(failed, err)
	}
	return rows, failed
}

func layMaildir(dir string, size corpus.Size, n int) error {
	for _, sub := range []string{"cur", "new", "tmp"} {
		if err := os.MkdirAll(filepath.Join(filepath.Dir(dir), sub), 0o755); err != nil {
			return err
		}
	}
	for m := range corpus.Mails(size) {
		if n--; n < 0 {
			break
		}
		if err := os.WriteFile(filepath.Join(dir, m.Name), m.Data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func searchRow(work, tool string, c cost) row {
	return row{area: "search", work: work, tool: tool, cost: c, requests: -1, octets: -1, turns: -1}
}

func searchKontor(ctx context.Context, s settings, dir string, n int) (rows []row, err error) {
	db, err := storage.Open(ctx, filepath.Join(dir, "kontor.db"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	folder, err := layStore(ctx, db, s.size, n)
	if err != nil {
		return nil, err
	}
	search := app.NewSearch(db)
	debug.FreeOSMemory() // what laying down took
	forgetPeak()
	start, cpu := time.Now(), ownProcessor()
	if _, err := search.Index(ctx); err != nil {
		return nil, err
	}
	c := cost{wall: time.Since(start), cpu: ownProcessor() - cpu, memory: highWater(os.Getpid())}
	fmt.Fprintf(s.log, "bench: %-28s %-10s %8.2f s, cpu %7.2f s, %.0f mails per second of it\n", kontor, indexing, c.wall.Seconds(), c.cpu.Seconds(), float64(n)/c.cpu.Seconds())
	rows = append(rows, searchRow(indexing, kontor, c))
	for _, q := range kontorQueries(ctx, db, folder) {
		forgetPeak()
		took, err := median(q.run)
		if err != nil {
			return rows, fmt.Errorf("%s: %w", q.name, err)
		}
		fmt.Fprintf(s.log, "bench: %-28s %-34s %9.3f ms, aim %v\n", kontor, q.name, took.Seconds()*1000, q.aim)
		rows = append(rows, searchRow(q.name, kontor, cost{wall: took, memory: highWater(os.Getpid())}))
	}
	forgetPeak()
	slow, err := listWhileWriting(ctx, s, db, folder)
	fmt.Fprintf(s.log, "bench: %-28s %-34s %9.3f ms, aim %v\n", kontor, busyList, slow.Seconds()*1000, 5*time.Millisecond)
	return append(rows, searchRow(busyList, kontor, cost{wall: slow, memory: highWater(os.Getpid())})), err
}

// busyList is the list of 50 rows while a synchronisation writes and the background reads: the slowest but one in a hundred.
const busyList = "list of 50 rows while syncing, p99"

func listWhileWriting(ctx context.Context, s settings, db *storage.DB, folder int64) (time.Duration, error) {
	beside, stop := context.WithCancel(ctx)
	ended := make(chan error, 2)
	go func() {
		f, err := db.MailFolder(beside, folder)
		if err == nil {
			err = layMore(beside, db, s.size, f.AccountID, folder, s.size.Mails)
		}
		ended <- err
	}()
	go func() { ended <- app.NewSearch(db).Run(beside) }()
	var times []time.Duration
	for range 10 * queryTimes {
		start := time.Now()
		if _, err := db.MailList(ctx, mail.Query{FolderID: folder}, 0, 50); err != nil {
			stop()
			return 0, errors.Join(err, <-ended, <-ended)
		}
		times = append(times, time.Since(start))
	}
	stop()
	err := errors.Join(<-ended, <-ended)
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	slices.Sort(times)
	return times[len(times)*99/100], err
}

// layStore stores mails as a synchronisation does, without reading them.
func layStore(ctx context.Context, db *storage.DB, size corpus.Size, n int) (folder int64, err error) {
	var account int64
	err = db.Write(ctx, func(tx *storage.Tx) error {
		if account, err = tx.AddAccount(ctx, storage.Account{Name: "bench"}); err != nil {
			return err
		}
		folder, err = tx.AddFolder(ctx, storage.MailFolder{Folder: mail.Folder{AccountID: account, Name: "INBOX", Role: mail.RoleInbox, Selectable: true}})
		return err
	})
	if err != nil {
		return 0, err
	}
	return folder, layMore(ctx, db, size, account, folder, n)
}

// layMore adds mails, each time others.
func layMore(ctx context.Context, db *storage.DB, size corpus.Size, account, folder int64, n int) error {
	known, err := db.CountUIDs(ctx, folder)
	if err != nil {
		return err
	}
	var batch []storage.NewMail
	var raws [][]byte
	for m := range corpus.Mails(size) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if len(batch) == 100 {
			if err := storeBatch(ctx, db, batch, raws); err != nil {
				return err
			}
			batch, raws = nil, nil
		}
		if n--; n < 0 {
			break
		}
		h := mimemsg.ParseHeader(m.Data[:bytes.Index(m.Data, []byte("\r\n\r\n"))+4])
		batch = append(batch, storage.NewMail{
			AccountID: account, FolderID: folder, UID: uint32(known + n + 1), MessageID: h.MessageID, InReplyTo: h.InReplyTo, References: h.References,
			Subject: h.Subject, From: h.From, To: h.To, Received: m.Time, Sent: h.Date, Size: int64(len(m.Data)),
		})
		raws = append(raws, m.Data)
	}
	return storeBatch(ctx, db, batch, raws)
}

func storeBatch(ctx context.Context, db *storage.DB, batch []storage.NewMail, raws [][]byte) error {
	spooled, err := db.Spool(raws...)
	if err != nil {
		return err
	}
	return db.Write(ctx, func(tx *storage.Tx) error {
		ids, err := tx.AddMail(ctx, batch)
		if err != nil {
			return err
		}
		bodies := make([]storage.SpooledBody, len(ids))
		for i := range ids {
			bodies[i] = storage.SpooledBody{ID: ids[i], Spooled: spooled[i]}
		}
		return tx.AddSpooled(ctx, bodies)
	})
}

// query is something that a person asks for, and how long it may take.
type query struct {
	name string
	aim  time.Duration
	run  func() error
}

func kontorQueries(ctx context.Context, db *storage.DB, folder int64) []query {
	search, mails := app.NewSearch(db), app.NewMail(db, func(int64) {})
	find := func(words string) func() error {
		return func() error {
			list, err := search.MailList(ctx, mail.Query{Text: words}, 0, 50)
			if err == nil && len(list) == 0 {
				err = errors.New("nothing found")
			}
			return err
		}
	}
	list := func() error {
		_, err := mails.List(ctx, mail.Query{FolderID: folder}, 0, 50)
		return err
	}
	return []query{
		{"list of 50 rows", 200 * time.Microsecond, list},
		{"word, newest 50", time.Millisecond, find("Haushalt ")},
		{"two words, newest 50", time.Millisecond, find("Haushalt Vergabe ")},
		{"phrase, newest 50", 10 * time.Millisecond, find(`"der Antrag" `)},
		{"prefix of 3 letters", 10 * time.Millisecond, find("hau")},
		{"inside of words", 80 * time.Millisecond, find("schreibung ")},
		{"sender and attachment", 10 * time.Millisecond, find("hat:anhang von:person1")},
		{"open a mail and list 50 rows", 3 * time.Millisecond, func() error {
			rows, err := mails.List(ctx, mail.Query{FolderID: folder}, 0, 50)
			if err != nil || len(rows) == 0 {
				return err
			}
			_, err = mails.Open(ctx, rows[len(rows)/2].ID)
			return err
		}},
		{"the whole search with snippets", 80 * time.Millisecond, func() error {
			_, err := search.Find(ctx, "Haushalt", nil, 50)
			return err
		}},
	}
}

func median(run func() error) (time.Duration, error) {
	times := make([]time.Duration, 0, queryTimes)
	for range queryTimes {
		start := time.Now()
		if err := run(); err != nil {
			return 0, err
		}
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	return times[len(times)/2], nil
}

func searchNotmuch(ctx context.Context, s settings, dir string, _ int) ([]row, error) {
	config := filepath.Join(dir, "notmuch-config")
	text := fmt.Sprintf("[database]\npath=%s\n[user]\nname=bench\nprimary_email=bench@example.org\n", filepath.Join(dir, "mail"))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	env := []string{"NOTMUCH_CONFIG=" + config}
	ask := func(words ...string) []string {
		return append([]string{"notmuch", "search", "--output=messages", "--limit=50"}, words...)
	}
	return searchOther(ctx, s, "notmuch", env, [][]string{{"notmuch", "new", "--quiet"}}, map[string][]string{
		"word, newest 50": ask("Haushalt"), "two words, newest 50": ask("Haushalt", "Vergabe"),
		"phrase, newest 50": ask(`"der Antrag"`), "prefix of 3 letters": ask("hau*"),
	})
}

func searchMu(ctx context.Context, s settings, dir string, _ int) ([]row, error) {
	home := "--muhome=" + filepath.Join(dir, "mu")
	ask := func(words ...string) []string {
		return append([]string{"mu", "find", home, "--maxnum=50", "--sortfield=date", "--reverse"}, words...)
	}
	prepare := [][]string{{"mu", "init", home, "--maildir=" + filepath.Join(dir, "mail")}, {"mu", "index", home, "--quiet"}}
	return searchOther(ctx, s, "mu", nil, prepare, map[string][]string{
		"word, newest 50": ask("Haushalt"), "two words, newest 50": ask("Haushalt", "Vergabe"), "prefix of 3 letters": ask("hau*"),
	})
}

// searchOther lets another program index, with the last of the given commands, and search. Its searches include the start
// of the program, which is how it is used.
func searchOther(ctx context.Context, s settings, name string, env []string, index [][]string, queries map[string][]string) ([]row, error) {
	if !strings.Contains(name, s.match) {
		return nil, nil
	}
	if _, err := exec.LookPath(name); errors.Is(err, exec.ErrNotFound) {
		fmt.Fprintf(s.log, "bench: search: %s is not installed, left out\n", name)
		return nil, nil
	}
	var last cost
	for _, command := range index {
		_, c, err := runChild(ctx, s, env, command...)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		last = c
	}
	fmt.Fprintf(s.log, "bench: %-28s %-10s %8.2f s, cpu %7.2f s\n", name, indexing, last.wall.Seconds(), last.cpu.Seconds())
	rows := []row{searchRow(indexing, name, last)}
	for work, command := range queries {
		var memory int64
		took, err := median(func() error {
			_, c, err := runChild(ctx, s, env, command...)
			memory = max(memory, c.memory)
			return err
		})
		if err != nil {
			return rows, fmt.Errorf("%s: %w", name, err)
		}
		fmt.Fprintf(s.log, "bench: %-28s %-34s %9.3f ms\n", name, work, took.Seconds()*1000)
		rows = append(rows, searchRow(work, name, cost{wall: took, memory: memory}))
	}
	return rows, nil
}
