// SPDX-License-Identifier: EUPL-1.2

package i18n

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kontor/assets"
)

// textsOf gives all forms of every text of a language by their names: "" for one without a plural.
func textsOf(t *testing.T, lang string) map[string]map[string]string {
	t.Helper()
	all := map[string]map[string]string{}
	for _, name := range slices.Compact(slices.Sorted(maps.Values(keysOf(t, lang)))) {
		raw, err := fs.ReadFile(assets.Translations, name)
		if err != nil {
			t.Fatal(err)
		}
		var texts map[string]any
		if err := json.Unmarshal(raw, &texts); err != nil {
			t.Fatal(err)
		}
		for key, text := range texts {
			all[key] = map[string]string{}
			switch text := text.(type) {
			case string:
				all[key][""] = text
			case map[string]any:
				for form, s := range text {
					all[key][form], _ = s.(string)
				}
			}
		}
	}
	return all
}

var placeholder = regexp.MustCompile(`\{\{\s*\.(\w+)\s*\}\}`)

func placeholders(forms map[string]string) []string {
	var names []string
	for _, text := range forms {
		for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
			names = append(names, m[1])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// What is put into a German text is put into the English one, and both have a form for one and for several.
func TestBothLanguagesSayTheSame(t *testing.T) {
	de, en := textsOf(t, "de"), textsOf(t, "en")
	for key, german := range de {
		english := en[key]
		d, e := placeholders(german), placeholders(english)
		d, e = slices.DeleteFunc(d, isNumber), slices.DeleteFunc(e, isNumber) // "one day" needs no number
		if !slices.Equal(d, e) {
			t.Errorf("%s: %q in German, %q in English", key, d, e)
		}
		if !slices.Equal(slices.Sorted(maps.Keys(german)), slices.Sorted(maps.Keys(english))) {
			t.Errorf("%s: the forms %q and %q", key, slices.Sorted(maps.Keys(german)), slices.Sorted(maps.Keys(english)))
		}
		for lang, forms := range map[string]map[string]string{"de": german, "en": english} {
			for form, text := range forms {
				if strings.TrimSpace(text) == "" {
					t.Errorf("%s: nothing in %s %s", key, lang, form)
				}
				if rest := placeholder.ReplaceAllString(text, ""); strings.Contains(rest, "{{") || strings.Contains(rest, "}}") {
					t.Errorf("%s: a broken placeholder in %q", key, text)
				}
			}
			if _, plural := forms["other"]; len(forms) > 1 && !plural {
				t.Errorf("%s: no form for several in %s", key, lang)
			}
		}
	}
}

func isNumber(name string) bool { return name == "n" }

// TestEveryPlaceholderIsFilled reads the sources: whoever names a text literally gives a value for all that it wants, else
// people would read "<no value>".
func TestEveryPlaceholderIsFilled(t *testing.T) {
	texts := map[string]map[string]map[string]string{"de": textsOf(t, "de"), "en": textsOf(t, "en")}
	checked := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files := token.NewFileSet()
		f, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil //nolint:nilerr // somebody is writing it; the compiler tells
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || !isText(call) || call.Ellipsis.IsValid() {
				return true
			}
			key, given, ok := literals(call)
			if !ok {
				return true
			}
			checked++
			for lang, all := range texts {
				for _, name := range placeholders(all[key]) {
					if !slices.Contains(given, name) {
						t.Errorf("%s: %s gets no %q for its %s text", files.Position(call.Pos()), key, name, lang)
					}
				}
				if _, plural := all[key]["other"]; plural && !slices.Contains(given, "n") {
					t.Errorf("%s: %s gets no number to choose a form by", files.Position(call.Pos()), key)
				}
			}
			return true
		})
		return nil
	})
	if err != nil || checked < 200 {
		t.Errorf("%d calls were looked at, %v", checked, err)
	}
}

func isText(call *ast.CallExpr) bool {
	s, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || s.Sel.Name != "T" || len(call.Args) == 0 {
		return false
	}
	pkg, ok := s.X.(*ast.Ident)
	return ok && pkg.Name == "i18n"
}

// literals gives the key and the names of the values of a call; not ok where one of them is not written there.
func literals(call *ast.CallExpr) (key string, names []string, ok bool) {
	for i, arg := range call.Args {
		if i != 0 && i%2 == 0 {
			continue // a value
		}
		lit, isLit := arg.(*ast.BasicLit)
		if !isLit || lit.Kind != token.STRING {
			return "", nil, false
		}
		text, err := strconv.Unquote(lit.Value)
		if err != nil {
			return "", nil, false
		}
		if i == 0 {
			key = text
		} else {
			names = append(names, text)
		}
	}
	return key, names, true
}

// Days are counted by the calendar, not by hours: also where a clock is put forward or back, and over the end of a year.
func TestDaysByTheCalendar(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zones on this machine")
	}
	local := time.Local
	time.Local = berlin
	t.Cleanup(func() { time.Local = local; Use(English) })
	at := func(s string) time.Time {
		moment, err := time.ParseInLocation("2006-01-02 15:04", s, berlin)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	for _, c := range []struct{ now, then, de, en string }{
		{"2026-03-29 23:30", "2026-03-29 00:30", "00:30", "00:30"}, // 22 hours earlier
		{"2026-03-30 00:10", "2026-03-29 23:50", "Gestern", "Yesterday"},
		{"2026-10-25 23:50", "2026-10-25 00:05", "00:05", "00:05"}, // 25 hours earlier nearly
		{"2026-10-26 23:59", "2026-10-25 00:00", "Gestern", "Yesterday"},
		{"2026-01-01 08:00", "2025-12-31 23:59", "Gestern", "Yesterday"},
		{"2026-01-03 08:00", "2025-12-30 08:00", "Di", "Tue"},
		{"2026-01-03 08:00", "2025-12-20 08:00", "20.12.2025", "20 Dec 2025"},
		{"2026-01-08 00:00", "2026-01-02 23:59", "Fr", "Fri"},
		{"2026-01-09 00:00", "2026-01-02 23:59", "02.01.", "2 Jan"}, // a week: the name of the day would be today's
		{"2026-01-01 08:00", "2026-01-02 08:00", "02.01.", "2 Jan"}, // what is to come has a date
		{"2026-01-01 08:00", "2027-01-02 08:00", "02.01.2027", "2 Jan 2027"},
	} {
		for lang, want := range map[Lang]string{German: c.de, English: c.en} {
			Use(lang)
			if got := Day(at(c.then).UTC(), at(c.now).UTC()); got != want {
				t.Errorf("%s seen on %s, %s: %s, want %s", c.then, c.now, lang, got, want)
			}
		}
	}
}
