// SPDX-License-Identifier: EUPL-1.2

package desk

import (
	"context"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"kontor/app/notify"
	"kontor/app/notify/notifytest"
	"kontor/app/tasks"
	"kontor/app/ui/uitest"
)

// until lets the window work until something holds.
func (b *busy) until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
		select {
		case f := <-b.ui:
			f()
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// TestRemindersRing rings for a task over a real session bus, takes the answer that is given on the desktop, and shows
// the task that a message is about.
func TestRemindersRing(t *testing.T) {
	desktop := notifytest.New(t, "actions", "body")
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", desktop.Address)
	town := uitest.NewTown(t, "tasks")
	prefs := prefsOf(t, town.App)
	title := "Haushalt prüfen"
	soon := time.Now().Add(1500 * time.Millisecond)
	id, err := town.Tasks.Add(t.Context(), 0, tasks.Edit{Title: &title, Alarms: &[]tasks.Alarm{{Absolute: true, At: soon}}})
	if err != nil {
		t.Fatal(err)
	}
	b := watchUI(t)
	ctx, cancel := context.WithCancel(t.Context())
	center := notify.New(AppID)
	d := newDesk(ctx, &browser{App: test.NewTempApp(t)}, Config{Core: town.App, Lang: "de", Theme: "light", Messages: center}, prefs)
	d.quit = cancel
	d.win.Resize(fyne.NewSize(1440, 900))
	d.shell.Listen()
	d.shell.Show("heute")
	var background sync.WaitGroup
	background.Go(d.remind)
	background.Go(d.listenForAnswers)
	about := func() (ids []uint32) {
		all, numbers := desktop.Shown()
		for i, n := range all {
			if n.Title == title {
				ids = append(ids, numbers[i])
			}
		}
		return ids
	}
	b.until(t, "the desktop shows the reminder", func() bool { return len(about()) == 1 })
	b.until(t, "the window shows the reminder", func() bool { return len(d.ringer.Panes()) == 1 })
	desktop.Press(about()[0], notify.Default)
	b.until(t, "the task is shown", func() bool { return d.shell.Current() == "tasks" })
	b.rest(t)
	if err := town.Tasks.Snooze(ctx, id, time.Now()); err != nil { // rings in a minute
		t.Fatal(err)
	}
	b.until(t, "the card is gone", func() bool { return len(d.ringer.Panes()) == 0 || len(d.Core.Remind.Open()) == 0 })
	if next, ok := d.Core.Remind.Next(ctx); !ok || next.TaskID != id || !next.Again {
		t.Errorf("next rings %+v, %v", next, ok)
	}
	cancel()
	b.until(t, "everything has ended", func() bool {
		done := make(chan struct{})
		go func() { background.Wait(); close(done) }()
		select {
		case <-done:
			return true
		case <-time.After(50 * time.Millisecond):
			return false
		}
	})
	d.leave()
	b.rest(t)
	if err := center.Close(); err != nil {
		t.Error(err)
	}
}
