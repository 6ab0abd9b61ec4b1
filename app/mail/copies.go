// SPDX-License-Identifier: EUPL-1.2

package mail

import "time"

// OwnCopy is the copy of a sent message that this program has put into a folder of the server, and where the server said
// that it is (APPENDUID, RFC 4315).
type OwnCopy struct {
	ID          int64 // the local message
	FolderID    int64
	UID         uint32
	UIDValidity uint32
	At          time.Time // when it was put there
}

// FiledCopy is a message of the same Message-ID, as far as the server's folder is known here.
type FiledCopy struct {
	ID       int64
	FolderID int64
	UID      uint32 // 0 where it is not known
	Touched  bool   // operations are about it: a person has done something with it, or it was put there from here
}

// CopyVerdict is what is to become of an OwnCopy.
type CopyVerdict uint8

// The verdicts.
const (
	CopyWaits    CopyVerdict = iota // the server may still file one of its own
	CopyStays                       // nothing is to be expected any more
	CopyReplaced                    // the server has filed its own: this one goes
)

// FilingSpan is how long after the sending a copy is taken for the server's own. Servers file within seconds, but it may
// take until the next day that this computer looks; what comes later was put there by a person.
const FilingSpan = 24 * time.Hour

// JudgeCopy says what becomes of a copy. mine is how it is known now, others are the other messages of its Message-ID, own
// those that this program has put somewhere itself. by is the message of the server, for CopyReplaced. Nothing that was not
// put there from here ever goes, nothing that has been moved or that something is about, and never the last copy.
func JudgeCopy(c OwnCopy, mine FiledCopy, validity uint32, others []FiledCopy, own func(id int64) bool, now time.Time) (verdict CopyVerdict, by FiledCopy) {
	if mine.ID != c.ID || mine.FolderID != c.FolderID || c.UID == 0 || mine.UID != c.UID || validity != c.UIDValidity {
		return CopyStays, FiledCopy{}
	}
	for _, o := range others {
		if o.ID == c.ID || o.FolderID != c.FolderID || o.UID == 0 || o.UID == c.UID || o.Touched || own(o.ID) {
			continue
		}
		if by.ID == 0 || o.UID < by.UID {
			by = o
		}
	}
	switch {
	case now.Sub(c.At) > FilingSpan:
		return CopyStays, FiledCopy{}
	case by.ID == 0 || mine.Touched:
		return CopyWaits, FiledCopy{}
	}
	return CopyReplaced, by
}

// FilingPatience is how long the copy of a server that files what it sends is awaited before one is put there from here.
const FilingPatience = 3 * time.Minute
