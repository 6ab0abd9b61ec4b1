// SPDX-License-Identifier: EUPL-1.2

package demo

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// calendars is the calendar home of one user (RFC 4791, section 6.2.1).
type calendars struct {
	mu     sync.Mutex
	lists  map[string]*calendar // by the last part of their address
	lastID int
}

// calendar is one collection. Its serial counts changes and is what sync tokens are about.
type calendar struct {
	id      int
	name    string
	color   string
	note    string
	order   int
	comps   []string // VTODO, VEVENT ...
	objects map[string]*object
	gone    map[string]int64 // serial of the removal, by the last part of the address
	serial  int64
}

// object is one stored text, byte for byte as it was sent.
type object struct {
	text   []byte
	list   int   // id of its list: one that is made again must not repeat an ETag
	serial int64 // of its last change
}

func (o *object) etag() string { return fmt.Sprintf(`"%d-%d"`, o.list, o.serial) }

func newCalendars() *calendars { return &calendars{lists: map[string]*calendar{}} }

func (c *calendars) createLocked(slug string) *calendar {
	c.lastID++
	list := &calendar{
		id: c.lastID, name: slug, order: c.lastID, comps: []string{"VTODO", "VEVENT"}, objects: map[string]*object{}, gone: map[string]int64{},
	}
	c.lists[slug] = list
	return list
}

func (c *calendar) putLocked(name string, text []byte) *object {
	c.serial++
	o := &object{text: text, list: c.id, serial: c.serial}
	c.objects[name] = o
	delete(c.gone, name)
	return o
}

func (c *calendar) removeLocked(name string) {
	c.serial++
	delete(c.objects, name)
	c.gone[name] = c.serial
}

// tokenPrefix makes sync tokens URIs, as RFC 6578, section 3.2, wants them.
const tokenPrefix = "https://" + Domain + "/ns/sync/"

func (c *calendar) tokenAt(serial int64) string {
	return fmt.Sprintf("%s%d-%d", tokenPrefix, c.id, serial)
}

func (c *calendar) ctag() string { return fmt.Sprintf("%d-%d", c.id, c.serial) }

// since reads a sync token; the empty one asks for everything.
func (c *calendar) since(token string) (serial int64, ok bool) {
	if token == "" {
		return 0, true
	}
	rest, found := strings.CutPrefix(token, tokenPrefix)
	id, number, cut := strings.Cut(rest, "-")
	serial, err := strconv.ParseInt(number, 10, 64)
	return serial, found && cut && err == nil && id == strconv.Itoa(c.id) && serial <= c.serial && serial >= 0
}

// changed is one line of an answer to sync-collection; obj is nil for what is gone.
type changed struct {
	name   string
	obj    *object
	serial int64
}

// changesLocked lists what changed after a serial, oldest first.
func (c *calendar) changesLocked(serial int64) []changed {
	var all []changed
	for name, o := range c.objects {
		if o.serial > serial {
			all = append(all, changed{name, o, o.serial})
		}
	}
	if serial > 0 {
		for name, at := range c.gone {
			if at > serial {
				all = append(all, changed{name, nil, at})
			}
		}
	}
	slices.SortFunc(all, func(a, b changed) int { return cmp.Compare(a.serial, b.serial) })
	return all
}

func (c *calendar) namesLocked() []string { return slices.Sorted(maps.Keys(c.objects)) }

// uidLocked finds the object that already has a UID.
func (c *calendar) uidLocked(uid string) string {
	for name, o := range c.objects {
		if got, err := checkObject(o.text); err == nil && got == uid {
			return name
		}
	}
	return ""
}

// checkObject says whether a text can be stored (RFC 4791, section 4.1) and gives its UID.
func checkObject(text []byte) (uid string, err error) {
	lines := unfold(text)
	if len(lines) == 0 || !strings.EqualFold(lines[0], "BEGIN:VCALENDAR") || !strings.EqualFold(lines[len(lines)-1], "END:VCALENDAR") {
		return "", fmt.Errorf("no whole VCALENDAR")
	}
	comps, inside := 0, 0
	for _, line := range lines {
		key, value, _ := strings.Cut(line, ":")
		switch strings.ToUpper(key) {
		case "BEGIN":
			if v := strings.ToUpper(value); v == "VTODO" || v == "VEVENT" || v == "VJOURNAL" {
				comps++
			}
			inside++
		case "END":
			inside--
		case "UID":
			if inside > 2 { // a reminder has one of its own (RFC 9074, section 4)
				continue
			}
			if comps == 0 || (uid != "" && uid != value) {
				return "", fmt.Errorf("more than one UID")
			}
			uid = value
		}
	}
	if comps == 0 || uid == "" {
		return "", fmt.Errorf("no component with a UID")
	}
	return uid, nil
}

// unfold joins folded lines (RFC 5545, section 3.1) and drops empty ones.
func unfold(text []byte) []string {
	var lines []string
	for line := range strings.SplitSeq(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n") {
		switch {
		case line == "":
		case (line[0] == ' ' || line[0] == '\t') && len(lines) > 0:
			lines[len(lines)-1] += line[1:]
		default:
			lines = append(lines, line)
		}
	}
	return lines
}
