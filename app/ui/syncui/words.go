// SPDX-License-Identifier: EUPL-1.2

package syncui

import (
	"encoding/json"
	"strings"
	"time"

	"kontor/app"
	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
)

// entry is one line of the list: an operation or a conflict.
type entry struct {
	op       journal.Op
	conflict *app.Conflict
}

// key tells entries apart.
func (e entry) key() int64 {
	if e.conflict != nil {
		return -e.conflict.ID
	}
	return e.op.ID
}

// verb is what can be done about an entry.
type verb string

const (
	cancelIt  verb = "cancel"
	retryIt   verb = "retry"
	sendIt    verb = "send" // retryIt for a message, which leaves now, whenever it was to leave
	holdIt    verb = "hold"
	releaseIt verb = "release"
	decideIt  verb = "decide"
)

// verbs gives what can be done, the most likely first.
func (e entry) verbs() []verb {
	if e.conflict != nil {
		return []verb{decideIt}
	}
	switch e.op.State {
	case journal.Waiting:
		if e.op.Kind == journal.MailSend {
			return []verb{cancelIt, holdIt, sendIt}
		}
		return []verb{cancelIt, holdIt, retryIt}
	case journal.Held:
		return []verb{releaseIt, cancelIt}
	case journal.Failed:
		return []verb{retryIt, cancelIt}
	case journal.Running, journal.InDoubt, journal.Done, journal.Cancelled:
	}
	return nil
}

// words gives what the operation is, in words and as an icon.
func (e entry) words() (string, string) {
	if c := e.conflict; c != nil {
		if ask(*c).brake != nil {
			return i18n.T("syncui.safety"), kindIcon(c.Kind)
		}
		return i18n.T("syncui.conflict"), kindIcon(c.Kind)
	}
	return i18n.T("syncui.kind." + string(e.op.Kind)), opIcon(e.op.Kind)
}

func kindIcon(kind string) string {
	switch kind {
	case "file":
		return "folder"
	case "task":
		return "check-square"
	}
	return "mail"
}

func opIcon(k journal.Kind) string {
	switch k {
	case journal.MailSend:
		return "send"
	case journal.MailFlags:
		return "flag"
	case journal.MailMove, journal.MailCopy, journal.MailAppend:
		return "inbox"
	case journal.MailDelete, journal.FileDelete, journal.TaskDelete, journal.TaskListDelete, journal.MailFolderDelete:
		return "trash"
	case journal.FilePut:
		return "upload"
	case journal.MailFolderCreate, journal.MailFolderRename, journal.FileMkdir, journal.FileMove:
		return "folder"
	case journal.TaskPut, journal.TaskMove:
		return "check-square"
	case journal.TaskListCreate, journal.TaskListEdit:
		return "list"
	}
	return "sync"
}

// about is what the entry is about. Of a path the name comes first, since the end is cut off where there is no room.
func (e entry) about() string {
	if e.conflict != nil {
		return aboutConflict(*e.conflict)
	}
	return about(e.op.Target, strings.HasPrefix(string(e.op.Kind), "file."))
}

// aboutConflict names the other person too, where that is known.
func aboutConflict(c app.Conflict) string {
	var d files.ConflictDetail
	if c.Kind == "file" && json.Unmarshal(c.Detail, &d) == nil && d.Who != nil && d.Who.Changed != "" && !d.Who.Self {
		return i18n.T("syncui.conflict.with", "what", files.Base(c.Title), "who", d.Who.Changed)
	}
	return about(c.Title, c.Kind == "file")
}

func about(words string, isPath bool) string {
	if folder := files.Parent(words); isPath && folder != "" && !strings.Contains(words, " → ") {
		return files.Base(words) + " · " + folder
	}
	return words
}

// when is the moment that is shown.
func (e entry) when() time.Time {
	if e.conflict != nil {
		return e.conflict.Created
	}
	if e.op.State.Final() {
		return e.op.Updated
	}
	return e.op.Created
}

// soon is up to when a message that waits to be sent counts seconds.
const soon = 3 * time.Minute

// state gives the badge of an entry: words, glyph, tone.
func (e entry) state(offline bool, now time.Time) (string, string, kit.Tone) {
	if e.conflict != nil {
		return i18n.T("syncui.state.decide"), "warning", kit.ToneBad
	}
	op := e.op
	switch op.State {
	case journal.Waiting:
		switch {
		case offline:
			return i18n.T("syncui.state.waiting-offline"), "clock", kit.ToneWarn
		case op.LastError != "" && op.NextTry.After(now):
			return i18n.T("syncui.state.retry-at", "when", i18n.Clock(op.NextTry)), "clock", kit.ToneWarn
		case op.Kind == journal.MailSend && op.NextTry.Sub(now) > soon:
			return i18n.T("syncui.state.sends-at", "when", i18n.DateTime(op.NextTry)), "clock", kit.ToneAccent
		case op.Kind == journal.MailSend && op.NextTry.After(now):
			return i18n.T("syncui.state.sends-in", "n", int(op.NextTry.Sub(now).Seconds())+1), "clock", kit.ToneAccent
		}
		return i18n.T("syncui.state.waiting"), "clock", kit.ToneWarn
	case journal.Running, journal.InDoubt, journal.Failed, journal.Held:
		m := journal.MarkOf(op.State)
		icon, tone := kit.MarkLook(m)
		return kit.MarkWords(m), icon, tone
	case journal.Done:
		return i18n.T("syncui.state.done", "when", i18n.Clock(op.Updated)), "check", kit.ToneGood
	case journal.Cancelled:
	}
	return i18n.T("syncui.state.cancelled"), "undo", kit.ToneMuted
}

// fate says what becomes of an operation by itself, where its state leaves that open.
func fate(op journal.Op, byChoice bool) string {
	switch {
	case op.State == journal.Held:
		return i18n.T("syncui.fate.held")
	case op.State == journal.Waiting && byChoice:
		return i18n.T("syncui.cause-why.choice")
	case op.State == journal.Waiting && op.LastError == "":
		return i18n.T("syncui.fate.waiting")
	case op.State == journal.Running:
		return i18n.T("syncui.fate.running")
	case op.State == journal.InDoubt:
		return i18n.T("syncui.in-doubt-why")
	}
	return ""
}

// sortEntries puts decisions first, then what failed, then what is under way in its order, then what is over.
func sortEntries(ops []journal.Op, conflicts []app.Conflict) []entry {
	all := make([]entry, 0, len(ops)+len(conflicts))
	for i := range conflicts {
		all = append(all, entry{conflict: &conflicts[i]})
	}
	add := func(want func(journal.State) bool) {
		for _, op := range ops {
			if want(op.State) {
				all = append(all, entry{op: op})
			}
		}
	}
	stuck := func(s journal.State) bool { return s == journal.Failed || s == journal.InDoubt }
	add(stuck)
	add(func(s journal.State) bool { return s.Pending() && !stuck(s) })
	add(journal.State.Final)
	return all
}

// question is a conflict made ready to be decided: what happened, and both versions.
type question struct {
	why          string
	safe, advice string // of a brake: what did not happen, and what to do
	mine, theirs []kit.Detail
	both         bool   // both versions can be kept
	versions     bool   // there are two versions to look at
	brake        *brake // deletions were stopped, in place of versions
}

// brake is what a person decides where too much would be deleted at once: which answer brings everything back, and which
// one lets the deletions happen. They are not the same on both sides.
type brake struct {
	keep, goOn app.Choice // goOn is empty where nothing would be deleted
	paths      []string   // the first of what would be deleted
	words      brakeKeys
}

// brakeKeys name the texts of a brake: of what would be lost, and of each answer and what follows from it.
type brakeKeys struct{ lost, keep, kept, goOn, gone string }

// usualKeys are those of deletions.
func usualKeys(goOn string) brakeKeys {
	return brakeKeys{"syncui.brake.would-go", "syncui.brake.keep", "syncui.decided.keep", goOn, "syncui.decided.go-on"}
}

func ask(c app.Conflict) question {
	switch c.Kind {
	case "file":
		return askFile(c)
	case "task":
		return askTask(c)
	}
	return question{why: i18n.T("syncui.why.other"), both: true}
}

func askFile(c app.Conflict) question {
	var d files.ConflictDetail
	if json.Unmarshal(c.Detail, &d) != nil {
		return question{why: i18n.T("syncui.why.other"), both: true}
	}
	if d.Brake != files.BrakeNone {
		return brakeWords(d)
	}
	return question{why: i18n.T("syncui.why.file"), mine: fileVersion(d.Mine, i18n.T("syncui.version.me")), theirs: fileVersion(d.Theirs, app.WhoWords(d.Who)), both: true, versions: true}
}

// brakeWords says in a sentence each what happened, what is safe and what to do.
func brakeWords(d files.ConflictDetail) question {
	key := "syncui.brake." + string(d.Brake)
	q := question{advice: i18n.T(key + ".advice"), brake: fileBrake(d)}
	var count []any
	if d.Brake == files.BrakeMassDelete {
		count = []any{"n", d.Count, "count", i18n.Count(d.Count)}
		if key += ".here"; d.OnServer {
			key = "syncui.brake." + string(d.Brake) + ".there"
		}
	}
	q.why, q.safe = i18n.T(key, count...), i18n.T(key+".safe")
	return q
}

func fileBrake(d files.ConflictDetail) *brake {
	b := &brake{keep: app.Both, goOn: app.Theirs, paths: d.Paths, words: usualKeys("syncui.brake.go-on.here")}
	switch {
	case d.Brake == files.BrakeNoRoot:
		b.goOn, b.words.keep, b.words.kept = "", "syncui.brake.again", "syncui.decided.again"
	case d.Brake == files.BrakeOtherServer:
		b.goOn, b.words.keep, b.words.kept = "", "syncui.brake.pair", "syncui.decided.pair"
	case d.Brake == files.BrakeOlderServer:
		b.words = brakeKeys{"syncui.brake.would-age", "syncui.brake.keep.newer", "syncui.decided.keep.newer", "syncui.brake.go-on.older", "syncui.decided.go-on.older"}
	case d.OnServer: // what is gone here shall be gone there
		b.goOn, b.words = app.Mine, usualKeys("syncui.brake.go-on.there")
	}
	return b
}

func fileVersion(v files.Version, who string) []kit.Detail {
	if v.Modified.IsZero() && v.Size == 0 && v.Hash == "" && v.ETag == "" {
		return []kit.Detail{{Label: i18n.T("syncui.version.state"), Value: i18n.T("syncui.version.gone")}}
	}
	d := []kit.Detail{
		{Label: i18n.T("syncui.version.who"), Value: who}, {Label: i18n.T("syncui.version.size"), Value: i18n.Size(v.Size)},
	}
	if !v.Modified.IsZero() {
		d = append(d, kit.Detail{Label: i18n.T("syncui.version.changed"), Value: i18n.DateTime(v.Modified)})
	}
	return d
}

func askTask(c app.Conflict) question {
	var d tasks.Conflict
	if json.Unmarshal(c.Detail, &d) != nil {
		return question{why: i18n.T("syncui.why.other"), both: true}
	}
	q := question{why: i18n.T("syncui.why.task."+string(d.Reason), "n", d.Count, "count", i18n.Count(d.Count))}
	if d.Reason == tasks.ReasonEmptied {
		q.brake = &brake{keep: app.Mine, goOn: app.Theirs, words: usualKeys("syncui.brake.go-on")}
		return q
	}
	q.both, q.versions = true, true
	q.mine, q.theirs = taskVersion(d.Mine, d.Theirs), taskVersion(d.Theirs, d.Mine)
	return q
}

// taskVersion shows the fields of one version that the other one does not have alike.
func taskVersion(text, other string) []kit.Detail {
	if text == "" {
		return []kit.Detail{{Label: i18n.T("syncui.version.state"), Value: i18n.T("syncui.version.gone")}}
	}
	mine, err := tasks.Parse(text, time.Local)
	if err != nil {
		return []kit.Detail{{Label: i18n.T("syncui.version.state"), Value: i18n.T("syncui.version.unreadable")}}
	}
	theirs, _ := tasks.Parse(other, time.Local)
	var d []kit.Detail
	add := func(key, a, b string) {
		if a != b {
			if a == "" {
				a = "–"
			}
			d = append(d, kit.Detail{Label: i18n.T("syncui.field." + key), Value: a})
		}
	}
	add("title", mine.Title, theirs.Title)
	add("due", whenWords(mine.Due), whenWords(theirs.Due))
	add("start", whenWords(mine.Start), whenWords(theirs.Start))
	add("note", mine.Note, theirs.Note)
	add("tags", strings.Join(mine.Tags, ", "), strings.Join(theirs.Tags, ", "))
	add("status", statusWords(mine), statusWords(theirs))
	if d == nil {
		d = append(d, kit.Detail{Label: i18n.T("syncui.field.title"), Value: mine.Title})
	}
	return d
}

func statusWords(t tasks.Task) string {
	if t.Done() {
		return i18n.T("syncui.field.done")
	}
	return i18n.T("syncui.field.open")
}

func whenWords(w tasks.When) string {
	switch {
	case w.IsZero():
		return ""
	case w.AllDay:
		return i18n.Date(w.Time)
	}
	return i18n.DateTime(w.Time)
}
