// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/app/ui/kit"
	"kontor/app/ui/kit/kittest"
	"kontor/app/ui/theme"
)

// sample is the mailbox of the design's pictures.
func sample() *fakeMail {
	f := &fakeMail{marks: map[int64]journal.Mark{}, people: []mail.Address{
		{Name: "Katrin Vogel", Addr: "k.vogel@stadt.example"}, {Name: "Jonas Weber", Addr: "j.weber@stadt.example"}, {Addr: "kasse@stadt.example"},
	}}
	f.folders = []mail.Folder{
		{ID: 1, AccountID: 1, Name: "INBOX", Delim: "/", Role: mail.RoleInbox, Selectable: true},
		{ID: 2, AccountID: 1, Name: "Gesendet", Delim: "/", Role: mail.RoleSent, Selectable: true},
		{ID: 3, AccountID: 1, Name: "Bauanträge", Delim: "/", Selectable: true},
		{ID: 4, AccountID: 1, Name: "Bauanträge/2026", Delim: "/", Selectable: true},
		{ID: 5, AccountID: 1, Name: "Bauanträge/Rückfragen", Delim: "/", Selectable: true},
		{ID: 6, AccountID: 1, Name: "Papierkorb", Delim: "/", Role: mail.RoleTrash, Selectable: true},
		{ID: 7, AccountID: 1, Name: "Ausgang", Role: mail.RoleOutbox},
		{ID: 8, AccountID: 1, Name: "Entwürfe", Delim: "/", Role: mail.RoleDrafts, Selectable: true},
		{ID: 9, AccountID: 1, Name: "Archiv", Delim: "/", Role: mail.RoleArchive, Selectable: true},
		{ID: 11, AccountID: 2, Name: "INBOX", Delim: "/", Role: mail.RoleInbox, Selectable: true},
		{ID: 12, AccountID: 2, Name: "In Bearbeitung", Delim: "/", Selectable: true},
	}
	id := int64(100)
	add := func(folder int64, from, subject, snippet string, ago time.Duration, flags mail.Flags, threads int, clip bool) *mail.Message {
		id++
		local := strings.ToLower(from[:1]) + "." + strings.ToLower(strings.Fields(from)[len(strings.Fields(from))-1])
		f.messages = append(f.messages, mail.Message{Summary: mail.Summary{
			ID: id, AccountID: 1, FolderID: folder, ThreadID: id, From: mail.Address{Name: from, Addr: local + "@stadt.example"},
			To:   []mail.Address{{Name: "Lena Brandt", Addr: "l.brandt@stadt.example"}, {Name: "Jonas Weber", Addr: "j.weber@stadt.example"}},
			Date: now.Add(-ago), Subject: subject, Snippet: snippet, Flags: flags, ThreadCount: threads, HasAttachment: clip, HasBody: true,
		}, Text: snippet})
		return &f.messages[len(f.messages)-1]
	}
	const h = time.Hour
	first := add(1, "Katrin Vogel", "Ortstermin Lindenstraße 14 – Unterlagen", "Guten Morgen, anbei der Lageplan und das Protokoll vom letzten Termin.", 8*time.Minute, mail.Flagged, 3, true)
	first.Text = sampleText
	first.HTML = `<p>Guten Morgen</p><img src="https://x.example/a.png"><img src="https://x.example/p.gif" width="1" height="1"><img src="https://y.example/p.gif" width="1" height="1">`
	first.Attachments = []mail.Attachment{{Index: 0, Name: "Lageplan.pdf", MIMEType: "application/pdf", Size: 2_400_000}, {Index: 1, Name: "Protokoll_0311.odt", MIMEType: "application/vnd.oasis.opendocument.text", Size: 48_000}}
	thread := first.ThreadID
	add(1, "Baureferat Statik", "Prüfbericht Nr. 2026/118", "Der Prüfbericht liegt vor. Bitte bis Freitag freigeben.", 40*time.Minute, 0, 0, true)
	add(1, "Jonas Weber", "Re: Vertretung KW 48", "Passt mir gut, ich übernehme Dienstag und Mittwoch.", 55*time.Minute, mail.Seen|mail.Answered, 5, false)
	add(1, "Personalrat", "Einladung zur Teilversammlung", "Liebe Kolleginnen und Kollegen, wir laden herzlich ein zur Teilversammlung im Saal.", 20*h, 0, 0, false)
	add(1, "Katrin Vogel", "Fotodokumentation Baustelle Nord", "38 Bilder liegen im Ordner Dateien › Nord › Fotos.", 22*h, mail.Seen, 0, false)
	f.marks[id] = journal.MarkWaiting
	add(1, "IT-Service", "Wartungsfenster Samstag 22–24 Uhr", "Während der Wartung arbeiten Sie offline weiter.", 25*h, mail.Seen, 0, false)
	add(1, "Murat Aydin", "Kostenschätzung Sanierung", "Ich habe die Positionen 3 bis 7 aktualisiert.", 3*24*h, mail.Seen, 0, true)
	add(1, "Ordnungsamt", "Stellungnahme Straßensperrung", "Keine Einwände, Beschilderung nach Plan B.", 3*24*h, mail.Seen|mail.Flagged, 0, false)
	add(1, "Sofia Lang", "Mittagessen?", "Wer ist am Donnerstag im Haus?", 4*24*h, mail.Seen, 7, false)
	for i := range 6 {
		add(1, fmt.Sprintf("Amt %d", i), fmt.Sprintf("Rundschreiben %d", i), "Bitte beachten Sie die neuen Fristen.", time.Duration(6+i)*24*h, mail.Seen, 0, false)
	}
	for range 2 {
		old := add(2, "Lena Brandt", "Re: Ortstermin Lindenstraße 14 – Unterlagen", "Vielen Dank, das passt.", 30*h, mail.Seen, 0, false)
		old.ThreadID = thread
	}
	add(5, "Murat Aydin", "Rückfrage", "…", 50*h, 0, 0, false)
	add(7, "Lena Brandt", "Antrag", "…", time.Minute, mail.Seen, 0, false)
	add(7, "Lena Brandt", "Antrag 2", "…", time.Minute, mail.Seen, 0, false)
	add(8, "Lena Brandt", "Entwurf", "…", time.Minute, mail.Seen, 0, false)
	m := add(11, "Bauherr Meier", "Frage zum Bauantrag", "Guten Tag, wann ist mit einer Antwort zu rechnen?", 2*h, 0, 0, false)
	m.AccountID = 2
	return f
}

const sampleText = `Guten Morgen Frau Brandt,

anbei der Lageplan und das Protokoll vom letzten Termin. Für morgen habe ich den Zugang zum Innenhof mit dem Eigentümer vereinbart (10:30 Uhr, Tor Nordseite). Näheres unter https://stadt.example/ortstermine.

Bitte bringen Sie mit:

- das unterschriebene Aufmaß,
- die Fotos von Gebäudeteil B,
- den Schlüssel für den Technikraum.

Vor Ort gibt es keinen Empfang – am besten vorher alles offline verfügbar machen.

Am 20.11.2026 schrieb Lena Brandt:
> Guten Tag Frau Vogel,
>
> wann können wir uns treffen?
> Ich bräuchte noch die Unterlagen.
>
> Viele Grüße
> Lena Brandt
`

// stage is a page on a test window, with everything happening at once.
type scene struct {
	t       *testing.T
	app     fyne.App
	win     fyne.Window
	core    *fakeMail
	page    *Page
	toasts  []string
	undo    func()
	errs    []error
	offline bool
	windows []fyne.Window
}

func newScene(t *testing.T, core *fakeMail, w, h float32) *scene {
	t.Helper()
	i18n.Use(i18n.German)
	s := &scene{t: t, app: test.NewTempApp(t), core: core}
	theme.Apply(s.app, theme.Light, 1)
	kit.Synchronous(true)
	t.Cleanup(func() { kit.Synchronous(false) })
	s.build(w, h)
	return s
}

func (s *scene) build(w, h float32) {
	s.win = s.app.NewWindow("")
	s.win.SetPadded(false)
	s.page = New(Config{
		Mail: s.core, Window: s.win, Now: func() time.Time { return now }, LookTime: time.Hour,
		Accounts: func(context.Context) ([]Account, error) {
			return []Account{
				{ID: 1, Title: "l.brandt@stadt.example", From: mail.Address{Name: "Lena Brandt", Addr: "l.brandt@stadt.example"}},
				{ID: 2, Title: "Funktionspostfach Bauamt", From: mail.Address{Name: "Bauamt", Addr: "bauamt@stadt.example"}},
			}, nil
		},
		Toast:     func(words, _ string, do func()) { s.toasts, s.undo = append(s.toasts, words), do },
		ShowError: func(err error) { s.errs = append(s.errs, err) },
		Undo:      func() {},
		Cancel:    func(context.Context, int64) error { return nil },
		Offline:   func() bool { return s.offline },
		AsTask:    func(int64) {},
		OpenData:  func(string, func() ([]byte, error)) {},
		SaveData:  func(string, func() ([]byte, error)) {},
		NewWindow: func(title string) fyne.Window {
			w := s.app.NewWindow(title)
			w.SetPadded(false)
			s.windows = append(s.windows, w)
			return w
		},
	})
	s.win.SetContent(s.page.Content())
	s.win.Resize(fyne.NewSize(w, h))
	s.page.Shown()
	s.t.Cleanup(s.page.Close)
}

func TestPictures(t *testing.T) {
	if os.Getenv("KONTOR_PICTURES") == "" {
		t.Skip("KONTOR_PICTURES names no folder")
	}
	for _, c := range []struct {
		name   string
		w, h   float32
		mode   theme.Mode
		factor float32
		lang   i18n.Lang
	}{
		{"light", 1364, 818, theme.Light, 1, i18n.German},
		{"dark", 1364, 818, theme.Dark, 1, i18n.German},
		{"small", 948, 618, theme.Light, 1, i18n.German},
		{"small-en", 948, 618, theme.Dark, 1, i18n.English},
		{"double", 1290, 740, theme.Light, 2, i18n.German},
		{"contrast", 1364, 818, theme.Contrast, 1, i18n.German},
	} {
		s := newScene(t, sample(), c.w, c.h)
		i18n.Use(c.lang)
		theme.Apply(s.app, c.mode, c.factor)
		s.build(c.w, c.h)
		s.page.list.rows.SelectRow(0)
		kittest.Picture(t, s.win, c.name)
		s.page.reader.earlier, s.page.reader.details = true, true
		s.page.reader.again()
		kittest.Picture(t, s.win, c.name+"-open")
		s.page.Reply(false)
		w := s.windows[0]
		w.Resize(fyne.NewSize(760*c.factor, 640*c.factor))
		for c := range s.page.composes {
			c.view.text.SetText("Guten Morgen Frau Vogel,\n\nvielen Dank. Das unterschriebene Aufmaß bringe ich mit, die Fotos finden Sie anbei.\n\nViele Grüße\nLena Brandt\n")
			c.attach([]NamedFile{{Name: "Fotos_B.zip", Data: func() ([]byte, error) { return make([]byte, 1_200_000), nil }}})
			c.view.withCc = true
			c.view.Refresh()
			c.view.cc.Focus()
			c.view.cc.entry.SetText("kat")
		}
		kittest.Picture(t, w, c.name+"-compose")
	}
}
