-- SPDX-License-Identifier: EUPL-1.2
-- Messages of one Message-ID are in one conversation, which mail_refs leads to: an index of these keys alone, in which each
-- message has its place at random, took a fifth of the time of adding messages.

DROP INDEX messages_mid;
DROP INDEX messages_thread;
CREATE INDEX messages_thread ON messages (thread_id, mid_hash);
CREATE INDEX messages_nameless ON messages (account_id) WHERE mid_hash = 0; -- without a Message-ID
