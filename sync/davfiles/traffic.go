// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"kontor/app/files"
	"kontor/storage"
)

// The settings of transfers.
const (
	settingDown    = "files.limit.down" // octets in a second, 0 for as fast as it goes
	settingUp      = "files.limit.up"
	settingMetered = "files.metered"
	pausedPrefix   = "files.paused." // with the ID of an account
)

func settingPaused(account int64) string { return fmt.Sprint(pausedPrefix, account) }

// ErrMetered is returned for a choice about metered connections that there is not.
var ErrMetered = errors.New("a metered connection is auto, on or off")

// errHeld stops a transfer that is not to run now: it is paused, or waits for a connection that costs nothing.
var errHeld = errors.New("transfers are paused")

// rulesAge is how old what is known of the settings may become while something is transferred: another process may have
// changed them.
const rulesAge = 300 * time.Millisecond

// Traffic is what the transfers of all accounts in a process share: how fast they may be, whether they may run, and what
// is under way. It is safe for use by several goroutines.
type Traffic struct {
	db       *storage.DB
	down, up *rate.Limiter

	mu      sync.Mutex
	read    time.Time // when the settings were read last
	paused  map[int64]bool
	limited [2]bool // down, up
	metered string
	running map[*transfer]struct{}
	hosts   map[string]chan struct{} // one element for each transfer with a server
	sum     files.TransferSum
	pace    pace
}

// NewTraffic makes it without reading anything.
func NewTraffic(db *storage.DB) *Traffic {
	return &Traffic{
		db: db, down: rate.NewLimiter(rate.Inf, 0), up: rate.NewLimiter(rate.Inf, 0),
		paused: map[int64]bool{}, metered: files.MeteredAuto, running: map[*transfer]struct{}{}, hosts: map[string]chan struct{}{},
	}
}

// enter waits until a server may be given one more transfer, whichever account it is for, and returns what ends that.
func (t *Traffic) enter(ctx context.Context, host string) (leave func(), err error) {
	t.mu.Lock()
	slots := t.hosts[host]
	if slots == nil {
		slots = make(chan struct{}, parallel)
		t.hosts[host] = slots
	}
	t.mu.Unlock()
	select {
	case slots <- struct{}{}:
		return func() { <-slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Limits tells how many octets a second may come and go; 0 for as fast as it goes.
func (t *Traffic) Limits(ctx context.Context) (down, up int64, err error) {
	for key, n := range map[string]*int64{settingDown: &down, settingUp: &up} {
		value, readErr := t.db.Setting(ctx, key, "0")
		if readErr != nil {
			return 0, 0, readErr
		}
		if v, bad := strconv.ParseInt(value, 10, 64); bad == nil && v > 0 {
			*n = v
		}
	}
	return down, up, nil
}

// SetLimits stores how many octets a second may come and go. What runs follows within a moment.
func (t *Traffic) SetLimits(ctx context.Context, down, up int64) error {
	return t.set(ctx, func(tx *storage.Tx) error {
		return errors.Join(tx.SetSetting(ctx, settingDown, fmt.Sprint(max(down, 0))), tx.SetSetting(ctx, settingUp, fmt.Sprint(max(up, 0))))
	})
}

// Paused reports whether the transfers of an account are paused.
func (t *Traffic) Paused(ctx context.Context, account int64) (bool, error) {
	value, err := t.db.Setting(ctx, settingPaused(account), "")
	return value == "1", err
}

// Pause stops the transfers of an account, or lets them go on. It outlives the program.
func (t *Traffic) Pause(ctx context.Context, account int64, paused bool) error {
	value := "0"
	if paused {
		value = "1"
	}
	return t.set(ctx, func(tx *storage.Tx) error { return tx.SetSetting(ctx, settingPaused(account), value) })
}

// Metered tells what was chosen about metered connections, and whether this one counts as metered now.
func (t *Traffic) Metered(ctx context.Context) (mode string, now bool, err error) {
	if mode, err = t.db.Setting(ctx, settingMetered, files.MeteredAuto); err != nil {
		return "", false, err
	}
	return mode, meteredNow(mode), nil
}

// SetMetered stores a choice about metered connections.
func (t *Traffic) SetMetered(ctx context.Context, mode string) error {
	if !slices.Contains([]string{files.MeteredAuto, files.MeteredOn, files.MeteredOff}, mode) {
		return fmt.Errorf("%q: %w", mode, ErrMetered)
	}
	return t.set(ctx, func(tx *storage.Tx) error { return tx.SetSetting(ctx, settingMetered, mode) })
}

func (t *Traffic) set(ctx context.Context, change func(*storage.Tx) error) error {
	if err := t.db.WriteDurable(ctx, change); err != nil {
		return fmt.Errorf("set transfers: %w", err)
	}
	t.mu.Lock()
	t.read = time.Time{}
	t.mu.Unlock()
	return nil
}

func meteredNow(mode string) bool {
	switch mode {
	case files.MeteredOn:
		return true
	case files.MeteredOff:
		return false
	}
	return systemMetered()
}
