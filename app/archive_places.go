// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"errors"
	"slices"

	"kontor/app/mail"
	"kontor/storage"
)

// archiveIdentity is who a person writes as.
type archiveIdentity struct {
	Name         string `json:"name"`
	Address      string `json:"address"`
	ReplyTo      string `json:"reply_to,omitempty"`
	Organisation string `json:"organisation,omitempty"`
	Signature    string `json:"signature,omitempty"`
	SentFolder   string `json:"sent_folder,omitempty"`
	Mailbox      string `json:"mailbox,omitempty"`
	Default      bool   `json:"default,omitempty"`
}

func (a *App) archivedIdentities(ctx context.Context, accountID int64) ([]archiveIdentity, error) {
	list, err := a.Accounts.Identities(ctx, accountID)
	if err != nil {
		return nil, err
	}
	out := make([]archiveIdentity, len(list))
	for k, i := range list {
		out[k] = archiveIdentity{
			Name: i.Name, Address: i.Address, ReplyTo: i.ReplyTo, Organisation: i.Organisation, Signature: i.Signature,
			SentFolder: i.SentFolder, Mailbox: i.Mailbox, Default: i.Default,
		}
	}
	return out, nil
}

// identities brings back who the person writes as, where the archive is of the same address. What is set here already
// stays; a folder that is not here is left out.
func (r *restorer) identities() error {
	if !mail.SameAddress(r.account.Email, r.info.Account.Email) {
		return nil
	}
	have, err := r.a.DB.Identities(r.ctx, r.account.ID)
	if err != nil {
		return err
	}
	folders, err := r.a.DB.Folders(r.ctx, r.account.ID)
	if err != nil {
		return err
	}
	fresh := len(have) == 0
	for _, i := range r.info.Account.Identities {
		own := mail.SameAddress(i.Address, r.account.Email)
		if slices.ContainsFunc(have, func(h mail.Identity) bool { return mail.SameAddress(h.Address, i.Address) }) || own && r.account.Signature != "" {
			continue
		}
		for _, name := range []*string{&i.SentFolder, &i.Mailbox} {
			if *name != mail.SentByServer && !mail.HasFolder(folders, *name) {
				*name = ""
			}
		}
		_, err := r.a.Accounts.SetIdentity(r.ctx, mail.Identity{
			AccountID: r.account.ID, Name: i.Name, Address: i.Address, ReplyTo: i.ReplyTo, Organisation: i.Organisation, Signature: i.Signature,
			SentFolder: i.SentFolder, Mailbox: i.Mailbox, Default: i.Default && fresh,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// folder gives the folder that stands for one of the archive: the one with the same purpose, else the one of the same
// name. What waited to be sent becomes a draft: nobody wants old mail to leave by itself.
func (r *restorer) folder(f archiveFolder) (id int64, err error) {
	role := f.Role
	if role == mail.RoleOutbox {
		role = mail.RoleDrafts
	}
	err = r.a.Mail.change(r.ctx, "create folder", func(t *mailTx) error {
		if len(f.Mailbox) > 0 {
			to, err := t.foreignFolder(r.ctx, r.account.ID, f)
			id = to.ID
			return err
		}
		to, err := t.FolderByRole(r.ctx, r.account.ID, role)
		if role == mail.RoleNone || errors.Is(err, storage.ErrNotFound) {
			levels := f.Levels
			if f.Role == mail.RoleOutbox {
				levels = []string{"Drafts"}
			}
			to, err = t.ensureFolder(r.ctx, r.account.ID, levels, role)
		}
		id = to.ID
		return err
	})
	return id, err
}

// foreignFolder gives the folder for what lay in somebody else's mailbox: that very folder, where the account has it and
// messages may be put into it, else one of the person's own that is named after the owner. It never is one that has a
// purpose in the person's own mailbox.
func (t *mailTx) foreignFolder(ctx context.Context, account int64, f archiveFolder) (storage.MailFolder, error) {
	folders, err := t.Folders(ctx, account)
	if err != nil {
		return storage.MailFolder{}, err
	}
	for _, have := range folders {
		if have.Space != mail.SpaceOwn && slices.Equal(levelsOfFolder(have), f.Levels) && have.Selectable && have.May(mail.DeedPut) == nil {
			return t.MailFolder(ctx, have.ID)
		}
	}
	levels := []string{f.Owner}
	if below := f.Levels[min(len(f.Mailbox), len(f.Levels)):]; len(below) > 0 {
		levels = append(levels, below...)
	}
	return t.ensureFolder(ctx, account, levels, mail.RoleNone)
}
