// SPDX-License-Identifier: EUPL-1.2

package syncui

import (
	"context"
	"errors"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"kontor/app"
	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
)

// TestPrepareForTravel: before a journey everything comes here, by keyboard too, can be taken back, and ends where it began.
func TestPrepareForTravel(t *testing.T) {
	d := open(t, "files")
	d.sync()
	missing := func() app.Travel {
		t.Helper()
		now, err := d.town.Files.Travel(t.Context())
		d.town.Must(err)
		return now
	}
	before := missing()
	if before.Files == 0 || before.Kept {
		t.Fatalf("nothing to fetch: %+v", before)
	}
	d.MustSay("Noch frei")
	d.MustNotSay("Alle Dateien werden hier offline gehalten.")
	d.page.Actions()[0].Do() // from the command palette
	d.Settle()
	d.MustSay(i18n.Count(before.Files)+" Dateien ("+i18n.Size(before.Bytes)+") liegen nur auf dem Server", "Alle Dateien holen", "Nur abgleichen")
	d.Key(fyne.KeyReturn) // the first choice has the keyboard
	d.sync()
	if now := missing(); now.Files != 0 || !now.Kept || d.syncs != 1 {
		t.Fatalf("%+v, %d syncs", now, d.syncs)
	}
	d.MustSay("Alle Dateien werden hier offline gehalten.")
	d.Click("Für unterwegs vorbereiten") // nothing is missing any more: no question
	if d.syncs != 2 || !strings.Contains(d.LastToast().Words, "Abgleich") {
		t.Errorf("%d syncs, %+v", d.syncs, d.LastToast())
	}
	d.Click("Beenden")
	d.sync()
	if now := missing(); now.Files != before.Files || now.Kept {
		t.Errorf("%+v, before %+v", now, before)
	}
	d.MustNotSay("Alle Dateien werden hier offline gehalten.")
	d.Toasts[len(d.Toasts)-1].Do() // and back again
	d.Settle()
	if !missing().Kept {
		t.Error("taking it back did nothing")
	}
}

// journey is what the page is told of files.
type journey struct {
	app.Travel
	err  error
	kept []bool
}

func (j *journey) Room(context.Context) (app.Travel, error) { return j.Travel, nil }
func (j *journey) KeepAll(_ context.Context, on bool) error {
	j.kept = append(j.kept, on)
	return j.err
}
func (j *journey) look() (app.Travel, error) { return j.Travel, j.err }

type looked struct{ *journey }

func (l looked) Travel(context.Context) (app.Travel, error) { return l.look() }

// TestTravelWithoutRoom: what does not fit is said before, in both languages; a failure is shown; without files there is
// nothing to ask.
func TestTravelWithoutRoom(t *testing.T) {
	for _, lang := range []i18n.Lang{i18n.German, i18n.English} {
		s := show(t, newCore(), 1300)
		i18n.Use(lang)
		j := &journey{Travel: app.Travel{PinSize: files.PinSize{Files: 1204, Bytes: 5 << 30, Free: 1 << 30}, Accounts: 1}}
		s.Page = New(t.Context(), Config{
			Journal: s.core, Conflicts: s.core, Snapshot: s.core.Snapshot, Accounts: s.core.Accounts, ShowError: s.ShowError, Toast: s.Toast,
			Travel: looked{j}, Choose: (&kit.Host{Window: s.Window}).Choose, SyncNow: func() { _ = s.core.note("sync") },
		})
		s.Enter(s.Page)
		s.Click(i18n.T("syncui.travel"))
		s.MustSay(i18n.T("syncui.travel.no-room", "free", i18n.Size(1<<30)))
		s.Click(i18n.T("syncui.travel.sync"))
		if s.core.last() != "sync" || len(j.kept) != 0 {
			t.Fatalf("did %q, kept %v", s.core.last(), j.kept)
		}
		j.err = errors.New("the disk is gone")
		s.Click(i18n.T("syncui.travel"))
		if len(s.Errors) != 1 {
			t.Errorf("%v", s.Errors)
		}
		j.err, j.Travel = nil, app.Travel{PinSize: files.PinSize{Free: -1}}
		s.Click(i18n.T("syncui.travel"))
		if s.LastToast().Words != i18n.T("syncui.travel.syncing") {
			t.Errorf("%+v", s.LastToast())
		}
	}
}

// TestThePageFitsBeforeAJourney in all sizes.
func TestThePageFitsBeforeAJourney(t *testing.T) {
	s := show(t, newCore(), 1300)
	j := &journey{Travel: app.Travel{PinSize: files.PinSize{Files: 1204, Bytes: 5 << 30, Free: 61 << 30}, Accounts: 1, Kept: true}}
	build := func() {
		s.Page = New(t.Context(), Config{
			Journal: s.core, Conflicts: s.core, Snapshot: s.core.Snapshot, Accounts: s.core.Accounts, ShowError: s.ShowError, Toast: s.Toast,
			Travel: looked{j}, Choose: (&kit.Host{Window: s.Window}).Choose,
		})
		s.Enter(s.Page)
	}
	s.EachSize(build, func(fits func(string)) {
		for _, front := range []int{-1, sidePane} {
			s.content.Front(front)
			if front == sidePane {
				s.MustSay(i18n.Size(61<<30), i18n.T("syncui.travel.kept"))
			}
			fits("before a journey")
		}
	})
}
