// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/imapsync"
)

func init() {
	explain(imapsync.ErrNoRights, "mail.error.no-rights")
	explain(mail.ErrForbidden, "mail.error.forbidden")
}

// explainForbidden finds the texts of what rights forbid.
func explainForbidden(err error) (key string, ok bool) {
	var forbidden *mail.ForbiddenError
	if !errors.As(err, &forbidden) {
		return "", false
	}
	return "mail.error.forbidden." + string(forbidden.Deed), true
}

// roleFolderOf gives the folder of a role for messages that lie in a folder: that of the mailbox they belong to, where it
// has one that messages may be put into, else the person's own.
func (t *mailTx) roleFolderOf(ctx context.Context, p place, role mail.Role) (storage.MailFolder, error) {
	from, err := t.MailFolder(ctx, p.folder)
	if err != nil {
		return from, err
	}
	if f, ok, err := t.inBox(ctx, from.Folder, role); err != nil || ok {
		return f, err
	}
	return t.roleFolder(ctx, p.account, role)
}

func (t *mailTx) inBox(ctx context.Context, of mail.Folder, role mail.Role) (storage.MailFolder, bool, error) {
	if of.Space == mail.SpaceOwn {
		return storage.MailFolder{}, false, nil
	}
	all, err := t.Folders(ctx, of.AccountID)
	if err != nil {
		return storage.MailFolder{}, false, err
	}
	found, ok := mail.InBox(all, of, role)
	if !ok {
		return storage.MailFolder{}, false, nil
	}
	f, err := t.MailFolder(ctx, found.ID)
	return f, err == nil, err
}

// binOf gives the bin for messages of a folder: the one that they lie in already, that of their mailbox, or the person's.
func (t *mailTx) binOf(ctx context.Context, p place) (storage.MailFolder, error) {
	from, err := t.MailFolder(ctx, p.folder)
	if err != nil {
		return from, err
	}
	if from.Space != mail.SpaceOwn {
		all, err := t.Folders(ctx, p.account)
		if err != nil {
			return from, err
		}
		for _, f := range all {
			if f.Role == mail.RoleTrash && f.Home() == from.Home() && (f.ID == from.ID || from.Inside(f)) {
				return t.MailFolder(ctx, f.ID)
			}
		}
	}
	if f, ok, err := t.inBox(ctx, from.Folder, mail.RoleTrash); err != nil || ok {
		return f, err
	}
	return t.FolderByRole(ctx, p.account, mail.RoleTrash)
}

// draftsFor gives the folder for the drafts of who a message is written as: that of the mailbox of the identity, where
// drafts may be put and replaced, else the person's own.
func (t *mailTx) draftsFor(ctx context.Context, out mail.Outgoing) (storage.MailFolder, error) {
	own := func() (storage.MailFolder, error) { return t.ownFolder(ctx, out.AccountID, mail.RoleDrafts) }
	if out.DraftID != 0 { // it stays where it is
		if list, err := t.MailSummaries(ctx, []int64{out.DraftID}); err != nil {
			return storage.MailFolder{}, err
		} else if len(list) == 1 {
			f, err := t.MailFolder(ctx, list[0].FolderID)
			if err != nil || f.Role == mail.RoleDrafts && f.May(mail.DeedPut) == nil && f.May(mail.DeedTake) == nil {
				return f, err
			}
		}
	}
	a, err := t.Account(ctx, out.AccountID)
	if err != nil {
		return storage.MailFolder{}, err
	}
	list, err := identitiesOf(ctx, t, a)
	if err != nil {
		return storage.MailFolder{}, err
	}
	i := mail.IdentityByID(list, out.Identity)
	if i.Mailbox == "" {
		return own()
	}
	all, err := t.Folders(ctx, out.AccountID)
	if err != nil {
		return storage.MailFolder{}, err
	}
	for _, f := range all {
		if f.Space != mail.SpaceOwn && f.Box == i.Mailbox && f.Role == mail.RoleDrafts && f.Selectable && f.May(mail.DeedPut) == nil && f.May(mail.DeedTake) == nil {
			return t.MailFolder(ctx, f.ID)
		}
	}
	return own()
}

// above finds the folder that a new one of this name would lie in, directly or not.
func (t *mailTx) above(ctx context.Context, account int64, name, delim string) (mail.Folder, bool, error) {
	all, err := t.Folders(ctx, account)
	if err != nil || delim == "" {
		return mail.Folder{}, false, err
	}
	best, ok := mail.Folder{}, false
	for _, f := range all {
		inBox := f.Box != "" && strings.HasPrefix(name, f.Box+delim)
		if strings.HasPrefix(name, f.Name+delim) && (!ok || len(f.Name) >= len(best.Name)) {
			best, ok = f, true
		} else if inBox && !ok { // the mailbox itself is no folder
			best, ok = mail.Folder{AccountID: account, Space: f.Space, Owner: f.Owner, Box: f.Box}, true
		}
	}
	return best, ok, nil
}

// Grants says who may do what with a folder.
type Grants struct {
	Folder mail.Folder
	All    []mail.Grant // empty where the person may not know
	Asked  time.Time    // zero where the server was never asked
}

// Rights reads who may do what with a folder, as the server said last.
func (m *Mail) Rights(ctx context.Context, folderID int64) (Grants, error) {
	f, err := m.db.MailFolder(ctx, folderID)
	if err != nil {
		return Grants{}, err
	}
	g := Grants{Folder: f.Folder}
	if g.All, g.Asked, err = m.db.Grants(ctx, folderID); errors.Is(err, storage.ErrNotFound) {
		err = nil
	}
	return g, err
}

// AskRights asks the server who may do what with a folder; Mail.Rights reads it afterwards. It takes as long as the server
// does. Errors: imapsync.ErrNoRights where the server has no answer.
func (a *Accounts) AskRights(ctx context.Context, folderID int64) (err error) {
	f, err := a.db.MailFolder(ctx, folderID)
	if err != nil {
		return err
	}
	account, err := a.db.Account(ctx, f.AccountID)
	if err != nil {
		return err
	}
	w := imapsync.New(imapsync.Config{
		DB: a.db, Account: account, Secret: func(ctx context.Context) (string, error) { return a.Secret(ctx, account.ID) }, Log: slog.New(slog.DiscardHandler),
	})
	defer func() { err = errors.Join(err, w.Close()) }()
	return w.AskRights(ctx, folderID)
}

// Skipped tells what could not be understood of what the mail server of an account said, and was passed over; of all
// accounts for ID 0.
func (m *Mail) Skipped(ctx context.Context, accountID int64) (all imapsync.Skipped, err error) {
	accounts, err := m.db.Accounts(ctx)
	if err != nil {
		return all, err
	}
	for _, a := range accounts {
		if accountID != 0 && a.ID != accountID {
			continue
		}
		value, err := m.db.Setting(ctx, imapsync.SkippedSetting(a.ID), "")
		if err != nil {
			return all, err
		}
		one := imapsync.ReadSkipped(value)
		all.Answers += one.Answers
		all.Folders = append(all.Folders, one.Folders...)
		if one.Last.After(all.Last) {
			all.Last = one.Last
		}
	}
	return all, nil
}

// Quotas tells how much an account may store and has stored, as its server said last; of all accounts for ID 0.
func (a *Accounts) Quotas(ctx context.Context, accountID int64) ([]mail.Quota, error) {
	return a.db.Quotas(ctx, accountID)
}

// QuotaText says how much is used; empty for a resource that there are no words for.
func QuotaText(q mail.Quota) string {
	switch q.Resource {
	case "STORAGE":
		return i18n.T("mail.quota.storage", "used", i18n.Size(q.Used<<10), "limit", i18n.Size(q.Limit<<10))
	case "MESSAGE":
		return i18n.T("mail.quota.message", "used", i18n.Count(int(q.Used)), "limit", i18n.Count(int(q.Limit)))
	}
	return ""
}

// RightsText says in words what rights allow.
func RightsText(r mail.Rights) string {
	if !r.Known() {
		return i18n.T("mail.right.unknown")
	}
	words := make([]string, 0, len(r))
	for _, one := range r.Each() {
		words = append(words, i18n.T("mail.right."+string(one)))
	}
	if len(words) == 0 {
		return i18n.T("mail.right.none")
	}
	return strings.Join(words, ", ")
}

// WhoText names who a grant is for (RFC 4314, section 1.5; the other names are those of Dovecot and Cyrus).
func WhoText(g mail.Grant) string {
	if who, not := strings.CutPrefix(g.Who, "-"); not {
		return i18n.T("mail.right.who.not", "name", WhoText(mail.Grant{Who: who}))
	}
	switch g.Who {
	case "anyone", "authenticated", "owner":
		return i18n.T("mail.right.who." + g.Who)
	}
	for _, prefix := range []string{"$", "group:", "group="} {
		if name, ok := strings.CutPrefix(g.Who, prefix); ok {
			return i18n.T("mail.right.who.group", "name", name)
		}
	}
	return g.Who
}
