-- SPDX-License-Identifier: EUPL-1.2
-- Most synchronisations find nothing to read again: that is known without looking at every task.

CREATE INDEX tasks_verify ON tasks (remote_list, name) WHERE verify = 1;
