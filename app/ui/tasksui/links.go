// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"net/url"
	"path"
	"strings"

	"kontor/app/i18n"
	"kontor/app/tasks"
)

// link is something a task is connected with.
type link struct{ icon, words, uri string }

// linksOf lists what a task is connected with: mails by mid: (RFC 2392), files and web pages.
func linksOf(t tasks.Task, isFile func(uri string) bool) []link {
	var all []link
	seen := map[string]bool{"": true}
	for _, uri := range append([]string{t.URL}, t.Links...) {
		if seen[uri] {
			continue
		}
		seen[uri] = true
		all = append(all, describe(uri, isFile))
	}
	return all
}

func describe(uri string, isFile func(string) bool) link {
	u, err := url.Parse(uri)
	if err != nil {
		return link{"link", uri, uri}
	}
	switch strings.ToLower(u.Scheme) {
	case "mid", "message":
		return link{"mail", i18n.T("tasksui.link.mail"), uri}
	case "http", "https":
		name, err := url.PathUnescape(path.Base(u.Path))
		if err != nil || name == "." || name == "/" || name == "" {
			name = u.Host
		}
		if isFile(uri) {
			return link{"file", name, uri}
		}
		return link{"external", name, uri}
	case "file", "":
		return link{"file", path.Base(u.Path), uri}
	}
	return link{"link", uri, uri}
}

// linkIcon is the glyph of a task's first link, empty without one.
func linkIcon(t tasks.Task, isFile func(string) bool) string {
	if all := linksOf(t, isFile); len(all) > 0 {
		return all[0].icon
	}
	return ""
}
