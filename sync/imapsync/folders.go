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
	"kontor/sync/reconcile"
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
	rights     mail.Rights
}

// specialUses are the attributes of RFC 6154.
var specialUses = map[string]mail.Role{
	`\drafts`: mail.RoleDrafts, `\sent`: mail.RoleSent, `\junk`: mail.RoleJunk, `\trash`: mail.RoleTrash,
	`\archive`: mail.RoleArchive, `\all`: mail.RoleAll, `\flagged`: mail.RoleFlagged,
}

// listing is a list of all folders with their state that was asked for.
type listing struct {
	c          *client
	items      string // of STATUS
	cmds       []*command
	boxes      []remoteBox
	index      map[string]int
	subscribed map[string]bool
	strange    int
	partial    bool // an answer was not understood: folders may be missing
	beside     *beside
}

// listBoxes lists all folders with their state, in one turn where the server can (RFC 5819), else in two. What was asked
// for while signing in is taken, if it was answered.
func (c *client) listBoxes() (*listing, error) {
	if l := c.ahead; l != nil {
		c.ahead = nil
		if err := l.wait(); err == nil || !refused(err) && !errors.Is(err, errNoInbox) {
			return l, err
		}
	}
	l := c.sendListing()
	return l, l.wait()
}

// sendListing asks for all folders.
func (c *client) sendListing() *listing {
	l := &listing{c: c, items: "(MESSAGES UIDNEXT UIDVALIDITY UNSEEN)", index: map[string]int{}, subscribed: map[string]bool{}}
	if c.has("CONDSTORE") {
		l.items = "(MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ)"
	}
	l.deselect()
	l.beside = c.sendBeside()
	begin := func() {
		l.strange = c.strange
		c.on.list, c.on.status, c.on.rights = l.list, l.status, l.right
	}
	if !c.has("LIST-EXTENDED") || !c.has("LIST-STATUS") {
		l.cmds = append(l.cmds, c.sendFor(begin, `LIST "" "*"`), c.send(`LSUB "" "*"`))
		return l
	}
	more := ""
	if c.has("SPECIAL-USE") {
		more = "SPECIAL-USE "
	}
	if c.has("LIST-MYRIGHTS") {
		more += "MYRIGHTS "
	}
	l.cmds = append(l.cmds, c.sendFor(begin, `LIST "" "*" RETURN (`, more, `SUBSCRIBED STATUS `, l.items, `)`))
	return l
}

// deselect gives up the selected folder, whose state may be old otherwise (RFC 9051, section 6.3.11). To close one that
// was not opened by EXAMINE could expunge it, whatever the server has said of it.
func (l *listing) deselect() {
	c := l.c
	how := "UNSELECT"
	switch {
	case c.box.name == "":
		return
	case c.has(how):
	case c.box.examined:
		how = "CLOSE"
	default:
		return
	}
	c.box = mailbox{}
	l.cmds = append(l.cmds, c.send(how))
}

func (l *listing) list(item listed) {
	if item.lsub {
		l.subscribed[item.name] = true
		return
	}
	if _, twice := l.index[item.name]; twice {
		return
	}
	l.index[item.name] = len(l.boxes)
	l.boxes = append(l.boxes, boxOf(item))
}

func (l *listing) status(item statusItem) {
	if i, ok := l.index[item.name]; ok {
		l.boxes[i].status = &item
		return
	}
	if !strings.EqualFold(item.name, "INBOX") {
		return
	}
	for i := range l.boxes {
		if strings.EqualFold(l.boxes[i].raw, "INBOX") {
			l.boxes[i].status = &item
		}
	}
}

// wait takes the whole answer.
func (l *listing) wait() error {
	c := l.c
	defer func() { c.on.list, c.on.status, c.on.rights, c.on.namespace, c.on.quota = nil, nil, nil, nil, nil }()
	if err := c.wait(l.cmds...); err != nil {
		return fmt.Errorf("list folders: %w", err)
	}
	if !slices.ContainsFunc(l.boxes, func(b remoteBox) bool { return strings.EqualFold(b.raw, "INBOX") }) {
		return fmt.Errorf("list folders: %w", errNoInbox)
	}
	if err := l.waitHidden(); err != nil {
		return err
	}
	for i := range l.boxes {
		l.boxes[i].subscribed = l.boxes[i].subscribed || l.subscribed[l.boxes[i].raw]
	}
	l.partial = c.strange != l.strange
	return c.missingStatus(l.boxes, l.items)
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
	lost   []int64 // there is still something of the name, but no messages can lie in it
}

// claimsOf says what folders claim to be.
func claimsOf(boxes []remoteBox) []mail.FolderClaim {
	claims := make([]mail.FolderClaim, len(boxes))
	for i, b := range boxes {
		claims[i] = mail.FolderClaim{Name: b.name, Delim: b.delim, Special: b.special, NoSelect: !b.selectable}
	}
	return claims
}

// ownRole is what a folder is found again by: a purpose in the person's own mailbox.
func ownRole(space mail.Space, role mail.Role) mail.Role {
	if space != mail.SpaceOwn {
		return mail.RoleNone
	}
	return role
}

// planFolders compares the folders of the store with those of the server (see reconcile.PlanMailFolders). busy are folders
// that an operation waits for.
func planFolders(account int64, local []storage.MailFolder, boxes []remoteBox, busy map[int64]bool, spaces []mail.Namespace) folderPlan {
	places := mail.Places(claimsOf(boxes), spaces)
	byID := map[int64]storage.MailFolder{}
	known := make([]reconcile.MailFolder, len(local))
	for i, f := range local {
		byID[f.ID] = f
		known[i] = reconcile.MailFolder{
			ID: f.ID, Name: f.Name, RemoteName: f.RemoteName, Role: ownRole(f.Space, f.Role), Validity: f.UIDValidity, Next: f.UIDNext, Busy: busy[f.ID],
		}
	}
	there := make([]reconcile.RemoteFolder, len(boxes))
	for i, b := range boxes {
		there[i] = reconcile.RemoteFolder{Name: b.name, Role: ownRole(places[i].Space, places[i].Role)}
		if b.status != nil {
			there[i].Validity, there[i].Next = b.status.uidValidity, b.status.uidNext
		}
	}
	match := reconcile.PlanMailFolders(known, there)
	plan := folderPlan{remove: match.Remove}
	for i, b := range boxes {
		f, ok := byID[match.Match[i]]
		if !ok {
			f = storage.MailFolder{Folder: mail.Folder{AccountID: account}}
		}
		if f.RemoteName != "" && f.RemoteName != b.name {
			// It was renamed, most likely; servers give several folders one UIDVALIDITY. So its messages are found again by
			// what identifies them, and not by their UIDs.
			f.UIDValidity, f.UIDNext, f.ModSeq, f.Complete = 0, 0, 0, false
		}
		if !b.selectable && f.UIDValidity != 0 {
			plan.lost = append(plan.lost, f.ID)
			f.UIDValidity, f.UIDNext, f.ModSeq, f.Complete = 0, 0, 0, false
		}
		if !busy[f.ID] { // else a change waits, and is shown already
			f.Name, f.Hidden, f.Subscribed = b.name, false, b.subscribed
		}
		f.RemoteName, f.Delim, f.Role, f.Selectable = b.name, b.delim, places[i].Role, b.selectable
		f.Space, f.Owner, f.Box = places[i].Space, places[i].Owner, places[i].Box
		if b.rights != "" {
			f.Rights = b.rights
		}
		plan.save = append(plan.save, f)
	}
	return plan
}

// syncFolders brings the store's folders up to date and says which of them are to be looked into, INBOX first.
func (w *Worker) syncFolders(ctx context.Context, c *client) ([]work, error) {
	list, err := c.listBoxes()
	if err != nil {
		return nil, err
	}
	boxes, spaces := list.boxes, w.spacesOf(list)
	w.keepNames(boxes)
	if err := w.fillRights(c, list, spaces); err != nil {
		return nil, err
	}
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
		plan := planFolders(w.account, local, boxes, busy, spaces)
		if list.partial {
			plan.remove = nil
		}
		for _, id := range plan.remove {
			if err := tx.RemoveFolder(ctx, id); err != nil {
				return err
			}
		}
		for _, id := range plan.lost {
			if err := tx.LoseMail(ctx, id); err != nil {
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
		return w.keepQuotas(ctx, tx, list.beside)
	})
	if err != nil {
		return nil, fmt.Errorf("store folders: %w", err)
	}
	slices.SortStableFunc(todo, func(a, b work) int { return order(a.folder.Folder) - order(b.folder.Folder) })
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
func order(f mail.Folder) int {
	if f.Space != mail.SpaceOwn {
		return 5
	}
	switch f.Role {
	case mail.RoleInbox:
		return 0
	case mail.RoleDrafts, mail.RoleSent:
		return 1
	case mail.RoleArchive:
		return 3
	case mail.RoleTrash:
		return 4
	case mail.RoleJunk:
		return 6
	case mail.RoleAll:
		return 7
	case mail.RoleNone, mail.RoleOutbox, mail.RoleFlagged:
	}
	return 2
}
