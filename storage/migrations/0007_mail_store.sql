-- SPDX-License-Identifier: EUPL-1.2
-- Octets that just arrived lie unpacked in files beside the database until they are read and packed: pack names the
-- file, 0 for octets that are in this database. crc is that of the octets (Castagnoli): a file is not synced to the disk.

ALTER TABLE bodies ADD COLUMN pack INTEGER NOT NULL DEFAULT 0;
ALTER TABLE bodies ADD COLUMN pos INTEGER NOT NULL DEFAULT 0;
ALTER TABLE bodies ADD COLUMN crc INTEGER NOT NULL DEFAULT 0;
CREATE INDEX bodies_pack ON bodies (pack) WHERE pack > 0;
