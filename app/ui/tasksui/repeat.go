// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"kontor/app/i18n"
)

// rule is a recurrence rule (RFC 5545, section 3.3.10) as far as people choose one here. What else a rule says is kept.
type rule struct {
	freq  string // DAILY, WEEKLY, MONTHLY, YEARLY; empty for none
	every int    // at least 1
	days  []time.Weekday
	until time.Time // the last day
	count int
	rest  []string // parts that are not shown
}

// errRepeat is returned for a recurrence that makes no sense.
var errRepeat = errors.New("no recurrence")

// freqs are the frequencies that can be chosen, with the names of their keys.
var freqs = []struct{ name, key string }{
	{"", "tasksui.repeat.never"},
	{"DAILY", "tasksui.repeat.daily"},
	{"WEEKLY", "tasksui.repeat.weekly"},
	{"MONTHLY", "tasksui.repeat.monthly"},
	{"YEARLY", "tasksui.repeat.yearly"},
}

// dayCodes are the days of the week from Sunday on.
var dayCodes = []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

// week are the days in the order of the calendar.
var week = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}

func readRule(text string) rule {
	r := rule{every: 1}
	for _, part := range strings.Split(strings.ToUpper(strings.TrimSpace(text)), ";") {
		name, value, _ := strings.Cut(part, "=")
		if part != "" && !r.take(strings.TrimSpace(name), strings.TrimSpace(value)) {
			r.rest = append(r.rest, part)
		}
	}
	return r
}

// take reads one part; false for one that is only kept.
func (r *rule) take(name, value string) bool {
	n, err := strconv.Atoi(value)
	switch name {
	case "FREQ":
		r.freq = value
	case "INTERVAL":
		r.every = max(n, 1)
	case "COUNT":
		r.count = max(n, 0)
		return err == nil
	case "UNTIL":
		if len(value) < 8 {
			return false
		}
		r.until, err = time.Parse("20060102", value[:8])
		return err == nil
	case "BYDAY":
		return r.takeDays(value)
	default:
		return false
	}
	return true
}

func (r *rule) takeDays(value string) bool {
	var days []time.Weekday
	for _, code := range strings.Split(value, ",") {
		day := slices.Index(dayCodes, strings.TrimSpace(code))
		if day < 0 { // the last Friday of a month, for one
			return false
		}
		days = append(days, time.Weekday(day))
	}
	r.days = days
	return true
}

// String writes the rule as a task stores it.
func (r rule) String() string {
	if r.freq == "" {
		return ""
	}
	parts := []string{"FREQ=" + r.freq}
	if r.every > 1 {
		parts = append(parts, "INTERVAL="+strconv.Itoa(r.every))
	}
	if len(r.days) > 0 {
		var codes []string
		for _, day := range week {
			if slices.Contains(r.days, day) {
				codes = append(codes, dayCodes[day])
			}
		}
		parts = append(parts, "BYDAY="+strings.Join(codes, ","))
	}
	parts = append(parts, r.rest...)
	switch {
	case r.count > 0:
		parts = append(parts, "COUNT="+strconv.Itoa(r.count))
	case !r.until.IsZero():
		parts = append(parts, "UNTIL="+r.until.Format("20060102"))
	}
	return strings.Join(parts, ";")
}

// repeatWords says how often something repeats.
func repeatWords(text string) string {
	r := readRule(text)
	known := slices.IndexFunc(freqs, func(f struct{ name, key string }) bool { return f.name == r.freq })
	if known < 0 {
		return i18n.T("tasksui.repeat.other")
	}
	words := i18n.T(freqs[known].key)
	if r.freq == "" {
		return words
	}
	if r.every > 1 {
		words = i18n.T("tasksui.every."+strings.ToLower(r.freq), "n", r.every)
	}
	if len(r.days) > 0 {
		var names []string
		for _, day := range week {
			if slices.Contains(r.days, day) {
				names = append(names, i18n.Weekday(day))
			}
		}
		words += " (" + strings.Join(names, ", ") + ")"
	}
	switch {
	case r.count > 0:
		words += ", " + i18n.T("tasksui.repeat.count", "n", r.count)
	case !r.until.IsZero():
		words += ", " + i18n.T("tasksui.repeat.until", "day", i18n.Date(r.until))
	}
	if slices.Equal(r.rest, []string{"BYMONTHDAY=-1"}) {
		words += " (" + i18n.T("tasksui.repeat.last-day") + ")"
	} else if len(r.rest) > 0 {
		words += ", " + i18n.T("tasksui.repeat.other")
	}
	return words
}
