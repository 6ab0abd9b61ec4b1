// SPDX-License-Identifier: EUPL-1.2

package caltasks

import (
	"encoding/xml"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"kontor/sync/dav"
)

// Name spaces of the properties.
const (
	nsCalDAV = "urn:ietf:params:xml:ns:caldav"
	nsServer = "http://calendarserver.org/ns/"
	nsApple  = "http://apple.com/ns/ical/"
	nsCloud  = "http://nextcloud.com/ns"
	nsRadi   = "http://radicale.org/ns/"

	declare = ` xmlns:D="DAV:" xmlns:C="` + nsCalDAV + `" xmlns:S="` + nsServer + `" xmlns:A="` + nsApple + `" xmlns:N="` + nsCloud + `" xmlns:R="` + nsRadi + `"`
	header  = `<?xml version="1.0" encoding="utf-8"?>`
)

// The bodies of requests that never change.
const (
	askPlace = header + `<D:propfind` + declare + `><D:prop><D:resourcetype/><D:current-user-principal/><C:calendar-home-set/>` +
		`<C:supported-calendar-component-set/></D:prop></D:propfind>`
	askList = header + `<D:propfind` + declare + `><D:prop><D:resourcetype/><D:displayname/><D:owner/><D:current-user-privilege-set/>` +
		`<C:supported-calendar-component-set/><A:calendar-color/><A:calendar-order/><S:invite/><N:owner-displayname/>`
	askListKind  = askList + `<R:displayname/></D:prop></D:propfind>`
	askListTags  = askList + `<S:getctag/><D:sync-token/></D:prop></D:propfind>`
	askListTimes = askList + `<R:displayname/><D:getlastmodified/></D:prop></D:propfind>`
	askTags      = header + `<D:propfind` + declare + `><D:prop><D:resourcetype/><D:getetag/></D:prop></D:propfind>`
)

// query asks for all tasks and for nothing else that lies in a list (RFC 4791, section 7.8), with the texts where
// withData is set.
func query(withData bool) string {
	data := ""
	if withData {
		data = `<C:calendar-data/>`
	}
	return header + `<C:calendar-query` + declare + `><D:prop><D:getetag/>` + data + `</D:prop><C:filter><C:comp-filter name="VCALENDAR">` +
		`<C:comp-filter name="VTODO"/></C:comp-filter></C:filter></C:calendar-query>`
}

func caldav(local string) xml.Name { return xml.Name{Space: nsCalDAV, Local: local} }

// syncCollection asks for what changed since token (RFC 6578, section 3.2).
func syncCollection(token string) string {
	return header + `<D:sync-collection` + declare + `><D:sync-token>` + text(token) + `</D:sync-token><D:sync-level>1</D:sync-level>` +
		`<D:prop><D:getetag/></D:prop></D:sync-collection>`
}

// multiget asks for objects by their path (RFC 4791, section 7.9).
func multiget(hrefs []string) string {
	var b strings.Builder
	b.WriteString(header + `<C:calendar-multiget` + declare + `><D:prop><D:getetag/><C:calendar-data/></D:prop>`)
	for _, h := range hrefs {
		b.WriteString(`<D:href>` + text(escaped(h)) + `</D:href>`)
	}
	b.WriteString(`</C:calendar-multiget>`)
	return b.String()
}

// makeList asks for a new list that takes tasks only (RFC 4791, section 5.3.1).
func makeList(name, color string) string {
	return header + `<C:mkcalendar` + declare + `><D:set><D:prop>` + listProps(name, color) +
		`<C:supported-calendar-component-set><C:comp name="VTODO"/></C:supported-calendar-component-set></D:prop></D:set></C:mkcalendar>`
}

// makeCollection is makeList for servers that only know RFC 5689.
func makeCollection(name, color string) string {
	return header + `<D:mkcol` + declare + `><D:set><D:prop><D:resourcetype><D:collection/><C:calendar/></D:resourcetype>` + listProps(name, color) +
		`<C:supported-calendar-component-set><C:comp name="VTODO"/></C:supported-calendar-component-set></D:prop></D:set></D:mkcol>`
}

func editList(name, color string) string {
	return header + `<D:propertyupdate` + declare + `><D:set><D:prop>` + listProps(name, color) + `</D:prop></D:set></D:propertyupdate>`
}

// orderList sets the place of a list among the others, which no RFC knows and Apple's and most other programs do.
func orderList(order int) string {
	return header + `<D:propertyupdate` + declare + `><D:set><D:prop><A:calendar-order>` + strconv.Itoa(order) +
		`</A:calendar-order></D:prop></D:set></D:propertyupdate>`
}

func listProps(name, color string) string {
	s := `<D:displayname>` + text(name) + `</D:displayname>`
	if color != "" {
		s += `<A:calendar-color>` + text(color) + `</A:calendar-color>`
	}
	return s
}

func text(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder takes everything
	return b.String()
}

// remoteList is what the server says of a list.
type remoteList struct {
	href, name, color string
	order             int
	readOnly, shared  bool
	owner             string // of a shared list, as far as the server says
	mixed             bool   // appointments may lie in it too

	tag   string // is another one as soon as something in the list changes; empty where that is not known
	token string // for a sync-collection report from now on, empty where the server did not tell
	times bool   // the server is one that is asked for times
}

// listOf reads a list; false for what is none that tasks could lie in.
func listOf(r dav.Response, principal string) (remoteList, bool) {
	kind := r.Prop(dav.Name("resourcetype"))
	if r.Err != nil || r.Status/100 != 2 || kind.Child(caldav("calendar")) == nil || !takes(r, "VTODO") {
		return remoteList{}, false
	}
	l := remoteList{
		href:     withSlash(r.Href),
		name:     r.Prop(dav.Name("displayname")).Value(),
		color:    colorOf(r.Prop(xml.Name{Space: nsApple, Local: "calendar-color"}).Value()),
		mixed:    takes(r, "VEVENT"),
		readOnly: readOnly(r.Prop(dav.Name("current-user-privilege-set"))),
		token:    r.Prop(dav.Name("sync-token")).Value(),
		times:    r.Prop(xml.Name{Space: nsRadi, Local: "displayname"}) != nil,
	}
	if n, err := strconv.Atoi(r.Prop(xml.Name{Space: nsApple, Local: "calendar-order"}).Value()); err == nil {
		l.order = n
	}
	l.shared, l.owner = sharing(r, principal)
	l.tag = tagOf(r, l)
	if l.name == "" {
		l.name = lastPart(l.href)
	}
	return l, true
}

// What tags of Radicale begin with: the time of the last change, or the moment before the list was read.
const (
	tagTime = "time "
	tagSeen = "seen "
)

// unchanged reports whether a list is as it was when a tag was stored.
func unchanged(stored, tag string) bool {
	seen, isSeen := strings.CutPrefix(stored, tagSeen)
	changed, isTime := strings.CutPrefix(tag, tagTime)
	if !isSeen || !isTime {
		return tag != "" && tag == stored && !isSeen
	}
	before, err := time.Parse(time.RFC3339, seen)
	if err != nil {
		return false
	}
	at, err := time.Parse(time.RFC3339, changed)
	return err == nil && before.Sub(at) >= settled
}

// settled is for how long nothing may have changed in a list before its time of change stands for its content: such times
// count seconds, and file systems may lag behind the clock.
const settled = 2 * time.Second

// tagOf gives what stands for the content of a list. Radicale computes its getctag from all octets of all objects, and its
// sync-token does more than that, while the time of the last change is known to the file system: asking for it takes a
// sixth of the time. A time that is too fresh says nothing, since more may have changed in the same second. Before the first
// look at a list, which reads all of it anyhow, only the moment of the question is noted.
func tagOf(r dav.Response, l remoteList) string {
	if l.times {
		at := r.Modified()
		switch {
		case r.At.IsZero(), !at.IsZero() && r.At.Sub(at) < settled:
			return ""
		case at.IsZero():
			return tagSeen + r.At.UTC().Format(time.RFC3339)
		}
		return tagTime + at.UTC().Format(time.RFC3339)
	}
	if tag := r.Prop(xml.Name{Space: nsServer, Local: "getctag"}).Value(); tag != "" {
		return tag
	}
	return l.token
}

// sharing tells whether a list belongs to somebody else, and to whom: by what sabre/dav's servers say of shared lists
// (caldav-sharing-02), else by its owner (RFC 3744, section 5.1).
func sharing(r dav.Response, principal string) (shared bool, owner string) {
	href := r.Prop(dav.Name("owner")).Child(dav.Name("href")).Value()
	shared = href != "" && principal != "" && !strings.Contains(withSlash(href), withSlash(escaped(principal)))
	shared = shared || r.Prop(dav.Name("resourcetype")).Child(xml.Name{Space: nsServer, Local: "shared"}) != nil
	if !shared {
		return false, ""
	}
	host := r.Prop(xml.Name{Space: nsServer, Local: "invite"}).Child(xml.Name{Space: nsServer, Local: "organizer"}) //nolint:misspell // the element's name
	for _, name := range []string{
		r.Prop(xml.Name{Space: nsCloud, Local: "owner-displayname"}).Value(),
		host.Child(xml.Name{Space: nsServer, Local: "common-name"}).Value(),
		lastPart(href),
	} {
		if name != "" {
			if plain, err := url.PathUnescape(name); err == nil {
				return true, plain
			}
			return true, name
		}
	}
	return true, ""
}

// takes reports whether a list takes a kind of component, which is true too where the server does not say (RFC 4791, section 5.2.3: then it takes everything).
func takes(r dav.Response, kind string) bool {
	set := r.Prop(caldav("supported-calendar-component-set"))
	if set == nil || len(set.Children) == 0 {
		return true
	}
	return slices.ContainsFunc(set.Children, func(e dav.Element) bool { return strings.EqualFold(e.Attribute("name"), kind) })
}

// readOnly is false where the server does not tell what is allowed (RFC 3744, section 5.5).
func readOnly(set *dav.Element) bool {
	if set == nil || len(set.Children) == 0 {
		return false
	}
	for _, p := range set.Children {
		for _, name := range []string{"write", "write-content", "all", "bind"} {
			if p.Child(dav.Name(name)) != nil {
				return false
			}
		}
	}
	return true
}

// colorOf reads "#RRGGBB" and "#RRGGBBAA".
func colorOf(s string) string {
	s = strings.ToLower(s)
	if len(s) == 9 {
		s = s[:7]
	}
	if len(s) != 7 || s[0] != '#' || strings.Trim(s[1:], "0123456789abcdef") != "" {
		return ""
	}
	return s
}

func withSlash(p string) string {
	if strings.HasSuffix(p, "/") {
		return p
	}
	return p + "/"
}

func lastPart(href string) string {
	href = strings.TrimSuffix(href, "/")
	return href[strings.LastIndexByte(href, '/')+1:]
}

// nameIn gives the name of an object in a list; false for the list itself and for what lies elsewhere.
func nameIn(list, href string) (string, bool) {
	name, ok := strings.CutPrefix(href, list)
	return name, ok && name != "" && !strings.Contains(name, "/")
}
