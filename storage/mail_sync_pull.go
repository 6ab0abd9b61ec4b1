// SPDX-License-Identifier: EUPL-1.2

package storage

import "context"

// UIDCounts counts for each of an account's folders on the server the messages whose UIDs are known.
func (r reads) UIDCounts(ctx context.Context, accountID int64) (map[int64]int, error) {
	counts := map[int64]int{}
	err := r.each(ctx, `SELECT f.id, (SELECT count(*) FROM messages INDEXED BY messages_remote WHERE remote_folder_id = f.id AND uid > 0)
		FROM folders f WHERE f.account_id = ?`, []any{accountID}, func(scan func(...any) error) error {
		var id int64
		var n int
		err := scan(&id, &n)
		counts[id] = n
		return err
	})
	return counts, err
}

// BodylessTotal says how many messages of an account lack their octets, and how many octets those have.
func (r reads) BodylessTotal(ctx context.Context, accountID int64) (mails int, octets int64, err error) {
	err = r.scan(ctx, []any{&mails, &octets}, `SELECT count(*), coalesce(sum(size), 0) FROM messages INDEXED BY messages_bodyless
		WHERE account_id = ? AND body_state = 0 AND uid > 0`, accountID)
	return mails, octets, err
}

// BodylessByUID gives, of messages of a server's folder, the IDs of those whose octets are to be fetched, by UID.
func (r reads) BodylessByUID(ctx context.Context, folderID int64, uids []uint32) (map[uint32]int64, error) {
	missing := map[uint32]int64{}
	err := r.each(ctx, `SELECT uid, id FROM messages INDEXED BY messages_remote WHERE remote_folder_id = ? AND uid > 0
		AND uid IN (SELECT value FROM json_each(?)) AND body_state = 0`, []any{folderID, jsonUIDs(uids)}, func(scan func(...any) error) error {
		var uid uint32
		var id int64
		err := scan(&uid, &id)
		missing[uid] = id
		return err
	})
	return missing, err
}

// BodylessOne gives where the server has a message whose octets are missing; ErrNotFound if they are not, or if the
// server does not have it.
func (r reads) BodylessOne(ctx context.Context, id int64) (Bodyless, error) {
	b := Bodyless{ID: id}
	err := r.scan(ctx, []any{&b.FolderID, &b.UID, &b.Size},
		`SELECT remote_folder_id, uid, size FROM messages WHERE id = ? AND body_state = 0 AND uid > 0 AND remote_folder_id > 0`, id)
	return b, err
}
