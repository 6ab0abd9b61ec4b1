// SPDX-License-Identifier: EUPL-1.2

package app

import "strings"

// The notes that lie in every archive, whatever language the program speaks: whoever opens it may not have Kontor.
const (
	readmeGerman = `Dieses Archiv enthält ein Konto aus Kontor in offenen Formaten.

mail/            E-Mails. Jeder Ordner ist ein Maildir: jede Datei in "cur" ist eine E-Mail, Byte für Byte wie auf dem
                 Server. Im Namen stehen nach ";2," die Markierungen: D Entwurf, F markiert, P weitergeleitet,
                 R beantwortet, S gelesen, T gelöscht; kleine Buchstaben sind Schlagwörter aus "dovecot-keywords".
                 Andere Programme erwarten ":" statt ";" – unter Linux lassen sich die Dateien so umbenennen.
                 In "kontor-index.jsonl" steht alles noch einmal genau: Eingang, Markierungen, Schlagwörter.
tasks/           Aufgaben. Jede Liste ist eine iCalendar-Datei (.ics).
files/           Dateien, die auf diesem Computer lagen.
account.json     Einstellungen des Kontos ohne Passwörter; Namen der Ordner und Listen; Dateien, die fehlen.
manifest.sha256  Prüfsummen. Prüfen: sha256sum -c manifest.sha256

Wieder einlesen: kontorctl account import NAME DATEI.zip
`
	readmeEnglish = `This archive holds one account of Kontor in open formats.

mail/            Mail. Each folder is a Maildir: each file in "cur" is one message, octet for octet as on the server.
                 The letters after ";2," in a name are flags: D draft, F flagged, P passed on, R replied, S seen,
                 T trashed; small letters are keywords from "dovecot-keywords". Other programs expect ":" for ";" –
                 on Linux the files can be renamed. "kontor-index.jsonl" says it all once more and exactly: when
                 a message was received, its flags, its keywords.
tasks/           Tasks. Each list is an iCalendar file (.ics).
files/           Files that were on this computer.
account.json     The settings of the account without passwords; names of folders and lists; files that are missing.
manifest.sha256  Checksums. To check: sha256sum -c manifest.sha256

To read it in again: kontorctl account import NAME FILE.zip
`
)

func (e *exporter) readme() error {
	for name, text := range map[string]string{"LIESMICH.txt": readmeGerman, "README.txt": readmeEnglish} {
		if err := e.out.text(name, strings.ReplaceAll(text, "\n", "\r\n")); err != nil {
			return err
		}
	}
	return nil
}
