// SPDX-License-Identifier: EUPL-1.2

package demo

import (
	"maps"
	"path"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
)

// Message is what a mailbox holds of one mail.
type Message struct {
	UID   uint32
	Raw   []byte
	Date  time.Time
	Flags []string
}

// Mailboxes lists the names of a user's mailboxes.
func (u *User) Mailboxes() []string {
	u.post.mu.Lock()
	defer u.post.mu.Unlock()
	return slices.Sorted(maps.Keys(u.post.boxes))
}

// Messages lists what a mailbox holds, nil for one that does not exist.
func (u *User) Messages(mailbox string) []Message {
	u.post.mu.Lock()
	defer u.post.mu.Unlock()
	box := u.post.boxes[boxName(mailbox)]
	if box == nil {
		return nil
	}
	all := []Message{}
	for _, m := range box.messages {
		flags := make([]string, len(m.flags))
		for i, f := range m.flags {
			flags[i] = string(f)
		}
		all = append(all, Message{uint32(m.uid), m.raw, m.date, flags})
	}
	return all
}

// AddMessage lays a mail into a mailbox, making that where it is missing, and tells whoever listens.
func (u *User) AddMessage(mailbox string, raw []byte, date time.Time, flags ...string) {
	u.post.mu.Lock()
	defer u.post.mu.Unlock()
	name := boxName(mailbox)
	box := u.post.boxes[name]
	if box == nil {
		box = u.post.createLocked(name)
	}
	list := make([]imap.Flag, len(flags))
	for i, f := range flags {
		list[i] = imap.Flag(f)
	}
	box.appendLocked(raw, date, list)
}

// RemoveMessage removes a mail as another client would.
func (u *User) RemoveMessage(mailbox string, uid uint32) {
	u.post.mu.Lock()
	defer u.post.mu.Unlock()
	if box := u.post.boxes[boxName(mailbox)]; box != nil {
		box.expungeLocked(func(m *message) bool { return uint32(m.uid) == uid })
	}
}

// Files lists the paths of all files, without folders.
func (u *User) Files() []string {
	u.files.mu.Lock()
	defer u.files.mu.Unlock()
	var all []string
	var walk func(string, *node)
	walk = func(at string, n *node) {
		if n.children == nil {
			all = append(all, at)
		}
		for name, c := range n.children {
			walk(path.Join(at, name), c)
		}
	}
	walk("/", u.files.root)
	slices.Sort(all)
	return all
}

// File gives the bytes of a file.
func (u *User) File(name string) (data []byte, ok bool) {
	u.files.mu.Lock()
	defer u.files.mu.Unlock()
	n := u.files.findLocked(name)
	if n == nil || n.children != nil {
		return nil, false
	}
	return slices.Clone(n.data), true
}

// PutFile writes a file as another client would, with the folders it needs.
func (u *User) PutFile(name string, data []byte) {
	u.files.put(name, slices.Clone(data), time.Now())
	u.files.mu.Lock()
	defer u.files.mu.Unlock()
	u.files.touchLocked(name)
}

// RemoveFile removes a file or folder as another client would.
func (u *User) RemoveFile(name string) {
	u.files.mu.Lock()
	defer u.files.mu.Unlock()
	if parent, base, err := u.files.parentLocked("remove", name); err == nil {
		delete(parent.children, base)
		u.files.touchLocked(path.Dir(clean(name)))
	}
}

// TaskLists gives the names of the lists by the last part of their addresses.
func (u *User) TaskLists() map[string]string {
	u.tasks.mu.Lock()
	defer u.tasks.mu.Unlock()
	all := map[string]string{}
	for slug, c := range u.tasks.lists {
		all[slug] = c.name
	}
	return all
}

// TaskTexts gives the texts of a list's objects by the last part of their addresses.
func (u *User) TaskTexts(list string) map[string]string {
	u.tasks.mu.Lock()
	defer u.tasks.mu.Unlock()
	all := map[string]string{}
	if c := u.tasks.lists[list]; c != nil {
		for name, o := range c.objects {
			all[name] = string(o.text)
		}
	}
	return all
}

// PutTask writes an object as another client would, making the list where it is missing.
func (u *User) PutTask(list, name, text string) {
	u.tasks.mu.Lock()
	defer u.tasks.mu.Unlock()
	c := u.tasks.lists[list]
	if c == nil {
		c = u.tasks.createLocked(list)
	}
	c.putLocked(name, []byte(text))
}

// RemoveTask removes an object as another client would.
func (u *User) RemoveTask(list, name string) {
	u.tasks.mu.Lock()
	defer u.tasks.mu.Unlock()
	if c := u.tasks.lists[list]; c != nil && c.objects[name] != nil {
		c.removeLocked(name)
	}
}

// User finds a person by name or mail address, nil where there is none.
func (w *World) User(name string) *User { return w.user(name) }

// Sent lists every message that went through the SMTP server, oldest first.
func (w *World) Sent() []Sent {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.sent)
}
