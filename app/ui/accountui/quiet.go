// SPDX-License-Identifier: EUPL-1.2

package accountui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"kontor/app/i18n"
	"kontor/app/remind"
	"kontor/app/ui/kit"
	"kontor/app/ui/remindui"
	"kontor/app/ui/theme"
)

// HeldCore also counts the reminders that wait for a better time.
type HeldCore interface {
	remindui.QuietCore
	Held() int
}

// The ways to be left alone now.
const (
	quietOff     = "off"
	quietHour    = "hour"
	quietMorning = "morning"
	quietAlways  = "always"
)

// wayOf is the way that was chosen.
func wayOf(q remind.Quiet, now time.Time) string {
	switch {
	case q.On && q.Until.IsZero():
		return quietAlways
	case !q.On || !q.Until.After(now):
		return quietOff
	case q.Until.Equal(remind.Tomorrow(now)):
		return quietMorning
	}
	return quietHour
}

// asWay is what a person chose, with the hours as they are.
func asWay(q remind.Quiet, way string, now time.Time) remind.Quiet {
	q.On, q.Until = way != quietOff, time.Time{}
	switch way {
	case quietHour:
		q.Until = now.Add(time.Hour)
	case quietMorning:
		q.Until = remind.Tomorrow(now)
	}
	return q
}

// reminders chooses when nobody wants to be disturbed.
func (p *Page) reminders() []fyne.CanvasObject {
	q, now := p.state.quiet, time.Now()
	set := func(q remind.Quiet) {
		p.try(func(ctx context.Context) error { return p.cfg.Quiet.SetQuiet(ctx, q) })
	}
	var ways []kit.Option
	for _, id := range []string{quietOff, quietHour, quietMorning, quietAlways} {
		ways = append(ways, kit.Option{ID: id, Label: i18n.T("remind.quiet." + id)})
	}
	chosen := stop(p, kit.NewSegments(i18n.T("remind.quiet"), wayOf(q, now), ways, func(way string) { set(asWay(q, way, time.Now())) }))
	daily := "off"
	if q.Hours {
		daily = "on"
	}
	hours := stop(p, kit.NewSegments(i18n.T("remind.hours"), daily, []kit.Option{
		{ID: "off", Label: i18n.T("remind.quiet.off")}, {ID: "on", Label: i18n.T("remind.hours.daily")},
	}, func(id string) {
		q.Hours = id == "on"
		set(q)
	}))
	all := []fyne.CanvasObject{title("remind.section"), row("remind.quiet", "remind.quiet.text", chosen)}
	if until, quiet := q.At(now); quiet {
		all = append(all, kit.NewParagraph(remindui.QuietWords(until, p.state.held, now), 13, theme.Accent))
	}
	all = append(all, row("remind.hours", "remind.hours.text", hours))
	if q.Hours {
		all = append(all, p.hours(&q, set))
	}
	return all
}

// hours are the fields for when the hours begin and end. What is typed counts as soon as the field is left.
func (p *Page) hours(q *remind.Quiet, set func(remind.Quiet)) fyne.CanvasObject {
	field := func(key string, minutes int, take func(minutes int)) fyne.CanvasObject {
		e := stop(p, kit.NewEntry("18:00"))
		e.Name = i18n.T(key)
		e.SetText(clockText(minutes))
		p.typed = append(p.typed, e)
		use := func() {
			n, ok := clockOf(e.Text)
			switch {
			case !ok:
				p.cfg.Toast(i18n.T("remind.hours.wrong", "text", e.Text), "", nil)
				e.SetText(clockText(minutes))
			case n != minutes:
				minutes = n
				take(n)
				set(*q)
			}
		}
		e.OnSubmitted = func(string) { use() }
		e.OnFocus = func(on bool) {
			if on {
				e.TypedShortcut(&fyne.ShortcutSelectAll{})
			} else {
				use()
			}
		}
		return kit.NewColumn(4, kit.Caption(e.Name), container.NewGridWrap(fyne.NewSize(theme.Px(100), e.MinSize().Height), e))
	}
	return kit.NewRowOf(12, field("remind.hours.from", q.From, func(n int) { q.From = n }), field("remind.hours.to", q.To, func(n int) { q.To = n }))
}

// typing reports whether the keyboard is in a field of the section: it is not made anew then.
func (p *Page) typing() bool {
	c := fyne.CurrentApp().Driver().CanvasForObject(p.box)
	return c != nil && slices.ContainsFunc(p.typed, func(e *kit.Entry) bool { return c.Focused() == fyne.Focusable(e) })
}

func clockText(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

// clockOf reads a time of day: 18:00, 18.00, 1800 or 18.
func clockOf(text string) (minutes int, ok bool) {
	text = strings.TrimSpace(text)
	for _, form := range []string{"15:04", "15.04", "1504", "15"} {
		if t, err := time.Parse(form, text); err == nil {
			return t.Hour()*60 + t.Minute(), true
		}
	}
	return 0, false
}
