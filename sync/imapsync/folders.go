// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"kontor/app/mail"
	"kontor/storage"
)

// errNoInbox is a list of folders that cannot be complete: every account has an INBOX (RFC 9051, section 5.1).
var errNoInbox = errors.New("the server's list of folders is not complete")

// remoteBox is one folder as the server lists it.
type remoteBox struct {
	name       string // in UTF-8
	raw        string // on the wire
	exact      bool   // encodeName(name) is raw
	delim      string
	special    mail.Role
	selectable bool
	subscribed bool
	status     *statusItem
}

// specialUses are the attributes of RFC 6154.
var specialUses = map[string]mail.Role{
	`\drafts`: mail.RoleDrafts, `\sent`: mail.RoleSent, `\junk`: mail.RoleJunk, `\trash`: mail.RoleTrash,
	`\archive`: mail.RoleArchive, `\all`: mail.RoleAll, `\flagged`: mail.RoleFlagged,
}

// listBoxes lists all folders with their state, in one turn where the server can (RFC 5819), else in two.
func (c *client) listBoxes() ([]remoteBox, error) {
	var boxes []remoteBox
	index := map[string]int{}
	subscribed := map[string]bool{}
	defer func() { c.on.list, c.on.status = nil, nil }()
	c.on.list = func(l listed) {
		if l.lsub {
			subscribed[l.name] = true
			return
		}
		if _, twice := index[l.name]; twice {
			return
		}
		index[l.name] = len(boxes)
		boxes = append(boxes, boxOf(l))
	}
	c.on.status = func(item statusItem) {
		if i, ok := index[item.name]; ok {
			boxes[i].status = &item
		} else if strings.EqualFold(item.name, "INBOX") {
			for i := range boxes {
				if strings.EqualFold(boxes[i].raw, "INBOX") {
					boxes[i].status = &item
				}
			}
		}
	}
	var cmds []*command
	if c.box.name != "" && c.box.readOnly { // the state of a selected folder may be old (RFC 9051, section 6.3.11)
		c.box = mailbox{}
		cmds = append(cmds, c.send("CLOSE"))
	}
	items := "(MESSAGES UIDNEXT UIDVALIDITY UNSEEN)"
	if c.has("CONDSTORE") {
		items = "(MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ)"
	}
	extended := c.has("LIST-EXTENDED")
	switch {
	case extended && c.has("LIST-STATUS"):
		special := ""
		if c.has("SPECIAL-USE") {
			special = "SPECIAL-USE "
		}
		cmds = append(cmds, c.send(`LIST "" "*" RETURN (`, special, `SUBSCRIBED STATUS `, items, `)`))
	default:
		cmds = append(cmds, c.send(`LIST "" "*"`), c.send(`LSUB "" "*"`))
	}
	odd := c.strange
	if err := c.wait(cmds...); err != nil {
		return nil, fmt.Errorf("list folders: %w", err)
	}
	if c.strange != odd || !slices.ContainsFunc(boxes, func(b remoteBox) bool { return strings.EqualFold(b.raw, "INBOX") }) {
		return nil, fmt.Errorf("list folders: %w", errNoInbox)
	}
	for i := range boxes {
		boxes[i].subscribed = boxes[i].subscribed || subscribed[boxes[i].raw]
	}
	return boxes, c.missingStatus(boxes, items)
}

// missingStatus asks for the state of those folders that it did not come with the list for.
func (c *client) missingStatus(boxes []remoteBox, items string) error {
	var cmds []*command
	for _, b := range boxes {
		if b.selectable && b.status == nil {
			cmds = append(cmds, c.send("STATUS ", quote(b.raw), " ", items))
		}
	}
	for _, cmd := range cmds {
		if err := c.wait(cmd); err != nil && !refused(err) {
			return fmt.Errorf("state of a folder: %w", err)
		}
	}
	return nil
}

func boxOf(l listed) remoteBox {
	b := remoteBox{raw: l.name, delim: l.delim, selectable: true}
	b.name, b.exact = decodeName(l.name)
	if strings.EqualFold(l.name, "INBOX") {
		b.name, b.exact = "INBOX", l.name == "INBOX"
	}
	for _, a := range l.attrs {
		switch a {
		case `\noselect`, `\nonexistent`:
			b.selectable = false
		case `\subscribed`:
			b.subscribed = true
		default:
			if role, ok := specialUses[a]; ok && b.special == mail.RoleNone {
				b.special = role
			}
		}
	}
	return b
}

// folderPlan is what has to change in the store for it to have the server's folders.
type folderPlan struct {
	save   []storage.MailFolder // existing ones, and new ones with ID 0
	remove []int64
}

// work is one folder to look into.
type work struct {
	folder storage.MailFolder
	raw    string
	status statusItem
}

// planFolders compares the folders of the store with those of the server. busy are folders that an operation waits for:
// they are not removed. A folder that is gone while another one with its UIDVALIDITY appeared was renamed.
func planFolders(account int64, local []storage.MailFolder, boxes []remoteBox, busy map[int64]bool) folderPlan {
	var plan folderPlan
	claims := make([]mail.FolderClaim, len(boxes))
	byRemote := map[string]int{}
	for i, b := range boxes {
		claims[i] = mail.FolderClaim{Name: b.name, Delim: b.delim, Special: b.special}
		byRemote[b.name] = i
	}
	roles := mail.AssignRoles(claims)
	known := map[string]storage.MailFolder{}
	free := map[int64]storage.MailFolder{} // not on the server, as far as the store knows
	for _, f := range local {
		_, there := byRemote[f.RemoteName]
		switch {
		case f.RemoteName != "" && there:
			known[f.RemoteName] = f
		case f.Role != mail.RoleOutbox:
			free[f.ID] = f
		}
	}
	for i, b := range boxes {
		f, ok := known[b.name]
		if !ok {
			f = takeFolder(free, account, b, roles[i])
		}
		if !busy[f.ID] { // else a change waits, and is shown already
			f.Name, f.Hidden, f.Subscribed = b.name, false, b.subscribed
		}
		f.RemoteName, f.Delim, f.Role, f.Selectable = b.name, b.delim, roles[i], b.selectable
		plan.save = append(plan.save, f)
	}
	for id, f := range free {
		if f.RemoteName != "" && !busy[id] {
			plan.remove = append(plan.remove, id)
		}
	}
	slices.Sort(plan.remove)
	return plan
}

// takeFolder finds the folder of the store that a folder new on the server is: one that was renamed there, or one that
// was only local. Otherwise it is a new one.
func takeFolder(free map[int64]storage.MailFolder, account int64, b remoteBox, role mail.Role) storage.MailFolder {
	best := storage.MailFolder{Folder: mail.Folder{AccountID: account}}
	for id, f := range free {
		renamed := f.RemoteName != "" && b.status != nil && f.UIDValidity != 0 && f.UIDValidity == b.status.uidValidity && b.status.uidNext >= f.UIDNext
		local := f.RemoteName == "" && (f.Name == b.name || f.Role == role && role != mail.RoleNone)
		if (renamed || local) && (best.ID == 0 || id < best.ID) {
			best = f
		}
	}
	delete(free, best.ID)
	return best
}

// syncFolders brings the store's folders up to date and says which of them are to be looked into, INBOX first.
func (w *Worker) syncFolders(ctx context.Context, c *client) ([]work, error) {
	boxes, err := c.listBoxes()
	if err != nil {
		return nil, err
	}
	w.keepNames(boxes)
	var todo []work
	err = w.db.Write(ctx, func(tx *storage.Tx) error {
		todo = nil
		local, err := tx.SyncFolders(ctx, w.account)
		if err != nil {
			return err
		}
		busy := map[int64]bool{}
		for _, f := range local {
			ops, err := tx.OpsFor(ctx, "folders", f.ID)
			if err != nil {
				return err
			}
			busy[f.ID] = len(ops) > 0
		}
		plan := planFolders(w.account, local, boxes, busy)
		for _, id := range plan.remove {
			if err := tx.RemoveFolder(ctx, id); err != nil {
				return err
			}
		}
		for i, f := range plan.save {
			if err := saveFolder(ctx, tx, &f, local); err != nil {
				return err
			}
			if b := boxes[i]; b.selectable && b.status != nil && !f.Hidden && f.Role != mail.RoleFlagged {
				todo = append(todo, work{folder: f, raw: b.raw, status: *b.status})
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("store folders: %w", err)
	}
	slices.SortStableFunc(todo, func(a, b work) int { return order(a.folder.Role) - order(b.folder.Role) })
	return todo, nil
}

// saveFolder stores a folder if anything about it changed; a new one gets its ID.
func saveFolder(ctx context.Context, tx *storage.Tx, f *storage.MailFolder, local []storage.MailFolder) (err error) {
	if f.ID == 0 {
		f.ID, err = tx.AddFolder(ctx, *f)
		return err
	}
	if slices.Contains(local, *f) {
		return nil
	}
	return tx.SaveFolder(ctx, *f)
}

// order says which folders a person looks at first.
func order(r mail.Role) int {
	switch r {
	case mail.RoleInbox:
		return 0
	case mail.RoleDrafts, mail.RoleSent:
		return 1
	case mail.RoleArchive:
		return 3
	case mail.RoleTrash:
		return 4
	case mail.RoleJunk:
		return 5
	case mail.RoleAll:
		return 6
	case mail.RoleNone, mail.RoleOutbox, mail.RoleFlagged:
	}
	return 2
}
