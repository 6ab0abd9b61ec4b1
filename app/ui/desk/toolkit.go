// SPDX-License-Identifier: EUPL-1.2

package desk

import (
	"encoding/json"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"kontor/app/i18n"
)

// toolkitWords are the words that the toolkit shows by itself, in its dialogs for files and in the menus of its fields, by
// its own keys.
var toolkitWords = map[string]string{
	"Advanced": "advanced", "Cancel": "cancel", "Confirm": "confirm", "Copy": "copy", "Create Folder": "create-folder", "Cut": "cut",
	"Enter filename": "filename", "Error": "error", "Favourites": "favourites", "File": "file", "Folder": "folder", "New Folder": "new-folder",
	"No": "no", "OK": "ok", "Open": "open", "Paste": "paste", "Quit": "quit", "Redo": "redo", "Save": "save", "Select all": "select-all",
	"Show Hidden Files": "hidden", "Undo": "undo", "Yes": "yes", "file.name": "name", "file.parent": "parent",
}

// speak gives the toolkit its words in the language of the window. By itself it speaks that of the system, and that cannot
// be chosen: so the words of the system's language are put in place of its own.
func speak() {
	words := map[string]string{}
	for key, ours := range toolkitWords {
		words[key] = i18n.T("toolkit." + ours)
	}
	data, err := json.Marshal(words)
	if err != nil {
		fyne.LogError("write the words of the toolkit", err)
		return
	}
	system := lang.SystemLocale()
	for _, l := range []fyne.Locale{system, fyne.Locale(system.LanguageString()[:2]), "en"} {
		if err := lang.AddTranslationsForLocale(data, l); err != nil {
			fyne.LogError("give words to the toolkit", err)
		}
	}
}
