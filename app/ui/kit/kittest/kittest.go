// SPDX-License-Identifier: EUPL-1.2

// Package kittest gives tests of widgets what the toolkit's test driver lacks: keys that are held down.
package kittest

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// Keys are the modifiers that a person holds down now.
type Keys struct{ held fyne.KeyModifier }

// NewKeys puts a keyboard under the app in use. Call it after the app was made.
func NewKeys(t testing.TB) *Keys {
	t.Helper()
	k := &Keys{}
	app := fyne.CurrentApp()
	fyne.SetCurrentApp(withKeys{app, driver{app.Driver(), k}})
	t.Cleanup(func() { fyne.SetCurrentApp(app) })
	return k
}

// Hold presses modifiers while do runs.
func (k *Keys) Hold(mods fyne.KeyModifier, do func()) {
	k.held = mods
	do()
	k.held = 0
}

type withKeys struct {
	fyne.App
	driver driver
}

// Driver implements fyne.App.
func (a withKeys) Driver() fyne.Driver { return a.driver }

type driver struct {
	fyne.Driver
	keys *Keys
}

var _ desktop.Driver = driver{}

// CreateSplashWindow implements desktop.Driver.
func (d driver) CreateSplashWindow() fyne.Window { return d.CreateWindow("") }

// HasSecondaryDisplay implements desktop.Driver.
func (d driver) HasSecondaryDisplay() bool { return false }

// CurrentKeyModifiers implements desktop.Driver.
func (d driver) CurrentKeyModifiers() fyne.KeyModifier { return d.keys.held }
