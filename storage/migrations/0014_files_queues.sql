-- SPDX-License-Identifier: EUPL-1.2
-- What waits to be arranged on the disk or to be fetched is looked for several times in each synchronisation, and is most
-- often nothing: the conditions are those of toAlign and toFetch in storage/files.go, word by word.

CREATE INDEX files_align ON files (account_id, path) WHERE
    CASE WHEN l_path <> '' THEN l_path <> path OR gone = 1 OR discard = 1 OR (kept = 0 AND wanted = 0 AND (dir = 1 OR b_hash = l_hash))
		WHEN gone = 1 THEN 0 ELSE trash <> '' OR (dir = 1 AND kept = 1) END;
CREATE INDEX files_fetch ON files (account_id, r_size) WHERE
    CASE WHEN dir = 1 OR gone = 1 OR r_path = '' THEN 0 WHEN l_path = '' THEN kept = 1 OR wanted = 1 ELSE b_etag <> r_etag END;
