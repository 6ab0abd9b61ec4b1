// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"kontor/app/journal"
	"kontor/app/mail"
)

// RemoteMail is where the server keeps a message and how it was seen there last.
type RemoteMail struct {
	ID        int64
	FolderID  int64 // the folder on the server, 0 for none
	ShownIn   int64 // the folder it is shown in
	UID       uint32
	Flags     mail.Flags
	Keywords  string // sorted, separated by spaces
	Size      int64
	HasBody   bool
	MessageID string
	Received  time.Time
	Sent      time.Time // the Date header
	From      string    // the address
	Subject   string
}

const remoteColumns = `id, remote_folder_id, folder_id, uid, remote_flags, remote_keywords, size, body_state = 1, message_id, received, sent, from_addr, subject`

func scanRemote(scan func(...any) error) (m RemoteMail, err error) {
	var received, sent int64
	err = scan(&m.ID, &m.FolderID, &m.ShownIn, &m.UID, &m.Flags, &m.Keywords, &m.Size, &m.HasBody, &m.MessageID, &received, &sent, &m.From, &m.Subject)
	m.Received, m.Sent = fromMillis(received), fromMillis(sent)
	return m, err
}

func (r reads) remotes(ctx context.Context, where string, args ...any) ([]RemoteMail, error) {
	var all []RemoteMail
	err := r.each(ctx, `SELECT `+remoteColumns+` FROM messages `+where, args, func(scan func(...any) error) error {
		m, err := scanRemote(scan)
		all = append(all, m)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	return all, nil
}

// RemoteMails reads where the server keeps these messages, in the order of their IDs.
func (r reads) RemoteMails(ctx context.Context, ids []int64) ([]RemoteMail, error) {
	return r.remotes(ctx, `WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id`, jsonIDs(ids))
}

// RemoteMailsByUID reads those messages of a server's folder whose UIDs are known.
func (r reads) RemoteMailsByUID(ctx context.Context, folderID int64, uids []uint32) ([]RemoteMail, error) {
	return r.remotes(ctx, `WHERE remote_folder_id = ? AND uid > 0 AND uid IN (SELECT value FROM json_each(?)) ORDER BY uid`, folderID, jsonUIDs(uids))
}

// FolderUIDs lists the UIDs that are known of a server's folder, ascending.
func (r reads) FolderUIDs(ctx context.Context, folderID int64) ([]uint32, error) {
	var list string // as one text: each row would cost ten times as much
	err := r.scan(ctx, []any{&list}, `SELECT coalesce(group_concat(uid, ' '), '') FROM
		(SELECT uid FROM messages INDEXED BY messages_remote WHERE remote_folder_id = ? AND uid > 0 ORDER BY uid)`, folderID)
	if err != nil || list == "" {
		return nil, err
	}
	uids := make([]uint32, 0, strings.Count(list, " ")+1)
	for word := range strings.SplitSeq(list, " ") {
		uid, err := strconv.ParseUint(word, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("read UIDs: %w", err)
		}
		uids = append(uids, uint32(uid))
	}
	return uids, nil
}

// CountUIDs counts the messages of a server's folder whose UIDs are known.
func (r reads) CountUIDs(ctx context.Context, folderID int64) (int, error) {
	var n int
	err := r.scan(ctx, []any{&n}, `SELECT count(*) FROM messages INDEXED BY messages_remote WHERE remote_folder_id = ? AND uid > 0`, folderID)
	return n, err
}

// Unplaced lists messages of an account that carry one of the keys (see mail.RefHash) and whose UID is not known or who
// are shown elsewhere than the server has them: a message that turns up on the server may be one of them. With them come
// those of bound (see BoundMail), wherever they are shown.
func (r reads) Unplaced(ctx context.Context, accountID int64, keys, bound []int64) ([]RemoteMail, error) {
	list, err := r.remotes(ctx, `INDEXED BY messages_unplaced WHERE account_id = ? AND (uid = 0 OR remote_folder_id <> folder_id)
		AND mid_hash IN (SELECT value FROM json_each(?)) ORDER BY id`, accountID, jsonIDs(keys))
	if err != nil || len(bound) == 0 {
		return list, err
	}
	more, err := r.RemoteMails(ctx, bound)
	for _, m := range more {
		if !slices.ContainsFunc(list, func(o RemoteMail) bool { return o.ID == m.ID }) {
			list = append(list, m)
		}
	}
	return list, err
}

// PlaceMail stores where the server has a message now. A row that another look at the server made of the same message
// meanwhile is removed.
func (tx *Tx) PlaceMail(ctx context.Context, id, folderID int64, uid uint32) error {
	if uid > 0 {
		other, err := tx.ids(ctx, `SELECT id FROM messages WHERE remote_folder_id = ? AND uid = ? AND id <> ?`, folderID, int64(uid), id)
		if err != nil {
			return fmt.Errorf("place message: %w", err)
		}
		if err := tx.RemoveMail(ctx, other); err != nil {
			return fmt.Errorf("place message: %w", err)
		}
	}
	if _, err := tx.exec(ctx, `UPDATE messages SET remote_folder_id = ?, uid = ? WHERE id = ?`, folderID, int64(uid), id); err != nil {
		return fmt.Errorf("place message: %w", err)
	}
	return nil
}

// ForgetUIDs drops the UIDs of a server's folder, after its UIDVALIDITY changed: its messages wait to be found again.
func (tx *Tx) ForgetUIDs(ctx context.Context, folderID int64) error {
	_, err := tx.exec(ctx, `UPDATE messages SET uid = 0 WHERE remote_folder_id = ? AND uid > 0`, folderID)
	return err
}

// UnfoundMail lists the messages of a server's folder whose UIDs are not known.
func (r reads) UnfoundMail(ctx context.Context, folderID int64) ([]int64, error) {
	return r.ids(ctx, `SELECT id FROM messages INDEXED BY messages_unplaced WHERE account_id = (SELECT account_id FROM folders WHERE id = ?1)
		AND (uid = 0 OR remote_folder_id <> folder_id) AND uid = 0 AND remote_folder_id = ?1`, folderID)
}

// LostMail gives those of these messages that the server has not been seen to have again, without those that an
// operation waits for.
func (r reads) LostMail(ctx context.Context, ids []int64) ([]int64, error) {
	return r.ids(ctx, `SELECT id FROM messages WHERE uid = 0 AND remote_folder_id <> 0 AND id IN (SELECT value FROM json_each(?))`+notPending, jsonIDs(ids))
}

// LostCounts counts, by the server's folder, the messages of an account whose UIDs are not known and that no operation
// waits for.
func (r reads) LostCounts(ctx context.Context, accountID int64) (map[int64]int, error) {
	lost := map[int64]int{}
	err := r.each(ctx, `SELECT remote_folder_id, count(*) FROM messages INDEXED BY messages_unplaced
		WHERE account_id = ? AND (uid = 0 OR remote_folder_id <> folder_id) AND uid = 0 AND remote_folder_id <> 0`+notPending+` GROUP BY 1`,
		[]any{accountID}, func(scan func(...any) error) error {
			var folder int64
			var n int
			err := scan(&folder, &n)
			lost[folder] = n
			return err
		})
	return lost, err
}

const notPending = ` AND NOT EXISTS (SELECT 1 FROM journal_targets t JOIN journal j ON j.id = t.op_id
	WHERE t.tbl = 'messages' AND t.row_id = messages.id AND j.state NOT IN ('done', 'cancelled'))`

// RemoveUIDs deletes messages that are gone from a server's folder. Those that a pending operation is about stay: the
// operation will find out. It returns how many were deleted.
func (tx *Tx) RemoveUIDs(ctx context.Context, folderID int64, uids []uint32) (int, error) {
	ids, err := tx.ids(ctx, `SELECT id FROM messages WHERE remote_folder_id = ? AND uid > 0 AND uid IN (SELECT value FROM json_each(?))`+notPending,
		folderID, jsonUIDs(uids))
	if err != nil {
		return 0, err
	}
	return len(ids), tx.RemoveMail(ctx, ids)
}

// RemoteFlags are the flags of a message as the server has them now.
type RemoteFlags struct {
	UID      uint32
	Flags    mail.Flags
	Keywords []string // sorted
}

// SetRemoteFlags stores flags as the server has them and returns how many messages they changed for. What a person
// changed meanwhile stays laid over them.
func (tx *Tx) SetRemoteFlags(ctx context.Context, accountID, folderID int64, list []RemoteFlags) (int, error) {
	kept, err := tx.keptKeywords(ctx, folderID)
	if err != nil {
		return 0, err
	}
	seen, err := tx.seenThere(ctx, folderID)
	if err != nil {
		return 0, err
	}
	rows := make([][3]any, len(list))
	for i, f := range list {
		if seen[f.UID] {
			f.Flags |= mail.Seen
		}
		if own := kept[f.UID]; len(own) > 0 {
			f.Keywords = mail.ChangeKeywords(f.Keywords, own, nil)
		}
		rows[i] = [3]any{f.UID, f.Flags, wordColumn(f.Keywords)}
	}
	b, err := json.Marshal(rows)
	if err != nil {
		return 0, err
	}
	type change struct {
		id       int64
		flags    mail.Flags
		keywords string
		pending  bool
	}
	var changed []change
	err = tx.each(ctx, `SELECT m.id, value ->> 1, value ->> 2, EXISTS (SELECT 1 FROM journal_targets t JOIN journal j ON j.id = t.op_id
			WHERE t.tbl = 'messages' AND t.row_id = m.id AND j.state NOT IN ('done', 'cancelled'))
		FROM json_each(?) CROSS JOIN messages m INDEXED BY messages_remote ON m.remote_folder_id = ? AND m.uid = value ->> 0 AND m.uid > 0
		WHERE m.remote_flags <> value ->> 1 OR m.remote_keywords <> value ->> 2`, []any{string(b), folderID}, func(scan func(...any) error) error {
		var c change
		err := scan(&c.id, &c.flags, &c.keywords, &c.pending)
		changed = append(changed, c)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("store flags: %w", err)
	}
	var again []int64
	for _, c := range changed {
		if c.pending {
			_, err = tx.exec(ctx, `UPDATE messages SET remote_flags = ?, remote_keywords = ? WHERE id = ?`, int64(c.flags), c.keywords, c.id)
			again = append(again, c.id)
		} else {
			_, err = tx.exec(ctx, `UPDATE messages SET remote_flags = ?1, remote_keywords = ?2, flags = ?1, keywords = ?2, hidden = ?4 WHERE id = ?3`,
				int64(c.flags), c.keywords, c.id, c.flags.Has(mail.Deleted))
		}
		if err != nil {
			return 0, fmt.Errorf("store flags: %w", err)
		}
	}
	return len(changed), tx.RecomputeMessages(ctx, accountID, again)
}

// SetRemoteState stores the flags of one message as the server has them now; RecomputeMessages shows them. What is
// kept here only stays with it: keywords, and that it was read.
func (tx *Tx) SetRemoteState(ctx context.Context, id int64, flags mail.Flags, keywords []string) error {
	var own string
	err := tx.scan(ctx, []any{&own}, `SELECT keywords FROM mail_kept WHERE id = ?`, id)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("store flags: %w", err)
	}
	keywords = mail.ChangeKeywords(keywords, words(own), nil)
	seen, err := tx.seenHere(ctx, id)
	if err != nil {
		return err
	}
	if seen {
		flags |= mail.Seen
	}
	_, err = tx.exec(ctx, `UPDATE messages SET remote_flags = ?, remote_keywords = ? WHERE id = ?`, int64(flags), wordColumn(keywords), id)
	return err
}

// KeepKeywords changes the keywords of a message that are kept here only, because its server keeps none.
func (tx *Tx) KeepKeywords(ctx context.Context, id int64, add, remove []string) error {
	var own string
	err := tx.scan(ctx, []any{&own}, `SELECT keywords FROM mail_kept WHERE id = ?`, id)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("keep keywords: %w", err)
	}
	list := mail.ChangeKeywords(words(own), add, remove)
	switch {
	case len(list) == 0 && own == "":
		return nil
	case len(list) == 0:
		_, err = tx.exec(ctx, `DELETE FROM mail_kept WHERE id = ?`, id)
	default:
		_, err = tx.exec(ctx, `INSERT INTO mail_kept (id, keywords) VALUES (?, ?)
			ON CONFLICT (id) DO UPDATE SET keywords = excluded.keywords`, id, wordColumn(list))
	}
	if err != nil {
		return fmt.Errorf("keep keywords: %w", err)
	}
	return nil
}

// keptKeywords reads the keywords that are kept here only, of the messages of a server's folder.
func (r reads) keptKeywords(ctx context.Context, folderID int64) (map[uint32][]string, error) {
	kept := map[uint32][]string{}
	err := r.each(ctx, `SELECT m.uid, k.keywords FROM mail_kept k CROSS JOIN messages m ON m.id = k.id WHERE m.remote_folder_id = ? AND m.uid > 0`,
		[]any{folderID}, func(scan func(...any) error) error {
			var uid uint32
			var own string
			err := scan(&uid, &own)
			kept[uid] = words(own)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read keywords: %w", err)
	}
	return kept, nil
}

// Bodyless is a message whose octets are still to be fetched.
type Bodyless struct {
	ID       int64
	FolderID int64 // on the server
	UID      uint32
	Size     int64
}

// BodylessMail lists messages of an account whose octets are missing, newest first, below the given ID (0 for the newest).
func (r reads) BodylessMail(ctx context.Context, accountID, below int64, limit int) ([]Bodyless, error) {
	if below == 0 {
		below = 1<<63 - 1
	}
	var all []Bodyless
	err := r.each(ctx, `SELECT id, remote_folder_id, uid, size FROM messages INDEXED BY messages_bodyless
		WHERE account_id = ? AND body_state = 0 AND uid > 0 AND id < ? ORDER BY id DESC LIMIT ?`, []any{accountID, below, limit}, func(scan func(...any) error) error {
		var b Bodyless
		err := scan(&b.ID, &b.FolderID, &b.UID, &b.Size)
		all = append(all, b)
		return err
	})
	return all, err
}

// CopyTwins gives messages whose octets are missing those of a copy that is stored: the same Message-ID, size, moment of
// reception and subject. It is what another program moved or copied, and returns those that got theirs.
func (tx *Tx) CopyTwins(ctx context.Context, ids []int64) ([]int64, error) {
	twins := map[int64]int64{}
	err := tx.each(ctx, `SELECT a.id, max(b.id) FROM messages a JOIN messages b INDEXED BY messages_thread
			ON b.thread_id = a.thread_id AND b.mid_hash = a.mid_hash AND b.account_id = a.account_id
			AND b.message_id = a.message_id AND b.size = a.size AND b.received = a.received AND b.subject = a.subject AND b.body_state = 1
		WHERE a.id IN (SELECT value FROM json_each(?)) AND a.mid_hash <> 0 AND a.body_state = 0 GROUP BY 1`, []any{jsonIDs(ids)}, func(scan func(...any) error) error {
		var to, from int64
		err := scan(&to, &from)
		twins[to] = from
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find copies: %w", err)
	}
	done := make([]int64, 0, len(twins))
	for to, from := range twins {
		if err := tx.CopyBody(ctx, from, to); err != nil {
			return nil, err
		}
		done = append(done, to)
	}
	return done, nil
}

// BoundMail gives, for the messages of an account that an operation running or in doubt puts into a folder, that folder.
func (r reads) BoundMail(ctx context.Context, accountID int64) (map[int64]int64, error) {
	bound := map[int64]int64{}
	err := r.each(ctx, `SELECT t.row_id, j.kind, j.payload FROM journal j JOIN journal_targets t ON t.op_id = j.id AND t.tbl = 'messages'
		WHERE j.account_id = ? AND j.state IN ('running', 'in-doubt')`, []any{accountID}, func(scan func(...any) error) error {
		var id int64
		var kind journal.Kind
		var payload []byte
		if err := scan(&id, &kind, &payload); err != nil {
			return err
		}
		effect, err := mail.ReadEffect(kind, payload)
		if into := effect.Into(); into != 0 && effect.About(id) {
			bound[id] = into
		}
		return err
	})
	return bound, err
}

func jsonUIDs(uids []uint32) string {
	wide := make([]int64, len(uids))
	for i, u := range uids {
		wide[i] = int64(u)
	}
	return jsonIDs(wide)
}
