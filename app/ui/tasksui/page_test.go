// SPDX-License-Identifier: EUPL-1.2

package tasksui

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

	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/live"
	"kontor/app/tasks"
	"kontor/app/ui"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
	"kontor/storage"
)

var _ ui.Page = (*Page)(nil)

var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.Local)

// memory is a task service in memory.
type memory struct {
	lists []tasks.List
	all   []tasks.Task
	calls []string
	fail  error
}

func (m *memory) Lists(context.Context) ([]tasks.List, error) { return m.lists, m.fail }

func (m *memory) List(_ context.Context, q tasks.Query) ([]tasks.Task, error) {
	var found []tasks.Task
	for _, t := range m.all {
		if (q.ListID == 0 || t.ListID == q.ListID) && (q.Closed || !t.Closed()) &&
			(q.Smart != tasks.SmartToday || (!t.Due.IsZero() && t.Due.Time.Before(now.Add(15*time.Hour)))) {
			found = append(found, t)
		}
	}
	return found, m.fail
}

func (m *memory) at(id int64) *tasks.Task {
	i := slices.IndexFunc(m.all, func(t tasks.Task) bool { return t.ID == id })
	if i < 0 {
		return nil
	}
	return &m.all[i]
}

func (m *memory) Task(_ context.Context, id int64) (tasks.Task, error) {
	if t := m.at(id); t != nil {
		return *t, nil
	}
	return tasks.Task{}, storage.ErrNotFound
}

func (m *memory) Children(_ context.Context, id int64) ([]tasks.Task, error) {
	var found []tasks.Task
	for _, t := range m.all {
		if t.ParentUID != "" && t.ParentUID == m.at(id).UID {
			found = append(found, t)
		}
	}
	return found, nil
}

func (m *memory) Marks(context.Context, []int64) (map[int64]journal.Mark, error) {
	return map[int64]journal.Mark{1: journal.MarkWaiting}, nil
}

func (m *memory) Add(_ context.Context, listID int64, e tasks.Edit) (int64, error) {
	id := int64(len(m.all) + 1)
	t := tasks.Task{ID: id, ListID: listID, UID: string(rune('a' + id)), Title: *e.Title}
	if e.Parent != nil {
		t.ParentUID = *e.Parent
	}
	m.all = append(m.all, t)
	return id, m.fail
}

func (m *memory) Quick(ctx context.Context, listID int64, text string) (int64, error) {
	if m.fail != nil {
		return 0, m.fail
	}
	return m.Add(ctx, listID, tasks.Quick(text, now))
}

func (m *memory) Edit(_ context.Context, id int64, e tasks.Edit) error {
	t := m.at(id)
	if e.Title != nil {
		t.Title = *e.Title
	}
	if e.Due != nil {
		t.Due = *e.Due
	}
	if e.Parent != nil {
		t.ParentUID = *e.Parent
	}
	if e.Note != nil {
		t.Note = *e.Note
	}
	m.calls = append(m.calls, "edit")
	return m.fail
}

func (m *memory) Done(_ context.Context, ids []int64) error {
	for _, id := range ids {
		m.at(id).Status = tasks.Completed
	}
	return m.fail
}

func (m *memory) Reopen(_ context.Context, ids []int64) error {
	for _, id := range ids {
		m.at(id).Status = tasks.NeedsAction
	}
	return m.fail
}

func (m *memory) Move(_ context.Context, ids []int64, listID int64) error {
	for _, id := range ids {
		m.at(id).ListID = listID
	}
	return m.fail
}

func (m *memory) Remove(_ context.Context, ids []int64) error {
	m.all = slices.DeleteFunc(m.all, func(t tasks.Task) bool { return slices.Contains(ids, t.ID) })
	return m.fail
}

func (m *memory) CreateList(context.Context, int64, string, string) (int64, error) { return 9, m.fail }
func (m *memory) EditList(context.Context, int64, string, string) error            { return m.fail }
func (m *memory) DeleteList(context.Context, int64) error                          { return m.fail }

func sample() *memory {
	day := func(d int) tasks.When {
		return tasks.When{Time: time.Date(2026, 11, 23+d, 0, 0, 0, 0, time.UTC), AllDay: true}
	}
	return &memory{
		lists: []tasks.List{
			{ID: 1, Name: "Lindenstraße 14", Color: "#0b6e75", Open: 5},
			{ID: 2, Name: "Bauanträge", Color: "#c05a00", Open: 31},
			{ID: 3, Name: "Team", Color: "#6b3fa0", Open: 8, ReadOnly: true},
		},
		all: []tasks.Task{
			{
				ID: 1, ListID: 1, UID: "u1", Title: "Aufmaß unterschreiben lassen", Priority: 1, Children: 3, ChildDone: 1, Tags: []string{"Ortstermin"},
				Due: tasks.When{Time: now.Add(90 * time.Minute)}, Links: []string{"mid:a@b", "https://dav.stadt.example/Aufma%C3%9F.ods"},
				Alarms: []tasks.Alarm{{Before: 30 * time.Minute}},
			},
			{ID: 2, ListID: 2, UID: "u2", Title: "Prüfbericht 2026/118 freigeben", Due: day(0), Links: []string{"mid:c@d"}},
			{ID: 3, ListID: 1, UID: "u3", Title: "Fotos Gebäudeteil B ablegen", Due: day(-2)},
			{ID: 4, ListID: 3, UID: "u4", Title: "Vertretungsplan KW 48 bestätigen", Due: day(1)},
			{ID: 5, ListID: 1, UID: "u5", Title: "Formular drucken", ParentUID: "u1", Status: tasks.Completed},
			{ID: 6, ListID: 1, UID: "u6", Title: "Eigentümer anrufen", ParentUID: "u1"},
			{ID: 7, ListID: 1, UID: "u7", Title: "Scan in Dateien ablegen", ParentUID: "u1"},
			{ID: 8, ListID: 2, UID: "u8", Title: "Lageplan anfordern", Status: tasks.Completed, Due: day(0)},
		},
	}
}

// scene shows the page in a window of the test driver.
func scene(t *testing.T, m *memory, change func(*Config)) (*Page, fyne.Window) {
	t.Helper()
	app := test.NewTempApp(t)
	i18n.Use(i18n.German)
	theme.Apply(app, theme.Light, 1)
	kit.Synchronous(true)
	t.Cleanup(func() { kit.Synchronous(false) })
	win := app.NewWindow("")
	cfg := Config{Tasks: m, Host: kit.Host{Window: win, Now: func() time.Time { return now }, ShowError: func(err error) { t.Errorf("shown: %v", err) }}}
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

func titles(p *Page) []string {
	var all []string
	for n := range p.rows.Count() {
		i, _ := p.rows.At(n)
		all = append(all, i.heading+i.Title)
	}
	return all
}

func TestTodayShowsWhatIsDueAndWhatIsDone(t *testing.T) {
	p, win := scene(t, sample(), nil)
	want := []string{"Fotos Gebäudeteil B ablegen", "Prüfbericht 2026/118 freigeben", "Aufmaß unterschreiben lassen", "Erledigt · 1", "Lageplan anfordern"}
	if got := titles(p); !slices.Equal(got, want) {
		t.Fatalf("got %q", got)
	}
	if p.heading.Words() != "Heute" {
		t.Errorf("heading %q", p.heading.Words())
	}
	p.Open(1)
	picture(t, win, "tasks-light")
}

// picture writes what a window shows where KONTOR_PICTURES names a folder.
func picture(t *testing.T, win fyne.Window, name string) {
	t.Helper()
	dir := os.Getenv("KONTOR_PICTURES")
	if dir == "" {
		return
	}
	f, err := os.Create(filepath.Join(dir, name+".png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // a picture for people
	if err := png.Encode(f, win.Canvas().Capture()); err != nil {
		t.Fatal(err)
	}
}

func TestAListIsATree(t *testing.T) {
	p, _ := scene(t, sample(), nil)
	p.choose(listPrefix + "1")
	if got := titles(p); !slices.Equal(got[:3], []string{"Aufmaß unterschreiben lassen", "Eigentümer anrufen", "Scan in Dateien ablegen"}) {
		t.Fatalf("got %q", got)
	}
	if i, _ := p.rows.At(1); i.depth != 1 {
		t.Fatalf("a subtask stands at depth %d", i.depth)
	}
	p.rows.SelectKey(3)
	p.key(&fyne.KeyEvent{Name: fyne.KeyRight})
	if parent := p.cfg.Tasks.(*memory).at(3).ParentUID; parent != "u1" {
		t.Fatalf("indented below %q", parent)
	}
}

func TestQuickEntryKeepsTheTextWhenItFails(t *testing.T) {
	m := sample()
	shown := 0
	p, _ := scene(t, m, func(c *Config) { c.ShowError = func(error) { shown++ } })
	p.addQuick("Bericht abgeben #Berichte")
	if last := m.all[len(m.all)-1]; last.Title != "Bericht abgeben" || last.ListID != 1 || !last.Due.AllDay {
		t.Fatalf("%+v: in the list of today a new task is due today", last)
	}
	m.fail = storage.ErrNotFound
	p.addQuick("geht nicht")
	if p.quick.Text != "geht nicht" || shown == 0 {
		t.Fatalf("the field holds %q, %d errors were shown", p.quick.Text, shown)
	}
}

func TestDoneAndUndoToast(t *testing.T) {
	m := sample()
	var toast string
	p, _ := scene(t, m, func(c *Config) { c.Toast = func(s, _ string, _ func()) { toast = s } })
	p.rows.SelectKey(2)
	p.key(&fyne.KeyEvent{Name: fyne.KeySpace})
	if !m.at(2).Done() || !strings.Contains(toast, "Prüfbericht") {
		t.Fatalf("%+v, toast %q", m.at(2), toast)
	}
	p.rows.SelectKey(2)
	p.key(&fyne.KeyEvent{Name: fyne.KeySpace})
	if m.at(2).Done() {
		t.Fatal("a second press reopens")
	}
	p.rows.SelectKey(2)
	p.key(&fyne.KeyEvent{Name: fyne.KeyDelete})
	if m.at(2) != nil {
		t.Fatal("not deleted")
	}
}

// TestNewsDoNotOverwriteWhatIsTyped: a field that a person is editing keeps its text when the task changes elsewhere.
func TestNewsDoNotOverwriteWhatIsTyped(t *testing.T) {
	m := sample()
	p, _ := scene(t, m, nil)
	p.Open(1)
	p.detail.note.SetText("Halb getippt")
	m.at(1).Note, m.at(1).Title = "vom Server", "Neuer Titel"
	p.Refresh(live.Tasks)
	if p.detail.note.Text != "Halb getippt" || p.detail.title.Text != "Neuer Titel" {
		t.Fatalf("note %q, title %q", p.detail.note.Text, p.detail.title.Text)
	}
	p.Open(2)
	if m.at(1).Note != "Halb getippt" {
		t.Fatalf("what was typed is lost: %q", m.at(1).Note)
	}
}

func TestABadDateStaysAndIsNamed(t *testing.T) {
	m := sample()
	p, _ := scene(t, m, nil)
	p.Open(2)
	p.detail.due.SetText("irgendwann")
	if p.detail.saveWhen(p.detail.due, true) || !strings.Contains(p.detail.wrong.Words(), "irgendwann") {
		t.Fatalf("said %q", p.detail.wrong.Words())
	}
	p.detail.due.SetText("30.11.")
	if !p.detail.saveWhen(p.detail.due, true) || m.at(2).Due.Time.Day() != 30 {
		t.Fatalf("%+v", m.at(2).Due)
	}
}

func TestWords(t *testing.T) {
	i18n.Use(i18n.German)
	day := func(d int) tasks.When {
		return tasks.When{Time: time.Date(2026, 11, 23+d, 0, 0, 0, 0, time.UTC), AllDay: true}
	}
	for d, want := range map[int]string{-1: "Gestern", 0: "Heute", 1: "Morgen", 4: "Fr", 7: "30.11.2026"} {
		if got := dueWords(day(d), now); got != want {
			t.Errorf("%d: %q", d, got)
		}
	}
	if overdue(tasks.Task{Due: day(0)}, now) || !overdue(tasks.Task{Due: day(-1)}, now) {
		t.Error("a day is overdue only after it has ended")
	}
	if overdue(tasks.Task{Due: day(-1), Status: tasks.Canceled}, now) {
		t.Error("what is closed is never overdue")
	}
	for uri, icon := range map[string]string{"mid:x": "mail", "https://a/b": "external", "file:///x/y.odt": "file", "tel:1": "link"} {
		if got := describe(uri); got.icon != icon {
			t.Errorf("%s: %s", uri, got.icon)
		}
	}
}
