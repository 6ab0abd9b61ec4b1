-- SPDX-License-Identifier: EUPL-1.2
-- A first synchronisation adds messages by the thousand: what follows from new ones is computed for a whole lot at once
-- (see Tx.AddMail), since a trigger makes SQLite copy each page before it is changed, and costs as much as the row itself.
-- Nobody else adds messages.

DROP TRIGGER messages_added;
DROP TRIGGER search_message_added;

-- One tree less: it is found by the conversation, and listed by the folder.
CREATE TABLE threads_new (
    folder_id INTEGER NOT NULL,
    thread_id INTEGER NOT NULL,
    head      INTEGER NOT NULL, -- its newest message in this folder
    total     INTEGER NOT NULL DEFAULT 0,
    unread    INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (thread_id, folder_id)
) STRICT, WITHOUT ROWID;
INSERT INTO threads_new (folder_id, thread_id, head, total, unread) SELECT folder_id, thread_id, head, total, unread FROM threads;
PRAGMA legacy_alter_table = ON; -- triggers speak of it
DROP TABLE threads;
ALTER TABLE threads_new RENAME TO threads;
PRAGMA legacy_alter_table = OFF;
CREATE INDEX threads_list ON threads (folder_id, head);
