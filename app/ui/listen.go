// SPDX-License-Identifier: EUPL-1.2

package ui

import (
	"time"

	"fyne.io/fyne/v2"

	"kontor/app"
	"kontor/app/live"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// coalesce is how long the window waits for more changes before it reads again: a bulk sync commits many times a second.
const coalesce = 120 * time.Millisecond

// Listen follows the change bus until the program ends. Each wave of changes comes to the UI goroutine once.
func (s *Shell) Listen() {
	sub := s.Changes.Subscribe(live.All)
	go func() {
		defer sub.Close()
		var topics live.Topics
		var timer <-chan time.Time
		tick := time.NewTicker(30 * time.Second) // "5 minutes ago" and next attempts move on by themselves
		defer tick.Stop()
		for {
			select {
			case <-s.ctx.Done():
				return
			case t := <-sub.C():
				if topics |= t; timer == nil {
					timer = time.After(coalesce)
				}
			case <-timer:
				wave := topics
				topics, timer = 0, nil
				kit.Do(func() { s.Changed(wave) })
			case <-tick.C:
				kit.Do(func() { s.Changed(live.Status) })
			}
		}
	}()
}

// FollowScale draws icons anew where the window is on a screen of another scale than they were made for.
func (s *Shell) FollowScale() {
	if theme.SetDeviceScale(s.win.Canvas().Scale()) {
		mode, text := theme.Current()
		theme.Apply(fyne.CurrentApp(), mode, text)
	}
}

// Changed hands a wave of changes on: the status is read again, the page on screen is told, the others later.
func (s *Shell) Changed(topics live.Topics) {
	if s.ctx.Err() != nil {
		return // another frame is in the window, or none
	}
	s.FollowScale()
	s.ReadStatus()
	for _, r := range s.rooms {
		switch {
		case r.page == nil:
		case r == s.current:
			r.page.Refresh(topics)
		default:
			r.stale |= topics
		}
	}
}

// ReadStatus reads the state of everything and shows it. Readings never overlap.
func (s *Shell) ReadStatus() {
	if s.reading {
		s.again = true
		return
	}
	s.reading = true
	type state struct {
		snap   app.Snapshot
		person string
	}
	toggles := s.toggles
	kit.Load(func() (state, error) {
		snap, err := s.Status.Snapshot(s.ctx)
		if err != nil || s.Person == nil {
			return state{snap: snap}, err
		}
		person, err := s.Person(s.ctx)
		return state{snap, person}, err
	}, func(st state, err error) {
		s.reading = false
		if err != nil {
			if s.ctx.Err() == nil {
				s.Log.Warn("the status cannot be read", "error", err)
			}
		} else {
			if toggles != s.toggles {
				st.snap.ByChoice = s.snap.ByChoice // read before the person chose
			}
			s.showStatus(st.snap, st.person)
		}
		if s.again && s.ctx.Err() == nil {
			s.again = false
			s.ReadStatus()
		}
	})
}

func (s *Shell) showStatus(snap app.Snapshot, person string) {
	s.snap = snap
	words, tone := pillWords(snap)
	if words != s.pill.Words() {
		s.pill.Set(words, tone)
		s.top.Refresh()
	}
	s.pill.Set(words, tone)
	s.bar.set(syncedWords(snap, s.Now()), storedWords(snap), outgoingWords(snap))
	s.avatar.set(person)
	s.rail.SetCount("mail", snap.Unread)
	s.rail.SetCount("sync", snap.Waiting+snap.Running+snap.Failed+snap.InDoubt+snap.Conflicts)
}
