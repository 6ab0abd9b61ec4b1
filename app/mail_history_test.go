// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/engine"
	"kontor/sync/imapsync"
	"kontor/sync/servertest"
)

// clerk works in an office at random.
type clerk struct {
	*office
	t    *testing.T
	dice *rand.Rand
	made int
}

// newClerk fills a mailbox. The seed is told, so that a history can be repeated.
func newClerk(t *testing.T, seed uint64, opts ...servertest.Options) *clerk {
	t.Helper()
	c := &clerk{office: newOffice(t, opts...), t: t, dice: rand.New(rand.NewPCG(seed, 1))} //nolint:gosec // no secret
	t.Logf("seed %d", seed)
	for n := range 12 {
		raw := letter(t, fmt.Sprint("Vorgang ", n), "Text", servertest.User+"@amt.example")
		if err := c.dovecot.Deliver("bernd@kreis.example", []string{servertest.User + "@amt.example"}, raw); err != nil {
			t.Fatal(err)
		}
	}
	c.sync(t)
	return c
}

// view is what a mail program shows: folders, and messages with flags, each as one line.
func view(t *testing.T, db *storage.DB) []string {
	t.Helper()
	ctx := context.Background()
	all, err := db.Folders(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, f := range all {
		if f.Role == mail.RoleOutbox {
			continue
		}
		lines = append(lines, fmt.Sprintf("%s subscribed=%v", f.Name, f.Subscribed))
		list, err := db.MailList(ctx, mail.Query{FolderID: f.ID}, 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range list {
			lines = append(lines, fmt.Sprintf("%s: %s %x %v", f.Name, s.Subject, uint32(s.Flags), s.Keywords))
		}
	}
	slices.Sort(lines)
	return lines
}

// elsewhere is what another mail program that has never been here before shows.
func (c *clerk) elsewhere() []string {
	c.t.Helper()
	ctx := context.Background()
	db, err := storage.Open(ctx, filepath.Join(c.t.TempDir(), "other.db"))
	if err != nil {
		c.t.Fatal(err)
	}
	account, err := c.db.Account(ctx, c.account)
	if err != nil {
		c.t.Fatal(err)
	}
	err = db.Write(ctx, func(tx *storage.Tx) error {
		account.ID, err = tx.AddAccount(ctx, account)
		return err
	})
	w := imapsync.New(imapsync.Config{
		DB: db, Account: account, Secret: func(context.Context) (string, error) { return servertest.Password, nil }, Log: slog.New(slog.DiscardHandler),
	})
	if err := errors.Join(err, w.Pull(ctx)); err != nil {
		c.t.Fatal(err)
	}
	lines := view(c.t, db)
	if err := errors.Join(w.Close(), db.Close()); err != nil {
		c.t.Fatal(err)
	}
	return lines
}

// settle synchronises until nothing waits and makes sure that nothing was refused.
func (c *clerk) settle() {
	c.t.Helper()
	for range 5 {
		c.sync(c.t)
		ops, err := c.db.PendingOps(context.Background(), 0)
		if err != nil {
			c.t.Fatal(err)
		}
		if len(ops) == 0 {
			break
		}
		for _, op := range ops {
			if op.State == journal.Failed || op.State == journal.InDoubt {
				c.t.Fatalf("%s %s %q: %s %s", op.Kind, op.State, op.Target, op.LastError, op.Payload)
			}
		}
		c.due(c.t)
	}
	if ops, err := c.db.PendingOps(context.Background(), 0); err != nil || len(ops) > 0 {
		c.t.Fatalf("%d operations still wait: %+v %v", len(ops), ops, err)
	}
}

// some picks up to n messages that are not in the bin.
func (c *clerk) some(n int) []int64 {
	ctx := context.Background()
	var ids []int64
	for _, f := range c.folders(func(f mail.Folder) bool { return !c.binned(f) }) {
		list, err := c.db.MailIDs(ctx, f.ID)
		if err != nil {
			c.t.Fatal(err)
		}
		ids = append(ids, list...)
	}
	slices.Sort(ids)
	c.dice.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	return ids[:min(len(ids), 1+c.dice.IntN(n))]
}

func (c *clerk) binned(f mail.Folder) bool {
	return f.Role == mail.RoleTrash || strings.HasPrefix(f.Name, "Trash")
}

func (c *clerk) folders(fits func(mail.Folder) bool) []mail.Folder {
	all, err := c.Folders(context.Background())
	if err != nil {
		c.t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(f mail.Folder) bool { return f.Role == mail.RoleOutbox || !f.Selectable || !fits(f) })
}

// own picks a folder that a person has made and not deleted, ok is false where there is none.
func (c *clerk) own() (f mail.Folder, ok bool) {
	all := c.folders(func(f mail.Folder) bool { return f.Role == mail.RoleNone && !c.binned(f) })
	if len(all) == 0 {
		return f, false
	}
	return all[c.dice.IntN(len(all))], true
}

// act does one thing at random and reports whether there is something to undo.
func (c *clerk) act() bool {
	c.t.Helper()
	ctx := context.Background()
	before, _ := c.db.NextUndo(ctx)
	if err := c.anything(ctx); err != nil && !errors.Is(err, ErrFolderExists) && !errors.Is(err, ErrFolderFixed) {
		c.t.Fatal(err)
	}
	after, _ := c.db.NextUndo(ctx)
	return after != before
}

func (c *clerk) anything(ctx context.Context) error {
	places := c.folders(func(f mail.Folder) bool { return !c.binned(f) })
	to := places[c.dice.IntN(len(places))]
	flags := []mail.Flags{mail.Seen, mail.Flagged, mail.Answered, mail.Forwarded, mail.Seen | mail.Flagged}
	words := []string{"rot", "blau", "eilig"}
	c.made++
	switch n := c.dice.IntN(13); n {
	case 0, 1:
		return c.Change(ctx, c.some(4), mail.FlagsOp{Add: flags[c.dice.IntN(5)]})
	case 2:
		return c.Change(ctx, c.some(4), mail.FlagsOp{Remove: flags[c.dice.IntN(5)], AddKeywords: words[:c.dice.IntN(3)]})
	case 3:
		return c.Keywords(ctx, c.some(3), nil, words[c.dice.IntN(3):])
	case 4, 5:
		return c.Move(ctx, c.some(4), to.ID)
	case 6:
		return c.Copy(ctx, c.some(2), to.ID)
	case 7:
		return c.Delete(ctx, c.some(2))
	case 8:
		return c.Archive(ctx, c.some(2))
	case 9:
		return c.Junk(ctx, c.some(2), c.dice.IntN(2) == 0)
	case 10:
		_, err := c.Import(ctx, to.ID, strings.NewReader(string(letter(c.t, fmt.Sprint("Import ", c.made), "Text"))), false)
		return err
	case 11:
		name := fmt.Sprint("Ablage ", c.made)
		if f, ok := c.own(); ok && c.dice.IntN(2) == 0 {
			name = f.Name + f.Delim + fmt.Sprint("Teil ", c.made)
		}
		_, err := c.CreateFolder(ctx, c.account, name)
		return err
	}
	f, ok := c.own()
	if !ok {
		return nil
	}
	switch c.dice.IntN(3) {
	case 0:
		return c.RenameFolder(ctx, f.ID, fmt.Sprint("Neu ", c.made))
	case 1:
		return c.DeleteFolder(ctx, f.ID)
	}
	return c.Subscribe(ctx, f.ID, !f.Subscribed)
}

// same compares two views.
func (c *clerk) same(what string, got, want []string) {
	c.t.Helper()
	if slices.Equal(got, want) {
		return
	}
	for _, l := range got {
		if !slices.Contains(want, l) {
			c.t.Errorf("%s: too much: %s", what, l)
		}
	}
	for _, l := range want {
		if !slices.Contains(got, l) {
			c.t.Errorf("%s: missing: %s", what, l)
		}
	}
	if !c.t.Failed() {
		c.t.Errorf("%s: some are there more than once", what)
	}
	var words []string // of what is not the same, to find the operations about it
	for _, l := range slices.Concat(got, want) {
		if slices.Contains(got, l) && slices.Contains(want, l) {
			continue
		}
		folder, rest, _ := strings.Cut(l, ": ")
		words = append(words, strings.Fields(folder)[0])
		about := strings.Join(strings.Fields(rest + " - -")[:2], " ")
		var all []mail.Summary
		for _, f := range c.folders(func(mail.Folder) bool { return true }) {
			list, err := c.db.MailList(context.Background(), mail.Query{FolderID: f.ID}, 0, 1000)
			if err != nil {
				c.t.Fatal(err)
			}
			all = append(all, slices.DeleteFunc(list, func(s mail.Summary) bool { return s.Subject != about })...)
		}
		for _, s := range all {
			words = append(words, fmt.Sprint(s.ID))
		}
	}
	for _, op := range c.log() {
		if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(op, w) }) {
			c.t.Log(op)
		}
	}
	c.t.FailNow()
}

func (c *clerk) log() []string {
	ops, err := (&Journal{db: c.db}).List(context.Background(), 1000)
	if err != nil {
		c.t.Fatal(err)
	}
	var lines []string
	for _, op := range ops {
		lines = append(lines, fmt.Sprintf("%d g%d o%d back=%v undone=%v redo=%v %s %s %s %s %s", op.ID, op.Group, op.Origin, op.Back, op.Undone, op.Redo, op.Kind, op.State, op.Target, op.Payload, op.Proof))
	}
	slices.Sort(lines)
	return lines
}

// history does things at random, with a synchronisation now and then, takes all of them back, and does them again: the
// screen and the server are as they were, each time.
func (c *clerk) history(steps, syncs int) {
	c.t.Helper()
	ctx := context.Background()
	j := &Journal{db: c.db, wake: func(int64) {}}
	maybe := func() {
		if syncs > 0 && c.dice.IntN(syncs) == 0 {
			c.settle()
		}
	}
	start := view(c.t, c.db)
	c.same("the server at the start", c.elsewhere(), start)
	screens := [][]string{start}
	for len(screens) <= steps {
		if !c.act() {
			continue
		}
		screens = append(screens, view(c.t, c.db))
		maybe()
	}
	for i := steps - 1; i >= 0; i-- {
		if _, err := j.Undo(ctx); err != nil {
			c.t.Fatalf("undo of step %d: %v", i, err)
		}
		c.same(fmt.Sprint("after undo of step ", i), view(c.t, c.db), screens[i])
		maybe()
	}
	c.settle()
	c.same("when all is taken back", view(c.t, c.db), start)
	c.same("the server when all is taken back", c.elsewhere(), start)
	for i := 1; i <= steps; i++ {
		if _, err := j.Redo(ctx); err != nil {
			c.t.Fatalf("redo of step %d: %v", i, err)
		}
		c.same(fmt.Sprint("after redo of step ", i), view(c.t, c.db), screens[i])
		maybe()
	}
	c.settle()
	c.same("when all is done again", view(c.t, c.db), screens[steps])
	c.same("the server when all is done again", c.elsewhere(), screens[steps])
	if _, err := j.Redo(ctx); !errors.Is(err, ErrNothingToRedo) {
		c.t.Errorf("more to redo than was done: %v", err)
	}
}

// TestHistoryOnARealServer: more than a hundred steps of one day, to and fro.
func TestHistoryOnARealServer(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	newClerk(t, seed).history(110, 15)
}

// TestManyHistories: short histories one after the other, with and without synchronisation in between.
func TestManyHistories(t *testing.T) {
	c := newClerk(t, uint64(time.Now().UnixNano()))
	for round := range 8 {
		c.history(8, []int{0, 2, 4}[round%3])
	}
}

// colleague is another computer with the same mailbox.
func (c *clerk) colleague(seed uint64) *clerk {
	c.t.Helper()
	ctx := context.Background()
	db, err := storage.Open(ctx, filepath.Join(c.t.TempDir(), "colleague.db"))
	if err != nil {
		c.t.Fatal(err)
	}
	account, err := c.db.Account(ctx, c.account)
	if err != nil {
		c.t.Fatal(err)
	}
	o := &office{mailBox: &mailBox{Mail: NewMail(db, func(int64) {})}, dovecot: c.dovecot, engine: engine.New(db, slog.New(slog.DiscardHandler))}
	o.write(c.t, func(tx *storage.Tx) error {
		account.ID, err = tx.AddAccount(ctx, account)
		o.account = account.ID
		return err
	})
	secret := func(context.Context) (string, error) { return servertest.Password, nil }
	o.engine.Add(account.ID, imapsync.New(imapsync.Config{DB: db, Account: account, Secret: secret, Log: slog.New(slog.DiscardHandler)}))
	c.t.Cleanup(func() {
		if err := errors.Join(o.engine.Close(), db.Check(ctx), db.Close()); err != nil {
			c.t.Error(err)
		}
	})
	o.sync(c.t)
	return &clerk{office: o, t: c.t, dice: rand.New(rand.NewPCG(seed, 2)), made: 1000} //nolint:gosec // no secret
}

// quiet synchronises and gives up what the server refuses because somebody else was faster.
func (c *clerk) quiet() {
	c.t.Helper()
	ctx := context.Background()
	j := &Journal{db: c.db, wake: func(int64) {}}
	for range 3 {
		c.due(c.t)
		c.sync(c.t)
		ops, err := c.db.PendingOps(ctx, 0)
		if err != nil {
			c.t.Fatal(err)
		}
		for _, op := range ops {
			if op.State == journal.Failed {
				c.t.Logf("%s %q was refused: %s", op.Kind, op.Target, op.LastError)
				if err := j.Cancel(ctx, op.ID); err != nil && !errors.Is(err, journal.ErrState) {
					c.t.Fatal(err)
				}
			}
		}
	}
}

// TestTwoClerksLoseNothing: two computers work on one mailbox at random, each with its own synchronisations, undo and
// redo. When both are quiet they show the same, and every letter that ever came is somewhere.
func TestTwoClerksLoseNothing(t *testing.T) {
	ctx := context.Background()
	seed := uint64(time.Now().UnixNano())
	a := newClerk(t, seed)
	b := a.colleague(seed)
	for range 60 {
		c := []*clerk{a, b}[a.dice.IntN(2)]
		j := &Journal{db: c.db, wake: func(int64) {}}
		switch a.dice.IntN(8) {
		case 0:
			c.sync(t)
		case 1:
			if _, err := j.Undo(ctx); err != nil && !errors.Is(err, ErrNothingToUndo) && !errors.Is(err, ErrMeanwhile) && !errors.Is(err, ErrNoWayBack) && !errors.Is(err, ErrUndoLater) {
				t.Fatal(err)
			}
		case 2:
			if _, err := j.Redo(ctx); err != nil && !errors.Is(err, ErrNothingToRedo) && !errors.Is(err, ErrMeanwhile) && !errors.Is(err, ErrUndoLater) {
				t.Fatal(err)
			}
		default:
			c.act()
		}
	}
	for range 3 {
		a.quiet()
		b.quiet()
	}
	all := a.elsewhere()
	a.same("one clerk", view(t, a.db), all)
	b.same("the other clerk", view(t, b.db), all)
	for n := range 12 {
		if !slices.ContainsFunc(all, func(l string) bool { return strings.Contains(l, fmt.Sprintf(": Vorgang %d ", n)) }) {
			t.Errorf("letter %d is lost", n)
		}
	}
}
