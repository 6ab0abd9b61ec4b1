// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// Filter is what a person is looking for among tasks. All of it must hold.
type Filter struct {
	Words    []string // each stands somewhere in title, note or tags
	NotWords []string
	Tags     []string
	NotTags  []string
	Lists    []string // one of these names
	Due      Days
	Classes  []Class // one of these
	State    State
}

// State is a state that tasks are searched by.
type State string

// The states.
const (
	StateAny      State = "" // whatever the query says
	StateOpen     State = "open"
	StateDone     State = "done"
	StateCanceled State = "canceled"
	StateAll      State = "all"
)

// Days is a stretch of days, or one of the ways not to have a day.
type Days struct {
	From, Before time.Time // midnights; either may be zero for no bound
	None         bool      // no due date at all
	Some         bool      // any due date
	Overdue      bool      // open and late
}

// ParseFilter reads a search as people write it: words, "several words", #tag, liste:/list:, fällig:/due: (heute, morgen,
// woche, überfällig, keine, a date), vor:/before:, nach:/after:, !hoch, ist:/is: (offen, erledigt, abgebrochen, alle). A
// minus in front of a word or tag leaves out what has it. What makes no sense is searched as a word.
func ParseFilter(text string, now time.Time) Filter {
	var f Filter
	for _, token := range tokens(text) {
		f.take(token, now)
	}
	return f
}

// tokens cuts at spaces outside of quotes; the quotes go.
func tokens(text string) []string {
	var all []string
	var b strings.Builder
	quoted, some := false, false
	for _, r := range text {
		switch {
		case r == '"' || r == '„' || r == '“' || r == '”':
			quoted, some = !quoted, true
		case unicode.IsSpace(r) && !quoted:
			if some {
				all = append(all, b.String())
			}
			b.Reset()
			some = false
		default:
			b.WriteRune(r)
			some = true
		}
	}
	if some {
		all = append(all, b.String())
	}
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

func (f *Filter) take(token string, now time.Time) {
	not := len(token) > 1 && token[0] == '-'
	plain := token
	if not {
		plain = token[1:]
	}
	switch {
	case len(plain) > 1 && plain[0] == '#' && not:
		f.NotTags = append(f.NotTags, plain[1:])
		return
	case len(plain) > 1 && plain[0] == '#':
		f.Tags = append(f.Tags, plain[1:])
		return
	case not:
		f.NotWords = append(f.NotWords, plain)
		return
	}
	if class, ok := classWords[strings.ToLower(token)]; ok {
		f.Classes = append(f.Classes, class)
		return
	}
	key, value, ok := strings.Cut(token, ":")
	if !ok || value == "" || !f.operator(strings.ToLower(key), value, now) {
		f.Words = append(f.Words, token)
	}
}

var classWords = map[string]Class{
	"!hoch": PriorityHigh, "!high": PriorityHigh, "!wichtig": PriorityHigh, "!1": PriorityHigh, "!mittel": PriorityMedium, "!medium": PriorityMedium,
	"!2": PriorityMedium, "!niedrig": PriorityLow, "!low": PriorityLow, "!3": PriorityLow, "!keine": PriorityNone, "!none": PriorityNone,
}

var stateWords = map[string]State{
	"offen": StateOpen, "open": StateOpen, "erledigt": StateDone, "done": StateDone, "abgebrochen": StateCanceled, "cancelled": StateCanceled,
	"canceled": StateCanceled, "alle": StateAll, "all": StateAll,
}

func (f *Filter) operator(key, value string, now time.Time) bool {
	switch key {
	case "liste", "list", "in":
		f.Lists = append(f.Lists, value)
	case "ist", "is":
		if strings.EqualFold(value, "überfällig") || strings.EqualFold(value, "overdue") {
			f.Due.Overdue = true
			return true
		}
		state, ok := stateWords[strings.ToLower(value)]
		f.State = state
		return ok
	case "fällig", "faellig", "due":
		return f.due(strings.ToLower(value), now)
	case "vor", "before", "nach", "after":
		w, err := ParseWhen(value, now)
		if err != nil {
			return false
		}
		if key == "vor" || key == "before" {
			f.Due.Before = midnight(w.Time)
		} else {
			f.Due.From = midnight(w.Time).AddDate(0, 0, 1)
		}
	default:
		return false
	}
	return true
}

func (f *Filter) due(value string, now time.Time) bool {
	today := midnight(now)
	switch value {
	case "woche", "week":
		f.Due.From, f.Due.Before = today, today.AddDate(0, 0, 7)
	case "monat", "month":
		f.Due.From, f.Due.Before = today, today.AddDate(0, 1, 0)
	case "überfällig", "ueberfaellig", "overdue":
		f.Due.Overdue = true
	case "keine", "kein", "ohne", "nie", "none", "no", "never":
		f.Due.None = true
	case "ja", "irgendwann", "yes", "any":
		f.Due.Some = true
	default:
		w, err := ParseWhen(value, now)
		if err != nil {
			return false
		}
		f.Due.From = midnight(w.Time)
		f.Due.Before = f.Due.From.AddDate(0, 0, 1)
	}
	return true
}

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}
