// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/engine"
	"kontor/sync/reconcile"
)

// flagged is what became of a change of flags in one folder.
type flagged struct {
	rows []storage.RemoteMail
	now  map[uint32]fetched // flags by UID, as they were read afterwards
	own  mail.FlagsOp       // what the folder does not keep, and so is kept here only
	want mail.FlagsOp
}

func (w *Worker) pushFlags(ctx context.Context, c *client, p mail.FlagsOp) (engine.Result, error) {
	ids := p.IDs
	var done []flagged
	var gone []storage.RemoteMail
	for range 2 { // once more for those that are somewhere else by now
		groups, err := w.located(ctx, c, ids)
		if err != nil {
			return engine.Result{}, err
		}
		gone = nil
		for _, g := range groups {
			if err := w.open(ctx, c, g.folder); err != nil {
				return engine.Result{}, err
			}
			f, err := c.changeFlags(g, p)
			if err != nil {
				return engine.Result{}, err
			}
			f.want = p
			done = append(done, f)
			for _, r := range g.rows {
				if _, there := f.now[r.UID]; !there {
					gone = append(gone, r)
				}
			}
		}
		if ids, err = w.follow(ctx, c, gone); err != nil {
			return engine.Result{}, err
		}
		if len(ids) == 0 {
			break
		}
	}
	return engine.Result{Proof: flagProof(done, gone), Apply: func(ctx context.Context, tx *storage.Tx) error {
		for _, f := range done {
			if err := f.apply(ctx, tx); err != nil {
				return err
			}
		}
		if err := removeGone(ctx, tx, gone); err != nil {
			return err
		}
		return tx.RecomputeMessages(ctx, w.account, p.IDs)
	}}, nil
}

// flagProof says in short what is not as it was asked for: how many messages are gone, what is kept here only.
func flagProof(done []flagged, gone []storage.RemoteMail) string {
	var words []string
	own := 0
	for _, f := range done {
		if !f.own.Empty() {
			own += len(f.own.IDs)
		}
	}
	seen := 0
	for _, f := range done {
		for _, r := range f.rows {
			if f.readHere(r.UID) {
				seen++
			}
		}
	}
	if seen > 0 {
		words = append(words, fmt.Sprintf("read here only: %d", seen))
	}
	if own > 0 {
		words = append(words, fmt.Sprintf("keywords kept here only: %d", own))
	}
	if len(gone) > 0 {
		words = append(words, fmt.Sprintf("gone: %d", len(gone)))
	}
	return strings.Join(words, ", ")
}

// readHere reports whether a message was read, in a folder that does not keep that.
func (f flagged) readHere(uid uint32) bool {
	now, there := f.now[uid]
	return there && f.want.Add.Has(mail.Seen) && !now.flags.Has(mail.Seen)
}

// apply stores the flags as the server has them now.
func (f flagged) apply(ctx context.Context, tx *storage.Tx) error {
	for _, r := range f.rows {
		now, there := f.now[r.UID]
		if !there {
			continue
		}
		if err := tx.KeepKeywords(ctx, r.ID, f.own.AddKeywords, f.own.RemoveKeywords); err != nil {
			return err
		}
		if here := f.readHere(r.UID); here || f.want.Remove.Has(mail.Seen) {
			if err := tx.KeepSeen(ctx, r.ID, here); err != nil {
				return err
			}
		}
		if err := tx.SetRemoteState(ctx, r.ID, now.flags, now.keywords); err != nil {
			return err
		}
	}
	return nil
}

// removeGone removes messages that are no longer on the server, unless something else waits for them.
func removeGone(ctx context.Context, tx *storage.Tx, gone []storage.RemoteMail) error {
	for _, r := range gone {
		if _, err := tx.RemoveUIDs(ctx, r.FolderID, []uint32{r.UID}); err != nil {
			return err
		}
	}
	return nil
}

// changeFlags changes flags in the open folder and reads afterwards what they are. Where the server can, the first
// attempt is for messages only that nobody has changed since they were seen last (RFC 7162, section 3.1.3). For the others
// it is decided anew, flag by flag, what is still to be changed.
func (c *client) changeFlags(g group, p mail.FlagsOp) (flagged, error) {
	f := flagged{rows: g.rows}
	lost, unknown := c.refusedFlags(p.Add, p.AddKeywords)
	_, never := c.refusedFlags(0, p.RemoveKeywords)
	if !g.folder.Rights.Has(mail.RightSeen) {
		lost |= mail.Seen
	}
	send := p.Without(lost, slices.Concat(unknown, never))
	send.IDs = p.IDs
	since := uint64(0)
	if c.has("CONDSTORE") && c.box.modseq > 0 {
		since = g.folder.ModSeq
	}
	need := map[string]*batch{"": {op: send, uids: g.uids()}}
	for round := 0; ; round++ {
		now, err := c.storeAll(need, since)
		if err != nil {
			return f, err
		}
		if f.now == nil {
			f.now = map[uint32]fetched{}
		}
		for uid, state := range now {
			f.now[uid] = state
		}
		if need = stillNeeded(send, now); len(need) == 0 || round == 2 {
			break
		}
		since = 0
	}
	for _, b := range need { // the server took it and did not keep it
		unknown = append(unknown, b.op.AddKeywords...)
	}
	f.own = mail.FlagsOp{IDs: p.IDs, AddKeywords: unknown, RemoveKeywords: p.RemoveKeywords}
	if len(unknown) == 0 {
		f.own.IDs = nil
	}
	return f, nil
}

// batch is messages that the same change is to be made to.
type batch struct {
	op   mail.FlagsOp
	uids []uint32
}

// stillNeeded sorts messages by what is still to be changed about them.
func stillNeeded(want mail.FlagsOp, now map[uint32]fetched) map[string]*batch {
	need := map[string]*batch{}
	for uid, state := range now {
		op := want.Missing(state.flags, state.keywords)
		op.IDs = want.IDs
		if op.Empty() {
			continue
		}
		op.IDs = nil
		key := fmt.Sprint(op)
		if need[key] == nil {
			need[key] = &batch{op: op}
		}
		need[key].uids = append(need[key].uids, uid)
	}
	for _, b := range need {
		b.uids = reconcile.Ascending(b.uids)
	}
	return need
}

// storeAll sends the changes and, in the same turn, asks for the flags afterwards. With since, a message that was changed
// after it is passed over by the server; one change of it is sent at a time then, because the first would stop the second.
func (c *client) storeAll(need map[string]*batch, since uint64) (map[uint32]fetched, error) {
	now := map[uint32]fetched{}
	defer func() { c.on.fetch = nil }()
	c.on.fetch = func(f fetched) {
		if f.uid != 0 && f.hasFlags {
			now[f.uid] = f
		}
	}
	condition := ""
	if since > 0 {
		condition = "(UNCHANGEDSINCE " + strconv.FormatUint(since, 10) + ") "
	}
	var cmds []*command
	for _, b := range need {
		add, remove := wireFlags(b.op.Add, b.op.AddKeywords, false), wireFlags(b.op.Remove, b.op.RemoveKeywords, true)
		for _, set := range uidSets(b.uids) {
			if len(add) > 0 {
				cmds = append(cmds, c.send("UID STORE ", set, " ", condition, "+FLAGS.SILENT (", strings.Join(add, " "), ")"))
			}
			if len(remove) > 0 && (len(add) == 0 || condition == "") {
				cmds = append(cmds, c.send("UID STORE ", set, " ", condition, "-FLAGS.SILENT (", strings.Join(remove, " "), ")"))
			}
			cmds = append(cmds, c.send("UID FETCH ", set, " (UID FLAGS)"))
		}
	}
	if err := c.wait(cmds...); err != nil {
		return nil, fmt.Errorf("change flags: %w", err)
	}
	return now, nil
}
