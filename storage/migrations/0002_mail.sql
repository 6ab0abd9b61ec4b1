-- SPDX-License-Identifier: EUPL-1.2
-- The tables of mail. Of every row the server's words (remote_*) and what is shown are kept apart: what is shown is what
-- the server said last plus the operations that still wait.

CREATE TABLE folders (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id  INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    name        TEXT NOT NULL,             -- shown, in UTF-8
    remote_name TEXT NOT NULL DEFAULT '',  -- the server's, in UTF-8; empty while the server does not have it
    delim       TEXT NOT NULL DEFAULT '',
    role        TEXT NOT NULL DEFAULT '',
    selectable  INTEGER NOT NULL DEFAULT 1,
    subscribed  INTEGER NOT NULL DEFAULT 0,
    hidden      INTEGER NOT NULL DEFAULT 0, -- its deletion waits
    uidvalidity INTEGER NOT NULL DEFAULT 0,
    uidnext     INTEGER NOT NULL DEFAULT 0, -- every message below it was seen, once complete is 1
    modseq      INTEGER NOT NULL DEFAULT 0, -- flags are known up to here (RFC 7162), 0 without CONDSTORE
    complete    INTEGER NOT NULL DEFAULT 0,
    total       INTEGER NOT NULL DEFAULT 0, -- kept by the triggers below
    unread      INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX folders_account ON folders (account_id);
CREATE UNIQUE INDEX folders_remote ON folders (account_id, remote_name) WHERE remote_name <> '';
CREATE INDEX folders_role ON folders (role) WHERE role <> '';

-- id is the minute of reception, shifted by 20 bits, plus a number: the order of the rows is the order of reception.
CREATE TABLE messages (
    id               INTEGER PRIMARY KEY,
    account_id       INTEGER NOT NULL,
    folder_id        INTEGER NOT NULL REFERENCES folders(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED, -- looked at once
    thread_id        INTEGER NOT NULL,
    hidden           INTEGER NOT NULL DEFAULT 0, -- deleted, or its deletion waits
    flags            INTEGER NOT NULL DEFAULT 0, -- the bits of mail.Flags
    received         INTEGER NOT NULL DEFAULT 0, -- Unix milliseconds
    size             INTEGER NOT NULL DEFAULT 0, -- octets
    body_state       INTEGER NOT NULL DEFAULT 0, -- 0 missing, 1 stored, 2 the server does not hand it out
    has_attachment   INTEGER NOT NULL DEFAULT 0,
    subject          TEXT NOT NULL DEFAULT '',
    from_name        TEXT NOT NULL DEFAULT '',
    from_addr        TEXT NOT NULL DEFAULT '',
    recipients       TEXT NOT NULL DEFAULT '',   -- To, JSON
    keywords         TEXT NOT NULL DEFAULT '',   -- sorted, separated by spaces
    snippet          TEXT NOT NULL DEFAULT '',
    message_id       TEXT NOT NULL DEFAULT '',   -- without angle brackets
    mid_hash         INTEGER NOT NULL DEFAULT 0, -- of account and message_id
    remote_folder_id INTEGER NOT NULL DEFAULT 0, -- 0 while the server does not have it
    uid              INTEGER NOT NULL DEFAULT 0, -- 0 while it is not known
    remote_flags     INTEGER NOT NULL DEFAULT 0,
    remote_keywords  TEXT NOT NULL DEFAULT '',
    sent             INTEGER NOT NULL DEFAULT 0, -- the Date header, Unix milliseconds
    cc               TEXT NOT NULL DEFAULT '',   -- JSON
    bcc              TEXT NOT NULL DEFAULT '',   -- JSON
    reply_to         TEXT NOT NULL DEFAULT '',   -- JSON
    in_reply_to      TEXT NOT NULL DEFAULT '',   -- without angle brackets
    refs             TEXT NOT NULL DEFAULT ''    -- References without angle brackets, separated by spaces
) STRICT;
CREATE INDEX messages_list ON messages (folder_id, hidden);
CREATE INDEX messages_unread ON messages (folder_id) WHERE hidden = 0 AND flags & 1 = 0;
CREATE INDEX messages_flagged ON messages (folder_id) WHERE hidden = 0 AND flags & 4 = 4;
CREATE UNIQUE INDEX messages_remote ON messages (remote_folder_id, uid) WHERE uid > 0;
CREATE INDEX messages_thread ON messages (thread_id);
CREATE INDEX messages_mid ON messages (mid_hash);
CREATE INDEX messages_unplaced ON messages (account_id, mid_hash) WHERE uid = 0 OR remote_folder_id <> folder_id;
CREATE INDEX messages_bodyless ON messages (account_id) WHERE body_state = 0 AND uid > 0;

-- Every Message-ID that was seen, in a message or in its references, by hash, and the conversation it belongs to.
CREATE TABLE mail_refs (
    id        INTEGER PRIMARY KEY,
    thread_id INTEGER NOT NULL
) STRICT;

-- One row for each conversation in each folder, kept by the triggers below.
CREATE TABLE threads (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    folder_id INTEGER NOT NULL,
    thread_id INTEGER NOT NULL,
    head      INTEGER NOT NULL, -- its newest message in this folder
    total     INTEGER NOT NULL DEFAULT 0,
    unread    INTEGER NOT NULL DEFAULT 0,
    UNIQUE (thread_id, folder_id)
) STRICT;
CREATE INDEX threads_list ON threads (folder_id, head);

-- A message as the server has it. data is a codec octet and the packed octets; large messages lie in pieces instead.
CREATE TABLE bodies (
    id     INTEGER PRIMARY KEY REFERENCES messages(id) ON DELETE CASCADE,
    size   INTEGER NOT NULL DEFAULT 0,
    pieces INTEGER NOT NULL DEFAULT 0,
    data   BLOB NOT NULL DEFAULT x''
) STRICT;

CREATE TABLE body_pieces (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id INTEGER NOT NULL REFERENCES messages(id) ON DELETE CASCADE,
    start      INTEGER NOT NULL, -- offset of its first octet
    size       INTEGER NOT NULL, -- octets before packing
    data       BLOB NOT NULL,
    UNIQUE (message_id, start)
) STRICT;

CREATE TRIGGER messages_added AFTER INSERT ON messages WHEN new.hidden = 0 BEGIN
    UPDATE folders SET total = total + 1, unread = unread + (new.flags & 1 = 0) WHERE id = new.folder_id;
    INSERT INTO threads (folder_id, thread_id, head, total, unread)
        VALUES (new.folder_id, new.thread_id, new.id, 1, new.flags & 1 = 0)
        ON CONFLICT (thread_id, folder_id) DO UPDATE
        SET head = max(head, excluded.head), total = total + 1, unread = unread + excluded.unread;
END;

CREATE TRIGGER messages_removed AFTER DELETE ON messages WHEN old.hidden = 0 BEGIN
    UPDATE folders SET total = total - 1, unread = unread - (old.flags & 1 = 0) WHERE id = old.folder_id;
    UPDATE threads SET total = total - 1, unread = unread - (old.flags & 1 = 0),
        head = CASE WHEN head <> old.id THEN head ELSE coalesce((SELECT max(m.id) FROM messages m
            WHERE m.thread_id = old.thread_id AND m.folder_id = old.folder_id AND m.hidden = 0), 0) END
        WHERE thread_id = old.thread_id AND folder_id = old.folder_id;
    DELETE FROM threads WHERE thread_id = old.thread_id AND folder_id = old.folder_id AND total = 0;
END;

CREATE TRIGGER messages_read AFTER UPDATE OF flags ON messages
    WHEN old.flags & 1 <> new.flags & 1 AND old.hidden = 0 AND new.hidden = 0
        AND old.folder_id = new.folder_id AND old.thread_id = new.thread_id BEGIN
    UPDATE folders SET unread = unread + (new.flags & 1 = 0) - (old.flags & 1 = 0) WHERE id = new.folder_id;
    UPDATE threads SET unread = unread + (new.flags & 1 = 0) - (old.flags & 1 = 0)
        WHERE thread_id = new.thread_id AND folder_id = new.folder_id;
END;

CREATE TRIGGER messages_moved AFTER UPDATE OF folder_id, hidden, thread_id ON messages
    WHEN old.folder_id <> new.folder_id OR old.hidden <> new.hidden OR old.thread_id <> new.thread_id BEGIN
    UPDATE folders SET total = total - 1, unread = unread - (old.flags & 1 = 0) WHERE id = old.folder_id AND old.hidden = 0;
    UPDATE threads SET total = total - 1, unread = unread - (old.flags & 1 = 0),
        head = CASE WHEN head <> old.id THEN head ELSE coalesce((SELECT max(m.id) FROM messages m
            WHERE m.thread_id = old.thread_id AND m.folder_id = old.folder_id AND m.hidden = 0), 0) END
        WHERE old.hidden = 0 AND thread_id = old.thread_id AND folder_id = old.folder_id;
    DELETE FROM threads WHERE thread_id = old.thread_id AND folder_id = old.folder_id AND total = 0;
    UPDATE folders SET total = total + 1, unread = unread + (new.flags & 1 = 0) WHERE id = new.folder_id AND new.hidden = 0;
    INSERT INTO threads (folder_id, thread_id, head, total, unread)
        SELECT new.folder_id, new.thread_id, new.id, 1, new.flags & 1 = 0 WHERE new.hidden = 0
        ON CONFLICT (thread_id, folder_id) DO UPDATE
        SET head = max(head, excluded.head), total = total + 1, unread = unread + excluded.unread;
END;
