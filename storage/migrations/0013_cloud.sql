-- SPDX-License-Identifier: EUPL-1.2
-- What a server offers besides WebDAV (versions, a bin, links, uploads in pieces), as JSON, and when it was asked for that:
-- Unix seconds, 0 for never. With that, everything is also listed anew, whatever the tags of folders say.

ALTER TABLE file_servers ADD COLUMN offers TEXT NOT NULL DEFAULT '{}';
ALTER TABLE file_servers ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;
