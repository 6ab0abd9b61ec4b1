// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/servertest"
)

func (b *mailBox) names(t testing.TB) string {
	t.Helper()
	all, err := b.Folders(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range all {
		names = append(names, f.Name)
	}
	return strings.Join(names, " ")
}

func TestArchiveByYear(t *testing.T) {
	ctx := context.Background()
	b := newMailBox(t)
	b.write(t, func(tx *storage.Tx) error { return tx.SetSetting(ctx, ArchiveSetting, ArchiveByYear) })
	old := b.receive(t, b.inbox, 1, monday.AddDate(-3, 0, 0), letter(t, "Alt", "x"), letter(t, "Alt auch", "x"))
	recent := b.receive(t, b.inbox, 9, monday, letter(t, "Neu", "x"))
	if err := b.Archive(ctx, append(old, recent...)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"Archive": 0, "Archive/2023": 2, "Archive/2026": 1} {
		f, err := b.db.FolderByName(ctx, b.account, name)
		if err != nil || b.count(t, f.ID) != want {
			t.Errorf("%s: %+v %v", name, f, err)
		}
	}
	if err := b.Archive(ctx, old); err != nil { // they are there already
		t.Fatal(err)
	}
	b.undo(t)
	if got := b.names(t); got != "INBOX" || b.count(t, b.inbox) != 3 {
		t.Errorf("after one undo: %s, %d in the inbox", got, b.count(t, b.inbox))
	}
}

func TestDeleteFolderWithAllBelowIt(t *testing.T) {
	ctx := context.Background()
	b := newMailBox(t)
	b.folder(t, "Trash", mail.RoleTrash)
	top, sub := b.folder(t, "Akten", mail.RoleNone), b.folder(t, "Akten/2026", mail.RoleNone)
	b.folder(t, "Akten/2026/Mai", mail.RoleNone)
	b.receive(t, sub, 1, monday, letter(t, "Eins", "x"))
	if err := b.DeleteFolder(ctx, top); err != nil {
		t.Fatal(err)
	}
	if got := b.names(t); got != "INBOX Trash Trash/Akten Trash/Akten/2026 Trash/Akten/2026/Mai" {
		t.Errorf("a message below is not spared: %s", got)
	}
	b.undo(t)
	empty := b.folder(t, "Leer", mail.RoleNone)
	b.folder(t, "Leer/auch", mail.RoleNone)
	if err := b.DeleteFolder(ctx, empty); err != nil {
		t.Fatal(err)
	}
	if got := b.names(t); got != "INBOX Trash Akten Akten/2026 Akten/2026/Mai" {
		t.Errorf("after deleting an empty one: %s", got)
	}
	ops, err := b.db.PendingOps(ctx, 0)
	if err != nil || len(ops) != 2 || ops[0].Target != "Leer/auch" || ops[0].Group != ops[1].Group {
		t.Errorf("not the deepest first, or no single step: %+v %v", ops, err)
	}
	b.undo(t)
	if got := b.names(t); !strings.Contains(got, "Leer Leer/auch") {
		t.Errorf("after undo: %s", got)
	}
}

func TestEmptyBin(t *testing.T) {
	ctx := context.Background()
	b := newMailBox(t)
	bin := b.folder(t, "Trash", mail.RoleTrash)
	sub := b.folder(t, "Trash/Alt", mail.RoleNone)
	b.receive(t, bin, 1, monday, letter(t, "Eins", "x"), letter(t, "Zwei", "x"))
	b.receive(t, sub, 1, monday, letter(t, "Drei", "x"))
	if _, err := b.EmptyFolder(ctx, b.inbox); !errors.Is(err, ErrNoBin) {
		t.Error(err)
	}
	if n, err := b.EmptyFolder(ctx, bin); err != nil || n != 3 || b.count(t, bin) != 0 || b.names(t) != "INBOX Trash" {
		t.Errorf("%d %v %s", n, err, b.names(t))
	}
	b.undo(t)
	if b.count(t, bin) != 2 || b.count(t, sub) != 1 {
		t.Error("what waits is not taken back in one step")
	}
}

func TestSubscribe(t *testing.T) {
	ctx := context.Background()
	b := newMailBox(t)
	id := b.folder(t, "Akten", mail.RoleNone)
	subscribed := func(want bool) {
		t.Helper()
		if f, err := b.db.MailFolder(ctx, id); err != nil || f.Subscribed != want {
			t.Errorf("subscribed %v, want %v: %v", f.Subscribed, want, err)
		}
	}
	if err := errors.Join(b.Subscribe(ctx, id, false), b.Subscribe(ctx, id, true)); err != nil || len(b.queued(t)) != 1 {
		t.Fatalf("%v %q", err, b.queued(t))
	}
	subscribed(true)
	b.undo(t)
	subscribed(false)
	if _, err := b.journal().Redo(ctx); err != nil {
		t.Fatal(err)
	}
	subscribed(true)
}

// TestWhatCannotBeTakenBackIsSaid: it is not passed over for an older action, and the next undo goes on.
func TestWhatCannotBeTakenBackIsSaid(t *testing.T) {
	speak(t, i18n.German)
	ctx := context.Background()
	b := newMailBox(t)
	bin := b.folder(t, "Trash", mail.RoleTrash)
	ids := b.receive(t, bin, 1, monday, letter(t, "Eins", "x"), letter(t, "Zwei", "x"))
	if err := errors.Join(b.Mark(ctx, ids, mail.Flagged, 0), b.Delete(ctx, ids[:1])); err != nil {
		t.Fatal(err)
	}
	b.confirm(t)
	j := b.journal()
	if undo, redo, err := j.Steps(ctx); undo != "Eins" || redo != "" || err != nil {
		t.Errorf("next: %q %q %v", undo, redo, err)
	}
	if what, err := j.Undo(ctx); !errors.Is(err, ErrNoWayBack) || what != "Eins" {
		t.Errorf("%q %v", what, err)
	}
	if list, err := b.db.MailSummaries(ctx, ids); err != nil || !list[1].Flags.Has(mail.Flagged) {
		t.Errorf("an older action was taken back in its place: %v", err)
	}
	if _, _, err := j.Steps(ctx); err != nil {
		t.Error(err)
	}
	if _, err := j.Redo(ctx); !errors.Is(err, ErrNothingToRedo) {
		t.Error(err)
	}
	b.undo(t)
	if list, err := b.db.MailSummaries(ctx, ids); err != nil || list[1].Flags.Has(mail.Flagged) {
		t.Errorf("the next undo does not go on: %v", err)
	}
	if undo, redo, err := j.Steps(ctx); undo != "" || redo != i18n.T("app.things", "name", "Eins", "n", 1) || err != nil {
		t.Errorf("next: %q %q %v", undo, redo, err)
	}
	if _, err := j.Undo(ctx); !errors.Is(err, ErrNothingToUndo) {
		t.Error(err)
	}
}

// TestUndoLeavesAloneWhatOthersMoved: it goes by where things are now, and says so.
func TestUndoLeavesAloneWhatOthersMoved(t *testing.T) {
	ctx := context.Background()
	b := newMailBox(t)
	akten, ablage := b.folder(t, "Akten", mail.RoleNone), b.folder(t, "Ablage", mail.RoleNone)
	ids := b.receive(t, b.inbox, 1, monday, letter(t, "Eins", "x"), letter(t, "Zwei", "x"))
	if err := b.Move(ctx, ids, akten); err != nil {
		t.Fatal(err)
	}
	b.confirm(t)
	b.write(t, func(tx *storage.Tx) error { // another program, seen by a synchronisation
		return errors.Join(tx.PlaceMail(ctx, ids[0], ablage, 77), tx.RecomputeMessages(ctx, b.account, ids[:1]))
	})
	if _, err := b.journal().Undo(ctx); !errors.Is(err, ErrMeanwhile) {
		t.Error(err)
	}
	if b.count(t, ablage) != 1 || b.count(t, b.inbox) != 1 || b.count(t, akten) != 0 {
		t.Errorf("ablage %d, inbox %d, akten %d", b.count(t, ablage), b.count(t, b.inbox), b.count(t, akten))
	}
	want := fmt.Sprintf(`mail.move {"ids":[%d],"from":%d,"to":%d}`, ids[1], akten, b.inbox)
	if got := b.queued(t); !slices.Equal(got, []string{want}) {
		t.Errorf("waiting %q", got)
	}
	if err := b.DeleteFolder(ctx, b.folder(t, "Leer", mail.RoleNone)); err != nil {
		t.Fatal(err)
	}
	if _, err := b.journal().Redo(ctx); !errors.Is(err, ErrNothingToRedo) {
		t.Errorf("redo after something else was done: %v", err)
	}
}

func TestUndoWaitsForWhatRuns(t *testing.T) {
	ctx := context.Background()
	b := newMailBox(t)
	ids := b.receive(t, b.inbox, 1, monday, letter(t, "Eins", "x"))
	if err := b.Mark(ctx, ids, mail.Seen, 0); err != nil {
		t.Fatal(err)
	}
	ops, err := b.db.PendingOps(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	running, err := journal.Start(ops[0], time.Now())
	if err != nil {
		t.Fatal(err)
	}
	b.write(t, func(tx *storage.Tx) error { return tx.SaveOp(ctx, running) })
	if _, err := b.journal().Undo(ctx); !errors.Is(err, ErrUndoLater) {
		t.Error(err)
	}
	if list, err := b.db.MailSummaries(ctx, ids); err != nil || !list[0].Flags.Has(mail.Seen) {
		t.Errorf("taken back all the same: %v", err)
	}
}

// TestPlanIsWhatHappens: what is announced is what the server gets, message for message and octet for octet.
func TestPlanIsWhatHappens(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t)
	for n := range 3 {
		raw := letter(t, fmt.Sprint("Vorgang ", n), "Text", servertest.User+"@amt.example")
		if err := o.dovecot.Deliver("b@kreis.example", []string{servertest.User + "@amt.example"}, raw); err != nil {
			t.Fatal(err)
		}
	}
	o.sync(t)
	list, err := o.List(ctx, mail.Query{Role: mail.RoleInbox}, 0, 5)
	if err != nil || len(list) != 3 {
		t.Fatal(list, err)
	}
	archive, err := o.db.FolderByRole(ctx, o.account, mail.RoleArchive)
	if err != nil {
		t.Fatal(err)
	}
	raw := string(letter(t, "Import", "Ein längerer Text"))
	_, imported := o.Import(ctx, archive.ID, strings.NewReader(raw), false)
	err = errors.Join(imported, o.Mark(ctx, []int64{list[0].ID, list[1].ID}, mail.Flagged, 0), o.Move(ctx, []int64{list[0].ID}, archive.ID),
		o.Copy(ctx, []int64{list[2].ID}, archive.ID))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := o.journal().Plan(ctx)
	if err != nil || len(plan) != 4 {
		t.Fatalf("%+v %v", plan, err)
	}
	var items []int
	for _, p := range plan {
		items = append(items, p.Items)
	}
	if want := int64(len(strings.ReplaceAll(raw, "\r\n", "\n")) + strings.Count(raw, "\n")); plan[0].Octets != want || !slices.Equal(items, []int{1, 2, 1, 1}) {
		t.Errorf("%d octets, want %d; items %v", plan[0].Octets, want, items)
	}
	o.sync(t)
	done, err := o.db.FinalOps(ctx, 10)
	if err != nil || len(done) != len(plan) {
		t.Fatalf("%d done, %d planned: %v", len(done), len(plan), err)
	}
	for i, op := range slices.Backward(done) {
		if p := plan[len(plan)-1-i]; op.ID != p.ID || op.Kind != p.Kind || op.State != journal.Done {
			t.Errorf("planned %s %d, done %s %d %s", p.Kind, p.ID, op.Kind, op.ID, op.State)
		}
	}
	if n := len(o.onServer(t, servertest.User, ".Archive")); n != 3 {
		t.Errorf("%d in the archive", n)
	}
}

func TestTags(t *testing.T) {
	ctx := context.Background()
	b := newMailBox(t)
	tag, err := b.SetTag(ctx, mail.Tag{Name: " Zu prüfen ", Color: "#aa0000"})
	if err != nil || tag.Keyword != "Zu_pr&APw-fen" || tag.Name != "Zu prüfen" {
		t.Fatalf("%+v %v", tag, err)
	}
	if _, err := b.SetTag(ctx, mail.Tag{Name: "Eilig"}); err != nil {
		t.Fatal(err)
	}
	tag.Name = "Noch zu prüfen"
	if _, err := b.SetTag(ctx, tag); err != nil {
		t.Fatal(err)
	}
	if tags, err := b.Tags(ctx); err != nil || len(tags) != 2 || tags[0] != tag {
		t.Errorf("%+v %v", tags, err)
	}
	ids := b.receive(t, b.inbox, 1, monday, letter(t, "Eins", "x"))
	if err := b.Keywords(ctx, ids, []string{"zu prüfen", "  "}, nil); err != nil {
		t.Fatal(err)
	}
	if list, err := b.db.MailSummaries(ctx, ids); err != nil || !slices.Equal(list[0].Keywords, []string{"zu_pr&APw-fen"}) {
		t.Errorf("%q %v", list[0].Keywords, err)
	}
	if err := b.DropTag(ctx, "zu_pr&apW-fen"); err != nil {
		t.Fatal(err)
	}
	if tags, err := b.Tags(ctx); err != nil || len(tags) != 1 || tags[0].Name != "Eilig" {
		t.Errorf("%+v %v", tags, err)
	}
	if _, err := b.SetTag(ctx, mail.Tag{Name: " "}); !errors.Is(err, ErrTagName) {
		t.Error(err)
	}
}
