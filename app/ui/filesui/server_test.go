// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"encoding/json"
	"errors"
	"image"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"kontor/app"
	"kontor/app/files"
	"kontor/app/ui/kit"
)

// TestNothingIsOfferedThatTheServerLacks: plain WebDAV has no versions, links or bin.
func TestNothingIsOfferedThatTheServerLacks(t *testing.T) {
	d := open(t)
	d.enter("Persönlich")
	d.choose(notes)
	offered := []string{"Frühere Fassungen", "Freigabelinks", "Papierkorb"}
	d.MustNotSay(offered...)
	for _, i := range d.page.menuItems([]files.Entry{d.entry(notes)}) {
		if slices.Contains(offered, i.Label) {
			t.Errorf("the menu offers %q", i.Label)
		}
	}
	d.rich()
	d.MustSay("Papierkorb", "Freigabelinks", "Frühere Fassungen")
	d.choose("Persönlich/Fortbildung")
	d.MustNotSay("Frühere Fassungen")
	d.MustSay("Freigabelinks")
	d.SelectAll()
	d.MustNotSay("Freigabelinks")
}

// TestVersions lists, saves and restores earlier contents.
func TestVersions(t *testing.T) {
	d := open(t)
	net := d.rich()
	d.enter("Persönlich")
	d.choose(notes)
	d.Menu("Notizen.txt", "Frühere Fassungen")
	d.MustSay("Es gibt keine früheren Fassungen.")
	net.versions = []files.Version{{Key: "17", Size: 46_000, Modified: time.Date(2026, 11, 20, 9, 30, 0, 0, time.Local)}}
	d.Click("Frühere Fassungen")
	d.MustSay("20.11.2026, 09:30 · 46\u00a0KB")
	d.Click("Sichern unter …")
	if d.saved["Notizen.txt"] != "Fassung 17" {
		t.Fatalf("%q", d.saved)
	}
	d.core.Fail("RestoreVersion", errDisk)
	d.Click("Wiederherstellen")
	if errs := d.TakeErrors(); len(errs) != 1 || len(net.did) != 0 {
		t.Fatalf("%v", errs)
	}
	d.core.Fail("RestoreVersion", nil)
	d.Click("Wiederherstellen")
	if len(net.did) != 1 || !strings.Contains(d.LastToast().Words, "wieder den Stand vom 20.11.2026") {
		t.Fatalf("%q, said %q", net.did, d.LastToast().Words)
	}
	d.core.Fail("Versions", errDisk)
	d.Click("Frühere Fassungen")
	d.MustSay("Der Server antwortet nicht")
	d.TakeErrors()
	d.choose("Persönlich/Fahrtkosten.ods")
	d.MustNotSay("Der Server antwortet nicht", "20.11.2026, 09:30 · 46\u00a0KB")
}

// TestALateAnswerIsNotAboutAnotherFile: who has gone on to another file does not see versions of the first one.
func TestALateAnswerIsNotAboutAnotherFile(t *testing.T) {
	d := open(t)
	net := d.rich()
	net.versions = []files.Version{{Key: "1", Size: 1, Modified: time.Now()}}
	d.enter("Persönlich")
	d.choose(notes)
	d.Loop.Hold()
	d.Click("Frühere Fassungen")
	d.MustSay("Der Server wird gefragt")
	d.page.rows.SelectRow(1)
	d.Loop.Release()
	d.Settle()
	d.MustNotSay("Wiederherstellen", "Der Server wird gefragt")
}

// TestShares makes a link with a password that ends by itself, and ends it.
func TestShares(t *testing.T) {
	d := open(t)
	net := d.rich()
	d.enter("Persönlich")
	d.choose(notes)
	d.Click("Freigabelinks")
	d.Click("7 Tage")
	d.Click("Lesen und ändern")
	d.Fill("Passwort (freiwillig)", "Geheim!")
	d.core.Fail("CreateShare", files.ErrPassword)
	d.Click("Link erstellen")
	if errs := d.TakeErrors(); len(errs) != 1 || d.words != "" {
		t.Fatalf("%v", errs)
	}
	if e, ok := d.Focused().(*kit.Entry); !ok || e.Text != "Geheim!" {
		t.Fatalf("the password can be mended: %T", d.Focused())
	}
	d.core.Fail("CreateShare", nil)
	d.Key(fyne.KeyReturn)
	if len(net.asked) != 1 {
		t.Fatalf("%+v", net.asked)
	}
	if o := net.asked[0]; o.Password != "Geheim!" || !o.Write || time.Until(o.Expires) > 8*24*time.Hour || time.Until(o.Expires) < 6*24*time.Hour {
		t.Fatalf("%+v", o)
	}
	d.MustSay("https://cloud.example/s/1", "mit Passwort", "darf ändern")
	if d.words != "https://cloud.example/s/1" {
		t.Fatalf("the link is to be pasted at once: %q", d.words)
	}
	d.Click("ohne Ende")
	d.Click("Link erstellen")
	if o := net.asked[1]; !o.Expires.IsZero() || o.Password != "" || o.Write {
		t.Fatalf("what was typed for the last link is forgotten: %+v", o)
	}
	d.words = ""
	d.Click("Kopieren")
	d.Click("Ansehen")
	if d.words != "https://cloud.example/s/1" || !slices.Equal(d.links, []string{d.words}) {
		t.Fatalf("%q %q", d.words, d.links)
	}
	d.Click("Beenden")
	d.MustNotSay("https://cloud.example/s/1")
	d.MustSay("https://cloud.example/s/2")
}

// TestBin brings back what was deleted, one or many, and says so when the server does not answer.
func TestBin(t *testing.T) {
	d := open(t)
	net := d.rich()
	now := time.Now()
	net.trash = []files.Trashed{{Key: "1", Name: "Alt.odt", Path: "Bauamt/Alt.odt", Deleted: now.Add(-time.Hour), Size: 5}, {Key: "2", Name: "Neu.odt", Path: "Neu.odt", Deleted: now, Size: 7}, {Key: "3", Name: "Ordner", Path: "Ordner", Deleted: now.Add(-2 * time.Hour), Dir: true}}
	d.Click("Papierkorb")
	first, _ := d.page.bin.rows.At(0)
	if first.Name != "Neu.odt" || !d.page.bin.restore.Disabled() {
		t.Fatalf("what was deleted last comes first: %q", first.Name)
	}
	d.MustSay("Alt.odt", "Bauamt")
	d.page.bin.rows.SelectRow(0)
	d.page.focusList()
	d.Key(fyne.KeyReturn)
	if len(net.trash) != 2 || !strings.Contains(d.LastToast().Words, "„Neu.odt“ ist wiederhergestellt") {
		t.Fatalf("%+v, said %q", net.trash, d.LastToast().Words)
	}
	d.SelectAll()
	d.core.Fail("RestoreTrashed", errDisk)
	d.Menu("Alt.odt", "Wiederherstellen")
	if len(net.trash) != 2 || len(d.TakeErrors()) != 1 {
		t.Fatal("the error is not shown")
	}
	d.core.Fail("RestoreTrashed", nil)
	d.page.bin.rows.SelectAll()
	d.Click("Wiederherstellen")
	d.MustSay("Der Papierkorb ist leer")
	d.core.Fail("Trash", errDisk)
	d.page.bin.read()
	d.Settle()
	d.MustSay("Der Server antwortet nicht")
	d.TakeErrors()
	if got := d.page.Panes(); got[1] != fyne.Focusable(d.page.bin.rows) {
		t.Error("F6 leads into the bin")
	}
	d.Click("Persönlich")
	d.MustSay("Notizen.txt")
}

// TestTransfers tells what is on its way, stops it and lets it go on.
func TestTransfers(t *testing.T) {
	d := open(t)
	d.enter("Persönlich")
	d.choose(notes)
	d.pulse()
	d.MustNotSay("Anhalten")
	e := d.entry(notes)
	d.town.Must(d.town.Files.Get(ctx, e.ID))
	d.Settle()
	net := d.core.net
	net.moving = []files.Transfer{{FileID: e.ID, Path: e.Path, Done: 25, Total: 100, Remaining: 42 * time.Second}}
	net.sum = files.TransferSum{Files: 8, FilesDone: 2, Bytes: 4_000_000, BytesDone: 1_000_000, Rate: 500_000, Remaining: 90 * time.Minute}
	d.pulse()
	d.MustSay("2 von 8 Dateien · 1,0\u00a0MB von 4,0\u00a0MB · 500\u00a0KB je Sekunde · noch etwa 2 Stunden")
	d.MustNotSay("„Notizen.txt“ wird geladen · 25")
	d.Click("Jede Datei zeigen")
	d.MustSay("„Notizen.txt“ wird geladen · 25\u00a0B von 100\u00a0B · noch etwa 40 Sekunden")
	for range 6 {
		net.moving = append(net.moving, files.Transfer{Path: "x/Plan.pdf", Up: true, Remaining: -1})
	}
	d.pulse()
	d.MustSay("„Plan.pdf“ wird hochgeladen", "und 2 weitere Dateien")
	d.Click("Anhalten")
	if paused, err := d.town.Files.Paused(ctx, d.town.Account); err != nil || !paused {
		t.Fatal("not paused")
	}
	d.MustSay("Angehalten – 6 Dateien warten, 3,0\u00a0MB")
	net.moving, net.sum = nil, files.TransferSum{}
	d.pulse()
	d.MustSay("Übertragungen sind angehalten")
	d.core.Fail("Pause", errDisk)
	d.Click("Weiter übertragen")
	if len(d.TakeErrors()) != 1 {
		t.Fatal("the error is not shown")
	}
	d.core.Fail("Pause", nil)
	d.Click("Weiter übertragen")
	d.MustNotSay("angehalten", "Weiter übertragen")
	d.page.Hidden()
	if len(d.pulses) != 0 {
		t.Error("the page goes on looking although it is hidden")
	}
}

// TestLimits takes numbers of kilobytes, and nothing else.
func TestLimits(t *testing.T) {
	d := open(t)
	net := d.core.net
	net.down = 250_000
	ask := func(down, up string) {
		d.page.traffic.Ask()
		d.Settle()
		d.Fill("Herunterladen höchstens (KB je Sekunde)", down)
		fields := d.Focused()
		d.Key(fyne.KeyTab)
		if fields == d.Focused() {
			t.Fatal("Tab does not lead to the next field")
		}
		d.SelectAll()
		d.Type(up)
	}
	d.page.traffic.Ask()
	d.Settle()
	d.MustSay("250")
	d.Key(fyne.KeyEscape)
	ask(" 1200 ", "80")
	d.Click("Ja")
	d.Click("Übernehmen")
	if net.down != 1_200_000 || net.up != 80_000 || net.metered != files.MeteredOn {
		t.Fatalf("%d %d %q", net.down, net.up, net.metered)
	}
	ask("schnell", "80")
	d.Key(fyne.KeyReturn)
	if errs := d.TakeErrors(); len(errs) != 1 || !errors.Is(errs[0], app.ErrLimit) || net.down != 1_200_000 {
		t.Fatalf("%v", errs)
	}
	for typed, want := range map[string]int64{"": 0, "0": 0, "12": 12_000, "-1": -1, "1,5": -1, "99999999999999": -1} {
		if got, err := limitOf(typed); (err != nil) != (want < 0) || err == nil && got != want {
			t.Errorf("%q: %d, %v", typed, got, err)
		}
	}
}

// TestPinShowsItsSizeFirst: how much comes is said before, asked where there is no room, and a tick follows when it is here.
func TestPinShowsItsSizeFirst(t *testing.T) {
	d := open(t)
	room := int64(2 << 30)
	d.core.net.room = &room
	d.enter("")
	d.choose("Persönlich")
	d.MustSay("Dateien zu laden", "sind hier frei")
	room = 10
	d.Click("Immer offline halten")
	d.MustSay("Dafür reicht der Platz nicht")
	d.Click("Abbrechen")
	if d.entry("Persönlich").Pinned {
		t.Fatal("pinned although it was cancelled")
	}
	d.Window.Canvas().Focus(d.page.rows)
	d.Key(desktop.KeyMenu)
	d.Click("Immer offline halten")
	d.Click("Trotzdem offline halten")
	if said := d.LastToast().Words; !d.entry("Persönlich").Pinned || !strings.Contains(said, "wird offline gehalten") || !strings.Contains(said, "Dateien zu laden") {
		t.Fatalf("said %q", said)
	}
	d.sync()
	if said := d.LastToast().Words; !strings.Contains(said, "„Persönlich“ ist vollständig offline und geprüft ✓") || len(d.page.pinning) != 0 {
		t.Fatalf("said %q", said)
	}
	e := d.entry("Persönlich")
	if icon, _ := stateLook(e); icon != "circle-check" {
		t.Errorf("the tick is missing: %q", icon)
	}
	d.enter("Persönlich")
	d.choose(notes)
	d.MustSay("✓ ")
}

// TestOpenAndWatch: a program saves as LibreOffice does, by another file that takes the place of the first, and the state
// tells how the new content goes to the server.
func TestOpenAndWatch(t *testing.T) {
	d := open(t)
	d.town.Must(d.town.Files.Get(ctx, d.entry(notes).ID))
	d.sync()
	d.enter("Persönlich")
	d.choose(notes)
	d.Key(fyne.KeyReturn)
	local := d.entry(notes).LocalPath
	lock := filepath.Join(filepath.Dir(local), ".~lock.Notizen.txt#")
	d.town.Must(os.WriteFile(lock, []byte("x"), 0o600))
	d.town.Must(os.WriteFile(local+".tmp", []byte("neuer Inhalt"), 0o600))
	d.town.Must(os.Rename(local+".tmp", local))
	d.town.Must(d.town.Files.Look(ctx, d.town.Account))
	d.Settle()
	d.MustSay("Wartet auf Upload", "neuer Inhalt")
	d.MustNotSay(".~lock")
	running := d.entry(notes)
	running.State = files.Running
	if got := stateWords(running, nil); got != "Wird hochgeladen" {
		t.Errorf("while it is sent: %q", got)
	}
	if got := stateWords(running, &files.Transfer{Up: true, Done: 1, Total: 4}); got != "Wird hochgeladen 25 %" {
		t.Errorf("while it is sent: %q", got)
	}
	d.sync()
	if content, ok := d.town.World.Users()[0].File(notes); !ok || string(content) != "neuer Inhalt" {
		t.Fatalf("the server has %q", content)
	}
	d.MustSay("Offline verfügbar")
	d.MustNotSay("Wartet auf Upload")
}

// TestDecision compares both versions and keeps what the person says.
func TestDecision(t *testing.T) {
	const mine, theirs = "Erste Zeile\nhier geändert\nDritte Zeile\n", "Erste Zeile\nauf dem Server\nDritte Zeile\n"
	for _, c := range []struct {
		press, content string
		copies         int
	}{
		{"Meine Fassung nehmen", mine, 0}, {"Fassung auf dem Server nehmen", theirs, 0}, {"Beide behalten", theirs, 1},
	} {
		t.Run(c.press, func(t *testing.T) {
			d := open(t)
			d.clash(mine, theirs)
			d.MustSay("Sie, auf diesem Gerät", "nennt der Server nicht", "Nur meine + hier geändert", "Nur Server − auf dem Server", "Größe")
			if d.Focused() != fyne.Focusable(d.page.compare.both) || d.page.at.path != "Persönlich" {
				t.Fatalf("the keyboard is on %T", d.Focused())
			}
			d.Click("Öffnen")
			if len(d.opened) != 1 {
				t.Fatal("not opened")
			}
			d.core.Fail("Resolve", errDisk)
			d.Click(c.press)
			if len(d.TakeErrors()) != 1 || !d.page.compare.content.Visible() {
				t.Fatal("it is not decided yet")
			}
			d.core.Fail("Resolve", nil)
			d.Click(c.press)
			d.sync()
			d.sync()
			if content, _ := d.town.World.Users()[0].File(notes); string(content) != c.content {
				t.Errorf("the server has %q", content)
			}
			copies := slices.DeleteFunc(d.names(), func(s string) bool { return !strings.Contains(s, "Konflikt") })
			if len(copies) != c.copies || d.page.compare.content.Visible() || d.Focused() != fyne.Focusable(d.page.rows) {
				t.Errorf("%q, the keyboard is on %T", d.names(), d.Focused())
			}
		})
	}
}

// TestDecisionFromTheList leads there by button and menu, leaves it undecided, and notices what was decided elsewhere.
func TestDecisionFromTheList(t *testing.T) {
	d := open(t)
	c := d.clash("meine", "deren")
	d.Click("Zurück zur Liste")
	d.MustSay("Konflikt – 2 Fassungen", "Entscheiden")
	d.choose(notes)
	d.Click("Entscheiden")
	d.MustSay("MEINE FASSUNG")
	d.Click("Persönlich")
	d.MustNotSay("MEINE FASSUNG")
	d.choose(notes)
	d.Menu("Notizen.txt", "Entscheiden")
	d.MustSay("FASSUNG AUF DEM SERVER")
	d.town.Must(d.town.Journal.Resolve(ctx, c.ID, app.Both))
	d.Settle()
	d.MustNotSay("FASSUNG AUF DEM SERVER")
	d.page.Decide(c.ID)
	d.Settle()
	d.MustNotSay("FASSUNG AUF DEM SERVER")
	if errs := d.TakeErrors(); len(errs) != 0 {
		t.Errorf("%v", errs)
	}
}

// TestDecisionAboutPictures shows both pictures, and offers to fetch the one that is not here.
func TestDecisionAboutPictures(t *testing.T) {
	d := open(t)
	c := d.clash("meine", "deren")
	var detail files.ConflictDetail
	d.town.Must(json.Unmarshal(c.Detail, &detail))
	fetched := 0
	for _, step := range []struct {
		name         string
		mine, theirs version
		says, not    []string
	}{
		{
			"pictures",
			version{entry: d.entry(notes), shown: true, content: content{picture: image.NewNRGBA(image.Rect(0, 0, 4, 3)), width: 400, height: 300}},
			version{entry: d.entry(notes), shown: true, content: content{picture: image.NewNRGBA(image.Rect(0, 0, 4, 3)), width: 410, height: 300}},
			[]string{"Bild, 400 × 300 Bildpunkte", "Bild, 410 × 300 Bildpunkte"},
			[]string{"UNTERSCHIEDE"},
		},
		{"theirs is gone", version{entry: d.entry(notes)}, version{}, []string{"Diese Fassung gibt es nicht mehr."}, []string{"UNTERSCHIEDE"}},
		{
			"same words",
			version{entry: d.entry(notes), shown: true, content: content{text: "a"}},
			version{entry: d.entry(notes), shown: true, content: content{text: "a"}},
			[]string{"Der Text beider Fassungen ist gleich."},
			nil,
		},
		{
			"more than can be shown",
			version{entry: d.entry(notes), shown: true, content: content{text: strings.Repeat("a\n", 300)}},
			version{entry: d.entry(notes), shown: true, content: content{text: "b"}},
			[]string{"Es gibt weitere Unterschiede."},
			nil,
		},
		{"theirs is not here", version{entry: d.entry(notes)}, version{entry: files.Entry{ID: detail.CopyID, Name: "x"}}, []string{"Laden und ansehen"}, []string{"UNTERSCHIEDE"}},
	} {
		d.page.compare.sides.mine, d.page.compare.sides.theirs = step.mine, step.theirs
		d.page.compare.build()
		d.page.compare.scroll.Reflow()
		for _, words := range step.says {
			if !d.Says(words) {
				t.Errorf("%s: %q is not on screen: %q", step.name, words, d.Words())
			}
		}
		d.MustNotSay(step.not...)
		fetched++
	}
	d.Click("Laden und ansehen")
	if len(d.core.Calls("Get")) != 1 || fetched != 5 {
		t.Error("not asked for")
	}
	d.MustSay("UNTERSCHIEDE") // what is here after all is shown
}

// TestDecisionFits in all sizes and both languages.
func TestDecisionFits(t *testing.T) {
	d := open(t)
	long := strings.Repeat("Ein sehr langer Satz ohne ein Ende, der umbrochen werden muss. ", 6)
	c := d.clash("a\n"+long+"\n", "a\nb\n"+long+long+"\n")
	net := d.rich()
	net.trash = []files.Trashed{{Key: "a", Name: strings.Repeat("Langer Name ", 9), Path: "Bauamt/Nord/x", Deleted: time.Now(), Size: 12_000}}
	net.versions = []files.Version{{Key: "1", Size: 47_000, Modified: time.Now()}}
	net.shares = []files.Share{{Key: "1", URL: "https://cloud.amt.example/s/" + strings.Repeat("x", 60), Expires: time.Now(), Protected: true, Write: true}}
	net.moving = []files.Transfer{{Path: strings.Repeat("Langer Name ", 9), Up: true, Done: 1_400_000, Total: 2_400_000, Remaining: 12 * time.Second}}
	net.sum = files.TransferSum{Files: 12, Bytes: 400_000_000, BytesDone: 1, Rate: 1_200_000, Remaining: time.Hour}
	d.EachSize(d.build, func(fits func(string)) {
		d.page.traffic.open = true
		d.page.Decide(c.ID)
		fits("decision")
		d.page.goTo(place{view: viewBin})
		fits("bin")
		d.enter("Persönlich")
		d.choose(notes)
		d.pulse()
		d.page.detail.versions.open()
		d.Settle()
		d.page.detail.shares.open()
		for front := -1; front < 3; front++ {
			d.page.content.Front(front)
			fits("server")
		}
		d.page.content.Front(-1)
		d.page.finder.begin()
		fits("finder")
	})
}
