// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"kontor/app/mail"
	"kontor/storage"
)

func storerLab(t *testing.T) (*storage.DB, func(key string) string) {
	t.Helper()
	ctx := context.Background()
	db, err := storage.Open(ctx, filepath.Join(t.TempDir(), "kontor.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db, func(key string) string {
		value, err := db.Setting(ctx, key, "")
		if err != nil {
			t.Error(err)
		}
		return value
	}
}

// note is a chore that stores a setting and says in which order things happen.
func note(log *[]string, key string, failure error) chore {
	return chore{
		ready: func() error { *log = append(*log, "ready "+key); return nil },
		apply: func(ctx context.Context, tx *storage.Tx) error {
			*log = append(*log, "apply "+key)
			return errors.Join(tx.SetSetting(ctx, key, "there"), failure)
		},
		done: func() { *log = append(*log, "done "+key) },
	}
}

// What waits is stored together and in its order, also after the one who put it has given up.
func TestWhatWaitsIsStoredTogether(t *testing.T) {
	db, value := storerLab(t)
	ctx, cancel := context.WithCancel(context.Background())
	s := newStorer(ctx, db, headersAhead)
	begun, goOn := make(chan struct{}), make(chan struct{})
	err := s.put(chore{ready: func() error { close(begun); <-goOn; return nil }})
	<-begun
	var log []string
	for _, key := range []string{"a", "b", "c"} {
		err = errors.Join(err, s.put(note(&log, key, nil)))
	}
	cancel()
	close(goOn)
	if err = errors.Join(err, s.flush()); err != nil || value("a") != "there" || value("c") != "there" {
		t.Fatalf("%q %q %v", value("a"), value("c"), err)
	}
	want := []string{"ready a", "ready b", "ready c", "apply a", "apply b", "apply c", "done a", "done b", "done c"}
	if !slices.Equal(log, want) {
		t.Errorf("%q", log)
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}
}

// After a failure nothing more is stored: what follows may rest on what is missing.
func TestNothingIsStoredAfterAFailure(t *testing.T) {
	db, value := storerLab(t)
	s := newStorer(context.Background(), db, headersAhead)
	full := errors.New("the disk is full")
	var log []string
	err := errors.Join(s.put(note(&log, "a", nil)), s.flush(), s.put(note(&log, "b", full)))
	if err != nil {
		t.Fatal(err)
	}
	_ = s.put(note(&log, "c", nil)) // it may be with b, or told of b's failure
	if err := s.flush(); !errors.Is(err, full) {
		t.Errorf("flush: %v", err)
	}
	if err := s.put(note(&log, "d", nil)); !errors.Is(err, full) {
		t.Errorf("put: %v", err)
	}
	if err := s.close(); !errors.Is(err, full) {
		t.Errorf("close: %v", err)
	}
	if value("a") != "there" || value("b")+value("c")+value("d") != "" || slices.Contains(log, "done b") || slices.Contains(log, "done c") {
		t.Errorf("%q %q %q", value("b"), value("c"), log)
	}
}

// What may be late is made ready at once and stored with what may not, after a moment, when it is much, or at the end.
func TestWhatMayBeLateIsStoredAllTheSame(t *testing.T) {
	for name, then := range map[string]func(s *storer, log *[]string) error{
		"others come": func(s *storer, log *[]string) error { return s.put(note(log, "other", nil)) },
		"much comes": func(s *storer, log *[]string) error {
			c := note(log, "much", nil)
			c.late = lateRows
			return errors.Join(s.put(c), s.put(chore{late: 1}))
		},
		"time passes": func(*storer, *[]string) error { return nil },
		"the end":     func(s *storer, _ *[]string) error { return s.close() },
	} {
		t.Run(name, func(t *testing.T) {
			db, value := storerLab(t)
			s := newStorer(context.Background(), db, headersAhead)
			var log []string
			c := note(&log, "a", nil)
			ready, done := make(chan struct{}), make(chan struct{})
			c.late, c.ready, c.done = 1, func() error { close(ready); return nil }, func() { close(done) }
			if err := s.put(c); err != nil {
				t.Fatal(err)
			}
			<-ready
			if err := then(s, &log); err != nil {
				t.Fatal(err)
			}
			<-done
			if value("a") != "there" {
				t.Error("it is not stored")
			}
			if name != "the end" {
				if err := s.close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// Messages of several folders that wait are added together. What a server says twice of one is there once, as it was said
// last, and what comes last sees all of them.
func TestMessagesAreAddedTogether(t *testing.T) {
	db, _ := storerLab(t)
	ctx := context.Background()
	w := &Worker{db: db, account: 1}
	var folders [2]storage.MailFolder
	err := db.Write(ctx, func(tx *storage.Tx) (err error) {
		w.account, err = tx.AddAccount(ctx, storage.Account{Name: "test"})
		for i, name := range []string{"A", "B"} {
			folders[i].AccountID, folders[i].Name, folders[i].RemoteName = w.account, name, name
			id, failed := tx.AddFolder(ctx, folders[i])
			folders[i].ID, err = id, errors.Join(err, failed)
		}
		return err
	})
	said := func(folder int, flags mail.Flags, uids ...uint32) chore {
		var list []storage.NewMail
		for _, uid := range uids {
			list = append(list, storage.NewMail{
				AccountID: w.account, FolderID: folders[folder].ID, UID: uid, Flags: flags,
				MessageID: fmt.Sprint(uid, "@", folder), Received: time.Unix(1e9-int64(uid), 0),
			})
		}
		return w.headersOf(folders[folder], list, false)
	}
	s := newStorer(ctx, db, headersAhead)
	begun, goOn := make(chan struct{}), make(chan struct{})
	err = errors.Join(err, s.put(chore{ready: func() error { close(begun); <-goOn; return nil }}))
	<-begun
	seen := -1
	last := chore{last: true, apply: func(ctx context.Context, tx *storage.Tx) (err error) {
		seen, err = tx.CountUIDs(ctx, folders[0].ID)
		return err
	}}
	for _, c := range []chore{said(0, 0, 3, 2, 1), last, said(1, 0, 2, 1), said(0, 0, 9, 8), said(0, mail.Flagged, 4, 3)} {
		err = errors.Join(err, s.put(c))
	}
	close(goOn)
	if err = errors.Join(err, s.close()); err != nil {
		t.Fatal(err)
	}
	again, failed := db.RemoteMailsByUID(ctx, folders[0].ID, []uint32{3})
	if failed != nil || len(again) != 1 || again[0].Flags != mail.Flagged || seen != 6 || w.added.Load() != 8 || w.changed.Load() != 1 {
		t.Errorf("%+v %v, %d in the folder, %d new, %d changed", again, failed, seen, w.added.Load(), w.changed.Load())
	}
	if err := db.Check(ctx); err != nil {
		t.Error(err)
	}
}
