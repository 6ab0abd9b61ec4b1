// SPDX-License-Identifier: EUPL-1.2

// Package remindui shows the reminders that ring: as messages of the desktop, and in a card in the corner of the window
// until each is answered.
package remindui

import (
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"kontor/app/i18n"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// most is how many reminders the card shows; more appear as those are answered.
const most = 30

// card lists reminders that wait for an answer.
type card struct {
	widget.BaseWidget
	panel   *kit.Panel
	top     *fyne.Container
	list    *fyne.Container
	scroll  *kit.Scroller
	buttons [][]*kit.Button // of each reminder
	head    []*kit.Button
	label   string
}

// answers is what a person can do about reminders.
type answers struct {
	done, soon, tomorrow func(tasks.Ring)
	dismiss              func([]tasks.Ring)
	open                 func(tasks.Ring)
	hide                 func()
	quiet                func(*kit.Button) // nil where there is nothing to choose
}

func newCard(open []tasks.Ring, now time.Time, do answers) *card {
	c := &card{list: kit.NewColumn(10)}
	for i, r := range open[:min(len(open), most)] {
		if i > 0 {
			c.list.Add(kit.HLine())
		}
		c.list.Add(c.reminder(r, now, do))
	}
	title := i18n.T("remind.title", "n", len(open))
	c.head = []*kit.Button{kit.NewIconButton("minus", i18n.T("remind.hide"), do.hide)}
	if len(open) > 1 {
		c.head = slices.Insert(c.head, 0, kit.NewLink(i18n.T("remind.dismiss-all"), func() { do.dismiss(open) }))
	}
	if do.quiet != nil {
		var b *kit.Button
		b = kit.NewIconButton("pause", i18n.T("remind.quiet"), func() { do.quiet(b) })
		c.head = slices.Insert(c.head, len(c.head)-1, b)
	}
	head := container.NewHBox()
	for _, b := range c.head {
		head.Add(b)
	}
	c.top = kit.NewDock(nil, nil, nil, head, kit.Heading(title))
	c.scroll = kit.NewScroller(c.list)
	c.panel = kit.NewPanel(theme.Surface, kit.NewDock(kit.NewColumn(8, c.top, kit.HLine(), kit.Space(0, 2)), nil, nil, nil, c.scroll.Container)).
		Rounded(10, theme.Accent).Padded(10, 14, 12, 14)
	c.label = title
	c.ExtendBaseWidget(c)
	return c
}

func row(buttons []*kit.Button) *fyne.Container {
	objects := make([]fyne.CanvasObject, len(buttons))
	for i, b := range buttons {
		objects[i] = b
	}
	return kit.NewRowOf(6, objects...)
}

// reminder is one of the list: what, when, and the ways to answer.
func (c *card) reminder(r tasks.Ring, now time.Time, do answers) fyne.CanvasObject {
	var all []*kit.Button
	if !r.ReadOnly {
		all = append(all, kit.NewPlain(i18n.T("remind.done"), "check", func() { do.done(r) }),
			kit.NewPlain(i18n.T("remind.soon"), "", func() { do.soon(r) }),
			kit.NewPlain(i18n.T("remind.tomorrow"), "", func() { do.tomorrow(r) }))
	}
	all = append(all, kit.NewIconButton("external", i18n.T("remind.open"), func() { do.open(r) }),
		kit.NewIconButton("close", i18n.T("remind.dismiss"), func() { do.dismiss([]tasks.Ring{r}) }))
	c.buttons = append(c.buttons, all)
	return kit.NewColumn(4, kit.NewParagraph(titleOf(r), 14, theme.Text), kit.NewParagraph(whenWords(r, now), 12, theme.Muted), row(all))
}

func titleOf(r tasks.Ring) string {
	if t := strings.TrimSpace(r.Title); t != "" {
		return t
	}
	return i18n.T("remind.untitled")
}

// whenWords says when a task is due, or when it reminded where it is not.
func whenWords(r tasks.Ring, now time.Time) string {
	if r.Due.IsZero() {
		return i18n.T("remind.no-date", "when", momentWords(tasks.When{Time: r.At}, now))
	}
	key, over := "remind.due", r.Due.Time
	if r.Due.AllDay {
		over = over.AddDate(0, 0, 1)
	}
	if !over.After(now) {
		key = "remind.was-due"
	}
	return i18n.T(key, "when", momentWords(r.Due, now))
}

// momentWords says a moment within a sentence: "heute, 14:00".
func momentWords(w tasks.When, now time.Time) string {
	y, m, d := now.Local().Date()
	day := i18n.T("remind.day.on", "day", i18n.Date(w.Time.Local()))
	for offset, key := range map[int]string{-1: "remind.day.yesterday", 0: "remind.day.today", 1: "remind.day.tomorrow"} {
		from := time.Date(y, m, d+offset, 0, 0, 0, 0, time.Local)
		if !w.Time.Before(from) && w.Time.Before(from.AddDate(0, 0, 1)) {
			day = i18n.T(key)
		}
	}
	if w.AllDay {
		return day
	}
	return day + ", " + i18n.Clock(w.Time)
}

// HeightIn implements kit.Cornered.
func (c *card) HeightIn(width float32) float32 {
	inner := max(width-theme.Px(28), 1)
	c.top.Resize(fyne.NewSize(inner, c.top.MinSize().Height))
	c.list.Resize(fyne.NewSize(inner, c.list.MinSize().Height))
	c.list.Resize(fyne.NewSize(inner, c.list.MinSize().Height)) // what wraps knows its height only now
	return c.top.MinSize().Height + c.list.MinSize().Height + theme.Px(22+8+8+2+6)
}

// CreateRenderer implements fyne.Widget.
func (c *card) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(c.panel) }

// AccessibilityLabel implements fyne.Accessible.
func (c *card) AccessibilityLabel() string { return c.label }

// AccessibilityRole implements fyne.Accessible.
func (c *card) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleContainer }

// place is where the keyboard is: the number of the reminder (-1 for the head) and of its button; false for elsewhere.
func (c *card) place() (at, button int, ok bool) {
	for i, all := range append([][]*kit.Button{c.head}, c.buttons...) {
		if b := slices.IndexFunc(all, (*kit.Button).Focused); b >= 0 {
			return i - 1, b, true
		}
	}
	return 0, 0, false
}

// focus gives the keyboard to a button, or to the one that is nearest to where that was.
func (c *card) focus(at, button int) {
	all := c.head
	if at >= 0 && len(c.buttons) > 0 {
		all = c.buttons[min(at, len(c.buttons)-1)]
	}
	kit.Focus(all[min(button, len(all)-1)])
}
