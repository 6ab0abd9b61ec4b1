// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseFilter(t *testing.T) {
	now := monday(t)
	days := func(from, before int) Days {
		return Days{From: midnight(now).AddDate(0, 0, from), Before: midnight(now).AddDate(0, 0, before)}
	}
	for text, want := range map[string]Filter{
		"":                              {},
		"Bericht  „zwei Worte“":         {Words: []string{"Bericht", "zwei Worte"}},
		`-alt -#b #a "" "`:              {NotWords: []string{"alt"}, NotTags: []string{"b"}, Tags: []string{"a"}},
		`liste:"Bau und Umwelt"`:        {Lists: []string{"Bau und Umwelt"}},
		"List:Amt in:Bau":               {Lists: []string{"Amt", "Bau"}},
		"fällig:heute":                  {Due: days(0, 1)},
		"due:tomorrow":                  {Due: days(1, 2)},
		"FÄLLIG:Woche":                  {Due: days(0, 7)},
		"due:month":                     {Due: Days{From: midnight(now), Before: midnight(now).AddDate(0, 1, 0)}},
		"faellig:überfällig is:open":    {Due: Days{Overdue: true}, State: StateOpen},
		"ist:überfällig":                {Due: Days{Overdue: true}},
		"due:none":                      {Due: Days{None: true}},
		"fällig:ja":                     {Due: Days{Some: true}},
		"nach:30.11. vor:15.12.":        {Due: days(8, 22)},
		"!hoch !none":                   {Classes: []Class{PriorityHigh, PriorityNone}},
		"ist:erledigt":                  {State: StateDone},
		"is:all ist:abgebrochen":        {State: StateCanceled},
		"ist:grün":                      {Words: []string{"ist:grün"}},
		"due:whenever nach:nie um 8:15": {Words: []string{"due:whenever", "nach:nie", "um", "8:15"}},
		"https://stadt.example :x y:":   {Words: []string{"https://stadt.example", ":x", "y:"}},
		"- # !":                         {Words: []string{"-", "#", "!"}},
	} {
		if got := ParseFilter(text, now); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v\nwant %+v", text, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		if a, b := ParseFilter(text, now), ParseFilter(text, now.Add(time.Minute)); !reflect.DeepEqual(a, b) {
			t.Fatalf("%q: %+v, %+v", text, a, b)
		}
	})
}
