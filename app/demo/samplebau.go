// SPDX-License-Identifier: EUPL-1.2

package demo

import (
	"fmt"
	"time"

	"github.com/emersion/go-imap/v2"
)

// application is a building project that people write about.
type application struct {
	what, where string
	who         person
}

var applicationList = []application{
	{"Neubau Carport", "Gartenweg 7", krueger},
	{"Dachausbau", "Lindenstraße 14", hansen},
	{"Fenstertausch am Baudenkmal", "Hafenstraße 3", hansen},
	{"Neubau Wohnanlage mit 24 Wohnungen", "Elbufer 1", elbe},
	{"Anbau Wintergarten", "Rosenweg 22", krueger},
	{"Nutzungsänderung Laden in Café", "Marktplatz 5", maass},
	{"Errichtung einer Werbeanlage", "Bahnhofstraße 40", maass},
	{"Abbruch Lagerhalle", "Hafenbecken Süd", sommer},
	{"Balkonanlage", "Schillerstraße 9", hansen},
	{"Grundstücksteilung", "Am Deich 31", maass},
	{"Neubau Kita mit vier Gruppen", "Schulweg 2", hansen},
	{"Wärmepumpe mit Schallschutz", "Birkenallee 18", krueger},
	{"Stellplatznachweis", "Kaistraße 11", elbe},
	{"Brandschutz Versammlungsstätte", "Kulturspeicher", sommer},
	{"Solaranlage auf dem Bauhof", "Industriestraße 6", sommer},
	{"Aufstockung Bürogebäude", "Rathausgasse 4", hansen},
}

var (
	questions = []string{
		"Guten Tag Frau Brandt,\n\nanbei der Antrag mit allen Bauvorlagen. Fehlt aus Ihrer Sicht noch etwas?",
		"Sehr geehrte Frau Brandt,\n\nwie ist der Stand des Verfahrens? Die Baufirma müsste in sechs Wochen beginnen können.",
		"Guten Tag,\n\nwir haben die Ansichten überarbeitet. Die Traufhöhe liegt jetzt bei 6,80 m.",
		"Sehr geehrte Damen und Herren,\n\nunser Nachbar hat der Unterschreitung der Abstandsfläche zugestimmt, die Erklärung liegt bei.",
	}
	replies = []string{
		"Guten Tag,\n\nvielen Dank. Bitte reichen Sie noch den Standsicherheitsnachweis in zweifacher Ausfertigung nach.\nDie Frist verlängere ich um drei Wochen.",
		"Guten Tag,\n\ndie Unterlagen sind vollständig. Ich beteilige jetzt Umweltamt und Tiefbau; mit einer Entscheidung\nrechnen Sie bitte in etwa acht Wochen.",
		"Guten Tag,\n\nfür die Befreiung von der Baugrenze fehlt die Begründung. Ein formloses Schreiben genügt.",
	}
	afterwards = []string{
		"Guten Tag Frau Brandt,\n\nvielen Dank für die schnelle Antwort. Die Unterlagen kommen in dieser Woche.",
		"Hallo Frau Brandt,\n\nanbei wie gewünscht die Nachreichung. Gibt es sonst noch offene Punkte?",
		"Guten Tag,\n\nverstanden, wir passen die Planung an und melden uns.",
	}
)

// applications fills the folders of the building applications: running ones, and those with open questions.
func (s *sampler) applications() {
	year := fmt.Sprintf("Bauanträge/%d", s.now.Year())
	for i, a := range applicationList {
		number := fmt.Sprintf("BA %d-%03d", s.now.Year(), 101+7*i)
		subject := fmt.Sprintf("%s: %s, %s", number, a.what, a.where)
		begin := -12 - 5*i
		at := func(days, hour int) time.Time { return s.workday(begin+days, hour, s.rnd.IntN(60)) }
		form := file{"Bauantrag.pdf", s.pdf("Bauantrag "+number, 0, a.what, a.where, "Antragstellung: "+a.who.name)}
		turns := []turn{
			{from: a.who, at: at(0, 9), text: pick(s, questions), files: []file{form}},
			{from: lena, at: at(1, 11), text: pick(s, replies)},
			{from: a.who, at: at(3, 14), text: pick(s, afterwards)},
		}
		box := year
		switch {
		case i%4 == 3:
			box = "Bauanträge/Rückfragen"
			turns[2].unread = i < 8
			turns[2].files = []file{{"Nachreichung.pdf", s.pdf("Nachreichung "+number, 120, a.where)}}
		case i%3 == 0:
			turns = append(turns, turn{from: lena, at: at(5, 10), to: []person{a.who}, cc: []person{thomas}, text: "Guten Tag,\n\nder Vorgang liegt jetzt bei der Bauleitung. Herr Schulz meldet sich bei Ihnen."})
		}
		s.thread(lena, box, fmt.Sprintf("ba-%03d", i+1), subject, turns...)
		if i < 14 {
			s.thread(lena, year, fmt.Sprintf("ba-%03d-i", i+1), "Beteiligung zu "+number,
				turn{from: pick(s, []person{ayse, thomas, carolin}), at: at(6, 8), text: "Aus Sicht unseres Amtes bestehen gegen das Vorhaben " + a.where + " keine Bedenken.\n\nBitte die üblichen Auflagen aufnehmen."})
		}
	}
}

// notice is a mail that goes to everybody again and again.
type notice struct {
	id, subject, text string
	from              person
	every             int // days
	count             int
	box               string
}

// routine is what comes every week, in the inbox and the archive.
func (s *sampler) routine() {
	for _, n := range []notice{
		{"jourfixe", "Jour fixe Bauaufsicht – Themen", "Bitte Themen bis Montag 12 Uhr eintragen.\n\n1. Personallage\n2. Fristen\n3. Verschiedenes", hauke, 7, 18, archive},
		{"posteingang", "Posteingang für Ihr Zeichen", "Für Sie liegt ein Einschreiben zur Abholung bereit.", post, 6, 17, archive},
		{"sicherheit", "Hinweis zur IT-Sicherheit", "Derzeit sind gefälschte Paketmeldungen im Umlauf. Öffnen Sie keine Anhänge von unbekannten Absendern\nund melden Sie Verdachtsfälle dem IT-Service.", helpdesk, 16, 8, inbox},
		{"amtsleitung", "Aus der Amtsleitung", "Liebe Kolleginnen und Kollegen,\n\ndie Bearbeitungszeiten sind auf 9,4 Wochen gesunken. Vielen Dank für Ihren Einsatz!", hauke, 21, 8, inbox},
		{"statistik", "Statistik der Bauanträge", "Die Zahlen des Monats hängen als Tabelle an.", murat, 30, 4, archive},
	} {
		for i := range n.count {
			t := turn{from: n.from, at: s.workday(-4-n.every*(i+1), 8+s.rnd.IntN(8), s.rnd.IntN(60)), text: n.text}
			if n.id == "statistik" {
				t.files = []file{{"Bauanträge.csv", s.csv([][]string{{"Monat", "Eingang", "Erledigt"}, {t.at.Format("01/2006"), fmt.Sprint(20 + s.rnd.IntN(15)), fmt.Sprint(18 + s.rnd.IntN(15))}})}}
			}
			t.unread = n.box == inbox && i == 0
			s.thread(lena, n.box, fmt.Sprintf("%s-%02d", n.id, i+1), n.subject, t)
		}
	}
	for i, title := range []string{"Barrierefreies Bauen", "Schreiben, das alle verstehen", "Digitale Bauakte", "Gespräche am Telefon", "Vergaberecht für den Alltag"} {
		html := fmt.Sprintf(`<html><body style="margin:0;background:#eef2f4"><table width="600" align="center" cellpadding="16" style="background:#fff;font-family:Arial"><tr><td style="background:#0b6e75;color:#fff"><h1 style="font-size:20px;margin:0">Fortbildung aktuell</h1></td></tr><tr><td><h2 style="font-size:16px">%s</h2><p>Eintägig, Seminarraum 2, 9 bis 16 Uhr. Noch <b>%d freie Plätze</b>.</p><p><a href="https://fortbildung.stadt.example/anmeldung/%d">Zur Anmeldung</a></p><img src="https://fortbildung.stadt.example/titel%d.jpg" width="568" height="160" alt="Titelbild"></td></tr></table></body></html>`, title, 3+i*2, i+1, i+1)
		s.thread(lena, inbox, fmt.Sprintf("fortbildung-%d", i+1), "Fortbildung aktuell: "+title, turn{
			from: training, at: s.workday(-5-9*i, 7, 15), unread: i == 0, html: html, header: []string{"List-Id: Fortbildung <fortbildung.stadt.example>", "List-Unsubscribe: <mailto:fortbildung@stadt.example?subject=abmelden>"},
			text: title + "\n\nEintägig, Seminarraum 2, 9 bis 16 Uhr.\nAnmeldung: https://fortbildung.stadt.example/anmeldung/",
		})
	}
	people := []person{jonas, katrin, murat, sofia, thomas}
	for i, q := range []struct{ subject, ask, reply string }{
		{"Drucker im zweiten Stock", "Weißt du, wen ich wegen des Druckers anrufe?", "Die 4711, Herr Behrens."},
		{"Akte Kaistraße 11", "Hast du die Akte gerade auf dem Tisch?", "Ja, ich bringe sie dir nach der Sprechstunde."},
		{"Sprechzeiten über die Feiertage", "Übernimmst du den 27. Dezember?", "Ja, trage mich bitte ein."},
		{"Dienstwagen am Dienstag", "Brauchst du den Wagen am Dienstagvormittag?", "Nein, nimm ihn ruhig."},
		{"Vordruck Abnahme", "Welcher Vordruck gilt jetzt für die Schlussabnahme?", "Der aus Vorlagen, Stand Oktober."},
		{"Rückruf Frau Dr. Maaß", "Frau Dr. Maaß bittet um Rückruf zum Stellplatznachweis.", "Erledigt, sie reicht nach."},
		{"Besprechungsraum", "Der Raum 214 ist doppelt belegt. Können wir tauschen?", "Gern, ich gehe in die 210."},
		{"Geburtstag Hauke", "Wir sammeln für ein Geschenk. Bist du dabei?", "Klar, 5 Euro liegen in deinem Fach."},
		{"Baustellenschild Nord", "Fehlt am Tor Nord das Schild?", "Ja, ich habe es nachbestellt."},
		{"Zugang zum Archiv", "Mein Ausweis öffnet das Archiv nicht mehr.", "Bitte einmal beim IT-Service freischalten lassen."},
		{"Fristenliste", "Kannst du mir die Liste für den Monat schicken?", "Liegt in Dateien › Bauamt › Berichte."},
		{"Ortsbegehung Am Deich", "Kommst du mit zur Begehung?", "Ja, um 13 Uhr ab Rathaus."},
	} {
		from := people[i%len(people)]
		s.thread(lena, archive, fmt.Sprintf("team-%02d", i+1), q.subject,
			turn{from: from, at: s.workday(-9-4*i, 9, s.rnd.IntN(60)), text: "Hallo Lena,\n\n" + q.ask},
			turn{from: lena, at: s.workday(-9-4*i, 10, s.rnd.IntN(60)), text: "Hallo " + firstName(from) + ",\n\n" + q.reply})
	}
}

func firstName(p person) string {
	for i, r := range p.name {
		if r == ' ' {
			return p.name[:i]
		}
	}
	return p.name
}

// draftsAndRubbish is what was begun, thrown away or never wanted.
func (s *sampler) draftsAndRubbish() {
	s.mail[drafts] = append(s.mail[drafts], letter{
		id: "entwurf-1", from: lena, to: []person{hauke}, date: s.ago(140), subject: "Personalbedarf Bauaufsicht", flags: []imap.Flag{imap.FlagSeen, imap.FlagDraft},
		text: "Hallo Herr Petersen,\n\nfür das kommende Jahr sehe ich folgenden Bedarf:\n- eine halbe Stelle im Innendienst\n- ",
	})
	for i, subject := range []string{"Kantine: Speiseplan", "Parkplatz gesperrt", "Testalarm am Mittwoch", "Fundsache: Regenschirm", "Kantine: Speiseplan", "Umfrage zur Kantine", "Aufzug außer Betrieb", "Blutspende im Rathaus"} {
		s.thread(lena, trash, fmt.Sprintf("weg-%d", i+1), subject, turn{from: pick(s, []person{post, helpdesk, council}), at: s.workday(-6-3*i, 7, s.rnd.IntN(60)), text: "Liebe Kolleginnen und Kollegen,\n\nbitte beachten Sie den Aushang im Foyer."})
	}
	shop := person{"Gewinnzentrale", "gewinn@angebote.example"}
	for i, subject := range []string{"Sie haben gewonnen!!!", "Ihr Paket wartet", "Rechnung überfällig – letzte Mahnung"} {
		s.thread(lena, junk, fmt.Sprintf("spam-%d", i+1), subject, turn{from: shop, at: s.day(-2-4*i, 3, 14), unread: true, text: "Klicken Sie hier: http://angebote.example/" + fmt.Sprint(i), html: "<p>Klicken Sie <a href=\"http://angebote.example/" + fmt.Sprint(i) + "\">https://www.sparkasse.example/</a></p>"})
	}
}
