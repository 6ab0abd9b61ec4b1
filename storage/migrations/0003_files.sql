-- SPDX-License-Identifier: EUPL-1.2
-- The tree of files. Every row has its place in three trees: path (what is shown), r_path (where the server had it last)
-- and l_path (where its copy lies on the disk, in the disk's own names, relative to the root). An empty r_path or l_path
-- means that the row has no place there. b_* is the version that disk and server last had in common.

CREATE TABLE files (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    parent_id  INTEGER NOT NULL DEFAULT 0, -- follows path, 0 for the entries of the root
    path       TEXT NOT NULL,
    name       TEXT NOT NULL,
    dir        INTEGER NOT NULL DEFAULT 0,
    gone       INTEGER NOT NULL DEFAULT 0, -- deleted here; the row waits until the server and the disk follow
    pinned     INTEGER NOT NULL DEFAULT 0, -- on this very row
    kept       INTEGER NOT NULL DEFAULT 0, -- this row or one above it is pinned
    wanted     INTEGER NOT NULL DEFAULT 0, -- asked for once
    discard    INTEGER NOT NULL DEFAULT 0, -- the change on the disk was taken back: the copy goes to the recycle bin
    size       INTEGER NOT NULL DEFAULT 0, -- octets, as shown
    mtime      INTEGER NOT NULL DEFAULT 0, -- Unix milliseconds, as shown
    r_path     TEXT NOT NULL DEFAULT '',
    r_etag     TEXT NOT NULL DEFAULT '',
    r_fileid   TEXT NOT NULL DEFAULT '',
    r_size     INTEGER NOT NULL DEFAULT 0,
    r_mtime    INTEGER NOT NULL DEFAULT 0, -- Unix milliseconds
    r_readonly INTEGER NOT NULL DEFAULT 0,
    l_path     TEXT NOT NULL DEFAULT '',
    l_size     INTEGER NOT NULL DEFAULT 0,
    l_mtime    INTEGER NOT NULL DEFAULT 0, -- Unix nanoseconds, as the disk has it
    l_ctime    INTEGER NOT NULL DEFAULT 0, -- Unix nanoseconds of the last change of the inode, 0 where the disk has none
    l_inode    TEXT NOT NULL DEFAULT '',
    l_hash     TEXT NOT NULL DEFAULT '',   -- SHA-256 in hex
    b_etag     TEXT NOT NULL DEFAULT '',
    b_hash     TEXT NOT NULL DEFAULT '',
    b_size     INTEGER NOT NULL DEFAULT 0,
    trash      TEXT NOT NULL DEFAULT '',   -- where the copy lies in the recycle bin
    problem    TEXT NOT NULL DEFAULT '',   -- a key of the translations
    progress   INTEGER NOT NULL DEFAULT -1, -- per cent of the running download
    verified   INTEGER NOT NULL DEFAULT 0  -- Unix milliseconds
) STRICT;
CREATE INDEX files_folder ON files (account_id, parent_id, name);
CREATE INDEX files_path ON files (account_id, path);
CREATE INDEX files_remote ON files (account_id, r_path) WHERE r_path <> '';
CREATE INDEX files_recent ON files (mtime) WHERE dir = 0 AND gone = 0;
CREATE INDEX files_missing ON files (account_id, path) WHERE (kept = 1 OR wanted = 1) AND dir = 0 AND gone = 0 AND l_path = '';

-- What was found out about a server, and what the root of the account looked like.
CREATE TABLE file_servers (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id   INTEGER NOT NULL UNIQUE REFERENCES accounts(id) ON DELETE CASCADE,
    url          TEXT NOT NULL DEFAULT '',
    conditional  INTEGER NOT NULL DEFAULT 0, -- If-Match and If-None-Match: 0 unknown, 1 honoured, 2 ignored
    infinity     INTEGER NOT NULL DEFAULT 0, -- Depth: infinity, likewise
    propagates   INTEGER NOT NULL DEFAULT 0, -- a folder's ETag changes with everything below it, likewise
    root_etag    TEXT NOT NULL DEFAULT '',   -- of the last complete listing
    root_id      TEXT NOT NULL DEFAULT '',
    used         INTEGER NOT NULL DEFAULT -1, -- octets (RFC 4331), -1 unknown
    free         INTEGER NOT NULL DEFAULT -1,
    marker       TEXT NOT NULL DEFAULT '',   -- content of the marker file in the local root
    decision     TEXT NOT NULL DEFAULT ''    -- of a person about a brake, for the next run
) STRICT;
