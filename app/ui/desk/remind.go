// SPDX-License-Identifier: EUPL-1.2

package desk

import (
	"runtime"

	"fyne.io/fyne/v2"

	"kontor/app/tasks"
	"kontor/app/ui/remindui"
)

// newRinger makes what tells of reminders, for all frames that the window will have.
func (d *desk) newRinger() *remindui.Ringer {
	c := remindui.Config{
		Tasks: d.Core.Tasks, Messages: d.Messages, Quiet: d.Core.Remind, Log: d.Log,
		Open:  func(id int64) { d.shell.Open("tasks", id) },
		Front: func() { d.win.Show(); d.win.RequestFocus() },
	}
	if runtime.GOOS != "linux" { // there the toolkit asks the same service that has just failed
		c.Plain = func(title, text string) { d.app.SendNotification(fyne.NewNotification(title, text)) }
	}
	return remindui.New(c)
}

// remind rings until the window is closed.
func (d *desk) remind() {
	d.Core.Remind.Run(d.ctx, func(ringing, open []tasks.Ring) { d.ringer.Show(d.ctx, ringing, open) })
}

// listenForAnswers takes what people answer in messages of the desktop.
func (d *desk) listenForAnswers() { d.ringer.Listen(d.ctx) }
