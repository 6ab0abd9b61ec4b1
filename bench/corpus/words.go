// SPDX-License-Identifier: EUPL-1.2

package corpus

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
)

// small words make up half of a text.
var small = strings.Fields(`der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat
dass sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr durch man
sein wurde sei hatte kann gegen vom können schon wenn habe seine ihre dann unter wir soll ich eines Jahr zwei diese dieser
wieder keine seiner worden will zwischen immer was sagte gibt alle seit muss wurden beim doch jetzt waren drei da wegen
bitte heute morgen spätestens gemäß laut siehe außerdem leider gerne bereits sofort Sie Ihnen Ihre Ihr uns unsere`)

// words of letters in an office. Titles are made of them, and they are what searches ask for.
var words = strings.Fields(`Antrag Bescheid Bürger Frist Gebühr Sitzung Vorlage Anlage Protokoll Haushalt Entwurf Prüfung
Bauamt Ordnungsamt Jugendhilfe Kämmerei Schulträger Wohngeld Meldewesen Standesamt Vergabe Ausschreibung Angebot Vertrag
Rechnung Zahlung Mahnung Widerspruch Klage Urteil Stellungnahme Abstimmung Termin Raum Teilnehmer Ergebnis Beschluss
Fraktion Ausschuss Gemeinde Kreis Land Bund Ministerium Behörde Dienststelle Abteilung Referat Sachgebiet Leitung
Vertretung Urlaub Krankheit Personal Stelle Bewerbung Zeugnis Fortbildung Datenschutz Sicherheit Gebäude Schlüssel
Heizung Reparatur Lieferung Bestellung Material Fahrzeug Straße Brücke Baustelle Genehmigung Auflage Kontrolle Bericht
Statistik Tabelle Auswertung Umfrage Veranstaltung Einladung Rückmeldung Bestätigung Änderung Korrektur Ergänzung
bitte heute morgen bis spätestens wegen gemäß laut siehe außerdem leider gerne bereits noch nicht wieder sofort
und oder aber denn weil wenn dass mit ohne für gegen über unter zwischen nach vor bei von zu aus an in auf`)

// verbs and adjectives take endings.
var stems = strings.Fields(`prüf bearbeit genehmig beantrag bestätig ergänz veröffentlich beschließ berücksichtig übermittel erläuter
begründ zuständig örtlich schriftlich erforderlich fristgerecht vertraulich digital öffentlich rechtlich technisch fachlich
finanziell personell vorläufig endgültig unverzüglich jährlich monatlich vollständig fehlerhaft barrierefrei ehrenamtlich`)

var endings = strings.Fields(`en t te ten ung ungen end er e em es ere eren`)

// parts of compounds, which a language like German makes without end.
var (
	fore = strings.Fields(`Gemeinde Kreis Landes Bundes Haushalts Verwaltungs Personal Gebühren Bau Grundstücks Umwelt Abwasser Abfall
Verkehrs Straßen Schul Kinder Jugend Senioren Sozial Gesundheits Feuerwehr Katastrophen Wahl Melde Standesamts Gewerbe Steuer
Grundsteuer Vergabe Beschaffungs Vertrags Datenschutz Informations Akten Archiv Sitzungs Ausschuss Rats Bürger Friedhofs
Denkmal Wasser Energie Klima Wohnungs Miet Förder Zuwendungs Projekt Planungs Kultur Sport Vereins Markt Ordnungs`)
	middle = strings.Fields(`- - - - - genehmigungs planungs prüfungs verwaltungs finanzierungs entwicklungs schutz bedarfs kosten`)
	rear   = strings.Fields(`verordnung satzung amt plan antrag bescheid stelle leitung kommission verfahren frist gebühr ausgleich
bericht konzept vereinbarung ausschuss prüfung gesetz ordnung beauftragter mittel kosten gebäude vorhaben beteiligung
angelegenheiten übersicht verzeichnis anlage nachweis erklärung entscheidung`)
	given   = strings.Fields(`Anna Bernd Claudia Dieter Elif Frank Gabriele Hans Ines Jürgen Katrin Lars Maria Norbert Olga Peter Renate Stefan Tülay Uwe`)
	surname = strings.Fields(`Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Yılmaz Koch Richter Klein Wolf Schröder
Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Kowalski Werner Krause Lehmann Köhler Maier Nguyen Jäger Böhm`)
	street = strings.Fields(`Haupt Bahnhof Garten Schiller Goethe Linden Berg Kirch Wald Mühlen Ring Rathaus Markt Wiesen`)
)

// vocabulary are some ten thousand words, the frequent first.
var vocabulary = func() []string {
	list := append([]string{}, words...)
	for i := range stems {
		for j := range endings {
			list = append(list, stems[(i+j)%len(stems)]+endings[j])
		}
	}
	for i := range len(fore) * len(rear) * len(middle) {
		// A step that shares no factor with the lengths visits every combination once, in no order.
		k := i * 7919 % (len(fore) * len(rear) * len(middle))
		list = append(list, fore[k%len(fore)]+strings.TrimPrefix(middle[k/len(fore)/len(rear)], "-")+rear[k/len(fore)%len(rear)])
	}
	return list
}()

// word draws one as a language does: the n-th most frequent is about n times rarer than the first.
func word(r *rand.Rand) string {
	switch kind := r.IntN(100); {
	case kind < 48:
		f := r.Float64()
		return small[int(f*f*float64(len(small)))]
	case kind < 92:
		rank := math.Exp(r.Float64()*math.Log(float64(len(vocabulary)))) - 1
		return vocabulary[int(rank)]
	case kind < 95:
		return given[r.IntN(len(given))] + " " + surname[r.IntN(len(surname))]
	}
	return number(r)
}

// number gives what stands in letters besides words: references, sums, days, telephones, streets, addresses.
func number(r *rand.Rand) string {
	switch r.IntN(7) {
	case 0:
		return fmt.Sprintf("%d/%d", r.IntN(9000)+100, r.IntN(12)+1)
	case 1:
		return fmt.Sprintf("%d.%03d,%02d Euro", r.IntN(90)+1, r.IntN(1000), r.IntN(100))
	case 2:
		return fmt.Sprintf("%d.%d.20%d", r.IntN(28)+1, r.IntN(12)+1, r.IntN(7)+20)
	case 3:
		return fmt.Sprintf("0%d %d-%d", r.IntN(900)+100, r.IntN(90000)+1000, r.IntN(900))
	case 4:
		return fmt.Sprintf("%sstraße %d", street[r.IntN(len(street))], r.IntN(120)+1)
	case 5:
		return fmt.Sprintf("Az. %d-%d.%d", r.IntN(90)+10, r.IntN(900)+100, r.IntN(90)+10)
	}
	return strings.ToLower(given[r.IntN(len(given))]) + fmt.Sprintf("%d@example.org", r.IntN(500))
}

// text gives about n octets of prose, in lines that end in eol.
func text(r *rand.Rand, n int, eol string) string {
	var b strings.Builder
	b.Grow(n + 80)
	line := 0
	for b.Len() < n {
		w := word(r)
		if line+len(w) > 72 {
			b.WriteString(eol)
			line = 0
		} else if line > 0 {
			b.WriteByte(' ')
			line++
		}
		b.WriteString(w)
		line += len(w)
		if r.IntN(12) == 0 {
			b.WriteString([]string{".", ","}[r.IntN(2)])
			line++
		}
	}
	b.WriteString(eol)
	return b.String()
}

// title gives a few words.
func title(r *rand.Rand) string {
	n := r.IntN(4) + 2
	list := make([]string, n)
	for i := range list {
		list[i] = words[r.IntN(len(words))]
	}
	return strings.Join(list, " ")
}
