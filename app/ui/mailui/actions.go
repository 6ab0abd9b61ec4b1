// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"context"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/ui/kit"
)

// target says which messages an action is about: those chosen in the list, or the one that was opened from the
// conversation.
func (p *Page) target() []int64 {
	chosen := p.list.rows.Selected()
	if p.reader.id != 0 && len(chosen) <= 1 {
		if len(chosen) == 0 || chosen[0] != p.reader.id {
			return []int64{p.reader.id}
		}
	}
	return chosen
}

// act does something to the chosen messages. Where a row stands for a conversation, whole also takes in its other
// messages that lie in the same folder. key names the toast; it is empty for changes that are seen at once.
func (p *Page) act(key string, whole bool, do func(ctx context.Context, ids []int64) error) {
	ids := p.target()
	if len(ids) == 0 {
		return
	}
	q := p.list.query()
	whole = whole && q.Threads
	known := p.known()
	var done []int64
	p.perform(func(ctx context.Context) error {
		done = ids
		if whole {
			var err error
			if done, err = p.conversations(ctx, ids, known, q); err != nil {
				return err
			}
		}
		return do(ctx, done)
	}, func() {
		p.moveOn(done, whole)
		if key != "" {
			p.toastUndo(i18n.T(key, "n", len(done)))
		}
	})
}

// moveOn shows the message that is chosen in the list again when one that was opened from its conversation went away, and
// none where none is chosen.
func (p *Page) moveOn(gone []int64, away bool) {
	if !away || !slices.Contains(gone, p.reader.id) {
		return
	}
	switch chosen := p.list.rows.Selected(); {
	case len(chosen) == 0:
		p.stopLook()
		p.reader.clear()
	case len(chosen) == 1 && chosen[0] != p.reader.id:
		p.openMessage(chosen[0])
	}
}

// conversations adds the messages of the same conversations in the same folders. known are rows that are in memory.
func (p *Page) conversations(ctx context.Context, ids []int64, known map[int64]mail.Summary, q mail.Query) ([]int64, error) {
	out := make([]int64, 0, len(ids))
	seen := make(map[int64]bool, len(ids))
	add := func(id int64) {
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	for _, id := range ids {
		if _, ok := known[id]; !ok && len(ids) > 1 {
			if err := p.readAll(ctx, known, q); err != nil {
				return nil, err
			}
			break
		}
	}
	for _, id := range ids {
		add(id)
		s := known[id]
		if s.ThreadCount < 2 {
			continue
		}
		thread, err := p.cfg.Mail.List(ctx, mail.Query{ThreadID: s.ThreadID}, 0, s.ThreadCount)
		if err != nil {
			return nil, err
		}
		for _, t := range thread {
			if t.FolderID == s.FolderID {
				add(t.ID)
			}
		}
	}
	return out, nil
}

// readAll reads every row of a list, for a selection that reaches beyond what is in memory.
func (p *Page) readAll(ctx context.Context, into map[int64]mail.Summary, q mail.Query) error {
	n, err := p.cfg.Mail.Count(ctx, q)
	if err != nil {
		return err
	}
	all, err := p.cfg.Mail.List(ctx, q, 0, n)
	for _, s := range all {
		into[s.ID] = s
	}
	return err
}

// known gives the rows in memory around what is on screen.
func (p *Page) known() map[int64]mail.Summary {
	const around = 800
	first, n := p.list.rows.VisibleRows()
	m := make(map[int64]mail.Summary, n)
	for row := max(0, first-around); row < first+n+around; row++ {
		if i, ok := p.list.rows.At(row); ok {
			m[i.ID] = i.Summary
		}
	}
	return m
}

// toastUndo tells what was done and offers to take it back.
func (p *Page) toastUndo(words string) {
	if p.cfg.Undo == nil {
		p.cfg.Toast(words, "", nil)
		return
	}
	p.cfg.Toast(words, i18n.T("mailui.undo"), p.cfg.Undo)
}

// Delete moves the chosen messages to the trash, from there it removes them for good after a question.
func (p *Page) Delete() {
	ids := p.target()
	if len(ids) == 0 {
		return
	}
	if p.roleOf(p.list.place.Query.FolderID) == mail.RoleTrash {
		p.confirm(i18n.T("mailui.ask.purge", "n", len(ids)), i18n.T("mailui.ask.purge-text"), i18n.T("mailui.action.purge"), func() {
			p.act("", false, p.cfg.Mail.Delete)
		})
		return
	}
	p.act("mailui.done.delete", true, p.cfg.Mail.Delete)
}

// Archive moves the chosen messages to the archive.
func (p *Page) Archive() { p.act("mailui.done.archive", true, p.cfg.Mail.Archive) }

// Junk moves the chosen messages to the junk folder, or back from it.
func (p *Page) Junk() {
	spam := p.roleOf(p.list.place.Query.FolderID) != mail.RoleJunk
	key := "mailui.done.junk"
	if !spam {
		key = "mailui.done.no-junk"
	}
	p.act(key, true, func(ctx context.Context, ids []int64) error { return p.cfg.Mail.Junk(ctx, ids, spam) })
}

// MarkRead and MarkUnread change whether the chosen messages count as read.
func (p *Page) MarkRead() {
	p.stopLook()
	p.act("", true, func(ctx context.Context, ids []int64) error { return p.cfg.Mail.Mark(ctx, ids, mail.Seen, 0) })
}

// MarkUnread lets the chosen messages count as not read.
func (p *Page) MarkUnread() {
	p.stopLook()
	p.act("", false, func(ctx context.Context, ids []int64) error { return p.cfg.Mail.Mark(ctx, ids, 0, mail.Seen) })
}

// Flag marks the chosen messages, or takes the mark away where all have it.
func (p *Page) Flag() {
	all, known := true, p.known()
	for _, id := range p.target() {
		s, ok := known[id]
		if !ok && id == p.reader.id {
			s = p.reader.shown.msg.Summary
		}
		all = all && s.Flags.Has(mail.Flagged)
	}
	add, remove := mail.Flagged, mail.Flags(0)
	if all {
		add, remove = 0, mail.Flagged
	}
	p.act("", false, func(ctx context.Context, ids []int64) error { return p.cfg.Mail.Mark(ctx, ids, add, remove) })
}

// Move asks for a folder and moves the chosen messages there.
func (p *Page) Move() {
	if len(p.target()) == 0 {
		return
	}
	p.pickFolder(i18n.T("mailui.move.title"), func(f mail.Folder) {
		name := folderPath(f, p.nav.accounts)
		ids := p.target()
		q, known := p.list.query(), p.known()
		var moved []int64
		p.perform(func(ctx context.Context) (err error) {
			moved = ids
			if q.Threads {
				if moved, err = p.conversations(ctx, ids, known, q); err != nil {
					return err
				}
			}
			return p.cfg.Mail.Move(ctx, moved, f.ID)
		}, func() {
			p.moveOn(moved, true)
			p.toastUndo(i18n.T("mailui.done.move", "n", len(moved), "folder", name))
		})
	})
}

// Copy asks for a folder and copies the chosen messages there.
func (p *Page) Copy() {
	ids := p.target()
	if len(ids) == 0 {
		return
	}
	p.pickFolder(i18n.T("mailui.copy.title"), func(f mail.Folder) {
		p.perform(func(ctx context.Context) error { return p.cfg.Mail.Copy(ctx, ids, f.ID) },
			func() {
				p.toastUndo(i18n.T("mailui.done.copy", "n", len(ids), "folder", folderPath(f, p.nav.accounts)))
			})
	})
}

// actionsFor gives the buttons for an opened message, and what only the menu has.
func (p *Page) actionsFor(m mail.Message) (buttons, menu []action) {
	role := p.roleOf(m.FolderID)
	if role == mail.RoleDrafts {
		return []action{
			{Text: i18n.T("mailui.action.edit"), Icon: "pen", Do: func() { p.editDraft(m.ID) }},
			{Text: i18n.T("mailui.action.delete"), Icon: "trash", Bare: true, Do: p.Delete},
		}, nil
	}
	if role == mail.RoleOutbox {
		return p.outboxActions(m.ID)
	}
	buttons = []action{
		{Text: i18n.T("mailui.action.reply"), Icon: "reply", Quiet: true, Do: func() { p.Reply(false) }},
		{Text: i18n.T("mailui.action.reply-all"), Icon: "reply-all", Quiet: true, Do: func() { p.Reply(true) }},
		{Text: i18n.T("mailui.action.forward"), Icon: "forward", Quiet: true, Do: p.Forward},
		{Text: i18n.T("mailui.action.archive"), Icon: "archive", Quiet: true, Do: p.Archive},
	}
	if p.cfg.AsTask != nil {
		buttons = append(buttons, action{Text: i18n.T("mailui.action.task"), Icon: "check-square", Do: p.AsTask})
	}
	buttons = append(buttons,
		action{Text: i18n.T("mailui.action.delete"), Icon: "trash", Bare: true, Do: p.Delete},
		action{Text: i18n.T("mailui.action.move"), Icon: "folder", Bare: true, Do: p.Move})
	return buttons, p.moreActions(m)
}

// outboxActions are what can be done with a message that waits to be sent.
func (p *Page) outboxActions(id int64) (buttons, menu []action) {
	if p.cfg.SendNow != nil {
		buttons = append(buttons, action{Text: i18n.T("mailui.action.send-now"), Icon: "send", Do: p.SendNow})
	}
	if p.cfg.Recall != nil {
		buttons = append(buttons, action{Text: i18n.T("mailui.action.recall"), Icon: "undo", Do: func() {
			p.perform(func(ctx context.Context) error { return p.cfg.Recall(ctx, id) }, func() { p.cfg.Toast(i18n.T("mailui.done.recall"), "", nil) })
		}})
	}
	return buttons, []action{
		{Text: i18n.T("mailui.action.proof"), Icon: "circle-check", Do: p.ShowProof},
		{Text: i18n.T("mailui.action.source"), Icon: "list", Do: func() { p.showSource(id) }},
	}
}

// SendNow lets the chosen message leave the outbox at once, also where it was to wait for a later time.
func (p *Page) SendNow() {
	id := p.single()
	if id == 0 || p.cfg.SendNow == nil {
		return
	}
	p.perform(func(ctx context.Context) error { return p.cfg.SendNow(ctx, id) }, func() {
		key := "mailui.compose.sent"
		if p.cfg.Offline() {
			key = "mailui.compose.queued"
		}
		p.cfg.Toast(i18n.T(key), "", nil)
	})
}

func (p *Page) moreActions(m mail.Message) []action {
	read := action{Text: i18n.T("mailui.action.unread"), Icon: "mail", Do: p.MarkUnread}
	if !m.Flags.Has(mail.Seen) {
		read = action{Text: i18n.T("mailui.action.read"), Icon: "mail-open", Do: p.MarkRead}
	}
	flag := action{Text: i18n.T("mailui.action.flag"), Icon: "star", Do: p.Flag}
	if m.Flags.Has(mail.Flagged) {
		flag.Text = i18n.T("mailui.action.unflag")
	}
	junk := action{Text: i18n.T("mailui.action.junk"), Icon: "spam", Do: p.Junk}
	if p.roleOf(m.FolderID) == mail.RoleJunk {
		junk.Text = i18n.T("mailui.action.no-junk")
	}
	list := []action{
		read, flag, junk,
		{Text: i18n.T("mailui.action.tag"), Icon: "tag", Below: p.tagItems},
		{},
		{Text: i18n.T("mailui.action.redirect"), Icon: "forward", Do: p.Redirect},
	}
	if mine := p.own[strings.ToLower(m.From.Addr)]; mine || p.roleOf(m.FolderID) == mail.RoleSent {
		list = append(list,
			action{Text: i18n.T("mailui.action.resend"), Icon: "send", Do: p.Resend},
			action{Text: i18n.T("mailui.action.proof"), Icon: "circle-check", Do: p.ShowProof})
	}
	if link := unsubscribeLink(m.ListUnsubscribe); link != "" {
		list = append(list, action{Text: i18n.T("mailui.action.unsubscribe"), Icon: "minus", Do: func() { p.unsubscribe(m, link) }})
	}
	return append(list,
		action{Text: i18n.T("mailui.action.copy"), Icon: "copy", Do: p.Copy},
		action{Text: i18n.T("mailui.action.print"), Icon: "file", Do: p.Print},
		action{Text: i18n.T("mailui.action.save"), Icon: "download", Do: func() { p.saveRaw(m) }},
		action{Text: i18n.T("mailui.action.source"), Icon: "list", Do: func() { p.showSource(m.ID) }})
}

// manyActions are the buttons while several messages are chosen.
func (p *Page) manyActions() []action {
	return []action{
		{Text: i18n.T("mailui.action.archive"), Icon: "archive", Do: p.Archive},
		{Text: i18n.T("mailui.action.delete"), Icon: "trash", Do: p.Delete},
		{Text: i18n.T("mailui.action.move"), Icon: "folder", Do: p.Move},
		{Text: i18n.T("mailui.action.read"), Icon: "mail-open", Do: p.MarkRead},
		{Text: i18n.T("mailui.action.flag"), Icon: "star", Do: p.Flag},
		{Text: i18n.T("mailui.action.junk"), Icon: "spam", Do: p.Junk},
	}
}

// AsTask makes a task of the opened message.
func (p *Page) AsTask() {
	if ids := p.target(); p.cfg.AsTask != nil && len(ids) == 1 {
		p.cfg.AsTask(ids[0])
	}
}

// messageMenu is the context menu of the list.
func (p *Page) messageMenu(at fyne.Position) {
	ids := p.target()
	if len(ids) == 0 {
		return
	}
	items := make([]kit.MenuItem, 0, 16)
	add := func(list []action) {
		for _, a := range list {
			items = append(items, a.item())
		}
	}
	s, ok := p.known()[ids[0]]
	if len(ids) == 1 && ok {
		m := mail.Message{Summary: s}
		if p.reader.id == s.ID {
			m.ListUnsubscribe = p.reader.shown.msg.ListUnsubscribe
		}
		buttons, more := p.actionsFor(m)
		add(buttons)
		if len(more) > 0 {
			items = append(items, kit.MenuItem{})
			first, rest := splitMenu(more)
			add(first)
			if len(rest) > 0 {
				behind := kit.MenuItem{Label: i18n.T("mailui.action.more"), Icon: "more"}
				for _, a := range rest {
					behind.Children = append(behind.Children, a.item())
				}
				items = append(items, behind)
			}
		}
	} else {
		add(p.manyActions())
		items = append(items, kit.MenuItem{Label: i18n.T("mailui.action.unread"), Icon: "mail", Act: p.MarkUnread},
			kit.MenuItem{Label: i18n.T("mailui.action.tag"), Icon: "tag", Children: p.tagItems()},
			kit.MenuItem{Label: i18n.T("mailui.action.print"), Icon: "file", Act: p.Print})
	}
	for len(items) > 0 && items[len(items)-1].Label == "" {
		items = items[:len(items)-1]
	}
	kit.PopUp(p.cols, at, items...)
}

// splitMenu takes what comes before the first separator, and what comes after it.
func splitMenu(list []action) (first, rest []action) {
	for i, a := range list {
		if a.Text == "" {
			return list[:i], list[i+1:]
		}
	}
	return list, nil
}

// listMenu is the menu of the list's header: what is shown, and how.
func (p *Page) listMenu() {
	l := p.list
	kit.PopUpBelow(l.head, append(append(p.orderItems(), kit.MenuItem{}),
		kit.MenuItem{Label: i18n.T("mailui.list.threads"), Icon: tick(l.threads), Act: func() { l.threads = !l.threads; l.show(); p.left() }},
		kit.MenuItem{},
		kit.MenuItem{Label: i18n.T("mailui.list.unread-only"), Icon: tick(l.filter.unread.On), Act: func() { p.filterBy(l.filter.unread) }},
		kit.MenuItem{Label: i18n.T("mailui.list.flagged-only"), Icon: tick(l.filter.flagged.On), Act: func() { p.filterBy(l.filter.flagged) }},
		kit.MenuItem{Label: i18n.T("mailui.list.filter"), Icon: "filter", Act: p.Filter},
		kit.MenuItem{},
		kit.MenuItem{Label: i18n.T("mailui.list.all-read"), Icon: "mail-open", Act: func() { p.allRead(l.place.Query) }},
	)...)
}

func (p *Page) filterBy(t *toggle) {
	t.On = !t.On
	t.Refresh()
	p.list.filter.Show()
	p.list.show()
	p.list.Refresh()
}

// Filter opens the filter bar.
func (p *Page) Filter() {
	p.list.filter.Show()
	p.list.Refresh()
	kit.Focus(p.list.filter.words)
}

// allRead marks everything in a place as read.
func (p *Page) allRead(q mail.Query) {
	q.UnreadOnly = true
	n := 0
	p.perform(func(ctx context.Context) error {
		total, err := p.cfg.Mail.Count(ctx, q)
		if err != nil || total == 0 {
			return err
		}
		list, err := p.cfg.Mail.List(ctx, q, 0, total)
		if err != nil {
			return err
		}
		ids := make([]int64, len(list))
		for i, s := range list {
			ids[i] = s.ID
		}
		n = len(ids)
		return p.cfg.Mail.Mark(ctx, ids, mail.Seen, 0)
	}, func() { p.toastUndo(i18n.T("mailui.done.all-read", "n", n)) })
}

// listKey handles the keys of the list that need no modifier.
func (p *Page) listKey(ev *fyne.KeyEvent) bool {
	switch ev.Name {
	case fyne.KeyDelete:
		p.Delete()
	case fyne.KeyInsert:
		p.Flag()
	case fyne.KeyRight:
		if p.reader.id != 0 {
			p.cols.Front(paneReader)
			kit.Focus(p.reader.sheet.body)
		}
	case fyne.KeyLeft:
		p.cols.Front(paneNav)
		kit.Focus(p.nav.list)
	case fyne.KeySpace:
		return p.pageOn()
	default:
		return false
	}
	return true
}

// pageOn scrolls the message, and at its end goes on to the next one.
func (p *Page) pageOn() bool {
	if p.reader.id == 0 {
		return false
	}
	if p.reader.atEnd() {
		p.list.rows.SelectRow(p.list.rows.CursorRow() + 1)
		return true
	}
	return p.reader.scrollBy(&fyne.KeyEvent{Name: fyne.KeyPageDown})
}

// readerKey handles keys of the reader that do not scroll.
func (p *Page) readerKey(from fyne.CanvasObject, ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeyDelete:
		p.Delete()
	case fyne.KeyInsert:
		p.Flag()
	case fyne.KeyEscape:
		p.cols.Front(paneList)
		kit.Focus(p.list.rows)
	default:
		kit.PassKey(from, ev)
	}
}
