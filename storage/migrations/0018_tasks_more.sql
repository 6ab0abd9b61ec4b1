-- SPDX-License-Identifier: EUPL-1.2
-- Who a shared list belongs to, and searches that a person keeps. Searches are only kept here.

ALTER TABLE lists ADD COLUMN owner TEXT NOT NULL DEFAULT '';

CREATE TABLE task_searches (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    name  TEXT NOT NULL DEFAULT '',
    query TEXT NOT NULL DEFAULT ''
) STRICT;
