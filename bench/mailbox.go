// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"

	"kontor/app"
	"kontor/bench/corpus"
	"kontor/storage"
	"kontor/sync/imapsync"
	"kontor/sync/servertest"
)

// mailbox is the server's side of the comparison, which changes between the works of each contestant.
type mailbox struct {
	server  *servertest.IMAPServer
	folders []string // that changes happen in
	few     bool     // there are too few mails for all changes
	total   int
	fresh   int // messages that the last change brought
	rounds  int
}

// changedFolders is in how many folders something changes at a time.
const changedFolders = 20

func newMailbox(d *servertest.IMAPServer, size corpus.Size) *mailbox {
	b := &mailbox{server: d, total: size.Mails, few: size.Mails/size.MailFolders < 30}
	for i := 1; i < size.MailFolders && len(b.folders) < changedFolders; i++ {
		b.folders = append(b.folders, fmt.Sprintf("Vorgang %02d", i))
	}
	return b
}

// wanted is how many messages a run has to fetch.
func (b *mailbox) wanted(work string) int {
	switch work {
	case initial:
		return b.total
	case changes:
		return b.fresh
	}
	return 0
}

// change does what other programs do in a day: in 20 folders 100 flags change, 100 messages come and 50 go.
func (b *mailbox) change() error {
	c, err := openDrain(b.server.TLSAddr, b.server.Certs.CAFile)
	if err != nil {
		return err
	}
	sign := "+"
	if b.rounds++; b.rounds%2 == 0 {
		sign = "-"
	}
	b.fresh = 0
	for i, f := range b.folders {
		flagged, gone, fresh := "1:5", []string{"6:7", "6:8"}[i%2], 5
		if b.few {
			flagged, gone, fresh = "1", "2", 1
		}
		commands := []string{`SELECT "` + f + `"`, "STORE " + flagged + " " + sign + `FLAGS (\Flagged)`, "STORE " + gone + ` +FLAGS (\Deleted)`, "EXPUNGE"}
		for _, command := range commands {
			if _, err := c.do(command); err != nil {
				return errors.Join(fmt.Errorf("%s: %w", command, err), c.Close())
			}
		}
		for n := range fresh {
			text := fmt.Sprintf("From: Amt <amt@example.org>\r\nTo: anna@example.org\r\nSubject: Neues %d\r\nMessage-ID: <neu.%d.%d.%d@bench.example.org>\r\n\r\nText.\r\n", n, b.rounds, i, n)
			if _, err := c.do(fmt.Sprintf("APPEND \"%s\" {%d+}\r\n%s", f, len(text), text)); err != nil {
				return errors.Join(fmt.Errorf("append: %w", err), c.Close())
			}
		}
		b.fresh += fresh
		b.total += fresh - map[string]int{"2": 1, "6:7": 2, "6:8": 3}[gone]
	}
	_, err = c.do("LOGOUT")
	return errors.Join(err, c.Close())
}

// headersChild is the first argument of a child that is Kontor's mail engine, told to leave the bodies out.
const headersChild = "kontor-headers"

// indexChild is the first argument of a child that indexes what a synchronisation has brought, as the window does beside it.
const indexChild = "kontor-index"

func kontorIndex(home string) (err error) {
	ctx := context.Background()
	db, err := storage.Open(ctx, app.Home(home).Database())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = app.NewSearch(db).Index(ctx)
	return err
}

// kontorHeaders fetches all headers into a new store in dir, and prints how many there were.
func kontorHeaders(addr, caFile, dir string) (err error) {
	debug.SetGCPercent(200) // about what the command line allows itself for this
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	ctx := context.Background()
	db, err := storage.Open(ctx, filepath.Join(dir, "kontor.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close(), os.RemoveAll(dir)) }()
	account := storage.Account{Name: "bench", User: servertest.User, IMAPURL: "imaps://" + addr, CAPEM: string(pem)}
	err = db.Write(ctx, func(tx *storage.Tx) (err error) {
		account.ID, err = tx.AddAccount(ctx, account)
		return err
	})
	if err != nil {
		return err
	}
	w := imapsync.New(imapsync.Config{
		DB: db, Account: account, Secret: func(context.Context) (string, error) { return servertest.Password, nil },
		Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})), HeadersOnly: true,
	})
	defer func() { err = errors.Join(err, w.Close()) }()
	if err := w.Pull(ctx); err != nil {
		return err
	}
	fmt.Println(w.Report().New)
	return nil
}
