// SPDX-License-Identifier: EUPL-1.2

package theme

import (
	"fmt"
	"image/color"
	"strings"
	"sync"
	"sync/atomic"

	"fyne.io/fyne/v2"

	"kontor/assets"
)

// iconKey names one icon in one colour and with one width of line.
type iconKey struct {
	name   string
	color  color.NRGBA
	stroke int // in hundredths of a real pixel
}

var icons sync.Map // iconKey -> fyne.Resource

// deviceScale is how many real pixels one unit of length has, in hundredths.
var deviceScale atomic.Int32

// SetDeviceScale says how many real pixels one unit of length has on the screen in use. It reports whether that changed.
func SetDeviceScale(scale float32) bool {
	hundredths := int32(scale*100 + 0.5)
	return deviceScale.Swap(hundredths) != hundredths
}

const (
	iconGrid   = 24  // units of an icon's drawing
	iconStroke = 1.7 // of its lines, in those units
	usualSize  = 18  // at 100 % text size
)

// Icon gives the icon NAME of assets/icons in the colour of a token, for the usual size. A name that does not exist
// gives an empty drawing.
func Icon(name string, t Token) fyne.Resource { return IconIn(name, Color(t), Px(usualSize)) }

// IconSized is Icon for any real size.
func IconSized(name string, t Token, size float32) fyne.Resource { return IconIn(name, Color(t), size) }

// IconIn is Icon in any colour and for any real size. The toolkit does not scale the lines of a drawing with the drawing,
// so that each size has its own.
func IconIn(name string, c color.NRGBA, size float32) fyne.Resource {
	scale := float32(1)
	if s := deviceScale.Load(); s > 0 {
		scale = float32(s) / 100
	}
	stroke := max(size*scale*iconStroke/iconGrid, 1.1)
	key := iconKey{name, c, int(stroke*20+0.5) * 5}
	if r, ok := icons.Load(key); ok {
		return r.(fyne.Resource)
	}
	svg, err := assets.Icons.ReadFile("icons/" + name + ".svg")
	if err != nil {
		svg = []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="24" height="24"></svg>`)
	}
	hex := fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B)
	words := strings.NewReplacer("currentColor", hex, `stroke-width="1.6"`, fmt.Sprintf(`stroke-width="%.2f"`, float32(key.stroke)/100)).Replace(string(svg))
	r := fyne.NewStaticResource(fmt.Sprintf("%s-%s-%d.svg", name, hex[1:], key.stroke), []byte(words))
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
