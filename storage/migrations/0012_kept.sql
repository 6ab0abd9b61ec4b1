-- SPDX-License-Identifier: EUPL-1.2
-- What was read in large numbers stays in files beside the database, packed: octets that go through the write-ahead log are
-- written three times. packed is how many octets a message takes in its file then, 0 for octets that are as they came.

ALTER TABLE bodies ADD COLUMN packed INTEGER NOT NULL DEFAULT 0;

-- The index is written in large lots, so its parts may be many before they are joined: joining is most of the work.
INSERT INTO search_texts (search_texts, rank) VALUES ('hashsize', 8388608);
INSERT INTO search_texts (search_texts, rank) VALUES ('automerge', 16);
INSERT INTO search_texts (search_texts, rank) VALUES ('crisismerge', 32);
INSERT INTO search_names (search_names, rank) VALUES ('hashsize', 4194304);
INSERT INTO search_names (search_names, rank) VALUES ('automerge', 16);
INSERT INTO search_names (search_names, rank) VALUES ('crisismerge', 32);
