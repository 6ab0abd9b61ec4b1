// SPDX-License-Identifier: EUPL-1.2

package ical

import (
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // Windows has no IANA database of its own
)

// Zones resolves the time zones of one text.
type Zones struct {
	local *time.Location
	defs  map[string]*Component // VTIMEZONE by TZID
	found map[string]*time.Location
}

// NewZones takes the zone definitions of a tree. local is the zone for days and for moments without a zone.
func NewZones(root *Component, local *time.Location) *Zones {
	z := &Zones{local: local}
	for _, cal := range root.Components("VCALENDAR") {
		for _, tz := range cal.Components("VTIMEZONE") {
			if z.defs == nil {
				z.defs = map[string]*Component{}
			}
			if id := tz.Value("TZID"); z.defs[id] == nil {
				z.defs[id] = tz
			}
		}
	}
	return z
}

// Local is the zone of days and floating moments.
func (z *Zones) Local() *time.Location { return z.local }

// Location finds the zone that a TZID means, trying in this order: the IANA name; an IANA name behind a vendor's prefix;
// X-LIC-LOCATION of its definition; the name Windows gives it; the rules of its definition. False where nothing fits.
func (z *Zones) Location(tzid string) (*time.Location, bool) {
	if loc, ok := z.found[tzid]; ok {
		return loc, loc != nil
	}
	loc := z.resolve(tzid)
	if z.found == nil {
		z.found = map[string]*time.Location{}
	}
	z.found[tzid] = loc
	return loc, loc != nil
}

func (z *Zones) resolve(tzid string) *time.Location {
	def := z.defs[tzid]
	if def == nil {
		def = z.defs[Escape(tzid)]
	}
	if loc := iana(tzid); loc != nil {
		return loc
	}
	if loc := withoutPrefix(tzid); loc != nil {
		return loc
	}
	if def != nil {
		if loc := iana(def.Value("X-LIC-LOCATION")); loc != nil {
			return loc
		}
	}
	if name, ok := windowsZones[tzid]; ok {
		if loc := iana(name); loc != nil {
			return loc
		}
	}
	if def != nil {
		return fromRules(tzid, def)
	}
	return nil
}

// withoutPrefix tries the last two and three parts of a path such as "/freeassociation.sourceforge.net/Europe/Berlin".
func withoutPrefix(tzid string) *time.Location {
	parts := strings.Split(tzid, "/")
	for _, n := range []int{3, 2} {
		if len(parts) > n {
			if loc := iana(strings.Join(parts[len(parts)-n:], "/")); loc != nil {
				return loc
			}
		}
	}
	return nil
}

// known keeps what was loaded: a zone is read and parsed anew each time otherwise.
var known sync.Map // IANA name -> *time.Location

func iana(name string) *time.Location {
	if name == "" || name == "Local" || strings.HasPrefix(name, "/") {
		return nil
	}
	if loc, ok := known.Load(name); ok {
		return loc.(*time.Location)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	known.Store(name, loc)
	return loc
}
