// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"kontor/app/mail"
)

// crashChild is set in the process that is to be killed, to the store that it writes to.
const crashChild = "KONTOR_CRASH_STORE"

// crashes is how often the process is killed.
const crashes = 12

// TestCrashChild is what the killed process does: messages arrive and are read in the background while a person writes
// drafts. It says which drafts are acknowledged.
func TestCrashChild(t *testing.T) {
	path := os.Getenv(crashChild)
	if path == "" {
		t.Skip("only as a child of TestNothingAcknowledgedIsLost")
	}
	ctx := context.Background()
	db, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	account, err := db.AccountByName(ctx, "Amt")
	if err != nil {
		t.Fatal(err)
	}
	folder, err := db.FolderByName(ctx, account.ID, "INBOX")
	if err != nil {
		t.Fatal(err)
	}
	db.kept.least = 1 // few octets are worth a pack too
	var n int
	if err := db.scan(ctx, []any{&n}, `SELECT coalesce(max(CAST(substr(subject, 9) AS INTEGER)), -1) / 2 + 1 FROM messages`); err != nil {
		t.Fatal(err)
	}
	for ; ; n++ { // until it is killed
		arrived, draft := sample(account.ID, folder.ID, 2*n), sample(account.ID, folder.ID, 2*n+1)
		draft.UID = 0
		spool(t, db, add(t, db, arrived), noise(5000+n, n))
		err := db.WriteDurable(ctx, func(tx *Tx) error {
			ids, err := tx.AddMail(ctx, []NewMail{draft})
			if err != nil {
				return err
			}
			text := []byte(draft.Subject)
			return tx.AddBody(ctx, Body{ID: ids[0], Size: int64(len(text)), Packed: Pack(text)})
		})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println("written", draft.Subject)
		if n%3 == 0 {
			digest(t, db)
		}
		if n%5 == 0 {
			thinOut(t, db)
		}
	}
}

// thinOut removes some of what came from the server, and moves what is left together.
func thinOut(t *testing.T, db *DB) {
	t.Helper()
	ctx := context.Background()
	ids, err := db.ids(ctx, `SELECT id FROM messages WHERE uid > 0 AND id % 3 > 0`)
	if err != nil {
		t.Fatal(err)
	}
	write(t, db, func(tx *Tx) error { return tx.RemoveMail(ctx, ids) })
	db.packs.forget()
	db.kept.forget()
	if _, err := db.compactPacks(ctx, -1); err != nil {
		t.Fatal(err)
	}
}

func TestNothingAcknowledgedIsLost(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes for a second")
	}
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "kontor.db")
	db, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, db, func(tx *Tx) error {
		account, err := tx.AddAccount(ctx, Account{Name: "Amt"})
		if err != nil {
			return err
		}
		_, err = tx.AddFolder(ctx, MailFolder{Folder: mail.Folder{AccountID: account, Name: "INBOX"}})
		return err
	})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	var acknowledged []string
	for i := range crashes {
		acknowledged = append(acknowledged, killed(t, path, i+1)...)
		verify(t, path, acknowledged)
	}
	if len(acknowledged) < crashes {
		t.Errorf("only %d drafts in %d lives", len(acknowledged), crashes)
	}
}

// killed runs the child until it has acknowledged a number of drafts, kills it a moment later and gives what it said.
func killed(t *testing.T, path string, drafts int) []string {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestCrashChild$", "-test.v")
	cmd.Env = append(os.Environ(), crashChild+"="+path)
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var said []string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		subject, ok := strings.CutPrefix(lines.Text(), "written ")
		if !ok {
			continue
		}
		if said = append(said, subject); len(said) == drafts {
			time.AfterFunc(time.Duration(drafts)*997*time.Microsecond, func() { _ = cmd.Process.Kill() })
		}
	}
	if err := cmd.Wait(); err == nil || len(said) < drafts {
		t.Fatalf("the child ended by itself: %v\n%s", err, problems.String())
	}
	return said
}

func verify(t *testing.T, path string, acknowledged []string) {
	t.Helper()
	ctx := context.Background()
	db, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Check(ctx); err != nil {
		t.Error(err)
	}
	have := map[string]bool{}
	err = db.each(ctx, `SELECT id, subject, uid FROM messages WHERE body_state = 1`, nil, func(scan func(...any) error) error {
		var id int64
		var subject string
		var uid int64
		if err := scan(&id, &subject, &uid); err != nil {
			return err
		}
		raw, err := db.Body(ctx, id)
		if n, numErr := strconv.Atoi(strings.TrimPrefix(subject, "Vorgang ")); uid > 0 && (numErr != nil || len(raw) != 5000+n/2) {
			t.Errorf("%s: %d octets", subject, len(raw))
		}
		have[subject] = uid > 0 || string(raw) == subject
		return err
	})
	if err != nil {
		t.Error(err)
	}
	for _, subject := range acknowledged {
		if !have[subject] {
			t.Errorf("%s was acknowledged and is lost", subject)
		}
	}
	if err := errors.Join(db.Close()); err != nil {
		t.Error(err)
	}
}
