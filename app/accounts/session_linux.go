// SPDX-License-Identifier: EUPL-1.2

package accounts

import (
	"os"
	"path/filepath"
)

// sessionReachable reports whether there is a session bus to ask the Secret Service on. Without one, the library would
// start a bus that nobody ends.
func sessionReachable(getenv func(string) string) bool {
	if getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	dir := getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		return false
	}
	_, err := os.Stat(filepath.Join(dir, "bus"))
	return err == nil
}
