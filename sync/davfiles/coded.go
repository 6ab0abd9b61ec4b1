// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"errors"
	"net/http"

	"kontor/sync/dav"
	"kontor/sync/transport"
)

// refusal is why a change of files does not go through, in a word that is explained to the person in any language.
type refusal struct {
	error
	code string
}

// Code implements transport.Coded.
func (r refusal) Code() string { return "files." + r.code }

// Unwrap is part of error.
func (r refusal) Unwrap() error { return r.error }

// coded names the cause of an error that is about one file, where a person can do something about it.
func coded(err error) error {
	var known transport.Coded
	if err == nil || errors.As(err, &known) {
		return err
	}
	switch {
	case dav.IsStatus(err, http.StatusInsufficientStorage):
		return refusal{err, "quota"}
	case dav.IsStatus(err, http.StatusLocked):
		return refusal{err, "locked"}
	case dav.IsStatus(err, http.StatusRequestEntityTooLarge):
		return refusal{err, "too-large"}
	case errors.Is(err, errReadOnly), dav.IsStatus(err, http.StatusForbidden):
		return refusal{err, "forbidden"}
	}
	return err
}
