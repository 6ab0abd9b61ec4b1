// SPDX-License-Identifier: EUPL-1.2

package syncui

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app"
	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/live"
	"kontor/app/tasks"
	"kontor/app/ui/theme"
	"kontor/app/ui/uitest"
	"kontor/storage"
	"kontor/sync/transport"
)

func at(h, m int) time.Time { return time.Date(2026, 11, 23, h, m, 0, 0, time.Local) }

// core stands in for journal and status.
type core struct {
	ops       []journal.Op
	conflicts []app.Conflict
	snap      app.Snapshot
	did       []string
	fail      error
}

func (c *core) note(format string, args ...any) error {
	c.did = append(c.did, fmt.Sprintf(format, args...))
	return c.fail
}

func (c *core) last() string {
	if len(c.did) == 0 {
		return ""
	}
	return c.did[len(c.did)-1]
}

func (c *core) List(context.Context, int) ([]journal.Op, error)   { return c.ops, c.fail }
func (c *core) Cancel(_ context.Context, id int64) error          { return c.note("cancel %d", id) }
func (c *core) Retry(_ context.Context, id int64) error           { return c.note("retry %d", id) }
func (c *core) Hold(_ context.Context, id int64) error            { return c.note("hold %d", id) }
func (c *core) Release(_ context.Context, id int64) error         { return c.note("release %d", id) }
func (c *core) Conflicts(context.Context) ([]app.Conflict, error) { return c.conflicts, nil }
func (c *core) Snapshot(context.Context) (app.Snapshot, error)    { return c.snap, nil }
func (c *core) Accounts(context.Context) ([]storage.Account, error) {
	return []storage.Account{{ID: 1, Name: "Amt"}}, nil
}

func (c *core) Resolve(_ context.Context, id int64, ch app.Choice) error {
	return c.note("resolve %d %s", id, ch)
}

func fileConflict(d files.ConflictDetail) app.Conflict {
	raw, _ := json.Marshal(d)
	return app.Conflict{ID: 7, Kind: "file", Title: "Kosten.ods", Created: at(8, 0), Detail: raw}
}

func newCore() *core {
	return &core{
		ops: []journal.Op{
			{ID: 1, Kind: journal.MailSend, Target: "Re: Vertretung", State: journal.Waiting, Created: at(9, 58), NextTry: at(10, 3)},
			{ID: 2, Kind: journal.FilePut, Target: "Aufmaß.ods", State: journal.Held, Created: at(9, 51)},
			{ID: 3, Kind: journal.TaskPut, Target: "Eine Aufgabe", State: journal.Failed, Created: at(9, 50), LastError: "403 Forbidden"},
			{ID: 4, Kind: journal.MailMove, Target: "Prüfbericht", State: journal.Done, Created: at(9, 10), Updated: at(9, 12)},
		},
		conflicts: []app.Conflict{fileConflict(files.ConflictDetail{Path: "Kosten.ods", Mine: files.Version{Size: 92_000, Modified: at(9, 30)}, Theirs: files.Version{Size: 94_500, Modified: at(8, 12)}})},
		snap: app.Snapshot{Offline: true, Mails: 10, Connections: []storage.Connection{
			{AccountID: 1, Protocol: "tasks", LastOK: at(9, 0)}, {AccountID: 1, Protocol: "mail", Cause: "offline", NextTry: at(10, 3)},
		}},
	}
}

// shown is the page on a core in memory.
type shown struct {
	*uitest.Scene
	*Page
	core *core
}

func show(t *testing.T, c *core, width float32) *shown {
	t.Helper()
	s := &shown{core: c, Scene: uitest.New(t)}
	s.Page = New(t.Context(), Config{
		Journal: c, Conflicts: c, Snapshot: c.Snapshot, Accounts: c.Accounts, SyncNow: func() { _ = c.note("sync") },
		ShowError: s.ShowError, Toast: s.Toast, Now: func() time.Time { return at(10, 2) },
	})
	s.Resize(width, 700)
	s.Enter(s.Page)
	return s
}

func TestDecisionsComeFirst(t *testing.T) {
	s := show(t, newCore(), 1300)
	var ids []int64
	for i := range s.list.Count() {
		e, _ := s.list.At(i)
		ids = append(ids, e.key())
	}
	if !slices.Equal(ids, []int64{-7, 3, 1, 2, 4}) {
		t.Fatalf("order %v", ids)
	}
}

func TestEachStateOffersWhatFits(t *testing.T) {
	want := map[journal.State][]verb{
		journal.Waiting: {cancelIt, holdIt, retryIt}, journal.Held: {releaseIt, cancelIt}, journal.Failed: {retryIt, cancelIt},
		journal.Running: nil, journal.InDoubt: nil, journal.Done: nil, journal.Cancelled: nil,
	}
	for state, verbs := range want {
		e := entry{op: journal.Op{State: state}}
		if !slices.Equal(e.verbs(), verbs) {
			t.Errorf("%s offers %v", state, e.verbs())
		}
		if words, icon, _ := e.state(true, at(10, 0)); words == "" || strings.HasPrefix(words, "syncui.") || !theme.HasIcon(icon) {
			t.Errorf("%s: %q with %q", state, words, icon)
		}
	}
	if e := (entry{op: journal.Op{Kind: journal.MailSend, State: journal.Waiting}}); !slices.Equal(e.verbs(), []verb{cancelIt, holdIt, sendIt}) {
		t.Errorf("a message that waits offers %v", e.verbs())
	}
	if e := (entry{conflict: &app.Conflict{}}); !slices.Equal(e.verbs(), []verb{decideIt}) {
		t.Errorf("a conflict offers %v", e.verbs())
	}
}

func TestActionsReachTheJournal(t *testing.T) {
	s := show(t, newCore(), 1300)
	s.list.SelectKey(3)
	s.Click("Wiederholen")
	if s.core.last() != "retry 3" || !strings.Contains(s.LastToast().Words, "Aufgabe ändern") {
		t.Fatalf("did %q, said %+v", s.core.last(), s.Toasts)
	}
	s.list.SelectKey(1)
	s.Key(fyne.KeyDelete)
	if s.core.last() != "cancel 1" {
		t.Fatalf("Delete: %q", s.core.last())
	}
	s.list.SelectKey(2)
	s.Key(fyne.KeyReturn, fyne.KeyReturn) // opens it, and presses its first button
	if s.core.last() != "release 2" {
		t.Fatalf("Enter: %q", s.core.last())
	}
	s.core.fail = errors.New("too late")
	e, _ := s.list.Current()
	s.do(e, cancelIt)
	s.Settle()
	if len(s.Errors) == 0 {
		t.Fatal("the error was not shown")
	}
}

func TestConflictIsDecided(t *testing.T) {
	s := show(t, newCore(), 1300)
	s.list.SelectKey(-7)
	s.Click("Meine Fassung nehmen")
	if s.core.last() != "resolve 7 mine" {
		t.Fatalf("did %q", s.core.last())
	}
	s.Click("Beide behalten")
	if s.core.last() != "resolve 7 both" {
		t.Fatalf("did %q", s.core.last())
	}
}

func TestDecisionInANarrowWindow(t *testing.T) {
	s := show(t, newCore(), 600)
	if s.side.content.Visible() || !s.more.Visible() {
		t.Fatal("there should be no room for the right column")
	}
	s.list.SelectKey(-7)
	s.Key(fyne.KeyReturn)
	if !s.side.content.Visible() || s.Focused() != fyne.Focusable(s.side.choice) {
		t.Fatal("the decision is not in front")
	}
	s.Click("Zurück zur Liste")
	if s.side.content.Visible() {
		t.Fatal("the list is not back")
	}
}

func TestRefreshReadsAgain(t *testing.T) {
	s := show(t, newCore(), 1300)
	s.core.ops = s.core.ops[:1]
	s.Refresh(live.Mail)
	if s.list.Count() != 5 {
		t.Fatal("a change of mail was taken for one of the journal")
	}
	s.Refresh(live.Journal)
	s.Settle()
	if s.list.Count() != 2 {
		t.Fatalf("%d entries", s.list.Count())
	}
	s.Hidden()
	if len(s.Panes()) != 1 || s.Actions() != nil {
		t.Fatal("panes and actions")
	}
}

// TestBrakesSayThreeThings, in both languages: what happened, what is safe, what to do; the answers fit the side that lost
// its files, and where nothing would be deleted there is no answer that says so.
func TestBrakesSayThreeThings(t *testing.T) {
	for _, lang := range []i18n.Lang{i18n.English, i18n.German} {
		i18n.Use(lang)
		for brake, want := range map[files.Brake][2]app.Choice{
			files.BrakeMassDelete: {app.Theirs, app.Mine}, files.BrakeEmptyServer: {app.Theirs, app.Mine}, files.BrakeEmptyDisk: {app.Theirs, app.Mine},
			files.BrakeNoRoot: {"", ""}, files.BrakeOtherServer: {"", ""}, files.BrakeOlderServer: {app.Theirs, app.Theirs},
		} {
			for i, onServer := range []bool{false, true} {
				for _, n := range []int{1, 12} {
					q := ask(fileConflict(files.ConflictDetail{Brake: brake, Count: n, OnServer: onServer}))
					for _, words := range []string{q.why, q.safe, q.advice} {
						if len(words) < 20 || strings.Contains(words, "syncui.") || strings.Contains(words, "{{") || !strings.HasSuffix(words, ".") {
							t.Errorf("%s %v %s: %q", lang, onServer, brake, words)
						}
					}
					if q.versions || q.brake == nil || q.brake.goOn != want[i] || q.brake.keep != app.Both {
						t.Errorf("%s: %+v", brake, q.brake)
					}
				}
			}
		}
		for _, cause := range []transport.Cause{
			transport.CauseUnreachable, transport.CauseSignIn, transport.CauseCertificate, transport.CauseNoTLS, transport.CauseHost, transport.CausePortal,
			transport.CauseServer, transport.CausePaused,
		} {
			if words := causeWhy(storage.Connection{Cause: string(cause)}); strings.Contains(words, "syncui.") || strings.Count(words, ".") < 2 {
				t.Errorf("%s %s: %q", lang, cause, words)
			}
		}
	}
}

func TestQuestions(t *testing.T) {
	i18n.Use(i18n.German)
	gone := ask(fileConflict(files.ConflictDetail{Mine: files.Version{Size: 1, Hash: "x"}}))
	if gone.theirs[0].Value != "Gelöscht" {
		t.Errorf("a version that is gone: %+v", gone)
	}
	task := func(title, due string) string {
		return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VTODO\r\nUID:1\r\nSUMMARY:" + title + "\r\nDUE;VALUE=DATE:" + due + "\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
	}
	for _, reason := range []tasks.Reason{tasks.ReasonFields, tasks.ReasonDeletedThere, tasks.ReasonDeletedHere, tasks.ReasonMoving, tasks.ReasonEmptied} {
		raw, _ := json.Marshal(tasks.Conflict{Reason: reason, Mine: task("Bericht", "20261130"), Theirs: task("Bericht", "20261201"), Count: 3})
		q := ask(app.Conflict{Kind: "task", Detail: raw})
		if strings.HasPrefix(q.why, "syncui.") {
			t.Errorf("no words for %s", reason)
		}
		if q.versions && (len(q.mine) != 1 || q.mine[0].Value != "30.11.2026" || q.theirs[0].Value != "01.12.2026") {
			t.Errorf("%s: only what differs should be shown: %+v", reason, q)
		}
	}
	for _, c := range []app.Conflict{{Kind: "file", Detail: []byte("{")}, {Kind: "task", Detail: []byte("{")}, {Kind: "mail"}} {
		if q := ask(c); q.why == "" || q.versions {
			t.Errorf("%s with no detail: %+v", c.Kind, q)
		}
	}
}

func TestEveryKindHasWordsAndAnIcon(t *testing.T) {
	for _, lang := range []i18n.Lang{i18n.German, i18n.English} {
		i18n.Use(lang)
		for _, k := range []journal.Kind{
			journal.MailFlags, journal.MailMove, journal.MailCopy, journal.MailDelete, journal.MailAppend, journal.MailSend, journal.MailFolderCreate,
			journal.MailFolderRename, journal.MailFolderDelete, journal.FilePut, journal.FileMkdir, journal.FileMove, journal.FileDelete, journal.TaskPut,
			journal.TaskMove, journal.TaskDelete, journal.TaskListCreate, journal.TaskListEdit, journal.TaskListDelete,
		} {
			words, icon := entry{op: journal.Op{Kind: k}}.words()
			if strings.HasPrefix(words, "syncui.") || icon == "sync" || !theme.HasIcon(icon) {
				t.Errorf("%s: %q with icon %q", k, words, icon)
			}
		}
	}
	i18n.Use(i18n.German)
	for cause := range map[string]bool{"": true, "offline": true, "sign-in": true, "certificate": true, "no-tls": true, "host": true, "portal": true, "server": true, "paused": true, "unreachable": true, "choice": true} {
		if words, _, _ := connectionState(storage.Connection{Cause: cause}); strings.HasPrefix(words, "syncui.") {
			t.Errorf("no words for %q", cause)
		}
	}
	if inWords(102*time.Second) != "1:42" || inWords(-time.Second) != "0:00" {
		t.Error("waiting times")
	}
}

func TestTheNameOfAFileComesFirst(t *testing.T) {
	for words, want := range map[string]string{
		"Bauamt/Nord/Plan.pdf": "Plan.pdf · Bauamt/Nord", "Plan.pdf": "Plan.pdf", "Bauamt/a.pdf → Nord/a.pdf": "Bauamt/a.pdf → Nord/a.pdf",
	} {
		if got := (entry{op: journal.Op{Kind: journal.FilePut, Target: words}}).about(); got != want {
			t.Errorf("%q: %q", words, got)
		}
	}
	if got := (entry{op: journal.Op{Kind: journal.MailSend, Target: "Kosten 3/4"}}).about(); got != "Kosten 3/4" {
		t.Errorf("a subject became %q", got)
	}
}
