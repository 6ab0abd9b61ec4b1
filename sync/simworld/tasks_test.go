// SPDX-License-Identifier: EUPL-1.2

package simworld

import (
	"errors"
	"fmt"
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
	now     time.Time
	words   int
	stories map[string]*taskStory // by UID
}

// taskStory is what people did to one task.
type taskStory struct {
	tags    []string   // added
	titles  []string   // given
	over    []string   // titles that somebody saw and replaced
	deleted [][]string // the tags and titles that those who deleted it saw
	moved   bool
}

func newTaskWorld(t *rapid.T, m TaskMistake) *taskWorld {
	w := &taskWorld{T: t, server: NewTaskServer(), now: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC), stories: map[string]*taskStory{}}
	s := w.server
	s.PutTag, s.Rewrites = rapid.Bool().Draw(t, "tag after PUT"), rapid.Bool().Draw(t, "rewrites")
	s.Moves, s.Tokens = rapid.Bool().Draw(t, "MOVE"), rapid.Bool().Draw(t, "tokens")
	for _, name := range []string{"a", "b"} {
		c := NewTaskClient(name, s)
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

func (w *taskWorld) add(c *TaskClient) {
	title := w.word()
	uid := "uid-" + title
	w.stories[uid] = &taskStory{titles: []string{title}}
	text, err := tasks.NewText(uid, tasks.Edit{Title: &title}, w.now)
	w.check(err)
	c.Add(rapid.IntRange(0, taskLists-1).Draw(w.T, "list"), uid+".ics", text)
}

// shown is a task as a client shows it, with its story.
func (w *taskWorld) shown(item *TaskItem) (tasks.Task, *taskStory) {
	t, err := tasks.Parse(item.Text, time.UTC)
	w.check(err)
	return t, w.stories[t.UID]
}

func (w *taskWorld) edit(c *TaskClient, id int64, e tasks.Edit) {
	w.now = w.now.Add(time.Minute)
	text, err := tasks.Apply(c.Items[id].Text, e, w.now)
	w.check(err)
	c.Edit(id, text)
}

// step is one event: a person does something, or a client meets the server.
func (w *taskWorld) step() {
	c := w.clients[rapid.IntRange(0, 1).Draw(w.T, "client")]
	kind := rapid.IntRange(0, 9).Draw(w.T, "what")
	ids := c.IDs()
	if len(ids) == 0 && kind < 7 {
		kind = 7
	}
	if kind >= 7 {
		if kind == 7 && len(w.stories) < 2 {
			w.add(c)
			return
		}
		w.meet(c)
		return
	}
	id := rapid.SampledFrom(ids).Draw(w.T, "task")
	t, story := w.shown(c.Items[id])
	switch kind {
	case 0, 1, 2:
		tags := append(slices.Clone(t.Tags), w.word())
		story.tags = append(story.tags, tags[len(tags)-1])
		w.edit(c, id, tasks.Edit{Tags: &tags})
	case 3, 4:
		title := w.word()
		story.titles, story.over = append(story.titles, title), append(story.over, t.Title)
		w.edit(c, id, tasks.Edit{Title: &title})
	case 5:
		story.deleted = append(story.deleted, append(slices.Clone(t.Tags), t.Title))
		c.Delete(id)
	case 6:
		story.moved = true
		c.Move(id)
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

// calm lets everybody synchronise until nothing waits.
func (w *taskWorld) calm() {
	w.server.Fate, w.server.Storm, w.server.Refuses = nil, nil, nil
	for range 8 {
		for _, c := range w.clients {
			c.Crash = nil
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
	there := map[string]tasks.Task{}
	for list := range w.server.Lists {
		for _, name := range w.server.names(list) {
			t, err := tasks.Parse(w.server.Lists[list][name].Text, time.UTC)
			w.check(err)
			if _, twice := there[t.UID]; twice {
				w.Fatalf("%s is there twice\n%s", t.UID, w.picture())
			}
			there[t.UID] = t
		}
	}
	for uid, story := range w.stories {
		t, exists := there[uid]
		w.judgeTask(uid, story, t, exists)
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
	all = append(all, story.tags...)
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

// inConflict reports whether somebody is shown a title to decide about.
func (w *taskWorld) inConflict(title string) bool {
	line := "SUMMARY:" + title + "\r\n"
	return slices.ContainsFunc(w.clients, func(c *TaskClient) bool {
		return slices.ContainsFunc(c.Conflicts, func(k tasks.Conflict) bool {
			return strings.Contains(k.Theirs, line) || strings.Contains(k.Mine, line) || strings.Contains(k.Base, line)
		})
	})
}

func (w *taskWorld) picture() string {
	s := w.server
	lines := []string{fmt.Sprintf("server: tag after PUT %t, rewrites %t, MOVE %t, tokens %t", s.PutTag, s.Rewrites, s.Moves, s.Tokens), s.View()}
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
	Set(t, "rapid.checks", "20000")
	Set(t, "rapid.shrinktime", "0s")
	Set(t, "rapid.nofailfile", "true")
	for m := NoTaskMistake + 1; m < KnownTaskMistakes; m++ {
		if !Finds(t, func(t *rapid.T) { playTasks(t, m) }) {
			t.Errorf("mistake %d is not found", m)
		}
	}
}
