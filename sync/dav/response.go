// SPDX-License-Identifier: EUPL-1.2

package dav

import (
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Name is a name of the DAV: name space.
func Name(local string) xml.Name { return xml.Name{Space: "DAV:", Local: local} }

// Element is one element of an answer. Text is its own character data, empty between child elements.
type Element struct {
	Name     xml.Name
	Attr     []xml.Attr
	Text     string
	Children []Element
}

// Child is the first child of that name, nil for none.
func (e *Element) Child(name xml.Name) *Element {
	if e == nil {
		return nil
	}
	for i := range e.Children {
		if e.Children[i].Name == name {
			return &e.Children[i]
		}
	}
	return nil
}

// Value is the trimmed text of the element, empty for nil.
func (e *Element) Value() string {
	if e == nil {
		return ""
	}
	return strings.TrimSpace(e.Text)
}

// Attribute is the value of an attribute by its local name.
func (e *Element) Attribute(local string) string {
	if e == nil {
		return ""
	}
	for _, a := range e.Attr {
		if a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}

// Response is one item of a multistatus answer.
type Response struct {
	Href   string // decoded absolute path; collections end in a slash on most servers
	Status int    // of the whole item; 200 where only its properties have one
	Props  []Element
	At     time.Time // the server's clock when it began to answer, zero where it does not tell
	// Err is ErrHref for an item whose address cannot be used: the listing is then not complete.
	Err error
}

// Prop is a property that the server gave, nil where it has none.
func (r *Response) Prop(name xml.Name) *Element {
	for i := range r.Props {
		if r.Props[i].Name == name {
			return &r.Props[i]
		}
	}
	return nil
}

// ETag is the entity tag as sent, with quotes and a leading W/ where it is weak.
func (r *Response) ETag() string { return r.Prop(Name("getetag")).Value() }

// Length is the size in octets, -1 where the server does not say.
func (r *Response) Length() int64 {
	n, err := strconv.ParseInt(r.Prop(Name("getcontentlength")).Value(), 10, 64)
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// Modified is the time of the last change, zero where the server does not say.
func (r *Response) Modified() time.Time {
	t, err := http.ParseTime(r.Prop(Name("getlastmodified")).Value())
	if err != nil {
		return time.Time{}
	}
	return t
}

// IsCollection reports whether the item is a folder.
func (r *Response) IsCollection() bool {
	return r.Prop(Name("resourcetype")).Child(Name("collection")) != nil
}

// response reads a <response> element (RFC 4918, section 14.24). Properties with a status that is no success are left out.
func response(e Element, resolve func(string) (string, error)) Response {
	r := Response{Status: http.StatusOK}
	r.Href, r.Err = resolve(e.Child(Name("href")).Value())
	if s := e.Child(Name("status")); s != nil {
		r.Status = statusCode(s.Text)
	}
	for i := range e.Children {
		p := &e.Children[i]
		if p.Name != Name("propstat") || statusCode(p.Child(Name("status")).Value())/100 != 2 {
			continue
		}
		if props := p.Child(Name("prop")); props != nil {
			if r.Props == nil {
				r.Props = props.Children
				continue
			}
			r.Props = append(r.Props, props.Children...)
		}
	}
	return r
}

// WeakETag reports whether a tag says nothing about the octets (RFC 9110, section 8.8.1); it cannot be used in If-Match.
func WeakETag(tag string) bool { return tag == "" || strings.HasPrefix(tag, "W/") }
