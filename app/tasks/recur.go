// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"

	"kontor/sync/ical"
)

// instance is the one occurrence of a task that a person sees.
type instance struct {
	comp      *ical.Component // the master, or the override that changes this instance
	span      span
	at        time.Time // the moment the rule gives it
	history   int       // closed instances
	over      bool      // every instance is closed
	completed time.Time // when the last one was, with over
}

// current finds the first open instance. A series without overrides advances its own dates, so that is the instance, unless
// its exceptions leave it out.
func (o *object) current() instance {
	s := o.spanOf(o.master)
	inst := instance{comp: o.master, span: s}
	a, _, ok := s.anchor()
	inst.at = a.Time
	if o.lone || !ok || !recurs(o.master) || (len(o.overrides) == 0 && o.master.Line("EXDATE") == nil) {
		return inst
	}
	for _, ov := range o.overrides {
		if at, closed := o.doneAt(ov.comp); closed {
			inst.history++
			if at.After(inst.completed) {
				inst.completed = at
			}
		}
	}
	next, err := o.occurrences(s)
	if err != nil {
		return inst
	}
	for range len(o.overrides) + 1 {
		at, ok := next()
		if !ok {
			inst.over = len(o.overrides) > 0
			return inst
		}
		ov := o.overrideAt(at, a.AllDay)
		if ov == nil {
			inst.at, inst.span = at, s.moved(at)
			return inst
		}
		if _, closed := o.doneAt(ov.comp); !closed {
			inst.at, inst.comp, inst.span = at, ov.comp, o.spanOf(ov.comp)
			if !inst.span.hasStart && !inst.span.hasDue {
				inst.span = s.moved(at)
			}
			return inst
		}
	}
	return inst
}

func recurs(c *ical.Component) bool { return c.Line("RRULE") != nil || c.Line("RDATE") != nil }

// overrideAt finds the override of one occurrence. A RECURRENCE-ID that is a day fits any moment of it.
func (o *object) overrideAt(at time.Time, allDay bool) *override {
	for i, ov := range o.overrides {
		if ov.at.AllDay || allDay {
			if sameDay(ov.at.Time, at) {
				return &o.overrides[i]
			}
		} else if ov.at.Time.Equal(at) {
			return &o.overrides[i]
		}
	}
	return nil
}

func sameDay(a, b time.Time) bool {
	ay, am, ad := a.Date()
	by, bm, bd := b.Date()
	return ay == by && am == bm && ad == bd
}

// Bounds of what is expanded: a rule that never fires must end, and so must one that a stranger made long.
const (
	maxRule    = 2000 // characters
	maxHorizon = 60   // years
	dayHorizon = 12   // years, for daily rules
)

// occurrences walks through the moments of the series in order, its exceptions left out.
func (o *object) occurrences(s span) (func() (time.Time, bool), error) {
	a, _, ok := s.anchor()
	if !ok {
		return nil, ErrNoDate
	}
	start := a.Time
	if a.AllDay {
		start = civil(start) // no midnight is missing in UTC
	}
	var set rrule.Set
	set.DTStart(start)
	if l := o.master.Line("RRULE"); l != nil {
		rule, err := o.rule(l.Value(), a, start)
		if err != nil {
			return nil, err
		}
		set.RRule(rule)
	}
	set.RDate(start)
	for _, t := range o.dates("RDATE", a) {
		set.RDate(t)
	}
	excluded := map[string]bool{}
	for _, l := range o.master.Lines("EXDATE") {
		o.exclude(l, excluded)
	}
	next := set.Iterator()
	return func() (time.Time, bool) {
		for {
			t, ok := next()
			if !ok {
				return t, false
			}
			if excluded[t.Format("20060102")] || excluded[ical.FormatUTC(t)] {
				continue
			}
			if a.AllDay {
				t = time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, a.Time.Location())
			}
			return t, true
		}
	}, nil
}

// exclude notes what an EXDATE takes out: a day takes out whatever is on it (RFC 5545, section 3.8.5.1).
func (o *object) exclude(l *ical.Line, into map[string]bool) {
	for _, v := range ical.List(l.Value()) {
		m, ok := o.zones.Parse(v, l.Param("TZID"))
		switch {
		case ok && m.AllDay:
			into[m.Time.Format("20060102")] = true
		case ok:
			into[ical.FormatUTC(m.Time)] = true
		}
	}
}

func (o *object) dates(name string, a ical.Moment) []time.Time {
	var all []time.Time
	for _, l := range o.master.Lines(name) {
		for _, v := range ical.List(l.Value()) {
			v, _, _ = strings.Cut(v, "/")
			m, ok := o.zones.Parse(v, l.Param("TZID"))
			if !ok {
				continue
			}
			if a.AllDay {
				m.Time = civil(m.Time).Truncate(24 * time.Hour)
			}
			all = append(all, m.Time)
		}
	}
	return all
}

// rule reads an RRULE (RFC 5545, section 3.3.10). Rules that fire more than once a day are refused.
func (o *object) rule(text string, a ical.Moment, start time.Time) (*rrule.RRule, error) {
	option, err := ruleOption(text)
	if err != nil {
		return nil, err
	}
	years := maxHorizon
	if option.Freq == rrule.DAILY {
		years = dayHorizon + option.Interval/30
	}
	horizon := start.AddDate(min(years, maxHorizon), 0, 0)
	option.Dtstart = start
	option.Until = horizon
	if until, ok := o.zones.Parse(ruleParts(text)["UNTIL"], ""); ok {
		end := until.Time
		switch {
		case a.AllDay:
			end = civil(end)
		case until.AllDay: // the last day counts as a whole
			end = time.Date(end.Year(), end.Month(), end.Day(), 23, 59, 59, 0, start.Location())
		case until.Floating:
			end = time.Date(end.Year(), end.Month(), end.Day(), end.Hour(), end.Minute(), end.Second(), 0, start.Location())
		}
		if end.Before(horizon) {
			option.Until = end
		}
	}
	r, err := rrule.NewRRule(*option)
	if err == nil && option.Count > 0 && !firesFirst(r, start) { // the start counts, also where the rule does not name it
		if option.Count--; option.Count == 0 {
			option.Until = start.Add(-time.Second)
		}
		r, err = rrule.NewRRule(*option)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRule, err)
	}
	return r, nil
}

func firesFirst(r *rrule.RRule, start time.Time) bool {
	first, ok := r.Iterator()()
	return ok && first.Equal(start)
}

func ruleOption(text string) (*rrule.ROption, error) {
	text = strings.ToUpper(strings.TrimSpace(text))
	if len(text) > maxRule {
		return nil, ErrRule
	}
	var kept []string
	for _, p := range strings.Split(text, ";") {
		if p != "" && !strings.HasPrefix(p, "UNTIL=") {
			kept = append(kept, p)
		}
	}
	option, err := rrule.StrToROption(strings.Join(kept, ";"))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRule, err)
	}
	if option.Freq > rrule.DAILY || option.Interval < 0 || option.Count < 0 ||
		len(option.Byhour) > 1 || len(option.Byminute) > 1 || len(option.Bysecond) > 1 {
		return nil, ErrRule
	}
	weeks := 53
	if option.Freq == rrule.MONTHLY || len(option.Bymonth) > 0 {
		weeks = 5
	}
	for _, day := range option.Byweekday { // the library looks behind its tables for the 53rd Sunday of a month
		if n := day.N(); n > weeks || n < -weeks {
			return nil, ErrRule
		}
	}
	return option, nil
}

// CheckRule reports ErrRule for a recurrence rule that cannot be used.
func CheckRule(text string) error {
	option, err := ruleOption(text)
	if err != nil {
		return err
	}
	option.Dtstart = appleEpoch
	if _, err := rrule.NewRRule(*option); err != nil {
		return fmt.Errorf("%w: %w", ErrRule, err)
	}
	return nil
}

func ruleParts(text string) map[string]string {
	all := map[string]string{}
	for _, p := range strings.Split(strings.ToUpper(text), ";") {
		k, v, _ := strings.Cut(p, "=")
		all[strings.TrimSpace(k)] = strings.TrimSpace(v)
	}
	return all
}

// countDown gives the rule with its COUNT lowered, to one at least; a rule without COUNT stays as it is written.
func countDown(rule string, by int) string {
	parts := strings.Split(rule, ";")
	for i, p := range parts {
		k, v, _ := strings.Cut(p, "=")
		if n, err := strconv.Atoi(strings.TrimSpace(v)); err == nil && n > 1 && strings.EqualFold(strings.TrimSpace(k), "COUNT") {
			parts[i] = k + "=" + strconv.Itoa(max(1, n-by))
		}
	}
	return strings.Join(parts, ";")
}
