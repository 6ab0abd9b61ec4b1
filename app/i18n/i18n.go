// SPDX-License-Identifier: EUPL-1.2

// Package i18n gives every text that is shown to a person in German and English, and writes dates, numbers and sizes
// the way that language does. The texts lie in assets/translations, one file an area and language.
package i18n

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync"
	"sync/atomic"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"kontor/assets"
)

// Lang is a language of the program.
type Lang string

// The languages.
const (
	German  Lang = "de"
	English Lang = "en"
)

var current atomic.Pointer[catalogue]

// catalogue is one language made ready: texts without arguments are looked up once.
type catalogue struct {
	lang      Lang
	localizer *goi18n.Localizer
	plain     sync.Map // key -> text
}

var bundle = sync.OnceValue(func() *goi18n.Bundle {
	b := goi18n.NewBundle(language.English)
	b.RegisterUnmarshalFunc("json", json.Unmarshal)
	names, err := fs.Glob(assets.Translations, "translations/*.json")
	if err != nil {
		return b
	}
	for _, name := range names {
		if _, err := b.LoadMessageFileFS(assets.Translations, name); err != nil {
			fmt.Fprintf(os.Stderr, "translations %s: %v\n", path.Base(name), err)
		}
	}
	return b
})

// Use switches the language of the whole program.
func Use(l Lang) {
	current.Store(&catalogue{lang: l, localizer: goi18n.NewLocalizer(bundle(), string(l))})
}

// Current is the language in use: what Use said last, else what the environment asks for, else English.
func Current() Lang { return active().lang }

func active() *catalogue {
	if c := current.Load(); c != nil {
		return c
	}
	Use(FromEnvironment(os.Getenv))
	return current.Load()
}

// FromEnvironment picks the language that LC_ALL, LC_MESSAGES or LANG ask for (POSIX.1-2017, chapter 8.2).
func FromEnvironment(getenv func(string) string) Lang {
	for _, key := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := getenv(key); v != "" {
			if strings.HasPrefix(v, "de") {
				return German
			}
			return English
		}
	}
	return English
}

// T gives the text of key. pairs are names and values for its placeholders; a value named "n" also chooses the plural.
// A key without a text gives the key itself, which a test keeps from happening.
func T(key string, pairs ...any) string {
	c := active()
	if len(pairs) == 0 {
		if s, ok := c.plain.Load(key); ok {
			return s.(string)
		}
	}
	cfg := &goi18n.LocalizeConfig{MessageID: key}
	data := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		name := fmt.Sprint(pairs[i])
		data[name] = pairs[i+1]
		if name == "n" {
			cfg.PluralCount = pairs[i+1]
		}
	}
	cfg.TemplateData = data
	s, err := c.localizer.Localize(cfg)
	if err != nil {
		return key
	}
	if len(pairs) == 0 {
		c.plain.Store(key, s)
	}
	return s
}
