// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"kontor/app"
	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// consistent fails the test where the page does not show what the store holds.
func (d *desk) consistent(did []string) {
	d.T.Helper()
	p := d.page
	if p.at.view == viewBin || p.Deciding() {
		return
	}
	want, err := d.town.Files.Order(ctx, p.at.query(p.text, p.sorting()))
	if err != nil || !slices.Equal(want, p.list.all()) {
		d.T.Fatalf("%q: the list of %+v has %d entries, not %d, %v", did, p.at, len(p.list.all()), len(want), err)
	}
	first, n := p.rows.VisibleRows()
	for i := first; i < min(first+min(n, 8), p.rows.Count()); i++ {
		e, ok := p.rows.At(i)
		if now, err := d.town.Files.Entry(ctx, want[i]); !ok || err != nil || e.Name != now.Name || e.State != now.State {
			d.T.Fatalf("%q: row %d shows %+v, not %+v, %v", did, i, e, now, err)
		}
	}
	for _, id := range p.rows.Selected() {
		if !slices.Contains(want, id) {
			d.T.Fatalf("%q: what is not there is selected", did)
		}
	}
	if e := p.detail.entry; p.detail.many == 1 && e.ID != 0 && !slices.Contains(want, e.ID) {
		d.T.Fatalf("%q: the details are about %q, which is not in the list", did, e.Path)
	}
}

// TestWhateverAPersonPresses plays random keys and menus, with a server that changes things and a disk that fails now and
// then: the page shows what the store holds, and never waits where it must not.
func TestWhateverAPersonPresses(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			d := open(t)
			dice := rand.New(rand.NewPCG(seed, 4))
			d.picked = []string{d.local("Neu.txt", "neu")}
			user := d.town.World.Users()[0]
			keys := []fyne.KeyName{fyne.KeyDown, fyne.KeyUp, fyne.KeyReturn, fyne.KeyBackspace, fyne.KeySpace, fyne.KeyEnd, fyne.KeyHome, fyne.KeyPageDown, fyne.KeyDelete}
			acts := map[string]func(){
				"key":    func() { d.Key(keys[dice.IntN(len(keys))]) },
				"again":  func() { d.Key(keys[dice.IntN(3)]) },
				"all":    d.SelectAll,
				"cut":    func() { d.press(fyne.KeyX) },
				"copy":   func() { d.press(fyne.KeyC) },
				"paste":  func() { d.press(fyne.KeyV) },
				"rename": func() { d.Key(fyne.KeyF2); d.typed(fmt.Sprint("Name ", dice.IntN(5))); d.Key(fyne.KeyReturn) },
				"find":   func() { d.page.finder.begin(); d.typed("a"); d.Key(fyne.KeyReturn) },
				"sort":   func() { d.page.sort(columnIDs[dice.IntN(4)], dice.IntN(2) == 0) },
				"pin":    func() { d.page.withSelected(d.page.pin) },
				"upload": d.page.pickUpload,
				"undo":   d.town.Undo(d.Scene),
				"sync":   d.sync,
				"server": func() { user.PutFile(fmt.Sprintf("Bauamt/Neu %d.txt", dice.IntN(9)), []byte("x")) },
				"view": func() {
					d.page.goTo(place{view: []files.View{files.ViewOffline, files.ViewRecent, viewBin}[dice.IntN(3)]})
				},
				"root":  func() { d.page.goTo(place{account: d.town.Account}) },
				"fails": func() { d.core.Fail("MoveInto", errDisk); d.press(fyne.KeyV); d.core.Fail("MoveInto", nil) },
			}
			var names []string
			for name := range acts {
				names = append(names, name)
			}
			slices.Sort(names)
			var did []string
			for range 60 {
				name := names[dice.IntN(len(names))]
				did = append(did, name)
				if d.Window.Canvas().Overlays().Top() != nil {
					d.Escape()
				}
				if name != "rename" && d.page.renaming == nil {
					d.Window.Canvas().Focus(d.page.rows)
				}
				acts[name]()
				d.Settle()
				d.consistent(did)
			}
		})
	}
}

// typed types where something takes it.
func (d *desk) typed(words string) {
	if e, ok := d.Focused().(*kit.Entry); ok {
		d.T.Helper()
		e.TypedShortcut(&fyne.ShortcutSelectAll{})
		d.Type(words)
	}
}

// TestWhatDoesNotComeIsForgotten: a file that the server refuses is not opened days later.
func TestWhatDoesNotComeIsForgotten(t *testing.T) {
	d := open(t)
	d.enter("Persönlich")
	d.choose(notes)
	d.Key(fyne.KeyReturn)
	if len(d.page.later) != 1 {
		t.Fatalf("%d wait", len(d.page.later))
	}
	d.core.Fail("Missing", errDisk)
	d.page.reload()
	d.Settle()
	if len(d.page.later) != 0 || len(d.opened) != 0 {
		t.Fatalf("%d wait, opened %q", len(d.page.later), d.opened)
	}
	d.core.Fail("Missing", nil)
	d.core.Fail("Get", errDisk)
	d.Key(fyne.KeyReturn)
	if errs := d.TakeErrors(); len(errs) != 1 || len(d.page.later) != 0 {
		t.Fatalf("%v", errs)
	}
	d.core.Fail("Get", nil)
	d.Key(fyne.KeyReturn)
	d.town.Must(d.town.Files.Remove(ctx, []int64{d.entry(notes).ID}))
	d.Settle()
	d.sync()
	if len(d.opened) != 0 || len(d.page.later) != 0 {
		t.Fatalf("what was deleted meanwhile: %d wait, opened %q", len(d.page.later), d.opened)
	}
}

// TestASlowDiskOvertakesNobody: answers that come late, or in another order, are not shown in place of newer ones.
func TestASlowDiskOvertakesNobody(t *testing.T) {
	d := open(t)
	d.enter("Persönlich")
	d.Loop.Hold()
	d.page.goTo(place{account: d.town.Account, path: "Bauamt"})
	d.page.goTo(place{account: d.town.Account, path: site})
	d.Loop.Reverse()
	d.Loop.Release()
	d.Settle()
	d.consistent([]string{"two folders at once"})
	d.MustSay("Lageplan.pdf")
	d.Loop.Hold()
	d.pulse()
	d.pulse()
	d.pulse()
	if n := d.Loop.Waiting(); n != 1 {
		t.Fatalf("%d looks at what is on its way are waiting", n)
	}
	d.Loop.Release()
	d.Settle()
	d.Loop.Hold()
	d.Type("l")
	d.Type("a")
	d.Loop.Reverse()
	d.Loop.Release()
	d.Settle()
	if got := d.selected(); !slices.Equal(got, []string{"Lageplan.pdf"}) {
		t.Fatalf("typed „la“: %q", got)
	}
}

// TestBareConfig: a page that was given nothing but what it needs does what it can, and nothing breaks.
func TestBareConfig(t *testing.T) {
	d := open(t)
	d.page = New(Config{Host: kit.Host{Window: d.Window}, Files: d.core, Conflicts: d.core, Accounts: d.page.cfg.Accounts})
	d.Enter(d.page)
	d.town.Must(d.town.Files.Get(ctx, d.entry(notes).ID))
	d.sync()
	net := d.rich()
	net.versions = []files.Version{{Key: "1", Modified: time.Now()}}
	net.shares = []files.Share{{Key: "1", URL: "https://x.example"}}
	d.enter("Persönlich")
	d.choose(notes)
	for _, press := range []string{"Öffnen", "Als Mail senden", "Hochladen", "Frühere Fassungen", "Sichern unter …", "Freigabelinks", "Kopieren", "Ansehen", "Größe"} {
		d.Click(press)
	}
	d.choose(notes)
	d.press(fyne.KeyC)
	d.core.Fail("Remove", errDisk)
	d.Key(fyne.KeyDelete)
	d.core.Fail("Remove", nil)
	d.Key(fyne.KeyDelete)
	if !d.gone(notes) || d.page.cfg.Left.By != files.ByName {
		t.Fatal("not deleted")
	}
	d.page.Hidden()
}

// TestRowsInWordsAndPaint: what a row shows can be read aloud too, and in a narrow table the state stays.
func TestRowsInWordsAndPaint(t *testing.T) {
	i18n.Use(i18n.German)
	now := time.Date(2026, 11, 23, 9, 55, 0, 0, time.Local)
	e := files.Entry{ID: 7, Name: "Satzung.pdf", Path: "Recht/Satzung.pdf", Size: 1500, Modified: now.Add(-2 * time.Hour), State: files.Running, Sending: true, ReadOnly: true}
	if got := spoken(e, &files.Transfer{Up: true, Done: 1, Total: 2}, now); got != "Satzung.pdf, Datei, 2\u00a0KB, heute, 07:55, Wird hochgeladen 50 %, Nur lesen" {
		t.Errorf("%q", got)
	}
	if got := spoken(files.Entry{Name: "Recht", Dir: true, State: files.OnlineOnly}, nil, now); strings.Contains(got, "KB") || !strings.Contains(got, "Ordner") {
		t.Errorf("%q", got)
	}
	d := open(t)
	row := newEntryRow(d.page, d.page.columns)
	for _, c := range []struct {
		width   float32
		size    bool
		changed bool
	}{{700, true, true}, {560, true, false}, {400, false, false}} {
		row.Paint(e, fyne.NewSize(c.width, rowHeight), kit.RowState{})
		if (row.size.Full() != "") != c.size || (row.changed.Full() != "") != c.changed || row.state.Width() == 0 {
			t.Errorf("%.0f wide: size %q, changed %q", c.width, row.size.Full(), row.changed.Full())
		}
		if !row.lock.Visible() || row.lock.Position().X < row.name.Position().X {
			t.Errorf("%.0f wide: no lock behind the name", c.width)
		}
	}
	for _, c := range []struct {
		at         place
		text, want string
	}{
		{place{account: 1, path: "Recht"}, "", "Satzung.pdf"},
		{place{account: 1, path: "Recht"}, "sat", "Satzung.pdf"},
		{place{account: 1}, "sat", "Satzung.pdf · Recht"},
		{place{view: files.ViewRecent}, "", "Satzung.pdf · Recht"},
	} {
		d.page.at, d.page.text = c.at, c.text
		if got := d.page.nameOf(e); got != c.want {
			t.Errorf("%+v %q: %q", c.at, c.text, got)
		}
	}
	d.page.clip = clip{ids: []int64{7}, cut: true, account: 1}
	row.Paint(e, fyne.NewSize(700, rowHeight), kit.RowState{})
	if row.name.Color != theme.Color(theme.Muted) {
		t.Error("what is cut looks like the rest")
	}
	if d.page.clip.fits(place{view: files.ViewRecent}) || d.page.clip.fits(place{account: 2}) || !d.page.clip.fits(place{account: 1}) {
		t.Error("where it can be put")
	}
}

// TestListing reads windows of one order, whatever is asked for.
func TestListing(t *testing.T) {
	d := open(t)
	l := &listing{core: d.town.Files, query: place{account: d.town.Account, path: site}.query("", sorting{by: files.ByName})}
	n, err := l.Count(ctx)
	d.town.Must(err)
	var names []string
	for offset := 0; offset < n; offset += 3 {
		part, err := l.Window(ctx, offset, 3)
		d.town.Must(err)
		names = append(names, namesOf(part)...)
	}
	whole, err := l.Window(ctx, -5, n+100)
	if err != nil || !slices.Equal(namesOf(whole), names) || len(names) != n {
		t.Fatalf("%q and %q, %v", names, namesOf(whole), err)
	}
	if beyond, err := l.Window(ctx, n, 10); err != nil || len(beyond) != 0 {
		t.Errorf("%d beyond the end, %v", len(beyond), err)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := l.Count(gone); err == nil {
		t.Error("read although nobody waits for it any more")
	}
	l.query.Path = "fehlt"
	if _, err := l.Count(ctx); !errors.Is(err, app.ErrNoFolder) || len(l.all()) != n {
		t.Errorf("%v, %d", err, len(l.all()))
	}
}

// TestSpaceIsToldAsFarAsItIsKnown: a server that says nothing about it gets no bar.
func TestSpaceIsToldAsFarAsItIsKnown(t *testing.T) {
	d := open(t)
	for _, c := range []struct {
		space files.Space
		says  string
		bar   bool
	}{
		{files.Space{Used: 4_600_000_000, Free: 5_400_000_000, OfflineBytes: 1_900_000_000}, "4,6\u00a0GB belegt, 5,4\u00a0GB frei", true},
		{files.Space{Used: -1, Free: -1, OfflineBytes: 1_900_000_000}, "1,9\u00a0GB offline", false},
		{files.Space{}, "0\u00a0B offline", true},
	} {
		d.page.fillSpace(c.space)
		d.MustSay(c.says)
		if d.page.bar.Visible() != c.bar {
			t.Errorf("%+v: bar %v", c.space, d.page.bar.Visible())
		}
	}
	d.Key(desktop.KeyMenu)
}
