-- SPDX-License-Identifier: EUPL-1.2
-- The history of actions: what was taken back can be done again. An action is a group of operations (grp); each of them,
-- with those that took it back and did it again later, is one change.

ALTER TABLE journal ADD COLUMN origin INTEGER NOT NULL DEFAULT 0; -- the first operation of the change, 0 for itself
ALTER TABLE journal ADD COLUMN back INTEGER NOT NULL DEFAULT 0;   -- it takes its origin back
ALTER TABLE journal ADD COLUMN redo INTEGER NOT NULL DEFAULT 0;   -- the change was taken back and can be done again
CREATE INDEX journal_steps ON journal (grp) WHERE undone = 0;
CREATE INDEX journal_redo ON journal (grp) WHERE redo = 1;
CREATE INDEX journal_origin ON journal (origin) WHERE origin <> 0;

-- Rows that undo removes, kept until the action is done again or falls out of the history: they come back under their IDs.
CREATE TABLE parked (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    grp        INTEGER NOT NULL,            -- the action
    tbl        TEXT NOT NULL CHECK (tbl IN ('messages', 'folders', 'files', 'tasks', 'lists')),
    row_id     INTEGER NOT NULL,
    data       TEXT NOT NULL,               -- the row, JSON
    body       BLOB NOT NULL DEFAULT x'',   -- the octets of a message, packed
    body_size  INTEGER NOT NULL DEFAULT 0,
    UNIQUE (tbl, row_id)
) STRICT;
CREATE INDEX parked_group ON parked (grp);

-- Keywords of messages that their server does not keep: they are kept here only.
CREATE TABLE mail_kept (
    id       INTEGER PRIMARY KEY REFERENCES messages(id) ON DELETE CASCADE,
    keywords TEXT NOT NULL -- sorted, separated by spaces
) STRICT;
