// SPDX-License-Identifier: EUPL-1.2

package reconcile

import "time"

// MailLine is what was measured of the way to a server.
type MailLine struct {
	RoundTrip time.Duration // the shortest turn: what is longer was waiting for a processor
	Turns     int           // how many were measured
	Octets    int64         // that arrived while they were waited for
	Waited    time.Duration // for these octets
}

// Where compression begins to pay: it saves a third of the octets and costs both sides far more time than a fast line
// takes for them. What a line can do is known after some megabytes. A server that is near and slow is busy rather than
// far: compression would make it slower still, unless next to nothing comes through.
const (
	slowLine    = 10 << 20 // octets a second, of a server that is far
	nearLine    = 1 << 20  // of one that is near: no network of a building is slower
	enoughToSay = 2 << 20
	enoughTurns = 4 // under load one turn is long by chance
)

// Compress reports whether octets should be compressed (RFC 4978).
func (l MailLine) Compress() bool {
	slow := float64(nearLine)
	if l.RoundTrip >= shortTrip && l.Turns >= enoughTurns {
		slow = slowLine
	}
	return l.Octets >= enoughToSay && l.Waited > 0 && float64(l.Octets)/l.Waited.Seconds() < slow
}

// Where a further connection pays: not near the server, since one connection keeps both sides busy. With turns far apart
// what one has on the wire does not fill the line. To sign in once more takes some turns itself; many folders are looked into in one.
const (
	maxLanes     = 4
	shortTrip    = 5 * time.Millisecond
	foldersALane = 100
	mailsALane   = 1000
	octetsALane  = 16 << 20
)

// Short reports whether the server is so near that both ends' processors rather than the line are what is waited for.
func (l MailLine) Short() bool { return l.RoundTrip > 0 && l.RoundTrip < shortTrip && !l.Compress() }

// Lanes says over how many connections so many folders, messages and octets are fetched.
func (l MailLine) Lanes(folders, mails int, octets int64) int {
	if l.RoundTrip < shortTrip {
		return 1
	}
	return min(1+max(folders/foldersALane, mails/mailsALane, int(octets/octetsALane)), maxLanes)
}
