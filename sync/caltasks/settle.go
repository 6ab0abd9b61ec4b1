// SPDX-License-Identifier: EUPL-1.2

package caltasks

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"kontor/app/journal"
	"kontor/sync/dav"
	"kontor/sync/engine"
)

// Settle is part of engine.Worker: it compares what the server holds with what should be there. What is not there can
// be sent again without harm, since every name is fixed and every write has a precondition.
func (w *Worker) Settle(ctx context.Context, op journal.Op) (engine.Result, error) {
	if _, err := w.where(ctx); err != nil {
		return unsure(err)
	}
	switch op.Kind {
	case journal.TaskPut:
		return w.settlePut(ctx, op)
	case journal.TaskDelete:
		return w.settleDelete(ctx, op)
	case journal.TaskMove:
		return w.settleMove(ctx, op)
	case journal.TaskListCreate:
		return w.settleCreate(ctx, op)
	case journal.TaskListDelete, journal.TaskListEdit:
		return engine.Result{Outcome: journal.Retry}, nil // doing it twice comes to the same
	}
	return engine.Result{Outcome: journal.Rejected}, ErrRefused
}

// unsure keeps the doubt where the server could not be asked.
func unsure(err error) (engine.Result, error) {
	return engine.Result{Outcome: journal.Unknown, RetryAfter: dav.RetryAfter(err)}, err
}

func (w *Worker) settlePut(ctx context.Context, op journal.Op) (engine.Result, error) {
	row, list, ok, err := w.task(ctx, op)
	if err != nil || !ok {
		return gone(err)
	}
	p, err := plan(op, row, list, true)
	if err != nil {
		return engine.Result{Outcome: journal.Rejected}, err
	}
	there, err := w.fetchOver(ctx, list.Href, row.Name, p.known())
	if err != nil {
		return unsure(err)
	}
	if !there.Exists() { // perhaps it arrived, and somebody has moved it since
		if _, err := w.goAlong(ctx, p); err != nil {
			return unsure(err)
		}
		there = p.Base
	}
	if lostSeries(p.Send, there.Text) || !p.Arrived(there) {
		return engine.Result{Outcome: journal.Retry}, nil
	}
	w.count.uploaded.Add(1)
	return w.confirmed(p, there.ETag, there.Text, false), nil
}

func (w *Worker) settleDelete(ctx context.Context, op journal.Op) (engine.Result, error) {
	row, list, ok, err := w.task(ctx, op)
	if err != nil || !ok {
		return gone(err)
	}
	there, err := w.fetchOne(ctx, list.Href, row.Name)
	if err != nil {
		return unsure(err)
	}
	if !there.Exists() {
		return deleted(op, row.ID), nil
	}
	return engine.Result{Outcome: journal.Retry}, nil
}

// settleMove finishes a move that was cut between copy and deletion.
func (w *Worker) settleMove(ctx context.Context, op journal.Op) (engine.Result, error) {
	row, from, ok, err := w.task(ctx, op)
	if err != nil || !ok {
		return gone(err)
	}
	to, err := w.target(ctx, op)
	if err != nil {
		return engine.Result{Outcome: journal.Rejected}, err
	}
	if to.ID == from.ID { // there is no copy, only the task itself
		return engine.Result{Outcome: journal.Succeeded}, nil
	}
	twin, err := w.fetchOne(ctx, to.Href, row.Name)
	if err != nil {
		return unsure(err)
	}
	there, err := w.fetchOne(ctx, from.Href, row.Name)
	if err != nil {
		return unsure(err)
	}
	if !twin.Exists() {
		return engine.Result{Outcome: journal.Retry}, nil
	}
	text := there.Text
	if !there.Exists() {
		text = row.Base
		on, err := w.carriedOn(ctx, row, from, to)
		if err != nil {
			return unsure(err)
		}
		if on.ID != to.ID { // there is a copy only, and somebody moved the original
			return engine.Result{Outcome: journal.Retry}, nil
		}
	}
	made, same, err := w.copyOf(ctx, text, twin)
	switch {
	case err != nil:
		return unsure(err)
	case !there.Exists() && !same:
		return moved(op, row, to, copied{object: twin}), nil
	case !same:
		return engine.Result{Outcome: journal.Retry}, nil
	}
	if there.Exists() {
		h := http.Header{"If-Match": {strings.TrimPrefix(there.ETag, "W/")}}
		if _, err := w.do(ctx, http.MethodDelete, from.Href+row.Name, h, ""); err != nil && !dav.IsStatus(err, http.StatusNotFound, http.StatusGone) {
			return unsure(err)
		}
	}
	return moved(op, row, to, made), made.note()
}

func (w *Worker) settleCreate(ctx context.Context, op journal.Op) (engine.Result, error) {
	l, p, ok, err := w.list(ctx, op)
	if err != nil || !ok {
		return gone(err)
	}
	if l.Href, err = w.newHref(ctx, l); errors.Is(err, ErrNoHome) {
		return engine.Result{Outcome: journal.Rejected}, err
	} else if err != nil {
		return unsure(err)
	}
	exists, err := w.listExists(ctx, l.Href)
	if err != nil {
		return unsure(err)
	}
	if exists {
		return created(op, l, p), nil
	}
	return engine.Result{Outcome: journal.Retry}, nil
}
