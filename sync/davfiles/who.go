// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"kontor/app/files"
	"kontor/storage"
	"kontor/sync/dav"
)

const (
	propfindWho = `<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns"><D:prop>` +
		`<D:getlastmodified/><D:creator-displayname/><D:lockdiscovery/><oc:fileid/><oc:owner-id/><oc:owner-display-name/>` +
		`<nc:lock/><nc:lock-owner/><nc:lock-owner-displayname/></D:prop></D:propfind>`
	propfindAuthors = `<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:" xmlns:nc="http://nextcloud.org/ns"><D:prop>` +
		`<D:getlastmodified/><nc:version-author/></D:prop></D:propfind>`
)

// Who asks the server who changed an item last, whose it is, and who keeps it locked. Plain WebDAV knows at most who made it
// and who locked it (RFC 4918, 15.1 and 15.8).
func (w *Worker) Who(ctx context.Context, row storage.FileRow) (files.Who, error) {
	o, err := w.offers(ctx)
	if err == nil && row.Remote.Path == "" {
		err = files.ErrNotOffered // it has not reached the server
	}
	if err != nil {
		return files.Who{}, fmt.Errorf("who: %w", err)
	}
	var who files.Who
	people := people{w: w, offers: o, names: map[string]string{}}
	var number, locker string
	var present time.Time
	err = w.dav.Propfind(ctx, w.href(row.Remote.Path, row.Dir), dav.Depth0, propfindWho, func(r dav.Response) error {
		number, present = r.Prop(ocName("fileid")).Value(), r.Modified()
		who.Owner = cmp.Or(r.Prop(ocName("owner-display-name")).Value(), r.Prop(dav.Name("creator-displayname")).Value())
		if id := r.Prop(ocName("owner-id")).Value(); id != "" {
			people.names[id] = r.Prop(ocName("owner-display-name")).Value()
			if id == o.User {
				who.Owner = "" // which says nothing
			}
		}
		if r.Prop(ncName("lock")).Value() == "1" {
			locker, who.Locked = r.Prop(ncName("lock-owner")).Value(), r.Prop(ncName("lock-owner-displayname")).Value()
		} else {
			who.Locked = lockOwner(r.Prop(dav.Name("lockdiscovery")))
		}
		return r.Err
	})
	if err != nil {
		return files.Who{}, fmt.Errorf("who: %w", err)
	}
	if who.Locked == "" {
		who.Locked = people.name(ctx, locker)
	}
	author, err := w.author(ctx, o, number, present)
	if err != nil || author == "" {
		return who, unlessRefused(err)
	}
	who.Changed, who.Self = people.name(ctx, author), author == o.User
	return who, nil
}

// author is who made the present content of a file, as the server calls the person; empty where it does not say.
func (w *Worker) author(ctx context.Context, o files.Offers, number string, present time.Time) (author string, err error) {
	if !o.Versions || number == "" || strings.Trim(number, "0123456789") != "" {
		return "", nil
	}
	err = w.dav.Propfind(ctx, versionsHref(o, number), dav.Depth1, propfindAuthors, func(r dav.Response) error {
		if r.Err == nil && r.Modified().Equal(present) {
			author = r.Prop(ncName("version-author")).Value()
		}
		return r.Err
	})
	return author, err
}

func versionsHref(o files.Offers, number string) string {
	return o.Base + "/remote.php/dav/versions/" + o.User + "/versions/" + number
}

// people are those of one server by what they sign in as.
type people struct {
	w      *Worker
	offers files.Offers
	names  map[string]string
}

// name is how a person is shown to others; what the person signs in as where the server keeps that to itself.
func (p people) name(ctx context.Context, user string) string {
	if user == "" || p.names[user] != "" {
		return p.names[user]
	}
	var person struct{ Displayname string }
	if p.offers.Cloud() && p.w.ocs(ctx, p.offers.Base, http.MethodGet, "cloud/users/"+url.PathEscape(user), nil, &person) != nil {
		person.Displayname = "" // not everybody may ask about others
	}
	p.names[user] = cmp.Or(strings.TrimSpace(person.Displayname), user)
	return p.names[user]
}

// nameAuthors writes the names of people in place of what they sign in as.
func (w *Worker) nameAuthors(ctx context.Context, all []files.Version) {
	o, err := w.offers(ctx)
	if err != nil {
		return
	}
	people := people{w: w, offers: o, names: map[string]string{}}
	for i := range all {
		all[i].Who = people.name(ctx, all[i].Who)
	}
}

// maxOwner bounds what a lock says of its owner: it may be anything.
const maxOwner = 80

// lockOwner reads whose an exclusive or shared lock is (RFC 4918, 14.17).
func lockOwner(e *dav.Element) string {
	owner := strings.Join(strings.Fields(words(e.Child(dav.Name("activelock")).Child(dav.Name("owner")))), " ")
	if r := []rune(owner); len(r) > maxOwner {
		owner = string(r[:maxOwner]) + "…"
	}
	return owner
}

// words are all the words below an element.
func words(e *dav.Element) string {
	if e == nil {
		return ""
	}
	all := []string{e.Text}
	for i := range e.Children {
		all = append(all, words(&e.Children[i]))
	}
	return strings.Join(all, " ")
}

// askWho finds out who made the other versions of new conflicts, so that it is known when a person decides, also without a
// network. It is not worth failing for.
func (w *Worker) askWho(ctx context.Context) error {
	all, err := w.db.Conflicts(ctx)
	if err != nil {
		return err
	}
	for _, c := range all {
		var d files.ConflictDetail
		if c.Kind != "file" || c.AccountID != w.cfg.Account.ID || json.Unmarshal(c.Detail, &d) != nil || d.Brake != files.BrakeNone || d.Who != nil {
			continue
		}
		row, err := w.db.File(ctx, c.RefID)
		if err != nil {
			continue // it is gone
		}
		who, err := w.Who(ctx, row)
		if unlessRefused(err) != nil && !errors.Is(err, files.ErrNotOffered) {
			w.log.Info("who changed a file is asked again later", slog.Any("error", err))
			return nil
		}
		if err := w.noteWho(ctx, c, d, who); err != nil {
			return err
		}
	}
	return nil
}

func (w *Worker) noteWho(ctx context.Context, c storage.ConflictRow, d files.ConflictDetail, who files.Who) (err error) {
	d.Who = &who
	if c.Detail, err = json.Marshal(d); err != nil {
		return err
	}
	return w.db.Write(ctx, func(tx *storage.Tx) error {
		if open, err := tx.OpenConflict(ctx, c.AccountID, c.Kind, c.RefID); err != nil || !open {
			return err // decided meanwhile
		}
		_, err := tx.AddConflict(ctx, c)
		return err
	})
}
