// SPDX-License-Identifier: EUPL-1.2

package reconcile

import (
	"time"

	"kontor/app/mail"
)

// MailFound is a message that was found in a folder of the server. It is recognised by its Message-ID, its size and a
// digest of what identifies it besides: date, sender and subject as the header has them. Those are stored anyway, so that
// rows from before can be compared, and no server changes them when it numbers its messages anew or moves them.
type MailFound struct {
	UID       uint32
	MessageID string // may be empty: then time and digest decide
	Size      int64
	Received  time.Time // INTERNALDATE
	Digest    uint64    // see MailDigest
	Deleted   bool      // it is marked as \Deleted: what a move left behind on a server without UIDPLUS, or what others threw away
}

// MailRow is a message of the store whose place on the server is not certain.
type MailRow struct {
	ID        int64
	Folder    int64 // on the server, 0 for none
	ShownIn   int64
	UID       uint32 // 0 if not known
	MessageID string
	Size      int64
	Received  time.Time
	Digest    uint64
	Bound     int64 // the folder that an operation, running or in doubt, puts it into; 0 for none
}

// MailPlacing says what becomes of the messages found in a folder; numbers are indexes of found.
type MailPlacing struct {
	Added  []int       // new to the store
	Placed []MailPlace // rows that now have their place
	Later  []int       // not to be decided while an operation is running
}

// MailPlace is a message of the server and the row that it is.
type MailPlace struct {
	Found int
	Row   MailRow
}

// PlaceMail decides which of the messages found in a folder are new. known tells UIDs that the store has there. rows may be
// one of them:
//   - rows without a UID that belong here: their UIDs were forgotten, or they were put here and the server did not tell;
//   - rows that an operation is moving here, if settling: whether they arrived is just what is asked. Otherwise such a
//     message is left for later, when the operation's end is known.
//
// A message that is marked as deleted is never what was moved here: the original would be removed, and nothing were left.
//
// Each row becomes one message at most, so that copies of one message in one folder stay as many as they are. A row that
// agrees in Message-ID and size but not in the digest is taken only if it is the only one: what was written here may have
// been stored with other words than the server's copy is read with.
func PlaceMail(folder int64, found []MailFound, known map[uint32]bool, rows []MailRow, settling bool) MailPlacing {
	p := placer{folder: folder, settling: settling, byID: map[string][]MailRow{}, used: map[int64]bool{}}
	for _, r := range rows {
		p.byID[r.MessageID] = append(p.byID[r.MessageID], r)
	}
	var plan MailPlacing
	var open []int
	for i, m := range found {
		if known[m.UID] {
			continue
		}
		row, later := p.find(m)
		switch {
		case later:
			plan.Later = append(plan.Later, i)
		case row.ID != 0:
			plan.Placed = append(plan.Placed, MailPlace{i, row})
		default:
			open = append(open, i)
		}
	}
	for _, i := range open {
		if row := p.alike(found[i]); row.ID != 0 {
			plan.Placed = append(plan.Placed, MailPlace{i, row})
			continue
		}
		plan.Added = append(plan.Added, i)
	}
	return plan
}

// placer is the work of one PlaceMail.
type placer struct {
	folder   int64
	settling bool
	byID     map[string][]MailRow
	used     map[int64]bool
}

// find looks for the row that a message is for certain. Rows that are known to be here come before those that may just have
// arrived: of a copy and a move of one message into one folder only the copy may have happened.
func (p *placer) find(m MailFound) (row MailRow, later bool) {
	var arriving MailRow
	for _, r := range p.byID[m.MessageID] {
		if p.used[r.ID] {
			continue
		}
		flying := r.Bound == p.folder
		same := r.Size == m.Size && r.Digest == m.Digest
		switch {
		case p.forgotten(r) && same && (m.MessageID != "" || r.Received.Equal(m.Received)),
			r.Folder == 0 && r.Bound == 0 && r.ShownIn == p.folder && (m.MessageID != "" || same):
			p.used[r.ID] = true
			return r, false
		case arriving.ID == 0 && flying && (r.Folder == 0 && (m.MessageID != "" || same) || r.Folder != 0 && r.Folder != p.folder && r.Size == m.Size && !m.Deleted):
			arriving = r
		}
	}
	if arriving.ID == 0 {
		return MailRow{}, false
	}
	if !p.settling {
		return MailRow{}, true
	}
	p.used[arriving.ID] = true
	return arriving, false
}

// forgotten reports whether a row is in the folder, but not known where.
func (p *placer) forgotten(r MailRow) bool { return r.Folder == p.folder && r.UID == 0 }

// alike looks for the only row that a message can be.
func (p *placer) alike(m MailFound) MailRow {
	var only MailRow
	if m.MessageID == "" {
		return only
	}
	for _, r := range p.byID[m.MessageID] {
		if p.used[r.ID] || !p.forgotten(r) || r.Size != m.Size {
			continue
		}
		if only.ID != 0 {
			return MailRow{}
		}
		only = r
	}
	p.used[only.ID] = true
	return only
}

// MailDigest sums up what of a message's header identifies it beside its Message-ID.
func MailDigest(sent time.Time, from, subject string) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211 // FNV-1a
	h := uint64(offset)
	add := func(s string) {
		for i := range len(s) {
			h = (h ^ uint64(s[i])) * prime
		}
		h = (h ^ 0xff) * prime
	}
	add(from)
	add(subject)
	v := sent.UnixMilli()
	if sent.IsZero() {
		v = 0 // as the store keeps it
	}
	for range 8 {
		h = (h ^ uint64(byte(v))) * prime
		v >>= 8
	}
	return h
}

// The brake of a folder that was numbered anew.
const maxLost = 20

// LossDoubtful reports whether so many messages were not found again that it is more likely another server, or one that
// lost them itself, than a person who deleted them: then they stay, and a person decides.
func LossDoubtful(lost, left int) bool { return lost >= maxLost && lost > left }

// LayMail gives what is shown of a message: what the server said last, and the operations that still wait laid over it,
// oldest first. A folder that is gone cannot be what it is shown in.
func LayMail(id int64, remote mail.State, waiting []mail.Effect, folder func(id int64) bool) mail.State {
	s := remote
	for _, e := range waiting {
		if !e.About(id) {
			continue
		}
		before := s.FolderID
		if s = e.Lay(s); !folder(s.FolderID) {
			s.FolderID = before
		}
	}
	return s
}
