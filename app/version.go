// SPDX-License-Identifier: EUPL-1.2

package app

// Version is the release this program was built from; the build sets it.
var Version = "0.1.0"
