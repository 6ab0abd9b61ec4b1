// SPDX-License-Identifier: EUPL-1.2

package demo

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// propsLocked gives every property of a place but the text of objects.
func propsLocked(u *User, p place) map[xml.Name]string {
	props := map[xml.Name]string{}
	set := func(space, local, value string) { props[xml.Name{Space: space, Local: local}] = value }
	principal := href(principalPath(u))
	set(nsDAV, "current-user-principal", principal)
	set(nsDAV, "principal-URL", principal)
	set(nsDAV, "owner", principal)
	set(nsDAV, "current-user-privilege-set", privileges("read", "write", "write-properties", "write-content", "bind", "unbind"))
	switch p.kind {
	case "root":
		set(nsDAV, "resourcetype", dav("collection", ""))
	case "principal":
		set(nsDAV, "resourcetype", dav("principal", ""))
		set(nsDAV, "displayname", escape(u.DisplayName))
		set(nsCal, "calendar-home-set", href(homePath(u)))
		set(nsCal, "calendar-user-address-set", dav("href", "mailto:"+escape(u.Email)))
	case "home":
		set(nsDAV, "resourcetype", dav("collection", ""))
		set(nsDAV, "displayname", escape(u.DisplayName))
		set(nsCal, "calendar-home-set", href(homePath(u)))
	case "list":
		listProps(p.list, set)
	case "object":
		set(nsDAV, "resourcetype", "")
		set(nsDAV, "getetag", escape(p.object.etag()))
		set(nsDAV, "getcontenttype", "text/calendar; charset=utf-8; component=vtodo")
		set(nsDAV, "getcontentlength", strconv.Itoa(len(p.object.text)))
	}
	return props
}

func privileges(names ...string) string {
	var b strings.Builder
	for _, n := range names {
		b.WriteString(dav("privilege", dav(n, "")))
	}
	return b.String()
}

func listProps(c *calendar, set func(space, local, value string)) {
	set(nsDAV, "resourcetype", dav("collection", "")+cal("calendar", ""))
	set(nsDAV, "displayname", escape(c.name))
	set(nsDAV, "sync-token", escape(c.tokenAt(c.serial)))
	set(nsServer, "getctag", escape(c.ctag()))
	set(nsDAV, "getetag", escape(`"`+c.ctag()+`"`))
	set(nsCal, "calendar-description", escape(c.note))
	set(nsCal, "max-resource-size", fmt.Sprint(maxObject))
	set(nsApple, "calendar-order", strconv.Itoa(c.order))
	if c.color != "" {
		set(nsApple, "calendar-color", escape(c.color))
	}
	comps := ""
	for _, name := range c.comps {
		comps += fmt.Sprintf(`<c:comp name="%s"/>`, escape(name))
	}
	set(nsCal, "supported-calendar-component-set", comps)
	reports := ""
	for _, r := range []string{dav("sync-collection", ""), cal("calendar-multiget", ""), cal("calendar-query", "")} {
		reports += dav("supported-report", dav("report", r))
	}
	set(nsDAV, "supported-report-set", reports)
}

// belowLocked lists the places directly below one.
func belowLocked(u *User, p place) []place {
	var all []place
	switch p.kind {
	case "root":
		all = append(all, place{path: principalPath(u), kind: "principal"}, place{path: homePath(u), kind: "home"})
	case "home":
		for slug, list := range u.tasks.lists {
			all = append(all, place{path: homePath(u) + slug + "/", kind: "list", slug: slug, list: list})
		}
		slices.SortFunc(all, func(a, b place) int { return a.list.id - b.list.id })
	case "list":
		for _, name := range p.list.namesLocked() {
			all = append(all, place{path: p.path + name, kind: "object", slug: p.slug, name: name, list: p.list, object: p.list.objects[name]})
		}
	}
	return all
}

func propfindLocked(w http.ResponseWriter, r *http.Request, u *User, p place, body []byte) {
	request, err := readXML(bytes.NewReader(body))
	if err != nil {
		http.Error(w, "Bad XML", http.StatusBadRequest)
		return
	}
	places := []place{p}
	switch r.Header.Get("Depth") {
	case "0":
	case "1":
		places = append(places, belowLocked(u, p)...)
	default:
		refuse(w, http.StatusForbidden, dav("propfind-finite-depth", ""))
		return
	}
	var m multistatus
	for _, one := range places {
		known := propsLocked(u, one)
		wanted := names(request.child(nsDAV, "prop"))
		if request.child(nsDAV, "prop") == nil {
			for name := range known {
				wanted = append(wanted, name)
			}
			slices.SortFunc(wanted, func(a, b xml.Name) int { return strings.Compare(a.Space+a.Local, b.Space+b.Local) })
		}
		m.props(one.path, known, wanted)
	}
	m.send(w, "")
}

func names(prop *element) []xml.Name {
	var all []xml.Name
	if prop != nil {
		for _, c := range prop.Children {
			all = append(all, c.XMLName)
		}
	}
	return all
}

// apply sets one property of a list and says whether it can be set.
func (c *calendar) apply(e element) bool {
	value := e.text()
	switch e.XMLName {
	case xml.Name{Space: nsDAV, Local: "displayname"}:
		c.name = value
	case xml.Name{Space: nsCal, Local: "calendar-description"}:
		c.note = value
	case xml.Name{Space: nsApple, Local: "calendar-color"}:
		c.color = value
	case xml.Name{Space: nsApple, Local: "calendar-order"}:
		order, err := strconv.Atoi(value)
		c.order = order
		return err == nil
	case xml.Name{Space: nsCal, Local: "supported-calendar-component-set"}:
		c.comps = nil
		for _, comp := range e.Children {
			c.comps = append(c.comps, comp.attr("name"))
		}
	case xml.Name{Space: nsDAV, Local: "resourcetype"}:
	default:
		return false
	}
	return true
}

func makeLocked(w http.ResponseWriter, u *User, p place, body []byte) {
	request, err := readXML(bytes.NewReader(body))
	switch {
	case err != nil:
		http.Error(w, "Bad XML", http.StatusBadRequest)
		return
	case p.kind != "list" || p.slug == "":
		http.Error(w, "Forbidden", http.StatusForbidden)
		return
	case p.list != nil:
		refuse(w, http.StatusMethodNotAllowed, dav("resource-must-be-null", ""))
		return
	}
	list := u.tasks.createLocked(p.slug)
	if prop := request.child(nsDAV, "set").child(nsDAV, "prop"); prop != nil {
		for _, e := range prop.Children {
			list.apply(e)
		}
	}
	w.WriteHeader(http.StatusCreated)
}

// proppatchLocked sets properties; those that cannot be set are refused one by one.
func proppatchLocked(w http.ResponseWriter, p place, body []byte) {
	request, err := readXML(bytes.NewReader(body))
	if err != nil || p.kind != "list" {
		http.Error(w, "Bad Request", http.StatusBadRequest)
		return
	}
	var done, refused strings.Builder
	for _, update := range request.Children {
		prop := update.child(nsDAV, "prop")
		if prop == nil {
			continue
		}
		for _, e := range prop.Children {
			if update.XMLName.Local == "remove" {
				e.Text = ""
			}
			if p.list.apply(e) {
				done.WriteString(tag(e.XMLName, ""))
			} else {
				refused.WriteString(tag(e.XMLName, ""))
			}
		}
	}
	answer := ""
	if done.Len() > 0 {
		answer += propstat(done.String(), http.StatusOK)
	}
	if refused.Len() > 0 {
		answer += propstat(refused.String(), http.StatusForbidden)
	}
	var m multistatus
	m.b.WriteString("<d:response>" + href(p.path) + answer + "</d:response>\n")
	m.send(w, "")
}
