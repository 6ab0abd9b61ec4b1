// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"fyne.io/fyne/v2"

	"kontor/app/i18n"
	"kontor/app/ui"
)

// Actions implements ui.Page: what can be done here, by shortcut or from the command palette.
func (p *Page) Actions() []ui.Action {
	ctrl, shift := ui.Ctrl, ui.CtrlShift
	act := func(key, icon string, k fyne.KeyName, mod fyne.KeyModifier, do func()) ui.Action {
		return ui.Action{Title: i18n.T("mailui." + key), Icon: icon, Key: k, Mod: mod, Do: do}
	}
	also := func(k fyne.KeyName, mod fyne.KeyModifier, do func()) ui.Action {
		return ui.Action{Key: k, Mod: mod, Do: do, Silent: true}
	}
	all := []ui.Action{
		act("new", "plus", fyne.KeyN, ctrl, p.Write),
		also(fyne.KeyM, shift, p.Write),
		act("action.reply", "reply", fyne.KeyR, ctrl, func() { p.Reply(false) }),
		act("action.reply-all", "reply-all", fyne.KeyR, shift, func() { p.Reply(true) }),
		act("action.forward", "forward", fyne.KeyL, ctrl, p.Forward),
		also(fyne.KeyF, ctrl, p.Forward),
		act("action.archive", "archive", fyne.KeyA, shift, p.Archive),
		act("action.delete", "trash", fyne.KeyD, ctrl, p.Delete),
		act("action.move", "folder", fyne.KeyV, shift, p.Move),
		act("action.copy", "copy", "", 0, p.Copy),
		act("action.read", "mail-open", fyne.KeyQ, ctrl, p.MarkRead),
		act("action.unread", "mail", fyne.KeyU, ctrl, p.MarkUnread),
		act("action.flag", "star", "", 0, p.Flag),
		act("action.junk", "spam", fyne.KeyJ, shift, p.Junk),
		act("action.tag", "tag", fyne.KeyL, shift, p.Tag),
		act("action.redirect", "forward", fyne.KeyB, shift, p.Redirect),
		act("action.resend", "send", "", 0, p.Resend),
		act("action.proof", "circle-check", "", 0, p.ShowProof),
		act("action.print", "file", fyne.KeyP, ctrl, p.Print),
		act("action.source", "list", "", 0, p.ShowSource),
		act("action.send-now", "send", "", 0, p.SendNow),
		act("folder.info", "info", "", 0, p.FolderInfo),
		act("keep.open", "download", "", 0, p.Offline),
		act("list.filter", "filter", fyne.KeyF, shift, p.Filter),
		also(fyne.KeyK, shift, p.Filter),
	}
	if p.cfg.AsTask != nil {
		all = append(all, act("action.task", "check-square", fyne.KeyT, shift, p.AsTask))
	}
	return all
}
