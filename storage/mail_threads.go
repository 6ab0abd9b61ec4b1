// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"kontor/app/mail"
)

// placed says where a message is among conversations.
type placed struct{ group, thread int64 }

// joinThreads puts new messages into conversations and moves others that they tie together.
func (tx *Tx) joinThreads(ctx context.Context, messages []mail.Threaded) ([]placed, error) {
	var refs []int64
	for _, m := range messages {
		refs = append(refs, m.Refs...)
	}
	keys := map[int64]int64{}
	err := tx.each(ctx, `SELECT id, group_id FROM mail_refs WHERE id IN (SELECT value FROM json_each(?))`, []any{jsonIDs(refs)}, func(scan func(...any) error) error {
		var key, group int64
		err := scan(&key, &group)
		keys[key] = group
		return err
	})
	if err != nil {
		return nil, err
	}
	known, err := tx.groups(ctx, slices.Collect(maps.Values(keys)))
	if err != nil {
		return nil, err
	}
	g := mail.Join(messages, keys, known)
	if err := tx.mergeGroups(ctx, g, known); err != nil {
		return nil, err
	}
	if err := tx.addRefs(ctx, g.Keys); err != nil {
		return nil, err
	}
	gone := make([]mail.Group, 0, len(g.Merged))
	for from := range g.Merged {
		if old, ok := known[from]; ok {
			gone = append(gone, old)
		}
	}
	for id := range g.Groups {
		if old, ok := known[id]; ok {
			gone = append(gone, old)
		}
	}
	if err := tx.settleGroups(ctx, g.Groups, gone); err != nil {
		return nil, err
	}
	out := make([]placed, len(messages))
	for i, group := range g.Of {
		out[i] = placed{group, g.Groups[group].Thread}
	}
	return out, nil
}

// groups reads groups by their IDs.
func (r reads) groups(ctx context.Context, ids []int64) (map[int64]mail.Group, error) {
	out := make(map[int64]mail.Group, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	list, err := r.groupList(ctx, `WHERE id IN (SELECT value FROM json_each(?))`, jsonIDs(ids))
	for _, g := range list {
		out[g.ID] = g
	}
	return out, err
}

func (r reads) groupList(ctx context.Context, where string, args ...any) ([]mail.Group, error) {
	var list []mail.Group
	err := r.each(ctx, `SELECT id, first, base, reply, thread_id FROM mail_groups `+where, args, func(scan func(...any) error) error {
		var g mail.Group
		err := scan(&g.ID, &g.First, &g.Base, &g.Reply, &g.Thread)
		list = append(list, g)
		return err
	})
	return list, err
}

// mergeGroups moves the messages and keys of groups that turned out to be part of another one.
func (tx *Tx) mergeGroups(ctx context.Context, g mail.Grouping, known map[int64]mail.Group) error {
	for from, to := range g.Merged {
		old, ok := known[from]
		if !ok {
			continue // it began in this batch
		}
		members, err := tx.members(ctx, []int64{old.Thread}, map[int64]bool{from: true})
		if err != nil {
			return err
		}
		moved := map[int64]int64{}
		for _, m := range members {
			for _, key := range m.Refs {
				moved[key] = to
			}
		}
		if err := tx.addRefs(ctx, moved); err != nil {
			return err
		}
		if err := tx.moveGroup(ctx, old, to, g.Groups[to].Thread); err != nil {
			return err
		}
		if _, err := tx.exec(ctx, `DELETE FROM mail_groups WHERE id = ?`, from); err != nil {
			return err
		}
	}
	return nil
}

// moveGroup moves the messages of a group into another one, or into another conversation.
func (tx *Tx) moveGroup(ctx context.Context, old mail.Group, group, thread int64) error {
	_, err := tx.exec(ctx, `UPDATE messages SET group_id = ?, thread_id = ? WHERE thread_id = ? AND group_id = ?`, group, thread, old.Thread, old.ID)
	return err
}

// member is a message with its place among conversations.
type member struct {
	mail.Threaded
	placed
}

const memberColumns = `id, account_id, message_id, in_reply_to, refs, subject, group_id, thread_id`

// members reads the messages of some groups, which are in some conversations; all of them for nil.
func (r reads) members(ctx context.Context, threads []int64, groups map[int64]bool) ([]member, error) {
	all, err := r.memberList(ctx, `WHERE thread_id IN (SELECT value FROM json_each(?)) ORDER BY id`, jsonIDs(threads))
	return slices.DeleteFunc(all, func(m member) bool { return !groups[m.group] }), err
}

func (r reads) memberList(ctx context.Context, where string, args ...any) ([]member, error) {
	var out []member
	err := r.each(ctx, `SELECT `+memberColumns+` FROM messages `+where, args, func(scan func(...any) error) error {
		var m member
		var id, account int64
		var messageID, inReplyTo, references, subject string
		err := scan(&id, &account, &messageID, &inReplyTo, &references, &subject, &m.group, &m.thread)
		m.Threaded = mail.NewThreaded(account, id, messageID, inReplyTo, words(references), subject)
		out = append(out, m)
		return err
	})
	return out, err
}

var addMailRefs = insertRows(`mail_refs (id, group_id)`, ` ON CONFLICT (id) DO UPDATE SET group_id = excluded.group_id`)

// addRefs stores keys and their groups, in the order of the table.
func (tx *Tx) addRefs(ctx context.Context, refs map[int64]int64) error {
	keys := slices.Sorted(maps.Keys(refs))
	return tx.runRows(ctx, addMailRefs, len(keys), func(args []any, i int) []any { return append(args, keys[i], refs[keys[i]]) })
}

// settleGroups stores groups that are new or changed and divides those of their subjects into conversations anew. gone
// are groups as they were before. It fills in the conversations of the given groups.
func (tx *Tx) settleGroups(ctx context.Context, groups map[int64]mail.Group, gone []mail.Group) error {
	all, was := maps.Clone(groups), map[int64]mail.Group{} // was is what the messages know
	bases, loose := map[int64]bool{}, map[int64]bool{}     // loose: with an answer whose original is not there
	for _, g := range slices.Concat(gone, slices.Collect(maps.Values(groups))) {
		if g.Base != 0 {
			bases[g.Base] = true
			loose[g.Base] = loose[g.Base] || g.Reply
		}
		if _, ok := was[g.ID]; !ok && g.Thread != 0 {
			was[g.ID] = g
		}
	}
	list, err := tx.groupList(ctx, `WHERE base <> 0 AND base IN (SELECT base FROM mail_groups WHERE reply = 1 AND base <> 0 AND base IN (SELECT value FROM json_each(?1))
		UNION SELECT value FROM json_each(?2))`, jsonIDs(slices.Collect(maps.Keys(bases))), jsonIDs(answers(loose)))
	if err != nil {
		return err
	}
	for _, g := range list {
		if _, ok := all[g.ID]; !ok {
			all[g.ID], was[g.ID] = g, g
		}
	}
	for _, g := range mail.Settle(slices.Collect(maps.Values(all))) {
		if old, ok := was[g.ID]; ok {
			if err := tx.moveGroup(ctx, old, g.ID, g.Thread); err != nil {
				return err
			}
		}
		groups[g.ID] = g
	}
	return tx.putGroups(ctx, groups)
}

func answers(loose map[int64]bool) []int64 {
	var out []int64
	for base, yes := range loose {
		if yes {
			out = append(out, base)
		}
	}
	return out
}

var addMailGroups = insertRows(`mail_groups (id, first, base, reply, thread_id)`,
	` ON CONFLICT (id) DO UPDATE SET first = excluded.first, base = excluded.base, reply = excluded.reply, thread_id = excluded.thread_id`)

func (tx *Tx) putGroups(ctx context.Context, groups map[int64]mail.Group) error {
	ids := slices.Sorted(maps.Keys(groups))
	return tx.runRows(ctx, addMailGroups, len(ids), func(args []any, i int) []any {
		g := groups[ids[i]]
		return append(args, g.ID, g.First, g.Base, g.Reply, g.Thread)
	})
}

// leaveThreads takes messages out of their conversations, which may fall apart, before they are deleted or when they are
// to be put elsewhere.
func (tx *Tx) leaveThreads(ctx context.Context, ids []int64) error {
	leaving, err := tx.memberList(ctx, `WHERE id IN (SELECT value FROM json_each(?))`, jsonIDs(ids))
	if err != nil || len(leaving) == 0 {
		return err
	}
	groups, out := map[int64]bool{}, map[int64]bool{}
	var threads, refs []int64
	for _, m := range leaving {
		groups[m.group], out[m.ID] = true, true
		threads = append(threads, m.thread)
		refs = append(refs, m.Refs...)
	}
	staying, err := tx.members(ctx, threads, groups)
	if err != nil {
		return err
	}
	staying = slices.DeleteFunc(staying, func(m member) bool { return out[m.ID] })
	for _, m := range staying {
		refs = append(refs, m.Refs...)
	}
	return tx.regroup(ctx, slices.Collect(maps.Keys(groups)), refs, staying)
}

// rejoin puts a message that left its conversation into one again.
func (tx *Tx) rejoin(ctx context.Context, m mail.Threaded) error {
	at, err := tx.joinThreads(ctx, []mail.Threaded{m})
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `UPDATE messages SET group_id = ?, thread_id = ? WHERE id = ?`, at[0].group, at[0].thread, m.ID)
	return err
}

// regroup makes groups anew from the messages that are in them. refs are the keys that led to them.
func (tx *Tx) regroup(ctx context.Context, groups, refs []int64, members []member) error {
	gone, err := tx.groupList(ctx, `WHERE id IN (SELECT value FROM json_each(?))`, jsonIDs(groups))
	if err != nil {
		return err
	}
	if _, err := tx.exec(ctx, `DELETE FROM mail_refs WHERE id IN (SELECT value FROM json_each(?1)) AND group_id IN (SELECT value FROM json_each(?2))`,
		jsonIDs(refs), jsonIDs(groups)); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, `DELETE FROM mail_groups WHERE id IN (SELECT value FROM json_each(?))`, jsonIDs(groups)); err != nil {
		return err
	}
	messages, was := make([]mail.Threaded, len(members)), make([]mail.Group, len(members))
	for i, m := range members {
		messages[i], was[i] = m.Threaded, mail.Group{ID: m.group, Thread: m.thread}
	}
	list, of, keys := mail.Components(messages, was)
	if err := tx.addRefs(ctx, keys); err != nil {
		return err
	}
	now := make(map[int64]mail.Group, len(list))
	for _, g := range list {
		now[g.ID] = g
	}
	for i, m := range members {
		g := now[of[i]]
		if g.Thread == 0 {
			g.Thread = m.thread // until it is settled
			now[of[i]] = g
		}
		if g.ID == m.group && g.Thread == m.thread {
			continue
		}
		if _, err := tx.exec(ctx, `UPDATE messages SET group_id = ?, thread_id = ? WHERE id = ?`, g.ID, g.Thread, m.ID); err != nil {
			return err
		}
	}
	return tx.settleGroups(ctx, now, gone)
}

// RebuildThreads puts all messages into conversations anew.
func (tx *Tx) RebuildThreads(ctx context.Context) error {
	for _, query := range []string{`DELETE FROM mail_refs`, `DELETE FROM mail_groups`} {
		if _, err := tx.exec(ctx, query); err != nil {
			return fmt.Errorf("rebuild conversations: %w", err)
		}
	}
	all, err := tx.memberList(ctx, `ORDER BY id`)
	if err != nil {
		return fmt.Errorf("rebuild conversations: %w", err)
	}
	if err := tx.regroup(ctx, nil, nil, all); err != nil {
		return fmt.Errorf("rebuild conversations: %w", err)
	}
	return nil
}

// completeThreads finds out what an older version of the store did not know of conversations.
func (db *DB) completeThreads(ctx context.Context) error {
	var missing bool
	err := db.scan(ctx, []any{&missing}, `SELECT EXISTS (SELECT 1 FROM messages) AND NOT EXISTS (SELECT 1 FROM mail_groups)`)
	if err != nil || !missing {
		return err
	}
	return db.Write(ctx, func(tx *Tx) error { return tx.RebuildThreads(ctx) })
}

var threadInvariants = []invariant{
	{"message outside of its conversation", `SELECT 'message ' || m.id FROM messages m LEFT JOIN mail_groups g ON g.id = m.group_id
		WHERE g.id IS NULL OR m.thread_id <> g.thread_id`},
	{"group that does not begin with its oldest message", `SELECT 'group ' || g.id FROM mail_groups g
		LEFT JOIN (SELECT group_id, min(id) first FROM messages GROUP BY 1) m ON m.group_id = g.id
		WHERE m.first IS NULL OR m.first <> g.first OR NOT EXISTS (SELECT 1 FROM messages o WHERE o.id = g.id AND o.group_id = g.id)`},
	{"message that is not known by its Message-ID", `SELECT 'message ' || id FROM messages m
		WHERE mid_hash <> 0 AND NOT EXISTS (SELECT 1 FROM mail_refs r WHERE r.id = m.mid_hash AND r.group_id = m.group_id)`},
	{"reference to a group that is gone", `SELECT 'reference ' || id FROM mail_refs WHERE group_id NOT IN (SELECT id FROM mail_groups)`},
	{"conversation that answers are missing in", `SELECT 'group ' || id FROM ` + groupChain + ` WHERE continues AND thread_id <> before`},
	{"conversation of several", `SELECT 'conversation ' || thread_id FROM ` + groupChain + ` GROUP BY thread_id
		HAVING sum(NOT continues) <> 1 OR sum(id = thread_id) <> 1`},
}

// groupChain tells of each group whether it continues the one before it, as mail.Group.Continues does.
var groupChain = fmt.Sprintf(`(SELECT id, thread_id, before, reply AND base <> 0 AND before IS NOT NULL AND (first >> %[1]d) - (earlier >> %[1]d) <= %[2]d AS continues
	FROM (SELECT id, thread_id, first, base, reply, lag(thread_id) OVER chain AS before, lag(first) OVER chain AS earlier
		FROM mail_groups WINDOW chain AS (PARTITION BY base ORDER BY first)))`, mail.MinuteBits, mail.MaxSilence)
