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
	"kontor/sync/engine"
)

// makeFolder finds or makes the server's folder for one that only the store has, and that no operation makes.
func (w *Worker) makeFolder(ctx context.Context, c *client, f storage.MailFolder) (storage.MailFolder, error) {
	if _, err := w.syncFolders(ctx, c); err != nil {
		return f, err
	}
	f, err := w.db.MailFolder(ctx, f.ID)
	if err != nil || f.RemoteName != "" {
		return f, err
	}
	ops, err := w.db.OpsFor(ctx, "folders", f.ID)
	if err != nil || len(ops) > 0 {
		return f, errors.Join(err, errNotYet)
	}
	name := f.Name
	_, err = c.run("CREATE ", quote(encodeName(name)))
	if inbox, lookErr := w.db.FolderByRole(ctx, w.account, mail.RoleInbox); refused(err) && lookErr == nil && inbox.Delim != "" {
		name = inbox.RemoteName + inbox.Delim + f.Name // some servers keep everything below INBOX
		_, err = c.run("CREATE ", quote(encodeName(name)))
	}
	if err != nil {
		return f, fmt.Errorf("create folder: %w", err)
	}
	if _, err := c.run("SUBSCRIBE ", quote(encodeName(name))); err != nil && !refused(err) {
		return f, fmt.Errorf("subscribe to folder: %w", err)
	}
	if err := w.db.Write(ctx, func(tx *storage.Tx) error { return w.renamed(f.ID, name)(ctx, tx) }); err != nil {
		return f, err
	}
	return w.db.MailFolder(ctx, f.ID)
}

func (w *Worker) pushCreate(c *client, p mail.FolderOp) (engine.Result, error) {
	_, err := c.run("CREATE ", quote(encodeName(p.Name)))
	if refused(err) {
		exists, lookErr := w.exists(c, p.Name)
		if lookErr != nil || !exists {
			return engine.Result{}, errors.Join(fmt.Errorf("create folder: %w", err), lookErr)
		}
	} else if err != nil {
		return engine.Result{}, fmt.Errorf("create folder: %w", err)
	}
	if p.Unsubscribed {
		return engine.Result{Apply: w.renamed(p.ID, p.Name)}, nil
	}
	if _, err := c.run("SUBSCRIBE ", quote(encodeName(p.Name))); err != nil && !refused(err) {
		return engine.Result{}, fmt.Errorf("subscribe to folder: %w", err)
	}
	return engine.Result{Apply: w.renamed(p.ID, p.Name)}, nil
}

func (w *Worker) pushRename(ctx context.Context, c *client, p mail.FolderOp) (engine.Result, error) {
	f, old, err := w.target(ctx, c, p.ID)
	if err != nil {
		return engine.Result{}, err
	}
	if f.RemoteName == p.Name {
		return engine.Result{Apply: w.renamed(p.ID, p.Name)}, nil
	}
	c.leave()
	name := encodeName(p.Name)
	if _, err := c.run("RENAME ", quote(old), " ", quote(name)); err != nil {
		return engine.Result{}, fmt.Errorf("rename folder: %w", err)
	}
	if err := w.resubscribe(ctx, c, f, p.Name); err != nil {
		return engine.Result{}, err
	}
	return engine.Result{Apply: w.renamed(p.ID, p.Name)}, nil
}

// resubscribe makes the subscriptions to a folder that was renamed, and to those below it, follow: they do not by
// themselves (RFC 9051, section 6.3.6).
func (w *Worker) resubscribe(ctx context.Context, c *client, f storage.MailFolder, name string) error {
	all, err := w.db.SyncFolders(ctx, w.account)
	if err != nil {
		return err
	}
	var cmds []*command
	for _, o := range all {
		below := f.Delim != "" && strings.HasPrefix(o.RemoteName, f.RemoteName+f.Delim)
		if !o.Subscribed || o.ID != f.ID && !below {
			continue
		}
		now := name + strings.TrimPrefix(o.RemoteName, f.RemoteName)
		cmds = append(cmds, c.send("UNSUBSCRIBE ", quote(encodeName(o.RemoteName))), c.send("SUBSCRIBE ", quote(encodeName(now))))
	}
	for _, cmd := range cmds {
		if err := c.wait(cmd); err != nil && !refused(err) {
			return fmt.Errorf("subscribe to folder: %w", err)
		}
	}
	return nil
}

func (w *Worker) pushRemove(ctx context.Context, c *client, p mail.FolderOp) (engine.Result, error) {
	f, err := w.db.MailFolder(ctx, p.ID)
	if errors.Is(err, storage.ErrNotFound) {
		return engine.Result{}, nil
	}
	if err != nil {
		return engine.Result{}, err
	}
	if f.RemoteName != "" {
		name, err := w.wireName(ctx, c, f.RemoteName)
		if err != nil {
			return engine.Result{}, err
		}
		c.leave()
		if p.OnlyEmpty {
			if err := c.mustBeEmpty(name); err != nil {
				return engine.Result{}, err
			}
		}
		_, err = c.run("DELETE ", quote(name))
		if refused(err) {
			exists, lookErr := w.exists(c, f.RemoteName)
			if lookErr != nil || exists {
				return engine.Result{}, errors.Join(fmt.Errorf("delete folder: %w", err), lookErr)
			}
		} else if err != nil {
			return engine.Result{}, fmt.Errorf("delete folder: %w", err)
		}
		if _, err := c.run("UNSUBSCRIBE ", quote(name)); err != nil && !refused(err) {
			return engine.Result{}, fmt.Errorf("delete folder: %w", err)
		}
	}
	return engine.Result{Apply: func(ctx context.Context, tx *storage.Tx) error { return tx.RemoveFolder(ctx, p.ID) }}, nil
}

func (w *Worker) pushSubscribe(ctx context.Context, c *client, p mail.FolderOp) (engine.Result, error) {
	f, err := w.db.MailFolder(ctx, p.ID)
	if errors.Is(err, storage.ErrNotFound) {
		return engine.Result{}, nil
	}
	if err != nil {
		return engine.Result{}, err
	}
	if f.RemoteName == "" {
		return engine.Result{}, errNotYet
	}
	name, err := w.wireName(ctx, c, f.RemoteName)
	if err != nil {
		return engine.Result{}, err
	}
	verb := "UNSUBSCRIBE "
	if p.Subscribe {
		verb = "SUBSCRIBE "
	}
	if _, err := c.run(verb, quote(name)); err != nil {
		return engine.Result{}, fmt.Errorf("subscribe to folder: %w", err)
	}
	return engine.Result{}, nil
}

// mustBeEmpty looks whether messages have come into a folder that is to be deleted as an empty one.
func (c *client) mustBeEmpty(name string) error {
	err := c.selectBox(name, false)
	messages := c.box.exists
	c.leave()
	switch {
	case refused(err): // it holds no messages, or is gone already
		return nil
	case err == nil && messages > 0:
		return ErrNotEmpty
	}
	return err
}

// renamed stores the name that the server has for a folder now, and for those below it.
func (w *Worker) renamed(id int64, name string) apply {
	return func(ctx context.Context, tx *storage.Tx) error {
		f, err := tx.MailFolder(ctx, id)
		if errors.Is(err, storage.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		old := f.RemoteName
		all, err := tx.SyncFolders(ctx, w.account)
		if err != nil {
			return err
		}
		for _, other := range all {
			if other.ID != id && other.RemoteName == name { // a look at the server was faster
				if err := tx.RemoveFolder(ctx, other.ID); err != nil {
					return err
				}
			}
		}
		changed := []int64{id}
		for _, below := range all {
			if old != "" && f.Delim != "" && strings.HasPrefix(below.RemoteName, old+f.Delim) {
				below.RemoteName = name + strings.TrimPrefix(below.RemoteName, old)
				if err := tx.SaveFolder(ctx, below); err != nil {
					return err
				}
				changed = append(changed, below.ID)
			}
		}
		f.RemoteName = name
		if err := tx.SaveFolder(ctx, f); err != nil {
			return err
		}
		for _, id := range changed {
			if err := tx.RecomputeFolder(ctx, id); err != nil {
				return err
			}
		}
		return nil
	}
}

// exists asks whether the server has a folder.
func (w *Worker) exists(c *client, name string) (bool, error) {
	list, err := c.listBoxes()
	if err != nil {
		return false, err
	}
	there := slices.ContainsFunc(list.boxes, func(b remoteBox) bool { return b.name == name })
	if list.partial && !there {
		return false, fmt.Errorf("list folders: %w", errOdd)
	}
	return there, nil
}

// leave gives up the selected folder without touching it: it may be the one that is renamed or deleted.
func (c *client) leave() {
	if c.box.name == "" {
		return
	}
	c.box = mailbox{}
	if c.has("UNSELECT") {
		_, _ = c.run("UNSELECT") // a broken connection shows with the next command
	}
}
