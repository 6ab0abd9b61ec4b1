// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"kontor/app/accounts"
	"kontor/app/demo"
	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/live"
	"kontor/app/mail"
	"kontor/app/tasks"
	"kontor/storage"
	"kontor/sync/transport"
)

// townhall is a core with the first user's account on the embedded servers.
type townhall struct {
	*App
	world   *demo.World
	account int64
}

func newTownhall(t *testing.T) *townhall {
	t.Helper()
	ctx := context.Background()
	world, err := demo.Start(ctx, demo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(world.Close)
	core, err := OpenThrowaway(ctx, t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(core.DB.Check(ctx), core.Close()); err != nil {
			t.Error(err)
		}
	})
	o := &townhall{App: core, world: world}
	if o.account, err = core.Accounts.Add(ctx, world.Draft(""), world.Password()); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *townhall) sync(t *testing.T) SyncReport {
	t.Helper()
	report, err := o.Sync(context.Background(), SyncOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// newest gives the newest message of a role.
func (o *townhall) newest(t *testing.T, role mail.Role) mail.Summary {
	t.Helper()
	list, err := o.Mail.List(context.Background(), mail.Query{Role: role}, 0, 1)
	if err != nil || len(list) == 0 {
		t.Fatalf("no message in %s: %v", role, err)
	}
	return list[0]
}

func TestSyncBringsEverythingAndThenNothing(t *testing.T) {
	o := newTownhall(t)
	first := o.sync(t)
	if first.Mail.New < 150 || first.Mail.Bodies != first.Mail.New || first.Tasks.New != 40 || first.Files.Requests == 0 {
		t.Fatalf("%+v", first)
	}
	second := o.sync(t)
	if second.Mail.New+second.Mail.Bodies+second.Mail.Changed+second.Mail.Gone != 0 || second.Tasks.New+second.Tasks.Changed != 0 {
		t.Fatalf("nothing has changed, but %+v", second)
	}
	snap, err := o.Status.Snapshot(context.Background())
	if err != nil || snap.Offline || snap.Cause != transport.CauseNone || snap.Mails != first.Mail.New || snap.LastSync.IsZero() || len(snap.Connections) < 3 {
		t.Fatalf("%+v, %v", snap, err)
	}
	if _, err := o.Sync(context.Background(), SyncOptions{Account: "no such account"}); !errors.Is(err, storage.ErrNotFound) {
		t.Fatalf("got %v", err)
	}
}

// TestUndoBeforeAndAfterTheServerKnows: what has not left is dropped, what was confirmed is compensated.
func TestUndoBeforeAndAfterTheServerKnows(t *testing.T) {
	ctx := context.Background()
	for name, between := range map[string]func(*townhall){"before": func(*townhall) {}, "after": func(o *townhall) { o.sync(t) }} {
		t.Run(name, func(t *testing.T) {
			o := newTownhall(t)
			o.sync(t)
			start := o.newest(t, mail.RoleInbox)
			if err := o.Mail.Mark(ctx, []int64{start.ID}, mail.Flagged|mail.Seen, 0); err != nil {
				t.Fatal(err)
			}
			between(o)
			if err := o.Mail.Archive(ctx, []int64{start.ID}); err != nil {
				t.Fatal(err)
			}
			between(o)
			for range 2 {
				if _, err := o.Journal.Undo(ctx); err != nil {
					t.Fatal(err)
				}
				between(o)
			}
			o.sync(t)
			if got := o.newest(t, mail.RoleInbox); got.ID != start.ID || got.Flags != start.Flags {
				t.Fatalf("%+v became %+v", start, got)
			}
			flags := map[string]bool{}
			for _, m := range o.world.Users()[0].Messages("INBOX") {
				if strings.Contains(string(m.Raw), start.MessageID) {
					for _, f := range m.Flags {
						flags[f] = true
					}
				}
			}
			if flags[`\Flagged`] {
				t.Fatalf("the server still has %v", flags)
			}
			if ops, err := o.DB.PendingOps(ctx, 0); err != nil || len(ops) != 0 {
				t.Fatalf("%v, %v", ops, err)
			}
			if _, err := o.Journal.Undo(ctx); !errors.Is(err, ErrNothingToUndo) {
				t.Fatalf("an undo was undone: %v", err)
			}
		})
	}
}

// TestLookingIsNoStepOfUndo: what the program does by itself must not stand between a person and what they did.
func TestLookingIsNoStepOfUndo(t *testing.T) {
	ctx := context.Background()
	o := newTownhall(t)
	o.sync(t)
	m := o.newest(t, mail.RoleInbox)
	if err := errors.Join(o.Mail.Mark(ctx, []int64{m.ID}, mail.Flagged, 0), o.Mail.Looked(ctx, m.ID)); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Journal.Undo(ctx); err != nil {
		t.Fatal(err)
	}
	if got := o.newest(t, mail.RoleInbox); got.Flags.Has(mail.Flagged) || !got.Flags.Has(mail.Seen) {
		t.Fatalf("flags %b: the flag was to go, the mail stays read", got.Flags)
	}
}

func TestJournalHoldReleaseCancelRetry(t *testing.T) {
	ctx := context.Background()
	o := newTownhall(t)
	o.sync(t)
	lists, err := o.Tasks.Lists(ctx)
	if err != nil {
		t.Fatal(err)
	}
	title := "Rückruf"
	id, err := o.Tasks.Add(ctx, lists[0].ID, tasks.Edit{Title: &title})
	if err != nil {
		t.Fatal(err)
	}
	ops, err := o.Journal.List(ctx, 0)
	if err != nil || len(ops) != 1 {
		t.Fatalf("%v, %v", ops, err)
	}
	op := ops[0].ID
	if err := o.Journal.Hold(ctx, op); err != nil {
		t.Fatal(err)
	}
	if report := o.sync(t); report.Waiting != 1 || report.Tasks.Uploaded != 0 {
		t.Fatalf("a held operation was carried out: %+v", report)
	}
	if err := o.Journal.Hold(ctx, op); !errors.Is(err, journal.ErrState) {
		t.Fatalf("got %v", err)
	}
	if err := errors.Join(o.Journal.Release(ctx, op), o.Journal.Retry(ctx, op), o.Journal.Cancel(ctx, op)); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Tasks.Task(ctx, id); !errors.Is(err, storage.ErrNotFound) {
		t.Fatalf("a task whose making was cancelled is still there: %v", err)
	}
	if list, err := o.Journal.List(ctx, 10); err != nil || len(list) != 1 || list[0].State != journal.Cancelled {
		t.Fatalf("%v, %v", list, err)
	}
}

func TestOfflineNamesItsCause(t *testing.T) {
	ctx := context.Background()
	o := newTownhall(t)
	o.sync(t)
	o.world.SetAllFaults(demo.Faults{Down: true})
	if _, err := o.Sync(ctx, SyncOptions{}); transport.CauseOf(err) != transport.CauseUnreachable {
		t.Fatalf("got %v", err)
	}
	snap, err := o.Status.Snapshot(ctx)
	if err != nil || snap.Cause != transport.CauseUnreachable || snap.Since.IsZero() {
		t.Fatalf("%+v, %v", snap, err)
	}
	if err := o.Status.SetOffline(ctx, true); err != nil {
		t.Fatal(err)
	}
	if snap, err = o.Status.Snapshot(ctx); err != nil || !snap.ByChoice || snap.Cause != transport.CauseChoice {
		t.Fatalf("%+v, %v", snap, err)
	}
	if _, err := o.Sync(ctx, SyncOptions{}); !errors.Is(err, transport.ErrChoice) {
		t.Fatalf("got %v", err)
	}
}

// TestRunFollowsTheServer: a mail that arrives while the program runs is there without anybody asking.
func TestRunFollowsTheServer(t *testing.T) {
	o := newTownhall(t)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	sub := o.DB.Changes().Subscribe(live.Mail)
	defer sub.Close()
	go func() { ended <- o.Run(ctx) }()
	wait := func(what string, done func() bool) {
		t.Helper()
		timeout := time.After(30 * time.Second)
		for !done() {
			select {
			case <-sub.C():
			case <-time.After(200 * time.Millisecond):
			case <-timeout:
				t.Fatalf("waited in vain for %s", what)
			}
		}
	}
	count := func() int {
		snap, err := o.Status.Snapshot(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return snap.Mails
	}
	wait("the first mails", func() bool { return count() > 150 })
	before := count()
	o.world.Users()[0].AddMessage("INBOX", []byte("From: a@stadt.example\r\nSubject: Eilt\r\nMessage-ID: <eilt@x>\r\n\r\nJetzt.\r\n"), time.Now())
	wait("the new mail", func() bool { return count() > before })
	if err := o.Accounts.SetPassword(ctx, o.account, o.world.Password()); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Accounts.Remove(ctx, o.account); err != nil {
		t.Fatal(err)
	}
	if n := count(); n != 0 {
		t.Fatalf("%d mails of a removed account", n)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

func TestRepairBringsBackWhatFollowsFromTheRows(t *testing.T) {
	ctx := context.Background()
	o := newTownhall(t)
	o.sync(t)
	if _, err := o.Search.Index(ctx); err != nil {
		t.Fatal(err)
	}
	lists, err := o.Tasks.Lists(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 { // each leaves pages of its own in the index, of which a new one has none
		if _, err := o.Tasks.Add(ctx, lists[0].ID, tasks.Edit{Title: ptr("Bescheid")}); err != nil {
			t.Fatal(err)
		}
		if _, err := o.Search.Index(ctx); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []func(context.Context) error{o.Examine, o.Repair, o.Examine} {
		if err := step(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := o.Search.Index(ctx); err != nil {
		t.Fatal(err)
	}
	if found, err := o.Search.Find(ctx, "Lindenstraße", nil, 5); err != nil || len(found) == 0 {
		t.Fatalf("%v, %v", found, err)
	}
	causes, err := o.TestAll(ctx)
	if err != nil || len(causes) != 4 {
		t.Fatalf("%v, %v", causes, err)
	}
	for name, cause := range causes {
		if cause != transport.CauseNone {
			t.Errorf("%s: %s", name, cause)
		}
	}
}

func TestEveryExplanationHasItsTexts(t *testing.T) {
	var all []error
	for _, e := range explanations {
		all = append(all, e.err)
	}
	for _, e := range extraExplanations {
		all = append(all, e.err)
	}
	all = append(all, errors.New("anything"), transport.ErrSignIn, transport.ErrNoTLS, transport.ErrPortal, transport.ErrServer,
		transport.ErrPaused, transport.ErrChoice, io.ErrUnexpectedEOF, os.ErrNotExist)
	for _, lang := range []i18n.Lang{i18n.German, i18n.English} {
		i18n.Use(lang)
		for _, err := range all {
			title, advice := Explain(fmt.Errorf("layer: %w", err))
			if strings.Contains(title, ".title") || strings.Contains(advice, ".advice") || title == "" || advice == "" {
				t.Errorf("%s: %v: %q %q", lang, err, title, advice)
			}
		}
	}
	i18n.Use(i18n.English)
}

func TestProblemsAreTakenApart(t *testing.T) {
	a, b := errors.New("a"), errors.New("b")
	if got := Problems(errors.Join(a, errors.Join(b, nil))); len(got) != 2 || !errors.Is(got[0], a) || !errors.Is(got[1], b) {
		t.Fatalf("%v", got)
	}
	if got := Problems(fmt.Errorf("one: %w", a)); len(got) != 1 {
		t.Fatalf("%v", got)
	}
}

func TestJudgeNamesTheWorst(t *testing.T) {
	now := time.Now()
	all := []storage.Connection{
		{Protocol: "mail", Cause: string(transport.CauseUnreachable), LastOK: now.Add(-time.Hour)},
		{Protocol: "files", Cause: string(transport.CauseSignIn)},
	}
	last, cause, offline := judge(all)
	if !offline || cause != transport.CauseSignIn || !last.Equal(now.Add(-time.Hour)) {
		t.Fatalf("%v %s %v", last, cause, offline)
	}
	all = append(all, storage.Connection{Protocol: "tasks", LastOK: now})
	if _, cause, offline = judge(all); offline || cause != transport.CauseSignIn {
		t.Fatalf("%s %v: one server answers", cause, offline)
	}
	if _, _, offline = judge(nil); offline {
		t.Fatal("without an account nothing is offline")
	}
}

// TestRunNoticesAccountsOfOthers: an administrator's command line adds an account while the window is open.
func TestRunNoticesAccountsOfOthers(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	world, err := demo.Start(ctx, demo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer world.Close()
	home := t.TempDir()
	open := func() *App {
		keys := accounts.NewVault(accounts.VaultOptions{Dir: home, FileOnly: true, Passphrase: "amt"})
		core, err := Open(ctx, Options{Home: home, Keys: keys})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := core.Close(); err != nil {
				t.Error(err)
			}
		})
		return core
	}
	window, other := open(), open()
	ended := make(chan error, 1)
	go func() { ended <- window.Run(ctx) }()
	waitFor := func(what string, done func(Snapshot) bool) {
		t.Helper()
		for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			snap, err := window.Status.Snapshot(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if done(snap) {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("waited in vain for %s", what)
			}
		}
	}
	id, err := other.Accounts.Add(ctx, world.Draft(""), world.Password())
	if err != nil {
		t.Fatal(err)
	}
	waitFor("the mails of the new account", func(s Snapshot) bool { return s.Mails > 150 })
	if _, err := other.Accounts.Remove(ctx, id); err != nil {
		t.Fatal(err)
	}
	waitFor("the removed account to go", func(s Snapshot) bool { return s.Mails == 0 && len(window.outdated(nil)) == 0 })
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}
