// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestQuick(t *testing.T) {
	now := monday(t)
	for text, c := range map[string]struct {
		title, due string
		priority   int
		tags       []string
	}{
		"Bericht abgeben fr 14 Uhr #Berichte !hoch": {"Bericht abgeben", "2026-11-27 14:00", 1, []string{"Berichte"}},
		"call the mayor tomorrow 9am":               {"call the mayor", "2026-11-24 09:00", 0, nil},
		"morgen 9 Uhr Bericht abgeben":              {"Bericht abgeben", "2026-11-24 09:00", 0, nil},
		"!low #a #b Akten ordnen am 30.11.":         {"Akten ordnen", "2026-11-30", 9, []string{"a", "b"}},
		"Akten ordnen bis zum 3.1.2027 um 8:15 Uhr": {"Akten ordnen", "2027-01-03 08:15", 0, nil},
		"Akten ordnen 22.11.":                       {"Akten ordnen", "2027-11-22", 0, nil},
		"Akten ordnen 2026-12-01":                   {"Akten ordnen", "2026-12-01", 0, nil},
		"Anruf um 8 Uhr":                            {"Anruf", "2026-11-24 08:00", 0, nil},
		"Anruf 14:30":                               {"Anruf", "2026-11-23 14:30", 0, nil},
		"Anruf montag":                              {"Anruf", "2026-11-30", 0, nil},
		"Anruf nächsten Dienstag 10h":               {"Anruf", "2026-11-24 10:00", 0, nil},
		"Anruf nächste Woche":                       {"Anruf", "2026-11-30", 0, nil},
		"Anruf in 3 Tagen":                          {"Anruf", "2026-11-26", 0, nil},
		"review in 2 weeks at 12 am":                {"review", "2026-12-07 00:00", 0, nil},
		"review sun 12pm !medium":                   {"review", "2026-11-29 12:00", 5, nil},
		"übermorgen":                                {"übermorgen", "", 0, nil},
		"What to do":                                {"What to do", "", 0, nil},
		"Zimmer 14":                                 {"Zimmer 14", "", 0, nil},
		"Raum 9 am Markt":                           {"Raum 9 am Markt", "", 0, nil},
		"Absage 31.2. #":                            {"Absage 31.2. #", "", 0, nil},
		"so geht das nicht":                         {"so geht das nicht", "", 0, nil},
		"Anruf 25:00":                               {"Anruf 25:00", "", 0, nil},
		"Anruf 13pm":                                {"Anruf 13pm", "", 0, nil},
		"Schaltjahr 29.2.":                          {"Schaltjahr", "2028-02-29", 0, nil},
		"Frist 1.12.26":                             {"Frist", "2026-12-01", 0, nil},
	} {
		e := Quick(text, now)
		due := ""
		if e.Due != nil {
			due = e.Due.Time.Format("2006-01-02 15:04")
			if e.Due.AllDay {
				due = due[:10]
			}
		}
		priority, tags := 0, []string(nil)
		if e.Priority != nil {
			priority = *e.Priority
		}
		if e.Tags != nil {
			tags = *e.Tags
		}
		if *e.Title != c.title || due != c.due || priority != c.priority || !slices.Equal(tags, c.tags) {
			t.Errorf("%q: %q, %q, %d, %q", text, *e.Title, due, priority, tags)
		}
	}
}

// What says more than one moment: repetitions, stretches of time, and words that only look like it.
func TestQuickRulesAndStretches(t *testing.T) {
	for text, want := range map[string]string{
		"Müll raus jeden Montag":                     "Müll raus | 2026-11-23 | FREQ=WEEKLY;BYDAY=MO",
		"Müll raus jeden Montag 7 Uhr":               "Müll raus | 2026-11-30 07:00 | FREQ=WEEKLY;BYDAY=MO",
		"jeden Dienstag und Fr Runde":                "Runde | 2026-11-24 | FREQ=WEEKLY;BYDAY=TU,FR",
		"water the plants every 3 days":              "water the plants | 2026-11-23 | FREQ=DAILY;INTERVAL=3",
		"report every 2 weeks on 15.12.":             "report | 2026-12-15 | FREQ=WEEKLY;INTERVAL=2",
		"Bericht alle 2 Wochen fr 14 Uhr":            "Bericht | 2026-11-27 14:00 | FREQ=WEEKLY;INTERVAL=2",
		"stand-up every weekday 9am":                 "stand-up | 2026-11-24 09:00 | FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
		"Miete jeden 1. im Monat":                    "Miete | 2026-12-01 | FREQ=MONTHLY;BYMONTHDAY=1",
		"Abrechnung jeden zweiten Montag":            "Abrechnung | 2026-11-23 | FREQ=WEEKLY;INTERVAL=2;BYDAY=MO",
		"rent every 31st of the month":               "rent | 2026-12-31 | FREQ=MONTHLY;BYMONTHDAY=31",
		"Statistik monatlich":                        "Statistik | 2026-11-23 | FREQ=MONTHLY",
		"Weekly report":                              "Weekly report | ",
		"Für alle Kollegen":                          "Für alle Kollegen | ",
		"Lob für jeden":                              "Lob für jeden | ",
		"Klausur 24.12.-27.12.":                      "Klausur | 2026-12-24 - 2026-12-27",
		"Klausur vom 24.12. bis 3.1.":                "Klausur | 2026-12-24 - 2027-01-03",
		"Sitzung fr 14-16 Uhr":                       "Sitzung | 2026-11-27 14:00 - 2026-11-27 16:00",
		"Sitzung morgen von 10 bis 12 Uhr":           "Sitzung | 2026-11-24 10:00 - 2026-11-24 12:00",
		"Sitzung 8:00–8:30":                          "Sitzung | 2026-11-24 08:00 - 2026-11-24 08:30",
		"Sitzung 10-11:30":                           "Sitzung | 2026-11-23 10:00 - 2026-11-23 11:30",
		"Rufbereitschaft heute 22-6 Uhr":             "Rufbereitschaft | 2026-11-23 22:00 - 2026-11-24 06:00",
		"trip from 1 December to 5 December":         "trip | 2026-12-01 - 2026-12-05",
		"meeting tomorrow 10am to 11am":              "meeting | 2026-11-24 10:00 - 2026-11-24 11:00",
		"Abgabe 15. Dezember 12 Uhr":                 "Abgabe | 2026-12-15 12:00",
		"submit Dec 15th 2027":                       "submit | 2027-12-15",
		"Rückruf in 2 Stunden":                       "Rückruf | 2026-11-23 11:00",
		"Wartung in einem Monat":                     "Wartung | 2026-12-23",
		"Planung nächsten Monat":                     "Planung | 2026-12-01",
		"§ 10-12 lesen":                              "§ 10-12 lesen | ",
		"Seiten 10-12":                               "Seiten 10-12 | ",
		"Akte 4711-0815":                             "Akte 4711-0815 | ",
		"Wechsel von A bis B":                        "Wechsel von A bis B | ",
		"Fassung 2026-12-15":                         "Fassung | 2026-12-15",
		"Mai":                                        "Mai | ",
		"#Berichte":                                  "#Berichte | ",
		"Frist 15 Dezember 99999":                    "Frist 15 Dezember 99999 | ",
		"Urlaub 27.12.-24.12.2026 eintragen":         "Urlaub 27.12.-24.12.2026 eintragen | ",
		"Schicht morgen 10 Uhr bis übermorgen 9 Uhr": "Schicht | 2026-11-24 10:00 - 2026-11-25 09:00",
	} {
		e := Quick(text, monday(t))
		if got := said(e); got != want {
			t.Errorf("%q: %s\nwant %s", text, got, want)
		}
		if _, err := NewText("u", e, monday(t)); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// What a person in an office types: how days, times and repetitions are really said, and what only looks like them.
func TestQuickAsPeopleSayIt(t *testing.T) {
	for text, want := range map[string]string{
		"Antrag § 5 prüfen bis 3.12.":              "Antrag § 5 prüfen | 2026-12-03",
		"Anruf um 9":                               "Anruf | 2026-11-24 09:00",
		"morgen um 9 Anruf":                        "Anruf | 2026-11-24 09:00",
		"um 3 Akten kümmern":                       "um 3 Akten kümmern | ",
		"Widerspruch gegen 3":                      "Widerspruch gegen 3 | ",
		"lunch tomorrow noon":                      "lunch | 2026-11-24 12:00",
		"lunch at noon":                            "lunch | 2026-11-23 12:00",
		"Midnight mass":                            "Midnight mass | ",
		"pay the rent on the 1st of March":         "pay the rent | 2027-03-01",
		"Bericht heute Abend um 8":                 "Bericht | 2026-11-23 20:00",
		"Bericht morgen früh":                      "Bericht | 2026-11-24 08:00",
		"call this afternoon":                      "call | 2026-11-23 15:00",
		"call tomorrow in the evening":             "call | 2026-11-24 18:00",
		"call mum tonight":                         "call mum | 2026-11-23 18:00",
		"Frist 3.12. 24 Uhr":                       "Frist | 2026-12-03 23:59",
		"Frist Freitag Mitternacht":                "Frist | 2026-11-27 23:59",
		"Bericht Freitag nächste Woche":            "Bericht | 2026-12-04",
		"Bericht nächste Woche Freitag 9 Uhr":      "Bericht | 2026-12-04 09:00",
		"Bericht übernächste Woche":                "Bericht | 2026-12-07",
		"Bericht diesen Freitag":                   "Bericht | 2026-11-27",
		"report this weekend":                      "report | 2026-11-28",
		"Bericht am Wochenende":                    "Bericht | 2026-11-28",
		"Bericht Ende der Woche":                   "Bericht | 2026-11-27",
		"Bericht bis Monatsende":                   "Bericht | 2026-11-30",
		"report by the end of the year":            "report | 2026-12-31",
		"Bericht bis Ende Februar":                 "Bericht | 2027-02-28",
		"Bericht bis zum 15.":                      "Bericht | 2026-12-15",
		"Bericht am 31.":                           "Bericht | 2026-12-31",
		"zum 2. Bescheid Stellung nehmen":          "zum 2. Bescheid Stellung nehmen | ",
		"der 3. Antrag":                            "der 3. Antrag | ",
		"Kapitel 3 bis 15.":                        "Kapitel 3 bis 15. | ",
		"Bericht bis 3.12":                         "Bericht | 2026-12-03",
		"Bericht am 3. 12. 2027":                   "Bericht | 2027-12-03",
		"Bericht am 3. 2.":                         "Bericht | 2027-02-03",
		"Version 3.12":                             "Version 3.12 | ",
		"Bericht Fr, 27.11., um 10 Uhr":            "Bericht | 2026-11-27 10:00",
		"Bericht am Freitag, den 27. November":     "Bericht | 2026-11-27",
		"Bericht um 9 Uhr 30":                      "Bericht | 2026-11-23 09:30",
		"Bericht um halb zehn":                     "Bericht | 2026-11-23 09:30",
		"Bericht viertel vor 8 Uhr":                "Bericht | 2026-11-24 07:45",
		"call half past nine":                      "call | 2026-11-23 09:30",
		"call at quarter to one":                   "call | 2026-11-24 00:45",
		"call 5 p.m.":                              "call | 2026-11-23 17:00",
		"Bericht in vier Wochen":                   "Bericht | 2026-12-21",
		"Rückruf in einer halben Stunde":           "Rückruf | 2026-11-23 09:30",
		"Bericht 1.-5.12.":                         "Bericht | 2026-12-01 - 2026-12-05",
		"Bericht vom 1. bis 5. Dezember":           "Bericht | 2026-12-01 - 2026-12-05",
		"Dienst von Montag bis Mittwoch":           "Dienst | 2026-11-30 - 2026-12-02",
		"Runde jeden Dienstag 10-12 Uhr":           "Runde | 2026-11-24 10:00 - 2026-11-24 12:00 | FREQ=WEEKLY;BYDAY=TU",
		"Sitzung 8-11 Uhr":                         "Sitzung | 2026-11-24 08:00 - 2026-11-24 11:00",
		"Dienst 14:00 bis 9 Uhr":                   "Dienst | 2026-11-23 14:00 - 2026-11-24 09:00",
		"Sitzung Di 9-11":                          "Sitzung | 2026-11-24 09:00 - 2026-11-24 11:00",
		"Runde jeden ersten Montag im Monat 9 Uhr": "Runde | 2026-12-07 09:00 | FREQ=MONTHLY;BYDAY=1MO",
		"review every last friday":                 "review | 2026-11-27 | FREQ=MONTHLY;BYDAY=-1FR",
		"Abschluss jeden letzten Tag des Monats":   "Abschluss | 2026-11-30 | FREQ=MONTHLY;BYMONTHDAY=-1",
		"Runde montags und donnerstags 9 Uhr":      "Runde | 2026-11-26 09:00 | FREQ=WEEKLY;BYDAY=MO,TH",
		"backup on mondays":                        "backup | 2026-11-23 | FREQ=WEEKLY;BYDAY=MO",
		"Post werktags 8 Uhr":                      "Post | 2026-11-24 08:00 | FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
		"Bericht vierteljährlich am 1.":            "Bericht | 2026-12-01 | FREQ=MONTHLY;INTERVAL=3",
		"Kasse jeden Tag um 9":                     "Kasse | 2026-11-24 09:00 | FREQ=DAILY",
		"Brief an Herrn Freitag":                   "Brief an Herrn Freitag | ",
		"Antrag Müller geb. 3.12.1970":             "Antrag Müller geb. 3.12.1970 | ",
		"Satzung 3.12.2020":                        "Satzung 3.12.2020 | ",
		"Bescheid vom 12.11.":                      "Bescheid vom 12.11. | ",
		"Plan bis Montag und Dienstag":             "Plan bis Montag und Dienstag | ",
		"Lied „Bis Montag um 9“ üben morgen":       "Lied „Bis Montag um 9“ üben | 2026-11-24",
		`Plakat "wir sind #Amt !hoch morgen"`:      `Plakat "wir sind #Amt !hoch morgen" | `,
		`Rohr 5" kaufen morgen`:                    `Rohr 5" kaufen | 2026-11-24`,
		"Bericht von gestern":                      "Bericht von gestern | ",
		"Bericht gestern":                          "Bericht gestern | ",
		"Ticket #12 prüfen":                        "Ticket #12 prüfen | ",
		"Bericht 31.11.":                           "Bericht 31.11. | ",
	} {
		if got := said(Quick(text, monday(t))); got != want {
			t.Errorf("%q: %s\nwant %s", text, got, want)
		}
	}
}

// said writes what quick entry understood: the title, the days or moments, and the rule.
func said(e Edit) string {
	got := *e.Title + " | "
	for i, w := range []*When{e.Start, e.Due} {
		if w == nil {
			continue
		}
		day := w.Time.Format("2006-01-02 15:04")
		if w.AllDay {
			day = day[:10]
		}
		got += day
		if i == 0 {
			got += " - "
		}
	}
	if e.RRule != nil {
		got += " | " + *e.RRule
	}
	return got
}

func TestCutList(t *testing.T) {
	names := []string{"Bau", "Bau und Umwelt", "Amt"}
	for text, want := range map[string][2]string{
		"Plan prüfen @bau morgen":   {"Plan prüfen morgen", "Bau"},
		"@Bau und Umwelt Plan":      {"Plan", "Bau und Umwelt"},
		"Plan @Bau und dann":        {"Plan und dann", "Bau"},
		"an anna@amt.example":       {"an anna@amt.example", ""},
		"Plan @Garten":              {"Plan @Garten", ""},
		"a  @ b":                    {"a  @ b", ""},
		"@Bau und Umwelt":           {"@Bau und Umwelt", ""},
		`Schild "bei @Amt" malen`:   {`Schild "bei @Amt" malen`, ""},
		"Rat @amt @bau zwei Listen": {"Rat @bau zwei Listen", "Amt"},
	} {
		if rest, name := CutList(text, names); rest != want[0] || name != want[1] {
			t.Errorf("%q: %q, %q", text, rest, name)
		}
	}
}

// Whatever is typed, it becomes a task with a title, and words that say nothing of days stay in it, in their order.
func TestQuickKeepsWords(t *testing.T) {
	now := monday(t)
	phrases := []string{
		"", "morgen", "fr 14 Uhr", "tomorrow 9am", "nächsten Montag", "in 3 Tagen", "jeden Montag", "every 2 weeks", "15.12.", "2026-12-15",
		"24.12.-27.12.", "von 10 bis 12 Uhr", "täglich 8 Uhr", "15. Dezember", "bis zum 3.1.2027",
	}
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOfN(rapid.StringMatching(`[bckvwxzQXYZ]{3,7}`), 1, 5).Draw(t, "words")
		phrase := rapid.SampledFrom(phrases).Draw(t, "phrase")
		title := strings.Join(plain, " ")
		for _, text := range []string{title + " " + phrase, phrase + " " + title} {
			e := Quick(text, now)
			if phrase == "täglich 8 Uhr" || *e.Title == title && (e.Due != nil) == (phrase != "") {
				continue
			}
			t.Fatalf("%q: %q, due %v", text, *e.Title, e.Due)
		}
	})
	vocabulary := []string{
		"von", "bis", "to", "in", "jeden", "every", "alle", "2", "3", "zweiten", "Montag", "mon", "und", "10-12", "24.12.", "24.12.-27.12.", "Uhr", "14",
		"14:00", "9am", "noon", "Abend", "früh", "halb", "neun", "viertel", "vor", "ersten", "letzten", "im", "Monat", "montags", "nächste", "Woche", "Ende", "am", "bis", "der",
		"\"", "„", "“", "\"a", "b\"", "#12", "Dezember", "15.", "2026", "wochen", "days", "monatlich", "#a", "!hoch", "@Amt", "-", "–", "1.", "31st", "of", "the", "month", "um", "xyz", ",", "",
	}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(vocabulary), 0, 12).Draw(t, "text"), " ")
		if rapid.Bool().Draw(t, "any") {
			text = rapid.String().Draw(t, "string")
		}
		e := Quick(text, now)
		if _, err := NewText("u", e, now); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if strings.TrimSpace(text) != "" && *e.Title == "" {
			t.Fatalf("%q has no title", text)
		}
		if e.Start != nil && e.Due.Time.Before(e.Start.Time) {
			t.Fatalf("%q ends before it starts: %v to %v", text, e.Start, e.Due)
		}
		if what := missing(text, e, now); what != "" {
			t.Fatalf("%q: %+v: %s", text, e, what)
		}
	})
}

// missing says what of a line is neither in the title nor understood: what was taken out of it is a tag, one priority, or
// one phrase at an end that reads as a whole.
func missing(text string, e Edit, now time.Time) string {
	words := strings.Fields(text)
	title := strings.Fields(*e.Title)
	if slices.Equal(words, title) {
		return ""
	}
	var tags []string
	if e.Tags != nil {
		tags = slices.Clone(*e.Tags)
	}
	rest, priorities := words[:0:0], 0
	quoted := inQuotes(words)
	for i, w := range words {
		switch {
		case len(tags) > 0 && w == "#"+tags[0] && !quoted[i]:
			tags = tags[1:]
		case e.Priority != nil && priorities == 0 && !quoted[i] && priorityWords[strings.ToLower(w)] == *e.Priority && *e.Priority != 0:
			priorities++
		default:
			rest = append(rest, w)
		}
	}
	n := len(rest) - len(title)
	if n < 0 || len(tags) > 0 {
		return "words that nobody typed"
	}
	head, tail := phrase{now: now}, phrase{now: now}
	switch {
	case n == 0 && slices.Equal(rest, title) && e.Due == nil && e.RRule == nil:
	case slices.Equal(rest[:len(title)], title) && tail.read(rest[len(title):]) == n:
	case slices.Equal(rest[n:], title) && head.read(rest[:n]) == n:
	default:
		return "words are gone that say nothing of a time"
	}
	return ""
}

func TestParseWhen(t *testing.T) {
	for text, want := range map[string]string{
		"2026-11-23": "2026-11-23", "23.11.2026": "2026-11-23", "23.11.": "2026-11-23", "2026-11-23 14:00": "2026-11-23 14:00", "2026-11-23T14:00": "2026-11-23 14:00",
		"gestern": "2026-11-22", "heute": "2026-11-23", "morgen": "2026-11-24", "today": "2026-11-23", "Tomorrow 9am": "2026-11-24 09:00", "do": "2026-11-26", "1.12. 8 Uhr": "2026-12-01 08:00",
	} {
		w, err := ParseWhen(text, monday(t))
		got := w.Time.Format("2006-01-02 15:04")
		if w.AllDay {
			got = got[:10]
		}
		if err != nil || got != want {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
	if w, err := ParseWhen(" ", monday(t)); err != nil || !w.IsZero() {
		t.Errorf("empty: %v %v", w, err)
	}
	for _, bad := range []string{"irgendwann", "heute morgen", "2026-13-01", "31.02.2026", "in 3", "nächsten", "am", "32.1."} {
		if w, err := ParseWhen(bad, monday(t)); !errors.Is(err, ErrDate) {
			t.Errorf("%s: %v, %v", bad, w, err)
		}
	}
}
