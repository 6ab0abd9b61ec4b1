// SPDX-License-Identifier: EUPL-1.2

package theme

import (
	"fmt"
	"image/color"
	"strings"
	"sync"

	"fyne.io/fyne/v2"

	"kontor/assets"
)

// iconKey names one icon in one colour.
type iconKey struct {
	name  string
	color color.NRGBA
}

var icons sync.Map // iconKey -> fyne.Resource

// Icon gives the icon NAME of assets/icons in the colour of a token. A name that does not exist gives an empty drawing.
func Icon(name string, t Token) fyne.Resource { return IconIn(name, Color(t)) }

// IconIn is Icon in any colour.
func IconIn(name string, c color.NRGBA) fyne.Resource {
	key := iconKey{name, c}
	if r, ok := icons.Load(key); ok {
		return r.(fyne.Resource)
	}
	svg, err := assets.Icons.ReadFile("icons/" + name + ".svg")
	if err != nil {
		svg = []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="24" height="24"></svg>`)
	}
	hex := fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B)
	r := fyne.NewStaticResource(name+"-"+hex[1:]+".svg", []byte(strings.ReplaceAll(string(svg), "currentColor", hex)))
	icons.Store(key, r)
	return r
}

// HasIcon reports whether there is an icon of this name.
func HasIcon(name string) bool {
	f, err := assets.Icons.Open("icons/" + name + ".svg")
	if err != nil {
		return false
	}
	return f.Close() == nil
}

// Logo is the program's icon.
func Logo() fyne.Resource { return logo }

var logo = fyne.NewStaticResource("kontor.svg", assets.Logo)
