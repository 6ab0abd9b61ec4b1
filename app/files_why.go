// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/engine"
	"kontor/sync/transport"
)

// Step is what a person can do at once about an entry that waits.
type Step string

// The steps.
const (
	StepNone    Step = ""
	StepRetry   Step = "retry"   // Journal.Retry with Op
	StepRelease Step = "release" // Journal.Release with Op
	StepResume  Step = "resume"  // Files.Pause with false
	StepDecide  Step = "decide"  // on the page of what travels
)

// FileWhy is why an entry has not arrived where it should be, in the language in use: what happened and what is safe or to
// do, one sentence each.
type FileWhy struct {
	Title  string
	Advice string
	Server string    // in its own words
	Next   time.Time // of the next attempt, zero where none is planned
	Step   Step
	Op     int64
	Locked bool // Files.Who may tell by whom
}

// Words are title and advice as one text.
func (w FileWhy) Words() string {
	if w.Advice == "" {
		return w.Title
	}
	return w.Title + " " + w.Advice
}

// whyFacts are what the reason follows from.
type whyFacts struct {
	entry   files.Entry
	ops     []journal.Op // pending ones about the entry, oldest first
	before  string       // what has to reach the server before the first of them, in a person's words
	choice  bool         // the person works offline
	paused  bool         // the transfers of the account are
	metered bool         // octets cost money now
	asked   bool         // a person asked for the content
	cause   transport.Cause
	next    time.Time // of the connection
	now     time.Time
}

// Why tells why an entry waits or was refused; nothing for one that is as it should be.
func (f *Files) Why(ctx context.Context, id int64) (FileWhy, error) {
	e, err := f.Entry(ctx, id)
	if err != nil {
		return FileWhy{}, err
	}
	all, err := f.Whys(ctx, []files.Entry{e})
	return all[id], err
}

// Whys is Why for those of many entries that have a reason.
func (f *Files) Whys(ctx context.Context, list []files.Entry) (map[int64]FileWhy, error) {
	all, accounts := map[int64]FileWhy{}, map[int64]whyFacts{}
	for _, e := range list {
		if e.State != files.Waiting && e.State != files.Rejected {
			continue
		}
		facts, known := accounts[e.AccountID]
		if !known {
			var err error
			if facts, err = f.accountFacts(ctx, e.AccountID); err != nil {
				return all, err
			}
			accounts[e.AccountID] = facts
		}
		if err := f.entryFacts(ctx, e, &facts); err != nil {
			return all, err
		}
		if why := facts.why(); why != (FileWhy{}) {
			all[e.ID] = why
		}
	}
	return all, nil
}

func (f *Files) accountFacts(ctx context.Context, account int64) (facts whyFacts, err error) {
	facts.now = time.Now()
	choice, err := f.db.Setting(ctx, engine.SettingOffline, "")
	if err != nil {
		return facts, err
	}
	facts.choice = choice == "1"
	if facts.paused, err = f.traffic.Paused(ctx, account); err != nil {
		return facts, err
	}
	if _, facts.metered, err = f.traffic.Metered(ctx); err != nil {
		return facts, err
	}
	connections, err := f.db.Connections(ctx)
	for _, c := range connections {
		if c.AccountID == account && c.Protocol == "files" {
			facts.cause, facts.next = transport.Cause(c.Cause), c.NextTry
		}
	}
	return facts, err
}

func (f *Files) entryFacts(ctx context.Context, e files.Entry, facts *whyFacts) error {
	facts.entry, facts.before = e, ""
	row, err := f.db.File(ctx, e.ID)
	if err != nil {
		return err
	}
	facts.asked = row.Wanted
	ops, err := f.db.OpsFor(ctx, "files", e.ID)
	if err != nil {
		return err
	}
	facts.ops = slices.DeleteFunc(ops, func(op journal.Op) bool { return len(op.Targets) == 0 || op.Targets[0].ID != e.ID })
	if len(facts.ops) == 0 || facts.ops[0].DependsOn == 0 {
		return nil
	}
	first, err := f.db.Op(ctx, facts.ops[0].DependsOn)
	switch {
	case errors.Is(err, storage.ErrNotFound):
	case err != nil:
		return err
	case first.State.Pending():
		facts.before = first.Target
	}
	return nil
}

// why gives the reason that a person can do the most about.
func (f whyFacts) why() FileWhy {
	if i := slices.IndexFunc(f.ops, func(op journal.Op) bool { return op.State == journal.Failed }); i >= 0 {
		return refused(f.ops[i])
	}
	if f.entry.Problem != "" {
		return FileWhy{Title: i18n.T(f.entry.Problem), Advice: i18n.T(f.entry.Problem + ".advice"), Locked: f.entry.Problem == "files.problem.locked"}
	}
	if i := slices.IndexFunc(f.ops, func(op journal.Op) bool { return op.State == journal.Held }); i >= 0 {
		return f.says("held", StepRelease, f.ops[i])
	}
	op := journal.Op{}
	if len(f.ops) > 0 {
		op = f.ops[0]
	}
	return f.waits(op)
}

// waits gives the reason of what nobody refused.
func (f whyFacts) waits(op journal.Op) FileWhy {
	loads := op.ID == 0
	switch {
	case f.choice:
		return f.says("offline", StepNone, op)
	case f.cause == transport.CausePaused:
		return f.connection(StepDecide)
	case op.State == journal.InDoubt && f.cause == transport.CauseNone:
		return f.says("in-doubt", StepNone, op)
	case f.paused:
		return f.says("paused", StepResume, op)
	case f.metered && loads && !f.asked:
		return f.says("metered", StepNone, op)
	case f.metered && op.Kind == journal.FilePut && op.Undone:
		return f.says("metered-up", StepNone, op)
	case op.LastError != "" && f.cause == transport.CauseNone:
		title, advice := ExplainOp(op)
		w := FileWhy{Title: title, Advice: advice, Server: op.LastError, Step: StepRetry, Op: op.ID, Locked: op.Cause == "files.locked"}
		if op.NextTry.After(f.now) {
			w.Next = op.NextTry
		}
		return w
	case f.cause != transport.CauseNone:
		return f.connection(StepNone)
	case f.before != "":
		return FileWhy{Title: i18n.T("files.why.after.title", "name", f.before), Advice: i18n.T("files.why.after.advice")}
	case loads:
		return f.says("next-down", StepNone, op)
	}
	return f.says("next", StepNone, op)
}

func (f whyFacts) says(key string, step Step, op journal.Op) FileWhy {
	return FileWhy{Title: i18n.T("files.why." + key + ".title"), Advice: i18n.T("files.why." + key + ".advice"), Step: step, Op: op.ID}
}

func (f whyFacts) connection(step Step) FileWhy {
	key := "app.error.cause." + string(f.cause)
	w := FileWhy{Title: i18n.T(key + ".title"), Advice: i18n.T(key + ".advice"), Step: step}
	if f.next.After(f.now) {
		w.Next = f.next
	}
	return w
}

// refused explains what will not be tried again by itself.
func refused(op journal.Op) FileWhy {
	w := FileWhy{Server: op.LastError, Step: StepRetry, Op: op.ID, Locked: op.Cause == "files.locked"}
	if cause := transport.Cause(cmp.Or(op.Cause, string(transport.CauseServer))); cause == transport.CauseServer {
		w.Title, w.Advice = i18n.T("files.why.refused.title"), i18n.T("files.why.refused.advice")
		return w
	}
	op.LastError = cmp.Or(op.LastError, op.Cause)
	w.Title, w.Advice = ExplainOp(op)
	return w
}

// WhoWords says in few words who made the version on the server; nil where the server was not asked yet.
func WhoWords(w *files.Who) string {
	switch {
	case w == nil:
		return i18n.T("files.who.not-asked")
	case w.Self:
		return i18n.T("files.who.self")
	case w.Changed != "":
		return w.Changed
	}
	return i18n.T("files.who.unknown")
}

// Who asks the server who changed an entry last, whose it is and who keeps it locked, as far as it tells.
func (f *Files) Who(ctx context.Context, id int64) (files.Who, error) {
	row, w, err := f.askAbout(ctx, id)
	if err != nil {
		return files.Who{}, err
	}
	return w.Who(ctx, row)
}
