// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kontor/app/mail"
	"kontor/storage"
)

// ErrNoRights is returned by a server that has no rights to tell of.
var ErrNoRights = errors.New("the server does not know who may do what with folders")

// rightsAge is for how long the rights in other people's folders are taken for granted.
const rightsAge = 5 * time.Minute

// known are rights and when the server told them.
type known struct {
	rights map[string]mail.Rights // by the name on the wire
	at     time.Time
}

// oldRights reports whether the server knows only the rights of RFC 2086: a newer one names those it has divided.
func (c *client) oldRights() bool {
	for name := range c.caps {
		if strings.HasPrefix(name, "RIGHTS=") {
			return false
		}
	}
	return true
}

// fillRights fills in what the person may do in folders of others, in one turn for all of them; those of the own folders
// only where they come with the list (RFC 8440).
func (w *Worker) fillRights(c *client, l *listing, spaces []mail.Namespace) error {
	places := mail.Places(claimsOf(l.boxes), spaces)
	if c.has("ACL") && !c.has("LIST-MYRIGHTS") {
		if err := w.askRights(c, l, places); err != nil {
			return err
		}
	}
	for i, b := range l.boxes {
		l.boxes[i].rights = l.beside.rights[b.raw]
	}
	return nil
}

func (w *Worker) askRights(c *client, l *listing, places []mail.Place) error {
	w.mu.Lock()
	old := w.rights
	w.mu.Unlock()
	fresh := time.Since(old.at) < rightsAge
	var cmds []*command
	c.on.rights = l.right
	defer func() { c.on.rights = nil }()
	for i, b := range l.boxes {
		if places[i].Space == mail.SpaceOwn || !b.selectable {
			continue
		}
		if r, ok := old.rights[b.raw]; ok && fresh {
			l.beside.rights[b.raw] = r
			continue
		}
		cmds = append(cmds, c.send("MYRIGHTS ", quote(b.raw)))
	}
	for _, cmd := range cmds {
		if err := c.wait(cmd); err != nil && !refused(err) {
			return fmt.Errorf("rights of a folder: %w", err)
		}
	}
	if len(cmds) > 0 && !fresh {
		old.at = time.Now()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rights = known{l.beside.rights, old.at}
	return nil
}

// right notes what the person may do with a folder.
func (l *listing) right(name, rights string) {
	l.beside.rights[name] = mail.ReadRights(rights, l.c.oldRights())
}

// doubtRights makes the next look at the folders ask for the rights again: the server has refused something.
func (w *Worker) doubtRights(err error) {
	if !hasCode(err, "NOPERM") {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rights.at = time.Time{}
}

// myRights reads the folder and the rights of a MYRIGHTS response (RFC 4314, section 3.8).
func (c *client) myRights(rest []byte) error {
	s := scanner{b: rest}
	words, err := s.texts()
	if err != nil || len(words) != 2 {
		return fmt.Errorf("MYRIGHTS: %w", errOdd)
	}
	if c.on.rights != nil {
		c.on.rights(words[0], words[1])
	}
	return nil
}

// accessList reads the folder and then who may do what (RFC 4314, section 3.6).
func (c *client) accessList(rest []byte) error {
	s := scanner{b: rest}
	words, err := s.texts()
	if err != nil || len(words)%2 != 1 {
		return fmt.Errorf("ACL: %w", errOdd)
	}
	var list []mail.Grant
	for i := 1; i < len(words); i += 2 {
		list = append(list, mail.Grant{Who: words[i], Rights: mail.ReadRights(words[i+1], c.oldRights())})
	}
	if c.on.grants != nil {
		c.on.grants(list)
	}
	return nil
}

// texts reads strings up to the end.
func (s *scanner) texts() (list []string, err error) {
	for s.space(); s.i < len(s.b); s.space() {
		before := s.i
		t, err := s.text()
		if err != nil {
			return nil, err
		}
		if s.i == before {
			return nil, errOdd
		}
		list = append(list, string(t))
	}
	return list, nil
}

// AskRights asks the server what the person, and who else, may do with a folder, and stores both. Who else may is told to
// those only who may change it: else what is stored of that goes. Errors: ErrNoRights.
func (w *Worker) AskRights(ctx context.Context, folderID int64) error {
	f, err := w.db.MailFolder(ctx, folderID)
	if err != nil {
		return err
	}
	if f.RemoteName == "" {
		return errNotYet
	}
	var grants []mail.Grant
	err = w.with(ctx, func(c *client) error {
		name, err := w.wireName(ctx, c, f.RemoteName)
		if err != nil {
			return err
		}
		if !c.has("ACL") {
			return ErrNoRights
		}
		c.on.rights = func(_, rights string) { f.Rights = mail.ReadRights(rights, c.oldRights()) }
		c.on.grants = func(list []mail.Grant) { grants = list }
		mine, all := c.send("MYRIGHTS ", quote(name)), c.send("GETACL ", quote(name))
		if err := c.wait(mine); err != nil {
			return err
		}
		if err := c.wait(all); err != nil && !refused(err) {
			return err
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("rights of a folder: %w", err)
	}
	return w.db.Write(ctx, func(tx *storage.Tx) error {
		now, err := tx.MailFolder(ctx, folderID)
		if err != nil {
			return err
		}
		now.Rights = f.Rights
		return errors.Join(tx.SaveFolder(ctx, now), tx.SaveGrants(ctx, folderID, grants, time.Now()))
	})
}

// housed puts messages where they were to go that the server has nowhere any more, since their whole folder is gone or no
// longer shared.
func (w *Worker) housed(ctx context.Context, c *client, j *journey, ids []int64) error {
	rows, err := w.db.RemoteMails(ctx, ids)
	if err != nil {
		return err
	}
	for _, r := range rows {
		placed := slices.ContainsFunc(j.done, func(m moved) bool { return m.id == r.ID })
		if r.FolderID != 0 || placed {
			continue
		}
		there, err := w.filed(ctx, c, j.name, mail.AppendOp{ID: r.ID, Once: true})
		if err != nil {
			return err
		}
		if there {
			j.done = append(j.done, moved{id: r.ID})
			continue
		}
		back, lost, err := w.restore(ctx, c, []storage.RemoteMail{r}, j)
		j.done = append(j.done, back...)
		if err != nil {
			return err
		}
		if len(lost) > 0 {
			return ErrGone
		}
		j.proof = append(j.proof, "put back: 1")
	}
	return nil
}
