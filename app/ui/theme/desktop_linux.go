// SPDX-License-Identifier: EUPL-1.2

package theme

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
)

// portalWait bounds the question to the desktop, which is asked before the first frame.
const portalWait = 300 * time.Millisecond

// desktopSays reports whether the desktop can tell light from dark. The toolkit takes its silence for dark.
var desktopSays = sync.OnceValue(func() bool {
	if os.Getenv("FYNE_THEME") != "" {
		return true
	}
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" {
		if _, err := os.Stat(filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "bus")); err != nil {
			return false // connecting would start a bus of its own
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), portalWait)
	defer cancel()
	bus, err := dbus.SessionBus()
	if err != nil {
		return false
	}
	portal := bus.Object("org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop")
	return portal.CallWithContext(ctx, "org.freedesktop.portal.Settings.Read", 0, "org.freedesktop.appearance", "color-scheme").Err == nil
})
