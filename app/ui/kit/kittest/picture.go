// SPDX-License-Identifier: EUPL-1.2

package kittest

import (
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
)

// Pictures names the variable that names a folder for pictures of what tests show.
const Pictures = "KONTOR_PICTURES"

// Picture writes what a window shows where KONTOR_PICTURES names a folder.
func Picture(t testing.TB, win fyne.Window, name string) {
	t.Helper()
	dir := os.Getenv(Pictures)
	if dir == "" {
		return
	}
	f, err := os.Create(filepath.Join(dir, name+".png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // a picture for people
	if err := png.Encode(f, win.Canvas().Capture()); err != nil {
		t.Fatal(err)
	}
}

// ForPictures skips the test unless somebody wants to look at pictures.
func ForPictures(t testing.TB) {
	t.Helper()
	if os.Getenv(Pictures) == "" {
		t.Skip(Pictures + " names no folder")
	}
}
