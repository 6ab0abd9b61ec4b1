// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"errors"
	"strings"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
)

// Delete moves messages to the bin; what lies there already, or has no bin to go to, is deleted for good.
func (m *Mail) Delete(ctx context.Context, ids []int64) error {
	return m.change(ctx, "delete", func(t *mailTx) error {
		list, err := t.MailSummaries(ctx, ids)
		if err != nil {
			return err
		}
		order, places := byPlace(list)
		for _, p := range order {
			if err := t.checkSource(ctx, p.folder); err != nil {
				return err
			}
			bin, err := t.binOf(ctx, p)
			switch {
			case errors.Is(err, storage.ErrNotFound):
				err = t.deleteForGood(ctx, p, places[p])
			case err != nil:
			case t.within(ctx, p.folder, bin):
				err = t.deleteForGood(ctx, p, places[p])
			default:
				err = t.moveWithin(ctx, p, places[p], bin)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// within reports whether a folder is bin or lies in it.
func (t *mailTx) within(ctx context.Context, folderID int64, bin storage.MailFolder) bool {
	if folderID == bin.ID {
		return true
	}
	f, err := t.MailFolder(ctx, folderID)
	return err == nil && f.Inside(bin.Folder)
}

func (t *mailTx) deleteForGood(ctx context.Context, p place, list []mail.Summary) error {
	ids := idsOf(list)
	for _, s := range list {
		if err := t.ShowMail(ctx, s.ID, mail.State{FolderID: s.FolderID, Flags: s.Flags, Keywords: s.Keywords, Hidden: true}); err != nil {
			return err
		}
	}
	_, err := t.op(ctx, journal.Op{AccountID: p.account, Kind: journal.MailDelete, Target: inWords(list), Targets: messageTargets(ids...)},
		mail.DeleteOp{IDs: ids}, nil)
	return err
}

// Junk marks messages as junk and moves them to the junk folder, or the other way round into the inbox.
func (m *Mail) Junk(ctx context.Context, ids []int64, junk bool) error {
	return m.change(ctx, "mark as junk", func(t *mailTx) error {
		flags, role := mail.FlagsOp{Add: mail.Junk, Remove: mail.NotJunk}, mail.RoleJunk
		if !junk {
			flags, role = mail.FlagsOp{Add: mail.NotJunk, Remove: mail.Junk}, mail.RoleInbox
		}
		if err := t.mark(ctx, ids, flags); err != nil && !errors.Is(err, mail.ErrForbidden) { // to move it is what counts
			return err
		}
		return t.toRole(ctx, ids, role)
	})
}

// toRole moves messages to the folder of a role in their own mailbox, or else account.
func (t *mailTx) toRole(ctx context.Context, ids []int64, role mail.Role) error {
	list, err := t.MailSummaries(ctx, ids)
	if err != nil {
		return err
	}
	order, places := byPlace(list)
	for _, p := range order {
		to, err := t.roleFolderOf(ctx, p, role)
		if err != nil {
			return err
		}
		if err := t.move(ctx, places[p], to); err != nil {
			return err
		}
	}
	return nil
}

// roleNames are what folders are called that Kontor makes because the account has none for the purpose: the English
// names that other programs know too.
var roleNames = map[mail.Role]string{
	mail.RoleArchive: "Archive", mail.RoleJunk: "Junk", mail.RoleTrash: "Trash", mail.RoleSent: "Sent", mail.RoleDrafts: "Drafts",
}

// roleFolder gives the folder of a role and makes one, here and on the server, where the account has none.
func (t *mailTx) roleFolder(ctx context.Context, account int64, role mail.Role) (storage.MailFolder, error) {
	f, err := t.FolderByRole(ctx, account, role)
	if !errors.Is(err, storage.ErrNotFound) {
		return f, err
	}
	name := roleNames[role]
	if name == "" {
		return f, err
	}
	return t.createFolder(ctx, account, name, role)
}

// CreateFolder makes a folder. name is the full path, its levels separated like those of the account's other folders.
func (m *Mail) CreateFolder(ctx context.Context, accountID int64, name string) (id int64, err error) {
	err = m.change(ctx, "create folder", func(t *mailTx) error {
		f, err := t.createFolder(ctx, accountID, name, mail.RoleNone)
		id = f.ID
		return err
	})
	return id, err
}

func (t *mailTx) createFolder(ctx context.Context, account int64, name string, role mail.Role) (storage.MailFolder, error) {
	var none storage.MailFolder
	delim, prefix, err := t.naming(ctx, account)
	if err != nil {
		return none, err
	}
	name = strings.TrimSpace(name)
	parent, ok, err := t.above(ctx, account, name, delim)
	if err != nil {
		return none, err
	}
	if prefix != "" && parent.Space == mail.SpaceOwn && !strings.HasPrefix(name, prefix) {
		name = prefix + name
		if parent, ok, err = t.above(ctx, account, name, delim); err != nil {
			return none, err
		}
	}
	if err := t.checkName(ctx, account, name, delim); err != nil {
		return none, err
	}
	if ok {
		if err := parent.May(mail.DeedCreate); err != nil {
			return none, err
		}
	}
	id, err := t.AddFolder(ctx, storage.MailFolder{Folder: mail.Folder{
		AccountID: account, Name: name, Delim: delim, Role: role, Selectable: true, Subscribed: true, Space: parent.Space, Owner: parent.Owner, Box: parent.Box,
	}})
	if err != nil {
		return none, err
	}
	_, err = t.op(ctx, journal.Op{AccountID: account, Kind: journal.MailFolderCreate, Target: name, Targets: []journal.Target{{Table: "folders", ID: id}}},
		mail.FolderOp{ID: id, Name: name}, inverseOp{journal.MailFolderDelete, mail.FolderOp{ID: id, OnlyEmpty: true}})
	if err != nil {
		return none, err
	}
	return t.MailFolder(ctx, id)
}

// naming gives the separator of an account's folders and what all of them have to begin with on servers that keep
// everything below INBOX.
func (t *mailTx) naming(ctx context.Context, account int64) (delim, prefix string, err error) {
	all, err := t.SyncFolders(ctx, account)
	if err != nil {
		return "", "", err
	}
	others := 0
	for _, f := range all {
		if f.Delim != "" && delim == "" {
			delim = f.Delim
		}
	}
	if delim == "" {
		return "/", "", nil
	}
	for _, f := range all {
		if f.RemoteName == "" || f.Space != mail.SpaceOwn || strings.EqualFold(f.RemoteName, "INBOX") {
			continue
		}
		if !strings.HasPrefix(strings.ToUpper(f.RemoteName), "INBOX"+delim) {
			return delim, "", nil
		}
		others++
	}
	if others == 0 {
		return delim, "", nil
	}
	return delim, "INBOX" + delim, nil
}

func (t *mailTx) checkName(ctx context.Context, account int64, name, delim string) error {
	for _, level := range strings.Split(name, delim) {
		if strings.TrimSpace(level) == "" || strings.ContainsAny(level, "\r\n\x00%*") {
			return ErrFolderName
		}
	}
	_, err := t.FolderByName(ctx, account, name)
	switch {
	case err == nil || strings.EqualFold(name, "INBOX"):
		return ErrFolderExists
	case errors.Is(err, storage.ErrNotFound):
		return nil
	}
	return err
}

// RenameFolder gives a folder a new full name; what lies below it comes along.
func (m *Mail) RenameFolder(ctx context.Context, id int64, name string) error {
	return m.change(ctx, "rename folder", func(t *mailTx) error {
		f, err := t.MailFolder(ctx, id)
		if err != nil {
			return err
		}
		if f.Role == mail.RoleInbox || f.Role == mail.RoleOutbox {
			return ErrFolderFixed
		}
		return t.renameFolder(ctx, f, strings.TrimSpace(name))
	})
}

func (t *mailTx) renameFolder(ctx context.Context, f storage.MailFolder, name string) error {
	if err := f.May(mail.DeedChange); err != nil {
		return err
	}
	if err := t.checkName(ctx, f.AccountID, name, f.Delim); err != nil {
		return err
	}
	all, err := t.SyncFolders(ctx, f.AccountID)
	if err != nil {
		return err
	}
	targets := []journal.Target{{Table: "folders", ID: f.ID}}
	for _, below := range all {
		if below.Inside(f.Folder) {
			below.Name = name + strings.TrimPrefix(below.Name, f.Name)
			targets = append(targets, journal.Target{Table: "folders", ID: below.ID})
			if err := t.SaveFolder(ctx, below); err != nil {
				return err
			}
		}
	}
	old := f.Name
	f.Name = name
	if err := t.SaveFolder(ctx, f); err != nil {
		return err
	}
	_, err = t.op(ctx, journal.Op{AccountID: f.AccountID, Kind: journal.MailFolderRename, Target: old, Targets: targets},
		mail.FolderOp{ID: f.ID, Name: name, From: old}, inverseOp{journal.MailFolderRename, mail.FolderOp{ID: f.ID, Name: old, From: name}})
	return err
}

// freeName appends marks to a name until no folder has it.
func (t *mailTx) freeName(ctx context.Context, account int64, name string) string {
	for {
		if _, err := t.FolderByName(ctx, account, name); err != nil {
			return name
		}
		name += "-"
	}
}
