-- SPDX-License-Identifier: EUPL-1.2
-- What was read in large numbers stays in files beside the database, packed: octets that go through the write-ahead log are
-- written three times. packed is how many octets a message takes in its file then, 0 for octets that are as they came.

ALTER TABLE bodies ADD COLUMN packed INTEGER NOT NULL DEFAULT 0;
