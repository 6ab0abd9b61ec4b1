// SPDX-License-Identifier: EUPL-1.2

package remindui

import (
	"context"
	"time"

	"kontor/app/i18n"
	"kontor/app/remind"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
)

// QuietCore keeps when nobody wants to be disturbed.
type QuietCore interface {
	Quiet(ctx context.Context) (remind.Quiet, error)
	SetQuiet(ctx context.Context, q remind.Quiet) error
}

// QuietWords says until when reminders are collected, and how many there are.
func QuietWords(until time.Time, held int, now time.Time) string {
	words := i18n.T("remind.quiet.on")
	if !until.IsZero() {
		words = i18n.T("remind.quiet.until", "when", momentWords(tasks.When{Time: until}, now))
	}
	if held > 0 {
		words += " · " + i18n.T("remind.quiet.held", "n", held)
	}
	return words
}

// quietMenu offers to be left alone for a while.
func (r *Ringer) quietMenu(b *kit.Button) {
	now := r.host.Now()
	kit.PopUpBelow(b,
		kit.MenuItem{Label: i18n.T("remind.quiet.hour"), Icon: "pause", Act: func() { r.beQuiet(now.Add(time.Hour)) }},
		kit.MenuItem{Label: i18n.T("remind.quiet.morning"), Act: func() { r.beQuiet(remind.Tomorrow(now)) }},
		kit.MenuItem{Label: i18n.T("remind.quiet.always"), Act: func() { r.beQuiet(time.Time{}) }})
}

// beQuiet collects reminders from now on, until a moment or until a person ends it. What waits for an answer is hidden.
func (r *Ringer) beQuiet(until time.Time) {
	r.hide()
	r.setQuiet(func(q remind.Quiet) remind.Quiet {
		q.On, q.Until = true, until
		return q
	}, func(q remind.Quiet) {
		end, _ := q.At(r.host.Now())
		r.host.Toast(QuietWords(end, 0, r.host.Now()), i18n.T("remind.quiet.end"), r.endQuiet)
	})
}

func (r *Ringer) endQuiet() {
	r.setQuiet(func(q remind.Quiet) remind.Quiet {
		q.On, q.Until = false, time.Time{}
		return q
	}, func(q remind.Quiet) {
		words := i18n.T("remind.quiet.over")
		if end, still := q.At(r.host.Now()); still { // the hours of each day go on
			words = QuietWords(end, 0, r.host.Now())
		}
		r.host.Toast(words, "", nil)
	})
}

// toggleQuiet is the key: it ends what a person began, else it begins until the morning.
func (r *Ringer) toggleQuiet() {
	kit.Load(func() (remind.Quiet, error) { return r.Quiet.Quiet(context.Background()) }, func(q remind.Quiet, err error) {
		now := r.host.Now()
		switch {
		case err != nil:
			r.host.ShowError(err)
		case q.On && (q.Until.IsZero() || q.Until.After(now)):
			r.endQuiet()
		default:
			r.beQuiet(remind.Tomorrow(now))
		}
	})
}

// setQuiet changes what is kept and calls then with it.
func (r *Ringer) setQuiet(change func(remind.Quiet) remind.Quiet, then func(remind.Quiet)) {
	kit.Load(func() (remind.Quiet, error) {
		q, err := r.Quiet.Quiet(context.Background())
		if err != nil {
			return q, err
		}
		q = change(q)
		return q, r.Quiet.SetQuiet(context.Background(), q)
	}, func(q remind.Quiet, err error) {
		if err != nil {
			r.host.ShowError(err)
			return
		}
		then(q)
	})
}
