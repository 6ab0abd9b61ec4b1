// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"

	"kontor/app"
	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// shownTransfers is how many of the files on their way are shown one by one.
const shownTransfers = 5

// strip is the line below the table that tells what is on its way: how much of it is done, how long it takes, and each file.
type strip struct {
	page    *Page
	content *kit.Panel
	words   *kit.Label
	bar     *kit.Progress
	pause   *kit.Button
	each    *kit.Button
	limits  *kit.Button
	lines   *fyne.Container
	open    bool // each file is shown
	paused  bool
	sum     files.TransferSum
	all     []files.Transfer
	looking bool
}

func newStrip(p *Page) *strip {
	s := &strip{page: p, words: kit.NewLabel("", 13, theme.Text, false), bar: kit.NewProgress(0), lines: kit.NewColumn(4)}
	s.pause = kit.NewPlain(i18n.T("filesui.pause"), "pause", s.toggle)
	s.each = kit.NewIconButton("chevron-up", i18n.T("filesui.each-file"), func() {
		s.open = !s.open
		s.fill()
	})
	s.limits = kit.NewIconButton("gear", i18n.T("filesui.limits"), s.ask)
	s.content = kit.NewPanel(theme.Background, kit.NewColumn(6, s.lines, s.words, s.bar, kit.NewRowOf(8, s.pause, s.limits, s.each))).Padded(8, 14, 8, 14)
	s.content.Hide()
	return s
}

// traffic is what one look at what is on its way gives.
type traffic struct {
	all     []files.Transfer
	sum     files.TransferSum
	metered bool
}

// look finds out what is on its way. It is called again and again while the page is shown.
func (s *strip) look() {
	if s.looking {
		return
	}
	s.looking = true
	core := s.page.cfg.Files
	kit.Load(func() (t traffic, err error) {
		t.all, t.sum = core.Transfers(), core.TransferSum()
		_, t.metered, err = core.Metered(context.Background())
		return t, err
	}, func(t traffic, _ error) {
		s.looking = false
		s.take(t)
	})
}

func (s *strip) take(t traffic) {
	paused := false
	for _, b := range s.page.branches {
		paused = paused || b.paused
	}
	before := len(s.page.moving)
	s.page.moving = make(map[int64]files.Transfer, len(t.all))
	for _, one := range t.all {
		s.page.moving[one.FileID] = one
	}
	s.all, s.sum, s.paused = t.all, t.sum, paused
	if before+len(t.all) > 0 {
		s.page.rows.Refresh()
		s.page.detail.fillState()
	}
	s.fill()
}

// transfer is the transfer of a file at this moment, nil for none.
func (p *Page) transfer(id int64) *files.Transfer {
	if t, ok := p.moving[id]; ok {
		return &t
	}
	return nil
}

func (s *strip) fill() {
	shown := s.paused || len(s.all) > 0 || s.sum.FilesDone < s.sum.Files
	if !shown {
		if s.content.Visible() {
			s.content.Hide()
			s.page.middle.Refresh()
		}
		return
	}
	s.words.Set(sumWords(s.sum, s.paused))
	kit.SetVisible(s.bar, s.sum.Bytes > 0)
	if s.sum.Bytes > 0 {
		s.bar.Set(float32(float64(s.sum.BytesDone) / float64(s.sum.Bytes)))
	}
	label, icon := "filesui.pause", "pause"
	if s.paused {
		label, icon = "filesui.resume", "play"
	}
	s.pause.SetText(i18n.T(label))
	s.pause.SetIcon(icon)
	s.each.SetIcon(map[bool]string{false: "chevron-up", true: "chevron-down"}[s.open])
	kit.SetVisible(s.each, len(s.all) > 0)
	s.lines.Objects = nil
	if s.open {
		for _, t := range s.all[:min(len(s.all), shownTransfers)] {
			bar := kit.NewProgress(0)
			if t.Total > 0 {
				bar.Set(float32(float64(t.Done) / float64(t.Total)))
			}
			s.lines.Add(kit.NewColumn(2, kit.NewLabel(transferWords(t), 12, theme.Muted, false), bar))
		}
		if more := len(s.all) - shownTransfers; more > 0 {
			s.lines.Add(kit.NewLabel(i18n.T("filesui.more-files", "n", more), 12, theme.Muted, false))
		}
	}
	kit.SetVisible(s.lines, len(s.lines.Objects) > 0)
	s.content.Show()
	s.content.Refresh()
	s.page.middle.Refresh()
}

// sumWords says how much of everything is done and how long the rest takes.
func sumWords(s files.TransferSum, paused bool) string {
	if paused {
		if left := s.Files - s.FilesDone; left > 0 {
			return i18n.T("filesui.paused-with", "n", left, "size", i18n.Size(s.Bytes-s.BytesDone))
		}
		return i18n.T("filesui.paused")
	}
	parts := []string{i18n.T("filesui.transfers", "n", s.Files, "done", s.FilesDone)}
	if s.Bytes > 0 {
		parts = append(parts, i18n.T("filesui.of", "done", i18n.Size(s.BytesDone), "total", i18n.Size(s.Bytes)))
	}
	if s.Rate >= 1 {
		parts = append(parts, i18n.T("filesui.rate", "size", i18n.Size(int64(s.Rate))))
	}
	if s.Remaining >= 0 {
		parts = append(parts, remainingWords(s.Remaining))
	}
	return strings.Join(parts, " · ")
}

// transferWords is one file on its way in words.
func transferWords(t files.Transfer) string {
	key := "filesui.coming"
	if t.Up {
		key = "filesui.going"
	}
	words := i18n.T(key, "name", files.Base(t.Path)) + " · " + i18n.T("filesui.of", "done", i18n.Size(t.Done), "total", i18n.Size(t.Total))
	if t.Remaining >= 0 {
		words += " · " + remainingWords(t.Remaining)
	}
	return words
}

// remainingWords says a time roughly: nobody needs more, and it would jump.
func remainingWords(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return i18n.T("filesui.remaining.soon")
	case d < time.Minute:
		return i18n.T("filesui.remaining.seconds", "n", int(d.Seconds()/10)*10)
	case d < time.Hour:
		return i18n.T("filesui.remaining.minutes", "n", int((d + time.Minute/2).Minutes()))
	}
	return i18n.T("filesui.remaining.hours", "n", int((d + time.Hour/2).Hours()))
}

// toggle stops the transfers of all accounts, or lets them go on.
func (s *strip) toggle() {
	pause, branches := !s.paused, s.page.branches
	kit.Act(func() error {
		for _, b := range branches {
			if err := s.page.cfg.Files.Pause(context.Background(), b.ID, pause); err != nil {
				return err
			}
		}
		return nil
	}, func(err error) {
		if err != nil {
			s.page.cfg.ShowError(err)
			return
		}
		for i := range s.page.branches {
			s.page.branches[i].paused = pause
		}
		s.look()
	})
}

// bounds are what a person chose about transfers.
type bounds struct {
	down, up int64
	metered  string
}

// ask lets a person bound what comes and goes, and say what a metered connection is.
func (s *strip) ask() { AskLimits(s.page.cfg.Host, s.page.cfg.Files) }

// AskLimits lets a person bound what comes and goes, and say what a metered connection is.
func AskLimits(host kit.Host, core TrafficCore) {
	kit.Load(func() (b bounds, err error) {
		if b.down, b.up, err = core.Limits(context.Background()); err == nil {
			b.metered, _, err = core.Metered(context.Background())
		}
		return b, err
	}, func(b bounds, err error) {
		if err != nil {
			host.ShowError(err)
			return
		}
		showLimits(host, core, b)
	})
}

func showLimits(host kit.Host, core TrafficCore, b bounds) {
	down, up := limitField("filesui.limits.down", b.down), limitField("filesui.limits.up", b.up)
	metered := kit.NewSegments(i18n.T("filesui.limits.metered"), b.metered, []kit.Option{
		{ID: files.MeteredAuto, Label: i18n.T("filesui.limits.auto")},
		{ID: files.MeteredOn, Label: i18n.T("filesui.limits.on")},
		{ID: files.MeteredOff, Label: i18n.T("filesui.limits.off")},
	}, nil)
	form := kit.NewColumn(6,
		kit.Caption(i18n.T("filesui.limits.down")), down, kit.Caption(i18n.T("filesui.limits.up")), up,
		kit.NewParagraph(i18n.T("filesui.limits.hint"), 12, theme.Muted),
		kit.Caption(i18n.T("filesui.limits.metered")), metered, kit.NewParagraph(i18n.T("filesui.limits.metered-hint"), 12, theme.Muted))
	d := dialog.NewCustomConfirm(i18n.T("filesui.limits"), i18n.T("ui.apply"), i18n.T("ui.cancel"), form, func(ok bool) {
		if !ok {
			return
		}
		kit.Act(func() error { return setLimits(core, down.Text, up.Text, metered.Chosen()) }, host.ShowError)
	}, host.Window)
	for _, f := range []*kit.Entry{down, up} {
		f.OnSubmitted = func(string) { d.Confirm() }
		f.OnKey = func(ev *fyne.KeyEvent) bool {
			if ev.Name == fyne.KeyEscape {
				d.Hide()
			}
			return ev.Name == fyne.KeyEscape
		}
	}
	d.Resize(fyne.NewSize(theme.Px(440), theme.Px(330)))
	d.Show()
	kit.Focus(down)
}

const perField = 1000 // octets of the unit in which limits are typed

func limitField(key string, octets int64) *kit.Entry {
	f := kit.NewEntry(i18n.T("filesui.limits.none"))
	f.Name = i18n.T(key)
	if octets > 0 {
		f.SetText(strconv.FormatInt((octets+perField/2)/perField, 10))
	}
	return f
}

// setLimits takes what was typed: kilobytes a second, nothing for as fast as it goes.
func setLimits(core TrafficCore, down, up, metered string) error {
	d, errDown := limitOf(down)
	u, errUp := limitOf(up)
	if err := errors.Join(errDown, errUp); err != nil {
		return err
	}
	return errors.Join(core.SetLimits(context.Background(), d, u), core.SetMetered(context.Background(), metered))
}

func limitOf(typed string) (int64, error) {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(typed, 10, 64)
	if err != nil || n < 0 || n > 1<<40 {
		return 0, app.ErrLimit
	}
	return n * perField, nil
}
