#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
#
# demo.sh: opens the demo; without a display runs the same demo on the command line and draws every page to a picture.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
	echo "Opening Kontor with its embedded servers and a sample account. Close the window to end."
	exec build/kontor --demo
fi
echo "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set): running the demo without a window."
build/kontorctl demo --script
echo
echo "Drawing every page, light and dark, to build/shots ..."
build/kontor --shots build/shots
ls build/shots/*.png
