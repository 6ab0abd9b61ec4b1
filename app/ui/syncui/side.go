// SPDX-License-Identifier: EUPL-1.2

package syncui

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
	"kontor/storage"
	"kontor/sync/transport"
)

// side is the right column: the chosen entry, what is here without a network, and the connections.
type side struct {
	page    *Page
	content *kit.Scroller
	box     *fyne.Container
	idle    *kit.Paragraph // nothing is on its way
	chosen  *entry
	choice  *kit.Button // the first button of a decision, or of an operation
	buttons []*kit.Button
	snap    app.Snapshot
	room    app.Travel
	names   map[int64]string
	narrow  bool // the column is shown alone, or not at all
	many    bool // several accounts: connections name theirs
}

func newSide(p *Page) *side {
	s := &side{page: p, box: kit.NewColumn(8), idle: kit.NewParagraph(i18n.T("syncui.transfers.none"), 13, theme.Muted)}
	padded := kit.NewPanel(theme.Surface, s.box).Padded(18, 20, 18, 20)
	s.content = kit.NewScroller(padded)
	return s
}

// read fetches the state of everything.
func (s *side) read() {
	type state struct {
		snap     app.Snapshot
		room     app.Travel
		accounts []storage.Account
	}
	p := s.page
	kit.Load(func() (st state, err error) {
		if st.snap, err = p.cfg.Snapshot(p.ctx); err == nil {
			st.accounts, err = p.cfg.Accounts(p.ctx)
		}
		if st.room.Free = -1; err == nil && p.cfg.Travel != nil {
			st.room, err = p.cfg.Travel.Room(p.ctx)
		}
		return st, err
	}, func(st state, err error) {
		if err != nil {
			p.cfg.ShowError(err)
			return
		}
		s.snap, s.room, s.names, s.many = st.snap, st.room, map[int64]string{}, len(st.accounts) > 1
		for _, a := range st.accounts {
			s.names[a.ID] = a.Name
		}
		if p.offline != st.snap.Offline {
			p.offline = st.snap.Offline
			p.list.Refresh()
		}
		s.build()
	})
}

// choose shows an entry above the rest.
func (s *side) choose(e entry, on bool) {
	s.chosen = nil
	if on && (e.conflict != nil || e.op.ID != 0) {
		s.chosen = &e
	}
	s.build()
}

// follow shows what became of the chosen entry, and lets it go once it is over.
func (s *side) follow(all []entry) {
	if s.chosen == nil {
		if slices.ContainsFunc(s.snap.Connections, func(c storage.Connection) bool { return c.Cause == string(transport.CausePaused) }) {
			s.build() // the question that it waits for may have come just now
		}
		return
	}
	i := slices.IndexFunc(all, func(e entry) bool { return e.key() == s.chosen.key() })
	if i < 0 {
		s.choose(entry{}, false)
		return
	}
	s.choose(all[i], true)
}

func (s *side) focusChoice() {
	if s.choice != nil {
		kit.Focus(s.choice)
	}
}

func (s *side) build() {
	restore := s.keepFocus()
	s.choice, s.buttons = nil, nil
	var all []fyne.CanvasObject
	if s.narrow {
		all = append(all, kit.NewRowOf(0, s.add(kit.NewPlain(i18n.T("syncui.back"), "chevron-left", func() { s.page.content.Front(-1) }))))
	}
	if s.chosen != nil {
		if c := s.chosen.conflict; c != nil {
			all = append(all, s.decision(*c)...)
		} else {
			all = append(all, s.details(s.chosen.op)...)
		}
		all = append(all, kit.Space(0, 8))
	}
	all = append(all, s.transfers()...)
	all = append(all, s.offlineBlock()...)
	all = append(all, kit.Space(0, 8))
	all = append(all, s.connections()...)
	s.box.Objects = all
	s.box.Refresh()
	s.content.Reflow()
	restore()
}

// transfers shows what is on its way at this moment.
func (s *side) transfers() []fyne.CanvasObject {
	t := s.page.cfg.Traffic
	if t.Content == nil {
		return nil
	}
	settings := s.add(kit.NewLink(i18n.T("syncui.transfers.settings"), t.Settings))
	kit.SetVisible(s.idle, !t.Content.Visible())
	return []fyne.CanvasObject{kit.NewRowOf(8, kit.Full(kit.Heading(i18n.T("syncui.transfers"))), settings), t.Content, s.idle, kit.Space(0, 8)}
}

// travelling tells that what is on its way has changed.
func (s *side) travelling() {
	kit.SetVisible(s.idle, !s.page.cfg.Traffic.Content.Visible())
	s.content.Reflow()
}

// entrance is the button of the column that takes the keyboard, nil for none: the one that has it, else the first.
func (s *side) entrance() *kit.Button {
	if len(s.buttons) == 0 {
		return nil
	}
	if focused := s.focused(); focused != nil {
		return focused
	}
	return s.buttons[0]
}

// focused is the button of the column that has the keyboard, nil for none.
func (s *side) focused() *kit.Button {
	c := fyne.CurrentApp().Driver().CanvasForObject(s.box)
	if c == nil {
		return nil
	}
	b, _ := c.Focused().(*kit.Button)
	if !slices.Contains(s.buttons, b) {
		return nil
	}
	return b
}

// keepFocus notes which button has the keyboard, and gives it to the one of the same words that takes its place.
func (s *side) keepFocus() func() {
	old := s.focused()
	if old == nil {
		return func() {}
	}
	return func() {
		for _, b := range s.buttons {
			if b.AccessibilityLabel() == old.AccessibilityLabel() {
				kit.Focus(b)
				return
			}
		}
		kit.Focus(s.page.list)
	}
}

// add notes a button of the column.
func (s *side) add(b *kit.Button) *kit.Button {
	s.buttons = append(s.buttons, b)
	return b
}

// details shows one operation.
func (s *side) details(op journal.Op) []fyne.CanvasObject {
	e := entry{op: op}
	words, _ := e.words()
	tries := ""
	if op.Tries > 0 {
		tries = fmt.Sprint(op.Tries)
	}
	next := ""
	if op.State == journal.Waiting && op.NextTry.After(s.page.now()) {
		next = i18n.DateTime(op.NextTry)
	}
	mark, icon, tone := e.state(s.page.offline, s.page.now())
	all := []fyne.CanvasObject{
		kit.Heading(words), kit.NewRowOf(0, kit.NewBadge(mark, icon, tone)), wrapped(op.Target),
		kit.NewDetailGrid(
			kit.Detail{Label: i18n.T("syncui.detail.created"), Value: i18n.DateTime(op.Created)},
			kit.Detail{Label: i18n.T("syncui.detail.tries"), Value: tries},
			kit.Detail{Label: i18n.T("syncui.detail.next"), Value: next},
			kit.Detail{Label: i18n.T("syncui.detail.proof"), Value: op.Proof},
		),
	}
	if op.LastError != "" && op.State.Pending() {
		title, advice := app.ExplainOp(op)
		all = append(all, kit.Section(i18n.T("syncui.detail.happened")), wrapped(title), wrapped(advice), kit.Section(i18n.T("syncui.detail.server-says")), wrapped(op.LastError))
	}
	if title, advice := app.ExplainOp(op); op.State == journal.Done && title != "" {
		all = append(all, kit.Section(i18n.T("syncui.detail.happened")), wrapped(title), wrapped(advice))
	}
	if words := fate(op, s.snap.ByChoice); words != "" {
		all = append(all, wrapped(words))
	}
	var buttons []fyne.CanvasObject
	for _, v := range e.verbs() {
		b := s.add(kit.NewPlain(i18n.T("syncui.verb."+string(v)), verbIcons[v], func() { s.page.do(e, v) }))
		if s.choice == nil {
			s.choice = b
		}
		buttons = append(buttons, b)
	}
	if len(buttons) > 0 {
		all = append(all, kit.NewRowOf(8, buttons...))
	}
	return all
}

// decision shows a conflict with both versions.
func (s *side) decision(c app.Conflict) []fyne.CanvasObject {
	q := ask(c)
	all := []fyne.CanvasObject{
		kit.Heading(c.Title), kit.NewRowOf(0, kit.NewBadge(i18n.T("syncui.state.decide"), "warning", kit.ToneBad)),
		wrapped(q.why),
	}
	if q.safe != "" {
		all = append(all, kit.NewParagraph(q.safe, 13, theme.Text), wrapped(q.advice))
	}
	button := func(choice app.Choice, key, did string, build func(string, func()) *kit.Button) *kit.Button {
		b := s.add(build(i18n.T(key), func() { s.page.resolve(c, choice, did) }))
		if s.choice == nil {
			s.choice = b
		}
		return b
	}
	plain := func(words string, tap func()) *kit.Button { return kit.NewPlain(words, "", tap) }
	if q.brake != nil {
		return append(all, s.brake(*q.brake, button, plain)...)
	}
	if q.versions && c.Kind == "file" && s.page.cfg.Compare != nil {
		compare := s.add(kit.NewPrimary(i18n.T("syncui.compare"), func() { s.page.cfg.Compare(c.ID) }))
		s.choice = compare
		all = append(all, compare)
	}
	if q.both {
		build := kit.NewPrimary
		if s.choice != nil {
			build = plain
		}
		all = append(all, button(app.Both, "syncui.choose.both", "syncui.decided.both", build))
	}
	if !q.versions {
		return append(all, kit.NewColumn(8, button(app.Mine, "syncui.choose.mine", "syncui.decided.mine", plain), button(app.Theirs, "syncui.choose.theirs", "syncui.decided.theirs", plain)))
	}
	return append(all,
		kit.NewCard(kit.NewColumn(8, kit.Section(i18n.T("syncui.mine")), kit.NewDetailGrid(q.mine...), button(app.Mine, "syncui.choose.mine", "syncui.decided.mine", plain))),
		kit.NewCard(kit.NewColumn(8, kit.Section(i18n.T("syncui.theirs")), kit.NewDetailGrid(q.theirs...), button(app.Theirs, "syncui.choose.theirs", "syncui.decided.theirs", plain))),
	)
}

// shownPaths is how many of the files that would be deleted are named.
const shownPaths = 6

// brake shows what would be deleted, and lets a person say whether it shall be.
func (s *side) brake(b brake, button func(app.Choice, string, string, func(string, func()) *kit.Button) *kit.Button, plain func(string, func()) *kit.Button) []fyne.CanvasObject {
	if b.goOn == "" {
		return []fyne.CanvasObject{kit.NewRowOf(0, button(b.keep, b.words.keep, b.words.kept, kit.NewPrimary))}
	}
	var all []fyne.CanvasObject
	if len(b.paths) > 0 {
		all = append(all, kit.Section(i18n.T(b.words.lost)))
		for _, p := range b.paths[:min(len(b.paths), shownPaths)] {
			all = append(all, wrapped(p))
		}
	}
	return append(all, kit.NewColumn(8,
		kit.NewRowOf(0, button(b.keep, b.words.keep, b.words.kept, kit.NewPrimary)),
		kit.NewRowOf(0, button(b.goOn, b.words.goOn, b.words.gone, plain))))
}

// offlineBlock says what is here without a network.
func (s *side) offlineBlock() []fyne.CanvasObject {
	caption := i18n.T("syncui.offline.never")
	if !s.snap.LastSync.IsZero() {
		caption = i18n.T("syncui.offline.caption", "when", i18n.Day(s.snap.LastSync, s.page.now()))
	}
	free := "" // not shown
	if s.room.Free >= 0 {
		free = i18n.Size(s.room.Free)
	}
	return append([]fyne.CanvasObject{
		kit.Heading(i18n.T("syncui.offline.title")), wrapped(caption),
		kit.NewDetailGrid(
			kit.Detail{Label: i18n.T("syncui.offline.mail"), Value: i18n.T("syncui.offline.mails", "n", s.snap.Mails, "count", i18n.Count(s.snap.Mails))},
			kit.Detail{Label: i18n.T("syncui.offline.files"), Value: i18n.T("syncui.offline.files-n", "n", s.snap.Files, "count", i18n.Count(s.snap.Files))},
			kit.Detail{Label: i18n.T("syncui.offline.tasks"), Value: i18n.T("syncui.offline.tasks-n", "n", s.snap.OpenTasks, "count", i18n.Count(s.snap.OpenTasks))},
			kit.Detail{Label: i18n.T("syncui.offline.space"), Value: i18n.Size(s.snap.OfflineBytes)},
			kit.Detail{Label: i18n.T("syncui.offline.free"), Value: free},
		),
	}, s.kept()...)
}

// connections shows each server with its next attempt.
func (s *side) connections() []fyne.CanvasObject {
	all := []fyne.CanvasObject{kit.Heading(i18n.T("syncui.connections"))}
	lines := kit.NewColumn(0)
	if len(s.snap.Connections) == 0 {
		return append(all, kit.Caption(i18n.T("syncui.no-connections")))
	}
	next := time.Time{}
	sorted := inOrder(s.snap.Connections)
	for i, c := range sorted {
		name := i18n.T("syncui.protocol." + c.Protocol)
		if s.many {
			name += " · " + s.names[c.AccountID]
		}
		words, icon, tone := connectionState(c)
		if s.snap.ByChoice {
			words, icon, tone = i18n.T("syncui.cause.choice"), "cloud-off", kit.ToneMuted
		}
		badge := kit.NewBadge(words, icon, tone)
		line := kit.NewDock(nil, kit.HLine(), nil, container.NewCenter(badge), kit.NewPanel(theme.Surface, kit.NewLabel(name, 14, theme.Text, false)).Padded(8, 8, 8, 2))
		lines.Add(line)
		said := i+1 < len(sorted) && causeWhy(sorted[i+1]) == causeWhy(c) // below the next one
		if why := causeWhy(c); why != "" && !said && !s.snap.ByChoice {
			lines.Add(kit.NewPanel(theme.Surface, wrapped(why)).Padded(4, 8, 8, 2))
			if b := s.remedy(c); b != nil {
				lines.Add(kit.NewRowOf(0, s.add(b)))
				lines.Add(kit.Space(0, 6))
			}
		}
		if c.Cause != "" && !c.NextTry.IsZero() && (next.IsZero() || c.NextTry.Before(next)) {
			next = c.NextTry
		}
	}
	all = append(all, lines)
	if s.snap.ByChoice && s.page.cfg.Connect != nil {
		all = append(all, wrapped(i18n.T("syncui.cause-why.choice")), kit.NewRowOf(0, s.add(kit.NewPlain(i18n.T("syncui.connect"), "sync", s.page.cfg.Connect))))
	}
	if !next.IsZero() && !s.snap.ByChoice {
		all = append(all, kit.Caption(i18n.T("syncui.next-try", "when", inWords(next.Sub(s.page.now())))))
	}
	return all
}

// remedy is the button that leads to where a person can do something about a connection, nil where nobody can.
func (s *side) remedy(c storage.Connection) *kit.Button {
	switch transport.Cause(c.Cause) {
	case transport.CauseSignIn, transport.CauseHost:
		if s.page.cfg.Mend != nil {
			return kit.NewPlain(i18n.T("syncui.mend"), "gear", s.page.cfg.Mend)
		}
	case transport.CausePaused:
		all := s.page.all.Items()
		i := slices.IndexFunc(all, func(e entry) bool {
			return e.conflict != nil && e.conflict.AccountID == c.AccountID && ask(*e.conflict).brake != nil
		})
		if i >= 0 && (s.chosen == nil || s.chosen.key() != all[i].key()) {
			return kit.NewPlain(i18n.T("syncui.to-question"), "warning", func() { s.page.do(all[i], decideIt) })
		}
	case transport.CauseNone, transport.CauseOffline, transport.CauseChoice, transport.CauseUnreachable, transport.CausePortal, transport.CauseCertificate,
		transport.CauseNoTLS, transport.CauseServer:
	}
	return nil
}

// inOrder puts the connections of each account into the order of the rail.
func inOrder(all []storage.Connection) []storage.Connection {
	place := map[string]int{"mail": 0, "send": 1, "files": 2, "tasks": 3}
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b storage.Connection) int {
		return cmp.Or(cmp.Compare(a.AccountID, b.AccountID), cmp.Compare(place[a.Protocol], place[b.Protocol]))
	})
	return sorted
}

// connectionState gives the badge of a connection.
func connectionState(c storage.Connection) (string, string, kit.Tone) {
	cause := transport.Cause(c.Cause)
	switch cause {
	case transport.CauseNone:
		return i18n.T("syncui.cause.ok", "when", i18n.Clock(c.LastOK)), "check", kit.ToneGood
	case transport.CauseSignIn, transport.CauseCertificate, transport.CauseNoTLS, transport.CausePaused:
		return i18n.T("syncui.cause." + c.Cause), "warning", kit.ToneBad
	}
	return i18n.T("syncui.cause." + c.Cause), "cloud-off", kit.ToneWarn
}

// causeWhy says what happened to a connection, what is safe and what to do, where that is more than that there is no network.
func causeWhy(c storage.Connection) string {
	switch transport.Cause(c.Cause) {
	case transport.CauseNone, transport.CauseOffline, transport.CauseChoice:
		return ""
	}
	return i18n.T("syncui.cause-why." + c.Cause)
}

// inWords writes a waiting time as "0:42".
func inWords(d time.Duration) string {
	seconds := max(int(d.Seconds()), 0)
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}

// wrapped is text of several lines.
func wrapped(words string) fyne.CanvasObject { return kit.NewParagraph(words, 13, theme.Muted) }
