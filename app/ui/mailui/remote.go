// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// htmlFacts is what the reader tells of an HTML part without drawing it.
type htmlFacts struct {
	Images int // pictures that would be loaded from elsewhere
	Pixels int // of which are too small to be seen: they count who reads
	Other  int // style sheets, fonts, frames and the like
	Links  []anchor
}

func (f htmlFacts) remote() bool { return f.Images+f.Pixels+f.Other > 0 }

// anchor is a link as the HTML shows it.
type anchor struct{ Text, Href string }

// maxAnchors bounds what a hostile mail can make the reader remember.
const maxAnchors = 2000

// readHTML looks through an HTML part for what it would load and where its links lead. It loads nothing.
func readHTML(source string) htmlFacts {
	var f htmlFacts
	z := html.NewTokenizer(strings.NewReader(source))
	z.SetMaxBuf(1 << 20)
	var open *anchor
	for {
		switch z.Next() {
		case html.ErrorToken:
			return f
		case html.TextToken:
			if open != nil && len(open.Text) < 500 {
				open.Text += string(z.Text())
			}
		case html.EndTagToken:
			if name, _ := z.TagName(); string(name) == "a" && open != nil {
				open.Text = strings.Join(strings.Fields(html.UnescapeString(open.Text)), " ")
				if len(f.Links) < maxAnchors {
					f.Links = append(f.Links, *open)
				}
				open = nil
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			tag, attrs := string(name), map[string]string{}
			for more {
				var k, v []byte
				k, v, more = z.TagAttr()
				attrs[string(k)] = string(v)
			}
			if tag == "a" && attrs["href"] != "" {
				open = &anchor{Href: strings.TrimSpace(attrs["href"])}
			}
			f.count(tag, attrs)
		}
	}
}

func (f *htmlFacts) count(tag string, attrs map[string]string) {
	switch {
	case tag == "img" && isRemote(attrs["src"]):
		if tiny(attrs["width"]) || tiny(attrs["height"]) {
			f.Pixels++
		} else {
			f.Images++
		}
	case tag == "img" && remoteIn(attrs["srcset"]), isRemote(attrs["background"]), tag == "video" && isRemote(attrs["poster"]):
		f.Images++
	case tag == "link" && isRemote(attrs["href"]), tag == "iframe" && isRemote(attrs["src"]), tag == "object" && isRemote(attrs["data"]),
		tag == "script" && isRemote(attrs["src"]), tag == "embed" && isRemote(attrs["src"]), tag == "source" && isRemote(attrs["src"]):
		f.Other++
	case remoteCSS.MatchString(attrs["style"]):
		f.Images++
	}
}

var remoteCSS = regexp.MustCompile(`(?i)url\(\s*['"]?\s*(https?:)?//`)

func isRemote(u string) bool {
	u = strings.ToLower(strings.TrimSpace(u))
	return strings.HasPrefix(u, "http://") || strings.HasPrefix(u, "https://") || strings.HasPrefix(u, "//")
}

func remoteIn(srcset string) bool {
	for _, part := range strings.Split(srcset, ",") {
		if isRemote(part) {
			return true
		}
	}
	return false
}

func tiny(size string) bool {
	size = strings.TrimSuffix(strings.TrimSpace(size), "px")
	return size == "0" || size == "1" || size == "2"
}

// hostLike finds something that reads as the address of a site.
var hostLike = regexp.MustCompile(`(?i)\b((?:https?://)?(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+\p{L}{2,})`)

// deceives reports whether the words of a link name another site than the one it leads to. Other parts of the same site
// ("www.") are no deceit.
func deceives(text, href string) bool {
	target, err := url.Parse(href)
	if err != nil {
		return true
	}
	host := strings.ToLower(target.Hostname())
	if target.Scheme == "mailto" {
		_, host, _ = strings.Cut(strings.ToLower(target.Opaque), "@")
		host, _, _ = strings.Cut(host, "?")
		if !strings.Contains(text, "@") {
			return false
		}
		_, text, _ = strings.Cut(text, "@")
	}
	m := hostLike.FindString(text)
	if m == "" || host == "" {
		return false
	}
	if strings.Contains(text, "@") && target.Scheme != "mailto" {
		return false
	}
	shown := strings.ToLower(strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(m), "https://"), "http://"))
	return !sameSite(shown, host)
}

func sameSite(a, b string) bool {
	a, b = strings.TrimPrefix(a, "www."), strings.TrimPrefix(b, "www.")
	return a == b || strings.HasSuffix(b, "."+a) || strings.HasSuffix(a, "."+b)
}
