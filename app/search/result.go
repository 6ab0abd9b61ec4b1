// SPDX-License-Identifier: EUPL-1.2

package search

import (
	"bytes"
	"slices"
	"strings"
	"time"
)

// The kinds of results.
const (
	Mail  = "mail"
	Files = "files"
	Tasks = "tasks"
)

// Kinds are all kinds, in the order they are shown.
var Kinds = []string{Mail, Files, Tasks}

// Result is one thing that was found. State is that of the item, in the words of journal.Mark or files.State.
type Result struct {
	Kind    string    `json:"kind"`
	ID      int64     `json:"id"`
	Title   string    `json:"title"`
	Where   string    `json:"where"`         // folder, path or list
	Dir     bool      `json:"dir,omitempty"` // a folder among the files
	Date    time.Time `json:"date"`
	Snippet string    `json:"snippet"`
	State   string    `json:"state"`
}

// maxFound bounds how many words are looked at to choose the best ones from.
const maxFound = 20_000

// Compounds finds the words in a list, one a line, that have part inside or at their beginning. The shortest are chosen:
// the longer a word is, the less of it is part.
func Compounds(words []byte, part string) []string {
	if len(part) < MinInside {
		return nil
	}
	var out []string
	needle := []byte(part)
	for at := 0; len(out) < maxFound; {
		i := bytes.Index(words[at:], needle)
		if i < 0 {
			break
		}
		i += at
		start := bytes.LastIndexByte(words[:i], '\n') + 1
		end := bytes.IndexByte(words[i:], '\n')
		if end < 0 {
			end = len(words) - i
		}
		if i+end-start > len(part) {
			out = append(out, string(words[start:i+end]))
		}
		at = i + end
	}
	slices.SortStableFunc(out, func(a, b string) int { return len(a) - len(b) })
	return out[:min(len(out), maxInside)]
}

// Share cuts lists so that together they have at most limit entries: a list that needs less leaves its part to others.
func Share(lists [][]Result, limit int) []Result {
	total := 0
	for _, l := range lists {
		total += len(l)
	}
	take := make([]int, len(lists))
	for left := min(limit, total); left > 0; {
		for i := range lists {
			if take[i] < len(lists[i]) && left > 0 {
				take[i]++
				left--
			}
		}
	}
	var out []Result
	for i, l := range lists {
		out = append(out, l[:take[i]]...)
	}
	return out
}

// roleNames are what people call the folders that have a purpose, whatever the server calls them.
var roleNames = map[string][]string{
	"inbox":   {"inbox", "posteingang", "eingang"},
	"drafts":  {"drafts", "entwurfe", "entwuerfe"},
	"sent":    {"sent", "gesendet"},
	"archive": {"archive", "archiv"},
	"junk":    {"junk", "spam"},
	"trash":   {"trash", "papierkorb", "bin"},
	"outbox":  {"outbox", "ausgang", "postausgang"},
}

// InFolder reports whether a folder, given by its full name and its role, is what a query asks for: by its last level,
// its full name, or by what people call such a folder.
func InFolder(want, full, role string) bool {
	want, full = Fold(want), Fold(full)
	return want == full || strings.HasSuffix(full, "/"+want) || strings.HasSuffix(full, "."+want) || slices.Contains(roleNames[role], want)
}
