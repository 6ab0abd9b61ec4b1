// SPDX-License-Identifier: EUPL-1.2

// Package tasks is the domain of to-dos (VTODO, RFC 5545, section 3.6.2): the view of one, the three-way merge of two
// versions, recurrence and order. It is pure: no I/O.
package tasks

import "time"

// List is one calendar collection that holds tasks (RFC 4791, section 4.2).
type List struct {
	ID        int64
	AccountID int64
	Name      string
	Color     string // "#rrggbb", empty for none
	ReadOnly  bool
	Shared    bool   // it belongs to somebody else
	Owner     string // who that is, as far as the server says
	Open      int
	Total     int
	Order     int
}

// Status is the STATUS of a VTODO (RFC 5545, section 3.8.1.11).
type Status string

// The statuses.
const (
	NeedsAction Status = "NEEDS-ACTION"
	InProcess   Status = "IN-PROCESS"
	Completed   Status = "COMPLETED"
	Canceled    Status = "CANCELLED"
)

// When is a moment or a day. A day never shifts with the time zone.
type When struct {
	Time   time.Time
	AllDay bool
}

// IsZero reports whether nothing is set.
func (w When) IsZero() bool { return w.Time.IsZero() }

// Task is what lists and details show of one object.
type Task struct {
	ID         int64
	ListID     int64
	UID        string
	Title      string
	Note       string
	Status     Status
	Percent    int // 0 to 100
	Completed  time.Time
	Start, Due When
	Priority   int // 0 none, 1 highest to 9 lowest (RFC 5545, section 3.8.1.9)
	Tags       []string
	ParentUID  string
	ChildUIDs  []string // the subtasks that it names itself (RELTYPE=CHILD); not read for lists
	RRule      string   // without the leading "RRULE:"
	Order      int64    // X-APPLE-SORT-ORDER, or seconds of CREATED since 2001-01-01
	Created    time.Time
	Modified   time.Time
	URL        string
	Links      []string // ATTACH URIs
	Alarms     []Alarm
	Snoozed    time.Time // when a reminder that was put off rings again
	Ring       time.Time // the first moment that it reminds of and that nobody has answered; not read for lists
	// Attachments are all ATTACH properties in their order; only read for one task, not in lists.
	Attachments []Attachment
	Assignee    string
	ReadOnly    bool
	Recurs      bool
	FromDone    bool // it goes on from the day of completion; only read for one task, not in lists
	RepeatsHere bool // its server takes no series, so that this program makes the next instance; only read for one task, not in lists
	Children    int
	ChildDone   int
	Conflict    bool // a conflict record waits for a decision
	History     int  // closed instances of a recurring task that the object keeps
	Override    bool // the object holds only instances of a recurring task whose master lies in another object
	Twin        bool // another object of the list has the same UID, which only a copy gone wrong explains
	Private     bool // CLASS is PRIVATE or CONFIDENTIAL (RFC 5545, section 3.8.1.3)
	Broken      bool // the object is damaged: its end or its UID is missing
	ZoneLost    bool // a time zone could not be found out; its times are shown as local ones
}

// Done reports whether the task counts as done: any of STATUS, COMPLETED and PERCENT-COMPLETE says so.
func (t Task) Done() bool {
	return t.Status == Completed || !t.Completed.IsZero() || t.Percent == 100
}

// Closed reports whether the task needs no more work: done or cancelled.
func (t Task) Closed() bool { return t.Done() || t.Status == Canceled }

// Attachment is what hangs on a task (ATTACH, RFC 5545, section 3.8.1.1): a link, or octets inside of the object.
type Attachment struct {
	Name string
	Type string // media type, empty where it is not said
	Size int64  // octets, 0 where it is not known
	URI  string // empty for one that lies in the object
}

// Edit changes the fields that are not nil.
type Edit struct {
	Title    *string
	Note     *string
	Start    *When
	Due      *When
	Priority *int
	Percent  *int
	Tags     *[]string
	Parent   *string // UID, empty to move to the top level
	RRule    *string
	FromDone *bool // a series goes on from the day of completion instead of from its dates
	URL      *string
	Order    *int64
	Remind   *time.Duration // before due; negative removes the reminder
	Alarms   *[]Alarm       // all reminders that are shown; what is kept without being shown stays
}

// IsZero reports whether the edit changes nothing.
func (e Edit) IsZero() bool { return e == Edit{} }

// Query selects the rows of a task list.
type Query struct {
	ListID int64 // 0 for all lists
	Smart  Smart
	Closed bool // include what is done or cancelled; in SmartToday, what was closed today
	Text   string
	Parent string // only the subtasks of the task with this UID
	Offset int    // rows to leave out at the start
	Limit  int    // rows at most, 0 for all
	Search string // what a person is looking for, see ParseFilter; what it says of state goes before Closed
}

// Saved is a search that a person keeps under a name.
type Saved struct {
	ID    int64
	Name  string
	Query string // see ParseFilter
	Open  int    // how many open tasks it finds now
}

// Place is where tasks are dropped: in a list, below a parent, behind another task.
type Place struct {
	ListID    int64  // 0 for the list they are in
	ParentUID string // empty for the top level
	After     int64  // ID of the task above, 0 for the first place
}

// Orphans says what becomes of the subtasks of a task that is deleted.
type Orphans int

// The fates of subtasks.
const (
	OrphansUp  Orphans = iota // they move up a level
	OrphansToo                // they are deleted too
)

// Clash says what an import does with a task that is here already in other words.
type Clash string

// The ways.
const (
	ClashSkip    Clash = "skip"    // what is here stays
	ClashReplace Clash = "replace" // what is here becomes what the file says
	ClashNew     Clash = "new"     // the one of the file becomes a task of its own
)

// Imported counts the tasks of a file, before an import by what is here already, and after it by what became of them.
type Imported struct {
	New       int // not here; of an import, what it added
	Same      int // here in the same words, so there is nothing to do
	Different int // here in other words
	Replaced  int // of an import: what it changed
}

// Format is a format of export.
type Format string

// The formats.
const (
	FormatICS Format = "ics"
	FormatCSV Format = "csv"
	// FormatHTML is a page for paper.
	FormatHTML Format = "html"
)

// Smart is a list that is computed, over all lists.
type Smart string

// The smart lists.
const (
	SmartNone      Smart = ""
	SmartToday     Smart = "today"
	SmartUpcoming  Smart = "upcoming"
	SmartImportant Smart = "important"
	SmartOverdue   Smart = "overdue"
	SmartNoDate    Smart = "nodate"
)
