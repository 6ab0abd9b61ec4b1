// SPDX-License-Identifier: EUPL-1.2

package demo

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// todo is a task before it is put into iCalendar form.
type todo struct {
	title    string
	days     int // due, from today
	at       int // minutes of the day; 0 for the whole day
	priority int
	tags     string
	note     string
	repeat   string
	mail     string // left part of a Message-ID that it belongs to
	done     int    // days ago; 0 for open
	percent  int
	parent   string // title of the task above it
	remind   string // trigger of an alarm
	someday  bool   // no date
	berlin   bool   // due in a time zone with its rules
}

type todoList struct {
	slug, name, color string
	todos             []todo
}

// layTasks lays down four lists with forty tasks.
func (s *sampler) layTasks(c *calendars) {
	for _, l := range s.todoLists() {
		list := c.createLocked(l.slug)
		list.name, list.color, list.comps = l.name, l.color, []string{"VTODO"}
		uids := map[string]string{}
		for i, t := range l.todos {
			uid := fmt.Sprintf("%s-%02d@%s", l.slug, i+1, Domain)
			uids[t.title] = uid
			list.putLocked(fmt.Sprintf("%s-%02d.ics", l.slug, i+1), s.vtodo(uid, uids[t.parent], i, t))
		}
	}
}

func (s *sampler) todoLists() []todoList {
	year := s.now.Year()
	report := fmt.Sprintf("Prüfbericht %d/118 freigeben", year)
	return []todoList{
		{"lindenstrasse-14", "Lindenstraße 14", "#0b6e75", []todo{
			{title: "Aufmaß unterschreiben lassen", at: 630, priority: 1, tags: "Ortstermin", mail: "ortstermin.3", remind: "-PT30M", percent: 30, note: "Eigentümer kommt um 10:30 Uhr zum Tor Nordseite.\nZwei Ausfertigungen mitnehmen; eine bleibt dort."},
			{title: "Formular drucken", parent: "Aufmaß unterschreiben lassen", done: 1, someday: true},
			{title: "Eigentümer anrufen", parent: "Aufmaß unterschreiben lassen", someday: true},
			{title: "Scan in Dateien ablegen", parent: "Aufmaß unterschreiben lassen", someday: true},
			{title: "Fotos Gebäudeteil B ablegen", tags: "Ortstermin,Fotos"},
			{title: "Schlüssel Technikraum zurückgeben", days: 7},
			{title: "Kostenschätzung gegenlesen", days: 2, priority: 5, mail: "kostenschaetzung.1"},
			{title: "Sperrung beim Ordnungsamt bestätigen", days: 3, mail: "strassensperrung.1"},
			{title: "Lageplan anfordern", days: -2, done: 1},
			{title: "Bauausschuss vorbereiten", days: 12, priority: 5, percent: 40},
		}},
		{"bauantraege", "Bauanträge", "#c05a00", []todo{
			{title: report, days: 4, priority: 1, mail: "pruefbericht.1", tags: "Statik"},
			{title: "Stellungnahme Denkmalschutz Hafenstraße 3 einholen", days: 1, mail: "denkmal.1", tags: "Denkmal"},
			{title: "Baumbestand Gartenweg 7 prüfen", days: -1, priority: 5, mail: "baumbestand.1"},
			{title: "Nachforderung Elbufer 1 versenden", days: 5},
			{title: "Stellplatznachweis Kaistraße 11 prüfen", days: 6},
			{title: "Beteiligung Tiefbau Hafenbecken Süd", days: 3, mail: "leitungen.1"},
			{title: "Abstandsflächen Rosenweg 22 nachrechnen", days: 8, priority: 9},
			{title: "Zeichnung prüfen", parent: "Abstandsflächen Rosenweg 22 nachrechnen", someday: true},
			{title: "Zustimmung der Nachbarn zu den Akten", parent: "Abstandsflächen Rosenweg 22 nachrechnen", someday: true},
			{title: "Genehmigung Schulweg 2 zeichnen", days: 10, at: 540, berlin: true},
			{title: "Werbeanlage Bahnhofstraße 40: Ortsbesichtigung", days: 9, at: 840},
			{title: "Frist Am Deich 31 überwachen", days: 21},
			{title: "Eingangsbestätigung Marktplatz 5", days: -4, done: 3},
			{title: "Akte Schillerstraße 9 abschließen", days: 14},
		}},
		{"team", "Team", "#6b4fa0", []todo{
			{title: fmt.Sprintf("Vertretungsplan KW %d bestätigen", s.week(1)), days: 1, mail: "vertretung.5"},
			{title: "Jour fixe vorbereiten", days: 6, repeat: "FREQ=WEEKLY", at: 480},
			{title: "Übergabe für Jonas schreiben", days: 2, priority: 5},
			{title: "Fortbildung anmelden", days: 11, mail: "fortbildung-1.1"},
			{title: "Urlaubsplanung abstimmen", days: 25},
			{title: "Teilversammlung eintragen", days: 9, mail: "teilversammlung.1"},
			{title: "Geschenk für Hauke besorgen", days: -6, done: 5},
			{title: "Einarbeitung neue Kollegin planen", someday: true, note: "Schreibtisch, Zugänge, Patenschaft. Sofia fragen."},
		}},
		{"berichte", "Berichte", "#2e7d32", []todo{
			{title: "Monatsbericht " + germanMonth(s.now.Month()), days: s.lastOfMonth(), repeat: "FREQ=MONTHLY;BYMONTHDAY=-1", priority: 5},
			{title: "Zahlen von Murat einsammeln", days: s.lastOfMonth() - 2, parent: "Monatsbericht " + germanMonth(s.now.Month())},
			{title: "Statistik Baufertigstellungen melden", days: 17},
			{title: "Fristenliste prüfen", days: 1, repeat: "FREQ=DAILY;INTERVAL=2;COUNT=20"},
			{title: "Jahresbericht gliedern", days: 30, priority: 9},
			{title: "Halbjahresbericht abgeben", days: -20, done: 18},
			{title: "Auswertung Bearbeitungszeiten", days: 13},
			{title: "Vorlage für den Bauausschuss ablegen", days: -3, done: 2},
		}},
	}
}

func (s *sampler) lastOfMonth() int {
	y, m, d := s.now.Date()
	return time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC).Day() - d
}

func germanMonth(m time.Month) string {
	return []string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"}[m-1]
}

const utcForm = "20060102T150405Z"

// vtodo writes a task (RFC 5545, section 3.6.2).
func (s *sampler) vtodo(uid, parent string, position int, t todo) []byte {
	var b strings.Builder
	line := func(format string, args ...any) { b.WriteString(fold(fmt.Sprintf(format, args...))) }
	created := s.workday(-9-position, 9, 10)
	line("BEGIN:VCALENDAR")
	line("VERSION:2.0")
	line("PRODID:-//Stadt Musterhafen//Aufgaben//DE")
	if t.berlin {
		b.WriteString(berlinZone)
	}
	line("BEGIN:VTODO")
	line("UID:%s", uid)
	line("DTSTAMP:%s", created.UTC().Format(utcForm))
	line("CREATED:%s", created.UTC().Format(utcForm))
	line("LAST-MODIFIED:%s", created.UTC().Format(utcForm))
	line("SUMMARY:%s", icalText(t.title))
	if t.note != "" {
		line("DESCRIPTION:%s", icalText(t.note))
	}
	s.when(line, t)
	if t.priority > 0 {
		line("PRIORITY:%d", t.priority)
	}
	if t.tags != "" {
		line("CATEGORIES:%s", t.tags)
	}
	if t.repeat != "" {
		line("RRULE:%s", t.repeat)
	}
	if parent != "" {
		line("RELATED-TO;RELTYPE=PARENT:%s", parent)
	}
	if t.mail != "" {
		line("ATTACH;FMTTYPE=message/rfc822:mid:%s", t.mail+"@"+Domain)
	}
	switch {
	case t.done > 0:
		line("STATUS:COMPLETED")
		line("PERCENT-COMPLETE:100")
		line("COMPLETED:%s", s.workday(-t.done, 11, 30).UTC().Format(utcForm))
	case t.percent > 0:
		line("STATUS:IN-PROCESS")
		line("PERCENT-COMPLETE:%d", t.percent)
	default:
		line("STATUS:NEEDS-ACTION")
	}
	if t.remind != "" {
		line("BEGIN:VALARM")
		line("ACTION:DISPLAY")
		line("DESCRIPTION:%s", icalText(t.title))
		line("TRIGGER;RELATED=END:%s", t.remind)
		line("END:VALARM")
	}
	line("END:VTODO")
	line("END:VCALENDAR")
	return []byte(b.String())
}

func (s *sampler) when(line func(string, ...any), t todo) {
	if t.someday {
		return
	}
	due := s.day(t.days, t.at/60, t.at%60)
	switch {
	case t.at == 0:
		if t.repeat != "" {
			line("DTSTART;VALUE=DATE:%s", due.Format("20060102"))
		}
		line("DUE;VALUE=DATE:%s", due.Format("20060102"))
	case t.berlin:
		line("DUE;TZID=Europe/Berlin:%s", due.Format("20060102T150405"))
	default:
		if t.repeat != "" {
			line("DTSTART:%s", due.Add(-time.Hour).UTC().Format(utcForm))
		}
		line("DUE:%s", due.UTC().Format(utcForm))
	}
}

// icalText escapes a text value (RFC 5545, section 3.3.11).
func icalText(s string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`).Replace(s)
}

// fold ends a line, cutting it every 75 octets but never inside a character (RFC 5545, section 3.1).
func fold(s string) string {
	var b strings.Builder
	for limit := 75; len(s) > limit; limit = 74 {
		cut := limit
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		b.WriteString(s[:cut] + "\r\n ")
		s = s[cut:]
	}
	return b.String() + s + "\r\n"
}

const berlinZone = "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n" +
	"BEGIN:DAYLIGHT\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nTZNAME:CEST\r\nDTSTART:19810329T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\n" +
	"BEGIN:STANDARD\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nTZNAME:CET\r\nDTSTART:19961027T030000\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\n" +
	"END:VTIMEZONE\r\n"
