// SPDX-License-Identifier: EUPL-1.2

package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"kontor/app/ui/kit"
	"kontor/app/ui/uitest"
)

// browser is a test app that keeps what it was asked to open.
type browser struct {
	fyne.App
	opened []string
	fail   error
}

// OpenURL implements fyne.App.
func (b *browser) OpenURL(u *url.URL) error {
	b.opened = append(b.opened, u.String())
	return b.fail
}

func (b *browser) last() string {
	if len(b.opened) == 0 {
		return ""
	}
	return b.opened[len(b.opened)-1]
}

// deskOn shows a core in a window of the test driver, with everything happening at once.
func deskOn(t *testing.T, town *uitest.Town) (*desk, *browser) {
	t.Helper()
	kit.Synchronous(true)
	t.Cleanup(func() { kit.Synchronous(false) })
	b := &browser{App: test.NewTempApp(t)}
	d := newDesk(t.Context(), b, Config{Core: town.App, Lang: "de", Theme: "light"}, prefsOf(t, town.App))
	d.quit = func() {}
	d.win.Resize(fyne.NewSize(1440, 900))
	d.shell.ReadStatus()
	t.Cleanup(d.leave)
	return d, b
}

// windows are the titles of all windows.
func windows() []string {
	var titles []string
	for _, w := range fyne.CurrentApp().Driver().AllWindows() {
		titles = append(titles, w.Title())
	}
	return titles
}

// typeInto writes into the window that was opened last.
func typeInto(t *testing.T, words string) {
	t.Helper()
	all := fyne.CurrentApp().Driver().AllWindows()
	f := all[len(all)-1].Canvas().Focused()
	if f == nil {
		t.Fatalf("nothing has the keyboard in %q", all[len(all)-1].Title())
	}
	test.Type(f, words)
}

// busy runs work on goroutines of its own and hands outcomes over on the test's goroutine, as a window does. It watches
// what that goroutine is doing.
type busy struct {
	ui    chan func()
	mu    sync.Mutex
	under int
	held  string // the UI goroutine in a dump of all
	found map[string]bool
	stop  chan struct{}
	done  sync.WaitGroup
}

// Go implements kit.Runner.
func (b *busy) Go(work func()) {
	b.mu.Lock()
	b.under++
	b.mu.Unlock()
	go func() {
		defer func() {
			b.mu.Lock()
			b.under--
			b.mu.Unlock()
		}()
		work()
	}()
}

// Do implements kit.Runner.
func (b *busy) Do(f func()) { b.ui <- f }

// waits are what only a goroutine does that waits for the disk or the network.
var waits = []string{"database/sql.(", "kontor/storage.(*Tx)", "kontor/storage.(reads)", "os.OpenFile(", "os.ReadFile(", "os.Stat(", "os.(*File).", "net.("}

// fontSearch is on the stack while the toolkit looks through the machine's fonts, once for each style of text: it does so
// where it measures, which no program can change.
const fontSearch = "fyne.io/fyne/v2/internal/painter.lookup"

// watchUI makes the calling goroutine the UI goroutine.
func watchUI(t *testing.T) *busy {
	t.Helper()
	own := make([]byte, 64)
	own = own[:runtime.Stack(own, false)]
	name, _, _ := bytes.Cut(own, []byte(" ["))
	b := &busy{ui: make(chan func(), 10_000), held: string(name) + " [", found: map[string]bool{}, stop: make(chan struct{})}
	b.done.Go(b.look)
	kit.Synchronous(false)
	kit.RunWith(b)
	t.Cleanup(func() {
		close(b.stop)
		b.done.Wait()
		kit.RunWith(nil)
	})
	return b
}

// look takes the stack of the UI goroutine again and again.
func (b *busy) look() {
	dump := make([]byte, 4<<20)
	for {
		select {
		case <-b.stop:
			return
		default:
		}
		all := string(dump[:runtime.Stack(dump, true)])
		_, stack, ok := strings.Cut("\n"+all, "\n"+b.held)
		if !ok {
			continue
		}
		stack, _, _ = strings.Cut(stack, "\n\n")
		if strings.Contains(stack, fontSearch) {
			continue
		}
		for _, wait := range waits {
			if strings.Contains(stack, "\n"+wait) {
				b.mu.Lock()
				b.found[where(stack)+" calls "+wait] = true
				b.mu.Unlock()
			}
		}
	}
}

// where names the first function of the user interface on a stack.
func where(stack string) string {
	for _, line := range strings.Split(stack, "\n") {
		if strings.HasPrefix(line, "kontor/app/ui") {
			return line
		}
	}
	return stack
}

// rest hands over what comes until nothing is under way.
func (b *busy) rest(t *testing.T) {
	t.Helper()
	quiet := 0
	for deadline := time.Now().Add(30 * time.Second); quiet < 20; {
		if time.Now().After(deadline) {
			t.Fatal("the window never comes to rest")
		}
		select {
		case f := <-b.ui:
			f()
			quiet = 0
		case <-time.After(2 * time.Millisecond):
			b.mu.Lock()
			if quiet++; b.under > 0 {
				quiet = 0
			}
			b.mu.Unlock()
		}
	}
}

func (b *busy) violations() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []string
	for f := range b.found {
		all = append(all, f)
	}
	clear(b.found)
	return all
}

// TestNothingOnTheUIGoroutineTouchesTheDisk goes through every page and what can be done there, while the stack of the UI
// goroutine is taken all the time.
func TestNothingOnTheUIGoroutineTouchesTheDisk(t *testing.T) {
	town := uitest.NewTown(t)
	prefs := prefsOf(t, town.App)
	first := readStart(t.Context(), town.App, Config{}.filled().Log)
	b := watchUI(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	d := newDesk(ctx, &browser{App: test.NewTempApp(t)}, Config{Core: town.App, Lang: "de", Theme: "light"}, prefs)
	d.quit = cancel
	d.win.Resize(fyne.NewSize(1440, 900))
	d.begin(first)
	b.rest(t)
	for range 3 {
		for _, page := range []string{"heute", "mail", "files", "tasks", "sync", "options"} {
			d.shell.Show(page)
			b.rest(t)
			for _, k := range []fyne.KeyName{fyne.KeyDown, fyne.KeyDown, fyne.KeyReturn} {
				if f := d.win.Canvas().Focused(); f != nil {
					f.TypedKey(&fyne.KeyEvent{Name: k})
				}
				b.rest(t)
			}
		}
		d.shell.SearchFor("Lindenstraße")
		b.rest(t)
		d.shell.ToggleOffline()
		d.shell.Undone()
		d.start([]string{"mailto:bauamt@stadt.example?subject=Termin", "/no/such/file.eml"})
		b.rest(t)
		d.toFiles("Plan.pdf", []byte("x"))
		d.mailFiles([]string{"/no/such/file"})
		d.openData("Plan.pdf", func() ([]byte, error) { return []byte("x"), nil })
		d.prefs.put(settingSize, fmt.Sprint(time.Now()))
		d.changeLook("de", "dark", 1)
		b.rest(t)
	}
	d.changeLook("en", "light", 1)
	b.rest(t)
	if all := b.violations(); len(all) > 0 {
		t.Errorf("on the UI goroutine: %s", strings.Join(all, "\n"))
	}
	planted := false // what must not be, to see that it is found
	for deadline := time.Now().Add(30 * time.Second); !planted && time.Now().Before(deadline); planted = len(b.violations()) > 0 {
		if _, err := town.Accounts.List(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if !planted {
		t.Error("the test cannot find a reading on the UI goroutine")
	}
	d.leave()
	for _, p := range d.shell.Made() {
		if c, ok := p.(interface{ Close() }); ok {
			c.Close()
		}
	}
	b.rest(t)
	if err := d.temps.remove(); err != nil {
		t.Error(err)
	}
}

// TestNoGoroutineOutlivesItsPages builds the window again and again, as a change of language does.
func TestNoGoroutineOutlivesItsPages(t *testing.T) {
	d, _ := deskOn(t, uitest.NewTown(t))
	visit := func() {
		d.shell.Listen()
		for _, page := range []string{"heute", "mail", "files", "tasks", "sync", "options"} {
			d.shell.Show(page)
		}
	}
	visit()
	d.build()
	before := 0
	for round := range 6 {
		visit()
		d.build()
		settled := 0
		for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
			if settled = runtime.NumGoroutine(); round == 0 || settled <= before+2 {
				break
			}
		}
		if round == 0 {
			before = settled
		} else if settled > before+2 {
			t.Fatalf("%d goroutines became %d", before, settled)
		}
	}
}

var errDisk = errors.New("the disk is full")
