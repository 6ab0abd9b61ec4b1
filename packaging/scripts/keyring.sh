#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
#
# keyring.sh COMMAND...: runs a command in a session of its own with an unlocked, empty keyring, and says so in
# KONTOR_OWN_KEYRING. Needs dbus-run-session and gnome-keyring; without them the command runs as it is.
set -euo pipefail

[ $# -gt 0 ] || { echo "usage: keyring.sh COMMAND..." >&2; exit 2; }
if ! command -v dbus-run-session >/dev/null || ! command -v gnome-keyring-daemon >/dev/null; then
	exec "$@"
fi
if [ -z "${KONTOR_OWN_KEYRING:-}" ]; then
	KONTOR_OWN_KEYRING=$(mktemp -d)
	export KONTOR_OWN_KEYRING XDG_RUNTIME_DIR=$KONTOR_OWN_KEYRING/runtime XDG_DATA_HOME=$KONTOR_OWN_KEYRING/data
	mkdir -m 0700 "$XDG_RUNTIME_DIR" "$XDG_DATA_HOME"
	trap 'rm -rf "$KONTOR_OWN_KEYRING"' EXIT
	dbus-run-session -- "$0" "$@"
	exit
fi
printf 'kontor\n' | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null 2>&1
"$@"
