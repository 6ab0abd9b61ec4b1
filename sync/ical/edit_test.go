// SPDX-License-Identifier: EUPL-1.2

package ical

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// property is a line of the model: what a document must say after some edits.
type property struct{ name, value string }

// Random edits of a document with odd line ends and folds: it says what the model says, and every line that no edit was
// about is written as it was.
func TestEditsFollowTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		eol := rapid.SampledFrom([]string{"\r\n", "\n"}).Draw(t, "line end")
		names := []string{"SUMMARY", "X-A", "CATEGORIES", "DUE"}
		var model []property
		text := "BEGIN:VTODO" + eol
		for i := range rapid.IntRange(0, 6).Draw(t, "lines") {
			p := property{rapid.SampledFrom(names).Draw(t, "name"), rapid.StringMatching(`[a-zä€;,]{0,12}`).Draw(t, "value")}
			model = append(model, p)
			line := p.name + ":" + p.value
			if i%2 == 1 { // folded where nobody would
				line = line[:3] + eol + "\t" + line[3:]
			}
			text += line + eol
		}
		root := Parse(text + "BEGIN:VALARM" + eol + "END:VALARM" + eol + "END:VTODO" + eol)
		v := root.Component("VTODO")
		original := map[*Line]string{}
		for _, l := range v.Lines("") {
			original[l] = l.raw
		}
		for range rapid.IntRange(0, 8).Draw(t, "edits") {
			name := rapid.SampledFrom(names).Draw(t, "of")
			value := rapid.StringMatching(`[a-zä€]{0,90}`).Draw(t, "to")
			switch rapid.IntRange(0, 2).Draw(t, "kind") {
			case 0:
				v.Set(name, "", value)
				model = set(model, property{name, value})
			case 1:
				v.Add(NewLine(name, "", value))
				model = add(model, property{name, value})
			case 2:
				v.Remove(name)
				model = slices.DeleteFunc(model, func(p property) bool { return p.name == name })
			}
		}
		again := Parse(root.String()).Component("VTODO")
		var got []property
		for _, l := range again.Lines("") {
			got = append(got, property{l.Name, l.Value()})
		}
		if !slices.Equal(got, model) {
			t.Fatalf("got  %q\nwant %q", got, model)
		}
		for _, l := range v.Lines("") {
			if raw, ok := original[l]; ok && raw != l.raw {
				t.Fatalf("%q was written anew as %q", raw, l.raw)
			}
		}
		if again.Component("VALARM") == nil || !again.Closed() {
			t.Fatal("the component inside is lost")
		}
	})
}

// set puts p in the place of the first of its name and drops the others.
func set(model []property, p property) []property {
	i := slices.IndexFunc(model, func(q property) bool { return q.name == p.name })
	if i < 0 {
		return append(model, p)
	}
	model[i] = p
	rest := slices.DeleteFunc(slices.Clone(model[i+1:]), func(q property) bool { return q.name == p.name })
	return append(model[:i+1], rest...)
}

// add puts p behind the last of its name.
func add(model []property, p property) []property {
	for i := len(model) - 1; i >= 0; i-- {
		if model[i].name == p.name {
			return slices.Insert(model, i+1, p)
		}
	}
	return append(model, p)
}

// Every name that Windows has for a zone leads to a zone that exists.
func TestWindowsNames(t *testing.T) {
	z := NewZones(Parse(""), time.UTC)
	if len(windowsZones) < 130 {
		t.Errorf("%d names", len(windowsZones))
	}
	for name, iana := range windowsZones {
		loc, ok := z.Location(name)
		if !ok || (loc.String() != iana && name != "UTC") { // that one is an IANA name itself
			t.Errorf("%s: %v, want %s", name, loc, iana)
		}
	}
}

// A name that both the IANA database and a definition know is that of the database; a definition counts only where
// nothing else does.
func TestOrderOfZones(t *testing.T) {
	def := func(id, more string) string {
		return "BEGIN:VTIMEZONE\r\nTZID:" + id + "\r\n" + more + "BEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0700\r\nTZOFFSETTO:+0700\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
	}
	root := Parse("BEGIN:VCALENDAR\r\n" + def("Europe/Berlin", "") + def("Tokyo Standard Time", "") + def("/x/y/America/New_York", "") +
		def("Both", "X-LIC-LOCATION:Asia/Tokyo\r\n") + def("Own", "X-LIC-LOCATION:No/Where\r\n") + def(`Odd\, name`, "") + "END:VCALENDAR\r\n")
	z := NewZones(root, time.UTC)
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for id, hours := range map[string]int{"Europe/Berlin": 1, "Tokyo Standard Time": 9, "/x/y/America/New_York": -5, "Both": 9, "Own": 7, "Odd, name": 7} {
		loc, ok := z.Location(id)
		if !ok {
			t.Errorf("%s: not found", id)
			continue
		}
		if _, offset := at.In(loc).Zone(); offset != hours*3600 {
			t.Errorf("%s: %d hours", id, offset/3600)
		}
	}
	for _, id := range []string{"", "Local", "../../etc/passwd", "/etc/localtime", strings.Repeat("A/", 1000)} {
		if loc, ok := z.Location(id); ok {
			t.Errorf("%.20q: %v", id, loc)
		}
	}
	if z.Local() != time.UTC {
		t.Error("the local zone")
	}
}

// TestALineBeforeABlankBeginning adds a line to texts that begin with blanks, which must not become a fold of it.
func TestALineBeforeABlankBeginning(t *testing.T) {
	for _, text := range []string{"  ", "\t\r\n", " BEGIN:VTODO\r\nEND:VTODO\r\n", "  \r\nB:1\r\n"} {
		if got := Parse(text).String(); got != text {
			t.Errorf("%q became %q", text, got)
		}
		root := Parse(text)
		root.Set("A", "", "0")
		if got := Parse(root.String()).Value("A"); got != "0" {
			t.Errorf("%q: A is %q in %q", text, got, root.String())
		}
	}
}
