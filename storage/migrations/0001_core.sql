-- SPDX-License-Identifier: EUPL-1.2
-- Accounts, settings, the journal of remote changes, conflicts and the state of each connection.

CREATE TABLE accounts (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    name         TEXT NOT NULL UNIQUE,
    email        TEXT NOT NULL DEFAULT '',
    user         TEXT NOT NULL DEFAULT '',
    display_name TEXT NOT NULL DEFAULT '',
    signature    TEXT NOT NULL DEFAULT '',
    imap_url     TEXT NOT NULL DEFAULT '',
    smtp_url     TEXT NOT NULL DEFAULT '',
    files_url    TEXT NOT NULL DEFAULT '',
    tasks_url    TEXT NOT NULL DEFAULT '',
    ca_pem       TEXT NOT NULL DEFAULT '',
    files_root   TEXT NOT NULL DEFAULT '',
    created      INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Values that a person or an administrator sets, and what the program remembers for itself (keys starting with '_').
CREATE TABLE settings (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    key   TEXT NOT NULL UNIQUE,
    value TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE journal (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    kind       TEXT NOT NULL,
    target     TEXT NOT NULL DEFAULT '',
    payload    BLOB NOT NULL DEFAULT x'',
    inverse    BLOB NOT NULL DEFAULT x'',
    state      TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'in-doubt', 'failed', 'held', 'done', 'cancelled')),
    tries      INTEGER NOT NULL DEFAULT 0,
    next_try   INTEGER NOT NULL DEFAULT 0, -- Unix milliseconds
    last_error TEXT NOT NULL DEFAULT '',
    proof      TEXT NOT NULL DEFAULT '',
    depends_on INTEGER NOT NULL DEFAULT 0,
    grp        INTEGER NOT NULL DEFAULT 0,
    undone     INTEGER NOT NULL DEFAULT 0,
    created    INTEGER NOT NULL DEFAULT 0, -- Unix milliseconds
    updated    INTEGER NOT NULL DEFAULT 0  -- Unix milliseconds
) STRICT;
CREATE INDEX journal_pending ON journal (account_id, id) WHERE state NOT IN ('done', 'cancelled');
CREATE INDEX journal_group ON journal (grp);

CREATE TABLE journal_targets (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    op_id  INTEGER NOT NULL REFERENCES journal(id) ON DELETE CASCADE,
    tbl    TEXT NOT NULL CHECK (tbl IN ('messages', 'folders', 'files', 'tasks', 'lists')),
    row_id INTEGER NOT NULL
) STRICT;
CREATE INDEX journal_targets_row ON journal_targets (tbl, row_id);
CREATE INDEX journal_targets_op ON journal_targets (op_id);

-- A decision that only a person can take. detail is JSON owned by the protocol's package.
CREATE TABLE conflicts (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    kind       TEXT NOT NULL,
    ref_id     INTEGER NOT NULL,
    title      TEXT NOT NULL DEFAULT '',
    detail     BLOB NOT NULL DEFAULT x'',
    created    INTEGER NOT NULL DEFAULT 0, -- Unix milliseconds
    resolved   INTEGER NOT NULL DEFAULT 0  -- Unix milliseconds, 0 while it waits
) STRICT;
CREATE INDEX conflicts_open ON conflicts (account_id, kind, ref_id) WHERE resolved = 0;

CREATE TABLE connections (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    protocol   TEXT NOT NULL CHECK (protocol IN ('mail', 'send', 'files', 'tasks')),
    cause      TEXT NOT NULL DEFAULT '',   -- why the last attempt failed, a transport.Cause; empty while connected
    message    TEXT NOT NULL DEFAULT '',
    last_ok    INTEGER NOT NULL DEFAULT 0, -- Unix milliseconds
    last_try   INTEGER NOT NULL DEFAULT 0, -- Unix milliseconds
    next_try   INTEGER NOT NULL DEFAULT 0, -- Unix milliseconds
    UNIQUE (account_id, protocol)
) STRICT;
