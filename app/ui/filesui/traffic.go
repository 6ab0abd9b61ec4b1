// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"

	"kontor/app"
	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// shownTransfers is how many of the files on their way are shown one by one.
const shownTransfers = 5

// Traffic tells what is on its way: how much of it is done, how long the rest takes, and each file. It is to be had on any
// page; where nothing is on its way it takes no room.
type Traffic struct {
	Content *kit.Panel
	Changed func() // what is on its way is not what it was

	host     kit.Host
	core     TrafficCore
	accounts func(ctx context.Context) ([]Account, error)
	words    *kit.Label
	bar      *kit.Progress
	pause    *kit.Button
	each     *kit.Button
	limits   *kit.Button
	lines    *fyne.Container
	open     bool // each file is shown
	now      traffic
	looking  bool
}

// traffic is what one look at what is on its way gives.
type traffic struct {
	all      []files.Transfer
	sum      files.TransferSum
	accounts []Account
	paused   bool
	metered  bool
}

// NewTraffic makes it. Look has to be called again and again.
func NewTraffic(host kit.Host, core TrafficCore, accounts func(ctx context.Context) ([]Account, error)) *Traffic {
	host.Fill()
	t := &Traffic{host: host, core: core, accounts: accounts, words: kit.NewLabel("", 13, theme.Text, false), bar: kit.NewProgress(0), lines: kit.NewColumn(4)}
	t.pause = kit.NewPlain(i18n.T("filesui.pause"), "pause", t.toggle)
	t.each = kit.NewIconButton("chevron-up", i18n.T("filesui.each-file"), func() {
		t.open = !t.open
		t.fill()
		t.tell()
	})
	t.limits = kit.NewIconButton("gear", i18n.T("filesui.limits"), t.Ask)
	t.Content = kit.NewPanel(theme.Background, kit.NewColumn(6, t.lines,
		kit.NewDock(nil, nil, nil, container.NewHBox(t.pause, t.limits, t.each), kit.NewPanel(theme.Background, kit.NewColumn(5, t.words, t.bar)).Padded(4, 14, 0, 0)))).Padded(8, 14, 8, 14)
	t.Content.Hide()
	return t
}

// Look finds out what is on its way.
func (t *Traffic) Look() {
	if t.looking {
		return
	}
	t.looking = true
	kit.Load(func() (traffic, error) { return t.read(context.Background()) }, func(now traffic, err error) {
		t.looking = false
		if err != nil {
			return // the next look may do better; nobody asked for this one
		}
		moved := len(t.now.all)+len(now.all) > 0
		t.now = now
		if before := t.Content.Visible(); t.fill() || moved || before {
			t.tell()
		}
	})
}

func (t *Traffic) read(ctx context.Context) (now traffic, err error) {
	now.all, now.sum = t.core.Transfers(), t.core.TransferSum()
	if now.accounts, err = t.accounts(ctx); err != nil {
		return now, err
	}
	for _, a := range now.accounts {
		paused, err := t.core.Paused(ctx, a.ID)
		if err != nil {
			return now, err
		}
		now.paused = now.paused || paused
	}
	_, now.metered, err = t.core.Metered(ctx)
	return now, err
}

func (t *Traffic) tell() {
	if t.Changed != nil {
		t.Changed()
	}
}

// transfer is the transfer of a file at this moment, nil for none.
func (p *Page) transfer(id int64) *files.Transfer {
	for i := range p.traffic.now.all {
		if one := &p.traffic.now.all[i]; one.FileID == id {
			return one
		}
	}
	return nil
}

// fill shows it, and reports whether there is something to show.
func (t *Traffic) fill() bool {
	all, sum := t.now.all, t.now.sum
	if !t.now.paused && len(all) == 0 && sum.FilesDone >= sum.Files {
		t.Content.Hide()
		return false
	}
	words := app.TransferSumWords(sum, t.now.paused)
	if t.now.metered {
		words += " · " + i18n.T("filesui.metered")
	}
	t.words.Set(words)
	kit.SetVisible(t.bar, sum.Bytes > 0)
	if sum.Bytes > 0 {
		t.bar.Set(float32(float64(sum.BytesDone) / float64(sum.Bytes)))
	}
	label, icon := "filesui.pause", "pause"
	if t.now.paused {
		label, icon = "filesui.resume", "play"
	}
	t.pause.SetText(i18n.T(label))
	t.pause.SetIcon(icon)
	t.each.SetIcon(map[bool]string{false: "chevron-up", true: "chevron-down"}[t.open])
	kit.SetVisible(t.each, len(all) > 0)
	t.lines.Objects = nil
	if t.open {
		t.fillLines(all)
	}
	kit.SetVisible(t.lines, len(t.lines.Objects) > 0)
	t.Content.Show()
	t.Content.Refresh()
	return true
}

func (t *Traffic) fillLines(all []files.Transfer) {
	for _, one := range all[:min(len(all), shownTransfers)] {
		bar := kit.NewProgress(0)
		if one.Total > 0 {
			bar.Set(float32(float64(one.Done) / float64(one.Total)))
		}
		t.lines.Add(kit.NewColumn(2, kit.NewLabel(app.TransferWords(one), 12, theme.Muted, false), bar))
	}
	if more := len(all) - shownTransfers; more > 0 {
		t.lines.Add(kit.NewLabel(i18n.T("filesui.more-files", "n", more), 12, theme.Muted, false))
	}
}

// toggle stops the transfers of all accounts, or lets them go on.
func (t *Traffic) toggle() {
	pause, accounts := !t.now.paused, t.now.accounts
	kit.Act(func() error {
		for _, a := range accounts {
			if err := t.core.Pause(context.Background(), a.ID, pause); err != nil {
				return err
			}
		}
		return nil
	}, func(err error) {
		if err != nil {
			t.host.ShowError(err)
			return
		}
		t.Look()
	})
}

// bounds are what a person chose about transfers.
type bounds struct {
	down, up int64
	metered  string
}

// Ask lets a person bound what comes and goes, and say what a metered connection is.
func (t *Traffic) Ask() {
	core := t.core
	kit.Load(func() (b bounds, err error) {
		if b.down, b.up, err = core.Limits(context.Background()); err == nil {
			b.metered, _, err = core.Metered(context.Background())
		}
		return b, err
	}, func(b bounds, err error) {
		if err != nil {
			t.host.ShowError(err)
			return
		}
		showLimits(t.host, core, b)
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
	kit.AnswerWith(d, down, up)
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
