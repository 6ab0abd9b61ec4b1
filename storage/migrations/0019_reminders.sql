-- SPDX-License-Identifier: EUPL-1.2
-- When tasks remind of themselves, and what has rung on this device.

-- The first moment that nobody has answered, in Unix milliseconds; 0 for none, -1 where it was not worked out yet.
ALTER TABLE tasks ADD COLUMN rings INTEGER NOT NULL DEFAULT -1;
CREATE INDEX tasks_rings ON tasks (rings) WHERE rings <> 0;

-- By UID and moment, not by row: what is downloaded again does not ring again.
CREATE TABLE rung (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    uid        TEXT NOT NULL,
    at         INTEGER NOT NULL,            -- the moment of the reminder, Unix milliseconds
    closed     INTEGER NOT NULL DEFAULT 0   -- a person answered it here, or it was over before this device knew of it
) STRICT;
CREATE UNIQUE INDEX rung_moment ON rung (account_id, uid, at);

-- What was due before reminders were kept here does not ring.
INSERT INTO settings (key, value) VALUES ('_remind.since', CAST(CAST(strftime('%s', 'now') AS INTEGER) * 1000 AS TEXT));
