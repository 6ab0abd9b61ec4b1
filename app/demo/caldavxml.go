// SPDX-License-Identifier: EUPL-1.2

package demo

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// The namespaces of CalDAV.
const (
	nsDAV    = "DAV:"
	nsCal    = "urn:ietf:params:xml:ns:caldav"
	nsServer = "http://calendarserver.org/ns/"
	nsApple  = "http://apple.com/ns/ical/"
)

var prefixes = map[string]string{nsDAV: "d", nsCal: "c", nsServer: "s", nsApple: "a"}

// element is any XML element of a request.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []element  `xml:",any"`
	Text     string     `xml:",chardata"`
}

// readXML reads the body of a request; an empty one gives an element without a name.
func readXML(r io.Reader) (element, error) {
	var e element
	err := xml.NewDecoder(io.LimitReader(r, 16<<20)).Decode(&e)
	if errors.Is(err, io.EOF) {
		return element{}, nil
	}
	return e, err
}

func (e *element) child(space, local string) *element {
	if e == nil {
		return nil
	}
	for i := range e.Children {
		if e.Children[i].XMLName == (xml.Name{Space: space, Local: local}) {
			return &e.Children[i]
		}
	}
	return nil
}

func (e *element) text() string {
	if e == nil {
		return ""
	}
	return strings.TrimSpace(e.Text)
}

func (e *element) attr(local string) string {
	for _, a := range e.Attrs {
		if a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}

// tag writes an element that holds inner, which is XML already.
func tag(name xml.Name, inner string) string {
	open := fmt.Sprintf(`x:%s xmlns:x="%s"`, name.Local, escape(name.Space))
	end := "x:" + name.Local
	if p, known := prefixes[name.Space]; known {
		end = p + ":" + name.Local
		open = end
	}
	if inner == "" {
		return "<" + open + "/>"
	}
	return "<" + open + ">" + inner + "</" + end + ">"
}

func dav(local, inner string) string { return tag(xml.Name{Space: nsDAV, Local: local}, inner) }
func cal(local, inner string) string { return tag(xml.Name{Space: nsCal, Local: local}, inner) }

func href(path string) string {
	return dav("href", escape((&url.URL{Path: path}).EscapedPath()))
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

// multistatus collects responses (RFC 4918, section 13).
type multistatus struct{ b strings.Builder }

// props adds the properties of one resource, those that are known and those that are not.
func (m *multistatus) props(path string, known map[xml.Name]string, wanted []xml.Name) {
	var found, missing strings.Builder
	for _, name := range wanted {
		if value, ok := known[name]; ok {
			found.WriteString(tag(name, value))
		} else {
			missing.WriteString(tag(name, ""))
		}
	}
	m.b.WriteString("<d:response>" + href(path))
	if found.Len() > 0 || missing.Len() == 0 {
		m.b.WriteString(propstat(found.String(), http.StatusOK))
	}
	if missing.Len() > 0 {
		m.b.WriteString(propstat(missing.String(), http.StatusNotFound))
	}
	m.b.WriteString("</d:response>\n")
}

// status adds a resource that there is only a status to say of.
func (m *multistatus) status(path string, status int, inner string) {
	m.b.WriteString("<d:response>" + href(path) + statusLine(status) + inner + "</d:response>\n")
}

func propstat(props string, status int) string {
	return dav("propstat", dav("prop", props)+statusLine(status))
}

func statusLine(status int) string {
	return dav("status", fmt.Sprintf("HTTP/1.1 %d %s", status, http.StatusText(status)))
}

const xmlHead = `<?xml version="1.0" encoding="utf-8"?>` + "\n"

const namespaces = ` xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:s="http://calendarserver.org/ns/" xmlns:a="http://apple.com/ns/ical/"`

// send ends the answer; extra goes behind the responses.
func (m *multistatus) send(w http.ResponseWriter, extra string) {
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	w.WriteHeader(http.StatusMultiStatus)
	_, _ = io.WriteString(w, xmlHead+"<d:multistatus"+namespaces+">\n"+m.b.String()+extra+"</d:multistatus>\n")
}

// refuse answers with the precondition that failed (RFC 4918, section 16).
func refuse(w http.ResponseWriter, status int, condition string) {
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, xmlHead+"<d:error"+namespaces+">"+condition+"</d:error>\n")
}
