// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"errors"
	"io/fs"

	"kontor/app/accounts"
	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/transport"
)

// ErrProgram is returned for a file that the desktop could run as a program instead of showing it.
var ErrProgram = errors.New("this file could be a program")

// explanations maps sentinels to the texts app.error.KEY.title and .advice; the first that fits counts, so the more
// special ones stand first.
var explanations = []struct {
	err error
	key string
}{
	{ErrHomeInUse, "in-use"},
	{ErrNothingToUndo, "no-undo"},
	{ErrUndoLater, "undo-later"},
	{ErrChoice, "choice"},
	{ErrProgram, "program"},
	{journal.ErrState, "op-state"},
	{storage.ErrNewer, "newer"},
	{storage.ErrNameTaken, "name-taken"},
	{storage.ErrInvariant, "invariant"},
	{storage.ErrNotFound, "not-found"},
	{transport.ErrURL, "url"},
	{context.Canceled, "canceled"},
	{fs.ErrNotExist, "no-file"},
	{fs.ErrPermission, "no-permission"},
}

// extraExplanations come from the services of each area; they are looked at before the common ones.
var extraExplanations []struct {
	err error
	key string
}

// explain adds the explanation of an area's sentinel, by the whole key without ".title" and ".advice".
func explain(err error, key string) {
	extraExplanations = append(extraExplanations, struct {
		err error
		key string
	}{err, key})
}

// Explain turns any error into what happened and what to do, one sentence each, in the language in use.
func Explain(err error) (title, advice string) {
	var check *accounts.CheckError
	if errors.As(err, &check) {
		return check.Check.Text(), "" // says itself what to do
	}
	key := explainKey(err)
	if title, ok := explainSize(err); ok {
		return title, i18n.T(key + ".advice")
	}
	return i18n.T(key + ".title"), i18n.T(key + ".advice")
}

func explainKey(err error) string {
	if key, ok := explainForbidden(err); ok {
		return key
	}
	for _, e := range extraExplanations {
		if errors.Is(err, e.err) {
			return e.key
		}
	}
	if storage.IsCorrupt(err) && !storage.IsIndexDamaged(err) {
		return "app.error.damaged"
	}
	for _, e := range explanations {
		if errors.Is(err, e.err) {
			return "app.error." + e.key
		}
	}
	if key, ok := explainCoded(err); ok {
		return key
	}
	if path := (*fs.PathError)(nil); errors.As(err, &path) { // its codes are not those of a connection
		return "app.error.file"
	}
	if cause := transport.CauseOf(err); cause != transport.CauseServer || errors.Is(err, transport.ErrServer) {
		return "app.error.cause." + string(cause)
	}
	return "app.error.unknown"
}

// common are problems with the secrets of this computer: they stand in the way of every server of every account.
var common = []error{
	accounts.ErrNoKeyring, accounts.ErrNoPassphrase, accounts.ErrPassphrase, accounts.ErrPassphrasesNo, accounts.ErrKeyLost, accounts.ErrOtherSeal, accounts.ErrSealed,
}

// Problems takes joined errors apart, so that each can be explained on its own. What stands in the way of everything is
// told once.
func Problems(err error) []error {
	var all []error
	told := map[error]bool{}
next:
	for _, one := range apart(err) {
		for _, sentinel := range common {
			if errors.Is(one, sentinel) && told[sentinel] {
				continue next
			}
			told[sentinel] = told[sentinel] || errors.Is(one, sentinel)
		}
		all = append(all, one)
	}
	return all
}

func apart(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error }) //nolint:errorlint // only the outermost layer is taken apart
	if !ok {
		return []error{err}
	}
	var all []error
	for _, one := range joined.Unwrap() {
		if one != nil {
			all = append(all, apart(one)...)
		}
	}
	return all
}
