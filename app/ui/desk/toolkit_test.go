// SPDX-License-Identifier: EUPL-1.2

package desk

import (
	"errors"
	"strings"
	"testing"

	"fyne.io/fyne/v2/lang"

	"kontor/app/i18n"
)

// TestTheToolkitSpeaksTheLanguageOfTheWindow, whatever that of the system is, and changes it with the window.
func TestTheToolkitSpeaksTheLanguageOfTheWindow(t *testing.T) {
	defer func() {
		i18n.Use(i18n.German)
		speak()
	}()
	for _, c := range []struct {
		in                          i18n.Lang
		cancel, open, all, filename string
	}{
		{i18n.German, "Abbrechen", "Öffnen", "Alles auswählen", "Dateiname"},
		{i18n.English, "Cancel", "Open", "Select all", "File name"},
		{i18n.German, "Abbrechen", "Öffnen", "Alles auswählen", "Dateiname"},
	} {
		i18n.Use(c.in)
		speak()
		if lang.L("Cancel") != c.cancel || lang.L("Open") != c.open || lang.L("Select all") != c.all || lang.L("Enter filename") != c.filename {
			t.Errorf("%s: %q, %q, %q", c.in, lang.L("Cancel"), lang.L("Open"), lang.L("Select all"))
		}
		if got := lang.X("file.parent", "Parent"); got != i18n.T("toolkit.parent") {
			t.Errorf("%s: the folder above is %q", c.in, got)
		}
	}
}

// TestWhatNobodyThoughtOfIsToldWhole: the words for it promise details in brackets, and there they are.
func TestWhatNobodyThoughtOfIsToldWhole(t *testing.T) {
	i18n.Use(i18n.German)
	odd := errors.New("der Drucker brennt")
	if _, advice := explain(odd); !strings.HasSuffix(advice, "("+odd.Error()+")") {
		t.Errorf("the details are missing: %q", advice)
	}
	title, advice := explain(errors.Join(odd, errNoViewer))
	if title != i18n.T("ui.no-viewer.title") || strings.Contains(advice, "(") {
		t.Errorf("%q, %q", title, advice)
	}
}
