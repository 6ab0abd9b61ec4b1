-- SPDX-License-Identifier: EUPL-1.2
-- A mail or a file asks which tasks are linked with it: the few that have links are found without looking at the others.

CREATE INDEX tasks_linked ON tasks (url, links) WHERE url <> '' OR links <> '';
