-- SPDX-License-Identifier: EUPL-1.2
-- Subtasks that their parent names (RELATED-TO;RELTYPE=CHILD), by UID: the child itself may know nothing of it.

CREATE TABLE task_children (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    task_id   INTEGER NOT NULL REFERENCES tasks(id) ON DELETE CASCADE,
    child_uid TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX task_children_task ON task_children (task_id, child_uid);
CREATE INDEX task_children_uid ON task_children (child_uid, task_id);

-- What is here already is read again, as it was when reminders came.
UPDATE tasks SET rings = -1 WHERE base LIKE '%RELATED-TO%' OR text LIKE '%RELATED-TO%';
