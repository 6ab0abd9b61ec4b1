// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/imapsync"
	"kontor/sync/smtpsend"
)

// beside lets the scene be in the window that open opens; back returns to the page.
func (w *town) beside(open func()) (back func()) {
	w.T.Helper()
	n := len(w.opened)
	open()
	w.Settle()
	if len(w.opened) != n+1 {
		w.T.Fatalf("%d windows opened; errors %v", len(w.opened)-n, w.Errors)
	}
	w.Window = w.opened[n]
	w.Settle()
	return func() { w.Window = w.main; w.Settle() }
}

// TestWhatIsKeptHere: the window says what a choice would change before it is made, changes nothing when it is left, and what
// was dropped is still on the server and comes back.
func TestWhatIsKeptHere(t *testing.T) {
	w := newTown(t)
	inbox := w.place(mail.RoleInbox, "")
	whole := func() int { k, err := w.core.Mail.Kept(w.ctx(), w.core.Account); w.core.Must(err); return k.Whole }
	all := whole()

	back := w.beside(w.page.Offline)
	w.MustSay("Es ändert sich nichts.")
	w.Click("30 Tage")
	w.MustSay("werden von diesem Gerät entfernt")
	w.Key(fyne.KeyEscape)
	back()
	if got := whole(); got != all {
		t.Fatalf("%d whole messages, there were %d: nothing was chosen", got, all)
	}

	effect, err := w.core.Mail.KeepEffect(w.ctx(), w.core.Account, mail.Keep{Days: 30, Quota: mail.DefaultKeep.Quota})
	w.core.Must(err)
	back = w.beside(w.page.Offline)
	w.Click("30 Tage")
	w.MustSay(i18n.T("mailui.keep.frees", "n", effect.Dropped, "size", i18n.Size(effect.Frees)))
	w.Click("Übernehmen")
	back()
	if got := whole(); effect.Dropped == 0 || got != all-effect.Dropped {
		t.Fatalf("%d whole messages of %d, %d dropped", got, all, effect.Dropped)
	}
	if got := w.LastToast().Words; got != "Der Offline-Umfang gilt ab jetzt" {
		t.Errorf("says %q", got)
	}
	if w.page.list.place.Folder.ID != inbox.ID || len(w.TakeErrors()) != 0 {
		t.Error("the page stays where it was")
	}

	back = w.beside(w.page.Offline)
	w.MustSay(i18n.T("mailui.keep.heads", "n", effect.Dropped))
	w.Click("Alle")
	w.MustSay(i18n.T("mailui.keep.loads", "n", effect.Dropped, "size", i18n.Size(effect.Frees)))
	w.Click("Übernehmen")
	back()
	w.core.SyncAll()
	w.Settle()
	if got := whole(); got != all {
		t.Errorf("%d whole messages, there were %d", got, all)
	}
}

// TestOddRulesStayAsTheyAre: what was set elsewhere is offered too, and taking over changes only what was chosen; folders
// that are not kept are the ones without a tick.
func TestOddRulesStayAsTheyAre(t *testing.T) {
	w := newTown(t)
	sent := w.place(mail.RoleSent, "")
	odd := mail.Keep{Days: 77, Size: 12345678, Quota: 7 << 30, Without: []int64{sent.ID}}
	w.core.Must(w.core.Mail.Keep(w.ctx(), w.core.Account, odd))
	back := w.beside(w.page.Offline)
	w.MustSay("77 Tage", i18n.T("mailui.keep.up-to", "size", i18n.Size(12345678)))
	w.Click("bis " + i18n.Size(10_000_000_000))
	w.Click("Übernehmen")
	back()
	kept, err := w.core.Mail.Kept(w.ctx(), w.core.Account)
	w.core.Must(err)
	if got := kept.Rules; got.Days != 77 || got.Size != 12345678 || got.Quota != 10_000_000_000 || !slices.Equal(got.Without, odd.Without) {
		t.Errorf("%+v", got)
	}
}

// TestRightsAndRoom: the folder's window says in words what a person may do, who else may, and how full the mailbox is; the
// list of people comes from the server when it is asked, and says so when it cannot be.
func TestRightsAndRoom(t *testing.T) {
	w := newTown(t)
	w.core.Write(func(ctx context.Context, tx *storage.Tx) error {
		return tx.SaveQuotas(ctx, w.core.Account, []mail.Quota{
			{AccountID: w.core.Account, Root: "User quota", Resource: "STORAGE", Used: 4 << 20, Limit: 5 << 20},
			{AccountID: w.core.Account, Root: "", Resource: "UNHEARD-OF", Used: 9, Limit: 10},
		})
	})
	inbox := w.place(mail.RoleInbox, "")
	answer := imapsync.ErrNoRights
	w.page.cfg.Quotas = w.core.Accounts.Quotas
	w.page.cfg.AskRights = func(ctx context.Context, id int64) error {
		if answer != nil || id != inbox.ID {
			return answer
		}
		return w.core.DB.Write(ctx, func(tx *storage.Tx) error {
			return tx.SaveGrants(ctx, id, []mail.Grant{{Who: "berta", Rights: "lr"}, {Who: "-group:praktikum", Rights: "a"}}, time.Now())
		})
	}
	w.page.nav.read()
	w.Settle()
	w.MustSay(app.QuotaText(mail.Quota{Resource: "STORAGE", Used: 4 << 20, Limit: 5 << 20}))

	back := w.beside(w.page.FolderInfo)
	w.MustSay("Posteingang", "INBOX", i18n.Size(5<<30), "Ihre Rechte", "noch nicht bekannt")
	w.Click("Beim Server nachfragen")
	w.MustSay("Der Server gibt keine Auskunft über Rechte.")
	answer = nil
	w.Click("Beim Server nachfragen")
	w.MustSay("berta", "sieht den Ordner, liest Nachrichten", "Gruppe praktikum ausdrücklich nicht", "Stand")
	w.Click("Schließen")
	back()
	if errs := w.TakeErrors(); len(errs) != 0 {
		t.Fatal(errs)
	}
}

// TestWhatWasPassedOverIsSaid: a folder that could not be read has a mark, and its window says what that means and how often
// the server was not understood; once it can be read the mark is gone.
func TestWhatWasPassedOverIsSaid(t *testing.T) {
	w := newTown(t)
	inbox := w.place(mail.RoleInbox, "")
	skipped := func(value string) {
		w.core.Write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.SetSetting(ctx, imapsync.SkippedSetting(w.core.Account), value)
		})
		w.page.nav.read()
		w.Settle()
	}
	skipped("nonsense")
	w.MustNotSay("nicht lesbar")
	skipped(fmt.Sprintf(`{"answers":3,"last":"2026-11-02T09:00:00Z","folders":[%d]}`, inbox.ID))
	w.MustSay("nicht lesbar")
	back := w.beside(w.page.FolderInfo)
	w.MustSay("Was schon hier liegt, bleibt.", "3 Antworten des Mailservers")
	w.Click("Schließen")
	back()
	skipped(`{"answers":1,"last":"2026-11-02T09:00:00Z"}`)
	w.MustNotSay("nicht lesbar")
	w.failing("Skipped", w.page.nav.read)
}

func TestTheFullestMailbox(t *testing.T) {
	q := func(resource string, used, limit int64) mail.Quota {
		return mail.Quota{Resource: resource, Used: used, Limit: limit}
	}
	for name, c := range map[string]struct {
		all  []mail.Quota
		want mail.Quota
	}{
		"nobody says":          {nil, mail.Quota{}},
		"without a limit":      {[]mail.Quota{q("STORAGE", 5, 0)}, mail.Quota{}},
		"no words for it":      {[]mail.Quota{q("X-ANNOTATIONS", 5, 5), q("STORAGE", 1, 5)}, q("STORAGE", 1, 5)},
		"the one that is full": {[]mail.Quota{q("STORAGE", 1, 5), q("MESSAGE", 9, 10), q("STORAGE", 4, 5)}, q("MESSAGE", 9, 10)},
	} {
		if got, ok := fullest(c.all); got != c.want || ok != (c.want != mail.Quota{}) {
			t.Errorf("%s: %+v %v", name, got, ok)
		}
	}
}

// outbox shows what waits to be sent, with one message there that leaves tomorrow.
func (w *town) outbox(t *testing.T) (id int64) {
	t.Helper()
	m, err := w.core.Mail.New(w.ctx(), w.core.Account)
	w.core.Must(err)
	m.To, m.Subject, m.Text = []mail.Address{{Addr: "jonas.weber@stadt.example"}}, "Erst morgen", "Guten Tag"
	m.SendAt = time.Now().Add(24 * time.Hour)
	_, err = w.core.Mail.Send(w.ctx(), m)
	w.core.Must(err)
	w.Settle()
	row, _ := w.page.nav.row("all/outbox")
	w.page.nav.key = row.Key
	w.page.show(row)
	w.Settle()
	return w.choose("Erst morgen")
}

// TestSendingNow: a message that waits for tomorrow leaves at once by the button, once, and is then among the sent ones with
// the proof of it.
func TestSendingNow(t *testing.T) {
	w := newTown(t)
	w.page.cfg.SendNow = w.core.Mail.SendNow
	id := w.outbox(t)
	proof := w.beside(w.page.ShowProof)
	if got := w.text(); !strings.Contains(got, "jonas.weber@stadt.example") || strings.Contains(got, "250 ") {
		t.Errorf("the proof says %q", got)
	}
	proof()
	w.core.SyncAll()
	if got := len(w.core.World.Sent()); got != 0 {
		t.Fatalf("%d sent before their time", got)
	}
	w.Click("Jetzt senden")
	if got := w.LastToast().Words; got != "Nachricht wird gesendet" {
		t.Errorf("says %q", got)
	}
	w.core.SyncAll()
	w.core.SyncAll()
	w.Settle()
	if got := len(w.core.World.Sent()); got != 1 || w.page.list.rows.Count() != 0 {
		t.Fatalf("%d sent, %d wait", got, w.page.list.rows.Count())
	}
	m, err := w.core.Mail.Open(w.ctx(), id)
	w.core.Must(err)
	if w.page.roleOf(m.FolderID) != mail.RoleSent || time.Since(m.Date) > time.Minute {
		t.Errorf("in %q, from %v", w.page.roleOf(m.FolderID), m.Date)
	}
	w.place(mail.RoleSent, "")
	w.choose("Erst morgen")
	defer w.beside(w.page.ShowProof)()
	if got := w.text(); !strings.Contains(got, "250 ") || !strings.Contains(got, "APPENDUID") {
		t.Errorf("the proof says %q", got)
	}
}

// text is what the window of a text shows.
func (w *town) text() string {
	if v, ok := w.Focused().(interface{ Text() string }); ok {
		return v.Text()
	}
	return ""
}

// TestSendingNowTooLate: what is under way by then is said, and not sent again.
func TestSendingNowTooLate(t *testing.T) {
	w := newTown(t)
	w.page.cfg.SendNow = w.core.Mail.SendNow
	w.outbox(t)
	ops, _ := w.waiting()
	w.core.Write(func(ctx context.Context, tx *storage.Tx) error {
		op := ops[0]
		op.State = journal.Running
		return tx.SaveOp(ctx, op)
	})
	w.page.SendNow()
	w.Settle()
	if errs := w.TakeErrors(); len(errs) != 1 {
		t.Fatalf("errors %v", errs)
	}
	w.core.Write(func(ctx context.Context, tx *storage.Tx) error { return tx.SaveOp(ctx, ops[0]) })
}

// TestNoReceiptsFromThisServer: whoever asks for a report of delivery learns before sending that nobody will send one, and
// decides.
func TestNoReceiptsFromThisServer(t *testing.T) {
	w := newTown(t)
	const silent = "Ihr Server bietet keine Zustellbestätigung an"
	set := func(value string) {
		w.core.Write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.SetSetting(ctx, smtpsend.ReportsSetting(w.core.Account), value)
		})
	}
	set("0")
	c, back := w.writing(w.page.Write)
	w.Fill("An", "jonas.weber@stadt.example")
	w.Fill("Betreff", "Frist")
	c.moreMenu()
	w.Settle()
	w.MustNotSay(silent)
	w.Click("Zustellbestätigung anfordern")
	w.MustSay(silent)
	w.Click("Senden")
	if ops, _ := w.waiting(); len(ops) != 0 {
		t.Fatal("it left without a word")
	}
	w.Click("Trotzdem senden")
	back()
	if ops, _ := w.waiting(); len(ops) != 1 {
		t.Fatalf("%d wait, errors %v", len(ops), w.TakeErrors())
	}

	set("1")
	c, _ = w.writing(w.page.Write)
	w.Fill("An", "jonas.weber@stadt.example")
	w.Fill("Betreff", "Frist 2")
	c.moreMenu()
	w.Settle()
	w.Click("Zustellbestätigung anfordern")
	w.MustSay("Zustellbestätigung angefordert.")
	w.MustNotSay(silent)
	w.Click("Senden")
	if ops, _ := w.waiting(); len(ops) != 2 {
		t.Fatalf("%d wait, errors %v", len(ops), w.TakeErrors())
	}
}
