-- SPDX-License-Identifier: EUPL-1.2
-- Full-text search. The row ID says what a row is: that of a message as it is, so that the newest come first in
-- descending order; -2 * id of a file; -2 * id - 1 of a task. The texts themselves are not stored here.

-- What is named: subjects and people, paths of files, titles of tasks. Prefixes are indexed for search as one types.
CREATE VIRTUAL TABLE search_names USING fts5(title, sender, recipients,
    content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='1 2 3');

-- Everything, with the text of messages (and the names of their attachments) and the notes of tasks.
CREATE VIRTUAL TABLE search_texts USING fts5(title, sender, recipients, text,
    content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2');

CREATE VIRTUAL TABLE search_vocabulary USING fts5vocab(search_texts, row);

-- A copy of the long words of the vocabulary, one a line, in which parts of compounds are looked for.
CREATE TABLE search_words (
    id    INTEGER PRIMARY KEY,
    words TEXT NOT NULL DEFAULT '',
    docs  INTEGER NOT NULL DEFAULT 0 -- how many rows were indexed then
) STRICT;

-- What has to be indexed again, or taken out of the index because its row is gone. The triggers below fill it: whoever
-- changes a row need not know of the index.
CREATE TABLE search_queue (
    id    INTEGER PRIMARY KEY,
    what  INTEGER NOT NULL, -- 1 names, 2 text
    stamp INTEGER NOT NULL DEFAULT 0 -- counts changes, so that one that comes while the row is indexed is not lost
) STRICT;

CREATE TRIGGER search_message_added AFTER INSERT ON messages BEGIN
    INSERT INTO search_queue (id, what) VALUES (new.id, 1) ON CONFLICT (id) DO UPDATE SET what = 3, stamp = stamp + 1;
END;
CREATE TRIGGER search_message_named AFTER UPDATE OF subject, from_name, from_addr, recipients, cc ON messages BEGIN
    INSERT INTO search_queue (id, what) VALUES (new.id, 3) ON CONFLICT (id) DO UPDATE SET what = 3, stamp = stamp + 1;
END;
CREATE TRIGGER search_message_stored AFTER UPDATE OF body_state ON messages WHEN new.body_state = 1 BEGIN
    INSERT INTO search_queue (id, what) VALUES (new.id, 2) ON CONFLICT (id) DO UPDATE SET what = what | 2, stamp = stamp + 1;
END;
CREATE TRIGGER search_message_removed AFTER DELETE ON messages BEGIN
    INSERT INTO search_queue (id, what) VALUES (old.id, 3) ON CONFLICT (id) DO UPDATE SET what = 3, stamp = stamp + 1;
END;

CREATE TRIGGER search_file_added AFTER INSERT ON files BEGIN
    INSERT INTO search_queue (id, what) VALUES (-2 * new.id, 3) ON CONFLICT (id) DO UPDATE SET stamp = stamp + 1;
END;
CREATE TRIGGER search_file_changed AFTER UPDATE OF path, gone ON files WHEN old.path <> new.path OR old.gone <> new.gone BEGIN
    INSERT INTO search_queue (id, what) VALUES (-2 * new.id, 3) ON CONFLICT (id) DO UPDATE SET stamp = stamp + 1;
END;
CREATE TRIGGER search_file_removed AFTER DELETE ON files BEGIN
    INSERT INTO search_queue (id, what) VALUES (-2 * old.id, 3) ON CONFLICT (id) DO UPDATE SET stamp = stamp + 1;
END;

CREATE TRIGGER search_task_added AFTER INSERT ON tasks BEGIN
    INSERT INTO search_queue (id, what) VALUES (-2 * new.id - 1, 3) ON CONFLICT (id) DO UPDATE SET stamp = stamp + 1;
END;
CREATE TRIGGER search_task_changed AFTER UPDATE OF title, note, tags, deleted ON tasks
    WHEN old.title <> new.title OR old.note <> new.note OR old.tags <> new.tags OR old.deleted <> new.deleted BEGIN
    INSERT INTO search_queue (id, what) VALUES (-2 * new.id - 1, 3) ON CONFLICT (id) DO UPDATE SET stamp = stamp + 1;
END;
CREATE TRIGGER search_task_removed AFTER DELETE ON tasks BEGIN
    INSERT INTO search_queue (id, what) VALUES (-2 * old.id - 1, 3) ON CONFLICT (id) DO UPDATE SET stamp = stamp + 1;
END;
