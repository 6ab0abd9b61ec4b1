// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"errors"
	"strings"

	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/sync/transport"
)

// ExplainOp turns the cause of an operation's last failure into what happened and what to do, one sentence each, in the
// language in use. What the server said itself is in op.LastError. Both are empty where nothing went wrong and nothing is
// to be said of what is done; an operation of an earlier version, which has no cause, gets the general words.
func ExplainOp(op journal.Op) (title, advice string) {
	if op.LastError == "" && (op.State != journal.Done || op.Cause == "") {
		return "", ""
	}
	key := causeKey(op.Cause)
	return i18n.T(key + ".title"), i18n.T(key + ".advice")
}

func causeKey(cause string) string {
	area, word, ok := strings.Cut(cause, ".")
	switch {
	case ok && (area == "send" || area == "mail" || area == "files" || area == "tasks"):
		return area + ".error." + word
	case cause == journal.CauseInterrupted:
		return "send.error.interrupted"
	case cause == "":
		return "app.error.unknown"
	}
	return "app.error.cause." + cause
}

// explainCoded finds the texts of an error that names its own cause.
func explainCoded(err error) (key string, ok bool) {
	var coded transport.Coded
	if !errors.As(err, &coded) || transport.CauseOf(err) != transport.CauseServer || !strings.Contains(coded.Code(), ".") {
		return "", false
	}
	return causeKey(coded.Code()), true
}

// explainSize names both sizes of a message that is too large.
func explainSize(err error) (title string, ok bool) {
	var size *mail.SizeError
	if !errors.As(err, &size) {
		return "", false
	}
	return i18n.T("send.error.size", "size", i18n.Size(size.Size), "limit", i18n.Size(size.Limit)), true
}
