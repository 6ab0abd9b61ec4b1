// SPDX-License-Identifier: EUPL-1.2

package files

import "time"

// Transfer is one file that is on its way at this moment.
type Transfer struct {
	FileID, AccountID int64
	Path              string
	Up                bool
	Done, Total       int64 // octets
	Started           time.Time
	Remaining         time.Duration // -1 where nothing can be said yet
}

// TransferSum is everything that is on its way or next in line, since the last time nothing was.
type TransferSum struct {
	Files, FilesDone int
	Bytes, BytesDone int64
	Rate             float64       // octets in a second, of the last moments
	Remaining        time.Duration // -1 where nothing can be said yet
}

// PinSize is what keeping something offline would still bring here, and what the disk has room for.
type PinSize struct {
	Files int
	Bytes int64
	Free  int64 // octets, after what has to stay free; -1 where the disk does not say
}

// Fits reports whether there is room for it, as far as can be told.
func (p PinSize) Fits() bool { return p.Free < 0 || p.Bytes <= p.Free }

// The choices about a connection that is paid for by the octet, on which only what a person asks for is transferred.
const (
	MeteredAuto = "auto" // as the system says
	MeteredOn   = "on"
	MeteredOff  = "off"
)
