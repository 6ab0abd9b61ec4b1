// SPDX-License-Identifier: EUPL-1.2

package caltasks

import (
	"encoding/xml"
	"slices"
	"strconv"
	"strings"

	"kontor/sync/dav"
)

// Name spaces of the properties.
const (
	nsCalDAV = "urn:ietf:params:xml:ns:caldav"
	nsServer = "http://calendarserver.org/ns/"
	nsApple  = "http://apple.com/ns/ical/"

	declare = ` xmlns:D="DAV:" xmlns:C="` + nsCalDAV + `" xmlns:S="` + nsServer + `" xmlns:A="` + nsApple + `"`
	header  = `<?xml version="1.0" encoding="utf-8"?>`
)

// The bodies of requests that never change.
const (
	askPlace = header + `<D:propfind` + declare + `><D:prop><D:resourcetype/><D:current-user-principal/><C:calendar-home-set/>` +
		`<C:supported-calendar-component-set/></D:prop></D:propfind>`
	askLists = header + `<D:propfind` + declare + `><D:prop><D:resourcetype/><D:displayname/><D:owner/><D:current-user-privilege-set/>` +
		`<C:supported-calendar-component-set/><A:calendar-color/><A:calendar-order/><S:getctag/></D:prop></D:propfind>`
	askTags = header + `<D:propfind` + declare + `><D:prop><D:resourcetype/><D:getetag/></D:prop></D:propfind>`
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

// syncCollection asks for what changed since token (RFC 6578, section 3.2), with the texts where withData is set.
func syncCollection(token string, withData bool) string {
	data := ""
	if withData {
		data = `<C:calendar-data/>`
	}
	return header + `<D:sync-collection` + declare + `><D:sync-token>` + text(token) + `</D:sync-token><D:sync-level>1</D:sync-level>` +
		`<D:prop><D:getetag/>` + data + `</D:prop></D:sync-collection>`
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
	href, name, color, ctag string
	order                   int
	readOnly, shared        bool
	mixed                   bool // appointments may lie in it too
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
		ctag:     r.Prop(xml.Name{Space: nsServer, Local: "getctag"}).Value(),
		mixed:    takes(r, "VEVENT"),
		readOnly: readOnly(r.Prop(dav.Name("current-user-privilege-set"))),
	}
	if n, err := strconv.Atoi(r.Prop(xml.Name{Space: nsApple, Local: "calendar-order"}).Value()); err == nil {
		l.order = n
	}
	owner := r.Prop(dav.Name("owner")).Child(dav.Name("href")).Value()
	l.shared = owner != "" && principal != "" && !strings.Contains(withSlash(owner), withSlash(escaped(principal)))
	if l.name == "" {
		l.name = lastPart(l.href)
	}
	return l, true
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
