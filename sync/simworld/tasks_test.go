// SPDX-License-Identifier: EUPL-1.2

package simworld

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kontor/app/tasks"
)

// taskWorld is one server, two clients, and what has to hold in the end.
type taskWorld struct {
	*rapid.T
	server  *TaskServer
	clients []*TaskClient
	undos   map[*TaskClient]map[int64]func() // what taking an operation back does to the stories
	now     time.Time
	words   int
	stories map[string]*taskStory // by UID
}

// taskStory is what people did to one task.
type taskStory struct {
	tags    []string   // added
	untags  []string   // taken away, or whose adding was taken back
	titles  []string   // given
	over    []string   // titles that somebody saw and replaced, or that were taken back
	deleted [][]string // the tags and titles that those who deleted it saw
	moved   bool
	undone  bool      // something was taken back
	acked   string    // when a reminder was answered last
	due     time.Time // of the furthest instance that anybody went on to
	done    bool      // somebody completed it
	open    bool      // somebody opened it again
}

func newTaskWorld(t *rapid.T, m TaskMistake) *taskWorld {
	w := &taskWorld{T: t, server: NewTaskServer(), now: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC), stories: map[string]*taskStory{}, undos: map[*TaskClient]map[int64]func(){}}
	s := w.server
	s.PutTag, s.Rewrites = rapid.Bool().Draw(t, "tag after PUT"), rapid.Bool().Draw(t, "rewrites")
	s.Moves, s.Tokens = rapid.Bool().Draw(t, "MOVE"), rapid.Bool().Draw(t, "tokens")
	s.NoSeries = rapid.Bool().Draw(t, "no series")
	for _, name := range []string{"a", "b"} {
		c := NewTaskClient(name, s)
		w.undos[c] = map[int64]func(){}
		c.Mistake = m
		w.clients = append(w.clients, c)
	}
	return w
}

// word is one that was never used before.
func (w *taskWorld) word() string {
	w.words++
	return fmt.Sprintf("w%d", w.words)
}

func (w *taskWorld) check(err error) {
	if err != nil {
		w.Fatal(err)
	}
}

// taskShapes are the tasks that people make: plain ones, series, and series of which another program keeps instances.
var taskShapes = []string{"", "RRULE:FREQ=DAILY\r\n", "RRULE:FREQ=DAILY;COUNT=30\r\n", "series with instances"}

func (w *taskWorld) add(c *TaskClient) {
	title := w.word()
	uid := "uid-" + title
	story := &taskStory{titles: []string{title}}
	w.stories[uid] = story
	due, remind := tasks.When{Time: time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)}, 15*time.Minute
	text, err := tasks.NewText(uid, tasks.Edit{Title: &title, Due: &due, Remind: &remind}, w.now)
	w.check(err)
	switch shape := rapid.SampledFrom(taskShapes).Draw(w.T, "shape"); shape {
	case "":
	case taskShapes[3]:
		master, _, _ := strings.Cut(text[strings.Index(text, "BEGIN:VTODO"):], "BEGIN:VALARM")
		closed := strings.Replace(master, "STATUS:NEEDS-ACTION", "STATUS:COMPLETED\r\nRECURRENCE-ID:20261120T100000Z", 1) + "END:VTODO\r\n"
		text = strings.Replace(text, "END:VCALENDAR", closed+"END:VCALENDAR", 1)
		text = strings.Replace(text, "UID:", taskShapes[1]+"UID:", 1)
	default:
		text = strings.Replace(text, "UID:", shape+"UID:", 1)
	}
	c.Add(rapid.IntRange(0, taskLists-1).Draw(w.T, "list"), uid+".ics", text)
	w.undoes(c, func() { story.deleted = append(story.deleted, []string{title}) })
}

// undoes remembers what taking the newest operation back does to the stories.
func (w *taskWorld) undoes(c *TaskClient, do func()) { w.undos[c][int64(len(c.Ops))] = do }

// shown is a task as a client shows it, with its story.
func (w *taskWorld) shown(item *TaskItem) (tasks.Task, *taskStory) {
	t, err := tasks.Parse(item.Text, time.UTC)
	w.check(err)
	return t, w.stories[t.UID]
}

// rewrite lets a person change a task and reports whether that changed anything.
func (w *taskWorld) rewrite(c *TaskClient, id int64, change func(text string, now time.Time) (string, error)) bool {
	w.now = w.now.Add(time.Minute)
	text, err := change(c.Items[id].Text, w.now)
	w.check(err)
	if text == c.Items[id].Text {
		return false
	}
	c.Edit(id, text)
	return true
}

func (w *taskWorld) edit(c *TaskClient, id int64, e tasks.Edit) {
	w.rewrite(c, id, func(text string, now time.Time) (string, error) { return tasks.Apply(text, e, now) })
}

// step is one event: a person does something, or a client meets the server.
func (w *taskWorld) step() {
	c := w.clients[rapid.IntRange(0, 1).Draw(w.T, "client")]
	kind := rapid.IntRange(0, 16).Draw(w.T, "what")
	ids := c.IDs()
	switch {
	case kind == 10:
		w.undo(c)
		return
	case kind == 16:
		w.quarrel(c)
		return
	case kind == 11 && len(w.stories) < 2:
		w.add(c)
		return
	case kind > 10 || len(ids) == 0:
		w.meet(c)
		return
	}
	id := rapid.SampledFrom(ids).Draw(w.T, "task")
	t, story := w.shown(c.Items[id])
	if story == nil {
		w.Fatalf("nobody made %q\n%s", t.UID, w.picture())
	}
	switch kind {
	case 0, 1, 2, 3, 4:
		w.rename(c, id, kind, t, story)
	case 5:
		seen := append(slices.Clone(t.Tags), t.Title)
		story.deleted = append(story.deleted, seen)
		c.Delete(id)
		w.undoes(c, func() {
			i := slices.IndexFunc(story.deleted, func(d []string) bool { return &d[0] == &seen[0] })
			story.deleted = slices.Delete(story.deleted, i, i+1)
		})
	case 6:
		story.moved = true
		c.Move(id, (c.Items[id].List+rapid.IntRange(1, taskLists-1).Draw(w.T, "to"))%taskLists)
	case 7, 8:
		w.complete(c, id, t, story)
	case 9:
		w.ring(c, id, story)
	}
}

// rename gives a task another tag or title, or takes a tag away.
func (w *taskWorld) rename(c *TaskClient, id int64, kind int, t tasks.Task, story *taskStory) {
	if kind == 2 && len(t.Tags) > 0 {
		gone, tags := t.Tags[0], slices.Clone(t.Tags[1:])
		story.untags = append(story.untags, gone)
		w.edit(c, id, tasks.Edit{Tags: &tags})
		return
	}
	word := w.word()
	if kind < 3 {
		tags := append(slices.Clone(t.Tags), word)
		story.tags = append(story.tags, word)
		w.edit(c, id, tasks.Edit{Tags: &tags})
		w.undoes(c, func() { story.untags = append(story.untags, word) })
		return
	}
	story.titles, story.over = append(story.titles, word), append(story.over, t.Title)
	w.edit(c, id, tasks.Edit{Title: &word})
	w.undoes(c, func() { story.over = append(story.over, word) })
}

// quarrel lets both people give the same task another title while they are apart; then the one who comes second meets a line
// that swallows answers, so that what was written over is known to nobody else.
func (w *taskWorld) quarrel(c *TaskClient) {
	other := w.clients[0]
	if c == other {
		other = w.clients[1]
	}
	for _, id := range c.IDs() {
		t, story := w.shown(c.Items[id])
		for _, twin := range other.IDs() {
			theirs, _ := w.shown(other.Items[twin])
			if theirs.UID != t.UID || story == nil {
				continue
			}
			w.rename(c, id, 3, t, story)
			w.rename(other, twin, 3, theirs, story)
			w.quiet()
			w.met(other, other.Sync())
			w.server.Fate = func() Fate { return Fate(rapid.IntRange(0, int(KnownFates)-1).Draw(w.T, "bad line")) }
			w.met(c, c.Sync())
			return
		}
	}
}

// complete completes what is shown, or opens it again.
func (w *taskWorld) complete(c *TaskClient, id int64, t tasks.Task, story *taskStory) {
	if t.Closed() {
		story.open = w.rewrite(c, id, tasks.Reopen) || story.open
		return
	}
	if !w.rewrite(c, id, tasks.Complete) {
		return
	}
	if t.Recurs {
		if now, _ := w.shown(c.Items[id]); now.Due.Time.After(story.due) {
			story.due = now.Due.Time
		}
		return
	}
	story.done = true
}

// ring answers a reminder or puts it off.
func (w *taskWorld) ring(c *TaskClient, id int64, story *taskStory) {
	answer := tasks.Acknowledge
	if rapid.Bool().Draw(w.T, "put off") {
		answer = func(text string, now time.Time) (string, error) { return tasks.Snooze(text, now.Add(time.Hour), now) }
	}
	if w.rewrite(c, id, answer) {
		story.acked = max(story.acked, newestAck(c.Items[id].Text))
	}
}

var ackLine = regexp.MustCompile(`(?m)^ACKNOWLEDGED:(\S+)`)

func newestAck(text string) (newest string) {
	for _, m := range ackLine.FindAllStringSubmatch(text, -1) {
		newest = max(newest, m[1])
	}
	return newest
}

// undo takes the newest change of a person back.
func (w *taskWorld) undo(c *TaskClient) {
	op, ok := c.Undo()
	if !ok {
		return
	}
	for _, s := range w.stories {
		s.undone = true
	}
	if did := w.undos[c][op.ID]; did != nil {
		did()
	}
}

// meet lets a client synchronise over a line that may break at any request, with a program that may end at any write, while
// others write and the server forgets its tokens.
func (w *taskWorld) meet(c *TaskClient) {
	w.server.Fate = func() Fate {
		if rapid.IntRange(0, 9).Draw(w.T, "line") > 1 {
			return Arrives
		}
		return Fate(rapid.IntRange(1, int(KnownFates)-1).Draw(w.T, "fate"))
	}
	w.server.Storm = func() bool { return rapid.IntRange(0, 9).Draw(w.T, "storm") == 0 }
	w.server.Full = func() bool { return rapid.IntRange(0, 14).Draw(w.T, "full") == 0 }
	w.server.Locked = func() bool { return rapid.IntRange(0, 14).Draw(w.T, "locked") == 0 }
	w.server.Refuses = func() bool { return rapid.IntRange(0, 4).Draw(w.T, "token") == 0 }
	c.Crash = func() bool { return rapid.IntRange(0, 19).Draw(w.T, "crash") == 0 }
	if rapid.IntRange(0, 3).Draw(w.T, "only looks") == 0 {
		w.met(c, c.Look())
		return
	}
	w.met(c, c.Sync())
}

func (w *taskWorld) met(c *TaskClient, err error) {
	if err != nil && !errors.Is(err, ErrCut) && !errors.Is(err, ErrCrash) {
		w.Fatalf("client %s: %v", c.Name, err)
	}
}

// quiet lets nothing go wrong.
func (w *taskWorld) quiet() {
	s := w.server
	s.Fate, s.Storm, s.Refuses, s.Full, s.Locked = nil, nil, nil, nil, nil
	for _, c := range w.clients {
		c.Crash = nil
	}
}

// calm lets everybody synchronise until nothing waits.
func (w *taskWorld) calm() {
	w.quiet()
	for range 8 {
		for _, c := range w.clients {
			w.met(c, c.Sync())
		}
	}
}

// judge says what is wrong in the end.
func (w *taskWorld) judge() {
	for _, c := range w.clients {
		if ops := c.Pending(); len(ops) > 0 {
			w.Fatalf("client %s still waits: %+v\n%s", c.Name, ops, w.picture())
		}
		if c.View() != w.server.View() {
			w.Fatalf("client %s does not show what the server has\n%s", c.Name, w.picture())
		}
	}
	there, texts := map[string]tasks.Task{}, map[string]string{}
	for list := range w.server.Lists {
		for _, name := range w.server.names(list) {
			t, err := tasks.Parse(w.server.Lists[list][name].Text, time.UTC)
			w.check(err)
			if _, twice := there[t.UID]; twice {
				w.Fatalf("%s is there twice\n%s", t.UID, w.picture())
			}
			there[t.UID], texts[t.UID] = t, w.server.Lists[list][name].Text
		}
	}
	for uid, story := range w.stories {
		t, exists := there[uid]
		w.judgeTask(uid, story, t, exists)
		if exists {
			w.judgeDone(uid, story, t, texts[uid])
		}
	}
}

// judgeTask: a task is gone only if those who deleted it had seen all that was done to it. What was done to one that is
// there is in it, or somebody saw it and replaced or deleted it, or it is shown as a conflict.
func (w *taskWorld) judgeTask(uid string, story *taskStory, t tasks.Task, exists bool) {
	var all []string // that must not be lost
	for _, title := range story.titles {
		if !slices.Contains(story.over, title) && !w.inConflict(title) {
			all = append(all, title)
		}
	}
	for _, tag := range story.tags {
		if !slices.Contains(story.untags, tag) {
			all = append(all, tag)
		}
	}
	seen := slices.Concat(story.deleted...)
	if !exists && len(seen) == 0 {
		w.Fatalf("%s is lost: %+v\n%s", uid, story, w.picture())
	}
	for _, word := range all {
		if !slices.Contains(seen, word) && (!exists || t.Title != word && !slices.Contains(t.Tags, word)) {
			w.Fatalf("%s lost %s: %+v\n%s", uid, word, story, w.picture())
		}
	}
}

// judgeDone: what was completed is, unless somebody opened it again, and a series stands where the one stands who went
// furthest: no instance is completed twice. An answered reminder stays answered.
func (w *taskWorld) judgeDone(uid string, story *taskStory, t tasks.Task, text string) {
	switch {
	case story.undone || len(story.deleted) > 0: // it may be another version
	case story.done && !story.open && !t.Done():
		w.Fatalf("%s is open again: %+v\n%s", uid, story, w.picture())
	case !story.due.IsZero() && !t.Due.Time.Equal(story.due) && !story.open && !w.told("DUE:"+story.due.Format("20060102T150405Z")):
		w.Fatalf("%s stands at %v, not at %v\n%s", uid, t.Due.Time, story.due, w.picture())
	case story.acked > newestAck(text):
		w.Fatalf("%s rings again: %+v\n%s", uid, story, w.picture())
	}
}

// inConflict reports whether somebody is shown a title to decide about.
func (w *taskWorld) inConflict(title string) bool {
	return w.told("SUMMARY:" + title)
}

// told reports whether somebody is shown a line to decide about.
func (w *taskWorld) told(line string) bool {
	line += "\r\n"
	return slices.ContainsFunc(w.clients, func(c *TaskClient) bool {
		return slices.ContainsFunc(c.Conflicts, func(k tasks.Conflict) bool {
			return strings.Contains(k.Theirs, line) || strings.Contains(k.Mine, line) || strings.Contains(k.Base, line)
		})
	})
}

func (w *taskWorld) picture() string {
	s := w.server
	lines := []string{fmt.Sprintf("server: tag after PUT %t, rewrites %t, MOVE %t, tokens %t, no series %t", s.PutTag, s.Rewrites, s.Moves, s.Tokens, s.NoSeries), s.View()}
	for _, c := range w.clients {
		lines = append(lines, "client "+c.Name+":", c.View())
		for _, op := range c.Ops {
			lines = append(lines, fmt.Sprintf("  %d %s %s %s", op.ID, op.Kind, op.Payload, op.State))
		}
		for _, k := range c.Conflicts {
			lines = append(lines, fmt.Sprintf("  conflict %s: base %q, mine %q, theirs %q", k.Reason, k.Base, k.Mine, k.Theirs))
		}
	}
	return boilerplate.Replace(strings.Join(lines, "\n"))
}

// boilerplate is left out of pictures.
var boilerplate = strings.NewReplacer(`BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Kontor//Kontor//DE\r\nBEGIN:VTODO\r\n`, "", `STATUS:NEEDS-ACTION\r\n`, "",
	`END:VTODO\r\nEND:VCALENDAR\r\n`, "", `CREATED:20261123T080000Z\r\n`, "", `DTSTAMP:20261123T`, "", `\r\n`, " ")

// playTasks is one history, in which clients make a mistake or none.
func playTasks(t *rapid.T, m TaskMistake) {
	w := newTaskWorld(t, m)
	for range rapid.IntRange(3, 25).Draw(t, "events") {
		w.step()
	}
	w.calm()
	w.judge()
}

// TestTaskHistories plays two clients and one server with all that can go wrong on the way. After some quiet rounds both
// show what the server has, nothing waits, no edit is lost, nothing is gone that nobody deleted as it was, and nothing is
// there twice.
func TestTaskHistories(t *testing.T) {
	Repeat(t, "2000")
	rapid.Check(t, func(t *rapid.T) { playTasks(t, NoTaskMistake) })
}

// TestTaskMistakesAreFound makes each mistake and lets the histories find it.
func TestTaskMistakesAreFound(t *testing.T) {
	Set(t, "rapid.checks", "100000")
	Set(t, "rapid.shrinktime", "0s")
	Set(t, "rapid.nofailfile", "true")
	for m := NoTaskMistake + 1; m < KnownTaskMistakes; m++ {
		if !Finds(t, func(t *rapid.T) { playTasks(t, m) }) {
			t.Errorf("mistake %d is not found", m)
		}
	}
}
