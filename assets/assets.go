// SPDX-License-Identifier: EUPL-1.2

// Package assets embeds what the program shows: translations, icons, fonts and sample data.
package assets

import "embed"

// Translations holds AREA.LANG.json files in the format of go-i18n version 2.
//
//go:embed translations/*.json
var Translations embed.FS
