// SPDX-License-Identifier: EUPL-1.2

package reconcile

import "time"

// MailLine is what was measured of the way to a server.
type MailLine struct {
	RoundTrip time.Duration
	Octets    int64         // that arrived while they were waited for
	Waited    time.Duration // for these octets
}

// Where compression begins to pay: it saves a third of the octets and costs both sides far more time than a fast line
// takes for them. What a line can do is known after some megabytes.
const (
	slowLine    = 10 << 20 // octets a second
	enoughToSay = 2 << 20
)

// Compress reports whether octets should be compressed (RFC 4978).
func (l MailLine) Compress() bool {
	return l.Octets >= enoughToSay && l.Waited > 0 && float64(l.Octets)/l.Waited.Seconds() < slowLine
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
