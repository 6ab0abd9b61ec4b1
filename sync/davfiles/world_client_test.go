// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kontor/app/files"
	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/engine"
	"kontor/sync/reconcile"
	"kontor/sync/simworld"
)

// mistake is one that programs of this kind make.
type mistake uint8

// The mistakes.
const (
	noMistake      mistake = iota
	unconditional          // uploads without a condition and without a look before
	baseTooEarly           // the common version is stored before the upload
	deletionWins           // a deletion is carried out although the item has changed since
	destroysUnseen         // a copy is taken away or overwritten without a look whether it is the one that is known
	partialIsWhole         // what was not listed is taken for gone
	sameLook               // same size and time are taken for the same content
	copyStays              // the copy of a conflict is not uploaded
	againUnasked           // what is in doubt is done again without asking the server
	blindDownload          // a download is installed although the file changed here meanwhile
	awayIsGone             // what is not kept here is taken for deleted
	storedTooEarly         // a download is recorded before the disk has it for certain
	releasesUnseen         // a copy that is not kept any more is removed although it was changed
	namesByOctets          // two names are taken for two although the disk takes them for one
	mistakes
)

var (
	errCut   = errors.New("the line is cut")
	errCrash = errors.New("the program ended")
	errBrake = errors.New("a person must decide")
)

// fate is what becomes of one request.
type fate uint8

// The fates.
const (
	arrives fate = iota
	requestLost
	answerLost
	cutInside // an upload arrives in part, a listing or a download is not whole
	fates
)

// worldClient is one program with its disk, its store and its journal. It decides with the functions of the real one:
// the planner, the recording of plans and outcomes, the journal and the engine's choice are the same code. What reads and
// writes the disk and the server is played.
type worldClient struct {
	name    string
	w       *Worker
	disk    *simworld.FileDisk
	server  *simworld.FileServer
	store   *simworld.FileStore
	durable *simworld.FileStore // what a power cut leaves, kept while one may come
	dark    bool                // the program ended by a power cut
	mistake mistake
	line    func(method string) fate
	crash   func() bool
	answer  func() bool // to a brake: whether what is missing is to be brought back
	decided string
	leaving map[int64]bool // rows that this run takes away
	listed  string         // the state of the server when it began to list
	wrong   string         // a file that went to the recycle bin although the server has it, unchanged and at its place
	now     time.Time
	used    bool     // the person works in the window as well
	torn    []string // contents in whose place a download came when the program ended, before that was stored
	loose   []string // likewise, should the power be cut before the next durable write
	note    func(format string, args ...any)
}

const worldAccount = 1

func newWorldClient(name string, s *simworld.FileServer, d *simworld.FileDisk) *worldClient {
	c := &worldClient{name: name, server: s, disk: d, store: simworld.NewFileStore()}
	c.w = &Worker{cfg: Config{Account: storage.Account{ID: worldAccount}, ConflictWord: "Konflikt", Who: name}}
	c.w.disk = &Disk{account: worldAccount}
	c.rules(files.Rules{FoldCase: d.Fold, Composes: d.Decompose || d.Fold})
	c.now = time.Now().Add(time.Hour) // what waits for the real clock is due
	return c
}

// rules are what the program knows of the names on its disk.
func (c *worldClient) rules(r files.Rules) { c.w.disk.shape.Store(&shape{able: able{Rules: r}}) }

// err makes a mistake.
func (c *worldClient) err(m mistake) {
	if c.mistake = m; m == namesByOctets {
		c.rules(files.Rules{})
	}
}

// ask carries a request over the line.
func (c *worldClient) ask(method string, do func()) error {
	f := arrives
	if c.line != nil {
		f = c.line(method)
	}
	c.server.Tick()
	if f == requestLost || f == cutInside {
		return errCut
	}
	do()
	if f == answerLost {
		return errCut
	}
	return nil
}

// flush is a durable write: what is stored until now survives a power cut.
func (c *worldClient) flush() {
	c.loose = nil
	if c.crash != nil {
		c.durable = c.store.Clone()
	}
}

// ends reports whether the program ends at this moment, between two writes.
func (c *worldClient) ends() bool {
	if c.crash == nil {
		return false
	}
	c.disk.Mark()
	return c.crash()
}

var kindNames = []string{"refresh", "link", "take", "contend", "put", "mkdir", "move remote", "move local", "remove remote", "remove local", "drop", "clash"}

func (c *worldClient) say(format string, args ...any) {
	if c.note != nil {
		c.note("  "+format, args...)
	}
}

// sync is one round of the engine: what waits goes out, what is new comes in, and what came of it goes out.
func (c *worldClient) sync() error {
	c.now, c.leaving = c.now.Add(time.Hour), map[int64]bool{}
	c.flush()
	for _, op := range c.store.Pending() {
		c.save(journal.Recover(op, c.now))
	}
	if err := c.pushAll(); err != nil {
		return err
	}
	if err := c.pull(); err != nil {
		return err
	}
	return c.pushAll()
}

func (c *worldClient) save(op journal.Op) { must(c.store.SaveOp(context.Background(), op)) }

// must is for the store in memory, which does not fail but by a mistake in here.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// pushAll hands out operations until none is due.
func (c *worldClient) pushAll() error {
	for {
		trains := engine.Pick(c.store.Pending(), c.w.Kinds(), 1, c.now, func(id int64) journal.State {
			op, err := c.store.Op(context.Background(), id)
			must(err)
			return op.State
		}, nil)
		if len(trains) == 0 {
			return nil
		}
		if err := c.carryOut(trains[0].As); err != nil {
			return err
		}
	}
}

// pushed is what an attempt came to; store records what the server holds then.
type pushed struct {
	outcome journal.Outcome
	store   func(rowTx) error
	err     error
}

// carryOut attempts one operation and stores its outcome with what the server now holds.
func (c *worldClient) carryOut(op journal.Op) error {
	settling := op.State == journal.InDoubt
	if !settling {
		started, err := journal.Start(op, c.now)
		if err != nil {
			return err
		}
		op = started
		c.save(op)
		c.flush()
	}
	var p pushed
	switch {
	case settling && c.mistake == againUnasked:
		p.outcome = journal.Retry
	case settling:
		p = c.settle(op)
	default:
		p = c.push(op)
	}
	c.say("%s: %s of row %d to %s: outcome %d, %v", c.name, op.Kind, op.Targets[0].ID, op.Target, p.outcome, p.err)
	if c.ends() {
		return errCrash
	}
	reason := ""
	if p.err != nil {
		reason = p.err.Error()
	}
	if settling {
		op.Tries++
	}
	next := journal.Next(op, p.outcome, reason, c.now, 0)
	if p.outcome == journal.Retry && settling {
		next.NextTry = c.now
	}
	c.save(next)
	if p.store != nil {
		if err := p.store(c.store); err != nil {
			return fmt.Errorf("store an outcome: %w", err)
		}
	}
	c.flush()
	if errors.Is(p.err, errCut) || errors.Is(p.err, errCrash) {
		return p.err
	}
	return nil
}

// pull brings store and disk up to what the server holds, and the journal up to what changed on the disk.
func (c *worldClient) pull() error {
	list, listErr := c.list()
	if c.ends() {
		return errCrash
	}
	s, err := c.plan(list)
	if err != nil || listErr != nil {
		return errors.Join(listErr, err)
	}
	if err := c.fetchAll(); err != nil {
		return err
	}
	if err := c.align(); err != nil {
		return err
	}
	c.remember(s)
	return nil
}

// list reads the tree of the server, folder by folder or in one answer.
func (c *worldClient) list() (*listing, error) {
	ctx := context.Background()
	known, err := c.store.FileServer(ctx, worldAccount)
	must(err)
	c.listed = c.server.RootTag()
	out := &listing{items: map[string]*remote{}, used: -1, free: -1}
	if err := c.ask("PROPFIND root", func() {
		out.rootETag = c.server.RootTag()
		if c.server.IDs && c.server.Propagates {
			out.rootID = "root"
		}
	}); err != nil {
		return nil, err
	}
	if known.Propagates == storage.AnswerYes && out.rootID == known.RootID && out.rootETag == known.RootETag {
		out.same = true
		return out, nil
	}
	note := func(nodes []*simworld.FileNode) {
		for _, n := range nodes {
			out.items[n.Path] = c.seen(n)
		}
	}
	if c.server.Infinity {
		if err := c.ask("PROPFIND", func() { note(c.server.Within("", true)) }); err != nil {
			return nil, err // nothing may be concluded from what it lacks
		}
		return out, nil
	}
	folders := []string{""}
	for len(folders) > 0 {
		folder := folders[0]
		folders = folders[1:]
		f := arrives
		if c.line != nil {
			f = c.line("PROPFIND folder")
		}
		gone := folder != "" && (c.server.Get(folder) == nil || !c.server.Get(folder).Dir)
		switch {
		case f == cutInside && folder != "" && c.mistake == partialIsWhole:
			continue
		case folder != "" && (f == cutInside || gone):
			out.unlisted = append(out.unlisted, folder) // an error of the server about this folder
			continue
		case f != arrives:
			return nil, errCut
		}
		below := c.server.Within(folder, false)
		note(below)
		for _, n := range below {
			if n.Dir {
				folders = append(folders, n.Path)
			}
		}
	}
	return out, nil
}

func (c *worldClient) seen(n *simworld.FileNode) *remote {
	return &remote{dir: n.Dir, FileRemote: storage.FileRemote{
		Path: n.Path, ETag: c.server.Tag(n), FileID: n.ID, Size: size(n.Content), Modified: time.Unix(1e9+int64(c.server.Age(n)), 0),
	}}
}

// size makes contents of different words equally long.
func size(content string) int64 { return int64(len(content)) }

// stat asks for one item; nil where it is not there.
func (c *worldClient) stat(path string) (*remote, error) {
	var it *remote
	err := c.ask("PROPFIND", func() {
		if n := c.server.Get(path); n != nil {
			it = c.seen(n)
			it.Path = path
		}
	})
	return it, err
}

// plan compares the disk with the listing and records what follows.
func (c *worldClient) plan(list *listing) (*situation, error) {
	if err := c.align(); err != nil {
		return nil, err
	}
	s := &situation{rules: c.w.disk.ability().Rules, place: c.w.disk.local, ignore: &files.Ignore{}, list: list, rows: c.store.All()}
	s.ops, _ = c.store.FileOps(context.Background(), worldAccount) //nolint:errcheck // in memory
	s.disk = c.scan(s.rows)
	in := s.input()
	in.Allow, in.Restore = c.decided != "", c.decided == DecisionRestore
	if c.mistake == awayIsGone {
		in.Away = nil
		in.Local = slices.DeleteFunc(in.Local, func(it reconcile.Item) bool { return it.Stub && !it.Dir })
	}
	plan := reconcile.PlanFiles(in)
	if plan.Brake != reconcile.NoBrake {
		c.decided = DecisionAllow
		if c.answer != nil && c.answer() {
			c.decided = DecisionRestore
		}
		return nil, errBrake
	}
	if c.ends() {
		return nil, errCrash
	}
	if c.mistake == copyStays {
		plan.Actions = slices.DeleteFunc(plan.Actions, func(a reconcile.FileAction) bool {
			return a.Kind == reconcile.Put && strings.Contains(a.Path, "(Konflikt")
		})
	}
	for _, a := range plan.Actions {
		c.leaving[a.Key] = c.leaving[a.Key] || a.Kind == reconcile.RemoveLocal
		c.say("%s: %s %s from %q, row %d, implied %t, frozen %t", c.name, kindNames[a.Kind], a.Path, a.From, a.Key, a.Implied, s.frozen[a.Key])
	}
	clashes, err := c.w.record(context.Background(), c.store, s, plan)
	if err != nil {
		return nil, err
	}
	if err := c.store.Check(); err != nil && c.mistake == noMistake {
		return nil, fmt.Errorf("after a plan: %w", err)
	}
	c.flush()
	if c.ends() {
		return nil, errCrash
	}
	for _, local := range clashes {
		must(c.disk.Rename(local, files.Join(files.Parent(local), c.conflictName(files.Parent(local), files.Base(local)))))
	}
	if list != nil {
		c.decided = ""
	}
	return s, c.align()
}

// conflictName finds a free name beside a local file.
func (c *worldClient) conflictName(folder, name string) string {
	return files.ConflictName(name, "Konflikt", c.name, c.now, func(n string) bool {
		_, err := c.store.FileByPath(context.Background(), worldAccount, files.Join(folder, n))
		return err == nil || c.disk.Get(files.Join(folder, n)) != nil
	})
}

func (c *worldClient) remember(s *situation) {
	ctx := context.Background()
	server, err := c.store.FileServer(ctx, worldAccount)
	must(err)
	server.RootETag, server.RootID, server.Propagates = "", s.list.rootID, storage.AnswerNo
	if s.list.rootID != "" {
		server.Propagates = storage.AnswerYes
	}
	if len(s.list.unlisted) == 0 && len(c.store.ToFetch()) == 0 && len(s.frozen) == 0 && !s.aside {
		server.RootETag = s.list.rootETag
	}
	must(c.store.SaveFileServer(ctx, server))
}

// fetchAll downloads what is asked for.
func (c *worldClient) fetchAll() error {
	rows := c.store.ToFetch()
	slices.SortStableFunc(rows, func(a, b storage.FileRow) int { return int(a.Remote.Size - b.Remote.Size) })
	for _, r := range rows {
		if err := c.fetch(r); err != nil {
			return err
		}
	}
	return nil
}

// fetch downloads one file and puts it in its place.
func (c *worldClient) fetch(r storage.FileRow) error {
	local := r.Local.Path
	if local == "" {
		local = c.w.disk.local(r.Path)
	}
	if c.disk.Mkdir(files.Parent(local)) != nil {
		return nil //nolint:nilerr // a problem of this file
	}
	var got *simworld.FileNode
	if err := c.ask("GET", func() { got = c.server.Get(r.Remote.Path) }); err != nil {
		return err
	}
	if got == nil || got.Dir || !reconcile.SameTag(c.server.Tag(got), r.Remote.ETag) || c.disk.Full {
		return nil
	}
	content := got.Content
	c.say("%s: got row %d for %s: %s", c.name, r.ID, local, content)
	if c.ends() {
		return errCrash
	}
	mine := storage.FileLocal{}
	if there := c.disk.Get(local); there != nil && (r.Local.Path == "" || !there.Dir) {
		mine = read(there)
		mine.Path = local
		if r.Local.Path == "" {
			mine.Hash = unknownHash
		}
	}
	landing := reconcile.LandFile(r.Local.Path != "", mine.Hash, content, r.Base.Hash)
	if c.mistake == blindDownload && landing == reconcile.Split || c.mistake == destroysUnseen && landing == reconcile.Later {
		landing = reconcile.Install
	}
	switch landing {
	case reconcile.Adopt:
		must(dropUploads(context.Background(), c.store, r.ID))
		must(c.store.SaveFetched(context.Background(), *fetched(r, mine)))
		c.flush()
		return nil
	case reconcile.Retag:
		r.Base.ETag = r.Remote.ETag
		must(c.store.SaveFetched(context.Background(), r))
		return nil
	case reconcile.Split:
		return c.contend(r, mine, content)
	case reconcile.Later:
		return nil
	case reconcile.Install:
	}
	return c.install(r, local, content)
}

func (c *worldClient) install(r storage.FileRow, local, content string) error {
	// A rename replaces the file: another inode.
	temp := local + ".~k"
	if c.disk.Write(temp, content) != nil {
		return nil //nolint:nilerr // no room: later
	}
	if c.disk.Rename(temp, local) != nil {
		c.disk.Remove(temp)
		return nil //nolint:nilerr // a folder took its place: the next scan finds it
	}
	if c.ends() {
		c.torn = append(c.torn, r.Base.Hash)
		return errCrash
	}
	if c.mistake != storedTooEarly {
		c.disk.Sync()
	}
	l := read(c.disk.Get(local))
	l.Path = local
	must(c.store.SaveFetched(context.Background(), *fetched(r, l)))
	c.loose = append(c.loose, r.Base.Hash)
	return nil
}

// contend keeps both versions of a file that was changed on both sides.
func (c *worldClient) contend(r storage.FileRow, mine storage.FileLocal, content string) error {
	ctx := context.Background()
	name := c.conflictName(files.Parent(r.Local.Path), files.Base(r.Path))
	mine.Path = r.Local.Path
	split, err := splitConflict(ctx, c.store, r, mine, name)
	must(err)
	c.forgetCopy()
	c.flush()
	if c.ends() {
		return errCrash
	}
	if err := c.align(); err != nil {
		return err
	}
	target := c.w.disk.local(r.Path)
	if c.disk.Get(target) != nil {
		return nil
	}
	row, err := c.store.File(ctx, split.ID)
	must(err)
	return c.install(row, target, content)
}

// forgetCopy is the mistake of leaving the copy of a conflict where it is.
func (c *worldClient) forgetCopy() {
	if c.mistake != copyStays {
		return
	}
	for _, op := range c.store.Pending() {
		if op.Kind == journal.FilePut && strings.Contains(op.Target, "(Konflikt") {
			op.State = journal.Done
			c.save(op)
		}
	}
}
