-- SPDX-License-Identifier: EUPL-1.2
-- The mailboxes of other users and of nobody in particular (RFC 2342), what one may do there (RFC 4314), and how much may
-- be stored (RFC 9208).

ALTER TABLE folders ADD COLUMN space TEXT NOT NULL DEFAULT '';  -- 'users' or 'shared'; empty for the person's own
ALTER TABLE folders ADD COLUMN owner TEXT NOT NULL DEFAULT '';  -- whose mailbox
ALTER TABLE folders ADD COLUMN box TEXT NOT NULL DEFAULT '';    -- what the names of all folders of this mailbox begin with
ALTER TABLE folders ADD COLUMN rights TEXT NOT NULL DEFAULT ''; -- the person's own; empty while not known, '-' for none

-- Messages that were read here, of folders where the person may not say so.
CREATE TABLE mail_seen (
    id INTEGER PRIMARY KEY REFERENCES messages(id) ON DELETE CASCADE
) STRICT;

-- Who may do what with a folder, as the server said last.
CREATE TABLE folder_grants (
    folder_id INTEGER PRIMARY KEY REFERENCES folders(id) ON DELETE CASCADE,
    asked     INTEGER NOT NULL, -- Unix milliseconds
    grants    TEXT NOT NULL     -- JSON
) STRICT;

CREATE TABLE quotas (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    root       TEXT NOT NULL,
    resource   TEXT NOT NULL,
    used       INTEGER NOT NULL,
    maximum    INTEGER NOT NULL,
    UNIQUE (account_id, root, resource)
) STRICT;
