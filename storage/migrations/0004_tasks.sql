-- SPDX-License-Identifier: EUPL-1.2
-- Task lists and tasks. Columns starting with remote_, and base, etag and on_server, are what the server said last; the
-- others are what is shown: the same with all waiting operations laid over it.

CREATE TABLE lists (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id   INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    href         TEXT NOT NULL DEFAULT '',    -- decoded path on the server with a slash at its end
    slug         TEXT NOT NULL DEFAULT '',    -- last part of the path of a list that is made here
    name         TEXT NOT NULL DEFAULT '',
    color        TEXT NOT NULL DEFAULT '',
    ord          INTEGER NOT NULL DEFAULT 0,
    read_only    INTEGER NOT NULL DEFAULT 0,
    shared       INTEGER NOT NULL DEFAULT 0,  -- belongs to somebody else
    deleted      INTEGER NOT NULL DEFAULT 0,  -- a deletion waits
    on_server    INTEGER NOT NULL DEFAULT 0,
    remote_name  TEXT NOT NULL DEFAULT '',
    remote_color TEXT NOT NULL DEFAULT '',
    ctag         TEXT NOT NULL DEFAULT '',
    sync_token   TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX lists_account ON lists (account_id, href);

CREATE TABLE tasks (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    list_id     INTEGER NOT NULL REFERENCES lists(id) ON DELETE CASCADE,
    remote_list INTEGER NOT NULL,             -- the list it lies in on the server
    name        TEXT NOT NULL,                -- last part of its path, decoded
    uid         TEXT NOT NULL DEFAULT '',
    etag        TEXT NOT NULL DEFAULT '',
    on_server   INTEGER NOT NULL DEFAULT 0,
    verify      INTEGER NOT NULL DEFAULT 0,   -- the server may have written something else than it was sent: read it again
    deleted     INTEGER NOT NULL DEFAULT 0,   -- a deletion waits

    -- what lists show and ask for, computed from the text
    title       TEXT NOT NULL DEFAULT '',
    note        TEXT NOT NULL DEFAULT '',
    status      TEXT NOT NULL DEFAULT '',
    percent     INTEGER NOT NULL DEFAULT 0,
    closed      INTEGER NOT NULL DEFAULT 0,
    completed   INTEGER NOT NULL DEFAULT 0,   -- Unix milliseconds
    start       INTEGER NOT NULL DEFAULT 0,   -- Unix milliseconds; of a day, those of its midnight in UTC
    start_day   INTEGER NOT NULL DEFAULT 0,   -- 1 for a day without a time
    due         INTEGER NOT NULL DEFAULT 0,
    due_day     INTEGER NOT NULL DEFAULT 0,
    priority    INTEGER NOT NULL DEFAULT 0,
    tags        TEXT NOT NULL DEFAULT '',     -- one a line
    parent_uid  TEXT NOT NULL DEFAULT '',
    rrule       TEXT NOT NULL DEFAULT '',
    ord         INTEGER NOT NULL DEFAULT 0,
    sort        INTEGER NOT NULL DEFAULT 0,   -- place among its like: by ord while open, the newest first once closed
    created     INTEGER NOT NULL DEFAULT 0,
    modified    INTEGER NOT NULL DEFAULT 0,
    url         TEXT NOT NULL DEFAULT '',
    links       TEXT NOT NULL DEFAULT '',     -- one a line
    assignee    TEXT NOT NULL DEFAULT '',
    history     INTEGER NOT NULL DEFAULT 0,
    override    INTEGER NOT NULL DEFAULT 0,   -- 1 only instances of a series that lies elsewhere, 2 no task at all
    flags       INTEGER NOT NULL DEFAULT 0,   -- 1 recurs, 2 private, 4 broken, 8 zone lost

    -- last in the row, so that a list never has to read past them
    base        TEXT NOT NULL DEFAULT '',     -- the server's text
    text        TEXT NOT NULL DEFAULT ''      -- the text with local changes, empty where it is that of base
) STRICT;
CREATE UNIQUE INDEX tasks_name ON tasks (remote_list, name);
CREATE INDEX tasks_list ON tasks (list_id, deleted, closed, sort, id, override);
CREATE INDEX tasks_agenda ON tasks (deleted, closed, due = 0, due);
CREATE INDEX tasks_uid ON tasks (uid);
CREATE INDEX tasks_parent ON tasks (parent_uid, list_id, deleted, override, closed) WHERE parent_uid <> '';
