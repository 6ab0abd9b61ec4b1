// SPDX-License-Identifier: EUPL-1.2

package demo

import (
	"fmt"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
)

// turn is one mail of a conversation.
type turn struct {
	from   person
	at     time.Time
	text   string
	html   string
	files  []file
	inline *file
	to     []person // the other side where empty
	cc     []person
	header []string
	plain  bool // the subject without "Re:", although it is an answer
	unread bool
	flag   bool
}

const (
	closing = "\n\nFreundliche Grüße\n"
	footer  = "\n\n-- \nStadt Musterhafen · Fachbereich Bauen\nRathausplatz 1 · 12345 Musterhafen"
)

// thread lays down a conversation of owner: what others wrote into box, what the owner wrote into the folder of sent mail.
func (s *sampler) thread(owner person, box, id, subject string, turns ...turn) {
	var references []string
	for i, t := range turns {
		l := letter{
			id: fmt.Sprintf("%s.%d", id, i+1), references: references, from: t.from, to: t.to, cc: t.cc, date: t.at, subject: subject,
			text: t.text + closing + t.from.name, html: t.html, files: t.files, inline: t.inline, header: t.header,
		}
		if i > 0 {
			if !t.plain {
				l.subject = "Re: " + subject
			}
			before := turns[i-1]
			l.text += fmt.Sprintf("\n\nAm %s schrieb %s:\n%s", before.at.Format("02.01.2006 um 15:04"), before.from.name, quoted(before.text))
			if l.to == nil {
				l.to = []person{before.from}
			}
		}
		if l.to == nil {
			l.to = []person{owner}
		}
		into := box
		if t.from == owner {
			into = sentBox
			l.text += footer
			if i > 0 && before(turns, i) == owner {
				l.to = []person{turns[0].from}
			}
		}
		l.flags = turnFlags(owner, turns, i)
		s.mail[into] = append(s.mail[into], l)
		references = append(references[:len(references):len(references)], l.id)
	}
}

func before(turns []turn, i int) person { return turns[i-1].from }

// turnFlags gives what the owner did with a mail: read it, answered it, marked it.
func turnFlags(owner person, turns []turn, i int) []imap.Flag {
	var flags []imap.Flag
	if !turns[i].unread {
		flags = append(flags, imap.FlagSeen)
	}
	if turns[i].flag {
		flags = append(flags, imap.FlagFlagged)
	}
	if i+1 < len(turns) && turns[i].from != owner && turns[i+1].from == owner {
		flags = append(flags, imap.FlagAnswered)
	}
	return flags
}

func quoted(text string) string { return "> " + strings.ReplaceAll(text, "\n", "\n> ") }

// week is the number of a calendar week (ISO 8601) some weeks from now.
func (s *sampler) week(ahead int) int {
	_, w := s.now.AddDate(0, 0, 7*ahead).ISOWeek()
	return w
}

func (s *sampler) writeMail() {
	s.todaysMail()
	s.weeksMail()
	s.applications()
	s.routine()
	s.draftsAndRubbish()
}

// todaysMail is what stands on top of the inbox.
func (s *sampler) todaysMail() {
	site := file{"Lageplan.pdf", s.pdf("Lageplan Lindenstraße 14", 420, "Gemarkung Musterhafen, Flur 7, Flurstück 112/3", "Maßstab 1:500")}
	minutes := file{"Protokoll_0311.odt", s.odt("Protokoll Ortstermin Lindenstraße 14", "Teilnehmende: K. Vogel, L. Brandt, Eigentümer", "Der Zugang zum Innenhof erfolgt über das Tor Nordseite.", "Nächster Termin: morgen, 10:30 Uhr.")}
	invitation := "Guten Morgen Frau Brandt,\n\nanbei der Lageplan und das Protokoll vom letzten Termin. Für morgen habe ich den\nZugang zum Innenhof mit dem Eigentümer vereinbart (10:30 Uhr, Tor Nordseite).\n\nBitte bringen Sie mit:\n- das unterschriebene Aufmaß,\n- die Fotos von Gebäudeteil B,\n- den Schlüssel für den Technikraum.\n\nVor Ort gibt es keinen Empfang – am besten vorher alles offline verfügbar machen."
	html := `<!DOCTYPE html><html lang="de"><body style="font-family:Arial,sans-serif;font-size:14px;color:#222">
<p>Guten Morgen Frau Brandt,</p>
<p>anbei der Lageplan und das Protokoll vom letzten Termin. Für morgen habe ich den Zugang zum Innenhof mit dem Eigentümer vereinbart (<b>10:30&nbsp;Uhr</b>, Tor Nordseite).</p>
<p>Bitte bringen Sie mit:</p><ul><li>das unterschriebene Aufmaß,</li><li>die Fotos von Gebäudeteil&nbsp;B,</li><li>den Schlüssel für den Technikraum.</li></ul>
<p>Vor Ort gibt es keinen Empfang – am besten vorher alles offline verfügbar machen.</p>
<p>Freundliche Grüße<br>Katrin Vogel</p><img src="https://bilder.stadt.example/zaehler.gif?m=4711" width="1" height="1" alt=""></body></html>`
	s.thread(lena, inbox, "ortstermin", "Ortstermin Lindenstraße 14 – Unterlagen",
		turn{from: katrin, at: s.workday(-5, 10, 12), text: "Hallo Frau Brandt,\n\nfür die Lindenstraße 14 brauchen wir noch einen zweiten Ortstermin. Passt es Ihnen diese Woche?"},
		turn{from: lena, at: s.workday(-5, 11, 3), text: "Hallo Frau Vogel,\n\ngern. Bitte stimmen Sie die Uhrzeit mit dem Eigentümer ab, ich richte mich danach."},
		turn{from: katrin, at: s.ago(18), text: invitation, html: html, files: []file{site, minutes}, to: []person{lena, jonas}, plain: true, unread: true})

	report := fmt.Sprintf("Prüfbericht Nr. %d/118", s.now.Year())
	s.thread(lena, inbox, "pruefbericht", report,
		turn{from: statics, at: s.ago(50), text: "Der Prüfbericht liegt vor. Bitte bis Freitag freigeben.\n\nDie Auflagen zu Position 4 (Unterzug Erdgeschoss) sind erfüllt.", unread: true, flag: true, files: []file{{"Prüfbericht.pdf", s.pdf(report, 0, "Standsicherheit: nachgewiesen", "Brandschutz: siehe Anlage 2", "Auflagen: Position 4 erledigt")}}})

	subject := fmt.Sprintf("Vertretung KW %d", s.week(1))
	s.thread(lena, inbox, "vertretung", subject,
		turn{from: lena, at: s.day(-3, 14, 20), to: []person{jonas}, text: fmt.Sprintf("Hallo Jonas,\n\nkannst du mich in der KW %d vertreten? Ich bin auf Fortbildung.", s.week(1))},
		turn{from: jonas, at: s.day(-3, 15, 2), text: "Hallo Lena,\n\nwelche Tage genau?"},
		turn{from: lena, at: s.day(-2, 9, 10), text: "Von Dienstag bis Donnerstag. Die Übergabe liegt in Dateien › Bauamt › Vorlagen."},
		turn{from: jonas, at: s.day(-1, 10, 44), text: "Donnerstag habe ich selbst einen Termin. Frage bitte noch Sofia."},
		turn{from: jonas, at: s.ago(65), text: "Passt mir gut, ich übernehme Dienstag und Mittwoch. Sofia macht den Donnerstag."})
}

// weeksMail is the rest of what a person remembers of the last days.
func (s *sampler) weeksMail() {
	event := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Personalrat//DE\r\nMETHOD:PUBLISH\r\nBEGIN:VEVENT\r\nUID:teilversammlung@stadt.example\r\nDTSTAMP:" +
		s.now.UTC().Format("20060102T150405Z") + "\r\nDTSTART:" + s.day(9, 13, 0).UTC().Format("20060102T150405Z") + "\r\nSUMMARY:Teilversammlung\r\nLOCATION:Ratssaal\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	s.thread(lena, inbox, "teilversammlung", "Einladung zur Teilversammlung",
		turn{from: council, at: s.day(-1, 16, 5), unread: true, text: "Liebe Kolleginnen und Kollegen,\n\nwir laden herzlich ein zur Teilversammlung im Ratssaal. Themen sind die neue Dienstvereinbarung\nzur mobilen Arbeit und die Wahl der Vertrauensleute.\n\nBitte klären Sie Ihre Vertretung.", files: []file{{"Teilversammlung.ics", []byte(event)}}})
	picture := file{"Baustelle_Nord.png", s.png(240)}
	s.thread(lena, inbox, "baustelle-nord", "Fotodokumentation Baustelle Nord",
		turn{
			from: katrin, at: s.day(-1, 14, 31), text: "38 Bilder liegen im Ordner Dateien › Nord › Fotos.\n\nEin Bild vorab unten im Text.", inline: &picture,
			html: `<html><body><p>38 Bilder liegen im Ordner <b>Dateien › Nord › Fotos</b>.</p><p><img src="cid:bild" alt="Baustelle Nord"></p><p>Katrin Vogel</p></body></html>`,
		})
	s.thread(lena, inbox, "wartung", "Wartungsfenster Samstag 22–24 Uhr",
		turn{from: helpdesk, at: s.day(-1, 11, 0), text: "Während der Wartung arbeiten Sie offline weiter. Ihre Änderungen werden danach von selbst übertragen.\n\nBetroffen sind Mail, Dateien und Aufgaben."})
	costs := [][]string{{"Position", "Leistung", "Betrag in Euro"}, {"3", "Dachstuhl", "48.200,00"}, {"4", "Unterzug Erdgeschoss", "17.950,00"}, {"5", "Fenster", "31.400,00"}, {"6", "Putz", "22.100,00"}, {"7", "Gerüst", "9.800,00"}}
	s.thread(lena, inbox, "kostenschaetzung", "Kostenschätzung Sanierung",
		turn{from: murat, at: s.workday(-3, 13, 15), flag: true, text: "Ich habe die Positionen 3 bis 7 aktualisiert. Bitte einmal gegenlesen, bevor es in den Ausschuss geht.", files: []file{{"Kostenschätzung Sanierung.ods", s.ods("Kosten", costs)}, {"Positionen.csv", s.csv(costs)}}},
		turn{from: lena, at: s.workday(-3, 16, 40), text: "Danke! Position 5 wirkt niedrig, sonst einverstanden."})
	s.thread(lena, inbox, "strassensperrung", "Stellungnahme Straßensperrung",
		turn{from: order, at: s.workday(-3, 9, 48), text: "Keine Einwände, Beschilderung nach Plan B.", files: []file{{"Plan B.pdf", s.pdf("Beschilderung Plan B", 160, "Sperrung der Lindenstraße zwischen Nr. 10 und Nr. 18")}}})
	s.thread(lena, inbox, "mittagessen", "Mittagessen?",
		turn{from: sofia, at: s.workday(-4, 8, 30), text: "Wer ist am Donnerstag im Haus?", to: []person{lena, jonas, katrin, murat}},
		turn{from: jonas, at: s.workday(-4, 8, 41), text: "Ich!", to: []person{sofia, lena, katrin, murat}},
		turn{from: katrin, at: s.workday(-4, 8, 55), text: "Leider auf der Baustelle.", to: []person{sofia, lena, jonas, murat}},
		turn{from: lena, at: s.workday(-4, 9, 5), text: "Bin dabei. 12 Uhr?", to: []person{sofia, jonas, katrin, murat}},
		turn{from: murat, at: s.workday(-4, 9, 20), text: "12:15 Uhr wäre mir lieber.", to: []person{sofia, lena, jonas, katrin}},
		turn{from: sofia, at: s.workday(-4, 9, 25), text: "Dann 12:15 Uhr am Haupteingang.", to: []person{lena, jonas, katrin, murat}},
		turn{from: jonas, at: s.workday(-4, 9, 26), text: "Prima.", to: []person{sofia, lena, katrin, murat}})
	s.thread(lena, inbox, "denkmal", "Denkmalschutz Hafenstraße 3 – Fenster",
		turn{from: carolin, at: s.workday(-6, 10, 5), unread: true, flag: true, text: "Liebe Frau Brandt,\n\ndie geplanten Kunststofffenster sind am Baudenkmal nicht genehmigungsfähig. Ich schlage Holzfenster\nmit Wiener Sprosse vor, siehe unsere Gestaltungssatzung, § 7 Abs. 2.\n\nBis wann brauchen Sie die Stellungnahme?"})
	s.thread(lena, inbox, "baumbestand", "Baumbestand Gartenweg 7",
		turn{from: ayse, at: s.workday(-7, 15, 30), unread: true, text: "Guten Tag,\n\ndie Linde an der Grundstücksgrenze ist geschützt. Der Carport muss 2,50 m Abstand halten."})
	s.thread(lena, inbox, "leitungen", "Leitungsauskunft Hafenbecken Süd",
		turn{from: thomas, at: s.workday(-8, 7, 50), unread: true, text: "Moin Lena,\n\nim Bereich der Zufahrt liegt eine Trinkwasserleitung DN 200. Plan hängt an.", files: []file{{"Leitungsplan Süd.pdf", s.pdf("Leitungsplan Hafenbecken Süd", 200, "DN 200, Baujahr 1974")}}})
}

// writeMailForJonas is the small mailbox of the second user.
func (s *sampler) writeMailForJonas() {
	subject := fmt.Sprintf("Vertretung KW %d", s.week(1))
	s.thread(jonas, inbox, "vertretung", subject,
		turn{from: lena, at: s.day(-3, 14, 20), text: fmt.Sprintf("Hallo Jonas,\n\nkannst du mich in der KW %d vertreten? Ich bin auf Fortbildung.", s.week(1))},
		turn{from: jonas, at: s.day(-3, 15, 2), text: "Hallo Lena,\n\nwelche Tage genau?"},
		turn{from: lena, at: s.day(-2, 9, 10), text: "Von Dienstag bis Donnerstag. Die Übergabe liegt in Dateien › Bauamt › Vorlagen."},
		turn{from: jonas, at: s.ago(65), text: "Passt mir gut, ich übernehme Dienstag und Mittwoch. Sofia macht den Donnerstag."})
	s.thread(jonas, inbox, "wartung-w", "Wartungsfenster Samstag 22–24 Uhr",
		turn{from: helpdesk, at: s.day(-1, 11, 0), unread: true, text: "Während der Wartung arbeiten Sie offline weiter."})
}
