// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"time"

	"github.com/godbus/dbus/v5"
)

// askMetered asks NetworkManager (property Metered, type NMMetered); no where it does not run.
func askMetered() bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	bus, err := dbus.ConnectSystemBus(dbus.WithContext(ctx))
	if err != nil {
		return false
	}
	defer bus.Close() //nolint:errcheck // only asked
	var value dbus.Variant
	const name = "org.freedesktop.NetworkManager"
	err = bus.Object(name, "/org/freedesktop/NetworkManager").
		CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", dbus.FlagNoAutoStart, name, "Metered").Store(&value)
	if err != nil {
		return false
	}
	state, ok := value.Value().(uint32)
	return ok && isMetered(state)
}

// isMetered reads an NMMetered: 1 is yes, 3 a guess that says yes.
func isMetered(state uint32) bool { return state == 1 || state == 3 }
