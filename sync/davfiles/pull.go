// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"kontor/app/files"
	"kontor/storage"
	"kontor/sync/engine"
	"kontor/sync/reconcile"
	"kontor/sync/transport"
)

// Decisions of a person about a brake, in storage.FileServer.Decision.
const (
	DecisionAllow   = "allow"   // delete what the plan says
	DecisionRestore = "restore" // bring back what is missing on either side
	DecisionAdopt   = "adopt"   // take the local folder as it is for a new one: nothing is deleted
	DecisionPair    = "pair"    // take what answers at the address for a new server: nothing is deleted
)

// errOtherServer stops everything: what was known about the files is about another collection than the one that answers.
var errOtherServer = fmt.Errorf("another collection of files answers at the address: %w", transport.ErrPaused)

// Pull brings store and disk up to what the server holds, and the journal up to what changed on the disk. Local changes
// are recorded even where the server cannot be reached.
func (w *Worker) Pull(ctx context.Context) error {
	server, err := w.db.FileServer(ctx, w.cfg.Account.ID)
	if err != nil {
		return err
	}
	if paused, err := w.cfg.Traffic.Paused(ctx, w.cfg.Account.ID); err != nil || paused {
		return w.lookWhilePaused(ctx, server, err)
	}
	other := server.URL != "" && server.URL != w.cfg.Account.FilesURL
	if other {
		server = anew(server)
	}
	look := &ahead{w: w, server: server}
	defer look.close()
	list, listErr := w.list(ctx, server, look.begin)
	look.wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if listErr == nil && (other || (server.RootID != "" && list.rootID != server.RootID)) {
		if !other && server.Decision != DecisionPair { // nobody has entered another address
			return errors.Join(errOtherServer, w.ask(ctx, files.ConflictDetail{Brake: files.BrakeOtherServer}))
		}
		server.Decision = ""
		if err := w.pairAnew(ctx, server); err != nil {
			return err
		}
	}
	root, s, err := w.plan(ctx, list, server, look)
	if err != nil || listErr != nil {
		return errors.Join(listErr, err)
	}
	if err := w.withdraw(ctx); err != nil {
		return err
	}
	if !s.temps {
		w.swept.Store(true)
	}
	s = s.rest()
	if err := errors.Join(w.fetchAll(ctx, root), w.sweepProbe(ctx)); err != nil {
		return err
	}
	if err := errors.Join(w.disk.Align(ctx), w.askWho(ctx)); err != nil {
		return err
	}
	return w.remember(ctx, s)
}

// lookWhilePaused records what changed on the disk, without the server.
func (w *Worker) lookWhilePaused(ctx context.Context, server storage.FileServer, err error) error {
	if err == nil && server.Marker != "" {
		_, _, err = w.plan(ctx, nil, server, nil)
	}
	if err != nil {
		return err
	}
	return engine.ErrNotAsked
}

// anew keeps of what is known about a server what is about this side.
func anew(s storage.FileServer) storage.FileServer {
	return storage.FileServer{AccountID: s.AccountID, Marker: s.Marker, Decision: s.Decision, Used: -1, Free: -1}
}

// pairAnew forgets what another server held, after the address has changed or another collection answers at it: both
// sides are united like at the first time, and nothing is taken for deleted.
func (w *Worker) pairAnew(ctx context.Context, server storage.FileServer) error {
	w.log.Warn("another server answers, both sides are united anew")
	return w.db.WriteDurable(ctx, func(tx *storage.Tx) error {
		if err := tx.ForgetServer(ctx, w.cfg.Account.ID); err != nil {
			return err
		}
		return tx.SaveFileServer(ctx, anew(server))
	})
}

// LookLocally records what changed on the disk, without the network, so that what waits can be seen while offline.
func LookLocally(ctx context.Context, cfg Config) error {
	w, err := New(cfg)
	if err != nil {
		return err
	}
	defer w.Close() //nolint:errcheck // only looked
	server, err := w.db.FileServer(ctx, cfg.Account.ID)
	if err != nil || server.Marker == "" {
		return err
	}
	_, _, err = w.plan(ctx, nil, server, nil)
	return err
}

// plan compares the disk with the listing and records what follows. Meanwhile nothing else rearranges the disk. early is a
// look that was taken before, nil for none.
func (w *Worker) plan(ctx context.Context, list *listing, server storage.FileServer, early *ahead) (string, *situation, error) {
	defer w.disk.lock()()
	root, err := w.openRoot(ctx, server)
	if err != nil {
		return "", nil, err
	}
	if err := w.disk.align(ctx, root); err != nil {
		return "", nil, err
	}
	s := early.take(root)
	if s == nil {
		s = w.situation()
		if err := w.look(ctx, root, s); err != nil {
			return "", nil, err
		}
	}
	s.list = list
	if list != nil && list.same && ignoreMark(s.ignore) != w.ignoreText(ctx) { // what was ignored may not be any more
		server.RootETag = ""
		if s.list, err = w.list(ctx, server, nil); err != nil {
			return "", nil, err
		}
	}
	if server.Decision != "" || !s.settled() {
		if err := w.reconcile(ctx, root, s, server.Decision); err != nil {
			return root, s, err
		}
	}
	return root, s, w.saveNotes(ctx, s)
}

// openRoot turns a missing root into a question for the person, unless that was answered.
func (w *Worker) openRoot(ctx context.Context, server storage.FileServer) (string, error) {
	root, err := w.disk.OpenRoot(ctx)
	if err == nil {
		return root, w.disk.hold(root)
	}
	if !errors.Is(err, errNoRoot) {
		return "", err
	}
	if server.Decision == "" {
		return "", errors.Join(err, w.ask(ctx, files.ConflictDetail{Brake: files.BrakeNoRoot}))
	}
	if err := w.disk.Adopt(ctx); err != nil {
		return "", err
	}
	return w.disk.OpenRoot(ctx)
}

// Adopt takes the root as it is for a new one: no copy is known any more, and the next run unites both sides.
func (d *Disk) Adopt(ctx context.Context) error {
	return d.db.WriteDurable(ctx, func(tx *storage.Tx) error {
		if err := tx.ForgetCopies(ctx, d.account); err != nil {
			return err
		}
		s, err := tx.FileServer(ctx, d.account)
		if err != nil {
			return err
		}
		s.Marker, s.Decision, s.RootETag = "", "", ""
		return tx.SaveFileServer(ctx, s)
	})
}

// look reads what is stored and what lies on the disk.
func (w *Worker) look(ctx context.Context, root string, s *situation) (err error) {
	if s.rows, err = w.db.AllFiles(ctx, w.cfg.Account.ID); err != nil {
		return err
	}
	if s.ops, err = w.db.FileOps(ctx, w.cfg.Account.ID); err != nil {
		return err
	}
	w.disk.know(s.rows)
	seen, err := w.disk.scan(ctx, root, byLocal(s.rows))
	if err != nil {
		return err
	}
	s.disk, s.ignore, s.notes, s.temps = seen.all, seen.ignore, seen.notes, seen.temps
	s.leaveOut()
	return nil
}

// byLocal gives the rows by the places of their copies.
func byLocal(rows []storage.FileRow) map[string]*storage.FileRow {
	all := make(map[string]*storage.FileRow, len(rows))
	for i := range rows {
		if p := rows[i].Local.Path; p != "" {
			all[p] = &rows[i]
		}
	}
	return all
}

// reconcile plans and records. The brakes become questions.
func (w *Worker) reconcile(ctx context.Context, root string, s *situation, decision string) error {
	in := s.input()
	in.Allow, in.Restore = decision != "", decision == DecisionRestore
	plan := reconcile.PlanFiles(in)
	if plan.Brake != reconcile.NoBrake {
		return errors.Join(fmt.Errorf("too much would be deleted at once: %w", transport.ErrPaused), w.ask(ctx, brakeDetail(plan, in)))
	}
	clashes, err := w.apply(ctx, s, plan)
	if err != nil {
		return err
	}
	for _, local := range s.opened {
		allow(abs(root, local))
	}
	for _, local := range clashes {
		if err := w.stepAside(ctx, root, local); err != nil {
			return err
		}
	}
	if decision != "" && s.list != nil {
		err := w.disk.updateServer(ctx, func(s *storage.FileServer) { s.Decision = "" })
		if err != nil {
			return err
		}
	}
	return w.disk.align(ctx, root)
}

// stepAside gives a local file another name, since the server has a folder of its name or the other way round.
func (w *Worker) stepAside(ctx context.Context, root, local string) error {
	name := w.conflictName(ctx, root, files.Parent(local), files.Base(local))
	if err := os.Rename(abs(root, local), abs(root, files.Join(files.Parent(local), name))); err != nil {
		return fmt.Errorf("rename a file: %w", err)
	}
	w.count.conflicts.Add(1)
	return nil
}

// conflictName finds a free name beside a local file: what is only shown there has its name as well.
func (w *Worker) conflictName(ctx context.Context, root, folder, name string) string {
	return files.ConflictName(name, w.cfg.ConflictWord, w.cfg.Who, time.Now(), func(n string) bool {
		_, err := os.Lstat(abs(root, files.Join(folder, n)))
		if err != nil {
			_, err = w.db.FileByPath(ctx, w.cfg.Account.ID, files.Join(folder, n))
		}
		return err == nil
	})
}

func brakeDetail(plan reconcile.FilesPlan, in reconcile.FilesInput) files.ConflictDetail {
	d := files.ConflictDetail{}
	switch plan.Brake {
	case reconcile.EmptyRemote:
		d.Brake = files.BrakeEmptyServer
	case reconcile.OlderRemote:
		return olderDetail(in)
	case reconcile.EmptyLocal:
		d.Brake, d.OnServer = files.BrakeEmptyDisk, true
	case reconcile.MassRemote:
		d.Brake, d.OnServer = files.BrakeMassDelete, true
	case reconcile.MassLocal, reconcile.NoBrake:
		d.Brake = files.BrakeMassDelete
	}
	in.Allow = true
	for _, a := range reconcile.PlanFiles(in).Actions {
		if a.Dir || (a.Kind != reconcile.RemoveLocal && a.Kind != reconcile.RemoveRemote) {
			continue
		}
		d.Count, d.Paths = d.Count+1, firstPaths(d.Paths, a.Path)
	}
	return d
}

// ask stores a question about the whole tree as a conflict.
func (w *Worker) ask(ctx context.Context, d files.ConflictDetail) error {
	raw, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return w.db.WriteDurable(ctx, func(tx *storage.Tx) error {
		_, err := tx.AddConflict(ctx, storage.ConflictRow{AccountID: w.cfg.Account.ID, Kind: "file", Title: w.cfg.Account.Name, Detail: raw})
		return err
	})
}

// withdraw takes back the questions about the whole tree: nothing stopped this run, so their reason is gone. An answer given
// later would be one about something else.
func (w *Worker) withdraw(ctx context.Context) error {
	all, err := w.db.Conflicts(ctx)
	if err != nil {
		return err
	}
	for _, c := range all {
		var d files.ConflictDetail
		if c.Kind != "file" || c.AccountID != w.cfg.Account.ID || json.Unmarshal(c.Detail, &d) != nil || d.Brake == files.BrakeNone {
			continue
		}
		if err := w.db.Write(ctx, func(tx *storage.Tx) error { return tx.ResolveConflict(ctx, c.ID) }); err != nil {
			return err
		}
	}
	return nil
}

// rest is what remember needs: the trees of tens of thousands of files do not stay in memory while files are fetched.
func (s *situation) rest() *situation {
	list := *s.list
	list.items = nil
	return &situation{ignore: s.ignore, list: &list, frozen: s.frozen, aside: s.aside}
}

// remember keeps what the listing said about the server, once everything it told is stored.
func (w *Worker) remember(ctx context.Context, s *situation) error {
	waiting, err := w.db.FetchQueue(ctx, w.cfg.Account.ID)
	if err != nil {
		return err
	}
	return w.db.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.SetSetting(ctx, w.ignoreKey(), ignoreMark(s.ignore)); err != nil {
			return err
		}
		server, err := tx.FileServer(ctx, w.cfg.Account.ID)
		if err != nil {
			return err
		}
		server.URL, server.Used, server.Free = w.cfg.Account.FilesURL, s.list.used, s.list.free
		server.RootETag, server.RootID = "", s.list.rootID
		server.Propagates = storage.AnswerNo
		if s.list.rootID != "" {
			server.Propagates = storage.AnswerYes // only ownCloud and Nextcloud give folders an identity; their ETags propagate
		}
		if len(s.list.unlisted) == 0 && len(waiting) == 0 && len(s.frozen) == 0 && !s.aside {
			server.RootETag = s.list.rootETag
		}
		return tx.SaveFileServer(ctx, server)
	})
}
