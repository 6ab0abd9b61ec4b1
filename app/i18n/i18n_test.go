// SPDX-License-Identifier: EUPL-1.2

package i18n

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"kontor/assets"
)

func keysOf(t *testing.T, lang string) map[string]string {
	t.Helper()
	names, err := fs.Glob(assets.Translations, "translations/*."+lang+".json")
	if err != nil || len(names) == 0 {
		t.Fatalf("no translations for %s: %v", lang, err)
	}
	keys := map[string]string{}
	for _, name := range names {
		raw, err := fs.ReadFile(assets.Translations, name)
		if err != nil {
			t.Fatal(err)
		}
		var texts map[string]any
		if err := json.Unmarshal(raw, &texts); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for k := range texts {
			if keys[k] != "" {
				t.Errorf("%s: %q stands in %s too", name, k, keys[k])
			}
			keys[k] = name
		}
	}
	return keys
}

func TestBothLanguagesHaveTheSameKeys(t *testing.T) {
	de, en := keysOf(t, "de"), keysOf(t, "en")
	for k := range de {
		if en[k] == "" {
			t.Errorf("%q has no English text", k)
		}
	}
	for k := range en {
		if de[k] == "" {
			t.Errorf("%q has no German text", k)
		}
	}
}

// TestEveryKeyInTheCodeHasAText reads the sources: a literal key given to T must exist, or, where it ends with a dot and
// is continued at run time, be the beginning of one.
func TestEveryKeyInTheCodeHasAText(t *testing.T) {
	keys := keysOf(t, "de")
	call := regexp.MustCompile(`i18n\.T\("([^"]+)"`)
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range call.FindAllStringSubmatch(string(src), -1) {
			if !hasKey(keys, m[1]) {
				t.Errorf("%s: no text for %q", path, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if hasKey(keys, "no.such.key") {
		t.Fatal("the test cannot find a missing key")
	}
}

func hasKey(keys map[string]string, key string) bool {
	if !strings.HasSuffix(key, ".") {
		return keys[key] != ""
	}
	for k := range keys {
		if strings.HasPrefix(k, key) {
			return true
		}
	}
	return false
}

func TestFormats(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.Local)
	cases := []struct {
		lang Lang
		give func() string
		want string
	}{
		{German, func() string { return Size(184_000) }, "184\u00a0KB"},
		{German, func() string { return Size(2_400_000) }, "2,4\u00a0MB"},
		{English, func() string { return Size(2_400_000) }, "2.4\u00a0MB"},
		{English, func() string { return Size(-1) }, "–"},
		{English, func() string { return Size(999_999) }, "1.0\u00a0MB"},
		{English, func() string { return Count(1234567) }, "1,234,567"},
		{German, func() string { return Count(-1234) }, "-1\u202f234"},
		{English, func() string { return Count(-123) }, "-123"},
		{German, func() string { return Day(now.Add(-time.Hour), now) }, "11:00"},
		{German, func() string { return Day(now.AddDate(0, 0, -1), now) }, "Gestern"},
		{German, func() string { return Day(now.AddDate(0, 0, -3), now) }, "Fr"},
		{German, func() string { return Day(now.AddDate(0, 0, -30), now) }, "24.10."},
		{English, func() string { return Day(now.AddDate(-1, 0, 0), now) }, "23 Nov 2025"},
		{German, func() string { return LongDate(now) }, "Montag, 23. November"},
		{English, func() string { return LongDate(now) }, "Monday, 23 November"},
		{English, func() string { return T("no.such.key") }, "no.such.key"},
	}
	for _, c := range cases {
		Use(c.lang)
		if got := c.give(); got != c.want {
			t.Errorf("%s: got %q, want %q", c.lang, got, c.want)
		}
	}
}

func TestFromEnvironment(t *testing.T) {
	env := func(m map[string]string) func(string) string { return func(k string) string { return m[k] } }
	if FromEnvironment(env(map[string]string{"LANG": "de_DE.UTF-8"})) != German {
		t.Error("LANG=de_DE must be German")
	}
	if FromEnvironment(env(map[string]string{"LANG": "de_DE.UTF-8", "LC_ALL": "C"})) != English {
		t.Error("LC_ALL wins over LANG")
	}
	if FromEnvironment(env(nil)) != English {
		t.Error("nothing said is English")
	}
}
