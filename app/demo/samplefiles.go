// SPDX-License-Identifier: EUPL-1.2

package demo

import (
	"fmt"
	"strings"
)

// layFiles lays down the files of a building department: 60 in a tree of folders.
func (s *sampler) layFiles(t *tree) {
	put := func(name string, data []byte, days int) {
		t.put(name, data, s.workday(-days, 8+s.rnd.IntN(9), s.rnd.IntN(60)))
	}
	const site = "Bauamt/Lindenstraße 14/"
	costs := [][]string{{"Position", "Leistung", "Betrag in Euro"}, {"3", "Dachstuhl", "48.200,00"}, {"4", "Unterzug Erdgeschoss", "17.950,00"}, {"5", "Fenster", "31.400,00"}}
	measures := [][]string{{"Raum", "Länge in m", "Breite in m"}}
	for i := range 400 {
		measures = append(measures, []string{fmt.Sprintf("Raum %d.%02d", i/40, i%40), fmt.Sprintf("%d,%02d", 2+s.rnd.IntN(6), s.rnd.IntN(100)), fmt.Sprintf("%d,%02d", 2+s.rnd.IntN(5), s.rnd.IntN(100))})
	}
	put(site+"Aufmaß Lindenstraße 14.ods", s.ods("Aufmaß", measures), 1)
	put(site+"Lageplan.pdf", s.pdf("Lageplan Lindenstraße 14", 800, "Gemarkung Musterhafen, Flur 7, Flurstück 112/3"), 4)
	put(site+"Protokoll_0311.odt", s.odt("Protokoll Ortstermin Lindenstraße 14", "Teilnehmende: K. Vogel, L. Brandt, Eigentümer", "Der Zugang zum Innenhof erfolgt über das Tor Nordseite."), 4)
	put(site+"Kostenschätzung Sanierung.ods", s.ods("Kosten", costs), 1)
	put(site+"Präsentation Bauausschuss.odp", s.odp("Lindenstraße 14", "Stand der Sanierung", "Kosten und Termine", "Beschlussvorschlag"), 1)
	put(site+"Stellungnahme Straßensperrung.pdf", s.pdf("Stellungnahme Straßensperrung", 0, "Keine Einwände, Beschilderung nach Plan B."), 3)
	var photos []file
	for i := range 6 {
		photo := file{fmt.Sprintf("Gebäudeteil B %02d.png", i+1), s.png(260 + 20*i)}
		photos = append(photos, photo)
		put(site+"Fotos/"+photo.name, photo.data, 5)
	}
	put(site+"Fotodokumentation.zip", s.zip(photos), 3)
	for i, name := range []string{"Grundriss Erdgeschoss", "Grundriss Obergeschoss", "Schnitt A-A", "Ansicht Nord", "Ansicht Süd"} {
		put(site+"Pläne/"+name+".pdf", s.pdf(name+" – Lindenstraße 14", 200+10*i, "Maßstab 1:100"), 20+i)
	}
	s.layOffice(put)
}

// layOffice lays down what is not about one building.
func (s *sampler) layOffice(put func(name string, data []byte, days int)) {
	for i := range 8 {
		put(fmt.Sprintf("Bauamt/Nord/Fotos/Baustelle Nord %02d.png", i+1), s.png(180), 2)
	}
	put("Bauamt/Nord/Bautagebuch.odt", s.odt("Bautagebuch Baustelle Nord", "Wetter: bewölkt, 6 °C", "Anwesend: 7 Personen", "Betonage Bodenplatte abgeschlossen."), 2)
	put("Bauamt/Nord/Terminplan.csv", s.csv([][]string{{"Gewerk", "Beginn", "Ende"}, {"Erdarbeiten", "01.09.", "30.09."}, {"Rohbau", "01.10.", "20.12."}}), 12)
	for i, name := range []string{"Anhörung", "Baugenehmigung", "Befreiung", "Eingangsbestätigung", "Nachforderung", "Schlussabnahme", "Übergabe Vertretung", "Zustellungsurkunde"} {
		put("Bauamt/Vorlagen/"+name+".odt", s.odt(name, "Sehr geehrte Damen und Herren,", "zu Ihrem Antrag vom ... teilen wir Ihnen mit:"), 11+9*i)
	}
	year := s.now.Year() - 1
	for i, a := range applicationList[:9] {
		put(fmt.Sprintf("Bauamt/Archiv %d/BA %d-%03d %s.pdf", year, year, 40+3*i, strings.ReplaceAll(a.where, "/", "-")), s.pdf(a.what, 0, a.where, "Abgeschlossen"), 330+6*i)
	}
	for i, month := range []string{"August", "September", "Oktober"} {
		rows := [][]string{{"Art", "Eingang", "Erledigt"}, {"Wohnen", fmt.Sprint(20 + s.rnd.IntN(9)), fmt.Sprint(18 + s.rnd.IntN(9))}, {"Gewerbe", fmt.Sprint(6 + s.rnd.IntN(5)), fmt.Sprint(5 + s.rnd.IntN(5))}}
		put("Bauamt/Berichte/Monatsbericht "+month+".ods", s.ods(month, rows), 85-30*i)
		put("Bauamt/Berichte/Monatsbericht "+month+".csv", s.csv(rows), 85-30*i)
	}
	put("Bauamt/Fristenliste.csv", s.csv([][]string{{"Zeichen", "Frist"}, {"BA-101", "30.11."}, {"BA-122", "04.12."}}), 1)
	put("Bauamt/Gestaltungssatzung.pdf", s.pdf("Gestaltungssatzung Altstadt", 0, "§ 7 Fenster", "(2) Fenster an Baudenkmalen sind in Holz auszuführen."), 700)
	put("Persönlich/Notizen.txt", []byte("Schlüssel Technikraum bei Herrn Behrens.\r\nRückruf Dr. Maaß wegen Stellplätzen.\r\n"), 1)
	put("Persönlich/Fahrtkosten.ods", s.ods("Fahrtkosten", [][]string{{"Datum", "Strecke", "km"}, {"03.11.", "Rathaus – Lindenstraße", "7"}}), 6)
	put("Persönlich/Fortbildung/Anmeldung.pdf", s.pdf("Anmeldung Fortbildung", 0, "Barrierefreies Bauen"), 9)
	put("Persönlich/Fortbildung/Unterlagen.odt", s.odt("Barrierefreies Bauen", "DIN 18040-1 im Überblick"), 9)
	put("Mit mir geteilt/Personalrat/Dienstvereinbarung mobile Arbeit.odt", s.odt("Dienstvereinbarung zur mobilen Arbeit", "§ 1 Geltungsbereich"), 15)
	put("Mit mir geteilt/Tiefbau/Leitungsplan Süd.pdf", s.pdf("Leitungsplan Hafenbecken Süd", 200, "DN 200, Baujahr 1974"), 8)
	put("Mit mir geteilt/Tiefbau/Lies mich.md", []byte("# Leitungspläne\n\nStand der Daten: siehe Planstempel. Fragen an Thomas Schulz.\n"), 8)
}
