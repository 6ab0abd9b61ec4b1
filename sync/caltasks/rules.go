// SPDX-License-Identifier: EUPL-1.2

package caltasks

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"kontor/app/tasks"
	"kontor/storage"
	"kontor/sync/dav"
)

// sentinel is an error that names its cause for app.ExplainOp.
type sentinel struct{ code, text string }

func (s *sentinel) Error() string { return s.text }

// Code is part of transport.Coded.
func (s *sentinel) Code() string { return s.code }

// What a server that takes no series means for a change.
var (
	// ErrRepeatsHere goes with a change that succeeded: the task is on the server without its series, which is kept here.
	ErrRepeatsHere error = &sentinel{"tasks.repeats-here", "the server takes no recurring tasks, the recurrence is kept here"}
	// ErrSeries is a change of a series that the server made itself and lets nobody change.
	ErrSeries error = &sentinel{"tasks.series", "the server does not let a recurring task be changed"}
)

// rules is what is known of how the server of an account deals with series.
type rules string

const (
	rulesUnknown rules = ""     // it takes them as far as is known
	rulesKept    rules = "kept" // it refuses them and keeps properties that it does not know
	rulesLost    rules = "lost" // it refuses them and drops such properties
	rulesSetting       = "tasks.rules."
)

func (w *Worker) rulesKey() string { return rulesSetting + strconv.FormatInt(w.cfg.Account.ID, 10) }

func (w *Worker) rules(ctx context.Context) (rules, error) {
	s, err := w.db.Setting(ctx, w.rulesKey(), "")
	return rules(s), err
}

// refusesContent reports whether an answer may be about what was sent: not about a right, a precondition or the moment.
// SabreDAV answers so with 415, OX App Suite and others with 400, 403 or 409, Xandikos with a multistatus.
func refusesContent(err error) bool {
	return errors.Is(err, ErrRefused) || dav.IsStatus(err, http.StatusBadRequest, http.StatusForbidden, http.StatusConflict,
		http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusNotImplemented) || namesSeries(err)
}

// namesSeries reports whether a server says itself that it is the series that it does not take. Some do with a 500.
func namesSeries(err error) bool {
	var status *dav.StatusError
	if !errors.As(err, &status) {
		return false
	}
	words := strings.ToLower(status.Message)
	return strings.Contains(words, "recurr") || strings.Contains(words, "rrule") || strings.Contains(words, "repeating task")
}

// send writes the text of a change. Where the server refuses it, and takes the same without the series, it was the
// series: the task lies there without it then, and that is remembered. A series that the server has already is never
// taken from it, since others may see it there.
func (w *Worker) send(ctx context.Context, p *put) (etag string, err error) {
	href := p.list.Href + p.row.Name
	if !tasks.Recurs(p.Send) {
		return w.write(ctx, href, p.Base, p.Send)
	}
	known, err := w.rules(ctx)
	if err != nil {
		return "", err
	}
	theirs := tasks.Recurs(p.Base.Text)
	var refusal error
	if known == rulesUnknown || theirs {
		etag, err = w.write(ctx, href, p.Base, p.Send)
		switch {
		case !refusesContent(err):
			return etag, err
		case theirs && (known != rulesUnknown || namesSeries(err)):
			return "", errors.Join(ErrSeries, err)
		case theirs:
			return "", err
		}
		refusal, p.refused = err, true
	}
	held := tasks.Hold(p.Send)
	etag, err = w.write(ctx, href, p.Base, held)
	if err != nil {
		if refusal != nil && refusesContent(err) {
			return "", refusal // it was not the series
		}
		return "", err
	}
	p.Send, p.held = held, true
	return etag, w.learn(ctx, p, known)
}

// learn finds out, once for an account, whether the server keeps the properties that a series is held in.
func (w *Worker) learn(ctx context.Context, p *put, known rules) error {
	if known != rulesUnknown {
		return nil
	}
	there, err := w.fetchOne(ctx, p.list.Href, p.row.Name)
	if err != nil {
		return errors.Join(errAfter, err)
	}
	known = rulesKept
	if there.Exists() && !tasks.Held(there.Text) && tasks.SameUID(there.Text, p.Send) {
		known = rulesLost
	}
	return w.rememberRules(ctx, known)
}

func (w *Worker) rememberRules(ctx context.Context, known rules) error {
	return w.db.WriteDurable(ctx, func(tx *storage.Tx) error { return tx.SetSetting(ctx, w.rulesKey(), string(known)) })
}

// known is the text that the server should hold as far as its series goes: of a new task the one that is on its way.
func (p *put) known() string {
	if p.row.Base == "" {
		return tasks.Hold(p.Send)
	}
	return p.row.Base
}

// fetchOver is fetchOne for an object of which base is known: a series that only we know stays in it.
func (w *Worker) fetchOver(ctx context.Context, list, name, base string) (object, error) {
	o, err := w.fetchOne(ctx, list, name)
	if err != nil || !o.Exists() || !tasks.Held(base) {
		return o, err
	}
	known, err := w.rules(ctx)
	if err == nil && known == rulesLost {
		o.Text = tasks.KeepHeld(base, o.Text)
	}
	return o, err
}

// keepHeld does for a pull what fetchOver does for one object.
func (s *listPull) keepHeld(ctx context.Context, tx *storage.Tx) error {
	if s.rules != rulesLost {
		return nil
	}
	for i, f := range s.ready {
		if _, ok := s.states[f.Name]; !ok {
			continue
		}
		row, err := tx.TaskByName(ctx, s.list.ID, f.Name)
		if errors.Is(err, storage.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if text := tasks.KeepHeld(row.Base, f.Text); text != f.Text {
			s.ready[i] = storage.FetchTask(f.Name, f.ETag, text)
		}
	}
	return nil
}

// lostSeries reports whether a server may have taken a task without the series that it was sent with.
func lostSeries(sent, there string) bool {
	return (tasks.Recurs(sent) || tasks.Held(sent)) && !tasks.Recurs(there) && !tasks.Held(there)
}
