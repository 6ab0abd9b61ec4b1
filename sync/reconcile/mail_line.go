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

// Where a further connection pays: the longer the way, the earlier. With turns far apart what one connection has on the
// wire does not fill the line. To sign in once more takes some turns itself; many folders are looked into in one.
const (
	maxLanes      = 4
	shortTrip     = 5 * time.Millisecond
	foldersALane  = 100
	mailsALane    = 1000
	octetsALane   = 16 << 20
	octetsShortly = 64 << 20
)

// Lanes says over how many connections so many folders, messages and octets are fetched.
func (l MailLine) Lanes(folders, mails int, octets int64) int {
	most := 1 + max(folders/foldersALane, mails/mailsALane, int(octets/octetsALane))
	if l.RoundTrip < shortTrip {
		most = min(2, 1+int(octets/octetsShortly))
	}
	return max(1, min(most, maxLanes))
}
