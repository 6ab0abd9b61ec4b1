-- SPDX-License-Identifier: EUPL-1.2
-- Operations that have sent, or were just about to send, the final dot of a message: from here on only the server knows.

CREATE TABLE outbox_dots (
    id INTEGER PRIMARY KEY REFERENCES journal(id) ON DELETE CASCADE
) STRICT;
