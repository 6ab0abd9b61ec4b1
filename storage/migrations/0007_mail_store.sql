-- SPDX-License-Identifier: EUPL-1.2
-- Octets that just arrived lie unpacked in files beside the database until they are read and packed: pack names the
-- file, 0 for octets that are in this database. crc is that of the octets (Castagnoli): a file is not synced to the disk.

ALTER TABLE bodies ADD COLUMN pack INTEGER NOT NULL DEFAULT 0;
ALTER TABLE bodies ADD COLUMN pos INTEGER NOT NULL DEFAULT 0;
ALTER TABLE bodies ADD COLUMN crc INTEGER NOT NULL DEFAULT 0;
CREATE INDEX bodies_pack ON bodies (pack) WHERE pack > 0;

-- Messages that references tie together form a group; a conversation is one group or several, joined by their subject.
-- mail_refs now leads to the group. What older versions found out is found out again when the store is opened.
ALTER TABLE mail_refs RENAME COLUMN thread_id TO group_id;
DELETE FROM mail_refs;
ALTER TABLE messages ADD COLUMN group_id INTEGER NOT NULL DEFAULT 0;

CREATE TABLE mail_groups (
    id        INTEGER PRIMARY KEY,        -- of one of its messages
    first     INTEGER NOT NULL,           -- its oldest message
    base      INTEGER NOT NULL DEFAULT 0, -- key of the base subject of its oldest message (RFC 5256, 2.1), 0 for none
    reply     INTEGER NOT NULL DEFAULT 0, -- its oldest message is an answer
    thread_id INTEGER NOT NULL            -- the conversation: one of its groups
) STRICT;
CREATE INDEX mail_groups_base ON mail_groups (base, first) WHERE base <> 0;
CREATE INDEX mail_groups_reply ON mail_groups (base) WHERE reply = 1 AND base <> 0;

CREATE TRIGGER messages_account_removed AFTER DELETE ON accounts BEGIN
    DELETE FROM mail_groups WHERE id NOT IN (SELECT id FROM messages);
    DELETE FROM mail_refs WHERE group_id NOT IN (SELECT id FROM mail_groups);
END;

-- What can be saved from a message, found when its text is read for the index: the list of attachments needs no octets.
CREATE TABLE mail_parts (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id INTEGER NOT NULL REFERENCES messages(id) ON DELETE CASCADE,
    idx        INTEGER NOT NULL,           -- position among the attachments, from 0
    name       TEXT NOT NULL DEFAULT '',
    type       TEXT NOT NULL DEFAULT '',   -- "application/pdf"
    size       INTEGER NOT NULL DEFAULT 0, -- octets after decoding
    inline     INTEGER NOT NULL DEFAULT 0,
    cid        TEXT NOT NULL DEFAULT '',   -- Content-ID without angle brackets
    UNIQUE (message_id, idx)
) STRICT;

-- Dictionaries for packing, made of messages of this store. Packed octets name theirs.
CREATE TABLE dictionaries (
    id   INTEGER PRIMARY KEY,
    data BLOB NOT NULL
) STRICT;

-- body_state 3: not wanted offline. It is fetched when somebody opens the message, and stays for a while from then on.
ALTER TABLE messages ADD COLUMN opened INTEGER NOT NULL DEFAULT 0; -- Unix milliseconds
