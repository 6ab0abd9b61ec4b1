// SPDX-License-Identifier: EUPL-1.2

package ui

import (
	"strings"
	"time"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/sync/transport"
)

// pillWords says in a few words how things stand with the servers, the cause first, and what waits.
func pillWords(s app.Snapshot) (string, kit.Tone) {
	state, tone := connectionWords(s)
	waiting := s.Waiting + s.Running + s.InDoubt // what is in doubt is settled without the person
	switch {
	case s.Conflicts+s.Failed > 0:
		return state + " · " + i18n.T("ui.decisions", "n", s.Conflicts+s.Failed), max(tone, kit.ToneWarn)
	case waiting > 0:
		return state + " · " + i18n.T("ui.waiting", "n", waiting), tone
	case s.Syncing && tone == kit.ToneAccent:
		return i18n.T("ui.syncing"), tone
	case tone == kit.ToneAccent:
		return state + " · " + i18n.T("ui.all-synced"), tone
	}
	return state, tone
}

func connectionWords(s app.Snapshot) (string, kit.Tone) {
	switch {
	case s.ByChoice:
		return i18n.T("ui.state.choice"), kit.ToneWarn
	case s.Cause == transport.CauseNone && len(s.Connections) == 0:
		return i18n.T("ui.state.none"), kit.ToneMuted
	case s.Cause == transport.CauseNone:
		return i18n.T("ui.state.ok"), kit.ToneAccent
	case needsPerson(s.Cause):
		return i18n.T("ui.state." + string(s.Cause)), kit.ToneBad
	case s.Offline && s.Cause == transport.CauseOffline:
		return i18n.T("ui.state.offline"), kit.ToneWarn
	}
	return i18n.T("ui.state." + string(s.Cause)), kit.ToneWarn
}

// needsPerson reports whether waiting does not help.
func needsPerson(c transport.Cause) bool {
	switch c {
	case transport.CauseSignIn, transport.CauseCertificate, transport.CauseNoTLS, transport.CausePaused, transport.CausePortal:
		return true
	}
	return false
}

// syncedWords is the left end of the status bar.
func syncedWords(s app.Snapshot, now time.Time) string {
	switch {
	case s.Syncing:
		return i18n.T("ui.syncing")
	case s.LastSync.IsZero():
		return i18n.T("ui.never-synced")
	case now.Sub(s.LastSync) < time.Minute:
		return i18n.T("ui.synced-now")
	}
	return i18n.T("ui.synced-at", "when", i18n.Day(s.LastSync, now))
}

// storedWords says what is in the local store.
func storedWords(s app.Snapshot) string {
	parts := []string{
		i18n.T("ui.mails", "n", s.Mails, "count", i18n.Count(s.Mails)),
		i18n.T("ui.files", "n", s.Files, "count", i18n.Count(s.Files)),
		i18n.T("ui.tasks", "n", s.OpenTasks, "count", i18n.Count(s.OpenTasks)),
	}
	return i18n.T("ui.stored", "what", strings.Join(parts, ", "))
}

// outgoingWords is the right end of the status bar: what has not reached a server yet.
func outgoingWords(s app.Snapshot) string {
	var parts []string
	if s.Outbox > 0 {
		parts = append(parts, i18n.T("ui.outbox", "n", s.Outbox))
	}
	if other := s.Waiting + s.Running - s.Outbox; other > 0 {
		parts = append(parts, i18n.T("ui.waiting", "n", other))
	}
	if s.Conflicts > 0 {
		parts = append(parts, i18n.T("ui.conflicts", "n", s.Conflicts))
	}
	return strings.Join(parts, " · ")
}
