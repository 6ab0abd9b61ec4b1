// SPDX-License-Identifier: EUPL-1.2

package simworld

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"kontor/app/tasks"
	"kontor/sync/reconcile"
)

// TaskServer is a CalDAV server as far as synchronisation sees it: lists of objects. What servers were seen to do
// differently are its fields.
type TaskServer struct {
	PutTag   bool // names the tag in the answer to a PUT
	Rewrites bool // holds another text than it was sent
	Moves    bool // knows MOVE
	Tokens   bool // answers a sync-collection report
	NoSeries bool // refuses tasks that recur

	Lists [taskLists]map[string]reconcile.TaskObject // by name
	// Fate says what becomes of the next request; nil lets all arrive.
	Fate func() Fate
	// Storm says whether somebody else writes to an object just before a request about it; nil lets nobody.
	Storm func() bool
	// Full says whether there is room for what is written; nil is room for all.
	Full func() bool
	// Locked says whether the rights to write are gone for a moment; nil never takes them.
	Locked func() bool
	// Refuses says whether a token is refused; nil takes all.
	Refuses func() bool

	version int
	log     []taskChange
}

type taskChange struct {
	version int
	list    int
	name    string
}

const taskLists = 3

// Answers of the server.
var (
	errChanged = errors.New("412: the object is another one")
	errMissing = errors.New("404: there is no such object")
	errSeries  = errors.New("403: recurring tasks are not supported")
	errFull    = errors.New("507: there is no room left")
	errRights  = errors.New("403: nobody may write here")
	errToken   = errors.New("403: the token is not known")
)

// NewTaskServer makes a server with empty lists.
func NewTaskServer() *TaskServer {
	s := &TaskServer{}
	for i := range s.Lists {
		s.Lists[i] = map[string]reconcile.TaskObject{}
	}
	return s
}

// ask carries a request over the line.
func (s *TaskServer) ask(do func() error) error {
	fate := Arrives
	if s.Fate != nil {
		fate = s.Fate()
	}
	if fate == RequestLost {
		return ErrCut
	}
	err := do()
	if fate == AnswerLost {
		return ErrCut
	}
	return err
}

// set stores a text and gives its tag.
func (s *TaskServer) set(list int, name, text string) string {
	s.version++
	if s.Rewrites {
		text = rewritten(text)
	}
	tag := fmt.Sprintf(`"%d"`, s.version)
	s.Lists[list][name] = reconcile.TaskObject{ETag: tag, Text: text}
	s.log = append(s.log, taskChange{s.version, list, name})
	return tag
}

// rewritten puts a line of the server's own into an object, once.
func rewritten(text string) string {
	const own = "X-SERVER:seen\r\n"
	if strings.Contains(text, own) {
		return text
	}
	return strings.Replace(text, "END:VTODO\r\n", own+"END:VTODO\r\n", 1)
}

func (s *TaskServer) remove(list int, name string) {
	s.version++
	delete(s.Lists[list], name)
	s.log = append(s.log, taskChange{s.version, list, name})
}

// storm lets somebody write to an object without saying anything new.
func (s *TaskServer) storm(list int, name string) {
	o, exists := s.Lists[list][name]
	if s.Storm == nil || !exists || !s.Storm() {
		return
	}
	stamp := fmt.Sprintf("LAST-MODIFIED:20261123T%06dZ\r\n", s.version%240000)
	lines := slices.DeleteFunc(strings.SplitAfter(o.Text, "\r\n"), func(l string) bool { return strings.HasPrefix(l, "LAST-MODIFIED") })
	s.set(list, name, strings.Replace(strings.Join(lines, ""), "END:VTODO", stamp+"END:VTODO", 1))
}

// refuses is the answer to a write that the server does not take.
func (s *TaskServer) refuses(text string) error {
	switch {
	case s.Locked != nil && s.Locked():
		return errRights
	case text != "" && s.Full != nil && s.Full():
		return errFull
	case s.NoSeries && tasks.Recurs(text):
		return errSeries
	}
	return nil
}

// put writes an object if the server still holds base, which may be nothing; anyway does so whatever it holds.
func (s *TaskServer) put(list int, name string, base reconcile.TaskObject, text string, anyway bool) (tag string, err error) {
	err = s.ask(func() error {
		s.storm(list, name)
		have := s.Lists[list][name]
		if !anyway && (have.Exists() != base.Exists() || have.Exists() && have.ETag != base.ETag) {
			return errChanged
		}
		if err := s.refuses(text); err != nil {
			return err
		}
		if tag = s.set(list, name, text); !s.PutTag {
			tag = ""
		}
		return nil
	})
	return tag, err
}

// erase deletes an object if its tag is still the same; an empty one fits all.
func (s *TaskServer) erase(list int, name, tag string) error {
	return s.ask(func() error {
		s.storm(list, name)
		have, exists := s.Lists[list][name]
		switch {
		case !exists:
			return errMissing
		case tag != "" && have.ETag != tag:
			return errChanged
		}
		if err := s.refuses(""); err != nil {
			return err
		}
		s.remove(list, name)
		return nil
	})
}

// get reads one object; there may be none.
func (s *TaskServer) get(list int, name string) (o reconcile.TaskObject, err error) {
	err = s.ask(func() error {
		o = s.Lists[list][name]
		return nil
	})
	return o, err
}

// move moves an object to another list, where no object of that name may lie.
func (s *TaskServer) move(from, to int, name, tag string) error {
	return s.ask(func() error {
		s.storm(from, name)
		have, exists := s.Lists[from][name]
		_, taken := s.Lists[to][name]
		switch {
		case !exists:
			return errMissing
		case taken, tag != "" && have.ETag != tag:
			return errChanged
		}
		if err := s.refuses(""); err != nil {
			return err
		}
		s.remove(from, name)
		s.set(to, name, have.Text)
		return nil
	})
}

// names lists what lies in a list.
func (s *TaskServer) names(list int) []string {
	names := make([]string, 0, len(s.Lists[list]))
	for name := range s.Lists[list] {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// changes lists what changed in a list since a version, and the version now.
func (s *TaskServer) changes(list, since int) (names []string, now int, err error) {
	err = s.ask(func() error {
		if !s.Tokens || s.Refuses != nil && s.Refuses() {
			return errToken
		}
		for _, c := range s.log {
			if c.list == list && c.version > since && !slices.Contains(names, c.name) {
				names = append(names, c.name)
			}
		}
		now = s.version
		return nil
	})
	return names, now, err
}

// listing gives the tags of all objects of a list, and the version now.
func (s *TaskServer) listing(list int) (tags map[string]string, now int, err error) {
	err = s.ask(func() error {
		tags = map[string]string{}
		for name, o := range s.Lists[list] {
			tags[name] = o.ETag
		}
		now = s.version
		return nil
	})
	return tags, now, err
}
