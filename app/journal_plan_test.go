// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"kontor/app/demo"
	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/app/tasks"
	"kontor/storage"
	"kontor/sync/transport"
)

// offline is somebody who does things while no server can be reached.
type offline struct {
	*townhall
	t     *testing.T
	dice  *rand.Rand
	mails []mail.Summary
	lists []tasks.List
	local string
	made  int
	paths []int64 // files and folders made here
}

func newOffline(t *testing.T, seed uint64) *offline {
	t.Helper()
	ctx := t.Context()
	o := &offline{townhall: newTownhall(t), t: t, dice: rand.New(rand.NewPCG(seed, 7)), local: filepath.Join(t.TempDir(), "x")} //nolint:gosec // no secret
	o.sync(t)
	var err error
	if o.mails, err = o.Mail.List(ctx, mail.Query{Role: mail.RoleInbox}, 0, 12); err != nil || len(o.mails) < 12 {
		t.Fatalf("%d mails, %v", len(o.mails), err)
	}
	if o.lists, err = o.Tasks.Lists(ctx); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(o.local, []byte("Inhalt"), 0o600); err != nil {
		t.Fatal(err)
	}
	o.world.SetAllFaults(demo.Faults{Down: true})
	return o
}

func (o *offline) name(of string) string {
	o.made++
	return fmt.Sprintf("%s %d", of, o.made)
}

// act does one thing. What is not possible any more, such as moving a deleted message, is no thing.
func (o *offline) act() error {
	ctx := o.t.Context()
	ids := []int64{o.mails[o.dice.IntN(len(o.mails))].ID}
	list := o.lists[o.dice.IntN(len(o.lists))].ID
	title := o.name("Aufgabe")
	acts := []func() error{
		func() error { return o.Mail.Mark(ctx, ids, mail.Flagged, mail.Seen) },
		func() error { return o.Mail.Mark(ctx, ids, mail.Seen, mail.Flagged) },
		func() error { return o.Mail.Keywords(ctx, ids, []string{"eilig"}, nil) },
		func() error { return o.Mail.Archive(ctx, ids) },
		func() error { return o.Mail.Delete(ctx, ids) },
		func() error {
			folder, err := o.Mail.CreateFolder(ctx, o.account, o.name("Vorgang"))
			return errors.Join(err, o.Mail.Move(ctx, ids, folder))
		},
		func() error {
			_, err := o.Mail.SendRaw(ctx, o.account, letter(o.t, o.name("Bescheid"), "Text", "jonas.weber@stadt.example"))
			return err
		},
		func() error { _, err := o.Tasks.Add(ctx, list, tasks.Edit{Title: &title}); return err },
		func() error {
			id, err := o.Tasks.Add(ctx, list, tasks.Edit{Title: &title})
			return errors.Join(err, o.Tasks.Done(ctx, []int64{id}))
		},
		func() error {
			id, err := o.Files.Put(ctx, o.account, o.local, o.name("Notiz")+".txt")
			o.paths = append(o.paths, id)
			return err
		},
		func() error {
			dir := o.name("Ordner")
			id, err := o.Files.Mkdir(ctx, o.account, dir)
			o.paths = append(o.paths, id)
			_, put := o.Files.Put(ctx, o.account, o.local, dir+"/Notiz.txt")
			return errors.Join(err, put)
		},
		func() error {
			if len(o.paths) == 0 {
				return nil
			}
			return o.Files.Move(ctx, o.paths[o.dice.IntN(len(o.paths))], o.name("Umbenannt"))
		},
		func() error {
			if len(o.paths) == 0 || o.dice.IntN(3) > 0 {
				return nil
			}
			i := o.dice.IntN(len(o.paths))
			id := o.paths[i]
			o.paths = slices.Delete(o.paths, i, i+1)
			return o.Files.Remove(ctx, []int64{id})
		},
		func() error {
			_, err := o.Journal.Undo(ctx)
			if errors.Is(err, ErrNothingToUndo) {
				return nil
			}
			return err
		},
	}
	err := acts[o.dice.IntN(len(acts))]()
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	return err
}

// TestThePlanIsWhatHappens: what the list of things to come says is carried out once there is a network, each of it, in
// an order that no row is surprised by, and nothing else.
func TestThePlanIsWhatHappens(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			ctx := t.Context()
			o := newOffline(t, seed)
			for range 40 {
				if err := o.act(); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := o.Sync(ctx, SyncOptions{}); transport.CauseOf(err) != transport.CauseUnreachable {
				t.Fatalf("not offline: %v", err)
			}
			plan, err := o.Journal.Plan(ctx)
			if err != nil || len(plan) < 10 {
				t.Fatalf("%d planned, %v", len(plan), err)
			}
			before := o.final()
			o.checkPlan(plan)
			o.world.SetAllFaults(demo.Faults{})
			for range 4 {
				o.sync(t)
			}
			planned := map[int64]bool{}
			for _, p := range plan {
				planned[p.ID] = true
				op, err := o.DB.Op(ctx, p.ID)
				if err != nil || op.State != journal.Done {
					t.Errorf("planned, and not done: %s %q is %s %s, %v", op.Kind, op.Target, op.State, op.LastError, err)
				}
			}
			for id, op := range o.final() {
				if _, old := before[id]; !old && !planned[id] {
					t.Errorf("done, and not planned: %s %q", op.Kind, op.Target)
				}
			}
		})
	}
}

// final gives the operations that nothing happens to any more.
func (o *offline) final() map[int64]journal.Op {
	o.t.Helper()
	list, err := o.DB.FinalOps(o.t.Context(), 1000)
	if err != nil {
		o.t.Fatal(err)
	}
	all := map[int64]journal.Op{}
	for _, op := range list {
		all[op.ID] = op
	}
	return all
}

// checkPlan looks for what a list of things to come must say: words, numbers, and first things first.
func (o *offline) checkPlan(plan []Planned) {
	o.t.Helper()
	at := map[int64]int{}
	for i, p := range plan {
		at[p.ID] = i
		if p.Target == "" || p.Items < 1 {
			o.t.Errorf("%s says %q, %d items", p.Kind, p.Target, p.Items)
		}
		switch p.Kind {
		case journal.MailSend, journal.FilePut, journal.TaskPut:
			if p.Octets <= 0 {
				o.t.Errorf("%s %q sends nothing", p.Kind, p.Target)
			}
		case journal.MailFlags, journal.MailMove, journal.MailDelete, journal.FileMove, journal.FileDelete:
			if p.Octets != 0 {
				o.t.Errorf("%s %q sends %d octets", p.Kind, p.Target, p.Octets)
			}
		}
		if first, waits := at[p.DependsOn]; p.DependsOn != 0 && waits && first > i {
			o.t.Errorf("%s %q stands before what it waits for", p.Kind, p.Target)
		}
	}
}

// TestAHeldOperationHoldsWhatNeedsIt: with the rest going on, and everything after Release.
func TestAHeldOperationHoldsWhatNeedsIt(t *testing.T) {
	ctx := t.Context()
	o := newTownhall(t)
	o.sync(t)
	m := o.newest(t, mail.RoleInbox)
	folder, err := o.Mail.CreateFolder(ctx, o.account, "Vorgang")
	if err != nil {
		t.Fatal(err)
	}
	title := "Rückruf"
	lists, err := o.Tasks.Lists(ctx)
	if err != nil {
		t.Fatal(err)
	}
	_, err = o.Tasks.Add(ctx, lists[0].ID, tasks.Edit{Title: &title})
	if err := errors.Join(err, o.Mail.Move(ctx, []int64{m.ID}, folder)); err != nil {
		t.Fatal(err)
	}
	plan, err := o.Journal.Plan(ctx)
	if err != nil || len(plan) != 3 || plan[0].Kind != journal.MailFolderCreate {
		t.Fatalf("%+v, %v", plan, err)
	}
	if err := o.Journal.Hold(ctx, plan[0].ID); err != nil {
		t.Fatal(err)
	}
	if report := o.sync(t); report.Waiting != 2 || report.Tasks.Uploaded != 1 {
		t.Fatalf("%+v", report)
	}
	if slices.Contains(o.world.Users()[0].Mailboxes(), "Vorgang") {
		t.Fatal("a held operation was carried out")
	}
	if err := o.Journal.Release(ctx, plan[0].ID); err != nil {
		t.Fatal(err)
	}
	if report := o.sync(t); report.Waiting != 0 || len(o.world.Users()[0].Messages("Vorgang")) != 1 {
		t.Fatalf("%+v, %v", report, o.world.Users()[0].Mailboxes())
	}
}

// TestAnAccountLeavesWithWhatWaits: its operations go with it, those of others are carried out, and undo is about what is
// left.
func TestAnAccountLeavesWithWhatWaits(t *testing.T) {
	ctx := context.Background()
	o := newTownhall(t)
	draft := o.world.Draft(o.world.Users()[1].Name)
	draft.Name = "Zweites"
	other, err := o.Accounts.Add(ctx, draft, o.world.Users()[1].Password)
	if err != nil {
		t.Fatal(err)
	}
	o.sync(t)
	title := "Rückruf"
	all, err := o.Tasks.Lists(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, account := range []int64{o.account, other} {
		i := slices.IndexFunc(all, func(l tasks.List) bool { return l.AccountID == account })
		if i < 0 {
			t.Fatalf("account %d has no list", account)
		}
		_, err := o.Tasks.Add(ctx, all[i].ID, tasks.Edit{Title: &title})
		_, folder := o.Mail.CreateFolder(ctx, account, "Vorgang")
		if err := errors.Join(err, folder); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := o.Accounts.Remove(ctx, other); err != nil {
		t.Fatal(err)
	}
	plan, err := o.Journal.Plan(ctx)
	if err != nil || len(plan) != 2 {
		t.Fatalf("%+v, %v", plan, err)
	}
	for _, p := range plan {
		if p.AccountID != o.account {
			t.Errorf("%s of an account that is gone", p.Kind)
		}
	}
	if undo, _, err := o.Journal.Steps(ctx); err != nil || undo == "" {
		t.Errorf("%q, %v", undo, err)
	}
	if what, err := o.Journal.Undo(ctx); err != nil || what == "" {
		t.Errorf("%q, %v", what, err)
	}
	if report := o.sync(t); report.Waiting+report.Failed != 0 || report.Tasks.Uploaded != 1 {
		t.Errorf("%+v", report)
	}
	if users := o.world.Users(); slices.Contains(users[0].Mailboxes(), "Vorgang") || slices.Contains(users[1].Mailboxes(), "Vorgang") {
		t.Error("a folder was made that was taken back, or whose account is gone")
	}
}
