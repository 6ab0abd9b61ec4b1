// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"testing"
	"time"

	"kontor/storage"
	"kontor/sync/transport"
)

// TestTheStatusNamesWhatAPersonCanMend: of several servers the worst cause is shown, a single one that works means not
// offline, and the last success of any counts.
func TestTheStatusNamesWhatAPersonCanMend(t *testing.T) {
	at := func(h int) time.Time { return time.Date(2026, 11, 23, h, 0, 0, 0, time.UTC) }
	c := func(cause transport.Cause, ok int) storage.Connection {
		return storage.Connection{Cause: string(cause), LastOK: at(ok)}
	}
	for name, tc := range map[string]struct {
		all     []storage.Connection
		cause   transport.Cause
		offline bool
		last    time.Time
	}{
		"nothing was tried":          {nil, transport.CauseNone, false, time.Time{}},
		"all is well":                {[]storage.Connection{c("", 9), c("", 8)}, transport.CauseNone, false, at(9)},
		"one of two is down":         {[]storage.Connection{c("", 9), c(transport.CauseUnreachable, 7)}, transport.CauseUnreachable, false, at(9)},
		"no network":                 {[]storage.Connection{c(transport.CauseOffline, 6), c(transport.CauseOffline, 7)}, transport.CauseOffline, true, at(7)},
		"a password beats a network": {[]storage.Connection{c(transport.CauseOffline, 6), c(transport.CauseSignIn, 7)}, transport.CauseSignIn, true, at(7)},
		"a brake beats a host":       {[]storage.Connection{c(transport.CausePaused, 6), c(transport.CauseHost, 7)}, transport.CausePaused, true, at(7)},
		"an error beats nothing":     {[]storage.Connection{c(transport.CauseServer, 6), c("", 7)}, transport.CauseServer, false, at(7)},
	} {
		last, cause, offline := judge(tc.all)
		if cause != tc.cause || offline != tc.offline || !last.Equal(tc.last) {
			t.Errorf("%s: %q, offline %v, last %v", name, cause, offline, last)
		}
	}
	for _, cause := range []transport.Cause{
		transport.CauseOffline, transport.CauseUnreachable, transport.CauseSignIn, transport.CauseCertificate, transport.CauseNoTLS, transport.CauseHost,
		transport.CausePortal, transport.CauseServer, transport.CausePaused,
	} {
		if severity[cause] == 0 {
			t.Errorf("%s is not worth mentioning", cause)
		}
	}
}
