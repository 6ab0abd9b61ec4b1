-- SPDX-License-Identifier: EUPL-1.2
-- Who a person writes as, the causes of what went wrong in words of the program, and what sending and writing remember.

-- The address of the account itself is an identity without a row, unless one has the same address.
CREATE TABLE identities (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id   INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    name         TEXT NOT NULL DEFAULT '',
    address      TEXT NOT NULL,
    reply_to     TEXT NOT NULL DEFAULT '',
    organisation TEXT NOT NULL DEFAULT '',
    signature    TEXT NOT NULL DEFAULT '',
    sent_folder  TEXT NOT NULL DEFAULT '', -- its full name; empty for the account's, '-' where the server files it itself
    mailbox      TEXT NOT NULL DEFAULT '', -- messages in this folder and below it are answered with this identity
    standard     INTEGER NOT NULL DEFAULT 0,
    UNIQUE (account_id, address)
) STRICT;

ALTER TABLE journal ADD COLUMN cause TEXT NOT NULL DEFAULT '';             -- of last_error, for an explanation in any language
ALTER TABLE outbox_dots ADD COLUMN recipients TEXT NOT NULL DEFAULT '';    -- JSON: who the server had taken; empty for all

-- A draft whose text is newer than its stored octets: large attachments are not written again at each pause.
CREATE TABLE draft_texts (
    id    INTEGER PRIMARY KEY REFERENCES messages(id) ON DELETE CASCADE,
    state BLOB NOT NULL -- JSON, owned by package app
) STRICT;
