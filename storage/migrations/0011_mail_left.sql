-- SPDX-License-Identifier: EUPL-1.2
-- A server that cannot move gets a copy first; the original is removed afterwards. Where that was to be done is kept with
-- the operation, so that it is found when the program ends in between.

CREATE TABLE mail_left (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    op_id       INTEGER NOT NULL REFERENCES journal(id) ON DELETE CASCADE,
    message_id  INTEGER NOT NULL,
    folder_id   INTEGER NOT NULL,
    uid         INTEGER NOT NULL,
    uidvalidity INTEGER NOT NULL,
    UNIQUE (op_id, message_id)
) STRICT;
