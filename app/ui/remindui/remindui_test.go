// SPDX-License-Identifier: EUPL-1.2

package remindui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app/i18n"
	"kontor/app/live"
	"kontor/app/notify"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
	"kontor/app/ui/uitest"
)

// fakeDesktop keeps the messages that it was given.
type fakeDesktop struct {
	mu     sync.Mutex
	next   uint32
	shown  map[uint32]notify.Note
	fail   error
	events chan notify.Event
}

func (f *fakeDesktop) Show(_ context.Context, n notify.Note) (uint32, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fail != nil {
		return 0, f.fail
	}
	f.next++
	f.shown[f.next] = n
	return f.next, nil
}

func (f *fakeDesktop) Withdraw(_ context.Context, id uint32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.shown, id)
}

func (f *fakeDesktop) Events() <-chan notify.Event { return f.events }

// titles are those of the messages that are shown.
func (f *fakeDesktop) titles() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []string
	for id := range f.next + 1 {
		if n, ok := f.shown[id]; ok {
			all = append(all, n.Title)
		}
	}
	return strings.Join(all, ", ")
}

// page is an empty one below the card, with a button that takes clicks.
type page struct {
	button  *kit.Button
	clicked int
}

func (p *page) Content() fyne.CanvasObject { return kit.NewColumn(0, p.button) }
func (p *page) Shown()                     {}
func (p *page) Hidden()                    {}
func (p *page) Refresh(live.Topics)        {}

// desk is the card above a page, on a real core.
type desk struct {
	*uitest.Scene
	town    *uitest.Town
	desktop *fakeDesktop
	ringer  *Ringer
	page    *page
	now     time.Time
	opened  []int64
	plain   []string
	front   int
	ids     map[string]int64
	quiet   *quietKept
}

func open(t *testing.T) *desk {
	t.Helper()
	d := &desk{Scene: uitest.New(t), town: uitest.NewTown(t, "tasks"), now: time.Now(), ids: map[string]int64{}, quiet: &quietKept{}}
	d.desktop = &fakeDesktop{shown: map[uint32]notify.Note{}, events: make(chan notify.Event, 10)}
	d.page = &page{}
	d.page.button = kit.NewPlain("Seite", "", func() { d.page.clicked++ })
	d.Enter(d.page)
	d.ringer = New(Config{
		Tasks: d.town.Tasks, Messages: d.desktop, Open: func(id int64) { d.opened = append(d.opened, id) }, Front: func() { d.front++ },
		Plain: func(title, text string) { d.plain = append(d.plain, title+": "+text) }, Quiet: d.quiet,
	})
	d.attach()
	return d
}

func (d *desk) attach() {
	d.ringer.Attach(d.Window.Content().(*kit.Stage), kit.Host{
		Window: d.Window, Toast: d.Toast, ShowError: d.ShowError, Undo: d.town.Undo(d.Scene), Now: func() time.Time { return d.now },
	})
}

// ring makes a task that is due in some minutes and reminded just now.
func (d *desk) ring(title string, minutes int) tasks.Ring {
	d.T.Helper()
	due := tasks.When{Time: d.now.Add(time.Duration(minutes) * time.Minute)}
	id, err := d.town.Tasks.Add(context.Background(), 0, tasks.Edit{
		Title: &title, Due: &due, Alarms: &[]tasks.Alarm{{Absolute: true, At: d.now.Add(-time.Minute)}},
	})
	d.town.Must(err)
	d.ids[title] = id
	return tasks.Ring{TaskID: id, UID: title, Title: title, At: d.now.Add(-time.Minute), Due: due}
}

func (d *desk) show(ringing, open []tasks.Ring) {
	d.ringer.Show(context.Background(), ringing, open)
	d.Settle()
}

func (d *desk) task(title string) tasks.Task {
	d.T.Helper()
	t, err := d.town.Tasks.Task(context.Background(), d.ids[title])
	d.town.Must(err)
	return t
}

// rings reports whether a task still asks for an answer.
func (d *desk) rings(title string) bool {
	r := d.task(title).Ring
	return !r.IsZero() && !r.After(d.now)
}

// TestCard answers reminders in the window, each in its own way, and takes one back.
func TestCard(t *testing.T) {
	d := open(t)
	all := []tasks.Ring{d.ring("Bericht", 15), d.ring("Anruf", -5), d.ring("Post", 60), d.ring("Ablage", 90)}
	d.show(all, all)
	d.MustSay("4 Erinnerungen", "Bericht", "Fällig heute", "War fällig heute", "Alle verwerfen")
	d.Click("Erledigt")
	d.MustNotSay("Bericht")
	d.MustSay("3 Erinnerungen")
	if !d.task("Bericht").Done() || d.LastToast().Words != "Aufgabe erledigt" {
		t.Errorf("done: %v, says %q", d.task("Bericht").Status, d.LastToast().Words)
	}
	d.Click("In 10 Minuten")
	if at := d.task("Anruf").Snoozed.Sub(d.now); at < 9*time.Minute || at > 11*time.Minute {
		t.Errorf("put off for %v", at)
	}
	d.LastToast().Do()
	d.Settle()
	if !d.rings("Anruf") {
		t.Error("what was undone does not ring")
	}
	d.Click("Morgen")
	if at := d.task("Post").Snoozed.Local(); at.Hour() != 8 || at.Day() != d.now.AddDate(0, 0, 1).Day() {
		t.Errorf("put off until %v", at)
	}
	d.MustSay("Erinnerung", "Ablage")
	d.Click("Verwerfen")
	if d.rings("Ablage") || d.task("Ablage").Done() {
		t.Error("dismissed, it rings or is done")
	}
	d.MustNotSay("Erinnerung")
	d.Click("Seite")
	if errs := d.TakeErrors(); len(errs) > 0 || d.page.clicked != 1 {
		t.Errorf("%v, clicked %d times", errs, d.page.clicked)
	}
}

// TestCardByKeyboard goes to the card, answers, and leaves it, without a mouse.
func TestCardByKeyboard(t *testing.T) {
	d := open(t)
	if d.ringer.Go(); d.ringer.Panes() != nil {
		t.Error("an empty card takes the keyboard")
	}
	all := []tasks.Ring{d.ring("Bericht", 15), d.ring("Anruf", 5)}
	d.Window.Canvas().Focus(d.page.button)
	d.show(all, all)
	if d.Focused() != d.page.button {
		t.Fatal("the card takes the keyboard by itself")
	}
	d.ringer.Escape()
	d.MustSay("2 Erinnerungen")
	d.ringer.Actions()[0].Do()
	if d.Focused() != d.ringer.Panes()[0] {
		t.Fatalf("the keyboard is on %v", d.Focused())
	}
	d.Key(fyne.KeyTab, fyne.KeyTab, fyne.KeyTab, fyne.KeyReturn) // opens the first
	if !slices.Equal(d.opened, []int64{d.ids["Bericht"]}) {
		t.Errorf("opened %v", d.opened)
	}
	d.ringer.Go()
	d.Key(fyne.KeySpace)
	d.MustSay("Erinnerung")
	d.MustNotSay("Bericht")
	if d.Focused() != d.ringer.Panes()[0] || !d.task("Bericht").Done() {
		t.Errorf("after the answer the keyboard is on %v", d.Focused())
	}
	d.show(nil, all[1:]) // read again, as after a synchronisation
	if d.Focused() != d.ringer.Panes()[0] {
		t.Error("a card that is read again loses the keyboard")
	}
	d.ringer.Escape()
	d.MustNotSay("Erinnerung")
	d.show(nil, all[1:])
	d.MustNotSay("Erinnerung")
	again := d.ring("Post", 5)
	d.show([]tasks.Ring{again}, append(all[1:], again))
	d.MustSay("2 Erinnerungen")
	d.Click("Alle verwerfen")
	if d.rings("Anruf") || d.rings("Post") {
		t.Error("dismissed all, one still rings")
	}
}

// TestMessages shows messages of the desktop and takes the answers that are given there.
func TestMessages(t *testing.T) {
	d := open(t)
	a, b := d.ring("Bericht", 15), d.ring("", 5)
	d.show([]tasks.Ring{a, b}, []tasks.Ring{a, b})
	if got := d.desktop.titles(); got != "Bericht, (ohne Titel)" {
		t.Fatalf("messages: %q", got)
	}
	if n := d.desktop.shown[1]; len(n.Actions) != 4 || n.Actions[0].Key != notify.Default || !strings.HasPrefix(n.Body, "Fällig heute") {
		t.Errorf("%+v", n)
	}
	d.show(nil, []tasks.Ring{a}) // the other was answered on another device
	if got := d.desktop.titles(); got != "Bericht" {
		t.Errorf("messages: %q", got)
	}
	d.show([]tasks.Ring{a}, []tasks.Ring{a}) // its second reminder
	if got := d.desktop.titles(); got != "Bericht" || d.desktop.next != 3 {
		t.Errorf("messages: %q after %d", got, d.desktop.next)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	d.desktop.events <- notify.Event{ID: 77, Key: keyDone} // of another program
	d.desktop.events <- notify.Event{ID: 3, Key: keyTomorrow}
	d.desktop.events <- notify.Event{ID: 3} // is gone now
	go func() {
		defer close(done)
		d.ringer.Listen(ctx)
	}()
	for deadline := time.Now().Add(10 * time.Second); len(d.desktop.events) > 0 && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
	}
	cancel()
	<-done
	d.Settle()
	if d.task("Bericht").Snoozed.IsZero() || d.rings("Bericht") {
		t.Error("the answer in the message has no effect")
	}
	for key, want := range map[string]func() bool{
		keySoon:        func() bool { return d.task("Bericht").Snoozed.Before(d.now.Add(time.Hour)) },
		notify.Default: func() bool { return slices.Equal(d.opened, []int64{a.TaskID}) && d.front == 1 },
	} {
		d.ringer.answer([]tasks.Ring{a}, key)
		d.Settle()
		if !want() {
			t.Errorf("%s has no effect", key)
		}
	}
	d.ringer.answer([]tasks.Ring{a}, keyDone)
	d.Settle()
	if !d.task("Bericht").Done() {
		t.Error("it is not done")
	}
}

// TestManyAtOnce tells of many reminders in one message, of which a click leads to the card.
func TestManyAtOnce(t *testing.T) {
	d := open(t)
	var all []tasks.Ring
	for n := range 40 {
		all = append(all, tasks.Ring{TaskID: int64(n + 1000), Title: fmt.Sprint("Aufgabe ", n), At: d.now, ReadOnly: n%2 == 0})
	}
	d.show(all, all)
	if got := d.desktop.titles(); got != "40 Erinnerungen" || d.desktop.shown[1].Body != "Aufgabe 0\nAufgabe 1\nAufgabe 2" {
		t.Errorf("%q, %q", got, d.desktop.shown[1].Body)
	}
	d.MustSay("40 Erinnerungen", "Aufgabe 1", "Erinnerung: heute")
	if len(d.ringer.card.buttons) != most {
		t.Errorf("%d are listed", len(d.ringer.card.buttons))
	}
	if n := noteOf(all[:1], d.now); len(n.Actions) != 1 {
		t.Errorf("a task that cannot be changed offers %v", n.Actions)
	}
	d.ringer.hide()
	d.ringer.answer(all, notify.Default)
	d.MustSay("40 Erinnerungen")
	d.show(nil, all[39:])
	if got := d.desktop.titles(); got != "40 Erinnerungen" {
		t.Errorf("some are still open: %q", got)
	}
	d.show(nil, nil)
	if got := d.desktop.titles(); got != "" {
		t.Errorf("all are answered: %q", got)
	}
}

// TestWithoutDesktop falls back to the toolkit, which is never given words of a task, and to the card.
func TestWithoutDesktop(t *testing.T) {
	d := open(t)
	d.desktop.fail = notify.ErrNone
	all := []tasks.Ring{d.ring("$(calc)", 15), d.ring("b", 5)}
	d.show(all, all)
	d.MustSay("2 Erinnerungen", "$(calc)")
	if len(d.plain) != 1 || strings.Contains(d.plain[0], "calc") {
		t.Errorf("the toolkit says %q", d.plain)
	}
}

// broken is a core that cannot write.
type broken struct{ Core }

func (broken) Done(context.Context, []int64) error { return errors.New("the disk is full") }

// TestFailedAnswer keeps a reminder that could not be answered.
func TestFailedAnswer(t *testing.T) {
	d := open(t)
	d.ringer.Tasks = broken{d.town.Tasks}
	all := []tasks.Ring{d.ring("Bericht", 15)}
	d.show(all, all)
	d.Click("Erledigt")
	d.MustSay("Bericht")
	if errs := d.TakeErrors(); len(errs) != 1 {
		t.Errorf("errors: %v", errs)
	}
}

// TestFits looks for words that are cut off, in both languages and at all sizes.
func TestFits(t *testing.T) {
	d := open(t)
	all := []tasks.Ring{
		d.ring("Stellungnahme zum Bebauungsplan Lindenstraße 14 bis 18 mit allen Anlagen der Ämter einholen", 15),
		d.ring("Anruf", -3000), d.ring("Post", 60),
	}
	d.EachSize(func() { d.Enter(d.page); d.attach(); d.show(all, all) }, func(fits func(string)) {
		fits("three")
		d.show(nil, all[1:2])
		fits("one")
	})
	i18n.Use(i18n.German)
	for name, mode := range map[string]theme.Mode{"light": theme.Light, "dark": theme.Dark} {
		d.SetSize(uitest.Size{W: 1364, H: 820, Text: 1}, mode)
		d.attach()
		d.show(all, all)
		d.Picture("reminders-" + name)
	}
}
