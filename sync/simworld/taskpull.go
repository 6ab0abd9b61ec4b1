// SPDX-License-Identifier: EUPL-1.2

package simworld

import (
	"errors"
	"slices"

	"kontor/app/journal"
)

// pull reads what changed in a list, by its token where the server takes it, else by comparing all tags.
func (c *TaskClient) pull(list int) error {
	want, gone, now, err := c.changes(list)
	if err != nil {
		return err
	}
	for _, item := range c.in(list) {
		if item.Verify && !slices.Contains(want, item.Name) && !slices.Contains(gone, item.Name) {
			want = append(want, item.Name)
		}
	}
	for _, name := range gone {
		c.drop(list, name)
	}
	slices.Sort(want)
	for _, name := range want {
		o, err := c.Server.get(list, name)
		if err != nil {
			return err
		}
		if c.crashes() {
			return ErrCrash
		}
		if !o.Exists() {
			c.drop(list, name)
			continue
		}
		c.store(list, name, o.ETag, o.Text)
	}
	if c.crashes() {
		return ErrCrash
	}
	c.tokens[list] = now
	return nil
}

func (c *TaskClient) crashes() bool { return c.Crash != nil && c.Crash() }

// changes finds out what to read and what is gone.
func (c *TaskClient) changes(list int) (want, gone []string, now int, err error) {
	if c.tokens[list] > 0 {
		names, now, err := c.Server.changes(list, c.tokens[list])
		if err == nil {
			for _, name := range names {
				if _, there := c.Server.Lists[list][name]; there {
					want = append(want, name)
				} else {
					gone = append(gone, name)
				}
			}
			return want, gone, now, nil
		}
		if !errors.Is(err, errToken) {
			return nil, nil, 0, err
		}
	}
	tags, now, err := c.Server.listing(list)
	if err != nil {
		return nil, nil, 0, err
	}
	if c.Mistake == ForgetsRefusal && c.tokens[list] > 0 {
		return nil, nil, now, nil
	}
	known := c.in(list)
	for name, tag := range tags {
		if item := known[name]; item == nil || item.ETag != tag {
			want = append(want, name)
		}
	}
	for name := range known {
		if tags[name] == "" {
			gone = append(gone, name)
		}
	}
	slices.Sort(gone)
	return want, gone, now, nil
}

// in gives what lies in a list on the server as far as it is known, by name.
func (c *TaskClient) in(list int) map[string]*TaskItem {
	known := map[string]*TaskItem{}
	for _, item := range c.Items {
		if item.OnServer && item.Remote == list {
			known[item.Name] = item
		}
	}
	return known
}

// store takes what the server holds under a name.
func (c *TaskClient) store(list int, name, tag, text string) {
	var item *TaskItem
	for _, known := range c.Items {
		if known.Remote == list && known.Name == name {
			item = known
		}
	}
	if item == nil {
		item = c.insert(list, name)
	}
	item.ETag, item.Base, item.OnServer, item.Verify = tag, text, true, false
	if c.Mistake == PullOverwrites {
		c.forget(item.ID)
	}
	c.recompute(item.ID)
}

// drop takes what the server does not hold any more. What waits to change it keeps it alive.
func (c *TaskClient) drop(list int, name string) {
	item := c.in(list)[name]
	if item == nil {
		return
	}
	item.ETag, item.OnServer, item.Verify = "", false, false
	if c.Mistake == GoneUnasked {
		c.forget(item.ID)
	}
	c.recompute(item.ID)
}

// forget drops all that waits for a task.
func (c *TaskClient) forget(id int64) {
	for _, op := range c.of(id) {
		op.State = journal.Cancelled
		c.Ops[op.ID-1] = op
	}
}
