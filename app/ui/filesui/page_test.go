// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"context"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/live"
	"kontor/app/ui"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
	"kontor/storage"
)

var _ ui.Page = (*Page)(nil)

var now = time.Date(2026, 11, 23, 9, 55, 0, 0, time.Local)

// memory is a file service in memory.
type memory struct {
	all   []files.Entry
	calls []string
}

func (m *memory) List(_ context.Context, _ int64, path string) ([]files.Entry, error) {
	var found []files.Entry
	for _, e := range m.all {
		if parentOf(e.Path) == path {
			found = append(found, e)
		}
	}
	return found, nil
}

func (m *memory) Folders(context.Context, int64) ([]files.Entry, error) {
	return m.choose(func(e files.Entry) bool { return e.Dir }), nil
}

func (m *memory) choose(want func(files.Entry) bool) []files.Entry {
	var found []files.Entry
	for _, e := range m.all {
		if want(e) {
			found = append(found, e)
		}
	}
	return found
}

func (m *memory) Entry(_ context.Context, id int64) (files.Entry, error) {
	for _, e := range m.all {
		if e.ID == id {
			return e, nil
		}
	}
	return files.Entry{}, storage.ErrNotFound
}

func (m *memory) Offline(context.Context) ([]files.Entry, error) {
	return m.choose(func(e files.Entry) bool { return e.LocalPath != "" && !e.Dir }), nil
}

func (m *memory) Recent(context.Context, int) ([]files.Entry, error) { return m.all, nil }

func (m *memory) Space(context.Context, int64) (files.Space, error) {
	return files.Space{Used: 4_600_000_000, Free: 5_400_000_000, OfflineBytes: 1_900_000_000}, nil
}

func (m *memory) call(what string) error {
	m.calls = append(m.calls, what)
	return nil
}

func (m *memory) Pin(context.Context, int64) error   { return m.call("pin") }
func (m *memory) Unpin(context.Context, int64) error { return m.call("unpin") }
func (m *memory) Get(_ context.Context, id int64) error {
	m.all[slices.IndexFunc(m.all, func(e files.Entry) bool { return e.ID == id })].LocalPath = "/here"
	return m.call("get")
}

func (m *memory) Put(_ context.Context, _ int64, local, path string) (int64, error) {
	return 99, m.call("put " + local + " " + path)
}

func (m *memory) Mkdir(_ context.Context, _ int64, path string) (int64, error) {
	return 98, m.call("mkdir " + path)
}

func (m *memory) Move(_ context.Context, _ int64, path string) error { return m.call("move " + path) }

func (m *memory) Remove(_ context.Context, ids []int64) error {
	m.all = slices.DeleteFunc(m.all, func(e files.Entry) bool { return slices.Contains(ids, e.ID) })
	return m.call("remove")
}

func sample() *memory {
	const dir = "Bauamt/Lindenstraße 14/"
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	return &memory{all: []files.Entry{
		{ID: 1, AccountID: 1, Name: "Bauamt", Path: "Bauamt", Dir: true, State: files.OnlineOnly, Modified: ago(time.Hour)},
		{ID: 2, AccountID: 1, Name: "Lindenstraße 14", Path: "Bauamt/Lindenstraße 14", Dir: true, State: files.Offline, Modified: ago(2 * time.Hour)},
		{ID: 3, AccountID: 1, Name: "Persönlich", Path: "Persönlich", Dir: true, State: files.OnlineOnly, Modified: ago(90 * time.Hour)},
		{ID: 4, AccountID: 1, Name: "Nord", Path: dir + "Nord", Dir: true, State: files.Offline, PinnedHere: true, Pinned: true, Modified: ago(100 * time.Minute)},
		{ID: 5, AccountID: 1, Name: "Aufmaß Lindenstraße 14.ods", Path: dir + "Aufmaß Lindenstraße 14.ods", Size: 184_000, State: files.Waiting, LocalPath: "/k/Aufmaß.ods", Modified: ago(4 * time.Minute)},
		{ID: 6, AccountID: 1, Name: "Lageplan.pdf", Path: dir + "Lageplan.pdf", Size: 2_400_000, State: files.Offline, LocalPath: "/k/Lageplan.pdf", Modified: ago(61 * time.Minute)},
		{ID: 7, AccountID: 1, Name: "Kostenschätzung Sanierung.ods", Path: dir + "Kostenschätzung Sanierung.ods", Size: 92_000, State: files.Conflict, LocalPath: "/k/x.ods", Modified: ago(24 * time.Hour)},
		{ID: 8, AccountID: 1, Name: "Präsentation Bauausschuss.odp", Path: dir + "Präsentation Bauausschuss.odp", Size: 11_800_000, State: files.OnlineOnly, Modified: ago(25 * time.Hour)},
		{ID: 9, AccountID: 1, Name: "Fotodokumentation.zip", Path: dir + "Fotodokumentation.zip", Size: 318_000_000, State: files.Running, Progress: 62, Modified: ago(70 * time.Hour)},
		{ID: 10, AccountID: 1, Name: "äpfel.txt", Path: dir + "äpfel.txt", Size: 10, State: files.Rejected, Modified: time.Unix(0, 0)},
	}}
}

func scene(t *testing.T, m *memory, change func(*Config)) (*Page, fyne.Window) {
	t.Helper()
	app := test.NewTempApp(t)
	i18n.Use(i18n.German)
	theme.Apply(app, theme.Light, 1)
	kit.Synchronous(true)
	t.Cleanup(func() { kit.Synchronous(false) })
	win := app.NewWindow("")
	cfg := Config{
		Files: m, Host: kit.Host{Window: win, Now: func() time.Time { return now }, ShowError: func(err error) { t.Errorf("shown: %v", err) }},
		Accounts: func(context.Context) ([]Account, error) { return []Account{{ID: 1, Title: "Dateien"}}, nil },
	}
	if change != nil {
		change(&cfg)
	}
	p := New(cfg)
	win.SetPadded(false)
	win.SetContent(kit.NewStage(p.Content()))
	win.Resize(fyne.NewSize(1364, 820))
	p.Shown()
	return p, win
}

func names(p *Page) []string {
	var all []string
	for n := range p.rows.Count() {
		e, _ := p.rows.At(n)
		all = append(all, e.Name)
	}
	return all
}

func enter(p *Page, path string) { p.goTo(place{account: 1, path: path}) }

func TestFolderFirstThenDictionaryOrder(t *testing.T) {
	p, win := scene(t, sample(), nil)
	if got := names(p); !slices.Equal(got, []string{"Bauamt", "Persönlich"}) {
		t.Fatalf("root: %q", got)
	}
	enter(p, "Bauamt/Lindenstraße 14")
	got := names(p)
	if got[0] != "Nord" || got[1] != "äpfel.txt" || got[2] != "Aufmaß Lindenstraße 14.ods" {
		t.Fatalf("got %q", got)
	}
	if p.side.SelectedID() != p.at.id() {
		t.Errorf("the tree shows %q", p.side.SelectedID())
	}
	p.rows.SelectKey(5)
	dir := os.Getenv("KONTOR_PICTURES")
	if dir == "" {
		return
	}
	f, err := os.Create(filepath.Join(dir, "files-light.png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // a picture for people
	if err := png.Encode(f, win.Canvas().Capture()); err != nil {
		t.Fatal(err)
	}
}

func TestSortByStatePutsProblemsFirst(t *testing.T) {
	p, _ := scene(t, sample(), nil)
	enter(p, "Bauamt/Lindenstraße 14")
	p.sort(columnIDs[colState], false)
	if got := names(p); got[1] != "Kostenschätzung Sanierung.ods" || got[2] != "äpfel.txt" {
		t.Fatalf("got %q", got)
	}
	p.sort(columnIDs[colSize], true)
	if got := names(p); got[0] != "Fotodokumentation.zip" && got[1] != "Fotodokumentation.zip" {
		t.Fatalf("got %q", got)
	}
}

func TestOpeningAFileThatIsNotHereFetchesItFirst(t *testing.T) {
	m := sample()
	var opened []string
	p, _ := scene(t, m, func(c *Config) {
		c.OpenFile = func(path string) error { opened = append(opened, path); return nil }
	})
	enter(p, "Bauamt/Lindenstraße 14")
	p.openEntry(m.all[5])
	p.openEntry(m.all[7])
	if !slices.Equal(opened, []string{"/k/Lageplan.pdf", "/here"}) || !slices.Contains(m.calls, "get") {
		t.Fatalf("opened %q, calls %q", opened, m.calls)
	}
	if len(p.waiting) != 0 {
		t.Fatal("a file that was opened is still waited for")
	}
	p.Refresh(live.Files)
	if len(opened) != 2 {
		t.Fatalf("opened again: %q", opened)
	}
}

func TestPinKeysAndUpload(t *testing.T) {
	m := sample()
	p, _ := scene(t, m, nil)
	enter(p, "Bauamt/Lindenstraße 14")
	p.rows.SelectKey(4)
	p.pin(p.selected())
	p.rows.SelectKey(5)
	p.pin(p.selected())
	p.Upload([]string{"/home/x/Foto.jpg"})
	p.rows.SelectKey(6)
	p.key(&fyne.KeyEvent{Name: fyne.KeyDelete})
	want := []string{"unpin", "pin", "put /home/x/Foto.jpg Bauamt/Lindenstraße 14/Foto.jpg", "remove"}
	if !slices.Equal(m.calls, want) {
		t.Fatalf("got %q", m.calls)
	}
	p.key(&fyne.KeyEvent{Name: fyne.KeyBackspace})
	if p.at.path != "Bauamt" {
		t.Fatalf("backspace leads to %q", p.at.path)
	}
	p.choose(place{view: viewOffline}.id())
	if p.Upload([]string{"/x"}); len(m.calls) != 4 {
		t.Fatal("a view takes no uploads")
	}
}

func TestWords(t *testing.T) {
	i18n.Use(i18n.German)
	for _, c := range []struct {
		ago  time.Duration
		want string
	}{{4 * time.Minute, "vor 4 Min"}, {100 * time.Minute, "heute, 08:15"}, {24 * time.Hour, "Gestern"}} {
		if got := changedWords(files.Entry{Modified: now.Add(-c.ago)}, now); got != c.want {
			t.Errorf("%s: %q", c.ago, got)
		}
	}
	if got := changedWords(files.Entry{Modified: time.Unix(-5, 0)}, now); got != "—" {
		t.Errorf("a time before 1970: %q", got)
	}
	if got := spoken(sample().all[4], now); !strings.Contains(got, "Wartet") || !strings.Contains(got, "Datei") {
		t.Errorf("spoken: %q", got)
	}
	for _, id := range []string{"dir/x/y", "account/1", ""} {
		if _, ok := placeOf(id); ok {
			t.Errorf("%q is no place", id)
		}
	}
	if at, ok := placeOf(place{account: 7, path: "a/b"}.id()); !ok || at != (place{account: 7, path: "a/b"}) {
		t.Errorf("%+v", at)
	}
}
