// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"kontor/app/files"
	"kontor/storage"
)

// transfer is one file on its way.
type transfer struct {
	t      *Traffic
	file   files.Transfer // as it began
	began  int64          // octets that were there before
	asked  bool           // a person asked for this very one
	looked time.Time
	sum    atomic.Pointer[sentSum] // nil where it goes in parts
	done   atomic.Int64
	leave  func() // gives back the right to transfer; nil where somebody else does
}

// begin notes a transfer of so many octets.
func (t *Traffic) begin(r *storage.FileRow, up, asked bool, total int64) *transfer {
	x := &transfer{t: t, asked: asked, looked: time.Now(), file: files.Transfer{FileID: r.ID, AccountID: r.AccountID, Path: r.Path, Up: up, Total: total, Started: time.Now()}}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running[x] = struct{}{}
	return x
}

// end takes a transfer out; whole says that it is over and not only interrupted.
func (x *transfer) end(whole bool) {
	x.t.mu.Lock()
	delete(x.t.running, x)
	if whole {
		x.t.sum.FilesDone++
		x.t.sum.BytesDone += x.file.Total
	}
	x.t.mu.Unlock()
	x.t.settle()
}

// expect adds to what is in line.
func (t *Traffic) expect(n int, octets int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sum.Files += n
	t.sum.Bytes += octets
}

// forget takes out of the line what will not come in this run.
func (t *Traffic) forget(n int, octets int64) {
	t.expect(-n, -octets)
	t.settle()
}

// settle begins a new sum once nothing is under way or in line any more.
func (t *Traffic) settle() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.sum.FilesDone >= t.sum.Files && len(t.running) == 0 {
		t.sum, t.pace = files.TransferSum{}, pace{}
	}
}

// coming is how many octets of downloads are still to come.
func (t *Traffic) coming() (octets int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for x := range t.running {
		if !x.file.Up {
			octets += max(x.file.Total-x.done.Load(), 0)
		}
	}
	return octets
}

// Running lists what is under way, in the order it began.
func (t *Traffic) Running() []files.Transfer {
	now := time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]files.Transfer, 0, len(t.running))
	for x := range t.running {
		f := x.file
		f.Done = min(x.done.Load(), f.Total)
		f.Remaining = remaining(f.Total-f.Done, float64(f.Done-x.began)/max(now.Sub(f.Started).Seconds(), 1e-3))
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b files.Transfer) int {
		return cmp.Or(a.Started.Compare(b.Started), cmp.Compare(a.FileID, b.FileID))
	})
	return all
}

// Sum tells how far everything is that is under way or in line.
func (t *Traffic) Sum() files.TransferSum {
	now := time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.sum
	for x := range t.running {
		s.BytesDone += min(x.done.Load(), x.file.Total)
	}
	s.Files, s.Bytes = max(s.Files, s.FilesDone+len(t.running)), max(s.Bytes, s.BytesDone)
	s.Rate = t.pace.at(now)
	s.Remaining = remaining(s.Bytes-s.BytesDone, s.Rate)
	return s
}

func remaining(octets int64, rate float64) time.Duration {
	if octets <= 0 {
		return 0
	}
	if seconds := float64(octets) / rate; rate > 0 && seconds < math.MaxInt32 {
		return time.Duration(seconds * float64(time.Second))
	}
	return -1
}

// pace is a moving rate over the last seconds.
type pace struct {
	slots [paceSlots]int64
	last  int64 // number of the newest slot
	first int64 // of the oldest that ever counted
}

const (
	paceSlots = 16
	paceSlot  = 250 * time.Millisecond
)

func (p *pace) turn(now time.Time) {
	slot := now.UnixNano() / int64(paceSlot)
	if p.first == 0 {
		p.first, p.last = slot, slot
	}
	for range min(slot-p.last, paceSlots) {
		p.last++
		p.slots[p.last%paceSlots] = 0
	}
	p.last = max(p.last, slot)
}

func (p *pace) add(now time.Time, octets int64) {
	p.turn(now)
	p.slots[p.last%paceSlots] += octets
}

func (p *pace) at(now time.Time) float64 {
	if p.first == 0 {
		return 0
	}
	p.turn(now)
	var sum int64
	for _, n := range p.slots {
		sum += n
	}
	return float64(sum) / (float64(min(p.last-p.first+1, paceSlots)) * paceSlot.Seconds())
}

// refresh reads the settings again where they may have changed.
func (t *Traffic) refresh(ctx context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if time.Since(t.read) < rulesAge {
		return nil
	}
	values, err := t.db.Settings(ctx, "files.")
	if err != nil {
		return err
	}
	t.read = time.Now()
	t.limited[0], t.limited[1] = setLimit(t.down, values[settingDown]), setLimit(t.up, values[settingUp])
	clear(t.paused)
	for key, value := range values {
		if id, ok := strings.CutPrefix(key, pausedPrefix); ok && value == "1" {
			account, err := strconv.ParseInt(id, 10, 64)
			t.paused[account] = err == nil
		}
	}
	t.metered = cmp.Or(values[settingMetered], files.MeteredAuto)
	return nil
}

func setLimit(l *rate.Limiter, value string) bool {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n <= 0 {
		l.SetLimit(rate.Inf)
		return false
	}
	l.SetBurst(max(burst, int(n/8)))
	l.SetLimit(rate.Limit(n))
	return true
}

// burst is how many octets may pass at once where the rate is bounded.
const burst = 32 << 10

// holds reports whether a transfer is not to run now. asked says that a person asked for this very one.
func (t *Traffic) holds(ctx context.Context, account int64, asked bool) bool {
	if t.refresh(ctx) != nil {
		return false
	}
	t.mu.Lock()
	paused, mode := t.paused[account], t.metered
	t.mu.Unlock()
	return paused || !asked && meteredNow(mode)
}

// resume says that octets were there before.
func (x *transfer) resume(have int64) {
	x.t.mu.Lock()
	defer x.t.mu.Unlock()
	x.began = have
	x.done.Store(have)
}

// finishBelow is how many octets may be left of a transfer that is finished although it is paused: to begin anew costs as
// much, and an upload that is broken off leaves a question.
const finishBelow = 4 << 20

// pass counts octets of a transfer, and waits where they came or went faster than they may. errHeld ends a transfer that
// was paused.
func (x *transfer) pass(ctx context.Context, n int) error {
	done := x.done.Add(int64(n))
	if now := time.Now(); x.file.Total-done > finishBelow && now.Sub(x.looked) > rulesAge {
		if x.looked = now; x.t.holds(ctx, x.file.AccountID, x.asked) {
			return errHeld
		}
	}
	x.t.mu.Lock()
	x.t.pace.add(time.Now(), int64(n))
	limiter, limited := x.t.down, x.t.limited[0]
	if x.file.Up {
		limiter, limited = x.t.up, x.t.limited[1]
	}
	x.t.mu.Unlock()
	for limited && n > 0 {
		part := min(n, burst)
		if err := limiter.WaitN(ctx, part); err != nil {
			return err
		}
		n -= part
	}
	return nil
}
