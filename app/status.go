// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"time"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/engine"
	"kontor/sync/transport"
)

// Status answers what a status line shows. It only reads the local store.
type Status struct {
	db     *storage.DB
	engine *engine.Engine
}

// Snapshot is the state of everything at one moment.
type Snapshot struct {
	Offline      bool            // no server of any account can be used now
	ByChoice     bool            // the person works offline by choice
	Cause        transport.Cause // why, the worst of all connections; CauseNone while all are fine
	Since        time.Time       // when a server was last reached, for Offline
	Waiting      int             // operations that wait or are held
	Running      int
	Failed       int
	InDoubt      int
	Conflicts    int
	Outbox       int // messages waiting to be sent
	LastSync     time.Time
	Syncing      bool
	Mails        int
	Unread       int
	Files        int
	OpenTasks    int
	OfflineBytes int64
	Connections  []storage.Connection
	Quotas       []mail.Quota // of all accounts, as the servers said last
}

// Snapshot reads the state of everything.
func (s *Status) Snapshot(ctx context.Context) (Snapshot, error) {
	snap := Snapshot{Syncing: s.engine.Syncing(), ByChoice: s.engine.Offline(ctx)}
	counts, err := s.db.OpCounts(ctx)
	if err != nil {
		return snap, err
	}
	snap.Waiting = counts[journal.Waiting] + counts[journal.Held]
	snap.Running, snap.Failed, snap.InDoubt = counts[journal.Running], counts[journal.Failed], counts[journal.InDoubt]
	totals, err := s.db.Totals(ctx)
	if err != nil {
		return snap, err
	}
	snap.Conflicts, snap.Outbox, snap.Mails, snap.Unread = totals.Conflicts, totals.Outbox, totals.Mails, totals.Unread
	snap.Files, snap.OpenTasks, snap.OfflineBytes = totals.OfflineFiles, totals.OpenTasks, totals.OfflineBytes
	if snap.Connections, err = s.db.Connections(ctx); err != nil {
		return snap, err
	}
	if snap.Quotas, err = s.db.Quotas(ctx, 0); err != nil {
		return snap, err
	}
	snap.LastSync, snap.Cause, snap.Offline = judge(snap.Connections)
	snap.Since = snap.LastSync
	if snap.ByChoice {
		snap.Offline, snap.Cause = true, transport.CauseChoice
	}
	return snap, nil
}

// severity orders causes by how much a person has to do about them.
var severity = map[transport.Cause]int{
	transport.CauseNone: 0, transport.CauseServer: 1, transport.CauseUnreachable: 2, transport.CauseHost: 3, transport.CauseOffline: 4,
	transport.CausePortal: 5, transport.CausePaused: 6, transport.CauseNoTLS: 7, transport.CauseCertificate: 8, transport.CauseSignIn: 9,
}

// judge sums up connections: when the last server was reached, the worst cause, and whether none can be used.
func judge(all []storage.Connection) (lastOK time.Time, worst transport.Cause, offline bool) {
	offline = len(all) > 0
	for _, c := range all {
		if c.LastOK.After(lastOK) {
			lastOK = c.LastOK
		}
		cause := transport.Cause(c.Cause)
		if cause == transport.CauseNone {
			offline = false
		}
		if severity[cause] > severity[worst] {
			worst = cause
		}
	}
	return lastOK, worst, offline
}

// SetOffline lets the person work offline by choice, or ends that.
func (s *Status) SetOffline(ctx context.Context, on bool) error {
	value := ""
	if on {
		value = "1"
	}
	return s.db.WriteDurable(ctx, func(tx *storage.Tx) error { return tx.SetSetting(ctx, engine.SettingOffline, value) })
}
