// SPDX-License-Identifier: EUPL-1.2

package caltasks

import (
	"context"
	"errors"
	"net/http"

	"kontor/sync/dav"
	"kontor/sync/transport"
)

// asking is by what a server is asked whether a list has changed.
type asking string

// The ways of asking.
const (
	byUnknown asking = ""
	byTags    asking = "tags"  // getctag and sync-token, which are there to be asked for
	byTimes   asking = "times" // getlastmodified, on Radicale
)

// listing is what the server says of all lists. From a partial one nothing is concluded about what it lacks.
type listing struct {
	lists   []remoteList
	partial bool
}

// remoteLists reads all lists there are. A place that has gone is searched for again.
func (w *Worker) remoteLists(ctx context.Context) (listing, error) {
	p, err := w.where(ctx)
	if err != nil {
		return listing{}, err
	}
	all, err := w.listKnown(ctx, p)
	if !dav.IsStatus(err, http.StatusNotFound, http.StatusForbidden, http.StatusMethodNotAllowed, http.StatusGone) && !errors.Is(err, transport.ErrPortal) {
		return all, err
	}
	if p, err = w.discover(ctx); err != nil {
		return listing{}, err
	}
	return w.listKnown(ctx, p)
}

// listKnown reads all lists, and finds out by what the server is to be asked where that is not known or not true any more.
func (w *Worker) listKnown(ctx context.Context, p place) (listing, error) {
	all, err := w.listAll(ctx, p)
	if err != nil {
		return all, err
	}
	if basic := w.dav().Basic(); p.Basic != basic {
		p.Basic = basic
		if err := w.remember(ctx, p); err != nil {
			return all, err
		}
	}
	if len(all.lists) == 0 || p.Ask == byTags {
		return all, nil
	}
	ask := byTags
	for _, l := range all.lists {
		if l.times {
			ask = byTimes
		}
	}
	if p.Ask == ask {
		return all, nil
	}
	p.Ask = ask
	if err := w.remember(ctx, p); err != nil || ask == byTimes {
		return all, err
	}
	return w.listAll(ctx, p)
}

func (w *Worker) listAll(ctx context.Context, p place) (listing, error) {
	var all listing
	if p.List != "" {
		err := w.dav().Propfind(ctx, p.List, dav.Depth0, p.Ask.body(), func(r dav.Response) error {
			if l, ok := listOf(r, p.Principal); ok {
				all.lists = append(all.lists, l)
			}
			return r.Err
		})
		return all, err
	}
	for _, home := range p.Homes {
		some, err := w.listHome(ctx, home, p.Principal, p.Ask)
		if err != nil {
			return listing{}, err
		}
		all.lists = append(all.lists, some.lists...)
		all.partial = all.partial || some.partial
	}
	return all, nil
}

// body is the request that asks for lists. Where nothing is known of the server, it is only asked whether it is Radicale: to
// say what changed last costs that a tenth of the time in which it gives out all that is in a list, more on a slow disk.
func (a asking) body() string {
	switch a {
	case byTags:
		return askListTags
	case byTimes:
		return askListTimes
	case byUnknown:
	}
	return askListKind
}

// listHome reads all lists of a home. It is partial where one of them has an address that cannot be used.
func (w *Worker) listHome(ctx context.Context, home, principal string, ask asking) (all listing, err error) {
	err = w.dav().Propfind(ctx, home, dav.Depth1, ask.body(), func(r dav.Response) error {
		all.partial = all.partial || r.Err != nil
		if l, ok := listOf(r, principal); ok {
			all.lists = append(all.lists, l)
		}
		return nil
	})
	return all, err
}
