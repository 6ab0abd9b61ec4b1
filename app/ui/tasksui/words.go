// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"kontor/app/i18n"
	"kontor/app/tasks"
)

// exactWhen writes a date so that it can be read back in every language.
func exactWhen(w tasks.When) string {
	if w.IsZero() {
		return ""
	}
	t, form := w.Time, "2006-01-02"
	if i18n.Current() == i18n.German {
		form = "02.01.2006"
	}
	if w.AllDay {
		return t.Format(form)
	}
	return t.Local().Format(form + " 15:04")
}

func priorityWords(n int) string {
	switch tasks.ClassOf(n) {
	case tasks.PriorityHigh:
		return i18n.T("tasksui.priority.high")
	case tasks.PriorityMedium:
		return i18n.T("tasksui.priority.medium")
	case tasks.PriorityLow:
		return i18n.T("tasksui.priority.low")
	case tasks.PriorityNone:
	}
	return i18n.T("tasksui.priority.none")
}

// tagWords are the tags in a text. Commas part them, or, where there are none, spaces.
func tagWords(text string) []string {
	cut := func(r rune) bool { return r == ' ' }
	if strings.Contains(text, ",") {
		cut = func(r rune) bool { return r == ',' }
	}
	var tags []string
	for _, tag := range strings.FieldsFunc(text, cut) {
		if tag = strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(tag), "#")); tag != "" && !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	return tags
}

// tagText writes tags so that tagWords reads them.
func tagText(tags []string) string {
	text := strings.Join(tags, ", ")
	if len(tags) == 1 && strings.Contains(text, " ") {
		text += ","
	}
	return text
}

// errPercent is returned for what is no number from 0 to 100.
var errPercent = errors.New("no percentage")

func percentEdit(text string) (tasks.Edit, error) {
	text = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "%"))
	n := 0
	if text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil || n < 0 || n > 100 {
			return tasks.Edit{}, errPercent
		}
	}
	return tasks.Edit{Percent: &n}, nil
}

func percentText(t tasks.Task) string {
	n := t.Percent
	if t.Done() {
		n = 100
	}
	return strconv.Itoa(n) + " %"
}

// wrongWords says why a text makes no sense in a field.
func wrongWords(field, text string) string {
	if field == "percent" {
		return i18n.T("tasksui.percent.wrong", "text", text)
	}
	return i18n.T("tasksui.date.wrong", "text", text)
}

// beforeWords says how long before its time a task reminds, in the largest unit that fits.
func beforeWords(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d == 0:
		return i18n.T("tasksui.remind.then")
	case d < 0:
		return i18n.T("tasksui.remind.after", "n", int(-d.Minutes()))
	case d%(7*day) == 0:
		return i18n.T("tasksui.remind.weeks", "n", int(d/(7*day)))
	case d%day == 0:
		return i18n.T("tasksui.remind.days", "n", int(d/day))
	case d%time.Hour == 0:
		return i18n.T("tasksui.remind.hours", "n", int(d/time.Hour))
	}
	return i18n.T("tasksui.remind.before", "n", int(d.Minutes()))
}

// alarmWords says when one reminder rings.
func alarmWords(a tasks.Alarm, now time.Time) string {
	if a.Absolute {
		return dueWords(tasks.When{Time: a.At}, now)
	}
	words := beforeWords(a.Before)
	if a.FromStart {
		words += " (" + i18n.T("tasksui.field.start") + ")"
	}
	return words
}

// remindWords says when a task reminds of itself.
func remindWords(t tasks.Task, now time.Time) string {
	if len(t.Alarms) == 0 {
		return i18n.T("tasksui.remind.none")
	}
	var parts []string
	for _, a := range t.Alarms {
		parts = append(parts, alarmWords(a, now))
	}
	if !t.Snoozed.IsZero() {
		parts = append(parts, i18n.T("tasksui.remind.snoozed", "when", dueWords(tasks.When{Time: t.Snoozed}, now)))
	}
	return strings.Join(parts, ", ")
}
