// SPDX-License-Identifier: EUPL-1.2

package demo

import (
	"bytes"
	"encoding/xml"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

func reportLocked(w http.ResponseWriter, u *User, p place, body []byte) {
	request, err := readXML(bytes.NewReader(body))
	if err != nil {
		http.Error(w, "Bad XML", http.StatusBadRequest)
		return
	}
	if p.kind != "list" {
		refuse(w, http.StatusForbidden, dav("supported-report", ""))
		return
	}
	switch request.XMLName {
	case xml.Name{Space: nsDAV, Local: "sync-collection"}:
		syncLocked(w, u, p, &request)
	case xml.Name{Space: nsCal, Local: "calendar-multiget"}:
		multigetLocked(w, u, p, &request)
	case xml.Name{Space: nsCal, Local: "calendar-query"}:
		queryLocked(w, u, p, &request)
	default:
		refuse(w, http.StatusForbidden, dav("supported-report", ""))
	}
}

// objectPropsLocked adds the text to an object's properties where it is wanted.
func objectPropsLocked(u *User, p place, name string, o *object, wanted []xml.Name) map[xml.Name]string {
	known := propsLocked(u, place{path: p.path + name, kind: "object", object: o})
	data := xml.Name{Space: nsCal, Local: "calendar-data"}
	if slices.Contains(wanted, data) {
		known[data] = escape(string(o.text))
	}
	return known
}

// syncLocked is RFC 6578.
func syncLocked(w http.ResponseWriter, u *User, p place, request *element) {
	serial, ok := p.list.since(request.child(nsDAV, "sync-token").text())
	if !ok {
		refuse(w, http.StatusForbidden, dav("valid-sync-token", ""))
		return
	}
	all := p.list.changesLocked(serial)
	token := p.list.serial
	limit, err := strconv.Atoi(request.child(nsDAV, "limit").child(nsDAV, "nresults").text())
	cut := err == nil && limit > 0 && limit < len(all)
	if cut {
		all = all[:limit]
		token = all[limit-1].serial
	}
	wanted := names(request.child(nsDAV, "prop"))
	var m multistatus
	for _, c := range all {
		if c.obj == nil {
			m.status(p.path+c.name, http.StatusNotFound, "")
			continue
		}
		m.props(p.path+c.name, objectPropsLocked(u, p, c.name, c.obj, wanted), wanted)
	}
	if cut {
		m.status(p.path, http.StatusInsufficientStorage, dav("error", dav("number-of-matches-within-limits", "")))
	}
	m.send(w, dav("sync-token", escape(p.list.tokenAt(token))))
}

// multigetLocked is RFC 4791, section 7.9.
func multigetLocked(w http.ResponseWriter, u *User, p place, request *element) {
	wanted := names(request.child(nsDAV, "prop"))
	var m multistatus
	for i := range request.Children {
		if request.Children[i].XMLName != (xml.Name{Space: nsDAV, Local: "href"}) {
			continue
		}
		raw := request.Children[i].text()
		address, err := url.Parse(raw)
		if err != nil {
			m.status(raw, http.StatusBadRequest, "")
			continue
		}
		name, below := strings.CutPrefix(address.Path, p.path)
		o := p.list.objects[name]
		if !below || o == nil {
			m.status(address.Path, http.StatusNotFound, "")
			continue
		}
		m.props(address.Path, objectPropsLocked(u, p, name, o, wanted), wanted)
	}
	m.send(w, "")
}

// queryLocked is RFC 4791, section 7.8. A time range is taken as fulfilled: clients filter again anyway.
func queryLocked(w http.ResponseWriter, u *User, p place, request *element) {
	wanted := names(request.child(nsDAV, "prop"))
	filter := request.child(nsCal, "filter").child(nsCal, "comp-filter")
	var m multistatus
	for _, name := range p.list.namesLocked() {
		o := p.list.objects[name]
		if filter == nil || matchesFilter(unfold(o.text), filter) {
			m.props(p.path+name, objectPropsLocked(u, p, name, o, wanted), wanted)
		}
	}
	m.send(w, "")
}

// matchesFilter decides a comp-filter over the lines of an object.
func matchesFilter(lines []string, filter *element) bool {
	name := strings.ToUpper(filter.attr("name"))
	start := slices.IndexFunc(lines, func(l string) bool { return strings.ToUpper(l) == "BEGIN:"+name })
	if filter.child(nsCal, "is-not-defined") != nil {
		return start < 0
	}
	if start < 0 {
		return false
	}
	end := slices.IndexFunc(lines[start:], func(l string) bool { return strings.ToUpper(l) == "END:"+name })
	if end < 0 {
		return false
	}
	inner := lines[start+1 : start+end]
	for i := range filter.Children {
		f := &filter.Children[i]
		switch f.XMLName.Local {
		case "comp-filter":
			if !matchesFilter(inner, f) {
				return false
			}
		case "prop-filter":
			if !matchesProp(inner, f) {
				return false
			}
		}
	}
	return true
}

func matchesProp(lines []string, filter *element) bool {
	name := strings.ToUpper(filter.attr("name"))
	at := slices.IndexFunc(lines, func(l string) bool {
		key, _, _ := strings.Cut(l, ":")
		key, _, _ = strings.Cut(key, ";")
		return strings.ToUpper(key) == name
	})
	if filter.child(nsCal, "is-not-defined") != nil {
		return at < 0
	}
	if at < 0 {
		return false
	}
	match := filter.child(nsCal, "text-match")
	if match == nil {
		return true
	}
	_, value, _ := strings.Cut(lines[at], ":")
	has := strings.Contains(strings.ToLower(value), strings.ToLower(match.Text))
	return has != (match.attr("negate-condition") == "yes")
}
