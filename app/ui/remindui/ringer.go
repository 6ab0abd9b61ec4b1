// SPDX-License-Identifier: EUPL-1.2

package remindui

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app/i18n"
	"kontor/app/notify"
	"kontor/app/remind"
	"kontor/app/tasks"
	"kontor/app/ui"
	"kontor/app/ui/kit"
)

// Core is what answers reminders.
type Core interface {
	Done(ctx context.Context, ids []int64) error
	SnoozeAll(ctx context.Context, ids []int64, until time.Time) error
	Acknowledge(ctx context.Context, ids []int64) error
}

// Messages are those of the desktop.
type Messages interface {
	Show(ctx context.Context, n notify.Note) (uint32, error)
	Withdraw(ctx context.Context, id uint32)
	Events() <-chan notify.Event
}

// Config is what reminders need. Tasks and Messages are needed.
type Config struct {
	Tasks    Core
	Messages Messages
	Quiet    QuietCore // nil where reminders always ring
	Log      *slog.Logger
	Open     func(taskID int64) // shows a task
	Front    func()             // brings the window to the front
	// Plain shows a message where Messages cannot, nil for not at all. It is never given words of a task: on Windows the
	// toolkit hands them to a shell.
	Plain func(title, text string)
}

// Ringer tells of reminders and takes the answers.
type Ringer struct {
	Config
	host  kit.Host   // of the frame that is shown
	stage *kit.Stage // the same

	open   []tasks.Ring // what the card lists
	card   *card        // nil while none is shown
	hidden bool

	mu    sync.Mutex
	notes map[uint32][]tasks.Ring // messages of the desktop that are shown
}

// New makes a ringer. Nothing is shown before Attach.
func New(c Config) *Ringer {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Front == nil {
		c.Front = func() {}
	}
	if c.Open == nil {
		c.Open = func(int64) {}
	}
	r := &Ringer{Config: c, notes: map[uint32][]tasks.Ring{}}
	r.host.Fill()
	return r
}

// Attach shows the card in a window from now on.
func (r *Ringer) Attach(stage *kit.Stage, host kit.Host) {
	host.Fill()
	r.stage, r.host, r.card = stage, host, nil
	r.draw()
}

// Show is told what rings and what waits for an answer (remind.Show). It may be called on any goroutine but that of the UI.
func (r *Ringer) Show(ctx context.Context, ringing, open []tasks.Ring) {
	r.announce(ctx, ringing, open)
	kit.Do(func() {
		r.open = open
		if len(ringing) > 0 {
			r.hidden = false
		}
		r.draw()
	})
}

// single is how many reminders have messages of their own when they ring at once.
const single = 3

// announce shows messages of the desktop, and takes those away that were answered elsewhere.
func (r *Ringer) announce(ctx context.Context, ringing, open []tasks.Ring) {
	r.mu.Lock()
	var over []uint32
	for id, of := range r.notes {
		if !slices.ContainsFunc(of, func(n tasks.Ring) bool { return listed(open, n.TaskID) }) ||
			(len(of) == 1 && listed(ringing, of[0].TaskID)) {
			over = append(over, id)
			delete(r.notes, id)
		}
	}
	r.mu.Unlock()
	for _, id := range over {
		r.Messages.Withdraw(ctx, id)
	}
	if len(ringing) > single {
		r.message(ctx, ringing)
		return
	}
	for _, ring := range ringing {
		if !r.message(ctx, []tasks.Ring{ring}) {
			return
		}
	}
}

func listed(all []tasks.Ring, taskID int64) bool {
	return slices.ContainsFunc(all, func(r tasks.Ring) bool { return r.TaskID == taskID })
}

// message shows one message of the desktop about one reminder or many; false where it shows none.
func (r *Ringer) message(ctx context.Context, of []tasks.Ring) bool {
	id, err := r.Messages.Show(ctx, noteOf(of, time.Now()))
	if err != nil {
		r.Log.Debug("the desktop shows no messages", slog.Any("error", err))
		if r.Plain != nil {
			r.Plain("Kontor", i18n.T("remind.title", "n", len(of)))
		}
		return false
	}
	r.mu.Lock()
	r.notes[id] = of
	r.mu.Unlock()
	return true
}

// The keys of what can be done right in a message.
const (
	keyDone     = "done"
	keySoon     = "soon"
	keyTomorrow = "tomorrow"
)

func noteOf(of []tasks.Ring, now time.Time) notify.Note {
	first := notify.Action{Key: notify.Default, Label: i18n.T("remind.open")}
	if len(of) > 1 {
		titles := make([]string, min(len(of), single))
		for i := range titles {
			titles[i] = titleOf(of[i])
		}
		return notify.Note{Title: i18n.T("remind.title", "n", len(of)), Body: strings.Join(titles, "\n"), Actions: []notify.Action{first}}
	}
	n := notify.Note{Title: titleOf(of[0]), Body: whenWords(of[0], now), Actions: []notify.Action{first}}
	if !of[0].ReadOnly {
		n.Actions = append(n.Actions, notify.Action{Key: keyDone, Label: i18n.T("remind.done")},
			notify.Action{Key: keySoon, Label: i18n.T("remind.soon")}, notify.Action{Key: keyTomorrow, Label: i18n.T("remind.tomorrow")})
	}
	return n
}

// Listen takes the answers that people give in messages of the desktop, until ctx ends.
func (r *Ringer) Listen(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case e, ok := <-r.Messages.Events():
			if !ok {
				return
			}
			r.mu.Lock()
			of := r.notes[e.ID]
			delete(r.notes, e.ID)
			r.mu.Unlock()
			if len(of) > 0 && e.Key != "" {
				kit.Do(func() { r.answer(of, e.Key) })
			}
		}
	}
}

func (r *Ringer) answer(of []tasks.Ring, key string) {
	switch {
	case key == keyDone:
		r.done(of[0])
	case key == keySoon:
		r.later(of[0], remind.Soon(r.host.Now()))
	case key == keyTomorrow:
		r.later(of[0], remind.Tomorrow(r.host.Now()))
	case len(of) > 1:
		r.Front()
		r.Go()
	default:
		r.Front()
		r.Open(of[0].TaskID)
	}
}

func (r *Ringer) done(ring tasks.Ring) {
	r.change(i18n.T("remind.finished", "n", 1), []tasks.Ring{ring}, func(ctx context.Context, ids []int64) error { return r.Tasks.Done(ctx, ids) })
}

func (r *Ringer) later(ring tasks.Ring, until time.Time) {
	when := momentWords(tasks.When{Time: until}, r.host.Now())
	r.change(i18n.T("remind.put-off", "when", when), []tasks.Ring{ring}, func(ctx context.Context, ids []int64) error {
		return r.Tasks.SnoozeAll(ctx, ids, until)
	})
}

func (r *Ringer) dismiss(of []tasks.Ring) {
	r.change("", of, r.Tasks.Acknowledge)
}

// change answers reminders; those that were answered leave the card at once.
func (r *Ringer) change(words string, of []tasks.Ring, do func(context.Context, []int64) error) {
	ids := make([]int64, len(of))
	for i, ring := range of {
		ids[i] = ring.TaskID
	}
	r.host.Change(words, func(ctx context.Context) error { return do(ctx, ids) }, func() {
		r.open = slices.DeleteFunc(slices.Clone(r.open), func(n tasks.Ring) bool { return slices.Contains(ids, n.TaskID) })
		r.draw()
	})
}

// draw brings the card in line with what is open. The keyboard stays where it was, as far as that is still there.
func (r *Ringer) draw() {
	if r.stage == nil {
		return
	}
	at, button, inside := 0, 0, false
	if r.card != nil {
		at, button, inside = r.card.place()
	}
	if len(r.open) == 0 || r.hidden {
		r.card = nil
		r.stage.Corner(nil)
		if inside && r.host.Window != nil {
			r.host.Window.Canvas().Unfocus()
		}
		return
	}
	r.card = newCard(r.open, r.host.Now(), answers{
		done: r.done, dismiss: r.dismiss, hide: r.hide, open: func(ring tasks.Ring) { r.Open(ring.TaskID) },
		soon:     func(ring tasks.Ring) { r.later(ring, remind.Soon(r.host.Now())) },
		tomorrow: func(ring tasks.Ring) { r.later(ring, remind.Tomorrow(r.host.Now())) },
		quiet:    r.quietAnswer(),
	})
	r.stage.Corner(r.card)
	if inside {
		r.card.focus(at, button)
	}
}

// quietAnswer opens the menu of ways to be left alone; nil where there are none.
func (r *Ringer) quietAnswer() func(*kit.Button) {
	if r.Quiet == nil {
		return nil
	}
	return r.quietMenu
}

func (r *Ringer) hide() {
	r.hidden = true
	r.draw()
}

// Go shows the card and gives it the keyboard.
func (r *Ringer) Go() {
	r.hidden = false
	r.draw()
	if r.card != nil {
		r.card.focus(0, 0)
	}
}

// Panes implements ui.Beside.
func (r *Ringer) Panes() []fyne.Focusable {
	if r.card == nil {
		return nil
	}
	return []fyne.Focusable{r.card.buttons[0][0]}
}

// Actions implements ui.Beside.
func (r *Ringer) Actions() []ui.Action {
	all := []ui.Action{{Title: i18n.T("remind.go"), Icon: "bell", Key: fyne.KeyF7, Do: r.Go}}
	if r.Quiet != nil {
		all = append(all, ui.Action{Title: i18n.T("remind.quiet"), Icon: "pause", Key: fyne.KeyF7, Mod: fyne.KeyModifierShift, Do: r.toggleQuiet})
	}
	return all
}

// Escape implements ui.Beside: it hides the card while the keyboard is in it.
func (r *Ringer) Escape() {
	if r.card == nil {
		return
	}
	if _, _, inside := r.card.place(); inside {
		r.hide()
	}
}
