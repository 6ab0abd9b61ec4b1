// SPDX-License-Identifier: EUPL-1.2

// Package search reads what a person types into the search field: words, phrases and operators in German and English,
// umlauts written either way. It is pure: standard library only, no I/O.
package search

import (
	"strings"
	"time"
	"unicode"
)

// Field says where a term is looked for.
type Field uint8

// The fields.
const (
	Anywhere  Field = iota
	Title           // subject of a message, title of a task, path of a file
	Sender          // of a message
	Recipient       // of a message
)

// Term is a word or, in quotes, several that follow each other.
type Term struct {
	Field  Field
	Text   string
	Phrase bool
	Not    bool // must not be there
	Prefix bool // the person may still be typing it
	Or     bool // an alternative to the term before it
}

// Query is a search.
type Query struct {
	Terms       []Term
	Folder      string // name of a folder or list, or the beginning of a path; empty for all
	Attachments bool   // with attachments
	Unread      bool
	Read        bool
	Flagged     bool
	After       time.Time // from the beginning of this day on, zero for no bound
	Before      time.Time // before the beginning of this day, zero for no bound
}

// MailOnly reports whether the query asks for something that only messages have.
func (q Query) MailOnly() bool {
	if q.Attachments || q.Unread || q.Read || q.Flagged {
		return true
	}
	for _, t := range q.Terms {
		if t.Field == Sender || t.Field == Recipient {
			return true
		}
	}
	return false
}

// Empty reports whether nothing is asked for.
func (q Query) Empty() bool {
	return len(q.Terms) == 0 && q.Folder == "" && !q.Attachments && !q.Unread && !q.Read && !q.Flagged && q.After.IsZero() && q.Before.IsZero()
}

// operators are the words in front of a colon.
var operators = map[string]func(q *Query, value string, quoted bool, now time.Time) bool{
	"von": field(Sender), "from": field(Sender),
	"an": field(Recipient), "to": field(Recipient),
	"betreff": field(Title), "subject": field(Title),
	"ordner": folder, "in": folder, "folder": folder,
	"hat": has, "has": has,
	"ist": is, "is": is,
	"vor": before, "before": before,
	"nach": after, "after": after,
}

func field(f Field) func(*Query, string, bool, time.Time) bool {
	return func(q *Query, value string, quoted bool, _ time.Time) bool {
		q.Terms = append(q.Terms, Term{Field: f, Text: value, Phrase: quoted || hasSeveralWords(value)})
		return true
	}
}

func folder(q *Query, value string, _ bool, _ time.Time) bool {
	q.Folder = value
	return true
}

func has(q *Query, value string, _ bool, _ time.Time) bool {
	switch Fold(value) {
	case "anhang", "anhange", "anhaenge", "attachment", "attachments":
		q.Attachments = true
		return true
	}
	return false
}

func is(q *Query, value string, _ bool, _ time.Time) bool {
	switch Fold(value) {
	case "ungelesen", "unread", "neu", "new":
		q.Unread = true
	case "gelesen", "read":
		q.Read = true
	case "markiert", "gekennzeichnet", "wichtig", "flagged", "starred":
		q.Flagged = true
	default:
		return false
	}
	return true
}

func before(q *Query, value string, _ bool, now time.Time) bool {
	day, ok := Day(value, now)
	if ok {
		q.Before = day
	}
	return ok
}

func after(q *Query, value string, _ bool, now time.Time) bool {
	day, ok := Day(value, now)
	if ok {
		q.After = day
	}
	return ok
}

// Parse reads a query. Operators that do not exist, and values that they do not know, are words to look for. now tells
// what "today" and a date without a year mean.
func Parse(input string, now time.Time) Query {
	var q Query
	rest := input
	or := false
	for {
		rest = strings.TrimLeftFunc(rest, unicode.IsSpace)
		if rest == "" {
			break
		}
		var w word
		w, rest = nextWord(rest)
		n := len(q.Terms)
		if w.isOr() && n > 0 && !q.Terms[n-1].Not {
			or = true
			continue
		}
		w.add(&q, now)
		if or && len(q.Terms) == n+1 && !q.Terms[n].Not {
			q.Terms[n].Or = true
		}
		or = false
	}
	if n := len(q.Terms); n > 0 && input != "" {
		last := &q.Terms[n-1]
		r := []rune(input)[len([]rune(input))-1]
		last.Prefix = !last.Not && !last.Phrase && !unicode.IsSpace(r) && strings.HasSuffix(strings.TrimRight(input, `*`), last.Text)
	}
	return q
}

// word is one blank-separated piece of a query.
type word struct {
	not      bool
	operator string
	text     string
	quoted   bool
	whole    string // as it was typed
}

// isOr recognises what stands between alternatives: in capitals, so that the words themselves can be looked for.
func (w word) isOr() bool { return w.whole == "OR" || w.whole == "ODER" || w.whole == "|" }

func nextWord(s string) (word, string) {
	var w word
	start := s
	if len(s) > 1 && s[0] == '-' && !unicode.IsSpace(rune(s[1])) {
		w.not, s = true, s[1:]
	}
	if end := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) }); end > 0 && s[end] == ':' {
		if _, known := operators[Fold(s[:end])]; known && len(s) > end+1 && !unicode.IsSpace(rune(s[end+1])) {
			w.operator, s = Fold(s[:end]), s[end+1:]
		}
	}
	s, opened := cutQuote(s)
	if opened {
		w.quoted = true
		end := strings.IndexAny(s, "\"”“")
		if end < 0 {
			w.text, s = s, ""
		} else {
			w.text, s = s[:end], s[end:]
			s, _ = cutQuote(s)
		}
	} else {
		end := strings.IndexFunc(s, unicode.IsSpace)
		if end < 0 {
			end = len(s)
		}
		w.text, s = s[:end], s[end:]
	}
	w.whole = start[:len(start)-len(s)]
	return w, s
}

func cutQuote(s string) (string, bool) {
	for _, q := range []string{`"`, "„", "“", "”"} {
		if rest, ok := strings.CutPrefix(s, q); ok {
			return rest, true
		}
	}
	return s, false
}

func (w word) add(q *Query, now time.Time) {
	if w.operator != "" {
		n := len(q.Terms)
		if w.not && isTermOperator(w.operator) || !w.not {
			if operators[w.operator](q, w.text, w.quoted, now) {
				for i := n; i < len(q.Terms); i++ {
					q.Terms[i].Not = w.not
				}
				return
			}
		}
		w.text, w.not = w.whole, false
	}
	if len(Words(w.text)) == 0 {
		return
	}
	q.Terms = append(q.Terms, Term{Text: strings.TrimRight(w.text, "*"), Phrase: w.quoted, Not: w.not})
}

func isTermOperator(op string) bool {
	switch op {
	case "von", "from", "an", "to", "betreff", "subject":
		return true
	}
	return false
}

func hasSeveralWords(s string) bool { return len(Words(s)) > 1 }

// Day reads a day: 23.11.2026, 23.11. (of this year), 2026-11-23, 2026-11, 11/2026, 2026, today, yesterday. The result is its first
// moment in the time zone of now.
func Day(value string, now time.Time) (time.Time, bool) {
	switch Fold(value) {
	case "heute", "today":
		return midnight(now, 0), true
	case "gestern", "yesterday":
		return midnight(now, -1), true
	case "morgen", "tomorrow":
		return midnight(now, 1), true
	}
	for _, layout := range []string{"2.1.2006", "2.1.06", "2006-1-2", "2006-1", "1/2006", "1.2006", "2006"} {
		if t, err := time.ParseInLocation(layout, value, now.Location()); err == nil {
			return t, true
		}
	}
	for _, layout := range []string{"2.1.", "2.1"} {
		if t, err := time.ParseInLocation(layout, value, now.Location()); err == nil {
			return inYear(t, now), true
		}
	}
	return time.Time{}, false
}

// inYear gives a day of this year; 29 February that of the last year that had one, for what is looked for has been.
func inYear(day, now time.Time) time.Time {
	for year := now.Year(); ; year-- {
		if t := time.Date(year, day.Month(), day.Day(), 0, 0, 0, 0, now.Location()); t.Day() == day.Day() {
			return t
		}
	}
}

func midnight(now time.Time, days int) time.Time {
	y, m, d := now.Date()
	return time.Date(y, m, d+days, 0, 0, 0, 0, now.Location())
}
