// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
)

// ArchiveSetting is the setting that says where archived messages go: ArchiveByYear for a folder each year.
const (
	ArchiveSetting = "mail.archive"
	ArchiveByYear  = "year"
)

// Archive moves messages to the archive folder of their account and makes one where there is none; with ArchiveByYear, to
// a folder below it for the year that each was received in.
func (m *Mail) Archive(ctx context.Context, ids []int64) error {
	return m.change(ctx, "archive", func(t *mailTx) error {
		way, err := t.Setting(ctx, ArchiveSetting, "")
		if err != nil {
			return err
		}
		if way != ArchiveByYear {
			return t.toRole(ctx, ids, mail.RoleArchive)
		}
		return t.toYears(ctx, ids)
	})
}

func (t *mailTx) toYears(ctx context.Context, ids []int64) error {
	list, err := t.MailSummaries(ctx, ids)
	if err != nil {
		return err
	}
	type shelf struct {
		place
		year int
	}
	var order []shelf
	shelves := map[shelf][]mail.Summary{}
	for _, s := range list {
		at := shelf{place{s.AccountID, s.FolderID}, s.Date.In(time.Local).Year()}
		if shelves[at] == nil {
			order = append(order, at)
		}
		shelves[at] = append(shelves[at], s)
	}
	for _, at := range order {
		to, err := t.yearFolder(ctx, at.place, at.year)
		if err != nil {
			return err
		}
		if err := t.move(ctx, shelves[at], to); err != nil {
			return err
		}
	}
	return nil
}

// yearFolder gives the folder of a year below the archive and makes what is missing. Where folders cannot lie in folders,
// or not be made, it is the archive itself.
func (t *mailTx) yearFolder(ctx context.Context, p place, year int) (storage.MailFolder, error) {
	archive, err := t.roleFolderOf(ctx, p, mail.RoleArchive)
	if err != nil || archive.Delim == "" {
		return archive, err
	}
	name := archive.Name + archive.Delim + strconv.Itoa(year)
	f, err := t.FolderByName(ctx, p.account, name)
	if errors.Is(err, storage.ErrNotFound) {
		if !archive.Rights.Has(mail.RightCreate) {
			return archive, nil
		}
		return t.createFolder(ctx, p.account, name, mail.RoleNone)
	}
	return f, err
}

// Subscribe makes a folder one of those that other programs show too, or not.
func (m *Mail) Subscribe(ctx context.Context, id int64, on bool) error {
	return m.change(ctx, "subscribe to folder", func(t *mailTx) error {
		f, err := t.MailFolder(ctx, id)
		if err != nil || f.Subscribed == on {
			return err
		}
		if f.Role == mail.RoleOutbox {
			return ErrFolderFixed
		}
		f.Subscribed = on
		if err := t.SaveFolder(ctx, f); err != nil {
			return err
		}
		made, err := t.pendingCreate(ctx, f)
		if err != nil {
			return err
		}
		_, err = t.op(ctx, journal.Op{
			AccountID: f.AccountID, Kind: journal.MailSubscribe, Target: f.Name, Targets: []journal.Target{{Table: "folders", ID: id}}, DependsOn: made,
		}, mail.FolderOp{ID: id, Subscribe: on}, inverseOp{journal.MailSubscribe, mail.FolderOp{ID: id, Subscribe: !on}})
		return err
	})
}

// emptyBatch is how many messages one operation deletes.
const emptyBatch = 1000

// EmptyFolder deletes everything in a bin or a junk folder for good, with the folders below it. It returns how many
// messages there were.
func (m *Mail) EmptyFolder(ctx context.Context, id int64) (n int, err error) {
	err = m.change(ctx, "empty folder", func(t *mailTx) error {
		n = 0
		bin, err := t.MailFolder(ctx, id)
		if err != nil {
			return err
		}
		if bin.Role != mail.RoleTrash && bin.Role != mail.RoleJunk {
			return ErrNoBin
		}
		if err := bin.May(mail.DeedTake); err != nil {
			return err
		}
		ids, err := t.MailIDs(ctx, id)
		if err != nil {
			return err
		}
		for some := range slices.Chunk(ids, emptyBatch) {
			list, err := t.MailSummaries(ctx, some)
			if err != nil {
				return err
			}
			if err := t.deleteForGood(ctx, place{bin.AccountID, id}, list); err != nil {
				return err
			}
		}
		n = len(ids)
		below, err := t.below(ctx, bin)
		if err != nil {
			return err
		}
		for _, f := range below {
			n += f.Total
			if err := t.dropFolder(ctx, f); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// below lists the folders inside a folder, the deepest first.
func (t *mailTx) below(ctx context.Context, f storage.MailFolder) ([]storage.MailFolder, error) {
	all, err := t.SyncFolders(ctx, f.AccountID)
	if err != nil {
		return nil, err
	}
	inside := slices.DeleteFunc(all, func(o storage.MailFolder) bool { return o.Hidden || !o.Inside(f.Folder) })
	slices.SortStableFunc(inside, func(a, b storage.MailFolder) int { return b.Depth() - a.Depth() })
	return inside, nil
}

// DeleteFolder moves a folder with all below it into the bin; from there, or without a bin, it is deleted with all that
// lies in it. An empty one is deleted at once.
func (m *Mail) DeleteFolder(ctx context.Context, id int64) error {
	return m.change(ctx, "delete folder", func(t *mailTx) error {
		f, err := t.MailFolder(ctx, id)
		if err != nil {
			return err
		}
		below, err := t.below(ctx, f)
		if err != nil {
			return err
		}
		full := f.Total > 0
		for _, b := range below {
			full = full || b.Total > 0
			if b.Role != mail.RoleNone {
				return ErrFolderFixed
			}
		}
		if f.Role != mail.RoleNone {
			return ErrFolderFixed
		}
		if err := f.May(mail.DeedChange); err != nil {
			return err
		}
		bin, err := t.binOf(ctx, place{f.AccountID, f.ID})
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			return err
		}
		if err == nil && f.Delim != "" && bin.RemoteName != "" && !f.Inside(bin.Folder) && f.Home() == bin.Home() && full {
			return t.renameFolder(ctx, f, t.freeName(ctx, f.AccountID, bin.Name+f.Delim+f.Leaf()))
		}
		for _, b := range below {
			if err := t.dropFolder(ctx, b); err != nil {
				return err
			}
		}
		return t.dropFolder(ctx, f)
	})
}

// dropFolder deletes one folder. Only an empty one can be made again.
func (t *mailTx) dropFolder(ctx context.Context, f storage.MailFolder) error {
	op := journal.Op{AccountID: f.AccountID, Kind: journal.MailFolderDelete, Target: f.Name, Targets: []journal.Target{{Table: "folders", ID: f.ID}}}
	f.Hidden = true
	if err := t.SaveFolder(ctx, f); err != nil {
		return err
	}
	var inverse any
	if f.Total == 0 {
		inverse = inverseOp{journal.MailFolderCreate, mail.FolderOp{ID: f.ID, Name: f.Name, Unsubscribed: !f.Subscribed}}
	}
	op, err := t.op(ctx, op, mail.FolderOp{ID: f.ID, From: f.Name, OnlyEmpty: f.Total == 0}, inverse)
	if err != nil {
		return err
	}
	return t.Park(ctx, op, op.Targets[0])
}
