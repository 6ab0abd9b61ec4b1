// SPDX-License-Identifier: EUPL-1.2

package caltasks

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/storage"
	"kontor/sync/dav"
	"kontor/sync/engine"
	"kontor/sync/transport"
)

// ErrNoHome is returned where the address of the account is that of a single list, so that there is no place for another.
var ErrNoHome = errors.New("the address of the account is that of a single list")

// list reads the list that an operation is about; false where it is gone.
func (w *Worker) list(ctx context.Context, op journal.Op) (l storage.TaskList, p tasks.ListOp, ok bool, err error) {
	i := slices.IndexFunc(op.Targets, func(t journal.Target) bool { return t.Table == "lists" })
	if i < 0 {
		return l, p, false, nil
	}
	if err := json.Unmarshal(op.Payload, &p); err != nil {
		return l, p, false, fmt.Errorf("read operation: %w", err)
	}
	l, err = w.db.TaskList(ctx, op.Targets[i].ID)
	if errors.Is(err, storage.ErrNotFound) {
		return l, p, false, nil
	}
	return l, p, err == nil, err
}

// createList makes a list at an address that was fixed before the first attempt.
func (w *Worker) createList(ctx context.Context, op journal.Op) (engine.Result, error) {
	l, p, ok, err := w.list(ctx, op)
	if err != nil || !ok {
		return gone(err)
	}
	if l.Href, err = w.newHref(ctx, l); err != nil {
		return engine.Result{Outcome: journal.Rejected}, err
	}
	h := http.Header{"Content-Type": {"application/xml; charset=utf-8"}}
	_, err = w.do(ctx, "MKCALENDAR", l.Href, h, makeList(p.Name, p.Color))
	if dav.IsStatus(err, http.StatusNotImplemented, http.StatusMethodNotAllowed, http.StatusBadRequest, http.StatusForbidden, http.StatusConflict) {
		exists, there := w.listExists(ctx, l.Href)
		switch {
		case there != nil:
			err = there
		case exists:
			err = nil // an attempt before this one made it
		default:
			_, err = w.do(ctx, "MKCOL", l.Href, h, makeCollection(p.Name, p.Color))
		}
	}
	if err != nil {
		return failed(err)
	}
	return created(op, l, p), nil
}

func created(op journal.Op, l storage.TaskList, p tasks.ListOp) engine.Result {
	l.OnServer, l.RemoteName, l.RemoteColor = true, p.Name, p.Color
	return engine.Result{Outcome: journal.Succeeded, Proof: l.Href, Apply: func(ctx context.Context, tx *storage.Tx) error {
		return tx.StoreTaskList(ctx, l, op.ID)
	}}
}

// newHref is where a list that is made here will lie.
func (w *Worker) newHref(ctx context.Context, l storage.TaskList) (string, error) {
	if l.Href != "" {
		return l.Href, nil
	}
	p, err := w.where(ctx)
	if err != nil {
		return "", err
	}
	if len(p.Homes) == 0 {
		return "", ErrNoHome
	}
	return p.Homes[0] + l.Slug + "/", nil
}

// listExists asks for a list. A server that does not answer is an error.
func (w *Worker) listExists(ctx context.Context, href string) (bool, error) {
	exists := false
	err := w.dav().Propfind(ctx, href, dav.Depth0, askListTimes, func(r dav.Response) error {
		_, isList := listOf(r, "")
		exists = exists || isList
		return nil
	})
	if dav.IsStatus(err, http.StatusNotFound, http.StatusGone, http.StatusForbidden) || errors.Is(err, dav.ErrListing) {
		return false, nil
	}
	return exists, err
}

// changeList renames or recolours a list, or gives it another place.
func (w *Worker) changeList(ctx context.Context, op journal.Op) (engine.Result, error) {
	l, p, ok, err := w.list(ctx, op)
	if err != nil || !ok {
		return gone(err)
	}
	if !l.OnServer {
		return engine.Result{Outcome: journal.Rejected}, ErrListGone
	}
	name, color, order := p.Lay(l.RemoteName, l.RemoteColor, l.RemoteOrder)
	body := editList(name, color)
	if p.Order != p.OldOrder {
		body = orderList(order)
	}
	if err := w.proppatch(ctx, l.Href, body); err != nil {
		return failed(err)
	}
	l.RemoteName, l.RemoteColor, l.RemoteOrder = name, color, order
	return engine.Result{Outcome: journal.Succeeded, Apply: func(ctx context.Context, tx *storage.Tx) error {
		return tx.StoreTaskList(ctx, l, op.ID)
	}}, nil
}

// proppatch sets properties, all of them or none (RFC 4918, section 9.2).
func (w *Worker) proppatch(ctx context.Context, href, body string) error {
	h := http.Header{"Content-Type": {"application/xml; charset=utf-8"}}
	resp, err := w.dav().Do(ctx, dav.Request{Method: "PROPPATCH", Href: href, Header: h, Body: dav.Bytes([]byte(body)), Length: int64(len(body))})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusMultiStatus {
		return nil
	}
	var answer struct {
		Responses []struct {
			Propstats []struct {
				Status string `xml:"DAV: status"`
			} `xml:"DAV: propstat"`
		} `xml:"DAV: response"`
	}
	if err := xml.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&answer); err != nil {
		return fmt.Errorf("%w: %w", transport.ErrServer, err)
	}
	for _, r := range answer.Responses {
		for _, s := range r.Propstats {
			if fields := strings.Fields(s.Status); len(fields) > 1 && !strings.HasPrefix(fields[1], "2") {
				return fmt.Errorf("set properties: %s: %w", fields[1], ErrRefused)
			}
		}
	}
	return nil
}

// deleteList deletes a list with all that is in it.
func (w *Worker) deleteList(ctx context.Context, op journal.Op) (engine.Result, error) {
	l, _, ok, err := w.list(ctx, op)
	if err != nil || !ok {
		return gone(err)
	}
	if l.OnServer {
		_, err := w.do(ctx, http.MethodDelete, l.Href, nil, "")
		if err != nil && !dav.IsStatus(err, http.StatusNotFound, http.StatusGone) {
			return failed(err)
		}
	}
	return listDeleted(op, l), nil
}

func listDeleted(op journal.Op, l storage.TaskList) engine.Result {
	return engine.Result{Outcome: journal.Succeeded, Apply: func(ctx context.Context, tx *storage.Tx) error {
		_, err := tx.TaskListGone(ctx, l.ID, op.ID)
		return err
	}}
}
