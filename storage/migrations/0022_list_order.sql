-- SPDX-License-Identifier: EUPL-1.2
-- People put their task lists in an order: what the server said last is kept beside what is shown.

ALTER TABLE lists ADD COLUMN remote_ord INTEGER NOT NULL DEFAULT 0;
UPDATE lists SET remote_ord = ord;
