-- SPDX-License-Identifier: EUPL-1.2

-- Copies of sent messages that this program has put into a folder of the server itself, for as long as it has to be
-- reckoned with that the server files one of its own.
CREATE TABLE mail_copies (
    id          INTEGER PRIMARY KEY REFERENCES messages(id) ON DELETE CASCADE,
    folder_id   INTEGER NOT NULL,
    uid         INTEGER NOT NULL,
    uidvalidity INTEGER NOT NULL,
    at          INTEGER NOT NULL
) STRICT;

-- Accounts whose server was seen to file what it sends.
CREATE TABLE mail_filing (
    account_id INTEGER PRIMARY KEY REFERENCES accounts(id) ON DELETE CASCADE
) STRICT;
